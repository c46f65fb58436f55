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

"""From what an audit asks for and what the cloud shows to actions."""

from collections.abc import Iterable
import dataclasses
from typing import Any

from zone_migration.logic import cloud
from zone_migration.logic import messages
from zone_migration.logic import params
from zone_migration.logic import schema

LIVE_MIGRATION = 'live_migration'
COLD_MIGRATION = 'cold_migration'
VOLUME_MIGRATION = 'volume_migration'
VOLUME_RETYPE = 'volume_retype'
VOLUME_UPDATE = 'volume_update'

ACTION_TYPES = (
    LIVE_MIGRATION,
    COLD_MIGRATION,
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


def plan(
    request: params.Request, inventory: cloud.Inventory
) -> list[PlannedAction]:
    """The actions that the request comes to, in its order.

    :raises InvalidParameters: naming each destination that does not exist.
    """
    faults = _unknown_destinations(request, inventory)
    if faults:
        raise params.InvalidParameters(faults)
    return [
        _server(item, inventory.servers.get(item.id))
        for item in request.servers
    ] + [
        _volume(item, inventory.volumes.get(item.id))
        for item in request.volumes
    ]


def _unknown_destinations(
    request: params.Request, inventory: cloud.Inventory
) -> list[params.Fault]:
    backends = {pool.partition('#')[0] for pool in inventory.pools}
    faults = []
    for server in request.servers:
        if server.dst_hostname and server.dst_hostname not in inventory.hosts:
            faults.append(
                _unknown(server.path, 'dst_hostname', 'compute host',
                         server.dst_hostname, inventory.hosts)
            )
    for volume in request.volumes:
        name = volume.dst_hostname
        if name and name not in inventory.pools and name not in backends:
            faults.append(
                _unknown(volume.path, 'dst_hostname', 'storage pool', name,
                         inventory.pools)
            )
        name = volume.dst_type
        if name and name not in inventory.volume_types:
            faults.append(
                _unknown(volume.path, 'dst_type', 'volume type', name,
                         inventory.volume_types)
            )
    return faults


def _unknown(
    path: str, key: str, kind: str, name: str, known: Iterable[str]
) -> params.Fault:
    return params.Fault(
        f'{path}.{key}', messages.none_such(kind, name, known)
    )


def _server(
    item: params.ServerItem, server: cloud.Server | None
) -> PlannedAction:
    parameters: dict[str, Any] = {'status': item.status}
    if server is not None:
        parameters['resource_name'] = server.name
        parameters['source'] = server.host or ''
        parameters['memory_mb'] = server.memory_mb
    for key in ('dst_hostname', 'src_hostname', 'force'):
        value = getattr(item, key)
        if value:
            parameters[key] = value
    return PlannedAction(
        LIVE_MIGRATION if item.status == schema.ACTIVE else COLD_MIGRATION,
        item.id,
        parameters,
        '' if server else f'server {item.id} not found',
    )


def _volume(
    item: params.VolumeItem, volume: cloud.Volume | None
) -> PlannedAction:
    parameters: dict[str, Any] = {'status': item.status}
    if volume is not None:
        parameters['resource_name'] = volume.name
        parameters['source'] = volume.host or ''
        parameters['source_type'] = volume.type or ''
        parameters['size_gb'] = volume.size_gb
    for key in ('dst_hostname', 'dst_type', 'src_hostname'):
        value = getattr(item, key)
        if value:
            parameters[key] = value
    if item.status == schema.IN_USE:
        action_type = VOLUME_UPDATE
        if volume is not None and volume.server_ids:
            parameters['server_id'] = volume.server_ids[0]
    elif item.dst_type:
        action_type = VOLUME_RETYPE
    else:
        action_type = VOLUME_MIGRATION
    return PlannedAction(
        action_type,
        item.id,
        parameters,
        '' if volume else f'volume {item.id} not found',
    )
