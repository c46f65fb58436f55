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

import math

from zone_migration.client import exception
from zone_migration.client import placement
from zone_migration.logic import cloud_inventory
from zone_migration.tests.unit import base
from zone_migration.tests.unit.client import http


def inventory(total, reserved=0, ratio=1.0):
    return {
        'total': total,
        'reserved': reserved,
        'allocation_ratio': ratio,
    }


class PlacementTest(base.TestCase):
    def setUp(self):
        super().setUp()
        session, self.http = http.make_session()
        self.placement = placement.Placement(
            session, {'interface': 'public'}
        )

    def capacity(self, inventories, usages):
        self.http.answers['GET', '/resource_providers/u/inventories'] = {
            'inventories': inventories,
            'resource_provider_generation': 1,
        }
        self.http.answers['GET', '/resource_providers/u/usages'] = {
            'usages': usages,
            'resource_provider_generation': 1,
        }
        return self.placement.capacity('u')

    def test_inventory_that_cannot_be_read_hides_no_other(self):
        self.assertEqual(
            cloud_inventory.HostCapacity(disk_gb=100),
            self.capacity(
                {'MEMORY_MB': {'total': None}, 'DISK_GB': inventory(100)}, {}
            ),
        )

    def test_room_is_what_reserves_ratios_and_usages_leave(self):
        self.assertEqual(
            cloud_inventory.HostCapacity(vcpus=56, memory_mb=1024, disk_gb=80),
            self.capacity(
                {
                    'VCPU': inventory(16, ratio=4.0),
                    'MEMORY_MB': inventory(4096, reserved=1024),
                    'DISK_GB': inventory(100),
                },
                {'VCPU': 8, 'MEMORY_MB': 2048, 'DISK_GB': 20},
            ),
        )

    def test_host_that_gives_more_than_it_has_has_less_than_nothing(self):
        room = self.capacity({'DISK_GB': inventory(10)}, {'DISK_GB': 12})
        self.assertEqual(-2, room.disk_gb)

    def test_dedicated_cores_count_as_shared_ones(self):
        room = self.capacity(
            {'VCPU': inventory(4, ratio=2.0), 'PCPU': inventory(8)},
            {'VCPU': 1, 'PCPU': 2},
        )
        self.assertEqual(13, room.vcpus)

    def test_resources_that_are_not_told_of_are_unlimited(self):
        self.assertEqual(
            cloud_inventory.HostCapacity(math.inf, math.inf, math.inf),
            self.capacity({}, {}),
        )

    def test_host_that_placement_does_not_know_has_no_room(self):
        path = '/resource_providers/u/inventories'
        self.http.answers['GET', path] = 404
        self.assertIsNone(self.placement.capacity('u'))

    def test_refusal_is_an_error(self):
        path = '/resource_providers/u/inventories'
        self.http.answers['GET', path] = 403
        error = self.assertRaises(
            exception.RequestRefused, self.placement.capacity, 'u'
        )
        self.assertEqual(403, error.status)

    def test_consumers_are_those_that_have_an_allocation(self):
        self.http.answers['GET', '/resource_providers/u/allocations'] = {
            'allocations': {'s': {'resources': {'VCPU': 1}}},
            'resource_provider_generation': 1,
        }
        self.assertEqual({'s'}, self.placement.consumers('u'))

    def test_provider_that_is_gone_has_no_consumers(self):
        self.http.answers['GET', '/resource_providers/u/allocations'] = 404
        self.assertEqual(frozenset(), self.placement.consumers('u'))
