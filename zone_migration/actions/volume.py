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

"""The base of the three moves of a volume."""

import contextlib
import dataclasses

from zone_migration import exception
from zone_migration.actions import move
from zone_migration.actions import parameters
from zone_migration.client import exception as client_exception
from zone_migration.logic import resources
from zone_migration.logic.outcome import failures
from zone_migration.logic.outcome import lost_answers
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import volume_outcomes
from zone_migration.logic.preflight import begun
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import volume_checks
from zone_migration.logic.preflight import volume_types


class VolumeAction(move.MoveAction):
    """A migration or a retype of a volume by Cinder."""

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._volume: resources.Volume | None = None
        # The volume at the start of the first move.
        self._started_as: resources.Volume | None = None

    @property
    def wanted(self) -> decisions.VolumeMove:
        """The input parameters, as what is wanted."""
        return decisions.VolumeMove(
            **parameters.of_fields(decisions.VolumeMove, self.input_parameters)
        )

    def check_abort(self) -> bool:
        """No: Cinder cannot stop a copy; it is waited for."""
        return False

    def abort(self) -> bool:
        """Do nothing: a copy by Cinder cannot be stopped."""
        return False

    def _revert(self) -> None:
        """Move it back: to its old type, then to its old pool."""
        wanted = self.wanted
        old_type = self.input_parameters.get('source_type')
        old_pool = wanted.source
        if self._started_as is not None:
            old_type = old_type or self._started_as.type
            old_pool = old_pool or self._started_as.host
        if old_type:
            self._go_back(
                decisions.VolumeMove(wanted.resource_id, dst_type=old_type)
            )
        if old_pool:
            self._go_back(
                decisions.VolumeMove(wanted.resource_id, dst_hostname=old_pool)
            )

    def _silent_gb(self) -> int:
        """The size of the volume, in GB."""
        return self._volume.size_gb if self._volume else 0

    def _go_back(self, back: decisions.VolumeMove) -> None:
        """Move the volume to where it was, where it is not there already."""
        decision = self._decide_by_state(back)
        if decision.kind is decisions.Kind.REFUSE:
            raise exception.MoveRefused(reason=decision.text)
        if decision.kind is not decisions.Kind.SKIP:
            self._move(back, decision)

    def _decide_by_state(
        self, wanted: decisions.VolumeMove
    ) -> decisions.Decision:
        """Decide whether it can be moved as it is now, attached or not."""
        volume = self.cloud.cinder.volume(wanted.resource_id)
        if volume is not None and volume.server_ids:
            return self._decide_update(wanted)
        if wanted.dst_type:
            return self._decide_retype(wanted)
        return self._decide_migration(wanted)

    def _decide_migration(
        self, wanted: decisions.VolumeMove
    ) -> decisions.Decision:
        """Decide whether it can be migrated while it is detached."""
        cinder = self.cloud.cinder
        self._volume = cinder.volume(wanted.resource_id)
        if self._volume is None:
            return volume_checks.volume_migration(wanted, None, 0, ())
        return volume_checks.volume_migration(
            wanted,
            self._volume,
            cinder.snapshots(wanted.resource_id),
            cinder.pools(),
        )

    def _decide_retype(
        self, wanted: decisions.VolumeMove
    ) -> decisions.Decision:
        """Decide whether it can be retyped while it is detached."""
        cinder = self.cloud.cinder
        self._volume = cinder.volume(wanted.resource_id)
        return volume_checks.volume_retype(
            wanted, self._volume, cinder.volume_types()
        )

    def _decide_update(
        self, wanted: decisions.VolumeMove
    ) -> decisions.Decision:
        """Decide whether it can be moved while it is attached."""
        cinder = self.cloud.cinder
        self._volume = cinder.volume(wanted.resource_id)
        if self._volume is None:
            return volume_checks.volume_update(wanted, None, None, 0, (), ())
        if self._volume.multiattach and self._volume.server_ids:
            server_ids = cinder.servers_of([self._volume])[self._volume.id]
            self._volume = dataclasses.replace(
                self._volume, server_ids=server_ids
            )
        attached_to = self._volume.server_ids
        return volume_checks.volume_update(
            wanted,
            self._volume,
            self.cloud.nova.server(attached_to[0]) if attached_to else None,
            cinder.snapshots(wanted.resource_id),
            cinder.pools(),
            cinder.volume_types(),
        )

    def _see_what_was_begun(
        self, decision: decisions.Decision
    ) -> decisions.Decision:
        """See through what has arrived, as if it was in flight still."""
        before = begun.volume_before(
            self.wanted,
            self._volume,
            self.input_parameters.get('source_type'),
        )
        if before is None:
            return decision
        arrived_in = self._volume.host
        self._volume = before
        return decisions.Decision(
            decisions.Kind.ADOPT,
            'it was begun by an applier that was stopped, and has arrived',
            pool=arrived_in,
        )

    def _suiting(
        self, wanted: decisions.VolumeMove, decision: decisions.Decision
    ) -> decisions.Decision:
        """Return the decision, or that the new type does not suit the volume.

        What was in flight when the plan was made was not the start of this.
        """
        volume = self._volume
        if (
            volume is None
            or decision.kind is not decisions.Kind.START
            or not wanted.dst_type
        ):
            return decision
        types = self.cloud.cinder.volume_types()
        new = types[wanted.dst_type]
        if volume.encrypted:
            new = dataclasses.replace(new, encryption=self._encryption(new))
        return (
            volume_types.refused_by_itself(
                wanted, volume, types.get(volume.type or ''), new
            )
            or decision
        )

    def _encryption(self, volume_type: resources.VolumeType) -> str | None:
        """Return the provider of a type; None where Cinder does not tell."""
        try:
            found = self.cloud.cinder.encryption([volume_type.name])
        except client_exception.RequestRefused:
            return None
        return found.get(volume_type.name)

    def _move(
        self, wanted: decisions.VolumeMove, decision: decisions.Decision
    ) -> None:
        """Migrate or retype the volume, and see that through."""
        before = self._volume
        self._started_as = self._started_as or before
        known = self._messages(wanted.resource_id)
        pool = decision.pool or wanted.dst_hostname
        self._report_destination(pool)
        if decision.kind is not decisions.Kind.ADOPT:
            self._start_move(wanted, before, pool)
        # What was read before Cinder had answered may show the end of an
        # earlier move.
        since = self.cloud.volumes.now()
        # A copy that is older is what an earlier move has left in its pool.
        made_since = before.updated_at or before.created_at
        if decision.kind is decisions.Kind.ADOPT:
            made_since = ''
            self._look_for_copy(wanted.resource_id)

        def evaluate(volume: resources.Volume | None) -> outcomes.Outcome:
            if wanted.dst_type:
                return volume_outcomes.volume_retype(
                    before, volume, wanted.dst_type
                )
            return volume_outcomes.volume_migration(before, volume, pool)

        waited = self._wait(
            lambda: self._observe(wanted.resource_id, since, made_since),
            evaluate,
        )
        if waited.outcome.kind is outcomes.Kind.RUNNING:
            raise self._no_progress(
                waited, 'Cinder cannot stop a copy, left as it is'
            )
        if waited.outcome.kind is not outcomes.Kind.DONE:
            # Cinder keeps its messages for weeks: only a new one is of this.
            news = [
                text
                for id_, text in self._messages(wanted.resource_id).items()
                if id_ not in known
            ]
            raise exception.MoveFailed(
                reason='; '.join([waited.outcome.text, *news[:1]])
            )

    def _look_for_copy(self, volume_id: str) -> None:
        """Ask for the copy that was made already, if Cinder tells it."""
        with contextlib.suppress(client_exception.CloudError):
            self.cloud.volumes.read_copy(volume_id)

    def _observe(
        self, volume_id: str, since: float, made_since: str
    ) -> resources.Volume | None:
        """Return what Cinder shows of the volume; tell where its copy is."""
        volumes = self.cloud.volumes
        volume = volumes.observe(volume_id, since)
        self._report_destination(
            volumes.copied_to(volume_id, since, made_since)
        )
        return volume

    def _start_move(
        self, wanted: decisions.VolumeMove, before: resources.Volume, pool: str
    ) -> None:
        """Ask Cinder to begin; see :meth:`_start`."""
        cinder = self.cloud.cinder

        def request() -> None:
            if wanted.dst_type:
                cinder.retype(wanted.resource_id, wanted.dst_type)
            else:
                cinder.migrate(wanted.resource_id, pool)

        # One that has left already is not to be moved on.
        still = dataclasses.replace(
            wanted, source=wanted.source or before.host
        )
        self._start(
            request,
            lambda: lost_answers.volume_move(
                before, cinder.volume(wanted.resource_id)
            ),
            lambda: self._decide_by_state(still),
        )

    def _check_arrival(self) -> None:
        """Raise MoveFailed unless the volume is at its destination."""
        wanted = self.wanted
        volume = self.cloud.cinder.volume(wanted.resource_id)
        if volume is None:
            return
        if wanted.dst_type:
            arrived = volume.type == wanted.dst_type
        elif wanted.dst_hostname:
            arrived = resources.same_pool(wanted.dst_hostname, volume.host)
        else:
            arrived = volume.host != self._started_as.host
        if not arrived:
            raise exception.MoveFailed(
                reason=f'the volume has type {volume.type} on {volume.host} '
                'again'
            )

    def _look_at_failure(self, reason: str) -> failures.Failure:
        """Look how a failure has left the volume."""
        volume = self.cloud.cinder.volume(self.wanted.resource_id)
        return failures.of_volume(reason, self._started_as, volume)

    def _messages(self, volume_id: str) -> dict[str, str]:
        """Cinder's messages, as far as it tells them."""
        try:
            return self.cloud.cinder.messages(volume_id)
        except client_exception.CloudError:
            return {}
