# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import testtools

from zone_migration.logic.plan import planned_actions
from zone_migration.osc import plan_words


class WordsTest(testtools.TestCase):
    def test_each_type_of_action_has_its_words(self):
        self.assertEqual(
            set(), {*planned_actions.ACTION_TYPES} - plan_words.MOVES.keys()
        )

    def test_whatever_becomes_of_an_item_is_counted_and_has_its_place(self):
        self.assertEqual({*plan_words.COUNTED}, {*plan_words.ORDER})

    def test_what_goes_nowhere_leaves_its_place(self):
        self.assertEqual(set(), {*plan_words.LEAVING} - {*plan_words.MOVING})
