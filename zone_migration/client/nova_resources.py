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

"""Servers, migrations and hosts, read from what Nova shows."""

from collections.abc import Iterable
import datetime
import math
from typing import Any

from zone_migration.client import reading
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic import units


def servers(shown: Iterable[Any]) -> dict[str, resources.Server]:
    """The servers by id.

    One that cannot be read is among them, as UNKNOWN: nothing else is known
    of it.
    """
    return {
        s.id: server
        or resources.Server(s.id, name='', status='UNKNOWN', host=None)
        for s, server in reading.readable('server', shown, _server)
    }


def _server(s: Any) -> resources.Server:
    """A server.

    From 2.69 on, one in a cell that is down shows hardly more than its id, and
    its status is UNKNOWN.
    """
    flavor = getattr(s, 'flavor', None) or {}
    # '' where the root disk is a volume.
    image = getattr(s, 'image', None) or {}
    return resources.Server(
        id=s.id,
        name=getattr(s, 'name', None) or '',
        status=s.status,
        host=getattr(s, 'OS-EXT-SRV-ATTR:host', None),
        task_state=getattr(s, 'OS-EXT-STS:task_state', None),
        vm_state=getattr(s, 'OS-EXT-STS:vm_state', None),
        power_state=getattr(s, 'OS-EXT-STS:power_state', None),
        progress=getattr(s, 'progress', 0) or 0,
        fault=getattr(s, 'fault', {}).get('message', ''),
        vcpus=flavor.get('vcpus', 0),
        memory_mb=flavor.get('ram', 0),
        disk_gb=_disk_gb(flavor, bool(image)),
        volume_ids=tuple(
            v['id']
            for v in getattr(s, 'os-extended-volumes:volumes_attached', ())
        ),
        project_id=getattr(s, 'tenant_id', ''),
        created_at=getattr(s, 'created', ''),
        updated_at=getattr(s, 'updated', None),
        locked=getattr(s, 'locked', False),
        pinned_zone=getattr(s, 'pinned_availability_zone', None) or '',
        # Left out where Nova's policy does not show them.
        extra_specs=_texts(flavor.get('extra_specs', {})),
        image_properties=_texts(image.get('properties') or {}),
        image_known='properties' in image,
        hints=_hints(getattr(s, 'scheduler_hints', None) or {}),
    )


def _hints(shown: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The scheduler hints of a server, each with its values.

    Nova keeps these as a list of strings.

    >>> _hints({'same_host': ['u1', 'u2'], 'query': '[]'})
    {'same_host': ('u1', 'u2'), 'query': ('[]',)}
    """
    return {
        str(name): (values,)
        if isinstance(values, str)
        else tuple(map(str, values or ()))
        for name, values in shown.items()
    }


def _texts(shown: dict[Any, Any]) -> dict[str, str]:
    """Keys and values as strings, which they are for Nova."""
    return {str(key): str(value) for key, value in shown.items()}


def _disk_gb(flavor: dict[str, Any], has_image: bool) -> int:
    """The local disks of a server in GB, as Nova's scheduler counts them.

    The rules are those of ``nova.scheduler.utils.ResourceRequest``.  A root
    disk that is a volume does not count (the server has no image then), swap
    does, which a flavor has in MB, and an extra spec goes before all, if it is
    an amount (``nova.objects.request_spec.RequestGroup.add_resource``).

    >>> _disk_gb({'disk': 20, 'ephemeral': 5, 'swap': 512}, has_image=True)
    26
    """
    asked = flavor.get('extra_specs', {}).get('resources:DISK_GB')
    if asked is not None:
        if str(asked).isdecimal():
            return int(asked)
        reading.log_unreadable(
            'extra spec resources:DISK_GB of flavor',
            flavor.get('original_name'),
            f'{asked!r} is no amount',
        )
    root = flavor.get('disk', 0) if has_image else 0
    swap = math.ceil(flavor.get('swap', 0) / units.MB_PER_GB)
    return int(root + flavor.get('ephemeral', 0) + swap)


def provider(h: Any) -> tuple[str, str]:
    """The host of a compute node, and the id of its resource provider."""
    return reading.text(h.service['host']), h.id


def host(s: Any) -> resources.ComputeHost:
    """A compute host, of its nova-compute service."""
    return resources.ComputeHost(
        name=reading.text(s.host),
        enabled=s.status == 'enabled',
        up=s.state == 'up',
        disabled_reason=getattr(s, 'disabled_reason', None) or '',
        zone=getattr(s, 'zone', None) or '',
    )


def aggregate(a: Any) -> resources.Aggregate:
    """A host aggregate."""
    return resources.Aggregate(
        name=reading.text(a.name),
        hosts=frozenset(map(reading.text, a.hosts)),
        metadata=_texts(getattr(a, 'metadata', None) or {}),
    )


def group(g: Any) -> resources.ServerGroup:
    """A server group.

    Below 2.64 it has a list of policies, with one in it, and no rules.
    """
    policies = getattr(g, 'policies', None) or ['']
    rules = getattr(g, 'rules', None) or {}
    return resources.ServerGroup(
        id=g.id,
        name=g.name,
        policy=getattr(g, 'policy', None) or policies[0],
        server_ids=tuple(map(reading.text, g.members)),
        max_server_per_host=int(rules.get('max_server_per_host', 1)),
    )


def migrations(shown: Iterable[Any]) -> list[resources.Migration]:
    """The migration records that can be read, in their order."""
    return reading.read_each('migration', shown, _migration)


def _migration(m: Any) -> resources.Migration:
    """A migration record."""
    return resources.Migration(
        id=m.id,
        server_id=m.instance_uuid,
        type=m.migration_type,
        status=m.status,
        source=m.source_compute,
        dest=m.dest_compute,
        updated_at=getattr(m, 'updated_at', None),
        created_at=getattr(m, 'created_at', None) or '',
        uuid=getattr(m, 'uuid', None) or '',
    )


#: The events of a cold migration within which the guest is stopped, and
#: started: at its destination, or at its source where that was taken back.
_STOPPED = 'compute_resize_instance'
_STARTED = 'compute_finish_resize'
_TAKEN_BACK = 'compute_revert_resize'
_STARTED_AGAIN = 'compute_finish_revert_resize'


def downtime(events: Iterable[dict[str, Any]]) -> float | None:
    """The seconds from before a guest was stopped to when it ran again.

    Nova keeps whole seconds.  None where the events do not tell.

    :param events: those of the instance actions of a cold migration.
    """
    by_name = {event.get('event'): event for event in events}
    end = _STARTED_AGAIN if _TAKEN_BACK in by_name else _STARTED
    stopped = by_name.get(_STOPPED, {}).get('start_time')
    started = by_name.get(end, {})
    if not stopped or not started.get('finish_time'):
        return None
    if started.get('result') != 'Success':
        return None
    first, last = (
        datetime.datetime.fromisoformat(text)
        for text in (stopped, started['finish_time'])
    )
    # Each host has its own clock.
    return max((last - first).total_seconds(), 0.0)


def first_failure(events: Iterable[dict[str, Any]]) -> str:
    """The reason of the first event that failed; '' when none has.

    :param events: those of an instance action; their ``details`` (2.84) is the
        exception's class only, for what is not a NovaException; an
        administrator also gets the traceback, whose last line has the text.
    """
    for event in events:
        if event.get('result') == 'Error':
            details = event.get('details') or ''
            lines = (event.get('traceback') or '').strip().splitlines()
            last = lines[-1].strip() if lines else ''
            return messages.escaped(details or last)
    return ''
