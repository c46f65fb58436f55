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
import types

import fixtures
import testtools

from zone_migration.osc import terminal
from zone_migration.tests.unit.osc import fakes


class CanDrawTest(testtools.TestCase):
    def can_draw(self, is_terminal=True, term='xterm', **options):
        self.useFixture(fixtures.EnvironmentVariable('TERM', term))
        stdout = fakes.Stream()
        stdout.is_terminal = is_terminal
        return terminal.can_draw(
            types.SimpleNamespace(
                stdout=stdout, options=types.SimpleNamespace(**options)
            )
        )

    def test_on_a_terminal(self):
        self.assertTrue(self.can_draw())

    def test_not_into_a_file(self):
        self.assertFalse(self.can_draw(is_terminal=False))

    def test_not_on_a_dumb_one(self):
        for term in ('dumb', 'unknown', None):
            self.assertFalse(self.can_draw(term=term), term)

    def test_not_among_the_lines_of_a_log(self):
        self.assertFalse(self.can_draw(debug=True))
        self.assertFalse(self.can_draw(verbose_level=3))


class WidthTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.output = fakes.Stream()
        self.output.is_terminal = True

    def set_width(self, columns):
        self.useFixture(fixtures.EnvironmentVariable('COLUMNS', columns))

    def test_it_is_that_of_the_terminal(self):
        self.set_width('72')
        self.assertEqual(72, terminal.width(self.output))

    def test_a_terminal_that_is_too_narrow_for_words(self):
        self.set_width('3')
        self.assertEqual(20, terminal.width(self.output))

    def test_a_file_has_none(self):
        self.assertIsNone(terminal.width(fakes.Stream()))

    def test_lines_are_broken_between_words(self):
        self.set_width('20')
        terminal.write(self.output, '  a line of-some 20 columns')
        self.assertEqual(
            '  a line of-some 20\n    columns\n', self.output.getvalue()
        )

    def test_characters_of_east_asia_take_two_columns(self):
        self.set_width('20')
        terminal.write(self.output, 'サーバ-1 サーバ-2 サーバ-3')
        self.assertEqual(
            'サーバ-1 サーバ-2\n  サーバ-3\n', self.output.getvalue()
        )

    def test_blanks_need_no_second_line(self):
        self.assertEqual('', terminal.wrapped(' ' * 40, 20))

    def test_lines_of_a_file_stay_whole(self):
        line = 'a line of some words ' * 9
        output = fakes.Stream()
        terminal.write(output, line)
        self.assertEqual(f'{line}\n', output.getvalue())

    def test_a_command_to_copy_stays_whole(self):
        self.set_width('20')
        terminal.write_command(self.output, 'To see it:', "watch 'rack 7'")
        self.assertEqual(
            "To see it:\n  watch 'rack 7'\n", self.output.getvalue()
        )

    def test_a_short_command_needs_no_line_of_its_own(self):
        self.set_width('80')
        terminal.write_command(self.output, 'To see it:', "watch 'rack 7'")
        self.assertEqual("To see it: watch 'rack 7'\n", self.output.getvalue())


class WriteAnyCharacterTest(testtools.TestCase):
    def written(self, is_terminal=True, **locale):
        for name in ('LC_ALL', 'LC_CTYPE', 'LANG'):
            self.useFixture(
                fixtures.EnvironmentVariable(name, locale.get(name))
            )
        raw = io.BytesIO()
        output = io.TextIOWrapper(raw, encoding='utf-8')
        output.isatty = lambda: is_terminal
        terminal.write_any_character(output)
        output.write('サ')
        output.flush()
        return raw.getvalue().decode()

    def test_utf8_where_the_locale_has_it(self):
        for locale in (
            {'LANG': 'en_GB.UTF-8'},
            {'LC_ALL': 'C.UTF-8', 'LANG': 'C'},
            {'LC_CTYPE': 'ja_JP.utf8'},
        ):
            self.assertEqual('サ', self.written(**locale), locale)

    def test_ascii_where_it_has_not(self):
        for locale in (
            {},
            {'LANG': 'C'},
            # Python's own doing.
            {'LANG': 'C', 'LC_CTYPE': 'C.UTF-8'},
            {'LC_ALL': 'POSIX', 'LANG': 'en_GB.UTF-8'},
        ):
            self.assertEqual('\\u30b5', self.written(**locale), locale)

    def test_a_file_gets_what_python_writes(self):
        self.assertEqual('サ', self.written(is_terminal=False, LANG='C'))

    def test_no_character_ends_it(self):
        raw = io.BytesIO()
        output = io.TextIOWrapper(raw, encoding='latin-1')
        terminal.write_any_character(output)
        output.write('サ\udc80')
        output.flush()
        self.assertEqual(b'\\u30b5\\udc80', raw.getvalue())

    def test_what_is_no_file_is_left_as_it_is(self):
        self.assertIsNone(terminal.write_any_character(io.StringIO()))
