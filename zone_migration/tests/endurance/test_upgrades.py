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

"""Two appliers are upgraded, one after the other, under one plan."""

import time

from zone_migration.tests.functional import base

#: Nova copies one at a time from each host: over five minutes.
SERVERS = 20
SECONDS = 15

#: How many have arrived when an applier is stopped.
MOMENTS = {'watcher-applier': 4, 'watcher-applier-2': 11}

#: How much longer the plan may take than without that.
LONGER = 1.1


class RollingUpgradeTest(base.FunctionalTest):
    """Each is stopped as an operator does, and started again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.cloud.stop, 'watcher-applier-2')
        cls.cloud.start('watcher-applier-2')

    def run_plan(self, servers, destination, upgrades=()):
        """Run a plan of them; its end, and how many seconds it took."""
        plan = base.plan_of({'vm': dict.fromkeys(
            servers, base.active(destination))})
        began = time.monotonic()
        plan.start()
        for name, arrived in upgrades:
            self.cloud.wait(
                lambda arrived=arrived: arrived <= sum(
                    one.state == 'SUCCEEDED' for one in plan.all_actions()),
                300, f'{arrived} that have arrived')
            self.cloud.restart(name)
        self.assertEqual('SUCCEEDED', plan.wait(1200), plan.show())
        return plan, time.monotonic() - began

    def test_plan_takes_hardly_longer_and_nothing_fails(self):
        servers = self.populate('compute1', running=SERVERS).values()
        self.cloud.behave('*', live_seconds=SECONDS, live_interval=5)
        _, undisturbed = self.run_plan(servers, 'compute2')
        plan, taken = self.run_plan(servers, 'compute1', MOMENTS.items())
        print(f'{undisturbed:.0f} s undisturbed, {taken:.0f} s with upgrades; '
              f'{plan.show()["status_message"]}')
        for action in plan.all_actions():
            self.assert_state(action, 'SUCCEEDED', ' to compute1')
        for server in servers:
            self.assertEqual(
                ['completed'] * 2,
                [record['status'] for record in self.cloud.migrations(server)],
                server)
        self.assertGreater(undisturbed, 300)
        self.assertLess(taken / undisturbed, LONGER)
