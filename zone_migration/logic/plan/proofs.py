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

"""The actions that prove in the end that hosts and pools are empty."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from zone_migration.logic import cloud_inventory
from zone_migration.logic.audit import selection
from zone_migration.logic.outcome import holders
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.preflight import results
from zone_migration.logic.schedule import ordering
from zone_migration.logic.schedule import proofs

#: How many ids an action names of what its plan leaves in a place.  Watcher
#: keeps the parameters of an action in 64 KiB on MySQL.
MOST_LEFT = 1500


def are_wanted(
    planner: str, actions: Iterable[planned_actions.PlannedAction]
) -> bool:
    """Whether a plan is to look in the end whether places are empty.

    A planner of Watcher's knows its own types of actions only, and keeps waves
    apart.  What moves nothing needs no look beside that of the audit.

    :param planner: the name of the one that orders the plan.
    :param actions: all others of it.
    """
    return planner == ordering.PLANNER and any(
        not action.skip_reason for action in actions
    )


def planned(
    selected: selection.Selection,
    report: results.Report,
    inventory: cloud_inventory.Inventory,
) -> list[planned_actions.PlannedAction]:
    """An action for each host and pool that the audit empties.

    Each knows what the plan leaves there without an action of its own: what
    the audit excludes, and what is beyond its ``max_items``.

    :param selected: what the audit selects.
    :param report: the preflight results, one for each action of the plan.
    """
    planned_ids = {result.item.id for result in report.results}
    left = dict(_left(selected, inventory))
    leaves = _leaves(report)
    actions = []
    for kind, name, volume_type in left:
        parameters: dict[str, Any] = {'resource_name': name, 'place': kind}
        if volume_type:
            parameters['src_type'] = volume_type
        ids = [
            id_
            for id_ in left[kind, name, volume_type]
            if id_ not in planned_ids or leaves.get(id_, name) != name
        ]
        if len(ids) > MOST_LEFT:
            parameters['left_unnamed'] = len(ids)
        elif ids:
            parameters['left'] = ' '.join(ids)
        actions.append(
            planned_actions.PlannedAction(
                proofs.VERIFY_EMPTY, name, parameters
            )
        )
    return actions


def held(
    selected: selection.Selection,
    report: results.Report,
    inventory: cloud_inventory.Inventory,
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """What cannot move out of each host and pool that an audit empties.

    By kind and name of the place, in the words of
    :mod:`zone_migration.logic.outcome.holders`.
    """
    stuck = {result.item.id: result.decision.text for result in report.stuck}
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (place, name, _), ids in _left(selected, inventory):
        kind = 'server' if place == proofs.HOST else 'volume'
        things = inventory.servers if kind == 'server' else inventory.volumes
        found.setdefault((place, name), []).extend(
            (kind, holders.why(kind, stuck[id_], things[id_].status))
            for id_ in ids
            if id_ in stuck and id_ in things
        )
    return found


def indicators(
    selected: selection.Selection, inventory: cloud_inventory.Inventory
) -> dict[str, int]:
    """What is to be emptied, and what is there when the audit looks.

    The end of the plan replaces these numbers by what it sees.
    """
    left = list(_left(selected, inventory))
    return {
        name: value
        for kind in (proofs.HOST, proofs.POOL)
        for name, value in proofs.counts(
            kind, [len(ids) for place, ids in left if place[0] == kind]
        ).items()
    }


def _left(
    selected: selection.Selection, inventory: cloud_inventory.Inventory
) -> Iterator[tuple[tuple[str, str, str], list[str]]]:
    """Each place with the type of what leaves it, and the ids that it has.

    A pool of which volumes of some types leave is one place for each.
    """
    by_host = _grouped(
        {
            (server.host or '', server.id): None
            for server in inventory.servers.values()
        }
        | {
            (migration.source or '', id_): None
            for id_, migration in inventory.unconfirmed.items()
        }
    )
    for host in sorted(selected.hosts):
        yield (proofs.HOST, host, ''), by_host.get(host, [])
    whole = {name for name, its_type in selected.leaving if not its_type}
    volumes = [v for v in inventory.volumes.values() if not v.is_copy]
    by_pool = _grouped((volume.host or '', volume.id) for volume in volumes)
    types = {volume.id: volume.type for volume in volumes}
    for pool, volume_type in sorted(selected.leaving):
        if volume_type and pool in whole:
            continue
        yield (
            (proofs.POOL, pool, volume_type),
            [
                id_
                for id_ in by_pool.get(pool, [])
                if volume_type in ('', types[id_])
            ],
        )


def _leaves(report: results.Report) -> dict[str, str]:
    """By server that cannot move, the host that its action is about.

    One that waits to be confirmed can keep room on two hosts that are emptied.
    """
    return {
        result.item.id: result.item.src_hostname
        for result in report.stuck
        if result.is_server
    }


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """The second of each pair, by the first."""
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
