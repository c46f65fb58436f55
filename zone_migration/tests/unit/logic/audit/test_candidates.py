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

from zone_migration.tests.unit.logic.audit import builders
from zone_migration.tests.unit.logic.audit import clouds


class DestinationsOfServersTest(clouds.SelectionTest):
    def targets(self, *entries, hosts=('c1', 'c2', 'c3', 'c4')):
        found = clouds.select(
            clouds.inventory([clouds.server('a')], hosts=hosts),
            compute_nodes=clouds.nodes(*entries),
        )
        item = found.servers[0]
        return item.dst_hostname, item.destinations

    def test_one_becomes_the_destination(self):
        self.assertEqual(('c2', ()), self.targets(('c1', 'c2')))

    def test_several_entries_of_a_source_add_theirs(self):
        self.assertEqual(
            ('', ('c2', 'c4')),
            self.targets(('c1', 'c2'), ('c1', 'c4'), ('c1', 'c2')),
        )

    def test_glob_means_several(self):
        self.assertEqual(('', ('c2', 'c3', 'c4')), self.targets(('c1', 'c*')))

    def test_glob_leaves_out_all_sources(self):
        self.assertEqual(('', ('c3', 'c4')), self.targets(('c1', 'c*'), 'c2'))

    def test_glob_leaves_out_hosts_that_are_disabled_or_down(self):
        self.assertEqual(
            ('c4', ()),
            self.targets(
                ('c1', 'c*'),
                hosts=[
                    'c1',
                    clouds.host('c2', enabled=False),
                    clouds.host('c3', up=False),
                    'c4',
                ],
            ),
        )

    def test_host_that_is_named_stays_whatever_its_state(self):
        self.assertEqual(
            ('c2', ()),
            self.targets(
                ('c1', 'c2'), hosts=['c1', clouds.host('c2', up=False)]
            ),
        )


class EmptiedDestinationsTest(clouds.SelectionTest):
    """A destination that another entry empties, named exactly."""

    def assert_goes(self, expected, found, message=''):
        self.assertEqual(
            expected, {i.id: i.dst_hostname for i in found}, message
        )

    def test_two_hosts_exchange_their_servers(self):
        seen = clouds.inventory(
            [clouds.server('a', 'c1'), clouds.server('b', 'c2')]
        )
        self.assert_goes(
            {'a': 'c2', 'b': 'c1'},
            clouds.select(
                seen, compute_nodes=clouds.nodes(('c1', 'c2'), ('c2', 'c1'))
            ).servers,
        )

    def test_two_pools_exchange_their_volumes_whatever_their_types(self):
        seen = clouds.inventory(
            volumes=[clouds.volume('a'), clouds.volume('b', 'h@b#p2')]
        )
        there, back = ('h@b#p1', 'h@b#p2'), ('h@b#p2', 'h@b#p1')
        for first in ({}, {'src_type': 'fast'}):
            for second in ({}, {'src_type': 'fast'}):
                self.assert_goes(
                    {'a': 'h@b#p2', 'b': 'h@b#p1'},
                    clouds.select(
                        seen,
                        storage_pools=[
                            *clouds.pools(there, **first),
                            *clouds.pools(back, **second),
                        ],
                    ).volumes,
                    (first, second),
                )

    def test_host_that_a_zone_empties_is_taken(self):
        seen = clouds.inventory(
            [clouds.server('a', 'c1'), clouds.server('b', 'c2')],
            hosts=[clouds.host('c1'), clouds.host('c2', 'az1'), 'c3'],
        )
        self.assert_goes(
            {'a': 'c2', 'b': ''},
            clouds.select(
                seen,
                compute_nodes=clouds.nodes(('c1', 'c2')),
                availability_zones=['az1'],
            ).servers,
        )

    def test_pools_tell_which_types_leave_them(self):
        found = clouds.select(
            clouds.inventory(),
            storage_pools=[
                *clouds.pools(('h@b#p1', 'h@b#p2')),
                *clouds.pools(('h@b#p2', 'h@c#p3'), src_type='slow'),
                {'src_pool': 'h@c#p3', 'dst_type': 'slow'},
            ],
        )
        self.assertEqual({('h@b#p1', ''), ('h@b#p2', 'slow')}, found.leaving)


class DestinationFaultsTest(clouds.FaultsTest):
    def test_destination_that_means_nothing(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: there is no compute host 'w1'; "
                'there are c1, c2, c3',
                "storage_pools.0.dst_pool: there is no storage pool 'h@x#*'"
                '; there are h@b#p1, h@b#p2, h@c#p3',
            ],
            self.faults(
                compute_nodes=clouds.nodes(('c1', 'w1')),
                storage_pools=clouds.pools(('h@b#p1', 'h@x#*')),
            ),
        )

    def test_destination_that_is_the_source_of_its_own_entry(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: 'c2' is the source of its own "
                'entry: name another',
                "storage_pools.0.dst_pool: 'h@b#p1' is the source of its "
                'own entry: name another',
                "storage_pools.1.dst_pool: 'h@b#p1' is the source of its "
                'own entry: name another',
            ],
            self.faults(
                compute_nodes=clouds.nodes(('c[12]', 'c2')),
                storage_pools=[
                    *clouds.pools(('h@b#p1', 'h@b#p1')),
                    *clouds.pools(('h@b#p1', 'h@b#p1'), src_type='fast'),
                ],
            ),
        )

    def test_destination_that_the_audit_disables(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: 'c2' is being emptied itself, by "
                'compute_nodes.1, and disable_compute_nodes disables it: '
                'name another',
                f"params.vm.{builders.S1}.dst_hostname: 'c2' is being emptied "
                'itself, by compute_nodes.1, and disable_compute_nodes '
                'disables it: name another',
            ],
            self.faults(
                params={
                    'vm': {
                        builders.S1: {'status': 'active', 'dst_hostname': 'c2'}
                    }
                },
                compute_nodes=clouds.nodes(('c1', 'c2'), 'c2'),
                disable_compute_nodes=True,
            ),
        )

    def test_glob_of_which_nothing_is_left(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: each compute host that 'c*' "
                'means is being emptied itself, disabled or down: name '
                'others',
                "storage_pools.0.dst_pool: each storage pool that 'h@b' "
                'means is being emptied itself: name others',
            ],
            self.faults(
                compute_nodes=clouds.nodes(('c[12]', 'c*')),
                storage_pools=clouds.pools(('h@b#*', 'h@b')),
            ),
        )

    def test_named_items_can_go_where_selectors_empty(self):
        found = clouds.select(
            self.seen,
            params={
                'vm': {
                    builders.S1: {'status': 'active', 'dst_hostname': 'c2'}
                },
                'volume': {
                    builders.V1: {
                        'status': 'available',
                        'dst_hostname': 'h@c#p3',
                    }
                },
            },
            compute_nodes=clouds.nodes('c2'),
            storage_pools=clouds.pools(('h@c#p3', 'h@b#p2')),
        )
        self.assertEqual('c2', found.servers[0].dst_hostname)
        self.assertEqual('h@c#p3', found.volumes[0].dst_hostname)
