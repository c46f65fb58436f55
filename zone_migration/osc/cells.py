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

"""Cells of tables."""

from typing import Any

from cliff import columns


class Number(columns.FormattableColumn[Any]):
    """A number; None where that is not known, which is not 0.

    What is not known comes first where rows are sorted.

    :param unknown: what stands for it then; see :func:`unknown`.
    """

    def __init__(self, value: float | None, unknown: str | None) -> None:
        super().__init__(value)
        self._unknown = unknown

    def machine_readable(self) -> Any:
        """The number, or what stands for it."""
        return self._unknown if self._value is None else self._value

    def human_readable(self) -> str:
        """The number; '' where it is not known."""
        return '' if self._value is None else str(self._value)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Number):
            return False
        mine, theirs = (
            (value is not None, value or 0)
            for value in (self._value, other._value)
        )
        return mine < theirs


def unknown(parsed_args: Any) -> str | None:
    """What stands for a number that is not known, in the format asked for.

    Some formats would write a None as a word.
    """
    return '' if parsed_args.formatter in ('csv', 'value') else None
