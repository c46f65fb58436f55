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
import shlex
from typing import Any

from zone_migration.logic import messages
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
    'enable_storage_pools': '--params',
}

#: The options that name what is emptied, and the key of that in an entry.
_SOURCES = {
    'compute_nodes': ('--host', 'src_node'),
    'availability_zones': ('--availability-zone', 'src_zone'),
    'aggregates': ('--aggregate', 'src_aggregate'),
}

#: The options of storage pools, and the key of where their volumes go.
_POOLS = (('--pool', 'dst_pool'), ('--pool-type', 'dst_type'))

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


def with_option(fault: str, asked: Mapping[str, Any] | None = None) -> str:
    """A fault with the option that it is about, as it is typed, if any is.

    >>> with_option('max_items: 0 is less than 1')
    '--max-items: 0 is less than 1'
    >>> with_option('aggregates.0: no such', {'aggregates': ['a b']})
    "--aggregate 'a b': no such"
    >>> with_option('aggregates.0: no such')
    '--aggregate (aggregates.0): no such'

    :param fault: one of parameters, with its path.
    :param asked: the parameters.
    """
    found = re.match(r'(\w+)(\.[^:\s]+)?: ', fault)
    if not found or found[1] not in parameters.PARAMETERS:
        return fault
    path, text = found[0].removesuffix(': '), fault[found.end() :]
    typed = _typed(path, asked or {})
    if typed:
        return f'{typed}: {text}'
    option = COMPOSED.get(found[1]) or _option(found[1])
    if path.endswith('.dst_node'):
        option = '--to-host'
    if option == _option(found[1]) and not found[2]:
        return f'{option}: {text}'
    return f'{option} ({path}): {text}'


def _typed(path: str, asked: Mapping[str, Any]) -> str:
    """The option that gives what a path leads to; '' where none is known."""
    name, _, rest = path.partition('.')
    index, _, key = rest.partition('.')
    try:
        entry = asked[name][int(index)]
        if isinstance(entry, str):
            words = [_SOURCES[name][0], entry]
        elif key == 'dst_node':
            words = ['--to-host', entry[key]]
        elif name in _SOURCES:
            option, key = _SOURCES[name]
            words = [option, entry[key]]
        else:
            option, key = next(one for one in _POOLS if one[1] in entry)
            words = [option, f'{entry["src_pool"]}={entry[key]}']
        return messages.escaped(shlex.join(words))
    except (KeyError, IndexError, TypeError, ValueError, StopIteration):
        return ''


def as_options(text: str) -> str:
    """The text with the options for the parameters that it says to set.

    >>> as_options('the server is locked: unlock it, or set move_locked')
    'the server is locked: unlock it, or give --move-locked'
    """
    # The commands give params by other options.
    names = '|'.join(n for n in parameters.PARAMETERS if n != 'params')
    return re.sub(
        rf'\bset ({names})\b',
        lambda found: f'give {COMPOSED.get(found[1]) or _option(found[1])}',
        text,
    )


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
    if schema.get('type') == ['boolean', 'array']:
        return {
            'type': _all_or_names,
            'metavar': 'true|<name>[,<name>]',
            'help': text,
        }
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


def _all_or_names(text: str) -> bool | list[str]:
    """Read true or false, or names between commas or as a list in JSON.

    >>> _all_or_names('true'), _all_or_names('web-*, db-1')
    (True, ['web-*', 'db-1'])
    >>> _all_or_names('["a,b"]'), _all_or_names('[ab]*')
    (['a,b'], ['[ab]*'])
    """
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, (bool, list)):
        return value
    return [name.strip() for name in text.split(',') if name.strip()]


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
