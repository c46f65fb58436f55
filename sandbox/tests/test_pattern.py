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

import pathlib
import tempfile
import unittest

from sandbox import pattern


class TestChecksum(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / 'volume'

    def checksum(self, *parts, size=4 * pattern.MIB):
        """Of a file with these ``(offset, bytes)`` in it."""
        with self.path.open('wb') as file:
            file.truncate(size)
            for offset, data in parts:
                file.seek(offset)
                file.write(data)
        return pattern.checksum(self.path)

    def test_holes_are_the_same_as_zeros(self):
        self.assertEqual(
            self.checksum((10, b'data')),
            self.checksum((0, bytes(3 * pattern.MIB)), (10, b'data')))

    def test_each_byte_and_its_place_count(self):
        last = 4 * pattern.MIB - 1
        sums = [
            self.checksum(),
            self.checksum(size=5 * pattern.MIB),
            self.checksum((0, b'a')),
            self.checksum((1, b'a')),
            self.checksum((0, b'b')),
            self.checksum((pattern.MIB, b'a')),
            self.checksum((last, b'a')),
            self.checksum((0, b'a'), (last, b'a')),
        ]
        self.assertEqual(len(sums), len(set(sums)))

    def test_pattern_differs_by_its_seed(self):
        self.path.touch()
        pattern.fill(self.path, 'one', 1)
        first = pattern.checksum(self.path)
        pattern.fill(self.path, 'two', 1)
        self.assertNotEqual(first, pattern.checksum(self.path))
