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

"""Requests to Placement."""

import math
from typing import Any

from zone_migration.client import reading
from zone_migration.client import service
from zone_migration.logic import cloud_inventory


class Placement:
    """The service that counts the resources of compute hosts.

    All that is read here is in the first version of its API.
    """

    def __init__(self, session: Any, endpoint_options: dict[str, Any]) -> None:
        self._reader = service.Reader(
            session, 'Placement', 'placement', endpoint_options
        )

    def capacity(self, provider: str) -> cloud_inventory.HostCapacity | None:
        """The capacity that a resource provider has left, None if it is gone.

        :param provider: the id of that of a compute node.
        """
        path = f'/resource_providers/{provider}'
        with service.none_if_missing():
            inventories = self._reader.get(f'{path}/inventories')
            usages = self._reader.get(f'{path}/usages')
            left = dict(
                reading.read_each(
                    f'resource provider {provider}:',
                    inventories['inventories'],
                    lambda name: (
                        name,
                        _left(
                            inventories['inventories'][name],
                            usages['usages'].get(name, 0),
                        ),
                    ),
                )
            )
            cores = [left[n] for n in ('VCPU', 'PCPU') if n in left]
            return cloud_inventory.HostCapacity(
                vcpus=sum(cores) if cores else math.inf,
                memory_mb=left.get('MEMORY_MB', math.inf),
                # Not among them where the disks of the host are shared.
                disk_gb=left.get('DISK_GB', math.inf),
            )
        return None

    def consumers(self, provider: str) -> frozenset[str]:
        """The ids of the servers and migrations that a provider holds for."""
        path = f'/resource_providers/{provider}/allocations'
        with service.none_if_missing():
            return frozenset(self._reader.get(path)['allocations'])
        return frozenset()


def _left(inventory: dict[str, Any], used: int) -> float:
    """The amount left to allocate (``placement.objects.allocation``).

    >>> _left({'total': 10, 'reserved': 1, 'allocation_ratio': 1.5}, 4)
    9.5
    """
    usable = inventory['total'] - inventory['reserved']
    return float(usable * inventory['allocation_ratio'] - used)
