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

"""What the output can show."""

import os
import shutil
from typing import Any
import unicodedata

#: What is narrower cannot be written for, in columns.
_NARROWEST = 20


def can_draw(app: Any) -> bool:
    """Whether the output is a terminal on which things can be drawn anew."""
    options = getattr(app, 'options', None)
    return (
        app.stdout.isatty()
        and os.environ.get('TERM', '').lower() not in ('', 'dumb', 'unknown')
        # Each request would be logged into the picture.
        and not getattr(options, 'debug', False)
        and getattr(options, 'verbose_level', 1) < 3
    )


def width(output: Any) -> int | None:
    """The columns of a terminal; None where the output is none."""
    if not output.isatty():
        return None
    return max(shutil.get_terminal_size().columns, _NARROWEST)


def wrapped(line: str, columns: int | None) -> str:
    """A line, broken between words; further lines have two columns more.

    >>> print(wrapped('  two words', 8))
      two
        words

    :param columns: None leaves it whole, for who searches in lines.
    """
    if columns is None or _columns(line) <= columns:
        return line
    if not line.strip():
        return ''
    indent = ' ' * (len(line) - len(line.lstrip()))
    first, *words = line.split()
    lines = [indent + first]
    for word in words:
        longer = f'{lines[-1]} {word}'
        if _columns(longer) <= columns:
            lines[-1] = longer
        else:
            lines.append(f'{indent}  {word}')
    return '\n'.join(lines)


def _columns(text: str) -> int:
    """How wide a text is: characters of East Asia take two columns.

    >>> _columns('web'), _columns('\u30b5\u30fc\u30d0')
    (3, 6)
    """
    return len(text) + sum(
        unicodedata.east_asian_width(character) in 'WF' for character in text
    )


def with_command(words: str, command: str, columns: int | None) -> str:
    """Words, and a command to copy: in a line of its own if that is long.

    :param columns: of the terminal; None where it is none.
    """
    line = f'{words} {command}'
    if columns is None or _columns(line) <= columns:
        return line
    return f'{wrapped(words, columns)}\n  {command}'


def write(output: Any, line: str) -> None:
    """Write a line, broken between words where the output is too narrow."""
    print(wrapped(line, width(output)), file=output, flush=True)


def write_command(output: Any, words: str, command: str) -> None:
    """Write words, and a command to copy."""
    line = with_command(words, command, width(output))
    print(line, file=output, flush=True)


def write_any_character(output: Any) -> None:
    """Let an output write what it cannot show as Python writes it.

    A name may be in any script, and would end the command with an error.
    """
    if not hasattr(output, 'reconfigure'):
        return
    if output.isatty() and not _shows_utf8():
        output.reconfigure(encoding='ascii', errors='backslashreplace')
    else:
        output.reconfigure(errors='backslashreplace')


def _shows_utf8() -> bool:
    """Whether the user's locale is one of UTF-8.

    In the locale C Python writes UTF-8 all the same, and says so in LC_CTYPE
    (PEP 538): then LANG tells, unless LC_ALL does.
    """
    every, ctype, lang = (
        os.environ.get(name, '') for name in ('LC_ALL', 'LC_CTYPE', 'LANG')
    )
    if ctype == 'C.UTF-8' and not every:
        ctype = ''
    return 'utf' in (every or ctype or lang).lower()
