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

"""Servers that boot from a volume, which Cinder has made from an image."""

from zone_migration.tests.functional import base


class BootVolumesTest(base.FunctionalTest):
    """Such servers migrate, and their root volumes do, in one plan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.servers = {
            **cloud.create_servers(
                ('live', 'to-pool', 'to-type', 'both'), host='compute1',
                boot_pool='b1'),
            **cloud.create_servers(
                ('cold', 'stays'), host='compute1', stopped=True,
                boot_pool='b1'),
        }
        cls.roots = {name: cloud.volume_id(f'{name}-root')
                     for name in cls.servers}
        for root in cls.roots.values():
            cloud.fill_volume(root)
        cls.sums = cls.checksums()
        cls.plan = base.plan_of({
            'vm': {
                cls.servers['live']: base.active('compute2'),
                cls.servers['both']: base.active('compute2'),
                cls.servers['cold']: base.shutoff('compute3'),
            },
            'volume': {
                cls.roots['to-pool']: base.in_use(base.B3),
                cls.roots['to-type']: base.in_use(dst_type='lvm2'),
                cls.roots['both']: base.in_use(base.B3),
                cls.roots['stays']: base.in_use(base.B3),
            },
        })
        cls.plan.run()
        cls.actions = cls.plan.actions()

    @classmethod
    def checksums(cls):
        return {name: cls.cloud.volume_checksum(root)
                for name, root in cls.roots.items()}

    def assert_moved(self, resource, action_type):
        action = self.actions[resource]
        self.assertEqual(action_type, action.type)
        self.assert_state(action, 'SUCCEEDED')

    def test_servers_have_no_image_but_a_bootable_volume(self):
        for name, server in self.servers.items():
            self.assertEqual('', self.cloud.server(server)['image'])
            root = self.cloud.volume(self.roots[name])
            self.assertEqual('true', root['bootable'])
            self.assertEqual(
                'tiny', root['volume_image_metadata']['image_name'])

    def test_running_server_goes_live(self):
        self.assert_moved(self.servers['live'], 'live_migration')
        self.assert_server('live', 'compute2', 'ACTIVE')

    def test_stopped_server_goes_cold(self):
        self.assert_moved(self.servers['cold'], 'cold_migration')
        self.assert_server('cold', 'compute3', 'SHUTOFF')

    def test_root_volume_goes_to_another_pool(self):
        root = self.roots['to-pool']
        self.assert_moved(root, 'volume_update')
        self.assert_volume(root, base.B3, 'lvm1', 'in-use')
        self.assert_server('to-pool', 'compute1', 'ACTIVE')

    def test_root_volume_goes_to_another_type(self):
        root = self.roots['to-type']
        self.assert_moved(root, 'volume_update')
        shown = self.cloud.volume(root)
        self.assertEqual(('lvm2', 'in-use'),
                         (shown['volume_type'], shown['status']))
        self.assertIn(shown['os-vol-host-attr:host'], (base.B2, base.B4))

    def test_server_goes_after_its_root_volume(self):
        root, server = self.roots['both'], self.servers['both']
        self.assert_moved(root, 'volume_update')
        self.assert_moved(server, 'live_migration')
        self.assertEqual(
            [self.actions[root].uuid], self.actions[server].parents)
        self.assert_server('both', 'compute2', 'ACTIVE')
        self.assert_volume(root, base.B3, 'lvm1', 'in-use')

    def test_root_volume_of_a_stopped_server_stays(self):
        root = self.roots['stays']
        self.assert_state(
            self.actions[root], 'SKIPPED', 'SHUTOFF', 'start it')
        self.assert_volume(root, base.B1, 'lvm1', 'in-use')

    def test_root_volumes_stay_what_they_are(self):
        for name, root in self.roots.items():
            shown = self.cloud.volume(root)
            self.assertEqual('true', shown['bootable'])
            self.assertEqual(
                [(self.servers[name], self.host_of(name))],
                [(a['server_id'], a['host_name'])
                 for a in shown['attachments']])
        self.assertEqual(self.sums, self.checksums())
