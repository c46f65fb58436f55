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

"""The details that decide whether volumes can be moved, and where."""

import collections
import dataclasses

from zone_migration import client
from zone_migration.inventory import lookup
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import selection


def add(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    selected: selection.Selection,
    volumes: list[resources.Volume],
) -> cloud_inventory.Inventory:
    """Return the inventory with the details of the selected volumes.

    :param volumes: the selected ones that exist.
    :raises CloudError: when a service does not tell what is needed.
    """
    return dataclasses.replace(
        found,
        pools=_pools(cloud, found, selected),
        volume_types=_volume_types(cloud, found, selected),
        snapshots=_snapshots(cloud, found, volumes),
        quotas=_quotas(cloud, found, selected),
    )


def _snapshots(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    volumes: list[resources.Volume],
) -> dict[str, int]:
    """The number of snapshots of each volume, by its id."""
    if len(volumes) <= lookup.MAX_BY_ID:
        return lookup.by_id(cloud.cinder.snapshots, [v.id for v in volumes])
    counts: dict[str, int] = {}
    rest = volumes
    for place in found.asked_pools or ():
        counts.update(cloud.cinder.snapshot_counts(place))
        rest = [v for v in rest if not resources.same_pool(place, v.host)]
    if len(rest) <= lookup.most_by_id(found):
        ids = [v.id for v in rest]
        counts.update(lookup.by_id(cloud.cinder.snapshots, ids))
    else:
        counts = cloud.cinder.snapshot_counts()
    return {v.id: counts.get(v.id, 0) for v in volumes}


def _new_types(selected: selection.Selection) -> frozenset[str]:
    """The types that volumes are to get."""
    return frozenset(i.dst_type for i in selected.volumes if i.dst_type)


def _volume_types(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[str, resources.VolumeType]:
    """All types, with the encryption and the QoS of those that matter.

    The encryption matters of those that volumes get and have got, and of
    attached volumes that are encrypted.
    """
    asked = set(_new_types(selected))
    for item in selected.volumes:
        volume = found.volumes.get(item.id)
        if volume is not None and (
            item.dst_type or (volume.encrypted and volume.server_ids)
        ):
            asked.add(volume.type or '')
    asked &= found.volume_types.keys()
    types = _with_qos(cloud, found, selected)
    if asked:
        encryption: dict[str, str] = lookup.optional(
            'the encryption of volume types',
            lambda: cloud.cinder.encryption(asked),
            {},
        )
        types.update(
            (name, dataclasses.replace(types[name], encryption=provider))
            for name, provider in encryption.items()
        )
    return types


def _with_qos(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[str, resources.VolumeType]:
    """All types, and whether hypervisors take part in their QoS.

    Cinder is asked when the QoS specs of an attached volume are to change.
    """
    types = dict(found.volume_types)
    changes = set()
    for item in selected.volumes:
        volume = found.volumes.get(item.id)
        if volume is not None and volume.server_ids and item.dst_type in types:
            changes.add((volume.type, item.dst_type))
    if all(
        old not in types or types[old].qos_id == types[new].qos_id
        for old, new in changes
    ):
        return types
    front_end: frozenset[str] = lookup.optional(
        'the QoS specs of volume types',
        cloud.cinder.front_end_qos,
        frozenset(),
    )
    return {
        name: dataclasses.replace(each, front_end_qos=each.qos_id in front_end)
        for name, each in types.items()
    }


def _pools(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[str, resources.Pool]:
    """All pools, with their availability zones if volumes are retyped."""
    pools = dict(found.pools)
    if not _new_types(selected):
        return pools
    zones: dict[str, str] = lookup.optional(
        'the availability zones of storage backends', cloud.cinder.zones, {}
    )
    return {
        name: dataclasses.replace(
            pool, zone=zones.get(name.partition('#')[0], '')
        )
        for name, pool in pools.items()
    }


def _quotas(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[tuple[str, str], cloud_inventory.Quota]:
    """The quotas of the owners of volumes, for the types that these get.

    :returns: by project id and volume type.
    """
    types = collections.defaultdict(set)
    for item in selected.volumes:
        volume = found.volumes.get(item.id)
        if volume is not None and item.dst_type in found.volume_types:
            types[volume.project_id].add(item.dst_type)
    return lookup.optional(
        'the quotas of volume types',
        lambda: {
            (project, name): quota
            for project, names in types.items()
            for name, quota in cloud.cinder.quotas(project, names).items()
        },
        {},
    )
