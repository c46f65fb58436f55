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

from zone_migration.osc import move_rows
from zone_migration.tests.unit.osc import fakes


class ShareTest(testtools.TestCase):
    def share(self, seconds, message='', type='cold_migration', **parameters):
        action = fakes.action(type=type, message=message, **parameters)
        return move_rows.share_done(action, seconds)

    def test_memory_is_exact(self):
        self.assertEqual(
            (0.75, False),
            self.share(
                3.0,
                'copying to c2, memory 0.5 of 2.0 GiB left',
                'live_migration',
                expected_duration=100,
            ),
        )

    def test_more_memory_than_there_was_is_nothing_done(self):
        self.assertEqual(
            (0.0, False), self.share(3.0, 'memory 3.0 of 2.0 GiB left')
        )

    def test_time_is_an_estimate(self):
        self.assertEqual((0.25, True), self.share(25.0, expected_duration=100))

    def test_what_takes_longer_than_expected_has_none(self):
        self.assertEqual((None, True), self.share(100, expected_duration=100))

    def test_a_live_migration_that_copies_no_memory_yet_has_none(self):
        self.assertEqual(
            (None, True),
            self.share(
                25.0,
                'queued behind 1 other live migration of c1',
                'live_migration',
                expected_duration=100,
            ),
        )

    def test_nothing_tells_it(self):
        self.assertEqual((None, True), self.share(5.0))
        self.assertEqual((None, True), self.share(5.0, expected_duration=0))
        self.assertEqual((None, True), self.share(None, expected_duration=9))
