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


def arrival(id_, *places, needs=(1.0,), **more):
    return capacity.Arrival(id_, places, needs, **more)


def fill(arrivals, free, spots=()):
    return capacity.fill(
        arrivals,
        {
            place: figures if isinstance(figures, tuple) else (figures,)
            for place, figures in free.items()
        },
        dict(spots),
    )


class FillTest(testtools.TestCase):
    def test_what_fits_has_a_place(self):
        filled = fill([arrival('x', 'a', needs=(3.0,))], {'a': 3.0})
        self.assertEqual({'x': 'a'}, filled.placed)
        self.assertEqual({'a': (0.0,)}, filled.left)

    def test_what_does_not_fit_has_none(self):
        filled = fill([arrival('x', 'a', needs=(3.0,))], {'a': 2.9})
        self.assertEqual({}, filled.placed)
        self.assertEqual({'a': (2.9,)}, filled.left)

    def test_every_measure_counts(self):
        for free in ((1.0, 5.0), (5.0, 1.0)):
            filled = fill([arrival('x', 'a', needs=(2.0, 2.0))], {'a': free})
            self.assertEqual({}, filled.placed)

    def test_place_that_is_not_known_has_room(self):
        filled = fill([arrival('x', 'a', needs=(1e9,))], {})
        self.assertEqual({'x': 'a'}, filled.placed)

    def test_all_of_them_together_have_to_fit(self):
        arrivals = [arrival(id_, 'a', needs=(2.0,)) for id_ in 'xyz']
        self.assertEqual(2, len(fill(arrivals, {'a': 5.0}).placed))

    def test_the_roomiest_place_is_chosen(self):
        filled = fill([arrival('x', 'a', 'b')], {'a': 4.0, 'b': 5.0})
        self.assertEqual('b', filled.placed['x'])

    def test_places_fill_evenly_by_the_share_that_is_left(self):
        arrivals = [arrival(str(n), 'a', 'b') for n in range(30)]
        filled = fill(arrivals, {'a': 20.0, 'b': 40.0})
        self.assertEqual({'a': (10.0,), 'b': (20.0,)}, filled.left)

    def test_places_without_end_take_turns(self):
        arrivals = [arrival(str(n), 'a', 'b') for n in range(4)]
        inf = float('inf')
        filled = fill(arrivals, {'a': inf, 'b': inf})
        self.assertEqual(['a', 'b', 'a', 'b'], list(filled.placed.values()))

    def test_large_ones_do_not_find_the_places_in_pieces(self):
        arrivals = [
            arrival('small', 'a', 'b', needs=(1.0,)),
            arrival('other', 'a', 'b', needs=(1.0,)),
            arrival('large', 'a', 'b', needs=(4.0,)),
        ]
        self.assertEqual(3, len(fill(arrivals, {'a': 4.0, 'b': 4.0}).placed))

    def test_nor_when_not_all_fit(self):
        arrivals = [
            arrival('small', 'a', 'b', needs=(1.0,)),
            arrival('other', 'a', 'b', needs=(1.0,)),
            arrival('large', 'a', 'b', needs=(4.0,)),
            arrival('never', 'a', 'b', needs=(9.0,)),
        ]
        self.assertEqual(
            {'small', 'other', 'large'},
            set(fill(arrivals, {'a': 4.0, 'b': 4.0}).placed),
        )

    def test_few_are_left_behind(self):
        arrivals = [
            arrival('large', 'a', needs=(4.0,)),
            *(arrival(f'small{n}', 'a', needs=(1.0,)) for n in range(4)),
        ]
        self.assertEqual(
            {'small0', 'small1', 'small2', 'small3'},
            set(fill(arrivals, {'a': 4.0}).placed),
        )

    def test_higher_ranks_are_served_first_all_the_same(self):
        arrivals = [
            *(
                arrival(f'small{n}', 'a', needs=(1.0,), rank=1)
                for n in range(4)
            ),
            arrival('large', 'a', needs=(4.0,), rank=0),
        ]
        self.assertEqual({'large': 'a'}, fill(arrivals, {'a': 4.0}).placed)


class LeavingTest(testtools.TestCase):
    def test_what_leaves_makes_room(self):
        filled = fill(
            [arrival('x', 'b', leaves='a'), arrival('y', 'a', leaves='b')],
            {'a': 0.0, 'b': 1.0},
        )
        self.assertEqual({'x': 'b', 'y': 'a'}, filled.placed)

    def test_in_whatever_order_they_come(self):
        filled = fill(
            [
                arrival('1', 'b', leaves='a'),
                arrival('2', 'c', leaves='b'),
                arrival('3', 'd', leaves='c'),
            ],
            {'b': 0.0, 'c': 0.0, 'd': 1.0},
        )
        self.assertEqual(3, len(filled.placed))

    def test_what_stays_makes_none(self):
        filled = fill(
            [arrival('x', 'b', leaves='a'), arrival('y', 'a', leaves='b')],
            {'a': 0.0, 'b': 0.0},
        )
        self.assertEqual({}, filled.placed)

    def test_behind_one_that_never_fits_others_do(self):
        filled = fill(
            [
                arrival('large', 'a', needs=(9.0, 9.0)),
                arrival('between', 'a', needs=(2.0, 2.0)),
                arrival('small', 'a', needs=(1.0, 9.0)),
                arrival('mover', 'b', needs=(2.0, 2.0), leaves='a', rank=1),
            ],
            {'a': (0.0, 0.0), 'b': (2.0, 2.0)},
        )
        self.assertEqual({'mover', 'between'}, set(filled.placed))

    def test_one_that_waits_for_two_places_goes_to_one(self):
        filled = fill(
            [
                arrival('x', 'a', 'b', needs=(3.0,)),
                arrival('from a', 'c', needs=(2.0,), leaves='a'),
                arrival('from b', 'c', needs=(2.0,), leaves='b'),
                arrival('y', 'b', needs=(1.0,)),
            ],
            {'a': 1.0, 'b': 1.0},
        )
        self.assertEqual(
            {'x': 'a', 'from a': 'c', 'from b': 'c', 'y': 'b'}, filled.placed
        )

    def test_looks_grow_with_the_number_of_arrivals(self):
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

            arrivals = [
                arrival(f'{source}{n}', dest, leaves=source)
                for source, dest in (('a', 'b'), ('b', 'a'))
                for n in range(count)
            ]
            if late:
                arrivals.append(arrival('first', 'c', leaves='b', rank=1))
            filled = fill(
                arrivals, {'a': Figure(0.0), 'b': Figure(0.0 if late else 1.0)}
            )
            self.assertEqual(len(arrivals), len(filled.placed))
            return looked

        for late in (False, True):
            few, many = looks(100, late), looks(1000, late)
            self.assertLess(0, few)
            self.assertLessEqual(many, 11 * few)


class SpotsTest(testtools.TestCase):
    def test_place_takes_only_so_many_of_a_kind(self):
        arrivals = [
            arrival('x', 'a', kind='g'),
            arrival('y', 'a', kind='g'),
            arrival('z', 'a'),
        ]
        filled = fill(arrivals, {}, {('a', 'g'): 1})
        self.assertEqual({'x', 'z'}, set(filled.placed))
        self.assertEqual({('a', 'g'): 0}, filled.spots)

    def test_they_are_spread(self):
        arrivals = [
            arrival(id_, 'a', 'b', kind='g') for id_ in ('x', 'y')
        ]
        filled = fill(arrivals, {}, {('a', 'g'): 1, ('b', 'g'): 1})
        self.assertEqual({'x': 'a', 'y': 'b'}, filled.placed)


class ShortageTest(testtools.TestCase):
    def test_measure_that_is_short_is_told(self):
        one = arrival('x', 'a', needs=(2.0, 2.0))
        for free, measure in (((1.0, 5.0), 0), ((5.0, 1.0), 1)):
            self.assertEqual(
                capacity.Shortage('a', measure),
                capacity.shortage(one, fill([one], {'a': free})),
            )

    def test_of_several_places_the_roomiest_is_told(self):
        one = arrival('x', 'a', 'b', 'c', needs=(9.0,))
        filled = fill([one], {'a': 4.0, 'b': 5.0, 'c': 3.0})
        self.assertEqual(
            capacity.Shortage('b', 0), capacity.shortage(one, filled)
        )

    def test_place_that_takes_no_more_of_a_kind_is_short_of_nothing(self):
        one = arrival('x', 'a', kind='g')
        filled = fill([one], {'a': 9.0}, {('a', 'g'): 0})
        self.assertEqual(
            capacity.Shortage('a', None), capacity.shortage(one, filled)
        )
