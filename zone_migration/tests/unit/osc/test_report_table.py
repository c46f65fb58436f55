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

import io
import os
import shutil
from unittest import mock

import testtools

from zone_migration.osc import report_table
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes


class Terminal(io.StringIO):
    def isatty(self):
        return True


class WrappedTest(testtools.TestCase):
    def wrapped(self, line, stream):
        size = os.terminal_size((20, 24))
        with mock.patch.object(
            shutil, 'get_terminal_size', autospec=True, return_value=size
        ):
            return report_table.wrapped(line, stream)

    def test_lines_break_between_words(self):
        self.assertEqual(
            'web-1: failed: no\n  valid host',
            self.wrapped('web-1: failed: no valid host', Terminal()),
        )

    def test_lines_keep_their_indent(self):
        self.assertEqual(
            '  one two three\n  fourth',
            self.wrapped('  one two three fourth', Terminal()),
        )

    def test_commands_and_names_are_not_broken(self):
        name = 'a-name-that-is-longer-than-a-line'
        self.assertEqual(
            f'web-1:\n  {name}', self.wrapped(f'web-1: {name}', Terminal())
        )

    def test_lines_are_whole_in_a_file(self):
        line = 'web-1: failed: no valid host'
        self.assertEqual(line, self.wrapped(line, io.StringIO()))


class CappedTest(testtools.TestCase):
    def below(self, **plan):
        """The lines of a plan whose cap has left out 4."""
        moved = fakes.action(state='SUCCEEDED')
        plan = {'message': '1 succeeded in 3 s', **plan}
        report = ended_plans.report(
            [moved], indicators={'left_out': 4}, **plan
        )
        return report_table.below(report)

    def test_what_the_cap_has_left_out_is_told_in_the_end(self):
        lines = self.below()
        self.assertIn('1 moved; 4 more left out by max_items.', lines[0])
        self.assertIn(
            "What is left: openstack optimize zone retry 'compute1 "
            "2026-11-28 03:14:00'",
            lines,
        )

    def test_a_message_that_tells_it_is_not_repeated(self):
        lines = self.below(
            state='RECOMMENDED',
            message='1 to move, 4 more left out by max_items',
        )
        self.assertEqual(
            1, '\n'.join(lines).count('left out by max_items'), lines
        )


class PinTest(testtools.TestCase):
    def test_server_that_has_moved_and_lost_its_pin_is_named(self):
        lost = 'not pinned to z1 again, as HTTP 503: PUT its pin'
        moved = fakes.action(
            state='SUCCEEDED',
            message=f'migrated from c1 to c2 ({lost}) in 3.0 s',
        )
        lines = report_table.below(ended_plans.report([moved]))
        self.assertEqual(f'web-1: {lost}', lines[0])
        self.assertIn('Remedy: pin it to the zone where it is: PUT', lines[1])

    def test_sums_have_those_that_were_down(self):
        moved = fakes.action(
            state='SUCCEEDED',
            message='migrated from c1 to c2 (down for 3 s) in 9.0 s',
        )
        (line, *_) = report_table.below(ended_plans.report([moved]))
        self.assertIn('1 moved, 1 with downtime', line)


class SortingTest(testtools.TestCase):
    def test_what_has_no_duration_comes_first(self):
        self.assertEqual(
            [None, 0.5, 12.0],
            [
                one.machine_readable()
                for one in sorted(map(report_table.Seconds, (12.0, None, 0.5)))
            ],
        )
