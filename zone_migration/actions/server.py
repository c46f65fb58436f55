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

"""The base of the two moves of a server."""

from collections.abc import Callable
import dataclasses

from zone_migration import conf
from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import move
from zone_migration.actions import parameters
from zone_migration.client import exception as client_exception
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.outcome import failures
from zone_migration.logic.outcome import lost_answers
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.preflight import begun
from zone_migration.logic.preflight import decisions

CONF = conf.CONF

#: How much of Nova's reason is told, in characters, where more must follow:
#: what to do about it, and how long it took.
_REASON = 66


class ServerAction(move.MoveAction):
    """A migration of a server by Nova."""

    #: Nova's type of it.
    MIGRATION: str

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._server: resources.Server | None = None
        self._migrations: list[resources.Migration] = []
        self._volumes: list[resources.Volume] = []
        # The host at the start of the first move.
        self._started_on = ''
        # Its status then; '' where it was migrating already.
        self._status = ''

    @property
    def wanted(self) -> decisions.ServerMove:
        """The input parameters, as what is wanted."""
        return decisions.ServerMove(
            **parameters.of_fields(decisions.ServerMove, self.input_parameters)
        )

    def check_abort(self) -> bool:
        """Yes: Nova aborts live migrations and reverts cold ones."""
        return True

    def _revert(self) -> None:
        """Move the server back to where it was."""
        wanted = self.wanted
        source = wanted.source or self._started_on
        if not source:
            raise exception.MoveRefused(
                reason='where the server was is not known'
            )
        back = decisions.ServerMove(
            resource_id=wanted.resource_id, dst_hostname=source
        )
        decision = self._decide(back)
        if decision.kind is decisions.Kind.REFUSE:
            raise exception.MoveRefused(reason=decision.text)
        if decision.kind is not decisions.Kind.SKIP:
            self._move(back, decision)

    def _start_migration(
        self,
        wanted: decisions.ServerMove,
        request: Callable[[], None],
        decide: Callable[[decisions.ServerMove], decisions.Decision],
    ) -> None:
        """Ask Nova to begin; see :meth:`_start`."""
        before, since_migration_id = self._server, self._newest_id()
        self._status = before.status
        # One that has left already is not to be moved on.
        still = dataclasses.replace(
            wanted, source=wanted.source or before.host
        )
        nova = self.cloud.nova
        self._start(
            request,
            lambda: lost_answers.server_migration(
                before,
                since_migration_id,
                nova.server(wanted.resource_id),
                nova.migrations_of(wanted.resource_id),
            ),
            lambda: decide(still),
        )

    def _look_at_failure(self, reason: str) -> failures.Failure:
        """Look how a failure has left the server."""
        self._look(self.wanted.resource_id)
        return failures.of_server(
            reason,
            self._started_on,
            self._status,
            self._server,
            self._migrations,
            bool(self.wanted.dst_hostname),
        )

    def _look(self, server_id: str) -> None:
        """Read the server, its migrations (newest first), its volumes."""
        self._server = self.cloud.nova.server(server_id)
        self._migrations, self._volumes = [], []
        if self._server is not None:
            self._migrations = self.cloud.nova.migrations_of(server_id)
            for volume_id in self._server.volume_ids:
                volume = self.cloud.cinder.volume(volume_id)
                if volume is not None:
                    self._volumes.append(volume)

    def _see_what_was_begun(
        self, decision: decisions.Decision
    ) -> decisions.Decision:
        """Adopt the migration that was begun, however it has ended."""
        server, is_there = self._server, decision.kind is decisions.Kind.SKIP
        migration = begun.migration_since(
            self._records(decision),
            self.MIGRATION,
            self.begun_at,
            self.wanted.source,
            (server.host or '') if server is not None and is_there else '',
        )
        if migration is None:
            return decision
        return self._adopt(migration, decision)

    def _records(
        self, decision: decisions.Decision
    ) -> list[resources.Migration]:
        """Those of the server that may be of this attempt.

        :param decision: what it would be if this was its first.
        """
        if self.is_repeated and decision.kind is decisions.Kind.START:
            return begun.without_failed(self._migrations)
        return self._migrations

    def _adopt(
        self, migration: resources.Migration, decision: decisions.Decision
    ) -> decisions.Decision:
        """Adopt a migration, unless somebody has moved the server since."""
        self._started_on = migration.source or ''
        if migration.id != self._newest_id():
            return begun.moved_on_since(migration, self._server, decision)
        return decisions.adopt(
            f'{migration.type} {migration.id} was begun by an applier that '
            'was stopped'
        )

    def _destination(
        self, wanted: decisions.ServerMove
    ) -> resources.ComputeHost | None:
        """The host that the server is to go to, as Nova shows it."""
        if not wanted.dst_hostname:
            return None
        return self.cloud.nova.hosts().get(wanted.dst_hostname)

    def _observe(
        self, server_id: str, since_migration_id: int
    ) -> tuple[resources.Server | None, resources.Migration | None]:
        """Return what Nova shows of the server and of its newest migration.

        :param since_migration_id: of the migration before it.
        """
        now, migration = self.cloud.servers.observe(
            server_id, since_migration_id
        )
        if migration is not None:
            self._report_destination(migration.dest)
        return now, migration

    def _newest_id(self) -> int:
        """The id of the newest migration; 0 if there was none."""
        return max((m.id for m in self._migrations), default=0)

    def _check_arrival(self) -> None:
        """Raise MoveFailed unless the server is at its destination."""
        wanted = self.wanted
        server = self.cloud.nova.server(wanted.resource_id)
        if server is None or server.status == resources.UNKNOWN:
            return
        arrived = (
            server.host == wanted.dst_hostname
            if wanted.dst_hostname
            else server.host != self._started_on
        )
        if not arrived:
            raise exception.MoveFailed(
                reason=f'the server is {server.status} on {server.host} again'
            )

    def _raise_unless_done(self, waited: waiting.Waited) -> None:
        """End with what the outcome says.

        :raises MoveFailed: with Nova's reason.
        :raises MoveCancelled: when it ended because we asked.
        """
        outcome = waited.outcome
        if outcome.kind is outcomes.Kind.DONE:
            return
        server = waited.observed[0]
        if (
            self._abort.is_set()
            and server is not None
            and server.host == self._started_on
        ):
            raise exception.MoveCancelled(reason=outcome.text)
        if outcome.kind is outcomes.Kind.CANCELLED:
            raise exception.CancelledByOthers(
                reason=f'{outcome.text}; somebody else cancelled it'
            )
        reason = self._reason()
        if outcome.stranded:
            # Nova records no fault of what libvirt reports.  What to do comes
            # after the reason, and must not be cut.
            reason = messages.fit(reason or 'live migration failed', _REASON)
        kind = (
            exception.NoValidHost
            if failures.is_no_valid_host(reason)
            else exception.MoveFailed
        )
        raise kind(
            reason=f'{reason}; {outcome.text}' if reason else outcome.text
        )

    def _reason(self) -> str:
        """Nova's own words for the failure, if it has any."""
        try:
            return self.cloud.nova.last_error(self.wanted.resource_id)
        except client_exception.CloudError:
            return ''


class LeavingAction(ServerAction):
    """What takes a server off a host without moving it.

    It cannot be aborted: it is waited for.
    """

    MIGRATION = ''

    def check_abort(self) -> bool:
        """No: Nova ends it."""
        return False

    def _see_what_was_begun(
        self, decision: decisions.Decision
    ) -> decisions.Decision:
        """Decide as if nothing had begun: what the server shows is enough."""
        return decision

    def _check_arrival(self) -> None:
        """Raise MoveFailed if the server is on the host that it has left."""
        source = self.wanted.source
        server = self.cloud.nova.server(self.wanted.resource_id)
        if server is not None and server.host == source:
            raise exception.MoveFailed(
                reason=f'the server is {server.status} on {source} again'
            )
