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

from zone_migration.logic import slots as slots_
from zone_migration.logic import turns


def lower_bound(
    durations: Mapping[str, float],
    tasks: Iterable[turns.Task],
    limits: Mapping[str, int],
) -> float:
    """The time before which no schedule within the limits can end.

    The most of: the work on each limited slot over its limit, and the
    longest chain of tasks of which each depends on the one before.  What
    occupies a server or a volume goes one by one.

    >>> host = ('node', 'from', 'c1')
    >>> tasks = [turns.Task(id, slots=(host,)) for id in 'abc']
    >>> lower_bound({'a': 3.0, 'b': 2.0, 'c': 1.0}, tasks, {'node': 2})
    3.0
    >>> lower_bound({'a': 3.0, 'b': 2.0, 'c': 1.0}, tasks, {'node': 1})
    6.0

    :param durations: by task, in any unit, which is that of the result.
    :param tasks: parents that are not among them count as ended.
    :param limits: by kind of slot; 0 or none at all is no limit.
    """
    tasks = list(tasks)
    limits = {**limits, slots_.RESOURCE: 1}
    work: dict[slots_.Slot, float] = collections.defaultdict(float)
    for task in tasks:
        for slot in {slots_.ALL, *task.slots}:
            work[slot] += durations[task.id]
    loads = (
        total / limits[slot[0]]
        for slot, total in work.items()
        if limits.get(slot[0])
    )
    return max([0.0, _longest_chain(durations, tasks), *loads])


def _longest_chain(
    durations: Mapping[str, float], tasks: Sequence[turns.Task]
) -> float:
    graph = {task.id: task.parents for task in tasks}
    ends: dict[str, float] = {}
    for id_ in graphlib.TopologicalSorter(graph).static_order():
        if id_ in graph:
            ends[id_] = durations[id_] + max(
                (ends.get(parent, 0.0) for parent in graph[id_]), default=0.0
            )
    return max(ends.values(), default=0.0)
