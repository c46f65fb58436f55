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

"""Ready tasks that occupy the same places, and which of them comes first."""

import heapq

from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import workload

#: A heap.
Tasks = list[tuple[workload.Order, workload.Task]]


class Bucket:
    """The ready tasks that occupy the same places."""

    def __init__(self, places: tuple[occupancy.Slot, ...]) -> None:
        self.places = places
        #: A heap; what is left on a server or volume may have become less.
        self.tasks: Tasks = []
        #: Where it waits; None when it is blocked or has no tasks.
        self.at: occupancy.Slot | None = None
        #: Tells its entry in the queue there from earlier ones.
        self.version = 0
        #: What it lacks while it is blocked; () when it is not.
        self.lacks: occupancy.Slot = ()
        #: By place, the largest load of what else it has that is noted there.
        self.other_loads: dict[occupancy.Slot, float] = {}

    def remove(self, task_id: str) -> None:
        """Take a task out, wherever it is."""
        self.tasks = _without(self.tasks, task_id)


#: Heaps, in which the version tells an entry of a bucket from earlier ones.
Queue = list[tuple[workload.Order, int, Bucket]]
Loads = list[tuple[float, int, Bucket]]


class BlockedTasks:
    """The tasks that wait for their server or volume, which is busy.

    By that and by bucket, heaps in which what is left on it is the same for
    all.
    """

    def __init__(self) -> None:
        self._heaps: dict[occupancy.Slot, dict[Bucket, Tasks]] = {}

    def __contains__(self, resource: occupancy.Slot) -> bool:
        return resource in self._heaps

    def add(
        self,
        resource: occupancy.Slot,
        bucket: Bucket,
        order: workload.Order,
        task: workload.Task,
    ) -> None:
        """Let a task of a bucket wait for a server or volume."""
        heaps = self._heaps.setdefault(resource, {})
        entry = ((order[0], 0.0, *order[2:]), task)
        heapq.heappush(heaps.setdefault(bucket, []), entry)

    def pop(
        self, resource: occupancy.Slot
    ) -> list[tuple[Bucket, workload.Task]]:
        """Take the first task of each bucket out that waits for it."""
        heaps = self._heaps.get(resource, {})
        first = [
            (bucket, heapq.heappop(heap)[1]) for bucket, heap in heaps.items()
        ]
        self._keep(resource, heaps)
        return first

    def remove(self, bucket: Bucket, task_id: str) -> None:
        """Take a task of a bucket out, whatever it waits for."""
        for resource, heaps in list(self._heaps.items()):
            if bucket in heaps:
                heaps[bucket] = _without(heaps[bucket], task_id)
                self._keep(resource, heaps)

    def _keep(
        self, resource: occupancy.Slot, heaps: dict[Bucket, Tasks]
    ) -> None:
        """Keep what is left of the heaps of a server or volume."""
        self._heaps[resource] = {b: heap for b, heap in heaps.items() if heap}
        if not self._heaps[resource]:
            del self._heaps[resource]


def _without(heap: Tasks, task_id: str) -> Tasks:
    """A heap without a task."""
    left = [entry for entry in heap if entry[1].id != task_id]
    heapq.heapify(left)
    return left


class Offers:
    """The places where a bucket waits, by the key of the first one there.

    Loads get less, so a key is too good at worst, until it is looked at.
    """

    def __init__(self) -> None:
        #: A heap with all that were offered, also before.
        self._heap: list[tuple[workload.Key, occupancy.Slot]] = []
        self._best: dict[occupancy.Slot, workload.Key] = {}

    def __bool__(self) -> bool:
        return bool(self._best)

    def __contains__(self, place: occupancy.Slot) -> bool:
        return place in self._best

    def push(self, place: occupancy.Slot, key: workload.Key) -> None:
        """Offer a place, unless it has as good a key already."""
        if place not in self._best or key < self._best[place]:
            self._best[place] = key
            heapq.heappush(self._heap, (key, place))

    def pop(self) -> tuple[workload.Key, occupancy.Slot]:
        """Take the place with the best key out."""
        while True:
            key, place = heapq.heappop(self._heap)
            if self._best.get(place) == key:
                del self._best[place]
                return key, place
