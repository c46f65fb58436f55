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

"""The slots that limit how much runs at once, and how many are in use."""

import collections
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import itertools
import threading

TOTAL = 'total'
NODE = 'node'
POOL = 'pool'
#: One operation at a time on a server or a volume.
RESOURCE = 'resource'
SERVICE = 'service'
#: Nova's queue of live migrations from a host; closed while one is ahead.
QUEUE = 'queue'

#: A kind and what tells one of that kind from another.
Slot = tuple[str, ...]

#: What every action occupies.
ALL: Slot = (TOTAL,)

#: How many may use a service at once; as many use one that is closed.
ANY_NUMBER = 10**9


def with_fixed(limits: Mapping[str, int]) -> dict[str, int]:
    """The limits of a plan by kind of slot, with those that all plans have."""
    return {**limits, RESOURCE: 1, SERVICE: ANY_NUMBER, QUEUE: ANY_NUMBER}


def _backend(slot: Slot) -> Slot:
    """The slot of the backend that a pool belongs to; any other is its own.

    >>> _backend(('pool', 'to', 'h@b#p'))
    ('pool', 'to', 'h@b')
    """
    if slot[0] != POOL:
        return slot
    return (*slot[:2], slot[2].partition('#')[0])


def places(slots: Iterable[Slot]) -> list[Slot]:
    """Those of a task's slots that are on hosts and in pools."""
    return [slot for slot in slots if slot[0] in (NODE, POOL)]


class Slots:
    """The slots that all plans of one process occupy.

    The limits are each plan's own: it compares them with what all plans
    together occupy, and foreign moves beside them.  Any thread may use it.

    Where a backend is named without a pool (``host@backend``) Cinder's
    scheduler chooses one of its pools, and nobody knows which before it has.
    Until then such a move counts in each of them, so that no pool is above
    its limit whatever Cinder chooses.
    """

    def __init__(self) -> None:
        #: Held from the look at what is used until it is taken.
        self.lock = threading.RLock()
        #: How many occupy each slot; the pools of a backend are together
        #: with it, by the slot of the backend.
        self._used: dict[Slot, collections.Counter[Slot]] = {}
        #: Who watches each slot; likewise.
        self._watched: dict[Slot, dict[Slot, list[dict[Slot, None]]]] = {}
        self._wakes: list[Callable[[], None]] = []
        #: Why they are closed, once for each time.
        self._closed: dict[Slot, list[str]] = {}
        #: The places of foreign moves, by kind and by server or volume.
        self._foreign: dict[str, dict[Slot, Sequence[Slot]]] = {}
        #: Gets what a move has occupied that goes on without its plan.
        self.lost: Callable[[Sequence[Slot]], None] = lambda slots: None
        #: Whether other processes start moves, too.
        self._is_shared = False
        #: The places of what has begun since then and was not shown yet, by
        #: server or volume.
        self._not_shown: dict[Slot, list[Slot]] = {}
        #: By host, the most live migrations that ran from it at once.
        self.widths: dict[str, int] = {}
        #: The hosts where a larger width than was known exceeded a limit.
        self.exceeded: set[str] = set()

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call it whenever something was given back, by any plan.

        It is called in the thread that gave back, without any lock held.
        """
        with self.lock:
            self._wakes.append(wake)

    def unsubscribe(self, wake: Callable[[], None]) -> None:
        """Call it no more; it may still be in a call that has begun."""
        with self.lock:
            self._wakes.remove(wake)

    def wake(self) -> None:
        """Tell the subscribers; not to be called with the lock held."""
        with self.lock:
            wakes = list(self._wakes)
        for wake in wakes:
            wake()

    def used(self, slot: Slot) -> int:
        """How many occupy it.

        Of a pool: with those that may go to any pool of its backend.  Of a
        backend: with those of the fullest of its pools.
        """
        backend = _backend(slot)
        counts = self._used.get(backend)
        if not counts:
            return 0
        if slot != backend:
            return counts[backend] + counts[slot]
        pools = (counts[one] for one in counts if one != backend)
        return counts[backend] + max(pools, default=0)

    def occupy(self, slots: Iterable[Slot]) -> None:
        """Occupy them, full or not.

        Foreign moves of the same server or volume count no more.
        """
        slots = list(slots)
        with self.lock:
            for slot in slots:
                self._occupy(slot, 1)
                if slot[0] == RESOURCE:
                    for moves in self._foreign.values():
                        self._free_all(moves.pop(slot, ()))
            self.hold_back(places(slots), slots)

    def hold_back(self, held: Iterable[Slot], slots: Iterable[Slot]) -> None:
        """Hold places back until the move of what has these slots is shown."""
        with self.lock:
            # The first is what it moves; no other is ever shown for it.
            moved = [slot for slot in slots if slot[0] == RESOURCE]
            for resource in moved[:1] if self._is_shared else ():
                self._not_shown.setdefault(resource, []).extend(held)

    def release(self, slots: Iterable[Slot]) -> None:
        """Free them again, and note that in the notes of those who watch."""
        slots = list(slots)
        with self.lock:
            self._free_all(slots)
            self.shown(slots)

    def resources(self) -> set[Slot]:
        """Return the servers and volumes that are occupied."""
        with self.lock:
            return {slot for slot in self._used if slot[0] == RESOURCE}

    def count_foreign(
        self,
        kind: str,
        moves: Mapping[Slot, Sequence[Slot]],
        beside: bool = False,
    ) -> None:
        """Count foreign moves, instead of those that were counted before.

        What is occupied is not foreign.

        :param kind: of their places; foreign moves between others stay.
        :param moves: the places of each, by its server or volume.
        :param beside: count those before, too.
        """
        with self.lock:
            before = self._foreign.get(kind, {})
            counted = dict(before) if beside else {}
            counted |= {
                resource: places
                for resource, places in moves.items()
                if resource not in self._used
            }
            self._foreign[kind] = counted
            for resource, places in counted.items():
                if before.get(resource) != places:
                    for place in places:
                        self._occupy(place, 1)
            for resource, places in before.items():
                if counted.get(resource) != places:
                    self._free_all(places)

    def foreign(self) -> list[Slot]:
        """Return the servers and volumes of the moves that are foreign."""
        with self.lock:
            return [one for moves in self._foreign.values() for one in moves]

    def share(self, is_shared: bool) -> None:
        """Let one move a place begin at a time, as others begin some, too.

        The next begins when the one before has been shown, or has ended: what
        others have begun in the same moment is shown by then.
        """
        with self.lock:
            self._is_shared = is_shared
            if not is_shared:
                self.shown(list(self._not_shown))

    def shown(self, resources: Iterable[Slot]) -> None:
        """Hold the places of these back no more: their moves are shown."""
        with self.lock:
            for resource in resources:
                for place in self._not_shown.pop(resource, ()):
                    backend = _backend(place)
                    self._note(backend, list(self._watched.get(backend, ())))

    def is_free(self, slot: Slot, limit: int) -> bool:
        """Whether a slot can be occupied now, so that the limit holds."""
        return self.used(slot) < limit and not self._is_held_back(slot)

    def close(self, slot: Slot, why: str) -> None:
        """Let nobody occupy it, until it is opened as often.

        :param why: '' where it is for a moment only, and nobody is told.
        """
        with self.lock:
            self._occupy(slot, ANY_NUMBER)
            self._closed.setdefault(slot, []).append(why)

    def open(self, slot: Slot, why: str) -> None:
        """Let it be occupied again, and note that as :meth:`release`."""
        with self.lock:
            self._closed[slot].remove(why)
            self._free(slot, ANY_NUMBER)

    def why_closed(self, slot: Slot) -> str:
        """Why nobody may occupy it; '' where there is nothing to tell."""
        with self.lock:
            return next(filter(None, self._closed.get(slot, ())), '')

    def watch(self, slot: Slot, notes: dict[Slot, None]) -> None:
        """Note once when it is given back.

        :param notes: gets the slot as a key; kept until then.
        """
        with self.lock:
            watched = self._watched.setdefault(_backend(slot), {})
            watched.setdefault(slot, []).append(notes)

    def _is_held_back(self, place: Slot) -> bool:
        """Whether a move that has begun there was not shown yet."""
        held = itertools.chain.from_iterable(self._not_shown.values())
        return _backend(place) in map(_backend, held)

    def _occupy(self, slot: Slot, number: int) -> None:
        """Count some more of a slot as occupied."""
        counts = self._used.setdefault(_backend(slot), collections.Counter())
        counts[slot] += number

    def _free_all(self, slots: Iterable[Slot]) -> None:
        """Count one less of each slot as occupied."""
        for slot in slots:
            self._free(slot, 1)

    def _free(self, slot: Slot, number: int) -> None:
        """Count some of a slot as free, and note it for who watches."""
        backend = _backend(slot)
        counts = self._used[backend]
        before = self.used(backend)
        counts[slot] -= number
        if not counts[slot]:
            del counts[slot]
        if not counts:
            del self._used[backend]
        if slot == backend:
            # Each of its pools has more room, too.
            freed = list(self._watched.get(backend, ()))
        elif self.used(backend) < before:
            freed = [slot, backend]
        else:
            # Another pool of the backend is as full as it was.
            freed = [slot]
        self._note(backend, freed)

    def _note(self, backend: Slot, freed: Iterable[Slot]) -> None:
        """Note that slots of a backend are given back, for who watches."""
        watched = self._watched.get(backend, {})
        for one in freed:
            for notes in watched.pop(one, ()):
                notes[one] = None
        if not watched:
            self._watched.pop(backend, None)
