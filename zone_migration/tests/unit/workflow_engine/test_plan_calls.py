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

from unittest import mock

import testtools

from zone_migration.workflow_engine import plan_calls


class PlanCallsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.calls = plan_calls.PlanCalls(mock.Mock(uuid='plan'))
        self.made = []

    def test_what_is_raised_is_logged(self):
        with self.assertLogs(plan_calls.__name__, 'ERROR') as logs:
            self.calls.call(int, 'no number')
        self.assertIn('plan goes on after this', logs.output[0])

    def test_submitted_calls_are_made_in_their_order(self):
        for number in (1, 2):
            self.calls.submit(self.made.append, number)
        self.calls.run_submitted(60, lambda: self.made.append('between'))
        self.assertEqual([1, 'between', 2, 'between'], self.made)

    def test_wake_ends_the_waiting(self):
        self.calls.wake()
        self.calls.run_submitted(60, lambda: self.made.append('between'))
        self.assertEqual(['between'], self.made)

    def test_nothing_is_waited_for_in_vain(self):
        self.calls.run_submitted(0.01, lambda: self.made.append('between'))
        self.assertEqual([], self.made)
