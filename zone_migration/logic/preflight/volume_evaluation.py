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

"""The preflight decisions on volumes, before anything moves.

What can be said of a volume by itself is said by
:mod:`~zone_migration.logic.preflight.volume_checks`, in the words in which an
action says it when it starts, and by
:mod:`~zone_migration.logic.preflight.volume_types`; which pools have capacity
for all of them, by :mod:`~zone_migration.logic.preflight.volume_placement`.
"""

from collections.abc import Mapping

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import volume_checks
from zone_migration.logic.preflight import volume_placement
from zone_migration.logic.preflight import volume_types


def evaluate(
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
    ranks: Mapping[str, int],
) -> dict[str, tuple[params.VolumeItem, decisions.Decision]]:
    """Return by id each volume, with its pool, and the decision on it.

    :param ranks: by volume; lower ones have the first choice.
    """
    pools = volume_placement.Pools(inventory.pools, inventory.volume_types)
    decided = {
        item.id: (item, _by_itself(item, inventory, pools))
        for item in selected.volumes
    }
    decided.update(
        volume_placement.choose(
            [i for i, d in decided.values() if d.kind is decisions.Kind.START],
            inventory,
            pools,
            selected.pools,
            ranks,
        )
    )
    return decided


def _by_itself(
    item: params.VolumeItem,
    inventory: cloud_inventory.Inventory,
    pools: volume_placement.Pools,
) -> decisions.Decision:
    """Return the decision on a volume, whatever becomes of the others."""
    volume = inventory.volumes.get(item.id)
    if volume is None:
        gone = decisions.gone(decisions.VolumeMove(item.id))
        return decisions.refuse(gone.text)
    wanted = decisions.VolumeMove(
        item.id,
        dst_hostname=_destination(item, volume, pools),
        dst_type=item.dst_type,
        src_hostname=item.src_hostname,
    )
    decision = _check(item, wanted, volume, inventory)
    return _bad_type(wanted, volume, decision, inventory, pools) or decision


def _destination(
    item: params.VolumeItem,
    volume: resources.Volume,
    pools: volume_placement.Pools,
) -> str:
    """The pool that is asked for, or the one to check in place of several.

    Which of several is chosen later, by what all of them have left: here it
    is the volume's own, else the first that serves its type.
    """
    if item.dst_hostname or not item.destinations:
        return item.dst_hostname
    names = {pool.name for pool in pools.serving(volume.type)}
    return max(
        item.destinations,
        key=lambda name: (name == volume.host, name in names),
    )


def _check(
    item: params.VolumeItem,
    wanted: decisions.VolumeMove,
    volume: resources.Volume,
    inventory: cloud_inventory.Inventory,
) -> decisions.Decision:
    """Return the decision of the action that would move the volume."""
    all_pools = inventory.pools.values()
    snapshots = inventory.snapshots.get(item.id, 0)
    if item.status == schema.IN_USE:
        return volume_checks.volume_update(
            wanted,
            volume,
            _server_of(volume, inventory),
            snapshots,
            all_pools,
            inventory.volume_types,
        )
    if item.dst_type:
        return volume_checks.volume_retype(
            wanted, volume, inventory.volume_types
        )
    return volume_checks.volume_migration(wanted, volume, snapshots, all_pools)


def _server_of(
    volume: resources.Volume, inventory: cloud_inventory.Inventory
) -> resources.Server | None:
    """The server that a volume is attached to; running if it is not known."""
    if not volume.server_ids:
        return None
    id_ = volume.server_ids[0]
    return inventory.servers.get(id_) or resources.Server(
        id_, '', 'ACTIVE', None
    )


def _bad_type(
    wanted: decisions.VolumeMove,
    volume: resources.Volume,
    decision: decisions.Decision,
    inventory: cloud_inventory.Inventory,
    pools: volume_placement.Pools,
) -> decisions.Decision | None:
    """Refuse a volume for its old type or its new one.

    :param decision: the one on the volume, but for its types.
    """
    old = inventory.volume_types.get(volume.type or '')
    new = inventory.volume_types.get(wanted.dst_type)
    if decision.kind is decisions.Kind.ADOPT and new is not None:
        # What is in flight may be a migration, and the retype yet to begin.
        return volume_types.refused_by_itself(wanted, volume, old, new)
    if decision.kind is not decisions.Kind.START:
        return None
    if new is None:
        return volume_types.swap(volume, old)
    return volume_types.retype(
        wanted,
        volume,
        inventory.snapshots.get(volume.id, 0),
        pools.serving(wanted.dst_type),
        old,
        new,
    )
