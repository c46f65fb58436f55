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
import heapq
import itertools

from zone_migration.logic.schedule import blocking
from zone_migration.logic.schedule import buckets
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import workload


class ReadyQueue:
    """The tasks that are ready, in the order in which they should start.

    The caller holds the lock of the slots.

    :param tasks: all of the plan, in its order: they are the load.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """

    def __init__(
        self,
        tasks: Iterable[workload.Task],
        limits: Mapping[str, int],
        slots: occupancy.Slots,
    ) -> None:
        self._limits = occupancy.with_fixed(limits)
        self._workload = workload.Workload(tasks, self._limits)
        self._slots = slots
        self._ready: dict[str, workload.Task] = {}
        self._buckets: dict[tuple[occupancy.Slot, ...], buckets.Bucket] = {}
        self._buckets_with: dict[occupancy.Slot, list[buckets.Bucket]] = {}
        self._versions = itertools.count(1)
        #: By place, heaps of the buckets that wait there.
        self._queues: dict[occupancy.Slot, buckets.Queue] = {}
        #: By place, heaps of its buckets by the load of what else they need.
        self._other_loads: dict[occupancy.Slot, buckets.Loads] = {}
        self._offers = buckets.Offers()
        #: By place that is full, the buckets that lack it, and what none of
        #: their keys is better than.
        self._blocked_buckets: dict[occupancy.Slot, list[buckets.Bucket]] = {}
        self._bounds: dict[occupancy.Slot, workload.Key] = {}
        self._blocked_tasks = buckets.BlockedTasks()
        self._watched: set[occupancy.Slot] = set()
        self._freed: dict[occupancy.Slot, None] = {}
        self.last_waits = blocking.LastWaits()

    @property
    def any_ready(self) -> bool:
        """Whether a task could start, but for its slots at most."""
        return bool(self._ready)

    def add(self, task: workload.Task, after: str = '') -> None:
        """Queue a task that could start now, as another one has ended."""
        self._ready[task.id] = task
        self.last_waits.ready(task.id, after, bool(self._freed))
        places = self._workload.places(task)
        bucket = self._buckets.get(places)
        if bucket is None:
            bucket = self._buckets[places] = buckets.Bucket(places)
            for place in places:
                self._buckets_with.setdefault(place, []).append(bucket)
        self._enter(bucket, task)

    def discard(self, task: workload.Task) -> None:
        """Forget a task that shall not start any more."""
        self._ready.pop(task.id, None)

    def adopt(self, task_id: str) -> workload.Task | None:
        """Take out a task that is under way already, None if it cannot start.

        It adds nothing to what moves: its places need not be free.
        """
        task = self._ready.get(task_id)
        if not task or not all(map(self._is_free, workload.rest(task))):
            return None
        bucket = self._buckets[self._workload.places(task)]
        bucket.remove(task_id)
        self._blocked_tasks.remove(bucket, task_id)
        return self._ready.pop(task_id)

    def heavier(self, slot: occupancy.Slot, work: float) -> None:
        """Count more work on a slot than was known."""
        self._workload.add(slot, work)
        for bucket in self._buckets_with.get(slot, ()):
            if not bucket.lacks:
                self._settle(bucket)
            elif bucket.tasks:
                self._bound(bucket, bucket.tasks[0][0])

    def lighter(self, slot: occupancy.Slot, work: float) -> None:
        """Count less work on a slot, as some is done."""
        self._workload.add(slot, -work)
        other_loads = self._other_loads.get(slot)
        while other_loads and -other_loads[0][0] > self._workload.load(slot):
            bound, _, bucket = heapq.heappop(other_loads)
            if bucket.other_loads.get(slot) == -bound:
                del bucket.other_loads[slot]
            if bucket.at == slot:
                self._settle(bucket)

    def next(self, place_of: occupancy.Slot = ()) -> workload.Task | None:
        """Take out the task that starts next; its slots are free.

        :param place_of: what it has to occupy to be taken out.
        """
        while True:
            self._attend()
            if not self._offers or not self._is_free(occupancy.ALL):
                return None
            key, place = self._offers.pop()
            if not self._is_free(place) or self._recall(place):
                continue
            first = self._first(place)
            if first is None:
                continue
            order, bucket = first
            if self._workload.key(place, order) != key:
                self._offer(place, order)
                continue
            queue = self._queues[place]
            heapq.heappop(queue)
            if queue:
                self._offer(place, queue[0][0])
            bucket.at = None
            full = [slot for slot in bucket.places if not self._is_free(slot)]
            if full:
                bucket.lacks = full[0]
                self._blocked_buckets.setdefault(full[0], []).append(bucket)
                self._bound(bucket, order)
                continue
            if place_of and place_of not in bucket.places:
                self._settle(bucket)
                return None
            task = heapq.heappop(bucket.tasks)[1]
            self._settle(bucket)
            return self._ready.pop(task.id)

    def _attend(self) -> None:
        """Offer those that waited for the slots that were released."""
        self.last_waits.freed(self._freed)
        while self._freed:
            slot, _ = self._freed.popitem()
            self._watched.discard(slot)
            if slot in self._blocked_buckets:
                self._offers.push(slot, self._bounds[slot])
            if queue := self._queues.get(slot):
                self._offer(slot, queue[0][0])
            # Of each bucket one: the others would find it busy again.
            for bucket, task in self._blocked_tasks.pop(slot):
                self._enter(bucket, task)
            if slot in self._blocked_tasks:
                self._watch(slot)

    def _recall(self, place: occupancy.Slot) -> bool:
        """Let the buckets that lacked the place wait for others again.

        Not when it is released, as others take most of what is.
        """
        blocked = self._blocked_buckets.pop(place, [])
        self._bounds.pop(place, None)
        for bucket in blocked:
            bucket.lacks = ()
            self._settle(bucket)
        if blocked and (queue := self._queues.get(place)):
            self._offer(place, queue[0][0])
        return bool(blocked)

    def _bound(self, bucket: buckets.Bucket, order: workload.Order) -> None:
        """Note that the key of a blocked bucket may be as good as this."""
        loads = self._workload.loads(bucket.places, order)
        key = self._workload.key(max(loads, key=loads.__getitem__), order)
        known = self._bounds.get(bucket.lacks)
        if known is None or key < known:
            self._bounds[bucket.lacks] = key
            if bucket.lacks in self._offers:
                self._offers.push(bucket.lacks, key)

    def _enter(self, bucket: buckets.Bucket, task: workload.Task) -> None:
        """Put a task into its bucket."""
        entry = (self._workload.order(task), task)
        heapq.heappush(bucket.tasks, entry)
        if bucket.tasks[0] is entry:
            if bucket.lacks:
                self._bound(bucket, entry[0])
            else:
                self._settle(bucket)

    def _settle(self, bucket: buckets.Bucket) -> None:
        """Let a bucket wait at the most loaded of its places."""
        bucket.at = None
        order = self._top(bucket)
        if order is None:
            return
        loads = self._workload.loads(bucket.places, order)
        bucket.at = at = max(loads, key=loads.__getitem__)
        bucket.version = next(self._versions)
        queue = self._queues.setdefault(at, [])
        heapq.heappush(queue, (order, bucket.version, bucket))
        self._offer(at, order)
        del loads[at]
        load = max(loads.values(), default=0.0)
        if at != workload.OWN and load > bucket.other_loads.get(at, -1.0):
            bucket.other_loads[at] = load
            entry = (-load, bucket.version, bucket)
            heapq.heappush(self._other_loads.setdefault(at, []), entry)

    def _first(
        self, place: occupancy.Slot
    ) -> tuple[workload.Order, buckets.Bucket] | None:
        """The first bucket that waits at a place, with its true order."""
        queue = self._queues[place]
        while queue:
            order, version, bucket = queue[0]
            is_current = (bucket.at, bucket.version) == (place, version)
            if is_current and self._top(bucket) == order:
                return order, bucket
            heapq.heappop(queue)
            if is_current:
                self._settle(bucket)
        return None

    def _top(self, bucket: buckets.Bucket) -> workload.Order | None:
        """The order of a bucket's first task whose resources are free."""
        while bucket.tasks:
            order, task = bucket.tasks[0]
            resources = workload.resources(task)
            busy = [slot for slot in resources if not self._is_free(slot)]
            now = self._workload.order(task)
            if busy or task.id not in self._ready:
                heapq.heappop(bucket.tasks)
                if task.id in self._ready:
                    self._blocked_tasks.add(busy[0], bucket, now, task)
                # Whoever waited behind it for another may have it now.
                for slot in resources:
                    if slot not in busy and slot in self._blocked_tasks:
                        self._freed[slot] = None
            elif now != order:
                heapq.heapreplace(bucket.tasks, (now, task))
            else:
                return order
        return None

    def _offer(self, place: occupancy.Slot, order: workload.Order) -> None:
        """Offer a place for the first bucket that waits there."""
        self._offers.push(place, self._workload.key(place, order))

    def _is_free(self, slot: occupancy.Slot) -> bool:
        """Whether a slot has room; if not, note when it is released."""
        limit = self._limits.get(slot[0], 0)
        if not limit or self._slots.is_free(slot, limit):
            return True
        self._watch(slot)
        return False

    def _watch(self, slot: occupancy.Slot) -> None:
        """Have it noted once when a slot is released."""
        if slot not in self._watched:
            self._watched.add(slot)
            self._slots.watch(slot, self._freed)
