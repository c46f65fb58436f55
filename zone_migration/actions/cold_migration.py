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

"""Move a server to another host while it is shut down."""

from collections.abc import Callable

import voluptuous

from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import parameters
from zone_migration.actions import server
from zone_migration.logic import resources
from zone_migration.logic.outcome import lost_answers
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import server_outcomes
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_checks

#: Nova's power_state of a server that is shut down; one that was is still in
#: VERIFY_RESIZE.
_SHUT_DOWN = 4


class ColdMigrationAction(server.ServerAction):
    """Cold migration by Nova, confirmed, of a SHUTOFF or ACTIVE server.

    The server ends in the status that it had.
    """

    MIGRATION = 'migration'
    DESCRIPTION = 'Moves a server to another compute host while it is off'
    SCHEMA = voluptuous.Schema({
        **parameters.SERVER,
        voluptuous.Optional('status'): parameters.one_of('shutoff', 'active'),
    })

    def _decide(self, wanted: decisions.ServerMove) -> decisions.Decision:
        """Decide whether the server can be migrated cold."""
        self._look(wanted.resource_id)
        return server_checks.cold_migration(
            wanted,
            self._server,
            self._migrations,
            self._destination(wanted),
            self._volumes,
        )

    def _move(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> None:
        """Migrate the server, then confirm, or take that back when aborted."""
        before = self._server
        since_migration_id = self._newest_id()
        self._started_on = self._started_on or self._source()
        if decision.kind is decisions.Kind.ADOPT:
            since_migration_id -= 1
        else:
            self._start_migration(
                wanted,
                lambda: self.cloud.nova.migrate(
                    wanted.resource_id, wanted.dst_hostname or None
                ),
            )
        status = _status_to_restore(before)
        waited = self._follow(
            wanted,
            since_migration_id,
            lambda now, record: server_outcomes.cold_migration(
                now, record, self._abort.is_set()
            ),
        )
        self._raise_if_stuck(waited)
        self._raise_unless_done(waited)
        current, migration = waited.observed
        if current.status != 'VERIFY_RESIZE':
            return  # confirmed by somebody else, or by a confirm window
        if self._abort.is_set():
            self._take_back(wanted, since_migration_id, status)
            raise exception.MoveCancelled(
                reason='cold migration taken back; the server is '
                       f'{status} on {migration.source}'
            )
        self._confirm(wanted, since_migration_id, status)

    def _silent_gb(self) -> int:
        """The local disks of the server, in GB."""
        return self._server.disk_gb if self._server else 0

    def _revert(self) -> None:
        """Take the migration back where it is unconfirmed, else move back."""
        wanted = self.wanted
        self._look(wanted.resource_id)
        source = wanted.source or self._started_on
        if not server_checks.is_unconfirmed_migration(
            self._server, self._migrations
        ) or (source and self._migrations[0].source != source):
            # It may be on its way back already.
            super()._revert()
            return
        self._take_back(
            wanted, self._newest_id() - 1, _status_to_restore(self._server)
        )

    def _source(self) -> str:
        """The host that the server leaves, or has left already."""
        if self._server.status in ('ACTIVE', 'SHUTOFF'):
            return self._server.host
        return self._migrations[0].source

    def _follow(
        self, wanted: decisions.ServerMove, since_migration_id: int, evaluate
    ) -> waiting.Waited:
        """Wait for the outcome of the migration that is newest."""
        return self._wait(
            lambda: self._observe(wanted.resource_id, since_migration_id),
            lambda observed: evaluate(*observed),
        )

    def _confirm(
        self,
        wanted: decisions.ServerMove,
        since_migration_id: int,
        status: str,
    ) -> None:
        """Confirm, and wait until the server has its status again."""
        self._conclude(wanted.resource_id, self.cloud.nova.confirm)
        waited = self._follow(
            wanted,
            since_migration_id,
            lambda now, record: server_outcomes.confirmation(
                now, record, status
            ),
        )
        self._raise_if_stuck(waited)
        if waited.outcome.kind is not outcomes.Kind.DONE:
            raise exception.MoveFailed(reason=waited.outcome.text)

    def _take_back(
        self,
        wanted: decisions.ServerMove,
        since_migration_id: int,
        status: str,
    ) -> None:
        """Revert instead of confirming.

        :raises MoveFailed: when it could not go back.
        """
        self._conclude(wanted.resource_id, self.cloud.nova.revert)
        waited = self._follow(
            wanted,
            since_migration_id,
            lambda now, record: server_outcomes.reversion(now, record, status),
        )
        self._raise_if_stuck(waited)
        if waited.outcome.kind is not outcomes.Kind.DONE:
            raise exception.MoveFailed(reason=waited.outcome.text)

    def _conclude(
        self, server_id: str, request: Callable[[str], None]
    ) -> None:
        """Confirm or revert, whatever becomes of the answer."""
        nova = self.cloud.nova
        self._start(
            lambda: request(server_id),
            lambda: lost_answers.conclusion(
                nova.server(server_id),
                next(iter(nova.migrations_of(server_id)), None),
            ),
        )

    def _raise_if_stuck(self, waited: waiting.Waited) -> None:
        """A cold migration cannot be aborted: it is left as it is."""
        if waited.outcome.kind is outcomes.Kind.RUNNING:
            raise self._no_progress(
                waited, 'a cold migration cannot be aborted, left as it is'
            )


def _status_to_restore(before: resources.Server) -> str:
    """The status that the server must end in.

    An adopted server is in RESIZE or VERIFY_RESIZE already: there its power
    state tells.
    """
    if before.status in ('ACTIVE', 'SHUTOFF'):
        return before.status
    return 'SHUTOFF' if before.power_state == _SHUT_DOWN else 'ACTIVE'
