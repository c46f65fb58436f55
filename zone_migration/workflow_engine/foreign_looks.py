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

"""The looks of one plan at what others move, as the limits count that, too.

Each service is looked at in a thread: one that hangs keeps the plan from
nothing but the moves that it would have to begin.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import contextlib
import functools
import threading
import time

from oslo_log import log

from zone_migration import conf
from zone_migration import waiting
from zone_migration.logic.schedule import foreign
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling
from zone_migration.watcher_db import database
from zone_migration.watcher_db import services
from zone_migration.workflow_engine import threads

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: How often it is asked whether there are other appliers, in seconds.
_ASK_EVERY = 60.0


class _Look:
    """The looks at one service."""

    def __init__(self) -> None:
        #: What looks at it, or did last.
        self.thread: threading.Thread | None = None
        #: Whether the last one has shown that it cannot be looked at.
        self.has_failed = False
        #: Why its slot is closed until it was looked at; None if it is not.
        self.closed: str | None = None


class ForeignLooks:
    """The looks of one plan, in a ``with`` block as long as it runs.

    What needs a service does not start before it was looked at once.

    :param engine: looks at the services, and knows what counts as foreign.
    :param slots: what all plans of this process occupy.
    """

    def __init__(
        self,
        engine,
        slots: occupancy.Slots,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._slots = slots
        self._clock = clock
        self._due_at = clock()
        self._ask_at = clock()
        #: By the name of the service; only the thread of the plan changes it.
        self._looks: dict[str, _Look] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> 'ForeignLooks':
        return self

    def __exit__(self, *error) -> None:
        for service in list(self._looks):
            self._end(service)

    def be_due(self) -> None:
        """Look next time in any case: other tasks may need what is seen."""
        self._due_at = self._clock()

    def look(
        self,
        tasks: Callable[[], Iterable[scheduling.Task]],
        limits: Mapping[str, int],
    ) -> None:
        """Look, when it is due, without waiting for any service.

        :param tasks: gives those that have yet to end.
        :param limits: by kind of slot; what has none is not counted.
        """
        now = self._clock()
        if now < self._due_at or not CONF.zone_migration.count_foreign:
            return
        self._due_at = now + CONF.zone_migration.poll_interval
        kinds = {
            slot[0]
            for task in tasks()
            for slot in task.slots
            if limits.get(slot[0])
        }
        for service, kind in foreign.KINDS.items():
            if kind in kinds:
                self._look_soon(service)
            else:
                self._end(service)

    def _look_soon(self, service: str) -> None:
        """Look at a service in a thread, unless one does already."""
        look = self._looks.get(service)
        if look is None:
            look = self._looks[service] = _Look()
            kind = foreign.KINDS[service]
            if not self._engine.foreign_moves.want(kind, look):
                self._close(service, look)
        if look.thread is None or not look.thread.is_alive():
            # Where there is no thread to be had, the next look gets one.
            with contextlib.suppress(RuntimeError):
                look.thread = threads.start(
                    f'foreign-moves-{service}', self._look_at, service, look
                )

    def _end(self, service: str) -> None:
        """Have the moves of a service counted no more for this plan."""
        look = self._looks.pop(service, None)
        if look is not None:
            self._engine.foreign_moves.unwant(foreign.KINDS[service], look)
            self._open(service, look)

    def _look_at(self, service: str, look: _Look) -> None:
        """Look at a service, in a thread, and count what is in flight."""
        own = self._slots.resources()
        try:
            self._ask_for_other_appliers()
            moves = self._engine.moves_in_flight(service)
            self._count(service, look, moves, own | self._slots.resources())
            self._open(service, look)
            look.has_failed = False
        except waiting.ObservationFailed as error:
            # What was counted before counts.
            LOG.debug('%s is not seen: %s', service, error)
            self._tell(service, look, str(error))
        except BaseException as error:
            # It refuses for good, or has shown what nobody understands.
            if not look.has_failed:
                LOG.exception(
                    'Foreign moves do not count while this lasts: %s', error
                )
            look.has_failed = True
            self._open(service, look)
            # Nobody can say what is shown, so nothing waits for that.
            self._slots.shown(own)
            self._count(service, look, (), ())

    def _count(
        self,
        service: str,
        look: _Look,
        moves: Collection[foreign.Move],
        own: Iterable[occupancy.Slot],
    ) -> None:
        """Count what is in flight, but for what has stopped."""
        options = CONF.zone_migration
        stall_timeout = functools.partial(
            waiting.stall_timeout,
            options.retry,
            options.retry_interval,
            slowest_copy=options.slowest_copy,
        )
        for move in self._engine.foreign_moves.saw(
            foreign.KINDS[service],
            look,
            moves,
            own,
            self._clock(),
            stall_timeout,
        ):
            LOG.warning(
                'The %s was not begun here and shows no progress for %.0f s: '
                'it does not count any more',
                move.name,
                stall_timeout(move.silent_gb),
            )

    def _ask_for_other_appliers(self) -> None:
        """Ask now and then whether other appliers begin moves, too."""
        if self._clock() < self._ask_at:
            return
        try:
            are_alive = services.others_are_alive(
                services.APPLIER, CONF.host, CONF.service_down_time
            )
        except database.AWAY as error:
            LOG.debug('The appliers are not known: %s', error)
        else:
            self._slots.share(are_alive)
        finally:
            # Not before: no look at another service goes ahead of the answer.
            self._ask_at = self._clock() + _ASK_EVERY

    def _close(self, service: str, look: _Look) -> None:
        """Close the slot of a service without a word, for a moment."""
        with self._lock:
            look.closed = ''
            self._slots.close((occupancy.SERVICE, service), look.closed)

    def _tell(self, service: str, look: _Look, why: str) -> None:
        """Tell why the slot of a service stays closed, if it does."""
        slot = (occupancy.SERVICE, service)
        with self._lock:
            if look.closed is not None:
                before, look.closed = look.closed, (
                    f'nothing that needs {service} starts before what moves '
                    f'there is known: {why}'
                )
                self._slots.close(slot, look.closed)
                self._slots.open(slot, before)

    def _open(self, service: str, look: _Look) -> None:
        """Open the slot of a service, if it is closed for this plan."""
        with self._lock:
            text, look.closed = look.closed, None
            if text is None:
                return
            self._slots.open((occupancy.SERVICE, service), text)
        self._slots.wake()
