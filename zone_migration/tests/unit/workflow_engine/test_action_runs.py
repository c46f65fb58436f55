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

"""What each action of a plan is told."""

from zone_migration.logic.outcome import failures
from zone_migration.tests.unit.workflow_engine import engines


class ToldTest(engines.EngineTest):
    def test_action_is_told_which_hosts_servers_of_the_plan_leave(self):
        told = []

        def note(action):
            told.append(action.left_hosts())
            return True

        self.add_move(note, source='c1', dst_hostname='c9')
        self.add_move(source='c2')
        self.add(
            action_type='volume_migration',
            parameters={'resource_id': 'v', 'source': 'h@a#a'},
        )
        self.add(
            action_type='verify_empty',
            parameters={'resource_name': 'c3', 'place': 'host'},
        )
        self.add(
            action_type='verify_empty',
            parameters={'resource_name': 'h@a#a', 'place': 'pool'},
        )
        self.execute()
        self.assertEqual([{'c1', 'c2', 'c3'}], told)

    def answers(self, attempts):
        """What an action learns of two failures, one of them worth it."""
        told = []

        def ask(action):
            told.extend(
                action.is_tried_again(failure)
                for failure in (failures.ENDED, failures.HARMED)
            )
            return True

        self.add_move(ask, source='c1')
        self.execute(attempts=attempts)
        return told

    def test_action_can_ask_whether_it_is_tried_again(self):
        self.assertEqual([True, False], self.answers(2))

    def test_action_is_told_that_it_has_one_attempt(self):
        self.assertEqual([False, False], self.answers(1))

    def test_action_of_another_plugin_is_told_nothing(self):
        one = self.add()
        self.actions[one.uuid] = engines.scripted.ForeignAction()
        self.execute()
        self.assertFalse(hasattr(self.actions[one.uuid], 'left_hosts'))
