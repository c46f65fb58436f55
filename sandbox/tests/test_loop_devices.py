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
import subprocess
import tempfile
import unittest
from unittest import mock

from sandbox.drivers import loop_devices


class TestLoopDevices(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.block = self.root / 'block'
        self.link = self.root / 'devices' / 'b1' / 'volume-1'
        self.commands = []
        for target, name, new in (
                (loop_devices, 'BLOCK', self.block),
                (subprocess, 'run', self.run_losetup)):
            patch = mock.patch.object(target, name, new)
            patch.start()
            self.addCleanup(patch.stop)
        self.kernel_has('loop0')
        self.kernel_has('loop1', '/other/file')

    def kernel_has(self, name, file=None):
        (self.block / name / 'loop').mkdir(parents=True, exist_ok=True)
        if file:
            backing = self.block / name / 'loop' / 'backing_file'
            backing.write_text(f'{file}\n')

    def run_losetup(self, command, **keywords):
        self.commands.append(command[1:])
        if '--find' in command:
            self.kernel_has('loop7', command[-1])
        return mock.Mock(stdout='/dev/loop7\n')

    def test_file_gets_a_device_and_a_link_to_it(self):
        loop_devices.attach('/volumes/b1/volume-1', self.link)
        self.assertEqual('/dev/loop7', str(self.link.readlink()))

    def test_file_gets_no_second_device(self):
        for _ in range(2):
            loop_devices.attach('/volumes/b1/volume-1', self.link)
        self.assertEqual(1, len(self.commands))

    def test_link_of_a_life_before_is_replaced(self):
        self.link.parent.mkdir(parents=True)
        self.link.symlink_to('/dev/loop1')
        loop_devices.attach('/volumes/b1/volume-1', self.link)
        self.assertEqual('/dev/loop7', str(self.link.readlink()))

    def test_device_and_link_end_together(self):
        loop_devices.attach('/volumes/b1/volume-1', self.link)
        loop_devices.detach('/volumes/b1/volume-1', self.link)
        self.assertEqual(['--detach', '/dev/loop7'], self.commands[-1])
        self.assertFalse(self.link.is_symlink())

    def test_file_without_a_device_may_be_detached(self):
        loop_devices.detach('/volumes/b1/volume-1', self.link)
        self.assertEqual([], self.commands)

    def test_only_devices_of_the_directory_are_ended(self):
        self.kernel_has('loop2', '/volumes/b1/volume-2 (deleted)')
        self.kernel_has('loop3', '/volumes2/b1/volume-3')
        self.link.parent.mkdir(parents=True)
        self.link.symlink_to('/dev/loop2')
        loop_devices.detach_all('/volumes', self.root / 'devices')
        self.assertEqual([['--detach', '/dev/loop2']], self.commands)
        self.assertFalse(self.link.is_symlink())
