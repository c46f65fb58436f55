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

import fixtures
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic import resources
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.workflow_engine import cancellation


class CancelTest(engines.EngineTest):
    def execute_and_be_cancelled(self, **limits):
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute, **limits
        )

    def test_move_in_flight_is_aborted_and_nothing_new_starts(self):
        def cancelled_move(action):
            self.cancel_plan()
            action.aborted.wait(30)
            raise exception.MoveCancelled(reason='back on c1')

        running = self.add(execute=cancelled_move)
        waiting = self.add()
        child = self.add([running])
        self.execute_and_be_cancelled(parallel_total=1)
        self.assertEqual(('CANCELLED', 'back on c1'), self.outcome_of(running))
        # Watcher's applier makes CANCELLED of what never started.
        self.assertEqual(['PENDING', 'PENDING'], self.states(waiting, child))

    def test_move_that_cannot_be_aborted_is_waited_for(self):
        running = self.add(execute=self.cancel_and_be_noticed, can_abort=False)
        waiting = self.add([running])
        self.execute_and_be_cancelled()
        self.assertEqual(
            ['SUCCEEDED', 'PENDING'], self.states(running, waiting)
        )

    def test_plan_that_is_cancelled_while_its_last_action_ends(self):
        action = self.add(
            execute=lambda action: self.cancel_plan() or True, can_abort=False
        )
        self.execute_and_be_cancelled()
        self.assertEqual(['SUCCEEDED'], self.states(action))

    def test_plan_that_was_cancelled_before_it_began_starts_nothing(self):
        action = self.add()
        self.cancel_plan()
        self.execute_and_be_cancelled()
        self.assertEqual([], self.calls(action))
        self.assertEqual(['PENDING'], self.states(action))

    def test_action_that_decides_while_the_plan_is_cancelled_never_starts(
        self,
    ):
        action = self.add(pre=self.cancel_and_be_noticed)
        self.execute_and_be_cancelled()
        self.assertNotIn('execute', self.calls(action))

    def test_nothing_is_reverted_after_a_cancellation(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add(can_abort=False)
        self.add(
            [good],
            execute=lambda action: self.cancel_plan(),
            can_abort=False,
        )
        self.execute_and_be_cancelled()
        self.assertNotIn('revert', self.calls(good))

    def test_cancellation_of_the_plan_is_notified_once(self):
        self.add(
            execute=lambda action: self.cancel_plan() or True,
            can_abort=False,
        )
        self.execute_and_be_cancelled()
        self.assertEqual(
            1,
            [event for event, _ in self.notifications.sent].count(
                'action_plan.cancel.start'
            ),
        )


class QueuedTest(engines.EngineTest):
    """What Nova has queued behind what runs."""

    def setUp(self):
        super().setUp()
        self.records = []
        self.looks = 0
        self.options('zone_migration', poll_interval=0.2)
        self.in_flight.shown['queues'] = self.look
        self.running = self.move('running')

    def move(self, status, is_cancelled=lambda: True):
        """A live migration in this status, which ends when it is aborted."""

        def execute(action):
            self.records.append(
                resources.Migration(
                    len(self.records),
                    status,
                    'live-migration',
                    status,
                    'c1',
                    'c2',
                )
            )
            action.aborted.wait(30)
            if is_cancelled():
                raise exception.MoveCancelled(reason='back on c1')
            return True

        return self.add(
            execute=execute,
            action_type='live_migration',
            parameters={'resource_id': status, 'source': 'c1'},
        )

    def look(self):
        """What is in flight; the plan is cancelled after it was seen.

        What the first of these looks has seen is known by the third.
        """
        if len(self.records) == 2:
            self.looks += 1
            if self.looks == 3:
                self.cancel_plan()
        return list(self.records)

    def cancel(self):
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)

    def test_what_runs_is_not_aborted_before_it_has_ended(self):
        self.useFixture(fixtures.MockPatchObject(cancellation, '_QUEUED', 600))
        abort = self.actions[self.running.uuid].aborted
        queued = self.move('queued', lambda: not abort.wait(0.5))
        self.cancel()
        self.assertEqual(
            ['CANCELLED', 'CANCELLED'], self.states(queued, self.running)
        )

    def test_what_runs_is_aborted_after_a_while_in_any_case(self):
        self.useFixture(fixtures.MockPatchObject(cancellation, '_QUEUED', 0.2))
        abort = self.actions[self.running.uuid].aborted
        queued = self.move('queued', lambda: not abort.wait(30))
        self.cancel()
        self.assertEqual(
            ['SUCCEEDED', 'CANCELLED'], self.states(queued, self.running)
        )
