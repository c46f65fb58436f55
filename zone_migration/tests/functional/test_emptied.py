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

"""What an audit asks for is what it empties, and it decides the same by that.

No service of Watcher takes part: the requests of an audit are made, and
counted, in the process of the test.
"""

import collections
import contextlib
import re
from unittest import mock
from urllib import parse

from keystoneauth1 import session
from oslo_config import cfg

from zone_migration import client
from zone_migration import inventory
from zone_migration.client import paging
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import selection
from zone_migration.logic.audit import sources
from zone_migration.logic.preflight import evaluation
from zone_migration.tests.functional import base
from zone_migration.tests.functional import test_inventory

_ID = re.compile('[0-9a-f-]{32,}')

ONE_HOST = {
    'compute_nodes': [{'src_node': 'compute1', 'dst_node': 'compute3'}]}
ONE_POOL = {
    'storage_pools': [{'src_pool': base.B1, 'dst_pool': base.B3}]}
HOSTS_AND_POOLS = {
    'compute_nodes': [{'src_node': 'compute1'}],
    'storage_pools': [
        {'src_pool': 'block1@b1*', 'dst_pool': base.B3},
        {'src_pool': base.B4, 'dst_pool': base.B2},
    ],
    'max_items': 5,
    'priority': {'project': ['admin'], 'compute': 'mem_size'},
}


class CountingSession(session.Session):
    """Counts requests, by their paths without ids and their queries."""

    def __init__(self, auth):
        super().__init__(auth, timeout=60)
        self.paths = collections.Counter()
        self.queries = []

    def request(self, url, method, *arguments, **keywords):
        """As that of any session."""
        found = parse.urlsplit(url)
        path = found.path.removeprefix('/')
        self.paths[_ID.sub('...', path)] += 1
        self.queries.append({
            **parse.parse_qs(found.query), **(keywords.get('params') or {})})
        return super().request(url, method, *arguments, **keywords)


class EmptiedTest(base.FunctionalTest):
    """A host and a pool that are emptied, and what is bound to others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.group = cloud.call('POST', 'nova', '/os-server-groups', {
            'server_group': {'name': 'apart', 'policy': 'anti-affinity'},
        })['server_group']['id']
        cls.addClassCleanup(
            cloud.request, 'DELETE', 'nova', f'/os-server-groups/{cls.group}')
        cloud.create_servers(['plain', 'locked'], host='compute1')
        cloud.create_server('off', host='compute1', stopped=True)
        cloud.create_server('elsewhere', host='compute2')
        cloud.create_server('near', host='compute1', group=cls.group)
        cloud.create_server('far', host='compute3', group=cls.group)
        cloud.act('locked', 'lock')
        cloud.create_volumes(['free', 'kept', 'used'], pool='b1')
        cloud.create_volume('held', pool='b2')
        cloud.attach('plain', 'held')
        cloud.attach('elsewhere', 'used')
        cloud.call('POST', 'cinder', '/snapshots', {'snapshot': {
            'volume_id': cloud.volume_id('kept'), 'name': 'kept'}})

    def audit(self, parameters):
        """What an audit selects and decides, and the session it has used."""
        auth = test_inventory.authentication(self.cloud.layout)
        counting = CountingSession(auth)
        border = client.Cloud(
            counting, cfg.ConfigOpts(), poll_interval=1, request_retries=2)
        request = parsing.parse(parameters)
        found = inventory.collect(border, request)
        selected = selection.select(request, found)
        found = inventory.examine(border, found, selected)
        report = evaluation.evaluate(request, selected, found)
        return found, report, counting

    def requests(self, parameters):
        found, _, counting = self.audit(parameters)
        self.assertTrue(found.is_partial)
        return counting.paths

    def names(self, found):
        return {
            one.name for one in (
                *found.servers.values(), *found.volumes.values())}

    def test_a_crowd_elsewhere_costs_no_request(self):
        # With pages so short that a listing of all would show it.
        patch = mock.patch.object(paging, 'SIZE', 2)
        patch.start()
        self.addCleanup(patch.stop)
        before = [self.requests(p) for p in (ONE_HOST, ONE_POOL)]
        names = [f'crowd{n}' for n in range(4)]
        crowd = self.cloud.create_servers(names, host='compute2')
        volumes = self.cloud.create_volumes(names, pool='b4')
        for kind, service, made in (
            ('servers', 'nova', crowd), ('volumes', 'cinder', volumes),
        ):
            for id_ in made.values():
                self.addCleanup(self.delete, service, f'/{kind}/{id_}')
        after = [self.requests(p) for p in (ONE_HOST, ONE_POOL)]
        self.assertEqual(before, after)
        self.assertLess(10, sum(before[0].values()))

    def test_only_what_matters_is_known(self):
        found, _, counting = self.audit(ONE_HOST)
        self.assertEqual(
            {'plain', 'locked', 'off', 'near', 'far', 'held'},
            self.names(found))
        self.assertEqual([self.group], [group.id for group in found.groups])
        self.assertNotIn('v2.1/os-server-groups', counting.paths)
        found, _, _ = self.audit(ONE_POOL)
        self.assertEqual(
            {'free', 'kept', 'used', 'elsewhere'}, self.names(found))
        self.assertEqual(
            1, found.snapshots[self.cloud.volume_id('kept')])

    def test_the_whole_cloud_tells_the_same(self):
        for parameters in (ONE_HOST, ONE_POOL, HOSTS_AND_POOLS):
            with self.subTest(parameters=parameters):
                found, report, _ = self.audit(parameters)
                with contextlib.ExitStack() as stack:
                    for name in ('hosts', 'places'):
                        stack.enter_context(mock.patch.object(
                            sources, name, lambda *_: None))
                    everything, same, _ = self.audit(parameters)
                self.assertEqual(
                    (True, False), (found.is_partial, everything.is_partial))
                self.assertEqual(report, same)

    def test_pages_of_a_host_and_a_pool_are_all_read(self):
        # Shorter than what there is, with a marker for each page.
        with mock.patch.object(paging, 'SIZE', 1):
            found, _, counting = self.audit({**ONE_HOST, **ONE_POOL})
        self.assertLessEqual(
            {'plain', 'locked', 'off', 'near', 'free', 'kept', 'used'},
            self.names(found))
        marked = [q for q in counting.queries if 'marker' in q and 'host' in q]
        self.assertLessEqual(6, len(marked))

    def test_server_that_marks_a_page_can_be_deleted_meanwhile(self):
        self.cloud.create_servers(['one', 'other'], host='compute2')
        path = '/servers/detail?all_tenants=1&host=compute2&limit=1'
        # Of what is created within one second Nova lists any first.
        first = self.cloud.call('GET', 'nova', path)['servers'][0]
        pages = [self.names_of_page(f'{path}&marker={first["id"]}')]
        self.delete('nova', f'/servers/{first["id"]}')
        pages.append(self.names_of_page(f'{path}&marker={first["id"]}'))
        self.assertEqual(2 * [{'one', 'other'} - {first['name']}], pages)

    def delete(self, service, path):
        """Delete a thing, and wait until it is gone."""
        self.cloud.call('DELETE', service, path)
        self.cloud.wait(
            lambda: self.cloud.request('GET', service, path)[0] == 404,
            what=f'the end of {path}')

    def names_of_page(self, path):
        found = self.cloud.call('GET', 'nova', path)['servers']
        return {server['name'] for server in found}

    def test_backend_that_shows_no_pools_is_a_source_all_the_same(self):
        self.freeze('block1@b1')
        for name in ('block1@b1*', base.B1, 'block1@b1'):
            with self.subTest(name=name):
                found, report, _ = self.audit({'storage_pools': [
                    {'src_pool': name, 'dst_pool': base.B3}]})
                self.assertTrue(found.is_partial)
                self.assertNotIn(base.B1, found.pools)
                self.assertEqual(
                    {self.cloud.volume_id(n)
                     for n in ('free', 'kept', 'used')},
                    {result.item.id for result in report.results})

    def freeze(self, backend):
        """Close a backend until the test has ended."""
        def shows_pools():
            shown = self.cloud.call(
                'GET', 'cinder', '/scheduler-stats/get_pools')['pools']
            return any(p['name'].startswith(backend) for p in shown)

        def thaw():
            self.cloud.call(
                'PUT', 'cinder', '/os-services/thaw', {'host': backend})
            self.cloud.wait(shows_pools, what=f'the pools of {backend}')

        self.cloud.call(
            'PUT', 'cinder', '/os-services/freeze', {'host': backend})
        self.addCleanup(thaw)
        self.cloud.wait(
            lambda: not shows_pools(), what=f'no pools of {backend}')
