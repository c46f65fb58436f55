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

"""The cancelling of a plan: how it is noticed, announced and carried out.

Watcher tells the applier in no other way than by the state of the plan in its
database.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import functools

from oslo_log import log
from watcher.common import exception as watcher_exception

from zone_migration import conf
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import database
from zone_migration.watcher_db import notifier
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import threads

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: How long the end of a cancelled plan waits for the notification that its
#: cancelling has begun, in seconds: a message queue can block for ever.
_ANNOUNCEMENT = 60.0

#: How long what Nova moves is left alone for the abort of what it has queued
#: behind that, in seconds.
_QUEUED = 10.0


class Cancellation:
    """The cancelling of one plan, if somebody does.

    :param engine: the workflow engine, which notifies of it.
    :param plan: the action plan.
    :param owner: whether the plan is run here.
    :param clock: gives seconds, and goes forward.
    :param is_certain: whether it is cancelled, whatever its state is.
    """

    def __init__(
        self,
        engine,
        plan,
        owner: ownership.Ownership,
        clock: Callable[[], float],
        is_certain: bool = False,
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._owner = owner
        self._clock = clock
        self._is_certain = is_certain
        #: Whether it was noticed.
        self.noticed = False
        self._noticed_at = 0.0
        self._announcement = None
        self._away = False
        self._aborts: list[tuple[action_run.ActionRun, Collection[str]]] = []

    def look(self) -> bool:
        """Look once whether the plan is being cancelled.

        While the database is away nobody can say, nor can anybody cancel it.

        :returns: True the first time that it is noticed.
        :raises PlanIsLost: when it is run here no more.
        """
        try:
            return self._look(plan_records.state_without_retry)
        except database.AWAY as error:
            if not self._away:
                self._away = True
                LOG.warning(
                    'The database does not say whether action plan %s is '
                    'being cancelled; asking on: %s',
                    self._plan.uuid,
                    error,
                )
            return False

    def look_for_certain(self) -> bool:
        """Look, however long the database takes to answer.

        :returns: True the first time that it is noticed.
        :raises PlanIsLost: when it is run here no more.
        """
        return self._look(
            functools.partial(database.until_answered, plan_records.state)
        )

    def is_overdue(self) -> bool:
        """Whether a service that is away was waited for long enough.

        As long as an action waits that sees nothing any more.
        """
        options = CONF.zone_migration
        blind = options.retry * options.retry_interval
        return self.noticed and self._clock() - self._noticed_at > blind

    def begin(
        self,
        runs: Iterable[action_run.ActionRun],
        queued_behind: Mapping[str, Collection[str]],
    ) -> None:
        """Announce it, let no action begin, and have the others aborted.

        Nova begins the next that it has queued as soon as what runs before it
        has ended, so what is queued goes first.

        :param runs: all that have not ended.
        :param queued_behind: the UUIDs of what Nova may begin when an action
            ends, by the UUID of that.
        """
        for run in runs:
            run.stop()
            self._aborts.append((run, queued_behind.get(run.uuid, ())))
        # Nobody waits for it.
        self._announcement = threads.start(
            f'cancel-{self._plan.uuid}',
            notifier.send,
            self._engine.notify_cancel_start,
            self._plan.uuid,
        )

    def due(self, running: Collection[str]) -> list[action_run.ActionRun]:
        """Take out what is to be aborted now.

        :param running: the UUIDs of all actions that have not ended.
        """
        is_over = self._clock() - self._noticed_at > _QUEUED
        aborts, self._aborts = self._aborts, []
        due = []
        for run, queued_behind in aborts:
            if is_over or not any(uuid in running for uuid in queued_behind):
                due.append(run)
            else:
                self._aborts.append((run, queued_behind))
        return due

    def wait_for_announcement(self) -> None:
        """Wait until it was notified of, for a minute at most.

        Watcher notifies of the end of the cancelling after that.
        """
        if self._announcement is not None:
            self._announcement.join(_ANNOUNCEMENT)

    def _look(self, read_state: Callable[[int], str]) -> bool:
        """Look by a function that reads the state of the plan."""
        try:
            state = self._owner.look(read_state)
        except watcher_exception.ActionPlanNotFound:
            state = states.CANCELLING
        self._away = False
        if self.noticed or not (
            self._is_certain or state == states.CANCELLING
        ):
            return False
        LOG.warning('Action plan %s is being cancelled', self._plan.uuid)
        self.noticed = True
        self._noticed_at = self._clock()
        return True
