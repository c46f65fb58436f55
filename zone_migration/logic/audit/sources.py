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

"""What Nova and Cinder are asked by for what an audit empties.

Both can be asked for what is on a host or in a pool, by its exact name.  Where
that takes more than half of the hosts or pools, it is better to list
everything.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import re

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import compute_selectors
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params


def hosts(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> tuple[str, ...] | None:
    """Return the compute hosts to ask for; None: list all servers.

    :param inventory: with hosts, aggregates and scope; no server is needed.
    """
    names = compute_selectors.sources(request, inventory)
    return None if _are_most(names, inventory.hosts) else names


def needs_backends(request: params.Request, pools: Collection[str]) -> bool:
    """Whether the pools alone do not tell what a source may mean.

    A backend that is closed or down shows no pools, and keeps its volumes.

    :param pools: the names of those that Cinder shows.
    """
    backends = {resources.backend_of(name) for name in pools}
    return any(
        entry.src_pool not in pools
        and (globs.is_glob(entry.src_pool) or entry.src_pool not in backends)
        for entry in request.storage
    )


def places(
    request: params.Request, pools: Collection[str], backends: Collection[str]
) -> tuple[str, ...] | None:
    """Return the pools and backends to ask for; None: list all volumes.

    By a glob, whole backends: what it means can also be in a pool that its
    backend does not have any more, or in none.

    >>> from zone_migration.logic.audit.params import StorageSelector
    >>> from zone_migration.logic.audit.params import Request
    >>> def ask(*names):
    ...     shown = ['h@a#1', 'h@a#2', 'h@b#1', 'k@c#1', 'k@d#1', 'k@e#1']
    ...     return places(
    ...         Request(storage=[StorageSelector('', n) for n in names]),
    ...         shown, ['h@a', 'h@b', 'h@closed', 'k@c'])
    >>> ask('h@a#1'), ask('h@a#1', 'h@a#2'), ask('h@[bc]*'), ask('none')
    (('h@a#1',), ('h@a',), ('h@b', 'h@closed'), ())
    >>> ask('*')

    :param pools: the names of those that Cinder shows.
    :param backends: as ``host@backend``, closed ones too; none are needed
        unless :func:`needs_backends` says so.
    """
    by_backend: dict[str, list[str]] = {}
    for name in pools:
        by_backend.setdefault(resources.backend_of(name), []).append(name)
    asked = {
        place
        for entry in request.storage
        for place in _meant(entry.src_pool, by_backend, backends)
    }
    covered = [
        name
        for name in pools
        if not asked.isdisjoint((name, resources.backend_of(name)))
    ]
    if _are_most(covered, pools):
        return None
    # One request for all pools of a backend.
    asked |= {
        backend
        for backend, names in by_backend.items()
        if len(names) > 1 and asked.issuperset(names)
    }
    return tuple(
        sorted(
            pool
            for pool in asked
            if (backend := resources.backend_of(pool)) == pool
            or backend not in asked
        )
    )


def _are_most(some: Collection[str], of_all: Collection[str]) -> bool:
    """Whether they are more than half of all."""
    return 2 * len(some) > len(of_all)


def _meant(
    wanted: str,
    by_backend: Mapping[str, list[str]],
    backends: Collection[str],
) -> Iterable[str]:
    """The pools and backends that a name or glob of pools may mean."""
    backend = resources.backend_of(wanted)
    if wanted in by_backend.get(backend, ()):
        return [wanted]
    if not globs.is_glob(wanted):
        known = backend in by_backend or backend in backends
        return [wanted] if known else []
    return [
        name
        for name in dict.fromkeys([*by_backend, *backends])
        if _may_mean(wanted, name, by_backend.get(name))
    ]


def _may_mean(wanted: str, backend: str, pools: list[str] | None) -> bool:
    """Whether a glob may mean a volume of a backend.

    :param pools: those that it shows; None where it shows none.
    """
    if globs.matching(wanted, [backend, *(pools or ())]):
        return True
    head, has_pool, _ = wanted.partition('#')
    if has_pool:
        return bool(globs.matching(head, [backend]))
    # A star can stand for the end of a backend and its pool.
    literal = re.split(r'[*?[]', wanted)[0]
    return pools is None and f'{backend}#'.startswith(literal)
