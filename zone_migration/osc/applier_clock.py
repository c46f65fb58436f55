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

"""The clock of the applier, as far as the times that it writes tell."""

from collections.abc import Callable
import datetime


class ApplierClock:
    """The time where a plan runs, never later than it is there.

    The clock of this machine may be minutes off, so it only measures how long
    ago the latest time was read.

    :param clock: gives seconds, and goes forward.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ahead: float | None = None
        self._is_known = False

    def heard(self, stamp: str, is_its_own: bool = True) -> None:
        """Take note of a time that was just read; '' tells nothing.

        :param is_its_own: whether the applier has written it; the clock of
            an API is taken only until the applier's is known.
        """
        told = seconds(stamp)
        if told is None or (self._is_known and not is_its_own):
            return
        if is_its_own and not self._is_known:
            self._is_known, self._ahead = True, None
        ahead = told - self._clock()
        if self._ahead is None or ahead > self._ahead:
            self._ahead = ahead

    def seconds_since(self, stamp: str) -> float | None:
        """How long ago that was, at least; None when it is not told."""
        told = seconds(stamp)
        if told is None or self._ahead is None:
            return None
        return max(0.0, self._clock() + self._ahead - told)

    def now(self) -> str:
        """The time there, as Watcher writes it; '' when none was read."""
        if self._ahead is None:
            return ''
        told = datetime.datetime.fromtimestamp(
            self._clock() + self._ahead, datetime.timezone.utc
        )
        return told.isoformat(timespec='seconds')


def seconds(stamp: str) -> float | None:
    """The seconds of a time in ISO 8601, UTC; None when it is none."""
    try:
        told = datetime.datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if told.tzinfo is None:
        told = told.replace(tzinfo=datetime.timezone.utc)
    return told.timestamp()
