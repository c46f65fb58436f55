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

import dataclasses

from zone_migration.logic.audit import errors
from zone_migration.tests.unit.logic.audit import clouds


class SourcesTest(clouds.SelectionTest):
    seen = clouds.inventory(
        [
            clouds.server('a', 'c1'),
            clouds.server('b', 'c2'),
            clouds.server('c', 'c1'),
        ],
        hosts=[
            clouds.host('c1', 'az1'),
            clouds.host('c2', 'az1'),
            clouds.host('c3', 'az2'),
        ],
        aggregates=clouds.AGGREGATES,
    )

    def test_glob_finds_those_of_all_hosts_it_means(self):
        self.assertEqual(
            ['a', 'b', 'c'],
            self.servers(self.seen, compute_nodes=clouds.nodes('c[12]')),
        )

    def test_globs_tell_letters_by_their_case(self):
        self.assertRaises(
            errors.InvalidParameters,
            clouds.select,
            self.seen,
            compute_nodes=clouds.nodes('C*'),
        )

    def test_those_of_a_zone_are_found(self):
        found = clouds.select(self.seen, availability_zones=['az1'])
        self.assertEqual(['a', 'b', 'c'], [i.id for i in found.servers])
        self.assertEqual(
            {'availability_zones.0'}, {i.path for i in found.servers}
        )
        self.assertEqual(frozenset({'c1', 'c2'}), found.hosts)

    def test_those_of_an_aggregate_are_found(self):
        self.assertEqual(
            ['a', 'b', 'c'], self.servers(self.seen, aggregates=['o*'])
        )

    def test_zone_and_aggregate_can_name_a_destination(self):
        for parameters in (
            {'availability_zones': [{'src_zone': 'az1', 'dst_node': 'c3'}]},
            {'aggregates': [{'src_aggregate': 'old', 'dst_node': 'c*'}]},
        ):
            self.assertEqual(
                {'c3'},
                {
                    item.dst_hostname
                    for item in clouds.select(self.seen, **parameters).servers
                },
                parameters,
            )

    def test_empty_host_selects_nothing_and_is_no_fault(self):
        self.assertEqual(
            (),
            clouds.select(self.seen, compute_nodes=clouds.nodes('c3')).servers,
        )

    def test_hosts_outside_of_the_scope_are_left_alone(self):
        seen = dataclasses.replace(self.seen, scope=frozenset({'c1', 'c3'}))
        for parameters in (
            {'compute_nodes': clouds.nodes('c[12]')},
            {'availability_zones': ['az1']},
            {'aggregates': ['old']},
        ):
            found = clouds.select(seen, **parameters)
            self.assertEqual(
                (['a', 'c'], {'c1'}),
                ([i.id for i in found.servers], found.hosts),
                parameters,
            )

    def test_destination_can_be_outside_of_the_scope(self):
        seen = dataclasses.replace(self.seen, scope=frozenset({'c1'}))
        found = clouds.select(seen, compute_nodes=clouds.nodes(('c1', 'c2')))
        self.assertEqual('c2', found.servers[0].dst_hostname)


class SourceFaultsTest(clouds.FaultsTest):
    def test_source_that_is_outside_of_the_scope(self):
        seen = dataclasses.replace(self.seen, scope=frozenset({'c3'}))
        error = self.assertRaises(
            errors.InvalidParameters,
            clouds.select,
            seen,
            compute_nodes=clouds.nodes('c1', 'c[13]'),
        )
        self.assertEqual(
            [
                "compute_nodes.0.src_node: each compute host that 'c1' means "
                'is outside of the scope of the audit: name others, or take '
                'another audit template'
            ],
            [str(fault) for fault in error.faults],
        )

    def test_source_that_means_nothing(self):
        self.assertEqual(
            [
                "compute_nodes.0.src_node: there is no compute host 'w*'; "
                'there are c1, c2, c3',
                "availability_zones.0: there is no availability zone 'az3'; "
                'there are az1, az2',
                "aggregates.0: there is no aggregate 'new'; there are gone, "
                'old',
                "aggregates.1: there is no compute host in 'gone'",
                "storage_pools.0.src_pool: there is no storage pool 'h@x'; "
                'there are h@b#p1, h@b#p2, h@c#p3',
            ],
            self.faults(
                compute_nodes=clouds.nodes('w*', 'w*'),
                availability_zones=['az3'],
                aggregates=['new', 'gone'],
                storage_pools=clouds.pools(('h@x', 'h@c#p3')),
            ),
        )
