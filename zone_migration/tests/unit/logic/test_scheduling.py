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
from unittest import mock

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import scheduling


def node(name, way='from'):
    return (scheduling.NODE, way, name)


def resource(name):
    return (scheduling.RESOURCE, name)


def task(id_, *slots, parents=()):
    return scheduling.Task(id_, tuple(parents), tuple(slots))


def scheduler(*tasks, **limits):
    return scheduling.Scheduler(tasks, scheduling.Slots(limits))


def start_all(plan):
    """The ids of what starts now, in their order."""
    started = []
    while (one := plan.next()) is not None:
        started.append(one.id)
    return started


class SlotsOfTest(testtools.TestCase):
    def test_server_move_occupies_both_hosts_and_the_server(self):
        for action_type in ('live_migration', 'cold_migration'):
            self.assertEqual(
                (
                    ('node', 'from', 'c1'),
                    ('node', 'to', 'c2'),
                    ('resource', 's'),
                ),
                scheduling.slots_of(
                    action_type,
                    {
                        'resource_id': 's',
                        'source': 'c1',
                        'dst_hostname': 'c2',
                    },
                ),
            )

    def test_watchers_own_migrate_occupies_the_same(self):
        self.assertEqual(
            (
                ('node', 'from', 'c1'),
                ('node', 'to', 'c2'),
                ('resource', 's'),
            ),
            scheduling.slots_of(
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
            scheduling.slots_of(
                'volume_update',
                {
                    'resource_id': 'v',
                    'server_id': 's',
                    'source': 'h@a#a',
                    'dst_hostname': 'h@b#b',
                },
            ),
        )

    def test_place_that_is_not_known_is_not_occupied(self):
        self.assertEqual(
            (('resource', 's'),),
            scheduling.slots_of(
                'live_migration',
                {'resource_id': 's', 'source': '', 'dst_hostname': None},
            ),
        )

    def test_foreign_action_occupies_its_resource_only(self):
        self.assertEqual(
            (('resource', 'r'),),
            scheduling.slots_of(
                'resize', {'resource_id': 'r', 'source': 'c1'}
            ),
        )

    def test_action_without_parameters_occupies_nothing(self):
        self.assertEqual((), scheduling.slots_of('nop', {}))


class SlotsTest(testtools.TestCase):
    def test_slots_are_free_up_to_their_limit(self):
        slots = scheduling.Slots({scheduling.NODE: 2})
        slots.take([node('c1')])
        self.assertTrue(slots.free([node('c1')]))
        slots.take([node('c1')])
        self.assertFalse(slots.free([node('c1')]))

    def test_directions_are_counted_apart(self):
        slots = scheduling.Slots({scheduling.NODE: 1})
        slots.take([node('c1')])
        self.assertTrue(slots.free([node('c1', 'to')]))

    def test_limit_zero_is_no_limit(self):
        slots = scheduling.Slots({scheduling.NODE: 0})
        slots.take([node('c1')] * 100)
        self.assertTrue(slots.free([node('c1')]))

    def test_kind_without_a_limit_is_not_limited(self):
        slots = scheduling.Slots({})
        slots.take([node('c1')] * 100)
        self.assertTrue(slots.free([node('c1')]))

    def test_resource_is_occupied_by_one(self):
        slots = scheduling.Slots({})
        slots.take([resource('s')])
        self.assertFalse(slots.free([resource('s')]))

    def test_what_is_given_back_is_free(self):
        slots = scheduling.Slots({})
        slots.take([resource('s')])
        slots.give_back([resource('s')])
        self.assertTrue(slots.free([resource('s')]))


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
        plan.finished('b', well=True)
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
        plan.finished('a', well=True)
        self.assertEqual(['b'], start_all(plan))

    def test_two_tasks_on_one_resource_never_overlap(self):
        plan = scheduler(task('a', resource('s')), task('b', resource('s')))
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', well=False)
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
        plan.finished('a', well=True)
        self.assertEqual([], start_all(plan))
        plan.finished('b', well=True)
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
        plan.finished('a', well=True)
        self.assertIsNone(plan.next())

    def test_running_tasks_are_known(self):
        plan = scheduler(task('a'), task('b'))
        start_all(plan)
        plan.finished('a', well=True)
        self.assertEqual({'b'}, plan.running)


class ParentsTest(testtools.TestCase):
    def test_child_waits_for_its_parent(self):
        plan = scheduler(task('child', parents=['a']), task('a'))
        self.assertEqual(['a'], start_all(plan))
        plan.finished('a', well=True)
        self.assertEqual(['child'], start_all(plan))

    def test_child_waits_for_all_its_parents(self):
        plan = scheduler(
            task('a'), task('b'), task('child', parents=['a', 'b'])
        )
        start_all(plan)
        plan.finished('a', well=True)
        self.assertEqual([], start_all(plan))
        plan.finished('b', well=True)
        self.assertEqual(['child'], start_all(plan))

    def test_parent_that_is_not_in_the_plan_has_ended(self):
        self.assertEqual(
            ['a'], start_all(scheduler(task('a', parents=['gone'])))
        )

    def test_parent_that_is_named_twice_is_waited_for_once(self):
        plan = scheduler(task('a'), task('b', parents=['a', 'a']))
        start_all(plan)
        plan.finished('a', well=True)
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
            ['child', 'grandchild'], plan.finished('a', well=False)
        )
        self.assertEqual([], start_all(plan))

    def test_child_of_a_failed_and_another_task_is_dropped_once(self):
        plan = scheduler(
            task('a'), task('b'), task('child', parents=['a', 'b'])
        )
        start_all(plan)
        self.assertEqual(['child'], plan.finished('a', well=False))
        self.assertEqual([], plan.finished('b', well=False))
        self.assertEqual([], start_all(plan))

    def test_descendant_on_two_ways_is_dropped_once(self):
        plan = scheduler(
            task('a'),
            task('b', parents=['a']),
            task('c', parents=['a']),
            task('d', parents=['b', 'c']),
        )
        start_all(plan)
        self.assertEqual(['b', 'c', 'd'], plan.finished('a', well=False))

    def test_task_that_never_started_can_be_ended(self):
        # Planned as SKIPPED: its children wait for nothing.
        plan = scheduler(task('a'), task('b', parents=['a']), total=1)
        plan.next()
        self.assertEqual([], plan.finished('a', well=True))
        self.assertEqual(['b'], start_all(plan))


@st.composite
def plans(draw):
    """Tasks with random places, resources and earlier parents."""
    tasks = []
    for index in range(draw(st.integers(1, 12))):
        slots = [
            node(draw(st.sampled_from('ab')), way)
            for way in ('from', 'to')
            if draw(st.booleans())
        ]
        slots += [
            resource(name)
            for name in draw(st.sets(st.sampled_from('xyz'), max_size=2))
        ]
        parents = (
            draw(st.sets(st.integers(0, index - 1), max_size=2))
            if index and draw(st.booleans())
            else ()
        )
        tasks.append(
            task(str(index), *slots, parents=[str(p) for p in parents])
        )
    return tasks


class ModelTest(testtools.TestCase):
    @hypothesis.given(
        plans(), st.integers(0, 3), st.integers(0, 2), st.data()
    )
    def test_any_plan_runs_to_its_end_within_its_limits(
        self, tasks, total, per_node, data
    ):
        limits = {'total': total, 'node': per_node}
        plan = scheduler(*tasks, **limits)
        by_id = {t.id: t for t in tasks}
        started, ended_well, dropped = [], set(), set()
        running = set()
        while True:
            while (one := plan.next()) is not None:
                self.assertNotIn(one.id, started)
                self.assertEqual(set(), set(one.parents) - ended_well)
                started.append(one.id)
                running.add(one.id)
            used = _used(by_id[i] for i in running)
            self.assertTrue(_within(used, len(running), limits))
            for waiting in by_id.values():
                if (
                    waiting.id in started
                    or waiting.id in dropped
                    or not set(waiting.parents) <= ended_well
                ):
                    continue
                more = _used([waiting], used)
                self.assertFalse(_within(more, len(running) + 1, limits))
            self.assertEqual(running, plan.running)
            if not running:
                break
            ended = data.draw(st.sampled_from(sorted(running)))
            running.remove(ended)
            well = data.draw(st.booleans())
            if well:
                ended_well.add(ended)
            orphans = plan.finished(ended, well)
            self.assertEqual(len(orphans), len(set(orphans)))
            self.assertFalse(set(orphans) & (dropped | set(started)))
            dropped |= set(orphans)
        self.assertEqual(set(by_id), set(started) | dropped)
        self.assertEqual(set(), set(started) & dropped)


class CostTest(testtools.TestCase):
    """Operations are counted: time would depend on the machine."""

    def looks(self, count):
        """How often slots are looked at for so many tasks in few places."""
        tasks = [
            task(str(n), node(f'c{n % 10}'), resource(f's{n}'))
            for n in range(count)
        ]
        plan = scheduler(*tasks, total=50, node=5)
        looks = 0
        free = scheduling.Slots.free

        def counted(slots, wanted):
            nonlocal looks
            looks += 1
            return free(slots, wanted)

        with mock.patch.object(scheduling.Slots, 'free', counted):
            running = collections.deque(start_all(plan))
            ended = 0
            while running:
                plan.finished(running.popleft(), well=True)
                ended += 1
                running.extend(start_all(plan))
        self.assertEqual(count, ended)
        return looks

    def test_ten_thousand_tasks_in_few_places_take_linear_work(self):
        self.assertLess(self.looks(10_000), 11 * self.looks(1_000))


def _used(tasks, used=()):
    count = collections.Counter(used)
    for one in tasks:
        count.update(one.slots)
    return count


def _within(used, running, limits):
    if limits['total'] and running > limits['total']:
        return False
    return all(
        number <= (1 if slot[0] == 'resource' else limits['node'] or number)
        for slot, number in used.items()
    )
