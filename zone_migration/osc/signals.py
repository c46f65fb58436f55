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

"""Signals that a view has to be cleared away for: the cursor is hidden."""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import signal
import threading
from typing import Any

#: Control-Z, and what ends a command; not every system has the first.
_NAMES = ('SIGTSTP', 'SIGTERM')


class Received(BaseException):
    """A signal that has not done its work yet."""

    def __init__(self, number: int) -> None:
        self._number = number
        super().__init__(f'signal {number}')

    def deliver(self) -> None:
        """Let the signal suspend or end the command.

        Returns when the command goes on.
        """
        signal.raise_signal(self._number)


@contextlib.contextmanager
def received(names: Sequence[str] = _NAMES) -> Iterator[None]:
    """Let signals raise :class:`Received` in the main thread.

    Those that are ignored stay so.
    """
    before: dict[int, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in _numbers(names):
                if signal.getsignal(number) not in (None, signal.SIG_IGN):
                    before[number] = signal.signal(number, _raise)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def ended_afterwards() -> Iterator[None]:
    """Let SIGTERM end the command when the block is left, not in it."""
    try:
        with received(('SIGTERM',)):
            yield
    except Received as received_:
        received_.deliver()
        raise


def _numbers(names: Sequence[str]) -> list[int]:
    """The numbers of the signals that this system has."""
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _raise(number: int, _: object) -> None:
    """Raise Received."""
    raise Received(number)
