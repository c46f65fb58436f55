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

import testtools

from zone_migration.osc import disabled_hosts
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fake_nova
from zone_migration.tests.unit.osc import fakes

FOREIGN = 'watcher_zone_migration 99999999-0000-4000-8000-000000000000'


def disable(host, type_='change_nova_service_state', **values):
    """An action that has disabled a host."""
    return fakes.action(
        host,
        type_,
        **{
            'state': 'SUCCEEDED',
            'updated_at': '2026-11-28T03:15:00+00:00',
            'parameters': {
                'resource_name': host,
                'state': 'disabled',
                'disabled_reason': fake_nova.OURS,
            },
            **values,
        },
    )


class ComputeHostsTest(testtools.TestCase):
    def hosts(self, *services):
        return disabled_hosts.compute_hosts(fake_nova.cloud(*services))

    def test_they_are_in_the_order_of_their_names(self):
        found = self.hosts(fake_nova.service('b'), fake_nova.service('a'))
        self.assertEqual(['a', 'b'], list(found))

    def test_a_host_with_the_mark_is_ours(self):
        host = self.hosts(fake_nova.service('a', fake_nova.OURS))['a']
        self.assertTrue(host.is_ours)
        self.assertEqual(fakes.AUDIT, host.audit_uuid)

    def test_a_host_that_was_enabled_since_is_not(self):
        service = fake_nova.service('a', fake_nova.OURS)
        service.status = 'enabled'
        self.assertFalse(self.hosts(service)['a'].is_ours)

    def test_a_host_disabled_by_somebody_else_is_not(self):
        host = self.hosts(fake_nova.service('a', 'broken fan'))['a']
        self.assertFalse(host.is_ours)
        self.assertEqual('', host.audit_uuid)

    def test_a_host_that_does_not_report_is_down(self):
        found = self.hosts(fake_nova.service('a', state='down'))
        self.assertFalse(found['a'].up)


class ServersLeftTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = fake_nova.cloud(servers={'a': ['1', '2'], 'b': []})

    def left(self):
        return {
            host: len(servers)
            for host, servers in disabled_hosts.servers_left(
                self.cloud
            ).items()
        }

    def test_servers_of_each_host_are_counted(self):
        self.assertEqual({'a': 2, 'b': 0}, self.left())

    def test_a_server_is_on_its_old_host_until_its_move_is_confirmed(self):
        self.cloud.compute.unconfirmed = [('b', '1')]
        self.assertEqual({'a': 2, 'b': 1}, self.left())

    def test_a_server_that_has_come_back_counts_once(self):
        self.cloud.compute.unconfirmed = [('a', '1')]
        self.assertEqual({'a': 2, 'b': 0}, self.left())

    def test_deleted_servers_that_nova_keeps_are_told_apart(self):
        self.cloud.compute.soft_deleted = ['2', '3']
        left = disabled_hosts.servers_left(self.cloud)
        self.assertEqual(frozenset('2'), left['a'].deleted)
        self.assertEqual(2, len(left['a']))

    def test_hypervisors_of_one_host_are_added(self):
        again = fake_nova.cloud(servers={'a': ['3']}).compute.hypervisors_
        self.cloud.compute.hypervisors_ += again
        self.assertEqual(3, self.left()['a'])

    def test_requests_do_not_grow_with_the_hosts(self):
        self.cloud = fake_nova.cloud(
            servers={f'c{number}': ['1'] for number in range(400)}
        )
        self.left()
        self.assertEqual(
            ['hypervisors', 'servers', 'migrations'],
            [name for name, _ in self.cloud.compute.requests],
        )


class DisablingsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(actions=[disable('a')])

    def disabling(self, name='a', reason=fake_nova.OURS):
        host = disabled_hosts.ComputeHost(
            name, enabled=False, up=True, reason=reason
        )
        return disabled_hosts.disablings(self.watcher, [host])[name]

    def test_plan_is_called_by_the_name_of_its_audit(self):
        found = self.disabling()
        self.assertEqual('compute1 2026-11-28 03:14:00', found.audit)
        self.assertEqual('2026-11-28T03:15:00+00:00', found.since)
        self.assertEqual('RECOMMENDED', found.state)

    def test_uuid_stands_for_an_audit_that_was_deleted(self):
        found = self.disabling(reason=FOREIGN)
        self.assertEqual(
            disabled_hosts.Disabling('99999999-0000-4000-8000-000000000000'),
            found,
        )

    def test_time_is_unknown_when_the_plan_has_not_done_it(self):
        self.watcher.actions_ = [
            disable('a', state='PENDING'),
            disable('b'),
        ]
        self.assertEqual('', self.disabling().since)

    def test_a_silent_watcher_is_no_deleted_audit(self):
        def audit(uuid):
            raise watcher_errors.Unavailable('away')

        self.watcher.audit = audit
        self.assertRaises(watcher_errors.Unavailable, self.disabling)

    def test_a_plan_is_asked_for_once(self):
        hosts = [
            disabled_hosts.ComputeHost(
                f'c{number}', enabled=False, up=True, reason=fake_nova.OURS
            )
            for number in range(400)
        ]
        asked = []
        listed = self.watcher.actions
        self.watcher.actions = lambda uuid: asked.append(uuid) or listed(uuid)
        disabled_hosts.disablings(self.watcher, hosts)
        self.assertEqual([fakes.PLAN], asked)


class RelyingTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(
            actions=[disable('a', state='PENDING')]
        )

    def relying(self, **plan):
        self.watcher.plans_ = [fakes.plan(**plan)]
        found = disabled_hosts.relying(self.watcher, ['a', 'b'])
        return {name: (plan.audit, plan.state) for name, plan in found.items()}

    def test_plans_that_run_are_told(self):
        for state in ('PENDING', 'ONGOING', 'CANCELLING'):
            self.assertEqual(
                {'a': ('compute1 2026-11-28 03:14:00', state)},
                self.relying(state=state),
            )

    def test_others_are_not(self):
        for state in ('RECOMMENDED', 'SUCCEEDED', 'FAILED'):
            self.assertEqual({}, self.relying(state=state), state)

    def test_those_that_leave_the_host_as_it_is_are_not(self):
        self.watcher.actions_ = [disable('a', state='SKIPPED')]
        self.assertEqual({}, self.relying(state='ONGOING'))

    def test_uuid_stands_for_an_audit_that_was_deleted(self):
        self.watcher.audits = []
        self.assertEqual(
            {'a': (fakes.PLAN, 'ONGOING')}, self.relying(state='ONGOING')
        )


class AsFoundTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = fake_nova.cloud(
            fake_nova.service('c1', fake_nova.OURS), fake_nova.service('c2')
        )

    def found(self, *actions, cloud=None):
        return [
            (action.state, action.message)
            for action in disabled_hosts.as_found(cloud or self.cloud, actions)
        ]

    def test_what_is_disabled_already_is_skipped(self):
        self.assertEqual(
            [
                ('SKIPPED', 'c1 is disabled already'),
                ('PENDING', ''),
                ('PENDING', ''),
            ],
            self.found(
                disable('c1', state='PENDING'),
                disable('c2', state='PENDING'),
                fakes.action('c1'),
            ),
        )

    def test_backend_that_is_disabled_already_is_skipped(self):
        cloud = fake_nova.cloud(
            backends=[
                fake_nova.service('h@b', fake_nova.OURS),
                fake_nova.service('h@open'),
            ]
        )
        self.assertEqual(
            [('SKIPPED', 'h@b is disabled already'), ('PENDING', '')],
            self.found(
                *(
                    disable(
                        name, 'change_cinder_service_state', state='PENDING'
                    )
                    for name in ('h@b', 'h@open')
                ),
                cloud=cloud,
            ),
        )

    def test_nova_is_not_asked_without_need(self):
        self.assertEqual(
            [('PENDING', '')], self.found(fakes.action(), cloud='no cloud')
        )

    def test_nova_may_not_tell(self):
        self.assertEqual(
            [('PENDING', '')],
            self.found(disable('c1', state='PENDING'), cloud='no cloud'),
        )
