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

import fixtures

from zone_migration.client import exception
from zone_migration.client import nova_versions
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.client import cases


class ClientsTest(cases.NovaTest):
    def test_threads_share_a_client_of_a_version(self):
        made = fakes.Meeting()
        self.useFixture(
            fixtures.MockPatchObject(nova_versions.novaclient, 'Client', made)
        )
        fakes.in_two_threads(lambda: self.nova._client('2.56'))
        self.assertEqual([self.nova._client('2.56')], made.made)


class VersionTest(cases.NovaTest):
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
            'server': {**cases.SERVER, 'pinned_availability_zone': 'az1'}
        }
        found = self.nova.server('s', whole=True)
        self.assertEqual('az1', found.pinned_zone)
        self.assertEqual('compute 2.96', self.version())

    def test_server_that_is_pinned_to_no_zone_has_an_empty_one(self):
        self.newest('2.96')
        self.http.answers['GET', '/servers/s'] = {
            'server': {**cases.SERVER, 'pinned_availability_zone': None}
        }
        found = self.nova.server('s', whole=True)
        self.assertEqual('', found.pinned_zone)

    def test_server_is_pinned_and_unpinned(self):
        self.http.answers['PUT', '/servers/s'] = {'server': cases.SERVER}
        for zone in ('az1', None):
            self.nova.pin('s', zone)
            method, path, _, body, _ = self.http.requests[-1]
            self.assertEqual(
                (
                    'PUT',
                    '/servers/s',
                    {'server': {'pinned_availability_zone': zone}},
                    'compute 2.104',
                ),
                (method, path, body, self.version()),
            )

    def test_pin_that_nova_refuses_is_an_error(self):
        self.http.answers['PUT', '/servers/s'] = 409
        error = self.assertRaises(
            exception.RequestRefused, self.nova.pin, 's', 'az1'
        )
        self.assertEqual(409, error.status)

    def test_older_nova_is_asked_as_it_understands(self):
        self.newest('2.95')
        self.http.answers['GET', '/servers/detail'] = [
            {'servers': [cases.SERVER]},
            {'servers': []},
        ]
        found = self.nova.servers(whole=True)
        self.assertEqual('', found['s'].pinned_zone)
        self.assertEqual('compute 2.95', self.version())

    def test_nova_of_unknown_version_is_asked_as_all_understand(self):
        self.http.answers['GET', '/'] = 403
        self.http.answers['GET', '/servers/s'] = {'server': cases.SERVER}
        self.nova.server('s', whole=True)
        self.assertEqual('compute 2.56', self.version())

    def test_newer_nova_is_asked_as_far_as_its_answer_is_known(self):
        self.newest('2.104')
        hints = {'different_host': ['t', 'u'], 'cidr': ['/24']}
        shown = {
            **cases.SERVER,
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
            self.assertEqual({'hw_tpm_version': '2.0'}, found.image_properties)
            self.assertEqual(
                {'different_host': ('t', 'u'), 'cidr': ('/24',)}, found.hints
            )

    def test_server_without_a_record_of_its_hints_has_none(self):
        self.newest('2.100')
        self.http.answers['GET', '/servers/s'] = {
            'server': {**cases.SERVER, 'scheduler_hints': None}
        }
        self.assertEqual({}, self.nova.server('s', whole=True).hints)

    def test_who_waits_does_without_what_costs_more(self):
        self.newest('2.104')
        self.http.answers['GET', '/servers/detail'] = {'servers': []}
        self.nova.servers()
        self.assertEqual('compute 2.56', self.version())

    def test_version_is_not_asked_for_without_need(self):
        self.http.answers['GET', '/servers/s'] = {'server': cases.SERVER}
        self.nova.server('s')
        self.assertEqual(1, len(self.http.requests))
