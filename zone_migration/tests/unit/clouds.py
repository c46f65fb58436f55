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

"""Invented clouds, as their services show them.

A new property of an object goes into ``cloud_objects``; a new listing goes
into ``_listings``.
"""

from zone_migration.client import cinder
from zone_migration.client import keystone
from zone_migration.client import neutron
from zone_migration.client import nova
from zone_migration.client import placement
from zone_migration.client import shares
from zone_migration.logic import resources
from zone_migration.tests.unit import cloud_objects
from zone_migration.tests.unit.client import http


class Cloud:
    """The border to a cloud that is made of random numbers.

    :param share: of its listings that its services have.
    """

    def __init__(self, random, share=0.95) -> None:
        session, adapter = http.make_session()
        adapter.answers = _Answers(_answers(random, share))
        #: See :attr:`http.Adapter.requests`.
        self.requests = adapter.requests
        options = {'interface': 'public'}
        self.nova = nova.Nova(session, options)
        self.shares = shares.Shares(session, options, self.nova)
        self.cinder = cinder.Cinder(session, options)
        self.keystone = keystone.Keystone(session, options)
        self.neutron = neutron.Neutron(session, options)
        self.placement = placement.Placement(session, options)


class _Answers(dict):
    """By method and path; what is not there is HTTP 404."""

    def __missing__(self, key):
        return 404


def _answers(random, share):
    """All that the services answer, by method and path."""
    servers = [
        cloud_objects.odd(random, cloud_objects.server(random, id_))
        for id_ in cloud_objects.SERVERS
    ]
    volumes = [
        cloud_objects.odd(random, cloud_objects.volume(random, id_))
        for id_ in cloud_objects.VOLUMES
    ]
    listings = _listings(random, servers, volumes)
    _, groups, _ = listings['/os-server-groups']
    _add_hints(servers, groups)
    found = {
        ('GET', path): _page(path, key, things, mark)
        for path, (key, things, mark) in listings.items()
        if path in ('/servers/detail', '/volumes/detail', '/os-services')
        or random.random() < share
    }
    for shown in groups:
        path = f'/os-server-groups/{shown["id"]}'
        found['GET', path] = {'server_group': shown}
    found['GET', '/'] = {
        'version': {
            'id': 'v2.1',
            'version': random.choice(['2.60', '2.72', '2.96', '2.104']),
        }
    }
    return {
        **found,
        **_details(random, servers, volumes),
        **_capacity(random),
    }


def _listings(random, servers, volumes):
    """By path: the key of the listing, its objects, and its marker."""
    return {
        '/servers/detail': ('servers', servers, 'marker'),
        '/volumes/detail': ('volumes', volumes, 'marker'),
        '/os-services': (
            'services',
            [
                cloud_objects.odd(random, cloud_objects.service(random, name))
                for name in cloud_objects.HOSTS
            ],
            'marker',
        ),
        '/os-aggregates': (
            'aggregates',
            [
                cloud_objects.odd(
                    random, cloud_objects.aggregate(random, n, name)
                )
                for n, name in enumerate(('rack', 'other'))
            ],
            'marker',
        ),
        '/os-server-groups': (
            'server_groups',
            [
                cloud_objects.odd(random, cloud_objects.group(random, id_))
                for id_ in cloud_objects.GROUPS
            ],
            'offset',
        ),
        '/os-migrations': (
            'migrations',
            [
                cloud_objects.odd(random, cloud_objects.migration(random, n))
                for n in range(3)
            ],
            'marker',
        ),
        '/os-hypervisors/detail': (
            'hypervisors',
            [
                cloud_objects.odd(
                    random, {'id': f'u-{name}', 'service': {'host': name}}
                )
                for name in cloud_objects.HOSTS[:2]
            ],
            'marker',
        ),
        '/attachments': (
            'attachments',
            [
                cloud_objects.odd(
                    random,
                    {
                        'id': 'a',
                        'volume_id': random.choice(cloud_objects.VOLUMES),
                        'instance': random.choice(
                            [None, *cloud_objects.SERVERS[:2]]
                        ),
                    },
                )
            ],
            'marker',
        ),
        '/snapshots': (
            'snapshots',
            [_snapshot(random.choice(volumes))],
            'marker',
        ),
        '/projects': (
            'projects',
            [
                cloud_objects.odd(random, {'id': id_, 'name': name})
                for id_, name in cloud_objects.PROJECTS.items()
            ],
            'marker',
        ),
        '/v2.0/ports': (
            'ports',
            [
                cloud_objects.odd(random, cloud_objects.port(random, n))
                for n in range(3)
            ],
            'marker',
        ),
        '/scheduler-stats/get_pools': (
            'pools',
            [
                cloud_objects.odd(random, cloud_objects.pool(random, name))
                for name in cloud_objects.POOLS
            ],
            'marker',
        ),
        '/types': (
            'volume_types',
            [
                cloud_objects.odd(
                    random, cloud_objects.volume_type(random, name)
                )
                for name in cloud_objects.TYPES
            ],
            'marker',
        ),
    }


def _snapshot(volume):
    """A snapshot of a volume."""
    return {'id': 'n', 'volume_id': volume['id'], 'volume': volume}


def _details(random, servers, volumes):
    """The answers about single objects."""
    found = {}
    for shown in servers:
        path = f'/servers/{shown["id"]}'
        found['GET', path] = {'server': shown}
        found['GET', f'{path}/shares'] = {
            'shares': random.choice([[], [{'share_id': 'm'}]])
        }
    for shown in volumes:
        found['GET', f'/volumes/{shown["id"]}'] = {'volume': shown}
    for name in cloud_objects.TYPES:
        found['GET', f'/types/{name}/encryption'] = random.choice(
            [{}, {'encryption_id': 'e', 'provider': 'luks'}]
        )
    for id_ in cloud_objects.PROJECTS:
        found['GET', f'/os-quota-sets/{id_}'] = {
            'quota_set': cloud_objects.odd(
                random,
                {
                    'id': id_,
                    'volumes_gold': {'limit': 5, 'in_use': 4, 'reserved': 0},
                },
            )
        }
    return found


def _capacity(random):
    """The answers of Placement."""
    found = {}
    for name in cloud_objects.HOSTS[:2]:
        path = f'/resource_providers/u-{name}'
        found['GET', f'{path}/usages'] = {'usages': {'VCPU': 2}}
        found['GET', f'{path}/inventories'] = {
            'inventories': {
                kind: cloud_objects.odd(
                    random,
                    {'total': total, 'reserved': 0, 'allocation_ratio': 1.0},
                )
                for kind, total in (('VCPU', 8), ('MEMORY_MB', 4096))
            }
        }
    return found


def _add_hints(servers, groups):
    """Let servers show that they were created in their groups."""
    for shown in groups:
        members = shown.get('members')
        for server in servers:
            hints = server.get('scheduler_hints')
            if (
                isinstance(members, list)
                and isinstance(hints, dict)
                and server['id'] in members
            ):
                ids = [*hints.get('group', ()), shown['id']]
                server['scheduler_hints'] = {**hints, 'group': ids}


def _in_place(shown, values):
    """Whether a volume is in the pool or backend that a query asks for."""
    place = shown.get('os-vol-host-attr:host')
    return isinstance(place, str) and resources.same_pool(values[0], place)


def _equals(name):
    """A filter for what has one of some values."""
    return lambda shown, values: shown.get(name) in values


#: By path: the filters of a query that a service knows, each a function of
#: what is shown and of the values.
_FILTERS = {
    '/servers/detail': {'host': _equals('OS-EXT-SRV-ATTR:host')},
    '/volumes/detail': {
        'host': _in_place,
        'id': lambda shown, values: shown['id'] in values[0],
    },
    '/os-migrations': {
        'instance_uuid': _equals('instance_uuid'),
        'status': _equals('status'),
        'source_compute': _equals('source_compute'),
    },
    '/attachments': {'volume_id': _equals('volume_id')},
    '/v2.0/ports': {'device_id': _equals('device_id')},
    '/snapshots': {
        'volume_id': _equals('volume_id'),
        'host': lambda shown, values: _in_place(shown['volume'], values),
    },
}


def _page(path, key, things, mark):
    """An answer with all things that are asked for in the first page."""
    filters = _FILTERS.get(path, {})

    def answer(query):
        if mark in query:
            return {key: []}
        return {
            key: [
                shown
                for shown in things
                if all(
                    filters[name](shown, values)
                    for name, values in query.items()
                    if name in filters
                )
            ]
        }

    return answer
