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

import threading

import testtools

from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import requirements


class SlotsOfTest(testtools.TestCase):
    def test_server_move_occupies_both_hosts_and_the_server(self):
        self.assertEqual(
            (('node', 'from', 'c1'), ('node', 'to', 'c2'), ('resource', 's')),
            requirements.slots_of(
                'cold_migration',
                {'resource_id': 's', 'source': 'c1', 'dst_hostname': 'c2'},
            ),
        )

    def test_live_migration_is_in_the_queue_of_its_source_too(self):
        self.assertEqual(
            (('node', 'from', 'c1'), ('resource', 's'), ('queue', 'c1')),
            requirements.slots_of(
                'live_migration', {'resource_id': 's', 'source': 'c1'}
            ),
        )

    def test_watchers_own_migrate_occupies_the_same(self):
        self.assertEqual(
            (
                ('node', 'from', 'c1'),
                ('node', 'to', 'c2'),
                ('resource', 's'),
            ),
            requirements.slots_of(
                'migrate',
                {
                    'resource_id': 's',
                    'source_node': 'c1',
                    'destination_node': 'c2',
                },
            ),
        )

    def test_volume_move_occupies_both_pools_the_volume_and_its_server(self):
        self.assertEqual(
            (
                ('pool', 'from', 'h@a#a'),
                ('pool', 'to', 'h@b#b'),
                ('resource', 'v'),
                ('resource', 's'),
            ),
            requirements.slots_of(
                'volume_update',
                {
                    'resource_id': 'v',
                    'server_id': 's',
                    'source': 'h@a#a',
                    'dst_hostname': 'h@b#b',
                },
            ),
        )

    def test_retype_occupies_the_pool_that_is_expected(self):
        for action_type in ('volume_retype', 'volume_update'):
            self.assertEqual(
                (
                    ('pool', 'from', 'h@a#a'),
                    ('pool', 'to', 'h@b#b'),
                    ('resource', 'v'),
                ),
                requirements.slots_of(
                    action_type,
                    {
                        'resource_id': 'v',
                        'source': 'h@a#a',
                        'dst_type': 'silver',
                        'expected_pool': 'h@b#b',
                    },
                ),
            )

    def test_place_that_is_not_known_is_not_occupied(self):
        self.assertEqual(
            (('resource', 's'),),
            requirements.slots_of(
                'live_migration',
                {'resource_id': 's', 'source': '', 'dst_hostname': None},
            ),
        )

    def test_foreign_action_occupies_its_resource_only(self):
        self.assertEqual(
            (('resource', 'r'),),
            requirements.slots_of(
                'resize', {'resource_id': 'r', 'source': 'c1'}
            ),
        )

    def test_action_without_parameters_occupies_nothing(self):
        self.assertEqual((), requirements.slots_of('nop', {}))


def to(pool):
    return 'pool', 'to', pool


class SlotsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()

    def test_what_is_taken_is_counted_until_it_is_given_back(self):
        self.slots.occupy([('a',), ('b',)])
        self.slots.occupy([('a',)])
        self.slots.release([('a',), ('b',)])
        self.assertEqual(1, self.slots.used(('a',)))
        self.assertEqual(0, self.slots.used(('b',)))

    def test_who_watches_is_told_once(self):
        notes = {}
        self.slots.occupy([('a',), ('a',), ('b',)])
        self.slots.watch(('a',), notes)
        self.slots.release([('b',)])
        self.assertEqual({}, notes)
        self.slots.release([('a',)])
        self.assertEqual({('a',): None}, notes)
        notes.clear()
        self.slots.release([('a',)])
        self.assertEqual({}, notes)

    def test_backend_counts_in_each_of_its_pools(self):
        # Cinder's scheduler has yet to choose one of them.
        self.slots.occupy([to('h@b'), to('h@b#p'), to('h@b#p')])
        self.assertEqual(3, self.slots.used(to('h@b#p')))
        self.assertEqual(1, self.slots.used(to('h@b#q')))
        for other in (to('h@c#p'), to('h@bb#p'), ('pool', 'from', 'h@b#p')):
            self.assertEqual(0, self.slots.used(other))

    def test_backend_is_as_full_as_the_fullest_of_its_pools(self):
        self.slots.occupy([to('h@b'), to('h@b#p'), to('h@b#q'), to('h@b#q')])
        self.slots.occupy([to('h@c#p')] * 9)
        self.assertEqual(3, self.slots.used(to('h@b')))

    def test_who_watches_a_backend_is_told_of_its_pools(self):
        notes = {}
        self.slots.occupy([to('h@b#p'), to('h@c#p')])
        self.slots.watch(to('h@b'), notes)
        self.slots.release([to('h@c#p')])
        self.assertEqual({}, notes)
        self.slots.release([to('h@b#p')])
        self.assertEqual({to('h@b'): None}, notes)

    def test_who_watches_a_backend_is_told_of_the_fullest_pool_only(self):
        notes = {}
        self.slots.occupy([to('h@b#p'), to('h@b#q'), to('h@b#q')])
        self.slots.watch(to('h@b'), notes)
        self.slots.release([to('h@b#p')])
        self.assertEqual({}, notes)
        self.slots.release([to('h@b#q')])
        self.assertEqual({to('h@b'): None}, notes)

    def test_who_watches_a_pool_is_told_of_its_backend(self):
        notes = {}
        self.slots.occupy([to('h@b'), to('h@c')])
        self.slots.watch(to('h@b#p'), notes)
        self.slots.watch(to('h@b#q'), notes)
        self.slots.release([to('h@c')])
        self.assertEqual({}, notes)
        self.slots.release([to('h@b')])
        self.assertEqual({to('h@b#p'): None, to('h@b#q'): None}, notes)

    def test_subscriber_is_woken_until_it_unsubscribes(self):
        woken = []
        wake = lambda: woken.append(1)  # noqa: E731 the same one twice
        self.slots.subscribe(wake)
        self.slots.wake()
        self.slots.unsubscribe(wake)
        self.slots.wake()
        self.assertEqual([1], woken)

    def test_subscriber_is_woken_without_the_lock(self):
        free = []

        def other():
            free.append(self.slots.lock.acquire(blocking=False))

        def wake():
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()

        self.slots.subscribe(wake)
        self.slots.wake()
        self.assertEqual([True], free)


class ForeignTest(testtools.TestCase):
    """Moves that no plan of the process has begun."""

    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()

    def count(self, **pools):
        """Count a foreign move to a pool for each volume."""
        self.slots.count_foreign(
            'pool',
            {('resource', id_): [to(pool)] for id_, pool in pools.items()},
        )

    def test_they_count_beside_what_plans_occupy(self):
        self.slots.occupy([to('h@b#p')])
        self.count(v='h@b#p')
        self.assertEqual(2, self.slots.used(to('h@b#p')))

    def test_they_replace_those_before(self):
        self.count(v='h@b#p', w='h@b#p')
        self.count(w='h@b#p', x='h@c#p')
        self.assertEqual(1, self.slots.used(to('h@b#p')))
        self.assertEqual(1, self.slots.used(to('h@c#p')))

    def test_they_count_in_the_backend_of_their_pool(self):
        self.count(v='h@b#p')
        self.assertEqual(1, self.slots.used(to('h@b')))

    def test_those_of_another_kind_stay(self):
        self.count(v='h@b#p')
        self.slots.count_foreign('node', {})
        self.assertEqual(1, self.slots.used(to('h@b#p')))

    def test_what_a_plan_moves_is_not_foreign(self):
        self.slots.occupy([to('h@b#p'), ('resource', 'v')])
        self.count(v='h@b#p')
        self.assertEqual(1, self.slots.used(to('h@b#p')))

    def test_who_watches_is_told_of_one_that_ends(self):
        notes = {}
        self.count(v='h@b#p', w='h@b#p')
        self.slots.watch(to('h@b#p'), notes)
        self.count(v='h@b#p', w='h@b#p')
        self.assertEqual({}, notes)
        self.count(w='h@b#p')
        self.assertEqual({to('h@b#p'): None}, notes)

    def test_nothing_stays_of_them(self):
        self.count(v='h@b#p')
        self.count()
        self.assertEqual({}, self.slots._used)


class SharedTest(testtools.TestCase):
    """Another process may begin a move in the same moment."""

    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()
        self.slots.share(True)
        self.slots.occupy([to('h@b#p'), ('resource', 'v')])

    def test_the_next_begins_when_the_one_before_is_shown(self):
        self.assertFalse(self.slots.is_free(to('h@b#p'), 2))
        self.slots.shown([('resource', 'v')])
        self.assertTrue(self.slots.is_free(to('h@b#p'), 2))

    def test_server_that_a_volume_is_attached_to_is_not_shown(self):
        self.slots.occupy([to('h@c#p'), ('resource', 'w'), ('resource', 's')])
        self.assertFalse(self.slots.is_free(to('h@c#p'), 2))
        self.slots.shown([('resource', 'w')])
        self.assertTrue(self.slots.is_free(to('h@c#p'), 2))

    def test_the_next_begins_when_the_one_before_has_ended(self):
        self.slots.release([to('h@b#p'), ('resource', 'v')])
        self.assertTrue(self.slots.is_free(to('h@b#p'), 2))

    def test_other_places_are_free(self):
        self.assertTrue(self.slots.is_free(to('h@c#p'), 2))
        self.assertTrue(self.slots.is_free(('total',), 2))

    def test_backend_is_held_back_with_its_pools(self):
        self.assertFalse(self.slots.is_free(to('h@b'), 2))

    def test_place_that_is_full_stays_so(self):
        self.slots.shown([('resource', 'v')])
        self.assertFalse(self.slots.is_free(to('h@b#p'), 1))

    def test_who_watches_is_told_when_it_is_shown(self):
        notes = {}
        self.slots.watch(to('h@b#p'), notes)
        self.slots.shown([('resource', 'other')])
        self.assertEqual({}, notes)
        self.slots.shown([('resource', 'v')])
        self.assertEqual({to('h@b#p'): None}, notes)

    def test_nothing_is_held_back_when_others_are_gone(self):
        notes = {}
        self.slots.watch(to('h@b#p'), notes)
        self.slots.share(False)
        self.assertTrue(self.slots.is_free(to('h@b#p'), 2))
        self.assertEqual({to('h@b#p'): None}, notes)
        self.slots.occupy([to('h@b#p'), ('resource', 'w')])
        self.assertTrue(self.slots.is_free(to('h@b#p'), 3))
