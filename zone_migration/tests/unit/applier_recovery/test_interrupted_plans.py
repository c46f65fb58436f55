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
from watcher import objects
from watcher.applier import rpcapi
from watcher.applier import sync
from watcher.common import utils

from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import interrupted_plans
from zone_migration.tests.unit import base
from zone_migration.tests.unit.applier_recovery import syncing
from zone_migration.watcher_db import database
from zone_migration.watcher_db import plans
from zone_migration.workflow_engine import running_plans

#: Moves whose end can be seen.
MOVES = (
    'live_migration',
    'cold_migration',
    'volume_migration',
    'volume_retype',
    'volume_update',
)


class Casts:
    """Takes the plans that are cast, instead of a message queue."""

    def __init__(self) -> None:
        self.uuids: list[str] = []
        #: What casting a plan raises, or does, by its UUID.
        self.script = {}

    def __call__(self):
        return self

    def launch_action_plan(self, context, uuid):
        """Take one."""
        self.uuids.append(uuid)
        self.script.get(uuid, lambda: None)()


class InterruptedPlansTestCase(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.options('watcher_applier', workflow_engine='parallel')
        self.casts = Casts()
        self.useFixture(
            fixtures.MockPatchObject(rpcapi, 'ApplierAPI', self.casts)
        )
        self.patch(database, '_PAUSE', 0)
        self.useFixture(syncing.Syncing())
        self.plan = self.create_plan()
        self.set(self.plan, hostname='applier')

    def add(self, **values):
        """Another plan of this applier."""
        plan = self.create_plan_of(self.plan)
        self.set(plan, **{'hostname': 'applier', **values})
        return plan

    def set(self, plan, **values):
        objects.ActionPlan.dbapi.update_action_plan(plan.uuid, values)

    def now(self, plan):
        """Its host and state."""
        fresh = objects.ActionPlan.get_by_uuid(self.context, plan.uuid)
        return fresh.hostname, fresh.state

    def hand_on_all(self):
        """Hand on what was left, when the applier starts."""
        return interrupted_plans.hand_on_all(None)

    def hand_on_again(self, seconds_later=60.0):
        """Hand on what the process has left whose place this one has taken.

        It has died now, or so much later.
        """
        return interrupted_plans.hand_on_all(
            timeutils.utcnow() + datetime.timedelta(seconds=seconds_later)
        )

    def patch(self, *args, **options):
        return self.useFixture(fixtures.MockPatchObject(*args, **options)).mock

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

    def assert_left(self, plan, state='ONGOING'):
        self.assertEqual([], self.casts.uuids)
        self.assertEqual(('applier', state), self.now(plan))

    def raising(self, error):
        """What raises an error when it is called."""

        def call(*_args):
            raise error

        return call


class HandOnTest(InterruptedPlansTestCase):
    def test_plan_is_cast_and_belongs_to_nobody(self):
        self.create_action(self.plan, state='SUCCEEDED')
        self.create_action(self.plan, state='PENDING')
        self.assertEqual({self.plan.uuid}, self.hand_on_all())
        self.assertEqual([self.plan.uuid], self.casts.uuids)
        self.assertEqual((None, 'ONGOING'), self.now(self.plan))

    def test_applier_that_starts_does_not_cancel_it(self):
        action = self.create_action(self.plan, state='PENDING')
        self.hand_on_all()
        sync.Syncer()._cancel_ongoing_actionplans(self.context)
        self.assertEqual('ONGOING', self.now(self.plan)[1])
        self.assertEqual('PENDING', self.state_of(action)[0])

    def test_plan_is_pending_where_watcher_goes_by_the_state_alone(self):
        # Watcher 15.
        self.patch(
            sync.Syncer,
            '_cancel_ongoing_actionplans',
            lambda self, context: None,
        )
        self.hand_on_all()
        self.assertEqual(('applier', 'PENDING'), self.now(self.plan))

    def test_plan_of_a_process_that_has_died_belongs_to_nobody_too(self):
        self.assertEqual({self.plan.uuid}, self.hand_on_again())
        self.assertEqual([self.plan.uuid], self.casts.uuids)
        self.assertEqual((None, 'ONGOING'), self.now(self.plan))

    def test_plan_that_another_applier_has_handed_on_is_only_watched(self):
        # Two casts of it could run it on two hosts.
        self.set(self.plan, hostname=None)
        for hand_on in (self.hand_on_all, self.hand_on_again):
            self.assertEqual({self.plan.uuid}, hand_on())
        self.assertEqual([], self.casts.uuids)

    def test_what_waited_for_its_turn_is_handed_on_too(self):
        pending = self.add(state='PENDING')
        self.hand_on_all()
        self.assertEqual([self.plan.uuid, pending.uuid], self.casts.uuids)
        self.assertEqual((None, 'PENDING'), self.now(pending))

    def test_plan_that_another_start_has_handed_on_is_not_cast_again(self):
        pending = self.add(state='PENDING')
        for _ in range(2):
            self.hand_on_all()
        self.assertEqual([self.plan.uuid, pending.uuid], self.casts.uuids)

    def change_host(self, reason):
        """An action that is disabling a host for a reason."""
        self.create_action(
            self.plan,
            'change_nova_service_state',
            state='ONGOING',
            input_parameters={
                'resource_name': 'c1',
                'state': 'disabled',
                'disabled_reason': reason,
            },
        )

    def test_moves_in_flight_can_be_seen_through(self):
        for action_type in MOVES:
            self.create_action(self.plan, action_type, state='ONGOING')
        self.hand_on_all()
        self.assertEqual([self.plan.uuid], self.casts.uuids)

    def test_change_of_a_host_for_this_plugin_can_be_seen_through(self):
        self.change_host('watcher_zone_migration audit')
        self.hand_on_all()
        self.assertEqual([self.plan.uuid], self.casts.uuids)

    def test_change_of_a_host_for_another_plugin_cannot(self):
        self.change_host('watcher_disabled')
        self.hand_on_all()
        self.assert_left(self.plan)

    def test_plan_that_an_applier_takes_at_once_stays_its_own(self):
        self.casts.script[self.plan.uuid] = lambda: self.set(
            self.plan, hostname='elsewhere'
        )
        self.hand_on_all()
        self.assertEqual(('elsewhere', 'ONGOING'), self.now(self.plan))


class LeftToWatcherTest(InterruptedPlansTestCase):
    """What is not handed on, which Watcher cancels when the applier starts."""

    def test_operator_may_want_none_to_go_on(self):
        self.options('zone_migration', resume_plans=False)
        self.assertEqual(set(), self.hand_on_all())
        self.assert_left(self.plan)

    def test_what_was_handed_on_before_ends_when_none_is_to_go_on(self):
        for group, options in (
            ('zone_migration', {'resume_plans': False}),
            ('watcher_applier', {'workflow_engine': 'taskflow'}),
        ):
            self.options(group, **options)
            self.set(self.plan, state='ONGOING', hostname=None)
            self.assertEqual(set(), self.hand_on_all())
            sync.Syncer()._cancel_ongoing_actionplans(self.context)
            self.assertEqual(('applier', 'CANCELLED'), self.now(self.plan))

    def test_what_was_handed_on_is_left_alone_when_nobody_would_end_it(self):
        self.options('zone_migration', resume_plans=False)
        self.set(self.plan, hostname=None)
        self.hand_on_again()
        self.assertEqual((None, 'ONGOING'), self.now(self.plan))

    def test_running_action_of_another_plugin_cannot_be_seen_through(self):
        self.create_action(self.plan, 'live_migration', state='ONGOING')
        self.create_action(self.plan, 'sleep', state='ONGOING')
        self.assertEqual(set(), self.hand_on_all())
        self.assert_left(self.plan)

    def test_action_of_another_plugin_that_does_not_run_is_no_matter(self):
        for state in ('PENDING', 'SUCCEEDED', 'FAILED', 'SKIPPED'):
            self.create_action(self.plan, 'sleep', state=state)
        self.hand_on_all()
        self.assertEqual([self.plan.uuid], self.casts.uuids)

    def test_running_action_of_another_plan_is_no_matter(self):
        other = self.add(hostname='elsewhere')
        self.create_action(other, 'sleep', state='ONGOING')
        self.hand_on_all()
        self.assertEqual([self.plan.uuid], self.casts.uuids)

    def test_other_engines_know_nothing_of_what_was_begun(self):
        self.options('watcher_applier', workflow_engine='taskflow')
        self.hand_on_all()
        self.assert_left(self.plan)

    def test_what_was_not_begun_is_handed_on_under_any_engine(self):
        self.options('watcher_applier', workflow_engine='taskflow')
        self.set(self.plan, state='PENDING')
        self.hand_on_all()
        self.assertEqual([self.plan.uuid], self.casts.uuids)

    def test_plan_that_this_process_has_got_already_is_left_alone(self):
        self.hand_on_again(seconds_later=-60.0)
        self.assert_left(self.plan)

    def test_plan_that_is_being_cancelled_is_left_alone(self):
        self.set(self.plan, state='CANCELLING')
        self.hand_on_all()
        self.assert_left(self.plan, 'CANCELLING')


class TroubleTest(InterruptedPlansTestCase):
    """Nothing is raised: the applier has to start."""

    def test_database_that_is_away_raises_nothing(self):
        asked = self.patch(
            plans, 'left_by', side_effect=db_exception.DBConnectionError()
        )
        self.assertEqual(set(), self.hand_on_all())
        asked.assert_called_once()

    def test_process_that_takes_the_place_of_another_waits_for_it(self):
        self.fail_first(plans, 'left_by', db_exception.DBConnectionError())
        self.assertEqual({self.plan.uuid}, self.hand_on_again())

    def test_option_that_cannot_be_read_raises_nothing(self):
        self.patch(interrupted_plans, 'CONF', object())
        self.hand_on_all()
        self.assert_left(self.plan)

    def test_plan_that_cannot_be_cast_is_cast_later(self):
        self.casts.script[self.plan.uuid] = self.raising(OSError('no rabbit'))
        for hand_on in (self.hand_on_all, self.hand_on_again):
            self.assertEqual({self.plan.uuid}, hand_on())
            self.assertEqual((None, 'ONGOING'), self.now(self.plan))

    def test_plan_that_cannot_be_cast_keeps_no_other_from_going_on(self):
        other = self.add(state='ONGOING')
        self.casts.script[self.plan.uuid] = self.raising(OSError('no rabbit'))
        self.hand_on_all()
        self.assertEqual((None, 'ONGOING'), self.now(other))

    def test_plan_that_cannot_be_released_keeps_no_other_from_going_on(self):
        other = self.add(state='ONGOING')
        change = plans.change_ongoing

        def fail_once(uuid, *args, **values):
            if uuid == self.plan.uuid:
                raise db_exception.DBDeadlock()
            change(uuid, *args, **values)

        self.patch(plans, 'change_ongoing', fail_once)
        self.hand_on_all()
        self.assertEqual((None, 'ONGOING'), self.now(other))

    def test_plan_without_actions_is_handed_on(self):
        self.hand_on_all()
        self.assertEqual((None, 'ONGOING'), self.now(self.plan))

    def test_actions_that_have_ended_are_not_read(self):
        # There can be hundreds of thousands.
        listed = []
        real = objects.Action.list

        def spy(context, **options):
            listed.append(options['filters'])
            return real(context, **options)

        self.patch(objects.Action, 'list', spy)
        self.hand_on_all()
        self.assertEqual(
            [{'action_plan_uuid': self.plan.uuid, 'state': 'ONGOING'}], listed
        )
        self.assertTrue(utils.is_uuid_like(self.casts.uuids[0]))


class SeeTakenTest(InterruptedPlansTestCase):
    """The plan was handed on, and belongs to nobody yet."""

    def setUp(self):
        super().setUp()
        self.set(self.plan, hostname=None)
        self.patch(running_plans, '_running', set())
        self.patch(running_plans, '_ended', {})
        # What was changed before now was not cast just now.
        self.patch(interrupted_plans, '_LOOK', 0)
        self.patch(interrupted_plans, '_CAST_EVERY', 3)
        self.patch(
            interrupted_plans,
            'waiting',
            types.SimpleNamespace(polls=self.polls),
        )
        #: What happens between two looks, by the number of the next.
        self.then = {}
        #: How often it was looked.
        self.looks = 0
        self.cancelled = []
        self.patch(abandoned_plans, 'cancel_on', self.cancelled.append)

    def polls(self, interval):
        """Look ten times at most, without a pause."""
        for number in range(10):
            self.then.get(number, lambda: None)()
            self.looks += 1
            yield number

    def see_taken(self, *others):
        interrupted_plans.see_taken(
            {self.plan.uuid, *(plan.uuid for plan in others)}
        )

    def be_taken(self, by='elsewhere'):
        self.set(self.plan, hostname=by)

    def be_run(self):
        """This applier takes it, and begins it."""
        self.be_taken('applier')
        running_plans._running.add(self.plan.uuid)

    def test_nothing_that_was_handed_on_is_nothing_to_look_at(self):
        interrupted_plans.see_taken(set())
        self.assertEqual(1, self.looks)

    def test_plan_is_not_looked_at_once_another_applier_has_it(self):
        self.then = {1: self.be_taken}
        self.see_taken()
        self.assertEqual((2, []), (self.looks, self.casts.uuids))

    def test_plan_is_not_looked_at_once_this_applier_runs_it(self):
        self.then = {1: self.be_run}
        self.see_taken()
        self.assertEqual((2, []), (self.looks, self.casts.uuids))

    def test_plan_is_looked_at_while_it_waits_for_its_turn_here(self):
        self.then = {1: lambda: self.be_taken('applier'), 7: self.be_run}
        self.see_taken()
        self.assertEqual((8, []), (self.looks, self.casts.uuids))

    def test_other_engines_do_not_say_what_they_run(self):
        self.options('watcher_applier', workflow_engine='taskflow')
        self.be_taken('applier')
        self.see_taken()
        self.assertEqual(1, self.looks)

    def test_plan_is_not_looked_at_once_it_has_ended(self):
        self.then = {1: lambda: self.set(self.plan, state='SUCCEEDED')}
        self.see_taken()
        self.assertEqual(2, self.looks)

    def test_plan_is_not_looked_at_once_it_was_deleted(self):
        self.then = {
            1: lambda: self.set(self.plan, deleted_at=timeutils.utcnow())
        }
        self.see_taken()
        self.assertEqual(2, self.looks)

    def test_plan_that_nobody_takes_is_cast_again_now_and_then(self):
        self.see_taken()
        self.assertEqual(
            (10, [self.plan.uuid] * 3), (self.looks, self.casts.uuids)
        )

    def test_plan_that_another_applier_casts_again_is_not(self):
        self.patch(interrupted_plans, '_LOOK', 60)
        self.see_taken()
        self.assertEqual([], self.casts.uuids)

    def test_plan_that_cannot_be_cast_again_is_tried_later(self):
        self.casts.script[self.plan.uuid] = self.raising(OSError('no rabbit'))
        self.see_taken()
        self.assertEqual([self.plan.uuid] * 3, self.casts.uuids)

    def test_plan_that_cannot_be_cast_keeps_no_other_from_that(self):
        other = self.add(hostname=None)
        self.casts.script[self.plan.uuid] = self.raising(OSError('no rabbit'))
        self.see_taken(other)
        self.assertEqual(3, self.casts.uuids.count(other.uuid))

    def test_plan_that_is_cancelled_is_cancelled_here_once(self):
        self.then = {2: lambda: self.set(self.plan, state='CANCELLING')}
        self.see_taken()
        self.assertEqual([[self.plan.uuid]], self.cancelled)
        self.assertEqual([], self.casts.uuids)

    def test_plan_that_is_cancelled_in_its_turn_is_cancelled_here(self):
        self.be_taken('applier')
        self.then = {2: lambda: self.set(self.plan, state='CANCELLING')}
        self.see_taken()
        self.assertEqual([[self.plan.uuid]], self.cancelled)

    def test_plan_that_runs_here_sees_to_its_cancel_itself(self):
        self.be_run()
        self.set(self.plan, state='CANCELLING')
        self.see_taken()
        self.assertEqual([], self.cancelled)

    def test_others_are_looked_at_after_a_cancel(self):
        other = self.add(hostname=None)
        self.set(self.plan, state='CANCELLING')
        self.see_taken(other)
        self.assertEqual(10, self.looks)
        self.assertEqual([other.uuid] * 3, self.casts.uuids)

    def test_database_is_waited_for(self):
        away = self.fail_first(
            plans, 'not_ended', db_exception.DBConnectionError()
        )
        self.then = {1: self.be_taken}
        self.see_taken()
        self.assertEqual([], away)

    def test_database_that_is_away_at_a_cast_is_asked_again_later(self):
        self.fail_first(plans, 'claim_cast', db_exception.DBConnectionError())
        self.see_taken()
        self.assertEqual([self.plan.uuid] * 2, self.casts.uuids)

    def test_nothing_is_raised(self):
        self.patch(plans, 'not_ended', side_effect=KeyError('x'))
        with self.assertLogs(interrupted_plans.__name__, 'ERROR') as logs:
            self.see_taken()
        self.assertIn('may have been lost', logs.output[0])
