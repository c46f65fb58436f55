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

import gc
import weakref

import fixtures
import testtools
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.workflow_engine import running_plans


class RunningPlansTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(
            fixtures.MockPatchObject(running_plans, '_running', set())
        )
        self.useFixture(fixtures.MockPatchObject(running_plans, '_ended', {}))
        self.runs = []

    def run_once(self, uuid='a', then=lambda: None):
        """Run a plan, which does this then."""

        def run():
            self.runs.append(uuid)
            then()

        running_plans.run_once(uuid, run)

    def raising(self, error):
        def raise_it():
            raise error

        return raise_it

    def test_plan_that_runs_is_not_run_again(self):
        def cast_again():
            error = self.assertRaises(exception.PlanIsLost, self.run_once)
            self.assertEqual('a', str(error))

        self.run_once(then=cast_again)
        self.assertEqual(['a'], self.runs)

    def test_plan_that_runs_is_not_forgotten_when_it_was_cast_again(self):
        def cast_again():
            for _ in range(2):
                self.assertRaises(exception.PlanIsLost, self.run_once)

        self.run_once(then=cast_again)
        self.assertEqual(['a'], self.runs)

    def test_other_plans_run_beside_it(self):
        self.run_once('a', lambda: self.run_once('b'))
        self.assertEqual(['a', 'b'], self.runs)

    def test_plan_that_has_succeeded_succeeds_again_without_a_run(self):
        for _ in range(2):
            self.run_once()
        self.assertEqual(['a'], self.runs)

    def test_plan_that_was_cancelled_is_cancelled_again_without_a_run(self):
        cancelled = watcher_exception.ActionPlanCancelled(uuid='a')
        for _ in range(3):
            error = self.assertRaises(
                watcher_exception.ActionPlanCancelled,
                self.run_once,
                then=self.raising(cancelled),
            )
            self.assertEqual(str(cancelled), str(error))
        self.assertEqual(['a'], self.runs)

    def test_plan_that_has_raised_fails_again_without_a_run(self):
        # Also what no plan raises: it has not succeeded.
        for uuid, error in (('a', ValueError('b')), ('b', SystemExit('b'))):
            self.assertRaises(
                type(error), self.run_once, uuid, self.raising(error)
            )
            again = self.assertRaises(
                watcher_exception.WorkflowExecutionException,
                self.run_once,
                uuid,
            )
            self.assertIn(f'{type(error).__name__}: b', str(again))
        self.assertEqual(['a', 'b'], self.runs)

    def test_plan_that_has_raised_does_not_stay_in_memory(self):
        class Plan:
            def run(self):
                raise watcher_exception.ActionPlanCancelled(uuid='a')

        def run():
            plan = Plan()
            try:
                self.run_once(then=plan.run)
            except watcher_exception.ActionPlanCancelled:
                return weakref.ref(plan)

        plan = run()
        gc.collect()
        self.assertIsNone(plan())

    def test_plan_is_known_from_its_start_on(self):
        known = []
        known.append(running_plans.knows('a'))
        self.run_once(then=lambda: known.append(running_plans.knows('a')))
        known.append(running_plans.knows('a'))
        self.assertEqual([False, True, True], known)
        self.assertFalse(running_plans.knows('b'))

    def test_plan_that_has_raised_is_known(self):
        self.assertRaises(
            ValueError, self.run_once, then=self.raising(ValueError())
        )
        self.assertTrue(running_plans.knows('a'))

    def test_plan_has_ended_when_it_runs_no_more(self):
        ended = [running_plans.has_ended('a')]
        self.run_once(then=lambda: ended.append(running_plans.has_ended('a')))
        ended.append(running_plans.has_ended('a'))
        self.assertEqual([False, False, True], ended)

    def test_plan_whose_end_is_forgotten_can_be_run_again(self):
        self.run_once()
        running_plans.forget('a')
        self.assertFalse(running_plans.knows('a'))
        self.run_once()
        self.assertEqual(['a', 'a'], self.runs)
