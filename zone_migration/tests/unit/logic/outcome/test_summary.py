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

from zone_migration.logic.outcome import summary
from zone_migration.logic.schedule import scheduling

HOST = ('node', 'from', 'c1')


class SummaryTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.tasks = [
            scheduling.Task('first', barrier=True, expected=1.0),
            *(
                scheduling.Task(id_, slots=(HOST,), expected=100.0)
                for id_ in 'abc'
            ),
        ]
        self.summary = summary.Summary(self.tasks, {'node': 1}, 1000.0)

    def run_to_its_end(self, id_, state, begin, end):
        self.summary.began(id_, begin)
        self.summary.ended(id_, state, end)

    def test_nothing_is_forecast_before_anything_has_moved(self):
        self.run_to_its_end('first', 'SUCCEEDED', 1000.0, 1001.0)
        self.assertEqual(
            '1 of 4 done, 1 running',
            self.summary.progress(self.tasks[1:], 1, 1002.0),
        )

    def test_what_is_left_is_forecast_at_the_pace_of_what_has_moved(self):
        self.run_to_its_end('a', 'SUCCEEDED', 1000.0, 1060.0)
        self.summary.began('b', 1060.0)
        self.assertEqual(
            '1 of 4 done, 1 running, about 50 s to go',
            # b has 50 s to go; then c follows, on the same host.
            self.summary.progress(self.tasks[2:3], 1, 1000.0 + 70.0),
        )
        self.assertEqual(
            '1 of 4 done, 1 running, about 2 min to go',
            self.summary.progress(self.tasks[2:], 1, 1000.0 + 70.0),
        )

    def test_summary_names_the_first_failure_and_what_was_not_started(self):
        self.run_to_its_end('a', 'FAILED', 1000.0, 1060.0)
        self.summary.failed('a: no valid host')
        self.summary.ended('b', 'SKIPPED', 1060.0)
        self.summary.failed('later')
        self.assertEqual(
            '1 skipped, 1 failed, 2 not started in 1 min, '
            '1.00 x the bound; 1 host enabled again; a: no valid host',
            self.summary.final(1060.0, '1 host enabled again'),
        )

    def test_what_has_ended_is_counted_by_state(self):
        self.run_to_its_end('a', 'FAILED', 1000.0, 1060.0)
        self.summary.ended('b', 'SKIPPED', 1060.0)
        self.assertEqual(
            (1, 1, 0),
            tuple(
                self.summary[state]
                for state in ('FAILED', 'SKIPPED', 'SUCCEEDED')
            ),
        )
