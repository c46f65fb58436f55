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

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import math

from zone_migration.logic import cloud
from zone_migration.logic import decisions
from zone_migration.logic import params
from zone_migration.logic import room
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


def judge(
    items: Iterable[params.VolumeItem],
    seen: cloud.Inventory,
    pools: Pools,
    emptied: frozenset[str],
    ranks: Mapping[str, int],
) -> dict[str, tuple[params.VolumeItem, decisions.Decision]]:
    """For each volume what becomes of it, with the pool chosen for it.

    What leaves a pool makes no room in it: Cinder does not try again, and
    learns of what is free only now and then.

    :param items: of volumes that could be moved, wherever that may be.
    :param emptied: the pools that nothing is sent to without being told.
    :param ranks: by volume; lower ones have the first choice.
    """
    result = {}
    arrivals = {}
    quotas = dict(seen.quotas)
    # Small ones first: of one quota, most get their share so.
    for item in sorted(
        items,
        key=lambda i: (ranks.get(i.id, 0), seen.volumes[i.id].size_gb),
    ):
        volume = seen.volumes[item.id]
        reason = _over_quota(item, volume, quotas, seen.projects)
        if reason:
            result[item.id] = item, decisions.refuse(reason)
            continue
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
        result[item.id] = item, decisions.START
    filled = room.fill(
        list(arrivals.values()),
        {name: (pool.free_gb,) for name, pool in seen.pools.items()},
        {},
    )
    for id_, arrival in arrivals.items():
        item = result[id_][0]
        if id_ in filled.placed:
            result[id_] = _send(item, filled.placed[id_], bool(emptied))
        else:
            result[id_] = item, decisions.refuse(_shortage(arrival, filled))
    return result


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


def _over_quota(
    item: params.VolumeItem,
    volume: cloud.Volume,
    quotas: dict[tuple[str, str], cloud.Quota],
    projects: Mapping[str, str],
) -> str:
    """Why its project may not have the volume in the type; takes its share.

    A retype reserves a volume and its gigabytes of the new type, those of the
    old type are given back when it has ended (``get_volume_type_reservation``
    of Cinder).  The quotas of all types together are not touched.
    """
    key = volume.project_id, item.dst_type
    quota = quotas.get(key)
    if not item.dst_type or quota is None:
        return ''
    needs = {'volumes': 1, 'gigabytes': volume.size_gb}
    for name, need in needs.items():
        left = getattr(quota, name)
        if left < need:
            project = projects.get(volume.project_id, volume.project_id)
            return (
                f'project {project} has no quota for type {item.dst_type}: '
                f'it needs {need} of {name}_{item.dst_type}, '
                f'{max(0, math.floor(left))} are left after the others: '
                'raise it'
            )
    quotas[key] = cloud.Quota(
        quota.volumes - 1, quota.gigabytes - volume.size_gb
    )
    return ''
