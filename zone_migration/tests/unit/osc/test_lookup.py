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

from osc_lib import exceptions
import testtools

from zone_migration.osc import lookup
from zone_migration.tests.unit.osc import fake_cloud
from zone_migration.tests.unit.osc.fake_cloud import ID1
from zone_migration.tests.unit.osc.fake_cloud import ID2


class ServerTest(testtools.TestCase):
    def found(self, name, *servers):
        return lookup.server(fake_cloud.FakeCloud(servers=servers), name)

    def assert_refused(self, text, name, *servers):
        error = self.assertRaises(
            exceptions.CommandError, self.found, name, *servers
        )
        self.assertIn(text, str(error))

    def test_a_server_is_found_by_its_name(self):
        self.assertEqual(
            lookup.Found(ID1, 'web-1', 'active'),
            self.found(
                'web-1',
                fake_cloud.resource('web-1', 'ACTIVE'),
                fake_cloud.resource('web-10', 'ACTIVE', ID2),
            ),
        )

    def test_a_server_is_found_by_its_id(self):
        server = fake_cloud.resource('web-1', 'SHUTOFF')
        self.assertEqual(
            lookup.Found(ID1, 'web-1', 'shutoff'), self.found(ID1, server)
        )

    def test_a_name_is_no_regular_expression(self):
        server = fake_cloud.resource('web(1', 'PAUSED')
        self.assertEqual('active', self.found('web(1', server).status)
        self.assert_refused('no server of that name', 'web.*', server)
        server = fake_cloud.resource('(|', 'PAUSED')
        self.assertEqual(ID1, self.found('(|', server).id)

    def test_a_server_that_is_not_there_is_told(self):
        self.assert_refused('--server web-1: there is no server', 'web-1')
        self.assert_refused('there is no server', ID1)

    def test_several_of_one_name_are_told_with_their_projects(self):
        self.assert_refused(
            '--server web-1: 2 servers have that name. Give an id: '
            f'{ID1} (project p1), {ID2} (project p2).',
            'web-1',
            fake_cloud.resource('web-1', 'ACTIVE'),
            fake_cloud.resource('web-1', 'ACTIVE', ID2, 'p2'),
        )

    def test_a_server_that_cannot_be_moved_is_told_with_its_status(self):
        self.assert_refused(
            '--server web-1: the server is ERROR. Only one that is ACTIVE, '
            'PAUSED or SHUTOFF can be moved.',
            'web-1',
            fake_cloud.resource('web-1', 'ERROR'),
        )


class VolumeTest(testtools.TestCase):
    def test_a_volume_is_found_by_its_name_and_id(self):
        cloud = fake_cloud.FakeCloud(
            volumes=[
                fake_cloud.resource('data', 'available'),
                fake_cloud.resource('', 'in-use', ID2),
            ]
        )
        for wanted, expected in (
            ('data', lookup.Found(ID1, 'data', 'available')),
            (ID2, lookup.Found(ID2, ID2, 'in-use')),
        ):
            self.assertEqual(expected, lookup.volume(cloud, wanted))

    def test_a_volume_that_cannot_be_moved_is_told_with_its_status(self):
        cloud = fake_cloud.FakeCloud(
            volumes=[fake_cloud.resource('data', 'error')]
        )
        self.assertRaisesRegex(
            exceptions.CommandError,
            'the volume is error. Only one that is available or in-use',
            lookup.volume,
            cloud,
            'data',
        )
