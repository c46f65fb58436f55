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

from zone_migration.osc import applier_clock


class ApplierClockTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.now = 100.0
        self.clock = applier_clock.ApplierClock(lambda: self.now)

    def test_nothing_is_known_before_a_time_is_heard(self):
        self.assertIsNone(self.clock.seconds_since('2026-11-28 03:14:05'))
        self.clock.heard('')
        self.assertIsNone(self.clock.seconds_since('2026-11-28 03:14:05'))

    def test_no_time_is_since_nothing(self):
        self.clock.heard('2026-11-28T03:14:05+00:00')
        self.assertIsNone(self.clock.seconds_since(''))

    def test_time_goes_on_after_it_was_heard(self):
        self.clock.heard('2026-11-28T03:14:15+00:00')
        self.now += 5
        self.assertEqual(15, self.clock.seconds_since('2026-11-28 03:14:05'))

    def test_the_latest_time_counts(self):
        self.clock.heard('2026-11-28T03:14:15+00:00')
        self.now += 5
        self.clock.heard('2026-11-28T03:14:16+00:00')
        self.assertEqual(15, self.clock.seconds_since('2026-11-28 03:14:05'))

    def test_the_clock_of_an_api_counts_until_the_other_is_heard(self):
        self.clock.heard('2026-11-28T04:14:15+00:00', False)
        self.assertEqual('2026-11-28T04:14:15+00:00', self.clock.now())
        self.clock.heard('2026-11-28T03:14:15+00:00')
        self.clock.heard('2026-11-28T04:14:15+00:00', False)
        self.assertEqual('2026-11-28T03:14:15+00:00', self.clock.now())

    def test_nothing_is_ever_in_the_future(self):
        self.clock.heard('2026-11-28T03:14:15+00:00')
        self.assertEqual(0, self.clock.seconds_since('2026-11-28 03:15:00'))

    def test_the_time_there_is_told(self):
        self.assertEqual('', self.clock.now())
        self.clock.heard('2026-11-28T23:59:58+00:00')
        self.now += 5.5
        self.assertEqual('2026-11-29T00:00:03+00:00', self.clock.now())
