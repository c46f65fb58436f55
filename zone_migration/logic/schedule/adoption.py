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

"""The tasks of a plan that others have begun, which start before all else."""

from collections.abc import Iterable

from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import ready_queue
from zone_migration.logic.schedule import workload


class Adoption:
    """Takes out of a queue what is under way already.

    The caller holds the lock of the slots.

    :param tasks: all of the plan.
    """

    def __init__(
        self,
        tasks: Iterable[workload.Task],
        slots: occupancy.Slots,
        queue: ready_queue.ReadyQueue,
    ) -> None:
        self._slots = slots
        self._queue = queue
        #: The ids of the tasks of each server or volume, in their order.
        self._ids: dict[occupancy.Slot, list[str]] = {}
        for task in tasks:
            # The first is what it moves.
            for resource in workload.resources(task)[:1]:
                self._ids.setdefault(resource, []).append(task.id)

    def next(self) -> workload.Task | None:
        """Take out a task whose server or volume others move already."""
        for resource in self._slots.foreign():
            for task_id in self._ids.get(resource, ()):
                if task := self._queue.adopt(task_id):
                    return task
        return None
