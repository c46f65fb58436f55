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

"""Plans that somebody else has, or has had, while they are run here."""

import threading

import fixtures
from watcher import objects
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic.schedule import foreign
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import plan_status
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import running_plans

#: How long a test waits for what has to come, in seconds.
BOUND = 300

#: Where a plan is, and its state, when it is run here no more.
ELSEWHERE = {'hostname': 'elsewhere'}
NOWHERE = {'hostname': None}
#: As Watcher's monitor leaves one whose heartbeat was late.
CANCELLED = {'state': 'CANCELLED'}


class LostPlansTest(engines.EngineTest):
    def setUp(self):
        super().setUp()
        #: Lets go on what blocks.
        self.released = threading.Event()
        self.addCleanup(self.released.set)
        #: What the threads of actions have ended with.
        self.ended = []

    def patch(self, *args):
        self.useFixture(fixtures.MockPatchObject(*args))

    def set_plan(self, **values):
        objects.ActionPlan.dbapi.update_action_plan(self.plan.uuid, values)

    def set_action(self, action, **values):
        objects.Action.dbapi.update_action(action.uuid, values)

    def plan_now(self):
        return objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)

    def note_end(self, function):
        """What an action does, and what that has ended with is noted."""

        def execute(action):
            try:
                return function(action)
            except BaseException as error:
                self.ended.append(type(error))
                raise

        return execute

    def lose(self, values):
        """Let a plan be taken while two of it run and two wait."""
        self.plan = self.create_plan_of(self.plan)
        both_run = threading.Barrier(2)

        def block(action):
            both_run.wait(BOUND)
            self.set_plan(**values)
            self.released.wait(BOUND)
            action.report('copying')

        running = [self.add(execute=self.note_end(block)) for _ in range(2)]
        waiting = [self.add(), self.add(running)]
        self.assertRaises(
            exception.PlanIsLost, self.execute, parallel_total=2
        )
        return running, waiting


class LossTest(LostPlansTest):
    WAYS = (ELSEWHERE, NOWHERE, CANCELLED)

    def test_engine_ends_without_waiting_for_what_runs(self):
        for values in self.WAYS:
            running, waiting = self.lose(values)
            self.assertFalse(self.released.is_set())
            self.assertEqual(
                ['ONGOING', 'ONGOING', 'PENDING', 'PENDING'],
                self.states(*running, *waiting),
                values,
            )

    def test_nothing_is_aborted_or_started(self):
        for values in self.WAYS:
            running, waiting = self.lose(values)
            for action in running:
                self.assertNotIn('abort', self.calls(action), values)
            for action in waiting:
                self.assertEqual([], self.calls(action), values)

    def test_nothing_is_written_of_it(self):
        self.lose(ELSEWHERE)
        self.assertEqual(
            ('elsewhere', 'ONGOING'),
            (self.plan_now().hostname, self.plan_now().state),
        )
        self.assertIsNone(self.plan_now().status_message)

    def test_action_that_runs_ends_with_its_next_report(self):
        running, _ = self.lose(ELSEWHERE)
        before = [self.state_of(action) for action in running]
        self.released.set()
        self.wait_for(lambda: len(self.ended) == 2)
        self.assertEqual([exception.PlanIsLost] * 2, self.ended)
        self.assertEqual(before, [self.state_of(one) for one in running])

    def test_action_that_ends_in_the_meantime_writes_nothing(self):
        ended = threading.Event()

        def block(action):
            self.set_plan(**ELSEWHERE)
            self.released.wait(BOUND)
            ended.set()
            return True

        action = self.add(execute=block)
        self.assertRaises(exception.PlanIsLost, self.execute)
        self.released.set()
        ended.wait(BOUND)
        self.assertEqual(['ONGOING'], self.states(action))

    def test_plan_that_is_lost_before_it_starts_anything(self):
        action = self.add(pre=lambda action: self.set_plan(**ELSEWHERE))
        self.assertRaises(exception.PlanIsLost, self.execute)
        self.assertEqual(['pre_condition'], self.calls(action))
        self.assertEqual(['PENDING'], self.states(action))

    def test_plan_that_is_lost_as_its_last_action_ends(self):
        self.add(post=lambda action: self.set_plan(**ELSEWHERE))
        self.assertRaises(exception.PlanIsLost, self.execute)
        self.assertIsNone(self.plan_now().status_message)

    def test_plan_that_is_lost_while_it_is_cancelled(self):
        def block(action):
            self.cancel_plan()
            action.aborted.wait(BOUND)
            self.set_plan(**ELSEWHERE)
            self.released.wait(BOUND)

        action = self.add(execute=block)
        self.assertRaises(exception.PlanIsLost, self.execute)
        self.assertEqual(['CANCELLING'], self.states(action))
        self.assertEqual('CANCELLING', self.plan_now().state)

    def test_plan_that_is_lost_while_it_is_taken_back(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)

        def block(action):
            self.set_plan(**ELSEWHERE)
            self.released.wait(BOUND)

        good = self.add(revert=block)
        other = self.add(revert=True)
        self.add([good, other], execute=False)
        self.assertRaises(
            exception.PlanIsLost, self.execute, parallel_total=1
        )
        self.assertFalse(self.released.is_set())

    def test_slots_of_a_lost_plan_are_free(self):
        def block(action):
            self.set_plan(**ELSEWHERE)
            self.released.wait(BOUND)

        lost = self.plan
        self.add_move(block, source='c1')
        self.assertRaises(exception.PlanIsLost, self.execute)
        self.plan = self.create_plan_of(lost)
        move = self.add_move(source='c1')
        self.execute(parallel_per_node=1)
        self.assertEqual(['SUCCEEDED'], self.states(move))

    def test_what_moves_on_of_a_lost_plan_is_foreign_from_then_on(self):
        def block(action):
            looks = self.in_flight.asked.count
            before = looks('Nova')
            # Two: the first may have begun before the action.
            self.wait_for(lambda: looks('Nova') > before + 1)
            self.set_plan(**ELSEWHERE)
            self.released.wait(BOUND)

        def show():
            """What Nova shows, until something else waits for it."""
            seen.append(self.state_of(move)[1])
            return [] if text in seen else [moving]

        seen = []
        text = 'waits: 1 of 1 leave c1, one of them not of this plan'
        lost = self.plan
        action = self.add_move(block, source='c1')
        moving = foreign.Move(
            'live-migration 7',
            ('resource', action.input_parameters['resource_id']),
            (('node', 'from', 'c1'),),
            progress='running',
        )
        self.in_flight.shown['Nova'] = [moving]
        self.options('zone_migration', poll_interval=0.2)
        self.assertRaises(exception.PlanIsLost, self.execute)
        self.patch(plan_status, '_FIRST_AFTER', 0)
        self.patch(plan_status, '_WRITE_EVERY', 0)
        self.in_flight.shown['Nova'] = show
        self.plan = self.create_plan_of(lost)
        move = self.add_move(source='c1')
        self.execute(parallel_per_node=1)
        self.assertIn(text, seen)
        self.assertEqual(['SUCCEEDED'], self.states(move))

    def test_lost_plan_can_come_back(self):
        self.lose(ELSEWHERE)
        self.assertFalse(running_plans.knows(self.plan.uuid))
        self.set_plan(hostname='applier')
        for uuid in self.actions:
            self.actions[uuid] = engines.scripted.Action()
        self.execute()
        self.assertEqual(
            {'SUCCEEDED'},
            {action.state for action in self.list_actions(self.plan)},
        )


class ComeBackTest(LostPlansTest):
    """Somebody else has had the plan, which nobody has noticed here."""

    def test_what_has_ended_elsewhere_is_left_as_it_is(self):
        def end_elsewhere(action):
            for one in (first, second):
                self.set_action(
                    one, state='FAILED', status_message='elsewhere'
                )
            return True

        first = self.add(execute=end_elsewhere)
        second = self.add([first])
        third = self.add()
        self.execute(parallel_total=1)
        for action in (first, second):
            self.assertEqual(('FAILED', 'elsewhere'), self.state_of(action))
        self.assertEqual([], self.calls(second))
        self.assertEqual(['SUCCEEDED'], self.states(third))

    def test_plan_that_is_cast_as_its_loss_is_noticed_goes_on(self):
        self.patch(running_plans, '_lock', self)
        action = self.add(
            execute=lambda action: (
                action.calls.count('execute') == 2
                or self.set_plan(**NOWHERE)
            )
        )
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(action))

    def __enter__(self):
        # The lock of the plans that run here, which the loss waits for.
        if self.plan_now().hostname is None:
            self.assertIn(self.plan.uuid, running_plans._running)
            self.set_plan(hostname='applier')

    def __exit__(self, *error):
        pass

    def test_no_thread_gets_clients_that_change_without_a_look(self):
        confirmed, early = [], []

        def load_all(*args):
            # As a look of the lost run at what others move.
            early.append(engine.osc)
            self.assertIn(early[-1], confirmed)
            return load(*args)

        load = records.load_all
        self.patch(records, 'load_all', load_all)
        self.patch(
            self.services,
            'confirm_changes',
            lambda osc, confirm: confirmed.append(osc),
        )
        self.add(execute=lambda action: self.set_action(ended, state='FAILED'))
        ended = self.add()
        engine = self.engine(parallel_total=1)
        engine.execute(self.list_actions(self.plan))
        self.assertEqual(confirmed[:1], early)
        self.assertIsNot(*confirmed)

    def test_plan_whose_actions_change_again_and_again_fails(self):
        def change(action):
            self.set_action(first, state='FAILED')
            self.actions[first.uuid] = engines.scripted.Action(execute=change)
            self.set_action(first, state='PENDING')
            self.set_action(second, state='FAILED')
            self.set_action(second, state='PENDING')
            return True

        first = self.add(execute=change)
        second = self.add()
        error = self.assertRaises(
            watcher_exception.WorkflowExecutionException, self.execute
        )
        self.assertIn('changes its actions again and again', str(error))


class OwnershipTest(LostPlansTest):
    def setUp(self):
        super().setUp()
        self.owner = ownership.Ownership(self.plan)

    def test_plan_that_is_run_here_is_confirmed(self):
        for state in ('ONGOING', 'CANCELLING'):
            self.set_plan(state=state)
            self.assertIsNone(self.owner.confirm())
            self.assertIsNone(self.owner.check())

    def test_plan_that_was_deleted_is_confirmed(self):
        self.plan.soft_delete()
        self.assertIsNone(self.owner.confirm())

    def test_plan_that_was_lost_once_stays_lost(self):
        self.set_plan(**ELSEWHERE)
        self.assertRaises(exception.PlanIsLost, self.owner.confirm)
        self.set_plan(hostname='applier')
        self.assertRaises(exception.PlanIsLost, self.owner.confirm)
        self.assertRaises(exception.PlanIsLost, self.owner.check)

    def test_each_change_of_the_cloud_is_confirmed(self):
        confirm_changes = self.useFixture(
            fixtures.MockPatchObject(self.services, 'confirm_changes')
        ).mock
        self.add()
        self.execute()
        ((osc, confirm), _) = confirm_changes.call_args
        self.assertIsNotNone(osc)
        self.set_plan(**ELSEWHERE)
        self.assertRaises(exception.PlanIsLost, confirm)
