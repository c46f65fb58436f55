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

"""Allocation of limited capacity to all that requests some of it together.

The candidates of a request are compute hosts or storage pools.  What they
have and what is requested are amounts of the same resource classes, the one
that decides a choice first.
"""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import math

#: An amount of each resource class.
Amounts = tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Request:
    """A server or volume that is to go to one of some candidates."""

    id: str
    candidates: tuple[str, ...]
    needs: Amounts
    #: Where it gives its capacity back when it has gone; empty for nowhere.
    source: str = ''
    #: A candidate takes only so many of a group; empty for no group.
    group: str = ''
    #: Lower ones have the first choice.
    rank: int = 0


@dataclasses.dataclass(frozen=True)
class Allocations:
    """The requests that fit, and what the candidates have left."""

    #: By the id of the request.
    destinations: Mapping[str, str]
    left: Mapping[str, Amounts]
    #: How many more of a group a candidate takes, by candidate and group.
    spots: Mapping[tuple[str, str], int]


@dataclasses.dataclass(frozen=True)
class Shortage:
    """The lack of a request where most is left for it."""

    candidate: str
    #: The index of the resource class that is short; None when the candidate
    #: takes no more of its group.
    resource_class: int | None


def allocate(
    requests: Sequence[Request],
    free: Mapping[str, Amounts],
    spots: Mapping[tuple[str, str], int],
) -> Allocations:
    """Send each request where most is left, and as many as fit.

    What leaves a candidate gives its capacity back, so two candidates may
    exchange what they have as long as one of them has some left to begin
    with.

    In a rank the largest go first, which packs best when all fit.  When not
    all do, the smallest first may leave fewer behind: that is then tried too,
    and what serves the first ranks best is taken.

    :param free: what each candidate has; infinite where it is not named.
    :param spots: any number where a candidate and a group are not named.
    """
    largest = _Allocator(free, spots)
    largest.allocate(
        sorted(requests, key=lambda r: (r.rank, [-need for need in r.needs]))
    )
    if len(largest.destinations) == len(requests):
        return largest.allocations()
    smallest = _Allocator(free, spots)
    smallest.allocate(sorted(requests, key=lambda r: (r.rank, r.needs)))
    ranks = sorted({request.rank for request in requests})

    def served(allocator: _Allocator) -> list[int]:
        counts = collections.Counter(
            r.rank for r in requests if r.id in allocator.destinations
        )
        return [counts[rank] for rank in ranks]

    return max((smallest, largest), key=served).allocations()


def shortage(request: Request, allocations: Allocations) -> Shortage:
    """Return what the candidates of a request lack.

    >>> shortage(Request('s', ('a', 'b'), (4.0, 2.0)),
    ...          Allocations({}, {'a': (3.0, 9.0), 'b': (5.0, 1.0)}, {}))
    Shortage(candidate='b', resource_class=1)
    """

    def lacking(candidate: str) -> int | None:
        return next(
            (
                index
                for index, (left, need) in enumerate(
                    zip(
                        allocations.left[candidate], request.needs, strict=True
                    )
                )
                if left < need
            ),
            None,
        )

    limited = [c for c in request.candidates if c in allocations.left]
    short = [c for c in limited if lacking(c) is not None]
    if not short:
        return Shortage(request.candidates[0], None)
    candidate = max(short, key=lambda c: allocations.left[c])
    return Shortage(candidate, lacking(candidate))


class _Allocator:
    """Allocations one by one, some of them only when others have left."""

    def __init__(
        self,
        free: Mapping[str, Amounts],
        spots: Mapping[tuple[str, str], int],
    ) -> None:
        self.destinations: dict[str, str] = {}
        self._free = free
        self._left = dict(free)
        self._spots = dict(spots)
        self._counts: collections.Counter[str] = collections.Counter()
        self._waiting: dict[str, collections.deque[Request]] = (
            collections.defaultdict(collections.deque)
        )

    def allocations(self) -> Allocations:
        """Return what has been allocated until now."""
        return Allocations(self.destinations, self._left, self._spots)

    def allocate(self, requests: Iterable[Request]) -> None:
        """Allocate to as many as fit, the first ones first."""
        waiting = []
        for request in requests:
            if self._claim(request):
                self._retry(request.source)
            else:
                waiting.append(request)
                for candidate in request.candidates:
                    self._waiting[candidate].append(request)
        # Those that are tried again go in their order and wait for each
        # other, so that each departure costs the same however many wait;
        # behind one that never fits there may be some that do.
        before = -1
        while before != len(self.destinations):
            before = len(self.destinations)
            waiting = [r for r in waiting if r.id not in self.destinations]
            for request in waiting:
                self._claim(request)

    def _retry(self, candidate: str) -> None:
        """Allocate to those that wait for what has been given back."""
        freed = collections.deque([candidate])
        while freed:
            queue = self._waiting.get(freed.popleft())
            while queue:
                request = queue[0]
                if request.id not in self.destinations:
                    if not self._claim(request):
                        break
                    freed.append(request.source)
                queue.popleft()

    def _claim(self, request: Request) -> bool:
        """Allocate what a request needs, unless no candidate has it.

        :returns: whether one had it.
        """
        fitting = [c for c in request.candidates if self._fits(request, c)]
        if not fitting:
            return False
        candidate = max(fitting, key=self._weight)
        self.destinations[request.id] = candidate
        self._counts[candidate] += 1
        self._add(candidate, [-need for need in request.needs])
        self._add(request.source, request.needs)
        if (candidate, request.group) in self._spots:
            self._spots[candidate, request.group] -= 1
        return True

    def _fits(self, request: Request, candidate: str) -> bool:
        """Whether a candidate has all that a request needs."""
        if self._spots.get((candidate, request.group), 1) < 1:
            return False
        left = self._left.get(candidate)
        return left is None or all(
            has >= need for has, need in zip(left, request.needs, strict=True)
        )

    def _weight(self, candidate: str) -> tuple[float, float, int]:
        """More for a candidate with more left: as a share, then in amounts."""
        free = self._free.get(candidate, (math.inf,))[0]
        left = self._left.get(candidate, (math.inf,))[0]
        share = left / free if 0 < free < math.inf else 1.0
        return share, left, -self._counts[candidate]

    def _add(self, candidate: str, amounts: Iterable[float]) -> None:
        """Add to what a candidate has left, if that is limited."""
        if candidate in self._left:
            self._left[candidate] = tuple(
                left + more
                for left, more in zip(
                    self._left[candidate], amounts, strict=True
                )
            )
