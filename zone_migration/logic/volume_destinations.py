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

"""Where the volumes of a plan go, judged all together."""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import math

from zone_migration.logic import cloud
from zone_migration.logic import decisions
from zone_migration.logic import params
from zone_migration.logic import room
from zone_migration.logic import volume_quotas
from zone_migration.logic import volume_types


class Pools:
    """The storage pools of a cloud, by the volume types that they serve."""

    def __init__(
        self,
        pools: Mapping[str, cloud.Pool],
        types: Mapping[str, cloud.VolumeType],
    ) -> None:
        self._all = list(pools.values())
        self._types = types
        self._serving: dict[str | None, list[cloud.Pool]] = {}
        #: The types of thick volumes.
        self.thick_types = frozenset(
            name for pool in self._all for name in pool.thick_types
        )

    def serving(self, volume_type: str | None) -> list[cloud.Pool]:
        """Those that serve a type; all of them for a volume without one."""
        if volume_type not in self._serving:
            self._serving[volume_type] = [
                pool
                for pool in self._all
                if volume_type is None or volume_type in pool.types
            ]
        return self._serving[volume_type]

    def open_to(self, volume: cloud.Volume, new_type: str) -> list[cloud.Pool]:
        """Those that Cinder can choose for a retype."""
        return volume_types.in_zones(
            self.serving(new_type), volume, self._types[new_type]
        )


#: By id: an item with its pool, if one was chosen, and what becomes of it.
_Result = dict[str, tuple[params.VolumeItem, decisions.Decision]]


@dataclasses.dataclass
class _Attempt:
    """What becomes of volumes when they have got their quota in order."""

    result: _Result = dataclasses.field(default_factory=dict)
    #: Those without quota.
    over: set[str] = dataclasses.field(default_factory=set)
    #: Why those without room have none, had they quota or not.
    short: dict[str, str] = dataclasses.field(default_factory=dict)


def judge(
    items: Iterable[params.VolumeItem],
    seen: cloud.Inventory,
    pools: Pools,
    emptied: frozenset[str],
    ranks: Mapping[str, int],
) -> _Result:
    """For each volume what becomes of it, with the pool chosen for it.

    What leaves a pool makes no room in it: Cinder does not try again, and
    learns of what is free only now and then.  A volume that finds no room
    takes no quota from others.

    :param items: of volumes that could be moved, wherever that may be.
    :param emptied: the pools that nothing is sent to without being told.
    :param ranks: by volume; lower ones have the first choice.
    """
    # Small ones first: of one quota, most get their share so.
    left = sorted(
        items,
        key=lambda i: (ranks.get(i.id, 0), seen.volumes[i.id].size_gb),
    )
    result: _Result = {}
    while True:
        attempt = _attempt(left, seen, pools, emptied, ranks)
        freed = {
            _quota_of(item, seen)
            for item in left
            if item.id in attempt.short and item.id not in attempt.over
        }
        if not any(
            item.id in attempt.over and _quota_of(item, seen) in freed
            for item in left
        ):
            return {**result, **attempt.result}
        result.update(
            (item.id, (item, decisions.refuse(attempt.short[item.id])))
            for item in left
            if item.id in attempt.short
        )
        left = [item for item in left if item.id not in attempt.short]


def _quota_of(
    item: params.VolumeItem, seen: cloud.Inventory
) -> tuple[str, str]:
    return seen.volumes[item.id].project_id, item.dst_type


def _attempt(
    items: Iterable[params.VolumeItem],
    seen: cloud.Inventory,
    pools: Pools,
    emptied: frozenset[str],
    ranks: Mapping[str, int],
) -> _Attempt:
    attempt = _Attempt()
    result = attempt.result
    arrivals = {}
    thick = set()
    quotas = dict(seen.quotas)
    for item in items:
        volume = seen.volumes[item.id]
        places = _places(item, volume, pools, emptied)
        if not places and not item.dst_type:
            # It has none that is its own, so others are being emptied.
            result[item.id] = (
                item,
                decisions.refuse(
                    f'every other pool that serves type {volume.type} is '
                    'being emptied: name a pool or a type'
                ),
            )
            continue
        if places:
            arrivals[item.id] = room.Arrival(
                item.id,
                places,
                (volume.size_gb,),
                rank=ranks.get(item.id, 0),
            )
            if (item.dst_type or volume.type) in pools.thick_types:
                thick.add(item.id)
        reason = volume_quotas.take(item, volume, quotas, seen.projects)
        if reason:
            attempt.over.add(item.id)
        result[item.id] = (
            item,
            decisions.refuse(reason) if reason else decisions.START,
        )
    filled_by = _fill(
        [a for a in arrivals.values() if a.id not in attempt.over],
        thick,
        seen.pools,
    )
    for id_, arrival in arrivals.items():
        item = result[id_][0]
        filled = filled_by[id_ in thick]
        if id_ in filled.placed:
            result[id_] = _send(item, filled.placed[id_], bool(emptied))
        elif id_ not in attempt.over:
            attempt.short[id_] = _shortage(arrival, filled)
            result[id_] = item, decisions.refuse(attempt.short[id_])
        elif not _fits(arrival, filled):
            attempt.short[id_] = _shortage(arrival, filled)
    return attempt


def _places(
    item: params.VolumeItem,
    volume: cloud.Volume,
    pools: Pools,
    emptied: frozenset[str],
) -> tuple[str, ...]:
    """The pools, one of which it goes to; none where it takes no room.

    It takes none where its own pool serves the type that it is to have.
    """
    if item.dst_type:
        names = [pool.name for pool in pools.open_to(volume, item.dst_type)]
        return () if volume.host in names else tuple(names)
    names = [pool.name for pool in pools.serving(volume.type)]
    others = [name for name in names if name != volume.host]
    if item.dst_hostname:
        return tuple(
            n for n in others if cloud.same_pool(item.dst_hostname, n)
        )
    if item.destinations:
        return tuple(name for name in item.destinations if name in others)
    return tuple(name for name in others if name not in emptied)


def _fill(
    arrivals: Collection[room.Arrival],
    thick: Collection[str],
    pools: Mapping[str, cloud.Pool],
) -> dict[bool, room.Filled]:
    """Where the volumes go: False for those that may be thin, True for thick.

    A pool has less for thick ones, and each volume that comes takes its size
    of both.  They get what the others leave, so that each is accepted
    whichever of them starts first.

    :param thick: the ids of the thick ones.
    """
    thin = room.fill(
        [a for a in arrivals if a.id not in thick],
        {name: (pool.free_gb,) for name, pool in pools.items()},
        {},
    )
    taken: dict[str, float] = collections.defaultdict(float)
    for arrival in arrivals:
        if arrival.id in thin.placed:
            taken[thin.placed[arrival.id]] += arrival.needs[0]
    return {
        False: thin,
        True: room.fill(
            [a for a in arrivals if a.id in thick],
            {
                name: (pool.thick_free_gb - taken[name],)
                for name, pool in pools.items()
            },
            {},
        ),
    }


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


def _fits(arrival: room.Arrival, filled: room.Filled) -> bool:
    """Whether any of its places has room left for a volume."""
    return any(
        all(
            has >= need
            for has, need in zip(
                filled.left[place], arrival.needs, strict=True
            )
        )
        for place in arrival.places
    )


def _shortage(arrival: room.Arrival, filled: room.Filled) -> str:
    """Why none of its pools takes a volume."""
    place = room.shortage(arrival, filled).place
    count = len(arrival.places)
    most = f', the roomiest of {count},' if count > 1 else ''
    left = max(0, math.floor(filled.left[place][0]))
    return (
        f'no room: it needs {arrival.needs[0]:g} GB, {left} are left on '
        f'{place}{most} after the others that go there: make room, or name '
        'another pool'
    )
