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
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.workflow_engine import plan_status
from zone_migration.workflow_engine import summary_keeper


class MessageTest(engines.EngineTest):
    """What the plan says of itself."""

    def test_summary(self):
        self.add()
        self.add(state='SKIPPED')
        self.add_move(
            exception.MoveFailed(reason='boom'), resource_name='web-1'
        )
        self.execute()
        self.assertRegex(
            self.message(),
            '^1 succeeded, 1 skipped, 1 failed in .*; '
            'web-1: Action failed in execute: boom$',
        )

    def test_plan_with_skipped_actions_keeps_its_summary(self):
        self.add(state='SKIPPED')
        self.execute()
        (plan, summary), _ = summary_keeper.keep.call_args
        self.assertEqual(
            (self.plan.uuid, self.message()), (plan.uuid, summary)
        )

    def test_plan_without_skipped_actions_need_not_keep_it(self):
        self.add()
        self.execute()
        summary_keeper.keep.assert_not_called()

    def test_summary_of_a_cancelled_plan(self):
        self.add(execute=self.cancel_and_be_noticed, can_abort=False)
        self.add()
        self.assertRaises(
            watcher_exception.ActionPlanCancelled,
            self.execute,
            parallel_total=1,
        )
        self.assertRegex(self.message(), '^1 succeeded, 1 not started in')

    def test_progress(self):
        self.useFixture(
            fixtures.MockPatchObject(plan_status, '_WRITE_EVERY', 0)
        )
        seen = []

        def look(action):
            self.wait_for(self.message)
            seen.append(self.message())
            return True

        first = self.add()
        self.add([first], execute=look)
        self.execute()
        self.assertRegex(seen[0], r'^[01] of 2 done, [01] running')

    def test_message_is_not_notified_of(self):
        self.useFixture(
            fixtures.MockPatchObject(plan_status, '_WRITE_EVERY', 0)
        )
        self.add()
        self.execute()
        self.assertNotIn(
            'action_plan.update', [e for e, _ in self.notifications.sent]
        )
