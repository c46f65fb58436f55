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

"""The JSON schema of the parameters of an audit.

The schema is written for three readers.  Watcher's API validates ``audit
create`` with it, Watcher's shell and Horizon show its top-level properties to
whoever fills in the form, and
:mod:`zone_migration.logic.audit.schema_faults` uses it again in the strategy,
because Watcher validates only audits that name the strategy.

Three rules follow from how Watcher 15 to 17 validate
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

from zone_migration.logic.audit import draft4
from zone_migration.logic.audit import parameters
from zone_migration.logic.audit import size_limit

#: The statuses that an audit gives its servers, and its volumes.
ACTIVE = 'active'
SHUTOFF = 'shutoff'
AVAILABLE = 'available'
IN_USE = 'in-use'

#: The ids of servers and volumes, in either case of letters.
UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}' + draft4.END

# Names that Nova and Cinder give to hosts, pools and volume types: at most
# 255 characters, and never only blanks.
_NAME = {'type': 'string', 'maxLength': 255, 'pattern': r'\S'}

# The 2017 format writes "no destination" as an empty string.
_NAME_OR_NONE = {'type': 'string', 'maxLength': 255}

_SERVER = draft4.closed_object(
    {
        'status': draft4.one_of(ACTIVE, SHUTOFF),
        'dst_hostname': _NAME_OR_NONE,
        'src_hostname': _NAME,
        'force': {'type': 'boolean'},
    },
    required=('status',),
)
_SERVER['allOf'] = [
    draft4.rule(
        'force skips the checks of the scheduler: it needs status active and '
        'a dst_hostname',
        draft4.members({'force': draft4.one_of(False)}),
        {
            'required': ['dst_hostname'],
            **draft4.closed_object(
                {
                    'status': draft4.one_of(ACTIVE),
                    'dst_hostname': _NAME,
                    'src_hostname': {},
                    'force': {},
                }
            ),
        },
    ),
]

_VOLUME = draft4.closed_object(
    {
        'status': draft4.one_of(AVAILABLE, IN_USE),
        'dst_hostname': _NAME_OR_NONE,
        'dst_type': _NAME_OR_NONE,
        'src_hostname': _NAME,
    },
    required=('status',),
)
_VOLUME['allOf'] = [
    draft4.rule(
        'a volume takes dst_hostname or dst_type, not both: Cinder either '
        'migrates or retypes',
        {
            'not': {
                'allOf': [
                    draft4.given('dst_hostname'),
                    draft4.given('dst_type'),
                ]
            }
        },
    ),
    draft4.rule(
        'an available volume needs dst_hostname (a pool) or dst_type',
        draft4.members({'status': draft4.one_of(IN_USE)}),
        draft4.given('dst_hostname'),
        draft4.given('dst_type'),
    ),
]


def _by_id(item: dict[str, Any]) -> dict[str, Any]:
    """Servers or volumes by their ids."""
    return {
        'type': 'object',
        'patternProperties': {UUID: item},
        # False would be told with all that is beside the one at fault.
        'additionalProperties': {'description': 'is not a UUID', 'not': {}},
    }


def _source(key: str) -> dict[str, Any]:
    """A name, or an object with it at the key and a destination.

    One schema for both: keywords about objects say nothing of strings.
    """
    return {
        **draft4.closed_object(
            {key: _NAME, 'dst_node': _NAME_OR_NONE}, required=(key,)
        ),
        **_NAME,
        'type': ['string', 'object'],
    }


_STORAGE_POOL = draft4.closed_object(
    {
        'src_pool': _NAME,
        'dst_pool': _NAME,
        'src_type': _NAME,
        'dst_type': _NAME,
    },
    required=('src_pool',),
)
_STORAGE_POOL['allOf'] = [
    draft4.rule(
        'a source takes exactly one of dst_pool and dst_type',
        {'required': ['dst_pool'], 'not': {'required': ['dst_type']}},
        {'required': ['dst_type'], 'not': {'required': ['dst_pool']}},
    ),
]

#: What servers and volumes can be ordered by.
SERVER_KEYS = ('vcpu_num', 'mem_size', 'disk_size', 'created_at')
VOLUME_KEYS = ('size', 'created_at')


def _sort_keys(*names: str) -> dict[str, Any]:
    """One of the names, as Watcher's schema has it, or a list of some."""
    return draft4.rule(
        f'is neither one of {", ".join(names)} nor a list of them, each once',
        draft4.one_of(*names),
        draft4.array(draft4.one_of(*names), uniqueItems=True),
    )


#: What is allowed below the top level, by parameter.
_SHAPES: dict[str, dict[str, Any]] = {
    'params': {
        **draft4.closed_object(
            {'vm': _by_id(_SERVER), 'volume': _by_id(_VOLUME)}
        ),
        # After the members: a misspelt one is the better word.
        'allOf': [
            draft4.rule(
                'names neither a vm nor a volume',
                *(
                    {
                        'required': [name],
                        **draft4.members({name: {'minProperties': 1}}),
                    }
                    for name in ('vm', 'volume')
                ),
            )
        ],
    },
    'compute_nodes': {
        'items': draft4.closed_object(
            {'src_node': _NAME, 'dst_node': _NAME_OR_NONE},
            required=('src_node',),
        )
    },
    'availability_zones': {'items': _source('src_zone')},
    'aggregates': {'items': _source('src_aggregate')},
    'storage_pools': {'items': _STORAGE_POOL},
    'exclude': draft4.closed_object(
        {
            'servers': draft4.array(_NAME),
            'volumes': draft4.array(_NAME),
            'projects': draft4.array(_NAME),
        }
    ),
    'priority': draft4.closed_object(
        {
            'project': draft4.array(_NAME),
            'compute_node': draft4.array(_NAME),
            'storage_pool': draft4.array(_NAME),
            'compute': _sort_keys(*SERVER_KEYS),
            'storage': _sort_keys(*VOLUME_KEYS),
        }
    ),
    'allow_downtime': {'items': _NAME},
    'confirm_resizes': {'items': _NAME},
    'unpin': {'items': _NAME},
    'enable_compute_nodes': {'items': _NAME},
    'enable_storage_pools': {'items': _NAME},
}

#: The parameters that select servers, and volumes.
SERVER_SELECTORS = ('compute_nodes', 'availability_zones', 'aggregates')
VOLUME_SELECTORS = ('storage_pools',)

#: The parameters that enable what was disabled; each stands alone.
ENABLING = ('enable_compute_nodes', 'enable_storage_pools')

_RULES = [
    draft4.rule(
        'nothing to do: give params, a selector '
        f'({", ".join(SERVER_SELECTORS + VOLUME_SELECTORS)}) or one of '
        f'{", ".join(ENABLING)}',
        {'required': ['params']},
        *(
            {'required': [name], **draft4.members({name: {'minItems': 1}})}
            for name in (*SERVER_SELECTORS, *VOLUME_SELECTORS, *ENABLING)
        ),
    ),
    *(
        draft4.rule(
            f'nothing else can be asked for beside {name}: make two audits',
            {'not': {'required': [name]}},
            {'maxProperties': 1},
        )
        for name in ENABLING
    ),
]

#: What an audit may ask for, however long it is.
SHAPE: dict[str, Any] = {
    '$schema': 'http://json-schema.org/draft-04/schema#',
    'type': 'object',
    'properties': parameters.PARAMETERS,
    'allOf': _RULES,
    **draft4.members(_SHAPES),
    'additionalProperties': False,
}

#: What an audit may ask for, within what Watcher's database holds.
SCHEMA: dict[str, Any] = {
    **SHAPE,
    'allOf': [size_limit.rule(parameters.PARAMETERS), *_RULES],
    'definitions': size_limit.definitions(),
}
