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

"""Observations of Nova and Cinder, shared by all who wait.

Each action waits in a thread of its own, but they share their readings:
whoever asks first after an interval reads what has changed in the whole
cloud, in one request a page, and the others get that.

What has changed since the last reading is asked for by the times that Nova and
Cinder themselves write down: what the clock of this machine says does not
matter.
"""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import datetime
import threading

from oslo_log import log
from oslo_utils import timeutils

from zone_migration import waiting
from zone_migration.client import exception
from zone_migration.logic import resources

LOG = log.getLogger(__name__)

#: How far back each reading goes before the newest time that is known, as the
#: clocks of those who write into one database differ a little.
OVERLAP = datetime.timedelta(seconds=60)

#: After how long without news, in seconds, what moves is asked for again: a
#: deleted volume leaves Cinder's lists without a word.
QUIET_PERIOD = 60.0

#: How long one waits for a reading that somebody else has begun, in seconds:
#: that of a service that hangs takes a time-out for each page.
_LONGEST_READING = 60.0


class Tolerance:
    """Whether a service that does not answer is tolerated for a while.

    What it does not show just now is no news, and no failure.  It may be away,
    for as long as that takes.  It may also refuse what it has shown before,
    while its policy is read again, or while its tokens cannot be checked; or
    Keystone's catalogue may lack it.  That is believed once it has lasted.

    :param grace_period: for how many seconds a refusal is not believed.
    """

    def __init__(
        self, grace_period: float, clock: Callable[[], float]
    ) -> None:
        self._grace_period = grace_period
        self._clock = clock
        #: Since when it has refused, by what it was asked for.
        self._refused: dict[Hashable, float] = {}

    @contextlib.contextmanager
    def of(self, what: Hashable) -> Iterator[None]:
        """Surround what is read of the service.

        :param what: what it is asked for, which it may refuse by itself.
        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises RequestRefused: when it could not for too long.
        :raises ServiceNotFound: likewise.
        """
        try:
            yield
        except (exception.RequestRefused, exception.ServiceNotFound) as error:
            now = self._clock()
            if what not in self._refused:
                LOG.warning(
                    '%s; nothing is seen, asking again for up to %.0f s',
                    error,
                    self._grace_period,
                )
            if now - self._refused.setdefault(what, now) >= self._grace_period:
                raise
            raise waiting.ObservationFailed(str(error)) from error
        except exception.CloudUnavailable as error:
            # Who is away refuses nothing.
            self._refused.pop(what, None)
            raise waiting.ObservationFailed(str(error)) from error
        else:
            self._refused.pop(what, None)


class SharedReading:
    """Reads at most once in ``interval`` seconds, for all who ask.

    The interval is that from the end of one reading to the beginning of the
    next, whether it has succeeded or not: where an API takes longer than the
    interval, or until a timeout, those who had to wait for it do not read
    again one after another.
    """

    def __init__(
        self,
        read: Callable[
            [datetime.datetime | None], Iterable[datetime.datetime]
        ],
        tolerance: Tolerance,
        interval: float,
        clock: Callable[[], float],
        newest_change: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Begin with nothing read.

        :param read: reads what has changed since a time of the service, or
            all where there is none; gives the times of these changes.
        :param newest_change: gives the time of the newest change, before
            anything is read.
        """
        self._read = read
        self._tolerance = tolerance
        self._interval = interval
        self._clock = clock
        self._newest_change = newest_change
        self._lock = threading.Lock()
        #: When the last reading that succeeded began, None before; and what
        #: the clock of the service showed then at least, as far as is known.
        self._began: float | None = None
        self._newest: datetime.datetime | None = None
        #: When the last reading ended, and why it gave nothing.
        self._ended: float | None = None
        self._failure: (
            waiting.ObservationFailed | exception.CloudError | None
        ) = None

    @property
    def unseen(self) -> str:
        """The reason why nothing could be read last; '' when it could."""
        failure = self._failure
        return (
            str(failure)
            if isinstance(failure, waiting.ObservationFailed)
            else ''
        )

    def refresh(self, wait: bool = True, max_age: float = 0.0) -> None:
        """Read what has changed, unless somebody just did.

        :param wait: for a reading that somebody else has begun.
        :param max_age: nothing is read where the last reading ended less than
            this long ago, in seconds.
        :raises waiting.ObservationFailed: when it cannot be read just now.
        :raises CloudError: when it could not for too long.
        """
        if not self._lock.acquire(timeout=_LONGEST_READING if wait else 0):
            if wait:
                raise waiting.ObservationFailed(
                    'its answers take more than a minute'
                )
            return
        try:
            began = self._clock()
            pause = max(self._interval, max_age)
            if self._ended is None or began - self._ended >= pause:
                self._read_changes(began)
            if isinstance(self._failure, waiting.ObservationFailed):
                raise waiting.ObservationFailed(
                    str(self._failure)
                ) from self._failure
            if self._failure is not None:
                raise self._failure
        finally:
            self._lock.release()

    @property
    def since(self) -> datetime.datetime | None:
        """The time of the service since which changes may be unread."""
        return self._newest and self._newest - OVERLAP

    def _read_changes(self, began: float) -> None:
        """Read, and note the newest time of the service or the failure."""
        failure = None
        try:
            with self._tolerance.of(self):
                if self._began is None:
                    self._newest = _time(self._newest_change())
                times = list(self._read(self.since))
        except (waiting.ObservationFailed, exception.CloudError) as error:
            failure = error
        else:
            # A page that was read first lacks what changed meanwhile.
            took = datetime.timedelta(seconds=self._clock() - began)
            known = [time - took for time in times]
            if self._newest is not None:
                # In a quiet cloud time passes as well.
                last = began if self._began is None else self._began
                passed = datetime.timedelta(seconds=began - last)
                known.append(self._newest + passed)
            self._newest = max(known, default=None)
            self._began = began
        finally:
            self._failure = failure
            self._ended = self._clock()


def times(
    found: Iterable[
        resources.Migration | resources.Server | resources.Volume | None
    ],
) -> list[datetime.datetime]:
    """The times of the last changes of these, as far as they are told."""
    stamps = (_time(one.updated_at) for one in found if one is not None)
    return [time for time in stamps if time is not None]


def shortly_before(stamp: str | None) -> datetime.datetime | None:
    """A time a little before what a service has written down as a time.

    What has changed since that has been there is asked for by it; None
    where there is no time.
    """
    time = _time(stamp)
    return time and time - OVERLAP


def _time(stamp: str | None) -> datetime.datetime | None:
    """A time that a service has written down, in UTC; None where it has not.

    >>> _time('2026-11-24T03:14:00.000000')
    datetime.datetime(2026, 11, 24, 3, 14, tzinfo=datetime.timezone.utc)
    """
    try:
        found: datetime.datetime = timeutils.parse_isotime(stamp)
    except ValueError:
        return None
    return found
