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

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import messages


class FitTest(testtools.TestCase):
    def test_text_that_fits_is_kept(self):
        self.assertEqual('x' * 255, messages.fit('x' * 255))

    def test_long_text_is_cut_at_its_end(self):
        self.assertEqual('x' * 252 + '...', messages.fit('x' * 256))

    def test_lines_become_one(self):
        self.assertEqual('one two', messages.fit('one\n\ttwo '))

    @hypothesis.given(st.text())
    def test_any_text_fits_the_column(self, text):
        self.assertLessEqual(len(messages.fit(text)), 255)

    def test_no_control_character_is_left(self):
        self.assertEqual('a\\x1b[2Jb', messages.fit('a\x1b[2Jb'))


class FitEndTest(testtools.TestCase):
    def test_text_that_fits_is_kept(self):
        self.assertEqual('one; two', messages.fit_end('one; \n two', 8))

    def test_last_part_is_kept(self):
        self.assertEqual(
            'fir...; the last', messages.fit_end('first; second; the last', 16)
        )

    def test_start_that_is_needed_is_kept_before(self):
        for start, expected in ((3, 'fir...; end'), (4, 'first; s...')):
            self.assertEqual(
                expected, messages.fit_end('first; second; end', 11, start)
            )

    def test_text_of_one_part_is_cut_at_its_end(self):
        self.assertEqual('fir...', messages.fit_end('first part', 6))

    @hypothesis.given(st.text(), st.text(), st.integers(3, 50))
    def test_any_text_fits(self, first, last, limit):
        text = messages.fit_end(f'{first}; {last}', limit)
        self.assertLessEqual(len(text), limit)


class EscapedTest(testtools.TestCase):
    def test_text_of_any_language_is_kept(self):
        for text in ('web-1', 'サーバ　一', 'naïve\xa0✓', 'क्\u200dष', ''):
            self.assertEqual(text, messages.escaped(text))

    def test_control_characters_are_shown(self):
        for text, shown in (
            ('a\nb', r'a\nb'),
            ('a\r\tb', r'a\r\tb'),
            ('a\x1b[31mb', r'a\x1b[31mb'),
            ('a\x85b', r'a\x85b'),
            ('a\u2028b\u2029c', r'a\u2028b\u2029c'),
            ('a\ud800b', r'a\ud800b'),
            ('a\u202eb\u2066c\u200fd', r'a\u202eb\u2066c\u200fd'),
        ):
            self.assertEqual(shown, messages.escaped(text))

    @hypothesis.given(st.text())
    def test_it_never_begins_a_line(self, text):
        self.assertLessEqual(len(messages.escaped(text).splitlines()), 1)


class NoneSuchTest(testtools.TestCase):
    def test_names_that_are_there_begin_no_line(self):
        self.assertEqual(
            r"there is no volume type 'x'; there are a\nb",
            messages.none_such('volume type', 'x', ['a\nb']),
        )


class FitAllTest(testtools.TestCase):
    def test_texts_that_fit_are_joined(self):
        self.assertEqual('one; two', messages.fit_all(['one', 'two']))

    def test_those_that_do_not_fit_are_counted(self):
        self.assertEqual(
            'one; 2 more', messages.fit_all(['one', 'two', 'three'], limit=14)
        )

    def test_one_that_is_too_long_is_cut(self):
        self.assertEqual(
            '2 faults, the first: x...',
            messages.fit_all(['x' * 30, 'y'], limit=25),
        )

    def test_texts_may_come_one_by_one(self):
        self.assertEqual('a; b', messages.fit_all(iter(['a', 'b'])))

    @hypothesis.given(st.lists(st.text(), min_size=1))
    def test_any_texts_fit_the_column(self, texts):
        self.assertLessEqual(len(messages.fit_all(texts)), 255)
