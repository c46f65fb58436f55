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
from zone_migration.logic.outcome import failures
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import requirements
from zone_migration.logic.schedule import scheduling
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import outages

#: How often a server is tried for which Nova finds no host, while others may
#: make room for it.
_MAX_TRIES = 10

#: What an action waits for whose next attempt comes after the others.
_OTHERS = 'the others have started'


class Requeue:
    """What is tried again of one plan, when, and how often.

    There are three reasons: a service that is away, which takes no attempt;
    room that another server may make, which takes none either; and a failure
    that is worth another attempt, as long as there is one.

    :param runs: the actions of the plan, by UUID.
    :param plan_outages: the services that are away.
    :param scheduler: what runs the plan.
    :param tasks: all of the plan, by the UUID of their action.
    """

    def __init__(
        self,
        runs: Mapping[str, action_run.ActionRun],
        plan_outages: outages.Outages,
        scheduler: scheduling.Scheduler,
        tasks: Mapping[str, scheduling.Task],
    ) -> None:
        self._runs = runs
        self._outages = plan_outages
        self._scheduler = scheduler
        self._tasks = tasks
        #: The actions that have left something undone for a later try.
        self._count_on_another: set[str] = set()
        #: The actions that are not to count on a later one any more.
        self._last: set[str] = set()

    def is_tried_again(self, uuid: str, failure: failures.Failure) -> bool:
        """Whether an action is tried again that fails so now.

        Asked by the action, in its thread, before it does what only the last
        try is to do.
        """
        run = self._runs[uuid]
        may_follow = not run.attempts.is_last or self._waits_for_room(
            run, failure
        )
        again = (
            failure.is_worth_another and uuid not in self._last and may_follow
        )
        if again:
            self._count_on_another.add(uuid)
        else:
            self._count_on_another.discard(uuid)
        return again

    def if_useful(self, run: action_run.ActionRun) -> None:
        """Put an action back that another try may bring to a better end."""
        error = run.retryable_error
        if isinstance(error, exception.ServiceUnavailable):
            self._until_back(run, error)
        elif error is not None and error.failure is not None:
            if self._waits_for_room(run, error.failure):
                run.requeue('another server has moved')
                # It has ended where its row could not be written.
                if not states.has_ended(run.state):
                    self._scheduler.requeue(run.uuid)
            else:
                self._after_the_others(run)

    def what_is_left(self) -> None:
        """Try again what waits for room that nobody makes any more."""
        for task in self._scheduler.left():
            run = self._runs[task.id]
            if run.retryable_error is not None:
                self._after_the_others(run)

    def _until_back(
        self, run: action_run.ActionRun, error: exception.ServiceUnavailable
    ) -> None:
        """Put an action back until a service is back."""
        name = error.kwargs['service']
        if not self._outages.found(run.uuid, name, str(error)):
            return
        run.requeue(f'{name} is back')
        if states.has_ended(run.state):
            return
        slot = (occupancy.SERVICE, name)
        if run.is_as_before:
            # It is under way, whether or not anybody sees it.
            self._scheduler.suspend(run.uuid, slot)
        else:
            self._scheduler.requeue(run.uuid, slot)

    def _after_the_others(self, run: action_run.ActionRun) -> None:
        """Give an action its next attempt, or the try that it counts on."""
        fails = not run.attempts.is_last
        if not fails:
            if run.uuid not in self._count_on_another - self._last:
                return
            # There was room to come when it was asked for, and is none.
            self._last.add(run.uuid)
        else:
            self._count_on_another.discard(run.uuid)
        run.requeue(_OTHERS, fails)
        if not states.has_ended(run.state):
            self._scheduler.defer(run.uuid)

    def _waits_for_room(
        self, run: action_run.ActionRun, failure: failures.Failure
    ) -> bool:
        """Whether a server that has yet to move may leave room for this."""
        return (
            failure is failures.NO_HOST
            and run.tries < _MAX_TRIES
            and any(
                task.id != run.uuid
                and requirements.frees_room_for(
                    task.slots, self._tasks[run.uuid].slots
                )
                for task in self._scheduler.left()
            )
        )
