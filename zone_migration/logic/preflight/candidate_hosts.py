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

"""The hosts that may take a server, whatever else goes there."""

from collections.abc import Collection

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import aggregate_isolation
from zone_migration.logic.preflight import availability_zones
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_checks


class CandidateHosts:
    """The hosts of a cloud that may take servers, each by itself."""

    def __init__(
        self, inventory: cloud_inventory.Inventory, emptied: Collection[str]
    ) -> None:
        """Read which hosts are enabled and up.

        :param emptied: the hosts that nothing may be sent to.
        """
        self._isolation = aggregate_isolation.Isolation(
            list(inventory.aggregates.values()), inventory.scheduler_filters
        )
        self._zones = availability_zones.Zones(inventory.aggregates)
        self._nova_version = inventory.nova_version
        self._all = inventory.hosts
        self._usable = sorted(
            host.name
            for host in inventory.hosts.values()
            if host.enabled and host.up and host.name not in emptied
        )
        #: By availability zone, or '' for all, and by the host to leave.
        self._in_zone: dict[tuple[str, str], tuple[str, ...]] = {}
        #: As above, without those that refuse what is isolated alike.
        self._left: dict[tuple[str, str, frozenset[str]], tuple[str, ...]] = {}
        #: By the host that is named, and whether it is forced.
        self._bad: dict[tuple[str, bool], decisions.Decision | None] = {}

    def of(self, server: resources.Server) -> tuple[str, ...]:
        """The hosts among which Nova chooses, as far as is certain."""
        zone, source = server.pinned_zone, server.host or ''
        if (zone, source) not in self._in_zone:
            bound_to = self._zones.bind(zone)
            self._in_zone[zone, source] = tuple(
                name
                for name in self._usable
                if name != source and (bound_to is None or name in bound_to)
            )
        hosts = self._in_zone[zone, source]
        closed = self._isolation.closed(server)
        if not closed:
            return hosts
        key = zone, source, closed
        if key not in self._left:
            self._left[key] = tuple(h for h in hosts if h not in closed)
        return self._left[key]

    def find(
        self, item: params.ServerItem, server: resources.Server
    ) -> tuple[tuple[str, ...] | None, str]:
        """Return the hosts that a server may go to; if none, the reason.

        None stands for any host, as far as is known.
        """
        names = named(item)
        if names:
            faults = [self._fault(item, server, name) for name in names]
            hosts = tuple(
                n for n, f in zip(names, faults, strict=True) if not f
            )
            others = f'none of {len(names)} hosts will do: '
            reason = (others if len(names) > 1 else '') + faults[0]
            return hosts, '' if hosts else reason
        if not self._all:
            return None, ''
        hosts = self.of(server)
        return hosts, '' if hosts else self._no_other(item, server)

    def _no_other(
        self, item: params.ServerItem, server: resources.Server
    ) -> str:
        """The reason why Nova's scheduler finds no host for a server."""
        zone = server.pinned_zone
        is_bound = self._zones.bind(zone) is not None
        where = f' of availability zone {zone}, its own,' if is_bound else ''
        return (
            f'no other host{where} takes '
            + (
                'the server: all are disabled, down, being emptied or '
                'kept from it by metadata of aggregates'
                if self._isolation.closed(server)
                else 'servers: all are disabled, down or being emptied'
            )
            + ': enable or add one'
            + (self._or_unpin(item) if is_bound else '')
        )

    def _or_unpin(self, item: params.ServerItem) -> str:
        """Tell how it may leave its availability zone."""
        if not availability_zones.can_unpin(self._nova_version):
            return (
                ' (this Nova is too old for unpin, which needs 2026.2)'
                if item.may_unpin
                else ''
            )
        return ', or set unpin'

    def _fault(
        self, item: params.ServerItem, server: resources.Server, name: str
    ) -> str:
        """The reason why a named host does not take the server; '' if it does.

        A forced live migration passes Nova's scheduler by.
        """
        host = self._all.get(name)
        if (name, item.force) not in self._bad:
            self._bad[name, item.force] = server_checks.bad_destination(
                decisions.ServerMove(
                    item.id, dst_hostname=name, force=item.force
                ),
                host,
            )
        bad = self._bad[name, item.force]
        if bad:
            return bad.text
        if item.force:
            return ''
        refused_by = self._isolation.refused(server).get(name)
        if refused_by:
            return (
                f'destination {name} is kept from the server by metadata of '
                f'its aggregates ({refused_by}): name another host'
            )
        zone = server.pinned_zone
        bound_to = self._zones.bind(zone)
        if bound_to is None or name in bound_to:
            return ''
        its = host.zone if host is not None else ''
        return (
            f'destination {name} is '
            + (f'in availability zone {its}' if its else f'not in {zone}')
            + f', the server is pinned to {zone}: name a host of {zone}'
            + self._or_unpin(item)
        )


def named(item: params.ServerItem) -> tuple[str, ...]:
    """The hosts that are asked for a server."""
    return (item.dst_hostname,) if item.dst_hostname else item.destinations
