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

"""The demands of scheduler hints on the host that a server goes to.

Nova keeps the hints that a server was created with, and its scheduler obeys
them whenever the server moves, but not when it is forced to a host.  It does
so by filters none of which is enabled by default, and its API does not show
which are (``[filter_scheduler] enabled_filters``).  So what goes against a
hint is a risk and no refusal.

The hint ``group`` is left to
:mod:`~zone_migration.logic.preflight.server_groups`.
"""

import collections
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import re

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema

# nova.scheduler.filters.affinity_filter.DifferentHostFilter, SameHostFilter
_DIFFERENT = 'different_host'
_SAME = 'same_host'

#: Whether a host meets these only the scheduler can tell:
#: ``affinity_filter.SimpleCIDRAffinityFilter``, ``json_filter.JsonFilter``.
_OPAQUE = ('build_near_host_ip', 'query')


def server_ids(servers: Iterable[resources.Server]) -> frozenset[str]:
    """The ids of the servers that hints of others name.

    Nova takes any text for one of ``same_host``; what is no id is left out.
    """
    return frozenset(
        id_
        for server in servers
        for name in (_DIFFERENT, _SAME)
        for id_ in server.hints.get(name, ())
        if re.search(schema.UUID, id_)
    )


def at_risk(
    started: Iterable[params.ServerItem],
    inventory: cloud_inventory.Inventory,
    choices: Callable[[resources.Server], Collection[str]],
) -> dict[str, tuple[str, ...]]:
    """The hints that the migration of a server may go against, by server.

    :param started: the servers that are to move, with their destinations
        where those are chosen.
    :param choices: the hosts among which Nova chooses for a server.
    """
    started = list(started)
    where = _where(started, inventory)
    moving = {item.id for item in started}
    found = {}
    for item in started:
        server = inventory.servers[item.id]
        if item.force or not server.hints:
            continue
        hosts = [item.dst_hostname] if item.dst_hostname else choices(server)
        names = _against(server.hints, hosts, where, moving)
        if names:
            found[item.id] = names
    return found


def _where(
    started: Iterable[params.ServerItem], inventory: cloud_inventory.Inventory
) -> dict[str, frozenset[str]]:
    """The hosts that a server is on, or may be while the plan runs."""
    found = collections.defaultdict(set)
    for server in inventory.servers.values():
        if server.host:
            found[server.id].add(server.host)
    for item in started:
        if item.dst_hostname:
            found[item.id].add(item.dst_hostname)
    return {id_: frozenset(hosts) for id_, hosts in found.items()}


def _against(
    hints: Mapping[str, tuple[str, ...]],
    hosts: Collection[str],
    where: Mapping[str, frozenset[str]],
    moving: Collection[str],
) -> tuple[str, ...]:
    """The hints that keep a server from each of the hosts, or may.

    :param moving: the servers that nobody can count on to be somewhere.
    """
    nowhere: frozenset[str] = frozenset()
    same = hints.get(_SAME, ())
    far = nowhere.union(
        *(where.get(id_, nowhere) for id_ in hints.get(_DIFFERENT, ()))
    )
    near = nowhere.union(
        *(where.get(id_, nowhere) for id_ in same if id_ not in moving)
    )
    found = {name for name in _OPAQUE if hints.get(name)}
    if not any(h not in far and (not same or h in near) for h in hosts):
        if not far.isdisjoint(hosts):
            found.add(_DIFFERENT)
        if same and not near.issuperset(hosts):
            found.add(_SAME)
    return tuple(sorted(found))
