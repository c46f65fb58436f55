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

"""A plan keeps its word in clouds that are left to chance."""

from zone_migration.tests.endurance import base
from zone_migration.tests.functional import promises

#: How many servers and volumes there are.
COUNT = 60


class ManyPromisesTest(promises.PromisesTest):
    def test_word_is_kept(self):
        for seed in base.seeds():
            with self.subTest(seed=seed):
                self.assert_word_is_kept(seed, COUNT)
