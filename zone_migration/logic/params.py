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

"""What an audit asks for: its JSON schema, and the parser that trusts it.

The schema is written for three readers.  Watcher's API validates ``audit
create`` with it, Watcher's shell and Horizon show its top-level properties to
whoever fills in the form, and :func:`parse` uses it again in the strategy,
because Watcher validates only audits that name the strategy.

Two rules follow from how Watcher 15 to 17 validate
(``watcher.common.utils.StrictDefaultValidatingDraft4Validator``):

* It repeats the keyword ``properties`` once for each property and again for
  each key that is given, on every level, and calls ``.keys()`` on whatever it
  finds there: ``properties`` below the top level would multiply the cost and
  turn a misplaced string into HTTP 500.  So it is used at the top only, and
  everything below says ``patternProperties``.
* Only Draft 4 keywords mean anything.
"""

import dataclasses
import re
from typing import Any

import jsonschema

ACTIVE = 'active'
SHUTOFF = 'shutoff'
AVAILABLE = 'available'
IN_USE = 'in-use'

# Python's "$" also matches before a last line break.
_END = r'(?!\n)$'

_UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}' + _END

# Names that Nova and Cinder give to hosts, pools and volume types: at most
# 255 characters, and never only blanks.
_NAME = {'type': 'string', 'maxLength': 255, 'pattern': r'\S'}

# The 2017 format writes "no destination" as an empty string.
_NAME_OR_NONE = {'type': 'string', 'maxLength': 255}


def _one_of(*values: object) -> dict[str, Any]:
    return {'enum': list(values)}


def _object(
    members: dict[str, Any], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with these members and no other, without ``properties``."""
    schema: dict[str, Any] = {
        'type': 'object',
        'patternProperties': {
            f'^{name}{_END}': member for name, member in members.items()
        },
        'additionalProperties': False,
    }
    if required:
        schema['required'] = list(required)
    return schema


def _rule(description: str, *alternatives: dict[str, Any]) -> dict[str, Any]:
    """A rule between members; its description is what a refusal says."""
    return {'description': description, 'anyOf': list(alternatives)}


def _member(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {'patternProperties': {f'^{name}{_END}': schema}}


def _given(name: str) -> dict[str, Any]:
    """The member is there and not blank."""
    return {'required': [name], **_member(name, {'pattern': r'\S'})}


_SERVER = _object(
    {
        'status': _one_of(ACTIVE, SHUTOFF),
        'dst_hostname': _NAME_OR_NONE,
        'src_hostname': _NAME,
        'force': {'type': 'boolean'},
    },
    required=('status',),
)
_SERVER['allOf'] = [
    _rule(
        'force skips the checks of the scheduler: it needs status active and '
        'a dst_hostname',
        _member('force', _one_of(False)),
        {
            'required': ['dst_hostname'],
            **_object(
                {
                    'status': _one_of(ACTIVE),
                    'dst_hostname': _NAME,
                    'src_hostname': {},
                    'force': {},
                }
            ),
        },
    ),
]

_VOLUME = _object(
    {
        'status': _one_of(AVAILABLE, IN_USE),
        'dst_hostname': _NAME_OR_NONE,
        'dst_type': _NAME_OR_NONE,
        'src_hostname': _NAME,
    },
    required=('status',),
)
_VOLUME['allOf'] = [
    _rule(
        'a volume takes dst_hostname or dst_type, not both: Cinder either '
        'migrates or retypes',
        {'not': {'allOf': [_given('dst_hostname'), _given('dst_type')]}},
    ),
    _rule(
        'an available volume needs dst_hostname (a pool) or dst_type',
        _member('status', _one_of(IN_USE)),
        _given('dst_hostname'),
        _given('dst_type'),
    ),
]


def _by_id(item: dict[str, Any]) -> dict[str, Any]:
    return {
        'type': 'object',
        'patternProperties': {_UUID: item},
        'additionalProperties': False,
    }


SCHEMA: dict[str, Any] = {
    '$schema': 'http://json-schema.org/draft-04/schema#',
    'type': 'object',
    'properties': {
        'params': {
            'description': (
                'What to move, required. Keys vm and volume, each an object '
                'by id. A vm has status (active is migrated live, shutoff '
                'cold), optionally dst_hostname (compute host, empty for the '
                'choice of the scheduler), src_hostname (move only while it '
                'is there) and force (true or false, live with dst_hostname '
                'only). A volume has status (available or in-use) and '
                'dst_hostname (pool as host@backend#pool) or dst_type '
                '(volume type), not both; an in-use one with neither goes to '
                'another pool that serves its type; optionally src_hostname '
                '(pool, move only while it is there).'
            ),
            'type': 'object',
        },
    },
    'patternProperties': {
        f'^params{_END}': {
            **_object({'vm': _by_id(_SERVER), 'volume': _by_id(_VOLUME)}),
            'minProperties': 1,
        },
    },
    'additionalProperties': False,
    'required': ['params'],
}


@dataclasses.dataclass(frozen=True)
class ServerItem:
    """One server of the audit; empty strings stand for "not given"."""

    id: str
    status: str
    dst_hostname: str = ''
    src_hostname: str = ''
    force: bool = False

    @property
    def path(self) -> str:
        return f'params.vm.{self.id}'


@dataclasses.dataclass(frozen=True)
class VolumeItem:
    """One volume of the audit; empty strings stand for "not given"."""

    id: str
    status: str
    dst_hostname: str = ''
    dst_type: str = ''
    src_hostname: str = ''

    @property
    def path(self) -> str:
        return f'params.volume.{self.id}'


@dataclasses.dataclass(frozen=True)
class Request:
    """All that one audit asks for, in the order in which it was written."""

    servers: tuple[ServerItem, ...] = ()
    volumes: tuple[VolumeItem, ...] = ()


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where.

    >>> str(Fault('params.vm', 'is not an object'))
    'params.vm: is not an object'
    """

    path: str
    text: str

    def __str__(self) -> str:
        return f'{self.path}: {self.text}'


class InvalidParameters(ValueError):
    """Audit parameters that cannot be used, with every fault in them."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__('; '.join(str(fault) for fault in faults))


_VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def parse(parameters: Any) -> Request:
    """What the audit's parameters ask for.

    :param parameters: the parameters of an audit, as JSON gives them.
    :raises InvalidParameters: with all faults, each with its path.
    """
    faults = sorted(
        {
            fault
            for error in _VALIDATOR.iter_errors(parameters)
            for fault in _faults(error)
        },
        key=lambda fault: (fault.path, fault.text),
    )
    if faults:
        raise InvalidParameters(faults)
    params = parameters['params']
    request = Request(
        servers=tuple(
            ServerItem(
                id=server_id.lower(),
                status=item['status'],
                dst_hostname=item.get('dst_hostname', '').strip(),
                src_hostname=item.get('src_hostname', ''),
                force=item.get('force', False),
            )
            for server_id, item in params.get('vm', {}).items()
        ),
        volumes=tuple(
            VolumeItem(
                id=volume_id.lower(),
                status=item['status'],
                dst_hostname=item.get('dst_hostname', '').strip(),
                dst_type=item.get('dst_type', '').strip(),
                src_hostname=item.get('src_hostname', ''),
            )
            for volume_id, item in params.get('volume', {}).items()
        ),
    )
    faults = _twice(request.servers) + _twice(request.volumes)
    if not request.servers and not request.volumes:
        faults.append(Fault('params', 'names neither a vm nor a volume'))
    if faults:
        raise InvalidParameters(faults)
    return request


def _twice(
    items: tuple[ServerItem, ...] | tuple[VolumeItem, ...],
) -> list[Fault]:
    """Faults for ids that differ in the case of their letters only."""
    seen: set[str] = set()
    faults = []
    for item in items:
        if item.id in seen:
            faults.append(Fault(item.path, 'is named more than once'))
        seen.add(item.id)
    return faults


def _faults(error: jsonschema.ValidationError) -> list[Fault]:
    """What one violated keyword means to the author of the parameters."""
    path = '.'.join(str(part) for part in error.absolute_path)
    where = path or 'parameters'
    schema: Any = error.schema
    given: Any = error.instance
    value: Any = error.validator_value
    if error.validator == 'additionalProperties':
        patterns = [re.compile(p) for p in schema['patternProperties']]
        patterns += [
            re.compile(f'^{re.escape(name)}{_END}')
            for name in schema.get('properties', {})
        ]
        return [
            Fault(
                f'{path}.{key}' if path else str(key) or "''",
                _unknown(schema['patternProperties']),
            )
            for key in given
            if not any(pattern.search(key) for pattern in patterns)
        ]
    if error.validator == 'anyOf':
        return [Fault(where, schema['description'])]
    if error.validator == 'required':
        missing = [k for k in value if k not in given]
        return [
            Fault(f'{path}.{key}' if path else key, 'is missing')
            for key in missing
        ]
    if error.validator == 'enum':
        allowed = ', '.join(str(choice) for choice in value)
        return [Fault(where, f'{given!r} is not one of {allowed}')]
    if error.validator == 'type':
        return [Fault(where, f'{_short(given)} is not of type {value}')]
    if error.validator == 'minProperties':
        return [Fault(where, 'is empty: give vm, volume or both')]
    if error.validator == 'pattern':
        return [Fault(where, 'is blank')]
    return [Fault(where, f'is longer than {value} characters')]


def _unknown(patterns: dict[str, Any]) -> str:
    if _UUID in patterns:
        return 'is not a UUID'
    names = ', '.join(
        p.removeprefix('^').removesuffix(_END) for p in patterns
    )
    return f'is unknown here; known are {names}'


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + '...'
