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

"""The compute hosts that the selectors of an audit empty, and where to."""

from collections.abc import Iterable
from collections.abc import Mapping

from zone_migration.logic import cloud_inventory
from zone_migration.logic import messages
from zone_migration.logic.audit import candidates
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope
from zone_migration.logic.audit import selectors

#: Selectors by what their entries name.
_BySource = dict[tuple[params.SourceKind, str], selectors.Selector]


def resolve(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> tuple[list[selectors.Selector], list[errors.Fault]]:
    """Return the compute hosts to be emptied, in the order of the selectors.

    And the faults in them, and in where params sends its servers.
    """
    by_source, faults = _resolve_sources(request, inventory)
    emptied: dict[str, str] = {}
    for selector in by_source.values():
        for name in selector.names:
            emptied.setdefault(name, selector.path)
    faults += _add_destinations(request, inventory, by_source, emptied)
    faults += [
        candidates.disabled(
            f'{item.path}.dst_hostname',
            item.dst_hostname,
            emptied[item.dst_hostname],
        )
        for item in request.servers
        if item.dst_hostname in emptied and request.disable_compute_nodes
    ]
    return list(by_source.values()), faults


def sources(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> tuple[str, ...]:
    """Return the names of the compute hosts to be emptied, each once.

    Whatever servers there are: none of these is looked at.
    """
    by_source, _ = _resolve_sources(request, inventory)
    return tuple(
        dict.fromkeys(
            name for selector in by_source.values() for name in selector.names
        )
    )


def _resolve_sources(
    request: params.Request, inventory: cloud_inventory.Inventory
) -> tuple[_BySource, list[errors.Fault]]:
    """The selectors without their destinations, and faults in the sources."""
    known = _known_sources(inventory)
    by_source: _BySource = {}
    faults = []
    for entry in request.compute:
        if entry.key in by_source:
            continue
        matches = globs.matching(entry.source, known[entry.kind])
        names = dict.fromkeys(
            name
            for match in matches
            for name in sorted(known[entry.kind][match])
            if name in inventory.hosts
        )
        in_scope = [name for name in names if inventory.in_scope(name)]
        by_source[entry.key] = selectors.Selector(entry.path, in_scope)
        if in_scope:
            continue
        if not matches:
            text = messages.none_such(
                entry.kind.value, entry.source, known[entry.kind]
            )
        elif not names:
            text = f'there is no compute host in {entry.source!r}'
        else:
            text = scope.outside(entry.source)
        faults.append(errors.Fault(entry.source_path, text))
    return by_source, faults


def _known_sources(
    inventory: cloud_inventory.Inventory,
) -> dict[params.SourceKind, Mapping[str, Iterable[str]]]:
    """By kind: the names of the sources, each with its compute hosts."""
    zones: dict[str, list[str]] = {}
    for host in inventory.hosts.values():
        zones.setdefault(host.zone, []).append(host.name)
    return {
        params.SourceKind.HOST: {name: (name,) for name in inventory.hosts},
        params.SourceKind.ZONE: zones,
        params.SourceKind.AGGREGATE: {
            name: aggregate.hosts
            for name, aggregate in inventory.aggregates.items()
        },
    }


def _add_destinations(
    request: params.Request,
    inventory: cloud_inventory.Inventory,
    by_source: _BySource,
    emptied: Mapping[str, str],
) -> list[errors.Fault]:
    """Add the destinations of all entries, and return the faults in them.

    :param emptied: the path of the selector that empties a host, by host.
    """
    hosts = candidates.Candidates(
        'compute host',
        inventory.hosts,
        {
            host.name
            for host in inventory.hosts.values()
            if host.enabled and host.up
        },
        disables_emptied=request.disable_compute_nodes,
    )
    faults = []
    for entry in request.compute:
        if entry.destination:
            faults += by_source[entry.key].add_destinations(
                f'{entry.path}.dst_node',
                entry.destination,
                globs.matching(entry.destination, inventory.hosts),
                hosts,
                emptied.get,
            )
    return faults
