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

"""Every row of the table of moves, with guests that run."""

from zone_migration.tests.functional import test_moves
from zone_migration.tests.functional_libvirt import base


class MovesTest(base.HypervisorMixin, test_moves.MovesTest):
    """What is true of Nova and Cinder is true of libvirt and the disks."""

    def test_guests_are_where_nova_says(self):
        for name in self.servers:
            server = self.cloud.server(name)
            self.assert_guest(
                name,
                server['OS-EXT-SRV-ATTR:host'],
                {'ACTIVE': 'running', 'PAUSED': 'paused',
                 'SHUTOFF': 'shutoff'}[server['status']],
            )

    def test_guests_use_the_devices_of_their_moved_volumes(self):
        for server, volumes in (
            ('holder', ('used-to-type', 'used-to-pool')),
            ('mover', ('used-anywhere',)),
            ('paused-holder', ('used-paused',)),
        ):
            used = self.cloud.guest_devices(server)
            self.assertEqual(
                {str(self.cloud.volume_device(v)) for v in volumes}, used)
