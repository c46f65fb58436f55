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

from zone_migration.compute_hosts import disabling_plans
from zone_migration.logic.schedule import host_changes
from zone_migration.tests.unit import base


class DisablingPlansTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan('CANCELLING')

    @staticmethod
    def change(plan, **values):
        objects.ActionPlan.dbapi.update_action_plan(plan.uuid, values)

    def create_other(self, state):
        """Another plan of the same audit."""
        other = self.create_plan_of(self.plan)
        self.change(other, state=state)
        return other

    def create_disabling(self, plan, host, audit, state='PENDING', **changed):
        return self.create_action(
            plan,
            changed.pop('action_type', host_changes.CHANGE_STATE),
            state=state,
            input_parameters={
                'resource_id': host,
                'resource_name': host,
                'state': 'disabled',
                'disabled_reason': f'watcher_zone_migration {audit}',
                **changed,
            },
        )

    def claims(self, *plan_states, **which):
        """``{host: [the audit of each plan that wants it disabled]}``."""
        return {
            host: [claim.reason.partition(' ')[2] for claim in found]
            for host, found in disabling_plans.claims(
                self.plan, plan_states, **which
            ).items()
        }

    def test_plans_in_the_order_of_their_states_and_their_age(self):
        for state, audit in (
            ('PENDING', 'p1'), ('ONGOING', 'o1'), ('PENDING', 'p2'),
            ('ONGOING', 'o2'), ('RECOMMENDED', 'r'), ('CANCELLING', 'c'),
        ):
            other = self.create_other(state)
            self.create_disabling(other, 'c1', audit)
        self.create_disabling(other, 'c2', audit)
        self.create_disabling(self.plan, 'c1', 'own')
        self.assertEqual(
            {'c1': ['o1', 'o2', 'p1', 'p2']},
            self.claims('ONGOING', 'PENDING'),
        )
        self.assertEqual(
            ['ONGOING', 'ONGOING', 'PENDING', 'PENDING'],
            [
                claim.state
                for claim in disabling_plans.claims(
                    self.plan, ('ONGOING', 'PENDING')
                )['c1']
            ],
        )

    def test_claimant_counts_when_it_has_ended_well(self):
        others = []
        for state in ('FAILED', 'SUCCEEDED', 'CANCELLED', 'SUPERSEDED'):
            others.append(self.create_other(state))
            self.create_disabling(others[-1], 'c1', state)
        unknown = self.create_other('SUCCEEDED')
        self.create_disabling(unknown, 'c1', 'unknown')
        runs = self.create_other('ONGOING')
        self.create_disabling(runs, 'c1', 'runs')
        self.assertEqual(
            {'c1': ['runs', 'SUCCEEDED', 'FAILED']},
            self.claims(
                'ONGOING', claimants={other.id for other in others}
            ),
        )

    def test_plan_that_a_stopped_applier_has_run_does_not_count(self):
        for hostname in ('here', 'there', None):
            other = self.create_other('ONGOING')
            self.change(other, hostname=hostname)
            self.create_disabling(other, 'c1', hostname)
        self.assertEqual(
            {'c1': ['there', 'None']}, self.claims('ONGOING', lost_on='here')
        )

    def test_what_does_not_disable_a_host_of_ours_does_not_count(self):
        other = self.create_other('ONGOING')
        self.create_disabling(other, 'c1', 'b', state='SUCCEEDED')
        self.create_disabling(
            other, 'c2', 'b', disabled_reason='watcher_disabled'
        )
        self.create_disabling(other, 'c3', 'b', action_type='nop')
        self.create_action(
            other,
            host_changes.CHANGE_STATE,
            input_parameters={
                'resource_name': 'c4',
                'state': 'enabled',
                'disabled_reason': 'watcher_zone_migration b',
            },
        )
        self.create_action(
            other, host_changes.CHANGE_STATE, input_parameters=None
        )
        self.assertEqual({'c1': ['b']}, self.claims('ONGOING'))

    def test_action_that_leaves_the_host_as_it_is_does_not_count(self):
        other = self.create_other('ONGOING')
        for host, state, message in (
            ('c1', 'SKIPPED', 'Action was skipped automatically: disabled'),
            ('c2', 'SKIPPED', 'Action skipped by user. Reason: mine'),
            ('c3', 'FAILED', None),
            ('c4', 'CANCELLED', None),
            ('c5', 'ONGOING', None),
        ):
            action = self.create_disabling(other, host, 'b', state)
            action.status_message = message
            action.save()
        self.assertEqual({'c1': ['b'], 'c5': ['b']}, self.claims('ONGOING'))

    def test_deleted_plan_does_not_count(self):
        other = self.create_other('ONGOING')
        self.create_disabling(other, 'c1', 'b')
        self.change(other, deleted_at=timeutils.utcnow())
        self.assertEqual({}, self.claims('ONGOING'))

    def test_hosts_that_the_same_audit_wants_disabled(self):
        for host, plan_state, action_state in (
            ('c1', 'SUCCEEDED', 'SUCCEEDED'),
            ('c2', 'FAILED', 'SUCCEEDED'),
            ('c3', 'CANCELLED', 'SUCCEEDED'),
            ('c4', 'ONGOING', 'SUCCEEDED'),
            ('c5', 'SUCCEEDED', 'SKIPPED'),
            ('c6', 'SUCCEEDED', 'SUCCEEDED'),
        ):
            other = self.create_other(plan_state)
            self.create_disabling(other, host, 'a', action_state)
        self.change(other, audit_id=999)
        self.create_disabling(self.plan, 'c7', 'a', 'SUCCEEDED')
        self.assertEqual(
            {'c1', 'c2'}, disabling_plans.disabled_for_good(self.plan)
        )

    def create_succeeded(self, hour):
        """An ended plan of the same audit, which has disabled c1 then."""
        other = self.create_other('SUCCEEDED')
        self.set_hour(self.create_disabling(other, 'c1', 'a'), hour)
        return other

    @staticmethod
    def set_hour(action, hour):
        objects.Action.dbapi.update_action(
            action.uuid,
            {
                'state': 'SUCCEEDED',
                'updated_at': datetime.datetime(2026, 1, 1, hour),
            },
        )

    def disable_for_another_audit(self, hour):
        other = self.create_other('CANCELLED')
        self.set_hour(self.create_disabling(other, 'c1', 'b'), hour)
        self.change(other, audit_id=999)

    def test_host_that_another_audit_has_disabled_since_is_not_kept(self):
        self.create_succeeded(hour=8)
        self.disable_for_another_audit(hour=9)
        self.assertEqual(set(), disabling_plans.disabled_for_good(self.plan))

    def test_host_that_the_same_audit_has_disabled_last_is_kept(self):
        # The plan that was made later has done it earlier.
        self.create_succeeded(hour=9)
        self.disable_for_another_audit(hour=8)
        self.assertEqual({'c1'}, disabling_plans.disabled_for_good(self.plan))
