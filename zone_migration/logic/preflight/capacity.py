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

"""Whether what is sent to some places fits there, all of it together.

Places are compute hosts or storage pools; what they have and what comes is
told in figures of the same measures, the one that decides a choice first.
"""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import math

#: A figure for each measure.
Figures = tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Arrival:
    """A resource that is to go to one of some places."""

    id: str
    places: tuple[str, ...]
    needs: Figures
    #: Where it has given back its room when it has gone; empty for nowhere.
    leaves: str = ''
    #: A place takes only so many of a kind; empty for no kind.
    kind: str = ''
    #: Lower ones have the first choice.
    rank: int = 0


@dataclasses.dataclass(frozen=True)
class Filled:
    """Which arrivals have a place, and what the places have left."""

    #: By the id of the arrival.
    placed: Mapping[str, str]
    left: Mapping[str, Figures]
    #: How many more of a kind a place takes, by both.
    spots: Mapping[tuple[str, str], int]


@dataclasses.dataclass(frozen=True)
class Shortage:
    """What one arrival lacks where there is most for it."""

    place: str
    #: The index of the measure that is short; None when the place takes no
    #: more of its kind.
    measure: int | None


def fill(
    arrivals: Sequence[Arrival],
    free: Mapping[str, Figures],
    spots: Mapping[tuple[str, str], int],
) -> Filled:
    """Send each arrival where most is left, and as many as fit.

    What leaves a place makes room there, so two places may exchange what
    they have as long as one of them has room to begin with.

    In a rank the largest go first, which packs best when all fit.  When not
    all do, the smallest first may leave fewer behind: that is then tried too,
    and what serves the first ranks best is taken.

    :param free: what each place has; infinitely much where it is not named.
    :param spots: any number where a place and a kind are not named.
    """
    largest = _Filling(free, spots)
    largest.fill(
        sorted(arrivals, key=lambda a: (a.rank, [-need for need in a.needs]))
    )
    if len(largest.placed) == len(arrivals):
        return largest.filled()
    smallest = _Filling(free, spots)
    smallest.fill(sorted(arrivals, key=lambda a: (a.rank, a.needs)))
    ranks = sorted({arrival.rank for arrival in arrivals})

    def served(filling: _Filling) -> list[int]:
        counts = collections.Counter(
            a.rank for a in arrivals if a.id in filling.placed
        )
        return [counts[rank] for rank in ranks]

    return max((smallest, largest), key=served).filled()


def shortage(arrival: Arrival, filled: Filled) -> Shortage:
    """Why an arrival has no place.

    >>> shortage(Arrival('s', ('a', 'b'), (4.0, 2.0)),
    ...          Filled({}, {'a': (3.0, 9.0), 'b': (5.0, 1.0)}, {}))
    Shortage(place='b', measure=1)
    """

    def lacking(place: str) -> int | None:
        return next(
            (
                measure
                for measure, (left, need) in enumerate(
                    zip(filled.left[place], arrival.needs, strict=True)
                )
                if left < need
            ),
            None,
        )

    known = [place for place in arrival.places if place in filled.left]
    short = [place for place in known if lacking(place) is not None]
    if not short:
        return Shortage(arrival.places[0], None)
    place = max(short, key=lambda place: filled.left[place])
    return Shortage(place, lacking(place))


class _Filling:
    """Arrivals one by one, and those that wait until others have left."""

    def __init__(
        self,
        free: Mapping[str, Figures],
        spots: Mapping[tuple[str, str], int],
    ) -> None:
        self.placed: dict[str, str] = {}
        self._free = free
        self._left = dict(free)
        self._spots = dict(spots)
        self._arrived: collections.Counter[str] = collections.Counter()
        self._waiting: dict[str, collections.deque[Arrival]] = (
            collections.defaultdict(collections.deque)
        )

    def filled(self) -> Filled:
        return Filled(self.placed, self._left, self._spots)

    def fill(self, arrivals: Iterable[Arrival]) -> None:
        waiting = []
        for arrival in arrivals:
            if self._place(arrival):
                self._wake(arrival.leaves)
            else:
                waiting.append(arrival)
                for place in arrival.places:
                    self._waiting[place].append(arrival)
        # Those that are woken go in their order and wait for each other, so
        # that each departure costs the same however many wait; behind one
        # that never fits there may be some that do.
        before = -1
        while before != len(self.placed):
            before = len(self.placed)
            waiting = [a for a in waiting if a.id not in self.placed]
            for arrival in waiting:
                self._place(arrival)

    def _wake(self, place: str) -> None:
        roomier = collections.deque([place])
        while roomier:
            queue = self._waiting.get(roomier.popleft())
            while queue:
                arrival = queue[0]
                if arrival.id not in self.placed:
                    if not self._place(arrival):
                        break
                    roomier.append(arrival.leaves)
                queue.popleft()

    def _place(self, arrival: Arrival) -> bool:
        """Whether there was a place for it."""
        fitting = [p for p in arrival.places if self._fits(arrival, p)]
        if not fitting:
            return False
        place = max(fitting, key=self._appeal)
        self.placed[arrival.id] = place
        self._arrived[place] += 1
        self._add(place, [-need for need in arrival.needs])
        self._add(arrival.leaves, arrival.needs)
        if (place, arrival.kind) in self._spots:
            self._spots[place, arrival.kind] -= 1
        return True

    def _fits(self, arrival: Arrival, place: str) -> bool:
        if self._spots.get((place, arrival.kind), 1) < 1:
            return False
        left = self._left.get(place)
        return left is None or all(
            has >= need for has, need in zip(left, arrival.needs, strict=True)
        )

    def _appeal(self, place: str) -> tuple[float, float, int]:
        """More for a place with more left: as a share, then in figures."""
        free = self._free.get(place, (math.inf,))[0]
        left = self._left.get(place, (math.inf,))[0]
        share = left / free if 0 < free < math.inf else 1.0
        return share, left, -self._arrived[place]

    def _add(self, place: str, figures: Iterable[float]) -> None:
        if place in self._left:
            self._left[place] = tuple(
                left + more
                for left, more in zip(self._left[place], figures, strict=True)
            )
