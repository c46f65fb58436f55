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

"""Servers whose resize, or cold migration, waits to be confirmed.

Such a server is on its new host, which it cannot leave, and Nova keeps its
disks and its allocation on the old one.
"""

from collections.abc import Iterable
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import leaving
from zone_migration.logic.preflight import server_states

#: Nova's power state of a guest that is shut down.
_SHUT_DOWN = 4

#: Nova's statuses of a record that waits for its confirmation, or is at it.
_TO_CONFIRM = ('finished', 'confirming')


def to_confirm(
    server: resources.Server | None,
    migrations: Iterable[resources.Migration],
    host: str = '',
) -> resources.Migration | None:
    """The record that has brought a server to its host, and is unconfirmed.

    :param host: that host; '' for the one that it is on.
    """
    newest = max(migrations, key=lambda m: m.id, default=None)
    if (
        server is None
        or newest is None
        or server.status != 'VERIFY_RESIZE'
        or server.task_state is not None
        or newest.status not in _TO_CONFIRM
        or not newest.dest == server.host == (host or server.host)
    ):
        return None
    return newest


def prepare(
    item: params.ServerItem, inventory: cloud_inventory.Inventory
) -> params.ServerItem:
    """The server as it is to be moved: confirmed first, where it has to be.

    One that an audit names as shut off, to be seen through the migration that
    it is in, stays as it is: its action confirms that.
    """
    server = inventory.servers.get(item.id)
    migration = to_confirm(server, inventory.migrations.get(item.id, ()))
    if (
        item.may_confirm
        and not item.instead
        and server is not None
        and migration is not None
        and item.dst_hostname != server.host
        and not (
            item.status == schema.SHUTOFF
            and migration.type == 'migration'
            and item.src_hostname != server.host
        )
    ):
        item = dataclasses.replace(
            item,
            confirm_first=True,
            status=(
                status_after(server).lower() if item.selector else item.status
            ),
        )
    if item.status == schema.SHUTOFF and item.allow_downtime:
        item = dataclasses.replace(item, allow_downtime=False)
    return item


def as_confirmed(
    items: Iterable[params.ServerItem], inventory: cloud_inventory.Inventory
) -> cloud_inventory.Inventory:
    """The inventory with those servers confirmed that are to be.

    Nova has a server ACTIVE then, or SHUTOFF where its guest does not run
    (``nova.compute.manager.ComputeManager._confirm_resize``).
    """
    confirmed = {
        item.id: dataclasses.replace(server, status=status_after(server))
        for item in items
        if item.confirm_first
        for server in (inventory.servers[item.id],)
    }
    return dataclasses.replace(
        inventory, servers={**inventory.servers, **confirmed}
    )


def stuck(
    item: params.ServerItem, inventory: cloud_inventory.Inventory
) -> decisions.Decision | None:
    """Refuse a server that cannot be confirmed before it moves."""
    if not item.confirm_first:
        return None
    newest = max(inventory.migrations[item.id], key=lambda m: m.id)
    return leaving.source_down(
        newest, inventory.hosts.get(newest.source or '')
    )


def not_allowed(
    item: params.ServerItem, server: resources.Server
) -> decisions.Decision | None:
    """Refuse to confirm what the audit does not let be confirmed."""
    if item.may_confirm:
        return None
    return decisions.refuse(
        f'the server is in VERIFY_RESIZE on {server.host} and keeps room on '
        f'{item.src_hostname}, which does not become empty: '
        f'{server_states.of(server.status).remedy}'
    )


def status_after(server: resources.Server) -> str:
    """The status that a server has once its move is confirmed or reverted.

    In RESIZE and VERIFY_RESIZE its power state tells, as far as Nova shows it.
    """
    if server.status in ('ACTIVE', 'SHUTOFF'):
        return server.status
    return 'SHUTOFF' if server.power_state == _SHUT_DOWN else 'ACTIVE'
