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

"""Moves of servers whose resize is confirmed first."""

from zone_migration import exception
from zone_migration.actions import cold_migration
from zone_migration.actions import live_migration
from zone_migration.logic import resources
from zone_migration.tests.unit.actions import fakes

server = fakes.server


def arrived(status, id_=7, kind='resize'):
    """A record of a resize to the host that is to be emptied."""
    return resources.Migration(id_, fakes.SERVER_ID, kind, status, 'c0', 'c1')


def moved(status, id_=8, kind='live-migration'):
    return fakes.record(status, 'c2', id_, kind)


WAITING = server('VERIFY_RESIZE', power_state=1)


class LiveTest(fakes.ActionTestCase):
    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'src_hostname': 'c1',
        'status': 'active',
        'confirm_resize': True,
    }

    def setUp(self):
        super().setUp()
        self.nova.show((0, (WAITING, [arrived('finished')])))
        self.nova.after['confirm'] = (
            (0, (WAITING, [arrived('confirming')])),
            (2, (server(), [arrived('confirmed')])),
        )
        self.nova.after['live_migrate'] = (
            (
                0,
                (
                    server('MIGRATING', task_state='migrating'),
                    [moved('running'), arrived('confirmed')],
                ),
            ),
            (
                3,
                (
                    server(host='c2'),
                    [moved('completed'), arrived('confirmed')],
                ),
            ),
        )

    def names(self):
        return [request[0] for request in self.nova.requests]

    def test_resize_is_confirmed_and_the_server_moved(self):
        self.run_action()
        self.assertEqual(['confirm', 'live_migrate'], self.names())
        self.assertIn('resize from c0 to c1 confirmed', self.said)
        self.assertEqual('migrated from c1 to c2', self.said[-1])

    def test_host_that_it_has_come_to_is_no_destination(self):
        for planned, told in (('', ['c2']), ('c2', [])):
            self.nova.show((0, (WAITING, [arrived('finished')])))
            action = self.make(dst_hostname=planned)
            seen = []
            action.on_destination = seen.append
            action.pre_condition()
            action.execute()
            self.assertEqual(told, seen)

    def test_cold_migration_that_has_come_is_confirmed_as_well(self):
        self.nova.show((0, (WAITING, [arrived('finished', kind='migration')])))
        self.run_action()
        self.assertEqual(['confirm', 'live_migrate'], self.names())

    def test_next_applier_waits_for_the_confirmation(self):
        self.nova.show(
            (0, (WAITING, [arrived('confirming')])),
            (2, (server(), [arrived('confirmed')])),
        )
        action = self.make()
        action.begun_at = '2026-11-28 03:14:05'
        action.pre_condition()
        action.execute()
        self.assertEqual(['live_migrate'], self.names())

    def test_next_applier_moves_what_was_confirmed(self):
        self.nova.show((0, (server(), [arrived('confirmed')])))
        action = self.make()
        action.begun_at = '2026-11-28 03:14:05'
        action.pre_condition()
        action.execute()
        self.assertEqual(['live_migrate'], self.names())

    def test_resize_is_not_confirmed_unless_the_plan_says_so(self):
        self.assert_fails(
            exception.MoveRefused,
            'the server is in VERIFY_RESIZE on c1: confirm or revert that '
            'move first, or set confirm_resizes',
            self.make(confirm_resize=False).pre_condition,
        )

    def test_server_that_cannot_move_afterwards_says_what_was_done(self):
        self.nova.after['confirm'] = (
            (0, (server('ACTIVE', power_state=6), [arrived('confirmed')])),
        )
        action = self.make()
        action.pre_condition()
        error = self.assertRaises(exception.MoveFailed, action.execute)
        self.assertIn(
            'resize 7 was confirmed, but not moved: the guest of the server '
            'is crashed on c1',
            str(error),
        )

    def test_nothing_is_confirmed_that_cannot_move_afterwards(self):
        self.nova.compute_hosts['c2'] = resources.ComputeHost(
            'c2', enabled=False, up=True
        )
        self.assert_fails(
            exception.MoveRefused,
            'destination c2 is disabled: enable it first',
            self.make(dst_hostname='c2').pre_condition,
        )
        stopped = server('VERIFY_RESIZE', power_state=4)
        self.nova.show((0, (stopped, [arrived('finished')])))
        self.assert_fails(
            exception.MoveRefused,
            'the server is SHUTOFF on c1, not ACTIVE or PAUSED: ask for it as '
            'shutoff, or start it',
            self.make().pre_condition,
        )

    def test_confirmation_needs_the_old_host(self):
        self.nova.compute_hosts['c0'] = resources.ComputeHost(
            'c0', enabled=True, up=False
        )
        self.assert_fails(
            exception.MoveRefused,
            'resize 7 cannot be confirmed: nova-compute on c0, which the '
            'server has left, is down: bring it up',
            self.make().pre_condition,
        )

    def test_what_is_being_confirmed_already_does_not(self):
        self.nova.compute_hosts['c0'] = resources.ComputeHost(
            'c0', enabled=True, up=False
        )
        self.nova.show((0, (WAITING, [arrived('confirming')])))
        action = self.make()
        action.pre_condition()
        self.assertEqual([], self.nova.requests)
        self.assertFalse(action.is_under_way)

    def test_cancel_in_between_moves_nothing(self):
        action = self.make()
        action.pre_condition()
        action._abort.set()
        self.assert_fails(
            exception.MoveCancelled,
            'resize 7 was confirmed, the server was not moved',
            action.execute,
        )
        self.assertEqual(['confirm'], self.names())

    def test_confirmation_that_fails_is_the_failure(self):
        self.nova.after['confirm'] = (
            (0, (server('ERROR', fault='no disk'), [arrived('error')])),
        )
        action = self.make()
        action.pre_condition()
        error = self.assertRaises(exception.MoveFailed, action.execute)
        self.assertIn('the confirmation on c1 failed', str(error))
        self.assertEqual(['confirm'], self.names())


class ColdTest(fakes.ActionTestCase):
    ACTION = cold_migration.ColdMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'src_hostname': 'c1',
        'status': 'shutoff',
        'confirm_resize': True,
    }

    def test_stopped_server_is_confirmed_and_migrated_cold(self):
        waiting = server('VERIFY_RESIZE', power_state=4)
        old = arrived('confirmed')
        self.nova.show((0, (waiting, [arrived('finished')])))

        def confirm(name, *arguments):
            if name == 'migrate':
                # Its own, which is confirmed in the end.
                self.nova.after['confirm'] = (
                    (
                        0,
                        (
                            server('SHUTOFF', 'c2'),
                            [moved('confirmed', kind='migration'), old],
                        ),
                    ),
                )
            request(name, *arguments)

        request = self.nova.request
        self.patch(self.nova, 'request', confirm)
        self.nova.after['confirm'] = ((0, (server('SHUTOFF'), [old])),)
        self.nova.after['migrate'] = (
            (
                0,
                (
                    server('VERIFY_RESIZE', 'c2', power_state=4),
                    [moved('finished', kind='migration'), old],
                ),
            ),
        )
        self.run_action()
        self.assertEqual(
            ['confirm', 'migrate', 'confirm'],
            [name for name, *_ in self.nova.requests],
        )
        self.assertEqual('migrated from c1 to c2', self.said[-1])
