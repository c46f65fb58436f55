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

from testtools import matchers

from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import live_migration
from zone_migration.client import exception as client_exception
from zone_migration.logic import resources
from zone_migration.logic.outcome import action_text
from zone_migration.tests.unit import fakes as unit_fakes
from zone_migration.tests.unit.actions import fakes

record = fakes.record
server = fakes.server

MOVING = server('MIGRATING', task_state='migrating')
ARRIVED = (server(host='c2'), [record('completed')])


class LiveMigrationTest(fakes.ActionTestCase):
    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'resource_name': 'web',
        'source': 'c1',
        'status': 'active',
    }

    def moves(self, *script):
        """What Nova shows after the request; at first, its answer only."""
        self.nova.after['live_migrate'] = (
            (0, (MOVING, [record('accepted', dest=None)])),
            *script,
        )

    def moves_for_ever(self):
        self.moves((1, (MOVING, [record('running')])))


class MoveTest(LiveMigrationTest):
    def test_server_is_migrated(self):
        self.moves((1, (MOVING, [record('running')])), (5, ARRIVED))
        self.run_action()
        self.assertEqual(
            [('live_migrate', None, False)], self.nova.requests
        )
        self.assertEqual(5, self.time.now)

    def test_operator_is_told_where_it_stands(self):
        self.moves((1, (MOVING, [record('running')])), (5, ARRIVED))
        self.run_action()
        self.assertEqual(
            [
                'waiting for the scheduler',
                'copying to c2',
                'migrated from c1 to c2',
            ],
            unit_fakes.distinct(self.said),
        )

    def test_destination_is_passed_to_nova(self):
        self.moves((1, ARRIVED))
        self.run_action(dst_hostname='c2')
        self.assertEqual(
            [('live_migrate', 'c2', False)], self.nova.requests
        )

    def test_force_is_passed_to_nova(self):
        self.moves((1, ARRIVED))
        self.run_action(dst_hostname='c2', force=True)
        self.assertEqual([('live_migrate', 'c2', True)], self.nova.requests)

    def test_record_of_an_earlier_migration_is_not_taken_for_this_one(self):
        old = record('failed', id_=3)
        self.nova.show((0, (server(), [old])))
        self.nova.after['live_migrate'] = (
            (0, (server(), [old])),
            (2, (MOVING, [record('running'), old])),
            (4, (server(host='c2'), [record('completed'), old])),
        )
        self.run_action()
        self.assertEqual(4, self.time.now)

    def test_record_that_completes_without_the_server_is_failed_soon(self):
        self.moves((1, (server(), [record('completed')])))
        self.assert_fails(
            exception.MoveFailed,
            'migration record 7 says completed, but the server is ACTIVE on '
            'c1 still',
            self.run_action,
        )
        self.assertEqual(1 + waiting.SETTLE, self.time.now)
        self.assertEqual(
            [('live_migrate', None, False)], self.nova.requests
        )

    def test_request_that_nova_refuses_is_the_reason(self):
        self.nova.refuse['live_migrate'] = [
            client_exception.RequestRefused(
                service='Nova', reason='Compute host c2', status=400
            )
        ]
        action = self.make()
        action.pre_condition()
        self.assert_fails(
            exception.CloudRequestFailed,
            'Nova refuses: Compute host c2 (HTTP 400)',
            action.execute,
        )


class DecisionTest(LiveMigrationTest):
    def test_server_that_is_there_already_is_skipped(self):
        self.nova.show((0, (server(host='c2'), [])))
        self.assert_fails(
            exception.NothingToMove,
            'the server is already on c2',
            self.make(dst_hostname='c2').pre_condition,
        )

    def test_deleted_server_is_skipped(self):
        self.nova.show((0, (None, [])))
        self.assertRaises(
            exception.NothingToMove, self.make().pre_condition
        )

    def test_stopped_server_is_refused(self):
        self.nova.show((0, (server('SHUTOFF'), [])))
        self.assertRaises(exception.MoveRefused, self.make().pre_condition)

    def test_unknown_destination_is_refused(self):
        self.assertRaises(
            exception.MoveRefused, self.make(dst_hostname='c9').pre_condition
        )

    def test_migration_goes_on_while_nova_refuses_to_be_read(self):
        self.be_silent(0)
        self.moves((1, (MOVING, [record('running')])), (8, ARRIVED))
        read = self.nova.migrations

        def refuse_for_a_while(since):
            if 2 < self.time.now < 5:
                raise client_exception.RequestRefused(
                    service='Nova', reason='who are you?', status=401
                )
            return read(since)

        self.nova.migrations = refuse_for_a_while
        self.run_action()
        self.assertEqual(8, self.time.now)

    def test_nothing_is_requested_by_a_refusal(self):
        self.nova.compute_hosts['c2'] = resources.ComputeHost(
            'c2', False, True
        )
        self.assertRaises(
            exception.MoveRefused, self.make(dst_hostname='c2').pre_condition
        )
        self.assertEqual([], self.nova.requests)

    def test_migration_in_flight_is_adopted_and_not_started_again(self):
        self.nova.show(
            (0, (MOVING, [record('running')])),
            (3, ARRIVED),
        )
        self.run_action()
        self.assertEqual([], self.nova.requests)
        self.assertEqual(3, self.time.now)


    def test_migration_that_has_been_queued_for_long_is_waited_for(self):
        self.be_silent(300)
        self.nova.show((0, (MOVING, [record('queued')])))
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 1000)
        self.nova.after['abort'] = ((0, (server(), [record('cancelled')])),)
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertIn('queued behind other live migrations of c1', self.said)
        self.assertEqual([('abort', 7)], self.nova.requests)


class AnswerLostTest(LiveMigrationTest):
    def asked(self, name):
        return [request[0] for request in self.nova.requests].count(name)

    def test_migration_that_has_begun_is_followed(self):
        self.moves((1, (MOVING, [record('running')])), (5, ARRIVED))
        self.nova.lose.add('live_migrate')
        self.run_action()
        self.assertEqual(1, self.asked('live_migrate'))
        self.assertEqual(5, self.time.now)

    def test_migration_that_begins_late_is_followed(self):
        self.nova.after['live_migrate'] = (
            (0, (server(), [])),
            (3, (MOVING, [])),
            (9, ARRIVED),
        )
        self.nova.lose.add('live_migrate')
        self.run_action()
        self.assertEqual(1, self.asked('live_migrate'))

    def test_migration_that_is_over_already_is_not_started_again(self):
        self.moves((0, ARRIVED))
        self.nova.lose.add('live_migrate')
        self.run_action()
        self.assertEqual(1, self.asked('live_migrate'))

    def test_migration_that_has_failed_already_is_not_started_again(self):
        self.moves((0, (server(), [record('error')])))
        self.nova.lose.add('live_migrate')
        action = self.make()
        action.pre_condition()
        self.assertRaises(exception.MoveFailed, action.execute)
        self.assertEqual(1, self.asked('live_migrate'))

    def test_request_that_never_arrived_is_made_again(self):
        self.moves((1, ARRIVED))
        self.nova.refuse['live_migrate'] = [fakes.answer_lost()]
        self.run_action()
        self.assertEqual(2, self.asked('live_migrate'))

    def test_it_is_not_asked_again_before_there_was_no_sign_for_a_while(self):
        self.moves((1, ARRIVED))
        self.nova.refuse['live_migrate'] = [fakes.answer_lost()]
        self.run_action()
        self.assertEqual(6, self.time.now)

    def test_second_request_is_refused_because_the_first_has_arrived(self):
        self.moves((1, ARRIVED))
        request = self.nova.live_migrate
        refusals = [
            fakes.answer_lost(),
            client_exception.RequestRefused(
                service='Nova', reason='migrating', status=409
            ),
        ]

        def late(*arguments):
            if len(refusals) == 1:
                request(*arguments)
            raise refusals.pop(0)

        self.nova.live_migrate = late
        self.run_action()
        self.assertEqual([], refusals)

    def test_refusal_of_the_second_request_is_the_reason(self):
        self.nova.refuse['live_migrate'] = [
            fakes.answer_lost(),
            client_exception.RequestRefused(
                service='Nova', reason='no', status=400
            ),
        ]
        action = self.make()
        action.pre_condition()
        self.assert_fails(
            exception.CloudRequestFailed,
            'Nova refuses: no (HTTP 400)',
            action.execute,
        )

    def test_server_that_cannot_be_moved_any_more_is_refused(self):
        self.nova.after['live_migrate'] = ((0, (server('SHUTOFF'), [])),)
        self.nova.lose.add('live_migrate')
        action = self.make()
        action.pre_condition()
        self.assertRaises(exception.MoveRefused, action.execute)

    def test_it_is_asked_a_bounded_number_of_times(self):
        self.options('zone_migration', request_retries=2)
        self.nova.refuse['live_migrate'] = [
            fakes.answer_lost() for _ in range(9)
        ]
        action = self.make()
        action.pre_condition()
        self.assert_fails(
            exception.CloudRequestFailed,
            'Nova may have done it or not: asked 3 times: reset by peer',
            action.execute,
        )
        self.assertEqual(3, self.asked('live_migrate'))

    def test_nova_that_is_away_is_waited_for_and_then_looked_at(self):
        self.moves((1, (MOVING, [record('running')])), (905, ARRIVED))
        self.nova.lose.add('live_migrate')
        self.nova.away_after['live_migrate'] = 900
        self.run_action()
        self.assertEqual(1, self.asked('live_migrate'))
        self.assertEqual(905, self.time.now)

    def test_look_that_is_refused_for_a_while_is_repeated(self):
        self.moves((1, (MOVING, [record('running')])), (9, ARRIVED))
        self.nova.lose.add('live_migrate')
        action = self.make()
        action.pre_condition()
        look = self.nova.server

        def refuse(server_id):
            if self.asked('live_migrate') and self.time.now < 5:
                raise client_exception.RequestRefused(
                    service='Nova', reason='policy', status=403
                )
            return look(server_id)

        self.nova.server = refuse
        self.assertTrue(action.execute())
        self.assertEqual(1, self.asked('live_migrate'))

    def test_nothing_is_started_again_for_who_was_asked_to_end(self):
        self.nova.refuse['live_migrate'] = [fakes.answer_lost()]
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 1)
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertEqual(1, self.asked('live_migrate'))

    def test_abort_whose_answer_was_lost_is_asked_for_again(self):
        self.moves_for_ever()
        self.nova.refuse['abort'] = [fakes.answer_lost()]
        self.nova.after['abort'] = ((0, (server(), [record('cancelled')])),)
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 3)
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertEqual(2, self.asked('abort'))

    def test_forced_completion_whose_answer_was_lost_is_waited_for(self):
        self.options('zone_migration', on_no_progress='force_complete')
        self.moves_for_ever()
        self.nova.after['force_complete'] = ((0, ARRIVED),)
        self.nova.lose.add('force_complete')
        self.run_action()
        self.assertEqual(1, self.asked('force_complete'))


class OutageTest(LiveMigrationTest):
    """Nova is away for longer than an action waits without a change."""

    def test_healthy_migration_is_waited_for(self):
        self.moves((1, (MOVING, [record('running')])), (705, ARRIVED))
        self.nova.away = (4, 700)
        self.run_action()
        self.assertEqual([('live_migrate', None, False)], self.nova.requests)
        self.assertEqual(705, self.time.now)

    def test_migration_that_ends_meanwhile_has_ended(self):
        self.moves((1, (MOVING, [record('running')])), (50, ARRIVED))
        self.nova.away = (4, 700)
        self.run_action()
        self.assertEqual(700, self.time.now)

    def test_report_that_blocks_aborts_nothing(self):
        self.moves(
            (1, (MOVING, [record('running')])),
            (600, (dataclasses.replace(MOVING, progress=50),
                   [record('running')])),
            (705, ARRIVED),
        )
        action = self.make()

        def block(text):
            if self.time.now == 3:
                self.time.pass_by(695)

        action.report = block
        action.pre_condition()
        self.assertTrue(action.execute())
        self.assertEqual([('live_migrate', None, False)], self.nova.requests)

    def test_cancel_meanwhile_ends_it_after_the_same_time(self):
        self.moves_for_ever()
        self.nova.away = (4, 700)
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 100)
        error = self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertThat(
            str(error),
            matchers.MatchesRegex(
                r'it may go on, not seen since \d\d:\d\d UTC: Nova is '
                'unavailable: HTTP 503$'
            ),
        )
        self.assertEqual(110, self.time.now)
        # Nothing that is not seen is aborted.
        self.assertEqual([('live_migrate', None, False)], self.nova.requests)

    def test_what_is_seen_in_time_after_a_cancel_is_aborted(self):
        self.moves_for_ever()
        self.nova.after['abort'] = ((0, (server(), [record('cancelled')])),)
        self.nova.away = (4, 106)
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 100)
        self.assert_fails(
            exception.MoveCancelled,
            'live migration cancelled; the server is ACTIVE on c1',
            action.execute,
        )
        self.assertIn(('abort', 7), self.nova.requests)

    def test_abort_that_is_not_served_is_asked_for_again(self):
        self.moves_for_ever()
        self.nova.after['abort'] = ((0, (server(), [record('cancelled')])),)
        self.nova.refuse['abort'] = [
            client_exception.CloudUnavailable('Nova', 'HTTP 503')
        ]
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 5)
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertEqual(2, self.nova.requests.count(('abort', 7)))

    def test_queued_migration_is_asked_again_to_end(self):
        self.moves(
            (1, (MOVING, [record('queued')])),
            (7200, (MOVING, [record('running')])),
        )
        self.nova.after['abort'] = ((0, (server(), [record('cancelled')])),)
        self.nova.refuse['abort'] = [fakes.answer_lost()]
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 10)
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertThat(self.time.now, matchers.LessThan(30))

    def test_queued_migration_that_does_not_end_is_given_up(self):
        self.moves((1, (MOVING, [record('queued')])))
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 10)
        self.assertRaises(exception.NoProgress, action.execute)
        self.assertThat(self.time.now, matchers.LessThan(40))

    def test_forced_completion_that_is_not_served_is_waited_for(self):
        self.options('zone_migration', on_no_progress='force_complete')
        self.moves(
            (1, (MOVING, [record('running')])),
            (15, ARRIVED),
        )
        self.nova.refuse['force_complete'] = [
            client_exception.CloudUnavailable('Nova', 'HTTP 503')
        ]
        self.run_action()

    def test_lost_request_that_is_not_served_then_is_looked_for(self):
        self.nova.after['live_migrate'] = ((0, (server(), [])), (9, ARRIVED))
        self.nova.lose.add('live_migrate')
        request = self.nova.live_migrate

        def once(*arguments):
            if self.nova.requests:
                raise client_exception.CloudUnavailable('Nova', 'HTTP 503')
            request(*arguments)

        self.nova.live_migrate = once
        self.run_action()

    def test_record_that_has_ended_is_not_asked_to_abort(self):
        self.moves(
            (1, (MOVING, [record('running')])),
            (5, (MOVING, [record('completed')])),
        )
        action = self.make()
        action.pre_condition()
        error = self.assertRaises(exception.NoProgress, action.execute)
        self.assertThat(str(error), matchers.EndsWith('left as it is'))
        self.assertThat(self.time.now, matchers.LessThan(20))
        self.assertEqual([('live_migrate', None, False)], self.nova.requests)

    def test_post_condition_believes_no_server_that_is_not_shown(self):
        self.moves((1, ARRIVED))
        action = self.make(dst_hostname='c2')
        action.pre_condition()
        action.execute()
        self.nova.show((0, (server('UNKNOWN', host=None), [])))
        self.assertIsNone(action.post_condition())


class FailureTest(LiveMigrationTest):
    def fails(self, text, *script, **parameters):
        self.moves(*script)
        action = self.make(**parameters)
        action.pre_condition()
        self.assert_fails(exception.MoveFailed, text, action.execute)

    def test_rolled_back_copy_is_failed(self):
        self.fails(
            'live migration failed; the server is ACTIVE on c1',
            (2, (server(), [record('failed')])),
        )

    def test_words_of_nova_come_first(self):
        self.nova.error = 'No valid host was found.'
        self.fails(
            'No valid host was found.; live migration error; the server is '
            'ACTIVE on c1',
            (2, (server(), [record('error')])),
        )

    def test_reason_that_cannot_be_asked_for_hides_nothing(self):
        def broken(server_id):
            raise client_exception.CloudUnavailable(
                service='Nova', reason='503'
            )

        self.nova.last_error = broken
        self.fails(
            'live migration failed; the server is ACTIVE on c1',
            (2, (server(), [record('failed')])),
        )

    def test_server_deleted_meanwhile_is_failed(self):
        self.fails(
            'the server was deleted during its migration', (2, (None, []))
        )

    def test_abort_by_somebody_else_is_failed_and_says_so(self):
        self.fails(
            'live migration cancelled; the server is ACTIVE on c1; somebody '
            'else cancelled it',
            (2, (server(), [record('cancelled')])),
        )

    def test_server_that_came_back_is_failed_afterwards(self):
        self.moves((1, ARRIVED))
        action = self.make(dst_hostname='c2')
        action.pre_condition()
        action.execute()
        self.nova.show((0, (server(), [])))
        self.assertRaises(exception.MoveFailed, action.post_condition)

    def test_server_that_was_never_moved_is_not_looked_for(self):
        self.nova.show((0, (server(host='c2'), [])))
        action = self.make(dst_hostname='c2')
        self.assertRaises(exception.NothingToMove, action.pre_condition)
        self.nova.show((0, (server(), [])))
        action.post_condition()


class StrandedTest(LiveMigrationTest):
    """Nova leaves the server in ERROR, and its guest runs on."""

    STRANDED = server('ERROR', power_state=1)
    REPAIR = (
        'the server is in ERROR on c1, but its guest runs there: '
        f'openstack server set --state active {fakes.SERVER_ID}'
    )

    def fails(self, shown=STRANDED):
        self.moves((2, (shown, [record('error')])))
        self.nova.after['reset_to_active'] = (
            (0, (server(), [record('error')])),
        )
        action = self.make()
        action.pre_condition()
        return str(self.assertRaises(exception.MoveFailed, action.execute))

    def was_reset(self):
        return ('reset_to_active',) in self.nova.requests

    def test_message_says_so_and_what_to_do(self):
        self.assertEqual(
            f'live migration failed; {self.REPAIR}', self.fails())
        self.assertFalse(self.was_reset())

    def test_reason_of_nova_comes_first(self):
        self.nova.error = 'boom'
        self.assertEqual(f'boom; {self.REPAIR}', self.fails())

    def test_given_up_and_aborted_its_message_still_fits(self):
        self.moves_for_ever()
        self.nova.after['abort'] = (
            (0, (self.STRANDED, [record('error')])),
        )
        error = self.assertRaises(exception.NoProgress, self.make().execute)
        self.assertEqual(
            'no change for 10 s; last seen: copying to c2; aborted: '
            + self.REPAIR, str(error))

    def assert_tells_what_to_do(self, reason):
        """The message does, with its time and a host of a long name."""
        self.assertThat(reason, matchers.EndsWith(self.REPAIR))
        message = action_text.ended(
            f'Action failed in execute: {reason}'.replace(
                ' on c1,', ' on rack12-compute-07,'
            ),
            1234.5,
            4000,
            'rack12-compute-07',
            well=False,
        )
        self.assertThat(message, matchers.EndsWith(' (after 1234.5 s)'))
        self.assertIn(self.REPAIR[-36:], message)

    def test_long_reason_leaves_room_for_what_to_do(self):
        self.nova.error = 'operation failed ' * 20
        self.assert_tells_what_to_do(self.fails())

    def test_what_was_seen_last_leaves_room_for_what_to_do(self):
        copying = dataclasses.replace(MOVING, progress=50, memory_mb=2048)
        self.moves((1, (copying, [record('running')])))
        self.nova.after['abort'] = (
            (0, (self.STRANDED, [record('error')])),
        )
        error = self.assertRaises(exception.NoProgress, self.make().execute)
        self.assert_tells_what_to_do(str(error))

    def test_it_is_set_back_if_that_is_wanted(self):
        self.options('zone_migration', reset_state=True)
        self.assertEqual(
            'live migration failed; the server was in ERROR on c1 with its '
            'guest running there, and was set back to ACTIVE',
            self.fails(),
        )
        self.assertTrue(self.was_reset())

    def test_it_is_not_set_back_without_the_word_of_the_hypervisor(self):
        self.options('zone_migration', reset_state=True)
        unavailable = client_exception.CloudUnavailable(
            service='Nova', reason='503'
        )
        for answer in (False, unavailable):
            self.nova.guest_runs = answer
            self.nova.show((0, (server(), [])))
            self.assertNotIn('guest', self.fails())
            self.assertFalse(self.was_reset())

    def test_it_is_not_set_back_where_novas_records_disagree(self):
        self.options('zone_migration', reset_state=True)
        self.fails(server('ERROR', host='c2', power_state=1))
        self.assertFalse(self.was_reset())

    def test_it_is_not_set_back_when_it_changes_meanwhile(self):
        self.options('zone_migration', reset_state=True)
        self.nova.runs = lambda server_id: self.nova.show(
            (0, (server('ERROR', task_state='rebuilding', power_state=1),
                 []))) is None
        self.assertThat(self.fails(), matchers.EndsWith(self.REPAIR))
        self.assertFalse(self.was_reset())

    def test_refused_reset_leaves_what_nova_said(self):
        self.options('zone_migration', reset_state=True)
        self.nova.refuse['reset_to_active'] = [
            client_exception.RequestRefused(
                service='Nova', reason='policy', status=403
            )
        ]
        self.assertThat(self.fails(), matchers.EndsWith(self.REPAIR))

    def test_aborted_migration_is_cancelled_and_says_so(self):
        self.moves_for_ever()
        self.nova.after['abort'] = (
            (0, (self.STRANDED, [record('error')])),
        )
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 3)
        self.assert_fails(
            exception.MoveCancelled, self.REPAIR, action.execute
        )


class NoProgressTest(LiveMigrationTest):
    def hang(self, measure):
        self.options('zone_migration', on_no_progress=measure)
        self.moves_for_ever()
        action = self.make()
        action.pre_condition()
        return action

    def test_hanging_migration_is_aborted(self):
        action = self.hang('abort')
        self.nova.after['abort'] = (
            (0, (MOVING, [record('running')])),
            (2, (server(), [record('cancelled')])),
        )
        error = self.assertRaises(exception.NoProgress, action.execute)
        self.assertEqual(('abort', 7), self.nova.requests[-1])
        self.assertEqual(
            'no change for 10 s; last seen: copying to c2; asked Nova to '
            'abort: live migration cancelled; the server is ACTIVE on c1',
            str(error),
        )

    def test_hanging_migration_that_ends_well_after_all_is_done(self):
        action = self.hang('abort')
        self.nova.after['abort'] = (
            (0, (MOVING, [record('running')])),
            (1, ARRIVED),
        )
        self.assertTrue(action.execute())

    def test_hanging_migration_is_left(self):
        action = self.hang('leave')
        self.assert_fails(
            exception.NoProgress,
            'no change for 10 s; last seen: copying to c2; left as it is',
            action.execute,
        )
        self.assertEqual(
            ['live_migrate'], [r[0] for r in self.nova.requests]
        )

    def test_hanging_migration_is_forced_to_complete(self):
        action = self.hang('force_complete')
        self.nova.after['force_complete'] = ((0, ARRIVED),)
        self.assertTrue(action.execute())
        self.assertEqual(('force_complete', 7), self.nova.requests[-1])

    def test_hanging_post_copy_is_left_whatever_is_wanted(self):
        for measure in ('abort', 'force_complete'):
            action = self.hang(measure)
            self.moves((1, (MOVING, [record('running (post-copy)')])))
            error = self.assertRaises(exception.NoProgress, action.execute)
            self.assertIn('post-copy can only be waited for', str(error))
            self.assertEqual('live_migrate', self.nova.requests[-1][0])
            self.nova.show((0, (server(), [])))

    def test_hanging_migration_that_is_forced_in_vain_is_left(self):
        action = self.hang('force_complete')
        error = self.assertRaises(exception.NoProgress, action.execute)
        self.assertIn('forced to complete in vain', str(error))

    def test_migration_whose_figures_change_does_not_hang(self):
        # By less than a percent: only the time of the record tells.
        self.moves(
            *(
                (n, (MOVING, [dataclasses.replace(
                    record('running'), updated_at=f'12:00:{n:02}')]))
                for n in range(1, 60, 9)
            ),
            (60, ARRIVED),
        )
        self.run_action()
        self.assertEqual(60, self.time.now)

    def test_queued_migration_whose_progress_changes_does_not_hang(self):
        self.moves(
            *(
                (n, (server('MIGRATING', task_state='migrating', progress=n),
                     [record('running')]))
                for n in range(1, 60, 9)
            ),
            (60, ARRIVED),
        )
        self.run_action()
        self.assertEqual(60, self.time.now)


class AbortTest(LiveMigrationTest):
    def aborted(self):
        action = self.make()
        action.pre_condition()
        self.abort_at(action, 3)
        return action

    def test_it_can_be_aborted(self):
        self.assertTrue(self.make().check_abort())

    def test_abort_sets_the_event_that_it_waits_on(self):
        action = self.make()
        self.assertTrue(action.abort())
        self.assertTrue(action._abort.is_set())

    def test_running_migration_is_aborted_in_nova(self):
        self.moves_for_ever()
        self.nova.after['abort'] = (
            (0, (MOVING, [record('running')])),
            (1, (server(), [record('cancelled')])),
        )
        self.assert_fails(
            exception.MoveCancelled,
            'live migration cancelled; the server is ACTIVE on c1',
            self.aborted().execute,
        )
        self.assertEqual(('abort', 7), self.nova.requests[-1])

    def test_abort_that_nova_refuses_at_first_is_asked_for_again(self):
        self.moves_for_ever()
        self.nova.refuse['abort'] = [
            client_exception.RequestRefused(
                service='Nova', reason='not in progress', status=404
            )
        ]
        self.nova.after['abort'] = ((0, (server(), [record('cancelled')])),)
        self.assertRaises(exception.MoveCancelled, self.aborted().execute)
        self.assertEqual(
            ['live_migrate', 'abort', 'abort'],
            [request[0] for request in self.nova.requests],
        )

    def test_abort_that_nova_accepts_and_drops_is_asked_for_again(self):
        self.moves_for_ever()
        request = self.nova.request

        def drop_the_first(name, *arguments):
            request(name, *arguments)
            if self.nova.requests.count(('abort', 7)) == 2:
                self.nova.show((0, (server(), [record('cancelled')])))

        self.nova.request = drop_the_first
        self.assertRaises(exception.MoveCancelled, self.aborted().execute)
        self.assertEqual(
            ['live_migrate', 'abort', 'abort'],
            [request[0] for request in self.nova.requests],
        )

    def test_migration_that_is_over_before_its_abort_is_done(self):
        self.moves((1, (MOVING, [record('running')])), (4, ARRIVED))
        self.nova.refuse['abort'] = [
            client_exception.RequestRefused(
                service='Nova', reason='invalid state', status=409
            )
            for _ in range(9)
        ]
        self.assertTrue(self.aborted().execute())

    def test_abort_that_leaves_the_server_in_error_says_so(self):
        self.moves_for_ever()
        self.nova.after['abort'] = (
            (0, (server('ERROR'), [record('cancelled')])),
        )
        error = self.assertRaises(
            exception.MoveCancelled, self.aborted().execute
        )
        self.assertIn('the server is in ERROR on c1', str(error))

    def test_post_copy_is_not_asked_to_be_aborted(self):
        self.moves(
            (1, (MOVING, [record('running (post-copy)')])), (8, ARRIVED)
        )
        self.assertTrue(self.aborted().execute())
        self.assertEqual(
            ['live_migrate'], [r[0] for r in self.nova.requests]
        )

    def test_abort_that_changes_nothing_does_not_wait_for_ever(self):
        self.moves_for_ever()
        self.assertRaises(exception.NoProgress, self.aborted().execute)


class RevertTest(LiveMigrationTest):
    def test_server_is_migrated_back(self):
        self.moves((1, ARRIVED))
        action = self.run_action()
        self.nova.show((0, (server(host='c2'), [record('completed')])))
        back = resources.Migration(
            8, fakes.SERVER_ID, 'live-migration', 'completed', 'c2', 'c1'
        )
        self.nova.after['live_migrate'] = (
            (0, (server(), [back, record('completed')])),
        )
        action.revert()
        self.assertEqual(
            ('live_migrate', 'c1', False), self.nova.requests[-1]
        )

    def test_server_that_is_back_already_is_left(self):
        self.moves((1, ARRIVED))
        action = self.run_action()
        self.nova.show((0, (server(), [record('completed')])))
        action.revert()
        self.assertEqual(1, len(self.nova.requests))

    def test_server_of_an_unknown_source_is_not_reverted(self):
        action = self.make(source='')
        self.assertRaises(exception.MoveRefused, action.revert)
