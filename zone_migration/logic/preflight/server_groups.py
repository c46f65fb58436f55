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

"""The hosts that server groups allow, as Nova's scheduler and hosts see it.

Only the hard policies bind: ``affinity`` and ``anti-affinity``; the soft ones
weigh.
"""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import re

from zone_migration.logic import resources
from zone_migration.logic.audit import schema

_AFFINITY = 'affinity'
_ANTI_AFFINITY = 'anti-affinity'


def hinted(servers: Iterable[resources.Server]) -> frozenset[str]:
    """The ids of the groups that hints say the servers were created in.

    Nova takes nothing but an id for one; a group can be deleted since then.
    """
    return frozenset(
        id_
        for server in servers
        for id_ in server.hints.get('group', ())
        if re.search(schema.UUID, id_)
    )


def binds(group: resources.ServerGroup) -> bool:
    """Whether a group keeps its servers together or apart, whatever comes."""
    return group.policy in (_AFFINITY, _ANTI_AFFINITY)


class Groups:
    """The server groups of a cloud, and where their members are."""

    def __init__(
        self,
        groups: Iterable[resources.ServerGroup],
        servers: Mapping[str, resources.Server],
        migrations: Mapping[str, Iterable[resources.Migration]],
    ) -> None:
        """Find where the members are.

        :param servers: a group with members that are not among them is not
            evaluated by its affinity, as they may be anywhere.
        :param migrations: by server; what is in flight counts at both ends
            when members are to be kept apart.
        """
        self._of: dict[str, resources.ServerGroup] = {}
        self._members: dict[str, dict[str, set[str]]] = {}
        self._unsure: set[str] = set()
        for group in groups:
            if not binds(group):
                continue
            where: dict[str, set[str]] = collections.defaultdict(set)
            for id_ in group.server_ids:
                self._of[id_] = group
                server = servers.get(id_)
                if server is None:
                    self._unsure.add(group.id)
                elif server.host:
                    where[server.host].add(id_)
                if group.policy == _ANTI_AFFINITY:
                    for migration in migrations.get(id_, ()):
                        if migration.dest and migration.is_in_flight:
                            where[migration.dest].add(id_)
            self._members[group.id] = where

    def affinity(self, server_id: str) -> resources.ServerGroup | None:
        """The group that keeps the server with others, None if none does."""
        group = self._of.get(server_id)
        if group is None or group.policy != _AFFINITY:
            return None
        return None if group.id in self._unsure else group

    def anti_affinity(self, server_id: str) -> resources.ServerGroup | None:
        """The group that keeps it away from others, None if none does."""
        group = self._of.get(server_id)
        if group is None or group.policy != _ANTI_AFFINITY:
            return None
        return group

    def companions(
        self, server_id: str, leaving: Collection[str] = ()
    ) -> frozenset[str]:
        """The hosts that hold another member of its group.

        Nova's ServerGroupAffinityFilter passes the hosts of all members, that
        of the server included, which is no destination: so a server that has
        its group about it, or is the only member, goes nowhere.  A forced
        live migration passes the filter by, but the destination looks too,
        at the members except the server.

        :param leaving: members that are not counted on to stay.
        """
        group = self._of[server_id]
        return frozenset(
            host
            for host, members in self._members[group.id].items()
            if any(id_ != server_id and id_ not in leaving for id_ in members)
        )

    def spots(self, group: resources.ServerGroup, host: str) -> int:
        """The number of anti-affine members that a host still takes.

        Members that are about to leave it count: Nova refuses the next one
        until they have (ServerGroupAntiAffinityFilter, and the destination
        itself, which counts the migrations that are in progress).
        """
        there = self._members[group.id].get(host, ())
        return max(0, group.max_server_per_host - len(there))
