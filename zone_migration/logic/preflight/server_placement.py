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

"""Where the servers of a plan go, chosen for all of them together."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import math

from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import availability_zones
from zone_migration.logic.preflight import candidate_hosts
from zone_migration.logic.preflight import capacity
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_checks
from zone_migration.logic.preflight import server_groups

#: The measures of a room, as in _figures().
_UNITS = ('MB of memory', 'vCPUs', 'GB of disk')


def choose(
    items: Iterable[params.ServerItem],
    seen: resources.Inventory,
    emptied: frozenset[str],
    ranks: Mapping[str, int],
) -> dict[str, tuple[params.ServerItem, decisions.Decision]]:
    """For each server what becomes of it, with the host chosen for it.

    :param items: of servers that could be moved, wherever that may be.
    :param emptied: the hosts that nothing may be sent to.
    :param ranks: by server; lower ones have the first choice.
    """
    return _Placement(seen, emptied, ranks).choose(list(items))


class _Placement:
    def __init__(
        self,
        seen: resources.Inventory,
        emptied: frozenset[str],
        ranks: Mapping[str, int],
    ) -> None:
        self._seen = seen
        self._ranks = ranks
        self._zones = availability_zones.Zones(seen.aggregates)
        self._choices = candidate_hosts.Choices(seen, emptied)
        self._groups = server_groups.Groups(
            seen.groups, seen.servers, seen.migrations
        )
        #: By the host that is named, and whether it is forced.
        self._bad: dict[tuple[str, bool], decisions.Decision | None] = {}
        self._refused: dict[str, decisions.Decision] = {}
        #: By server; None where any host will do, as far as is known.
        self._hosts_for: dict[str, tuple[str, ...] | None] = {}
        #: How many more of a group a host takes, where somebody was sent.
        self._spots: dict[tuple[str, str], int] = {}

    def choose(
        self, items: list[params.ServerItem]
    ) -> dict[str, tuple[params.ServerItem, decisions.Decision]]:
        for item in items:
            self._find_hosts(item)
        self._keep_affinity(items)
        still = self._still(items)
        chosen = self._choose([item for item in still if _named(item)])
        self._keep_apart([item for item in still if not _named(item)])
        return {
            item.id: (
                dataclasses.replace(
                    item, dst_hostname=chosen.get(item.id, item.dst_hostname)
                ),
                self._refused.get(item.id, decisions.START),
            )
            for item in items
        }

    def _find_hosts(self, item: params.ServerItem) -> None:
        """Note the hosts that it may go to, whatever else goes there."""
        server = self._seen.servers[item.id]
        named = _named(item)
        if not named:
            self._hosts_for[item.id] = self._find_others(item, server)
            return
        fit = []
        first = ''
        for name in named:
            fault = self._fault(item, server, name)
            if not fault:
                fit.append(name)
            first = first or fault
        if not fit:
            others = f'none of {len(named)} hosts will do: '
            self._refuse(item, (others if len(named) > 1 else '') + first)
        self._hosts_for[item.id] = tuple(fit)

    def _find_others(
        self, item: params.ServerItem, server: resources.Server
    ) -> tuple[str, ...] | None:
        """The hosts among which Nova's scheduler may choose."""
        if not self._seen.hosts:
            return None
        zone = server.pinned_zone
        hosts = self._choices.of(server)
        if not hosts:
            is_bound = self._zones.bind(zone) is not None
            where = (
                f' of availability zone {zone}, its own,' if is_bound else ''
            )
            self._refuse(
                item,
                f'no other host{where} takes '
                + (
                    'the server: all are disabled, down, being emptied or '
                    'kept from it by metadata of aggregates'
                    if self._choices.are_isolated(server)
                    else 'servers: all are disabled, down or being emptied'
                )
                + ': enable or add one',
            )
        return hosts

    def _fault(
        self, item: params.ServerItem, server: resources.Server, name: str
    ) -> str:
        """Why a host that is named does not take the server.

        A forced live migration passes Nova's scheduler by.
        """
        host = self._seen.hosts.get(name)
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
        closed = self._choices.refused(server, name)
        if closed:
            return (
                f'destination {name} is kept from the server by metadata of '
                f'its aggregates ({closed}): name another host'
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
        )

    def _keep_affinity(self, items: list[params.ServerItem]) -> None:
        """Refuse what its group would not follow.

        First those that can go nowhere even if nobody else moves: they stay,
        and are company for others.
        """
        bound = [
            item
            for item in self._still(items)
            if self._groups.affinity(item.id)
        ]
        for item in bound:
            self._keep_company(item, frozenset())
        leaving = frozenset(item.id for item in self._still(items))
        for item in self._still(bound):
            self._keep_company(item, leaving)

    def _keep_company(
        self, item: params.ServerItem, leaving: frozenset[str]
    ) -> None:
        """Leave it the hosts where another of its group stays.

        :param leaving: those that are not counted on.
        """
        wanted = self._hosts_for[item.id]
        group = self._groups.affinity(item.id)
        if wanted is None or group is None:
            return
        if item.force and not self._groups.companions(item.id):
            return  # alone, and past the filter that counts the server itself
        hosts = self._groups.companions(item.id, leaving)
        self._hosts_for[item.id] = tuple(h for h in wanted if h in hosts)
        if not self._hosts_for[item.id]:
            named = _named(item)
            where = named[0] if len(named) == 1 else 'any that may be chosen'
            self._refuse(
                item,
                f'server group {group.name} keeps its servers on one host '
                f'(affinity), none stays on {where}: delete the group, its '
                'servers remain',
            )

    def _choose(self, items: list[params.ServerItem]) -> dict[str, str]:
        """The host of each server that is to go to one of some.

        :param items: all of which name a host or several.
        """
        spots: dict[tuple[str, str], int] = {}
        arrivals = []
        for item in items:
            server = self._seen.servers[item.id]
            places = self._hosts_for[item.id] or ()
            group = self._groups.anti_affinity(item.id)
            if group is not None:
                for place in places:
                    spots[place, group.id] = self._groups.spots(group, place)
            arrivals.append(
                capacity.Arrival(
                    item.id,
                    places,
                    _figures(server),
                    server.host or '',
                    group.id if group is not None else '',
                    self._ranks.get(item.id, 0),
                )
            )
        rooms = {
            name: _figures(there) for name, there in self._seen.rooms.items()
        }
        filled = capacity.fill(arrivals, rooms, spots)
        for item, arrival in zip(items, arrivals, strict=True):
            if item.id not in filled.placed:
                self._refuse(item, self._shortage(item, arrival, filled))
        self._spots = dict(filled.spots)
        return dict(filled.placed)

    def _shortage(
        self,
        item: params.ServerItem,
        arrival: capacity.Arrival,
        filled: capacity.Filled,
    ) -> str:
        """Why none of its hosts takes the server."""
        short = capacity.shortage(arrival, filled)
        count = len(arrival.places)
        if short.measure is None:
            group = self._groups.anti_affinity(item.id)
            where = short.place if count == 1 else f'each of {count} hosts'
            return (
                f'server group {group.name if group else ""} keeps its '
                f'servers apart (anti-affinity), {where} has or gets as many '
                'as it may: name another host'
            )
        unit = _UNITS[short.measure]
        left = max(0, math.floor(filled.left[short.place][short.measure]))
        most = f', the roomiest of {count},' if count > 1 else ''
        return (
            f'no room: it needs {arrival.needs[short.measure]:g} {unit}, '
            f'{left} are left on {short.place}{most} after the others that '
            'go there: make room, or name another host'
        )

    def _keep_apart(self, items: list[params.ServerItem]) -> None:
        """Refuse those of anti-affinity groups that no host is left for.

        :param items: for which Nova's scheduler chooses.
        """
        for item in items:
            group = self._groups.anti_affinity(item.id)
            hosts = self._hosts_for[item.id]
            if group is None or hosts is None:
                continue
            for host in hosts:
                spots = self._spots.get(
                    (host, group.id), self._groups.spots(group, host)
                )
                if spots > 0:
                    self._spots[host, group.id] = spots - 1
                    break
            else:
                self._refuse(
                    item,
                    f'server group {group.name} keeps its servers apart '
                    '(anti-affinity), no other host may take one more: '
                    'enable or add one',
                )

    def _still(
        self, items: list[params.ServerItem]
    ) -> list[params.ServerItem]:
        return [item for item in items if item.id not in self._refused]

    def _refuse(self, item: params.ServerItem, text: str) -> None:
        self._refused[item.id] = decisions.refuse(text)


def _named(item: params.ServerItem) -> tuple[str, ...]:
    """The hosts that are asked for."""
    return (item.dst_hostname,) if item.dst_hostname else item.destinations


def _figures(of: resources.Server | resources.Room) -> capacity.Figures:
    """What a server needs, or a host has, in the measures of _UNITS."""
    return of.memory_mb, of.vcpus, of.disk_gb
