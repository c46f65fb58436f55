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

"""The hosts that the servers of a plan go to, chosen for all together."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import math

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import candidate_hosts
from zone_migration.logic.preflight import capacity
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_groups

#: Of the resource classes, as in _amounts().
_UNITS = ('MB of memory', 'vCPUs', 'GB of disk')


def choose(
    items: Iterable[params.ServerItem],
    inventory: cloud_inventory.Inventory,
    emptied: frozenset[str],
    ranks: Mapping[str, int],
) -> dict[str, tuple[params.ServerItem, decisions.Decision]]:
    """Return by id each server, with its host, and the decision on it.

    :param items: of servers that could be moved, wherever that may be.
    :param emptied: the hosts that nothing may be sent to.
    :param ranks: by server; lower ones have the first choice.
    """
    return _Placement(inventory, emptied, ranks).choose(list(items))


class _Placement:
    """The choice of hosts for servers, which depend on each other."""

    def __init__(
        self,
        inventory: cloud_inventory.Inventory,
        emptied: frozenset[str],
        ranks: Mapping[str, int],
    ) -> None:
        self._inventory = inventory
        self._ranks = ranks
        self._candidates = candidate_hosts.CandidateHosts(inventory, emptied)
        self._groups = server_groups.Groups(
            inventory.groups, inventory.servers, inventory.migrations
        )
        self._refused: dict[str, decisions.Decision] = {}
        #: By server; None where any host will do, as far as is known.
        self._hosts_for: dict[str, tuple[str, ...] | None] = {}
        #: How many more of a group a host takes, where somebody was sent.
        self._spots: dict[tuple[str, str], int] = {}

    def choose(
        self, items: list[params.ServerItem]
    ) -> dict[str, tuple[params.ServerItem, decisions.Decision]]:
        """Return by id each server, with its host, and the decision on it."""
        for item in items:
            server = self._inventory.servers[item.id]
            hosts, reason = self._candidates.find(item, server)
            self._hosts_for[item.id] = hosts
            if reason:
                self._refuse(item, reason)
        self._check_affinity(items)
        accepted = self._accepted(items)
        chosen = self._allocate(
            [item for item in accepted if candidate_hosts.named(item)]
        )
        self._check_anti_affinity(
            [item for item in accepted if not candidate_hosts.named(item)]
        )
        return {
            item.id: (
                dataclasses.replace(
                    item, dst_hostname=chosen.get(item.id, item.dst_hostname)
                ),
                self._refused.get(item.id, decisions.START),
            )
            for item in items
        }

    def _check_affinity(self, items: list[params.ServerItem]) -> None:
        """Refuse what its group would not follow.

        First those that can go nowhere even if nobody else moves: they stay,
        and are company for others.
        """
        bound = [
            item
            for item in self._accepted(items)
            if self._groups.affinity(item.id)
        ]
        for item in bound:
            self._bind_to_group(item, frozenset())
        leaving = frozenset(item.id for item in self._accepted(items))
        for item in self._accepted(bound):
            self._bind_to_group(item, leaving)

    def _bind_to_group(
        self, item: params.ServerItem, leaving: frozenset[str]
    ) -> None:
        """Leave it the hosts where another of its group stays.

        :param leaving: those that are not counted on.
        """
        candidates = self._hosts_for[item.id]
        group = self._groups.affinity(item.id)
        if candidates is None or group is None:
            return
        if item.force and not self._groups.companions(item.id):
            return  # alone, and past the filter that counts the server itself
        hosts = self._groups.companions(item.id, leaving)
        self._hosts_for[item.id] = tuple(h for h in candidates if h in hosts)
        if not self._hosts_for[item.id]:
            names = candidate_hosts.named(item)
            where = names[0] if len(names) == 1 else 'any that may be chosen'
            self._refuse(
                item,
                f'server group {group.name} keeps its servers on one host '
                f'(affinity), none stays on {where}: delete the group, its '
                'servers remain',
            )

    def _allocate(self, items: list[params.ServerItem]) -> dict[str, str]:
        """Return the host of each server that is to go to one of some.

        :param items: all of which name a host or several.
        """
        spots: dict[tuple[str, str], int] = {}
        requests = []
        for item in items:
            server = self._inventory.servers[item.id]
            candidates = self._hosts_for[item.id] or ()
            group = self._groups.anti_affinity(item.id)
            if group is not None:
                for host in candidates:
                    spots[host, group.id] = self._groups.spots(group, host)
            requests.append(
                capacity.Request(
                    item.id,
                    candidates,
                    _amounts(server),
                    server.host or '',
                    group.id if group is not None else '',
                    self._ranks.get(item.id, 0),
                )
            )
        free = {
            name: _amounts(left)
            for name, left in self._inventory.capacities.items()
        }
        allocations = capacity.allocate(requests, free, spots)
        for item, request in zip(items, requests, strict=True):
            if item.id not in allocations.destinations:
                self._refuse(item, self._shortage(item, request, allocations))
        self._spots = dict(allocations.spots)
        return dict(allocations.destinations)

    def _shortage(
        self,
        item: params.ServerItem,
        request: capacity.Request,
        allocations: capacity.Allocations,
    ) -> str:
        """Tell why none of its hosts takes the server."""
        short = capacity.shortage(request, allocations)
        host, index = short.candidate, short.resource_class
        count = len(request.candidates)
        if index is None:
            group = self._groups.anti_affinity(item.id)
            where = host if count == 1 else f'each of {count} hosts'
            return (
                f'server group {group.name if group else ""} keeps its '
                f'servers apart (anti-affinity), {where} has or gets as many '
                'as it may: name another host'
            )
        left = max(0, math.floor(allocations.left[host][index]))
        most = f', the roomiest of {count},' if count > 1 else ''
        return (
            f'no room: it needs {request.needs[index]:g} {_UNITS[index]}, '
            f'{left} are left on {host}{most} after the others that '
            'go there: make room, or name another host'
        )

    def _check_anti_affinity(self, items: list[params.ServerItem]) -> None:
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

    def _accepted(
        self, items: list[params.ServerItem]
    ) -> list[params.ServerItem]:
        """The items that have not been refused."""
        return [item for item in items if item.id not in self._refused]

    def _refuse(self, item: params.ServerItem, text: str) -> None:
        """Note why a server stays."""
        self._refused[item.id] = decisions.refuse(text)


def _amounts(
    of: resources.Server | cloud_inventory.HostCapacity,
) -> capacity.Amounts:
    """The amounts that a server needs, or a host has, as in _UNITS."""
    return of.memory_mb, of.vcpus, of.disk_gb
