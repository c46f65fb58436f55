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

from zone_migration.logic.outcome import skips
from zone_migration.logic.preflight import already_there


class KeptTest(testtools.TestCase):
    def test_reasons_of_what_was_skipped_outlive_a_cancel(self):
        for message in (
            'the server is already on c2',
            'the server is locked: unlock it',
            'Action skipped by user. Reason: not tonight',
        ):
            self.assertTrue(skips.is_kept(message), message)

    def test_what_has_run_or_waited_was_not_skipped(self):
        for message in (
            '',
            'the server is back on c1 (after 3.0 s)',
            'copying to c2 (since 2026-11-28 03:14:05)',
            'not started: the plan was cancelled',
            'waits: 2 of 2 leave c1',
            'waits until 03:20 UTC: No valid host was found',
            'cancelled before it was started: Nova is away',
            'the applier on c1 was stopped while it cancelled this',
            'Action was cancelled because Applier c1 was stopped while the '
            'action plan was ongoing.',
        ):
            self.assertFalse(skips.is_kept(message), message)


class KindTest(testtools.TestCase):
    def test_what_was_known_before_the_plan_was_started(self):
        for message in (
            'the server is locked: unlock it, or set move_locked',
            already_there.elsewhere('server', 'c3', 'c1'),
            already_there.already_on('server', 'c2 (in ERROR)'),
        ):
            self.assertEqual('cannot move', skips.kind(message), message)

    def test_what_was_found_while_the_plan_ran(self):
        for message in (
            'Action was skipped automatically: '
            + already_there.has_left('server', 'c3', 'c1'),
            'depends on action 4a1c, which is FAILED',
            '',
        ):
            self.assertEqual('skipped', skips.kind(message), message)

    def test_what_is_there_is_there_whenever_it_was_found(self):
        there = already_there.already_on('volume', 'h@b#b')
        for before in ('', 'Action was skipped automatically: '):
            self.assertEqual('already there', skips.kind(before + there))

    def test_a_reason_of_a_user_is_no_other(self):
        self.assertEqual(
            'left out',
            skips.kind('Action skipped by user. Reason: it is already on c2'),
        )
