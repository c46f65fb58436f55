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

"""The applier dies with the memory of guests in flight."""

from zone_migration.tests.functional import base as functional
from zone_migration.tests.functional_libvirt import base


class ResumeTest(base.HypervisorTest):
    """The same audit ends what was begun, and starts nothing twice."""

    def test_migration_in_flight_is_adopted(self):
        server = self.cloud.create_server(
            'web', host='compute1', flavor=base.SLOW)
        first = self.plan_for('web').start()
        self.in_flight('web')
        self.cloud.kill('watcher-applier')
        self.cloud.start('watcher-applier')
        self.assertEqual('CANCELLED', first.wait())
        self.assertEqual('running', self.record('web'))
        second = self.plan_for('web')
        self.assertEqual('SUCCEEDED', second.run())
        self.assert_state(self.only_action(second), 'SUCCEEDED')
        self.assertEqual(1, len(self.cloud.migrations(server)))
        self.assert_server_runs('web', 'compute2')

    def test_attached_volume_and_its_server_are_where_they_should_be(self):
        volume = self.cloud.create_volume('data', pool='b1')
        self.cloud.fill_volume(volume)
        data = self.cloud.volume_checksum(volume)
        server = self.cloud.create_server(
            'db', host='compute1', flavor=base.SLOW, volumes=[volume])
        params = {
            'vm': {server: functional.active('compute2')},
            'volume': {volume: functional.in_use(functional.B3)},
        }
        first = functional.plan_of(params).start()
        self.cloud.wait(
            lambda: self.cloud.volume(volume)['migration_status']
            in ('migrating', 'completing'),
            what='the copy of the volume')
        self.cloud.kill('watcher-applier')
        self.cloud.start('watcher-applier')
        self.assertEqual('CANCELLED', first.wait())
        self.assertEqual('SUCCEEDED', functional.plan_of(params).run())
        self.assert_volume(volume, functional.B3, 'lvm1', 'in-use')
        self.assertEqual(data, self.cloud.volume_checksum(volume))
        self.assert_server_runs('db', 'compute2')
        self.assertEqual(
            {str(self.cloud.volume_device(volume))},
            self.cloud.guest_devices('db'))
