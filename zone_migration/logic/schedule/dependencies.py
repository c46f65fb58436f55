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

"""Which tasks of a plan wait for which others."""

import collections
from collections.abc import Iterable

from zone_migration.logic.schedule import workload


class Dependencies:
    """What each task that has not ended waits for."""

    def __init__(self) -> None:
        #: The parents that have not ended, by the id of their child.
        self.waits_for: dict[str, set[str]] = {}
        self._children: dict[str, list[str]] = {}

    def add(self, task_id: str, parents: Iterable[str]) -> None:
        """A task waits for these."""
        if unmet := set(parents):
            self.waits_for[task_id] = unmet
        for parent in unmet:
            self._children.setdefault(parent, []).append(task_id)

    def release(self, task_id: str) -> list[str]:
        """Return the children of a task that wait for nothing any more."""
        released = []
        for child in self._children.pop(task_id, ()):
            waits_for = self.waits_for.get(child)
            if waits_for is not None:
                waits_for.discard(task_id)
                if not waits_for:
                    del self.waits_for[child]
                    released.append(child)
        return released

    def drop(self, task_id: str) -> list[str]:
        """Return what can never start after a task, nearest first."""
        dropped = []
        todo = collections.deque([task_id])
        while todo:
            for child in self._children.pop(todo.popleft(), ()):
                if self.waits_for.pop(child, None) is not None:
                    dropped.append(child)
                    todo.append(child)
        return dropped

    def forget(self, task_id: str) -> None:
        """A task waits for nothing any more."""
        self.waits_for.pop(task_id, None)

    def forget_children(self) -> None:
        """Nothing follows from the end of a task any more."""
        self._children.clear()


class Barriers:
    """What has to end before all else, and what waits for others alone."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self._held: list[workload.Task] = []
        self._last: list[workload.Task] | None = []

    def holds(self, task: workload.Task) -> bool:
        """Whether a task has to wait; it is kept until then."""
        if task.proves and self._last is not None:
            self._last.append(task)
            return True
        if not self.ids or task.id in self.ids:
            return False
        self._held.append(task)
        return True

    def release_last(self) -> list[workload.Task]:
        """Return, once, the tasks that prove something in the end."""
        released, self._last = self._last, None
        return released or []

    def ended(self, task_id: str) -> list[workload.Task]:
        """Return the tasks that wait for nothing any more."""
        self.ids.discard(task_id)
        if self.ids:
            return []
        held, self._held = self._held, []
        return held
