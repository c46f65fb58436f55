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

from benchmarks import one_destination


class LowerBoundTest(testtools.TestCase):
    def bound(self, *servers):
        return one_destination.lower_bound(
            {str(number): server for number, server in enumerate(servers)}
        )

    def test_nova_copies_one_server_from_a_host_at_a_time(self):
        self.assertEqual(12, self.bound(('compute1', 9), ('compute1', 3)))

    def test_hosts_are_emptied_side_by_side(self):
        self.assertEqual(9, self.bound(('compute1', 9), ('compute2', 3)))


class TargetTest(testtools.TestCase):
    def test_fast_nova_leaves_the_target_of_the_bound(self):
        self.assertEqual(
            one_destination.TARGET,
            one_destination.target(100.0, at_once=105.0))

    def test_slow_nova_is_what_a_plan_is_measured_by(self):
        self.assertAlmostEqual(
            1.224, one_destination.target(100.0, at_once=120.0))


class SimulateTest(testtools.TestCase):
    SERVERS = one_destination.draw(24, seed=1)

    def ratio(self, looks):
        seconds = one_destination.simulate(self.SERVERS, looks)
        return seconds / one_destination.lower_bound(self.SERVERS)

    def test_what_is_queued_ahead_reaches_the_target(self):
        self.assertTrue(1 <= self.ratio(looks=True) < one_destination.TARGET)

    def test_what_holds_its_slots_takes_longer(self):
        self.assertLess(self.ratio(looks=True), self.ratio(looks=False))
