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

"""The actions of a plan as the scheduler sees them."""

import collections
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import graphlib
from typing import Any

from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import ordering
from zone_migration.logic.schedule import proofs
from zone_migration.logic.schedule import requirements
from zone_migration.logic.schedule import scheduling

#: How many actions of a circle are told; a UUID has 36 characters.
_TOLD = 3


def of_plan(
    actions: Sequence[Mapping[str, Any]], weights: Mapping[str, int]
) -> list[scheduling.Task]:
    """One task for each action, in their order.

    :param actions: with ``uuid``, ``parents`` (UUIDs, or None),
        ``action_type`` and ``input_parameters``, in the order of the plan.
    :param weights: by action type; 0 for one that is not named.
    """
    return [
        scheduling.Task(
            id=action['uuid'],
            parents=tuple(action['parents'] or ()),
            slots=(
                *requirements.slots_of(
                    action['action_type'], action['input_parameters']
                ),
                *requirements.services_of(
                    action['action_type'],
                    host_changes.is_ours_to_change(action),
                    proofs.place_kind(action),
                ),
            ),
            group=group,
            # What only looks at a place counts as nothing.
            expected=0.0
            if proofs.place_kind(action)
            else ordering.expected(action['input_parameters']),
            barrier=host_changes.closes(action),
            proves=proofs.place_kind(action),
        )
        for action, group in zip(
            actions, ordering.groups(actions, weights), strict=True
        )
    ]


def without_parents(
    plan: Iterable[scheduling.Task], ids: Container[str]
) -> list[scheduling.Task]:
    """The tasks of a plan, of which some wait for nothing.

    :param ids: of these.
    """
    return [
        dataclasses.replace(task, parents=()) if task.id in ids else task
        for task in plan
    ]


def way_back(
    plan: Iterable[scheduling.Task],
    used: dict[str, Sequence[occupancy.Slot]],
) -> list[scheduling.Task]:
    """The tasks that take back what a plan has done, the last first.

    Each waits for those of its children that are taken back, and of theirs.
    But a host that was disabled before all others is enabled before them, too:
    Nova sends no server to one that is disabled.

    :param used: what each of those that are taken back has occupied, by its
        id, in the order in which they have ended.
    """
    by_id = {task.id: task for task in plan}
    children: dict[str, list[str]] = collections.defaultdict(list)
    for task in by_id.values():
        for parent in task.parents:
            children[parent].append(task.id)
    return [
        dataclasses.replace(
            by_id[id_],
            parents=()
            if by_id[id_].barrier
            else tuple(_nearest(id_, children, used)),
            slots=tuple(
                requirements.back(slot)
                for slot in used[id_]
                if slot[0] != occupancy.QUEUE
            ),
            group=-by_id[id_].group,
        )
        for id_ in reversed(used)
    ]


def _nearest(
    task_id: str,
    children: Mapping[str, Sequence[str]],
    wanted: Container[str],
) -> Iterator[str]:
    """The wanted ones below a task that have no wanted one above them."""
    seen = set()
    todo = [task_id]
    while todo:
        for child in children.get(todo.pop(), ()):
            if child in seen:
                continue
            seen.add(child)
            if child in wanted:
                yield child
            else:
                todo.append(child)


def fault_of_parents(plan: Iterable[scheduling.Task]) -> str:
    """Why some tasks could never start; '' when all can.

    >>> fault_of_parents([scheduling.Task('a', parents=('b',))])
    'action a depends on b, which is not in the plan'
    """
    parents = {task.id: task.parents for task in plan}
    for task_id, its_parents in parents.items():
        for parent in its_parents:
            if parent not in parents:
                return (
                    f'action {task_id} depends on {parent}, '
                    'which is not in the plan'
                )
    try:
        graphlib.TopologicalSorter(parents).prepare()
    except graphlib.CycleError as error:
        # From a parent to its child, and on, until the first comes again.
        circle = error.args[1][::-1]
        if len(circle) - 1 <= _TOLD:
            return 'actions depend on each other in a circle: ' + ', '.join(
                circle
            )
        return (
            f'actions depend on each other in a circle of {len(circle) - 1}: '
            + ', '.join([*circle[:_TOLD], '...'])
        )
    return ''
