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

"""The ownership of a plan: whether this applier runs it still.

Watcher gives a plan to the applier that gets its last cast, whoever has it
(``watcher.applier.messaging.trigger``), and takes it from one whose heartbeat
was late (``watcher.applier.service_monitor``).  It tells that to nobody.
"""

from collections.abc import Callable
from typing import TypeVar

from oslo_log import log
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.watcher_db import database
from zone_migration.workflow_engine import plan_records

LOG = log.getLogger(__name__)

_T = TypeVar('_T')


class Ownership:
    """Whether one run of a plan may go on.  Any thread may ask.

    One that was lost once stays lost: whoever has had the plan meanwhile has
    changed it.

    :param plan: the action plan.
    """

    def __init__(self, plan) -> None:
        self._plan = plan
        self._is_lost = False

    def check(self) -> None:
        """Ask nobody.

        :raises PlanIsLost: when it is known to be lost.
        """
        if self._is_lost:
            raise exception.PlanIsLost(self._plan.uuid)

    def lose(self) -> None:
        """Let it be lost from now on."""
        self._is_lost = True

    def look(self, read: Callable[[int], str]) -> str:
        """Look whose the plan is, and return its state.

        :param read: gives the state by the plan's id.
        :raises PlanIsLost: when another applier has it, or nobody.
        :raises ActionPlanNotFound: when it was deleted.
        """
        return self.keep(read, self._plan.id)

    def confirm(self) -> None:
        """Look, however long the database takes to answer.

        To be called last before the cloud is asked to change anything.  A
        plan that was deleted is nobody else's.

        :raises PlanIsLost: when another applier has it, or nobody.
        """
        try:
            database.until_answered(self.look, plan_records.state)
        except watcher_exception.ActionPlanNotFound:
            LOG.warning('Action plan %s was deleted', self._plan.uuid)

    def keep(self, function: Callable[..., _T], *args) -> _T:
        """Call what reads or writes of the plan, unless it is lost.

        :raises PlanIsLost: when it is, or turns out to be.
        """
        self.check()
        try:
            return function(*args)
        except exception.PlanIsLost:
            LOG.warning(
                'Action plan %s is run by somebody else now', self._plan.uuid
            )
            self.lose()
            raise
