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

"""What the cloud shows of all that an audit is about, in few requests.

First what tells which servers and volumes are meant (:func:`take`), then what
tells what will become of those (:func:`look_closer`).  A few are asked for by
their ids; for more, everything is listed page by page, because neither Nova
nor every Cinder can be asked for a set of ids.  So the number of requests
grows with the size of the cloud in pages, not with that of the audit; but for
the shares of servers, where there are any, which Nova tells one by one, and
the quotas of the projects whose volumes get another type.
"""

import collections
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import TypeVar

from oslo_log import log

from zone_migration import client
from zone_migration.client import exception
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import devices
from zone_migration.logic.preflight import scheduler_hints

LOG = log.getLogger(__name__)

#: Up to so many are asked for one by one.
_FEW = 10

#: The statuses of servers about which their migrations decide.
_MIGRATING = ('MIGRATING', 'RESIZE', 'REVERT_RESIZE', 'VERIFY_RESIZE')

#: The statuses of servers that could be migrated.
_MOVABLE = ('ACTIVE', 'PAUSED', 'SHUTOFF')

Thing = TypeVar('Thing')


def take(
    cloud: client.Cloud, request: params.Request
) -> cloud_inventory.Inventory:
    """What tells which servers and volumes the request means.

    :raises CloudError: when a service does not tell what the request needs.
    """
    if request.compute:
        servers = _there(cloud.nova.servers(whole=True))
    else:
        servers = _servers(cloud, [item.id for item in request.servers])
    if request.storage:
        volumes = {
            id_: volume
            for id_, volume in cloud.cinder.volumes().items()
            if not volume.is_copy
        }
    else:
        volumes = _volumes(cloud, [item.id for item in request.volumes])
    pools: dict[str, resources.Pool] = {}
    volume_types: dict[str, resources.VolumeType] = {}
    if request.volumes or request.storage:
        pools = {pool.name: pool for pool in cloud.cinder.pools()}
        volume_types = cloud.cinder.volume_types()
    hosts: dict[str, resources.ComputeHost] = {}
    if (
        request.compute
        or request.enable_compute_nodes
        or any(item.dst_hostname for item in request.servers)
    ):
        hosts = cloud.nova.hosts()
    aggregates: Mapping[str, resources.Aggregate] = {}
    if any(s.kind == params.SourceKind.AGGREGATE for s in request.compute):
        aggregates = cloud.nova.aggregates()
    seen = cloud_inventory.Inventory(
        servers, volumes, hosts, pools, volume_types, aggregates
    )
    if _names_projects(request, seen):
        return dataclasses.replace(seen, projects=cloud.keystone.projects())
    return seen


def limit(
    cloud: client.Cloud, seen: cloud_inventory.Inventory, limits: scope.Scope
) -> cloud_inventory.Inventory:
    """What was seen, and the hosts that the scope of the audit is about.

    :raises CloudError: when Nova does not tell what the scope needs.
    :raises InvalidParameters: when the scope names what does not exist.
    """
    seen = dataclasses.replace(seen, hosts=seen.hosts or cloud.nova.hosts())
    if limits.aggregates:
        seen = dataclasses.replace(
            seen, aggregates=seen.aggregates or cloud.nova.aggregates()
        )
    if any(isinstance(each, int) for each in limits.aggregates):
        seen = dataclasses.replace(
            seen, aggregate_names=cloud.nova.aggregate_names()
        )
    return dataclasses.replace(seen, scope=scope.hosts(limits, seen))


def look_closer(
    cloud: client.Cloud,
    seen: cloud_inventory.Inventory,
    selected: selection.Selection,
    scheduler_filters: Iterable[str] = (),
) -> cloud_inventory.Inventory:
    """What was seen, and what tells whether what is selected can be moved.

    With the servers and volumes that share their fate: members of the same
    server groups, servers that scheduler hints name or that volumes are
    attached to, volumes attached to servers.

    A listing that a service refuses, or that it is too old for, is left out
    with a warning: what it would have told is not checked then.

    :param scheduler_filters: those of Nova's scheduler that are known to be
        enabled; no API shows them.
    :raises CloudError: when a service does not tell the rest.
    """
    servers = _known(selected.servers, seen.servers)
    volumes = _known(selected.volumes, seen.volumes)
    volumes = _with_all_servers(cloud, volumes)
    groups = _groups(cloud, servers)
    neighbours = {id_ for group in groups for id_ in group.server_ids}
    neighbours.update(id_ for v in volumes for id_ in v.server_ids)
    neighbours.update(scheduler_hints.server_ids(servers))
    attached = {id_ for server in servers for id_ in server.volume_ids}
    everyone = {
        **_servers(cloud, neighbours - seen.servers.keys()),
        **seen.servers,
    }
    ports = _ports(cloud, servers)
    hosts = seen.hosts
    if servers and not hosts:
        hosts = cloud.nova.hosts()
    return dataclasses.replace(
        seen,
        servers=everyone,
        volumes={
            **_volumes(cloud, attached - seen.volumes.keys()),
            **seen.volumes,
            **{volume.id: volume for volume in volumes},
        },
        hosts=hosts,
        aggregates=_aggregates(cloud, seen, servers),
        pools=_pools(cloud, seen, selected),
        volume_types=_volume_types(cloud, seen, selected),
        groups=groups,
        migrations=_migrations(
            cloud, {s.id: s for s in servers} | _members(groups, everyone)
        ),
        snapshots=_snapshots(cloud, volumes),
        capacities=_capacities(cloud, hosts, selected),
        quotas=_quotas(cloud, seen, selected),
        devices=_devices(cloud, servers, ports),
        accelerators=_accelerators(servers, ports),
        nova_version=cloud.nova.newest_version if servers else None,
        sharing=_sharing(cloud, servers),
        scheduler_filters=frozenset(scheduler_filters),
    )


def _servers(
    cloud: client.Cloud, ids: Collection[str]
) -> dict[str, resources.Server]:
    """Those of the servers that exist."""
    return _find(
        ids,
        lambda id_: cloud.nova.server(id_, whole=True),
        lambda: cloud.nova.servers(whole=True),
    )


def _volumes(
    cloud: client.Cloud, ids: Collection[str]
) -> dict[str, resources.Volume]:
    """Those of the volumes that exist."""
    return _find(ids, cloud.cinder.volume, cloud.cinder.volumes)


def _find(
    ids: Collection[str],
    one: Callable[[str], Thing | None],
    everything: Callable[[], Mapping[str, Thing | None]],
) -> dict[str, Thing]:
    """Those of the ids that exist."""
    if len(ids) <= _FEW:
        return _there({id_: one(id_) for id_ in ids})
    listed = everything()
    return _there({id_: listed.get(id_) for id_ in ids})


def _there(found: Mapping[str, Thing | None]) -> dict[str, Thing]:
    return {id_: thing for id_, thing in found.items() if thing is not None}


def _known(
    items: Iterable[params.ServerItem | params.VolumeItem],
    seen: Mapping[str, Thing],
) -> list[Thing]:
    """What was seen of the items, without those that do not exist."""
    return [seen[item.id] for item in items if item.id in seen]


def _with_all_servers(
    cloud: client.Cloud, volumes: list[resources.Volume]
) -> list[resources.Volume]:
    """The volumes, those that can have several with all their servers."""
    shared = [v for v in volumes if v.multiattach and v.server_ids]
    if not shared:
        return volumes
    found: dict[str, tuple[str, ...]] = _optional(
        'the reserved attachments of volumes',
        lambda: cloud.cinder.servers_of(shared),
        {},
    )
    return [
        dataclasses.replace(v, server_ids=found.get(v.id, v.server_ids))
        for v in volumes
    ]


def _names_projects(
    request: params.Request, seen: cloud_inventory.Inventory
) -> bool:
    """Whether the request calls a project by anything but a known id."""
    asked = set(request.exclude.projects)
    if request.priority is not None:
        asked.update(request.priority.project)
    known = {server.project_id for server in seen.servers.values()}
    known.update(volume.project_id for volume in seen.volumes.values())
    return not asked <= known


def _optional(
    what: str, ask: Callable[[], Thing], otherwise: Thing
) -> Thing:
    """What a service tells, or something else where it may not be asked.

    :param what: is not checked then, as the log says it.
    """
    try:
        return ask()
    except exception.ServiceNotFound as error:
        LOG.warning('Not checked: %s. %s', what, error)
    except exception.RequestRefused as error:
        if error.status not in (403, 404):
            raise
        LOG.warning('Not checked: %s. %s', what, error)
    return otherwise


def _aggregates(
    cloud: client.Cloud,
    seen: cloud_inventory.Inventory,
    servers: list[resources.Server],
) -> Mapping[str, resources.Aggregate]:
    """What says which hosts a server is bound to, or kept from."""
    if seen.aggregates or not servers:
        return seen.aggregates
    return _optional(
        'which hosts are in the availability zones of servers',
        cloud.nova.aggregates,
        {},
    )


def _groups(
    cloud: client.Cloud, servers: list[resources.Server]
) -> tuple[resources.ServerGroup, ...]:
    """The groups that any of the servers is in."""
    if not servers:
        return ()
    ids = {server.id for server in servers}
    groups: list[resources.ServerGroup] = _optional(
        'the policies of server groups', cloud.nova.groups, []
    )
    return tuple(g for g in groups if not ids.isdisjoint(g.server_ids))


def _members(
    groups: Iterable[resources.ServerGroup],
    servers: Mapping[str, resources.Server],
) -> dict[str, resources.Server]:
    """The servers of the groups, by id."""
    return {
        id_: servers[id_]
        for group in groups
        for id_ in group.server_ids
        if id_ in servers
    }


def _migrations(
    cloud: client.Cloud, servers: Mapping[str, resources.Server]
) -> dict[str, tuple[resources.Migration, ...]]:
    """The migrations of those servers that are in the midst of one."""
    ids = [
        s.id
        for s in servers.values()
        if s.status in _MIGRATING or s.task_state
    ]
    if len(ids) <= _FEW:
        return {id_: tuple(cloud.nova.migrations_of(id_)) for id_ in ids}
    found: dict[str, list[resources.Migration]] = {id_: [] for id_ in ids}
    for migration in cloud.nova.unfinished_migrations():
        if migration.server_id in found:
            found[migration.server_id].append(migration)
    return {id_: tuple(records) for id_, records in found.items()}


def _snapshots(
    cloud: client.Cloud, volumes: list[resources.Volume]
) -> dict[str, int]:
    if len(volumes) <= _FEW:
        return {v.id: cloud.cinder.snapshots(v.id) for v in volumes}
    counts = cloud.cinder.snapshot_counts()
    return {v.id: counts.get(v.id, 0) for v in volumes}


def _capacities(
    cloud: client.Cloud,
    hosts: Mapping[str, resources.ComputeHost],
    selected: selection.Selection,
) -> dict[str, cloud_inventory.HostCapacity]:
    """What is left on the hosts that servers are sent to."""
    names = {
        name
        for item in selected.servers
        for name in (item.dst_hostname, *item.destinations)
        if name in hosts
    }
    if not names:
        return {}

    def ask() -> dict[str, cloud_inventory.HostCapacity]:
        providers = cloud.nova.providers()
        return _there(
            {
                name: cloud.placement.room(providers[name])
                for name in sorted(names)
                if name in providers
            }
        )

    return _optional(
        'the free CPU, memory and disk of destinations', ask, {}
    )


def _new_types(selected: selection.Selection) -> frozenset[str]:
    return frozenset(i.dst_type for i in selected.volumes if i.dst_type)


def _volume_types(
    cloud: client.Cloud,
    seen: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[str, resources.VolumeType]:
    """All types, with the encryption and the QoS of those that matter.

    The encryption matters of those that volumes get and have got, and of
    attached volumes that are encrypted.
    """
    asked = set(_new_types(selected))
    for item in selected.volumes:
        volume = seen.volumes.get(item.id)
        if volume is not None and (
            item.dst_type or (volume.encrypted and volume.server_ids)
        ):
            asked.add(volume.type or '')
    asked &= seen.volume_types.keys()
    types = _with_qos(cloud, seen, selected)
    if asked:
        encryption: dict[str, str] = _optional(
            'the encryption of volume types',
            lambda: cloud.cinder.encryption(asked),
            {},
        )
        types.update(
            (name, dataclasses.replace(types[name], encryption=provider))
            for name, provider in encryption.items()
        )
    return types


def _with_qos(
    cloud: client.Cloud,
    seen: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[str, resources.VolumeType]:
    """All types, with whose QoS hypervisors take part in.

    Cinder is asked when the QoS specs of an attached volume are to change.
    """
    types = dict(seen.volume_types)
    changes = set()
    for item in selected.volumes:
        volume = seen.volumes.get(item.id)
        if volume is not None and volume.server_ids and item.dst_type in types:
            changes.add((volume.type, item.dst_type))
    if all(
        old not in types or types[old].qos_id == types[new].qos_id
        for old, new in changes
    ):
        return types
    found: frozenset[str] = _optional(
        'the QoS specs of volume types',
        cloud.cinder.front_end_qos,
        frozenset(),
    )
    return {
        name: dataclasses.replace(each, front_end_qos=each.qos_id in found)
        for name, each in types.items()
    }


def _pools(
    cloud: client.Cloud,
    seen: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[str, resources.Pool]:
    """All pools, with their availability zones if volumes are retyped."""
    pools = dict(seen.pools)
    if not _new_types(selected):
        return pools
    zones: dict[str, str] = _optional(
        'the availability zones of storage backends', cloud.cinder.zones, {}
    )
    return {
        name: dataclasses.replace(
            pool, zone=zones.get(name.partition('#')[0], '')
        )
        for name, pool in pools.items()
    }


def _quotas(
    cloud: client.Cloud,
    seen: cloud_inventory.Inventory,
    selected: selection.Selection,
) -> dict[tuple[str, str], cloud_inventory.Quota]:
    """What the owners of volumes may have of the types that those get."""
    types = collections.defaultdict(set)
    for item in selected.volumes:
        volume = seen.volumes.get(item.id)
        if volume is not None and item.dst_type in seen.volume_types:
            types[volume.project_id].add(item.dst_type)
    return _optional(
        'the quotas of volume types',
        lambda: {
            (project, name): quota
            for project, names in types.items()
            for name, quota in cloud.cinder.quotas(project, names).items()
        },
        {},
    )


def _ports(
    cloud: client.Cloud, servers: list[resources.Server]
) -> Mapping[str, frozenset[str]]:
    """The kinds of the servers' ports, by the server's id."""
    if not servers:
        return {}
    ids = [server.id for server in servers]
    return _optional(
        'ports that keep servers from being migrated',
        lambda: cloud.neutron.vnic_types(ids if len(ids) <= _FEW else None),
        {},
    )


def _devices(
    cloud: client.Cloud,
    servers: list[resources.Server],
    ports: Mapping[str, frozenset[str]],
) -> dict[str, str]:
    """Why servers cannot be migrated live, for those that cannot."""
    return _words(
        (
            server.id,
            devices.obstacle(
                server.extra_specs,
                ports.get(server.id, ()),
                cloud.nova.newest_version,
                server.image_properties,
            ),
        )
        for server in servers
    )


def _accelerators(
    servers: list[resources.Server], ports: Mapping[str, frozenset[str]]
) -> dict[str, str]:
    """Why servers cannot be migrated at all, for those that cannot."""
    return _words(
        (
            server.id,
            devices.accelerator(server.extra_specs, ports.get(server.id, ())),
        )
        for server in servers
    )


def _words(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Without those of which there is nothing to say."""
    return {id_: words for id_, words in found if words}


def _sharing(
    cloud: client.Cloud, servers: list[resources.Server]
) -> frozenset[str]:
    """The servers that have shares, of those that could be migrated.

    The only reading that costs a request for each server.
    """
    ids = [s.id for s in servers if s.status in _MOVABLE and not s.task_state]
    return _optional(
        'the shares of servers',
        lambda: cloud.shares.servers(ids),
        frozenset(),
    )
