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

"""Which resources start first, as the operator gives it."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from zone_migration.logic import resources
from zone_migration.logic.audit import params

#: The largest first, except for created_at: the oldest first.
_COMPUTE: Mapping[str, Callable[[resources.Server], Any]] = {
    'vcpu_num': lambda server: -server.vcpus,
    'mem_size': lambda server: -server.memory_mb,
    'disk_size': lambda server: -server.disk_gb,
    'created_at': lambda server: (not server.created_at, server.created_at),
}
_STORAGE: Mapping[str, Callable[[resources.Volume], Any]] = {
    'size': lambda volume: -volume.size_gb,
    'created_at': lambda volume: (not volume.created_at, volume.created_at),
}


def ranks(
    priority: params.Priority | None,
    servers: Iterable[resources.Server],
    volumes: Iterable[resources.Volume],
    projects: Mapping[str, str],
) -> dict[str, int]:
    """The rank of each server and volume, by its id: lower starts first.

    All are 0 without a priority.  Servers and volumes are comparable by their
    projects only, and that counts where the project is the first key: so
    inside a project both begin with the same rank, and neither waits for the
    other.

    :param projects: names by id.
    """
    if priority is None:
        return {}
    by_project = priority.keys[:1] == ('project',)
    # By place of the project: what decides inside it, and whose it is.
    keys: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
    for server in servers:
        project = _project(priority, server.project_id, projects)
        of_servers, _ = keys.setdefault(project * by_project, ({}, {}))
        of_servers[server.id] = _values(
            priority.keys,
            project=[project],
            compute_node=[_place(priority.compute_node, server.host)],
            compute=[_COMPUTE[key](server) for key in priority.compute],
        )
    for volume in volumes:
        project = _project(priority, volume.project_id, projects)
        backend = (volume.host or '').partition('#')[0]
        _, of_volumes = keys.setdefault(project * by_project, ({}, {}))
        of_volumes[volume.id] = _values(
            priority.keys,
            project=[project],
            storage_pool=[_place(priority.storage_pool, volume.host, backend)],
            storage=[_STORAGE[key](volume) for key in priority.storage],
        )
    result: dict[str, int] = {}
    base = 0
    for project in sorted(keys):
        places = [_dense(kind) for kind in keys[project]]
        for kind in places:
            result.update({id_: base + n for id_, n in kind.items()})
        base += max(n for kind in places for n in kind.values()) + 1
    return result


def _values(keys: Iterable[str], **values: list[Any]) -> list[Any]:
    """What decides, the most important first."""
    return [value for key in keys for value in values.get(key, ())]


def _dense(keys: Mapping[str, Any]) -> dict[str, int]:
    """The places of the keys, equal ones sharing one.

    >>> _dense({'a': 7, 'b': 3, 'c': 7})
    {'b': 0, 'a': 1, 'c': 1}
    """
    places: dict[str, int] = {}
    place = -1
    last: Any = None
    for id_ in sorted(keys, key=keys.__getitem__):
        if place < 0 or keys[id_] != last:
            place, last = place + 1, keys[id_]
        places[id_] = place
    return places


def _project(
    priority: params.Priority, id_: str, projects: Mapping[str, str]
) -> int:
    return _place(priority.project, id_, projects.get(id_))


def _place(order: Sequence[str], *names: str | None) -> int:
    """The place of the first that is one of the names, or behind all."""
    return next(
        (place for place, name in enumerate(order) if name in names),
        len(order),
    )
