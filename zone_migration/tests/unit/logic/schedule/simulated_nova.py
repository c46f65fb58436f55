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

"""Nova's queues of live migrations, in simulated time."""

from collections.abc import Callable
from collections.abc import Mapping
import heapq
import itertools

from zone_migration.logic import resources
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling

#: Seconds from a request to Nova's queue, and through that where it is empty.
_LAG = 0.1


class Nova:
    """Copies so many servers from a host at once, and queues the others.

    :param widths: by host, how many; 1 for one that is not named.
    :param seconds: by task, how long its copy takes.
    """

    def __init__(
        self, widths: Mapping[str, int], seconds: Mapping[str, float]
    ) -> None:
        self._widths = widths
        self._seconds = seconds
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count(1)
        self._queues: dict[str, list[str]] = {}
        self._records: dict[str, resources.Migration] = {}
        self.tasks: dict[str, scheduling.Task] = {}
        self.now = 0.0
        #: Since when and until when each task was really moved.
        self.began: dict[str, float] = {}
        self.ended: dict[str, float] = {}

    def ask(self, task: scheduling.Task) -> None:
        """Ask for what a task does."""
        self.tasks[task.id] = task
        places = {slot[1]: slot[2] for slot in task.slots if slot[0] == 'node'}
        is_live = any(slot[0] == occupancy.QUEUE for slot in task.slots)
        self._records[task.id] = resources.Migration(
            id=next(self._count),
            server_id=next(s[1] for s in task.slots if s[0] == 'resource'),
            type='live-migration' if is_live else 'migration',
            status='accepted',
            source=places.get('from'),
            dest=places.get('to'),
        )
        if is_live:
            self._later(_LAG, self._queue, task.id)
        else:
            self._later(_LAG, self._begin, task.id)

    def pass_until(self, time: float) -> None:
        """Let time pass."""
        while self._events and self._events[0][0] <= time:
            self.now, _, call = heapq.heappop(self._events)
            call()
        self.now = time

    def migrations(self) -> list[resources.Migration]:
        """All that are in flight."""
        return [one for one in self._records.values() if one.is_in_flight]

    def _later(self, seconds: float, call, *args) -> None:
        event = (self.now + seconds, next(self._count), lambda: call(*args))
        heapq.heappush(self._events, event)

    def _show(self, id_: str, status: str) -> None:
        self._records[id_] = resources.Migration(
            **{**vars(self._records[id_]), 'status': status}
        )

    def _queue(self, id_: str) -> None:
        self._show(id_, 'queued')
        host = self._records[id_].source
        self._queues.setdefault(host, []).append(id_)
        self._later(_LAG, self._begin_next, host)

    def _begin_next(self, host: str) -> None:
        copies = sum(
            one.type == 'live-migration'
            and one.source == host
            and one.status == 'running'
            for one in self._records.values()
        )
        if self._queues[host] and copies < self._widths.get(host, 1):
            self._begin(self._queues[host].pop(0))

    def _begin(self, id_: str) -> None:
        is_live = self._records[id_].type == 'live-migration'
        self._show(id_, 'running' if is_live else 'migrating')
        self.began[id_] = self.now
        self._later(self._seconds[id_], self._end, id_)

    def _end(self, id_: str) -> None:
        self._show(id_, 'completed')
        self.ended[id_] = self.now
        if self._records[id_].type == 'live-migration':
            self._begin_next(self._records[id_].source)


def run(
    plan: scheduling.Scheduler,
    nova: Nova,
    see: Callable[[list[resources.Migration]], None],
    poll_interval: float = 0.5,
) -> float:
    """Run a plan to its end, each action of it ending well.

    :param see: gets what is in flight, once each interval.
    :returns: when the last copy has ended.
    """
    while True:
        while (task := plan.next()) is not None:
            nova.ask(task)
        if not plan.running:
            return max(nova.ended.values(), default=0.0)
        nova.pass_until(nova.now + poll_interval)
        for id_ in plan.running & nova.ended.keys():
            plan.finished(id_, succeeded=True)
        see(nova.migrations())
