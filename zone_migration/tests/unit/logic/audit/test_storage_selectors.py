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


class SourcesTest(clouds.SelectionTest):
    def test_backend_means_all_its_pools(self):
        found = clouds.select(
            clouds.inventory(volumes=[clouds.volume('a', 'h@c#p3')]),
            storage_pools=clouds.pools(('h@c', 'h@b')),
        )
        self.assertEqual(('h@b#p1', 'h@b#p2'), found.volumes[0].destinations)

    def test_volume_without_a_pool_does_not_change_what_a_backend_means(self):
        # Older than pools, or of a driver that was without any.
        seen = clouds.inventory(
            volumes=[
                clouds.volume('a', 'h@b#p1'),
                clouds.volume('b', 'h@b#p2'),
                clouds.volume('c', 'h@b'),
                clouds.volume('d', 'h@c#p3'),
            ]
        )
        self.assertEqual(
            ['a', 'b', 'c'],
            self.volumes(seen, storage_pools=clouds.pools(('h@b', 'h@c#p3'))),
        )

    def test_pool_that_cinder_does_not_show_can_be_a_source(self):
        seen = clouds.inventory(
            volumes=[clouds.volume('a', 'h@down#p')], pools=['h@c#p3']
        )
        self.assertEqual(
            ['a'],
            self.volumes(
                seen, storage_pools=clouds.pools(('h@down#p', 'h@c#p3'))
            ),
        )


class StorageFaultsTest(clouds.FaultsTest):
    def test_volume_type_that_does_not_exist(self):
        self.assertEqual(
            [
                "storage_pools.0.src_type: there is no volume type 'a'; "
                'there are fast, slow',
                "storage_pools.0.dst_type: there is no volume type 'b'; "
                'there are fast, slow',
            ],
            self.faults(
                storage_pools=[
                    {
                        'src_pool': 'h@b#p1',
                        'src_type': 'a',
                        'dst_type': 'b',
                    }
                ]
            ),
        )

    def test_named_volume_that_goes_to_a_backend_without_another_pool(self):
        self.assertEqual(
            [
                f'params.volume.{builders.V1}.dst_hostname: each pool of '
                "'h@c' is being emptied itself, by storage_pools.0: name a "
                'pool',
            ],
            self.faults(
                params={
                    'volume': {
                        builders.V1: {
                            'status': 'available',
                            'dst_hostname': 'h@c',
                        }
                    },
                },
                storage_pools=clouds.pools(('h@c#p3', 'h@b#p2')),
            ),
        )

    def test_named_volume_can_go_where_another_type_leaves(self):
        found = clouds.select(
            self.seen,
            params={
                'volume': {
                    builders.V1: {
                        'status': 'available',
                        'dst_hostname': 'h@c#p3',
                    }
                }
            },
            storage_pools=clouds.pools(('h@c#p3', 'h@b#p2'), src_type='slow'),
        )
        self.assertEqual(
            [builders.V1, 'v'], [item.id for item in found.volumes]
        )

    def test_named_volume_can_go_to_a_backend_with_another_pool(self):
        found = clouds.select(
            self.seen,
            params={
                'volume': {
                    builders.V1: {'status': 'available', 'dst_hostname': 'h@b'}
                }
            },
            storage_pools=clouds.pools(('h@b#p2', 'h@c#p3')),
        )
        self.assertEqual('h@b', found.volumes[0].dst_hostname)
