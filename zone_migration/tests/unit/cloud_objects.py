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

"""Objects of an invented cloud, as its services show them.

Each function is given the random numbers, and gives the JSON of one.
"""

import uuid

HOSTS = ('c1', 'c2', 'rack-1', 'rack[1]')
POOLS = ('h@a#a', 'h@a#b', 'h@b#b', 'k@c#c')
TYPES = ('gold', 'silver', 'luks')
NAMES = ('', 'web', 'db-1', 'db-*', '\ud800', 'a\nb', 'x' * 255, '[', 'c1')
SERVERS = tuple(str(uuid.UUID(int=n)) for n in range(1, 9))
VOLUMES = tuple(str(uuid.UUID(int=n)) for n in range(11, 19))
GROUPS = tuple(str(uuid.UUID(int=n)) for n in range(21, 23))
PROJECTS = {'p': 'billing', 'q': 'web*'}

#: What no service should show.
ODD = (None, {}, [], 'x', '\ud800', -1, {'a': 1}, 10**400)


def odd(random, shown):
    """The object, sometimes with something that is not as it should be."""
    others = [key for key in shown if key != 'id']
    if random.random() < 0.9:
        return shown
    key = random.choice(others)
    if random.random() < 0.5:
        return {**shown, key: random.choice(ODD)}
    return {k: value for k, value in shown.items() if k != key}


def some(random, needed, **members):
    """Those of the members that are needed, and some of the others."""
    return {
        key: value
        for key, value in members.items()
        if key in needed or random.random() < 0.5
    }


def _made(id_):
    """When a server or volume was made: the first one last, as listed."""
    return f'2026-11-21T08:00:{59 - uuid.UUID(id_).int:02}'


def server(random, id_):
    """A server."""
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
        'created': f'{_made(id_)}Z',
        'locked': random.random() < 0.1,
        'os-extended-volumes:volumes_attached': [
            {'id': random.choice(VOLUMES)}
        ],
    }


def volume(random, id_):
    """A volume."""
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
        'created_at': f'{_made(id_)}.000000',
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


def service(random, name):
    """A nova-compute service."""
    return {
        'id': f'service-{name}',
        'host': name,
        'status': random.choice(['enabled', 'enabled', 'disabled']),
        'state': random.choice(['up', 'up', 'down']),
        'zone': random.choice(['nova', 'az1']),
        'disabled_reason': None,
    }


def group(random, id_):
    """A server group."""
    return {
        'id': id_,
        'name': random.choice(NAMES),
        'policy': random.choice(['affinity', 'anti-affinity']),
        'rules': {},
        'members': random.sample(SERVERS, 3),
    }


def migration(random, number):
    """A migration record."""
    return {
        'id': number,
        'uuid': f'm{number}',
        'instance_uuid': random.choice(SERVERS),
        'migration_type': random.choice(['live-migration', 'migration']),
        'status': random.choice(['running', 'completed', 'finished']),
        'source_compute': random.choice(HOSTS),
        'dest_compute': random.choice(HOSTS),
    }


def port(random, number):
    """A port."""
    return {
        'id': str(number),
        'device_id': random.choice(SERVERS),
        'binding:vnic_type': random.choice(['normal', 'direct']),
    }


def pool(random, name):
    """A storage pool."""
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


def volume_type(random, name):
    """A volume type."""
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


def aggregate(random, number, name):
    """A host aggregate."""
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
