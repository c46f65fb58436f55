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

"""Invented clouds, as their services show them, and audits of them.

Each kind of thing is made by a function that is given the random numbers, and
gives the JSON of one.  A new property goes into that; a new listing goes into
``_answers``.
"""

import uuid

from zone_migration.client import cinder
from zone_migration.client import keystone
from zone_migration.client import neutron
from zone_migration.client import nova
from zone_migration.client import placement
from zone_migration.client import shares
from zone_migration.tests.unit.client import http

HOSTS = ('c1', 'c2', 'rack-1', 'rack[1]')
POOLS = ('h@a#a', 'h@a#b', 'h@b#b', 'k@c#c')
TYPES = ('gold', 'silver', 'luks')
NAMES = ('', 'web', 'db-1', 'db-*', '\ud800', 'a\nb', 'x' * 255, '[', 'c1')
SERVERS = tuple(str(uuid.UUID(int=n)) for n in range(1, 9))
VOLUMES = tuple(str(uuid.UUID(int=n)) for n in range(11, 19))
PROJECTS = {'p': 'billing', 'q': 'web*'}

#: What no service should show.
ODD = (None, {}, [], 'x', '\ud800', -1, {'a': 1}, 10**400)


class Cloud:
    """The border to a cloud that is made of random numbers."""

    def __init__(self, random) -> None:
        session, adapter = http.make_session()
        adapter.answers = _Answers(_answers(random))
        options = {'interface': 'public'}
        self.nova = nova.Nova(session, options)
        self.shares = shares.Shares(session, options, self.nova)
        self.cinder = cinder.Cinder(session, options)
        self.keystone = keystone.Keystone(session, options)
        self.neutron = neutron.Neutron(session, options)
        self.placement = placement.Placement(session, options)


def audit(random):
    """Parameters of an audit, as its author gives them."""
    given = {}
    if random.random() < 0.5:
        given['params'] = {
            'vm': {
                id_: _some(
                    random,
                    ('status',),
                    status=random.choice(['active', 'shutoff']),
                    dst_hostname=random.choice([*HOSTS, '', 'none']),
                    src_hostname=random.choice([*HOSTS, '\ud800']),
                )
                for id_ in random.sample(SERVERS, 3)
            },
            'volume': {
                id_: _some(
                    random,
                    ('status',),
                    status=random.choice(['available', 'in-use']),
                    dst_hostname=random.choice([*POOLS, 'h@a', 'none']),
                    dst_type=random.choice([*TYPES, 'none']),
                )
                for id_ in random.sample(VOLUMES, 3)
            },
        }
    if random.random() < 0.6:
        given['compute_nodes'] = [
            _some(
                random,
                ('src_node',),
                src_node=random.choice([*HOSTS, '*', 'rack*']),
                dst_node=random.choice([*HOSTS, '*']),
            )
        ]
    if random.random() < 0.2:
        given['aggregates'] = ['rack']
    if random.random() < 0.6:
        given['storage_pools'] = [
            {
                'src_pool': random.choice([*POOLS, 'h@a', '*']),
                **random.choice(
                    [
                        {'dst_pool': random.choice([*POOLS, '*'])},
                        {'dst_type': random.choice(TYPES)},
                    ]
                ),
            }
        ]
    if random.random() < 0.3:
        given['exclude'] = {
            kind: [random.choice([*names, 'db-*', '*'])]
            for kind, names in (
                ('servers', SERVERS),
                ('volumes', VOLUMES),
                ('projects', [*PROJECTS, *PROJECTS.values()]),
            )
            if random.random() < 0.5
        }
    if random.random() < 0.3:
        given['max_items'] = random.choice([1, 2, 5])
    if random.random() < 0.3:
        given['priority'] = {
            'project': ['billing'],
            'compute': ['created_at', 'mem_size'],
            'storage': 'size',
        }
    for name in (
        'with_attached_volume',
        'disable_compute_nodes',
        'move_locked',
        'all_or_nothing',
    ):
        if random.random() < 0.2:
            given[name] = True
    return given


class _Answers(dict):
    """By method and path; what is not there is HTTP 404."""

    def __missing__(self, key):
        return 404


def _answers(random):
    servers = [_odd(random, _server(random, id_)) for id_ in SERVERS]
    volumes = [_odd(random, _volume(random, id_)) for id_ in VOLUMES]
    listings = {
        '/servers/detail': ('servers', servers, 'marker'),
        '/volumes/detail': ('volumes', volumes, 'marker'),
        '/os-services': (
            'services',
            [_odd(random, _service(random, name)) for name in HOSTS],
            'marker',
        ),
        '/os-aggregates': (
            'aggregates',
            [
                _odd(random, _aggregate(random, n, name))
                for n, name in enumerate(('rack', 'other'))
            ],
            'marker',
        ),
        '/os-server-groups': (
            'server_groups',
            [_odd(random, _group(random, str(n))) for n in range(2)],
            'offset',
        ),
        '/os-migrations': (
            'migrations',
            [_odd(random, _migration(random, n)) for n in range(3)],
            'marker',
        ),
        '/os-hypervisors/detail': (
            'hypervisors',
            [
                _odd(random, {'id': f'u-{name}', 'service': {'host': name}})
                for name in HOSTS[:2]
            ],
            'marker',
        ),
        '/attachments': (
            'attachments',
            [
                _odd(
                    random,
                    {
                        'id': 'a',
                        'volume_id': random.choice(VOLUMES),
                        'instance': random.choice([None, *SERVERS[:2]]),
                    },
                )
            ],
            'marker',
        ),
        '/snapshots': (
            'snapshots',
            [{'id': 'n', 'volume_id': random.choice(VOLUMES)}],
            'marker',
        ),
        '/projects': (
            'projects',
            [
                _odd(random, {'id': id_, 'name': name})
                for id_, name in PROJECTS.items()
            ],
            'marker',
        ),
        '/v2.0/ports': (
            'ports',
            [_odd(random, _port(random, n)) for n in range(3)],
            'marker',
        ),
        '/scheduler-stats/get_pools': (
            'pools',
            [_odd(random, _pool(random, name)) for name in POOLS],
            'marker',
        ),
        '/types': (
            'volume_types',
            [
                _odd(random, _type(random, name)) for name in TYPES
            ],
            'marker',
        ),
    }
    found = {
        ('GET', path): _listing(key, things, mark)
        for path, (key, things, mark) in listings.items()
        if path in ('/servers/detail', '/volumes/detail', '/os-services')
        or random.random() < 0.95
    }
    found['GET', '/'] = {
        'version': {
            'id': 'v2.1',
            'version': random.choice(['2.60', '2.72', '2.96', '2.104']),
        }
    }
    for shown in servers:
        path = f'/servers/{shown["id"]}'
        found['GET', path] = {'server': shown}
        found['GET', f'{path}/shares'] = {
            'shares': random.choice([[], [{'share_id': 'm'}]])
        }
    for shown in volumes:
        found['GET', f'/volumes/{shown["id"]}'] = {'volume': shown}
    for name in TYPES:
        found['GET', f'/types/{name}/encryption'] = random.choice(
            [{}, {'encryption_id': 'e', 'provider': 'luks'}]
        )
    for id_ in PROJECTS:
        found['GET', f'/os-quota-sets/{id_}'] = {
            'quota_set': _odd(
                random,
                {
                    'id': id_,
                    'volumes_gold': {'limit': 5, 'in_use': 4, 'reserved': 0},
                },
            )
        }
    for name in HOSTS[:2]:
        path = f'/resource_providers/u-{name}'
        found['GET', f'{path}/usages'] = {'usages': {'VCPU': 2}}
        found['GET', f'{path}/inventories'] = {
            'inventories': {
                kind: _odd(
                    random,
                    {'total': total, 'reserved': 0, 'allocation_ratio': 1.0},
                )
                for kind, total in (('VCPU', 8), ('MEMORY_MB', 4096))
            }
        }
    return found


def _listing(key, things, mark):
    return lambda query: {key: [] if mark in query else things}


def _odd(random, shown):
    """It, or it with something in it that is not as it should be."""
    others = [key for key in shown if key != 'id']
    if random.random() < 0.9:
        return shown
    key = random.choice(others)
    if random.random() < 0.5:
        return {**shown, key: random.choice(ODD)}
    return {k: value for k, value in shown.items() if k != key}


def _some(random, needed, **members):
    return {
        key: value
        for key, value in members.items()
        if key in needed or random.random() < 0.5
    }


def _server(random, id_):
    return {
        'id': id_,
        'name': random.choice(NAMES),
        'status': random.choice(
            [*['ACTIVE'] * 5, 'SHUTOFF', 'PAUSED', 'ERROR', 'VERIFY_RESIZE']
        ),
        'OS-EXT-SRV-ATTR:host': random.choice([*HOSTS, None]),
        'OS-EXT-STS:task_state': random.choice([*[None] * 5, 'migrating']),
        'OS-EXT-STS:power_state': random.choice([1, 1, 4]),
        'flavor': {
            'vcpus': 1,
            'ram': random.choice([512, 8192]),
            'disk': 1,
            'ephemeral': 0,
            'swap': 0,
            'extra_specs': random.choice(
                [
                    {},
                    {'resources:VGPU': '1'},
                    {'resources:DISK_GB': 'none'},
                    {'hw:cpu_policy': 'dedicated'},
                    {'accel:device_profile': 'fpga'},
                ]
            ),
        },
        'image': random.choice(
            ['', {'id': 'i', 'properties': {'hw_tpm_version': '2.0'}}]
        ),
        'pinned_availability_zone': random.choice([None, 'nova', 'z1']),
        'scheduler_hints': random.choice(
            [{}, {'same_host': [random.choice(SERVERS)]}, {'query': '[]'}]
        ),
        'tenant_id': random.choice(list(PROJECTS)),
        'created': '2026-11-21T08:00:00Z',
        'locked': random.random() < 0.1,
        'os-extended-volumes:volumes_attached': [
            {'id': random.choice(VOLUMES)}
        ],
    }


def _volume(random, id_):
    attached = random.random() < 0.5
    return {
        'id': id_,
        'name': random.choice(NAMES),
        'status': 'in-use' if attached else 'available',
        'os-vol-host-attr:host': random.choice([*POOLS, None]),
        'os-vol-tenant-attr:tenant_id': random.choice(list(PROJECTS)),
        'volume_type': random.choice([*TYPES, None]),
        'size': random.choice([1, 100]),
        'migration_status': random.choice(
            [None, None, 'error', 'success', 'migrating']
        ),
        'encrypted': random.random() < 0.2,
        'availability_zone': random.choice(['nova', 'z1']),
        'multiattach': random.random() < 0.1,
        'created_at': '2026-11-21T08:00:00.000000',
        'attachments': (
            [
                random.choice(
                    [
                        {'server_id': random.choice(SERVERS)},
                        {'server_id': None, 'host_name': 'c1'},
                    ]
                )
            ]
            if attached
            else []
        ),
    }


def _service(random, name):
    return {
        'id': f'service-{name}',
        'host': name,
        'status': random.choice(['enabled', 'enabled', 'disabled']),
        'state': random.choice(['up', 'up', 'down']),
        'zone': random.choice(['nova', 'az1']),
        'disabled_reason': None,
    }


def _group(random, id_):
    return {
        'id': id_,
        'name': random.choice(NAMES),
        'policy': random.choice(['affinity', 'anti-affinity']),
        'rules': {},
        'members': random.sample(SERVERS, 3),
    }


def _migration(random, number):
    return {
        'id': number,
        'uuid': f'm{number}',
        'instance_uuid': random.choice(SERVERS),
        'migration_type': random.choice(['live-migration', 'migration']),
        'status': random.choice(['running', 'completed', 'finished']),
        'source_compute': random.choice(HOSTS),
        'dest_compute': random.choice(HOSTS),
    }


def _port(random, number):
    return {
        'id': str(number),
        'device_id': random.choice(SERVERS),
        'binding:vnic_type': random.choice(['normal', 'direct']),
    }


def _pool(random, name):
    return {
        'name': name,
        'capabilities': {
            'free_capacity_gb': random.choice([50, 'infinite', 'unknown']),
            'total_capacity_gb': random.choice([100, 'infinite', 0]),
            'provisioned_capacity_gb': random.choice([0, 150]),
            'allocated_capacity_gb': 10,
            'max_over_subscription_ratio': random.choice(['20.0', 'auto', 1]),
            'thin_provisioning_support': random.choice([True, False]),
            'reserved_percentage': random.choice([0, 20]),
            'tier': random.choice(TYPES),
        },
    }


def _type(random, name):
    return {
        'id': name,
        'name': name,
        'qos_specs_id': random.choice([None, None, 'q']),
        'extra_specs': {
            'tier': name,
            **random.choice(
                [
                    {},
                    {'provisioning:max_vol_size': '10'},
                    {'provisioning:type': 'thick'},
                    {'RESKEY:availability_zones': 'z1'},
                    {'multiattach': '<is> True'},
                    {'free_capacity_gb': '<in> fast'},
                ]
            ),
        },
    }


def _aggregate(random, number, name):
    return {
        'id': number,
        'name': name,
        'hosts': ['c1', 'c2'],
        'metadata': random.choice(
            [
                {},
                {'availability_zone': 'z1'},
                {'filter_tenant_id': 'p'},
                {'hw_tpm_version': '1.2'},
            ]
        ),
    }
