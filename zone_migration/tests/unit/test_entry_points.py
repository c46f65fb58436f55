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

from importlib import metadata

import fixtures
from watcher.applier.loading import default as applier_loading
from watcher.common import utils
from watcher.decision_engine.loading import default as engine_loading

from zone_migration.applier_recovery import applier_startup_hook
from zone_migration.tests.unit import base

#: The entry points of 2017, word for word, and those that came after.
ENTRY_POINTS = {
    'watcher_goals': {
        'zone_migration': 'zone_migration.goal:ZoneMigration',
    },
    'watcher_strategies': {
        'parallel_migration': (
            'zone_migration.strategy:ParallelMigrationStrategy'
        ),
    },
    'watcher_planners': {
        'default': 'zone_migration.planner:DefaultPlanner',
    },
    'watcher_actions': {
        'my_message': 'zone_migration.actions.my_message:MyMessageAction',
        'live_migration': (
            'zone_migration.actions.live_migration:LiveMigrationAction'
        ),
        'cold_migration': (
            'zone_migration.actions.cold_migration:ColdMigrationAction'
        ),
        'shelve_offload': (
            'zone_migration.actions.shelve_offload:ShelveOffloadAction'
        ),
        'confirm_resize': (
            'zone_migration.actions.confirm_resize:ConfirmResizeAction'
        ),
        'volume_migration': (
            'zone_migration.actions.volume_migration:VolumeMigrationAction'
        ),
        'volume_update': (
            'zone_migration.actions.volume_update:VolumeUpdateAction'
        ),
        'change_cinder_service_state': (
            'zone_migration.actions.change_cinder_service_state:'
            'ChangeCinderServiceStateAction'
        ),
        'verify_empty': (
            'zone_migration.actions.verify_empty:VerifyEmptyAction'
        ),
        'volume_retype': (
            'zone_migration.actions.volume_retype:VolumeRetypeAction'
        ),
    },
    'watcher_workflow_engines': {
        'parallel': (
            'zone_migration.workflow_engine.parallel:ParallelWorkFlowEngine'
        ),
    },
    'oslo.config.opts': {
        'zone_migration': 'zone_migration.conf.opts:list_opts',
    },
}


class EntryPointsTest(base.TestCase):
    def test_entry_points_are_those(self):
        declared = {}
        for point in metadata.distribution('zone_migration').entry_points:
            declared.setdefault(point.group, {})[point.name] = point.value
        self.assertEqual(
            ENTRY_POINTS,
            {group: declared.get(group) for group in ENTRY_POINTS},
        )

    def test_no_other_plugin_has_these_names(self):
        for group, points in ENTRY_POINTS.items():
            for name in points:
                self.assertEqual(
                    1, len(metadata.entry_points(group=group, name=name)),
                    f'{group} {name}',
                )

    def test_goal_is_loaded_under_its_name(self):
        goal = engine_loading.DefaultGoalLoader().load('zone_migration')
        self.assertEqual('zone_migration', goal.get_name())

    def test_strategy_is_loaded_under_its_name(self):
        strategy = engine_loading.DefaultStrategyLoader().load(
            'parallel_migration', osc=object()
        )
        self.assertEqual('parallel_migration', strategy.get_name())
        self.assertEqual('zone_migration', strategy.get_goal_name())

    def test_planner_is_loaded_with_its_options(self):
        planner = engine_loading.DefaultPlannerLoader().load('default')
        self.assertEqual({}, planner.config.weights)

    def test_engine_is_loaded_with_its_options(self):
        engine = applier_loading.DefaultWorkFlowEngineLoader().load(
            'parallel', context=None, applier_manager=None
        )
        self.assertEqual(
            {
                'parallel_total': 100,
                'parallel_per_node': 2,
                'parallel_per_pool': 2,
                'attempts': 2,
                'max_parallel_total': 0,
                'max_parallel_per_node': 0,
                'max_parallel_per_pool': 0,
            },
            dict(engine.config),
        )

    def test_each_action_is_loaded_and_says_what_it_does(self):
        # The applier asks when it starts: not to be done here.
        self.useFixture(
            fixtures.MockPatchObject(applier_startup_hook, 'recover_once')
        )
        loader = applier_loading.DefaultActionLoader()
        for name, value in ENTRY_POINTS['watcher_actions'].items():
            action = loader.load(name, osc=object())
            self.assertEqual(
                value,
                f'{type(action).__module__}:{type(action).__name__}',
            )
            self.assertNotEqual('', action.get_description())

    def test_no_action_has_options_of_its_own(self):
        # Watcher would read its configuration files for each action.
        loader = applier_loading.DefaultActionLoader()
        for name in ENTRY_POINTS['watcher_actions']:
            action = loader.load(name, osc=object())
            self.assertEqual([], action.get_config_opts())
            self.assertEqual(utils.Struct(), action.config)
