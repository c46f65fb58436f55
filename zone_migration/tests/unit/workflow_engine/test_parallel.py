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

import fixtures
from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import clients
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.watcher_db import database
from zone_migration.workflow_engine import plan_records


class RunTest(engines.EngineTest):
    def test_plan_without_actions_ends_at_once(self):
        self.execute()
        self.assertIsNone(self.message())

    def test_plan_waits_for_the_database_to_begin(self):
        load = plan_records.load
        self.useFixture(fixtures.MockPatchObject(database, '_PAUSE', 0))
        asked = self.useFixture(
            fixtures.MockPatchObject(
                plan_records,
                'load',
                side_effect=[
                    db_exception.DBConnectionError(),
                    load(self.context, self.plan.id),
                ],
            )
        ).mock
        action = self.add()
        self.execute()
        self.assertEqual(2, asked.call_count)
        self.assertEqual(['SUCCEEDED'], self.states(action))

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


class FailureTest(engines.EngineTest):
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

    def test_plan_with_an_action_that_ended_unexpectedly_is_failed(self):
        # Watcher ends a plan as FAILED that has an action that is.
        failing = [
            self.add(execute=watcher_exception.ActionSkipped('no more')),
            self.add(execute=SystemExit('enough')),
        ]
        child = self.add(failing)
        self.execute()
        self.assertEqual(
            ['FAILED', 'FAILED', 'SKIPPED'], self.states(*failing, child)
        )
        self.assertRegex(self.message(), '^1 skipped, 2 failed in')

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


class ParentsTest(engines.EngineTest):
    """Whose children run after a failure: those that only come later."""

    def run_with_a_failure(self):
        """The states of a child and a grandchild of one that fails."""
        failing = self.add(execute=False)
        child = self.add([failing])
        grandchild = self.add([child])
        self.execute()
        return self.states(child, grandchild)

    def name_strategy(self, name):
        strategy = objects.Strategy.get_by_id(
            self.context, self.plan.strategy_id
        )
        strategy.name = name
        strategy.save()

    def test_those_of_another_strategy_run(self):
        self.name_strategy('zone_migration')
        self.assertEqual(['SUCCEEDED'] * 2, self.run_with_a_failure())
        self.assertRegex(self.message(), '^2 succeeded, 1 failed in')

    def test_those_of_this_strategy_are_skipped(self):
        self.name_strategy('parallel_migration')
        self.assertEqual(['SKIPPED'] * 2, self.run_with_a_failure())

    def test_those_of_this_strategy_run_where_another_planner_orders_it(self):
        self.options('zone_migration', planner='weight')
        self.assertEqual(['SUCCEEDED'] * 2, self.run_with_a_failure())

    def test_planner_of_this_strategy_says_nothing_about_others(self):
        self.name_strategy('zone_migration')
        self.options('zone_migration', planner='default')
        self.assertEqual(['SUCCEEDED'] * 2, self.run_with_a_failure())

    def test_they_run_after_all_that_has_ended_before(self):
        self.name_strategy('zone_migration')
        children = [
            self.add([self.add(state=state)])
            for state in ('SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED')
        ]
        self.execute()
        self.assertEqual(['SUCCEEDED'] * 4, self.states(*children))

    def test_child_waits_for_all_its_parents_though_one_has_failed(self):
        self.name_strategy('zone_migration')
        failing = self.add(execute=False)
        order = []

        def outlast(action):
            self.wait_for(lambda: self.states(failing) == ['FAILED'])
            order.append('parent')
            return True

        parent = self.add(execute=outlast)
        self.add(
            [failing, parent], execute=lambda _: order.append('child') or True
        )
        self.execute()
        self.assertEqual(['parent', 'child'], order)

    def test_nothing_starts_after_a_failure_in_a_cancelled_plan(self):
        self.name_strategy('zone_migration')
        failing = self.add(
            execute=lambda _: self.cancel_and_be_noticed() and False,
            can_abort=False,
        )
        child = self.add([failing])
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)
        self.assertEqual(['FAILED', 'PENDING'], self.states(failing, child))


class Meter:
    """Counts how many moves run at once.

    :param at_once: so many meet before any of them ends.
    """

    def __init__(self, at_once) -> None:
        self.most = 0
        self._running = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(at_once, timeout=30)

    def __call__(self, action):
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
        self._together.wait()
        with self._lock:
            self._running -= 1
        return True


class LimitsTest(engines.EngineTest):
    def set_audit_parameters(self, **parameters):
        audit = objects.Audit.get_by_id(
            self.context, self.plan.audit_id, eager=True
        )
        audit.parameters = parameters
        audit.save()

    def limits(self, **options):
        return self.engine(**options).limits(
            objects.ActionPlan.get_by_uuid(
                self.context, self.plan.uuid, eager=True
            )
        )

    def test_limits_are_those_of_the_configuration(self):
        self.assertEqual(
            {'total': 7, 'node': 3, 'pool': 1},
            self.limits(
                parallel_total=7, parallel_per_node=3, parallel_per_pool=1
            ),
        )

    def test_audit_has_limits_of_its_own(self):
        self.set_audit_parameters(parallel_per_node=5, params={})
        self.assertEqual(
            {'total': 10, 'node': 5, 'pool': 2}, self.limits()
        )

    def test_audit_does_not_exceed_the_ceilings(self):
        self.set_audit_parameters(parallel_per_node=5)
        self.assertEqual(
            {'total': 10, 'node': 4, 'pool': 2},
            self.limits(max_parallel_per_node=4),
        )

    def test_attempts_are_those_of_the_audit_or_of_the_configuration(self):
        plan = plan_records.load(self.context, self.plan.id)
        self.assertEqual(3, self.engine(attempts=3).attempts(plan))
        self.set_audit_parameters(attempts=4)
        plan = plan_records.load(self.context, self.plan.id)
        self.assertEqual(4, self.engine(attempts=3).attempts(plan))

    def test_parameters_of_another_strategy_are_no_limits(self):
        self.set_audit_parameters(parallel_per_node=5)
        strategy = objects.Strategy.get_by_id(
            self.context, self.plan.strategy_id
        )
        strategy.name = 'zone_migration'
        strategy.save()
        self.assertEqual(2, self.limits()['node'])

    def test_node_limit_holds_for_planned_hosts(self):
        meter = Meter(2)
        for _ in range(4):
            self.add_move(meter, source='c1')
        self.execute(parallel_per_node=2)
        self.assertEqual(2, meter.most)

    def add_retype(self, execute, pool):
        return self.add(
            execute=execute,
            action_type='volume_retype',
            parameters={'dst_type': 'silver', 'expected_pool': pool},
        )

    def test_pool_limit_holds_for_retypes(self):
        meeting = fakes.Meeting()
        for _ in range(2):
            self.add_retype(lambda action: bool(meeting()), 'h@b#b')
        self.execute(parallel_per_pool=1)
        self.assertEqual((2, False), (len(meeting.made), meeting.met))

    def test_pool_of_the_copy_counts_instead_of_the_expected_one(self):
        others = []

        def go_elsewhere(action):
            action.on_destination('h@c#c')
            # Only now is there room for it.
            self.wait_for(lambda: 'execute' in self.calls(others[0]))
            return True

        self.add_retype(go_elsewhere, 'h@b#b')
        others.append(self.add_retype(True, 'h@b#b'))
        self.execute(parallel_per_pool=1)
        self.assertEqual(('SUCCEEDED', 'done'), self.outcome_of(others[0]))

    def test_limit_holds_across_two_plans(self):
        meter = Meter(2)
        other = self.create_plan_of(self.plan)
        for plan in (self.plan, other):
            for _ in range(4):
                self.add(
                    plan=plan,
                    execute=meter,
                    action_type='live_migration',
                    parameters={'source': 'c1'},
                )
        thread = threading.Thread(target=self.execute, args=(other,))
        thread.start()
        self.execute()
        thread.join(30)
        self.assertEqual(2, meter.most)
        self.assertEqual(
            {'SUCCEEDED'},
            {
                action.state
                for plan in (self.plan, other)
                for action in objects.Action.list(
                    self.context, filters={'action_plan_uuid': plan.uuid}
                )
            },
        )

    def test_plan_that_breaks_off_holds_no_slots(self):
        broken = RuntimeError('no database')

        def break_off(action):
            self.useFixture(
                fixtures.MockPatchObject(
                    plan_records, 'state', side_effect=broken
                )
            )
            called.wait(30)
            return True

        called = threading.Event()
        broken_plan = self.plan
        self.add_move(break_off, source='c1')
        self.add(execute=lambda action: called.set() or True)
        self.assertIs(broken, self.assertRaises(RuntimeError, self.execute))
        self.plan = self.create_plan_of(broken_plan)
        self.useFixture(
            fixtures.MockPatchObject(
                plan_records, 'state', return_value='ONGOING'
            )
        )
        move = self.add_move(source='c1')
        self.execute(parallel_per_node=1)
        self.assertEqual(['SUCCEEDED'], self.states(move))

    def test_destination_that_is_learnt_counts_from_then_on(self):
        events = []
        learnt = threading.Event()

        def go(action):
            action.on_destination('c3')
            events.append('learnt')
            learnt.set()
            # The next one would start now, if it might.
            follower.wait(30)
            events.append('ended')
            return True

        def follow(action):
            events.append('followed')
            return True

        def nudge(action):
            # When it has ended, the engine has heard what was learnt before.
            learnt.wait(30)
            return True

        def release(action):
            follower.set()
            return True

        follower = threading.Event()
        self.add_move(go, source='c1')
        nudging = self.add(execute=nudge)
        second = self.add(
            [nudging],
            execute=follow,
            action_type='live_migration',
            parameters={'source': 'c2', 'dst_hostname': 'c3'},
        )
        self.add([nudging], execute=release)
        self.execute(parallel_per_node=1)
        self.assertEqual(['learnt', 'ended', 'followed'], events)
        self.assertEqual(['SUCCEEDED'], self.states(second))


class OrderTest(engines.EngineTest):
    def starts(self, **options):
        """The names of the moves, in the order in which they start."""
        self.execute(**options)
        return self.started

    def setUp(self):
        super().setUp()
        self.started = []

    def add_named(self, name, action_type='live_migration', parents=(),
                  **parameters):
        def start(action):
            self.started.append(name)
            return True

        return self.add(
            parents,
            execute=start,
            action_type=action_type,
            parameters={'resource_id': name, **parameters},
        )

    def test_lower_rank_starts_first_whatever_is_larger(self):
        self.add_named('s1', memory_mb=1, rank=1)
        self.add_named('s2', memory_mb=2, rank=2)
        self.add_named('s3', memory_mb=9, rank=3)
        self.assertEqual(['s1', 's2', 's3'], self.starts(parallel_total=1))

    def test_server_starts_when_its_volumes_have_moved(self):
        volumes = [
            self.add_named(
                name, 'volume_update', server_id='s', size_gb=1, rank=1
            )
            for name in ('v1', 'v2')
        ]
        self.add_named('s', parents=volumes, memory_mb=1, rank=2)
        for name in ('x', 'y'):
            self.add_named(name, 'volume_migration', size_gb=500, rank=3)
        started = self.starts(parallel_total=1)
        self.assertEqual({'v1', 'v2'}, set(started[:2]))
        self.assertEqual('s', started[2])

    def test_host_is_disabled_before_anything_starts(self):
        self.add_named(
            'c1',
            'change_nova_service_state',
            resource_name='c1',
            state='disabled',
            disabled_reason='watcher_zone_migration audit',
        )
        for name in ('s1', 's2'):
            self.add_named(name, rank=-1, memory_mb=9)
        self.assertEqual('c1', self.starts()[0])


class ClientsTest(engines.EngineTest):
    def test_threads_of_a_plan_share_the_clients(self):
        made = fakes.Meeting()
        self.useFixture(
            fixtures.MockPatchObject(clients, 'OpenStackClients', made)
        )
        engine = self.engine()
        fakes.in_two_threads(lambda: engine.osc)
        self.assertEqual([engine.osc], made.made)


class NoOriginTest(engines.EngineTest):
    """Plans without an audit or a strategy, as audit pipelines make them.

    Watcher cannot notify of them: what notifications are made of is missing.
    """

    def leave_out(self, *names, unset=True):
        """Let each plan that is loaded have no such fields, or none set.

        To be called last: Watcher's objects notify of what they write.
        """
        load = objects.ActionPlan._from_db_object

        def load_less(plan, db_plan, eager=False):
            load(plan, db_plan, eager)
            for name in names:
                # Not nullable, some of them, as long as the columns are not.
                setattr(plan, f'_obj_{name}', None)
                if unset:
                    delattr(plan, f'_obj_{name}')
            return plan

        self.useFixture(
            fixtures.MockPatchObject(
                objects.ActionPlan, '_from_db_object', staticmethod(load_less)
            )
        )

    def cancel_plan(self, *_args):
        objects.ActionPlan.dbapi.update_action_plan(
            self.plan.uuid, {'state': 'CANCELLING'}
        )

    def assert_runs_without(self, *names, unset=True):
        """The actions end as those of any other plan do."""
        good = self.add()
        nothing = self.add(pre=exception.NothingToMove(reason='there'))
        bad = self.add(execute=exception.MoveFailed(reason='boom'))
        child = self.add([bad])
        self.leave_out(*names, unset=unset)
        self.execute(parallel_total=1)
        self.assertEqual(
            ['SUCCEEDED', 'SKIPPED', 'FAILED', 'SUCCEEDED'],
            self.states(good, nothing, bad, child),
        )
        self.assertEqual(
            'Action failed in execute: boom', self.outcome_of(bad)[1]
        )
        self.assertRegex(
            self.message(), '^2 succeeded, 1 skipped, 1 failed in'
        )

    def test_plan_without_a_strategy_runs_to_its_end(self):
        self.assert_runs_without('strategy', 'strategy_id')

    def test_plan_without_an_audit_runs_to_its_end(self):
        self.assert_runs_without('audit', 'audit_id')

    def test_plan_whose_audit_and_strategy_are_none_runs_to_its_end(self):
        self.assert_runs_without(
            'audit', 'audit_id', 'strategy', 'strategy_id', unset=False
        )

    def test_plan_without_either_can_be_cancelled(self):
        running = self.add(
            execute=lambda action: self.cancel_plan()
            or action.aborted.wait(30)
            and exception.MoveCancelled(reason='back on c1'),
        )
        self.leave_out('audit', 'audit_id', 'strategy', 'strategy_id')
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)
        self.assertEqual(
            ('CANCELLED', 'back on c1'), self.outcome_of(running)
        )


