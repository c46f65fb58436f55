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

"""The storage pools that the selectors of an audit empty, and where to."""

from collections.abc import Iterable
from collections.abc import Mapping
import functools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.audit import candidates
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selectors

#: Selectors by the pools that their entries name, and by their src_type.
_BySource = dict[tuple[str, str], selectors.Selector]


def resolve(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> tuple[list[selectors.Selector], list[errors.Fault]]:
    """Return the storage pools to be emptied, in the order of the selectors.

    And the faults in them, and in where params sends its volumes.
    """
    # A backend that is down for long shows no pools any more.
    pools = dict.fromkeys(
        [
            *inventory.pools,
            *(v.host for v in inventory.volumes.values() if v.host),
        ]
    )
    by_source, faults = _resolve_sources(request, inventory, pools)
    emptied = _EmptiedPools(by_source.values())
    faults += _add_destinations(request, inventory, by_source, emptied)
    faults += _emptied_backends(request, inventory, pools, emptied)
    return list(by_source.values()), faults


def pools_named(wanted: str, known: Mapping[str, object]) -> list[str]:
    """Return the pools that a pool, a backend or a glob of pools means.

    A volume can be on a backend and in no pool of it.

    >>> pools_named('block1@b3', {'block1@b3': 0, 'block1@b3#p1': 0})
    ['block1@b3', 'block1@b3#p1']
    """
    matches = globs.matching(wanted, known)
    if '#' in wanted:
        return matches
    return [
        name
        for name in known
        if name in matches or resources.same_pool(wanted, name)
    ]


class _EmptiedPools:
    """The pools that volumes are taken out of, and of which types."""

    def __init__(self, resolved: Iterable[selectors.Selector]) -> None:
        #: Paths by pool and type, '' for all types.
        self._paths: dict[tuple[str, str], str] = {}
        #: Paths by pool, whatever the type.
        self._paths_by_pool: dict[str, str] = {}
        for selector in resolved:
            for name in selector.emptied:
                key = name, selector.src_type
                self._paths.setdefault(key, selector.path)
                self._paths_by_pool.setdefault(name, selector.path)

    def emptied_by(self, name: str, volume_type: str) -> str | None:
        """Return the path of what takes volumes of a type out of a pool.

        :param volume_type: '' when it can be any.
        """
        if not volume_type:
            return self._paths_by_pool.get(name)
        return self._paths.get((name, '')) or self._paths.get(
            (name, volume_type)
        )


def _resolve_sources(
    request: params.Request,
    inventory: cloud_inventory.Inventory,
    pools: Mapping[str, object],
) -> tuple[_BySource, list[errors.Fault]]:
    """The selectors without their destinations, and faults in the sources.

    :param pools: by name, those of which only the volumes show too.
    """
    types = dict.fromkeys(
        [
            *inventory.volume_types,
            *(v.type for v in inventory.volumes.values() if v.type),
        ]
    )
    by_source: _BySource = {}
    faults = []
    for entry in request.storage:
        names = pools_named(entry.src_pool, pools) or _closed(
            entry.src_pool, inventory
        )
        by_source.setdefault(
            entry.key,
            selectors.Selector(
                entry.path,
                names,
                src_type=entry.src_type,
                dst_type=entry.dst_type,
            ),
        )
        if not names:
            text = messages.none_such('storage pool', entry.src_pool, pools)
            faults.append(errors.Fault(f'{entry.path}.src_pool', text))
        for key in ('src_type', 'dst_type'):
            name = getattr(entry, key)
            if name and name not in types:
                text = messages.none_such('volume type', name, types)
                faults.append(errors.Fault(f'{entry.path}.{key}', text))
    return by_source, faults


def _closed(wanted: str, inventory: cloud_inventory.Inventory) -> list[str]:
    """The source itself, or backends, where these show no pool.

    One that is disabled shows none, and may have been emptied already.
    """
    shown = {resources.backend_of(name) for name in inventory.pools}
    silent = [name for name in inventory.backends or () if name not in shown]
    head, has_pool, _ = wanted.partition('#')
    matching = globs.matching(head, silent)
    return [wanted] if has_pool and head in matching else matching


def _add_destinations(
    request: params.Request,
    inventory: cloud_inventory.Inventory,
    by_source: _BySource,
    emptied: _EmptiedPools,
) -> list[errors.Fault]:
    """Add the destinations of all entries, and return the faults in them."""
    pools = candidates.Candidates(
        'storage pool', inventory.pools, set(inventory.pools)
    )
    faults = []
    for entry in request.storage:
        if entry.dst_pool:
            faults += by_source[entry.key].add_destinations(
                f'{entry.path}.dst_pool',
                entry.dst_pool,
                pools_named(entry.dst_pool, inventory.pools),
                pools,
                functools.partial(
                    emptied.emptied_by, volume_type=entry.src_type
                ),
            )
    return faults


def _emptied_backends(
    request: params.Request,
    inventory: cloud_inventory.Inventory,
    pools: Mapping[str, object],
    emptied: _EmptiedPools,
) -> list[errors.Fault]:
    """Faults for named volumes whose backend has no pool that they can keep.

    :param pools: by name, those of which only the volumes show too.
    """
    faults = []
    for item in request.volumes:
        if not item.dst_hostname or item.dst_hostname in pools:
            continue
        volume = inventory.volumes.get(item.id)
        paths = [
            emptied.emptied_by(name, (volume.type if volume else None) or '')
            for name in pools_named(item.dst_hostname, pools)
        ]
        # Of a backend, Cinder can choose another pool.
        if paths and paths[0] and all(paths):
            faults.append(
                errors.Fault(
                    f'{item.path}.dst_hostname',
                    f'each pool of {item.dst_hostname!r} is being emptied '
                    f'itself, by {paths[0]}: name a pool',
                )
            )
    return faults
