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

from zone_migration.logic.schedule import put_back


class PutBackTest(testtools.TestCase):
    def test_each_is_taken_once(self):
        waits = put_back.PutBack()
        waits.until_an_end('room')
        waits.behind('last')
        self.assertTrue(waits.any_behind)
        self.assertEqual(['room'], waits.take_at_an_end())
        self.assertEqual(['last'], waits.take_behind())
        self.assertFalse(waits.any_behind)
        self.assertEqual([], waits.take_at_an_end())
        self.assertEqual([], waits.take_behind())

    def test_one_that_waits_for_an_end_can_wait_behind_instead(self):
        waits = put_back.PutBack()
        waits.until_an_end('room')
        waits.behind('room')
        self.assertEqual([], waits.take_at_an_end())
        self.assertEqual(['room'], waits.take_behind())
