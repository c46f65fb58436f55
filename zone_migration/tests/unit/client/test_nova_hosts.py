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

from zone_migration.client import exception
from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases


class HostsTest(cases.NovaTest):
    SERVICE = {
        'id': 'u1',
        'host': 'c1',
        'binary': 'nova-compute',
        'status': 'disabled',
        'state': 'up',
        'disabled_reason': 'broken',
    }

    def test_reason_of_a_disabled_host_leaves_with_it(self):
        enabled = {
            **self.SERVICE,
            'host': 'c2',
            'status': 'enabled',
            'disabled_reason': None,
        }
        self.http.answers['GET', '/os-services'] = {
            'services': [self.SERVICE, enabled]
        }
        self.assertEqual(
            {'c1': (False, 'broken'), 'c2': (True, '')},
            {
                name: (host.enabled, host.disabled_reason)
                for name, host in self.nova.hosts().items()
            },
        )

    def test_one_host_is_asked_for_by_its_name(self):
        self.http.answers['GET', '/os-services'] = [
            {'services': [self.SERVICE]},
            {'services': []},
        ]
        self.assertEqual('c1', self.nova.host('c1').name)
        self.assertEqual(['c1'], self.query()['host'])
        self.assertIsNone(self.nova.host('c2'))

    def test_host_is_enabled_by_the_id_of_its_service(self):
        self.http.answers['GET', '/os-services'] = {'services': [self.SERVICE]}
        self.http.answers['PUT', '/os-services/u1'] = {
            'service': {**self.SERVICE, 'status': 'enabled'}
        }
        self.nova.enable_host('c1')
        (_, _, query, _, _), (method, path, *_) = self.http.requests
        self.assertEqual(['c1'], query['host'])
        self.assertEqual(('PUT', '/os-services/u1'), (method, path))
        self.assertEqual({'status': 'enabled'}, self.body())
        self.assertEqual('compute 2.56', self.version())

    def test_host_is_disabled_with_a_reason(self):
        self.http.answers['GET', '/os-services'] = {'services': [self.SERVICE]}
        self.http.answers['PUT', '/os-services/u1'] = {
            'service': {**self.SERVICE, 'disabled_reason': 'emptied'}
        }
        self.nova.disable_host('c1', 'emptied')
        (_, _, query, _, _), (method, path, *_) = self.http.requests
        self.assertEqual(['c1'], query['host'])
        self.assertEqual(('PUT', '/os-services/u1'), (method, path))
        self.assertEqual(
            {'status': 'disabled', 'disabled_reason': 'emptied'}, self.body()
        )

    def test_host_that_is_gone_is_not_enabled(self):
        self.http.answers['GET', '/os-services'] = {'services': []}
        self.nova.enable_host('c1')
        self.assertEqual(
            ['GET'], [method for method, *_ in self.http.requests]
        )

    def test_refusal_to_enable_is_an_error(self):
        self.http.answers['GET', '/os-services'] = {'services': [self.SERVICE]}
        self.http.answers['PUT', '/os-services/u1'] = 403
        self.assertRaises(
            exception.RequestRefused, self.nova.enable_host, 'c1'
        )

    def test_hosts_leave_as_ours(self):
        self.http.answers['GET', '/os-services'] = {
            'services': [
                {'host': 'c1', 'status': 'enabled', 'state': 'up'},
                {
                    'host': 'c2',
                    'status': 'disabled',
                    'state': 'down',
                    'disabled_reason': 'broken',
                    'zone': 'az2',
                },
            ]
        }
        self.assertEqual(
            {
                'c1': resources.ComputeHost('c1', enabled=True, up=True),
                'c2': resources.ComputeHost(
                    'c2',
                    enabled=False,
                    up=False,
                    disabled_reason='broken',
                    zone='az2',
                ),
            },
            self.nova.hosts(),
        )

    def test_aggregates_have_hosts_and_metadata(self):
        self.http.answers['GET', '/os-aggregates'] = {
            'aggregates': [
                {
                    'id': 1,
                    'name': 'rack',
                    'hosts': ['c1', 'c2'],
                    'metadata': {'availability_zone': 'z1'},
                },
                {'id': 2, 'name': 'empty', 'hosts': [], 'metadata': {}},
            ]
        }
        self.assertEqual(
            {
                'rack': resources.Aggregate(
                    'rack',
                    frozenset(['c1', 'c2']),
                    {'availability_zone': 'z1'},
                ),
                'empty': resources.Aggregate('empty'),
            },
            self.nova.aggregates(),
        )
        self.assertEqual({1: 'rack', 2: 'empty'}, self.nova.aggregate_names())

    def test_providers_are_those_of_the_nodes_of_hosts(self):
        # That of a host with several nodes is that of no server.
        self.http.answers['GET', '/os-hypervisors/detail'] = [
            {
                'hypervisors': [
                    {'id': 'u1', 'service': {'host': 'c1'}},
                    {'id': 'u2', 'service': {'host': 'ironic'}},
                ]
            },
            {'hypervisors': [{'id': 'u3', 'service': {'host': 'ironic'}}]},
            {'hypervisors': []},
        ]
        self.assertEqual({'c1': 'u1'}, self.nova.providers())
        self.assertEqual(['u3'], self.query()['marker'])


class ProviderTest(cases.NovaTest):
    """The resource provider of one host."""

    def provider(self, *nodes):
        self.http.answers['GET', '/os-hypervisors/detail'] = {
            'hypervisors': [
                {
                    'id': id_,
                    'hypervisor_hostname': f'{host}.example.org',
                    'service': {'host': host},
                }
                for id_, host in nodes
            ]
        }
        return self.nova.provider_of('c1')

    def test_it_is_that_of_its_node(self):
        # Nova also finds what has that name in the middle of its own.
        self.assertEqual('u1', self.provider(('u1', 'c1'), ('u2', 'c10')))
        self.assertEqual(
            ['c1'], self.query()['hypervisor_hostname_pattern']
        )

    def test_host_of_several_nodes_has_none(self):
        self.assertIsNone(self.provider(('u1', 'c1'), ('u2', 'c1')))

    def test_host_that_nova_does_not_find_has_none(self):
        self.http.answers['GET', '/os-hypervisors/detail'] = 404
        self.assertIsNone(self.nova.provider_of('c1'))
