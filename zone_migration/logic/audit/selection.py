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

"""The servers and volumes that an audit selects."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import compute_selectors
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params
from zone_migration.logic.audit import permissions
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import selectors
from zone_migration.logic.audit import storage_selectors

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
    #: The pools whose volumes change their type only, and may stay.
    retyped: frozenset[str] = frozenset()
    #: The ids that the audit excludes, and that nothing has (any more).
    gone: tuple[str, ...] = ()
    #: Likewise those of servers and projects that it allows to be down, or to
    #: be confirmed.
    gone_downtime: tuple[str, ...] = ()
    gone_resizes: tuple[str, ...] = ()
    #: And in unpin.
    gone_pins: tuple[str, ...] = ()


def select(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> Selection:
    """Return the servers and volumes that a request selects.

    An item that params names wins over every selector, and over exclude.
    The first selector of a host or pool wins over the later ones, but that
    one of volumes of their type wins over one of all; several entries of the
    same source add their destinations.

    :raises InvalidParameters: with a fault for each name that means nothing,
        and for each destination that the audit itself rules out.
    """
    nodes, faults = compute_selectors.resolve(request, inventory)
    pools, of_pools = storage_selectors.resolve(request, inventory)
    excluded, gone, of_exclude = _excluded(request.exclude, inventory)
    may_be_down, gone_downtime, of_downtime = permissions.resolve(
        'allow_downtime', request.downtime, inventory
    )
    may_confirm, gone_resizes, of_resizes = permissions.resolve(
        'confirm_resizes', request.confirm_resizes, inventory
    )
    may_unpin, gone_pins, of_pins = permissions.resolve(
        'unpin', request.unpin, inventory
    )
    faults += of_pools + of_exclude + of_downtime + of_resizes + of_pins
    if faults:
        raise errors.InvalidParameters(faults)
    allowed = may_be_down | may_confirm | may_unpin
    servers, servers_left = _servers(request, inventory, nodes, excluded)
    volumes, volumes_left = _volumes(request, inventory, pools, excluded)
    return Selection(
        servers=tuple(
            dataclasses.replace(
                item,
                allow_downtime=item.id in may_be_down
                and _may_run(item, inventory),
                may_confirm=item.id in may_confirm,
                may_unpin=item.id in may_unpin,
            )
            if item.id in allowed
            else item
            for item in (*request.servers, *servers)
        ),
        volumes=(*request.volumes, *volumes),
        hosts=frozenset(name for node in nodes for name in node.names),
        pools=frozenset(name for pool in pools for name in pool.emptied),
        excluded=servers_left + volumes_left,
        leaving=frozenset(
            (name, pool.src_type) for pool in pools for name in pool.emptied
        ),
        retyped=frozenset(
            name for pool in pools if pool.dst_type for name in pool.names
        ),
        gone=tuple(gone),
        gone_downtime=tuple(gone_downtime),
        gone_resizes=tuple(gone_resizes),
        gone_pins=tuple(gone_pins),
    )


def _may_run(
    item: params.ServerItem, inventory: cloud_inventory.Inventory
) -> bool:
    """Whether a server runs, or may when it is confirmed."""
    server = inventory.servers.get(item.id)
    return item.status == schema.ACTIVE or (
        server is not None and server.status == 'VERIFY_RESIZE'
    )


def _excluded(
    exclude: params.Exclusions, inventory: cloud_inventory.Inventory
) -> tuple[dict[str, set[str]], list[str], list[errors.Fault]]:
    """The ids of what is excluded: of servers, volumes and projects, by kind.

    And the ids that nothing has: their owner may have deleted it, and nothing
    else can get that id.  And a fault for each name that means nothing: it is
    misspelt, or what it meant has another name now, and would be moved.
    """
    projects = dict.fromkeys(
        [
            *(server.project_id for server in inventory.servers.values()),
            *(volume.project_id for volume in inventory.volumes.values()),
        ],
        '',
    )
    ids = {}
    gone = []
    faults = []
    for kind, names in (
        ('servers', {s.id: s.name for s in inventory.servers.values()}),
        ('volumes', {v.id: v.name for v in inventory.volumes.values()}),
        ('projects', {**projects, **inventory.projects}),
    ):
        matches = globs.matching_ids(sorted(getattr(exclude, kind)), names)
        ids[kind] = {id_ for matching in matches.values() for id_ in matching}
        unknown = [name for name, matching in matches.items() if not matching]
        gone += [name for name in unknown if globs.is_id(name)]
        faults += [
            errors.Fault(
                f'exclude.{kind}',
                f'there is no {kind.removesuffix("s")} with the name '
                f'{name!r}: correct it, or leave it out',
            )
            for name in unknown
            if not globs.is_id(name)
        ]
    return ids, gone, faults


def _servers(
    request: params.Request,
    inventory: cloud_inventory.Inventory,
    nodes: Sequence[selectors.Selector],
    excluded: Mapping[str, set[str]],
) -> tuple[list[params.ServerItem], int]:
    """The servers that selectors find, and how many are left alone."""
    named = {item.id for item in request.servers}
    by_host: dict[str, selectors.Selector] = {}
    for node in nodes:
        for name in node.names:
            by_host.setdefault(name, node)
    selected: dict[str, list[params.ServerItem]] = {n.path: [] for n in nodes}
    left = 0
    for server, source in _holding(inventory, by_host):
        if server.id in named:
            continue
        if (
            server.id in excluded['servers']
            or server.project_id in excluded['projects']
        ):
            left += 1
            continue
        node = by_host[source]
        selected[node.path].append(_found(server, source, node))
    return [item for items in selected.values() for item in items], left


def _holding(
    inventory: cloud_inventory.Inventory, hosts: Collection[str]
) -> Iterator[tuple[resources.Server, str]]:
    """Each server with the one of the hosts that it is on, or keeps room on.

    What is on none of them comes last.
    """
    for server in inventory.servers.values():
        if server.host in hosts:
            yield server, server.host or ''
    for id_, migration in inventory.unconfirmed.items():
        left = inventory.servers.get(id_)
        if (
            left is not None
            and left.host not in hosts
            and migration.source in hosts
        ):
            yield left, migration.source or ''


def _found(
    server: resources.Server, source: str, node: selectors.Selector
) -> params.ServerItem:
    """The item of a server that a selector finds."""
    status = schema.SHUTOFF if server.status in _COLD else schema.ACTIVE
    instead = ''
    if server.host != source:
        instead = params.CONFIRM
    elif server.status == 'SHELVED':
        instead = params.OFFLOAD
    if instead:
        return params.ServerItem(
            server.id,
            status,
            src_hostname=source,
            selector=node.path,
            instead=instead,
        )
    return params.ServerItem(
        id=server.id,
        status=status,
        src_hostname=source,
        dst_hostname=node.dst_hostname,
        destinations=node.choices,
        selector=node.path,
    )


def _volumes(
    request: params.Request,
    inventory: cloud_inventory.Inventory,
    pools: Sequence[selectors.Selector],
    excluded: Mapping[str, set[str]],
) -> tuple[list[params.VolumeItem], int]:
    """The volumes that selectors find, and how many are left alone."""
    named = {item.id for item in request.volumes}
    by_source: dict[tuple[str, str], selectors.Selector] = {}
    for pool in pools:
        for name in pool.names:
            by_source.setdefault((name, pool.src_type), pool)
    selected: dict[str, list[params.VolumeItem]] = {p.path: [] for p in pools}
    left = 0
    for volume in inventory.volumes.values():
        if volume.host is None or volume.id in named or volume.is_copy:
            continue
        selector = by_source.get(
            (volume.host, volume.type or ''), by_source.get((volume.host, ''))
        )
        if not selector:
            continue
        if (
            volume.id in excluded['volumes']
            or volume.project_id in excluded['projects']
        ):
            left += 1
            continue
        selected[selector.path].append(
            params.VolumeItem(
                id=volume.id,
                status=_volume_status(volume),
                src_hostname=volume.host,
                dst_hostname=selector.dst_hostname,
                dst_type=selector.dst_type,
                destinations=selector.choices,
                selector=selector.path,
            )
        )
    return [item for items in selected.values() for item in items], left


def _volume_status(volume: resources.Volume) -> str:
    """The status that the audit would give; the preflight checks it later."""
    if volume.status in (schema.AVAILABLE, schema.IN_USE):
        return volume.status
    return schema.IN_USE if volume.server_ids else schema.AVAILABLE
