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

import json
import pathlib

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.logic.audit import size_limit
from zone_migration.osc import parameters_file

S = '7fb88441-e326-43e4-b5c8-41e0df15bf2d'


def many(number):
    return {
        f'{n:08x}-e326-43e4-b5c8-41e0df15bf2d': {'status': 'active'}
        for n in range(number)
    }


class ParametersFileTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.path = str(
            pathlib.Path(self.useFixture(fixtures.TempDir()).path)
            / 'list.json'
        )

    def write(self, text):
        if isinstance(text, str):
            text = text.encode()
        pathlib.Path(self.path).write_bytes(text)

    def faults(self, text):
        self.write(text)
        file = parameters_file.read(self.path)
        return [
            fault.removeprefix(self.path)
            for fault in parameters_file.located_faults(file)
        ]

    def assert_unreadable(self, text):
        error = self.assertRaises(
            exceptions.CommandError, parameters_file.read, self.path
        )
        self.assertEqual(self.path + text, str(error))

    def test_servers_and_volumes_alone_are_params(self):
        self.write(json.dumps({'vm': {S: {'status': 'active'}}}))
        file = parameters_file.read(self.path)
        self.assertEqual(
            {'params': {'vm': {S: {'status': 'active'}}}}, file.parameters
        )
        self.assertEqual([], parameters_file.located_faults(file))

    def test_all_parameters_are_taken_as_they_are(self):
        self.write('\ufeff{"aggregates": ["a"]}')
        self.assertEqual(
            {'aggregates': ['a']}, parameters_file.read(self.path).parameters
        )

    def test_what_cannot_be_read_is_told(self):
        self.assert_unreadable(': No such file or directory')
        self.write(b'"\xff"')
        self.assertRaisesRegex(
            exceptions.CommandError,
            'not UTF-8',
            parameters_file.read,
            self.path,
        )

    def test_what_is_no_json_is_told_with_line_and_column(self):
        self.write('{"vm": {},\n "volume" {}}')
        self.assert_unreadable(
            ":2: not JSON: Expecting ':' delimiter (column 11)"
        )

    def test_what_is_nested_too_deep_is_told(self):
        self.write('[' * 100_000 + ']' * 100_000)
        self.assert_unreadable(': nested too deep')

    def test_a_number_that_is_too_long_is_told(self):
        self.write('{"max_items": ' + '9' * 5000 + '}')
        self.assert_unreadable(': holds a number of too many digits')

    def test_each_fault_is_told_with_the_path_in_the_file(self):
        self.assertEqual(
            [
                f":3: vm.{S}.status: 'running' is not one of active, shutoff",
                ':4: vm.web-1: is not a UUID',
            ],
            self.faults(
                f'{{"vm": {{\n"{S}": {{\n"status": "running"}},\n'
                '"web-1": {}}}'
            ),
        )
        self.assertEqual(
            [
                f':2: params.vm.{S}.status: is missing',
                ':3: max_items: 0 is less than 1',
            ],
            self.faults(
                f'{{"params": {{"vm": {{\n"{S}": {{}}}}}},\n"max_items": 0}}'
            ),
        )

    def test_a_misspelt_key_is_told_with_the_one_that_is_meant(self):
        for text, fault in (
            (
                '{"vm": {},\n"volumes": {}}',
                ':2: volumes: is unknown here; did you mean volume?',
            ),
            ('{\n"VM": {}}', ':2: VM: is unknown here; did you mean vm?'),
            (
                '{"params":\n{"volumes": {}}}',
                ':2: params.volumes: is unknown here; did you mean volume?',
            ),
            (
                '{"compute_node": []}',
                ':1: compute_node: is unknown here; did you mean '
                'compute_nodes?',
            ),
        ):
            self.assertIn(fault, self.faults(text), text)

    def test_what_is_misspelt_is_not_told_to_be_missing(self):
        for text in ('{"compute_node": ["c1"]}', '{"volumes": {}}'):
            self.assertEqual(1, len(self.faults(text)), text)

    def test_items_beside_other_parameters_belong_into_params(self):
        self.assertIn(
            ':2: vm: belongs into params, as other parameters stand beside it',
            self.faults('{"max_items": 3,\n"vm": {}}'),
        )

    def test_a_file_that_names_nothing_is_told(self):
        self.assertEqual(
            [':1: names neither a vm nor a volume'], self.faults('{}')
        )

    def test_what_is_given_twice_is_told(self):
        self.assertEqual(
            [f':3: vm.{S}: is given in line 2, too'],
            self.faults(
                f'{{"vm": {{\n"{S}": {{"status": "active"}},\n'
                f'"{S}": {{"status": "active"}}}}}}'
            ),
        )

    def test_the_faults_of_all_that_is_given_again_are_told_by_line(self):
        self.assertEqual(
            [
                f":2: vm.{S}.status: 'running' is not one of active, shutoff",
                f':3: vm.{S}: is given in line 2, too',
                f":3: vm.{S}.status: 'shut' is not one of active, shutoff",
                f':4: vm.{S}: is given in line 3, too',
                ':5: vm.web-1: is not a UUID',
                ':6: volume.x: is not a UUID',
                ':7: volume: is given in line 6, too',
            ],
            self.faults(
                f'{{"vm": {{\n"{S}": {{"status": "running"}},\n'
                f'"{S}": {{"status": "shut"}},\n'
                f'"{S}": {{"status": "active"}},\n"web-1": {{}}}},\n'
                '"volume": {"x": {}},\n"volume": {}}'
            ),
        )

    def test_what_is_given_first_is_enough_for_no_other_fault(self):
        self.assertEqual(
            [':2: vm: is given in line 1, too'],
            self.faults(
                f'{{"vm": {{}},\n"vm": {{"{S}": {{"status": "active"}}}}}}'
            ),
        )

    def test_an_id_in_two_cases_of_letters_is_told(self):
        self.assertEqual(
            [f':2: vm.{S}: is named more than once'],
            self.faults(
                f'{{"vm": {{\n"{S}": {{"status": "active"}},\n'
                f'"{S.upper()}": {{"status": "active"}}}}}}'
            ),
        )

    def test_what_is_no_object_is_told(self):
        self.assertEqual(
            [
                ':1: holds no JSON object: write {"vm": ..., "volume": ...}, '
                'or all parameters of an audit'
            ],
            self.faults('[1]'),
        )

    def test_what_watcher_does_not_hold_is_told(self):
        self.assertEqual(
            [f':1: there are {size_limit.TOO_LONG}'],
            self.faults(json.dumps({'vm': many(2000)})),
        )


class CountsTest(testtools.TestCase):
    def test_items_are_counted(self):
        self.assertEqual(
            '400 servers, 1 volume',
            parameters_file.counts(
                {'params': {'vm': many(400), 'volume': many(1)}}
            ),
        )

    def test_selectors_are_counted_where_there_are_any(self):
        self.assertEqual(
            '0 servers, 0 volumes, 2 selectors',
            parameters_file.counts({'aggregates': ['a', 'b']}),
        )


class MergedTest(testtools.TestCase):
    def test_lists_and_objects_are_joined_and_the_last_value_counts(self):
        self.assertEqual(
            {
                'aggregates': ['a', 'b'],
                'params': {'vm': {'1': {}, '2': {'status': 'shutoff'}}},
                'max_items': 2,
                'move_locked': True,
            },
            parameters_file.merged(
                {
                    'aggregates': ['a'],
                    'params': {'vm': {'1': {}, '2': {'status': 'active'}}},
                    'max_items': 1,
                    'move_locked': True,
                },
                {
                    'aggregates': ['b'],
                    'params': {'vm': {'2': {'status': 'shutoff'}}},
                    'max_items': 2,
                },
            ),
        )
