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

"""Requests that are repeated where that does no harm.

A request that only reads can always be repeated.  One that changes something
is repeated when it is certain that it changed nothing:

* no connection was made;
* HTTP 429: it was refused before anybody worked on it (RFC 6585, 4);
* HTTP 503: nobody was there to take it.  HAProxy answers so when no server
  is available, Apache when it cannot connect to its back end, keystone's
  middleware when it cannot check the token.

Otherwise nobody knows: the connection broke after the request was sent, a
proxy gave up waiting (502, 504), or the service failed somewhere on its way
(500: Nova answers that when its conductor is slow, and the live migration
goes on, see ``nova.compute.api.API.live_migrate``).  Then the answer is
lost, and who asked has to check what has become of it.

The retries of keystoneauth, which both clients pass on, are not used: they
take a connection that broke for one that was never made, sleep as long as
any Retry-After says, and have no jitter.
"""

from collections.abc import Callable
from typing import Any

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ks_exceptions
from oslo_log import log
import requests
import tenacity
from urllib3 import exceptions as urllib3_exceptions

from zone_migration.client import exception

LOG = log.getLogger(__name__)

#: The first pause, and the longest, in seconds; each is twice the one before.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0

#: What HTTP calls safe (RFC 9110, 9.2.1): it changes nothing.
_SAFE = ('GET', 'HEAD')

#: It may be another answer in a moment.
_TRANSIENT = (429, 500, 502, 503, 504)

#: Nobody has worked on a request with such an answer.
_NOT_PROCESSED = (429, 503)

#: The first half of a pause is fixed, so that a service has time to recover;
#: the other half is drawn, so that a hundred actions do not all come back in
#: the same moment.
_BACK_OFF = tenacity.wait_exponential(
    multiplier=_FIRST_PAUSE / 2, max=_LONGEST_PAUSE / 2
) + tenacity.wait_random_exponential(
    multiplier=_FIRST_PAUSE / 2, max=_LONGEST_PAUSE / 2
)


class Session(adapter.Adapter):  # type: ignore[misc]
    """A session of keystoneauth that asks again.

    :param session: what sends the requests.
    :param name: the service, as messages name it.
    :param max_retries: how often a request is repeated; 0: never.
    :param confirm: called last before one is sent that changes something;
        raises what is to keep it from that.
    """

    def __init__(
        self,
        session: Any,
        name: str,
        max_retries: int,
        confirm: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(session)
        self._confirm = confirm
        self._name = name
        self._max_retries = max_retries

    def request(self, url: str, method: str, **kwargs: Any) -> Any:
        """As the session's, repeated where it can help and does no harm.

        :raises AnswerLost: when it may or may not have changed something.
        :raises CloudUnavailable: when it has changed nothing.
        """
        asking = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_can_be_repeated),
            stop=tenacity.stop_after_attempt(1 + self._max_retries),
            wait=_pause,
            before_sleep=_log,
            reraise=True,
        )
        try:
            return asking(self._request_once, url, method, **kwargs)
        except exception.CloudUnavailable as error:
            times = asking.statistics['attempt_number']
            if times == 1:
                raise
            # In front: requests has long words for a broken connection, and
            # the end of a message is cut.
            raise type(error)(
                service=self._name,
                reason=f'asked {times} times: {error.reason}',
            ) from error

    def _request_once(self, url: str, method: str, **kwargs: Any) -> Any:
        """Send a request, and turn a failure into ours.

        :raises AnswerLost: see :meth:`request`.
        :raises CloudUnavailable: likewise.
        """
        safe = method in _SAFE
        try:
            if not safe:
                # First: keystone may take its time to give a token.
                self.session.get_auth_headers(self.auth)
                self._confirm()
            response = super().request(url, method, **kwargs)
        except ks_exceptions.HttpError as error:
            # The clients want no exception for an answer of the service, so
            # this one is keystone's: it gave no token to ask with.
            if error.http_status not in _TRANSIENT:
                raise
            raise self._unavailable(
                f'keystone: {error.message}', error.retry_after
            ) from error
        except (
            ks_exceptions.RetriableConnectionFailure,
            ks_exceptions.UnknownConnectionError,
        ) as error:
            if safe or _never_connected(error):
                raise self._unavailable(str(error)) from error
            raise self._lost(str(error)) from error
        status = response.status_code
        if status in _TRANSIENT:
            reason = f'{_reason(response)} (HTTP {status})'
            if safe or status in _NOT_PROCESSED:
                raise self._unavailable(reason, _retry_after(response))
            raise self._lost(reason)
        return response

    def _unavailable(
        self, reason: str, retry_after: float = 0
    ) -> exception.CloudUnavailable:
        """The failure of a request that has changed nothing."""
        return exception.CloudUnavailable(
            service=self._name, reason=reason, retry_after=retry_after
        )

    def _lost(self, reason: str) -> exception.AnswerLost:
        """The failure of a request that may have changed something."""
        return exception.AnswerLost(service=self._name, reason=reason)


def _can_be_repeated(error: BaseException) -> bool:
    """Whether a repetition does no harm, and may come soon enough."""
    return (
        isinstance(error, exception.CloudUnavailable)
        and not isinstance(error, exception.AnswerLost)
        and error.retry_after <= _LONGEST_PAUSE
    )


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds until the next attempt, not before the service wants it."""
    back_off: float = _BACK_OFF(state)
    return max(back_off, _error(state).retry_after)


def _log(state: tenacity.RetryCallState) -> None:
    """Log why a request is repeated, and when."""
    LOG.warning(
        '%s; asking again in %.1f s', _error(state), state.upcoming_sleep
    )


def _error(state: tenacity.RetryCallState) -> exception.CloudUnavailable:
    """The failure of an attempt; called after such an attempt only."""
    assert state.outcome is not None  # noqa: S101 # nosec B101
    error = state.outcome.exception()
    assert isinstance(error, exception.CloudUnavailable)  # noqa: S101 # nosec
    return error


def _never_connected(error: Exception) -> bool:
    """Whether the request cannot have been sent.

    keystoneauth raises the same for a connection that was refused and one
    that broke later; what it had caught tells them apart.
    """
    cause = error.__context__
    if isinstance(cause, requests.exceptions.ConnectTimeout):
        return True
    reason = (
        getattr(cause.args[0], 'reason', None)
        if (cause is not None and cause.args)
        else None
    )
    return isinstance(reason, urllib3_exceptions.NewConnectionError)


def _reason(response: requests.Response) -> str:
    """The service's own reason, in its JSON, or the phrase of HTTP."""
    try:
        (fault,) = response.json().values()
        return str(fault['message'])
    except (ValueError, AttributeError, TypeError, KeyError):
        return response.reason or 'no reason given'


def _retry_after(response: requests.Response) -> float:
    """Seconds that the service wants us to wait; 0 where it gives a date."""
    value = response.headers.get('Retry-After', '')
    return float(value) if value.isdigit() else 0.0
