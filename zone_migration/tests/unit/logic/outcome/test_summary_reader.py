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

from zone_migration.logic.outcome import summary_reader
from zone_migration.logic.outcome import summary_text


class ReadTest(testtools.TestCase):
    def test_times_are_read_as_they_are_written(self):
        for took, fastest in ((0.2, 0), (45, 44), (620, 580), (3600, 1)):
            text = summary_text.final(
                {'failed': 1}, 0, took, fastest, 'web-1: 3 failed in 9 s'
            )
            self.assertEqual(
                (max(took, 1), fastest or None),
                summary_reader.times(text),
                text,
            )

    def test_times_that_are_not_told(self):
        for text in (
            '3 of 4 done, 1 running',
            'One or more actions were skipped.',
            '',
        ):
            self.assertEqual((None, None), summary_reader.times(text), text)

    def test_counts_are_left_out_of_what_a_plan_says_while_it_runs(self):
        for expected, text in (
            ('limits: 2 a host', '0 of 3 done, 2 running; limits: 2 a host'),
            (
                'about 1 min to go; limits: 2 a host; Nova is away',
                '1 of 3 done (1 failed), 2 running, about 1 min to go; '
                'limits: 2 a host; Nova is away; 1 waits',
            ),
            ('risk', '3 to move; risk'),
            ('', '2 hosts to enable, 1 stays as it is'),
            ('Applier a was stopped.', 'Applier a was stopped.'),
            ('took 3 s', '2 failed in 3 s'),
            ('took 3 s; c1: no', 'nothing done in 3 s; c1: no'),
            (
                'took 3 s; 1 host enabled again',
                '1 failed, 2 not started in 3 s; 1 host enabled again',
            ),
            (
                'took 3 s; web-1: full',
                '1 failed in 3 s; no hosts disabled, 1 could not be; '
                'web-1: full',
            ),
        ):
            self.assertEqual(expected, summary_reader.without_counts(text))


class RunningTest(testtools.TestCase):
    def test_all_that_there_can_be(self):
        self.assertEqual(
            summary_reader.Running(
                time_left='about 10 min to go',
                limits='100 in all, 2 a host, 2 a pool',
                notes='nothing that needs Nova starts: full; really',
                full='2 of 2 leave w112, 2 of 2 reach w113',
            ),
            summary_reader.running(
                '4 of 40 done (1 failed), 4 running, about 10 min to go; '
                'limits: 100 in all, 2 a host, 2 a pool; nothing that needs '
                'Nova starts: full; really; 30 wait: 2 of 2 leave w112, 2 of '
                '2 reach w113'
            ),
        )

    def test_what_is_not_told_is_empty(self):
        for message in ('4 of 40 done, 4 running', '4 of 40 done; 1 waits'):
            self.assertEqual(
                summary_reader.Running(),
                summary_reader.running(message),
                message,
            )

    def test_words_that_are_not_of_the_engine_tell_nothing(self):
        for message in ('', '3 to move; limits: of something'):
            self.assertEqual(
                summary_reader.Running(),
                summary_reader.running(message),
                message,
            )


class EndedTest(testtools.TestCase):
    def test_how_long_it_took_and_what_else(self):
        for message, took, rest in (
            ('39 succeeded in 10 min', '10 min', ''),
            ('nothing done in under 1 s', 'under 1 s', ''),
            (
                '3 succeeded, 1 not started in 1 h 2 min (fastest possible: '
                '59 min 3 s); 2 hosts enabled again; web-1: no route',
                '1 h 2 min (fastest possible: 59 min 3 s)',
                '2 hosts enabled again; web-1: no route',
            ),
            ('Action plan was cancelled', '', 'Action plan was cancelled'),
            ('1 succeeded in 3 s; 1 host disabled', '3 s', ''),
        ):
            self.assertEqual(
                summary_reader.Ended(took, rest), summary_reader.ended(message)
            )

    def test_what_was_written_before_the_end_tells_nothing(self):
        for message in (
            '',
            '3 to move',
            '1 host to enable',
            '3 of 4 done, 1 running',
            'One or more actions were skipped.',
        ):
            self.assertEqual(
                summary_reader.Ended(), summary_reader.ended(message), message
            )


class EnabledAgainTest(testtools.TestCase):
    def test_a_cancelled_plan_says_which_hosts_it_has_enabled(self):
        for expected, told in (
            ('c1 c2 c3', '3 hosts enabled again; web-1: c2 has no room'),
            (
                'c1',
                '1 host enabled again, c2, c3 left as somebody else has set '
                'it',
            ),
            (
                'c3',
                '1 host enabled again, c1 stays disabled for audit 7, c2 '
                'left as somebody else has set it; c3: no route',
            ),
            (
                'c1 c2',
                'c3 still disabled: Nova is away; enable_compute_nodes '
                'enables it; 2 hosts enabled again',
            ),
            # Which ones is not told.
            (
                '',
                '1 host enabled again, c7, c8, c9 and 2 more left as '
                'somebody else has set it',
            ),
            ('', '3 hosts disabled'),
            ('', 'c1 stays disabled for audit 7'),
        ):
            message = f'2 not started in 3 s; {told}'
            self.assertEqual(
                expected.split(),
                [
                    host
                    for host in ('c1', 'c2', 'c3')
                    if summary_reader.is_enabled_again(host, message)
                ],
                told,
            )

    def test_an_applier_that_was_stopped_has_enabled_them(self):
        self.assertTrue(
            summary_reader.is_enabled_again(
                'c1',
                'Action plan was cancelled because Applier a was stopped; '
                '1 host enabled again',
            )
        )
