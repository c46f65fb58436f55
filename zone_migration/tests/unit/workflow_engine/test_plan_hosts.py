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
from watcher.common import exception as watcher_exception
from watcher.common import nova_helper
from watcher.common import utils

from zone_migration import client
from zone_migration.client import exception as client_exception
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.workflow_engine import parallel


class NovaHelper:
    """What Watcher's action needs of Nova; the hosts are those of a test."""

    nova: fakes.Hosts

    def __init__(self, osc=None) -> None:
        pass

    def get_service_list(self):
        return [
            utils.Struct(
                host=host.name,
                status='enabled' if host.enabled else 'disabled',
            )
            for host in self.nova.seen.values()
        ]

    def disable_service_nova_compute(self, host, reason=None):
        self.nova.set(host, reason)
        return True

    def enable_service_nova_compute(self, host):
        self.nova.set(host, None)
        return True


class HostEngine(engines.Engine):
    """Runs Watcher's own action for the hosts."""

    def make_action(self, db_action):
        if db_action.uuid in self._scripted:
            return super().make_action(db_action)
        return parallel.ParallelWorkFlowEngine.make_action(self, db_action)


class HostsTest(engines.EngineTest):
    ENGINE = HostEngine

    def use(self, **reasons):
        self.nova = NovaHelper.nova = fakes.Hosts(**reasons)
        self.useFixture(
            fixtures.MockPatchObject(
                client, 'cloud_of', lambda osc, conf: self.nova
            )
        )
        self.useFixture(
            fixtures.MockPatchObject(nova_helper, 'NovaHelper', NovaHelper)
        )

    def add_change(self, host, state='disabled', plan=None, audit='audit'):
        return self.create_action(
            plan or self.plan,
            'change_nova_service_state',
            input_parameters={
                'resource_id': host,
                'resource_name': host,
                'state': state,
                'disabled_reason': f'watcher_zone_migration {audit}',
            },
        )

    def be_cancelled(self):
        """Add a move that somebody cancels the plan under, and run it."""
        self.add(
            execute=lambda action: self.cancel_plan() or True,
            can_abort=False,
        )
        self.assertRaises(watcher_exception.ActionPlanCancelled, self.execute)

    def test_hosts_stay_disabled_when_the_plan_has_ended(self):
        self.use(c1=None)
        disabling = self.add_change('c1')
        bad = self.add([disabling], execute=False)
        self.execute()
        self.assertEqual(['SUCCEEDED', 'FAILED'], self.states(disabling, bad))
        self.assertEqual(
            'watcher_zone_migration audit',
            self.nova.seen['c1'].disabled_reason,
        )

    def test_hosts_are_enabled_again_when_the_plan_is_cancelled(self):
        self.use(c1=None, c2=None, c3='broken')
        actions = [self.add_change(name) for name in ('c1', 'c2', 'c3')]
        self.be_cancelled()
        self.assertEqual(
            ['SUCCEEDED', 'SUCCEEDED', 'SKIPPED'], self.states(*actions)
        )
        self.assertEqual(['c1', 'c2'], self.nova.enabled)
        self.assertIn('; 2 hosts enabled again', self.message())

    def test_host_that_somebody_has_disabled_since_stays_so(self):
        self.use(c1=None)
        disabling = self.add_change('c1')
        self.add(
            [disabling],
            execute=lambda action: self.nova.set('c1', 'broken') or True,
        )
        self.be_cancelled()
        self.assertEqual([], self.nova.enabled)
        self.assertIn('c1 left as somebody else has set it', self.message())

    def test_host_of_another_plan_stays_disabled(self):
        self.use(c1='watcher_zone_migration other')
        disabling = self.add_change('c1')
        child = self.add([disabling])
        self.be_cancelled()
        self.assertEqual('SKIPPED', self.state_of(disabling)[0])
        self.assertIn('c1 is disabled', self.state_of(disabling)[1])
        self.assertEqual(['SUCCEEDED'], self.states(child))
        self.assertEqual([], self.nova.enabled)

    def test_host_that_another_plan_relies_on_is_left_to_it(self):
        self.use(c1=None)
        self.add_change('c1')
        other = self.create_plan_of(self.plan)
        self.add_change('c1', plan=other, audit='other')
        self.be_cancelled()
        self.assertEqual(
            'watcher_zone_migration other',
            self.nova.seen['c1'].disabled_reason,
        )
        self.assertIn('; c1 stays disabled for audit other', self.message())

    def test_host_that_was_left_to_the_plan_is_enabled_again(self):
        self.use(c1='watcher_zone_migration other')
        disabling = self.add_change('c1')
        self.add(
            [disabling],
            execute=lambda action: (
                self.nova.set('c1', 'watcher_zone_migration audit') or True
            ),
        )
        self.be_cancelled()
        self.assertEqual(['SKIPPED'], self.states(disabling))
        self.assertEqual(['c1'], self.nova.enabled)
        self.assertIn('; 1 host enabled again', self.message())

    def test_host_that_was_enabled_meanwhile_is_enabled_again(self):
        self.use(c1='watcher_zone_migration other')
        self.nova.set('c1', None)
        disabling = self.add_change('c1')
        self.be_cancelled()
        self.assertEqual(['SUCCEEDED'], self.states(disabling))
        self.assertEqual(['c1'], self.nova.enabled)

    def test_host_that_cannot_be_enabled_is_in_the_summary(self):
        self.use(c1=None)
        self.nova.refusals['c1'] = client_exception.RequestRefused(
            service='Nova', reason='forbidden', status=403
        )
        self.add_change('c1')
        self.be_cancelled()
        self.assertIn('c1 still disabled: Nova refuses', self.message())

    def roll_back(self, meanwhile=lambda: None):
        """Fail, with rollback, a plan that has disabled c1 and c2.

        :param meanwhile: called when the hosts are disabled.
        :returns: which hosts are enabled when a server goes back.
        """
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        self.use(c1=None, c2=None)
        disabling = [self.add_change('c1'), self.add_change('c2')]
        enabled = []
        moved = self.add(
            disabling,
            revert=lambda action: enabled.extend(self.nova.enabled),
        )
        self.add(
            [moved],
            execute=lambda action: meanwhile() is not None,
        )
        self.execute()
        return enabled

    def test_hosts_are_enabled_before_servers_go_back(self):
        self.assertEqual(['c1', 'c2'], self.roll_back())

    def test_rollback_leaves_a_host_to_another_plan(self):
        other = self.create_plan_of(self.plan)
        self.add_change('c1', plan=other, audit='other')
        self.assertEqual(['c2'], self.roll_back())
        self.assertEqual(
            'watcher_zone_migration other',
            self.nova.seen['c1'].disabled_reason,
        )

    def test_rollback_leaves_a_host_that_somebody_has_set(self):
        self.assertEqual(
            ['c2'], self.roll_back(lambda: self.nova.set('c1', 'broken'))
        )
        self.assertEqual('broken', self.nova.seen['c1'].disabled_reason)

    def test_rollback_goes_on_when_a_host_cannot_be_enabled(self):
        def refuse():
            self.nova.refusals['c1'] = client_exception.RequestRefused(
                service='Nova', reason='forbidden', status=403
            )

        self.assertEqual(['c2'], self.roll_back(refuse))

    def test_what_would_leave_a_host_that_cannot_be_disabled_is_skipped(self):
        self.use(c1=None)
        self.nova.trouble = client_exception.CloudUnavailable(
            service='Nova', reason='gone'
        )
        disabling = self.add_change('c1')
        child, other = self.add([disabling]), self.add()
        self.execute()
        self.assertEqual(
            ['FAILED', 'SKIPPED', 'SUCCEEDED'],
            self.states(disabling, child, other),
        )
        self.assertEqual(
            'Action failed in pre_condition: Nova is unavailable: gone',
            self.state_of(disabling)[1],
        )

    def test_host_that_we_have_disabled_is_enabled_by_a_plan(self):
        self.use(c1='watcher_zone_migration x', c2='broken', c3=None)
        actions = [
            self.add_change(name, 'enabled') for name in ('c1', 'c2', 'c3')
        ]
        self.execute()
        self.assertEqual(
            ['SUCCEEDED', 'SKIPPED', 'SKIPPED'], self.states(*actions)
        )
        self.assertEqual(['c1', 'c3'], self.nova.enabled)
