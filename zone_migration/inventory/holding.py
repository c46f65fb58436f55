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

"""What holds the hosts that an audit empties, beside the servers on them."""

from collections.abc import Iterable
import dataclasses

from zone_migration import client
from zone_migration.client import at_once
from zone_migration.inventory import lookup
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import compute_selectors
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import leftovers

#: Nova's types of migrations that are confirmed, or reverted.
_CONFIRMED = ('resize', 'migration')

#: What is not checked where it may not be asked for.
_ALLOCATIONS = 'allocations of nothing on the hosts to be emptied'


def add(
    cloud: client.Cloud,
    request: params.Request,
    found: cloud_inventory.Inventory,
) -> cloud_inventory.Inventory:
    """Return the inventory with what keeps room on the hosts to be emptied.

    Unconfirmed resizes and cold migrations, with their servers, and the
    allocations in Placement of nothing that is there.

    :param found: with the servers on these hosts.
    :raises CloudError: when a service does not tell what is needed.
    """
    hosts = (
        compute_selectors.sources(request, found) if request.compute else ()
    )
    if not hosts:
        return found
    all_listed = found.asked_hosts is None
    finished = _finished(cloud, [None] if all_listed else hosts)
    unconfirmed = _unconfirmed(finished or (), hosts)
    servers = lookup.servers(
        cloud,
        unconfirmed.keys() - found.servers.keys(),
        lookup.most_by_id(found),
    )
    found = dataclasses.replace(
        found,
        servers={**found.servers, **servers},
        unconfirmed={
            id_: migration
            for id_, migration in unconfirmed.items()
            if id_ in servers or id_ in found.servers
        },
        finished=finished if all_listed else None,
        providers=lookup.optional(
            _ALLOCATIONS, lambda: _providers(cloud, hosts, all_listed), {}
        ),
    )
    nothing: dict[str, tuple[cloud_inventory.Leftover, ...]] = {}
    return dataclasses.replace(
        found,
        leftovers=lookup.optional(
            _ALLOCATIONS, lambda: _leftovers(cloud, hosts, found), nothing
        ),
    )


def _finished(
    cloud: client.Cloud, hosts: Iterable[str | None]
) -> tuple[resources.Migration, ...] | None:
    """The migrations that wait to be confirmed, None where that is not told.

    :param hosts: those that they have left; None for all.
    """
    nothing: list[list[resources.Migration]] | None = None
    listed = lookup.optional(
        'resizes that keep room on the hosts to be emptied',
        lambda: at_once.each(cloud.nova.unconfirmed_from, hosts),
        nothing,
    )
    if listed is None:
        return None
    return tuple(one for some in listed for one in some)


def _unconfirmed(
    finished: Iterable[resources.Migration], hosts: Iterable[str]
) -> dict[str, resources.Migration]:
    """The newest record of each server that has left one of the hosts."""
    wanted = set(hosts)
    records = [
        one
        for one in finished
        if one.source in wanted and one.type in _CONFIRMED
    ]
    return {
        one.server_id: one for one in sorted(records, key=lambda one: one.id)
    }


def _providers(
    cloud: client.Cloud, hosts: tuple[str, ...], all_listed: bool
) -> dict[str, str]:
    """The resource providers of the hosts, and of others that are listed."""
    if all_listed:
        return cloud.nova.providers()
    asked = at_once.each(cloud.nova.provider_of, hosts)
    return lookup.existing(dict(zip(hosts, asked, strict=True)))


def _leftovers(
    cloud: client.Cloud,
    hosts: tuple[str, ...],
    found: cloud_inventory.Inventory,
) -> dict[str, tuple[cloud_inventory.Leftover, ...]]:
    """By host, what Placement has allocations of and that is not there.

    Without those of what comes or goes just now.
    """
    known = [host for host in hosts if host in found.providers]
    consumers = at_once.each(
        lambda host: cloud.placement.consumers(found.providers[host]), known
    )
    on_host: dict[str, set[str]] = {}
    for server in found.servers.values():
        on_host.setdefault(server.host or '', set()).add(server.id)
    for migration in found.unconfirmed.values():
        on_host.setdefault(migration.source or '', set()).add(migration.uuid)
    unknown = {
        host: sorted(ids - on_host.get(host, set()))
        for host, ids in zip(known, consumers, strict=True)
        if ids - on_host.get(host, set())
    }
    # Servers after migrations: one that has arrived meanwhile shows its host.
    migrations = lookup.by_id(cloud.nova.migrations_at, unknown)
    records = {one.uuid for some in migrations.values() for one in some}
    servers = lookup.servers(
        cloud,
        {id_ for ids in unknown.values() for id_ in ids} - records,
        lookup.most_by_id(found),
    )
    left = {
        host: tuple(leftovers.of_host(host, ids, servers, migrations[host]))
        for host, ids in unknown.items()
    }
    return {host: of_host for host, of_host in left.items() if of_host}
