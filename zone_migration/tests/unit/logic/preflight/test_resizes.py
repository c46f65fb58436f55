# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import dataclasses

import testtools

from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import evaluation
from zone_migration.logic.preflight import resizes
from zone_migration.tests.unit.logic.audit import clouds


def record(status='finished', kind='resize', dest='c1', id_=7):
    return resources.Migration(id_, 's', kind, status, 'c0', dest)


def waiting(power_state=1, **more):
    return clouds.server(
        's', 'c1', 'VERIFY_RESIZE', power_state=power_state, **more
    )


def prepared(server, *records, **item):
    """The item as it is to be moved."""
    item = {'may_confirm': True, 'selector': 'compute_nodes.0', **item}
    item = params.ServerItem('s', item.pop('status', 'shutoff'), **item)
    inventory = clouds.inventory([server], migrations={'s': records})
    return resizes.prepare(item, inventory)


class ToConfirmTest(testtools.TestCase):
    def test_record_that_has_led_to_its_host_is_to_be_confirmed(self):
        for status in ('finished', 'confirming'):
            found = resizes.to_confirm(waiting(), [record(status)])
            self.assertEqual(status, found.status)
        self.assertIsNotNone(resizes.to_confirm(waiting(), [record()], 'c1'))

    def test_nothing_else_is(self):
        for server, records, host in (
            (None, [record()], ''),
            (waiting(), [], ''),
            (waiting(task_state='deleting'), [record()], ''),
            (clouds.server('s', 'c1'), [record()], ''),
            (waiting(), [record('confirmed')], ''),
            (waiting(), [record(dest='c2')], ''),
            (waiting(), [record()], 'c2'),
            (waiting(), [record(), record('reverted', id_=8)], ''),
        ):
            self.assertIsNone(resizes.to_confirm(server, records, host))


class PrepareTest(testtools.TestCase):
    def test_server_is_confirmed_and_migrated_as_it_runs(self):
        for power_state, status in ((1, 'active'), (4, 'shutoff')):
            item = prepared(waiting(power_state), record())
            self.assertTrue(item.confirm_first)
            self.assertEqual(status, item.status)

    def test_status_that_an_audit_names_is_kept(self):
        item = prepared(waiting(4), record(), selector='', status='active')
        self.assertTrue(item.confirm_first)
        self.assertEqual('active', item.status)

    def test_downtime_is_allowed_to_what_runs(self):
        for power_state in (1, 4):
            item = prepared(
                waiting(power_state), record(), allow_downtime=True
            )
            self.assertEqual(power_state == 1, item.allow_downtime)

    def test_server_is_left_as_it_is_unless_it_may_be_confirmed(self):
        item = prepared(waiting(), record(), may_confirm=False)
        self.assertFalse(item.confirm_first)

    def test_migration_that_is_seen_through_is_confirmed_by_its_action(self):
        item = prepared(waiting(), record(kind='migration'), selector='')
        self.assertFalse(item.confirm_first)

    def test_server_that_is_where_it_is_to_go_is_left_alone(self):
        item = prepared(waiting(), record(), dst_hostname='c1', selector='')
        self.assertFalse(item.confirm_first)


class ResetTest(testtools.TestCase):
    """The state of a server was reset that waited to be confirmed."""

    def decide(self, **server):
        left = resources.Migration(
            7, 's', 'resize', 'finished', 'c0', 'c1', uuid='m-7'
        )
        inventory = clouds.inventory(
            [dataclasses.replace(clouds.server('s', 'c1'), **server)],
            hosts=('c0', 'c1'),
            unconfirmed={'s': left},
        )
        request = parsing.parse(
            {'compute_nodes': clouds.nodes('c0'), 'confirm_resizes': True}
        )
        (result,) = evaluation.evaluate(
            request, selection.select(request, inventory), inventory
        ).results
        return result.decision

    def test_server_that_is_about_to_wait_keeps_its_allocation(self):
        for server in (
            {'status': 'RESIZE', 'task_state': 'resize_finish'},
            {'status': 'UNKNOWN', 'host': None},
        ):
            told = self.decide(**server)
            self.assertIs(decisions.Kind.REFUSE, told.kind)
            self.assertIn('repeat it when', told.text)

    def test_it_is_told_with_what_frees_its_room(self):
        self.assertEqual(
            decisions.refuse(
                'resize 7 waits for its confirmation, but the server is '
                'ACTIVE on c1, and Nova confirms it no more: "openstack '
                'resource provider allocation delete m-7" frees its room on '
                'c0'
            ),
            self.decide(),
        )
