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

"""What an audit may ask for, as a JSON schema.

The schema is written for three readers.  Watcher's API validates ``audit
create`` with it, Watcher's shell and Horizon show its top-level properties to
whoever fills in the form, and :mod:`zone_migration.logic.params` uses it again
in the strategy, because Watcher validates only audits that name the strategy.

Two rules follow from how Watcher 15 to 17 validate
(``watcher.common.utils.StrictDefaultValidatingDraft4Validator``):

* It repeats the keyword ``properties`` once for each property and again for
  each key that is given, on every level, and calls ``.keys()`` on whatever it
  finds there: ``properties`` below the top level would multiply the cost and
  turn a misplaced string into HTTP 500.  So it is used at the top only, and
  everything below says ``patternProperties``.
* Only Draft 4 keywords mean anything.
"""

from typing import Any

ACTIVE = 'active'
SHUTOFF = 'shutoff'
AVAILABLE = 'available'
IN_USE = 'in-use'

# Python's "$" also matches before a last line break.
END = r'(?!\n)$'

UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}' + END

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
            f'^{name}{END}': member for name, member in members.items()
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
    return {'patternProperties': {f'^{name}{END}': schema}}


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
        'patternProperties': {UUID: item},
        'additionalProperties': False,
    }


def _limit(description: str) -> dict[str, Any]:
    return {'description': description, 'type': 'integer', 'minimum': 0}


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
        'parallel_total': _limit(
            'How many actions of the plan run at once, at most. An integer; '
            '0 is no limit. Not given: as watcher.conf says, 100.'
        ),
        'parallel_per_node': _limit(
            'How many servers migrate at once from, and how many to, one '
            'compute host, at most. An integer; 0 is no limit. Not given: '
            'as watcher.conf says, 2.'
        ),
        'parallel_per_pool': _limit(
            'How many volumes move at once from, and how many to, one '
            'storage pool, at most. An integer; 0 is no limit. Not given: '
            'as watcher.conf says, 2.'
        ),
    },
    'patternProperties': {
        f'^params{END}': {
            **_object({'vm': _by_id(_SERVER), 'volume': _by_id(_VOLUME)}),
            'minProperties': 1,
        },
    },
    'additionalProperties': False,
    'required': ['params'],
}
