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

"""What can be said of the documents without a cloud."""

import json
import os
import re
import subprocess

import testtools
from watcher import objects

from zone_migration.logic.audit import parsing
from zone_migration.tests import documents
from zone_migration.tests.unit import base

#: A Watcher that shows one state for ever, and the first turn of a loop.
_STAND_IN = """
openstack() { echo "$STATE"; }
sleep() { exit 7; }
"""


def _goes_on(loop, state):
    """Whether a loop of the documents waits when Watcher shows the state."""
    done = subprocess.run(
        ['bash', '-c', f'{_STAND_IN}{loop}'],
        env={**os.environ, 'STATE': state, 'AUDIT': 'a', 'PLAN': 'p'},
        stdout=subprocess.DEVNULL, check=False,
    )
    return done.returncode == 7


class ShownTest(testtools.TestCase):
    """What the documents show is in order, and the same everywhere."""

    def setUp(self):
        super().setUp()
        self.texts = documents.texts()

    def test_readme_starts_with_the_two_commands(self):
        for name in ('README.rst', 'README.ja.rst'):
            self.assertEqual(
                documents.ENTRANCES, documents.commands(self.texts[name])[:2]
            )
        self.assertTrue(
            os.access(documents.ROOT / 'tools' / 'run-tests', os.X_OK)
        )

    def test_both_readmes_have_the_same_commands_and_examples(self):
        for read in (
            documents.commands,
            documents.tables,
            lambda text: documents.blocks(text, 'json'),
            lambda text: documents.blocks(text, 'ini'),
        ):
            self.assertEqual(
                read(self.texts['README.rst']),
                read(self.texts['README.ja.rst']),
            )

    def test_examples_of_parameters_are_accepted(self):
        examples = [
            (name, block)
            for name, text in self.texts.items()
            for block in documents.blocks(text, 'json')
        ]
        self.assertTrue(examples)
        for name, block in examples:
            with self.subTest(document=name, example=block):
                shown = json.loads(block)
                if {'vm', 'volume'} & set(shown):
                    shown = {'params': shown}
                self.assertTrue(parsing.parse(shown))

    def test_no_command_hides_in_a_block_of_another_kind(self):
        for name, text in self.texts.items():
            shown = len(re.findall(r'^ *\$ ', text, re.M))
            self.assertEqual(shown, len(documents.commands(text)), name)

    def test_no_item_of_a_list_hides_in_the_item_before(self):
        for name, text in self.texts.items():
            self.assertEqual([], re.findall(r'.*\S +#\. .*', text), name)


    def test_clients_that_are_named_are_those_of_the_sandbox(self):
        pinned = documents.ROOT / 'sandbox' / 'constraints-services.txt'
        named = re.findall(
            r'``(python-\w+client)`` (\d+\.\d+)',
            self.texts['doc/source/install/index.rst'],
        )
        self.assertEqual(
            ['python-cinderclient', 'python-openstackclient',
             'python-watcherclient'],
            sorted(name for name, _version in named),
        )
        for name, version in named:
            self.assertIn(f'\n{name}=={version}.', pinned.read_text())


class LoopsTest(base.TestCase):
    """The loops of the documents wait for what is to come, and no longer."""

    def check(self, asks, states, under_way):
        loops = {
            command
            for text in documents.texts().values()
            for command in documents.commands(text)
            if command.startswith('until ') and asks in command
        }
        self.assertTrue(loops)
        known = {
            state
            for name, state in vars(states).items()
            if name.isupper() and isinstance(state, str)
        }
        self.assertLess(under_way, known)
        for loop in loops:
            self.assertEqual(
                under_way,
                {state for state in known if _goes_on(loop, state)},
                loop,
            )

    def test_loops_over_audits_end(self):
        self.check(
            'optimize audit show', objects.audit.State, {'PENDING', 'ONGOING'}
        )

    def test_loops_over_plans_end(self):
        self.check(
            'optimize actionplan show',
            objects.action_plan.State,
            {'PENDING', 'ONGOING', 'CANCELLING'},
        )
