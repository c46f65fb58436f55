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

import argparse

import testtools

from zone_migration.osc import cells


class NumberTest(testtools.TestCase):
    def test_what_is_not_known_is_not_0(self):
        for value, human, machine in ((0, '0', 0), (None, '', 'unknown')):
            cell = cells.Number(value, 'unknown')
            self.assertEqual(
                (human, machine),
                (cell.human_readable(), cell.machine_readable()),
            )

    def test_what_is_not_known_is_sorted_first(self):
        numbers = [cells.Number(value, '') for value in (10, 0, None, 9)]
        self.assertEqual(
            ['', 0, 9, 10],
            [number.machine_readable() for number in sorted(numbers)],
        )

    def test_formats_without_a_word_for_nothing_are_left_empty(self):
        for expected, formatter in (
            (None, 'json'),
            (None, 'yaml'),
            ('', 'csv'),
            ('', 'value'),
        ):
            self.assertEqual(
                expected,
                cells.unknown(argparse.Namespace(formatter=formatter)),
                formatter,
            )
