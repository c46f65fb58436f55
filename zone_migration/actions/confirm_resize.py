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

"""Confirm a resize that keeps room on the host that a server has left."""

import voluptuous

from zone_migration import exception
from zone_migration.actions import concluding
from zone_migration.actions import parameters
from zone_migration.actions import server
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import leaving


class ConfirmResizeAction(server.LeavingAction, concluding.Concluding):
    """Confirmation by Nova, of a resize or a cold migration.

    The server is elsewhere, and stays there.
    """

    DESCRIPTION = 'Confirms a resize or cold migration of a server'
    SCHEMA = voluptuous.Schema(parameters.LEAVING)

    def _decide(self, wanted: decisions.ServerMove) -> decisions.Decision:
        """Decide whether there is something to confirm."""
        self._look(wanted.resource_id)
        return leaving.confirm(
            wanted,
            self._server,
            self._migrations,
            self.cloud.nova.host(wanted.source),
        )

    def _look(self, server_id: str) -> None:
        """Read the server and its migrations; its volumes do not matter."""
        self._server = self.cloud.nova.server(server_id)
        self._migrations = (
            [] if self._server is None
            else self.cloud.nova.migrations_of(server_id)
        )

    def _move(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> None:
        """Confirm what has brought the server to its host."""
        self._confirm_arrival(decision.kind is decisions.Kind.ADOPT)

    def _revert(self) -> None:
        """Raise MoveRefused: what was kept for that is gone."""
        raise exception.MoveRefused(
            reason='it stays confirmed: Nova keeps nothing to go back to'
        )
