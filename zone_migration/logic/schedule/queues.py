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

"""What of a plan is ready, and in which order the kinds of it start."""

from collections.abc import Collection
from collections.abc import Mapping

from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import queue_ahead
from zone_migration.logic.schedule import ready_queue
from zone_migration.logic.schedule import workload


class Queues:
    """What is ready, and what was deferred: that starts where no other can.

    Whenever slots are given back the others come first, so that none which
    waits for one slot is overtaken there.  The caller holds the lock of the
    slots.

    :param tasks: all of the plan, in its order.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """

    def __init__(
        self,
        tasks: Collection[workload.Task],
        limits: Mapping[str, int],
        slots: occupancy.Slots,
    ) -> None:
        self._slots = slots
        self.ready = ready_queue.ReadyQueue(tasks, limits, slots)
        self.deferred = ready_queue.ReadyQueue(tasks, limits, slots)
        self.deferred.last_waits = self.ready.last_waits
        self._both = (self.ready, self.deferred)
        #: The ids of the tasks of each server or volume, in their order.
        self._ids: dict[occupancy.Slot, list[str]] = {}
        for task in tasks:
            # The first is what it moves.
            for resource in workload.resources(task)[:1]:
                self._ids.setdefault(resource, []).append(task.id)

    @property
    def any_ready(self) -> bool:
        """Whether a task could start, but for its slots at most."""
        return any(queue.any_ready for queue in self._both)

    def add(self, task: workload.Task, after: str = '') -> None:
        """Queue a task that could start now, as another one has ended."""
        queue = self.deferred if task.is_deferred else self.ready
        queue.add(task, after)

    def next(self, ahead: queue_ahead.QueueAhead) -> workload.Task | None:
        """Take out the task that starts next, None where none can.

        What others have begun comes first, and its places need not be free.

        :param ahead: what of the plan is queued ahead.
        """
        task = self._under_way()
        for queue in self._both:
            task = task or queue.next() or ahead.next(queue)
        return task

    def discard(self, task: workload.Task) -> None:
        """Forget a task that shall not start any more."""
        for queue in self._both:
            queue.discard(task)

    def weigh(
        self,
        task: workload.Task,
        before: Collection[occupancy.Slot],
        after: Collection[occupancy.Slot],
    ) -> None:
        """Move the load of a task to other places."""
        for queue in self._both:
            for slot in after:
                if slot not in before:
                    queue.heavier(slot, task.expected)
            for slot in before:
                if slot not in after:
                    queue.lighter(slot, task.expected)

    def _under_way(self) -> workload.Task | None:
        """Take out a task whose server or volume others move already."""
        for resource in self._slots.foreign():
            for task_id in self._ids.get(resource, ()):
                for queue in self._both:
                    if task := queue.adopt(task_id):
                        return task
        return None
