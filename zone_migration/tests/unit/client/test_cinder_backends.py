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

from zone_migration.logic import storage_backends
from zone_migration.tests.unit.client import cases


class BackendsTest(cases.CinderTest):
    def test_backends_are_what_cinder_volume_shows(self):
        self.http.answers['GET', '/os-services'] = {
            'services': [
                {
                    'host': 'h@a',
                    'status': 'enabled',
                    'state': 'up',
                    'zone': 'z',
                    'disabled_reason': None,
                    'frozen': False,
                    'cluster': None,
                },
                {
                    'host': 'h@b',
                    'status': 'disabled',
                    'state': 'down',
                    'disabled_reason': 'frozen',
                    'frozen': True,
                    'cluster': 'c@b',
                },
            ]
        }
        self.assertEqual(
            {
                'h@a': storage_backends.Backend(
                    'h@a', enabled=True, up=True, zone='z'
                ),
                'h@b': storage_backends.Backend(
                    'h@b',
                    enabled=False,
                    up=False,
                    disabled_reason='frozen',
                    frozen=True,
                    cluster='c@b',
                ),
            },
            self.cinder.backends(),
        )
        self.assertEqual(['cinder-volume'], self.query()['binary'])
        self.assertEqual('h@b', self.cinder.backend('h@b').name)
        self.assertIsNone(self.cinder.backend('h@c'))

    def test_requests_name_the_backend(self):
        service = {'host': 'h@a', 'binary': 'cinder-volume'}
        for path, call, body in (
            (
                'disable-log-reason',
                lambda: self.cinder.disable_backend('h@a', 'why'),
                {**service, 'disabled_reason': 'why'},
            ),
            (
                'enable',
                lambda: self.cinder.ask_to_enable_backend('h@a'),
                service,
            ),
            (
                'freeze',
                lambda: self.cinder.freeze_backend('h@a'),
                {'host': 'h@a'},
            ),
            (
                'thaw',
                lambda: self.cinder.thaw_backend('h@a'),
                {'host': 'h@a'},
            ),
        ):
            self.http.answers['PUT', f'/os-services/{path}'] = {}
            call()
            method, asked, _, told, _ = self.http.requests[-1]
            self.assertEqual(
                ('PUT', f'/os-services/{path}', body),
                (method, asked, told),
            )
