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

"""The scope of an audit: the only hosts that it empties servers from."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
from typing import Any

import jsonschema

from zone_migration.logic import cloud_inventory
from zone_migration.logic import messages
from zone_migration.logic.audit import errors

#: What stands for all, and alone.
_ALL = '*'

_RULES: dict[str, Any] = {
    'availability_zones': {
        'type': 'array',
        'minItems': 1,
        'items': {
            'type': 'object',
            'required': ['name'],
            'properties': {'name': {'type': 'string'}},
        },
    },
    'host_aggregates': {
        'type': 'array',
        'minItems': 1,
        'items': {
            'type': 'object',
            'anyOf': [{'required': ['name']}, {'required': ['id']}],
            'properties': {
                'name': {'type': 'string'},
                'id': {'type': ['integer', 'string']},
            },
        },
    },
}

#: What is honoured of what Watcher allows, which the schemas of its collectors
#: tell (``watcher.decision_engine.model.collector``).  To Watcher an empty
#: list of zones or of aggregates is a scope without any host.
SHAPE = {
    'type': 'array',
    'items': {
        'type': 'object',
        'properties': {
            'compute': {
                'type': 'array',
                'items': {
                    'type': 'object',
                    'properties': _RULES,
                    'additionalProperties': False,
                    # Of two, Watcher takes the aggregates alone.
                    'maxProperties': 1,
                },
            }
        },
        'additionalProperties': False,
    },
}

_VALIDATOR = jsonschema.Draft4Validator(SHAPE)


@dataclasses.dataclass(frozen=True)
class Scope:
    """Availability zones and host aggregates whose hosts an audit is about."""

    zones: tuple[str | int, ...] = ()
    #: By their names or ids.
    aggregates: tuple[str | int, ...] = ()


def parse(scope: Any) -> Scope | None:
    """Return the scope of an audit; None where it limits nothing.

    :param scope: as Watcher keeps it in the audit.
    :raises InvalidParameters: with a fault for each part that is not
        honoured.
    """
    faults = [
        errors.Fault(_path(error), _text(error))
        for error in _VALIDATOR.iter_errors(scope or [])
    ]
    if faults:
        raise errors.InvalidParameters(faults)
    parts = [part['compute'] for part in scope or () if part.get('compute')]
    if len(parts) > 1:
        # Watcher takes the first alone.
        text = 'has compute more than once: correct the audit template'
        raise errors.InvalidParameters([errors.Fault('scope', text)])
    rules = [rule for part in parts for rule in part]
    found = Scope(
        tuple(_names(rules, 'availability_zones')),
        tuple(_names(rules, 'host_aggregates')),
    )
    for names in (found.zones, found.aggregates):
        if _ALL in names and len(set(names)) > 1:
            text = f'{_ALL!r} stands for all: correct the audit template'
            raise errors.InvalidParameters([errors.Fault('scope', text)])
    return found if found != Scope() else None


def outside(name: str) -> str:
    """Return the fault of a name or glob that means no host in the scope."""
    return (
        f'each compute host that {name!r} means is outside of the scope of '
        'the audit: name others, or take another audit template'
    )


def hosts(
    scope: Scope, inventory: cloud_inventory.Inventory
) -> frozenset[str]:
    """Return the names of the hosts in any of the zones and aggregates.

    As Watcher's own scope means it (``watcher.decision_engine.scope.compute``)
    but that a zone or an aggregate that does not exist is a fault.

    :raises InvalidParameters: with a fault for each of these.
    """
    zones: dict[str | int, list[str]] = {}
    for host in inventory.hosts.values():
        zones.setdefault(host.zone, []).append(host.name)
    aggregates: dict[str | int, Collection[str]] = {
        name: each.hosts for name, each in inventory.aggregates.items()
    }
    for id_, name in inventory.aggregate_names.items():
        aggregates[id_] = aggregates.get(name, ())
    found: set[str] = set()
    faults = []

    def add(
        kind: str,
        wanted: Iterable[str | int],
        known: Mapping[str | int, Collection[str]],
    ) -> None:
        names = [name for name in known if isinstance(name, str)]
        for each in wanted:
            if each == _ALL:
                found.update(*known.values())
            elif each in known:
                found.update(known[each])
            else:
                text = messages.none_such(kind, str(each), names)
                faults.append(errors.Fault('scope', text))

    add('availability zone', scope.zones, zones)
    add('aggregate', scope.aggregates, aggregates)
    if faults:
        raise errors.InvalidParameters(faults)
    return frozenset(found)


def _names(
    rules: Iterable[Mapping[str, Any]], kind: str
) -> Iterator[str | int]:
    """The names or ids of the zones or aggregates in the rules."""
    for rule in rules:
        for entry in rule.get(kind, ()):
            yield entry.get('name', entry.get('id'))


def _path(error: jsonschema.ValidationError) -> str:
    """The path of what violates the schema, for instance ``scope.0``."""
    return '.'.join(str(step) for step in ('scope', *error.absolute_path))


def _text(error: jsonschema.ValidationError) -> str:
    """The text for what violates the schema."""
    if error.validator != 'additionalProperties':
        return f'{error.message}: correct the audit template'
    shape: Any = error.schema
    given: Any = error.instance
    others = ', '.join(sorted(given.keys() - shape['properties'].keys()))
    return (
        f'{others} is not honoured, only availability_zones and '
        'host_aggregates of compute are: make an audit template without it, '
        'and use the parameter exclude'
    )
