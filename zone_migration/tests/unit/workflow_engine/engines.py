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

"""The engine with actions that a test has written, and plans for it."""

import threading

import fixtures
from watcher import objects
from watcher.common import utils

from zone_migration.tests.unit import base
from zone_migration.tests.unit.workflow_engine import scripted
from zone_migration.workflow_engine import parallel
from zone_migration.workflow_engine import plan_run
from zone_migration.workflow_engine import summary_keeper


class Engine(parallel.ParallelWorkFlowEngine):
    """The engine, with actions that a test has written."""

    def __init__(self, config, context, actions) -> None:
        super().__init__(config, context=context)
        self._scripted = actions

    def make_action(self, db_action):
        return self._scripted[db_action.uuid]


class EngineTest(base.DatabaseTestCase):
    ENGINE = Engine

    def setUp(self):
        super().setUp()
        self.plan = self.create_plan()
        self.actions = {}
        self.services = scripted.Services()
        self.useFixture(
            fixtures.MockPatchObject(parallel, 'service_status', self.services)
        )
        self.in_flight = scripted.InFlight()
        self.useFixture(
            fixtures.MockPatchObject(parallel, 'in_flight', self.in_flight)
        )
        # No test but one ends a plan as Watcher does.
        self.useFixture(fixtures.MockPatchObject(summary_keeper, 'keep'))
        # The tests that cancel a plan need not wait for a whole second.
        self.useFixture(
            fixtures.MockPatchObject(plan_run, '_CANCEL_CHECK', 0.01)
        )

    def add(
        self,
        parents=(),
        state='PENDING',
        parameters=None,
        action_type='nop',
        plan=None,
        status_message=None,
        **script,
    ):
        """An action of the plan, with what it does."""
        db_action = self.create_action(
            plan or self.plan,
            action_type,
            parents,
            state=state,
            status_message=status_message,
            input_parameters=parameters or {},
        )
        self.actions[db_action.uuid] = scripted.Action(**script)
        return db_action

    def add_move(self, execute=True, revert=None, **parameters):
        """A live migration of the plan."""
        return self.add(
            execute=execute,
            revert=revert,
            action_type='live_migration',
            parameters={'resource_id': utils.generate_uuid(), **parameters},
        )

    def engine(self, **options):
        """The engine, with these options."""
        return self.ENGINE(
            utils.Struct(
                {
                    'parallel_total': 10,
                    'parallel_per_node': 2,
                    'parallel_per_pool': 2,
                    'attempts': 1,
                    'max_parallel_total': 0,
                    'max_parallel_per_node': 0,
                    'max_parallel_per_pool': 0,
                    **options,
                }
            ),
            self.context,
            self.actions,
        )

    def execute(self, plan=None, **options):
        """Run a plan as Watcher's applier does."""
        self.engine(**options).execute(self.list_actions(plan or self.plan))

    def cancel(self):
        """Cancel the plan, whatever its state is."""
        self.engine().cancel(self.list_actions(self.plan))

    def list_actions(self, plan):
        """All actions of a plan, as Watcher's applier reads them."""
        return objects.Action.list(
            self.context,
            filters={'action_plan_uuid': plan.uuid},
            eager=True,
        )

    def message(self):
        """What the plan says of itself."""
        return objects.ActionPlan.get_by_uuid(
            self.context, self.plan.uuid
        ).status_message

    def wait_for(self, condition):
        pause = threading.Event()
        for _ in range(3000):
            if condition():
                return
            pause.wait(0.01)
        self.fail('in vain')

    def states(self, *actions):
        return [self.state_of(action)[0] for action in actions]

    def calls(self, action):
        return self.actions[action.uuid].calls

    def cancel_plan(self, *_args):
        """What ``openstack optimize actionplan cancel`` leaves behind."""
        plan = objects.ActionPlan.get_by_uuid(
            self.context, self.plan.uuid, eager=True
        )
        plan.state = 'CANCELLING'
        plan.save()

    def cancel_and_be_noticed(self, *_args):
        """Cancel the plan; True once the engine has noticed it.

        Before that it may start what fits as soon as this action has ended.
        """
        self.cancel_plan()
        self.wait_for(
            lambda: (
                'action_plan.cancel.start'
                in [event for event, _ in self.notifications.sent]
            )
        )
        return True
