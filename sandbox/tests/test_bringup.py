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

import tempfile
import threading
import unittest
from unittest import mock

from sandbox import bringup
from sandbox import layout
from sandbox import progress


class TestInstall(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.layout = layout.Layout(directory.name)
        for name in ('debian', 'venv', 'services', 'watcher',
                     '_start_infrastructure', '_link_programs'):
            patch = mock.patch.object(bringup, name, autospec=True)
            patch.start()
            self.addCleanup(patch.stop)
        bringup.services.OPENSTACK = []
        patch = mock.patch.object(
            bringup, '_done', autospec=True, return_value=True)
        patch.start()
        self.addCleanup(patch.stop)

    def test_plugin_is_installed_into_one_environment_after_the_other(self):
        # Both installations write the metadata in the repository.
        ended = []
        second_began = threading.Event()

        def first(layout_, progress_):
            second_began.wait(0.2)
            ended.append('watcher')

        def second(layout_, progress_):
            second_began.set()
            ended.append('commands')

        bringup.venv.ensure_watcher.side_effect = first
        bringup.venv.ensure_commands.side_effect = second
        bringup._install_and_configure(self.layout, progress.Silent())
        self.assertEqual(['watcher', 'commands'], ended)
