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
of their own; what they have to say to the plan they put into its queue.
"""

from collections.abc import Callable
import functools
import queue
import time

from oslo_log import log
from watcher import conf as watcher_conf
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling
from zone_migration.logic.schedule import tasks
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import cancellation
from zone_migration.workflow_engine import outages
from zone_migration.workflow_engine import plan_end
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import summary_keeper
from zone_migration.workflow_engine import threads

CONF = watcher_conf.CONF
LOG = log.getLogger(__name__)

#: How often the plan is asked whether somebody cancels it, in seconds.
#: Watcher tells the applier in no other way.
_CANCEL_CHECK = 1.0

#: How often the message of the plan is written, at most, in seconds.
_SHOW_EVERY = 10.0

#: How often a server is tried for which Nova finds no host.
_MOST_TRIES = 10


class PlanRun:
    """One plan being run.

    :param engine: makes the actions, and knows what the operator has set.
    :param plan: the action plan, with its audit and strategy if it has any.
    :param actions: all its actions, in their order.
    :param slots: what all plans of this process occupy.
    """

    def __init__(
        self,
        engine,
        plan,
        actions,
        slots: occupancy.Slots,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._actions = actions
        self._slots = slots
        self._clock = clock
        self._limits = engine.limits(plan)
        self._parents_must_succeed = engine.parents_must_succeed(plan)
        self._tasks = {
            task.id: task
            for task in tasks.with_ended(
                tasks.of_plan(actions, engine.weights()),
                {
                    action.uuid
                    for action in actions
                    if states.has_ended(action.state)
                },
            )
        }
        self._scheduler = scheduling.Scheduler(
            self._tasks.values(), self._limits, slots
        )
        # What the thread of the plan has been left to do by others.
        self._todo: queue.Queue[Callable[[], None]] = queue.Queue()
        self._runs = {
            action.uuid: action_run.ActionRun(
                engine.context,
                action,
                engine.make_action,
                functools.partial(self._occupy_destination, action),
            )
            for action in actions
        }
        self._succeeded: list[action_run.ActionRun] = []
        self._cancellation = cancellation.Cancellation(engine, plan)
        self._outages = outages.Outages(
            engine,
            slots,
            self._tasks.values(),
            self._todo.put,
            lambda uuid: self._finish(self._runs[uuid]),
        )
        # Why the plan could not go on, if it could not.
        self._broken = ''
        self._asked_at = self._shown_at = clock()
        self._summary = summary.Summary(
            self._tasks.values(), self._limits, clock()
        )

    def execute(self) -> None:
        """Start what fits, until nothing runs and nothing is left.

        :raises ActionPlanCancelled: when the plan was cancelled.
        :raises WorkflowExecutionException: when it could not go on.
        """
        LOG.info(
            'Action plan %s has %d actions, limits %s (0 is none)',
            self._plan.uuid,
            len(self._runs),
            self._limits,
        )
        max_workers = threads.pool_size(
            self._limits[occupancy.TOTAL], len(self._runs)
        )
        self._slots.subscribe(self._wake)
        try:
            with threads.pool(max_workers) as pool:
                self._run_all(pool)
        finally:
            self._slots.unsubscribe(self._wake)
            self._outages.end()
            # None, unless the process ends: other plans need the slots.
            for uuid in list(self._scheduler.running):
                self._scheduler.finished(uuid, well=False)
        self._end()

    def _run_all(self, pool) -> None:
        """Run all that may run; what runs is waited for in any case."""
        self._try(self._check_cancel, self._cancellation.look_for_certain)
        if fault := tasks.fault_of_parents(self._tasks.values()):
            self._break_off(fault)
        self._try(self._leave_what_has_ended)
        while True:
            try:
                self._start_what_fits(pool)
            except Exception as error:
                LOG.exception('Nothing more can be started')
                self._break_off(f'{type(error).__name__}: {error}')
            if self._scheduler.idle:
                return
            self._do_what_came()
            self._try(self._look_around)

    def _break_off(self, reason: str) -> None:
        """Start nothing any more; what runs can be cancelled as before."""
        LOG.error('Action plan %s cannot go on: %s', self._plan.uuid, reason)
        self._scheduler.stop()
        self._broken = reason
        self._summary.failed(reason)

    def _leave_what_has_ended(self) -> None:
        """See to the children of what has ended before the plan began."""
        for run in self._runs.values():
            if states.has_ended(run.state):
                self._finish(run)

    def _try(self, step: Callable[..., None], *args) -> None:
        """Take a step; what it raises does not end the plan."""
        try:
            step(*args)
        except Exception:
            LOG.exception('Action plan %s goes on after this', self._plan.uuid)

    def _start_what_fits(self, pool) -> None:
        while (task := self._scheduler.next()) is not None:
            LOG.debug('Starting action %s', task.id)
            self._summary.began(task.id, self._clock())
            run = self._runs[task.id]
            try:
                pool.submit(self._run, run)
            except Exception as error:  # noqa: B902, BLE001
                # There is no thread to be had, for instance.
                run.break_off(error)
                self._finish(run)

    def _do_what_came(self) -> None:
        """Wait for what others have left to do, for a moment, and do it."""
        try:
            self._try(self._todo.get(timeout=_CANCEL_CHECK))
            while True:
                self._try(self._look_around)
                self._try(self._todo.get_nowait())
        except queue.Empty:
            pass

    def _look_around(self) -> None:
        """What is due from time to time."""
        if self._clock() - self._asked_at >= _CANCEL_CHECK:
            self._asked_at = self._clock()
            self._check_cancel(self._cancellation.look)
            if self._outages.look():
                self._show_progress()
        if self._clock() - self._shown_at >= _SHOW_EVERY:
            self._show_progress()

    def _conclude(self, uuid: str) -> None:
        """See to an action that has been run."""
        self._try(self._requeue_if_it_helps, self._runs[uuid])
        if uuid in self._scheduler.running:
            self._finish(self._runs[uuid])

    def _requeue_if_it_helps(self, run: action_run.ActionRun) -> None:
        """Let an action wait that another try may bring to a better end."""
        retryable_error = run.retryable_error
        if retryable_error is None or self._cancellation.noticed:
            return
        if isinstance(retryable_error, exception.ServiceUnavailable):
            name = retryable_error.kwargs['service']
            if self._outages.found(run.uuid, name, str(retryable_error)):
                run.requeue(f'{name} is back')
                if not states.has_ended(run.state):
                    self._scheduler.requeue(
                        run.uuid, (occupancy.SERVICE, name)
                    )
        elif run.tries < _MOST_TRIES and self._may_free_room(run.uuid):
            run.requeue('another server has moved')
            if not states.has_ended(run.state):
                self._scheduler.requeue(run.uuid)

    def _give_up_waiting(self) -> None:
        """Nothing runs any more that those put back could wait for."""
        if self._cancellation.noticed:
            return
        for task in self._scheduler.left():
            if self._runs[task.id].retryable_error:
                self._finish(self._runs[task.id])

    def _finish(self, run: action_run.ActionRun) -> None:
        """See to the slots and the children of an action that has ended."""
        if run.retryable_error and not states.has_ended(run.state):
            run.give_up()
        orphans = self._scheduler.finished(
            run.uuid,
            states.lets_children_start(run.state, self._parents_must_succeed),
        )
        self._count(run)
        if run.state == states.SUCCEEDED and run.tries:
            self._succeeded.append(run)
        for orphan in orphans:
            # There can be thousands, and each is written.
            self._try(self._look_around)
            if self._cancellation.noticed:
                return
            self._runs[orphan].skip(
                f'depends on action {run.uuid}, which is {run.state}'
            )
            self._count(self._runs[orphan])

    def _count(self, run: action_run.ActionRun) -> None:
        self._summary.ended(run.uuid, run.state, self._clock())
        if run.state == states.FAILED:
            self._summary.failed(f'{run.name}: {run.message}')

    def _may_free_room(self, uuid: str) -> bool:
        """Whether a server that has yet to move may leave room for this."""
        return any(
            task.id != uuid
            and occupancy.frees_room_for(task.slots, self._tasks[uuid].slots)
            for task in self._scheduler.left()
        )

    def _check_cancel(self, look: Callable[[], bool]) -> None:
        """When the plan is being cancelled, stop, once."""
        if not look():
            return
        self._scheduler.stop()
        running = [self._runs[uuid] for uuid in list(self._scheduler.running)]
        for run in running:
            run.stop()
        self._try(self._cancellation.announce)
        for run in running:
            self._try(run.cancel)

    def _show_progress(self) -> None:
        self._shown_at = self._clock()
        text = self._summary.progress(
            self._scheduler.left(),
            len(self._scheduler.running),
            self._clock(),
        )
        away = str(self._outages)
        records.write_status_message_without_retry(
            self._plan.id, f'{text}; {away}' if away else text
        )

    def _end(self) -> None:
        """Say what the plan has come to, and leave it as that demands.

        :raises ActionPlanCancelled: when it was cancelled.
        :raises WorkflowExecutionException: when it could not go on.
        """
        self._check_cancel(self._cancellation.look_for_certain)
        self._try(self._give_up_waiting)
        ended = self._clock()
        if not self._cancellation.noticed:
            summary = self._say_summary(ended)
            self._roll_back()
        if self._cancellation.noticed:
            self._say_summary(ended, self._enable_hosts())
            self._cancellation.wait_for_announcement()
            raise watcher_exception.ActionPlanCancelled(uuid=self._plan.uuid)
        if self._broken:
            raise watcher_exception.WorkflowExecutionException(
                error=self._broken
            )
        if self._summary[states.SKIPPED]:
            summary_keeper.keep(self._plan, summary)

    def _say_summary(self, ended: float, hosts: str = '') -> str:
        summary = self._summary.final(ended, hosts)
        LOG.info('Action plan %s: %s', self._plan.uuid, summary)
        self._try(records.write_status_message, self._plan.id, summary)
        return summary

    def _enable_hosts(self) -> str:
        return plan_end.enable_hosts(
            self._engine, self._plan, self._actions
        )

    def _roll_back(self) -> None:
        if self._summary[states.FAILED] and (
            CONF.watcher_applier.rollback_when_actionplan_failed
        ):
            self._try(
                plan_end.roll_back, self._succeeded, self._tasks.values(),
                self._scheduler, self._limits, self._slots, self._is_cancelled,
                functools.partial(
                    plan_end.revert, self._engine, self._plan
                ),
            )
            self._check_cancel(self._cancellation.look_for_certain)

    def _is_cancelled(self) -> bool:
        self._try(self._check_cancel, self._cancellation.look)
        return self._cancellation.noticed

    # -- other threads

    def _run(self, run: action_run.ActionRun) -> None:
        """Run one action in its thread, and say that it has ended."""
        try:
            run.run()
        finally:
            self._todo.put(functools.partial(self._conclude, run.uuid))

    def _occupy_destination(self, action, destination: str) -> None:
        """An action has learnt where its resource goes to."""
        slot = occupancy.destination_slot(action.action_type, destination)
        self._todo.put(
            functools.partial(self._scheduler.occupy, action.uuid, slot)
        )

    def _wake(self) -> None:
        """Another plan has freed slots: see what fits now."""
        self._todo.put(lambda: None)
