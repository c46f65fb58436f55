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

"""The workflow engine ``parallel``: as fast as the limits allow."""

import queue

from oslo_log import log
from watcher import conf as watcher_conf
from watcher import objects
from watcher.applier.workflow_engine import base
from watcher.common import exception as watcher_exception
from watcher.common import executor

from zone_migration.conf import workflow_engine as options
from zone_migration.logic import scheduling
from zone_migration.logic import states
from zone_migration.workflow_engine import action_run

CONF = watcher_conf.CONF
LOG = log.getLogger(__name__)

#: How often the plan is asked whether somebody cancels it, in seconds.
#: Watcher tells the applier in no other way.
_CANCEL_CHECK = 1.0

#: Threads when nothing else limits how many actions run at once.
_MOST_THREADS = 1000


class ParallelWorkFlowEngine(base.BaseWorkFlowEngine):
    """Starts each action when its parents have ended and its slots are free.

    The engine is chosen globally, so it gets the plans of all strategies and
    runs them by their parents.
    """

    @classmethod
    def get_config_opts(cls):
        """The options of ``[watcher_workflow_engines.parallel]``."""
        return options.OPTS

    def execute(self, actions) -> None:
        """Run the actions of one plan.

        :param actions: all of them, in the order of the plan.
        :raises ActionPlanCancelled: when the plan was cancelled; what was
            running then has ended.
        """
        if actions:
            _PlanRun(self, actions).execute()

    def make_action(self, db_action):
        """The instance that does what the action says, its schema checked."""
        return self.action_factory.make_action(db_action, osc=self.osc)

    def limits(self) -> dict[str, int]:
        """How much may run at once, by kind of slot."""
        return {
            scheduling.TOTAL: self.config.parallel_total,
            scheduling.NODE: self.config.parallel_per_node,
            scheduling.POOL: self.config.parallel_per_pool,
        }


class _PlanRun:
    """One plan being run: the loop between scheduler and threads."""

    def __init__(self, engine: ParallelWorkFlowEngine, actions) -> None:
        self._engine = engine
        self._plan_id = actions[0].action_plan_id
        self._runs = {
            action.uuid: action_run.ActionRun(
                engine.context, action, engine.make_action
            )
            for action in actions
        }
        self._scheduler = scheduling.Scheduler(
            (
                scheduling.Task(
                    id=action.uuid,
                    parents=tuple(action.parents or ()),
                    slots=scheduling.slots_of(
                        action.action_type, action.input_parameters
                    ),
                )
                for action in actions
            ),
            engine.limits(),
            scheduling.Slots(),
        )
        self._ended: queue.Queue[str] = queue.Queue()
        self._succeeded: list[action_run.ActionRun] = []
        self._failed = False
        self._plan_uuid = ''
        self._cancelled = False

    def execute(self) -> None:
        """Start what fits, until nothing runs and nothing is left."""
        threads = min(
            self._engine.limits()[scheduling.TOTAL] or _MOST_THREADS,
            len(self._runs),
        )
        with executor.get_futurist_pool_executor(threads) as pool:
            self._check_cancel()
            self._start_what_fits(pool)
            while self._scheduler.running:
                try:
                    ended = self._ended.get(timeout=_CANCEL_CHECK)
                except queue.Empty:
                    self._check_cancel()
                    continue
                self._conclude(ended)
                self._check_cancel()
                self._start_what_fits(pool)
        if self._cancelled:
            raise watcher_exception.ActionPlanCancelled(uuid=self._plan_uuid)
        if self._failed and (
            CONF.watcher_applier.rollback_when_actionplan_failed
        ):
            self._roll_back()

    def _start_what_fits(self, pool) -> None:
        while (task := self._scheduler.next()) is not None:
            LOG.debug('Starting action %s', task.id)
            pool.submit(self._run, self._runs[task.id])

    def _run(self, run: action_run.ActionRun) -> None:
        """Run one action in its thread, and say that it has ended."""
        try:
            run.run()
        finally:
            self._ended.put(run.uuid)

    def _conclude(self, uuid: str) -> None:
        run = self._runs[uuid]
        if run.state == states.SUCCEEDED:
            self._succeeded.append(run)
        well = states.lets_children_start(run.state)
        self._failed |= run.state == states.FAILED
        for orphan in self._scheduler.finished(uuid, well):
            self._runs[orphan].skip(
                f'depends on action {uuid}, which is {run.state}'
            )

    def _check_cancel(self) -> None:
        """When the plan is being cancelled, stop, once."""
        if self._cancelled:
            return
        plan = objects.ActionPlan.get_by_id(
            self._engine.context, self._plan_id
        )
        if plan.state not in objects.action_plan.State.CANCEL_STATES:
            return
        LOG.warning('Action plan %s is being cancelled', plan.uuid)
        self._cancelled = True
        self._plan_uuid = plan.uuid
        self._scheduler.stop()
        self._engine.notify_cancel_start(plan.uuid)
        for uuid in list(self._scheduler.running):
            self._runs[uuid].cancel()

    def _roll_back(self) -> None:
        """Take back what has succeeded, the last first.

        Watcher's option ``rollback_when_actionplan_failed`` asks for it.
        """
        for run in reversed(self._succeeded):
            try:
                run.revert()
            except watcher_exception.WatcherException:
                LOG.exception('Action %s cannot be reverted', run.uuid)
