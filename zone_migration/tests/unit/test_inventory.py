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

import collections
import dataclasses
import math

import fixtures
import testtools

from zone_migration import inventory
from zone_migration.client import cinder
from zone_migration.client import exception
from zone_migration.client import keystone
from zone_migration.client import neutron
from zone_migration.client import nova
from zone_migration.client import placement
from zone_migration.client import shares
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope
from zone_migration.logic.audit import selection
from zone_migration.tests.unit.client import http

AGGREGATE = resources.Aggregate('rack', frozenset(['c1']))


class Nova:
    newest_version = (2, 96)

    def __init__(self, ids) -> None:
        self.made = {i: resources.Server(i, i, 'ACTIVE', 'c1') for i in ids}
        self.made_groups = []
        self.asked = []

    def server(self, server_id, whole=False):
        self.asked.append('server')
        return self.made.get(server_id)

    def servers(self, whole=False):
        self.asked.append('servers')
        return dict(self.made)

    def hosts(self):
        self.asked.append('hosts')
        return {
            name: resources.ComputeHost(name, True, True)
            for name in ('c1', 'c2')
        }

    def aggregates(self):
        self.asked.append('aggregates')
        return {'rack': AGGREGATE}

    def aggregate_names(self):
        self.asked.append('aggregate names')
        return {1: 'rack'}

    def groups(self):
        self.asked.append('groups')
        return self.made_groups

    def providers(self):
        self.asked.append('providers')
        return {'c1': 'u1', 'c2': 'u2'}

    def migrations_of(self, server_id):
        self.asked.append('migrations of')
        return [migration(2, server_id), migration(1, server_id)]

    def unfinished_migrations(self):
        self.asked.append('unfinished')
        return [migration(2, 's1'), migration(1, 'elsewhere')]


class Cinder:
    #: The ids of QoS specs by type.
    types = {'gold': '', 'luks': ''}

    def __init__(self, ids) -> None:
        self.made = {
            i: resources.Volume(
                i, i, 'available', 'h@a#a', 'gold', project_id='p'
            )
            for i in ids
        }
        self.asked = []

    def volume(self, volume_id):
        self.asked.append('volume')
        return self.made.get(volume_id)

    def volumes(self):
        self.asked.append('volumes')
        return dict(self.made)

    def pools(self):
        self.asked.append('pools')
        return [resources.Pool('h@a#a', 1.0)]

    def volume_types(self):
        self.asked.append('types')
        return {
            name: resources.VolumeType(name, qos_id=qos_id)
            for name, qos_id in self.types.items()
        }

    def front_end_qos(self):
        self.asked.append('qos')
        return frozenset({'q1'})

    def zones(self):
        self.asked.append('zones')
        return {'h@a': 'nova'}

    def servers_of(self, volumes):
        self.asked.append('attachments')
        return {v.id: ('t', 'u') for v in volumes}

    def snapshots(self, volume_id):
        self.asked.append('snapshots')
        return 1

    def snapshot_counts(self):
        self.asked.append('all snapshots')
        return {'v1': 3}

    def encryption(self, names):
        self.asked.append('encryption')
        return {n: 'luks' if n == 'luks' else '' for n in names}

    def quotas(self, project_id, types):
        self.asked.append('quotas')
        return {name: resources.Quota(1, 2) for name in types}


class Placement:
    def __init__(self) -> None:
        self.asked = []

    def room(self, provider):
        self.asked.append(provider)
        return resources.Room(vcpus=8)


class Neutron:
    def __init__(self) -> None:
        self.asked = []

    def vnic_types(self, server_ids=None):
        self.asked.append(server_ids)
        return {'s': frozenset(['accelerator-direct'])}


class Shares:
    def __init__(self) -> None:
        self.asked = []

    def servers(self, ids):
        self.asked += ids
        return frozenset({'s'} & set(ids))


class Keystone:
    def __init__(self) -> None:
        self.asked = []

    def projects(self):
        self.asked.append('projects')
        return {'p': 'web'}


class Cloud:
    def __init__(self, servers=(), volumes=()) -> None:
        self.nova = Nova(servers)
        self.cinder = Cinder(volumes)
        self.placement = Placement()
        self.neutron = Neutron()
        self.keystone = Keystone()
        self.shares = Shares()


def migration(number, server_id):
    return resources.Migration(
        number, server_id, 'live-migration', 'running', 'c1', 'c2'
    )


def request_of(servers=(), volumes=(), destination='', **more):
    return params.Request(
        tuple(params.ServerItem(i, 'active', destination) for i in servers),
        tuple(params.VolumeItem(i, 'in-use') for i in volumes),
        **more,
    )


def take(shown, *what, **more):
    return inventory.collect(shown, request_of(*what, **more))


def limit(shown, seen, *rules):
    asked = scope.parse([{'compute': list(rules)}])
    return inventory.limit_to_scope(shown, seen, asked)


#: What empties a host, an aggregate or a pool.
HOST = params.ComputeSelector('compute_nodes.0', params.Source.HOST, 'c1')
RACK = params.ComputeSelector(
    'compute_nodes.0', params.Source.AGGREGATE, 'rack'
)
POOL = params.StorageSelector('storage_pools.0', 'h@a#a', dst_pool='h@b#b')


class LimitTest(testtools.TestCase):
    ZONE = {'availability_zones': [{'name': '*'}]}
    NAME = {'host_aggregates': [{'name': 'rack'}]}
    ID = {'host_aggregates': [{'id': 1}]}

    def test_only_what_the_scope_needs_is_asked_for(self):
        for rule, asked in (
            (self.ZONE, ['hosts']),
            (self.NAME, ['hosts', 'aggregates']),
            (self.ID, ['hosts', 'aggregates', 'aggregate names']),
        ):
            shown = Cloud(['s'])
            seen = take(shown, ['s'])
            shown.nova.asked.clear()
            limit(shown, seen, rule)
            self.assertEqual(asked, shown.nova.asked)

    def test_what_is_known_is_not_asked_for_again(self):
        shown = Cloud(['s'])
        seen = take(shown, compute=(RACK,))
        shown.nova.asked.clear()
        self.assertEqual({'c1'}, limit(shown, seen, self.NAME).scope)
        self.assertEqual([], shown.nova.asked)


class TakeTest(testtools.TestCase):
    def test_servers_and_volumes_are_found_by_their_ids(self):
        found = take(Cloud(['s', 't'], ['v']), ['s'], ['v'])
        self.assertEqual({'s'}, set(found.servers))
        self.assertEqual({'v'}, set(found.volumes))

    def test_what_does_not_exist_is_left_out(self):
        found = take(Cloud(), ['s'], ['v'])
        self.assertEqual(({}, {}), (found.servers, found.volumes))

    def test_destinations_are_known_when_one_is_asked_for(self):
        found = take(Cloud(['s'], ['v']), ['s'], ['v'], 'c1')
        self.assertEqual({'c1', 'c2'}, set(found.hosts))
        self.assertEqual({'h@a#a'}, set(found.pools))
        self.assertEqual({'gold', 'luks'}, set(found.volume_types))

    def test_cinder_is_not_asked_about_servers(self):
        shown = Cloud(['s'])
        take(shown, ['s'])
        self.assertEqual([], shown.cinder.asked)

    def test_hosts_are_not_asked_for_without_a_destination(self):
        shown = Cloud(['s'])
        take(shown, ['s'])
        self.assertEqual(['server'], shown.nova.asked)

    def test_many_are_found_with_one_listing(self):
        ids = [f's{n}' for n in range(500)]
        shown = Cloud(ids, ids)
        found = take(shown, ids, ids)
        self.assertEqual(500, len(found.servers))
        self.assertEqual(['servers'], shown.nova.asked)
        self.assertEqual(
            ['volumes', 'pools', 'types'], shown.cinder.asked
        )

    def test_of_many_those_that_do_not_exist_are_left_out(self):
        ids = [f's{n}' for n in range(500)]
        found = take(Cloud(ids[:100]), ids)
        self.assertEqual(100, len(found.servers))

    def test_of_many_those_that_are_not_asked_for_are_left_out(self):
        ids = [f's{n}' for n in range(500)]
        found = take(Cloud(ids), ids[:100])
        self.assertEqual(set(ids[:100]), set(found.servers))

    def test_hosts_to_be_emptied_are_shown_with_all_servers(self):
        shown = Cloud(['s', 't'])
        found = take(shown, compute=(HOST,))
        self.assertEqual({'s', 't'}, set(found.servers))
        self.assertEqual({'c1', 'c2'}, set(found.hosts))
        self.assertEqual(['servers', 'hosts'], shown.nova.asked)
        self.assertEqual([], shown.cinder.asked)

    def test_aggregates_are_asked_for_by_name_only(self):
        found = take(Cloud(), compute=(RACK,))
        self.assertEqual({'rack': AGGREGATE}, found.aggregates)
        self.assertEqual({}, take(Cloud(), compute=(HOST,)).aggregates)

    def test_hosts_are_shown_that_are_to_be_enabled(self):
        found = take(Cloud(), enable_compute_nodes=('c1',))
        self.assertEqual({'c1', 'c2'}, set(found.hosts))

    def test_pools_to_be_emptied_are_shown_with_all_volumes(self):
        shown = Cloud(['s'], ['v', 'w'])
        found = take(shown, storage=(POOL,))
        self.assertEqual({'v', 'w'}, set(found.volumes))
        self.assertEqual({'h@a#a'}, set(found.pools))
        self.assertEqual([], shown.nova.asked)

    def test_copies_that_cinder_is_making_are_no_volumes(self):
        shown = Cloud(volumes=['v'])
        shown.cinder.made['copy'] = resources.Volume(
            'copy', 'v', 'available', 'h@b#b', 'gold', 'target:v'
        )
        shown.cinder.made['old'] = resources.Volume(
            'old', 'v', 'deleting', 'h@a#a', 'gold', 'deleting'
        )
        self.assertEqual({'v'}, set(take(shown, storage=(POOL,)).volumes))

    def test_names_of_projects_are_asked_for(self):
        for more in (
            {'exclude': params.Exclusions(projects=frozenset(['web']))},
            {'priority': params.Priority(project=('web',))},
        ):
            shown = Cloud(volumes=['v'])
            found = take(shown, storage=(POOL,), **more)
            self.assertEqual({'p': 'web'}, found.projects)
            self.assertEqual(['projects'], shown.keystone.asked)

    def test_names_of_projects_that_are_known_by_id_do_not_matter(self):
        shown = Cloud(volumes=['v'])
        found = take(
            shown,
            storage=(POOL,),
            exclude=params.Exclusions(projects=frozenset(['p'])),
        )
        self.assertEqual({}, found.projects)
        self.assertEqual([], shown.keystone.asked)


class LookCloserTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.cloud = Cloud(['s', 't'], ['v'])

    def look(self, servers=(), volumes=(), **more):
        seen = inventory.collect(
            self.cloud, params.Request(tuple(servers), tuple(volumes), **more)
        )
        return inventory.examine(
            self.cloud,
            seen,
            selection.Selection(tuple(servers), tuple(volumes)),
        )

    def server(self, id_='s', **fields):
        """An item for a server that has these fields."""
        made = resources.Server(
            **{
                'id': id_,
                'name': id_,
                'status': 'ACTIVE',
                'host': 'c1',
                **fields,
            }
        )
        self.cloud.nova.made[id_] = made
        return params.ServerItem(id_, 'active')

    def test_hosts_are_shown_where_servers_are_moved(self):
        found = self.look([params.ServerItem('s', 'active')])
        self.assertEqual({'c1', 'c2'}, set(found.hosts))

    def test_aggregates_are_told_once_of_servers_that_are_moved(self):
        found = self.look([params.ServerItem('s', 'active')], compute=(RACK,))
        self.assertEqual({'rack': AGGREGATE}, found.aggregates)
        self.assertEqual(1, self.cloud.nova.asked.count('aggregates'))
        found = self.look([params.ServerItem('s', 'active')])
        self.assertEqual({'rack': AGGREGATE}, found.aggregates)

    def test_services_are_not_asked_about_what_is_not_moved(self):
        self.look()
        self.assertEqual([], self.cloud.nova.asked)
        self.assertEqual([], self.cloud.cinder.asked)
        self.assertEqual([], self.cloud.neutron.asked)
        self.assertEqual([], self.cloud.placement.asked)

    def test_what_does_not_exist_is_not_asked_about(self):
        found = self.look(
            [params.ServerItem('gone', 'active')],
            [params.VolumeItem('gone', 'in-use', dst_type='gold')],
        )
        self.assertEqual(({}, {}), (found.servers, found.volumes))
        self.assertEqual([], self.cloud.neutron.asked)
        self.assertEqual({}, found.quotas)

    def test_groups_of_the_servers_come_with_their_members(self):
        group = resources.ServerGroup('g', 'ha', 'anti-affinity', ('s', 't'))
        other = resources.ServerGroup('h', 'h', 'affinity', ('elsewhere',))
        self.cloud.nova.made_groups = [group, other]
        found = self.look([self.server()])
        self.assertEqual((group,), found.groups)
        self.assertEqual({'s', 't'}, set(found.servers))

    def test_members_that_migrate_outside_the_audit_are_told(self):
        self.server('t', status='MIGRATING', task_state='migrating')
        self.cloud.nova.made_groups = [
            resources.ServerGroup(
                'g', 'ha', 'anti-affinity', ('s', 't', 'gone')
            )
        ]
        found = self.look([self.server()])
        self.assertEqual({'t'}, set(found.migrations))

    def test_servers_that_hints_name_are_shown(self):
        other = '11111111-2222-3333-4444-555555555555'
        self.server(other)
        item = self.server(hints={'same_host': (other, '../os-services')})
        self.cloud.nova.asked = []
        self.assertEqual({'s', other}, set(self.look([item]).servers))
        self.assertEqual(2, self.cloud.nova.asked.count('server'))

    def test_server_whose_group_is_gone_is_in_none(self):
        gone = resources.ServerGroup('g', 'ha', 'affinity', ('s', 't'))
        self.cloud.nova.made_groups = [gone]
        self.assertEqual((gone,), self.look([self.server()]).groups)
        self.cloud.nova.made_groups = []
        found = self.look([self.server()])
        self.assertEqual((), found.groups)
        self.assertEqual({'s'}, set(found.servers))

    def test_volumes_of_the_servers_are_shown(self):
        found = self.look([self.server(volume_ids=('v', 'deleted'))])
        self.assertEqual({'v'}, set(found.volumes))

    def test_servers_of_the_volumes_are_shown(self):
        self.cloud.cinder.made['v'] = resources.Volume(
            'v', 'v', 'in-use', 'h@a#a', 'gold', server_ids=('t',)
        )
        found = self.look(volumes=[params.VolumeItem('v', 'in-use')])
        self.assertEqual({'t'}, set(found.servers))

    def test_all_servers_of_a_multiattach_volume_are_known(self):
        shown = resources.Volume(
            'v', 'v', 'in-use', 'h@a#a', 'gold', server_ids=('t',)
        )
        for multiattach, servers in ((True, ('t', 'u')), (False, ('t',))):
            self.cloud.cinder.made['v'] = dataclasses.replace(
                shown, multiattach=multiattach
            )
            found = self.look(volumes=[params.VolumeItem('v', 'in-use')])
            self.assertEqual(servers, found.volumes['v'].server_ids)

    def test_migrations_of_servers_in_their_midst_are_shown(self):
        found = self.look(
            [
                self.server('r', status='VERIFY_RESIZE'),
                self.server('m', status='ACTIVE', task_state='migrating'),
                self.server('s'),
            ]
        )
        self.assertEqual(
            {'r': [2, 1], 'm': [2, 1]},
            {
                id_: [m.id for m in records]
                for id_, records in found.migrations.items()
            },
        )

    def test_migrations_of_many_servers_are_listed(self):
        items = [self.server(f's{n}', status='RESIZE') for n in range(20)]
        found = self.look(items)
        self.assertEqual((migration(2, 's1'),), found.migrations['s1'])
        self.assertEqual((), found.migrations['s2'])
        self.assertNotIn('migrations of', self.cloud.nova.asked)

    def test_snapshots_of_few_volumes_are_counted_one_by_one(self):
        found = self.look(volumes=[params.VolumeItem('v', 'available')])
        self.assertEqual({'v': 1}, found.snapshots)

    def test_snapshots_of_many_volumes_are_counted_together(self):
        ids = [f'v{n}' for n in range(20)]
        self.cloud = Cloud(volumes=ids)
        found = self.look(
            volumes=[params.VolumeItem(i, 'available') for i in ids]
        )
        self.assertEqual(3, found.snapshots['v1'])
        self.assertEqual(0, found.snapshots['v2'])
        self.assertNotIn('snapshots', self.cloud.cinder.asked)

    def test_rooms_are_those_of_named_destinations(self):
        found = self.look(
            [
                params.ServerItem('s', 'active', dst_hostname='c2'),
                params.ServerItem('t', 'active', dst_hostname='unknown'),
            ]
        )
        self.assertEqual({'c2': resources.Room(vcpus=8)}, found.rooms)
        self.assertEqual(['u2'], self.cloud.placement.asked)

    def test_rooms_are_also_those_of_destinations_to_choose_from(self):
        found = self.look(
            [
                params.ServerItem('s', 'active', destinations=('c1', 'c2')),
                params.ServerItem('t', 'active', destinations=('c1', 'c2')),
            ]
        )
        self.assertEqual({'c1', 'c2'}, set(found.rooms))
        self.assertEqual(['u1', 'u2'], self.cloud.placement.asked)

    def test_placement_is_not_asked_without_a_destination(self):
        self.look([params.ServerItem('s', 'active')])
        self.assertEqual([], self.cloud.placement.asked)
        self.assertNotIn('providers', self.cloud.nova.asked)

    def test_quotas_are_those_of_owners_and_new_types(self):
        found = self.look(
            volumes=[params.VolumeItem('v', 'available', dst_type='luks')]
        )
        self.assertEqual({('p', 'luks'): resources.Quota(1, 2)}, found.quotas)

    def test_quotas_do_not_matter_without_a_new_type(self):
        found = self.look(volumes=[params.VolumeItem('v', 'available')])
        self.assertEqual({}, found.quotas)
        self.assertNotIn('quotas', self.cloud.cinder.asked)

    def test_zones_of_pools_matter_to_a_retype_only(self):
        for item, zone in (
            (params.VolumeItem('v', 'available', dst_type='luks'), 'nova'),
            (params.VolumeItem('v', 'available', 'h@b#b'), ''),
        ):
            found = self.look(volumes=[item])
            self.assertEqual(zone, found.pools['h@a#a'].zone)
        self.assertEqual(1, self.cloud.cinder.asked.count('zones'))

    def test_qos_is_asked_for_when_that_of_an_attached_volume_changes(self):
        for types, server_ids, asked in (
            ({'gold': 'q1', 'luks': ''}, ('s',), 1),
            ({'gold': 'q1', 'luks': ''}, (), 0),
            ({'gold': 'q1', 'luks': 'q1'}, ('s',), 0),
        ):
            self.cloud = Cloud(['s'], ['v'])
            self.cloud.cinder.types = types
            self.cloud.cinder.made['v'] = dataclasses.replace(
                self.cloud.cinder.made['v'], server_ids=server_ids
            )
            found = self.look(
                volumes=[params.VolumeItem('v', 'in-use', dst_type='luks')]
            )
            self.assertEqual(
                asked, self.cloud.cinder.asked.count('qos'), types
            )
            self.assertEqual(
                bool(asked), found.volume_types['gold'].front_end_qos
            )

    def encryption(self, item):
        found = self.look(volumes=[item]).volume_types.values()
        return {each.name: each.encryption for each in found}

    def test_old_and_new_types_tell_their_encryption(self):
        self.assertEqual(
            {'gold': '', 'luks': 'luks'},
            self.encryption(
                params.VolumeItem('v', 'available', dst_type='luks')
            ),
        )

    def test_type_of_an_encrypted_attached_volume_tells_its_encryption(self):
        item = params.VolumeItem('v', 'in-use')
        self.assertEqual({'gold': None, 'luks': None}, self.encryption(item))
        self.cloud.cinder.made['v'] = dataclasses.replace(
            self.cloud.cinder.made['v'], server_ids=('s',), encrypted=True
        )
        self.assertEqual({'gold': '', 'luks': None}, self.encryption(item))

    def test_ports_that_keep_a_server_are_told(self):
        found = self.look([self.server(), self.server('t')])
        self.assertEqual({}, found.devices)
        self.assertEqual({'s'}, set(found.accelerators))
        self.assertIn('accelerator-direct', found.accelerators['s'])
        self.assertEqual([['s', 't']], self.cloud.neutron.asked)

    def test_flavors_that_keep_a_server_are_told(self):
        found = self.look(
            [self.server('t', extra_specs={'hw:tpm_version': '2.0'})]
        )
        self.assertIn('vTPM', found.devices['t'])

    def test_images_that_keep_a_server_are_told(self):
        found = self.look(
            [self.server('t', image_properties={'hw_tpm_version': '2.0'})]
        )
        self.assertIn('vTPM', found.devices['t'])

    def test_servers_with_shares_are_told(self):
        found = self.look([self.server(), self.server('t')])
        self.assertEqual({'s'}, found.sharing)
        self.assertEqual((2, 96), found.nova_version)

    def test_only_who_could_move_is_asked_for_its_shares(self):
        for n, fields in enumerate(
            (
                {'status': 'SHELVED'},
                {'status': 'ERROR'},
                {'status': 'ACTIVE', 'task_state': 'migrating'},
                {'status': 'SHUTOFF'},
                {'status': 'PAUSED'},
                {'status': 'ACTIVE'},
            )
        ):
            self.look([self.server(f's{n}', **fields)])
        self.assertEqual(['s3', 's4', 's5'], self.cloud.shares.asked)

    def refuse(self, service, name, error):
        def ask(*arguments, **keywords):
            raise error

        self.patch(getattr(self.cloud, service), name, ask)

    def look_at_all(self):
        return self.look(
            [params.ServerItem('s', 'active', dst_hostname='c2')],
            [params.VolumeItem('v', 'available', dst_type='luks')],
        )

    def test_what_policy_does_not_allow_is_not_checked(self):
        for service, name, what in (
            ('nova', 'groups', 'server groups'),
            ('nova', 'aggregates', 'availability zones'),
            ('nova', 'providers', 'free CPU'),
            ('placement', 'room', 'free CPU'),
            ('neutron', 'vnic_types', 'ports'),
            ('shares', 'servers', 'shares'),
            ('cinder', 'quotas', 'quotas'),
            ('cinder', 'encryption', 'encryption'),
            ('cinder', 'zones', 'availability zones of storage'),
        ):
            for status in (403, 404):
                with fixtures.FakeLogger() as log:
                    self.refuse(
                        service,
                        name,
                        exception.RequestRefused(
                            service=service, reason='no', status=status
                        ),
                    )
                    self.look_at_all()
                    self.assertIn(what, log.output)
            self.cloud = Cloud(['s'], ['v'])

    def test_service_that_is_not_there_is_not_asked(self):
        missing = exception.ServiceNotFound(service='x', reason='no')
        self.refuse('placement', 'room', missing)
        self.refuse('neutron', 'vnic_types', missing)
        found = self.look_at_all()
        self.assertEqual(({}, {}), (found.rooms, found.accelerators))
        self.assertEqual(2, self.log.output.count('Not checked'))

    def test_service_that_fails_is_an_error(self):
        self.refuse(
            'neutron',
            'vnic_types',
            exception.CloudUnavailable(service='Neutron', reason='no'),
        )
        self.assertRaises(exception.CloudUnavailable, self.look_at_all)

    def test_request_that_a_service_does_not_take_is_an_error(self):
        self.refuse(
            'neutron',
            'vnic_types',
            exception.RequestRefused(service='N', reason='no', status=400),
        )
        self.assertRaises(exception.RequestRefused, self.look_at_all)

    def test_hosts_that_policy_does_not_allow_are_an_error(self):
        self.refuse(
            'nova',
            'hosts',
            exception.RequestRefused(service='N', reason='no', status=403),
        )
        self.assertRaises(exception.RequestRefused, self.look_at_all)


class RequestsTest(testtools.TestCase):
    """How many requests the services get, by the size of the cloud."""

    PAGE = 1000

    def cloud_of(self, count):
        """A cloud of as many servers, volumes, ports and snapshots."""
        session, self.http = http.make_session()
        shown = Cloud()
        options = {'interface': 'public'}
        shown.nova = nova.Nova(session, options)
        shown.cinder = cinder.Cinder(session, options)
        shown.neutron = neutron.Neutron(session, options)
        shown.placement = placement.Placement(session, options)
        shown.keystone = keystone.Keystone(session, options)
        shown.shares = shares.Shares(session, options, shown.nova)
        ids = [f'{n:08}' for n in range(count)]
        room = '/resource_providers/u2'
        self.answer(
            {
                '/': {'version': {'id': 'v2.1', 'version': '2.96'}},
                '/servers/detail': self.pages(
                    'servers', [self.shown_server(i) for i in ids]
                ),
                '/volumes/detail': self.pages(
                    'volumes', [self.shown_volume(i) for i in ids]
                ),
                '/snapshots': self.pages(
                    'snapshots', [{'id': i, 'volume_id': i} for i in ids]
                ),
                '/v2.0/ports': self.pages(
                    'ports', [{'id': i, 'device_id': i} for i in ids]
                ),
                '/os-aggregates': {'aggregates': []},
                '/os-migrations': {'migrations': []},
                '/os-server-groups': {'server_groups': []},
                '/os-services': {
                    'services': [
                        {'host': h, 'status': 'enabled', 'state': 'up'}
                        for h in ('c1', 'c2')
                    ]
                },
                '/os-hypervisors/detail': self.pages(
                    'hypervisors', [{'id': 'u2', 'service': {'host': 'c2'}}]
                ),
                f'{room}/inventories': {'inventories': {}},
                f'{room}/usages': {'usages': {}},
                '/scheduler-stats/get_pools': {
                    'pools': [{'name': 'h@a#a', 'capabilities': {}}]
                },
                '/types': {
                    'volume_types': [
                        {'id': n, 'name': n, 'extra_specs': {}}
                        for n in ('gold', 'luks')
                    ]
                },
                '/types/gold/encryption': {},
                '/types/luks/encryption': {'provider': 'luks'},
                '/os-quota-sets/p': {'quota_set': {}},
                **{
                    f'/{kind}/{i}': {kind[:-1]: show(i)}
                    for kind, show in (
                        ('servers', self.shown_server),
                        ('volumes', self.shown_volume),
                    )
                    for i in ids[:10]
                },
            }
        )
        return shown, ids

    def answer(self, answers):
        for path, answer in answers.items():
            self.http.answers['GET', path] = answer

    def pages(self, key, things):
        """Answers with a page after the marker of a query."""
        places = {thing['id']: n for n, thing in enumerate(things)}

        def answer(query):
            (marker,) = query.get('marker', [None])
            begin = places[marker] + 1 if marker else 0
            end = begin + self.PAGE
            links = [{'rel': 'next', 'href': ''}] if end < len(things) else []
            return {
                key: things[begin:end],
                **({f'{key}_links': links} if key == 'ports' else {}),
            }

        return answer

    @staticmethod
    def shown_server(id_):
        # All in the midst of a migration, with a volume.
        return {
            'id': id_,
            'name': id_,
            'status': 'VERIFY_RESIZE',
            'OS-EXT-SRV-ATTR:host': 'c1',
            'OS-EXT-STS:task_state': None,
            'OS-EXT-STS:vm_state': 'resized',
            'OS-EXT-STS:power_state': 1,
            'os-extended-volumes:volumes_attached': [{'id': id_}],
        }

    @staticmethod
    def shown_volume(id_):
        return {
            'id': id_,
            'name': id_,
            'status': 'in-use',
            'os-vol-host-attr:host': 'h@a#a',
            'os-vol-tenant-attr:tenant_id': 'p',
            'volume_type': 'gold',
            'size': 1,
            'attachments': [{'server_id': id_}],
        }

    def requests(self, count, by_selectors):
        """How often each path is asked for, ids left out."""
        shown, ids = self.cloud_of(count)
        servers = tuple(
            params.ServerItem(i, 'active', dst_hostname='c2') for i in ids
        )
        volumes = tuple(
            params.VolumeItem(i, 'in-use', dst_type='luks') for i in ids
        )
        if by_selectors:
            request = params.Request(compute=(HOST,), storage=(POOL,))
        else:
            request = params.Request(servers, volumes)
        seen = inventory.examine(
            shown,
            inventory.collect(shown, request),
            selection.Selection(servers, volumes),
        )
        self.assertEqual(count, len(seen.servers))
        self.assertEqual(count, len(seen.volumes))
        self.assertEqual({'c2'}, set(seen.rooms))
        return collections.Counter(r[1] for r in self.http.requests)

    def assert_pages(self, by_selectors):
        """5,000 cost more than 20 in pages of the listings only."""
        few = self.requests(20, by_selectors)
        many = self.requests(5000, by_selectors)
        more = many - few
        self.assertEqual(
            {
                '/servers/detail',
                '/snapshots',
                '/v2.0/ports',
                '/volumes/detail',
            },
            set(more),
        )
        self.assertLessEqual(max(more.values()), 5000 // self.PAGE)
        self.assertEqual({}, dict(few - many))

    def test_a_list_of_thousands_costs_pages_only(self):
        self.assert_pages(by_selectors=False)

    def test_selectors_of_thousands_cost_pages_only(self):
        self.assert_pages(by_selectors=True)

    def test_a_few_are_asked_for_by_their_ids(self):
        asked = self.requests(5, False)
        self.assertNotIn('/servers/detail', asked)
        self.assertNotIn('/volumes/detail', asked)
        self.assertLessEqual(sum(asked.values()), 40)

    def test_thousands_cost_few_requests(self):
        asked = self.requests(5000, True)
        pages = math.ceil(5000 / self.PAGE)
        self.assertLessEqual(sum(asked.values()), 4 * pages + 40)
