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

import testtools

from zone_migration.logic import decisions
from zone_migration.logic import isolation
from zone_migration.tests.unit.logic.builders import aggregate
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import server
from zone_migration.tests.unit.logic.builders import verdicts

BOTH = frozenset([isolation.PROJECTS, isolation.IMAGES])


class IsolationTest(testtools.TestCase):
    """What each filter says, as Nova's own class does."""

    def kept_out(self, name, properties=(), **metadata):
        """Whether the filter keeps a server of project p from the host."""
        found = isolation.Isolation([aggregate('a', 'c2', **metadata)])
        return 'c2' in found.against(
            server('s', project_id='p', image_properties=dict(properties)),
            [name],
        )

    def test_projects(self):
        for metadata, expected in (
            ({}, False),
            ({'filter_tenant_id': 'q'}, True),
            ({'filter_tenant_id': 'p'}, False),
            ({'filter_tenant_id': 'q, p'}, False),
            ({'filter_tenant_id': 'q', 'filter_tenant_id2': 'p'}, False),
            ({'filter_tenant_id2': 'q'}, True),
            ({'hw_disk_bus': 'ide'}, False),
        ):
            self.assertEqual(
                expected,
                self.kept_out(isolation.PROJECTS, **metadata),
                metadata,
            )

    def test_images(self):
        for metadata, properties, expected in (
            ({'os_distro': 'windows'}, {}, False),
            ({'os_distro': 'windows'}, {'os_distro': 'debian'}, True),
            ({'os_distro': 'windows'}, {'os_distro': 'windows'}, False),
            ({'os_distro': 'a, debian'}, {'os_distro': 'debian'}, False),
            ({'hw_boot_menu': 'True'}, {'hw_boot_menu': 'true'}, False),
            # No property that Nova knows.
            ({'ssd': 'true'}, {'ssd': 'false'}, False),
            ({'filter_tenant_id': 'q'}, {}, False),
        ):
            self.assertEqual(
                expected,
                self.kept_out(isolation.IMAGES, properties, **metadata),
                (metadata, properties),
            )

    def test_aggregates_of_a_host_count_together(self):
        found = isolation.Isolation(
            [
                aggregate('a', 'c2', 'c3', filter_tenant_id='q'),
                aggregate('b', 'c2', filter_tenant_id='p'),
            ]
        )
        self.assertEqual(
            {'c3': isolation.PROJECTS},
            found.against(server('s', project_id='p'), BOTH),
        )

    def test_filter_that_is_not_enabled_keeps_nobody_out(self):
        self.assertFalse(self.kept_out('ComputeFilter', filter_tenant_id='q'))


class PlanTest(testtools.TestCase):
    """One server of project p; c2 is for project q."""

    HOSTS = (host('c1'), host('c2'), host('c3'))

    def seen(self, *for_q, filters=()):
        return inventory(
            [server('s', project_id='p')],
            hosts=self.HOSTS,
            aggregates=[aggregate('vip', *for_q, filter_tenant_id='q')],
            scheduler_filters=frozenset(filters),
        )

    def risks(self, *items, seen, **more):
        return report(items, seen, **more).risks

    def test_named_host_is_a_risk(self):
        seen = self.seen('c2')
        self.assertEqual({'s': 'c2'}, verdicts([live('s', 'c2')], seen))
        self.assertEqual(
            (
                'Nova may refuse 1 server for metadata of aggregates, if '
                'AggregateMultiTenancyIsolation is enabled: set '
                '[zone_migration] scheduler_filters',
            ),
            self.risks(live('s', 'c2'), seen=seen),
        )

    def test_host_that_nobody_isolates_is_none(self):
        self.assertEqual((), self.risks(live('s', 'c3'), seen=self.seen('c2')))

    def test_forced_migration_is_none(self):
        item = live('s', 'c2', force=True)
        self.assertEqual((), self.risks(item, seen=self.seen('c2')))
        seen = self.seen('c2', filters=BOTH)
        self.assertEqual({'s': 'c2'}, verdicts([item], seen))

    def test_scheduler_with_another_host_is_none(self):
        self.assertEqual((), self.risks(live('s'), seen=self.seen('c2')))

    def test_scheduler_without_another_host_is_one(self):
        self.assertEqual(
            1, len(self.risks(live('s'), seen=self.seen('c2', 'c3')))
        )

    def test_named_host_is_refused_where_the_filter_is_known(self):
        seen = self.seen('c2', filters=BOTH)
        self.assertEqual(
            {
                's': (
                    decisions.Kind.REFUSE,
                    'destination c2 is kept from the server by metadata of '
                    'its aggregates (AggregateMultiTenancyIsolation): name '
                    'another host',
                )
            },
            verdicts([live('s', 'c2')], seen),
        )
        self.assertEqual((), self.risks(live('s', 'c2'), seen=seen))

    def test_of_several_hosts_another_is_chosen(self):
        self.assertEqual(
            {'s': 'c3'},
            verdicts([live('s', 'c2', 'c3')], self.seen('c2', filters=BOTH)),
        )

    def test_scheduler_without_a_host_is_refused(self):
        seen = self.seen('c2', 'c3', filters=BOTH)
        self.assertEqual(
            {
                's': (
                    decisions.Kind.REFUSE,
                    'no other host takes the server: all are disabled, down, '
                    'being emptied or kept from it by metadata of '
                    'aggregates: enable or add one',
                )
            },
            verdicts([live('s')], seen),
        )
        self.assertEqual((), self.risks(live('s'), seen=seen))
