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

"""Tests of asking for what is on some hosts and in some pools."""

import dataclasses

import fixtures
import testtools

from zone_migration import inventory
from zone_migration.client import exception
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.tests.unit.inventory import fakes

IDS = [f'00000000-0000-4000-8000-0000000000{n:02}' for n in range(100)]
HOSTS = tuple(f'c{n}' for n in range(1, 8))
POOLS = ('h@a#a', 'h@b#1', 'h@b#2', 'h@c#c', 'h@d#d', 'h@e#e', 'h@f#f')


def node(name):
    return params.ComputeSelector(name, params.SourceKind.HOST, name)


def source(name):
    return params.StorageSelector(name, name, dst_pool='h@f#f')


def excluding(**names):
    return params.Exclusions(
        **{kind: frozenset(each) for kind, each in names.items()}
    )


class EmptiedTest(testtools.TestCase):
    """A cloud of seven hosts and seven pools; most is elsewhere."""

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.cloud = fakes.Cloud()
        self.nova, self.cinder = self.cloud.nova, self.cloud.cinder
        self.nova.host_names, self.cinder.pool_names = HOSTS, POOLS
        self.cinder.backend_names = [p.partition('#')[0] for p in POOLS]
        for id_, host in (('s', 'c1'), ('t', 'c2'), ('u', 'c3'), ('n', None)):
            self.place(id_, host)
        for id_, pool in (('v', 'h@a#a'), ('w', 'h@b#1'), ('x', 'h@c#c')):
            self.put(id_, pool)

    def place(self, id_, host, **more):
        self.nova.made[id_] = resources.Server(
            id_, f'name-{id_}', 'ACTIVE', host, **more
        )

    def put(self, id_, pool, **more):
        self.cinder.made[id_] = resources.Volume(
            id_, f'name-{id_}', 'available', pool, 'gold', **more
        )

    def collect(self, *names, **more):
        """What is found for the sources with these names."""
        request = params.Request(
            compute=tuple(node(n) for n in names if '@' not in n),
            storage=tuple(source(n) for n in names if '@' in n),
            **more,
        )
        return inventory.collect(self.cloud, request)


class ServersTest(EmptiedTest):
    def test_servers_of_the_hosts_alone_are_asked_for(self):
        found = self.collect('c1')
        self.assertEqual({'s'}, set(found.servers))
        self.assertEqual(['hosts', 'on c1', 'hosts'], self.nova.asked[:3])
        self.assertEqual(('c1',), found.asked_hosts)

    def test_newest_server_of_all_hosts_is_the_first(self):
        self.place('a', 'c1', created_at='2026-01-02T00:00:00Z')
        self.place('b', 'c2', created_at='2026-01-03T00:00:00Z')
        self.place('c', 'c1', created_at='2026-01-01T00:00:00Z')
        found = self.collect('c1', 'c2')
        self.assertEqual(['b', 'a', 'c', 's', 't'], list(found.servers))

    def test_server_that_does_not_tell_its_age_is_the_last(self):
        self.place('a', 'c1', created_at=None)
        self.place('s', 'c1', created_at='2026-01-01T00:00:00Z')
        self.assertEqual(['s', 'a'], list(self.collect('c1').servers))

    def test_server_that_moves_to_a_host_asked_for_before_is_not_lost(self):
        self.nova.changed = [fakes.migration(1, 't')]
        self.nova.meanwhile['c1'] = lambda: self.place('t', 'c1')
        found = self.collect('c1', 'c2')
        self.assertEqual('c1', found.servers['t'].host)
        # A minute before the newest change that was known when it began.
        self.assertIn('changed since 07:59', self.nova.asked)

    def test_server_that_moves_to_a_host_asked_for_next_is_there_once(self):
        self.nova.changed = [fakes.migration(1, 's')]
        self.nova.meanwhile['c1'] = lambda: self.place('s', 'c2')
        found = self.collect('c1', 'c2')
        self.assertEqual(['s', 't'], sorted(found.servers))
        self.assertEqual('c2', found.servers['s'].host)
        self.assertNotIn('server', self.nova.asked)

    def test_servers_that_moved_elsewhere_are_not_asked_for(self):
        self.nova.changed = [
            dataclasses.replace(
                fakes.migration(1, 'u'), source='c3', dest='c4'
            )
        ]
        self.assertNotIn('u', self.collect('c1', 'c2').servers)
        self.assertNotIn('server', self.nova.asked)

    def test_nova_that_does_not_filter_has_shown_all(self):
        everything = self.nova.servers
        self.patch(self.nova, 'servers', lambda **query: everything())
        found = self.collect('c1', 'c2')
        self.assertEqual({'s', 't', 'u', 'n'}, set(found.servers))
        self.assertIsNone(found.asked_hosts)

    def test_names_that_differ_by_case_are_the_same_to_a_database(self):
        for id_, host in (('s', 'c1'), ('u', 'C1')):
            self.place(id_, host)
        everything = self.nova.servers
        self.patch(
            self.nova,
            'servers',
            lambda **query: everything(host='c1') | everything(host='C1'),
        )
        self.assertEqual({'s', 'u'}, set(self.collect('c1').servers))

    def test_host_of_a_cell_that_is_down_is_an_error(self):
        self.nova.meanwhile['c1'] = lambda: setattr(
            self.nova, 'host_names', HOSTS[1:]
        )
        error = self.assertRaises(
            exception.CloudUnavailable, self.collect, 'c1'
        )
        self.assertIn('does not show c1 any more', str(error))

    def test_most_hosts_are_listed_with_all_others(self):
        found = self.collect(*HOSTS[:4])
        self.assertEqual({'s', 't', 'u', 'n'}, set(found.servers))
        self.assertEqual(['hosts', 'servers'], self.nova.asked[:2])
        self.assertFalse(found.is_partial)

    def test_named_server_on_another_host_is_found(self):
        found = self.collect('c1', servers=(params.ServerItem('u', 'active'),))
        self.assertEqual({'s', 'u'}, set(found.servers))
        self.assertEqual(1, self.nova.asked.count('server'))


class ExcludeTest(EmptiedTest):
    def test_name_that_is_found_there_costs_nothing(self):
        self.collect('c1', exclude=excluding(servers=['name-*']))
        self.assertNotIn('servers', self.nova.asked)

    def test_name_that_is_elsewhere_is_known(self):
        found = self.collect('c1', exclude=excluding(servers=['name-u']))
        self.assertIn('u', found.servers)
        self.assertFalse(found.is_partial)

    def test_name_that_is_nowhere_is_looked_for_everywhere(self):
        self.collect('c1', exclude=excluding(servers=['none']))
        self.assertIn('servers', self.nova.asked)

    def test_id_that_is_elsewhere_is_asked_for_by_itself(self):
        self.place(IDS[0], 'c5')
        found = self.collect(
            'c1', exclude=excluding(servers=[IDS[0].upper(), IDS[1]])
        )
        self.assertEqual({'s', IDS[0]}, set(found.servers))
        self.assertEqual(2, self.nova.asked.count('server'))

    def test_more_ids_than_there_are_servers_are_listed(self):
        for id_ in IDS[:20]:
            self.place(id_, 'c5')
        found = self.collect('c1', exclude=excluding(servers=IDS[:20]))
        self.assertEqual({'s', *IDS[:20]}, set(found.servers))
        self.assertEqual(1, self.nova.asked.count('servers'))

    def test_volume_that_is_elsewhere_is_known(self):
        self.put(IDS[0], 'h@e#e')
        found = self.collect('h@a#a', exclude=excluding(volumes=[IDS[0]]))
        self.assertEqual({'v', IDS[0]}, set(found.volumes))
        found = self.collect('h@a#a', exclude=excluding(volumes=['name-x']))
        self.assertIn('x', found.volumes)


class VolumesTest(EmptiedTest):
    def test_volumes_of_the_pools_alone_are_asked_for(self):
        found = self.collect('h@a#a')
        self.assertEqual({'v'}, set(found.volumes))
        self.assertEqual(['pools', 'types', 'in h@a#a'], self.cinder.asked)
        self.assertEqual(('h@a#a',), found.asked_pools)

    def test_volumes_of_a_closed_backend_are_found_by_a_glob(self):
        self.cinder.pool_names = POOLS[1:]
        for name in ('h@a*', '*@a#*', 'h@a', 'h@a#a', 'h@[a]#a'):
            self.cinder.asked.clear()
            self.assertIn('v', self.collect(name).volumes, name)
            self.assertNotIn('volumes', self.cinder.asked, name)

    def test_all_volumes_of_a_closed_backend_tell_which_pools_are_used(self):
        self.put('y', 'h@a#other')
        for pools, expected in ((POOLS, {'v'}), (POOLS[1:], {'v', 'y'})):
            self.cinder.pool_names = pools
            found = self.collect('h@a#a', disable_storage_pools=True)
            self.assertEqual(expected, set(found.volumes))
        self.assertEqual(('h@a',), found.asked_pools)
        # Which does not matter to those that are left open.
        found = self.collect('h@a#a')
        self.assertEqual({'v'}, set(found.volumes))

    def test_all_are_listed_where_backends_are_not_told(self):
        def refuse():
            raise exception.RequestRefused('Cinder', 'no', 403)

        self.patch(self.cinder, 'backends', refuse)
        found = self.collect('h@[ab]*')
        self.assertEqual({'v', 'w', 'x'}, set(found.volumes))
        self.assertFalse(found.is_partial)

    def test_pool_that_nobody_knows_is_looked_for_everywhere(self):
        self.put('z', 'h@removed#r')
        found = self.collect('h@removed#r')
        self.assertIn('z', found.volumes)
        self.assertFalse(found.is_partial)

    def test_volume_that_moves_to_a_pool_asked_for_before_is_not_lost(self):
        self.cinder.meanwhile['h@a#a'] = lambda: self.put('w', 'h@a#a')
        found = self.collect('h@a#a', 'h@b#1')
        self.assertEqual('h@a#a', found.volumes['w'].host)
        self.assertNotIn('x', found.volumes)
        self.assertIn('changed since 07:59', self.cinder.asked)

    def test_copies_are_no_volumes_wherever_they_are_found(self):
        self.put('copy', 'h@a#a', migration_status='target:w')
        self.cinder.meanwhile['h@a#a'] = lambda: self.put(
            'late', 'h@a#a', migration_status='target:w'
        )
        found = self.collect('h@a#a', 'h@b#1')
        self.assertEqual({'v', 'w'}, set(found.volumes))

    def test_newest_volume_of_all_pools_is_the_first(self):
        self.put('v', 'h@a#a', created_at='2026-01-01T00:00:00.000000')
        self.put('w', 'h@b#1', created_at='2026-01-02T00:00:00.000000')
        found = self.collect('h@a#a', 'h@b#1')
        self.assertEqual(['w', 'v'], list(found.volumes))

    def test_named_volume_in_another_pool_is_found(self):
        found = self.collect(
            'h@a#a', volumes=(params.VolumeItem('x', 'available'),)
        )
        self.assertEqual({'v', 'x'}, set(found.volumes))

    def test_project_that_is_elsewhere_is_asked_for_by_name(self):
        self.put('v', 'h@a#a', project_id='q')
        found = self.collect('h@a#a', exclude=excluding(projects=['p']))
        self.assertEqual({'p': 'web'}, found.projects)
        self.assertTrue(found.is_partial)
