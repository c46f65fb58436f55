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


class ReadTest(testtools.TestCase):
    def test_times_are_read_as_they_are_written(self):
        for took, fastest in ((0.2, 0), (45, 44), (620, 580), (3600, 1)):
            text = summary_text.final(
                {'failed': 1}, 0, took, fastest, 'web-1: 3 failed in 9 s'
            )
            self.assertEqual(
                (max(took, 1), fastest or None),
                summary_text.times(text),
                text,
            )

    def test_times_that_are_not_told(self):
        for text in (
            '3 of 4 done, 1 running',
            'One or more actions were skipped.',
            '',
        ):
            self.assertEqual((None, None), summary_text.times(text), text)

    def test_counts_are_left_out_of_what_a_plan_says_while_it_runs(self):
        for expected, text in (
            ('limits: 2 a host', '0 of 3 done, 2 running; limits: 2 a host'),
            (
                'about 1 min to go; limits: 2 a host; Nova is away',
                '1 of 3 done (1 failed), 2 running, about 1 min to go; '
                'limits: 2 a host; Nova is away; 1 waits',
            ),
            ('3 to move; risk', '3 to move; risk'),
        ):
            self.assertEqual(expected, summary_text.without_counts(text))

    def test_limits_end_where_the_next_part_begins(self):
        self.assertEqual(
            '2 a host',
            summary_text.limits_of(
                '0 of 3 done, 2 running; limits: 2 a host; 1 waits'
            ),
        )

    def test_limits_that_are_not_told(self):
        self.assertEqual('', summary_text.limits_of('3 to move'))
