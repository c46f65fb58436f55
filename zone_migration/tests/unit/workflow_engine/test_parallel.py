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

import threading
from unittest import mock

from watcher import objects
from watcher.common import exception as watcher_exception
from watcher.common import utils

from zone_migration import exception
from zone_migration.tests.unit import base
from zone_migration.tests.unit.workflow_engine import scripted
from zone_migration.workflow_engine import parallel


class Engine(parallel.ParallelWorkFlowEngine):
    """The engine, with actions that a test has written."""

    def __init__(self, config, context, actions) -> None:
        super().__init__(config, context=context)
        self._scripted = actions

    def make_action(self, db_action):
        return self._scripted[db_action.uuid]


class EngineTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan()
        self.actions = {}
        # The tests that cancel a plan need not wait for a whole second.
        patch = mock.patch.object(parallel, '_CANCEL_CHECK', 0.01)
        patch.start()
        self.addCleanup(patch.stop)

    def add(self, parents=(), state='PENDING', parameters=None,
            action_type='nop', **script):
        """An action of the plan, with what it does."""
        db_action = self.create_action(
            self.plan,
            action_type,
            parents,
            state=state,
            input_parameters=parameters or {},
        )
        self.actions[db_action.uuid] = scripted.Action(**script)
        return db_action

    def execute(self, **limits):
        """Run the plan as Watcher's applier does."""
        config = utils.Struct(
            {
                'parallel_total': 10,
                'parallel_per_node': 2,
                'parallel_per_pool': 2,
                **limits,
            }
        )
        engine = Engine(config, self.context, self.actions)
        engine.execute(
            objects.Action.list(
                self.context,
                filters={'action_plan_uuid': self.plan.uuid},
                eager=True,
            )
        )

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


class RunTest(EngineTest):
    def test_plan_without_actions_ends_at_once(self):
        self.execute()

    def test_each_action_is_run(self):
        actions = [self.add() for _ in range(5)]
        self.execute()
        self.assertEqual(['SUCCEEDED'] * 5, self.states(*actions))

    def test_actions_run_at_once(self):
        together = threading.Barrier(3, timeout=30)

        def meet(action):
            together.wait()
            return True

        actions = [self.add(execute=meet) for _ in range(3)]
        self.execute()
        self.assertEqual(['SUCCEEDED'] * 3, self.states(*actions))

    def test_total_limits_how_many_run_at_once(self):
        running, most = set(), []
        lock = threading.Lock()

        def count(action):
            with lock:
                running.add(action)
                most.append(len(running))
            with lock:
                running.remove(action)
            return True

        for _ in range(8):
            self.add(execute=count)
        self.execute(parallel_total=1)
        self.assertEqual(1, max(most))

    def test_total_zero_is_no_limit(self):
        together = threading.Barrier(3, timeout=30)

        def meet(action):
            together.wait()
            return True

        actions = [self.add(execute=meet) for _ in range(3)]
        self.execute(parallel_total=0)
        self.assertEqual(['SUCCEEDED'] * 3, self.states(*actions))

    def test_actions_on_one_server_run_one_after_the_other(self):
        order = []

        def note(action):
            order.append(('begin', action))
            order.append(('end', action))
            return True

        for _ in range(3):
            self.add(execute=note, parameters={'resource_id': 's'})
        self.execute()
        self.assertEqual(['begin', 'end'] * 3, [what for what, _ in order])

    def test_child_runs_after_its_parent(self):
        order = []
        child_of = self.add(execute=lambda a: order.append('parent') or True)
        self.add(
            [child_of], execute=lambda a: order.append('child') or True
        )
        self.execute()
        self.assertEqual(['parent', 'child'], order)

    def test_each_action_has_an_instance_of_its_own(self):
        actions = [self.add() for _ in range(3)]
        self.execute()
        for action in actions:
            self.assertEqual(
                ['pre_condition', 'execute', 'post_condition'],
                self.calls(action),
            )


class FailureTest(EngineTest):
    def test_descendants_of_a_failed_action_are_skipped_with_a_reason(self):
        failing = self.add(execute=exception.MoveFailed(reason='boom'))
        child = self.add([failing])
        grandchild = self.add([child])
        self.execute()
        self.assertEqual(
            ['FAILED', 'SKIPPED', 'SKIPPED'],
            self.states(failing, child, grandchild),
        )
        for action in (child, grandchild):
            self.assertEqual([], self.calls(action))
            self.assertIn(failing.uuid, self.state_of(action)[1])
            self.assertIn('FAILED', self.state_of(action)[1])

    def test_others_go_on_after_a_failure(self):
        self.add(execute=exception.MoveFailed(reason='boom'))
        other = self.add()
        self.execute(parallel_total=1)
        self.assertEqual(['SUCCEEDED'], self.states(other))

    def test_child_of_an_action_with_nothing_to_do_runs(self):
        parent = self.add(pre=exception.NothingToMove(reason='there'))
        child = self.add([parent])
        self.execute()
        self.assertEqual(
            ['SKIPPED', 'SUCCEEDED'], self.states(parent, child)
        )

    def test_child_of_an_action_that_the_operator_skipped_runs(self):
        parent = self.add(state='SKIPPED')
        child = self.add([parent])
        self.execute()
        self.assertEqual([], self.calls(parent))
        self.assertEqual(
            ['SKIPPED', 'SUCCEEDED'], self.states(parent, child)
        )

    def test_foreign_action_that_returns_false_or_none_is_failed(self):
        failing = [self.add(execute=value) for value in (False, None)]
        self.execute()
        self.assertEqual(['FAILED', 'FAILED'], self.states(*failing))

    def test_nothing_is_reverted_unless_it_is_asked_for(self):
        good = self.add()
        self.add([good], execute=False)
        self.execute()
        self.assertNotIn('revert', self.calls(good))

    def test_success_is_reverted_when_it_is_asked_for(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add()
        bad = self.add([good], execute=False)
        self.execute()
        self.assertEqual('revert', self.calls(good)[-1])
        self.assertNotIn('revert', self.calls(bad))


class CancelTest(EngineTest):
    def execute_and_be_cancelled(self, **limits):
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute, **limits
        )

    def test_move_in_flight_is_aborted_and_nothing_new_starts(self):
        def cancelled_move(action):
            self.cancel_plan()
            action.aborted.wait(30)
            raise exception.MoveCancelled(reason='back on c1')

        running = self.add(execute=cancelled_move)
        waiting = self.add()
        child = self.add([running])
        self.execute_and_be_cancelled(parallel_total=1)
        self.assertEqual(
            ('CANCELLED', 'back on c1'), self.state_of(running)
        )
        # Watcher's applier makes CANCELLED of what never started.
        self.assertEqual(['PENDING', 'PENDING'], self.states(waiting, child))

    def test_move_that_cannot_be_aborted_is_waited_for(self):
        running = self.add(
            execute=lambda action: self.cancel_plan() or True,
            can_abort=False,
        )
        waiting = self.add([running])
        self.execute_and_be_cancelled()
        self.assertEqual(
            ['SUCCEEDED', 'PENDING'], self.states(running, waiting)
        )

    def test_plan_that_is_cancelled_while_its_last_action_ends(self):
        action = self.add(execute=lambda action: self.cancel_plan() or True,
                          can_abort=False)
        self.execute_and_be_cancelled()
        self.assertEqual(['SUCCEEDED'], self.states(action))

    def test_plan_that_was_cancelled_before_it_began_starts_nothing(self):
        action = self.add()
        self.cancel_plan()
        self.execute_and_be_cancelled()
        self.assertEqual([], self.calls(action))
        self.assertEqual(['PENDING'], self.states(action))

    def test_action_that_decides_while_the_plan_is_cancelled_never_starts(
        self,
    ):
        def pre_condition(action):
            self.cancel_plan()
            # The engine has noticed it once it has notified of it.
            noticed.wait(30)

        noticed = threading.Event()
        notify = parallel.ParallelWorkFlowEngine.notify_cancel_start

        def notify_cancel_start(engine, uuid):
            notify(engine, uuid)
            noticed.set()

        action = self.add(pre=pre_condition)
        with mock.patch.object(
            parallel.ParallelWorkFlowEngine,
            'notify_cancel_start',
            notify_cancel_start,
        ):
            self.execute_and_be_cancelled()
        self.assertNotIn('execute', self.calls(action))

    def test_nothing_is_reverted_after_a_cancellation(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add(can_abort=False)
        self.add(
            [good],
            execute=lambda action: self.cancel_plan(),
            can_abort=False,
        )
        self.execute_and_be_cancelled()
        self.assertNotIn('revert', self.calls(good))

    def test_cancellation_of_the_plan_is_notified_once(self):
        self.add(
            execute=lambda action: self.cancel_plan() or True,
            can_abort=False,
        )
        self.execute_and_be_cancelled()
        self.assertEqual(
            1,
            [event for event, _ in self.notifications.sent].count(
                'action_plan.cancel.start'
            ),
        )


class ConfigTest(EngineTest):
    def test_limits_are_those_of_the_configuration(self):
        engine = Engine(
            utils.Struct(
                {
                    'parallel_total': 7,
                    'parallel_per_node': 3,
                    'parallel_per_pool': 1,
                }
            ),
            self.context,
            {},
        )
        self.assertEqual(
            {'total': 7, 'node': 3, 'pool': 1}, engine.limits()
        )

    def test_node_limit_holds_for_planned_hosts(self):
        running, most = set(), [0]
        lock = threading.Lock()
        together = threading.Barrier(2, timeout=30)

        def count(action):
            with lock:
                running.add(action)
                most.append(len(running))
            together.wait()
            with lock:
                running.discard(action)
            return True

        for number in range(4):
            self.add(
                execute=count,
                action_type='live_migration',
                parameters={'resource_id': f's{number}', 'source': 'c1'},
            )
        self.execute(parallel_per_node=2)
        self.assertEqual(2, max(most))
