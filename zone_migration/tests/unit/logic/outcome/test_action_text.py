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

from zone_migration.logic.outcome import action_text


class ActionTextTest(testtools.TestCase):
    def test_what_is_written_is_read(self):
        for written, read in (
            (
                action_text.running('queued', '2026-11-28 03:14:05'),
                action_text.ActionText('queued', since='2026-11-28 03:14:05'),
            ),
            (
                action_text.ended('done', 754.26),
                action_text.ActionText('done', took=754.3),
            ),
            (
                action_text.ended('done', 0.5, 1.2, 'block1@b1#b1'),
                action_text.ActionText(
                    'done', took=0.5, waited=1.0, waited_for='block1@b1#b1'
                ),
            ),
            (
                action_text.ended('no (1) in 3', 2, 9, 'a b', well=False),
                action_text.ActionText(
                    'no (1) in 3', took=2.0, waited=9.0, waited_for='a b'
                ),
            ),
        ):
            self.assertEqual(read, action_text.read(written), written)

    def test_only_the_last_cause_of_a_wait_is_told(self):
        self.assertEqual(
            'done in 5.0 s, waited 7200 s, last for c9',
            action_text.ended('done', 5, 7200, 'c9'),
        )

    def test_a_message_without_the_word_last_is_read(self):
        for message in (
            'done in 5.0 s, waited 40 s for c9',
            'done (after 5.0 s, waited 40 s for c9)',
        ):
            self.assertEqual(
                action_text.ActionText(
                    'done', took=5.0, waited=40.0, waited_for='c9'
                ),
                action_text.read(message),
                message,
            )

    def test_the_reason_of_a_user_is_not_taken_apart(self):
        for reason in (
            'owner reboots it in 30 s',
            'it is slow (after 5 s)',
            'it was left (since 2026-11-28 03:14:05)',
        ):
            message = f'Action skipped by user. Reason: {reason}'
            self.assertEqual(
                action_text.ActionText(message),
                action_text.read(message),
                reason,
            )

    def test_times_are_in_both_brackets_or_in_none(self):
        for message in (
            'not before noon (after 5 s',
            'not before noon (after 5.0 s, waited 4 s',
            'moved (in 5.0 s)',
        ):
            self.assertEqual(
                action_text.ActionText(message),
                action_text.read(message),
                message,
            )

    def test_a_cause_may_end_in_a_bracket(self):
        for well in (True, False):
            written = action_text.ended('done', 5, 4, 'pool (old)', well)
            self.assertEqual(
                'pool (old)', action_text.read(written).waited_for, written
            )

    def test_a_long_reason_does_not_cut_how_long_it_took(self):
        written = action_text.ended('x' * 300, 12.3, 40, 'w112', well=False)
        self.assertEqual(255, len(written))
        read = action_text.read(written)
        self.assertEqual((12.3, 40.0), (read.took, read.waited))

    def test_a_reason_that_fits_is_not_cut_for_what_was_waited_for(self):
        for length, waited, cause in (
            (200, 40.0, 'w112'),
            (225, 40.0, ''),
            (237, 0.0, ''),
        ):
            reason = 'x' * length
            read = action_text.read(
                action_text.ended(reason, 12.3, 40, 'w112', well=False)
            )
            self.assertEqual(
                (reason, 12.3, waited, cause),
                (read.text, read.took, read.waited, read.waited_for),
                length,
            )

    def test_a_long_name_of_a_pool_leaves_room_for_the_text(self):
        written = action_text.ended('done', 1, 40, 'h@b#' + 'p' * 300)
        self.assertLess(len(written), 130)
        self.assertEqual('done', action_text.read(written).text)

    def test_no_name_begins_a_line(self):
        name = 'web\n2026 ERROR'
        for written in (
            action_text.ended(name, 1, 40, name),
            action_text.waits_after('live_migration', name),
            action_text.waits_for(1, 1, ('node', 'to', name)),
        ):
            self.assertTrue(written.isprintable(), written)

    def test_what_is_neither_server_nor_volume_ends_first(self):
        self.assertEqual(
            'waits: nop 81d0a86f ends first',
            action_text.waits_after('nop', 'nop 81d0a86f'),
        )
        self.assertEqual(
            ['another server', 'another action', 'a host to be disabled'],
            [
                action_text.waited_after(kind)
                for kind in (
                    'cold_migration',
                    'nop',
                    'change_nova_service_state',
                )
            ],
        )

    def test_a_text_that_tells_nothing_is_the_text(self):
        for text in ('', 'moved in 2017', 'waits: 2 of 2 leave w112'):
            self.assertEqual(
                action_text.ActionText(text), action_text.read(text)
            )

    def test_memory_is_a_share(self):
        self.assertEqual(
            0.5, action_text.memory_copied('x, memory 64 of 128 MiB left')
        )
        self.assertIsNone(action_text.memory_copied('copying to c2'))
