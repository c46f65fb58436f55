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

"""Servers that are left unpinned, and how they are pinned again by hand."""

import re

from zone_migration.logic import messages
from zone_migration.logic.outcome import attempts

#: How much is told of why it was not pinned, in characters.
_WHY = 40

#: Nova takes no zone but that of the server's host (HTTP 409).
_REQUEST = (
    'pin it to the zone where it is: PUT /servers/<id> '
    '{"server": {"pinned_availability_zone": "<zone>"}}'
)

_TOLD = re.compile(
    r'(?P<lost>\bnot )?\bpinned to .*?(?: again\b| instead of\b|\.\.\.)'
)

#: As it is told beside the success of a move, or of what is found to have
#: arrived after a restart.  What keeps a server from being pinned again may
#: have brackets of its own, or have lost one.
_BESIDE = re.compile(
    r'(?:\(|; )(?P<told>not pinned to .+?: PUT its pinned_availability_zone'
    r'|(?:no longer |not )?pinned to [^)]*)'
)

#: What is told of an action that nobody has seen through.
_ABANDONED = re.compile(r'was stopped while|not seen through|may have begun')


def lost(zone: str, why: str) -> str:
    """Tell that a server was not pinned to its zone again, and what does it.

    In one part: of a long message its end is kept, and what it begins with.

    >>> lost('z1', 'it may still move')
    'not pinned to z1 again, as it may still move: PUT its \
pinned_availability_zone'
    """
    return (
        f'not pinned to {zone} again, as {messages.fit(why, _WHY)}: PUT its '
        'pinned_availability_zone'
    )


def told(text: str) -> str:
    """What has become of the pin of a server that has moved; '' for none.

    >>> told('migrated from c1 to c2 (pinned to z2 instead of z1) in 9.0 s')
    'pinned to z2 instead of z1'
    """
    # Those before it tell of their own; it may be cut.
    found = _BESIDE.search(attempts.last(text))
    return found['told'] if found else ''


def remedy(text: str, unpin_from: str = '') -> str:
    """The remedy for a server that was left unpinned; '' where none was.

    Of several attempts that counts which was told last.

    >>> remedy('attempt 1: not pinned to z1 again; pinned to z1 again')
    ''

    :param text: what has come of its action.
    :param unpin_from: the zone that this was to unpin it from; '' for none.
    """
    told = list(_TOLD.finditer(text))
    if told and told[-1]['lost']:
        return f'{_REQUEST} (microversion 2.104)'
    if not told and unpin_from and _ABANDONED.search(text):
        return (
            f'unless it is pinned to {unpin_from} still, {_REQUEST} '
            '(microversion 2.104)'
        )
    return ''
