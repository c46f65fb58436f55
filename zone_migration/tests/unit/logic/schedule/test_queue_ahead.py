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

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import resources
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import queue_ahead
from zone_migration.logic.schedule import requirements
from zone_migration.logic.schedule import scheduling
from zone_migration.tests.unit.logic.schedule import simulated_nova


def to(host):
    return (occupancy.NODE, 'to', host)


def leaving(host):
    return (occupancy.NODE, 'from', host)


def move(id_, source, destination='', type_='live_migration', **task):
    """The task that moves a server of the same id."""
    parameters = {
        'resource_id': id_,
        'source': source,
        'dst_hostname': destination,
    }
    slots = requirements.slots_of(type_, parameters)
    return scheduling.Task(id_, slots=slots, **task)


def started(plan):
    """The ids of what starts now, in their order."""
    found = []
    while (one := plan.next()) is not None:
        found.append(one.id)
    return found


def record(number, server, status, source='a', **other):
    return resources.Migration(
        **{
            'id': number,
            'server_id': server,
            'type': 'live-migration',
            'status': status,
            'source': source,
            'dest': 'c',
            **other,
        }
    )


class QueueAheadCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.slots = occupancy.Slots()

    def plan(self, *moves, begun=(), **limits):
        limits = {'total': 100, 'node': 2, **limits}
        return scheduling.Scheduler(moves, limits, self.slots, begun)

    def used(self, *slots):
        return [self.slots.used(slot) for slot in slots]

    def see(self, plan, running='', queued='', foreign=''):
        """Let Nova show these, which leave the host of their first letter."""
        statuses = {'running': running, 'queued': queued, 'preparing': foreign}
        plan.queue_ahead.see(
            record(number, server, status, server[0])
            for number, (server, status) in enumerate(
                (server, status)
                for status, servers in statuses.items()
                for server in servers.split()
            )
        )


class StartTest(QueueAheadCase):
    """What is started while its slots are full."""

    def two_sources(self, **limits):
        """Hosts a and b into c, which is full with one of each."""
        plan = self.plan(
            *(
                move(f'{host}{number}', host, 'c')
                for number in range(1, 4)
                for host in 'ab'
            ),
            **limits,
        )
        self.assertEqual(['a1', 'b1'], started(plan))
        return plan

    def test_one_of_each_source_is_queued_behind_those_that_run(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1')
        self.assertEqual(['a2', 'b2'], started(plan))
        self.assertEqual([2, 1, 1], self.used(to('c'), *map(leaving, 'ab')))

    def test_none_is_before_nova_shows_what_runs(self):
        plan = self.two_sources()
        plan.queue_ahead.see([record(1, 'a1', 'accepted')])
        self.assertEqual([], started(plan))
        self.see(plan, queued='a1')
        self.assertEqual([], started(plan))

    def test_no_second_one_is(self):
        plan = self.two_sources()
        for _ in range(3):
            self.see(plan, 'a1 b1')
            started(plan)
        self.assertEqual({'a1', 'b1', 'a2', 'b2'}, plan.running)

    def test_it_gives_up_no_place_that_it_does_not_hold(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1')
        started(plan)
        plan.occupy('a2', to('d'))
        self.assertEqual([2, 1], self.used(to('c'), to('d')))
        for one in ('a1', 'b1', 'a2', 'b2'):
            plan.finished(one, succeeded=True)
        self.assertEqual([0, 0], self.used(to('c'), to('d')))

    def test_it_gets_the_slots_of_the_one_before_it(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1')
        started(plan)
        plan.finished('a1', succeeded=True)
        self.assertEqual([], started(plan))
        self.assertEqual(
            [2, 1, 2], self.used(to('c'), leaving('a'), occupancy.ALL)
        )
        self.see(plan, 'a2 b1', 'b2')
        self.assertEqual(['a3'], started(plan))

    def test_it_is_ahead_until_then(self):
        plan = self.plan(move('a1', 'a'), move('a2', 'a'), node=1)
        started(plan)
        self.see(plan, running='a1')
        self.assertEqual(['a2'], started(plan))
        ahead = plan.queue_ahead.is_ahead
        self.assertEqual([False, True], [ahead('a1'), ahead('a2')])
        plan.finished('a1', True)
        self.assertEqual([False, False], [ahead('a1'), ahead('a2')])

    def test_it_is_told_once_that_it_has_got_them(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1')
        started(plan)
        told = [plan.queue_ahead.take_got()]
        plan.finished('a1', succeeded=True)
        told += [plan.queue_ahead.take_got() for _ in range(2)]
        self.assertEqual([[], ['a2'], []], told)

    def test_it_gets_them_from_one_that_failed_or_was_requeued(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1')
        started(plan)
        plan.requeue('a1')
        plan.finished('b1', succeeded=False)
        self.assertEqual([2, 1, 1], self.used(to('c'), *map(leaving, 'ab')))

    def test_it_occupies_its_share_of_the_total_only_then(self):
        plan = self.two_sources(node=9, total=2)
        self.see(plan, 'a1 b1')
        self.assertEqual(['a2', 'b2'], started(plan))
        self.assertEqual([2], self.used(occupancy.ALL))
        plan.finished('b1', succeeded=True)
        self.assertEqual([2], self.used(occupancy.ALL))

    def test_another_is_queued_when_it_ends_before_its_turn(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1', 'a2 b2')
        started(plan)
        plan.finished('a2', succeeded=False)
        self.assertEqual([2], self.used(to('c')))
        self.see(plan, 'a1 b1', 'b2')
        self.assertEqual(['a3'], started(plan))

    def test_all_is_released_in_the_end(self):
        plan = self.two_sources()
        while plan.left():
            running = sorted(plan.running)[:2]
            self.see(plan, ' '.join(running))
            started(plan)
            plan.finished(running[0], succeeded=True)
        self.assertEqual(
            [0] * 5,
            self.used(
                to('c'),
                leaving('a'),
                leaving('b'),
                occupancy.ALL,
                (occupancy.QUEUE, 'a'),
            ),
        )

    def test_none_starts_when_the_plan_was_stopped(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1')
        plan.stop()
        self.assertEqual([], started(plan))

    def test_none_is_queued_behind_what_others_move(self):
        plan = self.plan(move('a1', 'a', 'c'), move('a2', 'a', 'c'), node=1)
        started(plan)
        self.see(plan, foreign='a9')
        self.assertEqual([], started(plan))

    def test_none_is_queued_behind_what_another_plan_moves(self):
        plan = self.plan(
            move('b1', 'b', 'c'), move('a1', 'a', 'c'), move('a2', 'a', 'c')
        )
        other = self.plan(move('a9', 'a', 'd'))
        self.assertEqual(['b1', 'a1', 'a9'], [*started(plan), *started(other)])
        self.see(plan, 'a1')
        self.assertEqual([], started(plan))

    def test_another_plan_queues_none_at_the_same_source(self):
        plan = self.two_sources()
        self.see(plan, 'a1 b1')
        started(plan)
        other = self.plan(move('a9', 'a', 'd'))
        self.assertEqual([], started(other))
        plan.finished('a1', succeeded=True)
        self.assertEqual(['a9'], started(other))

    def test_server_that_is_busy_is_not_queued(self):
        plan = self.plan(
            scheduling.Task('volume', slots=((occupancy.RESOURCE, 'a2'),)),
            move('a1', 'a', 'c'),
            move('a2', 'a', 'c'),
            node=1,
        )
        started(plan)
        self.see(plan, 'a1')
        self.assertEqual([], started(plan))
        plan.finished('volume', succeeded=True)
        self.assertEqual(['a2'], started(plan))

    def test_what_waits_is_told_that_one_is_queued(self):
        plan = self.plan(*(move(f'a{n}', 'a') for n in range(3)))
        started(plan)
        self.see(plan, 'a0', 'a1')
        (waiting,) = plan.waiting()
        self.assertEqual(
            [(occupancy.QUEUE, 'a')], [full.slot for full in waiting.full]
        )


class DestinationTest(QueueAheadCase):
    """Where what is queued goes to."""

    def test_free_slot_of_another_destination_is_held(self):
        plan = self.plan(move('a1', 'a', 'c'), move('a2', 'a', 'd'), node=1)
        started(plan)
        self.see(plan, 'a1')
        self.assertEqual(['a2'], started(plan))
        self.assertEqual([1, 1, 1], self.used(to('c'), to('d'), leaving('a')))
        plan.finished('a1', succeeded=True)
        self.assertEqual([0, 1, 1], self.used(to('c'), to('d'), leaving('a')))

    def test_other_destination_that_is_full_is_not_exceeded(self):
        plan = self.plan(
            move('a1', 'a', 'c'),
            move('b1', 'b', 'd'),
            move('a2', 'a', 'd'),
            node=1,
        )
        started(plan)
        self.see(plan, 'a1')
        self.assertEqual([], started(plan))

    def test_only_what_all_that_run_leave_is_inherited(self):
        self.slots.widths['a'] = 2
        plan = self.plan(
            move('b1', 'b', 'c'),
            move('a1', 'a', 'c'),
            move('a2', 'a', 'd'),
            move('a3', 'a', 'c'),
            move('a4', 'a', 'e'),
        )
        self.assertEqual(['b1', 'a1', 'a2'], started(plan))
        self.see(plan, 'a1 a2')
        self.assertEqual(['a4'], started(plan))
        self.assertEqual([1], self.used(to('e')))

    def test_destination_that_nova_chose_is_held(self):
        plan = self.plan(*(move(f'a{n}', 'a') for n in range(3)), node=1)
        started(plan)
        plan.occupy('a0', to('c'))
        self.see(plan, 'a0')
        self.assertEqual(['a1'], started(plan))
        plan.occupy('a1', to('c'))
        self.assertEqual([2, 1], self.used(to('c'), leaving('a')))
        plan.finished('a0', succeeded=True)
        self.assertEqual([1, 1], self.used(to('c'), leaving('a')))


class QueuedTest(QueueAheadCase):
    """What was started within its limits, and Nova has queued."""

    def test_its_slots_are_free_for_others(self):
        plan = self.plan(
            move('a1', 'a', 'c'), move('a2', 'a', 'c'), move('b1', 'b', 'c')
        )
        self.assertEqual(['a1', 'a2'], started(plan))
        self.see(plan, 'a1', 'a2')
        self.assertEqual(['b1'], started(plan))

    def test_other_plans_are_woken(self):
        woken = []
        plan = self.plan(move('a1', 'a', 'c'), move('a2', 'a', 'c'))
        started(plan)
        self.slots.subscribe(lambda: woken.append(1))
        self.see(plan, 'a1')
        self.assertEqual([], woken)
        self.see(plan, 'a1', 'a2')
        self.see(plan, 'a1', 'a2')
        self.assertEqual([1], woken)

    def test_second_that_is_queued_keeps_its_slots(self):
        plan = self.plan(*(move(f'a{n}', 'a', 'c') for n in range(9)), node=3)
        self.assertEqual(['a0', 'a1', 'a2'], started(plan))
        self.see(plan, 'a0', 'a1 a2')
        self.assertEqual([2], self.used(to('c')))
        plan.finished('a0', succeeded=True)
        self.see(plan, 'a1', 'a2')
        self.assertEqual([1, []], [*self.used(to('c')), started(plan)])

    def test_what_was_begun_before_a_restart_is_known(self):
        moves = [move('a1', 'a', 'c'), move('a2', 'a', 'c')]
        plan = self.plan(*moves, begun=['a1', 'a2'], node=1)
        self.assertEqual([2], self.used(to('c')))
        self.see(plan, 'a1', 'a2')
        self.assertEqual([1], self.used(to('c')))

    def test_it_is_told_which_may_begin_after_one_that_is_aborted(self):
        plan = self.plan(
            *(move(f'a{n}', 'a', 'c') for n in range(3)),
            move('b0', 'b', 'd'),
            node=3,
        )
        started(plan)
        self.assertEqual({}, plan.queue_ahead.queued_behind())
        self.see(plan, 'a0 b0', 'a1')
        self.assertEqual(
            {'a0': ['a1', 'a2'], 'b0': []}, plan.queue_ahead.queued_behind()
        )


class PriorityTest(QueueAheadCase):
    """What is queued by priority."""

    def test_highest_that_could_start_is_the_next(self):
        plan = self.plan(
            move('a1', 'a', 'c'),
            move('a2', 'a', 'c', group=2),
            move('a3', 'a', 'c', group=1),
            node=1,
        )
        started(plan)
        self.see(plan, 'a1')
        self.assertEqual(['a3'], started(plan))

    def test_none_is_queued_before_a_higher_one_of_another_source(self):
        plan = self.plan(
            move('a1', 'a', 'c'),
            move('b1', 'b', 'c', group=1),
            move('a2', 'a', 'c', group=2),
            node=1,
        )
        started(plan)
        self.see(plan, 'a1')
        self.assertEqual([], started(plan))
        plan.finished('a1', succeeded=True)
        self.assertEqual(['b1'], started(plan))

    def test_one_that_is_queued_goes_before_a_higher_one_and_no_more(self):
        plan = self.plan(
            scheduling.Task('first'),
            move('a1', 'a', 'c', group=2),
            move('a2', 'a', 'c', group=2),
            move('a3', 'a', 'c', group=2),
            move('b1', 'b', 'c', group=1, parents=('first',)),
            node=1,
        )
        started(plan)
        self.see(plan, 'a1')
        self.assertEqual(['a2'], started(plan))
        plan.finished('first', succeeded=True)
        plan.finished('a1', succeeded=True)
        self.see(plan, 'a2')
        self.assertEqual([], started(plan))
        plan.finished('a2', succeeded=True)
        self.assertEqual(['b1'], started(plan))


class WidthTest(QueueAheadCase):
    """How many Nova copies from a host at once."""

    def see(self, *args, **shown):
        """Let Nova show these twice: once may be of two moments."""
        for _ in range(2):
            super().see(*args, **shown)

    def plan_of(self, count, **limits):
        return self.plan(
            *(move(f'a{n}', 'a', 'c') for n in range(count)),
            move('b0', 'b', 'c'),
            **limits,
        )

    def test_what_runs_beside_those_before_it_gets_its_slots(self):
        plan = self.plan_of(9, node=1)
        started(plan)
        self.see(plan, 'a0')
        self.assertEqual(['a1'], started(plan))
        self.see(plan, 'a0 a1')
        self.assertEqual([2, 2], self.used(to('c'), leaving('a')))
        plan.finished('a0', succeeded=True)
        self.assertEqual([[], 1], [started(plan), *self.used(to('c'))])

    def test_none_is_queued_where_that_exceeded_a_limit(self):
        plan = self.plan(
            *(move(f'b{n}', 'b', 'c') for n in range(2)),
            *(move(f'a{n}', 'a', 'c') for n in range(5)),
            node=3,
        )
        self.assertEqual(['b0', 'b1', 'a0'], started(plan))
        self.see(plan, 'a0')
        self.assertEqual(['a1'], started(plan))
        self.see(plan, 'a0 a1')
        self.assertEqual([4], self.used(to('c')))
        plan.finished('b0', succeeded=True)
        self.assertEqual([], started(plan))

    def test_one_is_queued_where_that_exceeded_none(self):
        plan = self.plan_of(4, node=2)
        self.assertEqual(['a0', 'a1'], started(plan))
        # Nova shows everything as queued for a moment.
        self.see(plan, 'a0', 'a1')
        self.see(plan, 'a0 a1')
        self.assertEqual(['a2'], started(plan))

    def test_one_that_runs_instead_of_another_runs_not_beside_it(self):
        plan = self.plan_of(4, node=1)
        self.assertEqual(['a0'], started(plan))
        self.see(plan, 'a0')
        self.assertEqual(['a1'], started(plan))
        # What is shown of a0 was read before it had ended.
        super().see(plan, 'a0 a1')
        plan.finished('a0', succeeded=True)
        super().see(plan, 'a1')
        self.assertEqual(['a2'], started(plan))

    def test_as_many_have_to_run_as_ran_at_once(self):
        plan = self.plan_of(4, node=2)
        started(plan)
        self.see(plan, 'a0 a1')
        self.assertEqual(['a2'], started(plan))
        plan.finished('a0', succeeded=True)
        self.see(plan, 'a1', 'a2')
        self.assertEqual([], started(plan))

    def test_none_is_ahead_where_more_run_than_the_limit_allows(self):
        moves = [move(f'a{n}', 'a', 'c') for n in range(3)]
        plan = self.plan(*moves, begun=['a0', 'a1', 'a2'], node=1)
        self.see(plan, 'a0 a1', 'a2')
        self.assertEqual([3], self.used(occupancy.ALL))

    def test_it_is_known_to_all_plans(self):
        plan = self.plan_of(4, node=1)
        started(plan)
        self.see(plan, 'a0', foreign='a9')
        plan.finished('a0', succeeded=True)
        plan.stop()
        moves = [move(f'a{n}', 'a', 'd') for n in range(5, 8)]
        other = self.plan(*moves, node=1)
        self.assertEqual(['a5'], started(other))
        self.see(other, 'a5')
        self.assertEqual([], started(other))

    def test_without_a_limit_nothing_changes(self):
        plan = self.plan_of(9, node=0)
        self.assertEqual(10, len(started(plan)))
        self.see(plan, 'a0', 'a1 a2')
        self.assertEqual([10], self.used(occupancy.ALL))


class MostAtOnceTest(testtools.TestCase):
    def test_one_more_for_each_source_may_run(self):
        tasks = [
            move('s', 'a'),
            move('t', 'a'),
            move('u', 'b'),
            move('v', 'c', 'd', 'cold_migration'),
        ]
        self.assertEqual(7, queue_ahead.most_at_once(tasks, {'total': 5}))

    def test_no_limit_stays_none(self):
        tasks = [move('s', 'a')]
        self.assertEqual(0, queue_ahead.most_at_once(tasks, {'total': 0}))


class ColdTest(QueueAheadCase):
    def test_it_is_not_queued_ahead(self):
        plan = self.plan(
            move('a1', 'a', 'c'),
            move('a2', 'a', 'c', 'cold_migration'),
            node=1,
        )
        started(plan)
        self.see(plan, 'a1')
        self.assertEqual([], started(plan))

    def test_nothing_is_queued_behind_it(self):
        plan = self.plan(
            move('a1', 'a', 'c', 'cold_migration'),
            move('a2', 'a', 'c'),
            node=1,
        )
        started(plan)
        plan.queue_ahead.see([record(1, 'a1', 'migrating', type='migration')])
        self.assertEqual([], started(plan))

    def test_it_starts_while_a_live_migration_is_queued(self):
        plan = self.plan(
            *(move(f'a{n}', 'a', 'c') for n in range(3)),
            move('cold', 'a', 'd', 'cold_migration'),
        )
        started(plan)
        self.see(plan, 'a0', 'a1')
        self.assertEqual(['cold'], started(plan))


@st.composite
def plans(draw):
    """Moves of servers, live and cold, with volumes before some of them."""
    tasks = []
    for number in range(draw(st.integers(1, 16))):
        id_ = f's{number}'
        parents = ()
        if draw(st.integers(0, 4)) == 0:
            volume = scheduling.Task(
                f'v{number}',
                slots=((occupancy.RESOURCE, id_),),
                group=draw(st.integers(0, 1)),
            )
            tasks.append(volume)
            parents = (volume.id,) if draw(st.booleans()) else ()
        is_live = draw(st.integers(0, 5)) > 0
        tasks.append(
            move(
                id_,
                draw(st.sampled_from('abc')),
                draw(st.sampled_from('de')),
                'live_migration' if is_live else 'cold_migration',
                group=draw(st.integers(0, 1)),
                expected=float(draw(st.integers(1, 3))),
                parents=parents,
            )
        )
    return tasks


class PromiseTest(testtools.TestCase):
    """Random plans in a simulated Nova."""

    limits = st.fixed_dictionaries(
        {'total': st.integers(0, 4), 'node': st.integers(0, 3)}
    )
    widths = st.fixed_dictionaries({host: st.integers(1, 3) for host in 'abc'})

    def run_plan(self, tasks, limits, widths, data, known=False):
        """The excess at each moment, by slot, of what really moves."""
        seconds = {
            task.id: data.draw(st.integers(5, 80)) / 10 for task in tasks
        }
        slots = occupancy.Slots()
        if known:
            slots.widths.update(widths)
        plan = scheduling.Scheduler(tasks, limits, slots)
        nova = simulated_nova.Nova(widths, seconds)
        simulated_nova.run(plan, nova, plan.queue_ahead.see)
        self.assertEqual([], plan.left())
        self.assertEqual({task.id for task in tasks}, nova.ended.keys())
        return self.excess(nova, limits)

    @staticmethod
    def excess(nova, limits):
        """``{slot: {number of sources that move there: excess}}``."""
        found = collections.defaultdict(list)
        for now in nova.began.values():
            used = collections.defaultdict(list)
            for id_, task in nova.tasks.items():
                began = nova.began[id_]
                if began <= now < nova.ended[id_]:
                    source = {s[2] for s in task.slots if s[1] == 'from'}
                    for slot in (occupancy.ALL, *task.slots):
                        used[slot].append(*source or ['none'])
            for slot, sources in used.items():
                limit = {**limits, 'resource': 1}.get(slot[0])
                if limit and len(sources) > limit:
                    found[slot].append(
                        (len(sources) - limit, len(set(sources)))
                    )
        return found

    @hypothesis.settings(deadline=None)
    @hypothesis.given(plans(), limits, widths, st.data())
    def test_limits_are_exceeded_by_one_for_each_source_at_most(
        self, tasks, limits, widths, data
    ):
        for slot, excess in self.run_plan(tasks, limits, widths, data).items():
            self.assertNotEqual(occupancy.RESOURCE, slot[0])
            for more, sources in excess:
                self.assertLessEqual(more, sources)

    @hypothesis.settings(deadline=None)
    @hypothesis.given(plans(), limits, widths, st.data())
    def test_no_limit_is_exceeded_where_the_widths_were_seen(
        self, tasks, limits, widths, data
    ):
        self.assertEqual(
            {}, self.run_plan(tasks, limits, widths, data, known=True)
        )

    @hypothesis.settings(deadline=None)
    @hypothesis.given(plans(), limits, st.data())
    def test_no_limit_is_exceeded_with_the_default_of_nova(
        self, tasks, limits, data
    ):
        self.assertEqual({}, self.run_plan(tasks, limits, {}, data))
