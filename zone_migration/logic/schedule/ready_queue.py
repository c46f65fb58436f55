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

"""Whose turn it is among the tasks that could start but for their slots.

The first by these rules, of those whose slots are all free:

1. the lowest group;
2. the most loaded slot: the work that is left on it, over its limit, is how
   long it needs at least, so the most loaded one decides when the plan ends;
3. the most work left on its server or volume, then the longest itself;
4. the most load on its other places, as it was at the start: flavors make
   many equal tasks, and who needs two crowded places should not be the last
   to ask for both;
5. the order of the plan.

The load changes with each task that ends, and there may be thousands of tasks
and places, so nothing here looks at all of them:

* Tasks that occupy the same places form a lane: only its first can be next.
* A lane waits at its most loaded place.  All that wait there have the same
  load, so their order there does not change when the load does.
* When a place gets lighter, only the lanes that thereby have a more loaded
  one wait there instead.
* A lane that lacks another of its places is aside.  When that is given back,
  it offers the best key that a lane aside there may have; only if it is still
  free when that one's turn comes are these lanes looked at.
* A task whose server or volume is busy is parked until that is given back.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import heapq
import itertools

from zone_migration.logic.schedule import slots as slots_

#: Group, then what is left on its server or volume, its own expected
#: duration, what was the load of its other places (all three negative: the
#: most first) and its rank in the plan.
_Order = tuple[int, float, float, float, int]
#: The same with the load (negative) of where it waits behind the group.
_Key = tuple[int, float, float, float, float, int]


#: Where a lane waits whose first task has more left to do on its own server
#: or volume than any of its places has.
_OWN: slots_.Slot = ('own',)


@dataclasses.dataclass(frozen=True)
class Task:
    """An action as the scheduler sees it."""

    id: str
    parents: tuple[str, ...] = ()
    slots: tuple[slots_.Slot, ...] = ()
    #: Strict priority, the lowest first.
    group: int = 0
    #: How long it will take, in any unit that is the same for all.
    expected: float = 0.0
    #: Nothing else starts before it has ended, well or not.
    first: bool = False


class _Lane:
    """The ready tasks that occupy the same places."""

    def __init__(self, places: tuple[slots_.Slot, ...]) -> None:
        self.places = places
        #: A heap; what is left on a server or volume may have become less.
        self.tasks: list[tuple[_Order, Task]] = []
        #: Where it waits; None when it is aside or has no tasks.
        self.at: slots_.Slot | None = None
        #: Tells its entry in the queue there from earlier ones.
        self.stamp = 0
        #: What it lacks while it is aside.
        self.aside: slots_.Slot | None = None
        #: The largest load in the rivals of each place, of what else it has.
        self.rivals: dict[slots_.Slot, float] = {}


class Turns:
    """The tasks that are ready, in the order in which they should start.

    The caller holds the lock of the slots.

    :param tasks: all of the plan, in its order: they are the load.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        limits: Mapping[str, int],
        slots: slots_.Slots,
    ) -> None:
        self._limits = {
            **limits,
            slots_.RESOURCE: 1,
            slots_.SERVICE: slots_.ANY_NUMBER,
        }
        self._slots = slots
        #: By task what decides between equals.
        self._rank: dict[str, tuple[float, int]] = {}
        #: What is left to be done on each slot.
        self._work: dict[slots_.Slot, float] = {}
        self._ready: set[str] = set()
        self._lanes: dict[tuple[slots_.Slot, ...], _Lane] = {}
        self._lanes_with: dict[slots_.Slot, list[_Lane]] = {}
        self._stamps = itertools.count(1)
        #: By place, heaps of the lanes that wait there.
        self._queues: dict[
            slots_.Slot, list[tuple[_Order, int, _Lane]]
        ] = {}
        #: By place, heaps of its lanes by the load of what else they need.
        self._rivals: dict[slots_.Slot, list[tuple[float, int, _Lane]]] = {}
        #: A heap of the places where a lane waits, by the lane's turn.
        #: Loads get less, so a key is too good at worst, until looked at.
        self._offers: list[tuple[_Key, slots_.Slot]] = []
        self._offered: dict[slots_.Slot, _Key] = {}
        #: By place that is full, the lanes that lack it, and what none of
        #: their keys is better than.
        self._aside: dict[slots_.Slot, list[_Lane]] = {}
        self._bounds: dict[slots_.Slot, _Key] = {}
        #: By server or volume that is busy, those that wait for it: heaps,
        #: in which what is left on it is the same for all.
        self._parked: dict[
            slots_.Slot,
            dict[_Lane, list[tuple[_Order, Task]]],
        ] = {}
        self._watched: set[slots_.Slot] = set()
        self._freed: dict[slots_.Slot, None] = {}
        tasks = list(tasks)
        for task in tasks:
            for slot in (slots_.ALL, *task.slots):
                self._work[slot] = self._work.get(slot, 0) + task.expected
        for rank, task in enumerate(tasks):
            loads = [self._load(place) for place in self._places(task)]
            self._rank[task.id] = (max(loads, default=0) - sum(loads), rank)

    @property
    def any_ready(self) -> bool:
        """Whether a task could start, but for its slots at most."""
        return bool(self._ready)

    def add(self, task: Task) -> None:
        """It could start now."""
        self._ready.add(task.id)
        places = self._places(task)
        lane = self._lanes.get(places)
        if lane is None:
            lane = self._lanes[places] = _Lane(places)
            for place in places:
                self._lanes_with.setdefault(place, []).append(lane)
        self._enter(lane, task)

    def discard(self, task: Task) -> None:
        """It shall not start any more."""
        self._ready.discard(task.id)

    def heavier(self, slot: slots_.Slot, work: float) -> None:
        """There is more to be done on it than was known."""
        self._work[slot] = self._work.get(slot, 0) + work
        for lane in self._lanes_with.get(slot, ()):
            if lane.aside is None:
                self._settle(lane)
            elif lane.tasks:
                self._bound(lane, lane.aside, lane.tasks[0][0])

    def lighter(self, slot: slots_.Slot, work: float) -> None:
        """Some of what was to be done on it is done."""
        self._work[slot] -= work
        rivals = self._rivals.get(slot)
        while rivals and -rivals[0][0] > self._load(slot):
            bound, _, lane = heapq.heappop(rivals)
            if lane.rivals.get(slot) == -bound:
                del lane.rivals[slot]
            if lane.at == slot:
                self._settle(lane)

    def next(self) -> Task | None:
        """The task whose turn it is; its slots are free."""
        while True:
            self._attend()
            if not self._offers or not self._has_room(slots_.ALL):
                return None
            key, place = heapq.heappop(self._offers)
            if self._offered.get(place) != key:
                continue
            del self._offered[place]
            if not self._has_room(place) or self._recall(place):
                continue
            first = self._first(place)
            if first is None:
                continue
            order, lane = first
            if self._key(place, order) != key:
                self._offer(place, order)
                continue
            queue = self._queues[place]
            heapq.heappop(queue)
            if queue:
                self._offer(place, queue[0][0])
            lane.at = None
            full = [slot for slot in lane.places if not self._has_room(slot)]
            if full:
                lane.aside = full[0]
                self._aside.setdefault(full[0], []).append(lane)
                self._bound(lane, full[0], order)
                continue
            task = heapq.heappop(lane.tasks)[1]
            self._ready.discard(task.id)
            self._settle(lane)
            return task

    def _attend(self) -> None:
        """Look to those who waited for what has been given back."""
        while self._freed:
            slot, _ = self._freed.popitem()
            self._watched.discard(slot)
            if slot in self._aside:
                self._push(slot, self._bounds[slot])
            queue = self._queues.get(slot)
            if queue:
                self._offer(slot, queue[0][0])
            # Of each lane one: the others would find it busy again.
            parked = self._parked.get(slot, {})
            for lane in list(parked):
                task = heapq.heappop(parked[lane])[-1]
                if not parked[lane]:
                    del parked[lane]
                self._enter(lane, task)
            if parked:
                self._watch(slot)
            else:
                self._parked.pop(slot, None)

    def _recall(self, place: slots_.Slot) -> bool:
        """Let those that lacked the place wait for their turn again.

        Not when it is given back, as others take most of what is.
        """
        lanes = self._aside.pop(place, [])
        self._bounds.pop(place, None)
        for lane in lanes:
            lane.aside = None
            self._settle(lane)
        queue = self._queues.get(place)
        if lanes and queue:
            self._offer(place, queue[0][0])
        return bool(lanes)

    def _bound(
        self, lane: _Lane, lacks: slots_.Slot, order: _Order
    ) -> None:
        """The key of a lane that is aside may be as good as this one."""
        loads = self._loads(lane, order)
        key = self._key(max(loads, key=loads.__getitem__), order)
        known = self._bounds.get(lacks)
        if known is None or key < known:
            self._bounds[lacks] = key
            if lacks in self._offered:
                self._push(lacks, key)

    def _enter(self, lane: _Lane, task: Task) -> None:
        entry = (self._order(task), task)
        heapq.heappush(lane.tasks, entry)
        if lane.tasks[0] is not entry:
            return
        if lane.aside is None:
            self._settle(lane)
        else:
            self._bound(lane, lane.aside, entry[0])

    def _settle(self, lane: _Lane) -> None:
        """Let it wait at the most loaded of its places."""
        lane.at = None
        order = self._top(lane)
        if order is None:
            return
        loads = self._loads(lane, order)
        lane.at = at = max(loads, key=loads.__getitem__)
        lane.stamp = next(self._stamps)
        heapq.heappush(
            self._queues.setdefault(at, []), (order, lane.stamp, lane)
        )
        self._offer(at, order)
        del loads[at]
        rival = max(loads.values(), default=0.0)
        if at != _OWN and rival > lane.rivals.get(at, -1.0):
            lane.rivals[at] = rival
            heapq.heappush(
                self._rivals.setdefault(at, []), (-rival, lane.stamp, lane)
            )

    def _loads(
        self, lane: _Lane, order: _Order
    ) -> dict[slots_.Slot, float]:
        """What is left to be done where it may wait."""
        loads = {place: self._load(place) for place in lane.places}
        loads[_OWN] = -order[1]
        return loads

    def _first(self, place: slots_.Slot) -> tuple[_Order, _Lane] | None:
        """The first lane that waits at the place, with its true order."""
        queue = self._queues[place]
        while queue:
            order, stamp, lane = queue[0]
            if lane.at == place and lane.stamp == stamp:
                if self._top(lane) == order:
                    return order, lane
                heapq.heappop(queue)
                self._settle(lane)
            else:
                heapq.heappop(queue)
        return None

    def _top(self, lane: _Lane) -> _Order | None:
        """The order of its first task, whose server or volume is free."""
        while lane.tasks:
            order, task = lane.tasks[0]
            resources = _resources(task)
            busy = [slot for slot in resources if not self._has_room(slot)]
            now = self._order(task)
            if busy or task.id not in self._ready:
                heapq.heappop(lane.tasks)
                if task.id in self._ready:
                    heapq.heappush(
                        self._parked.setdefault(busy[0], {}).setdefault(
                            lane, []
                        ),
                        ((now[0], 0.0, *now[2:]), task),
                    )
                # Whoever waited behind it for another may have it now.
                for slot in resources:
                    if slot not in busy and slot in self._parked:
                        self._freed[slot] = None
            elif now != order:
                heapq.heapreplace(lane.tasks, (now, task))
            else:
                return order
        return None

    def _offer(self, place: slots_.Slot, order: _Order) -> None:
        self._push(place, self._key(place, order))

    def _push(self, place: slots_.Slot, key: _Key) -> None:
        if place not in self._offered or key < self._offered[place]:
            self._offered[place] = key
            heapq.heappush(self._offers, (key, place))

    def _key(self, place: slots_.Slot, order: _Order) -> _Key:
        load = -order[1] if place == _OWN else self._load(place)
        load = max(load, self._load(slots_.ALL))
        return order[0], -load, *order[1:]

    def _order(self, task: Task) -> _Order:
        left = max(
            (self._work[slot] for slot in _resources(task)),
            default=task.expected,
        )
        return task.group, -left, -task.expected, *self._rank[task.id]

    def _places(self, task: Task) -> tuple[slots_.Slot, ...]:
        """What many can occupy at once, up to a limit."""
        return tuple(
            slot
            for slot in task.slots
            if slot[0] != slots_.RESOURCE and self._limits.get(slot[0])
        )

    def _load(self, place: slots_.Slot) -> float:
        limit = self._limits.get(place[0])
        return self._work.get(place, 0) / limit if limit else 0.0

    def _has_room(self, slot: slots_.Slot) -> bool:
        """Whether there is; if not, it is noted when some is given back."""
        limit = self._limits.get(slot[0], 0)
        if not limit or self._slots.used(slot) < limit:
            return True
        self._watch(slot)
        return False

    def _watch(self, slot: slots_.Slot) -> None:
        if slot not in self._watched:
            self._watched.add(slot)
            self._slots.watch(slot, self._freed)


def _resources(task: Task) -> list[slots_.Slot]:
    return [slot for slot in task.slots if slot[0] == slots_.RESOURCE]
