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
from unittest import mock

from sandbox import errors
from sandbox import layout
from sandbox import progress
from sandbox import venv


class TestStamp(unittest.TestCase):
    def test_same_texts_same_stamp(self):
        self.assertEqual(venv.stamp('a', 'b'), venv.stamp('a', 'b'))

    def test_changes_with_any_text(self):
        self.assertNotEqual(venv.stamp('a', 'b'), venv.stamp('a', 'c'))

    def test_changes_with_where_a_text_ends(self):
        self.assertNotEqual(venv.stamp('ab', 'c'), venv.stamp('a', 'bc'))


class TestEnsure(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.layout = layout.Layout(directory.name)
        self.commands = []
        patch = mock.patch.object(
            venv, '_run', autospec=True, side_effect=self.run_command)
        self.run_mock = patch.start()
        self.addCleanup(patch.stop)
        patch = mock.patch.object(venv, '_compile', autospec=True)
        patch.start()
        self.addCleanup(patch.stop)

    def run_command(self, command, log):
        self.commands.append([str(part) for part in command])

    def ensure(self):
        venv.ensure_services(self.layout, progress.Silent())

    def test_is_made_once(self):
        self.ensure()
        self.assertEqual(2, len(self.commands))
        self.assertIn('nova', self.commands[1])
        self.ensure()
        self.assertEqual(2, len(self.commands))

    def test_is_made_again_when_the_list_changes(self):
        self.ensure()
        with mock.patch.object(venv, 'SERVICES', ('nova', 'heat')):
            self.ensure()
        self.assertEqual(4, len(self.commands))

    def test_is_made_again_when_it_was_not_finished(self):
        self.run_mock.side_effect = KeyboardInterrupt
        self.assertRaises(KeyboardInterrupt, self.ensure)
        self.run_mock.side_effect = self.run_command
        self.ensure()
        self.assertEqual(2, len(self.commands))

    def test_unknown_watcher_is_refused_with_those_known(self):
        self.layout.options.watcher = '3'
        with self.assertRaisesRegex(errors.SandboxError, 'only.* 17'):
            venv.ensure_watcher(self.layout, progress.Silent())


class TestEnsureCommands(unittest.TestCase):
    """The plugin's commands, installed beside the clients."""

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.layout = layout.Layout(directory.name)
        self.layout.venv('services').mkdir(parents=True)
        self.repository = pathlib.Path(directory.name) / 'repository'
        self.repository.mkdir()
        for name in ('setup.cfg', 'requirements-cli.txt'):
            (self.repository / name).write_text('one')
        self.commands = []
        patch = mock.patch.object(layout, 'REPOSITORY', self.repository)
        patch.start()
        self.addCleanup(patch.stop)
        patch = mock.patch.object(
            venv, '_run', autospec=True, side_effect=self.run_command)
        self.run_mock = patch.start()
        self.addCleanup(patch.stop)

    def run_command(self, command, log):
        self.commands.append([str(part) for part in command])

    def ensure(self):
        venv.ensure_commands(self.layout, progress.Silent())

    def test_watcher_does_not_come_with_them(self):
        self.ensure()
        needs, plugin = self.commands
        self.assertIn(str(self.repository / 'requirements-cli.txt'), needs)
        self.assertEqual(
            ['--no-deps', '-e', str(self.repository)], plugin[-3:])

    def test_clients_keep_their_versions(self):
        self.ensure()
        for command in self.commands:
            self.assertTrue(
                command[command.index('-c') + 1].endswith(
                    'constraints-services.txt'))

    def test_they_are_installed_once(self):
        self.ensure()
        self.ensure()
        self.assertEqual(2, len(self.commands))

    def test_a_new_requirement_installs_them_again(self):
        self.ensure()
        (self.repository / 'requirements-cli.txt').write_text('two')
        self.ensure()
        self.assertEqual(4, len(self.commands))

    def test_what_was_not_finished_is_done_again(self):
        self.run_mock.side_effect = KeyboardInterrupt
        self.assertRaises(KeyboardInterrupt, self.ensure)
        self.run_mock.side_effect = self.run_command
        self.ensure()
        self.assertEqual(2, len(self.commands))

    def test_a_plugin_without_commands_installs_nothing(self):
        (self.repository / 'requirements-cli.txt').unlink()
        self.ensure()
        self.assertEqual([], self.commands)

    def test_new_services_get_them_again(self):
        self.ensure()
        with mock.patch.object(venv, '_compile', autospec=True):
            venv.ensure_services(self.layout, progress.Silent())
        self.commands.clear()
        self.ensure()
        self.assertEqual(2, len(self.commands))


class TestConstraints(unittest.TestCase):
    def test_everything_is_pinned_and_from_the_index(self):
        for path in pathlib.Path(venv.__file__).parent.glob(
                'constraints-*.txt'):
            for line in path.read_text().splitlines():
                self.assertRegex(line, r'^[A-Za-z0-9._-]+==[^ ;@]+$')
