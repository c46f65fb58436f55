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

from zone_migration import exception
from zone_migration.actions import live_migration
from zone_migration.client import exception as client_exception
from zone_migration.logic.outcome import remedies
from zone_migration.tests.unit.actions import fakes

record = fakes.record
server = fakes.server

MOVING = (
    server('MIGRATING', task_state='migrating'),
    [record('running')],
)
ARRIVED = (server(host='c2'), [record('completed')])
ELSEWHERE = (server(host='c3'), [record('completed', 'c3')])
FAILED = (server(), [record('failed')])


class PinnedTest(fakes.ActionTestCase):
    """A server is pinned to zone z1, where c1 is alone; c2 is in z2."""

    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'status': 'active',
        'unpin_from': 'z1',
    }

    def setUp(self):
        super().setUp()
        self.nova.pinned_zone = 'z1'
        self.moves(ARRIVED)

    def moves(self, end):
        self.nova.after['live_migrate'] = ((0, MOVING), (4, end))

    def fails(self, kind=exception.MoveFailed, **parameters):
        """The text of what an action ends with."""
        action = self.make(**parameters)
        action.pre_condition()
        return str(self.assertRaises(kind, action.execute))


class UnpinningTest(PinnedTest):
    def test_server_is_unpinned_before_and_pinned_to_where_it_is(self):
        self.run_action()
        self.assertEqual(
            [('pin', None), ('live_migrate', None, False), ('pin', 'z2')],
            self.nova.requests,
        )
        self.assertEqual(
            'migrated from c1 to c2 (pinned to z2 instead of z1)',
            self.said[-1],
        )

    def test_server_of_no_named_zone_is_pinned_to_none(self):
        self.moves(ELSEWHERE)
        self.run_action()
        self.assertEqual('', self.nova.pinned_zone)
        self.assertIn(
            '(no longer pinned to z1, nor to another zone)', self.said[-1]
        )

    def test_audit_may_leave_it_unpinned(self):
        self.run_action(leave_unpinned=True)
        self.assertEqual('', self.nova.pinned_zone)
        self.assertIn('(no longer pinned to z1)', self.said[-1])

    def test_server_that_stays_gets_its_pin_back(self):
        self.moves(FAILED)
        for leave in (True, False):
            self.nova.show((0, (server(), [])))
            told = self.fails(leave_unpinned=leave)
            self.assertIn('; pinned to z1 again', told)
            self.assertEqual('z1', self.nova.pinned_zone)

    def test_server_that_cannot_begin_gets_its_pin_back(self):
        self.nova.refuse['live_migrate'] = [
            client_exception.RequestRefused(
                service='Nova', status=409, reason='not just now'
            )
        ]
        told = self.fails(exception.CloudRequestFailed)
        self.assertIn('not just now', told)
        self.assertIn('; pinned to z1 again', told)

    def test_long_reason_leaves_room_for_the_pin(self):
        self.moves(FAILED)
        self.nova.error = 'why ' * 100
        told = self.fails()
        self.assertEqual('...; pinned to z1 again', told[-23:])
        self.assertGreater(210, len(told))

    def test_server_that_cannot_be_unpinned_is_not_moved(self):
        self.nova.refuse['pin'] = [
            client_exception.RequestRefused(
                service='Nova', status=403, reason='policy'
            )
        ]
        told = self.fails(exception.CloudRequestFailed)
        self.assertIn('policy', told)
        self.assertNotIn('again', told)
        self.assertEqual([('pin', None)], self.nova.requests)

    def test_server_that_hangs_is_left_unpinned(self):
        self.options('zone_migration', on_no_progress='leave')
        self.moves(MOVING)
        told = self.fails(exception.NoProgress)
        self.assertIn('not pinned to z1 again, as it may still move', told)
        self.assertEqual('', self.nova.pinned_zone)

    def test_lost_answers_are_looked_for(self):
        self.nova.lose.add('pin')
        self.run_action()
        self.assertEqual(
            [('pin', None), ('live_migrate', None, False), ('pin', 'z2')],
            self.nova.requests,
        )

    def test_move_goes_well_where_the_pin_does_not(self):
        action = self.make()
        action.pre_condition()
        refused = client_exception.RequestRefused(
            service='Nova', status=409, reason='another zone'
        )
        pin = self.nova.pin

        def refuse(server_id, zone):
            if zone:
                raise refused
            pin(server_id, zone)

        self.nova.pin = refuse
        self.assertTrue(action.execute())
        self.assertIn(
            '(not pinned to z1 again, as Nova refuses: another zone (HTTP '
            '409): PUT its pinned_availability_zone)',
            self.said[-1],
        )

    def test_cancel_while_it_is_unpinned_moves_nothing(self):
        action = self.make()
        action.pre_condition()
        pin = self.nova.pin

        def cancel(server_id, zone):
            pin(server_id, zone)
            action.abort()

        self.nova.pin = cancel
        error = self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertIn('; pinned to z1 again', str(error))
        self.assertEqual([('pin', None), ('pin', 'z1')], self.nova.requests)

    def test_nova_is_waited_for_when_it_is_to_be_pinned(self):
        for shown, kind in ((ARRIVED, None), (FAILED, exception.MoveFailed)):
            self.nova.pinned_zone = 'z1'
            self.nova.show((0, (server(), [])))
            self.moves(shown)
            action = self.make()
            action.pre_condition()
            read = self.nova.aggregates
            self.patch(self.nova, 'aggregates', self.away_once(read))
            if kind:
                error = self.assertRaises(kind, action.execute)
                self.assertIn('; pinned to z1 again', str(error))
            else:
                action.execute()
                self.assertEqual(
                    'migrated from c1 to c2 (pinned to z2 instead of z1)',
                    self.said[-1],
                )

    def away_once(self, read):
        """The reading, when Nova has been away for a minute first."""

        def away():
            self.patch(self.nova, 'aggregates', read)
            self.nova.away = (self.time.now, self.time.now + 60)
            return read()

        return away

    def refused(self, until):
        """Let Nova refuse to list aggregates until then."""
        read = self.nova.aggregates

        def aggregates():
            if self.time.now < until:
                raise client_exception.RequestRefused(
                    service='Nova', status=403, reason='policy'
                )
            return read()

        self.nova.aggregates = aggregates

    def test_refusal_of_nova_is_told_without_waiting_for_another(self):
        self.options('zone_migration', retry=120, retry_interval=5)
        self.refused(until=9999)
        self.run_action()
        self.assertIn(
            '(not pinned to z1 again, as Nova refuses: policy (HTTP 403): '
            'PUT its pinned_availability_zone)',
            self.said[-1],
        )
        self.assertGreater(15, self.time.now)

    def test_refusal_of_a_moment_is_not_believed(self):
        self.refused(until=7)
        self.run_action()
        self.assertEqual('z2', self.nova.pinned_zone)

    def test_cancelled_server_gets_its_pin_back_after_a_lost_answer(self):
        self.moves(FAILED)
        action = self.make()
        action.pre_condition()
        pin = self.nova.pin

        def cancel(server_id, zone):
            if zone and not action._abort.is_set():
                action.abort()
                raise fakes.answer_lost()
            pin(server_id, zone)

        self.nova.pin = cancel
        error = self.assertRaises(exception.MoveFailed, action.execute)
        self.assertIn('; pinned to z1 again', str(error))

    def test_cancelled_server_waits_for_nova_as_long_as_any(self):
        self.moves(FAILED)
        action = self.make()
        action.pre_condition()
        read = self.nova.aggregates

        def away():
            action.plan_is_cancelled = lambda: True
            self.nova.away = (self.time.now, self.time.now + 9999)
            return read()

        self.nova.aggregates = away
        error = self.assertRaises(exception.MoveFailed, action.execute)
        self.assertIn(
            '; not pinned to z1 again, as it was not seen since ', str(error)
        )
        self.assertEqual('', self.nova.pinned_zone)
        told = remedies.of(str(error), unpin_from='z1')
        self.assertNotIn('it may be moving', told)
        self.assertIn('pin it to the zone where it is', told)

    def test_server_of_a_cell_that_is_down_is_pinned_afterwards(self):
        shown = self.nova.server

        def down(server_id, whole=False):
            if whole and 4 <= self.time.now < 8:
                return server('UNKNOWN', None)
            return shown(server_id, whole)

        self.nova.server = down
        self.run_action()
        self.assertEqual('z2', self.nova.pinned_zone)

    def test_cell_that_stays_down_is_not_waited_for_like_a_copy(self):
        self.nova.show((0, (server('UNKNOWN', None), [])))
        action = self.make()
        action._is_unpinned = action._is_cold = True
        action._server = fakes.server(disk_gb=500)
        action._pin_again()
        self.assertEqual(10, self.time.now)

    def test_server_that_nova_does_not_show_is_told(self):
        self.nova.pinned_zone = ''
        self.nova.show((0, (server('UNKNOWN', None), [])))
        action = self.make()
        action._is_unpinned = True
        self.assertIn(
            'not pinned to z1 again, as Nova does not show where it is: ',
            action._pin_again(),
        )

    def test_revert_pins_it_to_the_old_zone(self):
        action = self.run_action()
        back = (server(), [record('completed', 'c1', id_=8)])
        self.nova.after['live_migrate'] = ((0, MOVING), (4, back))
        action.revert()
        self.assertEqual('z1', self.nova.pinned_zone)


class RestartTest(PinnedTest):
    """An applier was stopped after it had unpinned the server."""

    def setUp(self):
        super().setUp()
        self.nova.pinned_zone = ''

    def begun(self, **parameters):
        action = self.make(**parameters)
        action.begun_at = '2026-11-28 03:14:05'
        return action

    def test_what_has_arrived_is_pinned(self):
        self.nova.show((0, (ARRIVED[0], [])))
        action = self.begun(dst_hostname='c2')
        error = self.assertRaises(exception.HasArrived, action.pre_condition)
        self.assertIn('; pinned to z2 instead of z1', str(error))

    def test_what_is_under_way_is_pinned_in_the_end(self):
        self.nova.show((0, MOVING), (4, ARRIVED))
        action = self.begun()
        action.pre_condition()
        action.execute()
        self.assertEqual([('pin', 'z2')], self.nova.requests)

    def test_what_is_refused_is_pinned(self):
        self.nova.show((0, (server('ERROR'), [])))
        action = self.begun()
        error = self.assertRaises(exception.MoveRefused, action.pre_condition)
        self.assertIn('; pinned to z1 again', str(error))

    def test_what_may_not_be_read_is_pinned(self):
        self.nova.show((0, (server(volume_ids=('v',)), [])))

        def refuse(volume_id):
            raise client_exception.RequestRefused('Cinder', 'no', status=403)

        self.cinder.volume = refuse
        action = self.begun()
        error = self.assertRaises(
            exception.CloudRequestFailed, action.pre_condition)
        self.assertIn('; pinned to z1 again', str(error))

    def test_what_is_cancelled_before_it_begins_again_is_pinned(self):
        action = self.begun()
        action.plan_is_cancelled = lambda: True
        error = self.assertRaises(
            exception.MoveCancelled, action.pre_condition
        )
        self.assertEqual('nothing was started; pinned to z1 again', str(error))
        self.assertEqual([('pin', 'z1')], self.nova.requests)

    def test_what_is_under_way_and_cancelled_is_seen_through(self):
        self.nova.show((0, MOVING), (4, ARRIVED))
        action = self.begun()
        action.plan_is_cancelled = lambda: True
        action.pre_condition()
        self.assertTrue(action.is_under_way)

    def test_what_nobody_has_begun_is_not_touched(self):
        self.nova.show((0, (server('ERROR'), [])))
        action = self.make()
        self.assertRaises(exception.MoveRefused, action.pre_condition)
        self.assertEqual([], self.nova.requests)
