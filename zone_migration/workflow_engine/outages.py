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

"""The services that are away while a plan runs.

What needs one of them does not start: it would only fail.  The slot of a
service that is away is closed, and the service is looked at until it can be
read again.
"""

from collections.abc import Callable
from collections.abc import Iterable
import functools
import threading

from oslo_log import log
from oslo_utils import timeutils

from zone_migration import exception
from zone_migration import waiting
from zone_migration.engine_interfaces import service_status
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling
from zone_migration.workflow_engine import threads

LOG = log.getLogger(__name__)

#: How often an action is tried again that a service did not serve although
#: it was there whenever it was looked at.
_MOST_TRIES = 10


class _Outage:
    """One service that is away."""

    def __init__(self, name: str, reason: str) -> None:
        self.since = f'{timeutils.utcnow():%H:%M} UTC'
        self.text = (
            f'nothing that needs {name} starts since {self.since}: {reason}'
        )
        #: The actions that have found it away, by UUID.
        self.found_by: set[str] = set()
        #: What looks at it, while it does.
        self.look: threading.Thread | None = None


class Outages:
    """The services that are away.  All is called in the thread of the plan.

    :param engine: looks at the services.
    :param slots: where the slot of a service is closed that is away.
    :param tasks: all of the plan, with the services that they need.
    :param submit: has something called in the thread of the plan.
    :param give_up: told each action that has found a service away which
        turns out to refuse for good.
    """

    def __init__(
        self,
        engine,
        slots: occupancy.Slots,
        tasks: Iterable[scheduling.Task],
        submit: Callable[[Callable[[], None]], None],
        give_up: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._slots = slots
        self._needed = {
            slot[1]
            for task in tasks
            for slot in task.slots
            if slot[0] == occupancy.SERVICE
        }
        self._submit = submit
        self._give_up = give_up
        self._outages: dict[str, _Outage] = {}
        #: How often each was tried in vain, by UUID.
        self._tries: dict[str, int] = {}
        self._told = ''

    def __str__(self) -> str:
        """Words for the operator; '' while no service is away.

        Other plans may have found them away.
        """
        texts = (
            self._slots.why_closed((occupancy.SERVICE, name))
            for name in sorted(self._needed)
        )
        return '; '.join(text for text in texts if text)

    def look(self) -> bool:
        """Look which services are away, without waiting for any.

        :returns: whether what the operator is told has changed.
        """
        for name in self._needed - self._outages.keys():
            reason = self._engine.last_failure(name)
            if reason:
                self._begin(name, reason)
        for name, outage in self._outages.items():
            if outage.look is None:
                outage.look = threads.start(
                    f'look-at-{name}', self._look_at, name
                )
        told, self._told = self._told, str(self)
        return told != self._told

    def found(self, uuid: str, name: str, reason: str) -> bool:
        """Note that an action has found a service away.

        :returns: whether to try it again when the service is back.
        """
        self._tries[uuid] = self._tries.get(uuid, 0) + 1
        if self._tries[uuid] > _MOST_TRIES or name not in service_status.NAMES:
            return False
        self._needed.add(name)
        if name not in self._outages:
            self._begin(name, reason)
        self._outages[name].found_by.add(uuid)
        return True

    def end(self) -> None:
        """Forget them: nothing waits for them any more."""
        for name in list(self._outages):
            self._release(name)

    def _begin(self, name: str, reason: str) -> None:
        """Close the slot of a service that is away."""
        LOG.warning('Nothing that needs %s starts now: %s', name, reason)
        self._outages[name] = _Outage(name, reason)
        self._slots.close(
            (occupancy.SERVICE, name), self._outages[name].text
        )

    def _release(self, name: str) -> _Outage | None:
        """Open the slot of a service again, and return what its outage was."""
        outage = self._outages.pop(name, None)
        if outage is not None:
            self._slots.open((occupancy.SERVICE, name), outage.text)
            self._slots.wake()
        return outage

    def _look_at(self, name: str) -> None:
        """Look at a service in a thread; leave the rest to the plan's."""
        try:
            self._engine.look_at(name)
            then = functools.partial(self._is_back, name)
        except waiting.ObservationFailed as error:
            LOG.debug('%s is not seen: %s', name, error)
            then = functools.partial(self._is_away, name)
        except exception.CloudRequestFailed as error:
            then = functools.partial(self._refuses, name, str(error))
        except BaseException as error:
            LOG.exception('%s is not looked at', name)
            then = functools.partial(self._refuses, name, str(error))
        self._submit(then)

    def _is_away(self, name: str) -> None:
        """Let a service be looked at again; it is really away."""
        outage = self._outages.get(name)
        if outage is not None:
            outage.look = None
            for uuid in outage.found_by:
                self._tries.pop(uuid, None)

    def _is_back(self, name: str) -> None:
        """End the outage of a service that can be read again."""
        outage = self._release(name)
        if outage is not None:
            LOG.info('%s is back, away since %s', name, outage.since)

    def _refuses(self, name: str, reason: str) -> None:
        """Give up what waits for a service that refuses for good."""
        outage = self._release(name)
        if outage is not None:
            LOG.error('%s is not waited for: %s', name, reason)
            for uuid in sorted(outage.found_by):
                self._give_up(uuid)
