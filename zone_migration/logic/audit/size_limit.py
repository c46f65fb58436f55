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

"""The rule of the schema that Watcher's database can hold an audit.

More than the column of its parameters holds is HTTP 500, or JSON that was cut.
Only the schema can refuse it in time, and JSON Schema can count members and
match strings, but cannot measure a document.  So each list is kept within its
shares of the column (:mod:`zone_migration.logic.audit.column_shares`).
"""

from collections.abc import Iterable
from typing import Any

from zone_migration.logic.audit import column_shares
from zone_migration.logic.audit import draft4

#: Why a document is refused; see :func:`_refusal`.
TOO_LONG = (
    f'lists that can exceed the {column_shares.COLUMN:,} bytes that Watcher '
    'keeps of an audit (give compute_nodes, availability_zones, aggregates or '
    'storage_pools in place of ids, globs in place of names, or make several '
    'audits)'
)


def _name(size: int) -> dict[str, Any]:
    """A string that takes so many bytes at most, without its quotes."""
    return {
        'pattern': (
            rf'^(?:[ !#-\[\]-~]{{0,{size}}}'
            rf'|[\u0000-\uffff]{{0,{size // 6}}}'
            rf'|[\s\S]{{0,{size // 12}}}){draft4.END}'
        )
    }


def _reference(name: str) -> dict[str, Any]:
    """A reference to one of the definitions."""
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
                shares
                * column_shares.SHARE
                // column_shares.item_bytes(members, size)
            ),
            'additionalProperties': _reference(f'{members}x{size}'),
        }
        for members, size in column_shares.ITEM_SIZES
    )


def _array(parts: int, members: int, key: int) -> dict[str, Any]:
    """A list of entries that fits in so many parts of a share."""
    if not parts:
        return {'maxItems': 0}
    return _any_of(
        {
            'maxItems': int(
                parts
                * column_shares.SHARE
                / column_shares.PARTS
                // column_shares.entry_bytes(members, key, size)
            ),
            'items': _reference(f'{members}x{size}'),
        }
        for size in column_shares.NAME_SIZES
    )


def _array_name(parts: int, members: int, key: int) -> str:
    """The name of the definition of such a list."""
    return f'{members}x{key}list{parts}'


def _others(shares: int) -> dict[str, Any]:
    """All lists without shares of their own that fit in so many shares."""
    flat: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for path, (part, entry) in column_shares.OTHER_LISTS.items():
        fits = _reference(_array_name(shares * part, *entry))
        if len(path) == 1:
            flat[path[0]] = fits
        else:
            nested.setdefault(path[0], {})[path[1]] = fits
    return draft4.members(
        {
            **flat,
            **{name: draft4.members(each) for name, each in nested.items()},
        }
    )


def definitions() -> dict[str, Any]:
    """Return what :func:`rule` refers to as ``#/definitions``."""
    servers, volumes, nodes, pools, others = (
        set(column) for column in zip(*column_shares.ALLOTMENTS, strict=True)
    )
    arrays = {
        *(
            (column_shares.PARTS * shares, *column_shares.NODE)
            for shares in nodes
        ),
        *(
            (column_shares.PARTS * shares, *column_shares.POOL)
            for shares in pools
        ),
        *(
            (shares * part, *entry)
            for shares in others
            for part, entry in column_shares.OTHER_LISTS.values()
        ),
    }
    entries = {
        *column_shares.ITEM_SIZES,
        *(
            (members, size)
            for members in (
                column_shares.NODE[0],
                column_shares.POOL[0],
                column_shares.STRING[0],
            )
            for size in column_shares.NAME_SIZES
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


def _row(
    servers: int, volumes: int, nodes: int, pools: int, others: int
) -> dict[str, Any]:
    """A document within the shares of one row."""
    return {
        **draft4.members(
            {
                'params': draft4.members(
                    {
                        'vm': _reference(f'map{servers}'),
                        'volume': _reference(f'map{volumes}'),
                    }
                ),
                'compute_nodes': _reference(
                    _array_name(
                        column_shares.PARTS * nodes, *column_shares.NODE
                    )
                ),
                'storage_pools': _reference(
                    _array_name(
                        column_shares.PARTS * pools, *column_shares.POOL
                    )
                ),
            }
        ),
        'allOf': [_reference(f'others{others}')],
    }


def rule(names: Iterable[str]) -> dict[str, Any]:
    """Return the rule that a document fits in the column.

    :param names: all parameters that an audit may have.
    """
    return {
        'description': f'{TOO_LONG} are not allowed',
        'anyOf': [
            _any_of(_row(*row) for row in column_shares.ALLOTMENTS),
            _refusal(names),
        ],
    }


def _refusal(names: Iterable[str]) -> dict[str, Any]:
    """A refusal of everything, in one sentence where Watcher validates.

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
