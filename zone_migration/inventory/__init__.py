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
what decides what will become of those (:func:`examine`).

What an audit empties by selectors is asked for host by host and pool by pool
(:mod:`.emptied`), and what matters besides by its id: the number of requests
grows with what is emptied, and not with the cloud around it.  Where that is
most of the cloud, or where an audit names many by their ids, everything is
listed page by page: the number grows with the size of the cloud in pages.

Besides, the shares of servers are asked for, where there are any, one by one,
and the quotas of the projects whose volumes get another type.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import TypeVar

from zone_migration import client
from zone_migration.inventory import emptied
from zone_migration.inventory import holding
from zone_migration.inventory import lookup
from zone_migration.inventory import related
from zone_migration.inventory import server_details
from zone_migration.inventory import volume_details
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope
from zone_migration.logic.audit import selection
from zone_migration.logic.audit import sources

Thing = TypeVar('Thing')


def collect(
    cloud: client.Cloud,
    request: params.Request,
    limits: scope.Scope | None = None,
) -> cloud_inventory.Inventory:
    """Return what decides which servers and volumes a request is about.

    :param limits: the scope of the audit; None where it limits nothing.
    :raises CloudError: when a service does not tell what is needed.
    :raises InvalidParameters: when the scope names what does not exist.
    """
    found = _limited(cloud, _places(cloud, request), limits)
    found = emptied.add(cloud, request, _add_items(cloud, request, found))
    found = holding.add(cloud, request, found)
    found = _named(cloud, request, found)
    if found.is_partial and not _is_clear(request, found):
        # What an audit names that is nowhere on its hosts and in its pools
        # may be elsewhere, or nowhere.
        found = emptied.add_everything(cloud, request, found)
        found = _named(cloud, request, found)
    return found


def _places(
    cloud: client.Cloud, request: params.Request
) -> cloud_inventory.Inventory:
    """The hosts and pools of the cloud, as far as they matter."""
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
    found = cloud_inventory.Inventory({}, {}, hosts, pools)
    if request.disable_storage_pools or request.enable_storage_pools:
        found = dataclasses.replace(found, backends=cloud.cinder.backends())
    elif sources.needs_backends(request, pools):
        backends = lookup.optional(
            'backends that show no pools', cloud.cinder.backends, None
        )
        found = dataclasses.replace(found, backends=backends)
    return dataclasses.replace(
        found, volume_types=volume_types, aggregates=aggregates
    )


def _add_items(
    cloud: client.Cloud,
    request: params.Request,
    found: cloud_inventory.Inventory,
) -> cloud_inventory.Inventory:
    """Add the servers and volumes of an audit that does not select any."""
    servers, volumes = found.servers, found.volumes
    if not request.compute:
        servers = lookup.servers(cloud, [item.id for item in request.servers])
    if not request.storage:
        volumes = lookup.volumes(cloud, [item.id for item in request.volumes])
    return dataclasses.replace(found, servers=servers, volumes=volumes)


def _limited(
    cloud: client.Cloud,
    found: cloud_inventory.Inventory,
    limits: scope.Scope | None,
) -> cloud_inventory.Inventory:
    """The inventory with the hosts that the scope of an audit names."""
    if limits is None:
        return found
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


def _named(
    cloud: client.Cloud,
    request: params.Request,
    found: cloud_inventory.Inventory,
) -> cloud_inventory.Inventory:
    """The inventory with the names of projects, where they matter."""
    if found.projects or not _names_projects(request, found):
        return found
    return dataclasses.replace(found, projects=cloud.keystone.projects())


def _is_clear(
    request: params.Request, found: cloud_inventory.Inventory
) -> bool:
    """Whether what was found gives a meaning to all that an audit names."""
    try:
        selection.select(request, found)
    except errors.InvalidParameters:
        return False
    return True


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
    asked = {
        *request.exclude.projects,
        *request.downtime.names,
        *request.confirm_resizes.names,
        *request.unpin.names,
    }
    if request.priority is not None:
        asked.update(request.priority.project)
    known = {server.project_id for server in found.servers.values()}
    known.update(volume.project_id for volume in found.volumes.values())
    # A name of a server may be that of a project, too.
    known.update(found.servers)
    return not asked <= known
