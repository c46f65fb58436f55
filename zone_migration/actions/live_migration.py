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

"""Move a running server to another host without stopping it."""

import dataclasses

from oslo_log import log
import voluptuous

from zone_migration import exception
from zone_migration.actions import another_host
from zone_migration.actions import cold_move
from zone_migration.actions import live_move
from zone_migration.actions import parameters
from zone_migration.actions import unpinning
from zone_migration.client import exception as client_exception
from zone_migration.logic.outcome import downtime
from zone_migration.logic.outcome import failures
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.preflight import begun
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_checks

LOG = log.getLogger(__name__)


def _force_has_destination(given: dict) -> dict:
    """Raise Invalid unless what is forced has a destination."""
    if given.get('force') and not given.get('dst_hostname'):
        raise voluptuous.Invalid(
            'needs a dst_hostname', path=['force']
        )
    return given


#: How Nova refuses a live migration that cannot be, HTTP status.
_REFUSED = (400, 409)


class LiveMigrationAction(
    unpinning.Unpinning,
    another_host.AnotherHost,
    live_move.LiveMove,
    cold_move.ColdMove,
):
    """Live migration by Nova, of an ACTIVE or PAUSED server.

    Where ``allow_downtime`` says so, a cold one follows that has failed and
    has left an ACTIVE server as it was.
    """

    MIGRATION = 'live-migration'
    DESCRIPTION = 'Moves a running server to another compute host'
    SCHEMA = voluptuous.Schema(
        voluptuous.All(
            {
                **parameters.SERVER,
                voluptuous.Optional('status'): parameters.one_of('active'),
                voluptuous.Optional('force'): bool,
                voluptuous.Optional('allow_downtime'): bool,
                voluptuous.Optional('confirm_resize'): bool,
            },
            _force_has_destination,
        )
    )

    @property
    def _may_be_cold(self) -> bool:
        """Whether a cold migration may follow."""
        return bool(self.input_parameters.get('allow_downtime'))

    def _decide(self, wanted: decisions.ServerMove) -> decisions.Decision:
        """Decide whether the server can be migrated live.

        One that is in the cold migration which followed is seen through.
        """
        self._look(wanted.resource_id)
        if (
            self._may_be_cold
            and self._server is not None
            and self._server.status in cold_move.UNDER_WAY
            and not self._is_to_confirm()
        ):
            return self._decide_cold(_made_cold(wanted))
        return self._decide_on_move(wanted, server_checks.live_migration)

    def _see_what_was_begun(
        self, decision: decisions.Decision
    ) -> decisions.Decision:
        """Adopt what was begun last: the live migration, or the cold one."""
        cold = None
        if self._may_be_cold:
            cold = begun.cold_migration_since(
                self._records(decision), self.begun_at, self.wanted.source
            )
        if cold is not None:
            return self._adopt(cold, decision)
        return super()._see_what_was_begun(decision)

    def _move(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> None:
        """Migrate the server live, or else cold where it may be down."""
        decision = self._confirm_first(wanted, decision)
        newest = max(self._migrations, key=lambda m: m.id, default=None)
        if (
            decision.kind is decisions.Kind.ADOPT
            and newest is not None
            and newest.type == cold_move.MIGRATION
        ):
            self._migrate_cold(_made_cold(wanted), decision)
            return
        try:
            self._migrate_live(self._elsewhere(wanted, decision), decision)
        except (
            exception.MoveFailed,
            exception.NoProgress,
            client_exception.RequestRefused,
        ) as error:
            if not self._may_follow(error):
                raise
            self._migrate_cold_instead(wanted, error)

    def _may_follow(self, error: Exception) -> bool:
        """Whether a cold migration may follow one that has failed so.

        Not as long as the server is tried live again: that costs no downtime.
        """
        if (
            not self._may_be_cold
            or self._is_cancelled()
            or isinstance(error, exception.CancelledByOthers)
            or (
                isinstance(error, client_exception.RequestRefused)
                and error.status not in _REFUSED
            )
        ):
            return False
        failure = self._failure_of(error)
        if self.is_tried_again(failure):
            return False
        return failure is not failures.UNSEEN and self._is_unharmed()

    def _is_unharmed(self) -> bool:
        """Look whether the server is as it was, on the host it is to leave."""
        try:
            self._look(self.wanted.resource_id)
        except client_exception.CloudError as error:
            LOG.warning('%s: not migrated cold: %s', self, error)
            return False
        return downtime.is_unharmed(
            self._server, self._migrations, self._started_on
        )

    def _migrate_cold_instead(
        self, wanted: decisions.ServerMove, live: Exception
    ) -> None:
        """Migrate the server cold, as it could not go live.

        :param live: why it could not.
        :raises MoveCancelled: when it is to end early.
        :raises MoveFailed: when it could not be migrated cold either.
        """
        self._not_live = str(live)
        LOG.warning('%s: %s; it is migrated cold', self, self._not_live)
        self._wait_for_slots()
        cold = _made_cold(wanted)
        # One that has left meanwhile is not to be moved on.
        still = dataclasses.replace(
            cold, source=wanted.source or self._started_on
        )
        cold = self._to_another_host(cold)
        if self._is_cancelled():
            raise self._not_cold()
        decision = self._decide_cold(still)
        if decision.kind is not decisions.Kind.START:
            raise exception.MoveFailed(
                reason=f'{self._not_live}; not cold either: {decision.text}'
            ) from live
        self._report_destination(cold.dst_hostname)
        try:
            self._migrate_cold(cold, decision)
        except exception.MoveFailed as error:
            raise type(error)(
                reason=f'{error}; not live before: {self._not_live}'
            ) from error

    def _wait_for_slots(self) -> None:
        """Wait until it holds its slots: Nova may have it queued ahead.

        :raises MoveCancelled: when it is to end early.
        """
        why = f'not live: {self._not_live}'
        waited = self._wait(
            self.lacks_slots,
            lambda lacks: (
                outcomes.Outcome(
                    outcomes.Kind.RUNNING,
                    f'waits for its limits, to be migrated cold; {why}',
                    queued=True,
                )
                if lacks
                else outcomes.done(f'is migrated cold, with downtime; {why}')
            ),
            self._abort,
        )
        if waited.interrupted:
            raise self._not_cold()

    def _not_cold(self) -> exception.MoveCancelled:
        """That it was cancelled before it was migrated cold."""
        return exception.MoveCancelled(
            reason=f'{self._not_live}; it was not migrated cold'
        )


def _made_cold(wanted: decisions.ServerMove) -> decisions.ServerMove:
    """The same move, cold: Nova's scheduler checks it in any case."""
    return dataclasses.replace(wanted, status='active', force=False)
