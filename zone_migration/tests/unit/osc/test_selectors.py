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

import testtools

from zone_migration.osc import selectors
from zone_migration.osc import usage
from zone_migration.tests.unit.osc import fake_cloud
from zone_migration.tests.unit.osc.fake_cloud import ID1
from zone_migration.tests.unit.osc.fake_cloud import ID2


class Refused(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Refused(message)


class SelectorsTest(testtools.TestCase):
    def parse(self, *arguments):
        parser = Parser()
        selectors.add(parser)
        return parser.parse_args(arguments)

    def parameters(self, *arguments):
        cloud = fake_cloud.FakeCloud(
            [fake_cloud.resource('web-1', 'ACTIVE')],
            [
                fake_cloud.resource('data', 'available'),
                fake_cloud.resource('root', 'in-use', ID2),
            ],
        )
        parsed = self.parse(*arguments)
        selectors.check(parsed)
        return selectors.parameters(parsed, cloud)

    def assert_unfit(self, text, *arguments):
        error = self.assertRaises(
            usage.UsageError, self.parameters, *arguments
        )
        self.assertIn(text, str(error))

    def test_sources_without_a_destination_stand_alone(self):
        self.assertEqual(
            {
                'compute_nodes': [{'src_node': 'c1'}, {'src_node': 'c2'}],
                'availability_zones': ['zone1'],
                'aggregates': ['rack-*'],
            },
            self.parameters(
                *('--host', 'c1', '--host', 'c2'),
                *('--availability-zone', 'zone1', '--aggregate', 'rack-*'),
            ),
        )

    def test_each_source_goes_to_each_host(self):
        self.assertEqual(
            {
                'compute_nodes': [
                    {'src_node': 'c1', 'dst_node': 'c3'},
                    {'src_node': 'c1', 'dst_node': 'c4'},
                ],
                'availability_zones': [
                    {'src_zone': 'zone1', 'dst_node': 'c3'},
                    {'src_zone': 'zone1', 'dst_node': 'c4'},
                ],
                'aggregates': [
                    {'src_aggregate': 'rack', 'dst_node': 'c3'},
                    {'src_aggregate': 'rack', 'dst_node': 'c4'},
                ],
            },
            self.parameters(
                *('--host', 'c1', '--availability-zone', 'zone1'),
                *('--aggregate', 'rack', '--to-host', 'c3'),
                *('--to-host', 'c4'),
            ),
        )

    def test_pools_have_a_pool_or_a_type_to_go_to(self):
        self.assertEqual(
            {
                'storage_pools': [
                    {'src_pool': 'h@a#a', 'dst_pool': 'h@b#b'},
                    {'src_pool': 'h@a#a', 'dst_type': 'fast'},
                ]
            },
            self.parameters(
                *('--pool', 'h@a#a=h@b#b', '--pool-type', 'h@a#a = fast')
            ),
        )

    def test_servers_and_volumes_are_named(self):
        self.assertEqual(
            {
                'params': {
                    'vm': {ID1: {'status': 'active', 'dst_hostname': 'c3'}},
                    'volume': {
                        ID1: {'status': 'available', 'dst_type': 'fast'},
                        ID2: {'status': 'in-use', 'dst_type': 'fast'},
                    },
                }
            },
            self.parameters(
                *('--server', 'web-1', '--to-host', 'c3'),
                *('--volume', 'data', '--volume', 'root'),
                *('--to-type', 'fast'),
            ),
        )

    def test_a_volume_in_use_needs_no_destination(self):
        self.assertEqual(
            {'params': {'volume': {ID2: {'status': 'in-use'}}}},
            self.parameters('--volume', 'root'),
        )

    def test_what_is_left_alone_is_excluded(self):
        self.assertEqual(
            {
                'servers': ['a', 'b'],
                'volumes': ['c'],
                'projects': ['d'],
            },
            self.parameters(
                *('--host', 'c1', '--exclude-server', 'a'),
                *('--exclude-server', 'b', '--exclude-volume', 'c'),
                *('--exclude-project', 'd'),
            )['exclude'],
        )

    def test_an_available_volume_needs_a_destination(self):
        self.assert_unfit(
            '--volume data: the volume is available, it needs --to-pool or '
            '--to-type',
            *('--volume', 'data'),
        )

    def test_nothing_to_empty_names_the_options(self):
        self.assert_unfit('nothing to empty: give --host, ')

    def test_destinations_need_something_that_goes_there(self):
        for option, arguments in (
            ('--to-host', ('--pool', 'a=b', '--to-host', 'c3')),
            ('--to-pool', ('--pool', 'a=b', '--to-pool', 'c')),
            ('--to-type', ('--host', 'c1', '--to-type', 'c')),
        ):
            self.assert_unfit(option, *arguments)

    def test_a_server_has_one_destination(self):
        self.assert_unfit(
            '--server takes one --to-host',
            *('--server', 'web-1', '--to-host', 'a', '--to-host', 'b'),
        )

    def test_a_pair_needs_both_sides(self):
        for text in ('a', 'a=', '=b', 'a=b=c'):
            self.assertRaisesRegex(
                Refused,
                '--pool: .* is not SOURCE=DESTINATION',
                self.parse,
                '--pool',
                text,
            )

    def test_a_volume_goes_to_a_pool_or_a_type(self):
        self.assertRaisesRegex(
            Refused,
            'not allowed with',
            self.parse,
            *('--volume', 'data', '--to-pool', 'a', '--to-type', 'b'),
        )

    def test_what_is_emptied_is_named_as_it_is_given(self):
        self.assertEqual(
            ['c1', 'zone1', 'rack', 'h@a#a', 'web-1', 'data', 'rack7'],
            selectors.emptied(
                self.parse(
                    *('--host', 'c1', '--availability-zone', 'zone1'),
                    *('--aggregate', 'rack', '--pool', 'h@a#a=h@b#b'),
                    *('--pool-type', 'h@a#a=fast', '--server', 'web-1'),
                    *('--volume', 'data', '--params', 'lists/rack7.json'),
                )
            ),
        )
