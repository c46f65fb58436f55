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

import testtools

from zone_migration.logic.preflight import capacity


def request(id_, *candidates, needs=(1.0,), **more):
    return capacity.Request(id_, candidates, needs, **more)


def allocate(requests, free, spots=()):
    return capacity.allocate(
        requests,
        {
            candidate: amounts if isinstance(amounts, tuple) else (amounts,)
            for candidate, amounts in free.items()
        },
        dict(spots),
    )


class AllocateTest(testtools.TestCase):
    def test_what_fits_gets_an_allocation(self):
        allocations = allocate([request('x', 'a', needs=(3.0,))], {'a': 3.0})
        self.assertEqual({'x': 'a'}, allocations.destinations)
        self.assertEqual({'a': (0.0,)}, allocations.left)

    def test_what_does_not_fit_gets_none(self):
        allocations = allocate([request('x', 'a', needs=(3.0,))], {'a': 2.9})
        self.assertEqual({}, allocations.destinations)
        self.assertEqual({'a': (2.9,)}, allocations.left)

    def test_every_resource_class_counts(self):
        for free in ((1.0, 5.0), (5.0, 1.0)):
            allocations = allocate(
                [request('x', 'a', needs=(2.0, 2.0))], {'a': free}
            )
            self.assertEqual({}, allocations.destinations)

    def test_candidate_of_unknown_capacity_has_enough(self):
        allocations = allocate([request('x', 'a', needs=(1e9,))], {})
        self.assertEqual({'x': 'a'}, allocations.destinations)

    def test_all_of_them_together_have_to_fit(self):
        requests = [request(id_, 'a', needs=(2.0,)) for id_ in 'xyz']
        self.assertEqual(2, len(allocate(requests, {'a': 5.0}).destinations))

    def test_candidate_with_most_left_is_chosen(self):
        allocations = allocate([request('x', 'a', 'b')], {'a': 4.0, 'b': 5.0})
        self.assertEqual('b', allocations.destinations['x'])

    def test_candidates_fill_evenly_by_the_share_that_is_left(self):
        requests = [request(str(n), 'a', 'b') for n in range(30)]
        allocations = allocate(requests, {'a': 20.0, 'b': 40.0})
        self.assertEqual({'a': (10.0,), 'b': (20.0,)}, allocations.left)

    def test_unlimited_candidates_take_turns(self):
        requests = [request(str(n), 'a', 'b') for n in range(4)]
        inf = float('inf')
        allocations = allocate(requests, {'a': inf, 'b': inf})
        self.assertEqual(
            ['a', 'b', 'a', 'b'], list(allocations.destinations.values())
        )

    def test_large_ones_do_not_find_the_capacity_in_pieces(self):
        requests = [
            request('small', 'a', 'b', needs=(1.0,)),
            request('other', 'a', 'b', needs=(1.0,)),
            request('large', 'a', 'b', needs=(4.0,)),
        ]
        self.assertEqual(
            3, len(allocate(requests, {'a': 4.0, 'b': 4.0}).destinations)
        )

    def test_nor_when_not_all_fit(self):
        requests = [
            request('small', 'a', 'b', needs=(1.0,)),
            request('other', 'a', 'b', needs=(1.0,)),
            request('large', 'a', 'b', needs=(4.0,)),
            request('never', 'a', 'b', needs=(9.0,)),
        ]
        self.assertEqual(
            {'small', 'other', 'large'},
            set(allocate(requests, {'a': 4.0, 'b': 4.0}).destinations),
        )

    def test_few_are_left_behind(self):
        requests = [
            request('large', 'a', needs=(4.0,)),
            *(request(f'small{n}', 'a', needs=(1.0,)) for n in range(4)),
        ]
        self.assertEqual(
            {'small0', 'small1', 'small2', 'small3'},
            set(allocate(requests, {'a': 4.0}).destinations),
        )

    def test_higher_ranks_are_served_first_all_the_same(self):
        requests = [
            *(
                request(f'small{n}', 'a', needs=(1.0,), rank=1)
                for n in range(4)
            ),
            request('large', 'a', needs=(4.0,), rank=0),
        ]
        self.assertEqual(
            {'large': 'a'}, allocate(requests, {'a': 4.0}).destinations
        )


class LeavingTest(testtools.TestCase):
    def test_what_leaves_gives_its_capacity_back(self):
        allocations = allocate(
            [request('x', 'b', source='a'), request('y', 'a', source='b')],
            {'a': 0.0, 'b': 1.0},
        )
        self.assertEqual({'x': 'b', 'y': 'a'}, allocations.destinations)

    def test_in_whatever_order_they_come(self):
        allocations = allocate(
            [
                request('1', 'b', source='a'),
                request('2', 'c', source='b'),
                request('3', 'd', source='c'),
            ],
            {'b': 0.0, 'c': 0.0, 'd': 1.0},
        )
        self.assertEqual(3, len(allocations.destinations))

    def test_what_stays_gives_none_back(self):
        allocations = allocate(
            [request('x', 'b', source='a'), request('y', 'a', source='b')],
            {'a': 0.0, 'b': 0.0},
        )
        self.assertEqual({}, allocations.destinations)

    def test_behind_one_that_never_fits_others_do(self):
        allocations = allocate(
            [
                request('large', 'a', needs=(9.0, 9.0)),
                request('between', 'a', needs=(2.0, 2.0)),
                request('small', 'a', needs=(1.0, 9.0)),
                request('mover', 'b', needs=(2.0, 2.0), source='a', rank=1),
            ],
            {'a': (0.0, 0.0), 'b': (2.0, 2.0)},
        )
        self.assertEqual({'mover', 'between'}, set(allocations.destinations))

    def test_one_that_waits_for_two_candidates_goes_to_one(self):
        allocations = allocate(
            [
                request('x', 'a', 'b', needs=(3.0,)),
                request('from a', 'c', needs=(2.0,), source='a'),
                request('from b', 'c', needs=(2.0,), source='b'),
                request('y', 'b', needs=(1.0,)),
            ],
            {'a': 1.0, 'b': 1.0},
        )
        self.assertEqual(
            {'x': 'a', 'from a': 'c', 'from b': 'c', 'y': 'b'},
            allocations.destinations,
        )

    def test_looks_grow_with_the_number_of_requests(self):
        """Two full hosts exchange what they have, one by one."""

        def looks(count, late):
            looked = 0

            class Figure(float):
                def __ge__(self, other):
                    nonlocal looked
                    looked += 1
                    return float.__ge__(self, other)

                def __add__(self, other):
                    return Figure(float.__add__(self, other))

            requests = [
                request(f'{source}{n}', dest, source=source)
                for source, dest in (('a', 'b'), ('b', 'a'))
                for n in range(count)
            ]
            if late:
                requests.append(request('first', 'c', source='b', rank=1))
            allocations = allocate(
                requests, {'a': Figure(0.0), 'b': Figure(0.0 if late else 1.0)}
            )
            self.assertEqual(len(requests), len(allocations.destinations))
            return looked

        for late in (False, True):
            few, many = looks(100, late), looks(1000, late)
            self.assertLess(0, few)
            self.assertLessEqual(many, 11 * few)


class SpotsTest(testtools.TestCase):
    def test_candidate_takes_only_so_many_of_a_group(self):
        requests = [
            request('x', 'a', group='g'),
            request('y', 'a', group='g'),
            request('z', 'a'),
        ]
        allocations = allocate(requests, {}, {('a', 'g'): 1})
        self.assertEqual({'x', 'z'}, set(allocations.destinations))
        self.assertEqual({('a', 'g'): 0}, allocations.spots)

    def test_they_are_spread(self):
        requests = [request(id_, 'a', 'b', group='g') for id_ in ('x', 'y')]
        allocations = allocate(requests, {}, {('a', 'g'): 1, ('b', 'g'): 1})
        self.assertEqual({'x': 'a', 'y': 'b'}, allocations.destinations)


class ShortageTest(testtools.TestCase):
    def test_resource_class_that_is_short_is_told(self):
        one = request('x', 'a', needs=(2.0, 2.0))
        for free, resource_class in (((1.0, 5.0), 0), ((5.0, 1.0), 1)):
            self.assertEqual(
                capacity.Shortage('a', resource_class),
                capacity.shortage(one, allocate([one], {'a': free})),
            )

    def test_of_several_candidates_the_one_with_most_left_is_told(self):
        one = request('x', 'a', 'b', 'c', needs=(9.0,))
        allocations = allocate([one], {'a': 4.0, 'b': 5.0, 'c': 3.0})
        self.assertEqual(
            capacity.Shortage('b', 0), capacity.shortage(one, allocations)
        )

    def test_candidate_that_takes_no_more_of_a_group_is_short_of_nothing(self):
        one = request('x', 'a', group='g')
        allocations = allocate([one], {'a': 9.0}, {('a', 'g'): 0})
        self.assertEqual(
            capacity.Shortage('a', None), capacity.shortage(one, allocations)
        )
