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

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from zone_migration.logic import hosts
from zone_migration.logic import ordering
from zone_migration.logic import scheduling


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
            slots=scheduling.slots_of(
                action['action_type'], action['input_parameters']
            ),
            group=group,
            expected=ordering.expected(action['input_parameters']),
            first=bool(hosts.disabled_by(action)),
        )
        for action, group in zip(
            actions, ordering.groups(actions, weights), strict=True
        )
    ]
