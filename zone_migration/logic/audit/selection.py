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

"""From the selectors of an audit to the servers and volumes they mean."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import selectors

#: The statuses of servers that are to be migrated cold, or are so already.
_COLD = ('SHUTOFF', 'RESIZE', 'VERIFY_RESIZE')


@dataclasses.dataclass(frozen=True)
class Selection:
    """Each resource once: what the audit names, then what selectors find."""

    servers: tuple[params.ServerItem, ...] = ()
    volumes: tuple[params.VolumeItem, ...] = ()
    #: The compute hosts and storage pools that selectors are emptying.  A
    #: pool whose volumes change their type only is none.
    hosts: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()
    #: How many were left alone because the audit excludes them.
    excluded: int = 0
    #: The pools again, each with the type of volumes that leave it, '' for
    #: all types.
    leaving: frozenset[tuple[str, str]] = frozenset()
    #: The ids that the audit excludes, and that nothing has (any more).
    gone: tuple[str, ...] = ()


def select(
    request: params.Request, seen: cloud_inventory.Inventory
) -> Selection:
    """What the request comes to.

    An item that params names wins over every selector, and over exclude.
    The first selector of a host or pool wins over the later ones, but that
    one of volumes of their type wins over one of all; several entries of the
    same source add their destinations.

    :raises InvalidParameters: with a fault for each name that means nothing,
        and for each destination that the audit itself rules out.
    """
    nodes, faults = selectors.of_servers(request, seen)
    pools, more = selectors.of_volumes(request, seen)
    excluded, gone, rest = _excluded(request.exclude, seen)
    faults += more + rest
    if faults:
        raise params.InvalidParameters(faults)
    servers, servers_left = _servers(request, seen, nodes, excluded)
    volumes, volumes_left = _volumes(request, seen, pools, excluded)
    return Selection(
        servers=(*request.servers, *servers),
        volumes=(*request.volumes, *volumes),
        hosts=frozenset(name for node in nodes for name in node.names),
        pools=frozenset(
            name for pool in pools if pool.empties for name in pool.names
        ),
        excluded=servers_left + volumes_left,
        leaving=frozenset(
            (name, pool.src_type)
            for pool in pools
            if pool.empties
            for name in pool.names
        ),
        gone=tuple(gone),
    )


def _excluded(
    exclude: params.Exclusions, seen: cloud_inventory.Inventory
) -> tuple[dict[str, set[str]], list[str], list[params.Fault]]:
    """The ids of the excluded servers, volumes and projects.

    And the ids that nothing has: their owner may have deleted it, and nothing
    else can get that id.  And a fault for each name that means nothing: it is
    misspelt, or what it meant has another name now, and would be moved.
    """
    projects = dict.fromkeys(
        [
            *(server.project_id for server in seen.servers.values()),
            *(volume.project_id for volume in seen.volumes.values()),
        ],
        '',
    )
    ids = {}
    gone = []
    faults = []
    for kind, names in (
        ('servers', {s.id: s.name for s in seen.servers.values()}),
        ('volumes', {v.id: v.name for v in seen.volumes.values()}),
        ('projects', {**projects, **seen.projects}),
    ):
        found = globs.meant(sorted(getattr(exclude, kind)), names)
        ids[kind] = {id_ for means in found.values() for id_ in means}
        nothing = [name for name, means in found.items() if not means]
        gone += [name for name in nothing if globs.is_id(name)]
        faults += [
            params.Fault(
                f'exclude.{kind}',
                f'there is no {kind.removesuffix("s")} with the name '
                f'{name!r}: correct it, or leave it out',
            )
            for name in nothing
            if not globs.is_id(name)
        ]
    return ids, gone, faults


def _servers(
    request: params.Request,
    seen: cloud_inventory.Inventory,
    nodes: Sequence[selectors.Source],
    excluded: Mapping[str, set[str]],
) -> tuple[list[params.ServerItem], int]:
    """The servers that selectors find, and how many are left alone."""
    explicit = {item.id for item in request.servers}
    by_host: dict[str, int] = {}
    for place, node in enumerate(nodes):
        for name in node.names:
            by_host.setdefault(name, place)
    found: list[list[params.ServerItem]] = [[] for _ in nodes]
    left = 0
    for server in seen.servers.values():
        if server.host is None or server.id in explicit:
            continue
        place = by_host.get(server.host, -1)
        if place < 0:
            continue
        if (
            server.id in excluded['servers']
            or server.project_id in excluded['projects']
        ):
            left += 1
            continue
        found[place].append(
            params.ServerItem(
                id=server.id,
                status=(
                    schema.SHUTOFF if server.status in _COLD else schema.ACTIVE
                ),
                src_hostname=server.host,
                dst_hostname=nodes[place].dst_hostname,
                destinations=nodes[place].choices,
                selector=nodes[place].path,
            )
        )
    return [item for items in found for item in items], left


def _volumes(
    request: params.Request,
    seen: cloud_inventory.Inventory,
    pools: Sequence[selectors.Source],
    excluded: Mapping[str, set[str]],
) -> tuple[list[params.VolumeItem], int]:
    """The volumes that selectors find, and how many are left alone."""
    explicit = {item.id for item in request.volumes}
    by_pool: dict[tuple[str, str], int] = {}
    for place, pool in enumerate(pools):
        for name in pool.names:
            by_pool.setdefault((name, pool.src_type), place)
    found: list[list[params.VolumeItem]] = [[] for _ in pools]
    left = 0
    for volume in seen.volumes.values():
        if volume.host is None or volume.id in explicit or volume.is_copy:
            continue
        place = by_pool.get(
            (volume.host, volume.type or ''),
            by_pool.get((volume.host, ''), -1),
        )
        if place < 0:
            continue
        if (
            volume.id in excluded['volumes']
            or volume.project_id in excluded['projects']
        ):
            left += 1
            continue
        found[place].append(
            params.VolumeItem(
                id=volume.id,
                status=_volume_status(volume),
                src_hostname=volume.host,
                dst_hostname=pools[place].dst_hostname,
                dst_type=pools[place].dst_type,
                destinations=pools[place].choices,
                selector=pools[place].path,
            )
        )
    return [item for items in found for item in items], left


def _volume_status(volume: resources.Volume) -> str:
    """What the audit would call its status; what it is decides later."""
    if volume.status in (schema.AVAILABLE, schema.IN_USE):
        return volume.status
    return schema.IN_USE if volume.server_ids else schema.AVAILABLE
