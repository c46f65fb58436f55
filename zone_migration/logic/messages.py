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

"""Texts for the operator, as long as Watcher's database lets them be."""

from collections.abc import Iterable
import unicodedata

#: ``status_message`` of audits, plans and actions is String(255).
LIMIT = 255

#: Unicode's categories of what does not belong into a line: control
#: characters, the separators of lines and paragraphs, and halves of surrogate
#: pairs, which cannot be written.
_NOT_IN_A_LINE = frozenset({'Cc', 'Zl', 'Zp', 'Cs'})

#: Unicode's Bidi_Control: they show what follows in another order.
_REORDERING = frozenset(
    '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'
)


def escaped(text: str) -> str:
    """The text, with control characters as Python writes them in a string.

    Whoever names a server could otherwise begin lines of the log, clear the
    screen of who reads it, or let a name look like another.

    >>> print(escaped('web\\n1'))
    web\\n1
    """
    if text.isprintable():
        return text
    return ''.join(
        character.encode('unicode_escape').decode()
        if unicodedata.category(character) in _NOT_IN_A_LINE
        or character in _REORDERING
        else character
        for character in text
    )


def fit(text: str, limit: int = LIMIT) -> str:
    """The text in one line, cut at the end when it is too long.

    >>> fit('one\\n  two')
    'one two'
    >>> fit('12345678', limit=6)
    '123...'
    """
    line = escaped(' '.join(text.split()))
    return line if len(line) <= limit else line[: limit - 3] + '...'


def fit_end(text: str, limit: int, start: int = 0) -> str:
    """The text in one line, cut before its last part where it is too long.

    >>> fit_end('live migration failed; reset it', limit=20)
    'live mi...; reset it'

    :param start: how much of its start has to be kept; where the last part
        leaves less than that, the end is cut.
    """
    line = escaped(' '.join(text.split()))
    head, _, end = line.rpartition('; ')
    room = limit - len(f'; {end}')
    if len(line) <= limit or not head or room < start + len('...'):
        return fit(line, limit)
    return f'{fit(head, room)}; {end}'


def fit_all(texts: Iterable[str], limit: int = LIMIT) -> str:
    """As many whole texts as fit, and how many more there are.

    >>> fit_all(['one', 'two', 'one more line'], limit=20)
    'one; two; 1 more'
    """
    texts = list(texts)
    for count in range(len(texts), 0, -1):
        left = len(texts) - count
        line = '; '.join(texts[:count] + ([f'{left} more'] if left else []))
        line = escaped(' '.join(line.split()))
        if len(line) <= limit:
            return line
    return fit(f'{len(texts)} faults, the first: {texts[0]}', limit)


def none_such(kind: str, name: str, known: Iterable[str]) -> str:
    """Tell that there is nothing of that name, and what there is instead.

    >>> none_such('compute host', 'w11', ['w112', 'w111'])
    "there is no compute host 'w11'; there are w111, w112"
    """
    names = sorted(known)
    some = ', '.join(names[:5]) + (', ...' if len(names) > 5 else '')
    return escaped(f'there is no {kind} {name!r}; there are {some or "none"}')
