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

"""A cloud whose services remember what they are asked."""

import fixtures
import testtools

from zone_migration import inventory
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic import storage_backends
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection

AGGREGATE = resources.Aggregate('rack', frozenset(['c1']))


class Nova:
    newest_version = (2, 96)
    shows_hints = False
    host_names = ('c1', 'c2')
    providers_by_host = {'c1': 'u1', 'c2': 'u2'}

    def __init__(self, ids) -> None:
        self.made = {i: resources.Server(i, i, 'ACTIVE', 'c1') for i in ids}
        self.made_groups = []
        self.asked = []
        #: What happens while the servers of a host are listed, by host.
        self.meanwhile = {}
        #: The migrations that have changed since.
        self.changed = []
        #: Those that wait to be confirmed.
        self.unconfirmed = []

    def server(self, server_id, whole=False):
        self.asked.append('server')
        return self.made.get(server_id)

    def servers(self, whole=False, host=None, soft_deleted=False):
        self.asked.append('servers' if host is None else f'on {host}')
        found = {
            id_: server
            for id_, server in self.made.items()
            if host in (None, server.host)
        }
        self.meanwhile.get(host, lambda: None)()
        return found

    def newest_change(self):
        self.asked.append('newest change')
        return '2026-11-24T08:00:00'

    def migrations(self, since):
        self.asked.append(f'changed since {since:%H:%M}')
        return self.changed

    def unconfirmed_from(self, host):
        self.asked.append(f'unconfirmed from {host or "any host"}')
        return [one for one in self.unconfirmed if host in (None, one.source)]

    def provider_of(self, host):
        self.asked.append(f'provider of {host}')
        return self.providers_by_host.get(host)

    def migrations_at(self, host):
        self.asked.append(f'migrations at {host}')
        return self.unconfirmed

    def group(self, group_id):
        self.asked.append(f'group {group_id}')
        for group in self.made_groups:
            if group.id == group_id:
                return group
        return None

    def hosts(self):
        self.asked.append('hosts')
        return {
            name: resources.ComputeHost(name, True, True)
            for name in self.host_names
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
        return self.providers_by_host

    def migrations_of(self, server_id):
        self.asked.append('migrations of')
        return [migration(2, server_id), migration(1, server_id)]

    def unfinished_migrations(self, finished=None):
        self.asked.append('unfinished' if finished is None else 'in flight')
        known = finished or ()
        return [migration(2, 's1'), migration(1, 'elsewhere'), *known]


class Cinder:
    #: The ids of QoS specs by type.
    types = {'gold': '', 'luks': ''}
    pool_names = ('h@a#a',)
    backend_names = ('h@a',)
    #: Whether it filters by a list of ids.
    takes_ids = True

    def __init__(self, ids) -> None:
        self.made = {
            i: resources.Volume(
                i, i, 'available', 'h@a#a', 'gold', project_id='p'
            )
            for i in ids
        }
        self.asked = []
        #: What happens while the volumes of a place are listed, by place.
        self.meanwhile = {}

    def volume(self, volume_id):
        self.asked.append('volume')
        return self.made.get(volume_id)

    def volumes(self, changes_since=None, place=None):
        if changes_since is not None:
            self.asked.append(f'changed since {changes_since:%H:%M}')
        else:
            self.asked.append('volumes' if place is None else f'in {place}')
        found = {
            id_: volume
            for id_, volume in self.made.items()
            if place is None or resources.same_pool(place, volume.host)
        }
        self.meanwhile.get(place, lambda: None)()
        return found

    def volumes_of(self, ids):
        self.asked.append('list of ids')
        return {
            id_: volume
            for id_, volume in self.made.items()
            if self.takes_ids and id_ in ids
        }

    def newest_change(self):
        self.asked.append('newest change')
        return '2026-11-24T08:00:00.000000'

    def pools(self):
        self.asked.append('pools')
        return [resources.Pool(name, 1.0) for name in self.pool_names]

    def volume_types(self):
        self.asked.append('types')
        return {
            name: resources.VolumeType(name, qos_id=qos_id)
            for name, qos_id in self.types.items()
        }

    def front_end_qos(self):
        self.asked.append('qos')
        return frozenset({'q1'})

    def backends(self):
        self.asked.append('backends')
        return {
            name: storage_backends.Backend(name, enabled=True, up=True)
            for name in self.backend_names
        }

    def zones(self):
        self.asked.append('zones')
        return dict.fromkeys(self.backend_names, 'nova')

    def servers_of(self, volumes):
        self.asked.append('attachments')
        return {v.id: ('t', 'u') for v in volumes}

    def snapshots(self, volume_id):
        self.asked.append('snapshots')
        return 1

    def snapshot_counts(self, place=None):
        self.asked.append(
            'all snapshots' if place is None else f'snapshots in {place}'
        )
        return {'v1': 3}

    def encryption(self, names):
        self.asked.append('encryption')
        return {n: 'luks' if n == 'luks' else '' for n in names}

    def quotas(self, project_id, types):
        self.asked.append('quotas')
        return {name: cloud_inventory.Quota(1, 2) for name in types}


class Placement:
    def __init__(self) -> None:
        #: What has allocations, by provider.
        self.holds = {}
        self.asked = []

    def consumers(self, provider):
        self.asked.append(f'consumers of {provider}')
        return self.holds.get(provider, frozenset())

    def capacity(self, provider):
        self.asked.append(provider)
        return cloud_inventory.HostCapacity(vcpus=8)


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


#: What empties a host, an aggregate or a pool.
HOST = params.ComputeSelector('compute_nodes.0', params.SourceKind.HOST, 'c1')
RACK = params.ComputeSelector(
    'compute_nodes.0', params.SourceKind.AGGREGATE, 'rack'
)
POOL = params.StorageSelector('storage_pools.0', 'h@a#a', dst_pool='h@b#b')


class ExamineTest(testtools.TestCase):
    """Examines what is selected in a cloud of two servers and a volume."""

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.cloud = Cloud(['s', 't'], ['v'])

    def examine(self, servers=(), volumes=(), **more):
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

    def refuse(self, service, name, error):
        def ask(*arguments, **keywords):
            raise error

        self.patch(getattr(self.cloud, service), name, ask)

    def examine_all(self):
        return self.examine(
            [params.ServerItem('s', 'active', dst_hostname='c2')],
            [params.VolumeItem('v', 'available', dst_type='luks')],
        )
