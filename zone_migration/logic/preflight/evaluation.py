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

"""One result for each resource, before anything moves.

The decisions on servers and volumes are those of
:mod:`~zone_migration.logic.preflight.server_evaluation` and
:mod:`~zone_migration.logic.preflight.volume_evaluation`; the cap of the audit,
the order and the risks of the whole plan are added here.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic.audit import params
from zone_migration.logic.audit import priority
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import leftovers
from zone_migration.logic.preflight import max_items
from zone_migration.logic.preflight import results
from zone_migration.logic.preflight import risks
from zone_migration.logic.preflight import server_evaluation
from zone_migration.logic.preflight import start_order
from zone_migration.logic.preflight import unpinning
from zone_migration.logic.preflight import volume_evaluation

#: Whether it is a server, and its id.
_Key = tuple[bool, str]


def evaluate(
    request: params.Request,
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
) -> results.Report:
    """Return the preflight results.

    Of servers and volumes that are not in the inventory but matter to others
    (the server of a volume, members of a group) nothing bad is supposed: the
    action looks again when it starts.
    """
    selected, inventory = unpinning.apply(request, selected, inventory)
    servers, volumes = inventory.servers, inventory.volumes
    ranks = priority.ranks(
        request.priority,
        [servers[i.id] for i in selected.servers if i.id in servers],
        [volumes[i.id] for i in selected.volumes if i.id in volumes],
        inventory.projects,
    )
    together = request.with_attached_volume
    everything = _evaluate(request, selected, inventory, ranks)
    ordered = start_order.in_order(everything, inventory, together)
    moving = [result for result in ordered if result.moves]
    left_out = 0
    if 0 < request.max_items < len(moving):
        kept = _kept(request, selected, inventory, ranks, moving)
        left_out = len(moving) - len(kept)
        ordered = start_order.in_order(
            kept + [result for result in everything if not result.moves],
            inventory,
            together,
        )
    started, adopted = (
        [result.item for result in ordered if result.decision.kind is kind]
        for kind in (decisions.Kind.START, decisions.Kind.ADOPT)
    )
    return results.Report(
        ordered,
        left_out,
        (
            *leftovers.risks(inventory),
            *risks.risks(request, selected, started, adopted, inventory),
        ),
    )


def _kept(
    request: params.Request,
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
    ranks: Mapping[str, int],
    moving: Sequence[results.Result],
) -> list[results.Result]:
    """The results of as many as the audit caps it to.

    What is left out neither gives back capacity nor takes any.  A server is
    never kept without its volumes; these come before it.

    :param moving: all that would move without the cap, in their order.
    """
    volumes_of: dict[_Key, list[_Key]] = {}
    for result in moving:
        if not result.is_server:
            for id_ in inventory.volumes[result.item.id].server_ids:
                volumes_of.setdefault((True, id_), []).append(_key(result))

    def evaluate_only(keys: Collection[_Key]) -> dict[_Key, results.Result]:
        evaluated = _evaluate(request, _only(selected, keys), inventory, ranks)
        return {_key(result): result for result in evaluated}

    kept = max_items.keep(
        [_key(result) for result in moving],
        request.max_items,
        volumes_of,
        evaluate_only,
    )
    return list(kept.values())


def _evaluate(
    request: params.Request,
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
    ranks: Mapping[str, int],
) -> list[results.Result]:
    """Return the results, in any order."""
    volumes = volume_evaluation.evaluate(selected, inventory, ranks)
    servers = server_evaluation.evaluate(
        request, selected, inventory, ranks, volumes
    )
    return [
        results.Result(item, decision, ranks.get(item.id, 0))
        for item, decision in servers.values()
    ] + [
        results.Result(item, decision, ranks.get(item.id, 0))
        for item, decision in volumes.values()
    ]


def _key(result: results.Result) -> _Key:
    """The key of a result, as a server and a volume may have the same id."""
    return result.is_server, result.item.id


def _only(
    selected: selection.Selection, kept: Collection[_Key]
) -> selection.Selection:
    """The selection without what is not kept."""
    return dataclasses.replace(
        selected,
        servers=tuple(i for i in selected.servers if (True, i.id) in kept),
        volumes=tuple(i for i in selected.volumes if (False, i.id) in kept),
    )
