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

from zone_migration.logic.audit import params
from zone_migration.logic.preflight import already_there
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import results


def report(*texts):
    """The results of servers that are to be left as they are."""
    return results.Report(
        [
            results.Result(
                params.ServerItem('s', 'active'), decisions.skip(text)
            )
            for text in texts
        ]
    )


class ReportTest(testtools.TestCase):
    def test_what_is_where_it_is_to_go_is_there_already(self):
        found = report(
            already_there.already_on('server', 'c2'),
            already_there.has_type('fast'),
        )
        self.assertEqual(2, found.already_there)
        self.assertEqual([], found.stuck)

    def test_what_needs_a_person_cannot_move(self):
        for text in (
            already_there.already_on('server', 'c2 (in ERROR)'),
            already_there.elsewhere('server', 'c3', 'c1'),
            already_there.has_left('volume', 'h@b#b', 'h@a#a'),
        ):
            found = report(text)
            self.assertEqual(0, found.already_there, text)
            self.assertEqual(1, len(found.stuck), text)

    def test_each_is_counted_once(self):
        kinds = (
            decisions.START,
            decisions.adopt('in flight'),
            decisions.skip(already_there.already_on('server', 'c2')),
            decisions.skip(already_there.elsewhere('server', 'c3', 'c1')),
            decisions.refuse('the server is locked'),
        )
        found = results.Report(
            [
                results.Result(params.ServerItem('s', 'active'), decision)
                for decision in kinds
            ]
        )
        self.assertEqual(
            (2, 1, 2),
            (found.to_move, found.already_there, len(found.stuck)),
        )
