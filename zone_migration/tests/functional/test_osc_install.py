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

"""The commands on a workstation, where Watcher is not installed."""

from concurrent import futures
import configparser
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import zone_migration

CLONE = pathlib.Path(zone_migration.__file__).parents[1]

GROUP = 'openstack.infra_optim.v1'

#: What an installation needs of the repository.
FILES = ('LICENSE', 'README.rst', 'pyproject.toml', 'setup.cfg', 'setup.py')


def commands():
    """The commands of the plugin: ``optimize zone skip``, ..."""
    metadata = configparser.ConfigParser()
    metadata.read(CLONE / 'setup.cfg')
    return [
        line.partition('=')[0].strip().replace('_', ' ')
        for line in metadata['entry_points'][GROUP].splitlines()
        if line
    ]


class WorkstationTest(unittest.TestCase):
    """Installed as the documentation says, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = pathlib.Path(place.name)
        cls.bin = cls.place / 'venv' / 'bin'
        cls.call(sys.executable, '-m', 'venv', '--without-pip', 'venv')
        cls.pip('-r', CLONE / 'requirements-cli.txt')
        cls.pip('--no-deps', cls.copy())
        # On all processors, which pip does not.
        cls.call(
            cls.bin / 'python', '-m', 'compileall', '-q', '-j', '0',
            '-x', '/tests?/', 'venv/lib',
        )  # fmt: skip

    @classmethod
    def copy(cls):
        """The repository somewhere else, as building leaves files in it."""
        made = cls.place / 'repository'
        made.mkdir()
        for name in FILES:
            shutil.copy(CLONE / name, made)
        for path in CLONE.glob('requirements*.txt'):
            shutil.copy(path, made)
        shutil.copytree(
            CLONE / 'zone_migration',
            made / 'zone_migration',
            ignore=shutil.ignore_patterns('__pycache__', 'tests'),
        )
        return made

    @classmethod
    def pip(cls, *arguments):
        """Install with the versions that the repository writes down."""
        cls.call(
            sys.executable, '-m', 'pip', '--python', cls.bin / 'python',
            '--disable-pip-version-check', 'install', '--quiet',
            '--no-compile', '-c', CLONE / 'constraints' / 'tests.txt',
            *arguments,
        )  # fmt: skip

    @classmethod
    def call(cls, *command):
        """What a command prints, of which the errors are none.

        :raises AssertionError: when it fails.
        """
        hidden = ('PYTHONPATH', 'PYTHONHOME', 'VIRTUAL_ENV')
        shell = {
            name: value
            for name, value in os.environ.items()
            if name not in hidden and not name.startswith('OS_')
        }
        ended = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=900,
            cwd=cls.place,
            # pbr asks git for the version otherwise, and here is none.
            env={**shell, 'PBR_VERSION': '0.0.1'},
        )
        if ended.returncode:
            raise AssertionError(f'{command}: {ended.stdout}{ended.stderr}')
        return ended.stdout + ended.stderr

    def openstack(self, *arguments):
        return self.call(self.bin / 'openstack', *arguments)

    def test_watcher_is_not_there(self):
        script = 'import zone_migration, importlib.util as u; '
        script += 'print(u.find_spec("watcher"))'
        self.assertEqual(
            'None\n', self.call(self.bin / 'python', '-c', script)
        )

    def test_each_command_tells_its_help(self):
        with futures.ThreadPoolExecutor(2) as pool:
            helps = pool.map(
                lambda one: self.openstack(*one.split(), '--help'),
                commands(),
            )
        for command, text in zip(commands(), helps, strict=True):
            with self.subTest(command):
                # Before it nothing, as of a module that cannot be imported.
                self.assertTrue(
                    text.startswith(f'usage: openstack {command}'), text
                )

    def test_each_command_can_be_completed(self):
        verbs = [one.rpartition(' ')[2] for one in commands()]
        self.assertIn(
            f"cmds_optimize_zone='{' '.join(sorted(verbs))}'",
            self.openstack('complete'),
        )
