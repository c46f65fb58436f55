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
from watcher import objects

from zone_migration.tests.unit import base
from zone_migration.workflow_engine import summary_keeper


class SummaryKeeperTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(
            fixtures.MockPatchObject(summary_keeper, '_INTERVAL', 0.01)
        )
        self.plan = self.create_plan()

    def end_as_watcher_does(self):
        plan = objects.ActionPlan.get_by_uuid(
            self.context, self.plan.uuid, eager=True
        )
        plan.status_message = 'One or more actions were skipped.'
        plan.state = 'SUCCEEDED'
        plan.save()

    def message(self):
        return objects.ActionPlan.get_by_uuid(
            self.context, self.plan.uuid
        ).status_message

    def test_summary_is_written_once_the_plan_has_ended(self):
        thread = summary_keeper.keep(self.plan, 'all moved')
        self.assertIsNone(self.message())
        self.end_as_watcher_does()
        thread.join(30)
        self.assertEqual('all moved', self.message())

    def test_plan_that_does_not_end_is_left_alone(self):
        self.useFixture(fixtures.MockPatchObject(summary_keeper, '_LOOKS', 2))
        summary_keeper.keep(self.plan, 'all moved').join(30)
        self.assertIsNone(self.message())

    def test_plan_that_is_gone_hurts_nobody(self):
        self.plan.id = 0
        thread = summary_keeper.keep(self.plan, 'all moved')
        thread.join(30)
        self.assertFalse(thread.is_alive())
        self.assertIsNone(self.message())
