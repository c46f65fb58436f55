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
as they must and all its slots are free; one that is blocked holds nothing and
does not keep the next one that fits from starting.  Only what is a
``barrier`` makes all others wait until it has ended, well or not.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from zone_migration.logic.schedule import blocking
from zone_migration.logic.schedule import dependencies
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import queue_ahead
from zone_migration.logic.schedule import queues
from zone_migration.logic.schedule import requirements
from zone_migration.logic.schedule import workload

Task = workload.Task


class Scheduler:
    """Chooses what starts next.  Any thread may use it.

    :param tasks: in the order of the plan; ids are unique, parents that are
        not among them count as ended.
    :param limits: by kind (TOTAL, NODE, POOL), of what all plans together
        occupy; 0 or none at all is no limit.
    :param slots: shared by all plans of the process.
    :param begun: the ids of those that run already, whatever they depend on,
        and beyond the limits where need be.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        limits: Mapping[str, int],
        slots: occupancy.Slots,
        begun: Collection[str] = (),
    ) -> None:
        self._slots = slots
        self._limits = occupancy.with_fixed(limits)
        #: Neither finished nor dropped, in the order of the plan.
        self._left = {task.id: task for task in tasks}
        self._queues = queues.Queues(self._left.values(), limits, slots)
        self._dependencies = dependencies.Dependencies()
        #: What a running task uses, where that is not what was planned.
        self._instead: dict[str, list[occupancy.Slot]] = {}
        self.queue_ahead = queue_ahead.QueueAhead(slots, limits, self._used_by)
        #: What was requeued until a task that runs has ended.
        self._until_an_end: dict[str, None] = {}
        #: What runs until a slot is open again, and then anew.
        self.suspended: dict[str, occupancy.Slot] = {}
        self._barriers = dependencies.Barriers()
        self._stopped = False
        self.running: set[str] = set(begun)
        #: What each task that ran has occupied in the end, but for its share
        #: of the total.
        self.used: dict[str, Sequence[occupancy.Slot]] = {}
        for task in self._left.values():
            parents = () if task.id in self.running else task.parents
            self._dependencies.add(task.id, self._left.keys() & parents)
            # One that itself depends on another cannot be before all.
            if task.barrier and task.id not in self._dependencies.waits_for:
                self._barriers.ids.add(task.id)
        with slots.lock:
            for task in self._left.values():
                if task.id in self.running:
                    self._slots.occupy(self._occupied(task))
                    self.queue_ahead.started(task)
                elif task.id not in self._dependencies.waits_for:
                    self._make_ready(task)

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing will start by itself."""
        with self._slots.lock:
            return not self.running and (
                self._stopped or not self._queues.any_ready
            )

    def next(self) -> Task | None:
        """The first task that fits now, which occupies its slots from now on.

        None when nothing fits.  What was suspended, or others have begun,
        comes first, in any case; what was deferred when no other fits.
        """
        with self._slots.lock:
            for task_id, slot in self.suspended.items():
                if not self._slots.why_closed(slot):
                    del self.suspended[task_id]
                    return self._left[task_id]
            if self._stopped:
                return None
            task = self._queues.next(self.queue_ahead)
            if task is not None:
                self._slots.occupy(self._occupied(task))
                self.queue_ahead.started(task)
                self.running.add(task.id)
            return task

    def occupy(self, task_id: str, slot: occupancy.Slot) -> None:
        """A running task uses this too, as only now is known.

        It holds the slot even beyond the limit, and gives it back with the
        others.  A place is occupied instead of the one before.
        Nothing happens when it has ended meanwhile.
        """
        with self._slots.lock:
            if task_id not in self.running:
                return
            task = self._left[task_id]
            held = self._used_by(task)
            if slot in held:
                return
            given_up = requirements.given_up_for(slot, self._occupied(task))
            kept = [one for one in held if one not in given_up]
            self._instead[task_id] = [*kept, slot]
            self._slots.occupy([slot])
            self._slots.release(given_up)
            self._queues.weigh(task, held, self._instead[task_id])
        if given_up:
            self._slots.wake()

    def claim(self, task_id: str, slot: occupancy.Slot) -> bool:
        """Occupy as :meth:`occupy` does, but not beyond the limit.

        :param slot: of a host.
        :returns: False where it is full or held back, and not the task's yet.
        """
        with self._slots.lock:
            if task_id not in self.running:
                return True
            task, limit = self._left[task_id], self._limits.get(slot[0], 0)
            holds = slot in self._used_by(task)
            if limit and not holds and not self._slots.is_free(slot, limit):
                return False
            self.occupy(task_id, slot)
            self._slots.hold_back([slot], task.slots)
            return True

    def requeue(
        self, task_id: str, slot: occupancy.Slot | None = None
    ) -> None:
        """Free what a running task occupied, as it could not be done now.

        :param slot: it is ready again as soon as this, too, is free.  None:
            when another running task has ended; if none runs, never.
        """
        with self._slots.lock:
            task = self._left[task_id]
            self._end_running(task)
            if slot is None:
                self._until_an_end[task_id] = None
            else:
                if slot not in task.slots:
                    task = dataclasses.replace(task, slots=(*task.slots, slot))
                    self._left[task_id] = task
                    self._queues.weigh(task, before=(), after=(slot,))
                self._queues.add(task)
        self._slots.wake()

    def defer(self, task_id: str) -> None:
        """Free what a task occupied that runs, or was requeued.

        It starts again where no other can.
        """
        with self._slots.lock:
            if task_id in self.running:
                self._end_running(self._left[task_id])
            self._until_an_end.pop(task_id, None)
            task = dataclasses.replace(self._left[task_id], is_deferred=True)
            self._left[task_id] = task
            self._queues.add(task)
        self._slots.wake()

    def suspend(self, task_id: str, slot: occupancy.Slot) -> None:
        """Let a running task run anew, as it is, when a slot is open again."""
        with self._slots.lock:
            self.suspended[task_id] = slot

    def finished(self, task_id: str, succeeded: bool) -> list[str]:
        """Free what the task occupied, and see to what depends on it.

        :param task_id: one that runs, or never shall, or has ended before.
        :param succeeded: its children may start; otherwise they never will.
        :returns: the tasks that will never start now, nearest first.
        """
        with self._slots.lock:
            task = self._left.get(task_id)
            if task is None:
                return []
            ran = task_id in self.running
            if ran:
                self._end_running(task)
                self._add_left(self._until_an_end)
                self._until_an_end.clear()
            self._leave(task)
            orphans = [] if succeeded else self._dependencies.drop(task_id)
            for orphan in orphans:
                self._leave(self._left[orphan])
            if succeeded:
                for child in self._dependencies.release(task_id):
                    self._make_ready(self._left[child], after=task_id)
        self._slots.wake()
        return orphans

    def lose(self) -> None:
        """Free what runs still: it is moved on, but not by this process."""
        with self._slots.lock:
            for task in [self._left[task_id] for task_id in self.running]:
                occupied = self._occupied(task)
                self._end_running(task)
                self._slots.lost(occupied)
        self._slots.wake()

    def release_last(self) -> bool:
        """Let what proves something start; returns whether there is any."""
        with self._slots.lock:
            last = [] if self._stopped else self._barriers.release_last()
            released = [task for task in last if task.id in self._left]
            self._add_left(task.id for task in released)
        return bool(released)

    def stop(self) -> None:
        """Start nothing any more, and drop nothing."""
        with self._slots.lock:
            self._stopped = True
            self._dependencies.forget_children()

    def left(self) -> list[Task]:
        """Return the tasks that have neither ended nor been dropped."""
        with self._slots.lock:
            return list(self._left.values())

    def waiting(self) -> list[blocking.Waiting]:
        """Return the tasks that may start yet, the next ones first."""
        with self._slots.lock:
            if self._stopped:
                return []
            left = [task for task in self._left.values() if not task.proves]
            own = [self._occupied(self._left[one]) for one in self.running]
            found = blocking.waiting(
                (task for task in left if task.id not in self.running),
                self._dependencies.waits_for,
                self._barriers.ids,
                blocking.Looks(self._slots, self._limits, own),
            )
        return blocking.next_first(found, left, self._limits)

    def waited_for(self, task: Task) -> tuple[occupancy.Slot | None, str]:
        """Return the slot, or else the task, that a task waited for last."""
        with self._slots.lock:
            waits = self._queues.ready.last_waits
            return waits.slot(task), waits.after(task.id)

    def _used_by(self, task: Task) -> Sequence[occupancy.Slot]:
        """The slots of a task but for the total, planned or known."""
        return self._instead.get(task.id, task.slots)

    def _occupied(self, task: Task) -> list[occupancy.Slot]:
        """The slots that a task holds, with that of the total."""
        lacks = self.queue_ahead.lacks(task.id)
        held = (occupancy.ALL, *self._used_by(task))
        return [slot for slot in held if slot not in lacks]

    def _end_running(self, task: Task) -> None:
        """Release the slots of a task that ran."""
        self.running.remove(task.id)
        self.suspended.pop(task.id, None)
        self._slots.release(self._occupied(task))
        self.queue_ahead.ended(task)
        self.used[task.id] = used = self._instead.pop(task.id, task.slots)
        self._queues.weigh(task, used, task.slots)

    def _make_ready(self, task: Task, after: str = '') -> None:
        """Queue a task that waits for no parent; it may wait for a barrier."""
        if not self._barriers.holds(task):
            self._queues.add(task, after)

    def _leave(self, task: Task) -> None:
        """Take a task out of what is left to be done."""
        del self._left[task.id]
        self._dependencies.forget(task.id)
        self._queues.discard(task)
        self._queues.weigh(task, before=(occupancy.ALL, *task.slots), after=())
        held = self._barriers.ended(task.id)
        self._add_left((one.id for one in held), after=task.id)

    def _add_left(self, task_ids: Iterable[str], after: str = '') -> None:
        """Queue those that have not ended meanwhile."""
        for task_id in task_ids:
            if task_id in self._left:
                self._queues.add(self._left[task_id], after)
