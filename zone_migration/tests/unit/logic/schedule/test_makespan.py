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

import heapq

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic.schedule import makespan
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling


def bound(durations, *tasks, **limits):
    return makespan.lower_bound(
        dict(zip('abcdef', durations, strict=False)),
        [
            scheduling.Task(id_, tuple(parents), tuple(slots))
            for id_, (slots, parents) in zip('abcdef', tasks, strict=False)
        ],
        limits,
    )


def free(*slots, parents=()):
    return slots, parents


HOST = ('node', 'from', 'c1')
BACK = ('node', 'to', 'c1')
POOL = ('pool', 'from', 'p1')
SERVER = ('resource', 's')


class LowerBoundTest(testtools.TestCase):
    def test_plan_without_actions_takes_no_time(self):
        self.assertEqual(0, bound([]))

    def test_longest_action_takes_its_time(self):
        self.assertEqual(5, bound([5, 4], free(), free()))

    def test_total_is_shared(self):
        self.assertEqual(6, bound([4, 4, 2, 2], *[free()] * 4, total=2))

    def test_limit_zero_is_no_limit(self):
        self.assertEqual(4, bound([4, 4], free(HOST), free(HOST), node=0))

    def test_host_is_shared(self):
        self.assertEqual(
            4.5, bound([4, 3, 1, 1], *[free(HOST)] * 4, node=2, total=9)
        )

    def test_longest_do_not_fit_beside_each_other(self):
        self.assertEqual(7, bound([4, 4, 3], *[free(HOST)] * 3, node=2))
        self.assertEqual(6, bound([3, 3, 2, 2, 2], *[free()] * 5, total=2))

    def test_directions_do_not_share(self):
        self.assertEqual(4, bound([4, 4], free(HOST), free(BACK), node=1))

    def test_pool_has_its_own_limit(self):
        self.assertEqual(
            8, bound([4, 4], free(POOL), free(POOL), node=9, pool=1)
        )

    def test_server_is_moved_after_its_volumes(self):
        self.assertEqual(
            9, bound([4, 4, 1], free(SERVER), free(SERVER), free(SERVER))
        )

    def test_longest_chain_is_one_after_another(self):
        self.assertEqual(
            6,
            bound(
                [1, 2, 3, 4],
                free(),
                free(parents='a'),
                free(parents='ba'),
                free(),
            ),
        )

    def test_parent_before_which_it_stands_counts(self):
        self.assertEqual(7, bound([3, 4], free(parents='b'), free()))

    def test_parent_that_is_not_in_the_plan_has_ended(self):
        self.assertEqual(3, bound([3], free(parents=['gone'])))

    @hypothesis.settings(deadline=None)
    @hypothesis.given(st.data())
    def test_no_schedule_ends_before(self, data):
        tasks = [
            scheduling.Task(
                str(index),
                tuple(
                    data.draw(st.sets(st.integers(0, index - 1).map(str)))
                    if index
                    else ()
                ),
                tuple(
                    data.draw(st.sets(st.sampled_from([HOST, POOL, SERVER])))
                ),
            )
            for index in range(data.draw(st.integers(1, 8)))
        ]
        durations = {one.id: data.draw(st.integers(0, 9)) for one in tasks}
        limits = {
            kind: data.draw(st.integers(0, 3))
            for kind in ('total', 'node', 'pool')
        }
        plan = scheduling.Scheduler(tasks, limits, occupancy.Slots())
        now = 0
        ends = []
        while True:
            while (one := plan.next()) is not None:
                heapq.heappush(ends, (now + durations[one.id], one.id))
            if not ends:
                break
            now, ended = heapq.heappop(ends)
            plan.finished(ended, succeeded=True)
        self.assertEqual([], plan.left())
        self.assertLessEqual(
            makespan.lower_bound(durations, tasks, limits), now
        )
