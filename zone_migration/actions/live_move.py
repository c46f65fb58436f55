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

"""A live migration of a server, and what ends one that is aborted or hangs."""

import dataclasses
import threading

from oslo_log import log

from zone_migration import conf
from zone_migration import waiting
from zone_migration.actions import server
from zone_migration.client import exception as client_exception
from zone_migration.logic import resources
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import server_outcomes
from zone_migration.logic.preflight import decisions

CONF = conf.CONF
LOG = log.getLogger(__name__)

#: How much is told of what was seen last, in characters, where more must
#: follow.
_LAST_SEEN = 23

#: For how many polls an abort that Nova has accepted is given time.
_ACCEPTED_POLLS = 5


class LiveMove(server.ServerAction):
    """A move of a server that is made live."""

    def _migrate_live(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> None:
        """Migrate the server, and end what is aborted or hangs."""
        since_migration_id = self._newest_id()
        self._started_on = self._started_on or self._server.host
        if decision.kind is decisions.Kind.ADOPT:
            since_migration_id -= 1
        else:
            self._start_migration(
                wanted,
                lambda: self.cloud.nova.live_migrate(
                    wanted.resource_id,
                    wanted.dst_hostname or None,
                    wanted.force,
                ),
                self._decide,
            )
        waited = self._follow(wanted, since_migration_id, self._abort)
        if waited.interrupted:
            waited = self._abort_in_nova(
                wanted, since_migration_id, waited.sight
            )
        if waited.outcome.kind is outcomes.Kind.RUNNING:
            self._give_up(wanted, since_migration_id, waited)
            return
        self._raise_unless_done(waited)

    def _follow(
        self,
        wanted: decisions.ServerMove,
        since_migration_id: int,
        interrupt: threading.Event | None = None,
    ) -> waiting.Waited:
        """Wait for the outcome of the migration that is newest."""
        return self._examine_if_stranded(
            self._wait(
                lambda: self._look_at(wanted.resource_id, since_migration_id),
                lambda observed: server_outcomes.live_migration(*observed),
                interrupt,
            )
        )

    def _examine_if_stranded(self, waited: waiting.Waited) -> waiting.Waited:
        """Look closer at a server that was left in ERROR."""
        if waited.outcome.stranded:
            return self._examine(waited)
        return waited

    def _examine(self, waited: waiting.Waited) -> waiting.Waited:
        """Say what a server in ERROR needs, and do it where that is wanted.

        Its state is reset only when Nova's records, read again, and the
        hypervisor of its host agree that its guest runs there.
        """
        server, migration, _ = waited.observed
        nova = self.cloud.nova
        text = waited.outcome.text
        try:
            if nova.runs(server.id):
                text = server_outcomes.stranded(server)
                LOG.warning('%s: %s', self, text)
                if (
                    CONF.zone_migration.reset_state
                    and server_outcomes.is_stranded(
                        nova.server(server.id), migration
                    )
                ):
                    nova.reset_to_active(server.id)
                    text = server_outcomes.repaired(server)
        except client_exception.CloudError as error:
            LOG.warning('%s: in ERROR, and not repaired: %s', self, error)
        return dataclasses.replace(
            waited, outcome=dataclasses.replace(waited.outcome, text=text)
        )

    def _look_at(
        self, server_id: str, since_migration_id: int
    ) -> tuple[resources.Server | None, resources.Migration | None, int]:
        """Return the server, its migration, and how many are ahead of that."""
        now, migration = self._observe(server_id, since_migration_id)
        if migration is None or migration.status != 'queued':
            return now, migration, 0
        return now, migration, self.cloud.servers.ahead(migration)

    def _abort_in_nova(
        self,
        wanted: decisions.ServerMove,
        since_migration_id: int,
        sight: waiting.Sight | None = None,
    ) -> waiting.Waited:
        """Abort, as soon as Nova lets us, and wait for the end.

        Nova refuses while the record is "accepted" (404) and once the
        migration is ending (409), and its answer may be lost.  What it has
        accepted (202) may be lost, too: nova-compute drops it without a word
        where the migration begins at that moment ("preparing").  So it is
        asked again for as long as the migration goes on.  Only what is seen
        is aborted.
        Post-copy cannot be: each host has a part of the memory.
        """
        clock = self._timing().clock
        left, due = CONF.zone_migration.retry, clock()

        def look() -> tuple[
            resources.Server | None, resources.Migration | None, int
        ]:
            nonlocal left, due
            observed = self._look_at(wanted.resource_id, since_migration_id)
            if left and clock() >= due:
                left -= 1
                polls = (
                    _ACCEPTED_POLLS if self._ask_to_abort(observed[1]) else 2
                )
                due = clock() + polls * CONF.zone_migration.poll_interval
            return observed

        def evaluate(observed: tuple) -> outcomes.Outcome:
            # It is not to get its turn any more: it has to end.
            return dataclasses.replace(
                server_outcomes.live_migration(*observed), queued=False
            )

        return self._examine_if_stranded(
            self._wait(look, evaluate, sight=sight)
        )

    def _ask_to_abort(self, migration: resources.Migration | None) -> bool:
        """Ask for the abort of what was seen; return whether Nova accepts."""
        if (
            migration is None
            or migration.status == resources.POST_COPY
            or not migration.is_in_flight
        ):
            return False
        try:
            self.cloud.nova.abort(migration.server_id, migration.id)
        except client_exception.CloudError as error:
            LOG.info('%s: not aborted yet: %s', self, error)
            return False
        self._report_progress(f'aborting live migration {migration.id}')
        return True

    def _give_up(
        self,
        wanted: decisions.ServerMove,
        since_migration_id: int,
        stuck: waiting.Waited,
    ) -> None:
        """Do what the operator wants done with a migration that hangs.

        :raises NoProgress: unless force_complete has ended it well.
        """
        measure = CONF.zone_migration.on_no_progress
        if self._abort.is_set() or measure == 'leave':
            raise self._no_progress(stuck, 'left as it is')
        _, record, _ = stuck.observed or (None, None, 0)
        if record is not None and record.status == resources.POST_COPY:
            raise self._no_progress(
                stuck, 'post-copy can only be waited for, left as it is'
            )
        if record is not None and not record.is_in_flight:
            # Nova has nothing any more that could be aborted or forced.
            raise self._no_progress(stuck, 'left as it is')
        if measure == 'abort':
            waited = self._abort_in_nova(wanted, since_migration_id)
            if waited.outcome.kind is outcomes.Kind.DONE:
                return
            if not waited.outcome.stranded:
                did = f'asked Nova to abort: {waited.outcome.text}'
                raise self._no_progress(stuck, did)
            # The end of the text is what to do, and must not be cut.
            did = f'aborted: {waited.outcome.text}'
            raise self._no_progress(stuck, did, _LAST_SEEN)
        if record is not None:
            self._report_progress(
                f'forcing live migration {record.id} to complete'
            )
            try:
                self.cloud.nova.force_complete(wanted.resource_id, record.id)
            except client_exception.CloudError as error:
                # If it did not arrive, waiting once more ends in vain.
                LOG.warning('%s: %s', self, error)
        waited = self._follow(wanted, since_migration_id)
        if waited.outcome.kind is outcomes.Kind.RUNNING:
            raise self._no_progress(
                waited, 'forced to complete in vain, left as it is'
            )
        self._raise_unless_done(waited)
