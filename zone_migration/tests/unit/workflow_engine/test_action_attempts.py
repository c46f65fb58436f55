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

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.workflow_engine import action_attempts

LONG = 'Cinder could not migrate it; and why it could not; ' * 9
SINCE = '2026-11-28 03:14:05'


class ActionAttemptsTest(testtools.TestCase):
    def test_first_of_two_is_not_the_last(self):
        attempts = action_attempts.ActionAttempts('', 2)
        self.assertEqual((1, False), (attempts.number, attempts.is_last))
        attempts.fail('rolled back')
        self.assertEqual((2, True), (attempts.number, attempts.is_last))

    def test_they_fail_where_they_went(self):
        attempts = action_attempts.ActionAttempts('', 4)
        for place in ('c2', '', 'c3'):
            attempts.begin()
            if place:
                attempts.go_to(place)
            attempts.fail('rolled back')
        self.assertEqual(('c2', 'c3'), attempts.failed_at)

    def test_place_of_a_try_that_is_repeated_is_forgotten(self):
        attempts = action_attempts.ActionAttempts('', 2)
        attempts.go_to('c2')
        attempts.begin()
        attempts.fail('No valid host')
        self.assertEqual((), attempts.failed_at)

    def test_those_of_a_stopped_applier_count(self):
        for message in (
            'copying to c3 (attempt 2; attempt 1 to c2: no) (since '
            f'{SINCE})',
            'waits until the others have started (attempt 1 to c2: no)',
        ):
            attempts = action_attempts.ActionAttempts(message, 2)
            self.assertEqual(2, attempts.number, message)
            self.assertEqual(('c2',), attempts.failed_at)

    def test_one_beyond_the_number_of_now_is_the_last(self):
        message = 'waits (attempt 3: no)'
        self.assertTrue(action_attempts.ActionAttempts(message, 2).is_last)

    def test_names_and_reasons_tell_of_none(self):
        for name in (
            'data (attempt 7: x',
            'a (attempt 0: x',
            'a (attempt 7 to c3: x',
            'x; attempt 8 to c3: y',
        ):
            attempts = action_attempts.ActionAttempts('', 2)
            waits = action_text.waits_after('volume_update', name)
            for text in (
                attempts.waiting(waits),
                action_text.running(attempts.going_on(name), SINCE),
                f'Action failed in execute: {attempts.all_failed(name)}',
            ):
                read = action_attempts.ActionAttempts(text, 2)
                self.assertEqual(([], 1), (read.earlier, read.number), text)

    def test_long_ones_fit_and_are_read_again(self):
        attempts = action_attempts.ActionAttempts('', 10)
        for number in range(1, 10):
            attempts.go_to('block1@b1#b1')
            attempts.fail(LONG)
            for text in (
                action_text.running(attempts.going_on(LONG), SINCE),
                attempts.waiting(LONG),
                action_text.ended(
                    'Action failed in execute: '
                    + attempts.all_failed(LONG),
                    1234.5,
                    99999,
                    well=False,
                ),
            ):
                self.assertLessEqual(len(text), messages.LIMIT)
            read = action_attempts.ActionAttempts(
                action_text.running(attempts.going_on(LONG), SINCE), 10
            )
            self.assertEqual(number + 1, read.number)
            self.assertIn('block1@b1#b1', read.failed_at)

    def test_long_places_leave_them_to_be_read(self):
        for most in (2, 3, 4, 10):
            attempts = action_attempts.ActionAttempts('', most)
            for number in range(1, most):
                attempts.go_to(f'compute-{number}.' + 'rack-12.' * 30)
                attempts.fail('live migration failed; it is on compute-0')
            for text in (
                action_text.running(attempts.going_on(LONG), SINCE),
                attempts.waiting('waits until the others have started'),
            ):
                read = action_attempts.ActionAttempts(text, most)
                self.assertEqual(most, read.number, text)

    def test_without_any_texts_stay_as_they_are(self):
        attempts = action_attempts.ActionAttempts('copying to c2', 2)
        for text in (
            attempts.going_on('x'),
            attempts.waiting('x'),
            attempts.all_failed('x'),
        ):
            self.assertEqual('x', text)
