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

from zone_migration.client import exception
from zone_migration.client import paging
from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases

#: What tells that there is another page.
NEXT = [{'rel': 'next', 'href': 'http://cloud/os-migrations?marker=...'}]


class ReadTest(cases.NovaTest):
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
            {'servers': [cases.SERVER]},
            {'servers': []},
        ]
        self.assertEqual({'s'}, set(self.nova.servers()))

    def test_servers_are_read_page_by_page(self):
        # A page can be as short as [api] max_limit says.
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': [{**cases.SERVER, 'id': 't'}]},
            {'servers': []},
        ]
        self.assertEqual(['s', 't'], list(self.nova.servers()))
        self.assertEqual(['True'], self.query()['all_tenants'])
        self.assertEqual(['t'], self.query()['marker'])

    def test_servers_of_a_host_are_asked_for_page_by_page(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': []},
        ]
        self.assertEqual({'s'}, set(self.nova.servers(host='c#1')))
        self.assertEqual(
            [(['c#1'], None), (['c#1'], ['s'])],
            [
                (query['host'], query.get('marker'))
                for _, _, query, *_ in self.http.requests
            ],
        )

    def test_deleted_servers_are_none(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [{**cases.SERVER, 'status': 'DELETED'}]},
            {'servers': []},
        ]
        since = datetime.datetime.now(datetime.timezone.utc)
        self.assertEqual({'s': None}, self.nova.servers(since))

    def test_servers_of_a_host_are_asked_for_by_its_name(self):
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': []},
        ]
        self.assertEqual(['s'], [s.id for s in self.nova.servers_on('c1')])
        for name, value in (
            ('host', 'c1'),
            ('all_tenants', 'True'),
            # Those are left out otherwise.
            ('soft_deleted', 'True'),
        ):
            self.assertEqual([value], self.query()[name])

    def test_migrations_of_a_server_leave_as_ours(self):
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [cases.RECORD]
        }
        self.assertEqual(
            [
                resources.Migration(
                    7,
                    's',
                    'live-migration',
                    'running',
                    'c1',
                    'c2',
                    '2026-01-01T00:00:09.000000',
                    uuid='u7',
                )
            ],
            self.nova.migrations_of('s'),
        )
        self.assertEqual(['s'], self.query()['instance_uuid'])

    def test_changed_migrations_are_asked_for_since_a_time(self):
        # Below 2.59 Nova ignores the time, and sends all.
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [cases.RECORD]
        }
        since = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.assertEqual(1, len(self.nova.migrations(since)))
        self.assertEqual(
            ['2026-01-01T00:00:00+00:00'], self.query()['changes-since']
        )
        self.assertEqual('compute 2.59', self.version())

    def test_all_migrations_are_asked_for_without_a_time(self):
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [cases.RECORD]
        }
        self.assertEqual(1, len(self.nova.migrations(None)))
        self.assertNotIn('changes-since', self.query())

    def test_newest_change_is_that_of_the_newest_migration(self):
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [cases.RECORD]
        }
        self.assertEqual(cases.RECORD['updated_at'], self.nova.newest_change())
        self.assertEqual({'limit': ['1']}, self.query())

    def test_migration_that_nova_has_not_touched_was_made_then(self):
        created = {**cases.RECORD, 'updated_at': None, 'created_at': 'then'}
        self.http.answers['GET', '/os-migrations'] = {'migrations': [created]}
        self.assertEqual('then', self.nova.newest_change())

    def test_nova_without_migrations_has_no_newest_change(self):
        self.http.answers['GET', '/os-migrations'] = {'migrations': []}
        self.assertIsNone(self.nova.newest_change())

    def test_migrations_are_read_page_by_page(self):
        page = [{**cases.RECORD, 'uuid': f'u{n}'} for n in range(paging.SIZE)]
        self.http.answers['GET', '/os-migrations'] = [
            {'migrations': page, 'migrations_links': NEXT},
            {'migrations': [cases.RECORD]},
        ]
        since = datetime.datetime.now(datetime.timezone.utc)
        self.assertEqual(paging.SIZE + 1, len(self.nova.migrations(since)))
        self.assertEqual([page[-1]['uuid']], self.query()['marker'])

    def test_page_of_migrations_can_be_as_short_as_nova_likes(self):
        # [api] max_limit
        self.http.answers['GET', '/os-migrations'] = [
            {'migrations': [cases.RECORD], 'migrations_links': NEXT},
            {'migrations': [{**cases.RECORD, 'id': 6, 'uuid': 'u6'}]},
        ]
        since = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.assertEqual([7, 6], [m.id for m in self.nova.migrations(since)])
        self.assertEqual(['u7'], self.query()['marker'])
        self.assertIn('changes-since', self.query())
        self.assertEqual('compute 2.59', self.version())

    def test_unfinished_migrations_are_asked_for_by_each_status(self):
        self._show(running=7, queued=9, finished=8, completed=6)
        self.assertEqual(
            [9, 8, 7], [m.id for m in self.nova.unfinished_migrations()]
        )

    def test_migrations_in_flight_are_asked_for_by_each_status(self):
        self._show(running=7, queued=9, finished=8, completed=6)
        self.assertEqual(
            {7, 9}, {m.id for m in self.nova.migrations_in_flight()}
        )

    def _show(self, **ids):
        """Let Nova show a record in each of these statuses."""
        records = {
            status: [{**cases.RECORD, 'id': id_, 'status': status}]
            for status, id_ in ids.items()
        }

        def answer(query):
            if 'marker' in query:
                return {'migrations': []}
            return {'migrations': records.get(query['status'][0], [])}

        self.http.answers['GET', '/os-migrations'] = answer


class RequestTest(cases.NovaTest):
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
            self.assertEqual(runs, self.nova.runs('s'), state)
        self.assertEqual('compute 2.48', self.version())

    def test_guest_that_the_hypervisor_does_not_have_does_not_run(self):
        for status in (404, 409):
            self.http.answers['GET', '/servers/s/diagnostics'] = status
            self.assertFalse(self.nova.runs('s'), status)

    def test_hypervisor_that_cannot_be_asked_is_no_answer(self):
        self.http.answers['GET', '/servers/s/diagnostics'] = 503
        self.assertRaises(exception.CloudUnavailable, self.nova.runs, 's')

    def test_state_is_reset_to_active(self):
        self.http.answers['POST', '/servers/s/action'] = 202
        self.nova.reset_to_active('s')
        self.assertEqual({'os-resetState': {'state': 'active'}}, self.body())

    def test_refusal_keeps_its_status(self):
        self.http.answers['POST', '/servers/s/action'] = 409
        error = self.assertRaises(
            exception.RequestRefused, self.nova.live_migrate, 's', None
        )
        self.assertEqual(409, error.status)
