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

import testtools

from zone_migration.osc import cancelling
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes
from zone_migration.tests.unit.osc import test_cancel


class CancelTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.plan = fakes.plan(state='ONGOING')
        self.watcher = test_cancel.CancelledWatcher(self.plan)

    def cancel(self):
        return cancelling.cancel(self.watcher, self.plan).state

    def test_the_state_is_that_of_afterwards(self):
        self.assertEqual('CANCELLING', self.cancel())

    def test_a_lost_answer_is_no_failure(self):
        self.watcher.errors['cancel'] = watcher_errors.Unavailable('no answer')
        self.assertEqual('CANCELLING', self.cancel())
        self.assertEqual([('cancel', fakes.PLAN)], self.watcher.calls)

    def test_a_plan_that_has_ended_meanwhile_is_told(self):
        self.watcher.plans_ = [fakes.plan(state='SUCCEEDED')]
        self.watcher.cancel = self.refuse
        self.assertEqual('SUCCEEDED', self.cancel())

    def test_a_refusal_is_raised(self):
        self.watcher.cancel = self.refuse
        self.assertRaises(watcher_errors.WatcherError, self.cancel)

    def test_lost_answers_leave_open_whether_it_is_cancelled(self):
        self.watcher.plan = self.lose
        for method in (self.watcher.cancel, self.lose, self.refuse):
            self.watcher.cancel = method
            self.assertRaisesRegex(
                watcher_errors.Unavailable,
                'not known whether the plan is cancelled: Watcher does not '
                'answer: no answer',
                self.cancel,
            )

    def lose(self, plan):
        raise watcher_errors.Unavailable('no answer')

    def refuse(self, plan):
        raise watcher_errors.WatcherError('no permission')
