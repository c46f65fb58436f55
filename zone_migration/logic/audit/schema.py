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
whoever fills in the form, and :mod:`zone_migration.logic.audit.params` uses it
again in the strategy, because Watcher validates only audits that name the
strategy.

Two rules follow from how Watcher 15 to 17 validate
(``watcher.common.utils.StrictDefaultValidatingDraft4Validator``):

* It repeats the keyword ``properties`` once for each property and again for
  each key that is given, on every level, and calls ``.keys()`` on whatever it
  finds there: ``properties`` below the top level would multiply the cost and
  turn a misplaced string into HTTP 500.  So it is used at the top only, and
  everything below says ``patternProperties``.
* Only Draft 4 keywords mean anything.
* The first fault in the order of the keywords is the one that it tells, with
  what is at fault in full: rules stand before what leads to the members.
"""

from typing import Any

from zone_migration.logic.audit import size_limit

ACTIVE = 'active'
SHUTOFF = 'shutoff'
AVAILABLE = 'available'
IN_USE = 'in-use'

END = size_limit.END

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
        # False would be told with all that is beside the one at fault.
        'additionalProperties': {'description': 'is not a UUID', 'not': {}},
    }


def _list(entry: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {'type': 'array', 'items': entry, **more}


def _entry(source: str) -> dict[str, Any]:
    """The name of a source, or an object with it and a destination.

    One schema for both: keywords about objects say nothing of strings.
    """
    return {
        **_object(
            {source: _NAME, 'dst_node': _NAME_OR_NONE}, required=(source,)
        ),
        **_NAME,
        'type': ['string', 'object'],
    }


_STORAGE_POOL = _object(
    {
        'src_pool': _NAME,
        'dst_pool': _NAME,
        'src_type': _NAME,
        'dst_type': _NAME,
    },
    required=('src_pool',),
)
_STORAGE_POOL['allOf'] = [
    _rule(
        'a source takes exactly one of dst_pool and dst_type',
        {'required': ['dst_pool'], 'not': {'required': ['dst_type']}},
        {'required': ['dst_type'], 'not': {'required': ['dst_pool']}},
    ),
]

#: What servers and volumes can be ordered by.
SERVER_KEYS = ('vcpu_num', 'mem_size', 'disk_size', 'created_at')
VOLUME_KEYS = ('size', 'created_at')


def _keys(*names: str) -> dict[str, Any]:
    """One of the names, as Watcher's schema has it, or a list of some."""
    return _rule(
        f'is neither one of {", ".join(names)} nor a list of them, each once',
        _one_of(*names),
        {**_list(_one_of(*names)), 'uniqueItems': True},
    )


#: What each parameter may be; below the top level.
_SHAPES: dict[str, dict[str, Any]] = {
    'params': {
        **_object({'vm': _by_id(_SERVER), 'volume': _by_id(_VOLUME)}),
        # After the members: a misspelt one is the better word.
        'allOf': [
            _rule(
                'names neither a vm nor a volume',
                *(
                    {'required': [name], **_member(name, {'minProperties': 1})}
                    for name in ('vm', 'volume')
                ),
            )
        ],
    },
    'compute_nodes': {
        'items': _object(
            {'src_node': _NAME, 'dst_node': _NAME_OR_NONE},
            required=('src_node',),
        )
    },
    'availability_zones': {'items': _entry('src_zone')},
    'aggregates': {'items': _entry('src_aggregate')},
    'storage_pools': {'items': _STORAGE_POOL},
    'exclude': _object(
        {
            'servers': _list(_NAME),
            'volumes': _list(_NAME),
            'projects': _list(_NAME),
        }
    ),
    'priority': _object(
        {
            'project': _list(_NAME),
            'compute_node': _list(_NAME),
            'storage_pool': _list(_NAME),
            'compute': _keys(*SERVER_KEYS),
            'storage': _keys(*VOLUME_KEYS),
        }
    ),
    'enable_compute_nodes': {'items': _NAME},
}

#: The parameters that select servers, and volumes.
SERVER_SELECTORS = ('compute_nodes', 'availability_zones', 'aggregates')
VOLUME_SELECTORS = ('storage_pools',)


def _parameter(kind: str, description: str, **more: Any) -> dict[str, Any]:
    return {'description': description, 'type': kind, **more}


#: Numbers end where those of Watcher's database do.
_LARGEST = 2**31 - 1


def _number(least: int, description: str) -> dict[str, Any]:
    return _parameter('integer', description, minimum=least, maximum=_LARGEST)


_PARAMETERS: dict[str, dict[str, Any]] = {
    'params': _parameter(
        'object',
        'Servers and volumes to move, by id. Keys vm and volume, each an '
        'object by id. A vm has status (active is migrated live, shutoff '
        'cold), optionally dst_hostname (compute host, empty for the choice '
        'of the scheduler), src_hostname (move only while it is there) and '
        'force (true or false, live with dst_hostname only). A volume has '
        'status (available or in-use) and dst_hostname (pool as '
        'host@backend#pool) or dst_type (volume type), not both; an in-use '
        'one with neither goes to another pool that serves its type; '
        'optionally src_hostname (pool, move only while it is there). '
        'Required unless another parameter says what to move.',
    ),
    'compute_nodes': _parameter(
        'array',
        'Compute hosts to empty, and where to. A list of objects with '
        'src_node and optionally dst_node, each a host name or a glob such as '
        'rack1-*. Without dst_node the scheduler chooses. A glob as dst_node, '
        'or several entries for one source, spread the servers by free '
        'capacity.',
    ),
    'availability_zones': _parameter(
        'array',
        'Availability zones whose compute hosts are emptied. A list of zone '
        'names or globs, or of objects with src_zone and optionally dst_node '
        '(as in compute_nodes).',
    ),
    'aggregates': _parameter(
        'array',
        'Host aggregates whose compute hosts are emptied. A list of aggregate '
        'names or globs, or of objects with src_aggregate and optionally '
        'dst_node (as in compute_nodes).',
    ),
    'storage_pools': _parameter(
        'array',
        'Storage pools to empty, and where to. A list of objects with '
        'src_pool (host@backend#pool or a glob), optionally src_type (only '
        'volumes of that type) and exactly one of dst_pool (name or glob) and '
        'dst_type (volume type). Several dst_pool for one source spread the '
        'volumes by free capacity.',
    ),
    'exclude': _parameter(
        'object',
        'What the selectors leave alone. Keys servers, volumes and projects, '
        'each a list of ids, names or globs of names. What params names is '
        'moved all the same.',
    ),
    'max_items': _number(
        1,
        'How many servers and volumes are moved at most. An integer from 1; '
        'the plan tells how many are left out. Not given, all are moved.',
    ),
    'parallel_total': _number(
        0,
        'How many actions of the plan run at once, at most. An integer; 0 is '
        'no limit. Not given, as watcher.conf says, 100.',
    ),
    'parallel_per_node': _number(
        0,
        'How many servers migrate per compute host at once, at most. That '
        'many from it, and that many to it. An integer; 0 is no limit. Not '
        'given, as watcher.conf says, 2.',
    ),
    'parallel_per_pool': _number(
        0,
        'How many volumes move per storage pool at once, at most. That many '
        'from it, and that many to it. An integer; 0 is no limit. Not given, '
        'as watcher.conf says, 2.',
    ),
    'priority': _parameter(
        'object',
        'Which servers and volumes start first. Keys project (ids or names), '
        'compute_node and storage_pool, each a list with the first to start '
        'at its head; compute (vcpu_num, mem_size, disk_size, created_at) and '
        'storage (size, created_at), each one value or a list, the largest or '
        'oldest first. Keys count in the order in which they are given here.',
    ),
    'with_attached_volume': _parameter(
        'boolean',
        'Whether a server starts right after its volumes. Volumes that are '
        'attached to it and move in the same plan. true or false; not given, '
        'false.',
    ),
    'disable_compute_nodes': _parameter(
        'boolean',
        'Whether the hosts to empty are disabled before. So the scheduler '
        'sends nothing back to them. They stay disabled after the plan. true '
        'or false; not given, false.',
    ),
    'enable_compute_nodes': _parameter(
        'array',
        'Compute hosts to enable again, and nothing else. A list of names or '
        'globs; hosts that somebody else has disabled stay as they are. No '
        'other parameter may stand beside it.',
    ),
    'move_locked': _parameter(
        'boolean',
        'Whether locked servers are moved, too. true or false; not given, '
        'false, and they are skipped.',
    ),
    'all_or_nothing': _parameter(
        'boolean',
        'Whether the audit fails when anything cannot be moved. Its reasons '
        'are then in the log of the decision engine. true or false; not '
        'given, false, and what cannot be moved is skipped.',
    ),
}

_RULES = [
    _rule(
        'nothing to do: give params, a selector '
        f'({", ".join(SERVER_SELECTORS + VOLUME_SELECTORS)}) or '
        'enable_compute_nodes',
        {'required': ['params']},
        *(
            {'required': [name], **_member(name, {'minItems': 1})}
            for name in (
                *SERVER_SELECTORS,
                *VOLUME_SELECTORS,
                'enable_compute_nodes',
            )
        ),
    ),
    _rule(
        'nothing else can be asked for beside enable_compute_nodes: make '
        'two audits',
        {'not': {'required': ['enable_compute_nodes']}},
        {'maxProperties': 1},
    ),
]

#: What an audit may ask for.
SHAPE: dict[str, Any] = {
    '$schema': 'http://json-schema.org/draft-04/schema#',
    'type': 'object',
    'properties': _PARAMETERS,
    'allOf': _RULES,
    'patternProperties': {
        f'^{name}{END}': shape for name, shape in _SHAPES.items()
    },
    'additionalProperties': False,
}

#: The same, within what Watcher's database holds.
SCHEMA: dict[str, Any] = {
    **SHAPE,
    'allOf': [size_limit.rule(_PARAMETERS), *_RULES],
    'definitions': size_limit.definitions(),
}
