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
import types
import unittest

from sandbox.drivers import guests


class TestGuests(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / 'guests.json'
        self.guests = guests.Guests(self.path)
        self.guests['u1'] = types.SimpleNamespace(
            name='instance-1', state=1, uuid='u1')

    def reread(self):
        return {uuid: (guest.name, guest.state, guest.uuid)
                for uuid, guest in guests.Guests(self.path).items()}

    def test_new_guest_outlives_the_process(self):
        self.assertEqual({'u1': ('instance-1', 1, 'u1')}, self.reread())

    def test_new_state_outlives_the_process(self):
        self.guests['u1'].state = 4
        self.assertEqual({'u1': ('instance-1', 4, 'u1')}, self.reread())

    def test_state_of_a_guest_read_again_is_kept_too(self):
        again = guests.Guests(self.path)
        again['u1'].state = 3
        self.assertEqual({'u1': ('instance-1', 3, 'u1')}, self.reread())

    def test_removed_guest_is_gone(self):
        del self.guests['u1']
        self.assertEqual({}, self.reread())
