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

from zone_migration.logic.preflight import already_there


class AlreadyThereTest(testtools.TestCase):
    def assert_told(self, expected, *messages):
        for message in messages:
            self.assertEqual(expected, already_there.is_told(message), message)

    def test_what_is_written_is_read(self):
        for noun in ('server', 'volume'):
            self.assert_told(
                True,
                already_there.already_on(noun, 'c2'),
                already_there.has_type('fast'),
            )

    def test_the_words_of_an_action_that_was_looked_at_again_are_read(self):
        self.assert_told(
            True,
            'Action was skipped automatically: the server is already on c2',
        )

    def test_one_in_error_needs_a_person(self):
        self.assert_told(
            False,
            already_there.already_on('server', 'c2 (in ERROR)'),
            'Action was skipped automatically: '
            + already_there.already_on('server', 'c2 (in ERROR)'),
        )

    def test_what_is_at_a_third_place_is_not_there(self):
        for noun in ('server', 'volume'):
            self.assert_told(
                False,
                already_there.elsewhere(noun, 'h@c#c', 'h@a#a'),
                already_there.has_left(noun, 'c3', 'c1'),
            )

    def test_the_words_for_what_cannot_move_are_others(self):
        self.assert_told(
            False,
            '',
            'server 1 not found: deleted?',
            'the server is locked: unlock it, or set move_locked',
            'the server is busy on c1: rebooting; repeat it when that has '
            'ended',
            'the server is ERROR on c1, not ACTIVE',
            'it is on c1, outside of the scope of the audit: leave it out, '
            'or take another audit template',
            'its volume 1 cannot move: the volume is already on h@b#b',
        )
