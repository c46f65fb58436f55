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

"""The lines of a JSON text that its members stand on."""

from collections.abc import Iterator
import dataclasses
import json
import re
from typing import Any

_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


@dataclasses.dataclass
class Lines:
    """The lines of a JSON text, the first of which is 1."""

    #: By the path of a member, as faults write it, in small letters.
    lines: dict[str, int] = dataclasses.field(default_factory=dict)
    #: By the path as it is written.
    exact: dict[str, int] = dataclasses.field(default_factory=dict)
    #: The path, the line and the earlier line of each key that its object
    #: has already, of which JSON would keep the last.
    repeated: list[tuple[str, int, int]] = dataclasses.field(
        default_factory=list
    )
    #: Which of the values counts that such a key has, from 0; None for the
    #: last, which also counts where there are not so many.
    counts: int | None = None
    #: How often a key is given at most.
    most: int = 1

    def forget(self, path: str) -> None:
        """Forget the members of what is given again."""
        for lines, within in (
            (self.lines, f'{path.lower()}.'),
            (self.exact, f'{path}.'),
        ):
            for member in [m for m in lines if m.startswith(within)]:
                del lines[member]

    def note(self, path: str, line: int) -> None:
        """Note the line of a member."""
        self.lines[path.lower()] = self.exact[path] = line

    def of(self, path: str) -> int:
        """The line of a member, or of the next one around it that is there."""
        while path and path.lower() not in self.lines:
            path = path.rpartition('.')[0]
        return self.exact.get(path, self.lines.get(path.lower(), 1))


def read(text: str, counts: int | None = None) -> Lines:
    """Find the lines of a text.

    >>> read('{"vm":\\n {"a": [1,\\n 2]}}').lines
    {'': 1, 'vm': 1, 'vm.a': 2, 'vm.a.0': 2, 'vm.a.1': 3}

    :param text: JSON that can be read, which is not checked here.
    :param counts: which value of a key that is given again, as
        ``Lines.counts``.
    """
    found = Lines(counts=counts)
    marks = _marks(text)
    mark, line = next(marks)
    found.note('', line)
    _value(mark, marks, '', found)
    return found


def value(text: str, counts: int) -> Any:
    """The value of a text, of one choice among what is given again.

    >>> value('{"a": 1, "a": {"b": 2}}', 0)
    {'a': 1}

    :param counts: as ``Lines.counts``.
    """

    def chosen(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        given: dict[str, list[Any]] = {}
        for key, one in pairs:
            given.setdefault(key, []).append(one)
        return {key: all_[: counts + 1][-1] for key, all_ in given.items()}

    return json.loads(text, object_pairs_hook=chosen)


def _marks(text: str) -> Iterator[tuple[str, int]]:
    """The marks of a text, each with its line."""
    line, position = 1, 0
    for match in _MARK.finditer(text):
        line += text.count('\n', position, match.start())
        position = match.start()
        yield match[0], line


def _value(
    mark: str, marks: Iterator[tuple[str, int]], path: str, found: Lines
) -> None:
    """Note the members of the value that begins with a mark."""
    if mark == '{':
        _object(marks, path, found)
    elif mark == '[':
        _array(marks, path, found)


def _object(marks: Iterator[tuple[str, int]], path: str, found: Lines) -> None:
    """Note the members of an object, to its end."""
    keys: dict[str, list[int]] = {}
    for mark, line in marks:
        if mark == '}':
            return
        if mark == ',':
            continue
        key = json.loads(mark)
        member = _member(path, key)
        lines = keys.setdefault(key, [])
        heeded = found.counts is None or len(lines) <= found.counts
        if lines:
            found.repeated.append((member, line, lines[-1]))
        if lines and heeded:
            found.forget(member)
        if heeded:
            found.note(member, line)
        lines.append(line)
        found.most = max(found.most, len(lines))
        next(marks)  # the colon
        mark, _ = next(marks)
        _value(mark, marks, member, found if heeded else Lines())


def _array(marks: Iterator[tuple[str, int]], path: str, found: Lines) -> None:
    """Note the members of an array, to its end."""
    index = 0
    for mark, line in marks:
        if mark == ']':
            return
        if mark == ',':
            continue
        member = _member(path, str(index))
        found.note(member, line)
        _value(mark, marks, member, found)
        index += 1


def _member(path: str, key: str) -> str:
    """The path of a member."""
    return f'{path}.{key}' if path else key
