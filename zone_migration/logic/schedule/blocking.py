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


"""What keeps the tasks of a plan from starting, and what did until now."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses

from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import workload

#: Which of the slots that became free at once is told: what limits a host or
#: a pool, before what limits the whole plan, before what belongs to the task.
_TOLD_FIRST = {
    occupancy.NODE: 0,
    occupancy.POOL: 0,
    occupancy.TOTAL: 1,
    occupancy.RESOURCE: 2,
    occupancy.SERVICE: 2,
    occupancy.QUEUE: 2,
}


@dataclasses.dataclass(frozen=True)
class FullSlot:
    """A slot that nobody else may occupy now."""

    slot: occupancy.Slot
    used: int
    limit: int
    #: How many of those that use it are not of the plan that waits.
    others: int = 0


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A task that has yet to start, and what keeps it from that."""

    task: workload.Task
    #: The id of a task that has to end before; '' if there is none.
    after: str = ''
    #: Those of its slots that are full, unless it waits for a task.
    full: tuple[FullSlot, ...] = ()


class Looks:
    """The slots as they are now, each looked at once.

    The caller holds the lock of the slots.

    :param limits: by kind of slot; 0 or none at all is no limit.
    :param own: what each action of the plan occupies.
    """

    def __init__(
        self,
        slots: occupancy.Slots,
        limits: Mapping[str, int],
        own: Iterable[Iterable[occupancy.Slot]],
    ) -> None:
        self._own = occupancy.Slots()
        for occupied in own:
            self._own.occupy(occupied)
        self._slots = slots
        self._limits = limits
        self._seen: dict[occupancy.Slot, FullSlot] = {}

    def full(self, task: workload.Task) -> tuple[FullSlot, ...]:
        """The slots of a task that are full, that of the total the last."""
        seen = map(self._look, (*task.slots, occupancy.ALL))
        return tuple(
            one
            for one in seen
            if 0 < one.limit <= one.used and not self._is_untold(one.slot)
        )

    def _is_untold(self, slot: occupancy.Slot) -> bool:
        """Whether a slot is closed for a moment only."""
        return slot[0] == occupancy.SERVICE and not self._slots.why_closed(
            slot
        )

    def _look(self, slot: occupancy.Slot) -> FullSlot:
        """Look at a slot, unless it was seen already."""
        if slot not in self._seen:
            used = self._slots.used(slot)
            self._seen[slot] = FullSlot(
                slot,
                used,
                self._limits.get(slot[0], 0),
                used - self._own.used(slot),
            )
        return self._seen[slot]


def waiting(
    tasks: Iterable[workload.Task],
    unmet: Mapping[str, Collection[str]],
    barriers: Collection[str],
    looks: Looks,
) -> list[Waiting]:
    """What keeps tasks from starting now, in their order.

    :param tasks: those that have yet to start.
    :param unmet: by task, those of its parents that have not ended.
    :param barriers: the tasks that have to end before all others.
    :param looks: at the slots.
    """
    barrier = min(barriers, default='')
    found = []
    for task in tasks:
        parents = unmet.get(task.id, ())
        after = next((one for one in task.parents if one in parents), '')
        if not after and task.id not in barriers:
            after = barrier
        found.append(Waiting(task, after, () if after else looks.full(task)))
    return found


def next_first(
    found: Iterable[Waiting],
    left: Iterable[workload.Task],
    limits: Mapping[str, int],
) -> list[Waiting]:
    """What waits, in the order in which it would start now.

    What waits for a task comes behind what waits for slots alone.

    :param left: all tasks that have yet to end, in the order of the plan.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """
    load = workload.Workload(left, limits)
    return sorted(
        found, key=lambda one: (one.after != '', load.first_key(one.task))
    )


class LastWaits:
    """What each task has waited for last, before it could start.

    That is the slot of it that became free last, if any did since it was
    ready; otherwise the task that made it ready.

    >>> waits = LastWaits()
    >>> task = workload.Task('a', slots=(('node', 'from', 'c1'),))
    >>> waits.ready('a')
    >>> waits.freed([('node', 'from', 'c1'), ('total',)])
    >>> waits.slot(task)
    ('node', 'from', 'c1')
    """

    def __init__(self) -> None:
        self._count = 0
        #: When somebody last waited for a slot that became free then.
        self._freed: dict[occupancy.Slot, int] = {}
        self._ready: dict[str, int] = {}
        #: By task, the one that it waited for last.
        self._after: dict[str, str] = {}

    def ready(
        self, task_id: str, after: str = '', as_slots_are_freed: bool = False
    ) -> None:
        """A task waits for nothing but its slots from now on.

        :param after: the task that it has waited for until now.
        :param as_slots_are_freed: some are free that :meth:`freed` has yet
            to be told.
        """
        self._ready[task_id] = self._count + as_slots_are_freed
        self._after[task_id] = after

    def freed(self, slots: Collection[occupancy.Slot]) -> None:
        """Some slots are free again that somebody waits for."""
        self._count += bool(slots)
        for slot in slots:
            self._freed[slot] = self._count

    def slot(self, task: workload.Task) -> occupancy.Slot | None:
        """The slot that a task has waited for last, None if for none."""
        since = self._ready.get(task.id, 0)
        slots = (*task.slots, occupancy.ALL)
        freed = [slot for slot in slots if self._freed.get(slot, 0) > since]
        return min(
            freed,
            key=lambda slot: (-self._freed[slot], _TOLD_FIRST[slot[0]]),
            default=None,
        )

    def after(self, task_id: str) -> str:
        """The id of the task that it has waited for last, '' if for none."""
        return self._after.get(task_id, '')
