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

from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases


class VolumeTest(cases.CinderTest):
    def test_volume_leaves_as_ours(self):
        self.http.answers['GET', '/volumes/v'] = {'volume': cases.VOLUME}
        self.assertEqual(
            resources.Volume(
                id='v',
                name='data',
                status='in-use',
                host='h@a#a',
                type='gold',
                migration_status='success',
                size_gb=10,
                server_ids=('s',),
                group_id=None,
                project_id='p',
                created_at='2026-11-21T08:00:00.000000',
                multiattach=True,
                encrypted=True,
                replicated=True,
                zone='nova',
            ),
            self.cinder.volume('v'),
        )

    def test_volume_says_when_it_was_changed(self):
        self.http.answers['GET', '/volumes/v'] = {'volume': cases.VOLUME}
        self.assertEqual(
            cases.VOLUME['updated_at'], self.cinder.volume('v').updated_at
        )

    def test_volume_without_a_name_has_an_empty_one(self):
        self.http.answers['GET', '/volumes/v'] = {
            'volume': {**cases.VOLUME, 'name': None}
        }
        self.assertEqual('', self.cinder.volume('v').name)

    def test_volume_in_a_group_of_either_kind_says_so(self):
        for key in ('group_id', 'consistencygroup_id'):
            self.http.answers['GET', '/volumes/v'] = {
                'volume': {**cases.VOLUME, key: 'g'}
            }
            self.assertEqual('g', self.cinder.volume('v').group_id, key)

    def test_volume_of_a_host_is_attached_to_no_server(self):
        # An image store on Cinder attaches its volumes so.
        shown = {
            **cases.VOLUME,
            'attachments': [{'server_id': None, 'host_name': 'glance1'}],
        }
        self.http.answers['GET', '/volumes/v'] = {'volume': shown}
        found = self.cinder.volume('v')
        self.assertEqual((), found.server_ids)
        self.assertEqual(('glance1',), found.host_names)

    def test_volume_of_a_host_and_a_server_hides_no_other(self):
        shown = {
            **cases.VOLUME,
            'id': 'w',
            'attachments': [
                {'server_id': None, 'host_name': 'glance1'},
                {'server_id': 's', 'host_name': 'c1'},
            ],
        }
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [cases.VOLUME, shown]
        }
        found = self.cinder.volumes()
        self.assertEqual({'v', 'w'}, set(found))
        self.assertEqual(('s',), found['w'].server_ids)

    def test_volume_that_cannot_be_read_hides_no_other(self):
        odd = {'id': 'w', 'attachments': None}
        self.http.answers['GET', '/volumes/detail'] = {
            'volumes': [odd, cases.VOLUME]
        }
        found = self.cinder.volumes()
        self.assertEqual({'v', 'w'}, set(found))
        self.assertEqual('unknown', found['w'].status)

    def test_volume_that_cannot_be_read_is_there(self):
        self.http.answers['GET', '/volumes/w'] = {'volume': {'id': 'w'}}
        self.assertEqual('unknown', self.cinder.volume('w').status)

    def test_volume_that_cinder_does_not_replicate_says_so(self):
        for status in (None, 'disabled', 'not-capable'):
            self.http.answers['GET', '/volumes/v'] = {
                'volume': {**cases.VOLUME, 'replication_status': status}
            }
            self.assertFalse(self.cinder.volume('v').replicated, status)
