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

"""Files with parameters of an audit, and what is wrong with them."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import difflib
import json
from typing import Any

import jsonschema
from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.logic.audit import column_shares
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import size_limit
from zone_migration.osc import json_lines

#: The keys of servers and of volumes.
_ITEMS = ('vm', 'volume')

#: What stands before the keys that might have been meant by an unknown one.
_KNOWN = '; known are '


@dataclasses.dataclass(frozen=True)
class ParametersFile:
    """A JSON file with parameters of an audit."""

    path: str
    #: Of an audit, whatever they are.
    parameters: Any
    lines: json_lines.Lines
    #: Whether it holds servers and volumes, ``params``, and nothing else.
    only_items: bool
    #: All of it.
    text: str

    def has(self, path: str) -> bool:
        """Whether the path of a fault leads into the file."""
        name = self._shown(path).lower().partition('.')[0]
        return name in self.lines.lines

    def gives(self, path: str, parameters: Mapping[str, Any]) -> bool:
        """Whether it gives what the path leads to, and no option changes it.

        :param parameters: those of the file and of the options.
        """
        value = _value(self.parameters, path)
        return value is not None and value == _value(parameters, path)

    def located(self, fault: errors.Fault) -> str:
        """A fault with its line in the file."""
        shown, text = self._shown(fault.path), _suggested(fault)
        if not self.only_items and shown.lower() in _ITEMS:
            text = 'belongs into params, as other parameters stand beside it'
        return self._line(
            self.line_of(fault.path), f'{shown}: {text}' if shown else text
        )

    def line_of(self, path: str) -> int:
        """The line of the path of a fault."""
        return self.lines.of(self._shown(path))

    def told(self, found: Iterable[errors.Fault]) -> list[str]:
        """A line for each fault, and for each key given again, in order."""
        lines = list(self._repeated())
        lines += [(self.line_of(one.path), self.located(one)) for one in found]
        lines += self._faults_of_others()
        in_order = sorted(dict.fromkeys(lines), key=lambda line: line[0])
        return [text for _, text in in_order]

    def _repeated(self) -> Iterator[tuple[int, str]]:
        """The lines and faults of keys that are given more than once."""
        for path, line, earlier in self.lines.repeated:
            text = f'{path}: is given in line {earlier}, too'
            yield line, self._line(line, text)

    def _faults_of_others(self) -> Iterator[tuple[int, str]]:
        """The lines and faults of what stands before what is given again."""
        for number in range(self.lines.most - 1):
            given = json_lines.value(self.text, number)
            parameters = {'params': given} if self.only_items else given
            found = [
                one for one in faults(parameters) if self._shown(one.path)
            ]
            if found:
                lines = json_lines.read(self.text, number)
                other = dataclasses.replace(self, lines=lines)
                for one in found:
                    yield other.line_of(one.path), other.located(one)

    def _line(self, line: int, text: str) -> str:
        """A fault at a line."""
        return messages.escaped(f'{self.path}:{line}: {text}')

    def _shown(self, path: str) -> str:
        """The path of a parameter as the file has it, '' for all of it."""
        if path == 'parameters' or (self.only_items and path == 'params'):
            return ''
        return path.removeprefix('params.') if self.only_items else path


def read(path: str) -> ParametersFile:
    """Read a file.

    :raises CommandError: when it cannot be read, or is no JSON.
    """
    try:
        with open(path, encoding='utf-8-sig') as file:
            text = file.read()
        given = json.loads(text)
        lines = json_lines.read(text)
    except OSError as error:
        raise exceptions.CommandError(f'{path}: {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise exceptions.CommandError(f'{path}: not UTF-8: {error}') from error
    except json.JSONDecodeError as error:
        raise exceptions.CommandError(
            f'{path}:{error.lineno}: not JSON: {error.msg} (column '
            f'{error.colno})'
        ) from error
    except ValueError as error:
        # Python reads integers of some thousand digits only.
        raise exceptions.CommandError(
            f'{path}: holds a number of too many digits'
        ) from error
    except RecursionError as error:
        raise exceptions.CommandError(f'{path}: nested too deep') from error
    only_items = isinstance(given, dict) and _are_items(given)
    return ParametersFile(
        path=path,
        parameters={'params': given} if only_items else given,
        lines=lines,
        only_items=only_items,
        text=text,
    )


def _are_items(given: Mapping[str, Any]) -> bool:
    """Whether an object holds servers and volumes, and no parameters.

    >>> _are_items({'vm': {}, 'volumes': {}}), _are_items({'max_items': 3})
    (True, False)
    """
    if any(key in schema.SCHEMA['properties'] for key in given):
        return False
    return not given or any(
        difflib.get_close_matches(key.lower(), _ITEMS) for key in given
    )


def _suggested(fault: errors.Fault) -> str:
    """The text of a fault; for a key that is misspelt, the one that is meant.

    >>> _suggested(errors.Fault(
    ...     'params.volumes', 'is unknown here; known are vm, volume'))
    'is unknown here; did you mean volume?'
    """
    head, _, known = fault.text.partition(_KNOWN)
    key = fault.path.rpartition('.')[2].lower()
    near = difflib.get_close_matches(key, known.split(', '), 1)
    return f'{head}; did you mean {near[0]}?' if near else fault.text


def _value(parameters: Any, path: str) -> Any:
    """The value that a path leads to, None when there is none.

    >>> _value({'params': {'vm': {'AB': [1, 2]}}}, 'params.vm.ab.1')
    2
    """
    for part in path.split('.'):
        members = (
            {key.lower(): value for key, value in parameters.items()}
            if isinstance(parameters, Mapping)
            else {str(n): value for n, value in enumerate(parameters)}
            if isinstance(parameters, list)
            else {}
        )
        parameters = members.get(part.lower())
    return parameters


def faults(parameters: Any) -> list[errors.Fault]:
    """Everything that is wrong with the parameters of an audit."""
    try:
        parsing.parse(parameters)
    except errors.InvalidParameters as error:
        if not any(_KNOWN in fault.text for fault in error.faults):
            return error.faults
        # What seems to be missing stands behind the key that nobody knows.
        return [
            fault
            for fault in error.faults
            if fault.path not in ('parameters', 'params')
        ]
    if fits(parameters):
        return []
    return [errors.Fault('parameters', f'there are {size_limit.TOO_LONG}')]


def fits(parameters: Mapping[str, Any]) -> bool:
    """Whether Watcher's database holds parameters that are good."""
    # The schema takes its time for what is far too long.
    return len(
        json.dumps(parameters)
    ) <= column_shares.COLUMN and _VALIDATOR.is_valid(parameters)


_VALIDATOR = jsonschema.Draft4Validator(schema.SCHEMA)


def located_faults(file: ParametersFile) -> list[str]:
    """A line for each fault of a file, with its path and line."""
    if not isinstance(file.parameters, Mapping):
        return [
            f'{file.path}:1: holds no JSON object: write {{"vm": ..., '
            '"volume": ...}, or all parameters of an audit'
        ]
    return file.told(faults(file.parameters))


def counts(parameters: Mapping[str, Any]) -> str:
    """How much the parameters of an audit name.

    >>> counts({'params': {'vm': {'1': {}}, 'volume': {}}})
    '1 server, 0 volumes'
    """
    named = parameters.get('params', {})
    words = [
        _count(len(named.get('vm', ())), 'server'),
        _count(len(named.get('volume', ())), 'volume'),
    ]
    selectors = sum(
        len(parameters.get(name, ()))
        for name in schema.SERVER_SELECTORS + schema.VOLUME_SELECTORS
    )
    if selectors:
        words.append(_count(selectors, 'selector'))
    return ', '.join(words)


def _count(number: int, noun: str) -> str:
    """A number of things."""
    return f'{number} {noun}{"" if number == 1 else "s"}'


def merged(
    below: Mapping[str, Any], above: Mapping[str, Any]
) -> dict[str, Any]:
    """Parameters that two sources give; lists and objects are joined.

    >>> merged({'max_items': 1, 'aggregates': ['a']},
    ...        {'max_items': 2, 'aggregates': ['b']})
    {'max_items': 2, 'aggregates': ['a', 'b']}

    :param above: what counts where both say something else.
    """
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        if isinstance(old, list) and isinstance(value, list):
            found[key] = old + value
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            found[key] = merged(old, value)
        else:
            found[key] = value
    return found
