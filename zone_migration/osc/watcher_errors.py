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

"""The errors of Watcher's API, as the commands raise them."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import functools
import re
from typing import ParamSpec
from typing import TypeVar

from keystoneauth1 import exceptions as keystone_exceptions
from osc_lib import exceptions as osc_exceptions
from watcherclient.common.apiclient import exceptions as api_exceptions

from zone_migration.osc import forbidden

P = ParamSpec('P')
R = TypeVar('R')


class WatcherError(osc_exceptions.CommandError):
    """Watcher refuses what a command asks for."""


class Forbidden(forbidden.Forbidden, WatcherError):
    """The user may not do it in Watcher (HTTP 403)."""


class NotFound(WatcherError):
    """Watcher has no such thing."""


class Conflict(WatcherError):
    """It cannot be done in the state that something is in (HTTP 409)."""


_SILENT = re.compile(r'^(\w+) does not answer')

#: Who asks too often is to ask later.
_TOO_MANY_REQUESTS = 429


class Unavailable(WatcherError):
    """Watcher does not answer, or with HTTP 429 or 5xx; it may in a moment.

    Or what answers is no Watcher, as a proxy that has a page for the time
    of a maintenance.
    """

    def after(self, seconds: float) -> 'Unavailable':
        """The same, for who has tried for so long."""
        if seconds < 1:
            return self
        since = rf'\1 has not answered for {seconds:.0f} s'
        return Unavailable(_SILENT.sub(since, str(self)))


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Raise Watcher's errors as ours, with its own words."""
    try:
        yield
    except api_exceptions.Forbidden as error:
        raise Forbidden('Watcher', _text(error)) from error
    except api_exceptions.NotFound as error:
        raise NotFound(_text(error)) from error
    except api_exceptions.Conflict as error:
        raise Conflict(_text(error)) from error
    except (
        api_exceptions.HttpServerError,
        api_exceptions.ConnectionError,
        keystone_exceptions.ConnectFailure,
        keystone_exceptions.ConnectTimeout,
        keystone_exceptions.HttpServerError,
        keystone_exceptions.UnknownConnectionError,
    ) as error:
        raise Unavailable(_silent(_short(_text(error)))) from error
    except (
        api_exceptions.ClientException,
        keystone_exceptions.ClientException,
    ) as error:
        if getattr(error, 'http_status', 0) == _TOO_MANY_REQUESTS:
            raise Unavailable(_silent(_text(error))) from error
        raise WatcherError(_text(error)) from error
    except (AttributeError, TypeError) as error:
        # The client takes any answer with HTTP 200 for JSON, and all of it.
        raise Unavailable(
            _silent('another service does in its place, or its answer is cut')
        ) from error


def _text(error: Exception) -> str:
    """The words of an error, in one line."""
    return ' '.join(str(error).split())


def _silent(text: str) -> str:
    """Who does not answer, and why: nobody asks Watcher without a token."""
    who = 'Keystone' if '/auth/tokens' in text else 'Watcher'
    return f'{who} does not answer: {text}'


def _short(text: str) -> str:
    """What is not reached, and why, without all that requests says.

    >>> _short("Unable to establish connection to http://h/a?limit=2: HTTP"
    ...     "ConnectionPool(host='h'): ... [Errno 111] Refused'))")
    'Unable to establish connection to http://h/a: [Errno 111] Refused'
    """
    text = re.sub(r'(https?://[^\s?]+)\?\S*?(?=:? |$)', r'\1', text)
    place, _, details = text.partition(': HTTP')
    cause = re.search(r'\[Errno -?\d+\] [^"\')]+', details)
    return f'{place}: {cause[0]}' if cause else text


def translate(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method raise our errors."""

    @functools.wraps(method)
    def translated(*args: P.args, **kwargs: P.kwargs) -> R:
        with _translated():
            return method(*args, **kwargs)

    return translated
