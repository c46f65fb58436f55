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

"""The ranks of resources: which start first, as the operator gives it."""

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
    """Return the rank of each server and volume by id: lower starts first.

    All are 0 without a priority.  Servers and volumes are comparable by their
    projects only, and that counts where the project is the first key: so
    inside a project both begin with the same rank, and neither waits for the
    other.

    :param projects: names by id.
    """
    if priority is None:
        return {}
    by_project = priority.keys[:1] == ('project',)
    # By position of the project: the sort keys of its servers and volumes.
    keys: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
    for server in servers:
        project = _project(priority, server.project_id, projects)
        of_servers, _ = keys.setdefault(project * by_project, ({}, {}))
        of_servers[server.id] = _values(
            priority.keys,
            project=[project],
            compute_node=[_position(priority.compute_node, server.host)],
            compute=[_COMPUTE[key](server) for key in priority.compute],
        )
    for volume in volumes:
        project = _project(priority, volume.project_id, projects)
        backend = (volume.host or '').partition('#')[0]
        _, of_volumes = keys.setdefault(project * by_project, ({}, {}))
        of_volumes[volume.id] = _values(
            priority.keys,
            project=[project],
            storage_pool=[
                _position(priority.storage_pool, volume.host, backend)
            ],
            storage=[_STORAGE[key](volume) for key in priority.storage],
        )
    result: dict[str, int] = {}
    base = 0
    for project in sorted(keys):
        dense = [_dense_ranks(kind) for kind in keys[project]]
        for kind in dense:
            result.update({id_: base + n for id_, n in kind.items()})
        base += max(n for kind in dense for n in kind.values()) + 1
    return result


def _values(keys: Iterable[str], **values: list[Any]) -> list[Any]:
    """The values of the keys, the most important first."""
    return [value for key in keys for value in values.get(key, ())]


def _dense_ranks(keys: Mapping[str, Any]) -> dict[str, int]:
    """The ranks of the keys from 0, equal keys sharing one.

    >>> _dense_ranks({'a': 7, 'b': 3, 'c': 7})
    {'b': 0, 'a': 1, 'c': 1}
    """
    by_id: dict[str, int] = {}
    rank = -1
    last: Any = None
    for id_ in sorted(keys, key=keys.__getitem__):
        if rank < 0 or keys[id_] != last:
            rank, last = rank + 1, keys[id_]
        by_id[id_] = rank
    return by_id


def _project(
    priority: params.Priority, id_: str, projects: Mapping[str, str]
) -> int:
    """The position of a project, given by id or name."""
    return _position(priority.project, id_, projects.get(id_))


def _position(order: Sequence[str], *names: str | None) -> int:
    """The index of the first that is one of the names, or behind all."""
    return next(
        (index for index, name in enumerate(order) if name in names),
        len(order),
    )
