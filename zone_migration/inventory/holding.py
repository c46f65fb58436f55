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
    unconfirmed = _unconfirmed(cloud, hosts, found.asked_hosts is None)
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
    )
    nothing: dict[str, tuple[cloud_inventory.Leftover, ...]] = {}
    return dataclasses.replace(
        found,
        leftovers=lookup.optional(
            'allocations of nothing on the hosts to be emptied',
            lambda: _leftovers(cloud, hosts, found),
            nothing,
        ),
    )


def _unconfirmed(
    cloud: client.Cloud, hosts: Iterable[str], ask_for_all: bool
) -> dict[str, resources.Migration]:
    """The newest record of each server that has left one of the hosts.

    :param ask_for_all: those of the whole cloud at once.
    """
    nothing: list[list[resources.Migration]] = []
    listed = lookup.optional(
        'resizes that keep room on the hosts to be emptied',
        lambda: at_once.each(
            cloud.nova.unconfirmed_from, [None] if ask_for_all else hosts
        ),
        nothing,
    )
    wanted = set(hosts)
    records = [
        one
        for some in listed
        for one in some
        if one.source in wanted and one.type in _CONFIRMED
    ]
    return {
        one.server_id: one for one in sorted(records, key=lambda one: one.id)
    }


def _leftovers(
    cloud: client.Cloud,
    hosts: tuple[str, ...],
    found: cloud_inventory.Inventory,
) -> dict[str, tuple[cloud_inventory.Leftover, ...]]:
    """By host, what Placement has allocations of and that is not there."""
    if found.asked_hosts is None:
        providers = cloud.nova.providers()
    else:
        asked = at_once.each(cloud.nova.provider_of, hosts)
        providers = lookup.existing(dict(zip(hosts, asked, strict=True)))
    known = [host for host in hosts if host in providers]
    consumers = at_once.each(
        lambda host: cloud.placement.consumers(providers[host]), known
    )
    on_host: dict[str, set[str]] = {}
    for server in found.servers.values():
        on_host.setdefault(server.host or '', set()).add(server.id)
    for migration in found.unconfirmed.values():
        on_host.setdefault(migration.source or '', set()).add(migration.uuid)
    left = {
        host: _what_is_left(cloud, host, ids - on_host.get(host, set()))
        for host, ids in zip(known, consumers, strict=True)
    }
    return {host: of_host for host, of_host in left.items() if of_host}


def _what_is_left(
    cloud: client.Cloud, host: str, consumers: Iterable[str]
) -> tuple[cloud_inventory.Leftover, ...]:
    """What these consumers are, without those that come or go just now."""
    consumers = sorted(consumers)
    if not consumers:
        return ()
    migrations = cloud.nova.migrations_at(host)
    servers = lookup.servers(cloud, consumers, lookup.MAX_BY_ID)
    return tuple(leftovers.of_host(host, consumers, servers, migrations))
