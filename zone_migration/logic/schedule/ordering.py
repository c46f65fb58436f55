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

"""The order of a plan, and what truly depends on what."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from zone_migration.logic import resources
from zone_migration.logic import units
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import limits
from zone_migration.logic.schedule import proofs

#: The planner of this plugin, by its entry point.
PLANNER = 'default'

#: What a move takes beside the copy (the scheduler, preparing, switching
#: over) as the size that would be copied meanwhile: some seconds at 1 Gbit/s.
OVERHEAD_MB = 1024


def order(
    actions: Sequence[Mapping[str, Any]], weights: Mapping[str, int]
) -> list[int]:
    """Indices of the actions, in the order in which they should start.

    What disables a host or backend first, then higher weights, then lower
    ranks; inside these what is expected to take longest, because what starts
    last then ends soon; otherwise as given.

    :param actions: dicts with ``action_type`` and ``input_parameters``.
    :param weights: by action type; 0 for one that is not named.
    """
    return sorted(
        range(len(actions)),
        key=lambda i: (
            _priority(actions[i], weights),
            -_size_mb(actions[i]['input_parameters']),
        ),
    )


def parents(actions: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """For each action the indices of those that must end before it starts.

    A server moves after its volumes: a live migration on top of a running
    swap leaves the volume attached to the wrong host, and both report
    success.  What leaves a host or a pool does so after that was disabled:
    another server or volume could land in the room that it leaves.
    """
    volumes: dict[str, list[int]] = {}
    disabling: dict[str, list[int]] = {}
    for index, action in enumerate(actions):
        server_id = action['input_parameters'].get('server_id')
        if server_id:
            volumes.setdefault(server_id, []).append(index)
        host = host_changes.disabled_by(action)
        if host:
            disabling.setdefault(host, []).append(index)
    return [
        [
            *disabling.get(resources.backend_of(source), ()),
            *(
                ()
                if parameters.get('server_id')
                else volumes.get(parameters.get('resource_id', ''), ())
            ),
        ]
        for parameters in (action['input_parameters'] for action in actions)
        for source in [parameters.get('source') or '']
    ]


def parents_must_succeed(strategy: str, planner: str) -> bool:
    """Whether the actions of a plan need that their parents succeed.

    Only the planner of this plugin gives them no parents but those.  Watcher's
    planner ``weight`` keeps its waves apart with parents: there an action
    starts after its parents, whatever has become of them.

    >>> parents_must_succeed('parallel_migration', 'default')
    True
    >>> parents_must_succeed('parallel_migration', 'weight')
    False
    >>> parents_must_succeed('zone_migration', 'default')
    False

    :param strategy: the name of the one that has made the plan, or ''.
    :param planner: the name of the one that orders the plans of this
        plugin's strategy.
    """
    return strategy == limits.STRATEGY and planner == PLANNER


def groups(
    actions: Sequence[Mapping[str, Any]], weights: Mapping[str, int]
) -> list[int]:
    """For each action of a plan its strict priority, the lowest first.

    Those of one weight and rank are one group, in which the engine may
    choose.  A plan whose order contradicts them was not made with them (by
    another planner, or before the weights were changed): its order is the
    only priority.

    >>> actions = [{'action_type': 'a', 'input_parameters': {'rank': 7}},
    ...            {'action_type': 'b', 'input_parameters': {'rank': 2}},
    ...            {'action_type': 'b', 'input_parameters': {'rank': 2}}]
    >>> groups(actions, {'a': 1})
    [0, 1, 1]
    >>> groups(actions, {})
    [0, 1, 2]

    :param actions: dicts with ``action_type`` and ``input_parameters``, in
        the order of the plan.
    :param weights: by action type; 0 for one that is not named.
    """
    priorities = [_priority(action, weights) for action in actions]
    if priorities != sorted(priorities):
        return list(range(len(priorities)))
    # The order of a dict is that in which its keys came, which is sorted.
    place = {p: index for index, p in enumerate(dict.fromkeys(priorities))}
    return [place[priority] for priority in priorities]


def expected(parameters: Mapping[str, Any]) -> float:
    """How long an action will take, as the size of a copy that long, in MB.

    :param parameters: the ``input_parameters`` of an action.
    """
    return float(OVERHEAD_MB + _size_mb(parameters))


def _priority(
    action: Mapping[str, Any], weights: Mapping[str, int]
) -> tuple[bool, bool, int, int]:
    """The strict priority of an action; the lowest starts first.

    Whatever the weights, a host or backend is disabled before anything leaves
    it, and looked at when all else has ended.
    """
    return (
        bool(proofs.place_kind(action)),
        not host_changes.disabled_by(action),
        -weights.get(action['action_type'], 0),
        action['input_parameters'].get('rank', 0),
    )


def _size_mb(parameters: Mapping[str, Any]) -> int:
    """The MB that have to be copied, as far as the plan knows."""
    return int(
        parameters.get('memory_mb', 0)
        + parameters.get('size_gb', 0) * units.MB_PER_GB
    )
