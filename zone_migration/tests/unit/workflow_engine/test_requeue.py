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

import threading

from testtools import matchers
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.client import exception as client_exception
from zone_migration.logic.outcome import failures
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.workflow_engine import requeue


class NoValidHostTest(engines.EngineTest):
    """A server for which there is no room waits for another to leave."""

    def no_room_until(self, moved):
        """A move that finds no host until that one has moved."""

        def move(action):
            if self.states(moved) != ['SUCCEEDED']:
                self.failed_once.set()
                raise exception.NoValidHost(reason='No valid host was found')
            return True

        self.failed_once = threading.Event()
        return move

    def test_it_is_tried_again_when_another_has_moved(self):
        def leave(action):
            self.failed_once.wait(30)
            return True

        leaving = self.add_move(leave, source='c2', dst_hostname='c3')
        arriving = self.add_move(
            self.no_room_until(leaving), source='c1', dst_hostname='c2'
        )
        self.execute()
        self.assertEqual(['SUCCEEDED'] * 2, self.states(leaving, arriving))
        self.assertIn('tried', self.state_of(arriving)[1])

    def test_it_says_what_it_waits_for(self):
        seen = []

        def leave(action):
            self.failed_once.wait(30)
            self.wait_for(lambda: self.states(arriving) == ['PENDING'])
            seen.append(self.state_of(arriving)[1])
            return True

        leaving = self.add_move(leave, source='c2')
        arriving = self.add_move(
            self.no_room_until(leaving), source='c1', dst_hostname='c2'
        )
        self.execute()
        self.assertEqual(
            'waits until another server has moved: No valid host was found',
            seen[0],
        )

    def test_it_fails_when_nobody_leaves_its_destination(self):
        self.add_move(source='c4', dst_hostname='c3')
        arriving = self.add_move(
            exception.NoValidHost(reason='No valid host was found'),
            source='c1',
            dst_hostname='c2',
        )
        self.execute()
        self.assertEqual(
            (
                'FAILED',
                'Action failed in execute: No valid host was found',
            ),
            self.outcome_of(arriving),
        )

    def test_two_that_wait_for_each_other_fail(self):
        stuck = [
            self.add_move(
                exception.NoValidHost(reason='No valid host was found'),
                source=source,
                dst_hostname=destination,
            )
            for source, destination in (('c1', 'c2'), ('c2', 'c1'))
        ]
        self.execute()
        self.assertEqual(['FAILED', 'FAILED'], self.states(*stuck))

    def test_it_is_not_tried_for_ever(self):
        stuck = self.add_move(
            exception.NoValidHost(reason='No valid host was found'),
            source='c1',
        )
        for _ in range(20):
            self.add_move(source='c2')
        self.execute(parallel_total=2)
        state, message = self.state_of(stuck)
        self.assertEqual('FAILED', state)
        self.assertIn('tried', message)
        self.assertLessEqual(
            self.calls(stuck).count('execute'), requeue._MAX_TRIES
        )

    def test_server_that_may_be_down_gets_a_last_try(self):
        tries = []

        def move(action):
            again = action.is_tried_again(failures.NO_HOST)
            tries.append(again)
            if again:
                raise exception.NoValidHost(reason='No valid host was found')
            return True

        moved = self.add_move(move, source='c1', allow_downtime=True)
        self.execute(attempts=2)
        self.assertEqual(['SUCCEEDED'], self.states(moved))
        self.assertEqual([True, False], tries)

    def test_server_that_counts_on_room_gets_a_last_try(self):
        tries = []

        def move(action):
            tries.append(action.is_tried_again(failures.NO_HOST))
            raise exception.NoValidHost(reason='No valid host was found')

        # Each counts on the other.
        for source, destination in (('c1', 'c2'), ('c2', 'c1')):
            self.add_move(move, source=source, dst_hostname=destination)
        self.execute()
        self.assertEqual([True, True, False], sorted(tries)[::-1][:3])
        self.assertEqual(2, tries.count(False))

    def test_last_try_comes_when_nobody_makes_room_any_more(self):
        tries = []

        def move(action):
            again = action.is_tried_again(failures.NO_HOST)
            tries.append((again, *self.states(leaving)))
            self.failed_once.set()
            raise exception.NoValidHost(reason='No valid host was found')

        def leave(action):
            self.failed_once.wait(30)
            return True

        self.failed_once = threading.Event()
        leaving = self.add_move(leave, source='c2', dst_hostname='c3')
        stuck = self.add_move(
            move, source='c1', dst_hostname='c2', allow_downtime=True
        )
        self.execute()
        self.assertEqual(['FAILED'], self.states(stuck))
        self.assertEqual((False, 'SUCCEEDED'), tries[-1])
        self.assertEqual([False], [again for again, _ in tries if not again])
        self.assertLess(len(tries), 5)

    def test_it_is_left_to_watcher_when_the_plan_is_cancelled(self):
        def leave(action):
            self.failed_once.wait(30)
            self.wait_for(lambda: self.states(arriving) == ['PENDING'])
            self.cancel_plan()
            action.aborted.wait(30)
            raise exception.MoveCancelled(reason='back on c2')

        leaving = self.add_move(leave, source='c2')
        arriving = self.add_move(
            self.no_room_until(leaving), source='c1', dst_hostname='c2'
        )
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)
        self.assertEqual(
            ['CANCELLED', 'PENDING'], self.states(leaving, arriving)
        )


class AttemptsTest(engines.EngineTest):
    """A move that has failed and harmed nothing is tried again."""

    def failed(self, reason='rolled back', failure=failures.ENDED):
        error = exception.MoveFailed(reason=reason)
        error.failure = failure
        return error

    def fails(self, times, going_to=''):
        """A move that fails so often."""
        reasons = [f'rolled back {number}' for number in range(1, times + 1)]

        def move(action):
            if going_to:
                action.on_destination(going_to)
            self.order.append('fails')
            if reasons:
                raise self.failed(reasons.pop(0))
            return True

        return move

    def setUp(self):
        super().setUp()
        self.order = []

    def test_second_attempt_ends_well(self):
        action = self.add_move(self.fails(1, 'c2'), source='c1')
        self.execute(attempts=2)
        self.assertEqual(
            (
                'SUCCEEDED',
                'done (attempt 2; attempt 1 to c2: rolled back 1)',
            ),
            self.outcome_of(action),
        )
        self.assertRegex(self.message(), r'^1 succeeded \(1 tried again\) in')

    def test_each_attempt_is_told_in_the_end(self):
        action = self.add_move(self.fails(3, 'c2'), source='c1')
        self.execute(attempts=3)
        self.assertEqual(
            (
                'FAILED',
                'Action failed in execute: attempt 1 to c2: rolled back 1; '
                'attempt 2 to c2: rolled back 2; attempt 3 to c2: rolled back '
                '3',
            ),
            self.outcome_of(action),
        )

    def test_one_attempt_is_one(self):
        action = self.add_move(self.fails(1), source='c1')
        self.execute(attempts=1)
        self.assertEqual(
            ('FAILED', 'Action failed in execute: rolled back 1'),
            self.outcome_of(action),
        )

    def test_what_is_not_worth_it_is_not_tried_again(self):
        action = self.add_move(
            self.failed('in ERROR', failures.HARMED), source='c1'
        )
        self.execute(attempts=2)
        self.assertEqual(
            ('FAILED', 'Action failed in execute: in ERROR'),
            self.outcome_of(action),
        )
        self.assertEqual(1, self.calls(action).count('execute'))

    def test_it_comes_after_the_rest_of_the_queue(self):
        def note(action):
            self.order.append('other')
            return True

        self.add_move(self.fails(1), source='c1')
        for source in ('c1', 'c2', 'c3'):
            self.add_move(note, source=source)
        self.execute(attempts=2, parallel_total=1)
        self.assertEqual(
            ['fails', 'other', 'other', 'other', 'fails'], self.order
        )

    def test_it_does_not_wait_for_what_runs(self):
        begun_again = threading.Event()

        def move(action):
            if self.calls(one).count('execute') == 1:
                raise self.failed()
            begun_again.set()
            return True

        one = self.add_move(move, source='c1')
        long = self.add_move(lambda _: begun_again.wait(30), source='c2')
        self.execute(attempts=2)
        self.assertEqual(['SUCCEEDED'] * 2, self.states(one, long))

    def test_no_more_claim_a_host_than_the_limit_allows(self):
        claimed = []
        have_claimed = threading.Barrier(3)

        def move(action):
            claimed.append(action.claim_destination('c8'))
            have_claimed.wait(30)
            return True

        for source in ('c1', 'c2', 'c3'):
            self.add_move(move, source=source)
        self.execute(parallel_per_node=1)
        self.assertEqual([False, False, True], sorted(claimed))

    def test_action_knows_whether_it_is_repeated(self):
        seen = []

        def move(action):
            seen.append(action.is_repeated)
            if len(seen) == 1:
                raise self.failed()
            return True

        self.add_move(move, source='c1')
        self.execute(attempts=2)
        self.assertEqual([False, True], seen)

    def test_children_wait_for_the_last_attempt(self):
        parent = self.add_move(self.fails(1), source='c1')
        child = self.add(
            [parent], execute=lambda _: self.order.append('child') or True
        )
        self.execute(attempts=2)
        self.assertEqual(['fails', 'fails', 'child'], self.order)
        self.assertEqual(['SUCCEEDED'], self.states(parent))
        self.assertEqual(1, self.calls(child).count('execute'))

    def test_it_waits_and_says_so_between_attempts(self):
        seen = []

        def other(action):
            self.wait_for(lambda: self.states(one) == ['PENDING'])
            seen.append(self.state_of(one)[1])
            return True

        one = self.add_move(self.fails(1, 'c2'), source='c1')
        self.add_move(other, source='c1')
        self.execute(attempts=2, parallel_total=1)
        # Until the others have started, or for the limit by then.
        self.assertThat(
            seen[0],
            matchers.MatchesRegex(
                r'waits.+ \(attempt 1 to c2: rolled back 1\)$'
            ),
        )

    def test_cancel_between_attempts_tells_the_first(self):
        def other(action):
            self.wait_for(lambda: self.states(one) == ['PENDING'])
            return self.cancel_and_be_noticed()

        one = self.add_move(self.fails(1, 'c2'), source='c1')
        self.add_move(other, source='c1')
        self.assertRaises(
            watcher_exception.ActionPlanCancelled,
            self.execute,
            attempts=2,
            parallel_total=1,
        )
        self.assertEqual(
            (
                'PENDING',
                'not tried again: the plan was cancelled (attempt 1 to c2: '
                'rolled back 1)',
            ),
            self.outcome_of(one),
        )

    def test_only_what_was_lost_may_have_begun(self):
        seen = []
        self.add(
            pre=lambda action: seen.append(action.may_have_begun),
            execute=self.fails(1, 'c2'),
            action_type='live_migration',
            parameters={'resource_id': 's', 'source': 'c1'},
        )
        self.execute(attempts=2)
        self.assertEqual([False, False], seen)

    def test_first_attempt_that_has_arrived_late_is_a_success(self):
        seen = []
        lost = str(client_exception.AnswerLost('Nova', 'reset'))

        def look(action):
            seen.append(action.may_have_begun)
            if self.order:
                raise exception.HasArrived(reason='the server is on c2')

        def lose(action):
            action.on_destination('c2')
            self.order.append('lost')
            raise self.failed(lost)

        one = self.add(
            pre=look,
            execute=lose,
            action_type='live_migration',
            parameters={'resource_id': 's', 'source': 'c1'},
        )
        self.execute(attempts=2)
        self.assertEqual(
            (
                'SUCCEEDED',
                f'the server is on c2 (attempt 2; attempt 1 to c2: {lost})',
            ),
            self.outcome_of(one),
        )
        self.assertEqual([False, True], seen)

    def test_skipped_second_attempt_tells_the_first(self):
        def look(action):
            if self.order:
                raise exception.NothingToMove(reason='the server is gone')

        one = self.add(
            pre=look,
            execute=self.fails(1, 'c2'),
            action_type='live_migration',
            parameters={'resource_id': 's', 'source': 'c1'},
        )
        self.execute(attempts=2)
        self.assertEqual(
            (
                'SKIPPED',
                'Action was skipped automatically: the server is gone '
                '(attempt 1 to c2: rolled back 1)',
            ),
            self.outcome_of(one),
        )

    def assert_is_the_last(self, state, message):
        """An action that a stopped applier has left so has one attempt."""
        places = []

        def move(action):
            places.append(action.failed_at)
            raise self.failed()

        one = self.add(
            execute=move,
            action_type='live_migration',
            parameters={'resource_id': 's', 'source': 'c1'},
            state=state,
            status_message=message,
        )
        self.execute(attempts=2)
        self.assertEqual(
            (
                'FAILED',
                'Action failed in execute: attempt 1 to c2: no answer; '
                'attempt 2: rolled back',
            ),
            self.outcome_of(one),
        )
        self.assertEqual([('c2',)], places)

    def test_attempt_before_a_restart_counts(self):
        self.assert_is_the_last(
            'PENDING',
            'waits until the others have started (attempt 1 to c2: no answer)',
        )

    def test_attempt_before_a_restart_counts_in_one_that_waits(self):
        self.assert_is_the_last(
            'PENDING', 'waits: 2 of 2 leave c1 (attempt 1 to c2: no answer)'
        )

    def test_attempt_before_a_restart_counts_in_one_that_was_under_way(self):
        self.assert_is_the_last(
            'ONGOING',
            'copying to c3 (attempt 2; attempt 1 to c2: no answer) (since '
            '2026-11-28 03:14:05)',
        )

    def test_what_was_under_way_before_a_restart_is_an_attempt(self):
        one = self.add(
            execute=self.fails(1),
            action_type='live_migration',
            parameters={'resource_id': 's', 'source': 'c1'},
            state='ONGOING',
            status_message='copying to c3 (since 2026-11-28 03:14:05)',
        )
        self.execute(attempts=2)
        self.assertEqual(
            ('SUCCEEDED', 'done (attempt 2; attempt 1: rolled back 1)'),
            self.outcome_of(one),
        )

    def test_text_of_another_plugin_is_no_attempt(self):
        one = self.add(
            execute=self.failed(), status_message='attempt 1: of its own'
        )
        self.execute(attempts=2)
        self.assertEqual(
            (
                'FAILED',
                'Action failed in execute: attempt 1: rolled back; attempt '
                '2: rolled back',
            ),
            self.outcome_of(one),
        )

    def test_room_takes_no_attempt(self):
        def leave(action):
            no_room.wait(30)
            return True

        def move(action):
            if self.states(leaving) != ['SUCCEEDED']:
                no_room.set()
                raise exception.NoValidHost(reason='No valid host was found')
            return fails_once(action)

        no_room, fails_once = threading.Event(), self.fails(1)
        leaving = self.add_move(leave, source='c2', dst_hostname='c3')
        arriving = self.add_move(move, source='c1', dst_hostname='c2')
        self.execute(attempts=2)
        state, message = self.outcome_of(arriving)
        self.assertEqual('SUCCEEDED', state)
        self.assertRegex(
            message,
            r'^done \(attempt 2; attempt 1: rolled back 1 '
            r'\(tried \d+ times\)\)$',
        )

    def test_plan_is_rolled_back_after_the_last_attempt(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        self.add_move(self.fails(2), source='c1')
        self.add_move(
            revert=lambda _: self.order.append('back'),
            source='c2', dst_hostname='c3',
        )
        self.execute(attempts=2)
        self.assertEqual(['fails', 'fails', 'back'], self.order)
