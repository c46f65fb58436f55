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

"""Take a shelved server off its host."""

import itertools

import voluptuous

from zone_migration import exception
from zone_migration.actions import parameters
from zone_migration.actions import server
from zone_migration.logic import resources
from zone_migration.logic.outcome import leaving_outcomes
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import leaving

#: How many looks are for this server alone: Nova takes a second or two, and
#: what has changed in the whole cloud is read every ten.
_BY_ITSELF = 4
#: After them each of so many is, too: that reading may fail, or have nothing
#: to begin from where the cloud has never migrated anything.
_NOW_AND_THEN = 20


class ShelveOffloadAction(server.LeavingAction):
    """Offloading by Nova, of a SHELVED server.

    Its owner has shelved it: Nova has its image, and offloads it by itself
    after ``[DEFAULT] shelved_offload_time``, if that is not negative.
    """

    DESCRIPTION = 'Takes a shelved server off its compute host'
    SCHEMA = voluptuous.Schema(parameters.LEAVING)

    def _decide(self, wanted: decisions.ServerMove) -> decisions.Decision:
        """Decide whether the server can be offloaded."""
        self._server = self.cloud.nova.server(wanted.resource_id)
        return leaving.offload(wanted, self._server)

    def _move(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> None:
        """Offload the server, and wait until it has no host."""
        nova, id_ = self.cloud.nova, wanted.resource_id
        if decision.kind is not decisions.Kind.ADOPT:
            self._start(
                lambda: nova.offload(id_),
                lambda: leaving_outcomes.offload_request(nova.server(id_)),
                lambda: self._decide(wanted),
            )
        looks = itertools.count()

        def look() -> resources.Server | None:
            number = next(looks)
            return self._look_at(
                id_, number < _BY_ITSELF or number % _NOW_AND_THEN == 0
            )

        waited = self._wait(
            look,
            lambda now: leaving_outcomes.offload(now, wanted.source),
        )
        if waited.outcome.kind is outcomes.Kind.RUNNING:
            raise self._no_progress(
                waited, 'an offload cannot be aborted, left as it is'
            )
        if waited.outcome.kind is not outcomes.Kind.DONE:
            raise exception.MoveFailed(reason=waited.outcome.text)

    def _look_at(
        self, server_id: str, by_itself: bool
    ) -> resources.Server | None:
        """Look at the server, first by itself, then with all others."""
        if by_itself:
            self.cloud.servers.forget(server_id)
        return self.cloud.servers.observe_server(server_id)

    def _revert(self) -> None:
        """Raise MoveRefused: only its owner has it spawned again."""
        raise exception.MoveRefused(
            reason='it stays offloaded: its owner unshelves it'
        )
