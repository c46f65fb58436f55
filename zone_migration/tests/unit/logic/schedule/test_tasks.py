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

import testtools

from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import ordering
from zone_migration.logic.schedule import scheduling
from zone_migration.logic.schedule import tasks


def server(id_, parents=(), **parameters):
    return {
        'uuid': id_,
        'parents': list(parents),
        'action_type': 'live_migration',
        'input_parameters': {'resource_id': id_, **parameters},
    }


def volume(id_, **parameters):
    return {**server(id_, **parameters), 'action_type': 'volume_update'}


def host(name):
    return {
        'uuid': name,
        'parents': None,
        'action_type': 'change_nova_service_state',
        'input_parameters': {
            'resource_id': name,
            'resource_name': name,
            'state': 'disabled',
            'disabled_reason': 'watcher_zone_migration audit',
        },
    }


class WayBackTest(testtools.TestCase):
    FROM, TO = ('node', 'from', 'c1'), ('node', 'to', 'c2')

    def way_back(self, *plan, used=None):
        """By id: the parents of each that is taken back."""
        used = used or {task.id: task.slots for task in plan}
        return {task.id: task.parents for task in tasks.way_back(plan, used)}

    def test_it_goes_from_where_it_has_gone_to(self):
        (back,) = tasks.way_back(
            [scheduling.Task('s', slots=(self.FROM, ('resource', 's')))],
            {'s': (self.FROM, ('resource', 's'), self.TO)},
        )
        self.assertEqual(
            (('node', 'to', 'c1'), ('resource', 's'), ('node', 'from', 'c2')),
            back.slots,
        )

    def test_it_waits_for_no_queue_of_where_it_came_from(self):
        (back,) = tasks.way_back(
            [scheduling.Task('s')], {'s': (('queue', 'c1'), self.FROM)}
        )
        self.assertEqual((('node', 'to', 'c1'),), back.slots)

    def test_last_is_the_first(self):
        plan = [scheduling.Task(id_) for id_ in 'abc']
        used = dict.fromkeys('bac', ())
        self.assertEqual(
            ['c', 'a', 'b'], list(self.way_back(*plan, used=used))
        )

    def test_what_began_in_a_later_group_goes_back_in_an_earlier_one(self):
        plan = [scheduling.Task('a'), scheduling.Task('b', group=1)]
        self.assertEqual(
            [-1, 0],
            [t.group for t in tasks.way_back(plan, {'a': (), 'b': ()})],
        )

    def test_it_waits_for_its_children(self):
        self.assertEqual(
            {'a': ('b', 'c'), 'b': (), 'c': ()},
            self.way_back(
                scheduling.Task('a'),
                scheduling.Task('b', parents=('a',)),
                scheduling.Task('c', parents=('a',)),
            ),
        )

    def test_what_is_not_taken_back_is_seen_through(self):
        # In plans of others a child of what has failed runs.
        self.assertEqual(
            {'a': ('c',), 'c': ()},
            self.way_back(
                scheduling.Task('a'),
                scheduling.Task('b', parents=('a',)),
                scheduling.Task('c', parents=('b',)),
                used={'a': (), 'c': ()},
            ),
        )

    def test_host_is_enabled_before_servers_go_back_to_it(self):
        # Nova sends none to a host that is disabled.
        plan = [
            scheduling.Task('c1', barrier='host'),
            scheduling.Task('s', parents=('c1',)),
        ]
        self.assertEqual({'s': (), 'c1': ()}, self.way_back(*plan))
        self.assertEqual(
            ['', 'host'],
            [t.barrier for t in tasks.way_back(plan, {'c1': (), 's': ()})],
        )


class OfPlanTest(testtools.TestCase):
    def test_action_becomes_a_task_with_all_that_decides(self):
        self.assertEqual(
            [
                scheduling.Task(
                    id='s',
                    parents=('v',),
                    slots=(
                        ('node', 'from', 'c1'),
                        ('resource', 's'),
                        ('queue', 'c1'),
                        ('service', 'Nova'),
                    ),
                    group=0,
                    expected=ordering.OVERHEAD_MB + 512.0,
                )
            ],
            tasks.of_plan(
                [server('s', ['v'], source='c1', memory_mb=512)], {}
            ),
        )

    def test_disabling_hosts_and_backends_is_first(self):
        backend = {**host('b'), 'action_type': host_changes.CHANGE_BACKEND}
        plan = tasks.of_plan([host('c'), backend, server('s')], {})
        self.assertEqual(
            ['host', 'backend', ''], [task.barrier for task in plan]
        )
        self.assertEqual(
            [('service', 'Nova'), ('service', 'Cinder')],
            [task.slots[-1] for task in plan[:2]],
        )


class RunTest(testtools.TestCase):
    """In which order the actions of a plan start, of equal durations."""

    def starts(self, *actions, weights=None, **limits):
        """The ids in the order of their starts."""
        planned = [
            actions[index] for index in ordering.order(actions, weights or {})
        ]
        scheduler = scheduling.Scheduler(
            tasks.of_plan(planned, weights or {}), limits, occupancy.Slots()
        )
        started, running = [], collections.deque()
        while not scheduler.idle:
            while (task := scheduler.next()) is not None:
                started.append(task.id)
                running.append(task.id)
            scheduler.finished(running.popleft(), succeeded=True)
        return started

    def test_ranks_decide_whatever_is_loaded_most(self):
        self.assertEqual(
            ['s3', 's2', 's1'],
            self.starts(
                server('s1', source='c1', memory_mb=9000, rank=3),
                server('s2', source='c1', memory_mb=9000, rank=2),
                server('s3', source='c2', memory_mb=1, rank=1),
                total=1,
                node=1,
            ),
        )

    def test_equal_ranks_leave_the_choice_to_what_takes_longest(self):
        self.assertEqual(
            ['s2', 's1'],
            self.starts(
                server('s1', memory_mb=1, rank=1),
                server('s2', memory_mb=2, rank=1),
                total=1,
            ),
        )

    def test_one_that_does_not_fit_lets_a_higher_rank_start(self):
        self.assertEqual(
            ['s1', 's3', 's2'],
            self.starts(
                server('s1', source='c1', rank=1),
                server('s2', source='c1', rank=2),
                server('s3', source='c2', rank=3),
                node=1,
            ),
        )

    def test_server_starts_right_after_its_volumes(self):
        self.assertEqual(
            ['a1', 'a2', 'a', 'other', 'b1', 'b'],
            self.starts(
                volume('a1', server_id='a', size_gb=1, rank=1),
                volume('a2', server_id='a', size_gb=1, rank=1),
                server('a', ['a1', 'a2'], memory_mb=1, rank=2),
                volume('other', size_gb=500, rank=3),
                volume('b1', server_id='b', size_gb=900, rank=4),
                server('b', ['b1'], memory_mb=9000, rank=5),
                total=1,
            ),
        )

    def test_server_takes_the_slot_that_its_last_volume_leaves(self):
        # Three volumes run; the next slot is that of the server's volume.
        self.assertEqual(
            ['a1', 'x', 'y', 'a', 'z'],
            self.starts(
                volume('a1', server_id='a', size_gb=1, rank=1),
                server('a', ['a1'], memory_mb=1, rank=2),
                volume('x', size_gb=500, rank=3),
                volume('y', size_gb=500, rank=3),
                volume('z', size_gb=500, rank=3),
                total=3,
            ),
        )

    def test_hosts_are_disabled_before_anything_moves(self):
        self.assertEqual(
            ['c1', 'c2', 's1', 's2'],
            self.starts(
                server('s1', ['c1'], source='c1', rank=-2),
                server('s2', rank=-1),
                host('c1'),
                host('c2'),
                weights={
                    'live_migration': 9,
                    'change_nova_service_state': -9,
                },
                total=2,
            ),
        )


def task(id_, *parents):
    return scheduling.Task(id_, parents=parents)


class FaultOfParentsTest(testtools.TestCase):
    def assert_fault(self, fault, *plan):
        self.assertEqual(fault, tasks.fault_of_parents(plan))

    def test_plan_in_which_all_can_start_has_none(self):
        self.assert_fault(
            '', task('a', 'c', 'b'), task('b', 'c'), task('c'), task('d')
        )

    def test_parent_that_does_not_exist(self):
        self.assert_fault(
            'action a depends on x, which is not in the plan',
            task('b'),
            task('a', 'b', 'x'),
        )

    def test_action_that_depends_on_itself(self):
        self.assert_fault(
            'actions depend on each other in a circle: a, a', task('a', 'a')
        )

    def test_circle_is_told_in_the_order_of_its_dependencies(self):
        self.assertIn(
            tasks.fault_of_parents(
                [task('a', 'b'), task('b', 'c'), task('c', 'a'), task('d')]
            ),
            {
                f'actions depend on each other in a circle: {circle}'
                for circle in ('a, b, c, a', 'b, c, a, b', 'c, a, b, c')
            },
        )

    def test_large_circle_is_told_in_part(self):
        size = 10000
        fault = tasks.fault_of_parents(
            [task(str(i), str((i + 1) % size)) for i in range(size)]
        )
        self.assertRegex(
            fault,
            '^actions depend on each other in a circle of 10000: '
            r'\d+, \d+, \d+, ...$',
        )


class WithoutParentsTest(testtools.TestCase):
    def test_only_these_wait_for_nothing(self):
        self.assertEqual(
            [task('a'), task('b'), task('c', 'b')],
            tasks.without_parents(
                [task('a'), task('b', 'a'), task('c', 'b')], {'b'}
            ),
        )
