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

"""The requeuing of actions that another try may bring further."""

from collections.abc import Mapping

from zone_migration import exception
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import requirements
from zone_migration.logic.schedule import scheduling
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import outages

#: How often a server is tried for which Nova finds no host.
_MAX_TRIES = 10


def if_useful(
    run: action_run.ActionRun,
    plan_outages: outages.Outages,
    scheduler: scheduling.Scheduler,
    tasks: Mapping[str, scheduling.Task],
) -> None:
    """Put an action back that another try may bring to a better end.

    :param plan_outages: the services that are away.
    :param scheduler: what runs the plan.
    :param tasks: all of the plan, by the UUID of their action.
    """
    error = run.retryable_error
    until, slot = '', None
    if isinstance(error, exception.ServiceUnavailable):
        name = error.kwargs['service']
        if plan_outages.found(run.uuid, name, str(error)):
            until, slot = f'{name} is back', (occupancy.SERVICE, name)
    elif (
        error is not None
        and run.tries < _MAX_TRIES
        and _may_free_capacity(run.uuid, scheduler, tasks)
    ):
        until = 'another server has moved'
    elif error is not None and not run.is_last_try and _may_be_down(run):
        run.is_last_try = True
        # Ready at once: it was not away.
        until = 'a last try, live or else cold'
        slot = (occupancy.SERVICE, requirements.NOVA)
    if until:
        run.requeue(until)
        # It has ended where its row could not be written.
        if states.has_ended(run.state):
            return
        if slot is not None and run.is_as_before:
            # It is under way, whether or not anybody sees it.
            scheduler.suspend(run.uuid, slot)
        else:
            scheduler.requeue(run.uuid, slot)


def _may_be_down(run: action_run.ActionRun) -> bool:
    """Whether an action migrates its server cold where it cannot go live."""
    return bool(run.db_action.input_parameters.get('allow_downtime'))


def _may_free_capacity(
    uuid: str,
    scheduler: scheduling.Scheduler,
    tasks: Mapping[str, scheduling.Task],
) -> bool:
    """Whether a server that has yet to move may leave room for this."""
    return any(
        task.id != uuid
        and requirements.frees_room_for(task.slots, tasks[uuid].slots)
        for task in scheduler.left()
    )
