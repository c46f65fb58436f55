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

"""The one loop that waits, and what decides when it ends.

It knows nothing of servers or volumes: it looks, lets somebody evaluate what
is seen, and goes on until the outcome is final, nothing has changed for too
long, or somebody asks it to stop.  Only time in sight counts: what waits in a
queue, or could not be seen, has not stopped.
"""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import datetime
import itertools
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

#: Between two looks for what has to settle, in seconds.
_LOOK = 0.5

Observed = TypeVar('Observed')


class ObservationFailed(Exception):
    """Raised by ``observe`` when nothing can be seen just now, with why."""


@dataclasses.dataclass(frozen=True)
class Waited(Generic[Observed]):
    """The end of a wait, and what was observed last.

    With a final outcome; or, when its outcome is RUNNING still, because it
    was interrupted, because nothing had changed for ``unchanged`` seconds, or
    because nothing could be seen.
    """

    outcome: outcomes.Outcome
    interrupted: bool = False
    unchanged: float = 0.0
    #: Since when nothing could be seen, and why, when that has ended it.
    lost: str = ''
    #: None when nothing could be seen at all.
    observed: Observed | None = dataclasses.field(default=None, compare=False)
    #: For whoever goes on waiting for the same.
    sight: 'Sight | None' = dataclasses.field(default=None, compare=False)


@dataclasses.dataclass(frozen=True)
class Timing:
    """The durations of a wait, in seconds, and its clock."""

    #: Between two looks.
    interval: float
    #: Without any change before it is given up.
    stall_timeout: float
    settle: float = SETTLE
    clock: Callable[[], float] = time.monotonic
    #: Without sight before it is given up, once it was cancelled.
    blind: float = 0.0


class Sight:
    """The time for which something was in sight.

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
        """Note that something was seen just now."""
        gap = self.gap
        self.time += min(gap, self._interval) if self.lost else gap
        self.lost = ''
        self._looked = self._clock()

    def saw_nothing(self, why: ObservationFailed) -> None:
        """Note that nothing could be seen just now, and why."""
        since = timeutils.utcnow() - datetime.timedelta(seconds=self.gap)
        # The first reason: those of a broken connection are never the same.
        self.lost = self.lost or f'not seen since {since:%H:%M} UTC: {why}'


class _Wait(Generic[Observed]):
    """The state of one wait: what was observed, and since when."""

    def __init__(
        self,
        evaluate: Callable[[Observed], outcomes.Outcome],
        timing: Timing,
        report: Callable[[str], None],
        sight: Sight,
    ) -> None:
        self._evaluate = evaluate
        self._timing = timing
        self._report = report
        self._sight = sight
        self._outcome = outcomes.running('started')
        self._observed: Observed | None = None
        self._is_first = True
        # Since when, in seconds in sight, there are this outcome, this sight.
        self._outcome_since = self._changed = sight.time
        self._cancelled_at: float | None = None

    def saw(self, now: Observed) -> Waited[Observed] | None:
        """Return how the wait has ended with what is observed, if it has."""
        self._sight.saw()
        if self._is_first or now != self._observed:
            self._is_first, self._observed = False, now
            self._changed = self._sight.time
            self._update(self._evaluate(now))
        if self._outcome.kind is not outcomes.Kind.RUNNING:
            return self._final_if_it_holds()
        if self._outcome.queued:
            self._changed = self._sight.time
        unchanged = self._sight.time - self._changed
        if unchanged >= self._timing.stall_timeout:
            return Waited(
                self._outcome, unchanged=unchanged, observed=self._observed
            )
        self._report(self._outcome.text)
        return None

    def saw_nothing(
        self, why: ObservationFailed, cancelled: Callable[[], bool]
    ) -> Waited[Observed] | None:
        """Return how the wait has ended, if it was cancelled out of sight."""
        self._sight.saw_nothing(why)
        self._report(self._sight.lost)
        if not cancelled():
            return None
        now = self._timing.clock()
        if self._cancelled_at is None:
            self._cancelled_at = now
        if min(self._sight.gap, now - self._cancelled_at) < self._timing.blind:
            return None
        return Waited(
            self._outcome, lost=self._sight.lost, observed=self._observed
        )

    def interrupted(self) -> Waited[Observed]:
        """Return how far it has come, for whoever goes on."""
        return Waited(
            self._outcome,
            interrupted=True,
            observed=self._observed,
            sight=self._sight,
        )

    def _update(self, outcome: outcomes.Outcome) -> None:
        """Keep the outcome, and since when it holds."""
        if outcome != self._outcome:
            self._outcome, self._outcome_since = outcome, self._sight.time

    def _final_if_it_holds(self) -> Waited[Observed] | None:
        """Return the end, unless the outcome is provisional and too new."""
        held = self._sight.time - self._outcome_since
        if self._outcome.provisional and held < self._timing.settle:
            return None
        self._report(self._outcome.text)
        return Waited(self._outcome, observed=self._observed)


def polls(
    interval: float,
    most: int | None = None,
    interrupt: threading.Event | None = None,
) -> Iterator[int]:
    """Yield the number of each look, from 0 on, and pause after it.

    :param interval: how long to pause, in seconds.
    :param most: how many looks there are; None: no end.
    :param interrupt: ends them when set, and is what a pause sleeps on.
    """
    interrupt = threading.Event() if interrupt is None else interrupt
    for number in itertools.count() if most is None else range(most):
        yield number
        if interrupt.wait(interval):
            return


def settles(shows: Callable[[], bool]) -> bool:
    """Whether something shows within :data:`SETTLE` seconds.

    For what was asked for and whose answer was lost: the service may still be
    at it.
    """
    return any(shows() for _ in polls(_LOOK, round(SETTLE / _LOOK) + 1))


def until_decided(
    observe: Callable[[], Observed],
    evaluate: Callable[[Observed], outcomes.Outcome],
    timing: Timing,
    interrupt: threading.Event,
    report: Callable[[str], None] = lambda text: None,
    cancelled: Callable[[], bool] = lambda: False,
    sight: Sight | None = None,
) -> Waited[Observed]:
    """Observe and evaluate until it is decided.

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
    wait = _Wait(evaluate, timing, report, sight or Sight(timing))
    for _ in polls(timing.interval, interrupt=interrupt):
        try:
            now = observe()
        except ObservationFailed as error:
            ended = wait.saw_nothing(error, cancelled)
        else:
            ended = wait.saw(now)
        if ended is not None:
            return ended
    return wait.interrupted()


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
