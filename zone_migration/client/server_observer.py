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

"""Observations of the servers under migration, read together."""

from collections.abc import Callable
from collections.abc import Iterable
import contextlib
import datetime
import math
import threading
import time

from zone_migration import waiting
from zone_migration.client import exception
from zone_migration.client import nova
from zone_migration.client import observation
from zone_migration.logic import resources

#: How often the servers themselves are read, in seconds.  They cost Nova far
#: more than the records of migrations, and tell little more: the progress in
#: percent, and that a server was deleted.
_SERVER_INTERVAL = 10.0


#: Greater than the id of any migration.
_NO_MIGRATION = 2**63


class ServerObserver:
    """Servers under migration, and their migrations.

    A server is asked for by itself only when a step of its move begins or has
    ended.
    """

    def __init__(
        self,
        service: nova.Nova,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        grace_period: float = 0,
    ) -> None:
        self._nova = service
        self._interval = interval
        self._has_older = False
        self._tolerance = observation.Tolerance(grace_period, clock)
        self._lock = threading.Lock()
        self._migrations: dict[str, resources.Migration] = {}
        # By server: the newest that a reading of all has shown.
        self._listed: dict[str, int] = {}
        # By id: the migration's status when the server was read, the server.
        self._servers: dict[str, tuple[str, resources.Server | None]] = {}
        self._disks: dict[str, int] = {}
        self._unfinished_lock = threading.Lock()
        # When the last reading of them began, and what it gave.
        self._unfinished: tuple[float, list[resources.Migration]] = (
            -math.inf,
            [],
        )
        self._clock = clock
        # Half an interval: nobody who asks once an interval gets what was
        # read for somebody else almost an interval ago.
        self._migration_reading = observation.SharedReading(
            self._read_migrations,
            self._tolerance,
            interval / 2,
            clock,
            service.newest_change,
        )
        self._server_reading = observation.SharedReading(
            self._read_servers, self._tolerance, _SERVER_INTERVAL, clock
        )
        self._quiet_reading = observation.SharedReading(
            self._read_quiet, self._tolerance, observation.QUIET_PERIOD, clock
        )

    def observe(
        self, server_id: str, since_migration_id: int
    ) -> tuple[resources.Server | None, resources.Migration | None]:
        """The server, and its newest migration, None where it has none.

        The server is read again whenever the status of the migration has
        changed, and each time once the migration has ended.  The first time
        its migrations are read as well: they may have changed for the last
        time before the shared readings began.

        :param since_migration_id: the id of the newest migration before;
            only one with a greater id counts.
        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        self._migration_reading.refresh()
        # Nobody waits for them: they take Nova seconds when hundreds of
        # servers are under way, and no end of a migration depends on them.
        with contextlib.suppress(
            waiting.ObservationFailed, exception.CloudError
        ):
            self._server_reading.refresh(wait=False)
            self._quiet_reading.refresh(wait=False)
        known = self._servers.get(server_id)
        if known is None:
            with self._tolerance.of(('migrations', server_id)):
                self._keep(self._nova.migrations_of(server_id), listed=False)
        migration = self._migrations.get(server_id)
        if migration is not None and migration.id <= since_migration_id:
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
            if known[1] is None:
                self._forget(server_id)
        return known[1], migration

    def observe_server(self, server_id: str) -> resources.Server | None:
        """The server, whatever its migrations are; None for a deleted one.

        Read by itself when it is asked for first, and after :meth:`forget`;
        then with all others that have changed.

        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        return self.observe(server_id, _NO_MIGRATION)[0]

    def forget(self, server_id: str) -> None:
        """Let a server be read by itself the next time."""
        self._servers.pop(server_id, None)

    def in_flight(self) -> list[resources.Migration]:
        """All migrations of the cloud that Nova shows in flight.

        As the readings of all have shown them: one that somebody waits for
        and has read by itself is not among them before, so that whoever
        finds his own has also been shown what others began before it.
        Those that were in flight before the first reading are asked for once.
        Where somebody waits for a migration, his readings are enough.

        :raises waiting.ObservationFailed: when they cannot be read just now.
        :raises CloudError: when they could not for too long.
        """
        self._migration_reading.refresh(max_age=2 * self._interval)
        if not self._has_older:
            with self._tolerance.of('migrations in flight'):
                self._keep(self._nova.migrations_in_flight())
            self._has_older = True
        return [
            migration
            for migration in list(self._migrations.values())
            if migration.is_in_flight
            and migration.id <= self._listed.get(migration.server_id, 0)
        ]

    def unfinished(self) -> list[resources.Migration]:
        """All migrations in flight or to be confirmed, in one reading for all.

        Nobody gets one that began before he asked.

        :raises CloudError: when they cannot be read.
        """
        asked = self._clock()
        with self._unfinished_lock:
            if self._unfinished[0] < asked:
                began = self._clock()
                found = self._nova.unfinished_migrations()
                self._unfinished = began, found
            return self._unfinished[1]

    def disk_gb(self, server_id: str) -> int:
        """The local disks of a server that moves, in GB; asked for once.

        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        if server_id not in self._disks:
            with self._tolerance.of(('disks', server_id)):
                server = self._nova.server(server_id)
            self._disks[server_id] = server.disk_gb if server else 0
        return self._disks[server_id]

    def refresh(self) -> None:
        """Read what has changed, to know whether Nova can be read now.

        :raises waiting.ObservationFailed: when it cannot.
        :raises CloudError: when it could not for too long.
        """
        self._migration_reading.refresh()

    @property
    def unseen(self) -> str:
        """The reason why Nova could not be read last; '' when it could."""
        return self._migration_reading.unseen

    def ahead(self, migration: resources.Migration) -> int:
        """The number of migrations that its source host has got before it.

        Of the same type, and of those that have been read, which is not all
        that were there before somebody asked first.
        """
        return sum(
            other.source == migration.source
            and other.id < migration.id
            and other.type == migration.type
            and other.is_in_flight
            for other in list(self._migrations.values())
        )

    def _keep(
        self, migrations: Iterable[resources.Migration], listed: bool = True
    ) -> None:
        """Keep the newest migration of each server.

        :param listed: whether they are those of all servers.
        """
        with self._lock:
            for migration in migrations:
                if listed:
                    newest = self._listed.get(migration.server_id, 0)
                    self._listed[migration.server_id] = max(
                        newest, migration.id
                    )
                known = self._migrations.get(migration.server_id)
                if known is None or _age(known) <= _age(migration):
                    self._migrations[migration.server_id] = migration

    def _forget(self, server_id: str) -> None:
        """Forget the migration of a deleted server: Nova hides it."""
        with self._lock:
            self._migrations.pop(server_id, None)
            self._listed.pop(server_id, None)

    def _read_migrations(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        """Read the migrations that have changed; give their times."""
        found = self._nova.migrations(since)
        self._keep(found)
        return observation.times(found)

    def _read_quiet(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        """Read what has changed since the oldest news of what is in flight.

        A time that somebody with a wrong clock has written down would
        otherwise hide for good what those with right ones write.
        """
        in_flight = [
            migration
            for migration in list(self._migrations.values())
            if migration.server_id in self._servers and migration.is_in_flight
        ]
        oldest = min(observation.times(in_flight), default=None)
        if oldest is not None:
            self._keep(self._nova.migrations(oldest - observation.OVERLAP))
        return ()

    def _read_servers(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        """Read the servers that have changed; give their times."""
        since = since or self._migration_reading.since
        if since is None or not self._servers:
            return ()
        found = self._nova.servers(since)
        for server_id, server in found.items():
            known = self._servers.get(server_id)
            if known is not None and not _is_hidden(server):
                self._servers[server_id] = (known[0], server)
            if server is None:
                self._forget(server_id)
        return observation.times(found.values())


def _is_hidden(server: resources.Server | None) -> bool:
    """Whether Nova shows hardly more of the server than its id."""
    return server is not None and server.status == resources.UNKNOWN


def _age(migration: resources.Migration) -> tuple[int, str]:
    """A key that is greater for what is newer; Nova's times sort as text."""
    return migration.id, migration.updated_at or ''
