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
import random

import testtools

from benchmarks import schedule
from zone_migration.logic.schedule import makespan
from zone_migration.logic.schedule import scheduling


def task(id_, *slots, parents=(), expected=1.0):
    return scheduling.Task(
        id_, tuple(parents), tuple(slots), expected=expected
    )


def case(**changes):
    return schedule.Case(
        **{
            'servers': 60,
            'sources': 5,
            'spread': 'even',
            'destinations': 'random',
            'limits': schedule.DEFAULTS,
            **changes,
        }
    )


def source_of(task):
    return next(slot for slot in task.slots if slot[1] == 'from')


def most_at_once(runs, key):
    """By key of a task, how many of them run at once at most."""
    most = collections.Counter()
    changes = collections.defaultdict(list)
    for run in runs:
        for one in key(run.task):
            changes[one] += [(run.start, 1), (run.end, -1)]
    for one, events in changes.items():
        now = 0
        # At one time what ends goes first.
        for _, change in sorted(events):
            now += change
            most[one] = max(most[one], now)
    return most


class SimulateTest(testtools.TestCase):
    def simulate(self, tasks, **limits):
        durations = {one.id: one.expected for one in tasks}
        return schedule.simulate(tasks, limits, durations)

    def test_each_task_runs_once_for_its_duration(self):
        tasks = case().plan(0)
        chance = random.Random(0)
        durations = {one.id: chance.uniform(1, 9) for one in tasks}
        runs = schedule.simulate(tasks, schedule.DEFAULTS, durations)
        self.assertEqual(
            sorted(one.id for one in tasks),
            sorted(run.task.id for run in runs),
        )
        for run in runs:
            self.assertAlmostEqual(
                durations[run.task.id], run.end - run.start
            )

    def test_limits_are_respected(self):
        limits = {'total': 4, 'node': 2}
        runs = self.simulate(case().plan(0), **limits)
        self.assertEqual(
            4, most_at_once(runs, lambda one: ['total'])['total']
        )
        slots = most_at_once(runs, lambda one: one.slots)
        for slot, most in slots.items():
            most_allowed = {'node': 2, 'resource': 1}.get(slot[0], most)
            self.assertLessEqual(most, most_allowed)

    def test_child_starts_when_its_parents_have_ended(self):
        tasks = [
            task('a', expected=1),
            task('b', expected=4),
            task('c', parents=['a', 'b'], expected=2),
        ]
        runs = {run.task.id: run for run in self.simulate(tasks)}
        self.assertEqual(4, runs['c'].start)
        self.assertEqual(6, runs['c'].end)

    def test_nothing_waits_while_its_slots_are_free(self):
        tasks = [task(str(n), ('node', 'from', 'c')) for n in range(4)]
        starts = [run.start for run in self.simulate(tasks, node=2)]
        self.assertEqual([0, 0, 1, 1], sorted(starts))

    def test_no_plan_ends_before_the_bound(self):
        for destinations in ('none', 'balanced', 'random'):
            tasks = case(destinations=destinations).plan(3)
            runs = self.simulate(tasks, **schedule.DEFAULTS)
            durations = {one.id: one.expected for one in tasks}
            self.assertLessEqual(
                makespan.lower_bound(durations, tasks, schedule.DEFAULTS),
                max(run.end for run in runs),
            )


class CaseTest(testtools.TestCase):
    def test_plan_is_the_same_each_time(self):
        self.assertEqual(case().plan(1), case().plan(1))
        self.assertNotEqual(case().plan(1), case().plan(2))

    def test_skewed_plan_has_half_on_one_source(self):
        plan = case(servers=400, spread='skewed').plan(0)
        count = collections.Counter(source_of(one)[2] for one in plan)
        self.assertTrue(160 < count['c0'] < 240)
        self.assertEqual(5, len(count))

    def test_balanced_destinations_receive_the_same(self):
        work = collections.Counter()
        for one in case(servers=400, destinations='balanced').plan(0):
            slot = next(s for s in one.slots if s[1] == 'to')
            work[slot] += one.expected
        self.assertLess(max(work.values()), 1.05 * min(work.values()))

    def test_destination_that_nova_chooses_is_no_slot(self):
        for one in case(destinations='none').plan(0):
            self.assertEqual([], [s for s in one.slots if s[1] == 'to'])


class WavesTest(testtools.TestCase):
    def test_wave_waits_for_all_of_the_one_before(self):
        tasks = schedule.waves([task(id_) for id_ in 'abcde'], 2)
        self.assertEqual(
            [set(), set(), {'a', 'b'}, {'a', 'b'}, {'c', 'd'}],
            [set(one.parents) for one in tasks],
        )

    def test_nova_queues_what_is_above_its_limit_for_a_source(self):
        a, b = ('node', 'from', 'a'), ('node', 'from', 'b')
        tasks = [task('1', a), task('2', a), task('3', b), task('4', b)]
        limits = {'total': 9, 'node': 1}
        durations = {'1': 1.0, '2': 2.0, '3': 4.0, '4': 1.0}
        # Waves of two: the first takes 1 + 2, the second 4 + 1.
        self.assertEqual(
            8.0, schedule.waves_in_nova(tasks, limits, durations)
        )
