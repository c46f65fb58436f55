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

"""An operator's story: two hosts and a storage pool lose their power."""

import contextlib
import time

from zone_migration.tests.functional import base

EMPTIED = ('compute1', 'compute2')


class ZoneTest(base.FunctionalTest):
    """What all stories share."""

    def enable_at_the_end(self, *hosts):
        for host in hosts:
            self.addCleanup(self.set_service, host, status='enabled')

    def servers_on(self, *hosts):
        return {s['name'] for s in self.cloud.servers()
                if s['OS-EXT-SRV-ATTR:host'] in hosts}

    def volumes_in(self, *pools):
        return {v['name'] for v in self.cloud.volumes()
                if v['os-vol-host-attr:host'] in pools}

    @classmethod
    def summary(cls, plan):
        """What the audit of a plan says of it."""
        return cls.cloud.call(
            'GET', 'watcher', f'/audits/{plan.show()["audit_uuid"]}',
        )['status_message']

    @classmethod
    def enter_class_context(cls, context):
        context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)

    @classmethod
    @contextlib.contextmanager
    def zone(cls, name, *hosts):
        """An availability zone of these hosts, for a while."""
        def act(action):
            for host in hosts:
                cls.cloud.call('POST', 'nova', f'{path}/action',
                               {action: {'host': host}})

        path = '/os-aggregates/{}'.format(cls.cloud.call(
            'POST', 'nova', '/os-aggregates', {'aggregate': {
                'name': name, 'availability_zone': name}})['aggregate']['id'])
        act('add_host')
        try:
            yield
        finally:
            # Hosts with servers do not change their zone.
            cls.cloud.clean()
            act('remove_host')
            cls.cloud.call('DELETE', 'nova', path)


class RackTest(ZoneTest):
    """Everything in the rack moves, one way or another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        for host in EMPTIED:
            cls.populate(host, running=3, stopped=1, paused=1)
        cloud.create_volumes(['free0', 'free1', 'held'], pool='b1')
        cloud.create_volume('elsewhere', pool='b2')
        cloud.attach('compute1-run0', 'held')
        cloud.create_server('neighbour', host='compute3')

    def test_rack_is_emptied(self):
        self.enable_at_the_end(*EMPTIED)
        plan = base.plan_of(
            compute_nodes=[{'src_node': 'compute[12]'}],
            storage_pools=[{'src_pool': base.B1, 'dst_pool': base.B3}],
            disable_compute_nodes=True,
            with_attached_volume=True,
        )
        self.assertIn('13 to move', self.summary(plan))
        self.assertEqual('SUCCEEDED', plan.run())
        self.assertEqual(set(), self.servers_on(*EMPTIED))
        self.assertEqual(set(), self.volumes_in(base.B1))
        self.assertEqual({'elsewhere'}, self.volumes_in(base.B2))
        # Every resource has its action, and a word on what became of it.
        moved = {a.parameters['resource_name']
                 for a in plan.all_actions()
                 if a.state == 'SUCCEEDED'} - set(EMPTIED)
        self.assertEqual(
            {s['name'] for s in self.cloud.servers()} - {'neighbour'}
            | {'free0', 'free1', 'held'}, moved)
        # Nothing can land there any more.
        for host in EMPTIED:
            self.assertEqual(
                'disabled', self.services()[host]['status'])
            self.assertIn('watcher_zone_migration',
                          self.services()[host]['disabled_reason'])
        self.assertEqual('compute3', self.host_of('compute2-off0'))
        for name, status in (('compute1-run0', 'ACTIVE'),
                             ('compute2-off0', 'SHUTOFF'),
                             ('compute2-paused0', 'PAUSED')):
            self.assert_server(name, 'compute3', status)
        # The operator has the power back.
        self.assertEqual('SUCCEEDED', base.plan_of(
            enable_compute_nodes=['compute*']).run())
        for host in EMPTIED:
            self.assertEqual('enabled', self.services()[host]['status'])


class AvailabilityZoneTest(ZoneTest):
    """A rack that is an availability zone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enter_class_context(cls.zone('rack7', *EMPTIED))
        cls.cloud.create_servers(['a0', 'a1'], host='compute1')
        cls.cloud.create_server('b0', host='compute2')

    def test_zone_is_emptied(self):
        self.enable_at_the_end(*EMPTIED)
        plan = base.plan_of(
            availability_zones=['rack7'], disable_compute_nodes=True)
        self.assertEqual('SUCCEEDED', plan.run())
        self.assertEqual({'a0', 'a1', 'b0'}, self.servers_on('compute3'))

    def test_zone_that_does_not_exist_is_refused(self):
        audit = base.audited(
            base.create_audit(availability_zones=['rack9']))
        self.assertEqual('FAILED', audit['state'])
        self.assertIn('availability_zones.0', audit['status_message'])
        self.assertIn('rack7', audit['status_message'])


class SelectorsTest(ZoneTest):
    """Some of a host move, to several others, in the order asked for."""

    def test_oldest_go_first_and_are_spread(self):
        # The oldest are the smallest: without priority they would come last.
        for flavor, names in (
            ('tiny', ('t0', 't1', 'keep0')), ('small', ('s0',)),
            ('medium', ('m0',)),
        ):
            self.cloud.create_servers(names, host='compute1', flavor=flavor)
            # Nova tells to the second when a server was made.
            made = int(time.time())
            self.cloud.wait(lambda made=made: int(time.time()) > made)
        plan = base.plan_of(
            compute_nodes=[
                {'src_node': 'compute1', 'dst_node': 'compute[23]'}],
            exclude={'servers': ['keep*']},
            priority={'compute': 'created_at'},
            parallel_total=1,
            max_items=3,
        )
        self.assertIn(
            '3 to move, 1 more left out by max_items, 1 excluded',
            self.summary(plan))
        self.assertEqual('SUCCEEDED', plan.run())
        moved = self.servers_on('compute2', 'compute3')
        self.assertEqual({'t0', 't1', 's0'}, moved)
        for host in ('compute2', 'compute3'):
            self.assertTrue(self.servers_on(host), host)
        # One after another, so Nova's records show who came last.
        began = {name: self.cloud.migrations(name)[0]['created_at']
                 for name in moved}
        self.assertEqual('s0', max(began, key=began.get))


class ImpossibleTest(ZoneTest):
    """What cannot move is said before anything does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.ids = cloud.create_servers(
            ['goes', 'asleep', 'locked', 'busy'], host='compute1')
        cls.there = cloud.create_server('there', host='compute2')
        cloud.act(cls.ids['asleep'], 'suspend')
        cloud.wait(lambda: cloud.server('asleep')['status'] == 'SUSPENDED')
        cloud.act(cls.ids['locked'], 'lock')
        cls.volume = cloud.create_volume('kept', pool='b1')
        cloud.call('POST', 'cinder', '/snapshots', {'snapshot': {
            'volume_id': cls.volume, 'name': 'kept'}})
        cloud.attach('busy', 'kept')

    def wanted(self):
        return {
            'params': {'vm': {
                self.there: base.active('compute2'),
                base.NOBODY: base.active(),
            }},
            'compute_nodes': [
                {'src_node': 'compute1', 'dst_node': 'compute3'}],
            'storage_pools': [{'src_pool': base.B1, 'dst_pool': base.B3}],
        }

    def test_plan_says_it_before_the_start(self):
        plan = base.plan_of(**self.wanted())
        self.assertIn('1 to move, 1 already there, 5 cannot',
                      self.summary(plan))
        actions = plan.actions()
        self.assert_state(actions[self.ids['goes']], 'PENDING')
        self.assert_state(
            actions[self.there], 'SKIPPED', 'already on compute2')
        self.assert_state(actions[base.NOBODY], 'SKIPPED', 'not found')
        self.assert_state(actions[self.ids['asleep']], 'SKIPPED', 'SUSPENDED')
        self.assert_state(actions[self.ids['locked']], 'SKIPPED', 'locked')
        self.assert_state(actions[self.volume], 'SKIPPED', 'snapshots')
        self.assert_state(
            actions[self.ids['busy']], 'SKIPPED',
            'its volume kept cannot move', 'snapshots')

    def test_audit_fails_instead_when_asked_to(self):
        audit = base.audited(
            base.create_audit(**self.wanted(), all_or_nothing=True))
        self.assertEqual('FAILED', audit['state'])
        self.assertIn('not found', audit['status_message'])


class CancelTest(ZoneTest):
    """A cancelled plan takes back what it did to the hosts."""

    def test_hosts_are_enabled_again(self):
        cloud = self.cloud
        self.enable_at_the_end(*EMPTIED)
        cloud.create_servers(['x', 'y'], host='compute1')
        # Somebody else's: it stays as it is.
        self.set_service('compute2', status='disabled',
                         disabled_reason='broken fan')
        cloud.behave('*', live_result='hang')
        plan = base.plan_of(
            compute_nodes=[{'src_node': 'compute[12]'}],
            disable_compute_nodes=True,
        ).start()
        cloud.wait(lambda: any(
            s['status'] == 'MIGRATING' for s in cloud.servers()),
            what='a migration')
        self.assertEqual('disabled', self.services()['compute1']['status'])
        plan.cancel()
        self.assertEqual('CANCELLED', plan.wait())
        self.assertEqual('enabled', self.services()['compute1']['status'])
        self.assertEqual(
            ('disabled', 'broken fan'),
            (self.services()['compute2']['status'],
             self.services()['compute2']['disabled_reason']))
        self.assertEqual({'x', 'y'}, self.servers_on('compute1'))


class TwoPlansTest(ZoneTest):
    """Two plans empty one host at once, each of one server."""

    def start(self, server, exclude):
        """A plan whose server is on its way."""
        plan = base.plan_of(
            compute_nodes=[{'src_node': 'compute1', 'dst_node': 'compute2'}],
            exclude={'servers': [exclude]},
            disable_compute_nodes=True,
            force=True,
        ).start()
        self.cloud.wait(
            lambda: self.record(server) in ('running', 'queued'),
            what=f'the migration of {server}')
        return plan

    def cancel(self, plan, server):
        """Cancel a plan, whose server stays; what the plan says."""
        plan.cancel()
        self.assertEqual('CANCELLED', plan.wait())
        action = plan.actions()[self.cloud.server_id(server)]
        self.assert_state(action, 'CANCELLED', 'compute1')
        self.assertEqual('cancelled', self.record(server))
        self.assert_server(server, 'compute1', 'ACTIVE')
        return plan.show()['status_message']

    def audit(self, plan):
        return plan.show()['audit_uuid']

    def assert_disabled_for(self, plan):
        service = self.services()['compute1']
        self.assertEqual(
            ('disabled', f'watcher_zone_migration {self.audit(plan)}'),
            (service['status'], service['disabled_reason']))

    def test_last_one_that_is_cancelled_enables_the_host(self):
        self.enable_at_the_end('compute1')
        self.cloud.create_servers(['a', 'b'], host='compute1')
        self.cloud.behave('*', live_result='hang')
        with self.watcher_options(
            {'watcher_applier': {'workers': 2}}, 'watcher-applier',
        ):
            a = self.start('a', exclude='b')
            self.assert_disabled_for(a)
            b = self.start('b', exclude='a')
            self.assert_state(
                b.actions()['compute1'], 'SKIPPED', self.audit(a))
            self.assertIn(
                f'compute1 stays disabled for audit {self.audit(b)}',
                self.cancel(a, 'a'))
            self.assert_disabled_for(b)
            self.assertEqual('ONGOING', b.state)
            self.assertIn('1 host enabled again', self.cancel(b, 'b'))
        self.assertEqual('enabled', self.services()['compute1']['status'])
