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

"""The cloud as far as an audit is about it, in few requests.

First what decides which servers and volumes are meant (:func:`collect`), then
what decides what will become of those (:func:`examine`).  A few are asked for
by their ids; for more, everything is listed page by page, because neither Nova
nor every Cinder can be asked for a set of ids.  So the number of requests
grows with the size of the cloud in pages, not with that of the audit; but for
the shares of servers, where there are any, which Nova tells one by one, and
the quotas of the projects whose volumes get another type.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import TypeVar

from zone_migration import client
from zone_migration.inventory import lookup
from zone_migration.inventory import related
from zone_migration.inventory import server_details
from zone_migration.inventory import volume_details
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope
from zone_migration.logic.audit import selection

Thing = TypeVar('Thing')


def collect(
    cloud: client.Cloud, request: params.Request
) -> cloud_inventory.Inventory:
    """Return what decides which servers and volumes a request is about.

    :raises CloudError: when a service does not tell what the request needs.
    """
    if request.compute:
        servers = lookup.existing(cloud.nova.servers(whole=True))
    else:
        servers = lookup.servers(cloud, [item.id for item in request.servers])
    if request.storage:
        volumes = {
            id_: volume
            for id_, volume in cloud.cinder.volumes().items()
            if not volume.is_copy
        }
    else:
        volumes = lookup.volumes(cloud, [item.id for item in request.volumes])
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
    found = cloud_inventory.Inventory(
        servers, volumes, hosts, pools, volume_types, aggregates
    )
    if _names_projects(request, found):
        return dataclasses.replace(found, projects=cloud.keystone.projects())
    return found


def limit_to_scope(
    cloud: client.Cloud, found: cloud_inventory.Inventory, limits: scope.Scope
) -> cloud_inventory.Inventory:
    """Return the inventory with the hosts that the scope of an audit names.

    :raises CloudError: when Nova does not tell what the scope needs.
    :raises InvalidParameters: when the scope names what does not exist.
    """
    found = dataclasses.replace(found, hosts=found.hosts or cloud.nova.hosts())
    if limits.aggregates:
        found = dataclasses.replace(
            found, aggregates=found.aggregates or cloud.nova.aggregates()
        )
    if any(isinstance(each, int) for each in limits.aggregates):
        found = dataclasses.replace(
            found, aggregate_names=cloud.nova.aggregate_names()
        )
    return dataclasses.replace(found, scope=scope.hosts(limits, found))


def examine(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    selected: selection.Selection,
    scheduler_filters: Iterable[str] = (),
) -> cloud_inventory.Inventory:
    """Return the inventory with what decides whether the selected can move.

    With the servers and volumes that share their fate: members of the same
    server groups, servers that scheduler hints name or that volumes are
    attached to, volumes attached to servers.

    A listing that a service refuses, or that it is too old for, is left out
    with a warning: what it would have told is not checked then.

    :param scheduler_filters: those of Nova's scheduler that are known to be
        enabled; no API shows them.
    :raises CloudError: when a service does not tell the rest.
    """
    servers = _existing(selected.servers, found.servers)
    volumes = _existing(selected.volumes, found.volumes)
    found = volume_details.add(cloud, found, selected, volumes)
    found = related.add(cloud, found, servers, volumes)
    found = server_details.add(cloud, found, selected, servers)
    return dataclasses.replace(
        found, scheduler_filters=frozenset(scheduler_filters)
    )


def _existing(
    items: Iterable[params.ServerItem | params.VolumeItem],
    found: Mapping[str, Thing],
) -> list[Thing]:
    """The servers or volumes of the items of an audit that exist."""
    return [found[item.id] for item in items if item.id in found]


def _names_projects(
    request: params.Request, found: cloud_inventory.Inventory
) -> bool:
    """Whether the request calls a project by anything but a known id."""
    asked = {*request.exclude.projects, *request.downtime.names}
    if request.priority is not None:
        asked.update(request.priority.project)
    known = {server.project_id for server in found.servers.values()}
    known.update(volume.project_id for volume in found.volumes.values())
    # A name of a server may be that of a project, too.
    known.update(found.servers)
    return not asked <= known
