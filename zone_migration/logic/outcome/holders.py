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

"""Why servers and volumes keep a host or a pool from being empty, in sums.

The preflight refuses each with its reason and what its owner can do.  The plan
beforehand, and the look at the place in the end, count these reasons in the
words of this table.
"""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
import re

from zone_migration.logic.preflight import server_states

#: By what the reason of a volume contains, the first that fits
#: (``zone_migration.logic.preflight.volume_checks``); Cinder moves an attached
#: volume only under a server that runs.
_OF_VOLUMES = (
    (r'has snapshots \(', 'with snapshots'),
    (r'is in group ', 'in groups'),
    (r'is replicated\b', 'that are replicated'),
    (r'is attached to \d+ servers', 'attached to several servers'),
    (
        r'server \S+ is [A-Z_]+, not ACTIVE',
        'of stopped servers (would move while these run)',
    ),
    (r'server \S+ is busy', 'of servers that are busy'),
    (r'the volume is \S+ by host ', 'attached to hosts'),
    (
        r'move that was in flight has ended',
        'whose migration has ended without effect',
    ),
)

#: What is done with a server that moves, if nothing else is in its way.
_MOVES = (server_states.LIVE, server_states.COLD)

_OTHERS = 'that cannot move'


def why(kind: str, text: str, status: str) -> str:
    """The reason of a server or volume, as words after its kind.

    >>> why('volume', 'the volume has snapshots (2), ...', 'available')
    'with snapshots'
    >>> why('server', 'the server is ERROR', 'ERROR')
    'in ERROR'
    >>> why('server', 'the server is locked: unlock it', 'ACTIVE')
    'that cannot move'

    :param kind: ``server``, ``volume``, or anything else that is there.
    :param text: why it is not moved.
    :param status: the one that Nova or Cinder shows.
    """
    if kind == 'volume':
        for pattern, words in _OF_VOLUMES:
            if re.search(pattern, text):
                return words
    elif kind == 'server' and server_states.of(status).done not in _MOVES:
        return f'in {status}'
    return _OTHERS


def summed(kind: str, whys: Iterable[str]) -> str:
    """How many are held for each reason, most of them first.

    >>> summed('volume', ['in groups', 'with snapshots', 'with snapshots'])
    '2 volumes with snapshots, 1 in groups'
    """
    counts = sorted(
        collections.Counter(whys).items(), key=lambda one: (-one[1], one[0])
    )
    noun = f' {kind}' if counts and counts[0][1] == 1 else f' {kind}s'
    return ', '.join(
        f'{number}{"" if index else noun} {words}'
        for index, (words, number) in enumerate(counts)
    )


def outlook(
    places: Mapping[tuple[str, str], Iterable[tuple[str, str]]],
) -> list[str]:
    """That hosts and pools will not be empty, and why, a sentence a place.

    >>> outlook({('pool', 'h@b#p'): [('volume', 'with snapshots')]})
    ['pool h@b#p will not be empty: 1 volume with snapshots']
    >>> outlook({('host', 'c1'): []})
    []

    :param places: by kind and name of the place, what is held there: its kind,
        and why.
    """
    found = []
    for (kind, name), held in places.items():
        by_kind: dict[str, list[str]] = {}
        for what, words in held:
            by_kind.setdefault(what, []).append(words)
        if by_kind:
            sums = (summed(what, whys) for what, whys in by_kind.items())
            found.append(f'{kind} {name} will not be empty: {", ".join(sums)}')
    return found


def of_all(
    places: Mapping[tuple[str, str], Iterable[tuple[str, str]]], most: int = 2
) -> list[str]:
    """As :func:`outlook`, in one sentence a kind where these are many places.

    >>> of_all({('pool', str(n)): [('volume', 'in groups')] for n in range(3)})
    ['3 pools will not be empty: 3 volumes in groups']

    :param most: how many places get a sentence of their own.
    """
    sentences = []
    for kind in dict.fromkeys(kind for kind, _ in places):
        of_kind = {
            place: list(held)
            for place, held in places.items()
            if place[0] == kind
        }
        of_kind = {place: held for place, held in of_kind.items() if held}
        if len(of_kind) > most:
            held = [one for some in of_kind.values() for one in some]
            (told,) = outlook({(kind, ''): held})
            sums = told.partition(': ')[2]
            sentences.append(
                f'{len(of_kind)} {kind}s will not be empty: {sums}'
            )
        else:
            sentences += outlook(of_kind)
    return sentences
