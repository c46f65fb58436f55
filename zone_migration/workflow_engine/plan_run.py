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

"""One plan being run: the loop between the scheduler and the threads.

Everything is decided in the thread of the plan.  The actions run in threads
of their own, and submit to it what has to follow.
"""

from collections.abc import Callable
import functools
import time

from oslo_log import log

from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import queue_ahead
from zone_migration.logic.schedule import scheduling
from zone_migration.logic.schedule import tasks
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import action_runs
from zone_migration.workflow_engine import cancellation
from zone_migration.workflow_engine import foreign_looks
from zone_migration.workflow_engine import outages
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import plan_calls
from zone_migration.workflow_engine import plan_end
from zone_migration.workflow_engine import plan_status
from zone_migration.workflow_engine import queue_looks
from zone_migration.workflow_engine import requeue
from zone_migration.workflow_engine import resumption
from zone_migration.workflow_engine import rollback
from zone_migration.workflow_engine import threads

LOG = log.getLogger(__name__)

#: How often the plan is asked whether somebody cancels it, in seconds.
_CANCEL_CHECK = 1.0


class PlanRun:
    """One plan being run.

    :param engine: makes the actions, and knows what the operator has set.
    :param plan: the action plan, with its audit and strategy if it has any.
    :param actions: all its actions, in their order.
    :param slots: what all plans of this process occupy.
    :param owner: whether the plan is run here.
    :param looks: at what others move.
    :param is_cancelled: whether it is cancelled, whatever its state is.
    """

    def __init__(
        self,
        engine,
        plan,
        actions,
        slots: occupancy.Slots,
        owner: ownership.Ownership,
        looks: foreign_looks.ForeignLooks,
        is_cancelled: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._actions = actions
        self._slots = slots
        self._looks = looks
        self._clock = clock
        self._limits = engine.limits(plan)
        self._parents_must_succeed = engine.parents_must_succeed(plan)
        self._tasks = resumption.tasks_of(actions, engine.weights())
        self._calls = plan_calls.PlanCalls(plan)
        self._behind = resumption.of(actions)
        self._runs = action_runs.of_plan(
            engine, actions, owner,
            lambda *use: self._calls.submit(self._scheduler.occupy, *use),
            lambda *use: self._scheduler.claim(*use),
            lambda uuid: self._queue_ahead.is_ahead(uuid),
            lambda *failed: self._requeue.is_tried_again(*failed),
            self._behind.started_ago, engine.attempts(plan))
        self._scheduler = scheduling.Scheduler(
            self._tasks.values(), self._limits, slots,
            [run.uuid for run in self._runs.values() if run.before.begun])
        self._queue_ahead = self._scheduler.queue_ahead
        self._succeeded: list[action_run.ActionRun] = []
        self._cancellation = cancellation.Cancellation(
            engine, plan, owner, clock, is_cancelled)
        self._outages = outages.Outages(
            engine, slots, self._tasks.values(), self._calls.submit,
            lambda uuid: self._finish(self._runs[uuid]))
        self._requeue = requeue.Requeue(
            self._runs, self._outages, self._scheduler, self._tasks)
        self._broken = ''  # Why it could not go on, if it could not.
        self._ended: float | None = None  # When the last move has ended.
        self._checked_at = self._began = clock()
        self._queue_looks = queue_looks.QueueLooks(
            engine, self._queue_ahead, self._calls.submit, clock)
        self._status = plan_status.PlanStatus(
            plan, self._scheduler, self._tasks.values(), self._limits,
            self._outages, self._runs, clock, self._behind)

    def execute(self) -> None:
        """Start what fits, until nothing runs and nothing is left.

        :raises ActionPlanCancelled: when the plan was cancelled.
        :raises WorkflowExecutionException: when it could not go on.
        :raises PlanIsLost: when somebody else has it; nothing is waited for.
        """
        LOG.info('Action plan %s has %d actions, limits %s (0 is none)',
                 self._plan.uuid, len(self._runs), self._limits)
        max_workers = threads.pool_size(
            queue_ahead.most_at_once(self._tasks.values(), self._limits),
            len(self._runs), len(self._scheduler.running))
        self._slots.subscribe(self._calls.wake)
        try:
            with threads.pool(max_workers) as pool:
                self._run_all(pool)
        finally:
            self._slots.unsubscribe(self._calls.wake)
            self._outages.end()
            # None, unless somebody else has it, or the process ends.
            self._scheduler.lose()
        self._end()

    def _run_all(self, pool) -> None:
        """Run all that may run; what runs is waited for in any case."""
        self._calls.call(
            self._check_cancel, self._cancellation.look_for_certain)
        for task in self._tasks.values():
            if task.id in self._scheduler.running:
                self._start(pool, task)
        if fault := tasks.fault_of_parents(self._tasks.values()):
            self._break_off(fault)
        self._calls.call(self._finish_what_has_ended)
        self._looks.look(self._scheduler.left, self._limits)
        while True:
            try:
                while (task := self._scheduler.next()) is not None:
                    self._start(pool, task)
            except Exception as error:
                LOG.exception('Nothing more can be started')
                self._break_off(f'{type(error).__name__}: {error}')
            if self._scheduler.idle:
                if self._ended is None and not self._end_moves():
                    continue
                if self._broken or not self._scheduler.release_last():
                    return
                continue
            self._calls.run_submitted(_CANCEL_CHECK, self._check_what_is_due)
            self._calls.call(self._check_what_is_due)

    def _break_off(self, reason: str) -> None:
        """Start nothing any more; what runs can be cancelled as before."""
        LOG.error('Action plan %s cannot go on: %s', self._plan.uuid, reason)
        self._scheduler.stop()
        self._broken = reason
        self._status.failed(reason)

    def _finish_what_has_ended(self) -> None:
        """See to the children of what has ended before the plan began."""
        ended = (r for r in self._runs.values() if states.has_ended(r.state))
        for run in sorted(ended, key=lambda run: run.before.changed_at):
            self._finish(run)

    def _start(self, pool, task: scheduling.Task) -> None:
        """Start an action that occupies its slots."""
        LOG.debug('Starting action %s', task.id)
        waited_for = self._status.started(task)
        run = self._runs[task.id]
        try:
            pool.submit(self._run, run, waited_for)
        except Exception as error:  # noqa: B902, BLE001 (no thread left?)
            run.break_off(error)
            self._finish(run)

    def _check_what_is_due(self) -> None:
        """Do what has its time, when it is due."""
        self._looks.look(self._scheduler.left, self._limits)
        self._queue_looks.look()
        if self._clock() - self._checked_at >= _CANCEL_CHECK:
            self._checked_at = self._clock()
            self._check_cancel(self._cancellation.look)
            if self._outages.look():
                self._status.write_progress()
            if self._cancellation.is_overdue():
                for uuid in list(self._scheduler.suspended):
                    self._finish(self._runs[uuid])
        for run in self._cancellation.due(self._scheduler.running):
            self._calls.call(run.cancel)
        if self._status.is_due():
            self._status.write_progress()

    def _conclude(self, uuid: str) -> None:
        """Put an action back that has been run, or see to its end."""
        run = self._runs[uuid]
        if run.is_as_before or not self._cancellation.noticed:
            self._calls.call(self._requeue.if_useful, run)
        if uuid in {*self._scheduler.running} - {*self._scheduler.suspended}:
            self._finish(run)

    def _end_what_is_left(self) -> None:
        """End what was put back: nothing runs any more that it waits for."""
        for task in self._scheduler.left():
            if self._runs[task.id].retryable_error:
                self._finish(self._runs[task.id])

    def _finish(self, run: action_run.ActionRun) -> None:
        """See to the slots and the children of an action that has ended."""
        if run.retryable_error and not states.has_ended(run.state):
            run.give_up()
        orphans = self._scheduler.finished(
            run.uuid,
            states.lets_children_start(
                run.state, self._parents_must_succeed, run.message),
        )
        self._status.ended(run)
        if run.state == states.SUCCEEDED:
            self._succeeded.append(run)
        for orphan in orphans:
            # There can be thousands, and each is written.
            self._calls.call(self._check_what_is_due)
            if self._cancellation.noticed:
                return
            self._runs[orphan].skip(
                f'{states.ORPHANED}{run.uuid}, which is {run.state}')
            self._status.ended(self._runs[orphan])

    def _check_cancel(self, look: Callable[[], bool]) -> None:
        """Stop, once, when this look notices that the plan is cancelled."""
        if not look():
            return
        self._scheduler.stop()
        running = [self._runs[uuid] for uuid in self._scheduler.running]
        behind = self._queue_ahead.queued_behind()
        self._calls.call(self._cancellation.begin, running, behind)

    def _end_moves(self) -> bool:
        """Write what the moves have come to, and take them back if need be.

        :returns: whether there are none any more that are tried again.
        """
        self._check_cancel(self._cancellation.look_for_certain)
        if not self._cancellation.noticed and not self._broken:
            self._calls.call(self._requeue.what_is_left)
            if not self._scheduler.idle:
                return False
        if not self._cancellation.noticed:
            self._calls.call(self._end_what_is_left)
        ago = self._behind.ended_ago  # When it went on, in a proof or before.
        self._ended = self._began - ago if ago else self._clock()
        if not self._cancellation.noticed:
            self._status.write_summary(self._ended)
            # What is taken back asks for itself.
            self._outages.end()
            self._roll_back()
        return True

    def _end(self) -> None:
        """Write what the plan has come to, and end it as that demands.

        :raises ActionPlanCancelled: when it was cancelled.
        :raises WorkflowExecutionException: when it could not go on.
        """
        self._check_cancel(self._cancellation.look_for_certain)
        if self._cancellation.noticed:
            plan_end.cancelled(
                self._engine, self._plan, self._actions, self._status,
                self._cancellation, self._ended)
        if self._broken:
            plan_end.broken(self._status, self._broken)
        plan_end.reached(self._plan, self._status, self._ended)

    def _roll_back(self) -> None:
        """Take back what has succeeded, if a move has failed."""
        if self._status.may_roll_back() and rollback.is_wanted():
            plan = tasks.of_plan(self._actions, self._engine.weights())
            self._looks.be_due()
            self._calls.call(
                rollback.roll_back, self._succeeded, plan,
                self._scheduler, self._limits, self._slots, self._is_cancelled,
                functools.partial(rollback.revert, self._engine, self._plan))
            self._check_cancel(self._cancellation.look_for_certain)

    def _is_cancelled(self) -> bool:
        """Look whether the plan is being cancelled, and act on it."""
        self._looks.look(self._tasks.values, self._limits)
        self._calls.call(self._check_cancel, self._cancellation.look)
        return self._cancellation.noticed

    def _run(self, run: action_run.ActionRun, waited_for: str) -> None:
        """Run one action in its thread, and submit the rest to the plan's."""
        try:
            run.run(waited_for)
        finally:
            self._calls.submit(self._conclude, run.uuid)
