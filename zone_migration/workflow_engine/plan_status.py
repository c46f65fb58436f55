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

from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary
from zone_migration.logic.schedule import scheduling
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import outages
from zone_migration.workflow_engine import records

LOG = log.getLogger(__name__)

#: How often the message of the plan is written, at most, in seconds.
_WRITE_EVERY = 10.0


class PlanStatus:
    """The status message of one plan.

    :param plan: the action plan.
    :param scheduler: what runs the plan.
    :param tasks: all of the plan.
    :param limits: by kind of slot.
    :param away: the services that are away.
    :param clock: gives seconds, and goes forward.
    """

    def __init__(
        self,
        plan,
        scheduler: scheduling.Scheduler,
        tasks: Iterable[scheduling.Task],
        limits: Mapping[str, int],
        away: outages.Outages,
        clock: Callable[[], float],
    ) -> None:
        self._plan = plan
        self._scheduler = scheduler
        self._away = away
        self._clock = clock
        self._written_at = clock()
        self._summary = summary.Summary(tasks, limits, clock())

    def __getitem__(self, state: str) -> int:
        """The number of actions that have ended in a state."""
        return self._summary[state]

    def started(self, uuid: str) -> None:
        """Count an action that is started, for the first time or again."""
        self._summary.began(uuid, self._clock())

    def ended(self, run: action_run.ActionRun) -> None:
        """Count an action that has ended, whether it was started or not."""
        self._summary.ended(run.uuid, run.state, self._clock())
        if run.state == states.FAILED:
            self.failed(f'{run.name}: {run.message}')

    def failed(self, reason: str) -> None:
        """Keep why something has failed; the first is told in the end."""
        self._summary.failed(reason)

    def is_due(self) -> bool:
        """Whether the progress was written long enough ago."""
        return self._clock() - self._written_at >= _WRITE_EVERY

    def write_progress(self) -> None:
        """Write where the plan stands; it is tried once."""
        self._written_at = self._clock()
        text = self._summary.progress(
            self._scheduler.left(),
            len(self._scheduler.running),
            self._clock(),
        )
        away = str(self._away)
        records.write_status_message_without_retry(
            self._plan.id, f'{text}; {away}' if away else text
        )

    def write_summary(self, ended: float, hosts: str = '') -> str:
        """Write what the plan has come to, and return it.

        Nothing is raised: the plan has to end.

        :param ended: when its last action has ended, on the clock.
        :param hosts: what became of the hosts that it had disabled.
        """
        text = self._summary.final(ended, hosts)
        LOG.info('Action plan %s: %s', self._plan.uuid, text)
        try:
            records.write_status_message(self._plan.id, text)
        except Exception:
            LOG.exception('Action plan %s goes on after this', self._plan.uuid)
        return text
