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
import math

import testtools

from zone_migration import inventory
from zone_migration.client import cinder
from zone_migration.client import keystone
from zone_migration.client import neutron
from zone_migration.client import nova
from zone_migration.client import paging
from zone_migration.client import placement
from zone_migration.client import shares
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.tests.unit.client import http
from zone_migration.tests.unit.inventory import fakes


class RequestsTest(testtools.TestCase):
    """How many requests the services get, by the size of the cloud."""

    PAGE = 1000

    def cloud_of(self, count):
        """A cloud of as many servers, volumes, ports and snapshots."""
        session, self.http = http.make_session()
        shown = fakes.Cloud()
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
                '/os-migrations': self.finished(
                    self.pages(
                        'migrations',
                        [self.shown_migration(i) for i in ids],
                        'uuid',
                    )
                ),
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
                    'pools': [
                        {'name': name, 'capabilities': {}}
                        for name in ('h@a#a', 'h@b#b')
                    ]
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

    def finished(self, answer):
        """The answers about migrations, which all wait to be confirmed."""

        def of(query):
            shown = query.get('status') == ['finished'] and (
                query.get('source_compute', ['c2']) == ['c2']
            )
            return answer(query) if shown else {'migrations': []}

        return of

    @staticmethod
    def shown_migration(id_):
        return {
            'id': int(id_),
            'uuid': id_,
            'instance_uuid': id_,
            'migration_type': 'migration',
            'status': 'finished',
            'source_compute': 'c2',
            'dest_compute': 'c1',
        }

    def pages(self, key, things, name='id'):
        """Answers with a page after the marker of a query."""
        by_id = {thing[name]: thing for thing in things}

        def answer(query):
            (marker,) = query.get('marker', [None])
            meant = [by_id[i] for i in query.get('device_id', by_id)]
            begin = meant.index(by_id[marker]) + 1 if marker else 0
            end = begin + self.PAGE
            links = [{'rel': 'next', 'href': ''}] if end < len(meant) else []
            return {
                key: meant[begin:end],
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
            request = params.Request(
                compute=(fakes.HOST,), storage=(fakes.POOL,)
            )
        else:
            request = params.Request(servers, volumes)
        seen = inventory.examine(
            shown,
            inventory.collect(shown, request),
            selection.Selection(servers, volumes),
        )
        self.assertEqual(count, len(seen.servers))
        self.assertEqual(count, len(seen.volumes))
        self.assertEqual({'c2'}, set(seen.capacities))
        return collections.Counter(r[1] for r in self.http.requests)

    def assert_pages(self, by_selectors):
        """5,000 cost more than 50 in pages of the listings only."""
        few = self.requests(50, by_selectors)
        many = self.requests(5000, by_selectors)
        more = many - few
        self.assertEqual(
            {
                '/os-migrations',
                '/servers/detail',
                '/snapshots',
                '/v2.0/ports',
                '/volumes/detail',
            },
            set(more),
        )
        if by_selectors:
            # Those of the servers of a host, so many at once.
            self.assertLessEqual(more.pop('/v2.0/ports'), 5000 // paging.IDS)
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
        ports = asked.pop('/v2.0/ports')
        self.assertLessEqual(ports, 5000 // paging.IDS)
        self.assertLessEqual(sum(asked.values()), 4 * pages + 40)
