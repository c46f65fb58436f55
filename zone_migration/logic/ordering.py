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

#: Megabytes in a gigabyte: sizes of servers and volumes are compared.
_MB = 1024

#: What a move takes beside the copy (the scheduler, preparing, switching
#: over) as the size that would be copied meanwhile: some seconds at 1 Gbit/s.
OVERHEAD_MB = 1024


def order(
    actions: Sequence[Mapping[str, Any]], weights: Mapping[str, int]
) -> list[int]:
    """Indices of the actions, in the order in which they should start.

    Higher weights first; inside a weight what is expected to take longest,
    because what starts last then ends soon; otherwise as given.

    :param actions: dicts with ``action_type`` and ``input_parameters``.
    :param weights: by action type; 0 for one that is not named.
    """
    return sorted(
        range(len(actions)),
        key=lambda i: (
            -weights.get(actions[i]['action_type'], 0),
            -_size_mb(actions[i]['input_parameters']),
        ),
    )


def parents(actions: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """For each action the indices of those that must end before it starts.

    A server moves after its volumes: a live migration on top of a running
    swap leaves the volume attached to the wrong host, and both report
    success.
    """
    volumes: dict[str, list[int]] = {}
    for index, action in enumerate(actions):
        server_id = action['input_parameters'].get('server_id')
        if server_id:
            volumes.setdefault(server_id, []).append(index)
    return [
        []
        if action['input_parameters'].get('server_id')
        else volumes.get(action['input_parameters'].get('resource_id'), [])
        for action in actions
    ]


def groups(
    actions: Sequence[Mapping[str, Any]], weights: Mapping[str, int]
) -> list[int]:
    """For each action of a plan its strict priority, the lowest first.

    Those of one weight are one group, in which the engine may choose.  A plan
    whose order contradicts the weights was not made with them (by another
    planner, or before they were changed): its order is the only priority.

    >>> groups([{'action_type': 'a'}, {'action_type': 'b'}], {'a': 1})
    [-1, 0]
    >>> groups([{'action_type': 'a'}, {'action_type': 'b'}], {'b': 1})
    [0, 1]

    :param actions: dicts with ``action_type``, in the order of the plan.
    :param weights: by action type; 0 for one that is not named.
    """
    classes = [-weights.get(action['action_type'], 0) for action in actions]
    if classes != sorted(classes):
        return list(range(len(classes)))
    return classes


def expected(parameters: Mapping[str, Any]) -> float:
    """How long an action will take, as the size of a copy that long, in MB.

    :param parameters: the ``input_parameters`` of an action.
    """
    return float(OVERHEAD_MB + _size_mb(parameters))


def _size_mb(parameters: Mapping[str, Any]) -> int:
    """What has to be copied, in MB, as far as the plan knows."""
    return int(
        parameters.get('memory_mb', 0) + parameters.get('size_gb', 0) * _MB
    )
