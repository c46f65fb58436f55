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

"""The hosts that the availability zone of a server binds it to."""

import collections
from collections.abc import Mapping

from zone_migration.logic import resources

_KEY = 'availability_zone'

#: The microversion of Nova from which an administrator can unpin a server
#: (``pinned_availability_zone`` of ``PUT /servers/{id}``), in any status, and
#: pin it to the zone where it is.
_UNPIN = (2, 104)


def can_unpin(newest: tuple[int, int] | None) -> bool:
    """Whether servers can be unpinned.

    :param newest: the newest microversion that Nova knows, None if unknown.
    """
    return newest is not None and newest >= _UNPIN


class Zones:
    """The availability zones of a cloud that bind servers.

    Nova binds a server to the zone that was asked for when it was created,
    where the metadata of an aggregate names that zone
    (``nova.scheduler.request_filter.map_az_to_placement_aggregate``).  The
    default zone, in which all other hosts are, is named by none: a server
    for which it was asked goes anywhere.
    """

    def __init__(self, aggregates: Mapping[str, resources.Aggregate]) -> None:
        hosts: dict[str, set[str]] = collections.defaultdict(set)
        for aggregate in aggregates.values():
            if _KEY in aggregate.metadata:
                hosts[aggregate.metadata[_KEY]] |= aggregate.hosts
        self._hosts = {zone: frozenset(all_) for zone, all_ in hosts.items()}

    def bind(self, zone: str) -> frozenset[str] | None:
        """The hosts that a server of the zone has to be on; None: any.

        >>> racks = Zones({'a': resources.Aggregate('a', frozenset(['c1']),
        ...                                     {'availability_zone': 'z1'})})
        >>> racks.bind('z1')
        frozenset({'c1'})
        >>> racks.bind('nova')
        """
        return self._hosts.get(zone)

    def of(self, host: str) -> str:
        """The zone that binds servers to a host; '' where none does.

        Nova lets a host be in one.

        >>> racks = Zones({'a': resources.Aggregate('a', frozenset(['c1']),
        ...                                     {'availability_zone': 'z1'})})
        >>> racks.of('c1'), racks.of('c2')
        ('z1', '')
        """
        return next(
            (zone for zone, hosts in self._hosts.items() if host in hosts), ''
        )
