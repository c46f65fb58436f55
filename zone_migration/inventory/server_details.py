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

"""The details that decide whether servers can be moved, and where."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses

from zone_migration import client
from zone_migration.inventory import lookup
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import devices

#: The statuses of servers about which their migrations decide.
_MIGRATING = ('MIGRATING', 'RESIZE', 'REVERT_RESIZE', 'VERIFY_RESIZE')

#: How many requests list the unfinished migrations of a cloud, about: Nova is
#: asked for each of their statuses.
_LISTING = 20

#: How many at most are asked for that these listings have not shown; of more,
#: the plan says that Nova does not show what they are in.
_MOST_MISSED = 100

#: The statuses of servers that could be migrated.
_MOVABLE = ('ACTIVE', 'PAUSED', 'SHUTOFF')


def add(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    selected: selection.Selection,
    servers: list[resources.Server],
) -> cloud_inventory.Inventory:
    """Return the inventory with the details of the selected servers.

    :param servers: the selected ones that exist.
    :raises CloudError: when a service does not tell what is needed.
    """
    hosts = found.hosts
    if servers and not hosts:
        hosts = cloud.nova.hosts()
    most = lookup.most_by_id(found)
    ports = _vnic_types(cloud, servers, most)
    return dataclasses.replace(
        found,
        hosts=hosts,
        aggregates=_aggregates(cloud, found, servers),
        migrations=_migrations(
            cloud,
            {s.id: s for s in servers} | _members(found.groups, found.servers),
            most,
            found.finished,
        ),
        capacities=_capacities(cloud, found.providers, hosts, selected),
        devices=_live_obstacles(cloud, servers, ports),
        accelerators=_obstacles(servers, ports),
        nova_version=cloud.nova.newest_version if servers else None,
        sharing=_sharing(cloud, servers),
    )


def _members(
    groups: Iterable[resources.ServerGroup],
    servers: Mapping[str, resources.Server],
) -> dict[str, resources.Server]:
    """The servers of the groups, by id."""
    return {
        id_: servers[id_]
        for group in groups
        for id_ in group.server_ids
        if id_ in servers
    }


def _aggregates(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    servers: list[resources.Server],
) -> Mapping[str, resources.Aggregate]:
    """The aggregates, which bind servers to hosts or keep them from some."""
    if found.aggregates or not servers:
        return found.aggregates
    return lookup.optional(
        'which hosts are in the availability zones of servers',
        cloud.nova.aggregates,
        {},
    )


def _migrations(
    cloud: client.Cloud,
    servers: Mapping[str, resources.Server],
    most: int,
    finished: Iterable[resources.Migration] | None,
) -> dict[str, tuple[resources.Migration, ...]]:
    """The migrations of those servers that are in the midst of one.

    :param most: for more of them, those of the whole cloud are listed.
    :param finished: all that wait to be confirmed, if they are known.
    """
    ids = [
        s.id
        for s in servers.values()
        if s.status in _MIGRATING or s.task_state
    ]
    if len(ids) <= min(most, _LISTING):
        return lookup.by_id(
            lambda id_: tuple(cloud.nova.migrations_of(id_)), ids
        )
    found: dict[str, list[resources.Migration]] = {id_: [] for id_ in ids}
    for migration in cloud.nova.unfinished_migrations(finished):
        if migration.server_id in found:
            found[migration.server_id].append(migration)
    # One can have gone from one listing to another meanwhile.
    missed = [
        id_
        for id_, records in found.items()
        if not records and servers[id_].status in _MIGRATING
    ]
    found.update(
        lookup.by_id(cloud.nova.migrations_of, missed[:_MOST_MISSED])
    )
    return {id_: tuple(records) for id_, records in found.items()}


def _capacities(
    cloud: client.Cloud,
    known: Mapping[str, str],
    hosts: Mapping[str, resources.ComputeHost],
    selected: selection.Selection,
) -> dict[str, cloud_inventory.HostCapacity]:
    """The capacity that is left on the hosts that servers are sent to.

    :param known: the resource providers of hosts that are known.
    """
    names = {
        name
        for item in selected.servers
        for name in (item.dst_hostname, *item.destinations)
        if name in hosts
    }
    if not names:
        return {}

    def ask() -> dict[str, cloud_inventory.HostCapacity]:
        providers = known if names <= known.keys() else cloud.nova.providers()
        return lookup.existing(
            {
                name: cloud.placement.capacity(providers[name])
                for name in sorted(names)
                if name in providers
            }
        )

    return lookup.optional(
        'the free CPU, memory and disk of destinations', ask, {}
    )


def _vnic_types(
    cloud: client.Cloud, servers: list[resources.Server], most: int
) -> Mapping[str, frozenset[str]]:
    """The kinds of the servers' ports, by the server's id.

    :param most: for more servers, all ports of the cloud are listed.
    """
    if not servers:
        return {}
    ids = [server.id for server in servers]
    return lookup.optional(
        'ports that keep servers from being migrated',
        lambda: cloud.neutron.vnic_types(ids if len(ids) <= most else None),
        {},
    )


def _live_obstacles(
    cloud: client.Cloud,
    servers: list[resources.Server],
    ports: Mapping[str, frozenset[str]],
) -> dict[str, str]:
    """The obstacles to a live migration, by the id of the server."""
    return _without_empty(
        (
            server.id,
            devices.obstacle(
                server.extra_specs,
                ports.get(server.id, ()),
                cloud.nova.newest_version,
                server.image_properties,
            ),
        )
        for server in servers
    )


def _obstacles(
    servers: list[resources.Server], ports: Mapping[str, frozenset[str]]
) -> dict[str, str]:
    """The obstacles to any migration, by the id of the server."""
    return _without_empty(
        (
            server.id,
            devices.accelerator(server.extra_specs, ports.get(server.id, ())),
        )
        for server in servers
    )


def _without_empty(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The texts by id, without empty ones."""
    return {id_: text for id_, text in found if text}


def _sharing(
    cloud: client.Cloud, servers: list[resources.Server]
) -> frozenset[str]:
    """The servers that have shares, of those that could be migrated.

    The only reading that costs a request for each server.
    """
    ids = [s.id for s in servers if s.status in _MOVABLE and not s.task_state]
    return lookup.optional(
        'the shares of servers',
        lambda: cloud.shares.servers(ids),
        frozenset(),
    )
