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

"""A cloud as its services would show it, made up from a few numbers.

A zone, ``az1``, of :data:`HOSTS` hosts (``rack1-001`` and so on) with all the
servers, and a zone ``az2`` (``rack2-001``) of one fewer without any; a storage
backend for each of :data:`BACKENDS` pools of volumes (``block1@b0#b0``), and
one fewer with empty ones (``block2@b0#b0``).  Most can be moved; some of each
hundred cannot, each for another reason.  The same numbers make the same cloud.

Some of the servers can have :data:`FEW_HOSTS` hosts for themselves, and the
volumes with their numbers :data:`FEW_BACKENDS` pools: a part of the cloud that
is the same, whatever is around it.

Records have the members of Nova 34's and Cinder 29's, as far as their size
matters or this plugin reads them.
"""

import dataclasses
import datetime
import math
import uuid

#: Hosts in the zone with the servers, and those of them that a part has.
HOSTS, FEW_HOSTS = 100, 20
#: Pools in the storage host with the volumes, and those that a part has.
BACKENDS, FEW_BACKENDS = 10, 2
PROJECTS = 50

ZONES = {'rack1': 'az1', 'rack2': 'az2'}

#: Types by name: what they are served by, and the id.
TYPES = {
    'gold': {'volume_backend_name': 'gold'},
    'silver': {'volume_backend_name': 'silver'},
    #: Served by all pools.
    'bronze': {},
}

_MADE = '2026-06-{day:02d}T12:00:00'
#: RAM in MiB, VCPUs, disk in GB.
_FLAVORS = ((2048, 1, 20), (4096, 2, 40), (8192, 4, 40), (16384, 8, 80))
#: What servers are, by the last two digits of their number.
_STATES = {
    0: ('ERROR', 'error', None, 0),
    1: ('SUSPENDED', 'suspended', None, 4),
    2: ('MIGRATING', 'active', 'migrating', 1),
    3: ('VERIFY_RESIZE', 'resized', None, 1),
    **dict.fromkeys(range(40, 55), ('SHUTOFF', 'stopped', None, 4)),
}
_ACTIVE = ('ACTIVE', 'active', None, 1)
#: Others that cannot be moved, by the same.
_LOCKED, _WITH_DEVICE, _WITH_DEVICE_PORT, _PINNED = 4, 5, 6, 7
#: Those in an anti-affinity group, with such servers of other hosts, and in
#: an affinity group, with such servers of the same host.
_APART, _TOGETHER = 8, 9
_GROUP = 5
#: What the numbers in the ids of groups begin with.
_GROUP_IDS = 20_000_000
#: The id of the only group of volumes.
_GROUP_OF_VOLUMES = 40_000_000
#: What the numbers of migrations and of snapshots begin with.
_MIGRATION_IDS = 10_000_000
_SNAPSHOT_IDS = 50_000_000
#: Type and status of migrations that are not over, by the same as states.
_MIGRATIONS = {
    2: ('live-migration', 'running'),
    3: ('migration', 'finished'),
}
#: When the first of them was begun; the next ones a minute later each.
_FIRST = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 (as Nova shows it)

# What the ids begin with.
_SERVER, _VOLUME, _PORT, _HOST, _PROJECT, _OTHER = range(1, 7)


def id_of(kind: int, number: int) -> str:
    """A UUID that :func:`number_of` understands."""
    return str(uuid.UUID(int=kind << 96 | number))


def number_of(id_: str) -> int:
    """Which one of its kind."""
    return uuid.UUID(id_).int & (1 << 96) - 1


def project(number: int) -> dict:
    """A project, as Keystone shows it."""
    return {
        'id': uuid.UUID(id_of(_PROJECT, number)).hex,
        'name': f'project-{number}',
        'domain_id': 'default',
        'description': '',
        'enabled': True,
    }


def hosts() -> list[str]:
    """Those of both zones."""
    return [
        f'{rack}-{n + 1:03}'
        for rack, count in zip(ZONES, (HOSTS, HOSTS - 1), strict=True)
        for n in range(count)
    ]


def compute_service(number: int) -> dict:
    """As ``GET /os-services`` shows it."""
    host = hosts()[number]
    return {
        'id': id_of(_OTHER, number),
        'binary': 'nova-compute',
        'host': host,
        'zone': ZONES[host.partition('-')[0]],
        'status': 'enabled',
        'state': 'up',
        'updated_at': _MADE.format(day=1),
        'disabled_reason': None,
        'forced_down': False,
    }


def hypervisor(number: int) -> dict:
    """As ``GET /os-hypervisors/detail`` shows it."""
    host = hosts()[number]
    return {
        'id': id_of(_HOST, number),
        'hypervisor_hostname': host,
        'hypervisor_type': 'QEMU',
        'hypervisor_version': 7002000,
        'host_ip': '192.0.2.1',
        'state': 'up',
        'status': 'enabled',
        'service': {
            'id': id_of(_OTHER, number),
            'host': host,
            'disabled_reason': None,
        },
        # Also of the CPU, in some 2 KiB.
        'cpu_info': {'features': [f'feature-{n}' for n in range(120)]},
    }


def aggregates() -> list[dict]:
    """One for each zone."""
    return [
        {
            'id': number,
            'name': rack,
            'availability_zone': zone,
            'hosts': [h for h in hosts() if h.startswith(f'{rack}-')],
            'metadata': {'availability_zone': zone},
        }
        for number, (rack, zone) in enumerate(ZONES.items())
    ]


def pools() -> list[dict]:
    """As ``GET /scheduler-stats/get_pools`` shows them."""
    return [
        {
            'name': f'{host}@b{n}#b{n}',
            'capabilities': {
                'pool_name': f'b{n}',
                'volume_backend_name': _type(n),
                'total_capacity_gb': 40_000,
                'free_capacity_gb': 30_000.0,
                'thin_provisioning_support': False,
                'multiattach': True,
                'storage_protocol': 'iSCSI',
                'vendor_name': 'made up',
            },
        }
        for host, count in (('block1', BACKENDS), ('block2', BACKENDS - 1))
        for n in range(count)
    ]


def storage_services() -> list[dict]:
    """As ``GET /os-services`` of Cinder shows them."""
    return [
        {
            'binary': 'cinder-volume',
            'host': pool['name'].partition('#')[0],
            'zone': 'nova',
            'status': 'enabled',
            'state': 'up',
        }
        for pool in pools()
    ]


def volume_types() -> list[dict]:
    """As ``GET /types`` shows them."""
    return [
        {
            'id': id_of(_OTHER, 1000 + number),
            'name': name,
            'is_public': True,
            'description': None,
            'extra_specs': specs,
        }
        for number, (name, specs) in enumerate(TYPES.items())
    ]


def quotas() -> dict:
    """What each project may have, by what of it there is."""
    return {
        f'{what}{of}': {'limit': limit, 'in_use': 50, 'reserved': 0}
        for what, limit in (('volumes', 1000), ('gigabytes', 100_000))
        for of in ('', *(f'_{name}' for name in TYPES))
    }


def inventories() -> dict:
    """The resources of each host, as Placement shows them."""
    return {
        name: {
            'total': total,
            'reserved': reserved,
            'allocation_ratio': ratio,
            'min_unit': 1,
            'max_unit': total,
            'step_size': 1,
        }
        for name, total, reserved, ratio in (
            ('VCPU', 64, 0, 4.0),
            ('MEMORY_MB', 524_288, 4096, 1.0),
            ('DISK_GB', 10_000, 0, 1.0),
        )
    }


def _type(number: int) -> str:
    return 'gold' if number % 2 else 'silver'


@dataclasses.dataclass(frozen=True)
class Cloud:
    """Servers and volumes of the zone that is to be emptied.

    :param servers: how many.
    :param volumes: how many, at most as many as servers; of each four, three
        are attached, each to a server of its own.
    :param few: how many of the servers, and of the volumes, are in the part
        that has hosts and pools for itself; 0 for no such part.
    """

    servers: int
    volumes: int
    few: int = 0

    def server(self, number: int) -> dict:
        """As ``GET /servers/detail`` shows it to an administrator."""
        kind = number % 100
        status, vm_state, task_state, power_state = _STATES.get(kind, _ACTIVE)
        host = self._host(number)
        ram, vcpus, disk = _FLAVORS[number // 3 % len(_FLAVORS)]
        id_ = id_of(_SERVER, number)
        made = _MADE.format(day=number % 28 + 1)
        record = {
            'id': id_,
            'name': f'server-{number}',
            'status': status,
            'tenant_id': project(self._project(number))['id'],
            'user_id': uuid.UUID(int=number % PROJECTS).hex,
            'created': f'{made}Z',
            'updated': f'{made}Z',
            'metadata': {'role': 'web', 'owner': f'team-{number % 30}'},
            'hostId': f'{number % HOSTS:056x}',
            'addresses': {
                'private': [
                    {
                        'version': 4,
                        'addr': '198.51.100.7',
                        'OS-EXT-IPS:type': 'fixed',
                        'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:01',
                    }
                ]
            },
            'image': {'id': id_of(_OTHER, 2000), 'links': []},
            'flavor': {
                'original_name': f'flavor-{ram}',
                'ram': ram,
                'vcpus': vcpus,
                'disk': disk,
                'ephemeral': 0,
                'swap': 0,
                'extra_specs': {'accel:device_profile': 'fpga'}
                if kind == _WITH_DEVICE
                else {'hw:cpu_policy': 'shared'},
            },
            'scheduler_hints': self._hints(number),
            'links': [
                {'rel': rel, 'href': f'http://192.0.2.1/v2.1/servers/{id_}'}
                for rel in ('self', 'bookmark')
            ],
            'progress': 0,
            'config_drive': '',
            'key_name': 'key',
            'description': None,
            'tags': [],
            'locked': kind == _LOCKED,
            'locked_reason': None,
            'pinned_availability_zone': 'az1' if kind == _PINNED else None,
            'host_status': 'UP',
            'security_groups': [{'name': 'default'}],
            'OS-DCF:diskConfig': 'MANUAL',
            'OS-EXT-AZ:availability_zone': 'az1',
            'OS-EXT-SRV-ATTR:host': host,
            'OS-EXT-SRV-ATTR:hypervisor_hostname': host,
            'OS-EXT-SRV-ATTR:hostname': f'server-{number}',
            'OS-EXT-SRV-ATTR:instance_name': f'instance-{number:08x}',
            'OS-EXT-SRV-ATTR:user_data': None,
            'OS-EXT-SRV-ATTR:reservation_id': 'r-pr3uw3ta',
            'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
            'OS-EXT-STS:task_state': task_state,
            'OS-EXT-STS:vm_state': vm_state,
            'OS-EXT-STS:power_state': power_state,
            'OS-SRV-USG:launched_at': f'{made}.000000',
            'OS-SRV-USG:terminated_at': None,
            'os-extended-volumes:volumes_attached': [
                {'id': id_of(_VOLUME, number), 'delete_on_termination': False}
            ]
            if self._is_attached(number)
            else [],
        }
        if status == 'ERROR':
            record['fault'] = {'code': 500, 'message': 'No space left'}
        return record

    def servers_on(self, host: str) -> range:
        """The numbers of those on a host."""
        rack, _, number = host.partition('-')
        if rack != 'rack1':
            return range(0)
        return self._on(int(number) - 1, FEW_HOSTS, HOSTS, self.servers)

    def volumes_in(self, place: str) -> range:
        """The numbers of those in a pool or backend."""
        host, _, backend = place.partition('#')[0].partition('@b')
        if host != 'block1':
            return range(0)
        return self._on(int(backend), FEW_BACKENDS, BACKENDS, self.volumes)

    def _place(self, number: int, few: int, count: int) -> int:
        """Where the one with a number is, of so many places."""
        if number < self.few:
            return number % few
        first = few if self.few else 0
        return first + number % (count - first)

    def _on(self, place: int, few: int, count: int, things: int) -> range:
        """The numbers of those at a place."""
        first = few if self.few else 0
        if place < first:
            return range(place, self.few, few)
        step = count - first
        start = self.few + (place - first - self.few) % step
        return range(start, things, step)

    def migrations(self, source: str = '') -> list[int]:
        """The numbers of servers with one that is not over, newest first.

        :param source: only of those that it takes from this host.
        """
        numbers = self.servers_on(source) if source else range(self.servers)
        return [n for n in reversed(numbers) if n % 100 in _MIGRATIONS]

    @staticmethod
    def migration_of(uuid_: str) -> int:
        """The number of the server of a migration."""
        return number_of(uuid_) - _MIGRATION_IDS

    def migration(self, number: int) -> dict:
        """That of a server, as ``GET /os-migrations`` shows it."""
        type_, status = _MIGRATIONS[number % 100]
        made = _FIRST + datetime.timedelta(minutes=number)
        return {
            'id': number,
            'uuid': id_of(_OTHER, _MIGRATION_IDS + number),
            'instance_uuid': id_of(_SERVER, number),
            'migration_type': type_,
            'status': status,
            'source_compute': self._host(number),
            'dest_compute': 'rack2-001',
            'created_at': made.isoformat(),
            'updated_at': made.isoformat(),
        }

    def _hints(self, number: int) -> dict:
        """With the group that a server was created in."""
        kind = number % 100
        if kind not in (_APART, _TOGETHER):
            return {}
        group = 2 * (number // 100 // _GROUP) + (kind == _TOGETHER)
        return {'group': [id_of(_OTHER, _GROUP_IDS + group)]}

    @property
    def server_groups(self) -> int:
        """How many there are."""
        return 2 * math.ceil(self.servers / (100 * _GROUP))

    def server_group(self, number: int) -> dict:
        """As ``GET /os-server-groups`` shows it."""
        first, kind = divmod(number, 2)
        numbers = (
            100 * (first * _GROUP + n) + (_TOGETHER if kind else _APART)
            for n in range(_GROUP)
        )
        return {
            'id': id_of(_OTHER, _GROUP_IDS + number),
            'name': f'group-{number}',
            'policy': 'affinity' if kind else 'anti-affinity',
            'rules': {} if kind else {'max_server_per_host': 1},
            'members': [
                id_of(_SERVER, n) for n in numbers if n < self.servers
            ],
            'project_id': project(0)['id'],
            'user_id': uuid.UUID(int=0).hex,
        }

    @property
    def ports(self) -> int:
        """How many there are: three for two servers."""
        return self.servers * 3 // 2

    def ports_of(self, server: int) -> range:
        """The numbers of those of a server."""
        first = (3 * server + 1) // 2
        return range(first, first + (1 if server % 2 else 2))

    def port(self, number: int) -> dict:
        """As Neutron shows it, with the fields that are asked for."""
        server = number * 2 // 3
        device = server % 100 == _WITH_DEVICE_PORT
        return {
            'id': id_of(_PORT, number),
            'device_id': id_of(_SERVER, server),
            'binding:vnic_type': 'accelerator-direct' if device else 'normal',
        }

    def volume(self, number: int) -> dict:
        """As ``GET /volumes/detail`` shows it to an administrator."""
        id_ = id_of(_VOLUME, number)
        attached = self._is_attached(number)
        backend = self._place(number, FEW_BACKENDS, BACKENDS)
        made = f'{_MADE.format(day=number % 28 + 1)}.000000'
        owner = project(self._project(number))['id']
        return {
            'id': id_,
            'name': f'volume-{number}',
            'status': 'in-use' if attached else 'available',
            'size': 10 + number % 5 * 10,
            'availability_zone': 'nova',
            'created_at': made,
            'updated_at': made,
            'description': None,
            'volume_type': _type(backend),
            'snapshot_id': None,
            'source_volid': None,
            'metadata': {},
            'links': [
                {'rel': rel, 'href': f'http://192.0.2.1/v3/volumes/{id_}'}
                for rel in ('self', 'bookmark')
            ],
            'user_id': uuid.UUID(int=number % PROJECTS).hex,
            'bootable': 'false',
            'encrypted': False,
            'replication_status': None,
            'consistencygroup_id': None,
            'multiattach': False,
            'attachments': [
                {
                    'id': id_,
                    'attachment_id': id_of(_OTHER, 30_000_000 + number),
                    'volume_id': id_,
                    'server_id': id_of(_SERVER, number),
                    'host_name': self._host(number),
                    'device': '/dev/vdb',
                    'attached_at': made,
                }
            ]
            if attached
            else [],
            'migration_status': None,
            'group_id': id_of(_OTHER, _GROUP_OF_VOLUMES)
            if number % 100 == 11
            else None,
            'provider_id': None,
            'shared_targets': False,
            'os-vol-tenant-attr:tenant_id': owner,
            'os-vol-mig-status-attr:migstat': None,
            'os-vol-mig-status-attr:name_id': None,
            'os-vol-host-attr:host': f'block1@b{backend}#b{backend}',
        }

    @property
    def snapshots(self) -> int:
        """How many there are: one of each twentieth volume."""
        return math.ceil(self.volumes / 20)

    @staticmethod
    def snapshot_of(number: int) -> int:
        """The number of the volume of a snapshot."""
        return number * 20

    def snapshot(self, number: int) -> dict:
        """As ``GET /snapshots`` shows it."""
        return {
            'id': id_of(_OTHER, _SNAPSHOT_IDS + number),
            'name': f'snapshot-{number}',
            'volume_id': id_of(_VOLUME, self.snapshot_of(number)),
            'status': 'available',
            'size': 10,
            'created_at': f'{_MADE.format(day=1)}.000000',
            'metadata': {},
            'description': None,
        }

    def _host(self, number: int) -> str:
        return f'rack1-{self._place(number, FEW_HOSTS, HOSTS) + 1:03}'

    def _project(self, number: int) -> int:
        return number // 3 % PROJECTS

    def _is_attached(self, number: int) -> bool:
        """Whether the volume with that number is, to the server with it."""
        return number < self.volumes and number % 4 != 3
