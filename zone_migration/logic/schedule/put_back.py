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

"""The tasks that were put back, to be ready again later."""


class PutBack:
    """The ids of what waits for others to end, or to start."""

    def __init__(self) -> None:
        self._until_an_end: list[str] = []
        self._behind: list[str] = []

    @property
    def any_behind(self) -> bool:
        """Whether a task waits until no other can start."""
        return bool(self._behind)

    def until_an_end(self, task_id: str) -> None:
        """Let a task wait until one that runs has ended."""
        self._until_an_end.append(task_id)

    def behind(self, task_id: str) -> None:
        """Let a task wait until no other can start, instead of an end."""
        if task_id in self._until_an_end:
            self._until_an_end.remove(task_id)
        self._behind.append(task_id)

    def take_at_an_end(self) -> list[str]:
        """Take out what waits for an end."""
        taken, self._until_an_end = self._until_an_end, []
        return taken

    def take_behind(self) -> list[str]:
        """Take out what waits until no other can start."""
        taken, self._behind = self._behind, []
        return taken
