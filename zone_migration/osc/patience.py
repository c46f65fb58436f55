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

"""How long an answer is waited for, and how often Watcher is asked."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import functools
import logging
from typing import Any
from typing import Concatenate
from typing import ParamSpec
from typing import Protocol
from typing import TypeVar

from zone_migration.osc import clock as clocks
from zone_migration.osc import outage
from zone_migration.osc import watcher_errors

#: How long an answer may take, unless the user has said so, and how long
#: after the first try of a request another is begun, in seconds.
_LONGEST = 60.0

#: How often Watcher is asked when it does not answer, as a service does that
#: is being restarted, and how many seconds after another.
_TRIES = 6
_PAUSE = 2.0

P = ParamSpec('P')
R = TypeVar('R')


@contextlib.contextmanager
def session_limited(session: Any) -> Iterator[None]:
    """Wait for no answer longer than a minute, or as the user has said.

    Otherwise an answer is waited for as long as the connection lasts.  The
    other commands of an interactive shell have the same session, and wait
    afterwards as they did before.

    :param session: of keystoneauth.
    """
    before = session.timeout
    session.timeout = before or _LONGEST
    try:
        yield
    finally:
        session.timeout = before


@contextlib.contextmanager
def client_limited(client: Any) -> Iterator[None]:
    """Let watcherclient try each request once, silently and not for long.

    Otherwise it tries each six times however long an answer takes, and logs
    what fails; its commands in an interactive shell do so afterwards.

    :param client: watcherclient's.
    """
    http = client.http_client
    log = logging.getLogger('watcherclient')
    before = http.conflict_max_retries, log.level
    http.conflict_max_retries = 0
    log.setLevel(logging.CRITICAL)
    try:
        with session_limited(http.session):
            yield
    finally:
        http.conflict_max_retries = before[0]
        log.setLevel(before[1])


class Patience:
    """How often a request is tried.

    :param tell: tells the user that a request is tried again.
    """

    def __init__(
        self,
        clock: clocks.Clock,
        tell: Callable[[str], object] = lambda line: None,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._tries = _TRIES

    @contextlib.contextmanager
    def none(self) -> Iterator[None]:
        """Try each request once."""
        before, self._tries = self._tries, 1
        try:
            yield
        finally:
            self._tries = before

    def ask(self, request: Callable[[], R]) -> R:
        """Try a request until it is answered, or for a minute.

        The last try begins within it, and may take another one.

        :raises Unavailable: when it is not answered.
        """
        began = self._clock.passed()
        tried = 1
        while True:
            try:
                return request()
            except watcher_errors.Unavailable as error:
                if self._tries == 1:
                    raise
                passed = self._clock.passed() - began
                if tried >= self._tries or passed + _PAUSE >= _LONGEST:
                    raise error.after(passed) from error
                if tried == 1:
                    words = outage.told(error, passed)
                    self._tell(f'{words}; asking again ...')
            self._clock.wait(_PAUSE)
            tried += 1


class _Asking(Protocol):
    """What asks Watcher."""

    patience: Patience


A = TypeVar('A', bound=_Asking)


def patient(
    method: Callable[Concatenate[A, P], R],
) -> Callable[Concatenate[A, P], R]:
    """Let a method raise our errors, and try its request several times.

    It must do no harm twice.
    """
    translated = watcher_errors.translate(method)

    @functools.wraps(method)
    def asking(self: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.patience.ask(
            functools.partial(translated, self, *args, **kwargs)
        )

    return asking
