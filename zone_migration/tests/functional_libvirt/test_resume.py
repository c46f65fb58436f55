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
    """A plan ends what its dead applier has begun, and nothing twice."""

    def kill(self):
        self.cloud.kill('watcher-applier')
        self.cloud.start('watcher-applier')

    def assert_moved_once(self, server, host):
        self.assertEqual(
            ['completed'],
            [m['status'] for m in self.cloud.migrations(server)])
        self.assert_server_runs(server, host)

    def test_migration_in_flight_is_adopted(self):
        self.cloud.create_server('web', host='compute1', flavor=base.SLOW)
        plan = self.plan_for('web').start()
        self.in_flight('web')
        self.kill()
        self.assertEqual('SUCCEEDED', plan.wait())
        self.assert_state(self.only_action(plan), 'SUCCEEDED')
        self.assertIn('went on', plan.show()['status_message'])
        self.assert_moved_once('web', 'compute2')

    def test_attached_volume_and_its_server_are_where_they_should_be(self):
        volume = self.cloud.create_volume('data', pool='b1')
        self.cloud.fill_volume(volume)
        data = self.cloud.volume_checksum(volume)
        server = self.cloud.create_server(
            'db', host='compute1', flavor=base.SLOW, volumes=[volume])
        plan = functional.plan_of({
            'vm': {server: functional.active('compute2')},
            'volume': {volume: functional.in_use(functional.B3)},
        }).start()
        self.cloud.wait(
            lambda: self.cloud.volume(volume)['migration_status']
            in ('migrating', 'completing'),
            what='the copy of the volume')
        self.kill()
        self.assertEqual('SUCCEEDED', plan.wait())
        self.assert_volume(volume, functional.B3, 'lvm1', 'in-use')
        self.assertEqual(data, self.cloud.volume_checksum(volume))
        self.assert_server_runs('db', 'compute2')
        self.assertEqual(
            {str(self.cloud.volume_device(volume))},
            self.cloud.guest_devices('db'))

    def test_each_guest_moves_once_however_often_the_applier_dies(self):
        running = self.cloud.create_servers(
            ('a', 'b', 'c', 'd'), host='compute1', flavor=base.SLOW)
        stopped = self.cloud.create_servers(
            ('off',), host='compute1', stopped=True)
        plan = functional.plan_of({'vm': {
            **dict.fromkeys(
                running.values(), functional.active('compute2')),
            **dict.fromkeys(
                stopped.values(), functional.shutoff('compute2')),
        }}).start()
        for number in range(len(running)):
            self.cloud.wait(
                lambda number=number: number < sum(
                    self.record(name) in ('running', 'completed')
                    for name in running),
                300, 'the next copy')
            if number % 2:
                self.cloud.kill_workers('watcher-applier')
            else:
                self.kill()
        self.assertEqual('SUCCEEDED', plan.wait(600))
        self.assertEqual(
            {'SUCCEEDED'}, {one.state for one in plan.all_actions()})
        for name in running:
            self.assert_moved_once(name, 'compute2')
        self.assert_server('off', 'compute2', 'SHUTOFF')
        self.assertEqual(
            ['confirmed'],
            [m['status'] for m in self.cloud.migrations('off')])
