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

import random

import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.preflight import decisions
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


class PoolTest(testtools.TestCase):
    def test_pool_that_does_not_serve_the_type_is_refused(self):
        cloud = inventory(
            (),
            [volume('v')],
            pools=[pool(f'h@{n}#{n}', types=('silver',)) for n in 'bc'],
        )
        for names in (('h@b#b',), ('h@b#b', 'h@c#c')):
            self.assertEqual(
                {
                    'v': (
                        REFUSE,
                        'Volume type must be same for migrating: pool h@b#b '
                        'does not serve type gold: name one that does, or a '
                        'type',
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


class BackendTest(testtools.TestCase):
    """A volume whose host names its backend without a pool."""

    def results(self, *items, **more):
        cloud = inventory((), [volume('v', 'h@b')], **more)
        return results(items, cloud)

    def test_pool_of_the_backend_that_is_named_is_a_destination(self):
        for names in (('h@b#b',), ('h@b#b', 'h@b#c')):
            self.assertEqual(
                {'v': 'h@b#b'},
                self.results(
                    available('v', *names),
                    pools=[pool('h@b#b'), pool('h@b#c', 20.0)],
                ),
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
