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

"""The faults of parameters that break the schema, for who wrote them."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import re
from typing import Any

import jsonschema

from zone_migration.logic.audit import draft4
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import schema

# Without the size limit: what an audit has kept is not too long for it.
_VALIDATOR = jsonschema.Draft4Validator(schema.SHAPE)


def collect(parameters: Any) -> list[errors.Fault]:
    """Return each fault once, ordered by path and text.

    :param parameters: those of an audit, whatever they are.
    """
    return sorted(
        {
            fault
            for error in _VALIDATOR.iter_errors(parameters)
            for fault in _faults(error)
        },
        key=lambda fault: (fault.path, fault.text),
    )


def _faults(error: jsonschema.ValidationError) -> Iterator[errors.Fault]:
    """The faults behind one violated keyword."""
    path = '.'.join(str(part) for part in error.absolute_path)
    keywords: Any = error.schema
    given: Any = error.instance
    value: Any = error.validator_value
    if error.validator == 'additionalProperties':
        for key in _unknown_keys(keywords, given):
            yield errors.Fault(_member_path(path, key), _unknown(keywords))
    elif error.validator == 'required':
        for key in value:
            if key not in given:
                yield errors.Fault(_member_path(path, key), 'is missing')
    elif error.validator in ('anyOf', 'not'):
        yield errors.Fault(path or 'parameters', keywords['description'])
    else:
        text = _TEXTS[str(error.validator)](given, value)
        yield errors.Fault(path or 'parameters', text)


def _member_path(path: str, key: object) -> str:
    """The path of a member of what is at the path, '' at the top."""
    return f'{path}.{key}' if path else str(key) or "''"


def _unknown_keys(keywords: Any, given: Any) -> list[Any]:
    """The keys of an object that its schema does not know."""
    patterns = [re.compile(p) for p in keywords['patternProperties']]
    patterns += [
        re.compile(f'^{re.escape(name)}{draft4.END}')
        for name in keywords.get('properties', {})
    ]
    return [
        key
        for key in given
        if not any(pattern.search(key) for pattern in patterns)
    ]


def _unknown(keywords: Any) -> str:
    """The text for an unknown key, with the keys that the schema knows."""
    known = list(keywords.get('properties', ())) or [
        pattern.removeprefix('^').removesuffix(draft4.END)
        for pattern in keywords['patternProperties']
    ]
    return f'is unknown here; known are {", ".join(known)}'


def _shortened(value: object) -> str:
    """The value as Python writes it, in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + '...'


#: By keyword: the text for a value that violates it, of that value and of
#: the value of the keyword.
_TEXTS: Mapping[str, Callable[[Any, Any], str]] = {
    'enum': lambda given, allowed: (
        f'{given!r} is not one of {", ".join(map(str, allowed))}'
    ),
    'type': lambda given, types: (
        f'{_shortened(given)} is not of type '
        + (types if isinstance(types, str) else ' or '.join(types))
    ),
    'minimum': lambda given, least: f'{given} is less than {least}',
    'maximum': lambda given, most: f'{_shortened(given)} is more than {most}',
    'pattern': lambda _given, _pattern: 'is blank',
    'maxLength': lambda _given, most: f'is longer than {most} characters',
}
