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

"""An explicit list of servers and volumes, from the actions of a plan."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import json
from typing import Any

from zone_migration.logic.plan import planned_actions
from zone_migration.osc import parameters_file
from zone_migration.osc import records

#: By type of action: the key of its items in ``params``.
_KEYS = {
    planned_actions.LIVE_MIGRATION: 'vm',
    planned_actions.COLD_MIGRATION: 'vm',
    planned_actions.VOLUME_MIGRATION: 'volume',
    planned_actions.VOLUME_RETYPE: 'volume',
    planned_actions.VOLUME_UPDATE: 'volume',
}

#: What an item has of the parameters of its action.
_COPIED = ('status', 'dst_hostname', 'dst_type', 'force')

#: A key of ``params``, an id, and what the list says of it.
Item = tuple[str, str, Mapping[str, Any]]


def lists(actions: Iterable[records.Action]) -> list[dict[str, Any]]:
    """The values of ``params`` for what a plan moves, as few as Watcher holds.

    A server and the volumes that are attached to it are in one of them, if
    they fit.  What the plan does not move is in none.
    """
    left = _groups(actions)
    found = []
    while left:
        number = _most(left)
        if number:
            found.append(_params(left[:number]))
            left = left[number:]
        else:
            left = [[item] for item in left[0]] + left[1:]
    return found


def text(params: Mapping[str, Any]) -> str:
    """A list as JSON that can be compared with an earlier one by line."""
    return json.dumps(params, indent=2, sort_keys=True) + '\n'


def _groups(actions: Iterable[records.Action]) -> list[list[Item]]:
    """Servers with their volumes, and the other volumes, in order of ids."""
    groups: dict[str, list[Item]] = {}
    for action in actions:
        key = _KEYS.get(action.type)
        if key is None or action.state == 'SKIPPED':
            continue
        attached = str(action.parameters.get('server_id') or '')
        of_server = action.resource_id if key == 'vm' else attached
        groups.setdefault(of_server or action.resource_id, []).append(
            (key, action.resource_id, _item(action))
        )
    # The server first, then its volumes.
    return [
        sorted(groups[id_], key=lambda item: (item[0] != 'vm', item[1]))
        for id_ in sorted(groups)
    ]


def _item(action: records.Action) -> dict[str, Any]:
    """What a list says of what an action moves: only while it is there."""
    item = {
        name: action.parameters[name]
        for name in _COPIED
        if action.parameters.get(name)
    }
    source = action.parameters.get('source')
    if source:
        item['src_hostname'] = source
    return item


def _params(groups: Iterable[Sequence[Item]]) -> dict[str, Any]:
    """The value of ``params`` for some groups."""
    found: dict[str, Any] = {}
    for key, id_, item in _items(groups):
        found.setdefault(key, {})[id_] = item
    return found


def _items(groups: Iterable[Sequence[Item]]) -> Iterator[Item]:
    """The items of some groups."""
    for group in groups:
        yield from group


def _fit(groups: Iterable[Sequence[Item]]) -> bool:
    """Whether Watcher holds some groups in one audit."""
    return parameters_file.fits({'params': _params(groups)})


def _most(groups: Sequence[Sequence[Item]]) -> int:
    """How many of the first groups fit in one audit, 0 if not even one."""
    if _fit(groups):
        return len(groups)
    fitting, too_many = 0, len(groups)
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if _fit(groups[:middle]):
            fitting = middle
        else:
            too_many = middle
    return fitting
