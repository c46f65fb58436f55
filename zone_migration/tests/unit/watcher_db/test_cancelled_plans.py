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

from oslo_utils import timeutils
from watcher import objects
from watcher.applier import sync

from zone_migration.logic.outcome import states
from zone_migration.tests.unit import base
from zone_migration.tests.unit.applier_recovery import syncing
from zone_migration.watcher_db import cancelled_plans


class CancelledPlansTestCase(base.DatabaseTestCase):
    """A plan that Watcher itself has cancelled, as its monitor does."""

    def setUp(self):
        super().setUp()
        self.useFixture(syncing.Syncing())
        self.plan = self.create_plan()
        self.set(self.plan, hostname='applier')
        self.actions = {
            state: self.create_action(self.plan, state=state)
            for state in ('PENDING', 'ONGOING', 'SUCCEEDED', 'FAILED')
        }
        self.by_operator = self.create_action(
            self.plan, state='CANCELLED', status_message='by hand'
        )
        sync.Syncer()._cancel_ongoing_actionplans(self.context)

    def set(self, plan, **values):
        objects.ActionPlan.dbapi.update_action_plan(plan.uuid, values)

    def plan_now(self):
        return objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)

    def state_now(self, state):
        """The state of the action that was in this one before."""
        return self.state_of(self.actions[state])[0]


class TextTest(CancelledPlansTestCase):
    def test_message_of_the_actions_is_that_of_watcher(self):
        self.assertEqual(
            self.state_of(self.actions['ONGOING'])[1],
            cancelled_plans.action_text(self.plan_now().status_message),
        )


class IsSettledTest(CancelledPlansTestCase):
    def is_settled(self, seconds_ago=60.0):
        """Whether it is, as nothing was changed since then if not done."""
        return cancelled_plans.is_settled(
            self.plan.uuid,
            timeutils.utcnow() - datetime.timedelta(seconds=seconds_ago),
        )

    def change(self, action, state):
        action.refresh()
        action.state = state
        action.save()

    def test_plan_of_which_nothing_is_left_is(self):
        self.assertTrue(self.is_settled())

    def test_plan_whose_actions_are_being_cancelled_is_not(self):
        for state in ('PENDING', 'ONGOING'):
            self.change(self.actions['ONGOING'], state)
            self.assertFalse(self.is_settled(), state)

    def test_plan_whose_monitor_has_died_is_after_a_while(self):
        self.change(self.actions['ONGOING'], 'ONGOING')
        self.assertTrue(self.is_settled(seconds_ago=-60.0))

    def test_actions_of_others_do_not_count(self):
        other = self.create_plan_of(self.plan)
        self.create_action(other, state='PENDING')
        self.assertTrue(self.is_settled())


class UndoTest(CancelledPlansTestCase):
    def undo(self):
        return cancelled_plans.undo(self.plan.uuid, self.text)

    def setUp(self):
        super().setUp()
        self.text = self.plan_now().status_message

    def test_plan_is_ongoing_on_no_host(self):
        self.assertTrue(self.undo())
        plan = self.plan_now()
        self.assertEqual(
            ('ONGOING', None, None),
            (plan.state, plan.hostname, plan.status_message),
        )

    def test_what_was_cancelled_with_it_is_pending(self):
        self.undo()
        for state in ('PENDING', 'ONGOING'):
            self.assertEqual(
                ('PENDING', states.MAY_HAVE_BEGUN),
                self.state_of(self.actions[state]),
            )

    def test_what_had_ended_before_stays_so(self):
        self.undo()
        for state in ('SUCCEEDED', 'FAILED'):
            self.assertEqual(state, self.state_now(state))
        self.assertEqual(
            ('CANCELLED', 'by hand'), self.state_of(self.by_operator)
        )

    def test_actions_of_another_plan_stay_cancelled(self):
        other = self.create_plan_of(self.plan)
        action = self.create_action(
            other,
            state='CANCELLED',
            status_message=cancelled_plans.action_text(self.text),
        )
        self.undo()
        self.assertEqual('CANCELLED', self.state_of(action)[0])

    def test_only_the_first_who_asks_undoes_it(self):
        self.assertEqual([True, False], [self.undo() for _ in range(2)])

    def test_plan_that_has_changed_since_stays_as_it_is(self):
        for values in (
            {'state': 'DELETED'},
            {'status_message': 'by hand'},
            {'deleted_at': timeutils.utcnow()},
        ):
            self.set(
                self.plan,
                **{
                    'state': 'CANCELLED',
                    'status_message': self.text,
                    'deleted_at': None,
                    **values,
                },
            )
            self.assertFalse(self.undo(), values)
            self.assertEqual('CANCELLED', self.state_now('ONGOING'))
