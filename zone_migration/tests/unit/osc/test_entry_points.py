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

"""The commands that setup.cfg names."""

import configparser
import importlib
import pathlib

import testtools

import zone_migration
from zone_migration.tests.unit.osc import fakes

SETUP = pathlib.Path(zone_migration.__file__).parents[1] / 'setup.cfg'


def _commands():
    """``{command: its class}``, as setup.cfg has them."""
    metadata = configparser.ConfigParser()
    metadata.read(SETUP)
    lines = metadata['entry_points']['openstack.infra_optim.v1'].split('\n')
    found = {}
    for line in filter(None, lines):
        name, _, where = line.partition(' = ')
        module, _, attribute = where.partition(':')
        found[name.replace('_', ' ')] = getattr(
            importlib.import_module(module), attribute
        )
    return found


class EntryPointsTest(testtools.TestCase):
    def test_they_are_the_commands_of_one_noun(self):
        self.assertEqual(
            {('optimize', 'zone')},
            {tuple(command.split()[:2]) for command in _commands()},
        )

    def test_each_is_described(self):
        for command, kind in _commands().items():
            self.assertTrue(fakes.make(kind).get_description(), command)
            # Its own words, and not those of the class that it is made of.
            self.assertTrue(kind.__doc__, command)

    def test_each_argument_has_a_help(self):
        for command, kind in _commands().items():
            parser = fakes.make(kind).get_parser('openstack')
            for action in parser._actions:
                self.assertTrue(action.help, f'{command}: {action.dest}')

    def test_help_can_be_rendered(self):
        # A percent sign in a text is a fault that only shows here.
        for command, kind in _commands().items():
            text = fakes.make(kind).get_parser('openstack').format_help()
            self.assertIn('usage: ', text, command)
