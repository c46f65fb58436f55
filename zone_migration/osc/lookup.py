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

"""Servers and volumes by the names that operators know."""

from collections.abc import Iterable
import dataclasses
import re
from typing import Any

from osc_lib import exceptions

from zone_migration.logic.audit import globs
from zone_migration.logic.audit import schema
from zone_migration.osc import forbidden

#: The status in an audit, by Nova's.
_SERVER_STATUS = {
    'ACTIVE': schema.ACTIVE,
    'PAUSED': schema.ACTIVE,
    'SHUTOFF': schema.SHUTOFF,
}

#: The status in an audit, by Cinder's.
_VOLUME_STATUS = {
    'available': schema.AVAILABLE,
    'in-use': schema.IN_USE,
}


@dataclasses.dataclass(frozen=True)
class Found:
    """A server or volume that an option names."""

    id: str
    name: str
    #: As an audit has it.
    status: str


@forbidden.translated('Nova')
def server(cloud: Any, name_or_id: str) -> Found:
    """The server that is meant by a name or id.

    :param cloud: the connection of openstacksdk.
    :raises CommandError: unless there is one, and it can be moved.
    """
    compute = cloud.compute
    if globs.is_id(name_or_id):
        one = compute.find_server(
            name_or_id, ignore_missing=True, all_projects=True
        )
        found = [one] if one else []
    else:
        # Nova takes the name for a regular expression.
        part = _plain_part(name_or_id)
        found = list(
            compute.servers(
                all_projects=True, **({'name': part} if part else {})
            )
        )
    return _one('server', name_or_id, found, _SERVER_STATUS)


@forbidden.translated('Cinder')
def volume(cloud: Any, name_or_id: str) -> Found:
    """The volume that is meant by a name or id.

    :param cloud: the connection of openstacksdk.
    :raises CommandError: unless there is one, and it can be moved.
    """
    storage = cloud.block_storage
    if globs.is_id(name_or_id):
        one = storage.find_volume(
            name_or_id, ignore_missing=True, all_projects=True
        )
        found = [one] if one else []
    else:
        found = list(storage.volumes(all_projects=True, name=name_or_id))
    return _one('volume', name_or_id, found, _VOLUME_STATUS)


def _plain_part(name: str) -> str:
    """The longest part of a name that means itself as an expression.

    >>> _plain_part('web-1 (old)')
    'web-1'
    """
    return max(re.findall(r'[A-Za-z0-9_-]+', name), key=len, default='')


def _one(
    noun: str, wanted: str, found: Iterable[Any], statuses: dict[str, str]
) -> Found:
    """The only one of those found that has the name or id.

    :raises CommandError: unless there is exactly one, and it can be moved.
    """
    matching = [
        one
        for one in found
        if wanted == one.name or wanted.lower() == str(one.id).lower()
    ]
    if not matching:
        raise exceptions.CommandError(
            f'--{noun} {wanted}: there is no {noun} of that name or id in '
            'any project that you may see.'
        )
    if len(matching) > 1:
        ids = ', '.join(
            f'{one.id} (project {one.project_id})' for one in matching
        )
        raise exceptions.CommandError(
            f'--{noun} {wanted}: {len(matching)} {noun}s have that name. Give '
            f'an id: {ids}.'
        )
    (one,) = matching
    if one.status not in statuses:
        raise exceptions.CommandError(
            f'--{noun} {wanted}: the {noun} is {one.status}. Only one that '
            f'is {_or(statuses)} can be moved.'
        )
    return Found(str(one.id), str(one.name or one.id), statuses[one.status])


def _or(words: Iterable[str]) -> str:
    """Words as alternatives.

    >>> _or(['a', 'b', 'c'])
    'a, b or c'
    """
    *others, last = words
    return f'{", ".join(others)} or {last}' if others else last
