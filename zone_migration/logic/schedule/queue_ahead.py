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

"""The live migrations that Nova has queued ahead of the limits.

Nova copies only so many servers from a host at once as its
``max_concurrent_live_migrations`` lets it (its width, which no API tells), and
queues the others, first in, first out.  What it queues moves nothing, but is
begun by Nova as soon as one of those before it has ended.  So one for each
source gives up the slots that each of those before it will leave to it, and
gets them when the first of these ends.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from zone_migration.logic import resources
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import ready_queue
from zone_migration.logic.schedule import workload

#: Nova's statuses of a live migration that it has begun.
_RUNNING = frozenset({'preparing', 'running', resources.POST_COPY})


@dataclasses.dataclass
class _Source:
    """The live migrations from one host, by the ids of their servers."""

    #: Those of this plan that are in flight.
    moving: dict[str, workload.Task] = dataclasses.field(default_factory=dict)
    #: Those that Nova has begun, of whomever.
    running: frozenset[str] = frozenset()
    #: The id of the server whose migration is ahead; '' if none is.
    ahead: str = ''


class QueueAhead:
    """The live migrations of a plan that are queued ahead of its limits.

    The caller holds the lock of the slots, but for :meth:`is_ahead`,
    :meth:`is_moving`, :meth:`see`, :meth:`take_got` and
    :meth:`queued_behind`.

    :param limits: by kind of slot; 0 or none at all is no limit, and where
        there is none for a host nothing is ahead.
    :param held: gives what a running task has to hold, but for its share of
        the total.
    """

    def __init__(
        self,
        slots: occupancy.Slots,
        limits: Mapping[str, int],
        held: Callable[[workload.Task], Sequence[occupancy.Slot]],
    ) -> None:
        self._slots = slots
        self._limits = limits
        self._held = held
        self._sources: dict[str, _Source] = collections.defaultdict(_Source)
        #: By task that is ahead, what it will get of one before it.
        self._lacks: dict[str, list[occupancy.Slot]] = {}
        self._got: list[str] = []

    def lacks(self, task_id: str) -> Sequence[occupancy.Slot]:
        """The slots that a task does not hold yet, as it is ahead."""
        return self._lacks.get(task_id, ())

    def started(self, task: workload.Task) -> None:
        """Note that a task has been started."""
        if host := _source_of(task):
            self._sources[host].moving[_server_of(task)] = task

    def ended(self, task: workload.Task) -> None:
        """Give the slots of a task that has released them to one behind it."""
        if host := _source_of(task):
            source = self._sources[host]
            source.moving.pop(_server_of(task), None)
            if source.ahead == _server_of(task):
                del self._lacks[task.id]
                self._leave_queue(host)
            elif source.ahead:
                self._get_slots(host)

    def is_ahead(self, task_id: str) -> bool:
        """Whether a task runs that does not hold all of its slots yet."""
        with self._slots.lock:
            return task_id in self._lacks

    def is_moving(self) -> bool:
        """Whether the plan moves any server live."""
        with self._slots.lock:
            return any(one.moving for one in self._sources.values())

    def see(self, migrations: Iterable[resources.Migration]) -> None:
        """Learn what Nova has begun and queued.

        What it has queued behind as many as it copies at once is ahead from
        then on.  One that is ahead and runs beside them gets its slots, even
        beyond the limits: more are copied at once than was known.

        :param migrations: all that are in flight, of whomever.
        """
        of_host = collections.defaultdict(list)
        for one in sorted(migrations, key=lambda one: one.id):
            if one.type == 'live-migration':
                of_host[one.source].append(one)
        with self._slots.lock:
            has_freed = False
            for host, source in self._sources.items():
                before = source.running
                source.running = frozenset(
                    one.server_id
                    for one in of_host[host]
                    if one.status in _RUNNING
                )
                # Each may have been read at another moment: what is shown
                # beside one that has just ended may run instead of it.
                self._learn_width(host, len(before & source.running))
                queued = [
                    one.server_id
                    for one in of_host[host]
                    if one.status == 'queued'
                ]
                has_freed |= self._put_ahead(host, queued)
        if has_freed:
            self._slots.wake()

    def next(self, ready: ready_queue.ReadyQueue) -> workload.Task | None:
        """Take out a task that Nova may queue now, which is ahead then.

        It is the one that would start if one of those before it ended now.

        :param ready: the tasks that are ready, none of which fits now.
        """
        for host, source in self._sources.items():
            queue = (occupancy.QUEUE, host)
            running = self._running(host)
            if not running or not (
                len(running) == len(source.moving) == self._slots.used(queue)
            ):
                continue
            left = self._left_by(running)
            self._slots.release(left)
            task = ready.next(place_of=queue)
            self._slots.occupy(left)
            if task is not None:
                self._enter_queue(host, task, left)
                return task
        return None

    def take_got(self) -> list[str]:
        """Take out the ids of the tasks that have got their slots since."""
        with self._slots.lock:
            got, self._got = self._got, []
            return got

    def queued_behind(self) -> dict[str, list[str]]:
        """By task that Nova has begun, those that it may begin after it."""
        with self._slots.lock:
            return {
                task.id: [
                    other.id
                    for queued, other in source.moving.items()
                    if queued not in source.running
                ]
                for source in self._sources.values()
                for server, task in source.moving.items()
                if server in source.running
            }

    def _running(self, host: str) -> list[workload.Task]:
        """The tasks that one may be queued behind; none if it must not be.

        They are all that Nova copies from the host, as many as it can.
        """
        source = self._sources[host]
        width = self._slots.widths.get(host, 1)
        if (
            len(source.running) != width
            or width > self._limits.get(occupancy.NODE, 0)
            or host in self._slots.exceeded
            or not source.running <= source.moving.keys()
            or self._slots.why_closed((occupancy.QUEUE, host))
        ):
            return []
        return [source.moving[server] for server in source.running]

    def _left_by(self, running: list[workload.Task]) -> list[occupancy.Slot]:
        """The slots that are free when any of these tasks ends."""
        return [
            occupancy.ALL,
            *(
                slot
                for slot in self._held(running[0])
                if slot[0] == occupancy.NODE
                and all(slot in self._held(task) for task in running)
            ),
        ]

    def _learn_width(self, host: str, seen: int) -> None:
        """Note how many Nova copies from a host at once."""
        source = self._sources[host]
        if seen <= self._slots.widths.get(host, 1):
            return
        self._slots.widths[host] = seen
        if source.ahead in source.running:
            lacks = self._lacks[source.moving[source.ahead].id]
            if any(
                0 < self._limits.get(slot[0], 0) <= self._slots.used(slot)
                for slot in lacks
            ):
                self._slots.exceeded.add(host)
            self._get_slots(host)

    def _put_ahead(self, host: str, queued: Iterable[str]) -> bool:
        """Let the first of this plan that Nova has queued be ahead.

        :param queued: the ids of the servers, the first ones first.
        :returns: whether one is now, and has given up slots.
        """
        running = self._running(host)
        moving = self._sources[host].moving
        first = next((server for server in queued if server in moving), '')
        if not running or not first:
            return False
        task = moving[first]
        self._enter_queue(host, task, self._left_by(running))
        self._slots.release(self._lacks[task.id])
        return True

    def _enter_queue(
        self, host: str, task: workload.Task, left: list[occupancy.Slot]
    ) -> None:
        """Let a task be ahead.

        :param left: what each of those before it leaves to it.
        """
        held = (occupancy.ALL, *self._held(task))
        self._lacks[task.id] = [slot for slot in held if slot in left]
        self._sources[host].ahead = _server_of(task)
        self._slots.close((occupancy.QUEUE, host), task.id)

    def _get_slots(self, host: str) -> None:
        """Let the task that is ahead have its slots, full or not."""
        source = self._sources[host]
        task = source.moving[source.ahead]
        self._slots.occupy(self._lacks.pop(task.id))
        self._got.append(task.id)
        self._leave_queue(host)

    def _leave_queue(self, host: str) -> None:
        """Let another be ahead."""
        queue = (occupancy.QUEUE, host)
        self._slots.open(queue, self._slots.why_closed(queue))
        self._sources[host].ahead = ''


def most_at_once(
    tasks: Iterable[workload.Task], limits: Mapping[str, int]
) -> int:
    """How many tasks run at once at most, with one ahead for each source.

    :param limits: by kind of slot.
    :returns: 0 where nothing limits that.
    """
    sources = {_source_of(task) for task in tasks} - {''}
    total = limits.get(occupancy.TOTAL, 0)
    return total + len(sources) if total else 0


def _source_of(task: workload.Task) -> str:
    """The host that a task moves a live server from; '' if it does not."""
    hosts = (slot[1] for slot in task.slots if slot[0] == occupancy.QUEUE)
    return next(hosts, '')


def _server_of(task: workload.Task) -> str:
    """The id of the server that a task moves."""
    return next(slot[1] for slot in workload.resources(task))
