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

from zone_migration import exception
from zone_migration import waiting
from zone_migration.logic import resources
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.workflow_engine import queue_looks


class Queue:
    """Learns what is seen."""

    moving = True

    def is_moving(self):
        return self.moving

    def see(self, migrations):
        pass


class QueueLooksTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.queue = Queue()
        self.asked = 0
        self.shown = ['a record']
        self.seen = []
        self.looks = queue_looks.QueueLooks(
            self, self.queue, self.submit, self.time.clock
        )

    def migrations_in_flight(self):
        self.asked += 1
        if isinstance(self.shown, Exception):
            raise self.shown
        return self.shown

    def submit(self, function, *args):
        self.assertEqual(self.queue.see, function)
        self.seen.append(*args)

    def look(self, seconds=1.0):
        """Look, and wait for it, after some time."""
        self.time.pass_by(seconds)
        self.looks.look()
        for thread in threading.enumerate():
            if thread.name == 'look-at-queues':
                thread.join(30)

    def test_what_nova_shows_is_seen(self):
        self.look()
        self.look()
        self.assertEqual([['a record'], ['a record']], self.seen)

    def test_it_is_asked_for_once_an_interval(self):
        for _ in range(4):
            self.look(0.25)
        self.assertEqual(2, self.asked)

    def test_nobody_asks_while_no_server_moves_live(self):
        self.queue.moving = False
        self.look()
        self.assertEqual(0, self.asked)

    def test_it_is_asked_for_again_after_a_failure(self):
        for failure in (
            waiting.ObservationFailed('away'),
            exception.CloudRequestFailed(reason='refused'),
        ):
            self.shown = failure
            self.look()
        self.assertEqual([], self.seen)
        self.shown = []
        self.look()
        self.assertEqual([[]], self.seen)

    def test_slow_answer_is_waited_for_by_nobody(self):
        answered = threading.Event()
        self.addCleanup(answered.set)
        # Those of other tests may be about to end.
        before = threading.enumerate()
        self.migrations_in_flight = lambda: answered.wait(30)
        for _ in range(3):
            self.time.pass_by(1.0)
            self.looks.look()
        begun = [t.name for t in threading.enumerate() if t not in before]
        self.assertEqual(1, begun.count('look-at-queues'))


class PlanTest(engines.EngineTest):
    def run_two(self, first, second):
        """Run two moves, one at a time, of which Nova shows the first."""
        for name, execute in (('first', first), ('second', second)):
            self.add(
                execute=execute,
                action_type='live_migration',
                parameters={
                    'resource_id': name,
                    'source': 'c1',
                    'dst_hostname': 'c2',
                },
            )
        self.in_flight.shown['queues'] = [
            resources.Migration(
                7, 'first', 'live-migration', 'running', 'c1', 'c2'
            )
        ]
        self.execute(parallel_total=1, parallel_per_node=1)
        self.assertEqual('2 succeeded', self.message()[:11])

    def test_next_is_started_while_the_one_before_runs(self):
        both = threading.Barrier(2, timeout=30)

        def meet(action):
            return both.wait() is not None

        self.run_two(meet, meet)

    def test_one_that_is_ahead_knows_when_it_has_got_its_slots(self):
        is_ahead = threading.Event()

        def first(action):
            return is_ahead.wait(30)

        def second(action):
            if action.lacks_slots():
                is_ahead.set()
            self.wait_for(lambda: not action.lacks_slots())
            return is_ahead.is_set()

        self.run_two(first, second)
