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

"""The applier is killed again and again; the same audit ends the work."""

import random

from zone_migration.tests.endurance import base
from zone_migration.tests.functional import base as functional
from zone_migration.tests.functional import places

#: How often it is killed in one story.
KILLS = 4


class KillsTest(functional.FunctionalTest):
    """Everything arrives, and nothing is moved twice."""

    def test_everything_arrives_once(self):
        for seed in base.seeds():
            with self.subTest(seed=seed):
                self.tell(random.Random(seed))

    def tell(self, chance):
        self.cloud.clean()
        story = base.Story(self.cloud, chance, failing=False)
        before, data = places.of(self.cloud), story.checksums()
        for _ in range(KILLS):
            plan = functional.plan_of(story.params).start()
            self.some_have_started(plan, chance.randint(1, 4))
            self.cloud.kill('watcher-applier')
            self.cloud.start('watcher-applier')
            plan.wait()
        plan = functional.plan_of(story.params)
        self.assertEqual('SUCCEEDED', plan.run(600))
        after = places.of(self.cloud)
        self.assertEqual(
            {}, {id_: after[id_] for id_, item in story.wanted.items()
                 if not places.arrived(before[id_], after[id_], item)})
        self.assertEqual(
            {}, {server: records for server in story.params['vm']
                 if len(records := self.cloud.migrations(server)) != 1})
        self.assertEqual(data, story.checksums())

    def some_have_started(self, plan, count):
        """Wait until so many actions have, or the plan has ended."""
        self.cloud.wait(
            lambda: plan.state in functional.ENDED or count <= sum(
                action.state not in ('PENDING', 'SKIPPED')
                for action in plan.actions().values()),
            what=f'the start of {count} actions')
