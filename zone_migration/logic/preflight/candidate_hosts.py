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

"""The hosts among which Nova's scheduler may choose."""

from collections.abc import Collection

from zone_migration.logic import resources
from zone_migration.logic.preflight import aggregate_isolation
from zone_migration.logic.preflight import availability_zones


class Choices:
    """Where servers may go that name no destination."""

    def __init__(
        self, seen: resources.Inventory, emptied: Collection[str]
    ) -> None:
        """Take in the hosts that are enabled and up.

        :param emptied: the hosts that nothing may be sent to.
        """
        self._isolation = aggregate_isolation.Isolation(
            list(seen.aggregates.values()), seen.scheduler_filters
        )
        self._zones = availability_zones.Zones(seen.aggregates)
        self._hosts = sorted(
            host.name
            for host in seen.hosts.values()
            if host.enabled and host.up and host.name not in emptied
        )
        #: By availability zone, or '' for all, and by the host to leave.
        self._open: dict[tuple[str, str], tuple[str, ...]] = {}
        #: As above, without those that refuse what is isolated alike.
        self._left: dict[tuple[str, str, frozenset[str]], tuple[str, ...]] = {}

    def of(self, server: resources.Server) -> tuple[str, ...]:
        """The hosts that take the server, as far as is certain."""
        zone, source = server.pinned_zone, server.host or ''
        if (zone, source) not in self._open:
            bound_to = self._zones.bind(zone)
            self._open[zone, source] = tuple(
                name
                for name in self._hosts
                if name != source and (bound_to is None or name in bound_to)
            )
        hosts = self._open[zone, source]
        closed = self._isolation.closed(server)
        if not closed:
            return hosts
        key = zone, source, closed
        if key not in self._left:
            self._left[key] = tuple(h for h in hosts if h not in closed)
        return self._left[key]

    def refused(self, server: resources.Server, host: str) -> str:
        """The filter that keeps the server from the host; or ''."""
        return self._isolation.refused(server).get(host, '')

    def are_isolated(self, server: resources.Server) -> bool:
        """Whether a filter keeps the server from any host."""
        return bool(self._isolation.closed(server))
