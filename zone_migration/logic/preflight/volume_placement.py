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

"""Where the volumes of a plan go, chosen for all of them together."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

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
                pool
                for pool in self._all
                if volume_type is None or volume_type in pool.types
            ]
        return self._serving[volume_type]

    def open_to(
        self, volume: resources.Volume, new_type: str
    ) -> list[resources.Pool]:
        """Those that Cinder can choose for a retype."""
        return volume_types.in_zones(
            self.serving(new_type), volume, self._types[new_type]
        )


#: By id: an item with its pool, if one was chosen, and what becomes of it.
_Result = dict[str, tuple[params.VolumeItem, decisions.Decision]]

_Quotas = dict[tuple[str, str], resources.Quota]


def choose(
    items: Iterable[params.VolumeItem],
    seen: resources.Inventory,
    pools: Pools,
    emptied: frozenset[str],
    ranks: Mapping[str, int],
) -> _Result:
    """For each volume what becomes of it, with the pool chosen for it.

    What leaves a pool makes no room in it: Cinder does not try again, and
    learns of what is free only now and then.  A volume that finds no room
    takes no quota from others, and none stays that both are left for.

    :param items: of volumes that could be moved, wherever that may be.
    :param emptied: the pools that nothing is sent to without being told.
    :param ranks: by volume; lower ones have the first choice.
    """
    result: _Result = {}
    asked = []
    arrivals = {}
    thick = set()
    # Small ones first: of one quota, most get their share so.
    for item in sorted(
        items,
        key=lambda i: (ranks.get(i.id, 0), seen.volumes[i.id].size_gb),
    ):
        volume = seen.volumes[item.id]
        places = _places(item, volume, pools, emptied)
        if places:
            arrivals[item.id] = capacity.Arrival(
                item.id,
                places,
                (volume.size_gb,),
                rank=ranks.get(item.id, 0),
            )
            if (item.dst_type or volume.type) in pools.thick_types:
                thick.add(item.id)
        elif not item.dst_type:
            # It has none that is its own, so others are being emptied.
            result[item.id] = (
                item,
                decisions.refuse(
                    f'every other pool that serves type {volume.type} is '
                    'being emptied: name a pool or a type'
                ),
            )
            continue
        asked.append(item)
    filled = pool_allocations.PoolRoom(seen.pools, thick)
    refused = _share_out(asked, arrivals, filled, seen)
    for item in asked:
        if item.id in refused:
            result[item.id] = item, decisions.refuse(refused[item.id])
        elif item.id in arrivals:
            pool = filled.placed[item.id]
            result[item.id] = _send(item, pool, bool(emptied))
        else:
            result[item.id] = item, decisions.START
    return result


def _share_out(
    items: Sequence[params.VolumeItem],
    arrivals: Mapping[str, capacity.Arrival],
    filled: pool_allocations.PoolRoom,
    seen: resources.Inventory,
) -> dict[str, str]:
    """Give quota and room to volumes; why some get none, by id.

    :param items: in the order in which they get their quota.
    :param arrivals: of those that need room.
    :param filled: gets those that have it.
    """

    def lacking(item: params.VolumeItem, quotas: _Quotas) -> str:
        volume = seen.volumes[item.id]
        return volume_quotas.reserve(item, volume, quotas, seen.projects)

    quotas = dict(seen.quotas)
    first = [item for item in items if not lacking(item, quotas)]
    filled.fill([arrivals[i.id] for i in first if i.id in arrivals])
    # Those that have found no room give their quota back.  Nothing makes
    # room or quota from here on, so each of the others is asked once.
    quotas = dict(seen.quotas)
    sure = {
        item.id
        for item in first
        if item.id in filled.placed or item.id not in arrivals
    }
    for item in first:
        if item.id in sure:
            lacking(item, quotas)
    refused = {}
    for item in items:
        if item.id in sure:
            continue
        arrival = arrivals.get(item.id)
        reason = filled.shortage(arrival) if arrival else ''
        reason = reason or lacking(item, quotas)
        if reason:
            refused[item.id] = reason
        elif arrival:
            filled.place(arrival)
    return refused


def _places(
    item: params.VolumeItem,
    volume: resources.Volume,
    pools: Pools,
    emptied: frozenset[str],
) -> tuple[str, ...]:
    """The pools, one of which it goes to; none where it takes no room.

    It takes none where its own pool serves the type that it is to have.
    """
    if item.dst_type:
        names = [pool.name for pool in pools.open_to(volume, item.dst_type)]
        return () if any(map(volume.may_be_in, names)) else tuple(names)
    names = [pool.name for pool in pools.serving(volume.type)]
    others = [name for name in names if not volume.may_be_in(name)]
    if item.dst_hostname:
        return tuple(
            n for n in others if resources.same_pool(item.dst_hostname, n)
        )
    if item.destinations:
        return tuple(name for name in item.destinations if name in others)
    return tuple(name for name in others if name not in emptied)


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
