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

from zone_migration.osc import plan_message


class RunningTest(testtools.TestCase):
    def test_all_that_there_can_be(self):
        self.assertEqual(
            plan_message.Running(
                time_left='about 10 min to go',
                limits='limits: 100 in all, 2 a host, 2 a pool',
                away='nothing that needs Nova starts: full; really',
                full='2 of 2 leave w112, 2 of 2 reach w113',
            ),
            plan_message.running(
                '4 of 40 done (1 failed), 4 running, about 10 min to go; '
                'limits: 100 in all, 2 a host, 2 a pool; nothing that needs '
                'Nova starts: full; really; 30 wait: 2 of 2 leave w112, 2 of '
                '2 reach w113'
            ),
        )

    def test_what_is_not_told_is_empty(self):
        for message in ('4 of 40 done, 4 running', '4 of 40 done; 1 waits'):
            self.assertEqual(
                plan_message.Running(), plan_message.running(message), message
            )

    def test_words_that_are_not_of_the_engine_tell_nothing(self):
        for message in ('', '3 to move; limits: of something'):
            self.assertEqual(
                plan_message.Running(), plan_message.running(message), message
            )


class EndedTest(testtools.TestCase):
    def test_how_long_it_took_and_what_else(self):
        for message, took, rest in (
            ('39 succeeded in 10 min', '10 min', ''),
            ('nothing done in under 1 s', 'under 1 s', ''),
            (
                '3 succeeded, 1 not started in 1 h 2 min, 1.03 x the bound; '
                '2 hosts enabled again; web-1: no route',
                '1 h 2 min, 1.03 x the bound',
                '2 hosts enabled again; web-1: no route',
            ),
            ('Action plan was cancelled', '', 'Action plan was cancelled'),
        ):
            self.assertEqual(
                plan_message.Ended(took, rest), plan_message.ended(message)
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
                plan_message.Ended(), plan_message.ended(message), message
            )
