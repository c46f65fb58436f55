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

"""The attempts of a move, as the message of its action tells them.

That message is the only place where they are kept: an applier that goes on
with a plan reads there how many there were, where they went, and what they
have come to.
"""

from collections.abc import Sequence
import dataclasses
import re

from zone_migration.logic import messages

#: The least that is told of an attempt, in characters; where there are more
#: than leave that to each, those in the middle are left out.
_LEAST = 45

#: How much is told of a place, in characters.
_PLACE = 60

#: How much of a message is left to what it tells beside earlier attempts, in
#: characters, where both are long.
_OWN = 90

_ATTEMPT = re.compile(
    r'(?:^|(?<=[(:;] )|(?<=\())attempt (?P<number>\d+)'
    r'(?: to (?P<place>\S+))?(?P<sign>: |; |, |\)|$)'
)


@dataclasses.dataclass(frozen=True)
class Attempt:
    """An attempt that has failed."""

    number: int
    #: The host or pool that Nova or Cinder, or the action, has chosen; ''
    #: where the plan names it, and where none is known.
    place: str
    #: What it has come to.
    text: str

    @property
    def head(self) -> str:
        """Which attempt it was, for instance ``attempt 1 to c2: ``."""
        to = f' to {messages.fit(self.place, _PLACE)}' if self.place else ''
        return f'attempt {self.number}{to}: '


def told(attempts: Sequence[Attempt], limit: int) -> str:
    """What each attempt has come to, in so many characters.

    >>> told([Attempt(1, 'c2', 'rolled back'), Attempt(2, '', 'no host')], 99)
    'attempt 1 to c2: rolled back; attempt 2: no host'

    Short ones leave their share to the long ones.
    """
    attempts = list(attempts)
    while len(attempts) > 2 and limit // len(attempts) < _LEAST:
        del attempts[1]
    texts: dict[int, str] = {}
    left = limit - 2 * (len(attempts) - 1)
    by_length = sorted(attempts, key=lambda one: len(one.head + one.text))
    for count, one in enumerate(by_length):
        share = left // (len(attempts) - count)
        room = max(share - len(one.head), len('...'))
        texts[one.number] = one.head + messages.fit(one.text, room)
        left -= len(texts[one.number])
    return '; '.join(texts[one.number] for one in attempts)


def beside(
    text: str,
    earlier: Sequence[Attempt],
    number: int = 0,
    limit: int = messages.LIMIT,
) -> str:
    """The text, with what earlier attempts have come to.

    >>> beside('copying to c3', [Attempt(1, 'c2', 'rolled back')], 2)
    'copying to c3 (attempt 2; attempt 1 to c2: rolled back)'
    >>> beside('waits: 2 of 2 leave c1', [Attempt(1, '', 'no host')])
    'waits: 2 of 2 leave c1 (attempt 1: no host)'
    >>> beside('copying to c2', [])
    'copying to c2'

    :param number: the attempt that the text tells of; 0 where none goes on.
    """
    if not earlier:
        return text
    this = f'attempt {number}; ' if number else ''
    own = messages.fit(
        text, max(_OWN, limit - len(this) - 3 - _length(earlier))
    )
    left = limit - len(own) - len(this) - 3
    return f'{own} ({this}{told(earlier, left)})'


def read(text: str) -> list[Attempt]:
    """The attempts that have failed, as a message tells them.

    >>> read('copying to c3 (attempt 2; attempt 1 to c2: rolled back)')
    [Attempt(number=1, place='c2', text='rolled back')]

    :param text: without the times of the action.
    """
    found = list(_ATTEMPT.finditer(text))
    ends = [one.start() - len('; ') for one in found[1:]]
    if found:
        is_beside = text[found[0].start() - 1 : found[0].start()] == '('
        ends.append(len(text.removesuffix(')') if is_beside else text))
    return [
        Attempt(int(one['number']), one['place'] or '', text[one.end() : end])
        for one, end in zip(found, ends, strict=True)
        if one['sign'] == ': '
    ]


def number(text: str) -> int:
    """The attempt that a message tells of, the last; 1 where none is told.

    >>> number('migrated from c1 to c3 (attempt 2; attempt 1 to c2: full)')
    2
    >>> number('migrated from c1 to c3')
    1
    """
    return max((int(n['number']) for n in _ATTEMPT.finditer(text)), default=1)


def last(text: str) -> str:
    """What the last attempt has come to; the text where it tells of none.

    >>> last('attempt 1: rolled back; attempt 2: the server is in ERROR')
    'the server is in ERROR'
    >>> last('the server is on c4 (attempt 1: rolled back)')
    'the server is on c4'
    """
    found = _ATTEMPT.search(text)
    if found is None:
        return text
    if text[found.start() - 1 : found.start()] == '(':
        return text[: found.start() - 1].rstrip()
    attempts = read(text)
    return attempts[-1].text if attempts else text


def _length(attempts: Sequence[Attempt]) -> int:
    """How many characters it takes to tell all of them whole."""
    return sum(len(one.head + one.text) + 2 for one in attempts) - 2
