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

import ast
import dataclasses
import datetime

from zone_migration.client import exception
from zone_migration.client import paging
from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases


class ReadTest(cases.CinderTest):
    def test_missing_volume_is_none(self):
        self.http.answers['GET', '/volumes/v'] = 404
        self.assertIsNone(self.cinder.volume('v'))

    def test_cinder_with_an_error_of_its_own_is_unavailable(self):
        self.http.answers['GET', '/volumes/v'] = 503
        self.assertRaises(exception.CloudUnavailable, self.cinder.volume, 'v')

    def test_volumes_of_all_projects_are_listed(self):
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [cases.VOLUME]
        }
        self.assertEqual({'v'}, set(self.cinder.volumes()))
        self.assertIn('all_tenants', self.query())

    def test_volumes_of_a_pool_are_asked_for_by_its_name(self):
        shown = {**cases.VOLUME, 'os-vol-host-attr:host': 'h@b#p'}
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [
                shown,
                {
                    **cases.VOLUME,
                    'id': 'w',
                    'os-vol-host-attr:host': 'h@b#p2',
                },
            ]
        }
        found = self.cinder.volumes_in('h@b#p')
        self.assertEqual(['v'], [volume.id for volume in found])
        self.assertEqual(['h@b#p'], self.query()['host'])

    def test_changed_volumes_are_asked_for_since_a_time(self):
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [cases.VOLUME]
        }
        self.cinder.volumes(
            datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        )
        self.assertEqual(
            ['gte:2026-01-01T00:00:00'], self.query()['updated_at']
        )

    def test_volumes_of_a_place_are_asked_for_by_its_name(self):
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [cases.VOLUME]
        }
        self.assertEqual({'v'}, set(self.cinder.volumes(place='h@a#a')))
        self.assertEqual(['h@a#a'], self.query()['host'])
        self.assertIn('all_tenants', self.query())

    def test_volumes_of_many_ids_are_asked_for_in_parts(self):
        ids = [f'v{n}' for n in range(paging.IDS + 1)]

        def answer(query):
            (literal,) = query['id']
            found = ast.literal_eval(literal)
            return {'volumes': [{**cases.VOLUME, 'id': i} for i in found]}

        self.http.answers['GET', '/volumes/detail'] = answer
        self.assertEqual(set(ids), set(self.cinder.volumes_of(ids)))
        self.assertEqual(2, len(self.http.requests))

    def test_page_of_volumes_can_be_as_short_as_cinder_likes(self):
        # osapi_max_limit; it is cinderclient that goes on.
        more = 'http://cloud/volumes/detail?limit=1000&marker=v'
        self.http.answers['GET', '/volumes/detail'] = [
            {
                'volumes': [cases.VOLUME],
                'volumes_links': [{'rel': 'next', 'href': more}],
            },
            {'volumes': [{**cases.VOLUME, 'id': 'w'}]},
        ]
        self.assertEqual({'v', 'w'}, set(self.cinder.volumes()))

    def test_newest_change_is_asked_for_alone(self):
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [{**cases.VOLUME, 'updated_at': 'lately'}]
        }
        self.assertEqual('lately', self.cinder.newest_change())
        self.assertEqual(['1'], self.query()['limit'])
        self.assertEqual(['updated_at:desc'], self.query()['sort'])

    def test_volume_that_cinder_has_not_touched_was_made_then(self):
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [{**cases.VOLUME, 'updated_at': None}]
        }
        self.assertEqual(
            cases.VOLUME['created_at'], self.cinder.newest_change()
        )

    def test_cinder_without_volumes_has_no_newest_change(self):
        self.http.answers['GET', '/volumes/detail'] = {'volumes': []}
        self.assertIsNone(self.cinder.newest_change())

    def test_copies_of_a_volume_are_asked_for_by_its_id(self):
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [cases.VOLUME]
        }
        self.assertEqual({'v'}, set(self.cinder.copies_of('w')))
        self.assertEqual(['target:w'], self.query()['migration_status'])

    def test_moving_volumes_are_asked_for_by_each_status(self):
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [cases.VOLUME]
        }
        self.assertEqual({'v'}, set(self.cinder.moving_volumes()))
        self.assertEqual(
            [
                ('retyping', None),
                (None, 'completing'),
                (None, 'migrating'),
                (None, 'starting'),
            ],
            [
                tuple(
                    query.get(name, [None])[0]
                    for name in ('status', 'migration_status')
                )
                for _, _, query, _, _ in self.http.requests
            ],
        )

    def test_attachments_that_a_volume_does_not_show_count(self):
        found = [
            {'id': '1', 'volume_id': 'v', 'instance': 't'},
            {'id': '2', 'volume_id': 'v', 'instance': None},
            {'id': '3', 'volume_id': 'other', 'instance': 's'},
            {'id': '4', 'volume_id': 'v', 'instance': ['odd']},
            {'id': '5'},
            {'id': '6', 'volume_id': 'v', 'instance': 's'},
        ]
        # Cinder cuts a page to its osapi_max_limit, and links to no other.
        pages = [{'attachments': p} for p in (found[:4], found[4:], [])]
        self.http.answers['GET', '/attachments'] = [*pages, *pages]
        volume = resources.Volume('v', 'v', 'in-use', 'h@a#a', 'gold')
        self.assertEqual({'v': ('s', 't')}, self.cinder.servers_of([volume]))
        self.assertEqual(['v'], self.query()['volume_id'])
        self.assertEqual(['6'], self.query()['marker'])
        other = dataclasses.replace(volume, id='w', server_ids=('u',))
        self.assertEqual(
            {'v': ('s', 't'), 'w': ('u',)},
            self.cinder.servers_of([volume, other]),
        )
        self.assertNotIn('volume_id', self.query())

    def test_snapshots_are_counted(self):
        self.http.answers['GET', '/snapshots'] = {
            'snapshots': [{'id': '1'}, {'id': '2'}]
        }
        self.assertEqual(2, self.cinder.snapshots('v'))
        self.assertEqual(['v'], self.query()['volume_id'])

    def test_snapshots_of_the_volumes_of_a_pool_are_counted(self):
        self.http.answers['GET', '/snapshots'] = {
            'snapshots': [{'id': '1', 'volume_id': 'v'}]
        }
        self.assertEqual({'v': 1}, self.cinder.snapshot_counts('h@a#a'))
        self.assertEqual(['h@a#a'], self.query()['host'])

    def test_snapshots_of_all_volumes_are_counted(self):
        page = [
            {'id': str(n), 'volume_id': 'v' if n else 'w'}
            for n in range(paging.SIZE)
        ]
        self.http.answers['GET', '/snapshots'] = [
            {'snapshots': page},
            {'snapshots': [{'id': 'last', 'volume_id': 'w'}]},
        ]
        self.assertEqual(
            {'v': paging.SIZE - 1, 'w': 2}, self.cinder.snapshot_counts()
        )
        self.assertEqual([page[-1]['id']], self.query()['marker'])

    def test_messages_are_told_by_their_ids(self):
        self.http.answers['GET', '/messages'] = {
            'messages': [{'id': '1', 'user_message': 'No space left'}]
        }
        self.assertEqual({'1': 'No space left'}, self.cinder.messages('v'))
        self.assertEqual(['v'], self.query()['resource_uuid'])

    def test_message_is_one_line(self):
        self.http.answers['GET', '/messages'] = {
            'messages': [{'id': '1', 'user_message': 'No\nspace'}]
        }
        self.assertEqual({'1': r'No\nspace'}, self.cinder.messages('v'))


class RequestTest(cases.CinderTest):
    def setUp(self):
        super().setUp()
        self.http.answers['POST', '/volumes/v/action'] = 202

    def test_migration_locks_the_volume(self):
        self.cinder.migrate('v', 'h@b#b')
        self.assertEqual(
            {
                'os-migrate_volume': {
                    'host': 'h@b#b',
                    'force_host_copy': False,
                    'lock_volume': True,
                }
            },
            self.body(),
        )

    def test_retype(self):
        self.cinder.retype('v', 'gold')
        self.assertEqual(
            {
                'os-retype': {
                    'new_type': 'gold',
                    'migration_policy': 'on-demand',
                }
            },
            self.body(),
        )

    def test_refusal_keeps_its_status(self):
        self.http.answers['POST', '/volumes/v/action'] = 400
        error = self.assertRaises(
            exception.RequestRefused, self.cinder.retype, 'v', 'gold'
        )
        self.assertEqual(400, error.status)
