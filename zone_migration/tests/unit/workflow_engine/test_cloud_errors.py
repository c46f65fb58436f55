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

import fixtures
from watcher import objects
from watcher.applier.workflow_engine import default
from watcher.common import utils

from zone_migration import client
from zone_migration.client import exception
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.workflow_engine import parallel


class CloudErrorTest(base.DatabaseTestCase):
    """What a service says reaches the operator under either engine."""

    def setUp(self):
        super().setUp()
        error = exception.RequestRefused('Nova', 'not allowed', status=403)
        self.useFixture(
            fixtures.MockPatchObject(
                client, 'cloud_of', lambda osc, conf: fakes.BrokenCloud(error)
            )
        )
        plan = self.create_plan()
        self.action = self.create_action(
            plan,
            'live_migration',
            input_parameters={'resource_id': utils.generate_uuid()},
        )

    def assert_told(self, engine):
        """The action says it when the engine has run the plan."""
        engine.execute(objects.Action.list(self.context, eager=True))
        self.assertEqual(
            (
                'FAILED',
                'Action failed in pre_condition: '
                'Nova refuses: not allowed (HTTP 403)',
            ),
            self.outcome_of(self.action),
        )

    def test_our_engine_says_it(self):
        limits = dict.fromkeys(
            (
                'parallel_total',
                'parallel_per_node',
                'parallel_per_pool',
                'attempts',
                'max_parallel_total',
                'max_parallel_per_node',
                'max_parallel_per_pool',
            ),
            0,
        )
        self.assert_told(
            parallel.ParallelWorkFlowEngine(
                utils.Struct(limits), context=self.context
            )
        )

    def test_watchers_engine_says_it(self):
        options = {'max_workers': 1, 'action_execution_rule': {}}
        self.assert_told(
            default.DefaultWorkFlowEngine(
                utils.Struct(options), context=self.context
            )
        )
