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

"""The tasks that could start but for their slots, the next one first.

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

* Tasks that occupy the same places form a bucket: only its first can be next.
* A bucket waits at its most loaded place.  All that wait there have the same
  load, so their order there does not change when the load does.
* When a place gets lighter, only the buckets that thereby have a more loaded
  one wait there instead.
* A bucket that lacks another of its places is blocked.  When that is given
  back, it offers the best key that a bucket blocked there may have; only if it
  is still free when that key comes first are these buckets looked at.
* A task whose server or volume is busy is blocked until that is given back.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import heapq
import itertools

from zone_migration.logic.schedule import occupancy

#: Group, then what is left on its server or volume, its own expected
#: duration, what was the load of its other places (all three negative: the
#: most first) and its rank in the plan.
_Order = tuple[int, float, float, float, int]
#: The same with the load (negative) of where it waits behind the group.
_Key = tuple[int, float, float, float, float, int]


#: Where a bucket waits whose first task has more left to do on its own server
#: or volume than any of its places has.
_OWN: occupancy.Slot = ('own',)


@dataclasses.dataclass(frozen=True)
class Task:
    """An action as the scheduler sees it."""

    id: str
    parents: tuple[str, ...] = ()
    slots: tuple[occupancy.Slot, ...] = ()
    #: Strict priority, the lowest first.
    group: int = 0
    #: How long it will take, in any unit that is the same for all.
    expected: float = 0.0
    #: Nothing else starts before it has ended, well or not.
    barrier: bool = False


class _Bucket:
    """The ready tasks that occupy the same places."""

    def __init__(self, places: tuple[occupancy.Slot, ...]) -> None:
        self.places = places
        #: A heap; what is left on a server or volume may have become less.
        self.tasks: list[tuple[_Order, Task]] = []
        #: Where it waits; None when it is blocked or has no tasks.
        self.at: occupancy.Slot | None = None
        #: Tells its entry in the queue there from earlier ones.
        self.version = 0
        #: What it lacks while it is blocked.
        self.lacks: occupancy.Slot | None = None
        #: By place, the largest load of what else it has that is noted there.
        self.other_loads: dict[occupancy.Slot, float] = {}


class ReadyQueue:
    """The tasks that are ready, in the order in which they should start.

    The caller holds the lock of the slots.

    :param tasks: all of the plan, in its order: they are the load.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        limits: Mapping[str, int],
        slots: occupancy.Slots,
    ) -> None:
        self._limits = {
            **limits,
            occupancy.RESOURCE: 1,
            occupancy.SERVICE: occupancy.ANY_NUMBER,
        }
        self._slots = slots
        #: By task what decides between equals.
        self._rank: dict[str, tuple[float, int]] = {}
        #: What is left to be done on each slot.
        self._work: dict[occupancy.Slot, float] = {}
        self._ready: set[str] = set()
        self._buckets: dict[tuple[occupancy.Slot, ...], _Bucket] = {}
        self._buckets_with: dict[occupancy.Slot, list[_Bucket]] = {}
        self._versions = itertools.count(1)
        #: By place, heaps of the buckets that wait there.
        self._queues: dict[
            occupancy.Slot, list[tuple[_Order, int, _Bucket]]
        ] = {}
        #: By place, heaps of its buckets by the load of what else they need.
        self._other_loads: dict[
            occupancy.Slot, list[tuple[float, int, _Bucket]]
        ] = {}
        #: A heap of the places where a bucket waits, by its key.
        #: Loads get less, so a key is too good at worst, until looked at.
        self._offers: list[tuple[_Key, occupancy.Slot]] = []
        self._offered: dict[occupancy.Slot, _Key] = {}
        #: By place that is full, the buckets that lack it, and what none of
        #: their keys is better than.
        self._blocked_buckets: dict[occupancy.Slot, list[_Bucket]] = {}
        self._bounds: dict[occupancy.Slot, _Key] = {}
        #: By server or volume that is busy, those that wait for it: heaps,
        #: in which what is left on it is the same for all.
        self._blocked_tasks: dict[
            occupancy.Slot,
            dict[_Bucket, list[tuple[_Order, Task]]],
        ] = {}
        self._watched: set[occupancy.Slot] = set()
        self._freed: dict[occupancy.Slot, None] = {}
        tasks = list(tasks)
        for task in tasks:
            for slot in (occupancy.ALL, *task.slots):
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
        bucket = self._buckets.get(places)
        if bucket is None:
            bucket = self._buckets[places] = _Bucket(places)
            for place in places:
                self._buckets_with.setdefault(place, []).append(bucket)
        self._enter(bucket, task)

    def discard(self, task: Task) -> None:
        """It shall not start any more."""
        self._ready.discard(task.id)

    def heavier(self, slot: occupancy.Slot, work: float) -> None:
        """There is more to be done on it than was known."""
        self._work[slot] = self._work.get(slot, 0) + work
        for bucket in self._buckets_with.get(slot, ()):
            if bucket.lacks is None:
                self._settle(bucket)
            elif bucket.tasks:
                self._bound(bucket, bucket.lacks, bucket.tasks[0][0])

    def lighter(self, slot: occupancy.Slot, work: float) -> None:
        """Some of what was to be done on it is done."""
        self._work[slot] -= work
        other_loads = self._other_loads.get(slot)
        while other_loads and -other_loads[0][0] > self._load(slot):
            bound, _, bucket = heapq.heappop(other_loads)
            if bucket.other_loads.get(slot) == -bound:
                del bucket.other_loads[slot]
            if bucket.at == slot:
                self._settle(bucket)

    def next(self) -> Task | None:
        """The task that starts next; its slots are free."""
        while True:
            self._attend()
            if not self._offers or not self._has_room(occupancy.ALL):
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
            order, bucket = first
            if self._key(place, order) != key:
                self._offer(place, order)
                continue
            queue = self._queues[place]
            heapq.heappop(queue)
            if queue:
                self._offer(place, queue[0][0])
            bucket.at = None
            full = [slot for slot in bucket.places if not self._has_room(slot)]
            if full:
                bucket.lacks = full[0]
                self._blocked_buckets.setdefault(full[0], []).append(bucket)
                self._bound(bucket, full[0], order)
                continue
            task = heapq.heappop(bucket.tasks)[1]
            self._ready.discard(task.id)
            self._settle(bucket)
            return task

    def _attend(self) -> None:
        """Look to those who waited for what has been given back."""
        while self._freed:
            slot, _ = self._freed.popitem()
            self._watched.discard(slot)
            if slot in self._blocked_buckets:
                self._push(slot, self._bounds[slot])
            queue = self._queues.get(slot)
            if queue:
                self._offer(slot, queue[0][0])
            # Of each bucket one: the others would find it busy again.
            blocked = self._blocked_tasks.get(slot, {})
            for bucket in list(blocked):
                task = heapq.heappop(blocked[bucket])[-1]
                if not blocked[bucket]:
                    del blocked[bucket]
                self._enter(bucket, task)
            if blocked:
                self._watch(slot)
            else:
                self._blocked_tasks.pop(slot, None)

    def _recall(self, place: occupancy.Slot) -> bool:
        """Let the buckets that lacked the place wait for others again.

        Not when it is given back, as others take most of what is.
        """
        buckets = self._blocked_buckets.pop(place, [])
        self._bounds.pop(place, None)
        for bucket in buckets:
            bucket.lacks = None
            self._settle(bucket)
        queue = self._queues.get(place)
        if buckets and queue:
            self._offer(place, queue[0][0])
        return bool(buckets)

    def _bound(
        self, bucket: _Bucket, lacks: occupancy.Slot, order: _Order
    ) -> None:
        """The key of a bucket that is blocked may be as good as this one."""
        loads = self._loads(bucket, order)
        key = self._key(max(loads, key=loads.__getitem__), order)
        known = self._bounds.get(lacks)
        if known is None or key < known:
            self._bounds[lacks] = key
            if lacks in self._offered:
                self._push(lacks, key)

    def _enter(self, bucket: _Bucket, task: Task) -> None:
        entry = (self._order(task), task)
        heapq.heappush(bucket.tasks, entry)
        if bucket.tasks[0] is not entry:
            return
        if bucket.lacks is None:
            self._settle(bucket)
        else:
            self._bound(bucket, bucket.lacks, entry[0])

    def _settle(self, bucket: _Bucket) -> None:
        """Let it wait at the most loaded of its places."""
        bucket.at = None
        order = self._top(bucket)
        if order is None:
            return
        loads = self._loads(bucket, order)
        bucket.at = at = max(loads, key=loads.__getitem__)
        bucket.version = next(self._versions)
        heapq.heappush(
            self._queues.setdefault(at, []), (order, bucket.version, bucket)
        )
        self._offer(at, order)
        del loads[at]
        other_load = max(loads.values(), default=0.0)
        if at != _OWN and other_load > bucket.other_loads.get(at, -1.0):
            bucket.other_loads[at] = other_load
            heapq.heappush(
                self._other_loads.setdefault(at, []),
                (-other_load, bucket.version, bucket),
            )

    def _loads(
        self, bucket: _Bucket, order: _Order
    ) -> dict[occupancy.Slot, float]:
        """What is left to be done where it may wait."""
        loads = {place: self._load(place) for place in bucket.places}
        loads[_OWN] = -order[1]
        return loads

    def _first(self, place: occupancy.Slot) -> tuple[_Order, _Bucket] | None:
        """The first bucket that waits at the place, with its true order."""
        queue = self._queues[place]
        while queue:
            order, version, bucket = queue[0]
            if bucket.at == place and bucket.version == version:
                if self._top(bucket) == order:
                    return order, bucket
                heapq.heappop(queue)
                self._settle(bucket)
            else:
                heapq.heappop(queue)
        return None

    def _top(self, bucket: _Bucket) -> _Order | None:
        """The order of its first task, whose server or volume is free."""
        while bucket.tasks:
            order, task = bucket.tasks[0]
            resources = _resources(task)
            busy = [slot for slot in resources if not self._has_room(slot)]
            now = self._order(task)
            if busy or task.id not in self._ready:
                heapq.heappop(bucket.tasks)
                if task.id in self._ready:
                    heapq.heappush(
                        self._blocked_tasks.setdefault(busy[0], {}).setdefault(
                            bucket, []
                        ),
                        ((now[0], 0.0, *now[2:]), task),
                    )
                # Whoever waited behind it for another may have it now.
                for slot in resources:
                    if slot not in busy and slot in self._blocked_tasks:
                        self._freed[slot] = None
            elif now != order:
                heapq.heapreplace(bucket.tasks, (now, task))
            else:
                return order
        return None

    def _offer(self, place: occupancy.Slot, order: _Order) -> None:
        self._push(place, self._key(place, order))

    def _push(self, place: occupancy.Slot, key: _Key) -> None:
        if place not in self._offered or key < self._offered[place]:
            self._offered[place] = key
            heapq.heappush(self._offers, (key, place))

    def _key(self, place: occupancy.Slot, order: _Order) -> _Key:
        load = -order[1] if place == _OWN else self._load(place)
        load = max(load, self._load(occupancy.ALL))
        return order[0], -load, *order[1:]

    def _order(self, task: Task) -> _Order:
        left = max(
            (self._work[slot] for slot in _resources(task)),
            default=task.expected,
        )
        return task.group, -left, -task.expected, *self._rank[task.id]

    def _places(self, task: Task) -> tuple[occupancy.Slot, ...]:
        """What many can occupy at once, up to a limit."""
        return tuple(
            slot
            for slot in task.slots
            if slot[0] != occupancy.RESOURCE and self._limits.get(slot[0])
        )

    def _load(self, place: occupancy.Slot) -> float:
        limit = self._limits.get(place[0])
        return self._work.get(place, 0) / limit if limit else 0.0

    def _has_room(self, slot: occupancy.Slot) -> bool:
        """Whether there is; if not, it is noted when some is given back."""
        limit = self._limits.get(slot[0], 0)
        if not limit or self._slots.used(slot) < limit:
            return True
        self._watch(slot)
        return False

    def _watch(self, slot: occupancy.Slot) -> None:
        if slot not in self._watched:
            self._watched.add(slot)
            self._slots.watch(slot, self._freed)


def _resources(task: Task) -> list[occupancy.Slot]:
    return [slot for slot in task.slots if slot[0] == occupancy.RESOURCE]
