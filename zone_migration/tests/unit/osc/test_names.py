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
import shlex

import testtools

from zone_migration.osc import names

MOMENT = '2026-11-28T03:14:05'


class EmptiedTest(testtools.TestCase):
    def test_what_each_selector_names_is_told_once(self):
        self.assertEqual(
            ['c1', 'zone1', 'zone2', 'rack1', 'h@a#a'],
            names.emptied(
                {
                    'compute_nodes': [
                        {'src_node': 'c1', 'dst_node': 'c3'},
                        {'src_node': 'c1', 'dst_node': 'c4'},
                    ],
                    'availability_zones': ['zone1', {'src_zone': 'zone2'}],
                    'aggregates': [{'src_aggregate': 'rack1'}],
                    'storage_pools': [{'src_pool': 'h@a#a'}],
                }
            ),
        )

    def test_ids_are_counted(self):
        self.assertEqual(
            ['1 server', '2 volumes'],
            names.emptied(
                {'params': {'vm': {'1': {}}, 'volume': {'2': {}, '3': {}}}}
            ),
        )


class GeneratedTest(testtools.TestCase):
    def test_long_names_are_cut_and_the_time_is_not(self):
        name = names.generated(['x' * 99, 'y'], MOMENT)
        self.assertEqual(63, len(name))
        self.assertTrue(name.endswith(f'x...-and-1-more-{MOMENT}'), name)

    def test_what_has_no_name_has_one_all_the_same(self):
        self.assertEqual(f'plan-{MOMENT}', names.generated([], MOMENT))

    def test_the_name_fits_in_the_path_of_a_request(self):
        self.assertEqual(
            f'h@a#a-b-{MOMENT}', names.generated(['h@a#a/b'], MOMENT)
        )

    def test_the_name_stays_in_its_line(self):
        self.assertEqual(f'a-b-{MOMENT}', names.generated(['a\nb'], MOMENT))

    def test_the_name_needs_no_quotes(self):
        name = names.generated(['rack  1', 'c2', 'c3'], MOMENT)
        self.assertEqual(f'rack-1-and-2-more-{MOMENT}', name)
        self.assertEqual(name, shlex.quote(name))


class WithoutMomentTest(testtools.TestCase):
    def test_a_plan_planned_twice_ends_in_one_time(self):
        first = names.generated(['c1', 'c2'], '2026-11-27T23:59:59')
        self.assertEqual(
            f'c1-and-1-more-{MOMENT}',
            names.generated([names.without_moment(first)], MOMENT),
        )

    def test_a_plan_that_is_only_read_is_no_such_plan_again(self):
        first = names.generated(names.of_list(['c1']), MOMENT)
        self.assertEqual('c1', names.without_moment(first))

    def test_a_time_alone_is_a_name(self):
        self.assertEqual(MOMENT, names.without_moment(MOMENT))


class ArgumentTest(testtools.TestCase):
    def test_a_name_is_taken(self):
        for name in ('rack 7', 'rack12.example', 'c1.json 2026', 'v1.2'):
            self.assertEqual(name, names.argument(f' {name} '))

    def test_the_name_of_a_plan_that_is_only_read_is_refused(self):
        self.assertRaises(
            argparse.ArgumentTypeError, names.argument, 'list-for-rack-7'
        )

    def test_what_watcher_would_not_find_is_refused(self):
        for name in ('7', 'a/b', '.', '..', 'rack.json', 'rack.py', 'a.TXT'):
            error = self.assertRaises(
                argparse.ArgumentTypeError, names.argument, name
            )
            self.assertIn('Watcher would not find it', str(error))
