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
have come to.  So nothing else that is told, such as a name or a reason of
Nova's, can be read as one (:func:`unmarked`).
"""

from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
import re
import urllib.parse

from zone_migration.logic import messages

#: The least that is told of an attempt, in characters; where there are more
#: than leave that to each, those in the middle are left out.
_LEAST = 45

#: How much is told of a place, in characters.
_PLACE = 60

#: How much of a message is left to what it tells beside earlier attempts, in
#: characters, where both are long.
_OWN = 90

#: What of a place is told as it is; the rest is told as in a URL.
_SAFE = '#@:/'

_MARK = re.compile(r'attempt\s+(?=\d)')
_ATTEMPT = re.compile(
    r'(?:^|(?<=[(:;] )|(?<=\())attempt (?P<number>\d+)'
    r'(?: to (?P<place>\S+))?(?P<sign>: |; |, |\)|$)'
)


@dataclasses.dataclass(frozen=True)
class Attempt:
    """An attempt that has failed."""

    number: int
    #: The host or pool that Nova or Cinder, or the action, has chosen; ''
    #: where the plan names it, and where none is known.  Of one that was
    #: read, what its message had room for (:func:`is_among`).
    place: str
    #: What it has come to.
    text: str

    def head(self, limit: int = messages.LIMIT) -> str:
        """Which attempt it was, for instance ``attempt 1 to c2: ``.

        :param limit: how long it may be, in characters, and more than the
            number needs.
        """
        head = f'attempt {self.number}'
        if self.place:
            room = min(_PLACE, limit - len(f'{head} to : '))
            place = urllib.parse.quote(
                self.place, safe=_SAFE, errors='replace'
            )
            head += f' to {messages.fit(place, room)}'
        return f'{head}: '


def unmarked(text: str) -> str:
    """A text in which nobody can read an attempt.

    >>> unmarked('waits: volume data (attempt 7: x) moves first')
    'waits: volume data (attempt-7: x) moves first'
    """
    return _MARK.sub('attempt-', text)


def is_among(name: str, places: Iterable[str]) -> bool:
    """Whether a host or pool is one of the places of attempts.

    All are that begin like a place that was cut.

    >>> is_among('w113.rack07.example.net', ['w112', 'w113.rack...'])
    True
    """
    return any(
        name.startswith(place.rstrip('.'))
        if place.endswith('...')
        else name == place
        for place in places
    )


def told(attempts: Sequence[Attempt], limit: int) -> str:
    """What each attempt has come to, in so many characters.

    >>> told([Attempt(1, 'c2', 'rolled back'), Attempt(2, '', 'no host')], 99)
    'attempt 1 to c2: rolled back; attempt 2: no host'

    Short ones leave their share to the long ones, and all leave to the last
    what its end needs, which tells what to do.
    """
    attempts = list(attempts)
    while len(attempts) > 2 and limit // len(attempts) < _LEAST:
        del attempts[1]
    left = limit - 2 * (len(attempts) - 1)
    heads = {
        one.number: one.head(left // len(attempts) - len('...'))
        for one in attempts
    }
    lines = {
        # Without any text it could not be read again.
        one.number: heads[one.number] + (unmarked(one.text).strip() or '...')
        for one in attempts
    }
    last = attempts[-1].number
    _, has_end, end = lines[last].rpartition('; ')
    least = max(len(f'{head}...') for head in heads.values())
    for_last = min(
        len(f'{heads[last]}...; {end}') if has_end else 0,
        left - least * (len(lines) - 1),
    )
    texts: dict[int, str] = {}
    for one in sorted(lines, key=lambda one: len(lines[one])):
        count = len(lines) - len(texts)
        share = left // count
        if one == last:
            share = max(share, for_last)
        elif last not in texts:
            share = min(share, (left - for_last) // (count - 1))
        texts[one] = messages.fit_end(lines[one], share, len(heads[one]))
        left -= len(texts[one])
    return '; '.join(texts[one] for one in lines)


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
    text = unmarked(text)
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
        Attempt(
            int(one['number']),
            urllib.parse.unquote(one['place'] or ''),
            text[one.end() : end],
        )
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
    if not read(text):
        return 1
    return max(int(one['number']) for one in _ATTEMPT.finditer(text))


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
    return sum(len(one.head() + one.text) + 2 for one in attempts) - 2
