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

"""Appliers are killed again and again, and a plan goes on."""

import random
import time

from sandbox import layout as layouts
from zone_migration.tests.endurance import base
from zone_migration.tests.functional import base as functional
from zone_migration.tests.functional import places

#: How often one is killed while one plan runs.
KILLS = 10

#: How often one is killed and stays away until another has the plan, and how
#: long that takes at most, in seconds; two minutes are usual.
TAKEOVERS = 3
NOTICED = 180

#: How long it runs between two kills, at most, in seconds.
LONGEST = 8

#: Of each of two hosts, running and stopped; and of volumes: 40 in all.
SERVERS = (7, 7)
VOLUMES = (12, 12)


class KillsTest(functional.FunctionalTest):
    """Everything arrives, and nothing is moved twice."""

    most = KILLS

    def kill(self, plan, kills):
        """Kill the applier, or the process that runs the plans."""
        if kills % 2:
            self.cloud.kill('watcher-applier')
            self.cloud.start('watcher-applier')
        else:
            self.cloud.kill_workers('watcher-applier')

    def test_everything_arrives_once(self):
        for seed in base.seeds():
            self.tell(seed)

    def tell(self, seed):
        chance = random.Random(seed)
        self.cloud.clean()
        story = base.Story(
            self.cloud, chance, failing=False,
            servers=SERVERS, volumes=VOLUMES)
        before, data = places.of(self.cloud), story.checksums()
        plan = functional.plan_of(story.params).start()
        kills = 0
        while kills < self.most and plan.state not in functional.ENDED:
            # A random moment, whatever goes on then.
            time.sleep(chance.uniform(0, LONGEST))
            self.kill(plan, kills)
            kills += 1
        state = plan.wait(600)
        message = plan.show()['status_message']
        print(f'seed {seed}: {kills} kills, {state}: {message}')
        self.assertEqual('SUCCEEDED', state, seed)
        self.assertEqual(
            {}, {one.resource_id: one for one in plan.all_actions()
                 if one.state != 'SUCCEEDED'}, seed)
        after = places.of(self.cloud)
        self.assertEqual(
            {}, {id_: after[id_] for id_, item in story.wanted.items()
                 if not places.arrived(before[id_], after[id_], item)}, seed)
        self.assertEqual(
            {}, {server: records for server in story.params['vm']
                 if len(records := self.cloud.migrations(server)) != 1}, seed)
        self.assertEqual(data, story.checksums(), seed)


class TakeoversTest(KillsTest):
    """So it is where another applier takes the plan over each time."""

    most = TAKEOVERS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.cloud.stop, 'watcher-applier-2')
        cls.cloud.start('watcher-applier-2')

    def kill(self, plan, kills):
        """Kill the applier that has the plan, until the other has it."""
        host = plan.show()['hostname']
        second = host == layouts.APPLIER_2_HOST
        name = 'watcher-applier-2' if second else 'watcher-applier'
        self.cloud.kill(name)
        try:
            self.cloud.wait(
                lambda: plan.state in functional.ENDED
                or plan.show()['hostname'] not in (host, None),
                NOTICED, f'the takeover from {host}')
        finally:
            self.cloud.start(name)
