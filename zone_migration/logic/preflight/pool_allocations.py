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

"""Which storage pools have room for volumes, all of them together."""

from collections.abc import Collection
from collections.abc import Mapping
import math

from zone_migration.logic import resources
from zone_migration.logic.preflight import capacity


class PoolRoom:
    """What pools have left for volumes, which may be thin or are thick.

    A pool has less for thick ones, and each volume that comes takes its size
    of both.  They get what the others leave, so that each is accepted
    whichever of them starts first.
    """

    def __init__(
        self, pools: Mapping[str, resources.Pool], thick: Collection[str]
    ) -> None:
        """Nothing has come yet.

        :param thick: the ids of the thick ones.
        """
        #: The pool of each volume that has one.
        self.placed: dict[str, str] = {}
        self._thick = thick
        self._left = {
            name: (pool.free_gb, pool.thick_free_gb)
            for name, pool in pools.items()
        }
        #: The pools that thick ones go to.
        self._thick_in: set[str] = set()

    def fill(self, arrivals: Collection[capacity.Arrival]) -> None:
        """Place as many as fit."""
        for thick in (False, True):
            some = [a for a in arrivals if (a.id in self._thick) is thick]
            free = {name: (left[thick],) for name, left in self._left.items()}
            placed = capacity.fill(some, free, {}).placed
            for arrival in some:
                if arrival.id in placed:
                    self._put(arrival, placed[arrival.id])

    def place(self, arrival: capacity.Arrival) -> bool:
        """Whether one more has got a place, where most is left."""
        pool = self._roomiest(arrival)
        fits = self._for(arrival, pool) >= arrival.needs[0]
        if fits:
            self._put(arrival, pool)
        return fits

    def shortage(self, arrival: capacity.Arrival) -> str:
        """Why none of its pools takes a volume; empty where one does."""
        pool = self._roomiest(arrival)
        left = self._for(arrival, pool)
        if left >= arrival.needs[0]:
            return ''
        count = len(arrival.places)
        most = f', the roomiest of {count},' if count > 1 else ''
        return (
            f'no room: it needs {arrival.needs[0]:g} GB, '
            f'{max(0, math.floor(left))} are left on {pool}{most} after the '
            'others that go there: make room, or name another pool'
        )

    def _roomiest(self, arrival: capacity.Arrival) -> str:
        return max(arrival.places, key=lambda pool: self._for(arrival, pool))

    def _for(self, arrival: capacity.Arrival, pool: str) -> float:
        """The GB that a volume may take of a pool."""
        thin, thick = self._left[pool]
        if arrival.id in self._thick:
            return thick
        return min(thin, thick) if pool in self._thick_in else thin

    def _put(self, arrival: capacity.Arrival, pool: str) -> None:
        thin, thick = self._left[pool]
        need = arrival.needs[0]
        self._left[pool] = thin - need, thick - need
        self.placed[arrival.id] = pool
        if arrival.id in self._thick:
            self._thick_in.add(pool)
