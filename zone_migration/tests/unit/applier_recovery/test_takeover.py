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

import fixtures
from oslo_db import exception as db_exception
from oslo_utils import fixture as utils_fixture
from oslo_utils import timeutils
from watcher import objects
from watcher.applier import rpcapi
from watcher.applier import sync

from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import interrupted_plans
from zone_migration.applier_recovery import takeover
from zone_migration.logic.outcome import states
from zone_migration.tests.unit import base
from zone_migration.tests.unit.applier_recovery import syncing
from zone_migration.watcher_db import cancelled_plans
from zone_migration.watcher_db import heartbeats
from zone_migration.workflow_engine import running_plans
from zone_migration.workflow_engine import threads

#: How long after its last heartbeat an applier is dead, in seconds, and how
#: often Watcher's monitor looks.
DOWN = 90
INTERVAL = 60


class TakeoverTestCase(base.DatabaseTestCase):
    """A plan of an applier whose heartbeat is too old."""

    def setUp(self):
        super().setUp()
        self.options('watcher_applier', workflow_engine='parallel')
        self.options(None, service_down_time=DOWN, periodic_interval=INTERVAL)
        # A heartbeat grows no older while a test runs.
        self.time = self.useFixture(
            utils_fixture.TimeFixture(timeutils.utcnow())
        )
        self.useFixture(syncing.Syncing())
        self.casts, self.seen_to, self.cancelled = [], [], []
        self.patch(rpcapi, 'ApplierAPI', lambda: self)
        self.patch(interrupted_plans, 'see_taken', self.seen_to.append)
        self.patch(abandoned_plans, 'cancel_on', self.cancelled.append)
        self.patch(
            threads, 'start', lambda name, function, *args: function(*args)
        )
        self.patch(running_plans, '_running', set())
        self.patch(running_plans, '_ended', {})
        self.plan = self.create_plan()
        self.set(self.plan, hostname='dead')
        self.beat('dead', DOWN + 1)

    def launch_action_plan(self, context, uuid):
        """Cast a plan, in place of Watcher's message queue."""
        self.casts.append(uuid)

    def patch(self, *args, **options):
        return self.useFixture(fixtures.MockPatchObject(*args, **options)).mock

    def set(self, plan, **values):
        objects.ActionPlan.dbapi.update_action_plan(plan.uuid, values)

    def now(self):
        """The plan's host and state."""
        fresh = objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)
        return fresh.hostname, fresh.state

    def beat(self, host, seconds_ago):
        """Have an applier seen last so many seconds ago."""
        at = timeutils.utcnow() - datetime.timedelta(seconds=seconds_ago)
        found = objects.Service.list(self.context, filters={'host': host})
        if found:
            found[0].last_seen_up = at
            found[0].save()
        else:
            objects.Service(
                self.context,
                name='watcher-applier',
                host=host,
                last_seen_up=at,
            ).create()

    def age(self, seconds):
        """Have the plan unchanged for so many seconds."""
        changed = timeutils.utcnow() - datetime.timedelta(seconds=seconds)
        self.set(self.plan, updated_at=changed)

    def look(self):
        """Look once; gives the seconds to the next look."""
        return takeover._look()

    def assert_left(self, host, state='ONGOING'):
        self.assertEqual((host, state), self.now())
        self.assertEqual(([], []), (self.casts, self.cancelled))

    def assert_goes_on(self):
        self.assertEqual((None, 'ONGOING'), self.now())
        self.assertEqual([self.plan.uuid], self.casts)
        self.assertEqual([{self.plan.uuid}], self.seen_to)


class RunningTest(TakeoverTestCase):
    def test_plan_of_a_dead_applier_is_cast_and_seen_taken(self):
        self.create_action(self.plan, 'live_migration', state='ONGOING')
        with self.assertLogs(takeover.__name__, 'WARNING') as logs:
            self.look()
        self.assert_goes_on()
        self.assertEqual(1, len(logs.output))
        self.assertIn('its applier on dead was seen last', logs.output[0])

    def test_what_was_begun_stays_so(self):
        action = self.create_action(
            self.plan,
            'live_migration',
            state='ONGOING',
            status_message='copying (since 2026-11-28 03:14:05)',
        )
        self.look()
        self.assertEqual(
            ('ONGOING', 'copying (since 2026-11-28 03:14:05)'),
            self.state_of(action),
        )

    def test_monitor_finds_nothing_to_cancel_any_more(self):
        self.look()
        sync.Syncer()._cancel_ongoing_actionplans(self.context, 'dead')
        self.assert_goes_on()

    def test_only_one_takes_it_over(self):
        found = heartbeats.plans(timeutils.utcnow())
        self.patch(heartbeats, 'plans', lambda since: found)
        for _ in range(2):
            self.look()
        self.assert_goes_on()

    def test_applier_that_came_back_during_a_long_cast_keeps_its_plan(self):
        other = self.create_plan_of(self.plan)
        self.set(other, hostname='dead')
        self.patch(takeover, '_cast', lambda uuid: self.beat('dead', 0))
        self.look()
        found = heartbeats.plans(timeutils.utcnow())
        self.assertEqual([None, 'dead'], [plan.hostname for plan in found])

    def test_plan_that_is_cancelled_meanwhile_is_not_cast(self):
        found = heartbeats.plans(timeutils.utcnow())
        self.patch(heartbeats, 'plans', lambda since: found)
        self.set(self.plan, state='CANCELLING')
        self.look()
        self.assert_left('dead', 'CANCELLING')

    def test_applier_that_was_seen_just_in_time_is_not_dead(self):
        self.beat('dead', DOWN - 1)
        self.look()
        self.assert_left('dead')

    def test_clock_that_is_far_ahead_makes_it_dead_as_for_watcher(self):
        self.beat('dead', -DOWN - 2)
        self.look()
        self.assert_goes_on()

    def test_applier_that_watcher_has_never_seen_is_not_looked_at(self):
        self.set(self.plan, hostname='unknown')
        self.look()
        self.assert_left('unknown')

    def test_own_plan_is_run_though_its_heartbeat_is_late(self):
        self.set(self.plan, hostname='applier')
        self.beat('applier', DOWN + 1)
        self.look()
        self.assert_left('applier')

    def test_plan_that_cannot_be_seen_through_is_left_to_watcher(self):
        self.create_action(self.plan, 'sleep', state='ONGOING')
        self.look()
        self.assert_left('dead')

    def test_plan_that_waits_for_its_turn_is_left_to_watcher(self):
        self.set(self.plan, state='PENDING')
        self.look()
        self.assert_left('dead', 'PENDING')


class StartTest(TakeoverTestCase):
    """An applier starts; its monitor is going to look at once."""

    def hand_on_all(self):
        return takeover.hand_on_all()

    def test_plan_of_a_dead_applier_is_cast_and_told(self):
        self.assertEqual({self.plan.uuid}, self.hand_on_all())
        self.assertEqual((None, 'ONGOING'), self.now())
        self.assertEqual(([self.plan.uuid], []), (self.casts, self.seen_to))

    def test_all_else_is_left_to_the_thread(self):
        self.beat('applier', DOWN + 1)
        for values in (
            {'state': 'CANCELLING'},
            {'state': 'CANCELLING', 'hostname': None},
            {'hostname': None},
            {'hostname': 'applier'},
            {'hostname': 'unknown'},
        ):
            self.set(self.plan, **{'state': 'ONGOING', **values})
            self.assertEqual(set(), self.hand_on_all(), values)
        self.assertEqual(([], []), (self.casts, self.cancelled))

    def test_plan_that_cannot_be_seen_through_is_left_to_watcher(self):
        self.create_action(self.plan, 'sleep', state='ONGOING')
        self.assertEqual(set(), self.hand_on_all())
        self.assert_left('dead')

    def test_operator_may_want_none_to_go_on(self):
        self.options('zone_migration', resume_plans=False)
        self.assertEqual(set(), self.hand_on_all())
        self.assert_left('dead')

    def test_plan_that_cannot_be_cast_is_told_all_the_same(self):
        self.patch(rpcapi, 'ApplierAPI', side_effect=OSError('no rabbit'))
        self.assertEqual({self.plan.uuid}, self.hand_on_all())

    def test_applier_starts_without_the_database(self):
        self.patch(heartbeats, 'plans', side_effect=db_exception.DBError())
        self.assertEqual(set(), self.hand_on_all())


class NobodyTest(TakeoverTestCase):
    """A plan that was handed on, and that nobody has taken."""

    def setUp(self):
        super().setUp()
        self.set(self.plan, hostname=None)

    def test_it_is_cast_again_after_a_while(self):
        self.age(61)
        self.look()
        self.assertEqual([self.plan.uuid], self.casts)

    def test_it_is_cast_by_one_only(self):
        self.age(61)
        for _ in range(2):
            self.look()
        self.assertEqual([self.plan.uuid], self.casts)

    def test_it_is_left_to_who_has_just_cast_it(self):
        self.age(50)
        self.look()
        self.assert_left(None)

    def test_it_is_cancelled_on(self):
        self.set(self.plan, state='CANCELLING')
        self.look()
        self.assertEqual([[self.plan.uuid]], self.cancelled)
        self.assertEqual([], self.casts)


class CancellingTest(TakeoverTestCase):
    def setUp(self):
        super().setUp()
        self.set(self.plan, state='CANCELLING')

    def test_plan_of_a_dead_applier_is_cancelled_on(self):
        self.look()
        self.assertEqual([[self.plan.uuid]], self.cancelled)
        self.assertEqual([], self.casts)
        # Whoever cancels it on takes it.
        self.assertEqual((None, 'CANCELLING'), self.now())

    def test_actions_that_cannot_be_seen_through_keep_none_from_its_end(self):
        self.create_action(self.plan, 'sleep', state='ONGOING')
        self.look()
        self.assertEqual([[self.plan.uuid]], self.cancelled)

    def test_plan_of_an_applier_that_lives_is_left_to_that(self):
        self.beat('dead', 0)
        self.look()
        self.assert_left('dead', 'CANCELLING')

    def test_plan_that_waits_for_its_turn_here_is_cancelled_on(self):
        self.set(self.plan, hostname='applier')
        self.look()
        self.assertEqual([[self.plan.uuid]], self.cancelled)

    def test_plan_that_runs_here_sees_to_its_cancel_itself(self):
        self.set(self.plan, hostname='applier')
        running_plans._running.add(self.plan.uuid)
        self.look()
        self.assert_left('applier', 'CANCELLING')


class EndedHereTest(TakeoverTestCase):
    """A plan that has ended here, which Watcher could not write."""

    def setUp(self):
        super().setUp()
        self.set(self.plan, hostname='applier')
        running_plans.run_once(self.plan.uuid, lambda: None)
        self.age(61)

    def test_it_is_begun_anew(self):
        with self.assertLogs(takeover.__name__, 'WARNING') as logs:
            self.look()
        self.assert_goes_on()
        self.assertFalse(running_plans.knows(self.plan.uuid))
        self.assertIn('has ended here, and is ONGOING still', logs.output[0])

    def test_it_is_cancelled_on(self):
        self.set(self.plan, state='CANCELLING')
        self.age(61)
        self.look()
        self.assertEqual([[self.plan.uuid]], self.cancelled)
        self.assertEqual(('applier', 'CANCELLING'), self.now())
        self.assertFalse(running_plans.knows(self.plan.uuid))

    def test_watcher_may_be_about_to_write_it(self):
        for state in ('ONGOING', 'CANCELLING'):
            self.set(self.plan, state=state)
            self.age(50)
            self.look()
            self.assert_left('applier', state)

    def test_plan_that_has_changed_meanwhile_is_looked_at_later(self):
        found = heartbeats.plans(timeutils.utcnow())
        self.patch(heartbeats, 'plans', lambda since: found)
        self.age(0)
        self.look()
        self.assert_left('applier')
        self.assertTrue(running_plans.knows(self.plan.uuid))

    def test_plan_that_runs_here_again_is_left_to_that(self):
        running_plans.forget(self.plan.uuid)
        running_plans.run_once(self.plan.uuid, self.look)
        self.assert_left('applier')

    def test_plan_that_cannot_be_seen_through_stays_as_it_is(self):
        self.create_action(self.plan, 'sleep', state='ONGOING')
        self.look()
        self.assert_left('applier')


class MonitorFirstTest(TakeoverTestCase):
    """Watcher's monitor has cancelled the plan."""

    def setUp(self):
        super().setUp()
        self.begun = self.create_action(
            self.plan, 'live_migration', state='ONGOING'
        )
        self.pending = self.create_action(self.plan, 'sleep')
        self.time.advance_time_seconds(1)
        self.monitor()

    def monitor(self):
        sync.Syncer()._cancel_ongoing_actionplans(self.context, 'dead')
        # Of those that were cancelled nobody can say which had been begun.
        self.pending.refresh()
        self.pending.action_type = 'cold_migration'
        self.pending.save()

    def test_plan_goes_on(self):
        with self.assertLogs(takeover.__name__, 'WARNING') as logs:
            self.look()
        self.assert_goes_on()
        self.assertIn('which Watcher has cancelled', logs.output[0])

    def test_what_it_has_cancelled_is_looked_at_again(self):
        self.look()
        for action in (self.begun, self.pending):
            self.assertEqual(
                ('PENDING', states.MAY_HAVE_BEGUN), self.state_of(action)
            )

    def test_heartbeat_may_have_been_late_only(self):
        self.beat('dead', 0)
        self.look()
        self.assert_goes_on()

    def test_plan_may_have_been_handed_on_just_before(self):
        self.set(self.plan, hostname='applier')
        self.look()
        self.assert_goes_on()

    def test_only_one_lets_it_go_on(self):
        found = heartbeats.plans(timeutils.utcnow() - takeover._UNDONE_WITHIN)
        self.patch(heartbeats, 'plans', lambda since: found)
        for _ in range(2):
            self.look()
        self.assert_goes_on()

    def test_monitor_is_to_have_done(self):
        self.begun.refresh()
        self.begun.state = 'ONGOING'
        self.begun.save()
        self.look()
        self.assert_left('dead', 'CANCELLED')

    def test_monitor_that_has_died_is_not_waited_for(self):
        self.begun.refresh()
        self.begun.state = 'ONGOING'
        self.begun.save()
        self.patch(cancelled_plans, 'is_settled', return_value=True)
        self.look()
        self.assert_goes_on()
        self.assertEqual('ONGOING', self.state_of(self.begun)[0])

    def test_it_is_waited_for_as_long_as_for_a_heartbeat(self):
        asked = self.patch(cancelled_plans, 'is_settled', return_value=False)
        self.look()
        ago = timeutils.utcnow() - asked.call_args.args[1]
        self.assertAlmostEqual(DOWN, ago.total_seconds(), delta=10)

    def test_what_cannot_be_seen_through_stays_cancelled(self):
        self.begun.refresh()
        self.begun.action_type = 'sleep'
        self.begun.save()
        self.look()
        self.assert_left('dead', 'CANCELLED')

    def test_what_was_cancelled_long_ago_stays_so(self):
        self.set(
            self.plan,
            created_at=timeutils.utcnow() - datetime.timedelta(hours=1),
        )
        self.age(11 * 60)
        self.look()
        self.assert_left('dead', 'CANCELLED')

    def test_what_was_asked_for_again_stays_cancelled(self):
        newer = self.create_plan_of(self.plan)
        self.set(newer, state='RECOMMENDED')
        self.look()
        self.assert_left('dead', 'CANCELLED')

    def test_what_an_operator_has_cancelled_stays_so(self):
        self.set(self.plan, status_message='2 succeeded, 1 cancelled')
        self.look()
        self.assert_left('dead', 'CANCELLED')


class PauseTest(TakeoverTestCase):
    def assert_pause(self, seconds):
        self.assertAlmostEqual(seconds, self.look(), delta=5)

    def test_monitor_is_preceded(self):
        self.beat('dead', DOWN - 20)
        self.assert_pause(20)

    def test_interval_is_that_of_the_monitor_at_most(self):
        self.beat('dead', 0)
        self.assert_pause(INTERVAL)

    def test_applier_without_a_plan_is_no_matter(self):
        self.set(self.plan, state='SUCCEEDED')
        self.beat('dead', DOWN - 20)
        self.assert_pause(INTERVAL)

    def test_own_heartbeat_is_no_matter(self):
        self.set(self.plan, hostname='applier')
        self.beat('applier', DOWN - 20)
        self.assert_pause(INTERVAL)

    def test_plan_that_stays_with_a_dead_applier_is_no_matter(self):
        self.create_action(self.plan, 'sleep', state='ONGOING')
        self.assert_pause(INTERVAL)

    def test_two_looks_are_apart(self):
        self.options(None, periodic_interval=0)
        self.assertEqual(1.0, self.look())


class TroubleTest(TakeoverTestCase):
    """The thread goes on whatever happens."""

    def test_database_is_asked_again_later(self):
        self.patch(heartbeats, 'plans', side_effect=db_exception.DBError())
        self.assertEqual(INTERVAL, self.look())

    def test_plan_that_raises_keeps_no_other_from_its_takeover(self):
        other = self.create_plan_of(self.plan)
        self.set(other, hostname='dead')
        release = heartbeats.release

        def fail_once(plan):
            if plan.uuid == self.plan.uuid:
                raise db_exception.DBDeadlock()
            return release(plan)

        self.patch(heartbeats, 'release', fail_once)
        self.look()
        self.assertEqual([other.uuid], self.casts)

    def test_plan_that_cannot_be_cast_is_seen_taken_all_the_same(self):
        self.patch(rpcapi, 'ApplierAPI', side_effect=OSError('no rabbit'))
        self.look()
        self.assertEqual([{self.plan.uuid}], self.seen_to)


class ForEverTest(TakeoverTestCase):
    def setUp(self):
        super().setUp()
        #: How long was paused, in seconds.
        self.pauses = []
        self.patch(takeover.threading, 'Event', lambda: self)
        self.looks = iter([1.0, 2.0])
        self.patch(takeover, '_look', lambda: next(self.looks))

    def wait(self, seconds):
        """Pause, in place of an event."""
        self.pauses.append(seconds)

    def test_it_looks_and_pauses(self):
        self.assertRaises(StopIteration, takeover.start)
        self.assertEqual([1.0, 2.0], self.pauses)

    def test_it_does_not_where_no_plan_is_to_go_on(self):
        for group, options in (
            ('zone_migration', {'resume_plans': False}),
            ('watcher_applier', {'workflow_engine': 'taskflow'}),
        ):
            self.options('zone_migration', resume_plans=True)
            self.options(group, **options)
            takeover.start()
        self.assertEqual([], self.pauses)

    def test_it_does_not_where_watcher_goes_by_the_state_alone(self):
        # Watcher 15.
        self.patch(
            sync.Syncer,
            '_cancel_ongoing_actionplans',
            lambda self, context: None,
        )
        takeover.start()
        self.assertEqual([], self.pauses)
