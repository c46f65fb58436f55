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

"""The one loop that waits.

It knows nothing of servers or volumes: it looks, lets somebody evaluate what
is seen, and goes on until the outcome is final, nothing has changed for too
long, or somebody asks it to stop.  Only time in sight counts: what waits in a
queue, or could not be seen, has not stopped.
"""

from collections.abc import Callable
import dataclasses
import datetime
import threading
import time
from typing import Generic
from typing import TypeVar

from oslo_utils import timeutils

from zone_migration.logic import units
from zone_migration.logic.outcome import outcomes

#: How long a provisional outcome must hold, in seconds.  The moments in which
#: Cinder shows a half-finished state last 0.25 s; busy services need longer.
SETTLE = 5.0

Seen = TypeVar('Seen')


class ObservationFailed(Exception):
    """Raised by ``observe`` when nothing can be seen just now, with why."""


@dataclasses.dataclass(frozen=True)
class Waited(Generic[Seen]):
    """Where waiting has ended, and what was seen last.

    With a final outcome; or, when its outcome is RUNNING still, because it
    was interrupted, because nothing had changed for ``unchanged`` seconds, or
    because nothing could be seen.
    """

    outcome: outcomes.Outcome
    interrupted: bool = False
    unchanged: float = 0.0
    #: Since when nothing could be seen, and why, when that has ended it.
    unseen: str = ''
    #: None when nothing could be seen at all.
    seen: Seen | None = dataclasses.field(default=None, compare=False)
    #: For whoever goes on waiting for the same.
    sight: 'Sight | None' = dataclasses.field(default=None, compare=False)


@dataclasses.dataclass(frozen=True)
class Timing:
    """How long to wait for what, in seconds, and how time passes."""

    #: Between two looks.
    interval: float
    #: Without any change before it is given up.
    stall_timeout: float
    settle: float = SETTLE
    clock: Callable[[], float] = time.monotonic
    #: Without sight before it is given up, once it was cancelled.
    blind: float = 0.0


class Sight:
    """How long it was in sight.

    That is the time between looks that have all seen something, and an
    interval for each that has after one that has not: where every other look
    fails time goes on, if slower.
    """

    def __init__(self, timing: Timing) -> None:
        self._clock = timing.clock
        self._interval = timing.interval
        self._looked = timing.clock()
        #: Since when nothing was seen, and why first, in the words of an
        #: operator; '' while something is.
        self.lost = ''
        #: Seconds in sight so far.
        self.time = 0.0

    @property
    def gap(self) -> float:
        """Seconds since something was seen, or since the beginning."""
        return self._clock() - self._looked

    def saw(self) -> None:
        """Something was seen just now."""
        gap = self.gap
        self.time += min(gap, self._interval) if self.lost else gap
        self.lost = ''
        self._looked = self._clock()

    def saw_nothing(self, why: ObservationFailed) -> None:
        """Nothing could be seen just now."""
        since = timeutils.utcnow() - datetime.timedelta(seconds=self.gap)
        # The first reason: those of a broken connection are never the same.
        self.lost = self.lost or f'not seen since {since:%H:%M} UTC: {why}'


def until_decided(
    observe: Callable[[], Seen],
    evaluate: Callable[[Seen], outcomes.Outcome],
    timing: Timing,
    interrupt: threading.Event,
    report: Callable[[str], None] = lambda text: None,
    cancelled: Callable[[], bool] = lambda: False,
    sight: Sight | None = None,
) -> Waited[Seen]:
    """Look and evaluate until it is decided.

    Nothing is decided but by a look: a report can take minutes.

    :param observe: gives what is to be seen now, comparable with ``==``;
        raises :class:`ObservationFailed` while nothing can be seen, which has
        no bound but a cancel.
    :param evaluate: what it means.
    :param interrupt: ends the waiting when set, and is what the loop sleeps
        on.
    :param report: told the text of the outcome at each look, of a provisional
        one only when it has held; while nothing can be seen, that.
    :param cancelled: whether nobody waits for the end any more.
    :param sight: that of a wait that was interrupted, of which this is the
        rest.
    """
    seen: Seen | None = None
    outcome = outcomes.running('started')
    first = True
    sight = sight or Sight(timing)
    since = changed = sight.time
    noticed: float | None = None
    while True:
        try:
            now = observe()
        except ObservationFailed as error:
            sight.saw_nothing(error)
            report(sight.lost)
            if cancelled():
                noticed = timing.clock() if noticed is None else noticed
                if min(sight.gap, timing.clock() - noticed) >= timing.blind:
                    return Waited(outcome, unseen=sight.lost, seen=seen)
        else:
            sight.saw()
            if first or now != seen:
                first, seen, changed = False, now, sight.time
                fresh = evaluate(now)
                if fresh != outcome:
                    outcome, since = fresh, sight.time
            if outcome.kind is outcomes.Kind.RUNNING:
                unchanged = 0.0 if outcome.queued else sight.time - changed
                if unchanged >= timing.stall_timeout:
                    return Waited(outcome, unchanged=unchanged, seen=seen)
                report(outcome.text)
            elif (
                not outcome.provisional or sight.time - since >= timing.settle
            ):
                report(outcome.text)
                return Waited(outcome, seen=seen)
            if outcome.queued:
                changed = sight.time
        if interrupt.wait(timing.interval):
            return Waited(outcome, interrupted=True, seen=seen, sight=sight)


def stall_timeout(
    retry: int, retry_interval: float, silent_gb: int, slowest_copy: float
) -> float:
    """Seconds without any change after which a move has stopped.

    Neither Nova nor Cinder show any progress while a local disk or a volume
    is copied, so such a move gets the time that its copy may take at worst,
    besides the usual timeout: to give up a copy that goes on would call a
    volume failed that arrives later, and free its slots too early.

    >>> stall_timeout(120, 5.0, silent_gb=0, slowest_copy=10.0)
    600.0
    >>> stall_timeout(120, 5.0, silent_gb=500, slowest_copy=10.0)
    51800.0

    :param silent_gb: how many GB are copied without a sign of it.
    :param slowest_copy: the slowest copy to expect, in MB a second.
    """
    return retry * retry_interval + silent_gb * units.MB_PER_GB / slowest_copy
