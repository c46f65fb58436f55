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

import functools

import testtools

from zone_migration import waiting
from zone_migration.logic import resources
from zone_migration.logic.schedule import foreign
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling
from zone_migration.tests.unit.logic import builders
from zone_migration.tests.unit.logic.schedule import test_scheduling

node = test_scheduling.node
resource = test_scheduling.resource
task = test_scheduling.task

#: As an action waits: for 600 seconds, and 10 MB a second.
STALL_TIMEOUT = functools.partial(
    waiting.stall_timeout, 120, 5.0, slowest_copy=10.0
)

LEAVES = node('c1')
REACHES = node('c2', 'to')


def record(
    status='running', id_=7, server_id='s', source='c1', dest='c2', **more
):
    more.setdefault('type', 'live-migration')
    return resources.Migration(
        id_, server_id, status=status, source=source, dest=dest, **more
    )


def moves(*records, **disks_gb):
    return foreign.of_migrations(records, disks_gb)


class PlacesTest(testtools.TestCase):
    """Which places the moves occupy."""

    def places(self, **more):
        return list(moves(record(**more))[0].places)

    def test_migration_leaves_a_host_and_reaches_another(self):
        for type_ in ('live-migration', 'migration', 'resize'):
            self.assertEqual([LEAVES, REACHES], self.places(type=type_))

    def test_destination_that_nova_has_not_chosen_is_not_occupied(self):
        self.assertEqual([LEAVES], self.places(status='accepted', dest=None))

    def test_evacuation_reaches_a_host_only(self):
        self.assertEqual([REACHES], self.places(type='evacuation'))

    def test_resize_on_its_host_occupies_nothing(self):
        self.assertEqual([], self.places(type='resize', dest='c1'))

    def test_move_of_a_volume_leaves_a_pool_and_reaches_that_of_its_copy(self):
        (move,) = foreign.of_volumes([(builders.volume('v'), 'h@b#b')])
        self.assertEqual(
            (('pool', 'from', 'h@a#a'), ('pool', 'to', 'h@b#b')), move.places
        )
        self.assertEqual(resource('v'), move.resource)

    def test_volume_without_a_copy_leaves_a_pool(self):
        (move,) = foreign.of_volumes([(builders.volume('v'), None)])
        self.assertEqual((('pool', 'from', 'h@a#a'),), move.places)


class ForeignTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()
        self.foreign = foreign.ForeignMoves(self.slots)
        self.foreign.want('node', 'plan')
        self.now = 1000.0

    def saw(self, *records, own=(), reader='plan', **disks_gb):
        """The names of those that count no more from now on."""
        return [
            one.name
            for one in self.foreign.saw(
                'node',
                reader,
                moves(*records, **disks_gb),
                own,
                self.now,
                STALL_TIMEOUT,
            )
        ]

    @property
    def leaving(self):
        """How many leave the host."""
        return self.slots.used(LEAVES)


class CountingTest(ForeignTest):
    """What counts as foreign."""

    def test_move_of_others_counts_at_both_its_places(self):
        self.saw(record())
        self.assertEqual(1, self.slots.used(LEAVES))
        self.assertEqual(1, self.slots.used(REACHES))

    def test_move_that_is_seen_again_counts_once(self):
        self.saw(record())
        self.saw(record(updated_at='03:14'))
        self.assertEqual(1, self.leaving)

    def test_move_that_has_ended_counts_no_more(self):
        self.saw(record())
        self.saw()
        self.assertEqual(0, self.leaving)

    def test_destination_counts_as_soon_as_it_is_known(self):
        self.saw(record('accepted', dest=None))
        self.assertEqual(0, self.slots.used(REACHES))
        self.saw(record())
        self.assertEqual(1, self.slots.used(REACHES))
        self.assertEqual(1, self.leaving)

    def test_move_of_this_process_counts_by_its_slots_alone(self):
        self.slots.occupy([LEAVES, resource('s')])
        self.saw(record())
        self.assertEqual(1, self.leaving)

    def test_move_that_is_adopted_counts_once(self):
        self.saw(record())
        self.slots.occupy([LEAVES, REACHES, resource('s')])
        self.assertEqual(1, self.leaving)
        self.saw(record())
        self.assertEqual(1, self.leaving)

    def test_resize_is_not_adopted(self):
        plan = scheduling.Scheduler(
            [task('a', LEAVES, resource('s'))], {'node': 1}, self.slots
        )
        self.saw(record(type='resize'))
        self.assertIsNone(plan.next())
        self.assertEqual(1, self.leaving)
        self.saw()
        self.assertEqual('a', plan.next().id)

    def test_move_that_has_just_ended_does_not_count(self):
        self.slots.occupy([LEAVES, resource('s')])
        self.saw(record())
        self.slots.release([LEAVES, resource('s')])
        # It was read before, or by another plan.
        self.saw(record())
        self.assertEqual(0, self.leaving)

    def test_move_that_has_ended_since_it_was_read_does_not_count(self):
        self.saw(record(), own=[resource('s')])
        self.assertEqual(0, self.leaving)

    def test_move_that_was_given_up_and_goes_on_counts_soon(self):
        self.slots.occupy([LEAVES, resource('s')])
        self.saw(record())
        self.slots.release([LEAVES, resource('s')])
        self.now += 6.0
        self.saw(record())
        self.assertEqual(1, self.leaving)

    def test_moves_of_both_services_are_counted_apart(self):
        self.foreign.want('pool', 'plan')
        self.saw(record())
        volume = foreign.of_volumes([(builders.volume('v'), None)])
        self.foreign.saw('pool', 'plan', volume, (), self.now, STALL_TIMEOUT)
        self.assertEqual(1, self.leaving)
        self.assertEqual(1, self.slots.used(('pool', 'from', 'h@a#a')))

    def test_nothing_counts_when_no_plan_wants_it(self):
        self.saw(record())
        self.foreign.unwant('node', 'plan')
        self.assertEqual(0, self.leaving)
        # A reading that was under way.
        self.saw(record())
        self.assertEqual(0, self.leaving)

    def test_it_counts_while_another_plan_wants_it(self):
        self.saw(record())
        self.assertTrue(self.foreign.want('node', 'other'))
        self.foreign.unwant('node', 'plan')
        self.assertEqual(1, self.leaving)

    def test_who_wants_it_first_has_to_read(self):
        self.assertFalse(self.foreign.want('pool', 'plan'))
        self.foreign.unwant('node', 'plan')
        self.assertFalse(self.foreign.want('node', 'other'))

    def test_place_that_becomes_free_wakes_who_waits(self):
        self.saw(record())
        plan = test_scheduling.scheduler(
            task('a', LEAVES), slots=self.slots, node=1
        )
        self.assertIsNone(plan.next())
        woken = []
        self.slots.subscribe(lambda: woken.append(plan.next().id))
        self.saw()
        self.assertEqual(['a'], woken)


class LostTest(ForeignTest):
    """Moves of a plan that is lost, which go on."""

    def setUp(self):
        super().setUp()
        self.foreign.want('node', 'other')
        self.task = task('a', LEAVES, resource('s'), resource('volume'))
        self.plan = self.begin()
        self.saw(record(), reader='other')

    def begin(self):
        """A plan that is under way when it begins here."""
        return scheduling.Scheduler(
            [self.task], {'node': 1}, self.slots, ['a']
        )

    def other(self):
        """The id of what another plan can start at the same host."""
        plan = scheduling.Scheduler(
            [task('b', LEAVES)], {'node': 1}, self.slots
        )
        started = plan.next()
        return started and started.id

    def test_they_are_foreign_from_that_moment_on(self):
        woken = []
        self.slots.subscribe(lambda: woken.append(self.other()))
        self.plan.lose()
        self.assertEqual(([None], 1), (woken, self.leaving))
        self.assertEqual([resource('s')], self.slots.foreign())

    def test_they_are_until_they_have_ended(self):
        self.plan.lose()
        self.saw(record(), reader='other')
        self.assertEqual(1, self.leaving)
        self.saw(reader='other')
        self.assertEqual(0, self.leaving)

    def test_they_are_in_readings_that_had_begun_before(self):
        self.plan.lose()
        for _ in range(2):
            self.saw(record(), own=[resource('s')], reader='other')
            self.assertEqual(1, self.leaving)

    def test_they_are_for_a_plan_that_begins_a_moment_later(self):
        self.plan.lose()
        for reader in ('plan', 'other'):
            self.foreign.unwant('node', reader)
        self.assertEqual(0, self.leaving)
        self.foreign.want('node', 'next')
        self.saw(record(), reader='next')
        self.assertEqual(1, self.leaving)

    def test_they_are_not_where_the_plan_is_begun_here_anew(self):
        self.plan.lose()
        self.begin()
        self.assertEqual((1, []), (self.leaving, self.slots.foreign()))
        self.saw(record(), reader='other')
        self.assertEqual((1, []), (self.leaving, self.slots.foreign()))

    def test_they_are_nowhere_where_nobody_counts_what_is_foreign(self):
        for reader in ('plan', 'other'):
            self.foreign.unwant('node', reader)
        self.plan.lose()
        self.assertEqual((0, []), (self.leaving, self.slots.foreign()))

    def test_those_of_others_stay(self):
        self.saw(record(), record(id_=8, server_id='t'), reader='other')
        self.plan.lose()
        self.assertEqual(2, self.leaving)

    def test_what_moves_nothing_is_none_of_them(self):
        plan = scheduling.Scheduler([task('c')], {}, self.slots, ['c'])
        plan.lose()
        self.assertEqual([], self.slots.foreign())
        self.assertEqual(set(), plan.running)


class StallTest(ForeignTest):
    """A move whose service has died is shown for ever."""

    def wait(self, seconds, *records, **disks_gb):
        """What is told to count no more in this time, a look a second."""
        told = []
        for _ in range(int(seconds)):
            self.now += 1.0
            told += self.saw(*records, **disks_gb)
        return told

    def test_move_without_progress_counts_no_more_and_is_told_once(self):
        self.assertEqual([], self.wait(600, record()))
        self.assertEqual(1, self.leaving)
        self.assertEqual(
            ['live-migration 7 of server s'], self.wait(600, record())
        )
        self.assertEqual(0, self.leaving)

    def test_move_that_makes_progress_counts(self):
        for minute in range(30):
            self.wait(60, record(updated_at=f'03:{minute}'))
        self.assertEqual(1, self.leaving)

    def test_move_that_goes_on_after_all_counts_again(self):
        self.wait(700, record())
        self.saw(record(updated_at='03:14'))
        self.assertEqual(1, self.leaving)
        self.assertEqual(1, len(self.wait(700, record(updated_at='03:14'))))

    def test_local_disks_get_the_time_that_their_copy_takes_at_worst(self):
        self.wait(1600, record('migrating', type='migration'), s=10)
        self.assertEqual(1, self.leaving)
        self.wait(100, record('migrating', type='migration'), s=10)
        self.assertEqual(0, self.leaving)

    def test_volume_gets_the_time_that_its_copy_takes_at_worst(self):
        (move,) = foreign.of_volumes([(builders.volume('v', size_gb=8), '')])
        self.assertEqual(8, move.silent_gb)

    def test_queued_move_counts_while_others_leave_its_host(self):
        queued = record('queued', 8, 't')
        for minute in range(30):
            self.wait(60, record(updated_at=f'03:{minute}'), queued)
        self.assertEqual(2, self.leaving)

    def test_queued_move_that_nova_has_passed_over_counts_no_more(self):
        queued = record('queued', 6, 't')
        for minute in range(15):
            self.wait(60, queued, record(updated_at=f'03:{minute}'))
        self.assertEqual(1, self.leaving)

    def test_queue_of_a_dead_host_counts_no_more(self):
        self.wait(700, record(), record('queued', 8, 't'))
        self.assertEqual(0, self.leaving)

    def test_what_cannot_be_seen_has_not_stopped(self):
        self.wait(500, record())
        self.now += 10000.0
        self.saw(record())
        self.assertEqual(1, self.leaving)
        self.wait(100, record())
        self.assertEqual(0, self.leaving)

    def test_what_has_stopped_has_so_for_the_next_plan(self):
        self.wait(700, record())
        self.foreign.unwant('node', 'plan')
        self.now += 10000.0
        self.foreign.want('node', 'next')
        self.assertEqual([], self.saw(record(), reader='next'))
        self.assertEqual(0, self.leaving)

    def test_what_has_gone_on_since_has_done_so_for_the_next_plan(self):
        self.wait(700, record())
        self.foreign.unwant('node', 'plan')
        self.foreign.want('node', 'next')
        self.saw(record(updated_at='03:14'), reader='next')
        self.assertEqual(1, self.leaving)

    def test_own_move_that_was_given_up_counts_no_more(self):
        self.slots.occupy([LEAVES, resource('s')])
        self.assertEqual([], self.wait(700, record()))
        self.slots.release([LEAVES, resource('s')])
        self.assertEqual(1, len(self.wait(10, record())))
        self.assertEqual(0, self.leaving)


class TwoPlansTest(ForeignTest):
    """Two plans of the process are shown different things."""

    def setUp(self):
        super().setUp()
        self.foreign.want('node', 'other')

    def wait(self, seconds, shown, shown_to_other):
        """What is told in this time, and the counts after each look."""
        told, counts = [], []
        for _ in range(seconds):
            self.now += 1.0
            for reader, records in (
                ('plan', shown),
                ('other', shown_to_other),
            ):
                told += self.saw(*records, reader=reader)
                counts.append(self.leaving)
        return told, counts

    def test_dead_record_that_one_is_shown_counts_until_it_is_told(self):
        told, counts = self.wait(700, [record()], [])
        self.assertEqual(['live-migration 7 of server s'], told)
        self.assertEqual(sorted(counts, reverse=True), counts)
        self.assertEqual(0, self.leaving)

    def test_dead_record_that_each_is_shown_in_its_own_way_is_told(self):
        told, counts = self.wait(
            700, [record(updated_at='03:13')], [record(updated_at='03:14')]
        )
        self.assertEqual(['live-migration 7 of server s'], told)
        self.assertEqual(sorted(counts, reverse=True), counts)
        self.assertEqual(0, self.leaving)

    def test_progress_that_any_is_shown_is_progress(self):
        for minute in range(15):
            told, counts = self.wait(
                60, [record()], [record(updated_at=f'03:{minute}')]
            )
            self.assertEqual([], told)
            self.assertEqual({1}, {*counts})

    def test_move_has_ended_when_nobody_is_shown_it(self):
        for reader in ('plan', 'other'):
            self.saw(record(), reader=reader)
        self.saw(reader='plan')
        self.assertEqual(1, self.leaving)
        self.saw(reader='other')
        self.assertEqual(0, self.leaving)

    def test_place_that_one_is_shown_counts_once(self):
        self.saw(record())
        self.saw(record(dest=None), reader='other')
        self.assertEqual((1, 1), (self.leaving, self.slots.used(REACHES)))

    def test_what_a_plan_was_shown_that_has_ended_counts_no_more(self):
        self.saw(record())
        self.foreign.unwant('node', 'plan')
        self.saw(reader='other')
        self.assertEqual(0, self.leaving)

    def test_reading_that_outlives_its_plan_does_not_count(self):
        self.foreign.unwant('node', 'other')
        self.saw(record(), reader='other')
        self.assertEqual(0, self.leaving)
