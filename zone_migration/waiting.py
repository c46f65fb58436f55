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

It knows nothing of servers or volumes: it looks, lets somebody judge what is
seen, and goes on until the verdict is final, nothing has changed for too
long (waiting in a queue does not count), or somebody asks it to stop.
"""

from collections.abc import Callable
import dataclasses
import threading
import time
from typing import Generic
from typing import TypeVar

from zone_migration.logic import verdicts

#: How long a provisional verdict must hold, in seconds.  The moments in which
#: Cinder shows a half-finished state last 0.25 s; busy services need longer.
SETTLE = 5.0

Seen = TypeVar('Seen')


class Unseen(Exception):
    """Raised by ``observe`` when nothing can be seen just now."""


@dataclasses.dataclass(frozen=True)
class Waited(Generic[Seen]):
    """Where waiting has ended, and what was seen last.

    With a final verdict; or, when its outcome is RUNNING still, because it
    was interrupted or because nothing had changed for ``unchanged`` seconds.
    """

    verdict: verdicts.Verdict
    interrupted: bool = False
    unchanged: float = 0.0
    #: None when nothing could be seen at all.
    seen: Seen | None = dataclasses.field(default=None, compare=False)


@dataclasses.dataclass(frozen=True)
class Pace:
    """How long to wait for what, in seconds, and how time passes."""

    #: Between two looks.
    interval: float
    #: Without any change before it is given up.
    patience: float
    settle: float = SETTLE
    clock: Callable[[], float] = time.monotonic


def until_decided(
    observe: Callable[[], Seen],
    judge: Callable[[Seen], verdicts.Verdict],
    pace: Pace,
    interrupt: threading.Event,
    report: Callable[[str], None] = lambda text: None,
) -> Waited[Seen]:
    """Look and judge until it is decided.

    :param observe: gives what is to be seen now, comparable with ``==``;
        raises :class:`Unseen` while nothing can be seen, which counts as
        no change.
    :param judge: what it means.
    :param interrupt: ends the waiting when set, and is what the loop sleeps
        on.
    :param report: told the text of the verdict at each look, of a provisional
        one only when it has held.
    """
    seen: Seen | None = None
    verdict = verdicts.running('started')
    first = True
    since = changed = pace.clock()
    while True:
        try:
            now = observe()
        except Unseen:
            pass
        else:
            if first or now != seen:
                first, seen, changed = False, now, pace.clock()
                fresh = judge(now)
                if fresh != verdict:
                    verdict, since = fresh, pace.clock()
        if verdict.outcome is verdicts.Outcome.RUNNING:
            report(verdict.text)
        elif not verdict.provisional or pace.clock() - since >= pace.settle:
            report(verdict.text)
            return Waited(verdict, seen=seen)
        if verdict.queued:
            changed = pace.clock()
        unchanged = pace.clock() - changed
        if unchanged >= pace.patience:
            return Waited(verdict, unchanged=unchanged, seen=seen)
        if interrupt.wait(pace.interval):
            return Waited(verdict, interrupted=True, seen=seen)
