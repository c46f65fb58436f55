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

"""The status message of a plan: its progress, and in the end its summary."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping

from oslo_log import log

from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary
from zone_migration.logic.schedule import scheduling
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import outages
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import resumption
from zone_migration.workflow_engine import waiting_messages

LOG = log.getLogger(__name__)

#: How often the message of the plan is written, at most, in seconds.
_WRITE_EVERY = 10.0

#: How soon it is written first: a short plan is to say, too, what waits.
_FIRST_AFTER = 1.0


class PlanStatus:
    """The status message of one plan.

    :param plan: the action plan.
    :param scheduler: what runs the plan.
    :param tasks: all of the plan.
    :param limits: by kind of slot.
    :param away: the services that are away.
    :param runs: the actions of the plan, by UUID.
    :param clock: gives seconds, and goes forward.
    :param behind: what lies behind the plan.
    """

    def __init__(
        self,
        plan,
        scheduler: scheduling.Scheduler,
        tasks: Iterable[scheduling.Task],
        limits: Mapping[str, int],
        away: outages.Outages,
        runs: Mapping[str, action_run.ActionRun],
        clock: Callable[[], float],
        behind: resumption.Resumption,
    ) -> None:
        self._plan = plan
        self._scheduler = scheduler
        self._away = away
        self._runs = runs
        self._clock = clock
        self._due_at = clock() + min(_FIRST_AFTER, _WRITE_EVERY)
        self._waiting = waiting_messages.WaitingMessages(plan, scheduler, runs)
        self._summary = summary.Summary(
            tasks, limits, clock() - behind.started_ago, behind.note
        )

    def __getitem__(self, state: str) -> int:
        """The number of actions that have ended in a state."""
        return self._summary[state]

    def may_roll_back(self) -> bool:
        """Whether a move has failed, and nothing was taken back for it.

        Before an emptied place is looked at, that has been done.
        """
        return self._summary.has_failed_moves and not self._summary.has_looked

    def remaining(self) -> dict[str, list[int | None]]:
        """What is left in the places that were looked at, by their kind."""
        return self._summary.remaining()

    def started(self, task: scheduling.Task) -> str:
        """Count an action that is started, for the first time or again.

        :returns: words for what it has waited for last.
        """
        run = self._runs[task.id]
        self._summary.began(
            task.id, self._clock(), run.before.begun and not run.tries
        )
        return self._waiting.waited_for(task)

    def ended(self, run: action_run.ActionRun) -> None:
        """Count an action that has ended, whether it was started or not."""
        for uuid in self._scheduler.queue_ahead.take_got():
            self._summary.got_slots(uuid, self._clock())
        self._summary.ended(
            run.uuid, run.state, self._clock(), run.message
        )
        if run.state == states.FAILED:
            text = action_text.read(run.message).text
            self.failed(f'{run.name}: {text}')

    def failed(self, reason: str) -> None:
        """Keep why something has failed; the first is told in the end."""
        self._summary.failed(reason)

    def is_due(self) -> bool:
        """Whether the progress was written long enough ago."""
        return self._clock() >= self._due_at

    def write_progress(self) -> None:
        """Write where the plan stands, and what waits; it is tried once."""
        now = self._clock()
        self._due_at = now + _WRITE_EVERY
        waiting = self._scheduler.waiting()
        plan_records.write_message_without_retry(
            self._plan.id,
            self._summary.progress(
                self._scheduler.left(),
                len(self._scheduler.running),
                now,
                waiting,
                str(self._away),
            ),
        )
        self._waiting.write(waiting)

    def end_waiting(self, reason: str) -> None:
        """Write why those did not start that never will; nothing is raised.

        :param reason: what has ended the plan early.
        """
        try:
            self._waiting.end(reason)
        except Exception:
            LOG.exception('Action plan %s goes on after this', self._plan.uuid)

    def write_summary(self, ended: float, hosts: str = '') -> str:
        """Write what the plan has come to, and return it.

        Nothing is raised, as the plan has to end, but PlanIsLost.

        :param ended: when its last action has ended, on the clock.
        :param hosts: what became of the hosts that it had disabled.
        """
        text = self._summary.final(ended, hosts)
        LOG.info('Action plan %s: %s', self._plan.uuid, text)
        try:
            plan_records.write_message(self._plan.id, text)
        except Exception:
            LOG.exception('Action plan %s goes on after this', self._plan.uuid)
        return text
