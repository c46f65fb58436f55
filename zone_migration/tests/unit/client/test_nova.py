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

import datetime
import logging

import fixtures

from zone_migration.client import exception
from zone_migration.client import nova
from zone_migration.client import paging
from zone_migration.logic import resources
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.client import http

SERVER = {
    'id': 's',
    'name': 'web',
    'status': 'ERROR',
    'OS-EXT-SRV-ATTR:host': 'c1',
    'OS-EXT-STS:task_state': 'migrating',
    'OS-EXT-STS:vm_state': 'active',
    'OS-EXT-STS:power_state': 1,
    'progress': 42,
    'fault': {'message': 'boom'},
    'flavor': {
        'vcpus': 2,
        'ram': 2048,
        'disk': 10,
        'ephemeral': 5,
        'swap': 512,
        'extra_specs': {'hw:cpu_policy': 'shared'},
    },
    'image': {'id': 'i'},
    'tenant_id': 'p',
    'created': '2026-11-21T08:00:00Z',
    'updated': '2026-11-24T08:00:00Z',
    'locked': True,
    'os-extended-volumes:volumes_attached': [{'id': 'v'}],
}

RECORD = {
    'id': 7,
    'uuid': 'u7',
    'instance_uuid': 's',
    'migration_type': 'live-migration',
    'status': 'running',
    'source_compute': 'c1',
    'dest_compute': 'c2',
    'updated_at': '2026-01-01T00:00:09.000000',
}


#: What tells that there is another page.
NEXT = [{'rel': 'next', 'href': 'http://cloud/os-migrations?marker=...'}]


class NovaTest(base.TestCase):
    def setUp(self):
        super().setUp()
        session, self.http = http.make_session()
        self.nova = nova.Nova(session, {'interface': 'public'})

    def version(self):
        return self.http.requests[-1][4]['OpenStack-API-Version']

    def body(self):
        return self.http.requests[-1][3]

    def query(self):
        return self.http.requests[-1][2]


class ClientsTest(NovaTest):
    def test_threads_share_a_client_of_a_version(self):
        made = fakes.Meeting()
        self.useFixture(
            fixtures.MockPatchObject(nova.novaclient, 'Client', made)
        )
        fakes.in_two_threads(lambda: self.nova._client('2.56'))
        self.assertEqual([self.nova._client('2.56')], made.made)


class HostsTest(NovaTest):
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

    def test_host_is_enabled_by_the_id_of_its_service(self):
        self.http.answers['GET', '/os-services'] = {
            'services': [self.SERVICE]
        }
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
        self.http.answers['GET', '/os-services'] = {
            'services': [self.SERVICE]
        }
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
        self.http.answers['GET', '/os-services'] = {
            'services': [self.SERVICE]
        }
        self.http.answers['PUT', '/os-services/u1'] = 403
        self.assertRaises(
            exception.RequestRefused, self.nova.enable_host, 'c1'
        )


class ReadTest(NovaTest):
    def test_server_leaves_as_ours(self):
        self.http.answers['GET', '/servers/s'] = {'server': SERVER}
        self.assertEqual(
            resources.Server(
                id='s',
                name='web',
                status='ERROR',
                host='c1',
                task_state='migrating',
                vm_state='active',
                power_state=1,
                progress=42,
                fault='boom',
                vcpus=2,
                memory_mb=2048,
                disk_gb=16,
                volume_ids=('v',),
                project_id='p',
                created_at='2026-11-21T08:00:00Z',
                locked=True,
                extra_specs={'hw:cpu_policy': 'shared'},
            ),
            self.nova.server('s'),
        )

    def test_server_says_when_it_was_changed(self):
        self.http.answers['GET', '/servers/s'] = {'server': SERVER}
        self.assertEqual(SERVER['updated'], self.nova.server('s').updated_at)

    def test_server_without_progress_and_fault_leaves_as_ours(self):
        shown = {k: v for k, v in SERVER.items()
                 if k not in ('progress', 'fault')}
        self.http.answers['GET', '/servers/s'] = {'server': shown}
        found = self.nova.server('s')
        self.assertEqual((0, ''), (found.progress, found.fault))

    def shown(self, **fields):
        """How a server leaves that differs in some fields."""
        self.http.answers['GET', '/servers/s'] = {
            'server': {**SERVER, **fields}
        }
        return self.nova.server('s')

    def test_root_disk_that_is_a_volume_is_no_local_one(self):
        self.assertEqual(6, self.shown(image='').disk_gb)

    def test_local_disks_are_those_that_extra_specs_ask_for(self):
        flavor = {
            **SERVER['flavor'],
            'extra_specs': {'resources:DISK_GB': '0'},
        }
        self.assertEqual(0, self.shown(flavor=flavor).disk_gb)

    def test_local_disks_that_are_no_amount_are_those_of_the_flavor(self):
        log = self.useFixture(fixtures.FakeLogger())
        usual = self.shown().disk_gb
        for odd in ('none', '', '-1', '1.5'):
            flavor = {
                **SERVER['flavor'],
                'original_name': f'odd {odd}',
                'extra_specs': {'resources:DISK_GB': odd},
            }
            self.assertEqual(usual, self.shown(flavor=flavor).disk_gb)
            self.assertIn(f'odd {odd} cannot be read: {odd!r}', log.output)

    def test_extra_specs_that_policy_hides_are_empty(self):
        flavor = {
            k: v for k, v in SERVER['flavor'].items() if k != 'extra_specs'
        }
        self.assertEqual({}, self.shown(flavor=flavor).extra_specs)

    def test_properties_of_the_image_leave_with_the_server(self):
        image = {'id': 'i', 'properties': {'hw_tpm_version': '2.0'}}
        self.assertEqual(
            {'hw_tpm_version': '2.0'},
            self.shown(image=image).image_properties,
        )

    def test_server_that_boots_from_a_volume_has_no_properties(self):
        self.assertEqual({}, self.shown(image='').image_properties)
        # One that boots from a volume, and before microversion 2.98.
        for hidden in ('', {'id': 'i'}):
            self.assertFalse(self.shown(image=hidden).image_known)
        shown = {'id': 'i', 'properties': {}}
        self.assertTrue(self.shown(image=shown).image_known)

    def test_server_of_a_cell_that_is_down_leaves_as_unknown(self):
        self.http.answers['GET', '/servers/s'] = {
            'server': {
                'id': 's',
                'status': 'UNKNOWN',
                'tenant_id': 'p',
                'created': '2026-11-21T08:00:00Z',
                'links': [],
            }
        }
        found = self.nova.server('s')
        self.assertEqual(
            ('UNKNOWN', None, 'p'),
            (found.status, found.host, found.project_id),
        )

    def test_missing_server_is_none(self):
        self.http.answers['GET', '/servers/s'] = 404
        self.assertIsNone(self.nova.server('s'))

    def test_server_that_may_not_be_seen_is_an_error(self):
        self.http.answers['GET', '/servers/s'] = 403
        self.assertRaises(exception.RequestRefused, self.nova.server, 's')

    def test_nova_with_an_error_of_its_own_is_unavailable(self):
        self.http.answers['GET', '/servers/s'] = 503
        self.assertRaises(exception.CloudUnavailable, self.nova.server, 's')

    def test_all_servers_are_listed(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [SERVER]},
            {'servers': []},
        ]
        self.assertEqual({'s'}, set(self.nova.servers()))

    def test_servers_are_read_page_by_page(self):
        # A page can be as short as [api] max_limit says.
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [SERVER]},
            {'servers': [{**SERVER, 'id': 't'}]},
            {'servers': []},
        ]
        self.assertEqual(['s', 't'], list(self.nova.servers()))
        self.assertEqual(['True'], self.query()['all_tenants'])
        self.assertEqual(['t'], self.query()['marker'])

    def test_deleted_servers_are_none(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [{**SERVER, 'status': 'DELETED'}]},
            {'servers': []},
        ]
        since = datetime.datetime.now(datetime.timezone.utc)
        self.assertEqual({'s': None}, self.nova.servers(since))

    def test_server_that_cannot_be_read_hides_no_other(self):
        odd = {'id': 't', 'status': 'ACTIVE', 'flavor': 'm1.tiny'}
        self.http.answers['GET', '/servers/detail'] = lambda query: {
            'servers': [] if 'marker' in query else [odd, SERVER]
        }
        found = self.nova.servers()
        self.assertEqual({'s', 't'}, set(found))
        self.assertEqual('UNKNOWN', found['t'].status)

    def test_server_that_cannot_be_read_is_there(self):
        self.http.answers['GET', '/servers/t'] = {'server': {'id': 't'}}
        self.assertEqual('UNKNOWN', self.nova.server('t').status)

    def test_migration_that_cannot_be_read_hides_no_other(self):
        odd = {'id': 8, 'uuid': 'u8', 'status': 'running'}
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [odd, RECORD]
        }
        self.assertEqual([7], [m.id for m in self.nova.migrations_of('s')])
        self.assertEqual([7], [m.id for m in self.nova.migrations(None)])

    def test_what_cannot_be_read_is_told_once(self):
        odd = {'id': 'odd', 'status': 'ACTIVE', 'flavor': 'm1.tiny'}
        self.http.answers['GET', '/servers/odd'] = {'server': odd}
        output = self.useFixture(
            fixtures.FakeLogger('zone_migration.client', level=logging.WARNING)
        )
        for _ in range(3):
            self.nova.server('odd')
        self.assertEqual(1, output.output.count('server odd cannot be read'))

    def test_what_else_cannot_be_read_hides_no_other(self):
        self.http.answers['GET', '/'] = 403
        self.http.answers.update(
            {
                ('GET', '/os-services'): {
                    'services': [
                        {'id': 'u9', 'host': 'odd'},
                        {
                            'id': 'u1',
                            'host': 'c1',
                            'status': 'enabled',
                            'state': 'up',
                        },
                    ]
                },
                ('GET', '/os-aggregates'): {
                    'aggregates': [
                        {'id': 1, 'name': 'odd', 'hosts': None},
                        {'id': 2, 'name': 'rack', 'hosts': ['c1']},
                    ]
                },
                ('GET', '/os-server-groups'): [
                    {
                        'server_groups': [
                            {'id': 'odd', 'name': 'odd', 'members': None},
                            {
                                'id': 'g',
                                'name': 'g',
                                'policies': ['affinity'],
                                'members': ['s'],
                            },
                        ]
                    },
                    {'server_groups': []},
                ],
                ('GET', '/os-hypervisors/detail'): [
                    {
                        'hypervisors': [
                            {'id': 'u9'},
                            {'id': 'u1', 'service': {'host': 'c1'}},
                        ]
                    },
                    {'hypervisors': []},
                ],
            }
        )
        self.assertEqual({'c1'}, set(self.nova.hosts()))
        self.assertEqual({'rack'}, set(self.nova.aggregates()))
        self.assertEqual(['g'], [group.id for group in self.nova.groups()])
        self.assertEqual({'c1': 'u1'}, self.nova.providers())

    def test_migrations_of_a_server_leave_as_ours(self):
        self.http.answers['GET', '/os-migrations'] = {'migrations': [RECORD]}
        self.assertEqual(
            [
                resources.Migration(
                    7, 's', 'live-migration', 'running', 'c1', 'c2',
                    '2026-01-01T00:00:09.000000',
                )
            ],
            self.nova.migrations_of('s'),
        )
        self.assertEqual(['s'], self.query()['instance_uuid'])

    def test_changed_migrations_are_asked_for_since_a_time(self):
        # Below 2.59 Nova ignores the time, and sends all.
        self.http.answers['GET', '/os-migrations'] = {'migrations': [RECORD]}
        since = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.assertEqual(1, len(self.nova.migrations(since)))
        self.assertEqual(
            ['2026-01-01T00:00:00+00:00'], self.query()['changes-since']
        )
        self.assertEqual('compute 2.59', self.version())

    def test_all_migrations_are_asked_for_without_a_time(self):
        self.http.answers['GET', '/os-migrations'] = {'migrations': [RECORD]}
        self.assertEqual(1, len(self.nova.migrations(None)))
        self.assertNotIn('changes-since', self.query())

    def test_newest_change_is_that_of_the_newest_migration(self):
        self.http.answers['GET', '/os-migrations'] = {'migrations': [RECORD]}
        self.assertEqual(RECORD['updated_at'], self.nova.newest_change())
        self.assertEqual({'limit': ['1']}, self.query())

    def test_migration_that_nova_has_not_touched_was_made_then(self):
        created = {**RECORD, 'updated_at': None, 'created_at': 'then'}
        self.http.answers['GET', '/os-migrations'] = {'migrations': [created]}
        self.assertEqual('then', self.nova.newest_change())

    def test_nova_without_migrations_has_no_newest_change(self):
        self.http.answers['GET', '/os-migrations'] = {'migrations': []}
        self.assertIsNone(self.nova.newest_change())

    def test_migrations_are_read_page_by_page(self):
        page = [{**RECORD, 'uuid': f'u{n}'} for n in range(paging.SIZE)]
        self.http.answers['GET', '/os-migrations'] = [
            {'migrations': page, 'migrations_links': NEXT},
            {'migrations': [RECORD]},
        ]
        since = datetime.datetime.now(datetime.timezone.utc)
        self.assertEqual(paging.SIZE + 1, len(self.nova.migrations(since)))
        self.assertEqual([page[-1]['uuid']], self.query()['marker'])

    def test_page_of_migrations_can_be_as_short_as_nova_likes(self):
        # [api] max_limit
        self.http.answers['GET', '/os-migrations'] = [
            {'migrations': [RECORD], 'migrations_links': NEXT},
            {'migrations': [{**RECORD, 'id': 6, 'uuid': 'u6'}]},
        ]
        since = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.assertEqual([7, 6], [m.id for m in self.nova.migrations(since)])
        self.assertEqual(['u7'], self.query()['marker'])
        self.assertIn('changes-since', self.query())
        self.assertEqual('compute 2.59', self.version())

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
        self.assertEqual(
            {1: 'rack', 2: 'empty'}, self.nova.aggregate_names()
        )

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

    def test_unfinished_migrations_are_asked_for_by_each_status(self):
        def answer(query):
            records = {
                'running': [{**RECORD, 'id': 7, 'status': 'running'}],
                'queued': [{**RECORD, 'id': 9, 'status': 'queued'}],
            }
            if 'marker' in query:
                return {'migrations': []}
            return {'migrations': records.get(query['status'][0], [])}

        self.http.answers['GET', '/os-migrations'] = answer
        self.assertEqual(
            [9, 7], [m.id for m in self.nova.unfinished_migrations()]
        )


class VersionTest(NovaTest):
    def newest(self, version):
        self.http.answers['GET', '/'] = {
            'version': {'id': 'v2.1', 'version': version}
        }

    def test_newest_version_is_asked_for_once(self):
        self.newest('2.100')
        self.assertEqual((2, 100), self.nova.newest_version)
        self.assertEqual((2, 100), self.nova.newest_version)
        self.assertEqual(1, len(self.http.requests))

    def test_newest_version_that_is_not_told_is_unknown(self):
        log = self.useFixture(fixtures.FakeLogger())
        self.http.answers['GET', '/'] = 403
        self.assertIsNone(self.nova.newest_version)
        self.assertIn('Not checked: zones', log.output)

    def test_legacy_nova_has_no_newest_version(self):
        self.newest('')
        self.assertIsNone(self.nova.newest_version)

    def test_pinned_zone_is_read_where_nova_shows_it(self):
        self.newest('2.96')
        self.http.answers['GET', '/servers/s'] = {
            'server': {**SERVER, 'pinned_availability_zone': 'az1'}
        }
        found = self.nova.server('s', whole=True)
        self.assertEqual('az1', found.pinned_zone)
        self.assertEqual('compute 2.96', self.version())

    def test_server_that_is_pinned_to_no_zone_has_an_empty_one(self):
        self.newest('2.96')
        self.http.answers['GET', '/servers/s'] = {
            'server': {**SERVER, 'pinned_availability_zone': None}
        }
        found = self.nova.server('s', whole=True)
        self.assertEqual('', found.pinned_zone)

    def test_older_nova_is_asked_as_it_understands(self):
        self.newest('2.95')
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [SERVER]},
            {'servers': []},
        ]
        found = self.nova.servers(whole=True)
        self.assertEqual('', found['s'].pinned_zone)
        self.assertEqual('compute 2.95', self.version())

    def test_nova_of_unknown_version_is_asked_as_all_understand(self):
        self.http.answers['GET', '/'] = 403
        self.http.answers['GET', '/servers/s'] = {'server': SERVER}
        self.nova.server('s', whole=True)
        self.assertEqual('compute 2.56', self.version())

    def test_newer_nova_is_asked_as_far_as_its_answer_is_known(self):
        self.newest('2.104')
        hints = {'different_host': ['t', 'u'], 'cidr': ['/24']}
        shown = {
            **SERVER,
            'pinned_availability_zone': 'az1',
            'image': {'id': 'i', 'properties': {'hw_tpm_version': '2.0'}},
            'scheduler_hints': hints,
        }
        self.http.answers['GET', '/servers/s'] = {'server': shown}
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [shown]},
            {'servers': []},
        ]
        for found in (
            self.nova.server('s', whole=True),
            self.nova.servers(whole=True)['s'],
        ):
            self.assertEqual('compute 2.100', self.version())
            self.assertEqual('az1', found.pinned_zone)
            self.assertEqual(
                {'hw_tpm_version': '2.0'}, found.image_properties
            )
            self.assertEqual(
                {'different_host': ('t', 'u'), 'cidr': ('/24',)}, found.hints
            )

    def test_server_without_a_record_of_its_hints_has_none(self):
        self.newest('2.100')
        self.http.answers['GET', '/servers/s'] = {
            'server': {**SERVER, 'scheduler_hints': None}
        }
        self.assertEqual({}, self.nova.server('s', whole=True).hints)

    def test_who_waits_does_without_what_costs_more(self):
        self.newest('2.104')
        self.http.answers['GET', '/servers/detail'] = {'servers': []}
        self.nova.servers()
        self.assertEqual('compute 2.56', self.version())

    def test_version_is_not_asked_for_without_need(self):
        self.http.answers['GET', '/servers/s'] = {'server': SERVER}
        self.nova.server('s')
        self.assertEqual(1, len(self.http.requests))

    def test_server_groups_leave_as_ours(self):
        self.newest('2.96')
        self.http.answers['GET', '/os-server-groups'] = [
            {
                'server_groups': [
                    {
                        'id': 'g',
                        'name': 'ha',
                        'policy': 'anti-affinity',
                        'rules': {'max_server_per_host': 2},
                        'members': ['s', 't'],
                    }
                ]
            },
            {'server_groups': []},
        ]
        self.assertEqual(
            [resources.ServerGroup('g', 'ha', 'anti-affinity', ('s', 't'), 2)],
            self.nova.groups(),
        )
        self.assertEqual('compute 2.64', self.version())
        self.assertEqual(['1'], self.query()['offset'])
        self.assertEqual(['True'], self.query()['all_projects'])

    def test_server_groups_of_an_older_nova_leave_as_ours(self):
        self.newest('2.60')
        self.http.answers['GET', '/os-server-groups'] = [
            {
                'server_groups': [
                    {
                        'id': 'g',
                        'name': 'ha',
                        'policies': ['affinity'],
                        'members': [],
                    }
                ]
            },
            {'server_groups': []},
        ]
        self.assertEqual(
            [resources.ServerGroup('g', 'ha', 'affinity')], self.nova.groups()
        )


class RequestTest(NovaTest):
    def setUp(self):
        super().setUp()
        self.http.answers['POST', '/servers/s/action'] = 202

    def test_live_migration_to_the_choice_of_the_scheduler(self):
        self.nova.live_migrate('s', None)
        sent = self.body()['os-migrateLive']
        self.assertEqual(
            (None, 'auto'), (sent['host'], sent['block_migration'])
        )
        self.assertFalse(sent.get('force'))

    def test_live_migration_to_a_host(self):
        self.nova.live_migrate('s', 'c2')
        self.assertEqual('c2', self.body()['os-migrateLive']['host'])

    def test_forced_live_migration_asks_for_a_version_that_knows_it(self):
        self.nova.live_migrate('s', 'c2', force=True)
        self.assertTrue(self.body()['os-migrateLive']['force'])
        self.assertEqual('compute 2.67', self.version())

    def test_cold_migration_to_the_choice_of_the_scheduler(self):
        self.nova.migrate('s', None)
        self.assertFalse(self.body()['migrate'])

    def test_cold_migration_to_a_host_is_understood_by_nova(self):
        # With 2.55 it would ignore the host silently.
        self.nova.migrate('s', 'c2')
        self.assertEqual({'migrate': {'host': 'c2'}}, self.body())
        self.assertEqual('compute 2.56', self.version())

    def test_confirmation(self):
        self.nova.confirm('s')
        self.assertEqual({'confirmResize': None}, self.body())

    def test_reversion(self):
        self.nova.revert('s')
        self.assertEqual({'revertResize': None}, self.body())

    def test_abort_is_understood_for_a_queued_migration(self):
        self.http.answers['DELETE', '/servers/s/migrations/7'] = 202
        self.nova.abort('s', 7)
        self.assertEqual('compute 2.65', self.version())

    def test_completion_by_force(self):
        path = '/servers/s/migrations/7/action'
        self.http.answers['POST', path] = 202
        self.nova.force_complete('s', 7)
        self.assertEqual({'force_complete': None}, self.body())

    def test_hypervisor_is_asked_whether_the_guest_runs(self):
        path = '/servers/s/diagnostics'
        for state, runs in (('running', True), ('shutdown', False)):
            self.http.answers['GET', path] = {'state': state}
            self.assertEqual(runs, self.nova.runs('s'))
        self.assertEqual('compute 2.48', self.version())

    def test_guest_that_the_hypervisor_does_not_have_does_not_run(self):
        for status in (404, 409):
            self.http.answers['GET', '/servers/s/diagnostics'] = status
            self.assertFalse(self.nova.runs('s'))

    def test_hypervisor_that_cannot_be_asked_is_no_answer(self):
        self.http.answers['GET', '/servers/s/diagnostics'] = 503
        self.assertRaises(
            exception.CloudUnavailable, self.nova.runs, 's'
        )

    def test_state_is_reset_to_active(self):
        self.http.answers['POST', '/servers/s/action'] = 202
        self.nova.reset_to_active('s')
        self.assertEqual(
            {'os-resetState': {'state': 'active'}}, self.body()
        )

    def test_refusal_keeps_its_status(self):
        self.http.answers['POST', '/servers/s/action'] = 409
        error = self.assertRaises(
            exception.RequestRefused, self.nova.live_migrate, 's', None
        )
        self.assertEqual(409, error.status)


class LastErrorTest(NovaTest):
    def events(self, *events):
        self.http.answers['GET', '/servers/s/os-instance-actions'] = {
            'instanceActions': [
                {'request_id': 'req-2'},
                {'request_id': 'req-1'},
            ]
        }
        self.http.answers['GET', '/servers/s/os-instance-actions/req-2'] = {
            'instanceAction': {'request_id': 'req-2', 'events': list(events)}
        }
        return self.nova.last_error('s')

    def test_details_of_the_failed_event_are_told(self):
        self.assertEqual(
            'No valid host was found.',
            self.events(
                {'result': 'Success', 'details': None},
                {'result': 'Error', 'details': 'No valid host was found.'},
            ),
        )

    def test_details_are_one_line(self):
        self.assertEqual(
            r'No\nhost',
            self.events({'result': 'Error', 'details': 'No\nhost'}),
        )

    def test_last_line_of_a_traceback_is_told(self):
        self.assertEqual(
            'ValueError: boom',
            self.events(
                {
                    'result': 'Error',
                    'details': None,
                    'traceback': 'Traceback\n  File x\nValueError: boom\n',
                }
            ),
        )

    def test_rolled_back_copy_leaves_no_words(self):
        self.assertEqual('', self.events({'result': 'Success'}))

    def test_server_that_is_gone_leaves_no_words(self):
        self.http.answers['GET', '/servers/s/os-instance-actions'] = 404
        self.assertEqual('', self.nova.last_error('s'))
