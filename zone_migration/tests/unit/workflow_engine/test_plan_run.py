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

"""Plans that go on, and end as they should, whatever happens meanwhile."""

import functools
import threading
from unittest import mock

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from watcher import objects
from watcher.applier import default as applier
from watcher.applier.action_plan import default as handler
from watcher.common import exception as watcher_exception
from watcher.common import nova_helper
from watcher.common import utils

from zone_migration import exception
from zone_migration.logic.schedule import scheduling
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.tests.unit.workflow_engine import test_plan_hosts
from zone_migration.watcher_db import database
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import parallel
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import plan_run
from zone_migration.workflow_engine import plan_status
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import requeue
from zone_migration.workflow_engine import threads

#: How long a test waits for what has to come, in seconds.
BOUND = 300

#: What Watcher's own migrate raises where libvirt leaves the server in ERROR;
#: Watcher 15 has no name for it.
AbortFailed = getattr(watcher_exception, 'LiveMigrationFailed', Exception)


class Pool:
    """Has threads for all but some."""

    def __init__(self, real, is_lacking):
        self._real = real
        self._is_lacking = is_lacking

    def shutdown(self, wait):
        self._real.shutdown(wait=wait)

    def submit(self, function, *args):
        if self._is_lacking(function, *args):
            raise RuntimeError("can't start new thread")
        return self._real.submit(function, *args)


class PlanRunTest(engines.EngineTest):
    def setUp(self):
        super().setUp()
        # Between two attempts oslo.db sleeps.
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))
        self.useFixture(fixtures.MockPatchObject(database, '_PAUSE', 0.01))
        self.enable_hosts = self.useFixture(
            fixtures.MockPatchObject(
                parallel.ParallelWorkFlowEngine,
                'enable_hosts',
                return_value='1 host enabled again',
            )
        ).mock

    def set_clock(self, clock):
        """Let this be the clock of the thread of a plan."""
        self.useFixture(
            fixtures.MockPatchObject(
                plan_run,
                'PlanRun',
                functools.partial(plan_run.PlanRun, clock=clock),
            )
        )

    def add_until_aborted(self, count, others=0):
        """So many actions that run until they are aborted.

        With one that cancels the plan when all of them run, and so many
        others, which wait for that at the barrier ``together``.
        """
        self.together = together = threading.Barrier(
            count + 1 + others, timeout=BOUND
        )

        def run(action):
            together.wait()
            if action.aborted.wait(BOUND):
                raise exception.MoveCancelled(reason='back on c1')
            return True

        def cancel(action):
            together.wait()
            self.cancel_plan()
            return True

        self.add(execute=cancel, can_abort=False)
        return [self.add(execute=run) for _ in range(count)]

    def assert_ends_cancelled(self, **limits):
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute, **limits
        )
        self.enable_hosts.assert_called_once()
        self.assertIn('1 host enabled again', self.message())

    def assert_all_aborted(self, actions):
        self.assert_ends_cancelled()
        self.assertEqual(
            ['CANCELLED'] * len(actions), self.states(*actions)
        )

    def lack_threads(self, is_lacking):
        """There is no thread for calls of which this says so."""
        make = threads._make_pool
        self.useFixture(
            fixtures.MockPatchObject(
                threads,
                '_make_pool',
                lambda most: Pool(make(most), is_lacking),
            )
        )

    def let_abort(self, actions, abort):
        """Let each abort() of these do that, too."""
        for action in actions:
            scripted = self.actions[action.uuid]
            real = scripted.abort

            def both(real=real):
                real()
                abort()

            scripted.abort = both


class CancelTest(PlanRunTest):
    def test_abort_that_raises_is_no_matter_of_the_others(self):
        running = self.add_until_aborted(3)
        waiting = self.add([running[0]])
        self.let_abort(
            running,
            mock.Mock(side_effect=AbortFailed('x')),
        )
        self.assert_all_aborted(running)
        # Watcher's applier makes CANCELLED of it.
        self.assertEqual(['PENDING'], self.states(waiting))

    def test_abort_that_blocks_holds_up_neither_the_others_nor_the_plan(self):
        running = self.add_until_aborted(3)
        released = threading.Event()
        self.addCleanup(released.set)
        self.let_abort(running, lambda: released.wait(2 * BOUND))
        self.assert_all_aborted(running)
        self.assertFalse(released.is_set())

    def test_check_that_raises_is_no_matter_of_the_others(self):
        running = self.add_until_aborted(3, others=1)

        def outlast(action):
            self.together.wait()
            self.wait_for(
                lambda: self.states(*running) == ['CANCELLED'] * 3
            )
            return True

        odd = self.add(execute=outlast)
        self.actions[odd.uuid].check_abort = mock.Mock(
            side_effect=KeyError('destination')
        )
        self.assert_all_aborted(running)
        self.assertEqual(['SUCCEEDED'], self.states(odd))

    def test_action_whose_cancelling_cannot_be_written_is_aborted(self):
        running = self.add_until_aborted(2)
        update = records._update

        def fail(uuid, changes, was):
            if changes.get('state') == 'CANCELLING' and not all(
                self.actions[action.uuid].aborted.is_set()
                for action in running
            ):
                raise db_exception.DBConnectionError()
            update(uuid, changes, was)

        self.useFixture(fixtures.MockPatchObject(records, '_update', fail))
        self.assert_all_aborted(running)

    def test_cancel_is_noticed_while_what_depends_on_a_failure_is_skipped(
        self,
    ):
        # There can be thousands.
        self.useFixture(
            fixtures.MockPatchObject(plan_run, '_CANCEL_CHECK', 0)
        )
        skip = action_run.ActionRun.skip

        def skip_and_cancel(run, reason):
            skip(run, reason)
            self.cancel_plan()

        self.useFixture(
            fixtures.MockPatchObject(
                action_run.ActionRun, 'skip', skip_and_cancel
            )
        )
        bad = self.add(execute=False)
        children = [self.add([bad]) for _ in range(3)]
        self.assert_ends_cancelled()
        # Watcher's applier makes CANCELLED of the others.
        self.assertEqual(
            ['PENDING', 'PENDING', 'SKIPPED'], sorted(self.states(*children))
        )
        self.assertRegex(
            self.message(), '^1 skipped, 1 failed, 2 not started in'
        )

    def test_plan_that_was_deleted_is_cancelled(self):
        running = self.add_until_aborted(2)
        self.cancel_plan = self.plan.soft_delete
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute
        )
        self.enable_hosts.assert_called_once()
        for action in running:
            self.assertTrue(self.actions[action.uuid].aborted.is_set())

    def test_hosts_that_cannot_be_enabled_are_in_the_summary(self):
        self.add_until_aborted(1)
        self.enable_hosts.side_effect = KeyError('no such session')
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute
        )
        self.assertIn(
            "hosts may still be disabled: KeyError: 'no such session'",
            self.message(),
        )

    def test_summary_that_cannot_be_written_leaves_the_plan_cancelled(self):
        self.add_until_aborted(1)
        self.useFixture(
            fixtures.MockPatchObject(
                plan_records,
                'write_message',
                side_effect=db_exception.DBConnectionError(),
            )
        )
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute
        )
        self.enable_hosts.assert_called_once()

    def test_rollback_ends_when_the_plan_is_cancelled(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = [self.add()]
        # Which is taken back before the first one.
        good.append(self.add(good))
        self.add(good, execute=False)
        for action in good:
            self.actions[action.uuid].revert = mock.Mock(
                side_effect=self.cancel_plan
            )
        self.assert_ends_cancelled()
        self.assertEqual(
            1,
            sum(
                self.actions[action.uuid].revert.call_count for action in good
            ),
        )


class ParentsTest(PlanRunTest):
    """Plans that nobody can run to their end."""

    def run_as_watcher_does(self):
        """The state and the message that Watcher's handler leaves."""
        self.useFixture(
            fixtures.MockPatchObject(
                applier.DefaultApplier,
                'engine',
                new_callable=mock.PropertyMock,
                return_value=self.engine(),
            )
        )
        handler.DefaultActionPlanHandler(
            self.context, None, self.plan.uuid
        ).execute()
        plan = objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)
        return plan.state, plan.status_message

    def assert_failed(self, reason, *actions):
        """As under Watcher's own engine, nothing has run."""
        state, message = self.run_as_watcher_does()
        self.assertEqual('FAILED', state)
        self.assertIn(reason, message)
        self.assertEqual(['PENDING'] * len(actions), self.states(*actions))
        for action in actions:
            self.assertEqual([], self.calls(action))

    def test_circle_makes_the_plan_failed_with_that_reason(self):
        first, other = self.add(), self.add()
        second = self.add([first])
        first.parents = [second.uuid]
        first.save()
        self.assert_failed(
            'actions depend on each other in a circle', first, second, other
        )

    def test_parent_that_does_not_exist_makes_the_plan_failed(self):
        missing = mock.Mock(uuid=utils.generate_uuid())
        action, other = self.add([missing]), self.add()
        self.assert_failed(
            f'action {action.uuid} depends on {missing.uuid}, '
            'which is not in the plan',
            action,
            other,
        )

    def test_plan_with_a_circle_that_is_cancelled_is_cancelled(self):
        action = self.add()
        action.parents = [action.uuid]
        action.save()
        self.cancel_plan()
        self.assert_ends_cancelled()
        self.assertEqual(['PENDING'], self.states(action))


class EndedBeforeTest(PlanRunTest):
    """What has ended when the engine gets the plan is left as it is."""

    STATES = ('SUCCEEDED', 'CANCELLED', 'FAILED', 'SKIPPED')

    def test_it_is_left_as_it_is(self):
        actions = [
            self.add(state=state, status_message=f'is {state}')
            for state in self.STATES
        ]
        # Without any that is left the plan was cancelled.
        self.add()
        self.execute()
        for state, action in zip(self.STATES, actions, strict=True):
            self.assertEqual((state, f'is {state}'), self.state_of(action))
            self.assertEqual([], self.calls(action))
        self.assertRegex(
            self.message(),
            '^2 succeeded, 1 cannot move, 1 failed, 1 cancelled in',
        )

    def test_its_children_do_what_they_would_after_its_end(self):
        actions = [self.add(state=state) for state in self.STATES]
        children = [self.add([action]) for action in actions]
        self.execute()
        self.assertEqual(
            ['SUCCEEDED', 'SKIPPED', 'SKIPPED', 'SUCCEEDED'],
            self.states(*children),
        )
        self.assertEqual(
            f'depends on action {actions[1].uuid}, which is CANCELLED',
            self.state_of(children[1])[1],
        )

    def test_child_that_has_ended_is_left_as_it_is(self):
        failed = self.add(state='FAILED')
        child = self.add([failed], state='SUCCEEDED')
        grandchild = self.add([child])
        self.execute()
        self.assertEqual(
            ['FAILED', 'SUCCEEDED', 'SUCCEEDED'],
            self.states(failed, child, grandchild),
        )

    def test_it_is_reverted_like_what_has_succeeded_since(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        before = self.add(state='SUCCEEDED')
        now = self.add([before])
        self.add([now], execute=False)
        self.execute()
        self.assertEqual(['revert'], self.calls(before))
        self.assertIn('revert', self.calls(now))

    def test_what_has_not_succeeded_before_is_not_reverted(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        actions = [
            self.add(state=state) for state in ('FAILED', 'SKIPPED')
        ]
        self.add(execute=False)
        self.execute()
        for action in actions:
            self.assertEqual([], self.calls(action))

    def test_failure_before_a_restart_is_rolled_back_too(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add(state='SUCCEEDED')
        self.add(state='FAILED')
        self.execute()
        self.assertEqual(['revert'], self.calls(good))


class TroubleTest(PlanRunTest):
    """What goes wrong in the thread of the plan."""

    def away(self, times):
        """Let the state of the plan be read in vain, so often."""
        self.failures = times
        read = plan_records._read

        def fail(plan_id):
            if self.failures:
                self.failures -= 1
                raise db_exception.DBConnectionError()
            return read(plan_id)

        self.useFixture(fixtures.MockPatchObject(plan_records, '_read', fail))

    def test_database_away_for_longer_than_is_retried_ends_nothing(self):
        def lose_database(action):
            self.away(20)
            self.wait_for(lambda: not self.failures)
            return True

        parent = self.add(execute=lose_database)
        child = self.add([parent])
        self.execute()
        self.assertEqual(['SUCCEEDED'] * 2, self.states(parent, child))

    def test_cancel_is_noticed_as_soon_as_the_database_is_back(self):
        def lose_database(action):
            self.away(20)
            self.wait_for(lambda: not self.failures)
            return self.cancel_and_be_noticed()

        self.add(execute=lose_database, can_abort=False)
        child = self.add()
        self.assert_ends_cancelled(parallel_total=1)
        self.assertEqual(['PENDING'], self.states(child))

    def test_rollbacks_when_the_database_says_how(self):
        def lose_database(action):
            self.away(100)
            self.cancel_plan()
            return True

        self.add(execute=lose_database, can_abort=False)
        self.assert_ends_cancelled()

    def test_cancel_is_noticed_after_an_exception(self):
        self.useFixture(
            fixtures.MockPatchObject(plan_status, '_WRITE_EVERY', 0)
        )
        broken = self.useFixture(
            fixtures.MockPatchObject(
                plan_status.PlanStatus,
                'write_progress',
                side_effect=RuntimeError('no memory'),
            )
        ).mock
        running = self.add_until_aborted(2)
        self.assert_all_aborted(running)
        broken.assert_called()

    def test_action_that_gets_no_thread_is_failed(self):
        parent = self.add()
        child = self.add([parent])
        other = self.add()
        self.lack_threads(
            lambda function, run, waited_for: run.uuid == parent.uuid
        )
        self.execute()
        self.assertEqual(
            ['FAILED', 'SKIPPED', 'SUCCEEDED'],
            self.states(parent, child, other),
        )
        self.assertEqual(
            'Action failed in pre_condition: '
            "RuntimeError: can't start new thread",
            self.state_of(parent)[1],
        )

    def test_plan_that_cannot_go_on_is_failed_with_the_reason(self):
        def break_scheduler(action):
            self.useFixture(
                fixtures.MockPatchObject(
                    scheduling.Scheduler,
                    'next',
                    side_effect=RuntimeError('no sense'),
                )
            )
            return True

        self.add(execute=break_scheduler)
        self.add()
        error = self.assertRaises(
            watcher_exception.WorkflowExecutionException,
            self.execute,
            parallel_total=1,
        )
        self.assertIn('RuntimeError: no sense', str(error))
        self.assertIn('RuntimeError: no sense', self.message())

    def test_action_that_cannot_be_requeued_ends(self):
        self.useFixture(
            fixtures.MockPatchObject(
                requeue.Requeue,
                '_waits_for_room',
                side_effect=RuntimeError('no sense'),
            )
        )
        stuck = self.add_move(
            exception.NoValidHost(reason='No valid host was found')
        )
        child = self.add([stuck])
        self.execute()
        self.assertEqual(['FAILED', 'SKIPPED'], self.states(stuck, child))


class Nova:
    """What Watcher's own migration needs of Nova.

    :param abort: does what aborting a server does.
    """

    def __init__(self, count, abort) -> None:
        self.asked = []
        self._together = threading.Barrier(count + 1, timeout=BOUND)
        self._ended = {}
        self._abort = abort

    def meet(self):
        """Wait until all migrations run."""
        self._together.wait()

    def find_instance(self, instance_id):
        """A server that runs where it should."""
        self._ended.setdefault(instance_id, threading.Event())
        return mock.Mock(
            host='c1', status='ACTIVE', **{'OS-EXT-SRV-ATTR:host': 'c1'}
        )

    def get_compute_node_by_hostname(self, hostname):
        """A host that servers may go to."""
        return mock.Mock(status='enabled')

    def live_migrate_instance(self, instance_id, dest_hostname):
        """Migrate until that is aborted."""
        self.meet()
        return not self._ended[instance_id].wait(BOUND)

    def abort_live_migrate(self, instance_id, source, destination):
        """Ask Nova, and wait for what comes of it."""
        self.asked.append(instance_id)
        self._ended[instance_id].set()
        return self._abort(instance_id)


class WatchersMigrateTest(PlanRunTest):
    """A plan of another strategy, with Watcher's own migrations."""

    ENGINE = test_plan_hosts.HostEngine

    def be_cancelled(self, abort):
        """Cancel a plan of three migrations; their states then."""
        nova = Nova(3, abort)
        self.useFixture(
            fixtures.MockPatchObject(
                nova_helper, 'NovaHelper', lambda *args, **kwargs: nova
            )
        )
        servers = [utils.generate_uuid() for _ in range(3)]
        actions = [
            self.create_action(
                self.plan,
                'migrate',
                input_parameters={
                    'resource_id': server,
                    'migration_type': 'live',
                    'source_node': 'c1',
                    'destination_node': 'c2',
                },
            )
            for server in servers
        ]
        self.add(
            execute=lambda action: nova.meet() or self.cancel_plan() or True,
            can_abort=False,
        )
        waiting = self.add([actions[0]])
        self.assert_ends_cancelled(parallel_per_node=0)
        self.assertEqual(set(servers), set(nova.asked))
        self.assertEqual(['PENDING'], self.states(waiting))
        return self.states(*actions)

    def test_all_are_aborted_where_aborting_one_raises(self):
        # As it does where libvirt leaves the server in ERROR.
        states = self.be_cancelled(
            mock.Mock(side_effect=AbortFailed('s'))
        )
        # Whichever is told first: that it failed, or that aborting it did.
        self.assertLessEqual(set(states), {'CANCELLED', 'FAILED'})

    def test_all_are_aborted_where_aborting_one_takes_minutes(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.assertEqual(
            ['CANCELLED'] * 3,
            self.be_cancelled(lambda server: released.wait(2 * BOUND)),
        )
        self.assertFalse(released.is_set())


class ThreadTest(PlanRunTest):
    def test_action_is_aborted_in_a_thread_of_its_own(self):
        running = self.add_until_aborted(1)
        seen = []
        self.let_abort(
            running, lambda: seen.append(threading.current_thread())
        )
        self.assert_all_aborted(running)
        self.assertTrue(seen[0].daemon)
        self.assertEqual(f'abort-{running[0].uuid}', seen[0].name)


class EndOfAbortTest(PlanRunTest):
    def test_action_that_fails_after_its_abort_has_failed_is_failed(self):
        begun, released = threading.Event(), threading.Event()

        def execute(action):
            begun.set()
            released.wait(BOUND)
            return False

        db_action = self.add(execute=execute)
        self.actions[db_action.uuid].abort = mock.Mock(
            side_effect=AbortFailed('x')
        )
        run = action_run.ActionRun(
            self.context,
            db_action,
            lambda db_action: self.actions[db_action.uuid],
            ownership.Ownership(self.plan),
        )
        thread = threading.Thread(target=run.run)
        thread.start()
        begun.wait(BOUND)
        run.cancel().join(BOUND)
        released.set()
        thread.join(BOUND)
        self.assertEqual('FAILED', self.state_of(db_action)[0])
