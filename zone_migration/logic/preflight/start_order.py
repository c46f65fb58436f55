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

"""The order in which the resources of a plan should start."""

from collections.abc import Iterable
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic.preflight import results


def in_order(
    unordered: Iterable[results.Result],
    inventory: cloud_inventory.Inventory,
    together: bool,
) -> list[results.Result]:
    """Sort by rank, but each server behind its volumes, as it waits for them.

    :param together: right behind the last of them, with a rank before all
        that have yet to start then.
    """
    ranked = sorted(unordered, key=lambda result: result.rank)
    servers = {r.item.id for r in ranked if r.moves and r.is_server}
    # The index of the last volume that a server waits for.
    last_volumes = {
        id_: index
        for index, result in enumerate(ranked)
        if result.moves and not result.is_server
        for id_ in inventory.volumes[result.item.id].server_ids
        if id_ in servers
    }
    if not last_volumes:
        return ranked
    keyed = []
    for index, result in enumerate(ranked):
        last = last_volumes.get(result.item.id) if result.is_server else None
        if together:
            rank = (
                2 * result.rank + 1 if last is None else 2 * ranked[last].rank
            )
            result = dataclasses.replace(result, rank=rank)
        if last is None:
            keyed.append((index, 0, index, result))
        else:
            keyed.append(
                (last if together else max(last, index), 1, index, result)
            )
    return [result for *_, result in sorted(keyed, key=lambda k: k[:3])]
