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

import dataclasses
import random

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic.preflight import max_items


@dataclasses.dataclass
class Result:
    moves: bool


def keep(order, most, waits_for, needs=None):
    """What is kept, where some move only along with others."""

    def evaluate(keys):
        return {key: Result(waits_for.get(key, key) in keys) for key in keys}

    return ''.join(max_items.keep(order, most, needs or {}, evaluate))


class Tries:
    """Evaluates as a cloud does: who waits for one that stays, stays."""

    def __init__(self, waits_for):
        self.waits_for = waits_for
        #: How many were evaluated each time.
        self.sizes = []

    def __call__(self, keys):
        self.sizes.append(len(keys))
        moving = set(keys)
        while stuck := {
            key for key in moving if self.waits_for.get(key, key) not in moving
        }:
            moving -= stuck
        return {key: Result(key in moving) for key in keys}


class KeepTest(testtools.TestCase):
    def test_the_first_are_kept(self):
        self.assertEqual('ab', keep('abcd', 2, {}))

    def test_place_goes_to_the_next_that_can_move(self):
        self.assertEqual('bd', keep('abcd', 2, {'a': 'e', 'c': 'e'}))

    def test_given_up_is_tried_again(self):
        self.assertEqual('ca', keep('abc', 2, {'a': 'c', 'b': 'c'}))

    def test_chain_is_kept_from_its_end(self):
        self.assertEqual(
            set('cde'),
            set(keep('abcde', 3, {'a': 'b', 'b': 'c', 'c': 'd', 'd': 'e'})),
        )

    def test_nothing_is_kept_without_what_it_needs(self):
        self.assertEqual('c', keep('abc', 1, {'a': 'c'}, needs={'b': ['a']}))

    def test_none_is_kept_where_each_waits_for_another(self):
        self.assertEqual('', keep('ab', 1, {'a': 'b', 'b': 'a'}))

    @hypothesis.given(
        st.dictionaries(
            st.sampled_from('abcdefgh'), st.sampled_from('abcdefgh')
        ),
        st.integers(1, 8),
    )
    def test_all_that_is_kept_moves(self, waits_for, most):
        kept = keep('abcdefgh', most, waits_for)
        self.assertLessEqual(len(kept), most)
        for key in kept:
            self.assertIn(waits_for.get(key, key), kept)

    @hypothesis.given(
        st.permutations('abcdefgh'),
        st.dictionaries(st.sampled_from('bcdefgh'), st.just(0)),
        st.integers(1, 8),
    )
    def test_places_are_left_only_where_no_more_can_move(
        self, order, waiting, most
    ):
        # Each waits for the letter before it, so that all can move.
        waits_for = {key: chr(ord(key) - 1) for key in waiting}
        kept = max_items.keep(order, most, {}, Tries(waits_for))
        self.assertEqual(most, len(kept))
        for key in kept:
            self.assertIn(waits_for.get(key, key), kept)

    def test_what_takes_the_capacity_of_what_is_kept_is_left_out(self):
        def evaluate(keys):
            return {
                key: Result(
                    key not in 'bc' and not (key == 'a' and 'd' in keys)
                )
                for key in keys
            }

        for order, most, kept in (('abedf', 3, 'aef'), ('abcde', 3, 'ae')):
            found = max_items.keep(order, most, {}, evaluate)
            self.assertEqual(kept, ''.join(found))


class EffortTest(testtools.TestCase):
    def test_tries_are_few_where_those_that_wait_come_before_the_others(self):
        # n can move, n wait for one each of those that come last.
        for n, most_tries in ((10, 8), (100, 12), (1000, 16)):
            free = range(n)
            order = [*free, *range(-n, 0), *range(-2 * n, -n)]
            tries = Tries({key: key - n for key in range(-n, 0)})
            kept = max_items.keep(order, n + 1, {}, tries)
            self.assertEqual([*free, -2 * n], list(kept))
            self.assertLessEqual(len(tries.sizes), most_tries)

    def test_tries_end_with_what_is_kept_until_then(self):
        # Each waits for the one with the next number; one waits for none.
        n = 3000
        order = list(range(n))
        random.Random(1).shuffle(order)
        tries = Tries({key: key + 1 for key in range(n - 1)})
        kept = max_items.keep(order, n // 2, {}, tries)
        self.assertEqual(set(range(n - len(kept), n)), set(kept))
        self.assertNotEqual({}, kept)
        self.assertLessEqual(sum(tries.sizes[:-1]), 4 * n + 10_000)
