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

"""A plan keeps its word in a cloud that is left to chance.

The same is told at length, with other seeds, in ``endurance``.
"""

from zone_migration.tests.functional import promises

SEED = 1
#: How many servers and volumes there are.
COUNT = 20


class SmallPromisesTest(promises.PromisesTest):
    def test_word_is_kept(self):
        self.assert_word_is_kept(SEED, COUNT)
