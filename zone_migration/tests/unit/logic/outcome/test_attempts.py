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
from zone_migration.logic.outcome import attempts

LONG = 'Cinder could not migrate it, ' + 'and why it could not, ' * 20
REMEDY = (
    'the server is in ERROR on compute2, but its guest runs there: openstack '
    'server set --state active 9827ce18-6c4e-4b1e-9d5c-0a2e6f1f7a11'
)
#: What somebody may call a server or a host, and Nova a reason.
WORDS = st.lists(
    st.sampled_from(
        'attempt|1|2|7| to |c2|: |; |, |(|)| |%|%20|...|no|\n|\u2028|é'.split(
            '|'
        )
    ),
    max_size=12,
).map(''.join)


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

    def test_the_last_keeps_the_remedy_at_its_end(self):
        for first in ('rolled back', LONG):
            told = attempts.told(
                [
                    attempt(1, first, 'compute2'),
                    attempt(2, f'{LONG}; {REMEDY}', 'compute3'),
                ],
                195,
            )
            self.assertTrue(told.endswith(f'...; {REMEDY}'), told)
            self.assertLessEqual(len(told), 195)
            self.assertEqual(
                ['compute2', 'compute3'],
                [one.place for one in attempts.read(told)],
            )

    def test_of_many_the_first_and_the_last_are_told(self):
        told = attempts.told([attempt(n, LONG) for n in range(1, 11)], 195)
        self.assertEqual(
            [1, 8, 9, 10], [one.number for one in attempts.read(told)]
        )

    def test_one_without_a_reason_is_read(self):
        for nothing in ('', ' \n'):
            told = attempts.told(
                [attempt(1, nothing, 'c2'), attempt(2, nothing, 'c3')], 195
            )
            self.assertEqual(
                [attempt(1, '...', 'c2'), attempt(2, '...', 'c3')],
                attempts.read(told),
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

    def test_what_was_done_is_told_before_why_it_was(self):
        host, other = 'c' * 28, 'd' * 28
        why = f'live migration failed; the server is ACTIVE on {host}'
        told = attempts.beside(
            f'migrated from {host} to {other} (down for 34 s; {why})',
            [attempt(1, f'Unable to pre-create chardev file; {why}', other)],
            2,
            226,
        )
        self.assertIn(f'to {other} (down for', told)

    @hypothesis.given(
        st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=10),
        WORDS,
        st.booleans(),
    )
    @hypothesis.settings(deadline=None)
    def test_nothing_else_is_read_as_an_attempt(self, failed, text, goes_on):
        earlier = [
            attempt(number, f'no {text}', place)
            for number, (text, place) in enumerate(failed, 1)
        ]
        number = len(earlier) + 1
        told = messages.fit(
            attempts.beside(text, earlier, number * goes_on, 226)
        )
        self.assertLessEqual(len(told), 226)
        self.assertEqual(number - 1, attempts.read(told)[-1].number, told)
        self.assertEqual(number - 1 + goes_on, attempts.number(told), told)
        told = attempts.told(earlier, 195)
        self.assertLessEqual(len(told), 195)
        self.assertEqual(number - 1, attempts.read(told)[-1].number, told)
        self.assertEqual([], attempts.read(attempts.beside(text, [])))

    def test_any_place_that_is_not_too_long_is_read(self):
        for place in ('block1@unity#My pool', 'a@b#c: (d), 100 %; e'):
            told = attempts.beside('waits', [attempt(1, 'no', place)])
            self.assertEqual([attempt(1, 'no', place)], attempts.read(told))


class IsAmongTest(testtools.TestCase):
    def test_place_that_is_whole_is_no_other(self):
        self.assertTrue(attempts.is_among('c1', ('c2', 'c1')))
        self.assertFalse(attempts.is_among('c11', ('c2', 'c1')))
        self.assertFalse(attempts.is_among('c1', ()))

    def test_place_that_was_cut_again_and_again_is_found(self):
        for length in (3, 22, 41):
            host = 'compute-0113.rack07.dc1.' + 'x.' * length
            other = host.replace('0113', '0114')
            failed = [attempt(n, LONG, host) for n in (1, 2, 3)]
            for limit in (195, 160, 150):
                failed = attempts.read(attempts.told(failed, limit))
                for one in failed:
                    self.assertTrue(attempts.is_among(host, [one.place]))
                    self.assertFalse(attempts.is_among(other, [one.place]))


class ReadTest(testtools.TestCase):
    def test_name_alone_tells_of_no_attempt(self):
        for name in ('web (attempt 2)', 'web (attempt 2), db; attempt 3'):
            self.assertEqual(1, attempts.number(f'c1 holds: {name}'))

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
