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

from watcher.common import exception as watcher_exception

from zone_migration import exception
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
            tries.append(action.is_last_try)
            if not action.is_last_try:
                raise exception.NoValidHost(reason='No valid host was found')
            return True

        moved = self.add_move(move, source='c1', allow_downtime=True)
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(moved))
        self.assertEqual([False, True], tries)

    def test_last_try_comes_when_nobody_makes_room_any_more(self):
        tries = []

        def move(action):
            tries.append((action.is_last_try, *self.states(leaving)))
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
        self.assertEqual(
            [(False, 'SUCCEEDED'), (True, 'SUCCEEDED')], tries[-2:]
        )
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
