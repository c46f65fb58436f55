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

"""The options that are made from the parameters of an audit.

A parameter that the schema gets later is an option with no code here.
"""

import argparse
from collections.abc import Callable
from collections.abc import Mapping
import json
import re
from typing import Any

from zone_migration.logic.audit import parameters
from zone_migration.logic.audit import schema_faults

#: The parameters that other options make, by the options that do.
COMPOSED = {
    'params': '--server, --volume or --params',
    'compute_nodes': '--host',
    'availability_zones': '--availability-zone',
    'aggregates': '--aggregate',
    'storage_pools': '--pool or --pool-type',
    'exclude': '--exclude-...',
    # What "openstack optimize zone hosts --enable" asks for.
    'enable_compute_nodes': '--params',
}

_PREFIX = 'parameter_'


def add(parser: Any) -> None:
    """Add an option for each parameter that no other option makes."""
    group = parser.add_argument_group('how to move')
    for name, schema in parameters.PARAMETERS.items():
        if name not in COMPOSED:
            group.add_argument(
                _option(name), dest=_PREFIX + name, **_kind(name, schema)
            )


def given(parsed_args: Any) -> dict[str, Any]:
    """The parameters that the options ask for."""
    values = {
        name: getattr(parsed_args, _PREFIX + name)
        for name in parameters.PARAMETERS
        if name not in COMPOSED
    }
    found = {
        name: value for name, value in values.items() if value is not None
    }
    if 'priority' in found:
        found['priority'] = _merged(found['priority'])
    return found


def with_options(text: str) -> str:
    """The text with the option before each parameter that it begins with.

    >>> with_options('max_items: 0 is less than 1; aggregates.0: no such')
    '--max-items: 0 is less than 1; --aggregate (aggregates.0): no such'
    >>> with_options("compute_nodes.0.dst_node: 'c1' is its source")
    "--to-host (compute_nodes.0.dst_node): 'c1' is its source"

    :param text: faults of parameters, each with its path.
    """
    return '; '.join(_with_option(fault) for fault in text.split('; '))


def as_options(text: str) -> str:
    """The text with the options for the parameters that it says to set.

    >>> as_options('the server is locked: unlock it, or set move_locked')
    'the server is locked: unlock it, or give --move-locked'
    """
    names = '|'.join(name for name in parameters.PARAMETERS if '_' in name)
    return re.sub(
        rf'\bset ({names})\b',
        lambda found: f'give {COMPOSED.get(found[1]) or _option(found[1])}',
        text,
    )


def _with_option(fault: str) -> str:
    """A fault with the option that it is about, if any is."""
    found = re.match(r'(\w+)(\.[^:\s]+)?: ', fault)
    if not found or found[1] not in parameters.PARAMETERS:
        return fault
    option = COMPOSED.get(found[1]) or _option(found[1])
    if str(found[2]).endswith('.dst_node'):
        option = '--to-host'
    if option == _option(found[1]) and not found[2]:
        return f'{option}: {fault[found.end() :]}'
    return f'{option} ({found[0].removesuffix(": ")}): {fault[found.end() :]}'


def _option(name: str) -> str:
    """The option for a parameter."""
    return '--' + name.replace('_', '-')


def _kind(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """How argparse takes a parameter, with its help."""
    text = str(schema.get('description', '')).replace('%', '%%')
    if name == 'priority':
        return {
            'action': 'append',
            'type': _key_and_values,
            'metavar': '<key>=<value>[,<value>]',
            'help': f'{text} (repeat for several keys)',
        }
    if schema.get('type') == 'boolean':
        # Flags are not given "true or false".
        text = text.partition(' true or false')[0]
        return {'action': 'store_true', 'default': None, 'help': text}
    if schema.get('type') == 'integer':
        return {'type': _integer(schema), 'metavar': '<number>', 'help': text}
    return {'type': _json, 'metavar': '<json>', 'help': text}


def _integer(schema: Mapping[str, Any]) -> Callable[[str], int]:
    """A function that reads a number within the bounds of a schema."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f'{text!r} is not a whole number'
            ) from None
        if number < schema.get('minimum', number):
            raise argparse.ArgumentTypeError(
                f'{number} is less than {schema["minimum"]}'
            )
        if number > schema.get('maximum', number):
            raise argparse.ArgumentTypeError(
                f'{number} is more than {schema["maximum"]}'
            )
        return number

    return read


def _json(text: str) -> Any:
    """Read a value as JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'not JSON: {error}') from error


def _key_and_values(text: str) -> tuple[str, list[str]]:
    """Read a key of the priority, and its values."""
    key, _, values = text.partition('=')
    found = [value.strip() for value in values.split(',') if value.strip()]
    if not key.strip() or not found:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not KEY=VALUE[,VALUE], as in compute=mem_size'
        )
    key = key.strip()
    for fault in schema_faults.collect({'priority': {key: found}}):
        name, _, path = fault.path.partition('.')
        if name == 'priority':
            raise argparse.ArgumentTypeError(f'{text!r}: {path} {fault.text}')
    return key, found


def _merged(pairs: list[tuple[str, list[str]]]) -> dict[str, list[str]]:
    """The values of each key, in the order in which they are given."""
    found: dict[str, list[str]] = {}
    for key, values in pairs:
        found.setdefault(key, []).extend(values)
    return found
