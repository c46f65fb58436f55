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

"""Servers and volumes that share the fate of the selected ones."""

import dataclasses

from zone_migration import client
from zone_migration.client import at_once
from zone_migration.inventory import lookup
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.preflight import scheduler_hints
from zone_migration.logic.preflight import server_groups


def add(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    servers: list[resources.Server],
    volumes: list[resources.Volume],
) -> cloud_inventory.Inventory:
    """Return the inventory with all that shares the fate of the selected.

    Members of the same server groups, servers that scheduler hints name or
    that volumes are attached to, volumes attached to servers.

    :param servers: the selected ones that exist.
    :param volumes: likewise.
    :raises CloudError: when a service does not tell what is needed.
    """
    most = lookup.most_by_id(found)
    volumes = _with_all_servers(cloud, found, volumes)
    groups = _groups(cloud, servers, most)
    neighbours = {
        id_
        for group in groups
        if server_groups.binds(group)
        for id_ in group.server_ids
    }
    neighbours.update(id_ for v in volumes for id_ in v.server_ids)
    neighbours.update(scheduler_hints.server_ids(servers))
    attached = {id_ for server in servers for id_ in server.volume_ids}
    return dataclasses.replace(
        found,
        servers={
            **lookup.servers(cloud, neighbours - found.servers.keys(), most),
            **found.servers,
        },
        volumes={
            **lookup.volumes(cloud, attached - found.volumes.keys(), most),
            **found.volumes,
            **{volume.id: volume for volume in volumes},
        },
        groups=groups,
    )


def _with_all_servers(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    volumes: list[resources.Volume],
) -> list[resources.Volume]:
    """The volumes, with all servers of those that can have several."""
    shared = [v for v in volumes if v.multiattach and v.server_ids]
    if not shared:
        return volumes

    def ask() -> dict[str, tuple[str, ...]]:
        if found.asked_pools is None:
            return cloud.cinder.servers_of(shared)
        # Cinder lists the attachments of one volume, or of all.
        each = at_once.each(lambda v: cloud.cinder.servers_of([v]), shared)
        return {id_: ids for of_one in each for id_, ids in of_one.items()}

    nobody: dict[str, tuple[str, ...]] = {}
    attached = lookup.optional(
        'the reserved attachments of volumes', ask, nobody
    )
    return [
        dataclasses.replace(v, server_ids=attached.get(v.id, v.server_ids))
        for v in volumes
    ]


def _groups(
    cloud: client.Cloud, servers: list[resources.Server], most: int
) -> tuple[resources.ServerGroup, ...]:
    """The groups that any of the servers is in.

    :param most: for more of them, all of the cloud are listed.
    """
    if not servers:
        return ()
    ids = {server.id for server in servers}

    def ask() -> list[resources.ServerGroup]:
        if not cloud.nova.shows_hints:
            return cloud.nova.groups()
        hinted = sorted(server_groups.hinted(servers))
        if len(hinted) > most:
            return cloud.nova.groups()
        found = lookup.by_id(cloud.nova.group, hinted)
        return list(lookup.existing(found).values())

    nothing: list[resources.ServerGroup] = []
    listed = lookup.optional('the policies of server groups', ask, nothing)
    return tuple(g for g in listed if not ids.isdisjoint(g.server_ids))
