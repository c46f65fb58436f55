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

"""The numbers that a plan is weighed by before it is started."""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
import math

from zone_migration.logic.audit import params
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.preflight import results


def indicators(
    report: results.Report,
    actions: Iterable[planned_actions.PlannedAction],
    seconds: float,
    places: Mapping[str, int],
) -> dict[str, int]:
    """The value of each efficacy indicator of the goal, by its name.

    What is wanted is what moves, what is there already and what is skipped.

    :param report: the results; one for each resource that is wanted.
    :param actions: of the plan; those with a ``skip_reason`` do not move.
    :param seconds: how long the plan takes at least.
    :param places: the indicators of what is emptied.
    """
    counts = collections.Counter(
        action.action_type for action in actions if not action.skip_reason
    )
    moving = {name: counts[name] for name in planned_actions.ACTION_TYPES}
    wanted = len(report.results)
    servers = sum(
        isinstance(result.item, params.ServerItem) for result in report.results
    )
    return {
        'servers_wanted': servers,
        'volumes_wanted': wanted - servers,
        **moving,
        'with_downtime': report.ways[1],
        'already_there': report.already_there,
        'skipped': len(report.stuck),
        'left_out': report.left_out,
        **places,
        'estimated_makespan': math.ceil(seconds / 60),
    }
