# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
# http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
# implied.
# See the License for the specific language governing permissions and
# limitations under the License.

from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.tests.unit.logic.audit import builders
from zone_migration.tests.unit.logic.audit import clouds

PROJECT = '5c5b71bac7d3477db0c4ea1958fae8fe'


class DowntimeTest(clouds.SelectionTest):
    seen = clouds.inventory(
        [
            clouds.server(builders.S1, name='db-1', project_id=PROJECT),
            clouds.server(builders.S2, name='web-1', project_id='q'),
            clouds.server('off', status='SHUTOFF', name='db-off'),
        ],
        projects={PROJECT: 'billing', 'q': 'shop', 'r': 'web-1'},
    )

    def allowed(self, allow_downtime, **more):
        """Which servers may be down, and the ids that nothing has."""
        found = clouds.select(
            self.seen,
            allow_downtime=allow_downtime,
            **(more or {'compute_nodes': clouds.nodes('c1')}),
        )
        return (
            [item.id for item in found.servers if item.allow_downtime],
            found.gone_downtime,
        )

    def test_none_is_unless_it_is_allowed(self):
        self.assertEqual(([], ()), self.allowed(False))
        self.assertEqual(([], ()), self.allowed([]))

    def test_all_that_run_may_be(self):
        both = [builders.S1, builders.S2]
        self.assertEqual((both, ()), self.allowed(True))
        self.assertEqual((both, ()), self.allowed(['*']))

    def test_servers_and_projects_are_named_alike(self):
        for name, id_ in (
            (builders.S1.upper(), builders.S1),
            ('db-1', builders.S1),
            ('db-*', builders.S1),
            (PROJECT, builders.S1),
            ('bill*', builders.S1),
            ('shop', builders.S2),
            # A project without servers has the same name.
            ('web-1', builders.S2),
        ):
            self.assertEqual(([id_], ()), self.allowed([name]), name)

    def test_servers_that_params_name_are_meant_too(self):
        self.assertEqual(
            ([builders.S1], ()),
            self.allowed(True, **builders.vm(status='active')),
        )
        self.assertEqual(
            ([], ()), self.allowed(True, **builders.vm(status='shutoff'))
        )

    def test_each_permission_is_given_by_itself(self):
        for parameter, field in (
            ('allow_downtime', 'allow_downtime'),
            ('confirm_resizes', 'may_confirm'),
            ('unpin', 'may_unpin'),
        ):
            found = clouds.select(
                clouds.inventory([clouds.server('a')]),
                compute_nodes=clouds.nodes('c1'),
                **{parameter: ['a']},
            )
            (item,) = found.servers
            self.assertEqual(
                {field},
                {
                    name
                    for name in ('allow_downtime', 'may_confirm', 'may_unpin')
                    if getattr(item, name)
                },
            )

    def test_name_that_means_nothing_is_a_fault(self):
        error = self.assertRaises(
            errors.InvalidParameters, self.allowed, ['db-1', 'dbs-*']
        )
        self.assertEqual(
            [
                'allow_downtime: there is no server and no project with the '
                "name 'dbs-*': correct it, or leave it out"
            ],
            [str(fault) for fault in error.faults],
        )

    def test_id_that_nothing_has_is_told(self):
        self.assertEqual(([], (builders.V1,)), self.allowed([builders.V1]))

    def test_no_server_may_be_by_default(self):
        self.assertFalse(params.Request().downtime.is_given)
