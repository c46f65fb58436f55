# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import unittest

from sandbox.hosts import guest


class TestDisk(unittest.TestCase):
    def test_it_starts_with_the_code_and_can_be_booted(self):
        disk = guest.disk(b'code')
        self.assertTrue(disk.startswith(b'code\0'))
        self.assertEqual(b'\x55\xaa', disk[510:512])

    def test_it_is_made_of_whole_pages(self):
        self.assertEqual(0, len(guest.disk(b'')) % 4096)

    def test_one_bootable_partition_holds_all_but_the_boot_sector(self):
        disk = guest.disk(b'')
        entry = disk[446:462]
        self.assertEqual(0x80, entry[0])
        self.assertEqual(1, int.from_bytes(entry[8:12], 'little'))
        self.assertEqual(len(disk) - 512,
                         512 * int.from_bytes(entry[12:16], 'little'))
        self.assertEqual(bytes(48), disk[462:510])

    def test_code_keeps_out_of_the_partition_table(self):
        guest.disk(bytes(446))
        self.assertRaises(ValueError, guest.disk, bytes(447))
