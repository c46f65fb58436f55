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


import fixtures
from testtools import matchers
from watcher import objects
from watcher.applier import sync

from zone_migration import client
from zone_migration.applier_recovery import abandoned_plans
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes


class AbandonedPlansTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan('CANCELLING')
        self.set_plan(hostname='applier')

    def set_plan(self, **values):
        objects.ActionPlan.dbapi.update_action_plan(self.plan.uuid, values)

    def plan_now(self):
        return objects.ActionPlan.get_by_uuid(self.context, self.plan.uuid)

    def test_plan_and_actions_are_ended_and_say_why(self):
        actions = [
            self.create_action(self.plan, state=state)
            for state in (
                'PENDING', 'ONGOING', 'CANCELLING', 'SUCCEEDED', 'FAILED'
            )
        ]
        abandoned_plans.end_all()
        self.assertEqual('CANCELLED', self.plan_now().state)
        self.assertIn('2 actions were in flight',
                      self.plan_now().status_message)
        self.assertEqual(
            ['CANCELLED', 'CANCELLED', 'CANCELLED', 'SUCCEEDED', 'FAILED'],
            [self.state_of(action)[0] for action in actions],
        )
        self.assertEqual(
            'cancelled before it was started', self.state_of(actions[0])[1]
        )
        for action in actions[1:3]:
            self.assertIn('may have gone on', self.state_of(action)[1])

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

    def test_hosts_that_the_plan_has_disabled_are_enabled_again(self):
        ours = 'watcher_zone_migration audit'
        nova = fakes.Hosts(
            c1=ours,
            c2=ours,
            c3='watcher_zone_migration another',
            c4='broken',
            c5=ours,
        )
        self.useFixture(
            fixtures.MockPatchObject(
                client, 'cloud_of', lambda osc, conf: nova
            )
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
        abandoned_plans.end_all()
        self.assertEqual(['c1', 'c2', 'c5'], nova.enabled)
        self.assertThat(
            self.plan_now().status_message,
            matchers.StartsWith('3 hosts enabled again, c4 left'),
        )

    def test_host_is_left_to_another_plan_that_runs(self):
        nova = fakes.Hosts(
            c1='watcher_zone_migration audit',
            c2='watcher_zone_migration audit',
        )
        self.useFixture(
            fixtures.MockPatchObject(
                client, 'cloud_of', lambda osc, conf: nova
            )
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
        abandoned_plans.end_all()
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

    def test_host_is_not_left_to_a_plan_that_is_lost_with_the_applier(self):
        nova = fakes.Hosts(c1='watcher_zone_migration audit')
        self.useFixture(
            fixtures.MockPatchObject(
                client, 'cloud_of', lambda osc, conf: nova
            )
        )
        self.create_disabling('c1', 'SUCCEEDED')
        other = self.create_plan_of(self.plan)
        other.hostname = 'applier'
        other.save()
        self.create_disabling('c1', 'SKIPPED', other)
        abandoned_plans.end_all()
        sync.Syncer()._cancel_ongoing_actionplans(self.context)
        other.refresh()
        self.assertEqual('CANCELLED', other.state)
        self.assertEqual(['c1'], nova.enabled)

    def test_plan_ends_without_nova(self):
        self.useFixture(
            fixtures.MockPatchObject(
                client, 'cloud_of', side_effect=RuntimeError('no keystone')
            )
        )
        self.create_disabling('c1', 'SUCCEEDED')
        abandoned_plans.end_all()
        self.assertEqual('CANCELLED', self.plan_now().state)

    def test_plan_of_another_host_is_left_alone(self):
        self.set_plan(hostname='elsewhere')
        abandoned_plans.end_all()
        self.assertEqual('CANCELLING', self.plan_now().state)

    def test_plan_in_another_state_is_left_alone(self):
        self.set_plan(state='ONGOING')
        abandoned_plans.end_all()
        self.assertEqual('ONGOING', self.plan_now().state)

    def test_applier_starts_whatever_becomes_of_it(self):
        asked = self.useFixture(
            fixtures.MockPatchObject(
                objects.ActionPlan, 'list', side_effect=RuntimeError('no')
            )
        ).mock
        abandoned_plans.end_all()
        asked.assert_called_once()
