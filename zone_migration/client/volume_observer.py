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

"""Observations of the volumes under migration, read together."""

from collections.abc import Callable
from collections.abc import Iterable
import datetime
import math
import time

from zone_migration.client import cinder
from zone_migration.client import observation
from zone_migration.logic import resources


class VolumeObserver:
    """Volumes under migration, and what Cinder copies them to.

    A volume is asked for by itself only when its move begins or has ended; one
    that Cinder lists no more, as a deleted one, once a minute.
    """

    def __init__(
        self,
        service: cinder.Cinder,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        grace_period: float = 0,
    ) -> None:
        self._cinder = service
        self._interval = interval
        self._has_older = False
        self._tolerance = observation.Tolerance(grace_period, clock)
        self._clock = clock
        # When the last reading of all that moves began.
        self._moving_read = -math.inf
        # Those that a reading of all has shown moving.
        self._listed: set[str] = set()
        # By id: when the reading began, and what it gave.
        self._volumes: dict[str, tuple[float, resources.Volume | None]] = {}
        # The same of its copy, the newest; Cinder lists it like a volume.
        self._copies: dict[str, tuple[float, resources.Volume]] = {}
        self._reading = observation.SharedReading(
            self._read_changes,
            self._tolerance,
            interval / 2,
            clock,
            service.newest_change,
        )
        # Half of it: of all volumes without news, only the first that is
        # asked for causes a reading.
        self._moving_reading = observation.SharedReading(
            self._read_moving,
            self._tolerance,
            observation.QUIET_PERIOD / 2,
            clock,
        )

    def observe(
        self, volume_id: str, not_before: float
    ) -> resources.Volume | None:
        """The volume, None when it is gone.

        :param not_before: what was read before this time (of the clock) is
            not used: a request that changed the volume was answered then.
        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        self._reading.refresh()
        known = self._volumes.get(volume_id)
        now = self._clock()
        quiet_since = now - observation.QUIET_PERIOD
        if known is not None and not_before <= known[0] < quiet_since:
            # A copy shows nothing from its beginning to its end.
            self._moving_reading.refresh()
            known = self._volumes[volume_id]
        if known is None or known[0] < max(not_before, quiet_since):
            with self._tolerance.of(volume_id):
                known = (now, self._cinder.volume(volume_id))
            self._volumes[volume_id] = known
            if not _is_copied(known[1]):
                self._listed.discard(volume_id)
        return known[1]

    def in_flight(self) -> list[tuple[resources.Volume, str | None]]:
        """All volumes of the cloud whose data Cinder moves, and where to.

        None instead of a pool where Cinder has made no copy, or not yet.
        As the readings of all have shown them: one that somebody waits for
        and has read by itself is not among them before, so that whoever
        finds his own has also been shown what others began before it.
        Those that were moving before the first reading are asked for once.
        Where somebody waits for a volume, his readings are enough.

        :raises waiting.ObservationFailed: when they cannot be read just now.
        :raises CloudError: when they could not for too long.
        """
        self._reading.refresh(max_age=2 * self._interval)
        if not self._has_older:
            with self._tolerance.of('volumes in flight'):
                self._read_older()
            self._has_older = True
        quiet_since = self._clock() - observation.QUIET_PERIOD
        if any(began < quiet_since for began, _ in self._moving()):
            # A deleted volume leaves Cinder's lists without a word.
            self._moving_reading.refresh(max_age=observation.QUIET_PERIOD)
        return [
            (volume, self._copy_of(volume))
            for began, volume in self._moving()
            if began >= self._moving_read and volume.id in self._listed
        ]

    def refresh(self) -> None:
        """Read what has changed, to know whether Cinder can be read now.

        :raises waiting.ObservationFailed: when it cannot.
        :raises CloudError: when it could not for too long.
        """
        self._reading.refresh()

    @property
    def unseen(self) -> str:
        """The reason why Cinder could not be read last; '' when it could."""
        return self._reading.unseen

    def read_copy(self, volume_id: str) -> None:
        """Read the copy that a move under way has made of a volume.

        It may have changed for the last time before the shared readings
        began.

        :raises CloudError: when it cannot be read just now.
        """
        began = self._clock()
        self._keep(began, self._cinder.copies_of(volume_id))

    def copied_to(
        self, volume_id: str, not_before: float, made_since: str = ''
    ) -> str | None:
        """The pool that Cinder copies a volume to, None where none was read.

        :param not_before: see :meth:`observe`, which reads it.
        :param made_since: a time of Cinder's, ISO 8601; a copy that was made
            before is one that an earlier move has left.
        """
        began, copy = self._copies.get(volume_id, (not_before, None))
        if copy is None or began < not_before or copy.created_at < made_since:
            return None
        return copy.host

    def now(self) -> float:
        """The time on the clock of ``not_before``."""
        return self._clock()

    def _moving(self) -> list[tuple[float, resources.Volume]]:
        """The volumes that were moving, and when that was read."""
        return [
            (began, volume)
            for began, volume in list(self._volumes.values())
            if volume is not None and _is_copied(volume)
        ]

    def _copy_of(self, volume: resources.Volume) -> str | None:
        """The pool that holds the copy of a volume that is moving."""
        # What there is before Cinder begins was left by an earlier move.
        if volume.migration_status == 'starting':
            return None
        _, copy = self._copies.get(volume.id, (0.0, None))
        return copy.host if copy is not None else None

    def _read_older(self) -> None:
        """Read what moves, and the copies of that."""
        self._read_moving(None)
        for _, volume in self._moving():
            self._keep(self._clock(), self._cinder.copies_of(volume.id))

    def _read_changes(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        """Read the volumes that have changed; give their times."""
        began = self._clock()
        found = self._cinder.volumes(since)
        self._keep(began, found)
        return observation.times(found.values())

    def _read_moving(
        self, since: datetime.datetime | None
    ) -> Iterable[datetime.datetime]:
        """Read all that move, however long ago Cinder has touched them."""
        began = self._clock()
        self._keep(began, self._cinder.moving_volumes())
        self._moving_read = began
        return ()

    def _keep(self, began: float, found: dict[str, resources.Volume]) -> None:
        """Keep the volumes, and the newest copy of each."""
        for volume_id, volume in found.items():
            self._volumes[volume_id] = (began, volume)
            if _is_copied(volume):
                self._listed.add(volume_id)
            else:
                self._listed.discard(volume_id)
            if volume.copy_of:
                _, known = self._copies.get(volume.copy_of, (began, volume))
                if known.created_at <= volume.created_at:
                    self._copies[volume.copy_of] = (began, volume)


def _is_copied(volume: resources.Volume | None) -> bool:
    """Whether Cinder copies its data, by what it shows."""
    return (
        volume is not None
        and volume.migration_status in resources.VOLUME_MOVING
    )
