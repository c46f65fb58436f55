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

"""The services of a generated cloud, over HTTP on 127.0.0.1.

What is behind the clients of this plugin: they, their sessions and what they
ask page by page are the real ones.  Only what an audit asks is answered.

A process of their own: what they take is not what the audit takes.
"""

import ast
import bisect
import collections
import contextlib
import dataclasses
import http.server
import itertools
import json
import pathlib
import re
import subprocess
import sys
from urllib import parse
from urllib import request

from benchmarks import generated_cloud

#: The most that a page has, as Nova and Cinder have it by default.
PAGE = 1000

_REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
_COUNTS = '/counts'

#: What asks for a page, and for which.
_PAGED = ('limit', 'marker', 'offset')

_USER = generated_cloud.project(0)


class NotFound(Exception):
    """Nothing is at that place."""


class Services:
    """Keystone, Nova, Cinder, Neutron and Placement of one cloud.

    :param cloud: a :class:`generated_cloud.Cloud`.
    """

    def __init__(self, cloud: generated_cloud.Cloud) -> None:
        self._cloud = cloud
        #: Where they are, once they are.
        self.url = ''
        #: Requests, by service.
        self.requests: collections.Counter[str] = collections.Counter()
        #: Those of them for pages, by the listing: its path and its filters.
        self.pages: collections.Counter[str] = collections.Counter()

    def answer(self, url: str) -> dict:
        """What a GET is answered.

        :raises NotFound: when nothing is there.
        """
        if url == _COUNTS:
            return {'requests': self.requests, 'pages': self.pages}
        found = parse.urlsplit(url)
        asked = parse.parse_qs(found.query)
        query = {name: values[-1] for name, values in asked.items()}
        # The only filter that can have several values.
        query['devices'] = asked.pop('device_id', [])
        service, _, path = found.path.strip('/').partition('/')
        self.requests[service] += 1
        if 'limit' in query:
            filters = {n: query[n] for n in query if n not in _PAGED}
            filters['devices'] = ','.join(filters['devices'])
            self.pages[f'{found.path}?{parse.urlencode(filters)}'] += 1
        for pattern, answer in _ANSWERS[service].items():
            match = re.fullmatch(pattern, path)
            if match:
                return answer(self, query, *match.groups())
        raise NotFound(url)

    def token(self) -> dict:
        """What authenticating is answered, with the catalogue."""
        self.requests['identity'] += 1
        urls = {
            'identity': f'{self.url}/identity',
            'compute': f'{self.url}/compute/v2.1',
            'block-storage': f'{self.url}/volume/v3/{_USER["id"]}',
            'network': f'{self.url}/network',
            'placement': f'{self.url}/placement',
        }
        return {
            'token': {
                'methods': ['password'],
                'issued_at': '2026-06-01T00:00:00.000000Z',
                'expires_at': '2096-06-01T00:00:00.000000Z',
                'user': {
                    'id': _USER['id'],
                    'name': 'admin',
                    'domain': {'id': 'default', 'name': 'Default'},
                },
                'project': {
                    'id': _USER['id'],
                    'name': _USER['name'],
                    'domain': {'id': 'default', 'name': 'Default'},
                },
                'roles': [{'id': 'admin', 'name': 'admin'}],
                'catalog': [
                    {
                        'id': type_,
                        'type': type_,
                        'name': type_,
                        'endpoints': [
                            {
                                'id': f'{type_}-{interface}',
                                'interface': interface,
                                'region': 'RegionOne',
                                'region_id': 'RegionOne',
                                'url': url,
                            }
                            for interface in ('public', 'internal')
                        ],
                    }
                    for type_, url in urls.items()
                ],
            }
        }

    # -- Keystone

    def _identity(self, _query) -> dict:
        return {
            'versions': {
                'values': [
                    {
                        'id': 'v3.14',
                        'status': 'stable',
                        'links': [
                            {'rel': 'self', 'href': f'{self.url}/identity/v3'}
                        ],
                    }
                ]
            }
        }

    def _projects(self, _query) -> dict:
        count = generated_cloud.PROJECTS
        return {'projects': [*map(generated_cloud.project, range(count))]}

    # -- Nova

    def _compute(self, _query) -> dict:
        return {
            'version': {
                'id': 'v2.1',
                'status': 'CURRENT',
                'version': '2.104',
                'min_version': '2.1',
                'links': [
                    {'rel': 'self', 'href': f'{self.url}/compute/v2.1/'}
                ],
            }
        }

    def _servers(self, query) -> dict:
        cloud = self._cloud
        numbers = range(cloud.servers)
        if 'host' in query:
            numbers = cloud.servers_on(query['host'])
        return {'servers': _page(query, numbers, cloud.server)}

    def _server(self, _query, id_) -> dict:
        return {'server': _one(id_, self._cloud.servers, self._cloud.server)}

    def _compute_services(self, _query) -> dict:
        count = len(generated_cloud.hosts())
        return {
            'services': [*map(generated_cloud.compute_service, range(count))]
        }

    def _aggregates(self, _query) -> dict:
        return {'aggregates': generated_cloud.aggregates()}

    def _hypervisors(self, query) -> dict:
        pattern = query.get('hypervisor_hostname_pattern', '')
        numbers = [
            number
            for number, host in enumerate(generated_cloud.hosts())
            if pattern in host
        ]
        return {
            'hypervisors': _page(query, numbers, generated_cloud.hypervisor)
        }

    def _server_groups(self, query) -> dict:
        cloud = self._cloud
        first = int(query.get('offset', 0))
        last = min(first + _limit(query), cloud.server_groups)
        return {
            'server_groups': [*map(cloud.server_group, range(first, last))]
        }

    def _server_group(self, _query, id_) -> dict:
        cloud = self._cloud
        first = generated_cloud.number_of(cloud.server_group(0)['id'])
        number = generated_cloud.number_of(id_) - first
        if not 0 <= number < cloud.server_groups:
            raise NotFound(id_)
        return {'server_group': cloud.server_group(number)}

    def _migrations(self, query) -> dict:
        cloud = self._cloud
        if 'instance_uuid' in query:
            number = generated_cloud.number_of(query['instance_uuid'])
            return {
                'migrations': [cloud.migration(number)],
                'migrations_links': [],
            }
        # Nova's database has indexes for hosts and for times: what grows with
        # the cloud is not looked through for the migrations of one host.
        numbers = cloud.migrations(query.get('source_compute', ''))
        if 'marker' in query:
            last = query['marker']
            numbers = numbers[numbers.index(cloud.migration_of(last)) + 1 :]
        since = query.get('changes-since', '').partition('+')[0]
        found = (
            migration
            for migration in itertools.takewhile(
                lambda migration: migration['updated_at'] >= since,
                map(cloud.migration, numbers),
            )
            if query.get('status') in (None, migration['status'])
        )
        page = [*itertools.islice(found, _limit(query))]
        more = len(page) == _limit(query)
        return {
            'migrations': page,
            'migrations_links': [{'rel': 'next', 'href': ''}] if more else [],
        }

    # -- Cinder

    def _volumes(self, query) -> dict:
        cloud = self._cloud
        numbers = range(cloud.volumes)
        if 'host' in query:
            numbers = cloud.volumes_in(query['host'])
        if 'id' in query:
            ids = ast.literal_eval(query['id'])
            numbers = sorted(map(generated_cloud.number_of, ids))
        if 'updated_at' in query:
            numbers = range(0)  # Nothing changes.
        return {'volumes': _page(query, numbers, cloud.volume)}

    def _volume(self, _query, id_) -> dict:
        return {'volume': _one(id_, self._cloud.volumes, self._cloud.volume)}

    def _snapshots(self, query) -> dict:
        cloud = self._cloud
        numbers = range(cloud.snapshots)
        if 'host' in query:
            volumes = cloud.volumes_in(query['host'])
            numbers = [n for n in numbers if cloud.snapshot_of(n) in volumes]
        first = generated_cloud.number_of(cloud.snapshot(0)['id'])
        return {
            'snapshots': _page(
                query,
                numbers,
                cloud.snapshot,
                lambda marker: generated_cloud.number_of(marker) - first,
            )
        }

    def _pools(self, _query) -> dict:
        return {'pools': generated_cloud.pools()}

    def _types(self, _query) -> dict:
        return {'volume_types': generated_cloud.volume_types()}

    def _storage_services(self, _query) -> dict:
        return {'services': generated_cloud.storage_services()}

    def _encryption(self, _query) -> dict:
        return {}

    def _quotas(self, _query, project) -> dict:
        return {'quota_set': {'id': project, **generated_cloud.quotas()}}

    # -- Neutron

    def _ports(self, query) -> dict:
        cloud = self._cloud
        numbers = range(cloud.ports)
        if query['devices']:
            servers = map(generated_cloud.number_of, query['devices'])
            numbers = sorted(n for s in servers for n in cloud.ports_of(s))
        page = _page(query, numbers, cloud.port)
        last = generated_cloud.number_of(page[-1]['id']) if page else -1
        more = bool(page) and last < numbers[-1]
        return {
            'ports': page,
            'ports_links': [{'rel': 'next', 'href': ''}] if more else [],
        }

    # -- Placement

    def _inventories(self, _query, _id) -> dict:
        return {
            'resource_provider_generation': 1,
            'inventories': generated_cloud.inventories(),
        }

    def _usages(self, _query, _id) -> dict:
        return {
            'resource_provider_generation': 1,
            'usages': dict.fromkeys(generated_cloud.inventories(), 0),
        }

    def _allocations(self, _query, _id) -> dict:
        return {'resource_provider_generation': 1, 'allocations': {}}


_ID = '([0-9a-f-]+)'
#: By service, what answers a path.
_ANSWERS = {
    'identity': {
        '': Services._identity,
        'v3/projects': Services._projects,
    },
    'compute': {
        'v2.1': Services._compute,
        'v2.1/servers/detail': Services._servers,
        f'v2.1/servers/{_ID}': Services._server,
        'v2.1/os-services': Services._compute_services,
        'v2.1/os-aggregates': Services._aggregates,
        'v2.1/os-hypervisors/detail': Services._hypervisors,
        'v2.1/os-server-groups': Services._server_groups,
        f'v2.1/os-server-groups/{_ID}': Services._server_group,
        'v2.1/os-migrations': Services._migrations,
    },
    'volume': {
        'v3/[^/]+/volumes/detail': Services._volumes,
        f'v3/[^/]+/volumes/{_ID}': Services._volume,
        'v3/[^/]+/snapshots': Services._snapshots,
        'v3/[^/]+/scheduler-stats/get_pools': Services._pools,
        'v3/[^/]+/types': Services._types,
        'v3/[^/]+/os-services': Services._storage_services,
        'v3/[^/]+/types/[^/]+/encryption': Services._encryption,
        f'v3/[^/]+/os-quota-sets/{_ID}': Services._quotas,
    },
    'network': {'v2.0/ports': Services._ports},
    'placement': {
        f'resource_providers/{_ID}/inventories': Services._inventories,
        f'resource_providers/{_ID}/usages': Services._usages,
        f'resource_providers/{_ID}/allocations': Services._allocations,
    },
}


def _limit(query) -> int:
    return min(int(query.get('limit', PAGE)), PAGE)


def _page(query, numbers, make, number_of=generated_cloud.number_of) -> list:
    """Those after the marker, as many as are asked for."""
    first = 0
    if 'marker' in query:
        first = bisect.bisect(numbers, number_of(query['marker']))
    return [*map(make, numbers[first : first + _limit(query)])]


def _one(id_, count, make):
    number = generated_cloud.number_of(id_)
    if number >= count:
        raise NotFound(id_)
    return make(number)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    # Headers and body in one packet: the kernel would wait between two.
    wbufsize = -1
    services: Services

    def do_GET(self) -> None:
        try:
            self._send(200, self.services.answer(self.path))
        except NotFound as error:
            self._send(
                404, {'itemNotFound': {'code': 404, 'message': str(error)}}
            )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers['Content-Length']))
        self._send(201, self.services.token())

    def _send(self, status: int, body: dict) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(content)))
        self.send_header('X-Subject-Token', 'token')
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args) -> None:
        """Nothing: they are counted."""


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many requests there were."""

    #: By service.
    requests: dict[str, int]
    #: Those of them for pages, by the listing: its path and its filters.
    pages: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Served:
    """Services in their process.

    :param url: where they are.
    """

    url: str

    @property
    def auth_url(self) -> str:
        """That of Keystone."""
        return f'{self.url}/identity/v3'

    def counts(self) -> Counts:
        """How many requests there were until now."""
        with request.urlopen(f'{self.url}{_COUNTS}') as answer:  # noqa: S310
            return Counts(**json.load(answer))


@contextlib.contextmanager
def serving(cloud: generated_cloud.Cloud):
    """The services of a cloud while it lasts, in a process of their own."""
    numbers = map(str, dataclasses.astuple(cloud))
    command = [sys.executable, '-m', __name__, *numbers]
    with subprocess.Popen(  # noqa: S603 (the command is ours)
        command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Served(process.stdout.readline().strip())
        finally:
            process.kill()


def main() -> None:
    """Serve a cloud that is made up from numbers, and print where."""
    cloud = generated_cloud.Cloud(*map(int, sys.argv[1:]))
    services = Services(cloud)
    handler = type('Handler', (_Handler,), {'services': services})
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    services.url = f'http://127.0.0.1:{server.server_port}'
    print(services.url, flush=True)
    server.serve_forever()


if __name__ == '__main__':
    main()
