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

"""The least duration of a plan, before any of it was measured."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from zone_migration.logic import units
from zone_migration.logic.outcome import states
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import makespan
from zone_migration.logic.schedule import ordering
from zone_migration.logic.schedule import tasks

#: What a move takes beside the copy, in seconds: the scheduler, preparing,
#: switching over.
OVERHEAD = 10.0

#: What is known of the size of a server or volume, by parameter.
_SIZES = {'memory_mb', 'size_gb'}


@dataclasses.dataclass(frozen=True)
class Bandwidth:
    """The share of one copy while others run beside it, in MB a second."""

    memory: float
    volume: float


def seconds(
    actions: Sequence[Mapping[str, Any]],
    limits: Mapping[str, int],
    bandwidth: Bandwidth,
) -> float:
    """The time before which the plan cannot end, with the copies so fast.

    Each memory is copied once, and local disks are not counted: only the
    compute hosts know whether they share them.

    >>> servers = [{'action_type': 'live_migration',
    ...             'input_parameters': {'resource_id': id_, 'source': 'c1',
    ...                                  'memory_mb': 2000}}
    ...            for id_ in ('s1', 's2', 's3')]
    >>> seconds(servers, {'node': 1}, Bandwidth(memory=100, volume=100))
    90.0

    :param actions: those of a solution, with ``action_type``,
        ``input_parameters`` and perhaps ``state``; SKIPPED ones take no time.
    :param limits: those in force, by kind of slot; 0 is no limit.
    """
    todo = [one for one in actions if one.get('state') != states.SKIPPED]
    planned = [
        {
            **action,
            'uuid': str(index),
            'parents': [str(parent) for parent in parents],
        }
        for index, (action, parents) in enumerate(
            zip(todo, ordering.parents(todo), strict=True)
        )
    ]
    return makespan.lower_bound(
        {
            action['uuid']: _duration(
                action['action_type'], action['input_parameters'], bandwidth
            )
            for action in planned
        },
        tasks.of_plan(planned, {}),
        limits,
    )


def with_durations(
    actions: Iterable[planned_actions.PlannedAction], bandwidth: Bandwidth
) -> list[planned_actions.PlannedAction]:
    """The actions, each with its least duration as a parameter.

    >>> server = planned_actions.PlannedAction(
    ...     'live_migration', 's', {'memory_mb': 2000})
    >>> [action] = with_durations([server], Bandwidth(100, 100))
    >>> action.parameters['expected_duration']
    30

    :returns: those of servers and volumes that are known with
        ``expected_duration``, in whole seconds; the others as they are.
    """
    return [
        dataclasses.replace(
            action,
            parameters={
                **action.parameters,
                'expected_duration': round(
                    _duration(action.action_type, action.parameters, bandwidth)
                ),
            },
        )
        if action.parameters.keys() & _SIZES
        else action
        for action in actions
    ]


def _duration(
    action_type: str, parameters: Mapping[str, Any], bandwidth: Bandwidth
) -> float:
    """The least duration of one action, in seconds."""
    if action_type not in planned_actions.ACTION_TYPES:
        return 0.0
    copy = parameters.get('size_gb', 0) * units.MB_PER_GB / bandwidth.volume
    if action_type == planned_actions.LIVE_MIGRATION:
        copy += parameters.get('memory_mb', 0) / bandwidth.memory
    return float(OVERHEAD + copy)
