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

"""How long a plan takes at least, however well it is scheduled."""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import graphlib
import itertools

from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import workload


def lower_bound(
    durations: Mapping[str, float],
    tasks: Iterable[workload.Task],
    limits: Mapping[str, int],
) -> float:
    """The time before which no schedule within the limits can end.

    The most of: the longest chain of tasks of which each depends on the one
    before; for each slot with a limit the work on it over the limit; and, as
    no task can be divided, what the longest of them make necessary: of any
    2 * limit + 1 tasks three go one after another, and so on.  What occupies
    a server or a volume goes one by one.

    >>> host = ('node', 'from', 'c1')
    >>> tasks = [workload.Task(id, slots=(host,)) for id in 'abc']
    >>> lower_bound({'a': 3.0, 'b': 2.0, 'c': 1.0}, tasks, {'node': 1})
    6.0
    >>> lower_bound({'a': 3.0, 'b': 3.0, 'c': 2.0}, tasks, {'node': 2})
    5.0

    :param durations: by task, in any unit, which is that of the result.
    :param tasks: parents that are not among them count as ended.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """
    tasks = list(tasks)
    limits = {**limits, occupancy.RESOURCE: 1}
    on_slot: dict[occupancy.Slot, list[float]] = collections.defaultdict(list)
    for task in tasks:
        for slot in {occupancy.ALL, *task.slots}:
            on_slot[slot].append(durations[task.id])
    queues = (
        _longest_queue(lengths, limits[slot[0]])
        for slot, lengths in on_slot.items()
        if limits.get(slot[0])
    )
    return max(_longest_chain(durations, tasks), *queues, 0.0)


def _longest_queue(lengths: Iterable[float], limit: int) -> float:
    """How long they take at least when so many go at once."""
    longest_first = sorted(lengths, reverse=True)
    until = [0.0, *itertools.accumulate(longest_first)]
    return max(
        until[-1] / limit,
        # Of the first so many + 1 these go one after another, at best those
        # that are the shortest of them.
        *(
            until[first + 1] - until[first - first // limit]
            for first in range(0, len(longest_first), limit)
        ),
    )


def _longest_chain(
    durations: Mapping[str, float], tasks: Sequence[workload.Task]
) -> float:
    """The longest way through parents and children, in seconds."""
    graph = {task.id: task.parents for task in tasks}
    ends: dict[str, float] = {}
    for id_ in graphlib.TopologicalSorter(graph).static_order():
        if id_ in graph:
            ends[id_] = durations[id_] + max(
                (ends.get(parent, 0.0) for parent in graph[id_]), default=0.0
            )
    return max(ends.values(), default=0.0)
