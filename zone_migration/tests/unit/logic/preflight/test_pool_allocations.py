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

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import resources
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import pool_capacity
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import pool
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import volume

REFUSE = decisions.Kind.REFUSE
INF = float('inf')


class ThickTest(testtools.TestCase):
    """Pools that may be promised several times, but not to thick volumes."""

    def results(self, *items, free_gb=1000.0, thick_free_gb=25.0, **more):
        pools = [
            pool(
                'h@b#b',
                free_gb,
                ('gold', 'thick'),
                thick_free_gb,
                ('thick',),
            )
        ]
        volumes = [
            volume(item.id, type='thick' if 't' in item.id else 'gold')
            for item in items
        ]
        types = [resources.VolumeType(name) for name in ('gold', 'thick')]
        return results(
            items,
            inventory((), volumes, pools=pools, volume_types=types),
            **more,
        )

    def test_thick_volumes_get_what_is_free(self):
        result = self.results(*(available(f't{n}', 'h@b#b') for n in range(3)))
        self.assertEqual(['h@b#b', 'h@b#b'], [result['t0'], result['t1']])
        self.assertIn('10 GB, 5 are left on h@b#b', result['t2'][1])

    def test_others_get_what_may_be_promised(self):
        items = [available(f'v{n}', 'h@b#b') for n in range(100)]
        self.assertEqual({'h@b#b'}, set(self.results(*items).values()))

    def test_others_leave_less_for_thick_ones(self):
        result = self.results(
            available('t0', 'h@b#b'),
            available('t1', 'h@b#b'),
            available('v', 'h@b#b'),
        )
        self.assertEqual('h@b#b', result['v'])
        self.assertEqual(
            {'h@b#b', REFUSE},
            {result['t0'], result['t1'][0]},
        )

    def test_retype_to_a_thick_type_needs_what_is_free(self):
        result = self.results(
            available('v', dst_type='thick'), thick_free_gb=5.0
        )
        self.assertIn('10 GB, 5 are left on h@b#b', result['v'][1])

    def test_retype_of_a_thick_volume_needs_what_may_be_promised(self):
        result = self.results(
            available('t', dst_type='gold'), thick_free_gb=0.0
        )
        self.assertEqual({'t': ''}, result)


#: Pools that are promised several times, not at all, or too often already.
CAPACITIES = st.builds(
    pool_capacity.Capacity,
    total_gb=st.sampled_from([0.0, 50.0, 100.0, INF]),
    free_gb=st.sampled_from([0.0, 12.5, 50.0, 100.0, INF]),
    provisioned_gb=st.sampled_from([0.0, 40.0, 80.0, 150.0]),
    reserved_percent=st.sampled_from([0, 10, 50]),
    thin=st.booleans(),
    ratio=st.sampled_from([0.5, 1.0, 1.5, 20.0]),
)


class AnyPoolsTest(testtools.TestCase):
    @hypothesis.given(
        st.lists(CAPACITIES, min_size=1, max_size=3),
        st.lists(
            st.tuples(
                st.sampled_from(['gold', 'thick']),
                st.sampled_from([1, 7, 20, 60]),
            ),
            min_size=1,
            max_size=12,
        ),
        st.randoms(use_true_random=False),
    )
    def test_all_that_is_sent_is_taken_in_any_order(
        self, capacities, volumes, chance
    ):
        told = {f'h@b#p{n}': c for n, c in enumerate(capacities)}
        pools = [
            pool(
                name,
                pool_capacity.left_gb(capacity),
                ('gold', 'thick'),
                pool_capacity.left_gb(capacity, thick=True),
                ('thick',),
            )
            for name, capacity in told.items()
        ]
        cloud = inventory(
            (),
            [
                volume(f'v{n}', type=type_, size_gb=size)
                for n, (type_, size) in enumerate(volumes)
            ],
            pools=pools,
            volume_types=[resources.VolumeType(n) for n in ('gold', 'thick')],
        )
        result = results(
            [available(id_, *told) for id_ in cloud.volumes], cloud
        )
        sent = [id_ for id_, place in result.items() if place in told]
        chance.shuffle(sent)
        for id_ in sent:
            moved = cloud.volumes[id_]
            capacity = told[result[id_]]
            self.assertLessEqual(
                moved.size_gb,
                pool_capacity.left_gb(capacity, moved.type == 'thick'),
            )
            told[result[id_]] = dataclasses.replace(
                capacity,
                free_gb=capacity.free_gb - moved.size_gb,
                provisioned_gb=capacity.provisioned_gb + moved.size_gb,
            )
        for id_ in result.keys() - set(sent):
            stays = cloud.volumes[id_]
            for capacity in told.values():
                if stays.type == 'thick' or not any(
                    cloud.volumes[i].type == 'thick' for i in sent
                ):
                    self.assertGreater(
                        stays.size_gb,
                        pool_capacity.left_gb(capacity, stays.type == 'thick'),
                    )
