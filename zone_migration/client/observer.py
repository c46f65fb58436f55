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

"""What Nova and Cinder show of all that is waited for, read together.

Each action waits in a thread of its own, but they look through the same
window: whoever looks first after an interval reads what has changed in the
whole cloud, in one request a page, and the others find it here.  A resource
is asked for by itself only when a step of its move begins or has ended, and a
volume that Cinder lists no more once a minute.

What has changed since the last reading is asked for by the times that Nova and
Cinder themselves write down: what the clock of this machine says does not
matter.
"""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import datetime
import threading
import time

from oslo_log import log
from oslo_utils import timeutils

from zone_migration import waiting
from zone_migration.client import cinder
from zone_migration.client import exception
from zone_migration.client import nova
from zone_migration.logic import resources

LOG = log.getLogger(__name__)

#: How far back each reading looks before the newest time that is known: the
#: clocks of those who write into one database differ a little.
_OVERLAP = datetime.timedelta(seconds=60)

#: How often the details of servers are read, in seconds.  They cost Nova far
#: more than the records of migrations, and tell little more: the progress in
#: percent, and that a server was deleted.
_DETAILS = 10.0

#: After how long without news, in seconds, volumes are asked for again: a
#: deleted one leaves Cinder's lists without a word.
_SILENCE = 60.0

#: How long a look waits for a reading that somebody else has begun, in
#: seconds: that of a service that hangs takes a time-out for each page.
_LONGEST = 60.0


class Tolerance:
    """What a service does not show just now is no news, and no failure.

    It may be away, for as long as that takes.  It may also refuse what it has
    shown before, while its policy is read again, or while its tokens cannot
    be checked; or Keystone's catalogue may lack it.  That is believed once it
    has lasted.

    :param grace_period: for how many seconds a refusal is not believed.
    """

    def __init__(
        self, grace_period: float, clock: Callable[[], float]
    ) -> None:
        self._grace_period = grace_period
        self._clock = clock
        #: Since when it has refused, by what it was asked for.
        self._refused: dict[Hashable, float] = {}

    @contextlib.contextmanager
    def of(self, what: Hashable) -> Iterator[None]:
        """Whatever is read of the service in this context.

        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises RequestRefused: when it could not for too long.
        :raises ServiceNotFound: likewise.
        """
        try:
            yield
        except (
            exception.RequestRefused, exception.ServiceNotFound
        ) as error:
            now = self._clock()
            if what not in self._refused:
                LOG.warning(
                    '%s; nothing is seen, asking again for up to %.0f s',
                    error,
                    self._grace_period,
                )
            if now - self._refused.setdefault(what, now) >= self._grace_period:
                raise
            raise waiting.ObservationFailed(str(error)) from error
        except exception.CloudUnavailable as error:
            # Who is away refuses nothing.
            self._refused.pop(what, None)
            raise waiting.ObservationFailed(str(error)) from error
        else:
            self._refused.pop(what, None)


class _Window:
    """Reads at most once in ``interval`` seconds, for all who look.

    The interval is that from the end of one reading to the beginning of the
    next, whether it has succeeded or not: where an API takes longer than the
    interval, or until a timeout, those who had to wait for it do not read
    again one after another.
    """

    def __init__(
        self,
        read: Callable[
            [datetime.datetime | None], Iterable[datetime.datetime]
        ],
        tolerance: Tolerance,
        interval: float,
        clock: Callable[[], float],
        newest: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Nothing is read yet.

        :param read: reads what has changed since a time of the service, or
            all where there is none; gives the times of these changes.
        :param newest: gives the time of the newest change, before anything
            is read.
        """
        self._read = read
        self._tolerance = tolerance
        self._interval = interval
        self._clock = clock
        self._first = newest
        self._lock = threading.Lock()
        #: When the last reading that succeeded began, None before; and what
        #: the clock of the service showed then at least, as far as is known.
        self._began: float | None = None
        self._newest: datetime.datetime | None = None
        #: When the last reading ended, and why it gave nothing.
        self._ended: float | None = None
        self._failure: (
            waiting.ObservationFailed | exception.CloudError | None
        ) = None

    @property
    def unseen(self) -> str:
        """Why the last reading has shown nothing; '' when it has."""
        failure = self._failure
        return (
            str(failure)
            if isinstance(failure, waiting.ObservationFailed)
            else ''
        )

    def look(self, patient: bool = True) -> None:
        """Read what has changed, unless somebody just did.

        :param patient: wait for a reading that somebody else has begun.
        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        if not self._lock.acquire(timeout=_LONGEST if patient else 0):
            if patient:
                raise waiting.ObservationFailed(
                    'its answers take more than a minute'
                )
            return
        try:
            began = self._clock()
            if (
                self._ended is None
                or began - self._ended >= self._interval
            ):
                self._read_changes(began)
            if isinstance(self._failure, waiting.ObservationFailed):
                raise waiting.ObservationFailed(
                    str(self._failure)
                ) from self._failure
            if self._failure is not None:
                raise self._failure
        finally:
            self._lock.release()

    @property
    def since(self) -> datetime.datetime | None:
        """The time of the service since which changes may be unread."""
        return self._newest and self._newest - _OVERLAP

    def _read_changes(self, began: float) -> None:
        failure = None
        try:
            with self._tolerance.of(self):
                if self._began is None:
                    self._newest = _time(self._first())
                times = list(self._read(self.since))
        except (waiting.ObservationFailed, exception.CloudError) as error:
            failure = error
        else:
            # A page that was read first lacks what changed meanwhile.
            took = datetime.timedelta(seconds=self._clock() - began)
            known = [time - took for time in times]
            if self._newest is not None:
                # In a quiet cloud time passes as well.
                last = began if self._began is None else self._began
                passed = datetime.timedelta(seconds=began - last)
                known.append(self._newest + passed)
            self._newest = max(known, default=None)
            self._began = began
        finally:
            self._failure = failure
            self._ended = self._clock()


class Servers:
    """Servers under migration."""

    def __init__(
        self,
        service: nova.Nova,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        grace_period: float = 0,
    ) -> None:
        self._nova = service
        self._tolerance = Tolerance(grace_period, clock)
        self._lock = threading.Lock()
        self._migrations: dict[str, resources.Migration] = {}
        # By id: the migration's status when the server was read, the server.
        self._servers: dict[str, tuple[str, resources.Server | None]] = {}
        # Half an interval: nobody who looks once an interval finds what was
        # read for somebody else almost an interval ago.
        self._records = _Window(
            self._read_records,
            self._tolerance,
            interval / 2,
            clock,
            service.newest_change,
        )
        self._details = _Window(
            self._read_details, self._tolerance, _DETAILS, clock
        )
        self._silent = _Window(
            self._read_silent, self._tolerance, _SILENCE, clock
        )

    def observe(
        self, server_id: str, after: int
    ) -> tuple[resources.Server | None, resources.Migration | None]:
        """The server, and its newest migration with an id above ``after``.

        The server is read again whenever the status of the migration has
        changed, and at each look once the migration has ended.  At the first
        look its migrations are read as well: they may have changed for the
        last time before the shared readings began.

        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        self._records.look()
        # Nobody waits for them: they take Nova seconds when hundreds of
        # servers are under way, and no end of a migration depends on them.
        with contextlib.suppress(
            waiting.ObservationFailed, exception.CloudError
        ):
            self._details.look(patient=False)
            self._silent.look(patient=False)
        known = self._servers.get(server_id)
        if known is None:
            with self._tolerance.of(('migrations', server_id)):
                self._take(self._nova.migrations_of(server_id))
        migration = self._migrations.get(server_id)
        if migration is not None and migration.id <= after:
            migration = None
        status = migration.status if migration else ''
        if (
            known is None
            or known[0] != status
            or migration is not None
            and not migration.is_in_flight
        ):
            with self._tolerance.of(server_id):
                known = (status, self._nova.server(server_id))
            if _is_hidden(known[1]):
                raise waiting.ObservationFailed(
                    'the cell of the server does not answer'
                )
            self._servers[server_id] = known
        return known[1], migration

    def look(self) -> None:
        """Look whether Nova can be read now.

        :raises waiting.ObservationFailed: when it cannot.
        :raises CloudError: when it could not for too long.
        """
        self._records.look()

    @property
    def unseen(self) -> str:
        """Why the last look at Nova has shown nothing; '' when it has."""
        return self._records.unseen

    def ahead(self, migration: resources.Migration) -> int:
        """How many live migrations its source host has got before this one.

        Of those that have been seen, which is not all that were there before
        somebody looked first.
        """
        return sum(
            other.source == migration.source
            and other.id < migration.id
            and other.type == migration.type
            and other.is_in_flight
            for other in list(self._migrations.values())
        )

    def _take(self, migrations: Iterable[resources.Migration]) -> None:
        """Keep the newest of each server."""
        with self._lock:
            for migration in migrations:
                known = self._migrations.get(migration.server_id)
                if known is None or _age(known) <= _age(migration):
                    self._migrations[migration.server_id] = migration

    def _read_records(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        found = self._nova.migrations(since)
        self._take(found)
        return _times(found)

    def _read_silent(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        """What has changed since the oldest news of what is in flight.

        A time that somebody with a wrong clock has written down would
        otherwise hide for good what those with right ones write.
        """
        in_flight = [
            migration
            for migration in list(self._migrations.values())
            if migration.server_id in self._servers
            and migration.is_in_flight
        ]
        oldest = min(_times(in_flight), default=None)
        if oldest is not None:
            self._take(self._nova.migrations(oldest - _OVERLAP))
        return ()

    def _read_details(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        since = since or self._records.since
        if since is None or not self._servers:
            return ()
        found = self._nova.servers(since)
        for server_id, server in found.items():
            known = self._servers.get(server_id)
            if known is not None and not _is_hidden(server):
                self._servers[server_id] = (known[0], server)
        return _times(found.values())


class Volumes:
    """Volumes under migration."""

    def __init__(
        self,
        service: cinder.Cinder,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        grace_period: float = 0,
    ) -> None:
        self._cinder = service
        self._tolerance = Tolerance(grace_period, clock)
        self._clock = clock
        # By id: when the reading began, and what it gave.
        self._volumes: dict[str, tuple[float, resources.Volume | None]] = {}
        # The same of its copy, the newest; Cinder lists it like a volume.
        self._copies: dict[str, tuple[float, resources.Volume]] = {}
        self._window = _Window(
            self._read,
            self._tolerance,
            interval / 2,
            clock,
            service.newest_change,
        )
        # Half of the silence: of all volumes that are silent, only the first
        # that is looked at causes a reading.
        self._moving = _Window(
            self._read_moving, self._tolerance, _SILENCE / 2, clock
        )

    def observe(
        self, volume_id: str, not_before: float
    ) -> resources.Volume | None:
        """The volume, None when it is gone.

        :param not_before: what was read before this time (of the clock) is
            not looked at: a request that changed the volume was answered
            then.
        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        self._window.look()
        known = self._volumes.get(volume_id)
        now = self._clock()
        silent = now - _SILENCE
        if known is not None and not_before <= known[0] < silent:
            # A copy shows nothing from its beginning to its end.
            self._moving.look()
            known = self._volumes[volume_id]
        if known is None or known[0] < max(not_before, silent):
            with self._tolerance.of(volume_id):
                known = (now, self._cinder.volume(volume_id))
            self._volumes[volume_id] = known
        return known[1]

    def look(self) -> None:
        """Look whether Cinder can be read now; see :meth:`Servers.look`."""
        self._window.look()

    @property
    def unseen(self) -> str:
        """Why the last look at Cinder has shown nothing; '' when it has."""
        return self._window.unseen

    def look_for_copy(self, volume_id: str) -> None:
        """Read the copy that a move under way has made of a volume.

        It may have changed for the last time before the shared readings
        began.

        :raises CloudError: when it cannot be read just now.
        """
        began = self._clock()
        self._take(began, self._cinder.copies_of(volume_id))

    def copied_to(
        self, volume_id: str, not_before: float, made_since: str = ''
    ) -> str | None:
        """The pool that Cinder copies a volume to, as far as it was seen.

        :param not_before: see :meth:`observe`, which reads it.
        :param made_since: a time of Cinder's, ISO 8601; a copy that was made
            before is one that an earlier move has left.
        """
        began, copy = self._copies.get(volume_id, (not_before, None))
        if (
            copy is None
            or began < not_before
            or copy.created_at < made_since
        ):
            return None
        return copy.host

    def now(self) -> float:
        """The time on the clock of ``not_before``."""
        return self._clock()

    def _read(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        began = self._clock()
        found = self._cinder.volumes(since)
        self._take(began, found)
        return _times(found.values())

    def _read_moving(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        """All that move, however long ago Cinder has touched them."""
        began = self._clock()
        self._take(began, self._cinder.moving_volumes())
        return ()

    def _take(self, began: float, found: dict[str, resources.Volume]) -> None:
        for volume_id, volume in found.items():
            self._volumes[volume_id] = (began, volume)
            if volume.copy_of:
                _, known = self._copies.get(volume.copy_of, (began, volume))
                if known.created_at <= volume.created_at:
                    self._copies[volume.copy_of] = (began, volume)


def _is_hidden(server: resources.Server | None) -> bool:
    """Whether Nova shows hardly more of the server than its id."""
    return server is not None and server.status == resources.UNKNOWN


def _times(
    found: Iterable[
        resources.Migration | resources.Server | resources.Volume | None
    ],
) -> list[datetime.datetime]:
    """When these were changed last, as far as it is told."""
    times = (_time(one.updated_at) for one in found if one is not None)
    return [time for time in times if time is not None]


def _time(stamp: str | None) -> datetime.datetime | None:
    """A time that a service has written down; it is in UTC.

    >>> _time('2026-11-24T03:14:00.000000')
    datetime.datetime(2026, 11, 24, 3, 14, tzinfo=datetime.timezone.utc)
    """
    try:
        found: datetime.datetime = timeutils.parse_isotime(stamp)
    except ValueError:
        return None
    return found


def _age(migration: resources.Migration) -> tuple[int, str]:
    """What is greater for what is newer; Nova's times sort as text."""
    return migration.id, migration.updated_at or ''
