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

"""The servers that leave the availability zone that they are pinned to."""

import collections
from collections.abc import Iterable
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import availability_zones
from zone_migration.logic.preflight import candidate_hosts
from zone_migration.logic.preflight import risk_text


def apply(
    request: params.Request,
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
) -> tuple[selection.Selection, cloud_inventory.Inventory]:
    """Return what is selected, and the cloud, as if it was unpinned already.

    One whose destinations are all in its zone is left pinned.
    """
    if not availability_zones.can_unpin(inventory.nova_version):
        return selected, inventory
    zones = availability_zones.Zones(inventory.aggregates)
    items, servers = [], dict(inventory.servers)
    for item in selected.servers:
        server = servers.get(item.id)
        bound_to = zones.bind(server.pinned_zone) if server else None
        if item.may_unpin and server and bound_to is not None:
            named = candidate_hosts.named(item)
            if not named or not bound_to.issuperset(named):
                item = dataclasses.replace(
                    item,
                    unpin_from=server.pinned_zone,
                    leave_unpinned=request.leave_unpinned,
                )
                servers[item.id] = dataclasses.replace(server, pinned_zone='')
        items.append(item)
    return (
        dataclasses.replace(selected, servers=tuple(items)),
        dataclasses.replace(inventory, servers=servers),
    )


def risks(started: Iterable[params.ServerItem]) -> list[str]:
    """Tell what is unpinned, and what that may keep its owner from.

    :param started: what is to move.
    """
    by_zone = collections.Counter(
        item.unpin_from for item in started if item.unpin_from
    )
    return [
        risk_text.count(number, 'server')
        + f' will be unpinned from availability zone {zone}: volumes that are '
        'in it cannot be attached elsewhere, where cross_az_attach is off'
        for zone, number in sorted(by_zone.items())
    ]
