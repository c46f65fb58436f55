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
from zone_migration.logic.schedule import scheduling
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import outages

#: How often a server is tried for which Nova finds no host.
_MAX_TRIES = 10


class Requeue:
    """The requeuing of the actions of one plan.

    :param plan_outages: the services that are away.
    :param scheduler: what runs the plan.
    :param tasks: all of the plan, by the UUID of their action.
    """

    def __init__(
        self,
        plan_outages: outages.Outages,
        scheduler: scheduling.Scheduler,
        tasks: Mapping[str, scheduling.Task],
    ) -> None:
        self._outages = plan_outages
        self._scheduler = scheduler
        self._tasks = tasks

    def if_useful(self, run: action_run.ActionRun) -> None:
        """Put an action back that another try may bring to a better end."""
        error = run.retryable_error
        if isinstance(error, exception.ServiceUnavailable):
            name = error.kwargs['service']
            if self._outages.found(run.uuid, name, str(error)):
                self._requeue(
                    run, f'{name} is back', (occupancy.SERVICE, name)
                )
        elif (
            error is not None
            and run.tries < _MAX_TRIES
            and self._may_free_capacity(run.uuid)
        ):
            self._requeue(run, 'another server has moved')

    def _requeue(
        self,
        run: action_run.ActionRun,
        until: str,
        slot: occupancy.Slot | None = None,
    ) -> None:
        """Put an action back, unless its operator has ended it meanwhile."""
        run.requeue(until)
        if not states.has_ended(run.state):
            self._scheduler.requeue(run.uuid, slot)

    def _may_free_capacity(self, uuid: str) -> bool:
        """Whether a server that has yet to move may leave room for this."""
        return any(
            task.id != uuid
            and occupancy.frees_room_for(task.slots, self._tasks[uuid].slots)
            for task in self._scheduler.left()
        )
