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

"""Plans left to chance: no word of them is untrue."""

import random

from zone_migration.tests.endurance import base
from zone_migration.tests.functional import base as functional
from zone_migration.tests.functional import places


class SeedsTest(functional.FunctionalTest):
    """Any cloud, any destinations, any moves that fail."""

    def test_states_agree_with_the_cloud(self):
        for seed in base.seeds():
            with self.subTest(seed=seed):
                self.cloud.clean()
                story = base.Story(self.cloud, random.Random(seed))
                before = places.of(self.cloud)
                data = story.checksums()
                plan = functional.plan_of(story.params)
                plan.run(600)
                actions = plan.actions()
                self.assertEqual(
                    story.ends,
                    {id_: action.state for id_, action in actions.items()})
                self.assertEqual(set(), places.mismatches(
                    before, places.of(self.cloud), story.wanted, actions))
                self.assertEqual(data, story.checksums())
