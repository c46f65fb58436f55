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

"""The pools that the volumes of a plan go to, chosen for all together."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import capacity
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import pool_allocations
from zone_migration.logic.preflight import volume_quotas
from zone_migration.logic.preflight import volume_types


class Pools:
    """The storage pools of a cloud, by the volume types that they serve."""

    def __init__(
        self,
        pools: Mapping[str, resources.Pool],
        types: Mapping[str, resources.VolumeType],
    ) -> None:
        self._all = list(pools.values())
        self._types = types
        self._serving: dict[str | None, list[resources.Pool]] = {}
        #: The types of thick volumes.
        self.thick_types = frozenset(
            name for pool in self._all for name in pool.thick_types
        )

    def serving(self, volume_type: str | None) -> list[resources.Pool]:
        """Those that serve a type; all of them for a volume without one."""
        if volume_type not in self._serving:
            self._serving[volume_type] = [
                pool for pool in self._all if pool.serves(volume_type)
            ]
        return self._serving[volume_type]

    def open_to(
        self, volume: resources.Volume, new_type: str
    ) -> list[resources.Pool]:
        """Those that Cinder can choose for a retype."""
        return volume_types.in_zones(
            self.serving(new_type), volume, self._types[new_type]
        )


#: By id: an item with its pool, if one was chosen, and the decision on it.
_Decided = dict[str, tuple[params.VolumeItem, decisions.Decision]]

_Quotas = dict[tuple[str, str], cloud_inventory.Quota]


def choose(
    items: Iterable[params.VolumeItem],
    inventory: cloud_inventory.Inventory,
    pools: Pools,
    emptied: frozenset[str],
    ranks: Mapping[str, int],
) -> _Decided:
    """Return by id each volume, with its pool, and the decision on it.

    What leaves a pool gives it no capacity back: Cinder does not try again,
    and learns of what is free only now and then.  A volume that no pool has
    capacity for takes no quota from others, and none stays that both are
    left for.

    :param items: of volumes that could be moved, wherever that may be.
    :param emptied: the pools that nothing is sent to without being told.
    :param ranks: by volume; lower ones have the first choice.
    """
    # Small ones first: of one quota, most get their share so.
    ordered = sorted(
        items,
        key=lambda i: (ranks.get(i.id, 0), inventory.volumes[i.id].size_gb),
    )
    decided: _Decided = {}
    wanted = {}
    for item in ordered:
        volume = inventory.volumes[item.id]
        candidates = _candidates(item, volume, pools, emptied)
        if candidates:
            rank = ranks.get(item.id, 0)
            wanted[item.id] = capacity.Request(
                item.id, candidates, (volume.size_gb,), rank=rank
            )
        elif not item.dst_type:
            decided[item.id] = item, _no_other_pool(volume)
    undecided = [item for item in ordered if item.id not in decided]
    allocations = pool_allocations.PoolAllocations(
        inventory.pools, _thick(undecided, inventory, pools)
    )
    refused = _allocate(undecided, wanted, allocations, inventory)
    for item in undecided:
        if item.id in refused:
            decided[item.id] = item, decisions.refuse(refused[item.id])
        elif item.id in wanted:
            pool = allocations.destinations[item.id]
            decided[item.id] = _send(item, pool, bool(emptied))
        else:
            decided[item.id] = item, decisions.START
    return decided


def _no_other_pool(volume: resources.Volume) -> decisions.Decision:
    """Refuse a volume without a candidate.

    It has none that is its own, so others are being emptied.
    """
    return decisions.refuse(
        f'every other pool that serves type {volume.type} is being emptied: '
        'name a pool or a type'
    )


def _thick(
    items: Iterable[params.VolumeItem],
    inventory: cloud_inventory.Inventory,
    pools: Pools,
) -> frozenset[str]:
    """The ids of the volumes that are thick once they have moved."""
    return frozenset(
        item.id
        for item in items
        if (item.dst_type or inventory.volumes[item.id].type)
        in pools.thick_types
    )


def _allocate(
    items: Sequence[params.VolumeItem],
    wanted: Mapping[str, capacity.Request],
    allocations: pool_allocations.PoolAllocations,
    inventory: cloud_inventory.Inventory,
) -> dict[str, str]:
    """Allocate quota and capacity to volumes.

    :param items: in the order in which they get their quota.
    :param wanted: of those that need capacity.
    :param allocations: gets those that have it.
    :returns: why some get none, by id.
    """

    def reserve(item: params.VolumeItem, quotas: _Quotas) -> str:
        volume = inventory.volumes[item.id]
        return volume_quotas.reserve(item, volume, quotas, inventory.projects)

    quotas = dict(inventory.quotas)
    in_quota = [item for item in items if not reserve(item, quotas)]
    allocations.allocate([wanted[i.id] for i in in_quota if i.id in wanted])
    # Those that no pool has capacity for give their quota back.  Nothing
    # gives capacity or quota back from here on, so each of the others is
    # asked once.
    quotas = dict(inventory.quotas)
    settled = {
        item.id
        for item in in_quota
        if item.id in allocations.destinations or item.id not in wanted
    }
    for item in in_quota:
        if item.id in settled:
            reserve(item, quotas)
    refused = {}
    for item in items:
        if item.id in settled:
            continue
        request = wanted.get(item.id)
        reason = allocations.shortage(request) if request else ''
        reason = reason or reserve(item, quotas)
        if reason:
            refused[item.id] = reason
        elif request:
            allocations.claim(request)
    return refused


def _candidates(
    item: params.VolumeItem,
    volume: resources.Volume,
    pools: Pools,
    emptied: frozenset[str],
) -> tuple[str, ...]:
    """The pools, one of which it goes to; none where it needs no capacity.

    It needs none where its own pool serves the type that it is to have.
    """
    if item.dst_type:
        names = [pool.name for pool in pools.open_to(volume, item.dst_type)]
        return () if any(map(volume.may_be_in, names)) else tuple(names)
    names = [pool.name for pool in pools.serving(volume.type)]
    others = [name for name in names if name != volume.host]
    if item.dst_hostname:
        return tuple(
            n for n in others if resources.same_pool(item.dst_hostname, n)
        )
    if item.destinations:
        return tuple(name for name in item.destinations if name in others)
    return tuple(
        name
        for name in others
        if name not in emptied and not volume.may_be_in(name)
    )


def _send(
    item: params.VolumeItem, pool: str, choose: bool
) -> tuple[params.VolumeItem, decisions.Decision]:
    """The item with its pool, as far as it is not Cinder's choice.

    The decision has the pool even where it is Cinder's choice of one that
    serves a type: there it is expected to go.

    :param choose: whether a volume that no destination is asked for gets
        one; otherwise its action chooses when it starts.
    """
    if item.dst_hostname:
        return item, decisions.START
    if item.dst_type:
        return item, decisions.Decision(decisions.Kind.START, pool=pool)
    if item.destinations or choose:
        item = dataclasses.replace(item, dst_hostname=pool)
    return item, decisions.Decision(decisions.Kind.START, pool=pool)
