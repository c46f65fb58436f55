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
import random
from unittest import mock

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.preflight import capacity
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import pool_capacity
from zone_migration.tests.unit.logic.builders import attached
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import in_use
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import pool
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server
from zone_migration.tests.unit.logic.builders import volume

REFUSE = decisions.Kind.REFUSE
SKIP = decisions.Kind.SKIP
INF = float('inf')


class CapacityTest(testtools.TestCase):
    def results(self, *items, pools, volumes=None, **more):
        if volumes is None:
            volumes = [volume(item.id) for item in items]
        return results(items, inventory((), volumes, pools=pools), **more)

    def test_volume_that_fits_is_sent(self):
        self.assertEqual(
            {'v': 'h@b#b'},
            self.results(available('v', 'h@b#b'), pools=[pool('h@b#b', 10.0)]),
        )

    def test_it_is_the_sum_that_has_to_fit(self):
        self.assertEqual(
            {
                'v': 'h@b#b',
                'w': (
                    REFUSE,
                    'no room: it needs 10 GB, 5 are left on h@b#b after the '
                    'others that go there: make room, or name another pool',
                ),
            },
            self.results(
                available('v', 'h@b#b'),
                available('w', 'h@b#b'),
                pools=[pool('h@b#b', 15.0)],
            ),
        )

    def test_what_leaves_a_pool_gives_no_capacity_back(self):
        result = self.results(
            available('v', 'h@b#b'),
            available('w', 'h@a#a'),
            volumes=[volume('v'), volume('w', 'h@b#b')],
            pools=[pool('h@a#a', 0.0), pool('h@b#b', 10.0)],
        )
        self.assertEqual('h@b#b', result['v'])
        self.assertEqual(REFUSE, result['w'][0])

    def test_pool_without_end_has_capacity_for_all(self):
        items = [available(str(n), 'h@b#b') for n in range(100)]
        self.assertEqual(
            {'h@b#b'},
            set(self.results(*items, pools=[pool('h@b#b', INF)]).values()),
        )

    def test_several_pools_are_filled_by_what_they_have_left(self):
        items = [available(str(n), 'h@b#b', 'h@c#c') for n in range(3)]
        result = self.results(
            *items,
            pools=[pool('h@a#a'), pool('h@b#b', 10.0), pool('h@c#c', 20.0)],
        )
        self.assertEqual(['h@b#b', 'h@c#c', 'h@c#c'], sorted(result.values()))

    def test_several_pools_without_capacity_are_refused(self):
        result = self.results(
            available('v', 'h@b#b', 'h@c#c'),
            pools=[pool('h@b#b', 1.0), pool('h@c#c', 2.0)],
        )
        self.assertIn(
            '2 are left on h@c#c, the roomiest of 2,', result['v'][1]
        )

    def test_backend_without_a_pool_has_the_capacity_of_its_pools(self):
        pools = [pool('h@b#b', 10.0), pool('h@b#c', 10.0)]
        items = [available(id_, 'h@b') for id_ in 'vwx']
        result = self.results(*items, pools=pools)
        self.assertEqual(['h@b', 'h@b'], [result['v'], result['w']])
        self.assertEqual(REFUSE, result['x'][0])


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


class LeftOutTest(testtools.TestCase):
    """Nothing stays that there is both capacity and quota for."""

    TYPES = ('fast', 'slow')

    def cloud(self, chance):
        """Two pools with little capacity, two projects with little quota."""
        pools = [
            pool(name, chance.randint(0, 30), chance.sample(self.TYPES, most))
            for name, most in (('h@b#b', 1), ('h@c#c', 2), ('h@d#d', 1))
        ]
        volumes = [
            volume(
                f'v{n}',
                size_gb=chance.randint(1, 15),
                project_id=chance.choice('pq'),
            )
            for n in range(chance.randint(2, 8))
        ]
        quotas = {
            (project, name): cloud_inventory.Quota(
                chance.choice([1, 2, 3, INF]), chance.choice([5, 10, 20, INF])
            )
            for project in 'pq'
            for name in self.TYPES
        }
        types = [resources.VolumeType(name) for name in ('gold', *self.TYPES)]
        pools.append(pool('h@a#a'))
        return inventory(
            (), volumes, pools=pools, volume_types=types, quotas=quotas
        )

    def left_out(self, chance):
        cloud = self.cloud(chance)
        items = [
            available(id_, dst_type=chance.choice(self.TYPES))
            for id_ in cloud.volumes
        ]
        left_gb = {p.name: p.free_gb for p in cloud.pools.values()}
        quotas = dict(cloud.quotas)
        stay = []
        for result in report(items, cloud).results:
            moved = cloud.volumes[result.item.id]
            key = moved.project_id, result.item.dst_type
            if not result.moves:
                stay.append((moved.size_gb, key))
                continue
            left_gb[result.decision.pool] -= moved.size_gb
            quotas[key] = cloud_inventory.Quota(
                quotas[key].volumes - 1,
                quotas[key].gigabytes - moved.size_gb,
            )
        self.assertGreaterEqual(min(left_gb.values()), 0)
        return [
            size
            for size, key in stay
            if quotas[key].volumes >= 1
            and quotas[key].gigabytes >= size
            and any(
                key[1] in p.types and left_gb[p.name] >= size
                for p in cloud.pools.values()
            )
        ]

    def test_nothing_that_fits_is_left_out(self):
        # Those whose capacity was taken for a while, and 100 others.
        for seed in (1766, 2401, 7101, 7747, 7997, *range(100)):
            self.assertEqual([], self.left_out(random.Random(seed)), seed)


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


class PoolTest(testtools.TestCase):
    def test_pool_that_does_not_serve_the_type_is_refused(self):
        cloud = inventory(
            (), [volume('v')], pools=[pool('h@b#b', types=('silver',))]
        )
        for names in (('h@b#b',), ('h@b#b', 'h@c#c')):
            self.assertEqual(
                {
                    'v': (
                        REFUSE,
                        'Volume type must be same for migrating: pool h@b#b '
                        'does not exist or does not serve type gold: name '
                        'one that does, or a type',
                    )
                },
                results([available('v', *names)], cloud),
            )

    def test_of_several_one_that_serves_it_is_chosen(self):
        cloud = inventory(
            (),
            [volume('v')],
            pools=[pool('h@b#b', 99.0, ('silver',)), pool('h@c#c', 10.0)],
        )
        self.assertEqual(
            {'v': 'h@c#c'},
            results([available('v', 'h@b#b', 'h@c#c')], cloud),
        )

    def test_volume_in_one_of_several_is_there(self):
        cloud = inventory((), [volume('v')])
        self.assertEqual(
            {'v': (SKIP, 'the volume is already on h@a#a')},
            results([available('v', 'h@b#b', 'h@a#a')], cloud),
        )

    def test_volume_without_a_type_goes_anywhere(self):
        cloud = inventory((), [volume('v', type=None)])
        self.assertEqual(
            {'v': 'h@b#b'}, results([available('v', 'h@b#b')], cloud)
        )


class AnywhereTest(testtools.TestCase):
    """An attached volume that no destination is asked for."""

    def cloud(self, *pools):
        return inventory(
            [server('s')],
            [attached('v', 's'), attached('w', 's')],
            pools=[pool('h@a#a'), *pools],
        )

    def pools(self, items, cloud, **more):
        return {
            result.item.id: (
                result.item.dst_hostname,
                result.decision.pool,
            )
            for result in report(items, cloud, **more).results
        }

    def test_action_chooses_the_pool_when_it_starts(self):
        self.assertEqual(
            {'v': ('', 'h@c#c')},
            self.pools(
                [in_use('v')],
                self.cloud(pool('h@b#b', 10.0), pool('h@c#c', 20.0)),
            ),
        )

    def test_all_of_them_have_to_fit(self):
        result = results(
            [in_use('v'), in_use('w')], self.cloud(pool('h@b#b', 15.0))
        )
        self.assertEqual('', result['v'])
        self.assertIn('10 GB, 5 are left on h@b#b', result['w'][1])

    def test_pool_is_told_when_others_are_being_emptied(self):
        self.assertEqual(
            {'v': ('h@b#b', 'h@b#b')},
            self.pools(
                [in_use('v')],
                self.cloud(pool('h@b#b', 10.0), pool('h@c#c', 20.0)),
                emptied_pools=('h@a#a', 'h@c#c'),
            ),
        )

    def test_no_other_pool_is_refused(self):
        self.assertEqual(
            {
                'v': (
                    REFUSE,
                    'no other pool with 10 GB free serves type gold: make '
                    'room, or name a type',
                )
            },
            results([in_use('v')], self.cloud()),
        )

    def test_only_pools_that_are_being_emptied_are_refused(self):
        self.assertEqual(
            {
                'v': (
                    REFUSE,
                    'every other pool that serves type gold is being '
                    'emptied: name a pool or a type',
                )
            },
            results(
                [in_use('v')],
                self.cloud(pool('h@b#b')),
                emptied_pools=('h@a#a', 'h@b#b'),
            ),
        )


class RetypeTest(testtools.TestCase):
    SILVER = pool('h@b#b', 15.0, ('silver',))

    def results(self, *items, volumes=None, pools=None, **more):
        cloud = inventory(
            [server('s')],
            volumes or [volume(item.id) for item in items],
            pools=[pool('h@a#a'), self.SILVER] if pools is None else pools,
            **more,
        )
        return results(items, cloud)

    def test_volume_that_fits_is_retyped(self):
        self.assertEqual(
            {'v': ''}, self.results(available('v', dst_type='silver'))
        )

    def test_attached_volume_is_retyped(self):
        self.assertEqual(
            {'v': ''},
            self.results(
                in_use('v', dst_type='silver'), volumes=[attached('v', 's')]
            ),
        )

    def expected(self, *pools, **more):
        """The pool that the retype of a volume is expected to go to."""
        (result,) = report(
            [available('v', dst_type='silver')],
            inventory((), [volume('v', **more)], pools=pools),
        ).results
        return result.decision.pool

    def test_pool_with_capacity_is_expected(self):
        self.assertEqual(
            'h@c#c',
            self.expected(
                pool('h@a#a'),
                pool('h@b#b', 5.0, ('silver',)),
                pool('h@c#c', 15.0, ('silver',)),
            ),
        )

    def test_retype_in_place_is_expected_nowhere(self):
        for host in ('h@a#a', 'h@a'):
            self.assertEqual(
                '',
                self.expected(
                    pool('h@a#a', 0.0, ('gold', 'silver')),
                    pool('h@b#b', 15.0, ('silver',)),
                    host=host,
                ),
            )

    def test_pools_of_the_type_need_capacity_for_all(self):
        result = self.results(
            available('v', dst_type='silver'),
            available('w', dst_type='silver'),
        )
        self.assertEqual('', result['v'])
        self.assertIn('10 GB, 5 are left on h@b#b', result['w'][1])

    def test_retype_in_place_needs_no_capacity(self):
        self.assertEqual(
            {'v': ''},
            self.results(
                available('v', dst_type='silver'),
                pools=[pool('h@a#a', 0.0, ('gold', 'silver'))],
            ),
        )

    def test_type_that_does_not_suit_is_refused(self):
        for one, more, reason in (
            (volume('v', encrypted=True), {}, 'is encrypted'),
            (volume('v'), {'snapshots': {'v': 2}}, 'has snapshots (2)'),
            (volume('v', replicated=True), {}, 'is replicated'),
            (volume('v'), {'pools': [pool('h@a#a')]}, 'no pool serves it'),
        ):
            result = self.results(
                available('v', dst_type='silver'), volumes=[one], **more
            )
            self.assertEqual(REFUSE, result['v'][0])
            self.assertIn(reason, result['v'][1])

    def test_attached_volume_that_it_does_not_suit_is_refused(self):
        result = self.results(
            in_use('v', dst_type='silver'),
            volumes=[attached('v', 's', encrypted=True)],
        )
        self.assertIn('is encrypted', result['v'][1])

    def test_unknown_type_is_refused(self):
        self.assertEqual(
            {
                'v': (
                    REFUSE,
                    'volume type lead not found: name one that exists',
                )
            },
            self.results(available('v', dst_type='lead')),
        )


class ZoneTest(testtools.TestCase):
    def test_pool_of_another_zone_is_no_place_for_a_retype(self):
        pools = [
            pool('h@a#a'),
            pool('h@b#b', 1.0, ('silver',), zone='z1'),
            pool('h@c#c', 99.0, ('silver',), zone='z2'),
        ]
        result = results(
            [available('v', dst_type='silver')],
            inventory((), [volume('v', zone='z1')], pools=pools),
        )
        self.assertIn('1 are left on h@b#b after', result['v'][1])


class QuotaTest(testtools.TestCase):
    def results(self, *items, quota, volumes=None, pools=(), **more):
        cloud = inventory(
            (),
            volumes or [volume(item.id) for item in items],
            pools=pools
            or [pool('h@a#a'), pool('h@b#b', INF, ('gold', 'silver'))],
            quotas={('p', 'silver'): quota},
            **more,
        )
        return results(items, cloud)

    def test_volume_within_the_quota_is_retyped(self):
        self.assertEqual(
            {'v': ''},
            self.results(
                available('v', dst_type='silver'),
                quota=cloud_inventory.Quota(1, 10),
            ),
        )

    def test_gigabytes_of_all_together_count(self):
        self.assertEqual(
            {
                'v': '',
                'w': (
                    REFUSE,
                    'project p has no quota for type silver: it needs 10 of '
                    'gigabytes_silver, 5 are left after the others: raise it',
                ),
            },
            self.results(
                available('v', dst_type='silver'),
                available('w', dst_type='silver'),
                quota=cloud_inventory.Quota(gigabytes=15),
            ),
        )

    def test_number_of_all_together_counts(self):
        result = self.results(
            available('v', dst_type='silver'),
            available('w', dst_type='silver'),
            quota=cloud_inventory.Quota(volumes=1),
            projects={'p': 'web'},
        )
        self.assertEqual(
            (
                REFUSE,
                'project web has no quota for type silver: it needs 1 of '
                'volumes_silver, 0 are left after the others: raise it',
            ),
            result['w'],
        )

    def test_small_volumes_get_their_share_first(self):
        result = self.results(
            available('large', dst_type='silver'),
            available('small', dst_type='silver'),
            volumes=[volume('large', size_gb=10), volume('small', size_gb=1)],
            quota=cloud_inventory.Quota(gigabytes=10),
        )
        self.assertEqual('', result['small'])
        self.assertEqual(REFUSE, result['large'][0])

    #: One GB too few for a copy in b, where a retype in place is possible.
    TIGHT = [pool('h@a#a'), pool('h@b#b', 9.0, ('gold', 'silver'))]

    def test_volume_without_capacity_takes_nothing_from_others(self):
        result = self.results(
            available('copied', dst_type='silver'),
            available('in place', dst_type='silver'),
            volumes=[
                volume('copied'),
                volume('in place', 'h@b#b', size_gb=20),
            ],
            quota=cloud_inventory.Quota(volumes=1),
            pools=self.TIGHT,
        )
        self.assertEqual('', result['in place'])
        self.assertIn('no room', result['copied'][1])

    def test_nor_does_one_that_others_leave_no_capacity(self):
        ids = [str(n) for n in range(6)]
        result = self.results(
            *(available(id_, dst_type='silver') for id_ in (*ids, 'last')),
            volumes=[
                *(volume(id_, size_gb=4) for id_ in ids),
                volume('last', 'h@b#b', size_gb=20),
            ],
            quota=cloud_inventory.Quota(volumes=3),
            pools=self.TIGHT,
        )
        self.assertEqual(
            ['0', '1', 'last'],
            [id_ for id_, found in result.items() if found == ''],
        )

    def test_many_without_capacity_cost_no_more(self):
        def asked(count):
            """How often capacity is looked for."""
            with mock.patch.object(
                capacity,
                'allocate',
                autospec=True,
                side_effect=capacity.allocate,
            ) as fill:
                self.results(
                    *(
                        available(str(n), dst_type='silver')
                        for n in range(count)
                    ),
                    quota=cloud_inventory.Quota(volumes=1),
                    pools=[pool('h@a#a'), pool('h@b#b', 9.0, ('silver',))],
                )
            return fill.call_count

        self.assertEqual(asked(2), asked(50))

    def test_migration_needs_none(self):
        self.assertEqual(
            {'v': 'h@b#b'},
            self.results(
                available('v', 'h@b#b'), quota=cloud_inventory.Quota(0, 0)
            ),
        )

    def test_other_projects_do_not_count(self):
        self.assertEqual(
            {'v': ''},
            self.results(
                available('v', dst_type='silver'),
                volumes=[volume('v', project_id='q')],
                quota=cloud_inventory.Quota(0, 0),
            ),
        )
