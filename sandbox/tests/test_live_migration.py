# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import unittest

from sandbox.drivers import live_migration


class TestPartCopied(unittest.TestCase):
    def test_grows_with_time_and_ends_at_one(self):
        self.assertEqual([0.0, 0.25, 1.0, 1.0], [
            live_migration.part_copied(elapsed, 4, 'ok')
            for elapsed in (0, 1, 4, 9)])

    def test_nothing_to_copy_is_done_at_once(self):
        self.assertEqual(1.0, live_migration.part_copied(0, 0, 'ok'))

    def test_hanging_stays_half_way(self):
        self.assertEqual(0.5, live_migration.part_copied(99, 4, 'hang'))
        self.assertEqual(0.5, live_migration.part_copied(0, 0, 'hang'))


class TestOutcome(unittest.TestCase):
    def outcome(self, part, result='ok', abort=False, force_complete=False):
        return live_migration.outcome(part, result, abort, force_complete)

    def test_goes_on_until_all_is_copied(self):
        self.assertEqual('go_on', self.outcome(0.99))
        self.assertEqual('complete', self.outcome(1.0))

    def test_failures_come_half_way(self):
        for result in ('fail', 'raise'):
            self.assertEqual('go_on', self.outcome(0.4, result))
            self.assertEqual(result, self.outcome(0.5, result))

    def test_abort_cancels_what_hangs(self):
        self.assertEqual('cancel', self.outcome(0.5, 'hang', abort=True))

    def test_force_complete_completes_what_hangs(self):
        self.assertEqual('complete', self.outcome(
            0.5, 'hang', force_complete=True))


class TestFigures(unittest.TestCase):
    def test_processed_and_remaining_add_up(self):
        self.assertEqual(live_migration.Figures(1001, 333, 668),
                         live_migration.figures(1001, 1 / 3))
