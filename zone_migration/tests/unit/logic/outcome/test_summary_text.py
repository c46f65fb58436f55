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

from zone_migration.logic.outcome import summary_text


class ProgressTest(testtools.TestCase):
    def test_begin(self):
        self.assertEqual(
            '0 of 3 done, 2 running', summary_text.progress({}, 3, 2, None)
        )

    def test_what_did_not_succeed_is_named(self):
        self.assertEqual(
            '6 of 9 done (2 skipped, 3 failed), 0 running, about 2 h to go',
            summary_text.progress(
                {'failed': 3, 'skipped': 2, 'succeeded': 1}, 9, 0, 7200
            ),
        )


class FinalTest(testtools.TestCase):
    def test_empty_plan(self):
        self.assertEqual(
            'nothing done in under 1 s', summary_text.final({}, 0, 0.1, 0)
        )

    def test_cancelled_plan(self):
        self.assertEqual(
            '1 succeeded, 2 cancelled, 3 not started in 20 s',
            summary_text.final({'succeeded': 1, 'cancelled': 2}, 3, 20, 0),
        )

    def test_hosts_of_a_cancelled_plan_come_before_a_failure(self):
        self.assertEqual(
            '1 failed in 20 s; 2 hosts enabled again; web-1: no valid host',
            summary_text.final(
                {'failed': 1},
                0,
                20,
                0,
                'web-1: no valid host',
                '2 hosts enabled again',
            ),
        )

    def test_a_long_failure_is_cut_and_the_counts_are_not(self):
        text = summary_text.final({'failed': 1}, 0, 20, 10, 'x' * 300)
        self.assertEqual(255, len(text))
        self.assertIn('1 failed in 20 s (fastest possible: 10 s); xxx', text)
