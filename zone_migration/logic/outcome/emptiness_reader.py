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

"""What a look at a host or pool has come to, read from its message.

:mod:`zone_migration.logic.outcome.emptiness` writes these texts.
"""

import re

EMPTY = 'found empty'
BUT_FOR = 'found empty but for '
NOT_EMPTY = 'not empty: '
_LEFT = re.compile(
    rf'^(Action failed in \w+: )?({BUT_FOR}|{NOT_EMPTY})'
    r'((?P<left>\d+) (server|volume)s?)?(, )?((?P<held>\d+) migration)?'
)


def remaining(message: str) -> int | None:
    """How many servers or volumes a look at a place has seen there.

    >>> remaining('found empty in 0.3 s')
    0
    >>> remaining('Action failed in execute: not empty: 3 servers: web (new)')
    3

    :param message: that of an action that has looked.
    :returns: None where it could not.
    """
    found = _LEFT.match(message)
    if found:
        return int(found['left'] or 0) + int(found['held'] or 0)
    return 0 if is_empty(message) else None


def is_empty(message: str) -> bool:
    """Whether a look at a place has seen that nothing at all is there."""
    return message.startswith(EMPTY) and not is_as_planned(message)


def is_as_planned(message: str) -> bool:
    """Whether a look has seen what the plan leaves there, and no more."""
    return message.startswith(BUT_FOR)
