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

"""What is on the hosts and in the pools that an audit empties.

Nova and Cinder are asked for these alone, host by host and pool by pool,
unless they are most of the cloud.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import datetime
from typing import TypeVar

from zone_migration import client
from zone_migration.client import exception
from zone_migration.client import observation
from zone_migration.inventory import lookup
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params
from zone_migration.logic.audit import sources

#: The time of the newest migration of a Nova that has none.
_BEFORE_ALL = '1970-01-02T00:00:00'

Thing = TypeVar('Thing', resources.Server, resources.Volume)


def add(
    cloud: client.Cloud,
    request: params.Request,
    found: cloud_inventory.Inventory,
) -> cloud_inventory.Inventory:
    """Return the inventory with what the selectors of an audit may mean.

    And the servers and volumes that it names, to be moved or to be left alone.

    :param found: with hosts, aggregates, scope and pools.
    :raises CloudError: when a service does not tell what is needed.
    """
    if request.compute:
        found = _add_servers(cloud, request, found)
    if request.storage:
        found = _add_volumes(cloud, request, found)
    return found


def add_everything(
    cloud: client.Cloud,
    request: params.Request,
    found: cloud_inventory.Inventory,
) -> cloud_inventory.Inventory:
    """Return the inventory with all that is on any host or in any pool.

    :raises CloudError: when a service does not list it.
    """
    if request.compute:
        found = _with_all_servers(cloud, found)
    if request.storage:
        found = _with_all_volumes(cloud, found)
    return found


def _with_all_servers(
    cloud: client.Cloud, found: cloud_inventory.Inventory
) -> cloud_inventory.Inventory:
    """The inventory with all servers of the cloud."""
    servers = lookup.existing(
        cloud.nova.servers(whole=True, soft_deleted=True)
    )
    return dataclasses.replace(found, servers=servers, asked_hosts=None)


def _with_all_volumes(
    cloud: client.Cloud, found: cloud_inventory.Inventory
) -> cloud_inventory.Inventory:
    """The inventory with all volumes of the cloud."""
    volumes = _without_copies(cloud.cinder.volumes())
    return dataclasses.replace(found, volumes=volumes, asked_pools=None)


def _add_servers(
    cloud: client.Cloud,
    request: params.Request,
    found: cloud_inventory.Inventory,
) -> cloud_inventory.Inventory:
    """Add the servers on the hosts that are emptied, and those named."""
    hosts = sources.hosts(request, found)
    on_hosts = None if hosts is None else _servers_on(cloud, hosts)
    if on_hosts is None:
        return _with_all_servers(cloud, found)
    found = dataclasses.replace(found, servers=on_hosts, asked_hosts=hosts)
    told_by_id = (
        request.exclude.servers
        | request.downtime.names
        | request.confirm_resizes.names
        | request.unpin.names
    )
    named = _named(request.servers, told_by_id, on_hosts)
    others = lookup.servers(cloud, named, lookup.most_by_id(found))
    return dataclasses.replace(found, servers=on_hosts | others)


def _servers_on(
    cloud: client.Cloud, hosts: tuple[str, ...]
) -> dict[str, resources.Server] | None:
    """The servers on these hosts; None where Nova shows those of others.

    A server that moves from one of the hosts to another while they are asked
    for is on neither when it is its turn, or on both.

    :raises CloudUnavailable: when Nova leaves out some of the hosts, as it
        does while their cell does not answer: their servers as well.
    """
    begun = _newest_migration(cloud) if len(hosts) > 1 else None
    found: dict[str, resources.Server] = {}
    for host in hosts:
        shown = lookup.existing(
            cloud.nova.servers(whole=True, host=host, soft_deleted=True)
        )
        if any(_is_on_another(server, host) for server in shown.values()):
            return None
        found.update(shown)
    if begun is not None:
        moved = {
            migration.server_id
            for migration in cloud.nova.migrations(begun)
            if not {migration.source, migration.dest}.isdisjoint(hosts)
        }
        found.update(lookup.servers(cloud, moved - found.keys(), len(moved)))
    shown_hosts = cloud.nova.hosts() if hosts else {}
    for host in hosts:
        if host not in shown_hosts:
            raise exception.CloudUnavailable(
                'Nova',
                f'it does not show {host} any more, and may leave out its '
                'servers: repeat the audit when it does',
            )
    return _newest_first(found)


def _newest_migration(cloud: client.Cloud) -> datetime.datetime | None:
    """A time since which servers may have moved, by Nova's own clocks."""
    return lookup.optional(
        'servers that move from one host of the audit to another meanwhile',
        lambda: observation.shortly_before(
            cloud.nova.newest_change() or _BEFORE_ALL
        ),
        None,
    )


def _is_on_another(server: resources.Server, host: str) -> bool:
    """Whether it is not on the host that Nova was asked for.

    MySQL compares names without their case.  One that cannot be read may be
    anywhere.
    """
    return server.host is not None and (
        server.host.casefold() != host.casefold()
    )


def _add_volumes(
    cloud: client.Cloud,
    request: params.Request,
    found: cloud_inventory.Inventory,
) -> cloud_inventory.Inventory:
    """Add the volumes in the pools that are emptied, and those named."""
    places = _places(request, found)
    if places is None:
        return _with_all_volumes(cloud, found)
    in_places = _volumes_in(cloud, places)
    found = dataclasses.replace(found, volumes=in_places, asked_pools=places)
    named = _named(request.volumes, request.exclude.volumes, in_places)
    others = lookup.volumes(cloud, named, lookup.most_by_id(found))
    return dataclasses.replace(
        found, volumes=in_places | _without_copies(others)
    )


def _places(
    request: params.Request, found: cloud_inventory.Inventory
) -> tuple[str, ...] | None:
    """The pools and backends to ask for; None: list all volumes."""
    if found.backends is None:
        return None
    names = {
        name
        for backend in found.backends.values()
        for name in (backend.name, backend.cluster)
        if name
    }
    places = sources.places(request, found.pools, names)
    if places is None or not request.disable_storage_pools:
        return places
    # One that is disabled already shows no pools: its volumes tell of others.
    shown = {resources.backend_of(name) for name in found.pools}
    backends = {name: resources.backend_of(name) for name in places}
    return tuple(sorted({p if b in shown else b for p, b in backends.items()}))


def _volumes_in(
    cloud: client.Cloud, places: tuple[str, ...]
) -> dict[str, resources.Volume]:
    """The volumes in these pools and backends.

    As with servers, one that moves between two of them is not lost.
    """
    several = len(places) > 1
    begun = cloud.cinder.newest_change() if several else None
    found: dict[str, resources.Volume] = {}
    for place in places:
        found.update(cloud.cinder.volumes(place=place))
    since = observation.shortly_before(begun)
    if since is not None:
        found.update(
            (id_, volume)
            for id_, volume in cloud.cinder.volumes(since).items()
            if id_ not in found
            and any(resources.same_pool(p, volume.host) for p in places)
        )
    return _newest_first(_without_copies(found))


def _named(
    items: Iterable[params.ServerItem | params.VolumeItem],
    names: Iterable[str],
    found: Collection[str],
) -> set[str]:
    """The ids that an audit names, to be moved or not, of what is not found.

    An id that is nowhere means nothing, and that is told.

    :param names: ids, names and globs of what else it is about.
    """
    ids = {item.id for item in items}
    ids.update(name.lower() for name in names if globs.is_id(name))
    return ids.difference(found)


def _without_copies(
    volumes: Mapping[str, resources.Volume],
) -> dict[str, resources.Volume]:
    """The volumes that are no second rows of others."""
    return {id_: v for id_, v in volumes.items() if not v.is_copy}


def _newest_first(found: Mapping[str, Thing]) -> dict[str, Thing]:
    """The things in the order in which a service lists them all."""
    ordered = sorted(
        found.items(), key=lambda each: each[1].created_at or '', reverse=True
    )
    return dict(ordered)
