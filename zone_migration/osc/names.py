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

"""Names for audits, by which their plans are called."""

import argparse
from collections.abc import Mapping
from collections.abc import Sequence
import mimetypes
import os.path
import re
from typing import Any

from zone_migration.logic import messages
from zone_migration.logic.audit import globs

#: Watcher cuts longer names.
LONGEST = 63

#: How the names of plans begin that are made only to be read.
LIST = 'list-for-'

_TIME = 'YYYY-mm-ddTHH:MM:SS'
#: At the end of a name; with blanks in those of the releases before.
_MOMENT = re.compile(r'[ -]\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d$')

#: By parameter: the key of the name in an entry that is an object.
_SOURCES = {
    'compute_nodes': 'src_node',
    'availability_zones': 'src_zone',
    'aggregates': 'src_aggregate',
    'storage_pools': 'src_pool',
    'enable_compute_nodes': '',
    'enable_storage_pools': '',
}

_KINDS = {'vm': 'server', 'volume': 'volume'}


def emptied(parameters: Mapping[str, Any]) -> list[str]:
    """The names of what the parameters of an audit empty, each once.

    >>> emptied({'compute_nodes': [{'src_node': 'c1'}, {'src_node': 'c2'}],
    ...          'params': {'vm': {'id1': {}, 'id2': {}}}})
    ['c1', 'c2', '2 servers']
    """
    found = [
        entry if isinstance(entry, str) else entry.get(key, '')
        for parameter, key in _SOURCES.items()
        for entry in parameters.get(parameter, ())
    ]
    for key, noun in _KINDS.items():
        number = len(parameters.get('params', {}).get(key, ()))
        if number:
            found.append(f'{number} {noun}{"" if number == 1 else "s"}')
    return list(dict.fromkeys(found))


def of_list(names: Sequence[str]) -> list[str]:
    """The names of what is emptied, for a plan that is only read.

    >>> of_list(['c1', 'c2'])
    ['list-for-c1', 'c2']
    """
    first, *others = names or ('plan',)
    return [LIST + first, *others]


def generated(names: Sequence[str], moment: str) -> str:
    """A name without blanks that is not used twice, if the moment is not.

    The interactive shell of openstackclient loses the quotes around a name
    with blanks.

    >>> generated(['compute1'], '2026-11-28T03:14:05')
    'compute1-2026-11-28T03:14:05'
    >>> generated(['rack 1', 'c2', 'c3'], '2026-11-28T03:14:05')
    'rack-1-and-2-more-2026-11-28T03:14:05'

    :param names: of what is emptied.
    :param moment: UTC.
    """
    more = f' and {len(names) - 1} more' if len(names) > 1 else ''
    # Watcher's API takes a slash in a name for the end of it.
    first = (names[0] if names else 'plan').replace('/', '-')
    longest = LONGEST - len(f'{more} {_TIME}')
    name = f'{messages.fit(first, longest)}{more} {moment}'
    return '-'.join(name.split())


def without_moment(name: str) -> str:
    """A name without the time that it ends in, for a plan of the same.

    >>> without_moment('my rack'), without_moment('c1-2026-11-28T03:14:05')
    ('my rack', 'c1')

    That a plan is only read is not said of the next one.
    """
    return _MOMENT.sub('', name).removeprefix(LIST)


def argument(text: str) -> str:
    """Read the name that an operator gives an audit."""
    name = text.strip()
    if not name or not name.isprintable():
        raise argparse.ArgumentTypeError('is blank, or has control characters')
    if len(name) > LONGEST:
        raise argparse.ArgumentTypeError(
            f'has {len(name)} characters; Watcher cuts it at {LONGEST}'
        )
    if globs.is_id(name) or name.isdigit() or '/' in name:
        raise argparse.ArgumentTypeError(
            f'{name!r} is a number, a UUID or has a slash: Watcher would not '
            'find it by that name'
        )
    if name.startswith(LIST):
        raise argparse.ArgumentTypeError(
            f'begins with {LIST!r}, as the names of plans that are only read'
        )
    # Watcher's API takes the type of the answer from such an ending.
    ending = os.path.splitext(name)[1]
    if name in ('.', '..') or mimetypes.guess_type(f'x{ending}')[0]:
        raise argparse.ArgumentTypeError(
            f'{name!r} ends as the name of a file does: Watcher would not '
            'find it by that name'
        )
    return name
