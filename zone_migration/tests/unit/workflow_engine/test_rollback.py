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
from unittest import mock

import fixtures
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic.schedule import occupancy
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.workflow_engine import test_plan_run
from zone_migration.workflow_engine import parallel
from zone_migration.workflow_engine import rollback
from zone_migration.workflow_engine import threads


class Slots(occupancy.Slots):
    """Tells when a slot is waited for."""

    def __init__(self):
        super().__init__()
        self.waited_for = threading.Event()

    def watch(self, slot, notes):
        super().watch(slot, notes)
        self.waited_for.set()


class RollbackTest(test_plan_run.PlanRunTest):
    def setUp(self):
        super().setUp()
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        self.meeting = fakes.Meeting()
        self.order = []

    def meet(self, action):
        self.meeting()

    def remember(self, number):
        return lambda action: self.order.append(number)

    def test_reverts_run_at_once(self):
        together = threading.Barrier(2, timeout=test_plan_run.BOUND)
        good = [self.add(revert=lambda _: together.wait()) for _ in range(2)]
        self.add(good, execute=False)
        self.execute()
        self.assertFalse(together.broken)
        for action in good:
            self.assertEqual('revert', self.calls(action)[-1])

    def test_limits_hold_on_the_way_back(self):
        # Each leaves a host of its own, and Nova has chosen one for both.
        good = [
            self.add_move(
                execute=lambda action: action.on_destination('c9') or True,
                revert=self.meet,
                source=source,
            )
            for source in ('c1', 'c2')
        ]
        self.add(good, execute=False)
        self.execute(parallel_per_node=1)
        self.assertEqual(
            (2, False), (len(self.meeting.made), self.meeting.met)
        )

    def test_limits_hold_at_the_way_back_s_destination(self):
        good = [
            self.add_move(revert=self.meet, source='c1', dst_hostname=name)
            for name in ('c8', 'c9')
        ]
        self.add(good, execute=False)
        self.execute(parallel_per_node=1)
        self.assertEqual(
            (2, False), (len(self.meeting.made), self.meeting.met)
        )

    def test_limit_of_the_plan_holds(self):
        good = [self.add(revert=self.meet) for _ in range(2)]
        self.add(good, execute=False)
        self.execute(parallel_total=1)
        self.assertEqual(
            (2, False), (len(self.meeting.made), self.meeting.met)
        )

    def test_children_are_taken_back_before_their_parents(self):
        parent = self.add(revert=self.remember('parent'))
        child = self.add([parent], revert=self.remember('child'))
        self.add([child], revert=self.remember('grandchild'))
        self.add([child], execute=False)
        self.execute()
        self.assertEqual(['grandchild', 'child', 'parent'], self.order)

    def test_other_plans_wait_for_what_is_taken_back(self):
        slots = occupancy.Slots()
        self.useFixture(fixtures.MockPatchObject(parallel, '_SLOTS', slots))
        used = []
        good = self.add_move(
            revert=lambda action: used.extend(
                slots.used(('node', *place))
                for place in (
                    ('from', 'c2'),
                    ('to', 'c1'),
                    ('from', 'c1'),
                    ('to', 'c2'),
                )
            ),
            source='c1',
            dst_hostname='c2',
        )
        self.add([good], execute=False)
        self.execute()
        self.assertEqual([1, 1, 0, 0], used)
        self.assertEqual(0, slots.used(('node', 'from', 'c2')))

    def block(self, then):
        """Let another plan hold what the way back needs.

        :param then: called when it is waited for.
        """
        self.held = ('node', 'to', 'c1')
        slots = Slots()
        self.useFixture(fixtures.MockPatchObject(parallel, '_SLOTS', slots))
        good = self.add_move(
            revert=self.remember('back'), source='c1', dst_hostname='c2'
        )

        def fail(action):
            slots.occupy([self.held])
            threads.start('other', wait)
            return False

        def wait():
            slots.waited_for.wait(test_plan_run.BOUND)
            then()

        self.add([good], execute=fail)
        return slots

    def test_it_waits_for_what_another_plan_holds(self):
        def free():
            self.order.append('free')
            slots.release([self.held])
            slots.wake()

        slots = self.block(free)
        self.execute(parallel_per_node=1)
        self.assertEqual(['free', 'back'], self.order)

    def test_waiting_for_another_rollbacks_with_a_cancel(self):
        self.block(self.cancel_plan)
        self.assertRaises(
            watcher_exception.ActionPlanCancelled,
            self.execute,
            parallel_per_node=1,
        )
        self.assertEqual([], self.order)

    def test_revert_without_a_thread_holds_up_no_other(self):
        good = [self.add(revert=self.remember(number)) for number in range(2)]
        self.add(good, execute=False)
        self.lack_threads(
            lambda function, *args: (
                function is rollback._revert and args[0].uuid == good[0].uuid
            )
        )
        self.execute()
        self.assertEqual([1], self.order)

    def test_each_revert_is_tried_whatever_others_raise(self):
        raised = (
            RuntimeError('as novaclient does'),
            SystemExit('enough'),
            exception.MoveFailed(reason='on c1'),
            None,
        )
        good = []
        for error in raised:
            # One after the other: the last is taken back first.
            good.append(self.add(good[-1:]))
            self.actions[good[-1].uuid].revert = mock.Mock(side_effect=error)
        bad = self.add(good, execute=False)
        self.execute()
        self.assertEqual(['FAILED'], self.states(bad))
        self.assertEqual(
            [1] * len(raised),
            [self.actions[action.uuid].revert.call_count for action in good],
        )
