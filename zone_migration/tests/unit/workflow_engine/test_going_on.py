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

"""Plans that go on after their applier was stopped."""

import datetime
import threading

import fixtures
from oslo_utils import fixture as utils_fixture
from oslo_utils import timeutils
from watcher import objects
from watcher.applier import default as applier
from watcher.applier.action_plan import default as action_plan
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic.outcome import states
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.tests.unit.workflow_engine import scripted
from zone_migration.tests.unit.workflow_engine import test_plan_run
from zone_migration.workflow_engine import parallel
from zone_migration.workflow_engine import running_plans
from zone_migration.workflow_engine import threads

NOTE = r'went on at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d after a restart'

NOT_SEEN = 'begun before the restart and not seen through'


def since(seconds):
    """The message of an action that has begun so long ago."""
    begun = timeutils.utcnow() - datetime.timedelta(seconds=seconds)
    return f'copying to c2 (since {begun:%Y-%m-%d %H:%M:%S})'


class GoingOnTest(test_plan_run.PlanRunTest):
    def begun(self, seconds=60, **script):
        """An action that an applier has begun so long ago."""
        return self.add(
            state='ONGOING', status_message=since(seconds), **script
        )

    def ended(self, seconds_ago, message, state='SUCCEEDED', **script):
        """An action that has ended so long ago."""
        action = self.add(state=state, status_message=message, **script)
        objects.Action.dbapi.update_action(
            action.id,
            {
                'updated_at': timeutils.utcnow()
                - datetime.timedelta(seconds=seconds_ago)
            },
        )
        return action

    def remember(self, order, name):
        def execute(action):
            order.append(name)
            return True

        return execute


class MayHaveBegunTest(GoingOnTest):
    """Watcher has written over what told whether an action has begun."""

    def run_action(self, **script):
        action = self.add(status_message=states.MAY_HAVE_BEGUN, **script)
        self.execute()
        self.assertTrue(self.actions[action.uuid].may_have_begun)
        return self.outcome_of(action)

    def test_what_has_arrived_has_succeeded(self):
        self.assertEqual(
            ('SUCCEEDED', 'on c2'),
            self.run_action(pre=exception.HasArrived(reason='on c2')),
        )

    def test_what_has_left_is_skipped(self):
        state, _ = self.run_action(pre=exception.NothingToMove(reason='gone'))
        self.assertEqual('SKIPPED', state)

    def test_what_is_where_it_was_is_moved(self):
        state, _ = self.run_action()
        self.assertEqual('SUCCEEDED', state)

    def test_it_holds_no_slots_before_it_is_run(self):
        order = []
        self.add(execute=self.remember(order, 'first'))
        self.add(
            status_message=states.MAY_HAVE_BEGUN,
            execute=self.remember(order, 'second'),
        )
        self.execute(parallel_total=1)
        self.assertEqual(['first', 'second'], order)


class OrderTest(GoingOnTest):
    def test_all_that_is_left_is_run_to_its_end(self):
        ended = self.add(state='SUCCEEDED')
        begun = self.begun()
        child = self.add([ended, begun])
        self.execute()
        self.assertEqual(['SUCCEEDED'] * 3, self.states(ended, begun, child))
        self.assertEqual([], self.calls(ended))
        self.assertIn('execute', self.calls(begun))

    def test_what_was_begun_comes_before_what_was_not(self):
        order = []
        self.add(execute=self.remember(order, 'new'))
        self.begun(execute=self.remember(order, 'begun'))
        self.execute(parallel_total=1)
        self.assertEqual(['begun', 'new'], order)

    def test_all_that_was_begun_is_under_way_whatever_the_limits_are(self):
        together = threading.Barrier(3)

        def meet(action):
            together.wait(test_plan_run.BOUND)
            return True

        begun = [self.begun(execute=meet) for _ in range(3)]
        self.execute(parallel_total=1)
        self.assertEqual(['SUCCEEDED'] * 3, self.states(*begun))

    def test_what_was_begun_waits_for_no_parent(self):
        # That has ended, whatever its row says: this was begun after it.
        order = []
        parent = self.add(execute=self.remember(order, 'parent'))
        self.add(
            [parent],
            state='ONGOING',
            status_message=since(5),
            execute=self.remember(order, 'begun'),
        )
        self.execute(parallel_total=1)
        self.assertEqual(['begun', 'parent'], order)

    def test_children_wait_for_what_was_begun(self):
        order = []
        begun = self.begun(execute=self.remember(order, 'begun'))
        self.add([begun], execute=self.remember(order, 'child'))
        self.execute()
        self.assertEqual(['begun', 'child'], order)

    def test_children_of_what_was_begun_and_fails_are_skipped(self):
        begun = self.begun(execute=exception.MoveFailed(reason='no'))
        child = self.add([begun])
        self.execute()
        self.assertEqual(['FAILED', 'SKIPPED'], self.states(begun, child))

    def test_nothing_starts_after_what_was_skipped_for_a_failure(self):
        # The applier was killed before it had written it of all.
        failed = self.ended(9, 'Action failed in execute: no', 'FAILED')
        child = self.ended(
            8,
            f'depends on action {failed.uuid}, which is FAILED',
            'SKIPPED',
            parents=[failed],
        )
        grandchild = self.add([child])
        self.execute()
        self.assertEqual('SKIPPED', self.state_of(grandchild)[0])


class TimeTest(GoingOnTest):
    """What the message of the plan tells of its time."""

    def test_time_is_counted_from_the_start_of_the_plan(self):
        self.begun(seconds=3600)
        self.add()
        self.execute()
        self.assertRegex(
            self.message(),
            rf'^2 succeeded in 1 h( \d+ s)?; {NOTE}$',
        )

    def test_time_is_counted_from_what_has_ended_by_now(self):
        self.ended(60, 'moved in 120.0 s, waited 120 s, last for w112')
        self.add()
        self.execute()
        self.assertRegex(
            self.message(), rf'^2 succeeded in 5 min( \d+ s)?; {NOTE}$'
        )

    def test_plan_whose_actions_tell_no_time_says_so(self):
        self.add(state='SUCCEEDED')
        self.add()
        self.execute()
        self.assertRegex(
            self.message(),
            f'^2 succeeded in .*; {NOTE}, its time is counted from there$',
        )

    def test_plan_that_begins_tells_nothing_of_a_restart(self):
        self.add(state='SKIPPED')
        self.add()
        self.execute()
        self.assertNotIn('restart', self.message())

    def test_plan_of_which_all_has_ended_ended_with_the_last(self):
        # It was cast twice, or stopped when it was about to end.
        self.useFixture(utils_fixture.TimeFixture(timeutils.utcnow()))
        self.set_clock(lambda: 0.0)
        self.ended(3600, 'moved in 60.0 s')
        self.ended(3000, 'moved in 60.0 s, waited 600 s')
        self.execute()
        self.assertRegex(self.message(), rf'^2 succeeded in 11 min; {NOTE}$')

    def test_failure_before_the_restart_is_told(self):
        self.ended(
            60,
            'Action failed in execute: no route (after 3.0 s)',
            'FAILED',
            parameters={'resource_name': 'web-1'},
        )
        self.add()
        self.execute()
        self.assertRegex(
            self.message(),
            f'^1 succeeded, 1 failed in .*; {NOTE}; '
            'web-1: Action failed in execute: no route$',
        )

    def test_what_is_left_has_waited_since_the_start_of_the_plan(self):
        self.begun(seconds=1000)
        left = self.add()
        self.execute()
        self.assertRegex(
            self.state_of(left)[1], r'^done in \d+\.\d s, waited 10\d\d s'
        )

    def test_what_was_begun_has_run_since_then(self):
        begun = self.begun(seconds=1000)
        self.execute()
        self.assertRegex(self.state_of(begun)[1], r'^done in 10\d\d\.\d s$')


class CancelTest(GoingOnTest):
    """A plan that is cancelled when it goes on."""

    def under_way(self, state='ONGOING', **script):
        """An action that was begun, and finds what it has begun."""

        def find(action):
            action.is_under_way = True

        return self.add(
            state=state, status_message=since(60), pre=find, **script
        )

    def be_aborted(self, action):
        self.assertTrue(action.aborted.wait(test_plan_run.BOUND))
        raise exception.MoveCancelled(reason='back on c1')

    def cancel_and_be_aborted(self, action):
        self.cancel_plan()
        self.be_aborted(action)

    def test_what_was_begun_is_aborted(self):
        begun = self.begun(execute=self.cancel_and_be_aborted)
        self.assert_ends_cancelled()
        self.assertEqual(('CANCELLED', 'back on c1'), self.outcome_of(begun))

    def test_what_is_under_way_is_aborted_in_a_plan_cancelled_before(self):
        begun = self.under_way(execute=self.be_aborted)
        left = self.add()
        self.cancel_plan()
        self.assert_ends_cancelled()
        self.assertEqual(('CANCELLED', 'back on c1'), self.outcome_of(begun))
        self.assertEqual('PENDING', self.state_of(left)[0])
        self.assertRegex(self.message(), '^1 cancelled, 1 not started in')

    def test_what_was_being_aborted_is_aborted_again(self):
        begun = self.under_way(state='CANCELLING', execute=self.be_aborted)
        self.cancel_plan()
        self.assert_ends_cancelled()
        self.assertEqual(('CANCELLED', 'back on c1'), self.outcome_of(begun))

    def test_plan_stays_cancelled_if_watcher_has_overwritten_that(self):
        begun = self.under_way(state='CANCELLING', execute=self.be_aborted)
        left = self.add()
        self.assert_ends_cancelled()
        self.assertEqual(('CANCELLED', 'back on c1'), self.outcome_of(begun))
        self.assertEqual('PENDING', self.state_of(left)[0])

    def test_what_cannot_be_aborted_is_waited_for(self):
        begun = self.under_way(can_abort=False)
        self.cancel_plan()
        self.assert_ends_cancelled()
        self.assertEqual('SUCCEEDED', self.state_of(begun)[0])

    def test_what_has_arrived_has_succeeded(self):
        begun = self.begun(pre=exception.HasArrived(reason='on c2'))
        self.cancel_plan()
        self.assert_ends_cancelled()
        self.assertEqual(('SUCCEEDED', 'on c2'), self.outcome_of(begun))

    def test_nothing_is_begun_anew(self):
        begun = self.begun()
        self.cancel_plan()
        self.assert_ends_cancelled()
        self.assertEqual(('CANCELLED', NOT_SEEN), self.outcome_of(begun))
        self.assertNotIn('execute', self.calls(begun))

    def test_what_was_begun_is_not_said_never_to_have_started(self):
        begun = self.begun(pre=self.cancel_and_be_noticed)
        self.assert_ends_cancelled()
        self.assertEqual(('CANCELLED', NOT_SEEN), self.outcome_of(begun))

    def be_away(self, then=lambda: None):
        """What finds Nova away until this was done, and then what it began."""
        self.looks = []

        def look(action):
            self.looks.append(action)
            if len(self.looks) > 1:
                action.is_under_way = True
                return
            self.services.away['Nova'] = 'HTTP 503'
            threads.start('be-away', self.when_it_waits, then)
            raise exception.ServiceUnavailable(service='Nova', reason='503')

        return look

    def when_it_waits(self, then):
        self.wait_for(
            lambda: 'waits until' in (self.state_of(self.away)[1] or '')
        )
        then()

    def test_what_was_begun_is_aborted_when_its_service_is_back(self):
        def cancel():
            self.cancel_plan()
            self.services.away.clear()

        self.away = self.begun(
            pre=self.be_away(cancel), execute=self.be_aborted
        )
        self.assert_ends_cancelled()
        self.assertEqual(
            ('CANCELLED', 'back on c1'), self.outcome_of(self.away)
        )

    def test_service_that_stays_away_is_waited_for_as_long_as_any(self):
        self.options('zone_migration', retry=1, retry_interval=1)
        self.away = self.begun(pre=self.be_away(self.cancel_plan))
        self.assert_ends_cancelled()
        self.assertEqual(
            ('CANCELLED', f'{NOT_SEEN}, it may go on: 503'),
            self.outcome_of(self.away),
        )

    def test_service_is_waited_for_in_a_plan_cancelled_before(self):
        self.away = self.begun(
            pre=self.be_away(self.services.away.clear),
            execute=self.be_aborted,
        )
        self.cancel_plan()
        self.assert_ends_cancelled()
        self.assertEqual(
            ('CANCELLED', 'back on c1'), self.outcome_of(self.away)
        )

    def test_hosts_are_enabled_that_a_killed_cancel_has_left(self):
        # All of it had ended by then.
        self.ended(5, 'back on c1 (after 3.0 s)', 'CANCELLED')
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.cancel)
        self.enable_hosts.assert_called_once()

    def test_engine_cancels_a_plan_whatever_its_state_is(self):
        begun = self.under_way(execute=self.be_aborted)
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.cancel)
        self.assertEqual(('CANCELLED', 'back on c1'), self.outcome_of(begun))

    def test_plan_that_cannot_go_on_sees_through_what_was_begun(self):
        begun = self.begun()
        self.add([self.add(plan=self.create_plan_of(self.plan))])
        self.assertRaises(
            watcher_exception.WorkflowExecutionException, self.execute
        )
        self.assertEqual('SUCCEEDED', self.state_of(begun)[0])

    def test_plan_that_was_cancelled_and_is_cast_again_is_cancelled(self):
        actions = [self.add(state='SUCCEEDED'), self.add(state='CANCELLED')]
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)
        self.assertEqual(['SUCCEEDED', 'CANCELLED'], self.states(*actions))
        self.assertIsNone(self.message())
        self.enable_hosts.assert_not_called()


class RequeueTest(GoingOnTest):
    def test_what_was_begun_keeps_its_slots_while_its_service_is_away(self):
        order, looks = [], []

        def look(action):
            looks.append(action)
            if len(looks) == 1:
                self.services.away['Nova'] = 'HTTP 503'
                threads.start(
                    'be-back', self.when_told, begun, self.services.away.clear
                )
                raise exception.ServiceUnavailable(
                    service='Nova', reason='503'
                )

        # It needs no Nova.
        self.add(
            execute=self.remember(order, 'new'),
            action_type='volume_migration',
            parameters={'resource_id': 'v'},
        )
        begun = self.begun(pre=look, execute=self.remember(order, 'begun'))
        self.execute(parallel_total=1)
        self.assertEqual(['begun', 'new'], order)

    def when_told(self, action, then):
        self.wait_for(
            lambda: 'waits until' in (self.state_of(action)[1] or '')
        )
        then()

    def test_what_was_begun_is_begun_anew_at_another_try(self):
        begun_at = []

        def execute(action):
            begun_at.append(action.begun_at)
            if len(begun_at) == 1:
                raise exception.NoValidHost(reason='No valid host')
            return True

        message = since(1000)
        begun = self.add(
            state='ONGOING',
            status_message=message,
            action_type='live_migration',
            parameters={'resource_id': 'a', 'source': 'c1'},
            execute=execute,
        )
        self.add(
            action_type='live_migration',
            parameters={'resource_id': 'b', 'source': 'c2'},
        )
        self.execute(parallel_total=1)
        self.assertIn(begun_at[0], message)
        self.assertEqual([begun_at[0], ''], begun_at)
        self.assertRegex(
            self.state_of(begun)[1], r'^done \(tried 2 times\) in \d{1,2}\.'
        )

    def test_what_found_its_service_away_was_begun_still(self):
        begun_at = []
        self.services.away['Nova'] = 'HTTP 503'

        def look(action):
            begun_at.append(action.begun_at)
            if len(begun_at) == 1:
                self.services.away.clear()
                raise exception.ServiceUnavailable(
                    service='Nova', reason='HTTP 503'
                )

        begun = self.begun(pre=look)
        self.services.away.clear()
        self.execute()
        self.assertEqual(2, len(begun_at))
        self.assertEqual({begun_at[0]}, {*begun_at} - {''})
        self.assertEqual(['SUCCEEDED'], self.states(begun))


class Factory:
    """Makes the actions of a plan anew."""

    def __init__(self) -> None:
        self.made = []

    def __call__(self, db_action):
        self.made.append(scripted.Action())
        return self.made[-1]


class RollbackTest(GoingOnTest):
    def setUp(self):
        super().setUp()
        self.options('watcher_applier', rollback_when_actionplan_failed=True)

    def order_of(self, *names):
        """Scripts that remember in which order these are reverted."""
        self.order = []
        return [
            {'revert': lambda action, name=name: self.order.append(name)}
            for name in names
        ]

    def test_last_that_has_ended_is_the_first_to_go_back(self):
        first, second, third = self.order_of('first', 'second', 'third')
        # In another order than that of the plan.
        self.ended(10, 'moved in 1.0 s', **second)
        self.ended(90, 'moved in 1.0 s', **first)
        self.begun(**third)
        self.add([self.add()], execute=exception.MoveFailed(reason='no'))
        self.execute(parallel_total=1)
        self.assertEqual(['third', 'second', 'first'], self.order)

    def test_children_go_back_before_their_parents(self):
        parent, child = self.order_of('parent', 'child')
        ended = self.ended(5, 'moved in 1.0 s', **parent)
        # Written by a clock that was behind.
        self.ended(9, 'moved in 1.0 s', parents=[ended], **child)
        self.add(execute=False)
        self.execute(parallel_total=1)
        self.assertEqual(['child', 'parent'], self.order)

    def test_action_that_this_process_has_not_run_is_made_anew(self):
        ended = self.add(state='SUCCEEDED')
        self.add(execute=False)
        factory = Factory()
        made = self.actions.pop(ended.uuid)

        class Actions(dict):
            def __missing__(self, uuid):
                return factory(uuid)

        self.actions = Actions(self.actions)
        self.execute()
        self.assertEqual([], made.calls)
        self.assertEqual([['revert']], [one.calls for one in factory.made])

    def test_what_cannot_be_made_anew_keeps_no_other_from_going_back(self):
        broken = self.add(state='SUCCEEDED')
        good = self.add(state='SUCCEEDED')
        self.add(execute=False)
        del self.actions[broken.uuid]
        self.execute()
        self.assertEqual(['revert'], self.calls(good))

    def test_what_is_taken_back_keeps_its_planned_limits(self):
        moves = [
            self.add(
                state='SUCCEEDED',
                action_type='live_migration',
                parameters={'resource_id': name, 'source': 'c1'},
                revert=self.count,
            )
            for name in 'abc'
        ]
        self.running, self.most = 0, 0
        self.lock = threading.Lock()
        self.add(execute=False)
        self.execute(parallel_per_node=1)
        self.assertEqual(1, self.most)
        for move in moves:
            self.assertEqual(['revert'], self.calls(move))

    def count(self, action):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        threading.Event().wait(0.02)
        with self.lock:
            self.running -= 1


class TwiceTest(engines.EngineTest):
    """A plan that was cast twice, when its applier was stopped twice."""

    def test_second_ends_and_the_first_goes_on(self):
        lost = []

        def run_again(action):
            lost.append(self.assertRaises(exception.PlanIsLost, self.execute))
            return True

        actions = [self.add(execute=run_again), self.add()]
        self.execute(parallel_total=1)
        self.assertEqual([self.plan.uuid], [str(error) for error in lost])
        self.assertEqual(['SUCCEEDED'] * 2, self.states(*actions))
        self.assertEqual(
            ['pre_condition', 'execute', 'post_condition'],
            self.calls(actions[0]),
        )

    def test_second_writes_nothing(self):
        action = self.add()
        self.while_it_runs(
            lambda: self.assertRaises(exception.PlanIsLost, self.execute)
        )
        self.assertEqual(('PENDING', None), self.state_of(action))
        self.assertIsNone(self.message())

    def while_it_runs(self, call):
        running_plans.run_once(self.plan.uuid, call)

    def test_watcher_leaves_the_plan_to_the_first(self):
        action = self.add()
        self.useFixture(
            fixtures.MockPatchObject(
                applier.DefaultApplier,
                'execute',
                lambda applier, uuid: self.execute(),
            )
        )
        handler = action_plan.DefaultActionPlanHandler(
            self.context, None, self.plan.uuid
        )
        self.while_it_runs(
            lambda: self.assertRaises(exception.PlanIsLost, handler.execute)
        )
        self.assertEqual(('ONGOING', None), self.plan_now())
        self.assertEqual(['PENDING'], self.states(action))

    def plan_now(self):
        plan = objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)
        return plan.state, plan.status_message

    def test_another_plan_is_run_beside_it(self):
        other = self.create_plan_of(self.plan)
        action = self.add(plan=other)
        self.while_it_runs(lambda: self.execute(other))
        self.assertEqual(['SUCCEEDED'], self.states(action))

    def test_second_that_comes_after_the_end_keeps_the_summary(self):
        kept = self.useFixture(
            fixtures.MockPatchObject(parallel.summary_keeper, 'keep')
        ).mock
        self.add()
        for calls in (0, 1):
            self.execute()
            self.assertEqual(calls, kept.call_count)
        _plan, summary = kept.call_args.args
        self.assertEqual(self.message(), summary)

    def test_second_that_comes_after_the_end_ends_alike(self):
        self.add(execute=False)
        self.cancel_plan()
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)

    def test_plan_whose_end_was_forgotten_is_ended_from_its_actions(self):
        actions = [self.add(), self.add(execute=False)]
        self.execute()
        for end in (self.execute, self.execute, self.cancel_again):
            running_plans.forget(self.plan.uuid)
            end()
            self.assertIn('1 succeeded, 1 failed', self.message())
        for action in actions:
            self.assertEqual(1, self.calls(action).count('execute'))

    def cancel_again(self):
        self.cancel_plan()
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.cancel)
