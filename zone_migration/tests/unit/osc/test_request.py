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

import argparse
import json
import pathlib
from unittest import mock

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.osc import audits
from zone_migration.osc import parameters_file
from zone_migration.osc import plan
from zone_migration.osc import request
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fake_cloud
from zone_migration.tests.unit.osc import fakes

S = '7fb88441-e326-43e4-b5c8-41e0df15bf2d'


class ParametersTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        directory = self.useFixture(fixtures.TempDir()).path
        self.path = pathlib.Path(directory) / 'list.json'

    def parameters(self, *arguments):
        parser = argparse.ArgumentParser()
        request.add_options(parser)
        return request.parameters(
            parser.parse_args(arguments), fake_cloud.FakeCloud()
        )[0]

    def with_file(self, given, *arguments):
        self.path.write_text(
            given if isinstance(given, str) else json.dumps(given)
        )
        return self.parameters('--params', str(self.path), *arguments)

    def assert_faults(self, expected, method, *arguments):
        error = self.assertRaises(exceptions.CommandError, method, *arguments)
        self.assertEqual(
            expected, str(error).replace(str(self.path), 'FILE').split('\n')
        )

    def test_selectors_and_other_options_are_joined(self):
        self.assertEqual(
            {
                'compute_nodes': [{'src_node': 'c1'}],
                'max_items': 3,
                'move_locked': True,
            },
            self.parameters(
                *('--host', 'c1', '--max-items', '3', '--move-locked')
            ),
        )

    def test_a_file_is_joined_with_options(self):
        items = {'vm': {S: {'status': 'active'}}}
        self.assertEqual(
            {'params': items, 'max_items': 3},
            self.with_file(items, '--max-items', '3'),
        )

    def test_a_file_may_hold_limits_alone(self):
        self.assertEqual(
            {'max_items': 3, 'compute_nodes': [{'src_node': 'c1'}]},
            self.with_file({'max_items': 3}, '--host', 'c1'),
        )

    def test_all_faults_are_told_with_their_options_and_lines(self):
        self.assert_faults(
            [
                f'FILE:1: vm.{S}.status: is missing',
                'FILE:2: volume: is given in line 1, too',
                "--host ' ': is blank",
            ],
            self.with_file,
            f'{{"vm": {{"{S}": {{}}}}, "volume": {{}},\n"volume": {{}}}}',
            *('--host', ' '),
        )

    def test_the_faults_of_a_file_are_told_as_check_tells_them(self):
        for text in (
            '{"vm": {},\n"volumes": {}}',
            '{"max_items": 3}',
            '{"params": {"vm": {}, "volume": {}},\n"aggregates": [" "]}',
        ):
            self.path.write_text(text)
            file = parameters_file.read(str(self.path))
            told = parameters_file.located_faults(file)
            self.assert_faults(
                [line.replace(str(self.path), 'FILE') for line in told],
                self.with_file,
                text,
            )

    def test_what_options_contradict_is_told(self):
        self.assert_faults(
            [
                '--exclude-... (exclude.volumes): is about what selectors '
                'find, and there is none of storage_pools: leave it out, and '
                'out of params what is to stay'
            ],
            self.parameters,
            *('--host', 'c1', '--exclude-volume', 'data'),
        )

    def test_a_file_without_an_object_is_refused(self):
        self.assert_faults(
            [
                'FILE:1: holds no JSON object: write {"vm": ..., "volume": '
                '...}, or all parameters of an audit'
            ],
            self.with_file,
            [1],
        )


class CheckKnownTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher()

    def check(self, *names):
        request.check_known(self.watcher, dict.fromkeys(names, True))

    def test_what_the_plugin_of_watcher_knows_can_be_asked_for(self):
        self.check('max_items', 'move_locked')

    def test_what_an_older_plugin_does_not_know_is_named(self):
        self.watcher.parameters_spec = lambda: {
            'properties': {'max_items': {}}
        }
        error = self.assertRaises(
            exceptions.CommandError, self.check, 'max_items', 'move_locked'
        )
        self.assertEqual(
            "Watcher's plugin is older than this command: it does not know "
            'move_locked. Upgrade it, or leave that out.',
            str(error),
        )

    def test_what_watcher_does_not_tell_is_not_compared(self):
        self.watcher.parameters_spec = dict
        self.check('move_locked')

    def test_a_watcher_without_the_plugin_is_told(self):
        def parameters_spec():
            raise watcher_errors.NotFound('no strategy')

        self.watcher.parameters_spec = parameters_spec
        self.assertRaisesRegex(
            exceptions.CommandError, 'install this plugin', self.check
        )


class RefusedTest(testtools.TestCase):
    def refusal(self, message, *options):
        """What is told when Watcher makes no plan for that reason."""
        made = fakes.make(plan.CreatePlan, cloud=fake_cloud.FakeCloud())
        refused = audits.Refused(fakes.audit(state='FAILED', message=message))
        with mock.patch.object(
            audits, 'create_plan', autospec=True, side_effect=refused
        ):
            return str(
                self.assertRaises(
                    exceptions.CommandError,
                    fakes.run,
                    made,
                    *('--host', 'c1', *options),
                )
            )

    def test_the_reason_is_told_in_options(self):
        self.assertEqual(
            'No plan is made: --host c1: web-1: the server is locked: '
            'unlock it, or give --move-locked',
            self.refusal(
                'compute_nodes.0: web-1: the server is locked: unlock it, or '
                'set move_locked',
                '--all-or-nothing',
            ),
        )

    def refusal_of_file(self, given, message, *options):
        directory = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(directory) / 'list.json'
        path.write_text(given)
        told = self.refusal(message, '--params', str(path), *options)
        return told.replace(str(path), 'FILE')

    def test_the_reason_is_told_with_its_line_in_the_file(self):
        self.assertEqual(
            f'No plan is made:\nFILE:3: vm.{S}.dst_hostname: there is no '
            "compute host 'x'; there are a, b\n--host c1: there is no "
            "compute host 'c1'; there are a, b",
            self.refusal_of_file(
                f'{{"vm": {{\n"{S.upper()}": {{"status": "active",\n'
                '"dst_hostname": "x"}}}',
                f'params.vm.{S}.dst_hostname: there is no compute host '
                "'x'; there are a, b; compute_nodes.0.src_node: there is no "
                "compute host 'c1'; there are a, b",
            ),
        )

    def test_the_first_reason_of_many_is_told_with_its_line(self):
        self.assertEqual(
            'No plan is made: 2 faults, the first: FILE:2: aggregates.0: no',
            self.refusal_of_file(
                '{"aggregates": [\n"a"]}',
                '2 faults, the first: aggregates.0: no',
            ),
        )

    def test_what_an_option_gives_is_in_no_line_of_the_file(self):
        self.assertEqual(
            'No plan is made:\n--max-items: 5 is too many\n--aggregate b: '
            'no such',
            self.refusal_of_file(
                '{"aggregates": ["a"], "max_items": 4}',
                'max_items: 5 is too many; aggregates.1: no such',
                *('--max-items', '5', '--aggregate', 'b'),
            ),
        )

    def test_where_all_that_cannot_move_is_seen_is_told(self):
        for message in ('c: a; 3 more', '4 faults, the first: c: a'):
            self.assertIn(
                'Plan without --all-or-nothing to see all',
                self.refusal(message, '--all-or-nothing'),
            )
            self.assertNotIn('without', self.refusal(message), message)
