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
from testtools import matchers
from watcher.common import utils
from watcher.decision_engine.solution import efficacy

from zone_migration import goal
from zone_migration.logic.plan import efficacy as logic_efficacy
from zone_migration.logic.preflight import results
from zone_migration.logic.schedule import proofs
from zone_migration.tests.unit import base

PLACES = {**proofs.counts('host', [0]), **proofs.counts('pool', [3, 4])}


class GoalTest(base.TestCase):
    def test_name_is_that_of_the_entry_point(self):
        self.assertEqual('zone_migration', goal.ZoneMigration.get_name())

    def test_display_names_fit_the_column(self):
        self.assertLessEqual(len(goal.ZoneMigration.get_display_name()), 43)

    def test_there_is_an_indicator_for_each_number(self):
        numbers = logic_efficacy.indicators(results.Report(), [], 0, PLACES)
        self.assertEqual(
            list(numbers),
            [
                spec.name
                for spec in goal.PlannedMoves().get_indicators_specifications()
            ],
        )

    def test_indicators_say_their_unit_and_what_they_are(self):
        for spec in goal.PlannedMoves().get_indicators_specifications():
            self.assertIn(
                spec.unit,
                (
                    *('servers', 'volumes', 'servers and volumes', 'min'),
                    *('hosts', 'pools'),
                ),
            )
            self.assertThat(spec.description, matchers.EndsWith('.'))

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
        shown = goal.PlannedMoves().get_global_efficacy_indicator(
            {
                'servers_wanted': 6,
                'volumes_wanted': 4,
                'live_migration': 3,
                'volume_update': 2,
                'already_there': 4,
                'skipped': 1,
                'left_out': 9,
                'estimated_makespan': 30,
            }
        )
        self.assertEqual(
            [
                ('to_move', 5, 'servers and volumes'),
                ('already_there', 4, 'servers and volumes'),
                ('not_possible', 1, 'servers and volumes'),
                ('estimated_makespan', 30, 'min'),
            ],
            [(one.name, one.value, one.unit) for one in shown],
        )

    def test_list_of_plans_can_be_empty(self):
        shown = goal.PlannedMoves().get_global_efficacy_indicator({})
        self.assertEqual([0] * 4, [one.value for one in shown])

    def test_watcher_takes_the_numbers(self):
        # As it does when the strategy has ended; it wants each of them.
        found = efficacy.Efficacy(
            utils.Struct(
                name='zone_migration',
                efficacy_specification=goal.PlannedMoves(),
            ),
            utils.Struct(name='parallel_migration'),
        )
        found.set_efficacy_indicators(
            **logic_efficacy.indicators(results.Report(), [], 61, PLACES)
        )
        found.compute_global_efficacy()
        self.assertEqual(
            ('estimated_makespan', 2, 'min'),
            (
                found.indicators[-1].name,
                found.indicators[-1].value,
                found.indicators[-1].unit,
            ),
        )
