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

"""The end of a plan: its hosts, its summary, and what it tells Watcher."""

from watcher.common import exception as watcher_exception

from zone_migration.logic.outcome import states
from zone_migration.workflow_engine import cancellation
from zone_migration.workflow_engine import plan_hosts
from zone_migration.workflow_engine import plan_status
from zone_migration.workflow_engine import proving
from zone_migration.workflow_engine import summary_keeper


def cancelled(
    engine,
    plan,
    actions,
    status: plan_status.PlanStatus,
    noticed: cancellation.Cancellation,
    ended: float,
) -> None:
    """End a plan that was cancelled.

    :param ended: when its last move has ended, on the clock of the plan.
    :raises ActionPlanCancelled: always.
    """
    status.end_waiting('the plan was cancelled')
    hosts = plan_hosts.enable_again(engine, plan, actions)
    status.write_summary(ended, hosts)
    noticed.wait_for_announcement()
    raise watcher_exception.ActionPlanCancelled(uuid=plan.uuid)


def broken(status: plan_status.PlanStatus, reason: str) -> None:
    """End a plan that could not go on.

    :raises WorkflowExecutionException: always.
    """
    status.end_waiting('the plan could not go on')
    raise watcher_exception.WorkflowExecutionException(error=reason)


def reached(plan, status: plan_status.PlanStatus, ended: float) -> None:
    """End a plan whose actions have all ended; nothing is raised."""
    proving.write_indicators(plan, status.remaining())
    summary = status.write_summary(ended)
    if status[states.SKIPPED]:
        summary_keeper.keep(plan, summary)
