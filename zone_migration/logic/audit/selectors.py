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

"""What the selectors of an audit empty, and where to."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import functools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.audit import candidates
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope


@dataclasses.dataclass
class Source:
    """Hosts or pools to be emptied, by all entries that name them alike."""

    #: That of the first entry.
    path: str
    names: list[str]
    #: Hosts or pools; none for the choice of the scheduler, and with dst_type.
    destinations: list[str] = dataclasses.field(default_factory=list)
    #: Of volumes: which ones, and what they are to become.
    src_type: str = ''
    dst_type: str = ''

    def add(self, destinations: Iterable[str]) -> None:
        """Further ones, each once."""
        self.destinations = list(
            dict.fromkeys([*self.destinations, *destinations])
        )

    @property
    def empties(self) -> bool:
        """Whether all leaves, not only changes its type."""
        return not self.dst_type

    @property
    def emptied(self) -> list[str]:
        """The hosts or pools that all leaves."""
        return self.names if self.empties else []

    @property
    def dst_hostname(self) -> str:
        """The only destination, if there is one."""
        return self.destinations[0] if len(self.destinations) == 1 else ''

    @property
    def choices(self) -> tuple[str, ...]:
        """The destinations, if there are several."""
        return tuple(self.destinations) if len(self.destinations) > 1 else ()


def of_servers(
    request: params.Request, seen: cloud_inventory.Inventory
) -> tuple[list[Source], list[params.Fault]]:
    """The compute hosts to be emptied, in the order of the selectors.

    And the faults in them, and in where params sends its servers.
    """
    zones: dict[str, list[str]] = {}
    for host in seen.hosts.values():
        zones.setdefault(host.zone, []).append(host.name)
    places: dict[params.Source, Mapping[str, Iterable[str]]] = {
        params.Source.HOST: {name: (name,) for name in seen.hosts},
        params.Source.ZONE: zones,
        params.Source.AGGREGATE: {
            name: each.hosts for name, each in seen.aggregates.items()
        },
    }
    faults: list[params.Fault] = []
    sources: dict[tuple[params.Source, str], Source] = {}
    for each in request.compute:
        if (each.kind, each.source) in sources:
            continue
        known = places[each.kind]
        means = globs.named(each.source, known)
        names = dict.fromkeys(
            name
            for place in means
            for name in sorted(known[place])
            if name in seen.hosts
        )
        within = [name for name in names if seen.in_scope(name)]
        sources[each.kind, each.source] = Source(each.path, within)
        if not means:
            faults.append(
                params.Fault(
                    each.source_path,
                    messages.none_such(each.kind.value, each.source, known),
                )
            )
        elif not names:
            faults.append(
                params.Fault(
                    each.source_path,
                    f'there is no compute host in {each.source!r}',
                )
            )
        elif not within:
            faults.append(
                params.Fault(each.source_path, scope.outside(each.source))
            )
    emptied: dict[str, str] = {}
    for source in sources.values():
        for name in source.names:
            emptied.setdefault(name, source.path)
    places_to_go = candidates.Targets(
        'compute host',
        seen.hosts,
        {
            host.name
            for host in seen.hosts.values()
            if host.enabled and host.up
        },
        closed=request.disable_compute_nodes,
    )
    for each in request.compute:
        if each.destination:
            found, wrong = places_to_go.find(
                f'{each.path}.dst_node',
                each.destination,
                globs.named(each.destination, seen.hosts),
                sources[each.kind, each.source].emptied,
                emptied.get,
            )
            sources[each.kind, each.source].add(found)
            faults += wrong
    faults += [
        candidates.closed(
            f'{item.path}.dst_hostname',
            item.dst_hostname,
            emptied[item.dst_hostname],
        )
        for item in request.servers
        if item.dst_hostname in emptied and request.disable_compute_nodes
    ]
    return list(sources.values()), faults


def of_volumes(
    request: params.Request, seen: cloud_inventory.Inventory
) -> tuple[list[Source], list[params.Fault]]:
    """The storage pools to be emptied, in the order of the selectors.

    And the faults in them, and in where params sends its volumes.
    """
    # A backend that is down for long shows no pools any more.
    known = dict.fromkeys(
        [*seen.pools, *(v.host for v in seen.volumes.values() if v.host)]
    )
    types = dict.fromkeys(
        [
            *seen.volume_types,
            *(v.type for v in seen.volumes.values() if v.type),
        ]
    )
    faults: list[params.Fault] = []
    sources: dict[tuple[str, str], Source] = {}
    for each in request.storage:
        names = pools_named(each.src_pool, known)
        sources.setdefault(
            (each.src_pool, each.src_type),
            Source(
                each.path,
                names,
                src_type=each.src_type,
                dst_type=each.dst_type,
            ),
        )
        if not names:
            faults.append(
                params.Fault(
                    f'{each.path}.src_pool',
                    messages.none_such('storage pool', each.src_pool, known),
                )
            )
        for key in ('src_type', 'dst_type'):
            name = getattr(each, key)
            if name and name not in types:
                faults.append(
                    params.Fault(
                        f'{each.path}.{key}',
                        messages.none_such('volume type', name, types),
                    )
                )
    emptied = _Emptied(sources.values())
    places_to_go = candidates.Targets(
        'storage pool', seen.pools, set(seen.pools)
    )
    for each in request.storage:
        if each.dst_pool:
            found, wrong = places_to_go.find(
                f'{each.path}.dst_pool',
                each.dst_pool,
                pools_named(each.dst_pool, seen.pools),
                sources[each.src_pool, each.src_type].emptied,
                functools.partial(emptied.by, volume_type=each.src_type),
            )
            sources[each.src_pool, each.src_type].add(found)
            faults += wrong
    for item in request.volumes:
        if not item.dst_hostname or item.dst_hostname in known:
            continue
        volume = seen.volumes.get(item.id)
        paths = [
            emptied.by(name, (volume.type if volume else None) or '')
            for name in pools_named(item.dst_hostname, known)
        ]
        # Of a backend, Cinder can choose another pool.
        if paths and paths[0] and all(paths):
            faults.append(
                params.Fault(
                    f'{item.path}.dst_hostname',
                    f'each pool of {item.dst_hostname!r} is being emptied '
                    f'itself, by {paths[0]}: name a pool',
                )
            )
    return list(sources.values()), faults


def pools_named(wanted: str, known: Mapping[str, object]) -> list[str]:
    """The pools that a pool, a backend or a glob of pools means.

    A volume can be on a backend and in no pool of it.

    >>> pools_named('block1@b3', {'block1@b3': 0, 'block1@b3#p1': 0})
    ['block1@b3', 'block1@b3#p1']
    """
    means = globs.named(wanted, known)
    if '#' in wanted:
        return means
    return [
        name
        for name in known
        if name in means or resources.same_pool(wanted, name)
    ]


class _Emptied:
    """Which pools volumes are taken out of, and of which types."""

    def __init__(self, sources: Iterable[Source]) -> None:
        #: Paths by pool and type, '' for all types.
        self._paths: dict[tuple[str, str], str] = {}
        #: Paths by pool, whatever the type.
        self._any: dict[str, str] = {}
        for source in sources:
            if source.empties:
                for name in source.names:
                    place = name, source.src_type
                    self._paths.setdefault(place, source.path)
                    self._any.setdefault(name, source.path)

    def by(self, name: str, volume_type: str) -> str | None:
        """The path of what takes volumes of a type out of a pool.

        :param volume_type: '' when it can be any.
        """
        if not volume_type:
            return self._any.get(name)
        return self._paths.get((name, '')) or self._paths.get(
            (name, volume_type)
        )
