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

"""Reading the objects that a service shows, one by one."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses
import functools
from typing import Any
from typing import TypeVar

from oslo_log import log

from zone_migration.logic import messages

LOG = log.getLogger(__name__)

#: What the code raises that reads an object which is not as it should be.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)

#: The largest integer that databases keep.
_LARGEST = 2**63 - 1

Ours = TypeVar('Ours')


def readable(
    what: str, shown: Iterable[Any], read: Callable[[Any], Ours]
) -> Iterator[tuple[Any, Ours | None]]:
    """Each of these objects with its resource, None where it is unreadable.

    One that is not as it should be must not hide the others.  It is told
    once in the log, as some listings are read twice a second.
    """
    for one in shown:
        try:
            ours = _checked(read(one))
        except _UNREADABLE as error:
            log_unreadable(
                what,
                _label(one),
                messages.escaped(f'{type(error).__name__}: {error}'),
            )
            yield one, None
        else:
            yield one, ours


def read_each(
    what: str, shown: Iterable[Any], read: Callable[[Any], Ours]
) -> list[Ours]:
    """The resources that can be read of these; see :func:`readable`."""
    return [
        ours for _, ours in readable(what, shown, read) if ours is not None
    ]


def _checked(ours: Ours) -> Ours:
    """The resource, if its texts are texts or None, and its numbers numbers.

    :raises TypeError: for anything else.
    :raises ValueError: for a number that is none of this world.
    """
    for name, kind in _kinds(ours):
        value = getattr(ours, name)
        if not isinstance(value, kind):
            raise TypeError(f'{name} is {value!r}')
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise ValueError(f'{name} is too large')
    return ours


def _kinds(ours: object) -> list[tuple[str, tuple[type, ...]]]:
    """The types that fields of a dataclass can have, where that is simple."""
    if not dataclasses.is_dataclass(ours) or isinstance(ours, type):
        return []
    simple: dict[object, tuple[type, ...]] = {
        str: (str, type(None)),
        str | None: (str, type(None)),
        int: (int,),
        int | None: (int, type(None)),
    }
    return [
        (field.name, simple[field.type])
        for field in dataclasses.fields(ours)
        if field.type in simple
    ]


def text(value: object) -> str:
    """The value, which has to be a text; for what others are found by.

    :raises TypeError: for anything else.
    """
    if not isinstance(value, str):
        raise TypeError(f'{value!r} is not a text')
    return value


def _label(one: Any) -> str:
    """The name of an object of any shape, for the log."""
    if isinstance(one, str):
        return messages.escaped(one)
    for name in ('id', 'name', 'host'):
        found = (
            one.get(name)
            if isinstance(one, dict)
            else getattr(one, name, None)
        )
        if found:
            return messages.escaped(str(found))
    return 'without an id'


@functools.lru_cache(maxsize=1000)
def log_unreadable(what: str, id_: object, reason: str) -> None:
    """Log, once, what cannot be read of something."""
    LOG.warning('%s %s cannot be read: %s', what, id_, reason)
