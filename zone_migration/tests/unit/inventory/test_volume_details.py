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

import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic.audit import params
from zone_migration.tests.unit.inventory import fakes


class VolumeDetailsTest(fakes.ExamineTest):
    def test_snapshots_of_few_volumes_are_counted_one_by_one(self):
        found = self.examine(volumes=[params.VolumeItem('v', 'available')])
        self.assertEqual({'v': 1}, found.snapshots)

    def test_snapshots_of_many_volumes_are_counted_together(self):
        ids = [f'v{n}' for n in range(20)]
        self.cloud = fakes.Cloud(volumes=ids)
        found = self.examine(
            volumes=[params.VolumeItem(i, 'available') for i in ids]
        )
        self.assertEqual(3, found.snapshots['v1'])
        self.assertEqual(0, found.snapshots['v2'])
        self.assertNotIn('snapshots', self.cloud.cinder.asked)

    def test_quotas_are_those_of_owners_and_new_types(self):
        found = self.examine(
            volumes=[params.VolumeItem('v', 'available', dst_type='luks')]
        )
        self.assertEqual(
            {('p', 'luks'): cloud_inventory.Quota(1, 2)}, found.quotas
        )

    def test_quotas_do_not_matter_without_a_new_type(self):
        found = self.examine(volumes=[params.VolumeItem('v', 'available')])
        self.assertEqual({}, found.quotas)
        self.assertNotIn('quotas', self.cloud.cinder.asked)

    def test_zones_of_pools_matter_to_a_retype_only(self):
        for item, zone in (
            (params.VolumeItem('v', 'available', dst_type='luks'), 'nova'),
            (params.VolumeItem('v', 'available', 'h@b#b'), ''),
        ):
            found = self.examine(volumes=[item])
            self.assertEqual(zone, found.pools['h@a#a'].zone, item)
        self.assertEqual(1, self.cloud.cinder.asked.count('zones'))

    def test_qos_is_asked_for_when_that_of_an_attached_volume_changes(self):
        for types, server_ids, asked in (
            ({'gold': 'q1', 'luks': ''}, ('s',), 1),
            ({'gold': 'q1', 'luks': ''}, (), 0),
            ({'gold': 'q1', 'luks': 'q1'}, ('s',), 0),
        ):
            self.cloud = fakes.Cloud(['s'], ['v'])
            self.cloud.cinder.types = types
            self.cloud.cinder.made['v'] = dataclasses.replace(
                self.cloud.cinder.made['v'], server_ids=server_ids
            )
            found = self.examine(
                volumes=[params.VolumeItem('v', 'in-use', dst_type='luks')]
            )
            self.assertEqual(
                asked, self.cloud.cinder.asked.count('qos'), types
            )
            self.assertEqual(
                bool(asked), found.volume_types['gold'].front_end_qos, types
            )

    def encryption(self, item):
        found = self.examine(volumes=[item]).volume_types.values()
        return {each.name: each.encryption for each in found}

    def test_old_and_new_types_tell_their_encryption(self):
        self.assertEqual(
            {'gold': '', 'luks': 'luks'},
            self.encryption(
                params.VolumeItem('v', 'available', dst_type='luks')
            ),
        )

    def test_type_of_an_encrypted_attached_volume_tells_its_encryption(self):
        item = params.VolumeItem('v', 'in-use')
        self.assertEqual({'gold': None, 'luks': None}, self.encryption(item))
        self.cloud.cinder.made['v'] = dataclasses.replace(
            self.cloud.cinder.made['v'], server_ids=('s',), encrypted=True
        )
        self.assertEqual({'gold': '', 'luks': None}, self.encryption(item))
