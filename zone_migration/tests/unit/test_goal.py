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

import jsonschema

from zone_migration import goal
from zone_migration.logic import planning
from zone_migration.tests.unit import base


class GoalTest(base.TestCase):
    def test_name_is_that_of_the_entry_point(self):
        self.assertEqual('zone_migration', goal.ZoneMigration.get_name())

    def test_display_names_fit_the_column(self):
        self.assertLessEqual(len(goal.ZoneMigration.get_display_name()), 43)

    def test_there_is_an_indicator_for_each_type_of_action(self):
        names = {
            spec.name
            for spec in goal.PlannedMoves().get_indicators_specifications()
        }
        self.assertEqual({*planning.ACTION_TYPES, 'not_found'}, names)

    def test_indicators_say_their_unit(self):
        for spec in goal.PlannedMoves().get_indicators_specifications():
            self.assertIn(
                spec.unit, ('servers', 'volumes', 'servers and volumes')
            )
            self.assertNotEqual('', spec.description)

    def test_indicators_are_counts(self):
        for spec in goal.PlannedMoves().get_indicators_specifications():
            jsonschema.validate(3, spec.schema)
            self.assertRaises(
                jsonschema.ValidationError,
                jsonschema.validate,
                -1,
                spec.schema,
            )

    def test_list_of_plans_shows_what_moves_and_what_cannot(self):
        indicators = goal.PlannedMoves().get_global_efficacy_indicator(
            {'live_migration': 3, 'volume_update': 2, 'not_found': 1}
        )
        self.assertEqual(
            [('to_move', 5), ('not_possible', 1)],
            [(one.name, one.value) for one in indicators],
        )

    def test_list_of_plans_can_be_empty(self):
        indicators = goal.PlannedMoves().get_global_efficacy_indicator({})
        self.assertEqual([0, 0], [one.value for one in indicators])
