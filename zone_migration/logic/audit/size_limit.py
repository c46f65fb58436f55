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

"""What Watcher's database can hold of an audit, as a rule of its schema.

Watcher keeps the parameters of an audit as JSON in a column of type TEXT,
which MySQL and MariaDB end at 65,535 bytes: more is HTTP 500, or JSON that was
cut.  Only the schema can refuse it in time, and JSON Schema can count members
and match strings, but cannot measure a document.

So the column is divided into shares.  A row of :data:`_ALLOTMENTS` says how
many of them each kind of list may have; a list fits in its shares when it has
at most so many members of at most so many bytes, for one of a few sizes of
member.  A document has to fit in one row.  Sizes are those of ``json.dumps``:
a plain character is one byte, another one of the Basic Multilingual Plane six
(``\\uXXXX``), any other one twelve.
"""

from collections.abc import Iterable
from typing import Any

#: What a column of type TEXT holds, in bytes.
COLUMN = 65_535

#: Bytes for everything that is no member of a list: keys, brackets, numbers.
_FRAME = 1_024

_SHARES = 16
_SHARE = (COLUMN - _FRAME) / _SHARES

#: Python's "$" also matches before a last line break.
END = r'(?!\n)$'

#: Why a document is refused; see :func:`_said_by_watcher`.
TOO_LONG = (
    f'lists that can exceed the {COLUMN:,} bytes that Watcher keeps of an '
    'audit (give compute_nodes, availability_zones, aggregates or '
    'storage_pools in place of ids, globs in place of names, or make several '
    'audits)'
)

#: Shares of servers, of volumes, of compute_nodes, of storage_pools and of
#: all other lists together.
_ALLOTMENTS = (
    # Servers and volumes by their ids ...
    (15, 0, 0, 0, 1),
    (14, 1, 0, 0, 1),
    (12, 3, 0, 0, 1),
    (10, 5, 0, 0, 1),
    (8, 7, 0, 0, 1),
    (7, 8, 0, 0, 1),
    (5, 10, 0, 0, 1),
    (3, 12, 0, 0, 1),
    (1, 14, 0, 0, 1),
    (0, 15, 0, 0, 1),
    # ... with some selectors ...
    (12, 0, 1, 1, 2),
    (7, 5, 1, 1, 2),
    (5, 7, 1, 1, 2),
    (0, 12, 1, 1, 2),
    # ... and selectors with some ids.
    (5, 3, 3, 3, 2),
    (3, 5, 3, 3, 2),
    (1, 1, 10, 1, 3),
    (1, 1, 6, 6, 2),
    (1, 1, 3, 3, 8),
    (1, 1, 1, 10, 3),
)

#: Sizes of a server or volume: how many members it has (one is its status),
#: and how many bytes each name in it has at most.
_ITEMS = (
    (1, 12),
    *((2, size) for size in (12, 24, 40, 64)),
    *((3, size) for size in (12, 24, 40, 64)),
    *((4, size) for size in (64, 255, 12 * 255)),
)

#: Sizes of the names in all other lists, in bytes.
_NAMES = (24, 40, 128, 12 * 255)

#: How many members an entry of a list has, 0 where all entries are strings;
#: and the length of the longest name of a member.
_NODE = (2, len('src_node'))
_POOL = (3, len('src_pool'))
_SOURCE = (2, len('src_aggregate'))
_STRING = (0, 0)

#: What each of all other lists has of each of their shares, in sixteenths.
_PARTS = {
    ('availability_zones',): (1, _SOURCE),
    ('aggregates',): (1, _SOURCE),
    ('exclude', 'servers'): (6, _STRING),
    ('exclude', 'volumes'): (3, _STRING),
    ('exclude', 'projects'): (1, _STRING),
    ('priority', 'project'): (1, _STRING),
    ('priority', 'compute_node'): (1, _STRING),
    ('priority', 'storage_pool'): (1, _STRING),
    # Nothing else stands beside it: it takes nothing from the others.
    ('enable_compute_nodes',): (16, _STRING),
}


def _item_bytes(members: int, size: int) -> int:
    """The most that a server or volume takes.

    ``"<36 characters>": {"status": "available"}, `` is 65 bytes, and
    ``, "dst_hostname": ""`` 20.
    """
    return 65 + (members - 1) * (20 + size)


def _entry_bytes(members: int, key: int, size: int) -> int:
    """The most that an entry of another list takes.

    ``"", `` is 4 bytes, ``{}, `` is 4, and ``"": "", `` in it is 8.
    """
    return 4 + members * (8 + key + size) if members else 4 + size


def _name(size: int) -> dict[str, Any]:
    """A string that takes so many bytes at most, without its quotes."""
    return {
        'pattern': (
            rf'^(?:[ !#-\[\]-~]{{0,{size}}}'
            rf'|[\u0000-\uffff]{{0,{size // 6}}}'
            rf'|[\s\S]{{0,{size // 12}}}){END}'
        )
    }


def _reference(name: str) -> dict[str, Any]:
    return {'$ref': f'#/definitions/{name}'}


def _entry(members: int, size: int) -> dict[str, Any]:
    """A name, or an object of so many names at most."""
    return {
        'maxProperties': members,
        'additionalProperties': _reference(f'name{size}'),
        'allOf': [_reference(f'name{size}')],
    }


def _any_of(alternatives: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Like anyOf, which would try all members of a list for each of them.

    jsonschema stops at the first fault inside "not" only.
    """
    return {'not': {'allOf': [{'not': each} for each in alternatives]}}


def _map(shares: int) -> dict[str, Any]:
    """Servers or volumes by id that fit in so many shares."""
    if not shares:
        return {'maxProperties': 0}
    return _any_of(
        {
            'maxProperties': int(
                shares * _SHARE // _item_bytes(members, size)
            ),
            'additionalProperties': _reference(f'{members}x{size}'),
        }
        for members, size in _ITEMS
    )


def _array(parts: int, members: int, key: int) -> dict[str, Any]:
    """A list of entries that fits in so many sixteenths of a share."""
    if not parts:
        return {'maxItems': 0}
    return _any_of(
        {
            'maxItems': int(
                parts * _SHARE / 16 // _entry_bytes(members, key, size)
            ),
            'items': _reference(f'{members}x{size}'),
        }
        for size in _NAMES
    )


def _array_name(parts: int, members: int, key: int) -> str:
    return f'{members}x{key}list{parts}'


def _members(schemas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        'patternProperties': {
            f'^{name}{END}': schema for name, schema in schemas.items()
        }
    }


def _others(shares: int) -> dict[str, Any]:
    """All lists but the four that have shares of their own."""
    flat: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for path, (part, entry) in _PARTS.items():
        fits = _reference(_array_name(shares * part, *entry))
        if len(path) == 1:
            flat[path[0]] = fits
        else:
            nested.setdefault(path[0], {})[path[1]] = fits
    return _members(
        {**flat, **{name: _members(each) for name, each in nested.items()}}
    )


def definitions() -> dict[str, Any]:
    """What :func:`rule` refers to as ``#/definitions``."""
    servers, volumes, nodes, pools, others = (
        set(column) for column in zip(*_ALLOTMENTS, strict=True)
    )
    arrays = {
        *((16 * shares, *_NODE) for shares in nodes),
        *((16 * shares, *_POOL) for shares in pools),
        *(
            (shares * part, *entry)
            for shares in others
            for part, entry in _PARTS.values()
        ),
    }
    entries = {
        *_ITEMS,
        *(
            (members, size)
            for members in (_NODE[0], _POOL[0], _STRING[0])
            for size in _NAMES
        ),
    }
    return {
        **{
            f'name{size}': _name(size)
            for size in sorted({size for _, size in entries})
        },
        **{
            f'{members}x{size}': _entry(members, size)
            for members, size in sorted(entries)
        },
        **{f'map{n}': _map(n) for n in sorted(servers | volumes)},
        **{_array_name(*each): _array(*each) for each in sorted(arrays)},
        **{f'others{n}': _others(n) for n in sorted(others)},
    }


def _fits(
    servers: int, volumes: int, nodes: int, pools: int, others: int
) -> dict[str, Any]:
    """A document within the shares of one row."""
    return {
        **_members(
            {
                'params': _members(
                    {
                        'vm': _reference(f'map{servers}'),
                        'volume': _reference(f'map{volumes}'),
                    }
                ),
                'compute_nodes': _reference(_array_name(16 * nodes, *_NODE)),
                'storage_pools': _reference(_array_name(16 * pools, *_POOL)),
            }
        ),
        'allOf': [_reference(f'others{others}')],
    }


def rule(names: Iterable[str]) -> dict[str, Any]:
    """The rule that a document fits in the column.

    :param names: all parameters that an audit may have.
    """
    return {
        'description': f'{TOO_LONG} are not allowed',
        'anyOf': [
            _any_of(_fits(*row) for row in _ALLOTMENTS),
            _said_by_watcher(names),
        ],
    }


def _said_by_watcher(names: Iterable[str]) -> dict[str, Any]:
    """What refuses everything, with one sentence where Watcher validates.

    jsonschema prints whatever it refuses, twice: a list of 2,000 servers would
    be some 500,000 characters on the operator's screen.  But Watcher's
    validator fills in a default first, and at once refuses a key that is not
    among ``properties``, with the key and nothing else: ``Audit parameter
    <key> are not allowed``.  Without either of that the rule still refuses.
    """
    return {
        'properties': {
            **{name: {} for name in names},
            'too long': {
                'default': {TOO_LONG: True},
                'properties': {'': {}},
            },
        },
        'not': {},
    }
