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
        #: What it lacks while it is blocked.
        self.lacks: occupancy.Slot | None = None
        #: By place, the largest load of what else it has that is noted there.
        self.other_loads: dict[occupancy.Slot, float] = {}


#: Heaps, in which the version tells an entry of a bucket from earlier ones.
Queue = list[tuple[workload.Order, int, Bucket]]
Loads = list[tuple[float, int, Bucket]]


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
