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

"""Volumes, volume types and pools, read from what Cinder shows."""

from collections.abc import Iterable
import math
from typing import Any

from zone_migration.client import reading
from zone_migration.logic import resources
from zone_migration.logic.preflight import pool_capacity


def volumes(shown: Iterable[Any]) -> dict[str, resources.Volume]:
    """The volumes by id.

    One that cannot be read is among them, as unknown: nothing else is known
    of it.
    """
    return {
        v.id: volume
        or resources.Volume(
            v.id, name='', status='unknown', host=None, type=None
        )
        for v, volume in reading.readable('volume', shown, _volume)
    }


def _volume(v: Any) -> resources.Volume:
    """A volume.

    Each attachment names a host, also one to a server.
    """
    hosts = (
        a.get('host_name') or ''
        for a in v.attachments
        if not a.get('server_id')
    )
    servers = (a.get('server_id') for a in v.attachments)
    return resources.Volume(
        id=v.id,
        name=v.name or '',
        status=v.status,
        host=getattr(v, 'os-vol-host-attr:host', None),
        type=v.volume_type,
        migration_status=getattr(v, 'migration_status', None),
        size_gb=v.size,
        server_ids=tuple(sorted({id_ for id_ in servers if id_})),
        host_names=tuple(sorted(set(hosts))),
        group_id=getattr(v, 'group_id', None)
        or getattr(v, 'consistencygroup_id', None),
        project_id=getattr(v, 'os-vol-tenant-attr:tenant_id', ''),
        created_at=getattr(v, 'created_at', None) or '',
        updated_at=getattr(v, 'updated_at', None),
        multiattach=getattr(v, 'multiattach', False),
        encrypted=getattr(v, 'encrypted', False),
        # What cinder.volume.api.API.migrate_volume takes for not replicated.
        replicated=getattr(v, 'replication_status', None)
        not in (None, '', 'disabled', 'not-capable'),
        zone=getattr(v, 'availability_zone', None) or '',
    )


def attachment(a: Any) -> tuple[str, str]:
    """The ids of its volume and its server; '' for that of a host."""
    return reading.text(a.volume_id), reading.text(a.instance or '')


def volume_type(t: Any) -> resources.VolumeType:
    """A volume type, with its extra specs as Cinder reads them for a retype.

    Of multiattach it takes one spelling only (``_is_multiattach`` of
    ``cinder.volume.api.API``); zones that are none bind nothing
    (``extract_availability_zones_from_volume_type`` of
    ``cinder.volume.volume_utils``).
    """
    specs = getattr(t, 'extra_specs', None)
    if specs is None:  # Cinder's policy does not show them.
        return resources.VolumeType(t.name)
    zones = specs.get('RESKEY:availability_zones')
    most = _whole(specs.get('provisioning:max_vol_size'))
    return resources.VolumeType(
        name=t.name,
        multiattach=specs.get('multiattach') == '<is> True',
        zones=None
        if zones is None
        else tuple(zone.strip() for zone in zones.split(',') if zone),
        min_gb=_whole(specs.get('provisioning:min_vol_size')) or 0,
        max_gb=math.inf if most is None else most,
        qos_id=getattr(t, 'qos_specs_id', None) or '',
    )


def _whole(value: Any) -> int | None:
    """A whole number, None for what is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def named(t: Any) -> Any:
    """A volume type, which has to have an id and a name."""
    reading.text(t.id)
    reading.text(t.name)
    return t


def extra_specs(t: Any) -> tuple[str, dict[str, str | None]]:
    """The name of a type and its extra specs, which policy may hide."""
    return t.name, {
        reading.text(key): value
        for key, value in getattr(t, 'extra_specs', {}).items()
    }


def capabilities(pool: Any) -> tuple[str, dict[str, Any]]:
    """The name of a pool, and the capabilities that its backend tells."""
    return reading.text(pool['name']), dict(pool['capabilities'])


def pool(
    name: str,
    capacity: pool_capacity.Capacity,
    types: frozenset[str],
    thick: frozenset[str],
) -> resources.Pool:
    """The pool, with what Cinder still places there.

    :param types: those that it serves.
    :param thick: the types of thick volumes, served or not.
    """
    return resources.Pool(
        name,
        pool_capacity.left_gb(capacity),
        types,
        pool_capacity.left_gb(capacity, thick=True),
        thick & types,
    )


def zone(shown: Any) -> tuple[list[str], str]:
    """The names that pools of a volume service begin with, and its zone.

    The pools of a cluster are named after that.
    """
    names = shown.host, getattr(shown, 'cluster', None)
    zone = reading.text(getattr(shown, 'zone', None) or '')
    return [reading.text(name) for name in names if name], zone


def left_of_quota(quota: dict[str, int] | None) -> float:
    """The rest of a quota; infinite where there is none (-1)."""
    if quota is None or quota['limit'] < 0:
        return math.inf
    return quota['limit'] - quota['in_use'] - quota['reserved']
