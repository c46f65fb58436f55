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

"""Allocation of the capacity of storage pools to thin and thick volumes."""

from collections.abc import Collection
from collections.abc import Mapping
import math

from zone_migration.logic import resources
from zone_migration.logic.preflight import capacity


class PoolAllocations:
    """The capacity that pools have left for volumes, thin or thick ones.

    A pool has less for thick ones, and each volume that comes takes its size
    of both.  They get what the others leave, so that each is accepted
    whichever of them starts first.
    """

    def __init__(
        self, pools: Mapping[str, resources.Pool], thick: Collection[str]
    ) -> None:
        """Begin without an allocation.

        :param thick: the ids of the thick ones.
        """
        #: The pool of each volume that has one.
        self.destinations: dict[str, str] = {}
        self._thick = thick
        self._left = {
            name: (pool.free_gb, pool.thick_free_gb)
            for name, pool in pools.items()
        }
        #: The pools that thick ones go to.
        self._thick_in: set[str] = set()

    def allocate(self, requests: Collection[capacity.Request]) -> None:
        """Allocate to as many as fit."""
        for thick in (False, True):
            some = [r for r in requests if (r.id in self._thick) is thick]
            free = {name: (left[thick],) for name, left in self._left.items()}
            destinations = capacity.allocate(some, free, {}).destinations
            for request in some:
                if request.id in destinations:
                    self._take(request, destinations[request.id])

    def claim(self, request: capacity.Request) -> bool:
        """Allocate to one more where most is left, unless it does not fit.

        :returns: whether it fitted.
        """
        pool = self._emptiest(request)
        fits = self._left_for(request, pool) >= request.needs[0]
        if fits:
            self._take(request, pool)
        return fits

    def shortage(self, request: capacity.Request) -> str:
        """Tell why none of its pools takes a volume; empty where one does."""
        pool = self._emptiest(request)
        left = self._left_for(request, pool)
        if left >= request.needs[0]:
            return ''
        count = len(request.candidates)
        most = f', the roomiest of {count},' if count > 1 else ''
        return (
            f'no room: it needs {request.needs[0]:g} GB, '
            f'{max(0, math.floor(left))} are left on {pool}{most} after the '
            'others that go there: make room, or name another pool'
        )

    def _emptiest(self, request: capacity.Request) -> str:
        """The candidate with most left for a volume."""
        return max(
            request.candidates, key=lambda pool: self._left_for(request, pool)
        )

    def _left_for(self, request: capacity.Request, pool: str) -> float:
        """The GB that a volume may take of a pool."""
        thin, thick = self._left[pool]
        if request.id in self._thick:
            return thick
        return min(thin, thick) if pool in self._thick_in else thin

    def _take(self, request: capacity.Request, pool: str) -> None:
        """Allocate the capacity of a pool to a volume."""
        thin, thick = self._left[pool]
        need = request.needs[0]
        self._left[pool] = thin - need, thick - need
        self.destinations[request.id] = pool
        if request.id in self._thick:
            self._thick_in.add(pool)
