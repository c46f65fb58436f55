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

"""A cold migration of a server, from its request to its confirmation."""

from oslo_log import log

from zone_migration import exception
from zone_migration.actions import concluding
from zone_migration.client import exception as client_exception
from zone_migration.logic import resources
from zone_migration.logic.outcome import downtime
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import server_outcomes
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import resizes
from zone_migration.logic.preflight import server_checks

LOG = log.getLogger(__name__)

#: Nova's type of it.
MIGRATION = 'migration'

#: Nova's statuses of a server that is migrated cold, or was.
UNDER_WAY = ('RESIZE', 'VERIFY_RESIZE')


class ColdMove(concluding.Concluding):
    """A move of a server that is made cold, or can be.

    The server ends in the status that it had.
    """

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._is_cold = False
        #: Why it did not go live, where that was tried.
        self._not_live = ''

    @property
    def _may_be_cold(self) -> bool:
        """Whether it can be made cold."""
        return True

    def _decide_cold(
        self, wanted: decisions.ServerMove
    ) -> decisions.Decision:
        """Decide whether the server can be migrated cold."""
        self._look(wanted.resource_id)
        return self._decide_on_move(wanted, server_checks.cold_migration)

    def _silent_gb(self) -> int:
        """The local disks of a server that is migrated cold, in GB."""
        return self._server.disk_gb if self._is_cold and self._server else 0

    def _migrate_cold(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> None:
        """Migrate the server, then confirm, or take that back when aborted."""
        before, self._is_cold = self._server, True
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
                self._decide_cold,
            )
        status = resizes.status_after(before)
        waited = self._follow_cold(
            wanted,
            since_migration_id,
            lambda now, record: self._evaluate(now, record, status),
        )
        self._raise_if_stuck(waited)
        self._raise_unless_done(waited)
        current, migration = waited.observed
        if current.status != 'VERIFY_RESIZE':
            pass  # confirmed by somebody else, or by a confirm window
        elif self._abort.is_set():
            self._take_back(wanted, since_migration_id, status)
            text = (
                f'cold migration taken back; the server is {status} on '
                f'{migration.source}'
            )
            raise exception.MoveCancelled(
                reason=self._with_downtime(text, status)
            )
        else:
            waited = self._confirm(wanted, since_migration_id, status)
        self._report_progress(
            self._with_downtime(waited.outcome.text, status)
        )

    def _evaluate(
        self,
        now: resources.Server | None,
        record: resources.Migration | None,
        status: str,
    ) -> outcomes.Outcome:
        """The outcome, up to where the migration can be confirmed.

        :param status: the status that the server had.
        """
        outcome = server_outcomes.cold_migration(
            now, record, self._abort.is_set()
        )
        return downtime.going_on(outcome) if status == 'ACTIVE' else outcome

    def _with_downtime(self, text: str, status: str) -> str:
        """The text, with how long a server was down that had run.

        :param status: the status that the server had.
        """
        if status != 'ACTIVE':
            return text
        # The last event may end a moment after the server shows its end.
        waited = self._wait(
            self._downtime,
            lambda seconds: (
                outcomes.failed(text, provisional=True)
                if seconds is None
                else outcomes.done(text)
            ),
        )
        return downtime.told(text, waited.observed, self._not_live)

    def _downtime(self) -> float | None:
        """For how many seconds the server was down, None if not known."""
        try:
            return self.cloud.nova.downtime(self.wanted.resource_id)
        except client_exception.CloudError as error:
            LOG.warning('%s: its downtime is not known: %s', self, error)
            return None

    def _revert(self) -> None:
        """Take the migration back where it is unconfirmed, else move back."""
        wanted = self.wanted
        # Nobody tries the way back again.
        self.is_tried_again = lambda failure: False
        self._look(wanted.resource_id)
        source = wanted.source or self._started_on
        if (
            not self._may_be_cold
            or not server_checks.is_unconfirmed_migration(
                self._server, self._migrations
            )
        ) or (source and self._migrations[0].source != source):
            # It may be on its way back already.
            super()._revert()
            return
        self._take_back(
            wanted,
            self._newest_id() - 1,
            resizes.status_after(self._server),
        )

    def _source(self) -> str:
        """The host that the server leaves, or has left already."""
        if self._server.status in ('ACTIVE', 'SHUTOFF'):
            return self._server.host
        return self._migrations[0].source

    def _take_back(
        self,
        wanted: decisions.ServerMove,
        since_migration_id: int,
        status: str,
    ) -> None:
        """Revert instead of confirming.

        :raises MoveFailed: when it could not go back.
        """
        self._is_cold = True
        self._conclude(wanted.resource_id, self.cloud.nova.revert)
        waited = self._follow_cold(
            wanted,
            since_migration_id,
            lambda now, record: server_outcomes.reversion(now, record, status),
        )
        self._raise_if_stuck(waited)
        if waited.outcome.kind is not outcomes.Kind.DONE:
            raise exception.MoveFailed(reason=waited.outcome.text)
