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

from zone_migration.logic.schedule import blocking
from zone_migration.logic.schedule import occupancy
from zone_migration.tests.unit.logic.schedule import test_scheduling

node = test_scheduling.node
pool = test_scheduling.pool
resource = test_scheduling.resource
scheduler = test_scheduling.scheduler
start_all = test_scheduling.start_all
task = test_scheduling.task


class WaitingTest(testtools.TestCase):
    """What keeps the tasks from starting that have yet to start."""

    def waiting(self, plan):
        """``{id: what keeps it}``: a task, or how full its slots are."""
        return {
            one.task.id: one.after
            or [(full.slot, full.used, full.limit) for full in one.full]
            for one in plan.waiting()
        }

    def test_full_slots_are_told_that_of_the_total_last(self):
        plan = scheduler(
            *(task(id_, node('c1'), pool('p')) for id_ in 'ab'),
            node=1,
            pool=2,
            total=1,
        )
        start_all(plan)
        self.assertEqual(
            {'b': [(node('c1'), 1, 1), (('total',), 1, 1)]},
            self.waiting(plan),
        )

    def test_what_another_plan_occupies_counts(self):
        slots = occupancy.Slots()
        slots.occupy([node('c1')] * 3)
        plan = scheduler(task('a', node('c1')), slots=slots, node=2)
        self.assertEqual({'a': [(node('c1'), 3, 2)]}, self.waiting(plan))

    def test_those_of_others_are_told_apart(self):
        slots = occupancy.Slots()
        slots.occupy([node('c1')] * 2)
        plan = scheduler(
            *(task(id_, node('c1')) for id_ in 'ab'), slots=slots, node=3
        )
        start_all(plan)
        (one,) = plan.waiting()
        self.assertEqual((3, 2), (one.full[0].used, one.full[0].others))

    def test_a_slot_without_a_limit_is_never_full(self):
        plan = scheduler(task('a', node('c1')), task('b', node('c1')), total=1)
        start_all(plan)
        self.assertEqual({'b': [(('total',), 1, 1)]}, self.waiting(plan))

    def test_a_server_that_moves_is_full(self):
        plan = scheduler(task('a', resource('s')), task('b', resource('s')))
        start_all(plan)
        self.assertEqual({'b': [(resource('s'), 1, 1)]}, self.waiting(plan))

    def test_a_child_waits_for_the_first_of_its_parents_that_is_left(self):
        plan = scheduler(
            task('a'), task('b'), task('c', parents=['a', 'b']), total=1
        )
        start_all(plan)
        self.assertEqual('a', self.waiting(plan)['c'])
        plan.finished('a', succeeded=True)
        self.assertEqual('b', self.waiting(plan)['c'])

    def test_all_wait_for_a_barrier_but_barriers(self):
        plan = scheduler(
            task('a'),
            task('b', barrier=True),
            task('c', barrier=True),
            total=1,
        )
        start_all(plan)
        self.assertEqual(
            {'a': 'b', 'c': [(('total',), 1, 1)]}, self.waiting(plan)
        )

    def test_what_can_start_lacks_nothing(self):
        self.assertEqual({'a': []}, self.waiting(scheduler(task('a'))))

    def test_what_starts_next_is_told_first(self):
        plan = scheduler(
            task('child', parents=['first']),
            task('light', node('c1'), expected=1),
            task('first', node('c2'), expected=9),
            task('heavy', node('c2'), expected=8),
            task('urgent', node('c1'), group=-1, expected=1),
            total=1,
        )
        started = []
        while (one := plan.next()) is not None:
            started.append(one.id)
            if len(started) == 1:
                told = [waiting.task.id for waiting in plan.waiting()]
            plan.finished(one.id, succeeded=True)
        self.assertEqual(
            ['urgent', 'first', 'heavy', 'light', 'child'], started
        )
        self.assertEqual(started[1:], told)

    def test_nothing_waits_any_more_after_stop(self):
        plan = scheduler(task('a'))
        plan.stop()
        self.assertEqual([], plan.waiting())


class WaitedForTest(testtools.TestCase):
    """What a task that starts has waited for last."""

    def waited_for(self, plan):
        """What the one that starts next has waited for."""
        return plan.waited_for(plan.next())

    def test_what_starts_at_once_has_waited_for_nothing(self):
        plan = scheduler(task('a', node('c1')), node=1, total=1)
        self.assertEqual((None, ''), self.waited_for(plan))

    def test_the_slot_that_became_free_is_what_it_has_waited_for(self):
        plan = scheduler(task('a', node('c1')), task('b', node('c1')), node=1)
        start_all(plan)
        plan.finished('a', succeeded=True)
        self.assertEqual((node('c1'), ''), self.waited_for(plan))

    def test_a_host_is_told_before_the_total(self):
        plan = scheduler(
            task('a', node('c1')), task('b', node('c1')), node=1, total=1
        )
        start_all(plan)
        plan.finished('a', succeeded=True)
        # Nobody has looked at the host, as nothing could start at all.
        self.assertEqual((('total',), ''), self.waited_for(plan))
        plan = scheduler(
            task('a', node('c1')),
            task('b', node('c1')),
            task('c', node('c2')),
            node=1,
            total=2,
        )
        self.assertEqual(['a', 'c'], start_all(plan))
        plan.finished('a', succeeded=True)
        plan.finished('c', succeeded=True)
        self.assertEqual((node('c1'), ''), self.waited_for(plan))

    def test_the_slot_that_became_free_last_counts(self):
        plan = scheduler(
            task('a', node('c1')),
            task('b', pool('p')),
            task('c', node('c1'), pool('p')),
            node=1,
            pool=1,
        )
        start_all(plan)
        for ended in ('a', 'b'):
            self.assertEqual([], start_all(plan))
            plan.finished(ended, succeeded=True)
        self.assertEqual((pool('p'), ''), self.waited_for(plan))

    def test_a_child_has_waited_for_its_last_parent(self):
        plan = scheduler(
            task('a', resource('s')),
            task('b', resource('s')),
            task('c', resource('s'), parents=['a', 'b']),
        )
        start_all(plan)
        plan.finished('a', succeeded=True)
        start_all(plan)
        plan.finished('b', succeeded=True)
        self.assertEqual((None, 'b'), self.waited_for(plan))

    def test_a_child_that_then_waits_for_a_slot_has_waited_for_that(self):
        plan = scheduler(
            task('a'),
            task('b', node('c1')),
            task('c', node('c1'), parents='a'),
            node=1,
        )
        start_all(plan)
        plan.finished('a', succeeded=True)
        start_all(plan)
        plan.finished('b', succeeded=True)
        self.assertEqual(node('c1'), self.waited_for(plan)[0])

    def test_what_a_barrier_held_has_waited_for_it(self):
        plan = scheduler(task('a'), task('b', barrier=True))
        start_all(plan)
        plan.finished('b', succeeded=False)
        self.assertEqual((None, 'b'), self.waited_for(plan))

    def test_what_was_requeued_has_waited_for_the_service(self):
        slots = occupancy.Slots()
        nova = (occupancy.SERVICE, 'Nova')
        plan = scheduler(task('a'), slots=slots)
        start_all(plan)
        slots.close(nova, 'away')
        plan.requeue('a', nova)
        start_all(plan)
        slots.open(nova, 'away')
        self.assertEqual((nova, ''), self.waited_for(plan))


class LastWaitsTest(testtools.TestCase):
    def test_of_what_became_free_at_once_the_host_is_told(self):
        waits = blocking.LastWaits()
        waits.ready('a')
        slots = (resource('s'), ('total',), node('c1'))
        waits.freed(slots)
        self.assertEqual(node('c1'), waits.slot(task('a', *slots)))
        waits.freed([('total',)])
        self.assertEqual(('total',), waits.slot(task('a', *slots)))

    def test_what_became_free_before_it_was_ready_does_not_count(self):
        waits = blocking.LastWaits()
        waits.freed([node('c1')])
        waits.ready('a')
        self.assertIsNone(waits.slot(task('a', node('c1'))))
        waits.ready('a', as_slots_are_freed=True)
        waits.freed([node('c1')])
        self.assertIsNone(waits.slot(task('a', node('c1'))))
