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

"""The preflight decisions on servers, before anything moves.

What can be said of a server by itself is said by
:mod:`~zone_migration.logic.preflight.server_checks`, in the words in which an
action says it when it starts; which hosts have capacity for all of them, by
:mod:`~zone_migration.logic.preflight.server_placement`.  What only the audit
and the rest of its plan can tell is added here.
"""

from collections.abc import Mapping
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import downtime
from zone_migration.logic.preflight import leaving
from zone_migration.logic.preflight import manila_shares
from zone_migration.logic.preflight import resizes
from zone_migration.logic.preflight import server_checks
from zone_migration.logic.preflight import server_placement
from zone_migration.logic.preflight import server_states

#: How much of a volume's name leaves a message enough for the reason.
_NAME = 60

#: By id: a volume that the audit asks for, and the decision on it.
_Volumes = Mapping[str, tuple[params.VolumeItem, decisions.Decision]]


def evaluate(
    request: params.Request,
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
    ranks: Mapping[str, int],
    volumes: _Volumes,
) -> dict[str, tuple[params.ServerItem, decisions.Decision]]:
    """Return by id each server, with its host, and the decision on it.

    :param ranks: by server; lower ones have the first choice.
    """
    items = [resizes.prepare(item, inventory) for item in selected.servers]
    inventory = resizes.as_confirmed(items, inventory)
    items = [_with_downtime(item, inventory) for item in items]
    decided = {
        item.id: (item, _by_itself(request, item, inventory, volumes))
        for item in items
    }
    decided.update(
        server_placement.choose(
            [
                item
                for item, decision in decided.values()
                if decision.kind is decisions.Kind.START and not item.instead
            ],
            inventory,
            selected.hosts,
            ranks,
        )
    )
    return decided


def _with_downtime(
    item: params.ServerItem, inventory: cloud_inventory.Inventory
) -> params.ServerItem:
    """The server as it is to be migrated: cold where it cannot go live.

    The scheduler checks whatever is migrated cold.
    """
    why = downtime.reason(item, inventory)
    if not why:
        return item
    return dataclasses.replace(item, downtime=why, force=False)


def _by_itself(
    request: params.Request,
    item: params.ServerItem,
    inventory: cloud_inventory.Inventory,
    volumes: _Volumes,
) -> decisions.Decision:
    """Return the decision on a server, whatever becomes of other servers."""
    server = inventory.servers.get(item.id)
    if server is None:
        gone = decisions.gone(decisions.ServerMove(item.id))
        return decisions.refuse(gone.text)
    if item.instead:
        return _instead(request, item, server, inventory)
    decision = _check(item, server, inventory, volumes)
    if decision.kind is decisions.Kind.ADOPT:
        decision = _going_elsewhere(item, inventory) or decision
    if decision.moves and not inventory.in_scope(server.host or ''):
        return decisions.refuse(
            f'it is on {server.host}, outside of the scope of the audit: '
            'leave it out, or take another audit template'
        )
    down = source_down(server, inventory.hosts.get(server.host or ''))
    if down and decision.kind is decisions.Kind.REFUSE:
        return down
    if decision.kind is not decisions.Kind.START:
        return decision
    is_live = item.status == schema.ACTIVE and not item.downtime
    remedy = downtime.remedy(server)
    return (
        (None if request.move_locked else locked(server))
        or down
        or resizes.stuck(item, inventory)
        or _fixed_device(item, inventory, is_live, remedy)
        or (
            manila_shares.stays(is_live, inventory.nova_version, remedy)
            if item.id in inventory.sharing
            else None
        )
        or _stuck_volume(server, inventory, volumes)
        or decision
    )


def _instead(
    request: params.Request,
    item: params.ServerItem,
    server: resources.Server,
    inventory: cloud_inventory.Inventory,
) -> decisions.Decision:
    """Return the decision on a server that leaves a host without moving."""
    wanted = decisions.ServerMove(item.id, source=item.src_hostname)
    host = inventory.hosts.get(item.src_hostname)
    if item.instead == params.OFFLOAD:
        decision = leaving.offload(wanted, server)
        why = source_down(server, host)
    else:
        # That of a server whose state was reset is read with its host only.
        migrations = inventory.migrations.get(item.id) or (
            inventory.unconfirmed[item.id],
        )
        decision = leaving.confirm(wanted, server, migrations, host)
        why = resizes.not_allowed(item, server)
    if decision.kind is not decisions.Kind.START:
        return decision
    return (None if request.move_locked else locked(server)) or why or decision


def _check(
    item: params.ServerItem,
    server: resources.Server,
    inventory: cloud_inventory.Inventory,
    volumes: _Volumes,
) -> decisions.Decision:
    """Return the decision of the action that would move the server."""
    wanted = decisions.ServerMove(
        item.id,
        status=item.status,
        dst_hostname=item.dst_hostname,
        src_hostname=item.src_hostname,
        force=item.force,
    )
    if not item.dst_hostname and server.host in item.destinations:
        wanted = dataclasses.replace(wanted, dst_hostname=server.host)
    check = (
        server_checks.live_migration
        if item.status == schema.ACTIVE and not item.downtime
        else server_checks.cold_migration
    )
    return check(
        wanted,
        server,
        inventory.migrations.get(item.id, ()),
        inventory.hosts.get(wanted.dst_hostname),
        # Those of the plan are waited for.
        [
            inventory.volumes[id_]
            for id_ in server.volume_ids
            if id_ in inventory.volumes and id_ not in volumes
        ],
    )


def _going_elsewhere(
    item: params.ServerItem, inventory: cloud_inventory.Inventory
) -> decisions.Decision | None:
    """Refuse a migration in flight to a host that nobody asked for.

    One to the single host that is asked for has been checked before.
    """
    goal = server_checks.goal(inventory.migrations.get(item.id, ()))
    if (
        item.dst_hostname
        or not goal
        or not item.destinations
        or goal in item.destinations
    ):
        return None
    return decisions.refuse(
        f'a migration to {goal} is in flight already, to none of the '
        f'{len(item.destinations)} hosts that it may go to'
    )


def _fixed_device(
    item: params.ServerItem,
    inventory: cloud_inventory.Inventory,
    is_live: bool,
    remedy: str,
) -> decisions.Decision | None:
    """Refuse a server for its devices; None where they do not matter."""
    accelerator = inventory.accelerators.get(item.id)
    if accelerator:
        return decisions.refuse(accelerator)
    device = inventory.devices.get(item.id)
    if not device or not is_live:
        return None
    return decisions.refuse(f'it cannot be migrated live: {device}: {remedy}')


def _stuck_volume(
    server: resources.Server,
    inventory: cloud_inventory.Inventory,
    volumes: _Volumes,
) -> decisions.Decision | None:
    """Refuse a server with a volume that is asked for and stays."""
    for id_ in server.volume_ids:
        if id_ in volumes:
            decision = volumes[id_][1]
            if decision.kind is decisions.Kind.REFUSE:
                volume = inventory.volumes.get(id_)
                name = messages.fit(volume.name, _NAME) if volume else ''
                return decisions.refuse(
                    f'its volume {name or id_} cannot move: {decision.text}'
                )
    return None


def locked(server: resources.Server) -> decisions.Decision | None:
    """Refuse a locked server; None for one that is not locked.

    Nova moves it all the same when an administrator asks (``lock`` binds its
    owner only), so whether that is meant is the audit's to say; an action
    does not ask again.
    """
    if not server.locked:
        return None
    return decisions.refuse(
        'the server is locked: unlock it, or set move_locked'
    )


def source_down(
    server: resources.Server, host: resources.ComputeHost | None
) -> decisions.Decision | None:
    """Refuse a server that cannot leave its host; None if it can.

    Nova refuses a cold migration and ends a live one in "error" when the
    compute service that the server is on is down.

    :param host: the one that the server is on, None if it is not known.
    """
    if host is None or host.up:
        return None
    return decisions.refuse(
        f'nova-compute on {host.name} is down, nothing can leave it: '
        + server_states.of(server.status).remedy_if_down
    )
