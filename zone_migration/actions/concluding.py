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

"""The confirmation and the reversion of a server's cold migration."""

from collections.abc import Callable
import dataclasses

from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import server
from zone_migration.logic.outcome import leaving_outcomes
from zone_migration.logic.outcome import lost_answers
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import server_outcomes
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import leaving
from zone_migration.logic.preflight import resizes


class Concluding(server.ServerAction):
    """An action that can confirm what Nova has migrated cold, or resized."""

    def _is_to_confirm(self) -> bool:
        """Whether the plan says to confirm first, and that is left to do.

        The record is not that of a move of this action: it has brought the
        server to the host that it is to leave.
        """
        return bool(
            self.input_parameters.get('confirm_resize')
        ) and bool(
            resizes.to_confirm(
                self._server,
                self._migrations,
                self.input_parameters.get('source', ''),
            )
        )

    def _decide_on_move(
        self,
        wanted: decisions.ServerMove,
        check: Callable[..., decisions.Decision],
    ) -> decisions.Decision:
        """Decide on a move, of the server as it is once it is confirmed.

        Nobody takes a confirmation back, so all is looked at before.

        :param check: one of
            :mod:`~zone_migration.logic.preflight.server_checks`.
        """
        server, stuck = self._server, None
        if self._is_to_confirm():
            newest = self._migrations[0]
            if newest.status != 'confirming':
                stuck = leaving.source_down(
                    newest, self.cloud.nova.host(newest.source)
                )
            server = dataclasses.replace(
                server, status=resizes.status_after(server)
            )
        return stuck or check(
            wanted,
            server,
            self._migrations,
            self._destination(wanted),
            self._volumes,
        )

    def _confirm_first(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> decisions.Decision:
        """Confirm what has to be before the server can move.

        :returns: the decision on the move, which is another one then.
        :raises MoveFailed: when it could not be confirmed, or not be moved
            afterwards.
        :raises MoveCancelled: when it was confirmed, and is to end.
        """
        if not self._is_to_confirm():
            return decision
        newest = self._migrations[0]
        self._confirm_arrival(newest.status == 'confirming')
        told = f'{newest.type} {newest.id} was confirmed'
        if self._abort.is_set():
            raise exception.MoveCancelled(
                reason=f'{told}, the server was not moved'
            )
        # Nothing of the move itself has begun.
        self._begun = False
        decision = self._decide(wanted)
        if not decision.moves:
            raise exception.MoveFailed(
                reason=f'{told}, but not moved: {decision.text}'
            )
        return decision

    def _confirm_arrival(self, is_under_way: bool) -> None:
        """Confirm what has brought the server to its host.

        :param is_under_way: whether it is being confirmed already.
        :raises MoveFailed: when it could not be confirmed.
        :raises NoProgress: when that does not end.
        """
        newest = self._migrations[0]
        # No destination of a move: nothing is copied to it any more.
        self._reported_destination = newest.dest
        waited = self._confirm(
            self.wanted,
            newest.id - 1,
            resizes.status_after(self._server),
            is_under_way,
        )
        self._reported_destination = ''
        self._report_progress(
            leaving_outcomes.confirmed(waited.outcome, newest)
        )

    def _follow_cold(
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
        is_under_way: bool = False,
    ) -> waiting.Waited:
        """Confirm, and wait until the server has its status again.

        :param is_under_way: whether it is being confirmed already.
        """
        if not is_under_way:
            self._conclude(wanted.resource_id, self.cloud.nova.confirm)
        waited = self._follow_cold(
            wanted,
            since_migration_id,
            lambda now, record: server_outcomes.confirmation(
                now, record, status
            ),
        )
        self._raise_if_stuck(waited)
        if waited.outcome.kind is not outcomes.Kind.DONE:
            raise exception.MoveFailed(reason=waited.outcome.text)
        return waited

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
