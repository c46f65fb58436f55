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

import datetime
import types

import fixtures
from oslo_db import exception as db_exception
from oslo_utils import timeutils
from testtools import matchers
from watcher import notifications
from watcher import objects
from watcher.applier import default as applier
from watcher.applier import sync
from watcher.common import exception as watcher_exception

from zone_migration import client
from zone_migration import exception
from zone_migration.applier_recovery import abandoned_plans
from zone_migration.logic.outcome import states
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.applier_recovery import syncing
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.watcher_db import database
from zone_migration.watcher_db import plans
from zone_migration.workflow_engine import threads


class Engine:
    """A workflow engine that a test has written."""

    def __init__(self) -> None:
        #: What cancelling a plan does besides.
        self.then = lambda: None
        #: What it raises in the end.
        self.error: BaseException | None = (
            watcher_exception.ActionPlanCancelled(uuid='plan')
        )
        #: The actions of each plan that it was to cancel.
        self.cancelled: list[list[str]] = []

    def cancel(self, actions):
        """Cancel a plan."""
        self.cancelled.append([action.uuid for action in actions])
        self.then()
        if self.error is not None:
            raise self.error


class AbandonedPlansTestCase(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.options('watcher_applier', workflow_engine='parallel')
        self.plan = self.create_plan('CANCELLING')
        self.set_plan(hostname='applier')
        self.patch(
            threads, 'start', lambda name, function, *args: function(*args)
        )
        self.patch(database, '_PAUSE', 0)
        self.engine = Engine()
        self.patch(
            applier,
            'DefaultApplier',
            lambda context, manager: types.SimpleNamespace(engine=self.engine),
        )

    def patch(self, *args, **options):
        return self.useFixture(fixtures.MockPatchObject(*args, **options)).mock

    def set_plan(self, **values):
        objects.ActionPlan.dbapi.update_action_plan(self.plan.uuid, values)

    def cancel(self, is_start=False):
        """Cancel the plan in a thread, and wait for that."""
        abandoned_plans.cancel_on([self.plan.uuid], is_start)

    def plan_now(self):
        return objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)

    def assert_ended_at_once(self):
        """It was ended without the engine, and says so."""
        self.assertEqual('CANCELLED', self.plan_now().state)
        self.assertIn(
            'was stopped while it cancelled this',
            self.plan_now().status_message,
        )

    def fail_first(self, module, name, error):
        """Have the first call of a function raise an error."""
        function = getattr(module, name)
        errors = [error]

        def call(*args, **kwargs):
            if errors:
                raise errors.pop()
            return function(*args, **kwargs)

        self.patch(module, name, call)
        return errors

    def create_disabling(self, host, state, other=None):
        return self.create_action(
            other or self.plan,
            'change_nova_service_state',
            state=state,
            input_parameters={
                'resource_id': host,
                'resource_name': host,
                'state': 'disabled',
                'disabled_reason': 'watcher_zone_migration '
                + ('another' if other else 'audit'),
            },
        )

    def nova_with(self, **reasons):
        """Nova, with hosts that are disabled for these reasons."""
        nova = fakes.Hosts(**reasons)
        self.patch(client, 'cloud_of', lambda osc, conf: nova)
        return nova


class LeftTest(AbandonedPlansTestCase):
    def test_what_is_cancelling_here_was_left(self):
        self.assertEqual([self.plan.uuid], abandoned_plans.left(None))

    def test_what_was_changed_since_was_not(self):
        self.set_plan(status_message='1 of 2 done')
        self.assertEqual([], abandoned_plans.left(self.plan_now().updated_at))

    def test_applier_starts_without_the_database(self):
        self.patch(plans, 'cancelling_on', side_effect=db_exception.DBError())
        self.assertEqual([], abandoned_plans.left(None))

    def test_process_that_takes_the_place_of_another_waits_for_it(self):
        later = timeutils.utcnow() + datetime.timedelta(seconds=60)
        self.fail_first(plans, 'cancelling_on', db_exception.DBError())
        self.assertEqual([self.plan.uuid], abandoned_plans.left(later))


class EngineTest(AbandonedPlansTestCase):
    """The engine ends what is in flight."""

    def test_engine_cancels_all_of_the_plan(self):
        actions = [
            self.create_action(self.plan, state=state)
            for state in ('SUCCEEDED', 'CANCELLING', 'PENDING')
        ]
        self.cancel()
        self.assertEqual(
            [[action.uuid for action in actions]], self.engine.cancelled
        )
        self.assertEqual('CANCELLED', self.plan_now().state)

    def test_what_the_engine_says_is_kept(self):
        self.engine.then = lambda: self.set_plan(status_message='1 cancelled')
        pending = self.create_action(
            self.plan, state='PENDING', status_message='not started'
        )
        self.cancel()
        self.assertEqual('1 cancelled', self.plan_now().status_message)
        self.assertEqual(('CANCELLED', 'not started'), self.state_of(pending))

    def test_what_the_engine_could_not_end_is_ended_and_says_so(self):
        action = self.create_action(self.plan, state='ONGOING')
        self.cancel()
        state, message = self.state_of(action)
        self.assertEqual('CANCELLED', state)
        self.assertIn('may have gone on', message)

    def test_hosts_are_the_business_of_the_engine(self):
        nova = self.nova_with(c1='watcher_zone_migration audit')
        self.create_disabling('c1', 'SUCCEEDED')
        self.cancel()
        self.assertEqual([], nova.asked)

    def test_end_is_notified_of(self):
        self.cancel()
        self.assertEqual(
            ['action_plan.update', 'action_plan.cancel.end'],
            self.notifications.of(self.plan.uuid)[-2:],
        )

    def test_plan_that_was_cast_meanwhile_is_ended(self):
        # Watcher writes ONGOING over CANCELLING, and is refused then.
        self.engine.then = lambda: self.set_plan(state='ONGOING')
        self.cancel()
        self.assertEqual('CANCELLED', self.plan_now().state)

    def test_plan_that_has_ended_meanwhile_stays_so(self):
        for state in ('SUCCEEDED', 'FAILED', 'CANCELLED'):
            self.set_plan(state=state, status_message='all done')
            self.cancel()
            self.assertEqual(
                (state, 'all done'),
                (self.plan_now().state, self.plan_now().status_message),
            )

    def test_actions_are_waited_for_without_the_database(self):
        action = self.create_action(self.plan, state='ONGOING')
        self.fail_first(
            objects.Action, 'list', db_exception.DBConnectionError()
        )
        self.cancel()
        self.assertEqual([[action.uuid]], self.engine.cancelled)


class SeveralAppliersTest(AbandonedPlansTestCase):
    """A plan that is CANCELLING on no host, as the others see too."""

    def setUp(self):
        super().setUp()
        self.set_plan(hostname=None)

    def test_plan_is_taken_first(self):
        hosts = []
        self.engine.then = lambda: hosts.append(self.plan_now().hostname)
        self.cancel()
        self.assertEqual(['applier'], hosts)
        self.assertEqual('CANCELLED', self.plan_now().state)

    def test_plan_that_another_has_taken_is_left_to_that(self):
        for resumes in (True, False):
            self.options('zone_migration', resume_plans=resumes)
            self.set_plan(hostname='elsewhere')
            self.cancel()
            self.assertEqual([], self.engine.cancelled)
            self.assertEqual('CANCELLING', self.plan_now().state)

    def test_plan_that_another_takes_meanwhile_is_left_to_that(self):
        self.engine.then = lambda: self.set_plan(hostname='elsewhere')
        self.cancel()
        self.assertEqual('CANCELLING', self.plan_now().state)

    def test_plan_that_another_takes_as_it_is_ended_is_left_to_that(self):
        def load_and_lose(*args):
            loaded = load(*args)
            self.set_plan(hostname='elsewhere')
            return loaded

        load = abandoned_plans._load
        self.patch(abandoned_plans, '_load', load_and_lose)
        self.assertRaises(exception.PlanIsLost, self.cancel)
        self.assertEqual('CANCELLING', self.plan_now().state)

    def test_database_is_waited_for(self):
        away = self.fail_first(
            plans, 'take_cancelling', db_exception.DBConnectionError()
        )
        self.cancel()
        self.assertEqual([], away)
        self.assertEqual('CANCELLED', self.plan_now().state)

    def test_plan_is_cancelled_by_one_thread_at_a_time(self):
        self.engine.then = self.cancel
        self.cancel()
        self.assertEqual(1, len(self.engine.cancelled))

    def test_plan_that_is_cancelling_still_can_be_cancelled_again(self):
        self.engine.then = lambda: self.set_plan(hostname='elsewhere')
        self.cancel()
        self.set_plan(hostname=None)
        self.engine.then = lambda: None
        self.cancel()
        self.assertEqual('CANCELLED', self.plan_now().state)


class RunsHereTest(AbandonedPlansTestCase):
    """A plan that this process runs, or cancels, in another thread."""

    def setUp(self):
        super().setUp()
        self.engine.error = exception.PlanIsLost(self.plan.uuid)

    def test_it_is_left_to_that(self):
        action = self.create_action(self.plan, state='ONGOING')
        self.cancel()
        self.assertEqual('CANCELLING', self.plan_now().state)
        self.assertEqual('ONGOING', self.state_of(action)[0])

    def test_it_learns_that_it_is_cancelled(self):
        # Watcher has written ONGOING over CANCELLING when it began.
        self.engine.then = lambda: self.set_plan(state='ONGOING')
        self.fail_first(plans, 'change_ongoing', db_exception.DBError())
        self.cancel()
        self.assertEqual('CANCELLING', self.plan_now().state)

    def test_it_may_have_ended_by_then(self):
        self.engine.then = lambda: self.set_plan(state='SUCCEEDED')
        self.cancel()
        self.assertEqual('SUCCEEDED', self.plan_now().state)


class EndedAtOnceTest(AbandonedPlansTestCase):
    """What no engine can see through, or is to."""

    def setUp(self):
        super().setUp()
        self.options('zone_migration', resume_plans=False)

    def test_plan_and_actions_are_ended_and_say_why(self):
        actions = [
            self.create_action(self.plan, state=state)
            for state in (
                'PENDING',
                'ONGOING',
                'CANCELLING',
                'SUCCEEDED',
                'FAILED',
            )
        ]
        self.cancel()
        self.assert_ended_at_once()
        self.assertIn(
            '2 actions were in flight', self.plan_now().status_message
        )
        self.assertEqual(
            ['CANCELLED', 'CANCELLED', 'CANCELLED', 'SUCCEEDED', 'FAILED'],
            [self.state_of(action)[0] for action in actions],
        )
        self.assertEqual(
            'cancelled before it was started', self.state_of(actions[0])[1]
        )
        for action in actions[1:3]:
            self.assertIn('may have gone on', self.state_of(action)[1])
        self.assertEqual([], self.engine.cancelled)

    def test_what_may_have_begun_is_not_said_to_have_not(self):
        action = self.create_action(
            self.plan, status_message=states.MAY_HAVE_BEGUN
        )
        self.cancel()
        self.assertEqual(
            ('CANCELLED', states.MAY_HAVE_BEGUN), self.state_of(action)
        )

    def test_what_has_had_an_attempt_tells_it(self):
        earlier = ' (attempt 1 to c2: full)'
        waits, runs = (
            self.create_action(self.plan, state=state, status_message=text)
            for state, text in (
                ('PENDING', f'waits: 2 of 2 leave c1{earlier}'),
                ('ONGOING', f'copying{earlier} (since 2026-11-28 03:14:05)'),
            )
        )
        self.cancel()
        self.assertEqual(
            ('CANCELLED', f'not tried again{earlier}'), self.state_of(waits)
        )
        self.assertTrue(self.state_of(runs)[1].endswith(earlier))

    def test_other_engines_cannot_cancel_on(self):
        self.options('zone_migration', resume_plans=True)
        self.options('watcher_applier', workflow_engine='taskflow')
        self.cancel()
        self.assert_ended_at_once()
        self.assertEqual([], self.engine.cancelled)

    def test_hosts_that_the_plan_has_disabled_are_enabled_again(self):
        ours = 'watcher_zone_migration audit'
        nova = self.nova_with(
            c1=ours,
            c2=ours,
            c3='watcher_zone_migration another',
            c4='broken',
            c5=ours,
        )
        for host, state in (
            ('c1', 'SUCCEEDED'),
            # The applier may have been stopped when Nova had done it.
            ('c2', 'ONGOING'),
            ('c3', 'SKIPPED'),
            ('c4', 'SUCCEEDED'),
            # Another plan has left it to this one.
            ('c5', 'SKIPPED'),
        ):
            self.create_disabling(host, state)
        self.cancel()
        self.assertEqual(['c1', 'c2', 'c5'], nova.enabled)
        self.assertThat(
            self.plan_now().status_message,
            matchers.StartsWith('3 hosts enabled again, c4 left'),
        )

    def test_host_is_left_to_another_plan_that_runs(self):
        nova = self.nova_with(
            c1='watcher_zone_migration audit',
            c2='watcher_zone_migration audit',
        )
        for host, state in (
            ('c1', 'ONGOING'),
            # Nobody would enable it if that plan was cancelled, too.
            ('c2', 'PENDING'),
        ):
            self.create_disabling(host, 'SUCCEEDED')
            other = self.create_plan_of(self.plan)
            objects.ActionPlan.dbapi.update_action_plan(
                other.uuid, {'state': state}
            )
            self.create_disabling(host, 'SKIPPED', other)
        self.cancel()
        self.assertEqual(['c2'], nova.enabled)
        self.assertEqual(
            'watcher_zone_migration another', nova.seen['c1'].disabled_reason
        )
        self.assertThat(
            self.plan_now().status_message,
            matchers.StartsWith(
                '1 host enabled again, c1 stays disabled for audit another'
            ),
        )

    def other_that_keeps_a_host(self, hostname):
        """Another plan to which this one could leave its host."""
        self.create_disabling('c1', 'SUCCEEDED')
        other = self.create_plan_of(self.plan)
        other.hostname = hostname
        other.save()
        self.create_disabling('c1', 'SKIPPED', other)
        return other

    def test_host_is_not_left_to_a_plan_that_is_lost_with_the_applier(self):
        nova = self.nova_with(c1='watcher_zone_migration audit')
        other = self.other_that_keeps_a_host('applier')
        self.cancel(is_start=True)
        sync.Syncer()._cancel_ongoing_actionplans(self.context)
        other.refresh()
        self.assertEqual('CANCELLED', other.state)
        self.assertEqual(['c1'], nova.enabled)

    def test_host_is_left_to_a_plan_that_was_handed_on(self):
        self.useFixture(syncing.Syncing())
        nova = self.nova_with(c1='watcher_zone_migration audit')
        other = self.other_that_keeps_a_host(None)
        self.cancel(is_start=True)
        sync.Syncer()._cancel_ongoing_actionplans(self.context)
        other.refresh()
        self.assertEqual('ONGOING', other.state)
        self.assertEqual([], nova.enabled)

    def test_host_is_left_to_a_plan_that_the_applier_runs_by_now(self):
        nova = self.nova_with(c1='watcher_zone_migration audit')
        self.other_that_keeps_a_host('applier')
        self.cancel()
        self.assertEqual([], nova.enabled)


class TroubleTest(AbandonedPlansTestCase):
    """The plan ends, and nothing is raised."""

    def test_plan_that_the_engine_cannot_cancel_is_ended_as_it_is(self):
        self.engine.error = RuntimeError('no limits')
        nova = self.nova_with(c1='watcher_zone_migration audit')
        self.create_disabling('c1', 'SUCCEEDED')
        self.cancel()
        self.assert_ended_at_once()
        self.assertEqual(['c1'], nova.enabled)

    def test_engine_that_cannot_be_loaded_keeps_no_plan_from_its_end(self):
        loaded = self.patch(
            applier, 'DefaultApplier', side_effect=RuntimeError('no plugin')
        )
        self.cancel()
        loaded.assert_called_once()
        self.assert_ended_at_once()

    def test_plan_without_actions_is_ended(self):
        self.engine.error = None
        self.cancel()
        self.assert_ended_at_once()

    def test_plan_ends_without_nova(self):
        self.options('zone_migration', resume_plans=False)
        self.patch(client, 'cloud_of', side_effect=RuntimeError('no keystone'))
        self.create_disabling('c1', 'SUCCEEDED')
        with self.assertLogs(abandoned_plans.__name__, 'ERROR') as logs:
            self.cancel()
        self.assert_ended_at_once()
        self.assertIn('may stay so', logs.output[0])
        self.assertEqual(1, len(logs.output))

    def test_end_waits_for_the_database(self):
        action = self.create_action(self.plan, state='ONGOING')
        away = self.fail_first(
            objects.ActionPlan, 'get_by_uuid', db_exception.DBError()
        )
        unwritable = self.fail_first(
            plans, 'change_cancelled', db_exception.DBError()
        )
        self.cancel()
        self.assertEqual(([], []), (away, unwritable))
        self.assertEqual('CANCELLED', self.plan_now().state)
        self.assertEqual('CANCELLED', self.state_of(action)[0])

    def test_hosts_are_enabled_though_an_answer_of_the_database_was_lost(
        self,
    ):
        self.options('zone_migration', resume_plans=False)
        nova = self.nova_with(c1='watcher_zone_migration audit')
        self.create_disabling('c1', 'SUCCEEDED')
        write = plans.change_cancelled
        lost = [db_exception.DBConnectionError()]

        def lose_an_answer(*args, **values):
            result = write(*args, **values)
            if lost:
                raise lost.pop()
            return result

        self.patch(plans, 'change_cancelled', lose_an_answer)
        self.cancel()
        self.assertEqual(['c1'], nova.enabled)

    def test_plan_that_watcher_cannot_notify_of_is_ended(self):
        # It has no strategy, or no audit.
        actions = [
            self.create_action(self.plan, state=state)
            for state in ('ONGOING', 'PENDING')
        ]
        for module, name in (
            (notifications.action, 'send_update'),
            (notifications.action_plan, 'send_update'),
            (notifications.action_plan, 'send_cancel_notification'),
        ):
            self.patch(module, name, side_effect=AttributeError('strategy'))
        self.cancel()
        self.assertEqual('CANCELLED', self.plan_now().state)
        self.assertEqual(
            ['CANCELLED'] * 2, [self.state_of(one)[0] for one in actions]
        )

    def test_action_that_was_deleted_keeps_no_plan_from_its_end(self):
        gone = self.create_action(self.plan, state='ONGOING')
        left = self.create_action(self.plan, state='ONGOING')
        load = abandoned_plans._load

        def load_and_lose_one(*args):
            loaded = load(*args)
            objects.Action.dbapi.destroy_action(gone.uuid)
            return loaded

        self.patch(abandoned_plans, '_load', load_and_lose_one)
        self.cancel()
        self.assertEqual('CANCELLED', self.plan_now().state)
        self.assertEqual('CANCELLED', self.state_of(left)[0])

    def test_plan_that_was_deleted_is_no_error(self):
        def delete():
            objects.ActionPlan.dbapi.destroy_action_plan(self.plan.uuid)

        self.engine.then = delete
        with self.assertLogs(abandoned_plans.__name__, 'WARNING') as logs:
            self.cancel()
        self.assertIn('was deleted', logs.output[-1])

    def test_what_the_database_never_takes_is_logged(self):
        self.patch(
            plans, 'change_cancelled', side_effect=db_exception.DBDataError()
        )
        with self.assertLogs(abandoned_plans.__name__, 'ERROR') as logs:
            self.cancel()
        self.assertIn('is CANCELLING still', logs.output[-1])

    def test_plan_that_gets_no_thread_keeps_no_other_from_its_end(self):
        started = self.patch(
            threads,
            'start',
            side_effect=RuntimeError("can't start new thread"),
        )
        abandoned_plans.cancel_on(['a', 'b'])
        self.assertEqual(2, started.call_count)


class RealEngineTest(engines.EngineTest):
    """A plan that the engine ``parallel`` cancels."""

    def test_what_was_in_flight_is_aborted(self):
        self.options('watcher_applier', workflow_engine='parallel')
        self.useFixture(
            fixtures.MockPatchObject(
                applier,
                'DefaultApplier',
                lambda context, manager: types.SimpleNamespace(
                    engine=self.engine()
                ),
            )
        )

        def be_aborted(action):
            action.aborted.wait(60)
            raise exception.MoveCancelled(reason='back on c1')

        begun = self.add(state='CANCELLING', execute=be_aborted)
        self.actions[begun.uuid].is_under_way = True
        new = self.add()
        self.cancel_plan()
        abandoned_plans._cancel_on(self.plan.uuid, is_start=True)
        self.assertEqual(
            'CANCELLED',
            objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid).state,
        )
        self.assertEqual(('CANCELLED', 'back on c1'), self.outcome_of(begun))
        self.assertEqual(
            ('CANCELLED', 'not started: the plan was cancelled'),
            self.state_of(new),
        )
