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

"""Whether a running server is migrated cold, with downtime.

Nova migrates an ACTIVE server cold by itself: it stops the guest, copies its
local disks, and starts it at the destination.
"""

from collections.abc import Iterable

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import devices
from zone_migration.logic.preflight import manila_shares
from zone_migration.logic.preflight import risk_text

#: Nova's status of a server that runs, and that it migrates cold.
_MOVABLE = 'ACTIVE'


def remedy(server: resources.Server) -> str:
    """Tell what to do with a server that cannot be migrated live."""
    others = ', or set allow_downtime' if server.status == _MOVABLE else ''
    return f'stop it, and ask for it as shutoff{others}'


def reason(
    item: params.ServerItem, inventory: cloud_inventory.Inventory
) -> str:
    """Tell why a server is to be migrated cold though it runs.

    :returns: what keeps it from going live; '' where nothing does, where the
        audit allows no downtime, and where Nova does not migrate it cold
        either, as it does only what is ACTIVE or stopped.
    """
    server = inventory.servers.get(item.id)
    if (
        not item.allow_downtime
        or server is None
        or server.status != _MOVABLE
        or item.id in inventory.accelerators
    ):
        return ''
    device = inventory.devices.get(item.id, '')
    if item.id not in inventory.sharing:
        return device
    if manila_shares.stays(False, inventory.nova_version) is not None:
        return ''
    return ', '.join(filter(None, (device, 'shares of Manila')))


def risks(
    started: Iterable[params.ServerItem], inventory: cloud_inventory.Inventory
) -> list[str]:
    """The risks of servers that may be down while they move.

    The secret of a vTPM is its owner's, unless the flavor says otherwise, and
    Nova reads it with the credentials of whoever has the server migrated
    (``nova.vtpm.get_request_context``): where Barbican refuses that, the
    guest is not started again.

    :param started: what is to move.
    """
    allowed = [item for item in started if item.allow_downtime]
    cold = [inventory.servers[item.id] for item in allowed if item.downtime]
    return [
        *risk_text.risk(
            sum(
                devices.has_secret_of_owner(
                    server.extra_specs, server.image_properties
                )
                for server in cold
            ),
            'server',
            "Nova may fail to start {} again: let Watcher's user read the "
            'secrets of vTPMs in Barbican',
        ),
        *risk_text.risk(
            len(allowed) - len(cold),
            'server',
            '{} will be down if the live migration fails, as for CPU models: '
            'only trying shows it',
        ),
    ]
