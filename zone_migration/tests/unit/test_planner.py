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

from unittest import mock

from watcher import objects
from watcher.common import utils
from watcher.decision_engine.solution import efficacy

from zone_migration import planner
from zone_migration.tests.unit import base


class PlannerTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.strategy = self.create_strategy()
        self.audit = self.create_audit(self.strategy)

    def schedule(self, *actions, weights=None, indicators=()):
        config = utils.Struct({'weights': weights or {}})
        solution = mock.Mock(
            actions=list(actions),
            efficacy_indicators=list(indicators),
            global_efficacy=[],
        )
        solution.strategy.name = 'parallel_migration'
        self.plan = planner.DefaultPlanner(config).schedule(
            self.context, self.audit.id, solution
        )
        return objects.Action.list(
            self.context, filters={'action_plan_uuid': self.plan.uuid}
        )

    @staticmethod
    def action(action_type, resource_id, state=None, message=None, **more):
        planned = {
            'action_type': action_type,
            'input_parameters': {'resource_id': resource_id, **more},
        }
        if state:
            planned['state'] = state
            planned['status_message'] = message
        return planned

    def ids(self, actions):
        return [a.input_parameters['resource_id'] for a in actions]

    def test_plan_is_recommended(self):
        self.schedule(self.action('live_migration', 's'))
        self.assertEqual('RECOMMENDED', self.plan.state)
        self.assertEqual(self.audit.id, self.plan.audit_id)
        self.assertEqual(self.strategy.id, self.plan.strategy_id)

    def test_actions_are_pending(self):
        (action,) = self.schedule(self.action('live_migration', 's'))
        self.assertEqual('PENDING', action.state)

    def test_actions_stand_in_the_order_in_which_they_start(self):
        actions = self.schedule(
            self.action('live_migration', 'small', memory_mb=512),
            self.action('live_migration', 'large', memory_mb=4096),
            self.action('volume_migration', 'volume', size_gb=1),
            weights={'volume_migration': '1'},
        )
        self.assertEqual(['volume', 'large', 'small'], self.ids(actions))

    def test_weights_of_2017_start_all_together(self):
        weights = dict.fromkeys(
            (
                'my_message',
                'nop',
                'sleep',
                'live_migration',
                'cold_migration',
                'volume_migration',
                'volume_update',
            ),
            '0',
        )
        actions = self.schedule(
            self.action('volume_retype', 'a'),
            self.action('live_migration', 'b'),
            weights=weights,
        )
        self.assertEqual(['a', 'b'], self.ids(actions))
        self.assertEqual([[], []], [a.parents for a in actions])

    def test_server_depends_on_its_volumes_wherever_they_stand(self):
        actions = self.schedule(
            self.action('live_migration', 's', memory_mb=4096),
            self.action('volume_update', 'v', server_id='s'),
        )
        by_id = dict(zip(self.ids(actions), actions, strict=True))
        self.assertEqual([by_id['v'].uuid], by_id['s'].parents)
        self.assertEqual([], by_id['v'].parents)

    def test_impossible_action_is_skipped_with_its_reason(self):
        (action,) = self.schedule(
            self.action('live_migration', 's', 'SKIPPED', 'not found')
        )
        self.assertEqual(
            ('SKIPPED', 'not found'), (action.state, action.status_message)
        )

    def test_indicators_are_kept(self):
        self.schedule(
            self.action('live_migration', 's'),
            indicators=[
                efficacy.Indicator('live_migration', 'd', 'servers', 1)
            ],
        )
        (indicator,) = objects.EfficacyIndicator.list(
            self.context, filters={'action_plan_uuid': self.plan.uuid}
        )
        self.assertEqual(
            ('live_migration', 'servers', 1),
            (indicator.name, indicator.unit, int(indicator.value)),
        )

    def test_empty_plan_has_succeeded(self):
        self.assertEqual([], self.schedule())
        self.assertEqual('SUCCEEDED', self.plan.state)
