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


"""How much may run at once: what an audit asks for, within the ceilings."""

from collections.abc import Mapping
from typing import Any

from zone_migration.logic.schedule import occupancy

#: The strategy whose audits set limits.
STRATEGY = 'parallel_migration'

#: The kind of slot that each parameter of an audit limits; the options that
#: give its default and (after ``max_``) its ceiling have the same name.
KINDS = {
    'parallel_total': occupancy.TOTAL,
    'parallel_per_node': occupancy.NODE,
    'parallel_per_pool': occupancy.POOL,
}

#: The parameter of an audit, and the option, that says how often a move is
#: tried; and how often at most.
ATTEMPTS = 'attempts'
MOST_ATTEMPTS = 10


def of_audit(parameters: Mapping[str, Any]) -> dict[str, int]:
    """The limits among the parameters of an audit, by parameter."""
    return {name: parameters[name] for name in KINDS if name in parameters}


def of_plan(strategy: str, parameters: Mapping[str, Any]) -> dict[str, int]:
    """The limits that the audit of a plan sets, by parameter.

    Watcher's own strategy ``zone_migration`` has parameters of the same
    names, but there they say how much is planned at all.

    >>> of_plan('parallel_migration', {'parallel_per_node': 5, 'params': {}})
    {'parallel_per_node': 5}
    >>> of_plan('zone_migration', {'parallel_per_node': 5})
    {}

    :param strategy: the name of the one that has made the plan.
    :param parameters: those of its audit.
    """
    return of_audit(parameters) if strategy == STRATEGY else {}


def attempts(
    strategy: str, parameters: Mapping[str, Any], default: int
) -> int:
    """How often each move of a plan is tried, with the first time.

    >>> attempts('parallel_migration', {'attempts': 3}, 2)
    3
    >>> attempts('parallel_migration', {}, 2), attempts('actuator', {}, 2)
    (2, 1)

    :param strategy: the name of the one that has made the plan; those of
        others run as under Watcher's own engine.
    :param parameters: those of its audit.
    :param default: where that does not say it.
    """
    if strategy != STRATEGY:
        return 1
    return int(parameters.get(ATTEMPTS, default))


def effective(
    asked: Mapping[str, int],
    defaults: Mapping[str, int],
    ceilings: Mapping[str, int],
) -> dict[str, int]:
    """The limits of a plan by kind of slot; 0 is no limit.

    >>> effective({'parallel_per_node': 9},
    ...           {'parallel_total': 100, 'parallel_per_pool': 2},
    ...           {'parallel_per_node': 4})
    {'total': 100, 'node': 4, 'pool': 2}

    :param asked: what the audit sets, by parameter.
    :param defaults: what holds for those that it does not give.
    :param ceilings: what no plan may exceed; 0 or none is no ceiling.
    """
    return {
        kind: _capped(
            asked.get(name, defaults.get(name, 0)), ceilings.get(name, 0)
        )
        for name, kind in KINDS.items()
    }


def excess(
    asked: Mapping[str, int], ceilings: Mapping[str, int]
) -> dict[str, str]:
    """Why limits cannot be as asked, by parameter.

    >>> excess({'parallel_total': 0}, {'parallel_total': 100})
    {'parallel_total': '0 (no limit) exceeds the ceiling of 100'}
    """
    return {
        name: '{}{} exceeds the ceiling of {}'.format(
            asked[name], '' if asked[name] else ' (no limit)', ceilings[name]
        )
        for name in KINDS
        if name in asked
        and _capped(asked[name], ceilings.get(name, 0)) != asked[name]
    }


def _capped(limit: int, ceiling: int) -> int:
    """The limit within its ceiling; 0 is none for either."""
    if not ceiling:
        return limit
    return min(limit, ceiling) if limit else ceiling
