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

"""The moves of the whole cloud that are in flight, whoever has begun them."""

from zone_migration import client
from zone_migration import conf
from zone_migration import exception
from zone_migration.logic import resources
from zone_migration.logic.schedule import foreign
from zone_migration.logic.schedule import requirements

CONF = conf.CONF


@exception.translate_cloud_errors()
def migrations(osc) -> list[resources.Migration]:
    """Return the migrations that Nova shows in flight.

    :param osc: Watcher's ``OpenStackClients``.
    :raises waiting.ObservationFailed: when they cannot be read just now.
    :raises CloudRequestFailed: when they could not for too long.
    """
    return client.cloud_of(osc, CONF).servers.in_flight()


@exception.translate_cloud_errors()
def moves(osc, service: str) -> list[foreign.Move]:
    """Return the moves that a service shows in flight.

    :param osc: Watcher's ``OpenStackClients``.
    :param service: Nova or Cinder.
    :raises waiting.ObservationFailed: when they cannot be read just now.
    :raises CloudRequestFailed: when they could not for too long.
    """
    cloud = client.cloud_of(osc, CONF)
    if service == requirements.CINDER:
        return foreign.of_volumes(cloud.volumes.in_flight())
    found = cloud.servers.in_flight()
    disks_gb = {
        one.server_id: cloud.servers.disk_gb(one.server_id)
        for one in found
        if one.type in foreign.SILENT
    }
    return foreign.of_migrations(found, disks_gb)
