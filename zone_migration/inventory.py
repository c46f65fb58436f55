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

"""What the cloud shows of all that an audit names, in few requests."""

from collections.abc import Callable
from collections.abc import Iterable
from typing import TypeVar

from zone_migration import client
from zone_migration.logic import cloud as clouds
from zone_migration.logic import params

#: Up to so many are asked for one by one; for more, everything is listed,
#: because neither Nova nor every Cinder can be asked for a set of ids.
_FEW = 10

Resource = TypeVar('Resource')


def take(cloud: client.Cloud, request: params.Request) -> clouds.Inventory:
    """The inventory for a request.

    :raises CloudError: when Nova or Cinder do not tell.
    """
    servers = _find(
        [item.id for item in request.servers],
        cloud.nova.server,
        cloud.nova.servers,
    )
    if request.volumes:
        volumes = _find(
            [item.id for item in request.volumes],
            cloud.cinder.volume,
            cloud.cinder.volumes,
        )
        pools = {pool.name: pool for pool in cloud.cinder.pools()}
        volume_types = {
            name: clouds.VolumeType(name)
            for name in cloud.cinder.volume_types()
        }
    else:
        volumes, pools, volume_types = {}, {}, {}
    hosts: dict[str, clouds.ComputeHost] = {}
    if any(item.dst_hostname for item in request.servers):
        hosts = cloud.nova.hosts()
    return clouds.Inventory(servers, volumes, hosts, pools, volume_types)


def _find(
    ids: list[str],
    one: Callable[[str], Resource | None],
    everything: Callable[[], dict[str, Resource | None]],
) -> dict[str, Resource]:
    """Those of the ids that exist."""
    found: Iterable[tuple[str, Resource | None]]
    if len(ids) <= _FEW:
        found = [(id_, one(id_)) for id_ in ids]
    else:
        listed = everything()
        found = [(id_, listed.get(id_)) for id_ in ids]
    return {id_: thing for id_, thing in found if thing is not None}
