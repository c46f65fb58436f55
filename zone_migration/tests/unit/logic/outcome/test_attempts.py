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

from zone_migration.logic.outcome import attempts

LONG = 'Cinder could not migrate it; ' + 'and why it could not; ' * 20


def attempt(number, text='rolled back', place=''):
    return attempts.Attempt(number, place, text)


class ToldTest(testtools.TestCase):
    def test_short_ones_leave_their_share_to_the_long_ones(self):
        told = attempts.told([attempt(1), attempt(2, LONG)], 195)
        self.assertTrue(told.startswith('attempt 1: rolled back; attempt 2: '))
        self.assertEqual(195, len(told))

    def test_two_long_ones_share_evenly(self):
        told = attempts.told([attempt(1, LONG), attempt(2, LONG)], 195)
        first, second = told.split('...; ')
        self.assertLessEqual(abs(len(first) + 3 - len(second)), 1)
        self.assertEqual(195, len(told))

    def test_of_many_the_first_and_the_last_are_told(self):
        told = attempts.told([attempt(n, LONG) for n in range(1, 11)], 195)
        self.assertEqual(
            [1, 8, 9, 10], [one.number for one in attempts.read(told)]
        )

    def test_place_of_any_length_leaves_something_of_the_reason(self):
        told = attempts.told([attempt(1, LONG, 'p' * 255)], 195)
        self.assertLessEqual(len(told), 195)
        self.assertIn(': Cinder could', told)


class BesideTest(testtools.TestCase):
    def test_it_fits(self):
        for text in ('copying to c2', LONG):
            for count in (1, 2, 9):
                earlier = [attempt(n, LONG) for n in range(1, count + 1)]
                told = attempts.beside(text, earlier, count + 1, 226)
                self.assertLessEqual(len(told), 226)
                self.assertTrue(told.endswith(')'))

    def test_short_attempts_leave_the_text_whole(self):
        text = 'waits: ' + 'w' * 150
        self.assertTrue(
            attempts.beside(text, [attempt(1)]).startswith(f'{text} (')
        )

    def test_what_was_told_is_read(self):
        earlier = [
            attempt(1, 'live migration failed (tried 2 times)', 'c2'),
            attempt(2, 'No valid host was found.; it is on c1'),
        ]
        for text in (
            attempts.beside('copying to c3', earlier, 3),
            attempts.beside('waits: 2 of 2 leave c1', earlier),
            attempts.beside('migrated from c1 to c2 (down for 3 s)', earlier),
            f'Action failed in execute: {attempts.told(earlier, 200)}',
            attempts.told(earlier, 200),
        ):
            self.assertEqual(earlier, attempts.read(text), text)


class ReadTest(testtools.TestCase):
    def test_attempt_that_goes_on_has_not_failed(self):
        text = 'copying to c3 (attempt 2; attempt 1 to c2: full)'
        self.assertEqual([attempt(1, 'full', 'c2')], attempts.read(text))
        self.assertEqual(2, attempts.number(text))

    def test_text_without_attempts_is_that_of_the_first(self):
        for text in ('', 'migrated from c1 to c2', 'in an attempt 5: no'):
            self.assertEqual([], attempts.read(text), text)
            self.assertEqual(1, attempts.number(text), text)
            self.assertEqual(text, attempts.last(text))

    def test_last_one_counts(self):
        self.assertEqual(
            'the server is in ERROR on c2',
            attempts.last(
                'Action failed in execute: attempt 1: rolled back; attempt 2 '
                'to c2: the server is in ERROR on c2'
            ),
        )
        self.assertEqual(
            'Action was skipped automatically: the server is gone',
            attempts.last(
                'Action was skipped automatically: the server is gone '
                '(attempt 1: rolled back)'
            ),
        )
