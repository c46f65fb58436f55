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

"""The capacity of a storage pool in which Cinder still places volumes.

As Cinder's scheduler counts (``CapacityFilter`` and
``sched_utils.calculate_capacity_factors`` of Cinder 29).  What a volume
consumes is its size, whether it is thin or thick.
"""

import dataclasses
import math

#: How many times a pool may be promised where it does not tell, Cinder's
#: default of ``max_over_subscription_ratio``.  The scheduler's own is in its
#: configuration file, which no API shows.
DEFAULT_RATIO = 20.0


@dataclasses.dataclass(frozen=True)
class Capacity:
    """The figures of a storage pool; infinite where there is no end."""

    total_gb: float
    free_gb: float
    #: The sizes of all its volumes, more than it stores where some are thin.
    provisioned_gb: float = 0.0
    #: Of the total, kept from Cinder.
    reserved_percent: float = 0.0
    #: Whether it can make volumes that take up what is written only.
    thin: bool = False
    #: How many times its total may be promised to thin volumes.
    ratio: float = 1.0


def left_gb(capacity: Capacity, thick: bool = False) -> float:
    """The size of the volumes that Cinder still places in a pool, in GB.

    What thin volumes have written does not count, only what they may write:

    >>> ceph = Capacity(1000, 50, 1200, thin=True, ratio=20)
    >>> left_gb(ceph), left_gb(ceph, thick=True)
    (18800, 0.0)
    >>> left_gb(Capacity(1000, 900, 1990, thin=True, ratio=2))
    10

    Others have what is free, but for a reserved share:

    >>> left_gb(Capacity(100, 25, 75, reserved_percent=20))
    5

    :param thick: whether their type asks for ``thick`` provisioning.
    """
    if math.isinf(capacity.free_gb):
        return math.inf
    if math.isinf(capacity.total_gb):
        # A share of it cannot be reserved.
        return 0.0 if capacity.reserved_percent else math.inf
    if capacity.total_gb <= 0:
        return 0.0
    reserved = math.floor(
        capacity.total_gb * (capacity.reserved_percent / 100)
    )
    available = capacity.total_gb - reserved
    if thick or not capacity.thin:
        left = min(capacity.free_gb, available - capacity.provisioned_gb)
        return max(0.0, round(left, 2))
    if capacity.ratio < 1:
        return 0.0
    promised = available * capacity.ratio
    return max(
        0.0,
        min(
            round(promised - capacity.provisioned_gb, 2),
            # The filter's other limit, lower only where Cinder rounds.
            round(
                round(promised, 2) * capacity.ratio - capacity.provisioned_gb,
                6,
            ),
        ),
    )


def automatic_ratio(
    total_gb: float, free_gb: float, provisioned_gb: float
) -> float:
    """The times that a pool may be promised, by what its volumes hold.

    As ``sched_utils.calculate_max_over_subscription_ratio`` of Cinder for
    ``auto``.  A pool that stores a third of what its volumes may hold:

    >>> automatic_ratio(1000, 801, 600)
    4.0

    :returns: 0, which nothing fits, where Cinder would divide by 0.
    """
    if not provisioned_gb:
        return DEFAULT_RATIO
    used = total_gb - free_gb + 1
    return 1 + provisioned_gb / used if used else 0.0
