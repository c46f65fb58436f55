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

from unittest import mock

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import exception as watcher_exception
from watcher.decision_engine import sync

from zone_migration import exception
from zone_migration.tests.unit.workflow_engine import test_records
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import records


class PlanRecordsTest(test_records.RecordsTest):
    def test_state_is_what_the_database_has(self):
        self.plan.state = 'CANCELLING'
        self.plan.save()
        self.assertEqual('CANCELLING', plan_records.state(self.plan.id))

    def test_deleted_plan_is_not_found(self):
        self.plan.soft_delete()
        self.assertRaises(
            watcher_exception.ActionPlanNotFound,
            plan_records.state,
            self.plan.id,
        )

    def test_reading_the_state_is_retried(self):
        failed = self.failing('reader', db_exception.DBConnectionError())
        self.assertEqual('ONGOING', plan_records.state(self.plan.id))
        self.assertEqual([], failed)

    def test_loading_is_retried(self):
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))
        with mock.patch.object(
            objects.ActionPlan,
            'get_by_id',
            autospec=True,
            side_effect=[db_exception.DBConnectionError(), self.plan],
        ):
            self.assertIs(
                self.plan, plan_records.load(self.context, self.plan.id)
            )


class _OwnerTestCase(test_records.RecordsTest):
    def set_plan(self, hostname, state):
        objects.ActionPlan.dbapi.update_action_plan(
            self.plan.uuid, {'hostname': hostname, 'state': state}
        )

    def message(self):
        return objects.ActionPlan.get_by_uuid(
            self.context, self.plan.uuid
        ).status_message

    def save(self, was='PENDING', state='ONGOING'):
        action = records.load(self.context, self.action.uuid)
        action.state, action.status_message = state, 'ours'
        records.save(self.context, action, was)


class OwnerTest(_OwnerTestCase):
    """What is written of a plan that somebody else may have by now."""

    #: Whose it is, and its state: of plans that are not run here.
    LOST = (
        ('elsewhere', 'ONGOING'),
        (None, 'ONGOING'),
        (None, 'CANCELLING'),
        ('applier', 'CANCELLED'),
        ('applier', 'SUCCEEDED'),
        ('applier', 'PENDING'),
    )

    def set_action(self, state):
        objects.Action.dbapi.update_action(self.action.uuid, {'state': state})

    def test_nothing_is_written_of_a_plan_that_is_not_run_here(self):
        for lost in self.LOST:
            self.set_plan(*lost)
            self.assertRaises(exception.PlanIsLost, self.save)
            self.assertRaises(
                exception.PlanIsLost,
                plan_records.write_message,
                self.plan.id,
                'ours',
            )
            records.write_waiting_without_retry({self.action.uuid: 'ours'})
            records.write_not_started(self.plan.id, 'ours', [])
            self.assertEqual(
                (None, ('PENDING', None)),
                (self.message(), self.state_of(self.action)),
                lost,
            )

    def test_state_of_a_plan_that_is_not_run_here_is_not_told(self):
        for lost in self.LOST:
            self.set_plan(*lost)
            self.assertRaises(
                exception.PlanIsLost, plan_records.state, self.plan.id
            )

    def test_plan_in_cancelling_is_written(self):
        self.set_plan('applier', 'CANCELLING')
        self.save()
        plan_records.write_message(self.plan.id, 'ours')
        self.assertEqual(
            ('ours', ('ONGOING', 'ours')),
            (self.message(), self.state_of(self.action)),
        )

    def test_action_that_somebody_else_has_changed_is_left_alone(self):
        for state in ('SUCCEEDED', 'FAILED', 'CANCELLED'):
            self.set_action(state)
            self.assertRaises(exception.PlanIsLost, self.save)
            self.assertEqual((state, None), self.state_of(self.action))

    def test_action_that_an_earlier_try_has_written_is_written(self):
        self.set_action('ONGOING')
        self.save()
        self.assertEqual(('ONGOING', 'ours'), self.state_of(self.action))

    def test_action_that_an_operator_has_just_skipped_is_written(self):
        self.set_action('SKIPPED')
        self.save()
        self.assertEqual(('ONGOING', 'ours'), self.state_of(self.action))

    def test_last_message_is_written_whatever_the_state_is(self):
        self.set_plan('applier', 'SUCCEEDED')
        plan_records.write_last_message(self.plan.id, 'ours')
        self.assertEqual('ours', self.message())

    def test_last_message_is_not_that_of_a_plan_of_somebody_else(self):
        self.set_plan('elsewhere', 'SUCCEEDED')
        plan_records.write_last_message(self.plan.id, 'ours')
        self.assertIsNone(self.message())

class ChangedStrategyTest(_OwnerTestCase):
    """Watcher cancels all plans of a strategy whose parameters change."""

    MONITOR = (
        'Action plan was cancelled because Applier applier was stopped '
        'while the action plan was ongoing.'
    )

    def setUp(self):
        super().setUp()
        # The row of the strategy, as the fixture makes it, has none.
        sync.Syncer().sync()

    def state(self):
        return objects.ActionPlan.get_by_uuid(
            self.context, self.plan.uuid
        ).state

    def test_plan_that_is_run_here_is_ongoing_again(self):
        self.assertEqual('CANCELLED', self.state())
        self.assertEqual('ONGOING', plan_records.state(self.plan.id))
        self.assertEqual('ONGOING', self.state())

    def test_it_is_written_until_then(self):
        self.save()
        plan_records.write_message(self.plan.id, 'ours')
        self.assertEqual(
            ('ours', ('ONGOING', 'ours')),
            (self.message(), self.state_of(self.action)),
        )

    def test_plan_of_another_applier_is_left_alone(self):
        self.set_plan('elsewhere', 'CANCELLED')
        self.assertRaises(
            exception.PlanIsLost, plan_records.state, self.plan.id
        )
        self.assertEqual('CANCELLED', self.state())

    def test_cancel_of_the_monitor_is_left_alone(self):
        plan_records.write_last_message(self.plan.id, self.MONITOR)
        self.assertRaises(
            exception.PlanIsLost, plan_records.state, self.plan.id
        )
        self.assertEqual('CANCELLED', self.state())
