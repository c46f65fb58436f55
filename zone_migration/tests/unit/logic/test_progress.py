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

from zone_migration.logic import progress


class PatienceTest(testtools.TestCase):
    def test_visible_move_gets_its_looks(self):
        self.assertEqual(600.0, progress.patience(120, 5.0, 0, 10.0))

    def test_silent_copy_gets_the_time_of_the_slowest_copy_too(self):
        self.assertEqual(
            600.0 + 1024, progress.patience(120, 5.0, 10, 10.0))
