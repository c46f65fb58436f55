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

"""The actions of a plan, from the result of each resource."""

from collections.abc import Iterable
import dataclasses
from typing import Any

from zone_migration.logic import cloud_inventory
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import results

LIVE_MIGRATION = 'live_migration'
COLD_MIGRATION = 'cold_migration'
SHELVE_OFFLOAD = 'shelve_offload'
CONFIRM_RESIZE = 'confirm_resize'
VOLUME_MIGRATION = 'volume_migration'
VOLUME_RETYPE = 'volume_retype'
VOLUME_UPDATE = 'volume_update'

ACTION_TYPES = (
    LIVE_MIGRATION,
    COLD_MIGRATION,
    SHELVE_OFFLOAD,
    CONFIRM_RESIZE,
    VOLUME_MIGRATION,
    VOLUME_RETYPE,
    VOLUME_UPDATE,
)


@dataclasses.dataclass(frozen=True)
class PlannedAction:
    """One action of the plan to be."""

    action_type: str
    resource_id: str
    #: Flat, as Horizon shows each value as it is; without resource_id.
    parameters: dict[str, Any]
    #: Why it cannot be done; empty when it can.
    skip_reason: str = ''


def check_destinations(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> None:
    """Raise InvalidParameters unless each destination that is named exists.

    :raises InvalidParameters: naming each that does not.
    """
    faults = _unknown_destinations(request, inventory)
    if faults:
        raise errors.InvalidParameters(faults)


def plan(
    report: results.Report, inventory: cloud_inventory.Inventory
) -> list[PlannedAction]:
    """The actions that the results come to, in their order."""
    ranked = any(result.rank for result in report.results)
    return [_action(result, inventory, ranked) for result in report.results]


def faults_of_stuck(
    report: results.Report, inventory: cloud_inventory.Inventory
) -> list[errors.Fault]:
    """A fault for each resource that cannot move, with its name."""
    known: dict[str, resources.Server | resources.Volume] = {
        **inventory.servers,
        **inventory.volumes,
    }
    faults = []
    for result in report.stuck:
        item = result.item
        name = known[item.id].name if item.id in known else ''
        # The path has the id of what no selector has found.
        name = name or (item.id if item.selector else '')
        text = result.decision.text
        faults.append(
            errors.Fault(item.path, f'{name}: {text}' if name else text)
        )
    return faults


def _unknown_destinations(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> list[errors.Fault]:
    """A fault for each destination that does not exist."""
    backends = {resources.backend_of(pool) for pool in inventory.pools}
    faults = []
    for server in request.servers:
        if server.dst_hostname and server.dst_hostname not in inventory.hosts:
            faults.append(
                _unknown(
                    server.path,
                    'dst_hostname',
                    'compute host',
                    server.dst_hostname,
                    inventory.hosts,
                )
            )
    for volume in request.volumes:
        name = volume.dst_hostname
        if name and name not in inventory.pools and name not in backends:
            faults.append(
                _unknown(
                    volume.path,
                    'dst_hostname',
                    'storage pool',
                    name,
                    inventory.pools,
                )
            )
        name = volume.dst_type
        if name and name not in inventory.volume_types:
            faults.append(
                _unknown(
                    volume.path,
                    'dst_type',
                    'volume type',
                    name,
                    inventory.volume_types,
                )
            )
    return faults


def _unknown(
    path: str, key: str, kind: str, name: str, known: Iterable[str]
) -> errors.Fault:
    """The fault of a parameter that names something unknown."""
    return errors.Fault(f'{path}.{key}', messages.none_such(kind, name, known))


def _action(
    result: results.Result, inventory: cloud_inventory.Inventory, ranked: bool
) -> PlannedAction:
    """The action for a result; skipped if the resource does not move."""
    item = result.item
    if isinstance(item, params.ServerItem):
        action_type, parameters = _server(item, inventory.servers.get(item.id))
    else:
        action_type, parameters = _volume(item, inventory.volumes.get(item.id))
        if item.dst_type and result.decision.pool:
            parameters['expected_pool'] = result.decision.pool
        if item.destinations and result.decision.kind is decisions.Kind.ADOPT:
            parameters['in_flight'] = True
    if ranked:
        parameters['rank'] = result.rank
    return PlannedAction(
        action_type,
        item.id,
        parameters,
        '' if result.moves else result.decision.text,
    )


def _server(
    item: params.ServerItem, server: resources.Server | None
) -> tuple[str, dict[str, Any]]:
    """The action type and the parameters for a server."""
    parameters: dict[str, Any] = {'status': item.status}
    if server is not None:
        parameters['resource_name'] = server.name
        parameters['project_id'] = server.project_id
        parameters['source'] = server.host or ''
        parameters['memory_mb'] = server.memory_mb
    for key in ('dst_hostname', 'src_hostname', 'force'):
        value = getattr(item, key)
        if value:
            parameters[key] = value
    if item.instead:
        return _leave(item, parameters)
    if item.unpin_from:
        parameters['unpin_from'] = item.unpin_from
        if item.leave_unpinned:
            parameters['leave_unpinned'] = True
    if item.confirm_first:
        parameters['confirm_resize'] = True
    if item.downtime:
        parameters['downtime'] = messages.fit(item.downtime)
    elif item.allow_downtime:
        parameters['allow_downtime'] = True
    if item.status == schema.ACTIVE and not item.downtime:
        return LIVE_MIGRATION, parameters
    return COLD_MIGRATION, parameters


def _leave(
    item: params.ServerItem, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The action for a server that leaves a host without moving."""
    # Nothing of it is copied.
    for name in ('status', 'memory_mb'):
        parameters.pop(name, None)
    parameters['source'] = item.src_hostname
    types = {
        params.OFFLOAD: SHELVE_OFFLOAD,
        params.CONFIRM: CONFIRM_RESIZE,
    }
    return types[item.instead], parameters


def _volume(
    item: params.VolumeItem, volume: resources.Volume | None
) -> tuple[str, dict[str, Any]]:
    """The action type and the parameters for a volume."""
    parameters: dict[str, Any] = {'status': item.status}
    if volume is not None:
        parameters['resource_name'] = volume.name
        parameters['project_id'] = volume.project_id
        parameters['source'] = volume.host or ''
        parameters['source_type'] = volume.type or ''
        parameters['size_gb'] = volume.size_gb
    for key in ('dst_hostname', 'dst_type', 'src_hostname'):
        value = getattr(item, key)
        if value:
            parameters[key] = value
    if item.status == schema.IN_USE:
        if volume is not None and volume.server_ids:
            parameters['server_id'] = volume.server_ids[0]
        return VOLUME_UPDATE, parameters
    if item.dst_type:
        return VOLUME_RETYPE, parameters
    return VOLUME_MIGRATION, parameters
