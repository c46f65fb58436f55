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

import functools
import threading

from oslo_log import log
from watcher.applier.workflow_engine import base
from watcher.common import exception as watcher_exception

from zone_migration import conf
from zone_migration import exception
from zone_migration.compute_hosts import service_state
from zone_migration.conf import planner
from zone_migration.conf import workflow_engine as options
from zone_migration.engine_interfaces import in_flight
from zone_migration.engine_interfaces import service_status
from zone_migration.logic import resources
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import foreign
from zone_migration.logic.schedule import limits
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import ordering
from zone_migration.watcher_db import database
from zone_migration.workflow_engine import foreign_looks
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import plan_run
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import running_plans
from zone_migration.workflow_engine import summary_keeper

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: What all plans of this applier occupy together.
_SLOTS = occupancy.Slots()

#: How often a plan is begun anew.
_MOST_RUNS = 10


class ParallelWorkFlowEngine(base.BaseWorkFlowEngine):
    """Starts each action when its parents have ended and its slots are free.

    The engine is chosen globally, so it gets the plans of all strategies and
    runs them by their parents.
    """

    #: What counts as foreign beside what its plans occupy.
    foreign_moves = foreign.ForeignMoves(_SLOTS)

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self._making_osc = threading.Lock()

    @property
    def osc(self):
        """Watcher's ``OpenStackClients``, one for all threads of a plan.

        Watcher's own property makes another one for each thread that asks
        before the first one is there.
        """
        with self._making_osc:
            return super().osc

    @classmethod
    def get_config_opts(cls):
        """The options of ``[watcher_workflow_engines.parallel]``."""
        return options.OPTS

    def execute(self, actions) -> None:
        """Run the actions of one plan.

        :param actions: all of them, in the order of the plan.
        :raises ActionPlanCancelled: when the plan was cancelled; what was
            running then has ended.
        :raises PlanIsLost: when the plan is being run already, or somebody
            else has it.
        """
        ends = {action.state for action in actions}
        if states.CANCELLED in ends and all(map(states.has_ended, ends)):
            # It was cast twice, and has been cancelled since.
            uuid = plan_records.load(
                self.context, actions[0].action_plan_id
            ).uuid
            raise watcher_exception.ActionPlanCancelled(uuid=uuid)
        # Watcher writes ONGOING over a plan in CANCELLING that it begins.
        self._run(actions, is_cancelled=states.CANCELLING in ends)

    def cancel(self, actions) -> None:
        """End what is in flight of one plan, whatever its state is.

        :param actions: all of them, in the order of the plan.
        :raises ActionPlanCancelled: when all has ended.
        :raises PlanIsLost: when the plan is being run already.
        """
        self._run(actions, is_cancelled=True)

    def _run(self, actions, is_cancelled: bool) -> None:
        """Run or cancel a plan, once; anew when somebody else has had it.

        :raises PlanIsLost: when somebody else has it.
        :raises WorkflowExecutionException: when that has happened too often.
        """
        if not actions:
            return
        plan = database.until_answered(
            plan_records.load, self.context, actions[0].action_plan_id
        )
        for _ in range(_MOST_RUNS):
            owner = ownership.Ownership(plan)
            run = functools.partial(
                self._run_owned, plan, actions, owner, is_cancelled
            )
            try:
                if not running_plans.run_once(plan.uuid, run):
                    # Watcher replaces it once more.
                    summary_keeper.keep(plan, plan.status_message or '')
                return
            except exception.PlanIsLost:
                owner.lose()
                if running_plans.knows(plan.uuid):
                    raise
            # Not before: a cast that came while it ran here was refused.
            ownership.Ownership(plan).confirm()
            LOG.warning('Action plan %s is here again', plan.uuid)
            actions = database.until_answered(
                records.load_all, self.context, plan.uuid
            )
        raise watcher_exception.WorkflowExecutionException(
            error='somebody else changes its actions again and again'
        )

    def _run_owned(
        self, plan, actions, owner: ownership.Ownership, is_cancelled: bool
    ) -> None:
        """Run a plan until it has ended or is lost."""
        with self._making_osc:
            # What a lost run has in its threads asks with its own, or with
            # this one when that is confirmed.
            self._osc = None
            service_status.confirm_changes(super().osc, owner.confirm)
        try:
            with foreign_looks.ForeignLooks(self, _SLOTS) as looks:
                plan_run.PlanRun(
                    self, plan, actions, _SLOTS, owner, looks, is_cancelled
                ).execute()
        finally:
            # Watcher writes what it has come to, whoever has it by then.
            owner.confirm()

    def make_action(self, db_action):
        """Return the instance that does what the action says, checked.

        :raises ActionSkipped: when it would change a host that somebody else
            has changed since the plan was made.
        """
        service_state.check(self.osc, db_action)
        return self.action_factory.make_action(db_action, osc=self.osc)

    def last_failure(self, service: str) -> str:
        """Return why a service could not be read last; '' when it could."""
        return service_status.last_failure(self.osc, service)

    def look_at(self, service: str) -> None:
        """Look whether a service can be read now.

        :raises waiting.ObservationFailed: when it cannot.
        :raises CloudRequestFailed: when it could not for too long.
        """
        service_status.look(self.osc, service)

    def moves_in_flight(self, service: str) -> list[foreign.Move]:
        """Return the moves that a service shows in flight.

        :raises waiting.ObservationFailed: when they cannot be read just now.
        :raises CloudRequestFailed: when they could not for too long.
        """
        return in_flight.moves(self.osc, service)

    def migrations_in_flight(self) -> list[resources.Migration]:
        """Return all migrations that Nova shows in flight.

        :raises waiting.ObservationFailed: when they cannot be read just now.
        :raises CloudRequestFailed: when they could not for too long.
        """
        return in_flight.migrations(self.osc)

    def enable_hosts(self, plan, actions) -> str:
        """Enable hosts that a plan has disabled, or leave them to others.

        :param actions: those that disable them, and any others.
        :returns: what came of it; '' if there are none.
        """
        return service_state.enable_again(self.osc, plan, actions)

    def limits(self, plan) -> dict[str, int]:
        """Return how much of the plan may run at once, by kind of slot."""
        asked = limits.of_plan(*plan_records.origin(plan))
        ceilings = options.ceilings(self.config)
        for name, reason in limits.excess(asked, ceilings).items():
            LOG.warning('Action plan %s: %s: %s', plan.uuid, name, reason)
        return limits.effective(
            asked, options.defaults(self.config), ceilings
        )

    def attempts(self, plan) -> int:
        """Return how often each move of the plan is tried."""
        return limits.attempts(
            *plan_records.origin(plan), self.config[limits.ATTEMPTS]
        )

    @staticmethod
    def parents_must_succeed(plan) -> bool:
        """Whether what depends on a FAILED action of the plan is SKIPPED."""
        strategy, _parameters = plan_records.origin(plan)
        return ordering.parents_must_succeed(
            strategy, CONF.zone_migration.planner
        )

    @staticmethod
    def weights() -> dict[str, int]:
        """The planner's weights, by action type."""
        return planner.weights(CONF[planner.GROUP])
