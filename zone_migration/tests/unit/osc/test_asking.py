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

import os
import pty
import select
import types

from osc_lib import exceptions
import testtools

from zone_migration.osc import asking
from zone_migration.tests.unit.osc import fakes


def app(typed, is_terminal=True):
    stdin, stdout = fakes.Stream(typed), fakes.Stream()
    stdin.is_terminal = stdout.is_terminal = is_terminal
    return types.SimpleNamespace(stdin=stdin, stdout=stdout)


class AskingTest(testtools.TestCase):
    def test_only_yes_is_yes(self):
        for typed, expected in (
            ('y\n', True),
            (' YES \n', True),
            ('\n', False),
            ('n\n', False),
            ('yesterday\n', False),
            ('', False),
        ):
            self.assertEqual(
                expected, asking.confirm(app(typed), 'Start?'), typed
            )

    def test_the_question_is_shown(self):
        asked = app('y\n')
        asking.confirm(asked, 'Start?')
        self.assertEqual('Start? [y/N] ', asked.stdout.getvalue())

    def test_the_line_ends_when_the_input_does(self):
        asked = app('')
        asking.ask(asked, 'Start?')
        self.assertEqual('Start? \n', asked.stdout.getvalue())

    def test_what_was_typed_before_the_question_is_no_answer(self):
        keyboard, line = pty.openpty()
        self.addCleanup(os.close, keyboard)
        os.write(keyboard, b'y\n')
        select.select([line], [], [], 10)

        class Screen(fakes.Stream):
            def flush(self):
                os.write(keyboard, b'n\n')

        screen = Screen()
        screen.is_terminal = True
        with os.fdopen(line) as stdin:
            asked = types.SimpleNamespace(stdin=stdin, stdout=screen)
            self.assertFalse(asking.confirm(asked, 'Start?'))

    def test_without_a_terminal_the_option_is_named(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            '--yes',
            asking.confirm,
            app('y\n', is_terminal=False),
            'Start?',
        )
