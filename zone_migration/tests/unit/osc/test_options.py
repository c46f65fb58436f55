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

import fixtures
import testtools

from zone_migration.logic.audit import parameters
from zone_migration.osc import options


class Refused(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Refused(message)


def parser():
    made = Parser()
    options.add(made)
    return made


class GivenTest(testtools.TestCase):
    def given(self, *arguments):
        return options.given(parser().parse_args(arguments))

    def assert_refused(self, text, *arguments):
        self.assertRaisesRegex(Refused, text, self.given, *arguments)

    def test_nothing_is_given_where_nothing_is_asked_for(self):
        self.assertEqual({}, self.given())

    def test_a_number_is_given(self):
        self.assertEqual(
            {'max_items': 3, 'parallel_total': 0},
            self.given('--max-items', '3', '--parallel-total', '0'),
        )

    def test_a_flag_is_true(self):
        self.assertEqual({'move_locked': True}, self.given('--move-locked'))

    def test_downtime_is_of_all_or_of_some(self):
        for text, value in (
            ('true', True),
            ('web-*', ['web-*']),
            ('web-1, db-1,', ['web-1', 'db-1']),
            ('["web,1"]', ['web,1']),
            ('[ab]*', ['[ab]*']),
            ('7', ['7']),
        ):
            self.assertEqual(
                {'allow_downtime': value},
                self.given('--allow-downtime', text),
            )

    def test_the_keys_of_the_priority_are_joined_in_their_order(self):
        self.assertEqual(
            [('compute', ['mem_size', 'vcpu_num']), ('project', ['a', 'b'])],
            list(
                self.given(
                    '--priority',
                    'compute=mem_size',
                    '--priority',
                    'project=a, b',
                    '--priority',
                    'compute=vcpu_num',
                )['priority'].items()
            ),
        )

    def test_what_is_no_number_is_refused_with_the_option(self):
        self.assert_refused(
            "--max-items: 'x' is not a whole number", '--max-items', 'x'
        )
        self.assert_refused(
            '--max-items: 0 is less than 1', '--max-items', '0'
        )
        self.assert_refused(
            '--max-items: 9999999999 is more than',
            '--max-items',
            '9999999999',
        )

    def test_a_priority_without_a_value_is_refused(self):
        for text in ('compute', 'compute=', '=a'):
            self.assert_refused('is not KEY=VALUE', '--priority', text)

    def test_a_priority_that_no_audit_knows_is_refused_with_what_it_knows(
        self,
    ):
        self.assert_refused(
            "--priority: 'cpu=x': cpu is unknown here; known are project, ",
            *('--priority', 'cpu=x'),
        )
        self.assert_refused(
            "'compute=ram': compute is neither one of vcpu_num, mem_size, ",
            *('--priority', 'compute=ram'),
        )

    def test_a_parameter_that_comes_later_is_an_option(self):
        for kind, text, expected in (
            ('array', '["a"]', ['a']),
            ('string', '"a"', 'a'),
            ('integer', '4', 4),
        ):
            self.useFixture(
                _with({'later': {'type': kind, 'description': 'x'}})
            )
            self.assertEqual(
                {'later': expected}, self.given('--later', text), kind
            )

    def test_what_is_no_json_is_refused(self):
        self.useFixture(_with({'later': {'type': 'array'}}))
        self.assert_refused('--later: not JSON', '--later', 'a')

    def test_each_parameter_has_an_option_of_one_kind(self):
        made = parser().format_help()
        for name in parameters.PARAMETERS:
            option = '--' + name.replace('_', '-')
            self.assertEqual(
                name not in options.COMPOSED,
                f'{option} ' in made or f'{option}\n' in made,
                name,
            )

    def test_flags_are_not_told_to_be_true_or_false(self):
        self.assertNotIn('true or false', parser().format_help())


def _with(more):
    return fixtures.MonkeyPatch(
        'zone_migration.logic.audit.parameters.PARAMETERS',
        {**parameters.PARAMETERS, **more},
    )


class TextTest(testtools.TestCase):
    def test_faults_are_told_with_their_options(self):
        for expected, text in (
            ('--max-items: 0 is less than 1', 'max_items: 0 is less than 1'),
            (
                '--host (compute_nodes.0.src_node): is blank',
                'compute_nodes.0.src_node: is blank',
            ),
            (
                '--priority (priority.x): is unknown here; known are project',
                'priority.x: is unknown here; known are project',
            ),
            ('fault in the planning: x', 'fault in the planning: x'),
            ('2 more', '2 more'),
        ):
            self.assertEqual(expected, options.with_option(text))

    def test_options_are_told_as_they_are_typed(self):
        asked = {
            'compute_nodes': [{'src_node': 'c1', 'dst_node': 'c2'}],
            'aggregates': ['old', {'src_aggregate': 'a', 'dst_node': 'c2'}],
            'storage_pools': [
                {'src_pool': 'b1', 'dst_pool': 'b3'},
                {'src_pool': 'b1', 'dst_type': 'fast ssd'},
            ],
        }
        for expected, path in (
            ('--host c1', 'compute_nodes.0.src_node'),
            ('--to-host c2', 'compute_nodes.0.dst_node'),
            ('--aggregate old', 'aggregates.0'),
            ('--aggregate a', 'aggregates.1.src_aggregate'),
            ('--pool b1=b3', 'storage_pools.0.src_pool'),
            ("--pool-type 'b1=fast ssd'", 'storage_pools.1.dst_type'),
            ('--host (compute_nodes.7)', 'compute_nodes.7'),
        ):
            self.assertEqual(
                f'{expected}: is blank',
                options.with_option(f'{path}: is blank', asked),
            )

    def test_remedies_are_told_as_options(self):
        self.assertEqual(
            'give --disable-compute-nodes, or give --unpin, or set params',
            options.as_options(
                'set disable_compute_nodes, or set unpin, or set params'
            ),
        )
