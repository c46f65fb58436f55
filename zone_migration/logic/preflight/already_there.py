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

"""The words for what has nothing left to move, written and read.

Watcher shows what is there already as it shows what cannot move: SKIPPED, with
a message.  The commands tell them apart by these words.
"""

import re

_TYPE = 'Volume type must be different for retyping: the volume has type'

_AT_GOAL = re.compile(
    r'^(Action was skipped automatically: )?'
    rf'(the (server|volume) is already on |{re.escape(_TYPE)} '
    r'|the server is offloaded already|(resize|migration) \d+ is confirmed )'
)
#: What a server is nevertheless that somebody has to look after.
_IN_ERROR = ' (in ERROR)'


def already_on(noun: str, place: str) -> str:
    """The words for what is at its destination.

    >>> already_on('server', 'c2')
    'the server is already on c2'
    """
    return f'the {noun} is already on {place}'


def elsewhere(noun: str, place: str, source: str) -> str:
    """The words for what is not where it was to be taken from.

    >>> elsewhere('server', 'c2', 'c1')
    'the server is on c2, not on c1'
    """
    return f'the {noun} is on {place}, not on {source}'


def has_left(noun: str, place: str, source: str) -> str:
    """The words for what somebody else has moved.

    >>> has_left('volume', 'h@b#b', 'h@a#a')
    'the volume has left h@a#a already, it is on h@b#b'
    """
    return f'the {noun} has left {source} already, it is on {place}'


def has_type(name: str) -> str:
    """The words for a volume of the type that it was to get.

    >>> has_type('fast')
    'Volume type must be different for retyping: the volume has type fast \
already'
    """
    return f'{_TYPE} {name} already'


def is_offloaded() -> str:
    """The words for a server that has left its host."""
    return 'the server is offloaded already'


def is_confirmed(migration: str, id_: int) -> str:
    """The words for what somebody else has confirmed.

    >>> is_confirmed('resize', 7)
    'resize 7 is confirmed already'
    """
    return f'{migration} {id_} is confirmed already'


def is_told(message: str) -> bool:
    """Whether a message says that something is where it is to go.

    What has left for elsewhere is not, nor is a server in ERROR: somebody has
    to look at them.

    >>> is_told('the server is already on c2')
    True
    >>> is_told('the server is already on c2 (in ERROR)')
    False
    >>> is_told('the server is on c3, not on c1')
    False
    >>> is_told(is_offloaded()), is_told(is_confirmed('resize', 7))
    (True, True)
    """
    return _AT_GOAL.match(message) is not None and _IN_ERROR not in message
