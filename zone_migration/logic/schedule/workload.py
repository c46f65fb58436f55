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

"""The work that is left on each place, which decides what starts next."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses

from zone_migration.logic.schedule import occupancy

#: Group, then what is left on its server or volume, its own expected
#: duration, what was the load of its other places (all three negative: the
#: most first) and its rank in the plan.
Order = tuple[int, float, float, float, int]
#: The same with the load (negative) of where it waits behind the group.
Key = tuple[int, float, float, float, float, int]


#: Where a bucket waits whose first task has more left to do on its own server
#: or volume than any of its places has.
OWN: occupancy.Slot = ('own',)


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
    barrier: str = ''
    #: The kind of place that it looks at when all others have ended: HOST or
    #: POOL; '' for what does not wait for that.
    proves: str = ''
    #: Whether it has failed before: it starts where no other can.
    is_deferred: bool = False


class Workload:
    """The work that is left of a plan, by the slots that it needs.

    :param tasks: all of the plan, in its order.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """

    def __init__(
        self, tasks: Iterable[Task], limits: Mapping[str, int]
    ) -> None:
        self._limits = limits
        self._left: dict[occupancy.Slot, float] = {}
        #: By task what decides between equals.
        self._rank: dict[str, tuple[float, int]] = {}
        tasks = list(tasks)
        for task in tasks:
            for slot in (occupancy.ALL, *task.slots):
                self.add(slot, task.expected)
        for rank, task in enumerate(tasks):
            loads = [self.load(place) for place in self.places(task)]
            self._rank[task.id] = (max(loads, default=0) - sum(loads), rank)

    def add(self, slot: occupancy.Slot, work: float) -> None:
        """Count more work on a slot, or less where it is negative."""
        self._left[slot] = self._left.get(slot, 0) + work

    def places(self, task: Task) -> tuple[occupancy.Slot, ...]:
        """The slots of a task that many can occupy at once, up to a limit."""
        return tuple(
            slot
            for slot in task.slots
            if slot[0] != occupancy.RESOURCE and self._limits.get(slot[0])
        )

    def load(self, place: occupancy.Slot) -> float:
        """How long a place needs at least for what is left there.

        What any number may occupy takes no time.
        """
        limit = self._limits.get(place[0]) or occupancy.ANY_NUMBER
        if limit == occupancy.ANY_NUMBER:
            return 0.0
        return self._left.get(place, 0) / limit

    def loads(
        self, places: Iterable[occupancy.Slot], order: Order
    ) -> dict[occupancy.Slot, float]:
        """The loads of the places where tasks may wait, and :data:`OWN`.

        :param order: that of the first of the tasks.
        """
        found = {place: self.load(place) for place in places}
        found[OWN] = -order[1]
        return found

    def order(self, task: Task) -> Order:
        """The order of a task among those that occupy the same places."""
        left = max(
            (self._left[slot] for slot in resources(task)),
            default=task.expected,
        )
        return task.group, -left, -task.expected, *self._rank[task.id]

    def key(self, place: occupancy.Slot, order: Order) -> Key:
        """The order among all tasks of one that waits at a place."""
        load = -order[1] if place == OWN else self.load(place)
        load = max(load, self.load(occupancy.ALL))
        return order[0], -load, *order[1:]

    def first_key(self, task: Task) -> Key:
        """The order of a task among all, at the most loaded of its places."""
        order = self.order(task)
        loads = self.loads(self.places(task), order)
        return self.key(max(loads, key=loads.__getitem__), order)


def resources(task: Task) -> list[occupancy.Slot]:
    """The server and the volume that a task needs for itself."""
    return [slot for slot in task.slots if slot[0] == occupancy.RESOURCE]


def rest(task: Task) -> list[occupancy.Slot]:
    """What a task occupies beside its places, with its share of the total."""
    places = {*occupancy.places(task.slots)}
    others = (slot for slot in task.slots if slot not in places)
    return [occupancy.ALL, *others]
