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

import voluptuous

from zone_migration.actions import another_host
from zone_migration.actions import cold_move
from zone_migration.actions import parameters
from zone_migration.actions import unpinning
from zone_migration.logic.preflight import decisions


class ColdMigrationAction(
    unpinning.Unpinning, another_host.AnotherHost, cold_move.ColdMove
):
    """Cold migration by Nova, confirmed, of a SHUTOFF or ACTIVE server."""

    MIGRATION = cold_move.MIGRATION
    DESCRIPTION = 'Moves a server to another compute host while it is off'
    SCHEMA = voluptuous.Schema({
        **parameters.SERVER,
        voluptuous.Optional('status'): parameters.one_of('shutoff', 'active'),
        # Whether a resize is confirmed that has brought it where it is.
        voluptuous.Optional('confirm_resize'): bool,
        # Why it is migrated cold though it runs.
        voluptuous.Optional('downtime'): parameters.text,
    })

    def _decide(self, wanted: decisions.ServerMove) -> decisions.Decision:
        """Decide whether the server can be migrated cold."""
        return self._decide_cold(wanted)

    def _move(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> None:
        """Migrate the server, then confirm, or take that back when aborted."""
        decision = self._confirm_first(wanted, decision)
        self._migrate_cold(self._elsewhere(wanted, decision), decision)
