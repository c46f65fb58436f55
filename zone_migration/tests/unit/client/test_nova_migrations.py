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

from zone_migration.client import paging
from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases

#: What tells that there is another page.
NEXT = [{'rel': 'next', 'href': 'http://cloud/os-migrations?marker=...'}]


class MigrationsTest(cases.NovaTest):
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

    def test_unconfirmed_migrations_are_asked_for_by_their_old_host(self):
        for host in ('c1', None):
            self.http.answers['GET', '/os-migrations'] = [
                {'migrations': [cases.RECORD]},
                {'migrations': []},
            ]
            self.assertEqual(1, len(self.nova.unconfirmed_from(host)))
            self.assertEqual(['finished'], self.query()['status'])
            self.assertEqual(
                host and [host], self.query().get('source_compute')
            )

    def test_migrations_of_a_host_are_asked_for_in_one_page(self):
        self.http.answers['GET', '/os-migrations'] = {
            'migrations': [cases.RECORD]
        }
        self.assertEqual(1, len(self.nova.migrations_at('c1')))
        self.assertEqual(['c1'], self.query()['host'])

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

    def test_those_that_are_known_to_have_finished_are_not_asked_for(self):
        self._show(running=7, finished=8, confirming=5)
        known = self.nova.unconfirmed_from(None)
        del self.http.requests[:]
        self._show(running=7, finished=9, confirming=8)
        found = self.nova.unfinished_migrations(known)
        self.assertEqual(
            [(8, 'confirming'), (7, 'running')],
            [(m.id, m.status) for m in found],
        )
        asked = [query['status'] for _, _, query, _, _ in self.http.requests]
        self.assertNotIn(['finished'], asked)

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
