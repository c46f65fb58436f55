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

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import capping


@dataclasses.dataclass
class Result:
    moves: bool


def keep(order, most, waits_for, needs=None):
    """What is kept, where some move only along with others."""

    def evaluate(keys):
        return {
            key: Result(waits_for.get(key, key) in keys) for key in keys
        }

    return ''.join(capping.keep(order, most, needs or {}, evaluate))


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
        self.assertEqual(
            'c', keep('abc', 1, {'a': 'c'}, needs={'b': ['a']})
        )

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
