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

import itertools

import testtools

from zone_migration.logic.outcome import states

ALL = (
    states.PENDING,
    states.ONGOING,
    states.SUCCEEDED,
    states.FAILED,
    states.SKIPPED,
    states.CANCELLING,
    states.CANCELLED,
)

ALLOWED = {
    ('PENDING', 'ONGOING'),
    ('PENDING', 'SKIPPED'),
    ('PENDING', 'FAILED'),
    ('PENDING', 'CANCELLED'),
    ('ONGOING', 'SUCCEEDED'),
    ('ONGOING', 'FAILED'),
    ('ONGOING', 'CANCELLING'),
    ('ONGOING', 'PENDING'),
    ('CANCELLING', 'CANCELLED'),
    ('CANCELLING', 'SUCCEEDED'),
    ('CANCELLING', 'FAILED'),
    ('SUCCEEDED', 'FAILED'),
}


class StatesTest(testtools.TestCase):
    def test_each_pair_of_states_is_allowed_or_refused(self):
        refused = set()
        for old, new in itertools.product(ALL, ALL):
            try:
                states.check(old, new)
            except states.ImpossibleTransition:
                refused.add((old, new))
        self.assertEqual(set(itertools.product(ALL, ALL)) - ALLOWED, refused)

    def test_each_state_has_a_row(self):
        self.assertEqual(set(ALL), set(states.TRANSITIONS))

    def test_refusal_names_both_states(self):
        error = self.assertRaises(
            states.ImpossibleTransition, states.check, 'FAILED', 'ONGOING'
        )
        self.assertEqual(
            'an action that is FAILED cannot become ONGOING', str(error)
        )
        self.assertEqual(('FAILED', 'ONGOING'), (error.old, error.new))

    def test_children_start_after_success_and_after_nothing_to_do_only(self):
        self.assertEqual(
            {states.SUCCEEDED, states.SKIPPED},
            {state for state in ALL if states.lets_children_start(state)},
        )

    def test_children_do_not_start_after_one_that_could_not_start(self):
        orphan = 'depends on action x, which is FAILED'
        self.assertFalse(
            states.lets_children_start(states.SKIPPED, message=orphan)
        )
        self.assertTrue(
            states.lets_children_start(
                states.SKIPPED, must_succeed=False, message=orphan
            )
        )

    def test_children_start_after_any_end_where_parents_only_come_first(self):
        ended = {state for state in ALL if states.has_ended(state)}
        self.assertEqual(
            ended,
            {
                state
                for state in ended
                if states.lets_children_start(state, must_succeed=False)
            },
        )

    def test_what_is_pending_or_at_work_has_not_ended(self):
        self.assertEqual(
            {states.PENDING, states.ONGOING, states.CANCELLING},
            {state for state in ALL if not states.has_ended(state)},
        )
