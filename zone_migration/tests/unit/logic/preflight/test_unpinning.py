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

import dataclasses

import testtools

from zone_migration.logic.audit import params
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import results
from zone_migration.tests.unit.logic.builders import aggregate
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import server

ZONES = (
    aggregate('a', 'c1', availability_zone='z1'),
    aggregate('b', 'c2', availability_zone='z2'),
)
NOT_YET = (2, 103)


class UnpinningTest(testtools.TestCase):
    """A server is pinned to zone z1, where c1 is alone; c2 is in z2."""

    def found(self, item, zone='z1', version=(2, 104), **request):
        self.seen = inventory(
            [server('s', pinned_zone=zone)],
            aggregates=ZONES,
            nova_version=version,
        )
        self.report = report([item], self.seen, ['c1'], **request)
        return self.report.results[0]

    def may(self, *hosts):
        return live('s', *hosts, may_unpin=True)

    def parameters(self):
        (action,) = planned_actions.plan(self.report, self.seen)
        return {
            key: action.parameters[key]
            for key in ('unpin_from', 'leave_unpinned')
            if key in action.parameters
        }

    def test_server_may_leave_its_zone(self):
        for hosts in ((), ('c2',), ('c2', 'c3')):
            found = self.found(self.may(*hosts))
            self.assertEqual(decisions.Kind.START, found.decision.kind)
            self.assertEqual({'unpin_from': 'z1'}, self.parameters())

    def test_audit_may_leave_it_unpinned(self):
        self.found(self.may(), leave_unpinned=True)
        self.assertEqual(
            {'unpin_from': 'z1', 'leave_unpinned': True}, self.parameters()
        )

    def test_server_that_is_not_bound_stays_as_it_is(self):
        for zone in ('', 'nova'):
            found = self.found(self.may(), zone)
            self.assertEqual(decisions.Kind.START, found.decision.kind)
            self.assertEqual({}, self.parameters())

    def test_server_that_stays_in_its_zone_is_not_unpinned(self):
        self.found(self.may('c2'), 'z2')
        self.assertEqual({}, self.parameters())

    def test_server_that_is_offloaded_is_not_unpinned(self):
        item = dataclasses.replace(
            self.may(),
            unpin_from='z1',
            instead=params.OFFLOAD,
            src_hostname='c1',
        )
        (action,) = planned_actions.plan(
            results.Report([results.Result(item, decisions.START)]),
            inventory([server('s', status='SHELVED')]),
        )
        self.assertNotIn('unpin_from', action.parameters)

    def test_remedy_is_told_where_it_is_not_allowed(self):
        for hosts in ((), ('c2',)):
            text = self.found(live('s', *hosts)).decision.text
            self.assertEqual(', or set unpin', text[-len(', or set unpin') :])

    def test_older_nova_cannot(self):
        for hosts in ((), ('c2',)):
            for version in (NOT_YET, None):
                found = self.found(self.may(*hosts), version=version)
                self.assertIn(
                    'too old for unpin, which needs 2026.2',
                    found.decision.text,
                )
            text = self.found(live('s', *hosts), version=NOT_YET).decision.text
            self.assertNotIn('unpin', text.replace('pinned', ''))

    def test_what_is_unpinned_is_told(self):
        self.found(self.may())
        self.assertIn(
            '1 server will be unpinned from availability zone z1: volumes '
            'that are in it cannot be attached elsewhere, where '
            'cross_az_attach is off',
            self.report.risks,
        )
