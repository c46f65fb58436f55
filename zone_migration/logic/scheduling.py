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

"""Which action of a plan may start now.

Continuous: there are no waves.  An action starts when its parents have ended
well and all its slots are free; one that is blocked holds nothing and does
not keep the next one that fits from starting.  The plan's order is the
priority.
"""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import heapq
from typing import Any

TOTAL = 'total'
NODE = 'node'
POOL = 'pool'
#: One operation at a time on a server or a volume.
RESOURCE = 'resource'

#: The direction of a move and the kind of its place, by the parameter of an
#: action that names it: ours, and those of Watcher's own ``migrate``.
_SERVER_SLOTS = {
    'source': (NODE, 'from'),
    'dst_hostname': (NODE, 'to'),
    'source_node': (NODE, 'from'),
    'destination_node': (NODE, 'to'),
}
_VOLUME_SLOTS = {'source': (POOL, 'from'), 'dst_hostname': (POOL, 'to')}

_SERVER_MOVES = frozenset({'live_migration', 'cold_migration', 'migrate'})
_VOLUME_MOVES = frozenset(
    {'volume_migration', 'volume_retype', 'volume_update'}
)

Slot = tuple[str, ...]


def slots_of(
    action_type: str, parameters: Mapping[str, Any]
) -> tuple[Slot, ...]:
    """What an action occupies while it runs, besides its share of the total.

    >>> slots_of('live_migration',
    ...          {'resource_id': 's', 'source': 'c1', 'dst_hostname': 'c2'})
    (('node', 'from', 'c1'), ('node', 'to', 'c2'), ('resource', 's'))
    """
    places: Mapping[str, tuple[str, str]] = {}
    if action_type in _SERVER_MOVES:
        places = _SERVER_SLOTS
    elif action_type in _VOLUME_MOVES:
        places = _VOLUME_SLOTS
    slots: list[Slot] = [
        (*place, str(parameters[name]))
        for name, place in places.items()
        if parameters.get(name)
    ]
    slots += [
        (RESOURCE, str(parameters[name]))
        for name in ('resource_id', 'server_id')
        if parameters.get(name)
    ]
    return tuple(slots)


@dataclasses.dataclass(frozen=True)
class Task:
    """An action as the scheduler sees it."""

    id: str
    parents: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()


class Slots:
    """How much of what is occupied.

    :param limits: by kind (TOTAL, NODE, POOL); 0 or none at all is no limit.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = {**limits, RESOURCE: 1}
        self._used: collections.Counter[Slot] = collections.Counter()

    def free(self, slots: Iterable[Slot]) -> bool:
        """Whether all of them have room for one more."""
        return all(
            not (limit := self._limits.get(slot[0], 0))
            or self._used[slot] < limit
            for slot in slots
        )

    def take(self, slots: Iterable[Slot]) -> None:
        """Occupy them."""
        self._used.update(slots)

    def give_back(self, slots: Iterable[Slot]) -> None:
        """Free them again."""
        for slot in slots:
            self._used[slot] -= 1
            if not self._used[slot]:
                del self._used[slot]


class Scheduler:
    """Chooses what starts next.

    :param tasks: in the order of the plan; ids are unique, parents that are
        not among them count as ended.
    """

    def __init__(self, tasks: Iterable[Task], slots: Slots) -> None:
        self._tasks = {task.id: task for task in tasks}
        self._rank = {id_: rank for rank, id_ in enumerate(self._tasks)}
        self._slots = slots
        self._children: dict[str, list[str]] = {}
        self._waits_for: dict[str, set[str]] = {}
        # Ready tasks that occupy the same places compete for nothing but
        # their turn: of each such group only the first can be the next.
        self._ready: dict[tuple[Slot, ...], list[tuple[int, str]]] = {}
        # Tasks whose turn had come while their resource was busy.
        self._parked: dict[Slot, list[Task]] = {}
        self.running: set[str] = set()
        for task in self._tasks.values():
            unmet = {p for p in task.parents if p in self._tasks}
            self._waits_for[task.id] = unmet
            for parent in unmet:
                self._children.setdefault(parent, []).append(task.id)
        for task in self._tasks.values():
            if not self._waits_for[task.id]:
                del self._waits_for[task.id]
                self._make_ready(task)

    def next(self) -> Task | None:
        """The first task that fits now, which occupies its slots from now on.

        None when nothing fits, or nothing is left.
        """
        while True:
            best = min(
                (
                    group[0]
                    for places, group in self._ready.items()
                    if self._slots.free(places)
                ),
                default=None,
            )
            if best is None:
                return None
            task = self._tasks[best[1]]
            self._pop(task)
            busy = [s for s in _resources(task) if not self._slots.free([s])]
            if busy:
                self._parked.setdefault(busy[0], []).append(task)
                continue
            self._slots.take(_occupied(task))
            self.running.add(task.id)
            return task

    def finished(self, task_id: str, well: bool) -> list[str]:
        """Free what the task occupied, and see to what depends on it.

        :param well: its children may start; otherwise they never will.
        :returns: the tasks that will never start now, nearest first.
        """
        if task_id in self.running:
            self.running.remove(task_id)
            task = self._tasks[task_id]
            self._slots.give_back(_occupied(task))
            for resource in _resources(task):
                for parked in self._parked.pop(resource, ()):
                    self._make_ready(parked)
        if not well:
            return self._drop_children(task_id)
        for child in self._children.pop(task_id, ()):
            waits_for = self._waits_for.get(child)
            if waits_for is not None:
                waits_for.discard(task_id)
                if not waits_for:
                    del self._waits_for[child]
                    self._make_ready(self._tasks[child])
        return []

    def stop(self) -> None:
        """Start nothing any more."""
        self._ready.clear()
        self._parked.clear()
        self._children.clear()

    def _make_ready(self, task: Task) -> None:
        heapq.heappush(
            self._ready.setdefault(_places(task), []),
            (self._rank[task.id], task.id),
        )

    def _pop(self, task: Task) -> None:
        """Take a task out of its group, of which it is the first."""
        places = _places(task)
        heapq.heappop(self._ready[places])
        if not self._ready[places]:
            del self._ready[places]

    def _drop_children(self, task_id: str) -> list[str]:
        dropped = []
        todo = collections.deque([task_id])
        while todo:
            for child in self._children.pop(todo.popleft(), ()):
                if self._waits_for.pop(child, None) is not None:
                    dropped.append(child)
                    todo.append(child)
        return dropped


def _places(task: Task) -> tuple[Slot, ...]:
    """What many can occupy at once, up to a limit."""
    return ((TOTAL,), *(s for s in task.slots if s[0] != RESOURCE))


def _resources(task: Task) -> list[Slot]:
    """What one can occupy at once."""
    return [slot for slot in task.slots if slot[0] == RESOURCE]


def _occupied(task: Task) -> tuple[Slot, ...]:
    return ((TOTAL,), *task.slots)
