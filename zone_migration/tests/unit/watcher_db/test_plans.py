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
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from oslo_utils import fixture as utils_fixture
from oslo_utils import timeutils
from watcher import objects

from zone_migration.tests.unit import base
from zone_migration.watcher_db import database
from zone_migration.watcher_db import plans


class PlansTestCase(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.add('ONGOING')

    def add(self, state, hostname='applier'):
        """A plan in this state, of the applier on this host."""
        if hasattr(self, 'plan'):
            plan = self.create_plan_of(self.plan)
        else:
            plan = self.create_plan()
        self.set(plan, state=state, hostname=hostname)
        return plan

    def set(self, plan, **values):
        objects.ActionPlan.dbapi.update_action_plan(plan.uuid, values)

    def now(self, plan):
        """Its host and state."""
        fresh = objects.ActionPlan.get_by_uuid(self.context, plan.uuid)
        return fresh.hostname, fresh.state

    def left(self, seconds_later=60.0):
        """What was left before now, or so much later."""
        before = timeutils.utcnow() + datetime.timedelta(seconds=seconds_later)
        return plans.left_by('applier', before)

    def states_left(self, **options):
        return [plan.state for plan in self.left(**options)]


class LeftByTest(PlansTestCase):
    def test_what_runs_and_what_waits_for_its_turn_was_left(self):
        for state in (
            'RECOMMENDED',
            'PENDING',
            'SUCCEEDED',
            'FAILED',
            'CANCELLED',
            'CANCELLING',
            'DELETED',
            'SUPERSEDED',
        ):
            self.add(state)
        self.assertEqual(['ONGOING', 'PENDING'], self.states_left())

    def test_plans_of_others_were_not(self):
        self.add('ONGOING', 'elsewhere')
        # One that no applier has got yet.
        self.add('PENDING', None)
        self.assertEqual(['ONGOING'], self.states_left())

    def test_what_runs_nowhere_was_left(self):
        self.set(self.plan, hostname=None)
        self.assertEqual(['ONGOING'], self.states_left())

    def test_plan_that_was_changed_since_was_not(self):
        self.assertEqual([], self.states_left(seconds_later=-60.0))

    def test_plan_that_was_never_updated_counts_from_its_creation(self):
        with database.writer() as connection:
            connection.execute(
                plans._PLANS.update().values(
                    hostname='applier', updated_at=None
                )
            )
        self.assertEqual(['ONGOING'], self.states_left())
        self.assertEqual([], self.states_left(seconds_later=-60.0))

    def test_plan_that_was_deleted_was_not(self):
        self.set(self.plan, deleted_at=timeutils.utcnow())
        self.assertEqual([], self.states_left())

    def test_oldest_is_the_first(self):
        later = self.add('PENDING')
        self.assertEqual(
            [self.plan.uuid, later.uuid], [plan.uuid for plan in self.left()]
        )

    def test_what_is_ongoing_comes_before_what_waits(self):
        self.set(self.plan, state='PENDING')
        self.add('ONGOING')
        self.assertEqual(['ONGOING', 'PENDING'], self.states_left())

    def test_it_is_told_whether_a_plan_has_a_host(self):
        nowhere = self.add('ONGOING', None)
        self.assertEqual(
            [
                (self.plan.uuid, 'ONGOING', 'applier'),
                (nowhere.uuid, 'ONGOING', None),
            ],
            self.left(),
        )

    def test_all_were_where_none_can_run_them_yet(self):
        self.assertEqual(1, len(plans.left_by('applier', None)))

    def test_lost_connection_is_tried_again(self):
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))
        failures = [db_exception.DBConnectionError() for _ in range(3)]
        reader = database.reader

        def fail():
            if failures:
                raise failures.pop()
            return reader()

        self.useFixture(fixtures.MockPatchObject(database, 'reader', fail))
        self.assertEqual(['ONGOING'], self.states_left())


class ChangeOngoingTest(PlansTestCase):
    def change(self):
        plans.change_ongoing(self.plan.uuid, 'applier', hostname=None)

    def test_plan_is_changed(self):
        self.change()
        self.assertEqual((None, 'ONGOING'), self.now(self.plan))

    def test_plan_that_another_applier_has_taken_stays_its_own(self):
        self.set(self.plan, hostname='elsewhere')
        self.change()
        self.assertEqual(('elsewhere', 'ONGOING'), self.now(self.plan))

    def test_plan_that_somebody_has_cancelled_stays_so(self):
        self.set(self.plan, state='CANCELLING')
        self.change()
        self.assertEqual(('applier', 'CANCELLING'), self.now(self.plan))

    def test_other_plans_stay_as_they_are(self):
        other = self.add('ONGOING')
        self.change()
        self.assertEqual(('applier', 'ONGOING'), self.now(other))


class ChangeCancelledTest(PlansTestCase):
    def change(self, state):
        self.set(self.plan, state=state)
        return plans.change_cancelled(
            self.plan.uuid, 'applier', state='CANCELLED'
        )

    def test_plan_is_changed_and_may_be_changed_again(self):
        for state in ('CANCELLING', 'ONGOING', 'CANCELLED'):
            self.assertTrue(self.change(state))
            self.assertEqual(('applier', 'CANCELLED'), self.now(self.plan))

    def test_plan_that_has_ended_otherwise_stays_so(self):
        self.assertFalse(self.change('SUCCEEDED'))
        self.assertEqual(('applier', 'SUCCEEDED'), self.now(self.plan))

    def test_plan_that_another_applier_has_taken_stays_its_own(self):
        self.set(self.plan, hostname='elsewhere')
        self.assertFalse(self.change('CANCELLING'))
        self.assertEqual(('elsewhere', 'CANCELLING'), self.now(self.plan))


class AdoptTest(PlansTestCase):
    def test_plan_that_is_ongoing_nowhere_gets_the_host(self):
        self.set(self.plan, hostname=None)
        plans.adopt('applier')
        self.assertEqual(('applier', 'ONGOING'), self.now(self.plan))

    def test_plan_of_another_applier_stays_its_own(self):
        self.set(self.plan, hostname='elsewhere')
        plans.adopt('applier')
        self.assertEqual(('elsewhere', 'ONGOING'), self.now(self.plan))

    def test_plan_that_no_applier_has_got_yet_stays_so(self):
        for state in ('RECOMMENDED', 'PENDING', 'CANCELLING', 'SUCCEEDED'):
            self.set(self.plan, state=state, hostname=None)
            plans.adopt('applier')
            self.assertEqual((None, state), self.now(self.plan))


class ReleaseTest(PlansTestCase):
    def test_plan_of_the_host_is_on_none(self):
        for state in ('ONGOING', 'PENDING'):
            self.set(self.plan, state=state, hostname='applier')
            self.assertTrue(plans.release(self.plan.uuid, 'applier'))
            self.assertEqual((None, state), self.now(self.plan))

    def test_plan_of_another_or_that_has_ended_is_left_alone(self):
        for host, state in (
            ('elsewhere', 'ONGOING'),
            ('applier', 'CANCELLING'),
            ('applier', 'SUCCEEDED'),
        ):
            self.set(self.plan, state=state, hostname=host)
            self.assertFalse(plans.release(self.plan.uuid, 'applier'))
            self.assertEqual((host, state), self.now(self.plan))


class ClaimCastTest(PlansTestCase):
    def setUp(self):
        super().setUp()
        self.set(self.plan, hostname=None)

    def claim(self, seconds_later=60.0):
        """Claim a plan that was not changed since now, or so much later."""
        return plans.claim_cast(
            self.plan.uuid,
            timeutils.utcnow() + datetime.timedelta(seconds=seconds_later),
        )

    def test_plan_that_nobody_has_is_to_be_cast(self):
        self.assertTrue(self.claim())
        self.assertEqual((None, 'ONGOING'), self.now(self.plan))

    def test_only_the_first_who_asks_is_to_cast_it(self):
        before = timeutils.utcnow() + datetime.timedelta(seconds=60)
        self.useFixture(
            utils_fixture.TimeFixture(before + datetime.timedelta(seconds=1))
        )
        self.assertEqual(
            [True, False],
            [plans.claim_cast(self.plan.uuid, before) for _ in range(2)],
        )

    def test_plan_that_was_changed_just_now_is_not(self):
        self.assertFalse(self.claim(seconds_later=-60.0))

    def test_plan_that_an_applier_has_taken_is_not(self):
        self.set(self.plan, hostname='elsewhere')
        self.assertFalse(self.claim())

    def test_plan_that_is_being_cancelled_is_not(self):
        self.set(self.plan, state='CANCELLING')
        self.assertFalse(self.claim())

    def test_plan_that_was_deleted_is_not(self):
        self.set(self.plan, deleted_at=timeutils.utcnow())
        self.assertFalse(self.claim())


class CancellingOnTest(PlansTestCase):
    def setUp(self):
        super().setUp()
        self.set(self.plan, state='CANCELLING')

    def cancelling(self, seconds_later=60.0):
        """What was cancelling before now, or so much later."""
        return plans.cancelling_on(
            'applier',
            timeutils.utcnow() + datetime.timedelta(seconds=seconds_later),
        )

    def test_plan_on_the_host_is_one(self):
        self.assertEqual([self.plan.uuid], self.cancelling())

    def test_plan_on_no_host_is_one(self):
        self.set(self.plan, hostname=None)
        self.assertEqual([self.plan.uuid], self.cancelling())

    def test_plan_of_another_host_is_none(self):
        self.set(self.plan, hostname='elsewhere')
        self.assertEqual([], self.cancelling())

    def test_plan_in_another_state_is_none(self):
        for state in ('PENDING', 'ONGOING', 'CANCELLED', 'SUCCEEDED'):
            self.set(self.plan, state=state)
            self.assertEqual([], self.cancelling(), state)

    def test_plan_that_was_changed_since_is_none(self):
        # This applier runs it, and sees to its end.
        self.assertEqual([], self.cancelling(seconds_later=-60.0))

    def test_plan_that_was_never_updated_counts_from_its_creation(self):
        with database.writer() as connection:
            connection.execute(plans._PLANS.update().values(updated_at=None))
        self.assertEqual([self.plan.uuid], self.cancelling())
        self.assertEqual([], self.cancelling(seconds_later=-60.0))

    def test_plan_that_was_deleted_is_none(self):
        self.set(self.plan, deleted_at=timeutils.utcnow())
        self.assertEqual([], self.cancelling())

    def test_all_are_where_none_can_run_them_yet(self):
        self.assertEqual(
            [self.plan.uuid], plans.cancelling_on('applier', None)
        )


class TakeCancellingTest(PlansTestCase):
    def take(self, host='applier'):
        return plans.take_cancelling(self.plan.uuid, host)

    def test_plan_on_no_host_is_taken_by_the_first_who_asks(self):
        self.set(self.plan, state='CANCELLING', hostname=None)
        self.assertEqual(
            [True, False], [self.take(host) for host in ('one', 'other')]
        )
        self.assertEqual(('one', 'CANCELLING'), self.now(self.plan))

    def test_own_plan_is_that_still_whatever_its_state(self):
        # Watcher writes ONGOING over CANCELLING when it begins a plan.
        for state in ('CANCELLING', 'ONGOING'):
            self.set(self.plan, state=state)
            self.assertTrue(self.take())
            self.assertEqual(('applier', state), self.now(self.plan))

    def test_plan_of_another_stays_its_own(self):
        self.set(self.plan, state='CANCELLING', hostname='elsewhere')
        self.assertFalse(self.take())
        self.assertEqual(('elsewhere', 'CANCELLING'), self.now(self.plan))

    def test_plan_on_no_host_that_is_not_being_cancelled_stays_there(self):
        for state in ('PENDING', 'ONGOING', 'CANCELLED'):
            self.set(self.plan, state=state, hostname=None)
            self.assertFalse(self.take())
            self.assertEqual((None, state), self.now(self.plan))

    def test_plan_that_was_deleted_is_not_taken(self):
        self.set(self.plan, state='CANCELLING', deleted_at=timeutils.utcnow())
        self.assertFalse(self.take())


class NotEndedTest(PlansTestCase):
    def not_ended(self):
        return plans.not_ended({self.plan.uuid})

    def test_it_is_told_where_a_plan_is_and_in_which_state(self):
        for state in ('PENDING', 'ONGOING', 'CANCELLING'):
            self.set(self.plan, state=state)
            self.assertEqual(
                [(self.plan.uuid, state, 'applier')], self.not_ended()
            )

    def test_what_has_ended_is_not_told_of(self):
        for state in ('SUCCEEDED', 'FAILED', 'CANCELLED'):
            self.set(self.plan, state=state)
            self.assertEqual([], self.not_ended(), state)

    def test_plan_that_was_deleted_is_not_told_of(self):
        self.set(self.plan, deleted_at=timeutils.utcnow())
        self.assertEqual([], self.not_ended())

    def test_other_plans_are_not_told_of(self):
        self.add('ONGOING')
        self.assertEqual(1, len(self.not_ended()))
        self.assertEqual([], plans.not_ended(set()))
