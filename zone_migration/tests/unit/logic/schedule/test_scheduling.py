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

import collections
import dataclasses
import itertools
import threading

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling


def node(name, way='from'):
    return (occupancy.NODE, way, name)


def pool(name):
    return (occupancy.POOL, 'to', name)


def resource(name):
    return (occupancy.RESOURCE, name)


def task(id_, *slots, parents=(), group=0, expected=0, barrier=''):
    return scheduling.Task(
        id_, tuple(parents), tuple(slots), group, expected, barrier
    )


def scheduler(*tasks, slots=None, **limits):
    return scheduling.Scheduler(tasks, limits, slots or occupancy.Slots())


def start_all(plan):
    """The ids of what starts now, in their order."""
    started = []
    while (one := plan.next()) is not None:
        started.append(one.id)
    return started


class EqualsTest(testtools.TestCase):
    def test_what_any_number_may_occupy_decides_nothing(self):
        def move(id_, host):
            shared = (('service', 'Nova'), ('queue', host))
            return task(id_, node(host), resource(id_), *shared, expected=1)

        # The limit in all is what takes longest for each of them.
        plan = scheduler(
            move('first', 'c1'),
            *(move(f'other{number}', 'c2') for number in range(20)),
            total=2,
            node=2,
        )
        self.assertEqual(['first', 'other0'], start_all(plan))


class LastTest(testtools.TestCase):
    """What proves something of all others."""

    def plan(self, *tasks, **limits):
        proof = scheduling.Task('proof', proves='host')
        return scheduler(proof, *tasks, **limits)

    def test_it_starts_when_it_is_released(self):
        plan = self.plan(task('a'))
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertTrue(plan.idle)
        self.assertTrue(plan.release_last())
        self.assertEqual(['proof'], start_all(plan))

    def test_it_is_released_once(self):
        plan = self.plan()
        self.assertTrue(plan.release_last())
        self.assertFalse(plan.release_last())

    def test_one_that_has_ended_before_is_not_released(self):
        plan = self.plan()
        plan.finished('proof', succeeded=False)
        self.assertFalse(plan.release_last())
        self.assertEqual([], start_all(plan))

    def test_nothing_is_released_of_what_was_stopped(self):
        plan = self.plan()
        plan.stop()
        self.assertFalse(plan.release_last())
        self.assertEqual([], start_all(plan))

    def test_it_counts_as_nothing_that_waits(self):
        plan = self.plan(task('a'), task('b'), total=1)
        start_all(plan)
        self.assertEqual(['b'], [one.task.id for one in plan.waiting()])

    def test_it_waits_for_slots_like_any_other(self):
        plan = scheduler(
            *(scheduling.Task(id_, proves='host') for id_ in 'ab'), total=1
        )
        plan.release_last()
        self.assertEqual(['a'], start_all(plan))

    def test_it_runs_at_once_where_it_was_begun(self):
        plan = scheduling.Scheduler(
            [scheduling.Task('proof', proves='host')],
            {},
            occupancy.Slots(),
            ['proof'],
        )
        self.assertEqual({'proof'}, plan.running)
        self.assertFalse(plan.release_last())


class ForeignTest(testtools.TestCase):
    """Moves that no plan of the process has begun."""

    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()

    def count(self, **hosts):
        """Count a foreign move from a host for each server."""
        self.slots.count_foreign(
            'node',
            {resource(id_): [node(host)] for id_, host in hosts.items()},
        )

    def plan(self, *ids, **limits):
        """Each moves the server of its name from c1."""
        return scheduler(
            *(task(id_, node('c1'), resource(id_)) for id_ in ids),
            slots=self.slots,
            **{'node': 2, **limits},
        )

    def test_places_that_they_hold_are_not_free(self):
        self.count(x='c1')
        plan = self.plan(*'ab')
        self.assertEqual(['a'], start_all(plan))
        self.count()
        self.assertEqual(['b'], start_all(plan))

    def test_what_others_have_begun_starts_first_beyond_the_limit(self):
        self.count(b='c1', c='c1', x='c1')
        plan = self.plan(*'abcd')
        self.assertEqual({'b', 'c'}, {*start_all(plan)})
        self.assertEqual(3, self.slots.used(node('c1')))

    def test_what_was_adopted_is_like_any_other(self):
        self.count(b='c1', c='c1')
        plan = self.plan(*'abcd')
        start_all(plan)
        self.count()
        for id_ in 'bc':
            plan.finished(id_, succeeded=True)
        self.assertEqual(['a', 'd'], start_all(plan))
        for id_ in 'ad':
            plan.finished(id_, succeeded=True)
        self.assertTrue(plan.idle)
        self.assertEqual({}, self.slots._used)

    def test_what_was_adopted_can_be_tried_again(self):
        self.count(b='c1')
        plan = self.plan(*'ab', node=1)
        self.assertEqual(['b'], start_all(plan))
        plan.requeue('b', ('service', 'Nova'))
        self.count()
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(plan))

    def test_what_was_adopted_can_wait_for_others(self):
        self.count(c='c1')
        plan = self.plan(*'abc', node=1)
        self.assertEqual(['c'], start_all(plan))
        plan.requeue('c')
        self.count()
        for id_ in 'abc':
            self.assertEqual([id_], start_all(plan))
            plan.finished(id_, succeeded=True)

    def test_what_waits_for_its_parent_is_not_adopted(self):
        plan = scheduler(
            task('a', node('c1'), resource('a')),
            task('b', node('c1'), resource('b'), parents='a'),
            slots=self.slots,
            node=9,
        )
        self.count(b='c1')
        self.assertEqual(['a'], start_all(plan))

    def test_limit_in_all_holds_for_what_is_adopted(self):
        self.count(a='c1', b='c1')
        plan = self.plan(*'ab', total=1)
        self.assertEqual(1, len(start_all(plan)))

    def test_task_that_needs_a_server_whose_host_it_does_not_leave_waits(self):
        plan = scheduler(
            task('a', pool('p'), resource('v'), resource('s')),
            slots=self.slots,
            pool=1,
        )
        self.slots.occupy([pool('p')])
        self.count(s='c1')
        self.assertEqual([], start_all(plan))

    def test_task_that_was_blocked_by_its_server_is_adopted(self):
        self.slots.occupy([resource('a')])
        plan = self.plan(*'ab', node=1)
        self.assertEqual(['b'], start_all(plan))
        self.slots.release([resource('a')])
        self.count(a='c1')
        self.assertEqual(['a'], start_all(plan))
        plan.requeue('a')
        self.count()
        plan.finished('b', succeeded=True)
        self.assertEqual(['a'], start_all(plan))


class DeferTest(testtools.TestCase):
    """A task that is tried again after the others."""

    def test_it_comes_when_all_others_have_started(self):
        plan = scheduler(*(task(id_) for id_ in 'abc'), total=1)
        for expected in 'abca':
            self.assertEqual([expected], start_all(plan))
            if expected == 'a' and 'b' in {one.id for one in plan.left()}:
                plan.defer('a')
            else:
                plan.finished(expected, succeeded=True)
        self.assertTrue(plan.idle)

    def test_it_does_not_wait_for_what_runs(self):
        plan = scheduler(task('a'), task('b'))
        self.assertEqual(['a', 'b'], start_all(plan))
        plan.defer('a')
        self.assertEqual(['a'], start_all(plan))
        self.assertEqual({'a', 'b'}, plan.running)

    def test_it_does_not_wait_for_what_waits_for_a_limit(self):
        plan = scheduler(
            task('runs', node('c1')),
            task('next', node('c1')),
            task('again', node('c2')),
            node=1,
        )
        self.assertEqual(['runs', 'again'], start_all(plan))
        plan.defer('again')
        self.assertEqual(['again'], start_all(plan))

    def test_it_does_not_wait_for_a_service_that_is_away(self):
        slots = occupancy.Slots()
        cinder = (occupancy.SERVICE, 'Cinder')
        plan = scheduler(task('volume', cinder), task('again'), slots=slots)
        self.assertEqual(['volume', 'again'], start_all(plan))
        slots.close(cinder, 'Cinder is away')
        plan.requeue('volume', cinder)
        plan.defer('again')
        self.assertEqual(['again'], start_all(plan))
        slots.open(cinder, 'Cinder is away')
        self.assertEqual(['volume'], start_all(plan))

    def test_nothing_that_waits_for_a_slot_is_overtaken_there(self):
        plan = scheduler(
            *(task(id_, node('c1')) for id_ in ('runs', 'next', 'last')),
            task('again', node('c1'), expected=9),
            node=2,
        )
        self.assertEqual(['again', 'runs'], start_all(plan))
        plan.defer('again')
        self.assertEqual(['next'], start_all(plan))
        for ended, expected in (('runs', 'last'), ('next', 'again')):
            plan.finished(ended, succeeded=True)
            self.assertEqual([expected], start_all(plan))

    def test_it_is_adopted_where_others_move_it_by_then(self):
        slots = occupancy.Slots()
        plan = scheduler(
            task('again', node('c1'), resource('s')), slots=slots, node=1
        )
        start_all(plan)
        plan.defer('again')
        slots.count_foreign(
            'node', {resource('s'): [node('c1')], resource('t'): [node('c1')]}
        )
        self.assertEqual(['again'], start_all(plan))

    def test_it_comes_last_after_a_restart_too(self):
        plan = scheduler(
            dataclasses.replace(task('a', expected=9), is_deferred=True),
            task('b'),
        )
        self.assertEqual(['b', 'a'], start_all(plan))

    def test_it_comes_last_when_its_service_is_back_too(self):
        slots = occupancy.Slots()
        nova = (occupancy.SERVICE, 'Nova')
        plan = scheduler(
            task('again', nova, expected=9), task('new', nova), slots=slots
        )
        start_all(plan)
        plan.defer('again')
        start_all(plan)
        slots.close(nova, 'Nova is away')
        for id_ in ('again', 'new'):
            plan.requeue(id_, nova)
        slots.open(nova, 'Nova is away')
        self.assertEqual(['new', 'again'], start_all(plan))

    def test_one_that_never_shall_start_does_not(self):
        plan = scheduler(task('a'), task('b'))
        start_all(plan)
        plan.defer('a')
        plan.finished('a', succeeded=False)
        self.assertEqual([], start_all(plan))

    def test_plan_is_not_idle_as_long_as_there_is_one(self):
        plan = scheduler(task('a'))
        start_all(plan)
        plan.defer('a')
        self.assertFalse(plan.idle)
        plan.stop()
        self.assertTrue(plan.idle)
        self.assertEqual([], start_all(plan))

    def test_its_children_wait_and_its_slots_are_free(self):
        plan = scheduler(
            task('a', node('c1')),
            task('b', node('c1')),
            task('child', parents='a'),
            node=1,
        )
        self.assertEqual(['a'], start_all(plan))
        plan.defer('a')
        self.assertEqual(['b'], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual(['child'], start_all(plan))

    def test_one_that_was_requeued_can_be_deferred(self):
        plan = scheduler(task('a'))
        start_all(plan)
        plan.requeue('a')
        self.assertTrue(plan.idle)
        plan.defer('a')
        self.assertEqual(['a'], start_all(plan))


class ClaimTest(testtools.TestCase):
    """A running task may go to a host that the plan does not name."""

    HOST = node('c8', 'to')

    def setUp(self):
        super().setUp()
        self.plan = scheduler(*(task(id_, node(id_)) for id_ in 'abc'), node=2)
        start_all(self.plan)

    def claim(self, *ids):
        return [self.plan.claim(id_, self.HOST) for id_ in ids]

    def test_only_as_many_as_the_limit_allows_go_there(self):
        self.assertEqual([True, True, False], self.claim(*'abc'))

    def test_one_that_holds_it_may_go_on(self):
        self.assertEqual([True] * 4, self.claim(*'abab'))

    def test_end_of_another_makes_room(self):
        self.claim(*'abc')
        self.plan.finished('a', succeeded=True)
        self.assertEqual([True], self.claim('c'))

    def test_destinations_of_other_tasks_count(self):
        self.plan.occupy('a', self.HOST)
        self.plan.occupy('b', self.HOST)
        self.assertEqual([False], self.claim('c'))

    def test_without_a_limit_all_may(self):
        self.plan = scheduler(task('a'), task('b'), task('c'))
        start_all(self.plan)
        self.assertEqual([True] * 3, self.claim(*'abc'))


class SharedTest(testtools.TestCase):
    """Another process may begin a move in the same moment."""

    def test_one_move_a_place_begins_until_it_is_shown(self):
        slots = occupancy.Slots()
        slots.share(True)
        plan = scheduler(
            *(task(id_, node('c1'), resource(id_)) for id_ in 'abc'),
            task('d', node('c2'), resource('d')),
            slots=slots,
            node=2,
        )
        self.assertEqual(['a', 'd'], start_all(plan))
        slots.shown([resource('a')])
        self.assertEqual(['b'], start_all(plan))
        slots.shown([resource('b')])
        self.assertEqual([], start_all(plan))

    def test_one_move_claims_a_place_until_it_is_shown(self):
        slots = occupancy.Slots()
        slots.share(True)
        host = node('c9', 'to')
        plan = scheduler(
            *(task(id_, node(id_), resource(id_)) for id_ in 'abc'),
            task('named', host, resource('named'), parents='c'),
            slots=slots,
            node=3,
        )
        start_all(plan)
        self.assertTrue(plan.claim('a', host))
        self.assertFalse(plan.claim('b', host))
        plan.finished('c', succeeded=True)
        self.assertEqual([], start_all(plan))
        slots.shown([resource('a')])
        self.assertTrue(plan.claim('b', host))
        plan.finished('b', succeeded=True)
        self.assertEqual(['named'], start_all(plan))

    def test_what_has_ended_holds_nothing_back(self):
        slots = occupancy.Slots()
        slots.share(True)
        host = node('c9', 'to')
        plan = scheduler(
            *(task(id_, node(id_), resource(id_)) for id_ in 'ab'),
            slots=slots,
            node=1,
        )
        start_all(plan)
        plan.finished('a', succeeded=True)
        self.assertTrue(plan.claim('a', host))
        self.assertTrue(plan.claim('b', host))


class BegunTest(testtools.TestCase):
    """What runs already, as another has begun it."""

    def going_on(self, *tasks, begun, slots=None, **limits):
        return scheduling.Scheduler(
            tasks, limits, slots or occupancy.Slots(), begun
        )

    def test_it_runs_from_the_first_moment(self):
        plan = self.going_on(task('a'), task('b'), begun=['b'])
        self.assertEqual({'b'}, plan.running)
        self.assertEqual(['a'], start_all(plan))

    def test_it_occupies_its_slots_beyond_the_limits(self):
        plan = self.going_on(
            *[task(id_, node('c1')) for id_ in 'abc'], begun=['a', 'b'], node=1
        )
        self.assertEqual([], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual([], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual(['c'], start_all(plan))

    def test_other_plans_see_what_it_occupies(self):
        slots = occupancy.Slots()
        self.going_on(task('a', node('c1')), begun=['a'], slots=slots)
        other = scheduler(task('b', node('c1')), slots=slots, node=1)
        self.assertEqual([], start_all(other))

    def test_it_waits_for_no_parent(self):
        plan = self.going_on(task('a'), task('b', parents=['a']), begun=['b'])
        self.assertEqual({'b'}, plan.running)
        self.assertEqual([], plan.finished('a', succeeded=False))
        self.assertEqual({'b'}, plan.running)

    def test_its_children_wait_for_it(self):
        plan = self.going_on(task('a'), task('b', parents=['a']), begun=['a'])
        self.assertEqual([], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(plan))

    def test_its_children_are_dropped_when_it_fails(self):
        plan = self.going_on(task('a'), task('b', parents=['a']), begun=['a'])
        self.assertEqual(['b'], plan.finished('a', succeeded=False))

    def test_nothing_else_starts_before_a_barrier_that_was_begun(self):
        plan = self.going_on(task('a'), task('b', barrier='host'), begun=['b'])
        self.assertEqual([], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual(['a'], start_all(plan))

    def test_it_keeps_its_slots_until_its_service_is_open_again(self):
        slots, nova = occupancy.Slots(), (occupancy.SERVICE, 'Nova')
        plan = self.going_on(
            task('a', node('c1')),
            task('b', node('c1')),
            begun=['a'],
            slots=slots,
            node=1,
        )
        slots.close(nova, 'away')
        plan.suspend('a', nova)
        self.assertEqual((['a'], []), ([*plan.suspended], start_all(plan)))
        plan.stop()
        self.assertFalse(plan.idle)
        slots.open(nova, 'away')
        self.assertEqual((['a'], []), (start_all(plan), [*plan.suspended]))
        self.assertEqual({'a'}, plan.running)

    def test_it_can_be_given_up_while_it_waits(self):
        slots, nova = occupancy.Slots(), (occupancy.SERVICE, 'Nova')
        plan = self.going_on(
            task('a', node('c1')),
            task('b', node('c1')),
            begun=['a'],
            slots=slots,
            node=1,
        )
        slots.close(nova, 'away')
        plan.suspend('a', nova)
        plan.finished('a', succeeded=True)
        self.assertEqual({}, plan.suspended)
        self.assertEqual(['b'], start_all(plan))

    def test_it_can_be_put_back(self):
        plan = self.going_on(task('a', node('c1')), begun=['a'], node=1)
        plan.requeue('a', node('c2'))
        self.assertEqual(set(), plan.running)
        self.assertEqual(['a'], start_all(plan))


class FirstTest(testtools.TestCase):
    def test_nothing_else_starts_before_all_barriers_have_ended(self):
        plan = scheduler(
            task('a'),
            task('b', barrier='host'),
            task('c', barrier='host'),
            total=1,
        )
        self.assertEqual(['b'], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual(['c'], start_all(plan))
        plan.finished('c', succeeded=True)
        self.assertEqual(['a'], start_all(plan))

    def test_barriers_start_together(self):
        plan = scheduler(task('a', barrier='host'), task('b', barrier='host'))
        self.assertEqual(['a', 'b'], start_all(plan))

    def test_others_start_after_a_failure_but_what_depends_on_it(self):
        plan = scheduler(
            task('a', barrier='host'), task('b', parents=['a']), task('c')
        )
        start_all(plan)
        self.assertEqual(['b'], plan.finished('a', succeeded=False))
        self.assertEqual(['c'], start_all(plan))

    def test_child_of_one_waits_for_the_other_too(self):
        plan = scheduler(
            task('a', barrier='host'),
            task('b', barrier='host'),
            task('c', parents=['a']),
        )
        start_all(plan)
        plan.finished('a', succeeded=True)
        self.assertEqual([], start_all(plan))
        self.assertFalse(plan.idle)
        plan.finished('b', succeeded=True)
        self.assertEqual(['c'], start_all(plan))

    def test_task_that_depends_on_another_cannot_be_a_barrier(self):
        plan = scheduler(task('a'), task('b', parents=['a'], barrier='host'))
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(plan))

    def test_held_task_that_is_dropped_does_not_start(self):
        plan = scheduler(task('a', barrier='host'), task('b'))
        start_all(plan)
        plan.finished('b', succeeded=False)
        plan.finished('a', succeeded=True)
        self.assertEqual([], start_all(plan))
        self.assertTrue(plan.idle)


class StartTest(testtools.TestCase):
    def test_all_start_at_once_without_limits(self):
        self.assertEqual(
            ['a', 'b'], start_all(scheduler(task('a'), task('b')))
        )

    def test_total_is_not_exceeded(self):
        plan = scheduler(task('a'), task('b'), task('c'), total=2)
        self.assertEqual(['a', 'b'], start_all(plan))

    def test_next_starts_as_soon_as_one_has_ended(self):
        plan = scheduler(task('a'), task('b'), task('c'), total=2)
        start_all(plan)
        plan.finished('b', succeeded=True)
        self.assertEqual(['c'], start_all(plan))

    def test_blocked_task_does_not_stop_the_next_that_fits(self):
        plan = scheduler(
            task('a', node('c1')),
            task('b', node('c1')),
            task('c', node('c2')),
            node=1,
        )
        self.assertEqual(['a', 'c'], start_all(plan))

    def test_blocked_task_takes_no_share_of_the_total(self):
        plan = scheduler(
            task('a', node('c1')),
            task('b', node('c1')),
            task('c', node('c2')),
            node=1,
            total=2,
        )
        self.assertEqual(['a', 'c'], start_all(plan))

    def test_task_that_lacks_one_of_its_slots_takes_none(self):
        plan = scheduler(
            task('a', node('c1'), node('c2', 'to')),
            task('b', node('c3'), node('c2', 'to')),
            task('c', node('c3')),
            node=1,
        )
        self.assertEqual(['a', 'c'], start_all(plan))

    def test_order_of_the_plan_is_the_priority(self):
        plan = scheduler(
            task('a', node('c1')),
            task('b', node('c1')),
            task('c', node('c1')),
            node=1,
        )
        start_all(plan)
        plan.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(plan))

    def test_two_tasks_on_one_resource_never_overlap(self):
        plan = scheduler(task('a', resource('s')), task('b', resource('s')))
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', succeeded=False)
        self.assertEqual(['b'], start_all(plan))

    def test_volume_and_its_server_never_overlap(self):
        plan = scheduler(
            task('a', resource('v'), resource('s')), task('b', resource('s'))
        )
        self.assertEqual(['a'], start_all(plan))

    def test_task_with_two_busy_resources_waits_for_both(self):
        plan = scheduler(
            task('a', resource('v')),
            task('b', resource('s')),
            task('c', resource('v'), resource('s')),
        )
        self.assertEqual(['a', 'b'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual([], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual(['c'], start_all(plan))

    def test_nothing_starts_after_stop(self):
        plan = scheduler(
            task('a', resource('s')),
            task('b', resource('s')),
            task('c', parents=['a']),
            task('d'),
            total=1,
        )
        self.assertEqual('a', plan.next().id)
        plan.stop()
        plan.finished('a', succeeded=True)
        self.assertIsNone(plan.next())

    def test_limit_zero_and_no_limit_are_no_limit(self):
        tasks = [task(str(n), node('c1')) for n in range(9)]
        for limits in ({'node': 0, 'total': 0}, {}):
            self.assertEqual(9, len(start_all(scheduler(*tasks, **limits))))

    def test_directions_are_counted_apart(self):
        plan = scheduler(
            task('a', node('c1')), task('b', node('c1', 'to')), node=1
        )
        self.assertEqual(['a', 'b'], start_all(plan))

    def test_busy_server_does_not_keep_its_next_volume_from_another_pool(self):
        plan = scheduler(
            task('a', node('c1')),
            task('b', resource('s')),
            task('c', node('c1'), resource('s')),
            task('d', node('c2'), resource('s')),
            task('e', node('c2'), resource('s')),
            node=1,
        )
        self.assertEqual(['b', 'a'], sorted(start_all(plan), reverse=True))
        plan.finished('b', succeeded=True)
        self.assertEqual(['d'], start_all(plan))

    def test_running_tasks_are_known(self):
        plan = scheduler(task('a'), task('b'))
        start_all(plan)
        plan.finished('a', succeeded=True)
        self.assertEqual({'b'}, plan.running)


class ParentsTest(testtools.TestCase):
    def test_child_waits_for_its_parent(self):
        plan = scheduler(task('child', parents=['a']), task('a'))
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual(['child'], start_all(plan))

    def test_child_waits_for_all_its_parents(self):
        plan = scheduler(
            task('a'), task('b'), task('child', parents=['a', 'b'])
        )
        start_all(plan)
        plan.finished('a', succeeded=True)
        self.assertEqual([], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual(['child'], start_all(plan))

    def test_parent_that_is_not_in_the_plan_has_ended(self):
        self.assertEqual(
            ['a'], start_all(scheduler(task('a', parents=['gone'])))
        )

    def test_parent_that_is_named_twice_is_waited_for_once(self):
        plan = scheduler(task('a'), task('b', parents=['a', 'a']))
        start_all(plan)
        plan.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(plan))

    def test_descendants_of_a_failed_task_are_dropped_nearest_first(self):
        plan = scheduler(
            task('a'),
            task('child', parents=['a']),
            task('grandchild', parents=['child']),
            task('other'),
        )
        start_all(plan)
        self.assertEqual(
            ['child', 'grandchild'], plan.finished('a', succeeded=False)
        )
        self.assertEqual([], start_all(plan))

    def test_child_of_a_failed_and_another_task_is_dropped_once(self):
        plan = scheduler(
            task('a'), task('b'), task('child', parents=['a', 'b'])
        )
        start_all(plan)
        self.assertEqual(['child'], plan.finished('a', succeeded=False))
        self.assertEqual([], plan.finished('b', succeeded=False))
        self.assertEqual([], start_all(plan))

    def test_descendant_on_two_ways_is_dropped_once(self):
        plan = scheduler(
            task('a'),
            task('b', parents=['a']),
            task('c', parents=['a']),
            task('d', parents=['b', 'c']),
        )
        start_all(plan)
        self.assertEqual(
            {'b', 'c', 'd'}, set(plan.finished('a', succeeded=False))
        )

    def test_task_that_never_started_can_be_ended(self):
        # Planned as SKIPPED: its children wait for nothing.
        plan = scheduler(task('a'), task('b', parents=['a']))
        self.assertEqual([], plan.finished('a', succeeded=True))
        self.assertEqual(['b'], start_all(plan))

    def test_task_that_is_ended_before_its_turn_gives_it_to_the_next(self):
        plan = scheduler(
            task('a', resource('s')),
            task('b', resource('s')),
            task('c', resource('s')),
        )
        plan.next()
        plan.finished('b', succeeded=True)
        plan.finished('a', succeeded=True)
        self.assertEqual(['c'], start_all(plan))

    def test_task_that_has_ended_is_ended_once(self):
        plan = scheduler(task('a'), task('b', parents=['a']))
        start_all(plan)
        self.assertEqual(['b'], plan.finished('a', succeeded=False))
        self.assertEqual([], plan.finished('a', succeeded=False))
        self.assertEqual([], plan.finished('b', succeeded=True))


class PriorityTest(testtools.TestCase):
    def test_lower_group_is_first_whatever_the_load(self):
        plan = scheduler(
            task('a', node('c1'), group=1, expected=9),
            task('b', group=0, expected=1),
        )
        self.assertEqual(['b', 'a'], start_all(plan))

    def test_lower_group_that_does_not_fit_stops_nobody(self):
        plan = scheduler(
            task('a', node('c1'), group=0),
            task('b', node('c1'), group=0),
            task('c', node('c2'), group=1),
            node=1,
        )
        self.assertEqual(['a', 'c'], start_all(plan))

    def test_lower_group_is_first_where_others_lacked_a_place(self):
        plan = scheduler(
            task('a', node('d1', 'to')),
            task('b'),
            task('c', node('c1'), node('d1', 'to'), group=2, expected=1),
            task('d', node('c1'), node('d1', 'to'), parents=['b']),
            task('e', parents=['a'], group=1),
            task('f', parents=['a'], group=1),
            task('g', node('c1'), parents=['b'], group=3, expected=9),
            node=1,
        )
        self.assertEqual(['a', 'b'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual('e', plan.next().id)
        plan.finished('b', succeeded=True)
        self.assertEqual(['d', 'f'], start_all(plan))

    def test_most_loaded_place_is_first(self):
        plan = scheduler(
            task('a', node('c1'), expected=3),
            task('b', node('c2'), expected=2),
            task('c', node('c2'), expected=2),
            node=1,
        )
        self.assertEqual('b', plan.next().id)

    def test_load_is_what_is_left_now(self):
        plan = scheduler(
            task('a', node('c1'), expected=3),
            task('b', node('c2'), expected=2),
            task('c', node('c2'), expected=2),
            node=1,
        )
        self.assertEqual('b', plan.next().id)
        plan.finished('b', succeeded=True)
        self.assertEqual(['a', 'c'], start_all(plan))

    def test_longest_is_first_when_the_total_is_the_most_loaded(self):
        plan = scheduler(
            task('a', node('c1'), expected=2),
            task('b', node('c1'), expected=2),
            task('c', node('c2'), expected=3),
            node=1,
            total=1,
        )
        self.assertEqual('c', plan.next().id)

    def test_load_is_shared_by_the_limit(self):
        plan = scheduler(
            task('a', ('pool', 'from', 'p'), expected=3),
            task('b', node('c1'), expected=2),
            task('c', node('c1'), expected=2),
            node=2,
            pool=1,
            total=1,
        )
        self.assertEqual('a', plan.next().id)

    def test_place_without_a_limit_is_no_load(self):
        plan = scheduler(
            task('a', node('c1'), expected=1),
            task('b', node('c1'), expected=1),
            task('c', expected=1.5),
            total=1,
        )
        self.assertEqual('c', plan.next().id)

    def test_longest_of_one_place_is_first(self):
        plan = scheduler(
            task('a', node('c1'), expected=1),
            task('b', node('c1'), expected=2),
            node=1,
        )
        self.assertEqual(['b'], start_all(plan))

    def test_server_with_the_most_work_left_is_first(self):
        plan = scheduler(
            task('a', resource('v1'), expected=3),
            task('b', resource('v2'), resource('s'), expected=2),
            task('c', resource('v3'), resource('s'), expected=2),
            total=1,
        )
        self.assertEqual('b', plan.next().id)

    def test_of_equals_the_one_with_both_places_loaded_is_first(self):
        plan = scheduler(
            task('a', node('c1'), node('c2', 'to'), expected=3),
            task('b', node('c1'), node('c3', 'to'), expected=3),
            task('c', node('c4'), node('c3', 'to'), expected=1),
            node=1,
        )
        self.assertEqual('b', plan.next().id)

    def test_equal_tasks_start_in_the_order_of_the_plan(self):
        plan = scheduler(*(task(str(n), expected=1) for n in range(5)))
        self.assertEqual(['0', '1', '2', '3', '4'], start_all(plan))


class OccupyTest(testtools.TestCase):
    def test_place_that_becomes_known_counts(self):
        plan = scheduler(
            task('a', expected=1), task('b', node('c1', 'to')), node=1
        )
        self.assertEqual('a', plan.next().id)
        plan.occupy('a', node('c1', 'to'))
        self.assertEqual([], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(plan))

    def test_place_is_occupied_beyond_its_limit(self):
        plan = scheduler(
            task('a'),
            task('b'),
            task('c', node('c1', 'to'), parents=['a']),
            node=1,
        )
        start_all(plan)
        plan.occupy('a', node('c1', 'to'))
        plan.occupy('b', node('c1', 'to'))
        plan.finished('a', succeeded=True)
        self.assertEqual([], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual(['c'], start_all(plan))

    def test_place_is_occupied_once_and_instead_of_the_one_before(self):
        slots = occupancy.Slots()
        plan = scheduler(
            task('a', node('c1', 'to'), node('c2')), slots=slots
        )
        start_all(plan)
        for host in ('c1', 'c2', 'c2'):
            plan.occupy('a', node(host, 'to'))
            self.assertEqual(
                [host == 'c1', host == 'c2', 1],
                [
                    slots.used(node('c1', 'to')),
                    slots.used(node('c2', 'to')),
                    slots.used(node('c2')),
                ],
            )

    def test_pool_is_occupied_instead_of_its_backend(self):
        slots = occupancy.Slots()
        plan = scheduler(
            task('a', pool('h@b')),
            task('b', pool('h@b#p')),
            task('c', pool('h@b#q')),
            slots=slots,
            pool=1,
        )
        self.assertEqual(['a'], start_all(plan))
        plan.occupy('a', pool('h@b#p'))
        self.assertEqual(['c'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(plan))
        plan.finished('b', succeeded=True)
        plan.finished('c', succeeded=True)
        for name in ('h@b', 'h@b#p', 'h@b#q'):
            self.assertEqual(0, slots.used(pool(name)))

    def test_other_plans_are_told_of_a_pool_that_is_not_gone_to(self):
        slots = occupancy.Slots()
        woken = []
        one = scheduler(task('a', pool('h@b#p')), slots=slots, pool=1)
        other = scheduler(task('b', pool('h@b#p')), slots=slots, pool=1)
        start_all(one)
        self.assertEqual([], start_all(other))
        slots.subscribe(lambda: woken.append(start_all(other)))
        one.occupy('a', pool('h@c#p'))
        self.assertEqual([['b']], woken)

    def test_pool_that_is_gone_to_is_load_instead(self):
        plan = scheduler(
            task('a', pool('h@a#a'), expected=9),
            task('b', pool('h@a#a'), expected=2),
            task('c', pool('h@b#b'), expected=3),
            pool=2,
        )
        self.assertEqual('a', plan.next().id)
        plan.occupy('a', pool('h@c#c'))
        self.assertEqual('c', plan.next().id)

    def test_load_that_becomes_known_counts_for_what_is_blocked(self):
        plan = scheduler(
            task('a', expected=100),
            task('b', node('d1', 'to')),
            task('c', node('d1', 'to')),
            task('d', node('d2', 'to')),
            task('e', node('d2', 'to')),
            task('f', node('d2', 'to'), group=1, expected=70),
            task('g', node('c1'), node('d1', 'to'), group=1, expected=10),
            task('h', node('c1'), parents=['a'], expected=90),
            node=2,
        )
        self.assertEqual(set('abcde'), set(start_all(plan)))
        plan.occupy('a', node('c1'))
        plan.finished('b', succeeded=True)
        plan.finished('d', succeeded=True)
        self.assertEqual(['g', 'f'], start_all(plan))

    def test_task_that_has_ended_occupies_nothing(self):
        slots = occupancy.Slots()
        plan = scheduler(task('a'), slots=slots)
        start_all(plan)
        plan.finished('a', succeeded=True)
        plan.occupy('a', node('c1', 'to'))
        self.assertEqual(0, slots.used(node('c1', 'to')))

    def test_place_that_becomes_known_is_load(self):
        plan = scheduler(
            task('a', expected=9),
            task('b', node('c1'), expected=3),
            task('c', node('c2'), expected=2),
            node=2,
        )
        self.assertEqual('a', plan.next().id)
        plan.occupy('a', node('c2'))
        self.assertEqual('c', plan.next().id)


class RequeueTest(testtools.TestCase):
    def test_task_is_ready_again_when_another_has_ended(self):
        for succeeded in (True, False):
            plan = scheduler(task('a'), task('b'))
            start_all(plan)
            plan.requeue('a')
            self.assertEqual([], start_all(plan))
            plan.finished('b', succeeded)
            self.assertEqual(['a'], start_all(plan))

    def test_its_slots_are_free(self):
        plan = scheduler(
            task('a', node('c1'), expected=2),
            task('b', node('c1'), expected=1),
            node=1,
        )
        self.assertEqual(['a'], start_all(plan))
        plan.occupy('a', node('c2', 'to'))
        plan.requeue('a')
        self.assertEqual({'a', 'b'}, {one.id for one in plan.left()})
        self.assertEqual(['b'], start_all(plan))

    def test_another_that_is_requeued_has_not_ended(self):
        plan = scheduler(task('a'), task('b'))
        start_all(plan)
        plan.requeue('a')
        plan.requeue('b')
        self.assertEqual([], start_all(plan))
        self.assertEqual(set(), plan.running)
        self.assertEqual(['a', 'b'], [one.id for one in plan.left()])

    def test_task_that_is_ended_while_it_is_back_does_not_return(self):
        plan = scheduler(task('a'), task('b'))
        start_all(plan)
        plan.requeue('a')
        plan.finished('a', succeeded=False)
        plan.finished('b', succeeded=True)
        self.assertEqual([], start_all(plan))
        self.assertEqual([], plan.left())

    def test_task_that_does_not_run_cannot_be_requeued(self):
        self.assertRaises(KeyError, scheduler(task('a')).requeue, 'a')


class RequeueForASlotTest(testtools.TestCase):
    """A task that could not be done while a service was away."""

    NOVA = ('service', 'Nova')
    CINDER = ('service', 'Cinder')

    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()

    def plan(self, *tasks, **limits):
        return scheduling.Scheduler(tasks, limits, self.slots)

    def test_what_needs_a_closed_slot_does_not_start(self):
        plan = self.plan(task('a', self.NOVA), task('b', self.CINDER))
        self.slots.close(self.NOVA, 'away')
        self.assertEqual(['b'], start_all(plan))
        self.assertFalse(plan.idle)
        self.slots.open(self.NOVA, 'away')
        self.assertEqual(['a'], start_all(plan))

    def test_it_stays_closed_until_it_is_opened_as_often(self):
        plan = self.plan(task('a', self.NOVA))
        self.slots.close(self.NOVA, 'away')
        self.slots.close(self.NOVA, 'away')
        self.slots.open(self.NOVA, 'away')
        self.assertEqual([], start_all(plan))
        self.slots.open(self.NOVA, 'away')
        self.assertEqual(['a'], start_all(plan))

    def test_first_reason_that_still_holds_is_told(self):
        for why in ('one', 'two'):
            self.slots.close(self.NOVA, why)
        told = [self.slots.why_closed(self.NOVA)]
        for why in ('one', 'two'):
            self.slots.open(self.NOVA, why)
            told.append(self.slots.why_closed(self.NOVA))
        self.assertEqual(['one', 'two', ''], told)

    def test_any_number_may_use_an_open_one(self):
        plan = self.plan(*(task(str(n), self.NOVA) for n in range(50)))
        self.assertEqual(50, len(start_all(plan)))

    def test_task_waits_from_then_on_for_what_it_has_missed(self):
        plan = self.plan(
            task('a', node('c1'), self.NOVA),
            task('b', node('c1'), self.NOVA),
            node=1,
        )
        self.assertEqual(['a'], start_all(plan))
        self.slots.close(self.CINDER, 'away')
        plan.requeue('a', self.CINDER)
        # Its place is free meanwhile.
        self.assertEqual(['b'], start_all(plan))
        plan.finished('b', succeeded=True)
        self.assertEqual([], start_all(plan))
        self.assertFalse(plan.idle)
        self.slots.open(self.CINDER, 'away')
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', succeeded=True)
        self.assertEqual([], plan.left())
        self.assertEqual(0, self.slots.used(self.CINDER))

    def test_task_that_needs_it_already_just_waits_for_it(self):
        plan = self.plan(task('a', self.NOVA))
        start_all(plan)
        self.slots.close(self.NOVA, 'away')
        plan.requeue('a', self.NOVA)
        self.assertEqual([], start_all(plan))
        self.slots.open(self.NOVA, 'away')
        self.assertEqual(['a'], start_all(plan))

    def test_what_is_first_keeps_the_others_waiting(self):
        plan = self.plan(
            dataclasses.replace(task('a', self.NOVA), barrier='host'),
            task('b'),
        )
        start_all(plan)
        self.slots.close(self.NOVA, 'away')
        plan.requeue('a', self.NOVA)
        self.assertEqual([], start_all(plan))


class LeftTest(testtools.TestCase):
    def test_what_has_neither_ended_nor_been_dropped_is_left(self):
        plan = scheduler(
            task('failed'),
            task('dropped', parents=['failed']),
            task('ended'),
            task('running'),
            task('waiting', parents=['running']),
        )
        start_all(plan)
        plan.finished('failed', succeeded=False)
        plan.finished('ended', succeeded=True)
        self.assertEqual(
            ['running', 'waiting'], [one.id for one in plan.left()]
        )

    def test_what_was_stopped_is_left(self):
        plan = scheduler(task('a'), task('b', parents=['a']))
        start_all(plan)
        plan.stop()
        self.assertEqual([], plan.finished('a', succeeded=False))
        self.assertEqual(['b'], [one.id for one in plan.left()])


class TwoPlansTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()

    def plan(self, *tasks, **limits):
        return scheduler(*tasks, slots=self.slots, **limits)

    def test_limits_hold_for_both_together(self):
        one = self.plan(task('a', node('c1')), node=1)
        two = self.plan(task('b', node('c1')), task('c'), node=1)
        self.assertEqual(['a'], start_all(one))
        self.assertEqual(['c'], start_all(two))
        one.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(two))

    def test_total_holds_for_both_together(self):
        one = self.plan(task('a'), task('b'), total=2)
        two = self.plan(task('c'), total=2)
        start_all(one)
        self.assertEqual([], start_all(two))
        one.finished('b', succeeded=False)
        self.assertEqual(['c'], start_all(two))

    def test_server_is_moved_by_one_of_them(self):
        one = self.plan(task('a', resource('s')))
        two = self.plan(task('b', resource('s')))
        start_all(one)
        self.assertEqual([], start_all(two))
        one.finished('a', succeeded=True)
        self.assertEqual(['b'], start_all(two))

    def test_each_has_its_own_limits(self):
        one = self.plan(*(task(f'a{n}', node('c1')) for n in range(3)))
        two = self.plan(task('b', node('c1')), node=2)
        start_all(one)
        for ended in ('a0', 'a1'):
            self.assertEqual([], start_all(two))
            one.finished(ended, succeeded=True)
        self.assertEqual(['b'], start_all(two))

    def test_what_is_requeued_is_free_for_the_other(self):
        one = self.plan(task('a', node('c1')), node=1)
        two = self.plan(task('b', node('c1')), node=1)
        start_all(one)
        self.assertEqual([], start_all(two))
        one.requeue('a')
        self.assertEqual(['b'], start_all(two))

    def test_release_by_one_wakes_the_other(self):
        woken = []
        one = self.plan(task('a'), task('b'))
        start_all(one)
        self.slots.subscribe(lambda: woken.append('other'))
        one.finished('a', succeeded=True)
        self.assertEqual(['other'], woken)
        one.requeue('b')
        self.assertEqual(['other', 'other'], woken)

    def test_threads_do_not_exceed_a_limit(self):
        count, most, over = 400, 3, []
        plans = [
            self.plan(*(task(str(n), node('c')) for n in range(count)), node=3)
            for _ in range(2)
        ]

        def run(plan, wake):
            done = 0
            while done < count:
                started = []
                while (one := plan.next()) is not None:
                    started.append(one.id)
                    if self.slots.used(node('c')) > most:
                        over.append(one.id)
                for one in started:
                    plan.finished(one, succeeded=True)
                done += len(started)
                if not started:
                    wake.wait()
                wake.clear()

        threads = []
        for plan in plans:
            wake = threading.Event()
            self.slots.subscribe(wake.set)
            threads.append(threading.Thread(target=run, args=(plan, wake)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], over)
        self.assertEqual([[], []], [plan.left() for plan in plans])


#: A backend, its pools, and one of another.
POOLS = st.sampled_from(['h@a', 'h@a#p', 'h@a#q', 'h@b#p'])


@st.composite
def plans(draw, resources):
    """Tasks with random places, resources, groups and earlier parents."""
    tasks = []
    for index in range(draw(st.integers(1, 14))):
        slots = [
            (kind, way, draw(st.sampled_from('abc')))
            for kind, way in (('node', 'from'), ('node', 'to'))
            if draw(st.booleans())
        ]
        if draw(st.booleans()):
            slots.append(pool(draw(POOLS)))
        slots += [
            resource(name)
            for name in draw(st.sets(st.sampled_from('wxyz'), **resources))
        ]
        if draw(st.booleans()):
            slots.append(resource(f'own{index}'))
        parents = (
            draw(st.sets(st.integers(0, index - 1), max_size=2))
            if index and draw(st.booleans())
            else ()
        )
        tasks.append(
            task(
                str(index),
                *slots,
                parents=[str(p) for p in parents],
                group=draw(st.integers(0, 1)),
                expected=draw(st.integers(0, 9)),
            )
        )
    return tasks


class Model:
    """What the scheduler shall do, by looking at everything each time."""

    def __init__(self, tasks, limits):
        self.limits = {**limits, 'resource': 1}
        self.tasks = tasks
        self.left = {one.id: one for one in tasks}
        self.slots = {one.id: list(one.slots) for one in tasks}
        work = collections.Counter()
        for one in tasks:
            for slot in one.slots:
                work[slot] += one.expected
        #: By task the load of all its places but one at the start.
        self.places = {}
        for one in tasks:
            loads = [
                work[slot] / limits[slot[0]]
                for slot in one.slots
                if limits.get(slot[0])
            ]
            self.places[one.id] = sum(loads) - max(loads, default=0)
        self.succeeded = set()
        self.running = set()
        self.requeued = set()
        #: Used by others.
        self.foreign = collections.Counter()

    def fitting(self):
        """The ids of what could start now, in the order of priority."""
        used = collections.Counter(self.foreign)
        work = collections.Counter()
        for one in self.left.values():
            for slot in self.slots[one.id]:
                work[slot] += one.expected
                used[slot] += one.id in self.running
            used['total',] += one.id in self.running
            work['total',] += one.expected

        def limit(slot):
            return self.limits.get(slot[0], 0)

        def taken(slot):
            """Whether it is full, as its backend or pools may make it."""
            if slot[0] != 'pool':
                return used[slot]
            if '#' in slot[2]:
                return used[slot] + used[pool(slot[2].split('#')[0])]
            return used[slot] + max(
                used[pool(f'{slot[2]}#{name}')] for name in 'pq'
            )

        def key(rank, one):
            left = max(
                (work[s] for s in one.slots if s[0] == 'resource'),
                default=one.expected,
            )
            loads = [
                work[s] / limit(s)
                for s in [('total',), *one.slots]
                if s[0] != 'resource' and limit(s)
            ]
            others = -self.places[one.id]
            load = -max([left, *loads])
            return one.group, load, -left, -one.expected, others, rank

        return [
            id_
            for _, id_ in sorted(
                (key(rank, one), one.id)
                for rank, one in enumerate(self.tasks)
                if one.id in self.left
                and one.id not in self.running | self.requeued
                and set(one.parents) <= self.succeeded
                and all(
                    taken(slot) < (limit(slot) or 99)
                    for slot in [('total',), *one.slots]
                )
            )
        ]

    def drop(self, task_id):
        """What depends on it."""
        dropped = {task_id}
        for one in self.tasks:
            if one.id in self.left and dropped & set(one.parents):
                dropped.add(one.id)
        for gone in dropped:
            self.left.pop(gone, None)
        return dropped - {task_id}


class ModelTest(testtools.TestCase):
    limits = st.fixed_dictionaries(
        {
            'total': st.integers(0, 4),
            'node': st.integers(0, 2),
            'pool': st.integers(0, 3),
        }
    )

    @hypothesis.settings(deadline=None)
    @hypothesis.given(plans({'max_size': 1}), limits, st.data())
    def test_first_is_the_one_that_looking_at_everything_finds(
        self, tasks, limits, data
    ):
        self.run_plan(tasks, limits, data, first_only=True)

    @hypothesis.settings(deadline=None)
    @hypothesis.given(plans({'max_size': 3}), limits, st.data())
    def test_whatever_fits_starts(self, tasks, limits, data):
        # Of tasks that share several servers or volumes with others the
        # first to start may be another, but none that fits is left.
        self.run_plan(tasks, limits, data, first_only=False)

    def run_plan(self, tasks, limits, data, first_only):
        slots = occupancy.Slots()
        plan = scheduler(*tasks, slots=slots, **limits)
        model = Model(tasks, limits)
        foreign = [
            ('total',),
            node('a'),
            node('b', 'to'),
            resource('x'),
            pool('h@a'),
            pool('h@a#p'),
        ]
        steps = [
            'end',
            'end',
            'end',
            'end',
            'occupy',
            'put back',
            'skip',
            'foreign',
            'foreign',
        ]
        for _ in range(100):
            while fitting := model.fitting():
                first = plan.next().id
                self.assertIn(first, fitting[:1] if first_only else fitting)
                model.running.add(first)
            self.assertIsNone(plan.next())
            self.assertEqual(model.running, plan.running)
            self.assertEqual(list(model.left), [one.id for one in plan.left()])
            step = data.draw(st.sampled_from(steps))
            if step == 'foreign':
                slot = data.draw(st.sampled_from(foreign))
                if model.foreign[slot]:
                    slots.release([slot])
                    model.foreign[slot] -= 1
                else:
                    slots.occupy([slot])
                    model.foreign[slot] += 1
                continue
            if step == 'skip':
                chosen = sorted(set(model.left) - model.running)
            else:
                chosen = sorted(model.running)
            if not chosen:
                continue
            one = data.draw(st.sampled_from(chosen))
            if step == 'occupy':
                place = data.draw(st.one_of(st.sampled_from('abcd'), POOLS))
                slot = pool(place) if '@' in place else node(place, 'to')
                plan.occupy(one, slot)
                if slot not in model.slots[one]:
                    model.slots[one] = [
                        s for s in model.slots[one] if s[:2] != slot[:2]
                    ]
                    model.slots[one].append(slot)
                continue
            if one in model.running:
                model.running.remove(one)
                model.slots[one] = list(model.left[one].slots)
                if step == 'put back':
                    plan.requeue(one)
                    model.requeued.add(one)
                    continue
                model.requeued.clear()
            succeeded = data.draw(st.booleans())
            orphans = plan.finished(one, succeeded)
            self.assertEqual(len(orphans), len(set(orphans)))
            del model.left[one]
            if succeeded:
                model.succeeded.add(one)
                self.assertEqual([], orphans)
            else:
                self.assertEqual(model.drop(one), set(orphans))


class CountedSlots(occupancy.Slots):
    """Counts how often it is asked."""

    asked = 0

    def used(self, slot):
        self.asked += 1
        return super().used(slot)


class CostTest(testtools.TestCase):
    """Operations are counted: time would depend on the machine."""

    def run_all(self, tasks, **limits):
        """How often slots are looked at, a task, until all have ended."""
        slots = CountedSlots()
        plan = scheduler(*tasks, slots=slots, **limits)
        running = collections.deque(start_all(plan))
        ended = 0
        while running:
            plan.finished(running.popleft(), succeeded=True)
            ended += 1
            running.extend(start_all(plan))
        self.assertEqual(len(tasks), ended)
        return slots.asked / ended

    def assert_linear(self, make, **limits):
        """Five times as many cost at most a little more each."""
        few, many = make(1000), make(5000)
        self.assertLess(
            self.run_all(many, **limits), 1.5 * self.run_all(few, **limits)
        )

    def test_many_tasks_in_few_places(self):
        places = itertools.product(range(20), range(20))
        pairs = list(itertools.islice(itertools.cycle(places), 5000))
        self.assert_linear(
            lambda count: [
                task(
                    str(n),
                    node(f'c{source}'),
                    node(f'd{destination}', 'to'),
                    resource(str(n)),
                    expected=n * 7919 % 101,
                )
                for n, (source, destination) in enumerate(pairs[:count])
            ],
            total=50,
            node=2,
        )

    def test_many_tasks_without_places(self):
        self.assert_linear(
            lambda count: [
                task(str(n), expected=n % 10) for n in range(count)
            ],
            total=50,
        )

    def test_many_volumes_of_one_server(self):
        self.assert_linear(
            lambda count: [
                task(str(n), resource(f'v{n}'), resource('s'), expected=n % 9)
                for n in range(count)
            ],
            total=50,
        )

    def test_many_destinations(self):
        self.assert_linear(
            lambda count: [
                task(
                    str(n),
                    node(f'c{n % 20}'),
                    node(f'd{n // 2}', 'to'),
                    expected=n * 7919 % 101,
                )
                for n in range(count)
            ],
            total=100,
            node=2,
        )

    def test_each_task_its_own_priority(self):
        self.assert_linear(
            lambda count: [
                task(
                    str(n),
                    node(f'c{n % 20}'),
                    node(f'd{n % 17}', 'to'),
                    group=n,
                )
                for n in range(count)
            ],
            total=100,
            node=2,
        )

    def test_many_volumes_to_a_backend_and_to_its_pools(self):
        # Each that goes to the backend matters to all of its pools.
        def asked(backend):
            return self.run_all(
                [
                    task(
                        str(n),
                        pool(backend if n % 2 else f'h@b#{n // 2 % 100}'),
                        ('pool', 'from', f'h@a#{n % 97}'),
                        expected=n * 7919 % 101,
                    )
                    for n in range(2000)
                ],
                total=100,
                pool=2,
            )

        self.assertLess(asked('h@b'), 5 * asked('h@c'))
