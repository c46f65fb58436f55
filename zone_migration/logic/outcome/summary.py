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

"""The summary of a plan that runs: how many, how long, what has failed."""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import attempts
from zone_migration.logic.outcome import downtime
from zone_migration.logic.outcome import emptiness_reader
from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary_text
from zone_migration.logic.schedule import blocking
from zone_migration.logic.schedule import makespan
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import scheduling

#: What has a limit that can hold a plan up.
_KINDS = (occupancy.TOTAL, occupancy.NODE, occupancy.POOL)

#: How many of the limits that hold a plan up are told.
_TOLD = 2


class Summary:
    """The summary of a plan, from what it is told of its actions.

    Times are in seconds, on whatever clock the caller has.

    :param tasks: all of the plan.
    :param limits: by kind of slot.
    :param now: when the plan has begun.
    :param note: what else there is to tell of it.
    """

    def __init__(
        self,
        tasks: Iterable[scheduling.Task],
        limits: Mapping[str, int],
        now: float,
        note: str = '',
    ) -> None:
        self._note = note
        self._tasks = {task.id: task for task in tasks}
        self._limits = limits
        self._since = now
        self._counts: collections.Counter[str] = collections.Counter()
        # Hosts and backends that are disabled before all else are counted
        # apart, and places that are looked at when all else has ended.
        self._moves = sum(map(_moves, self._tasks.values()))
        self._seen: dict[str, list[str]] = collections.defaultdict(list)
        #: Whether any of these places was looked at.
        self.has_looked = False
        self._outcomes: collections.Counter[str] = collections.Counter()
        self._closed: collections.Counter[tuple[str, str]] = (
            collections.Counter()
        )
        self._began: dict[str, float] = {}
        self._timeless: set[str] = set()
        self._took: dict[str, float] = {}
        # What tells how fast things move.
        self._moved: list[str] = []
        self._failure = ''
        self._down = self._again = 0

    def __getitem__(self, state: str) -> int:
        """How many actions have ended in a state."""
        return self._counts[state]

    def began(
        self, task_id: str, now: float, before_restart: bool = False
    ) -> None:
        """An action was started, for the first time or again.

        :param before_restart: whether an applier had begun it that was
            stopped meanwhile: how long it takes tells nothing then.
        """
        self._began[task_id] = now
        self._timeless.discard(task_id)
        if before_restart:
            self._timeless.add(task_id)

    def got_slots(self, task_id: str, now: float) -> None:
        """An action moves from now on: Nova had only queued it."""
        self._began[task_id] = now

    def ended(
        self, task_id: str, state: str, now: float, message: str = ''
    ) -> None:
        """An action has ended, whether it was started or not.

        :param message: its own; it tells how long an action ran that had
            ended before this was made.
        """
        self._counts[state] += 1
        task = self._tasks[task_id]
        if task.barrier:
            self._closed[task.barrier, state] += 1
        elif task.proves:
            self._seen[task.proves].append(message)
            self.has_looked |= state in (states.SUCCEEDED, states.FAILED)
            return
        else:
            self._outcomes[summary_text.outcome(state, message)] += 1
        self._down += bool(downtime.read(message))
        self._again += attempts.number(message) > 1
        took = action_text.read(message).took
        if task_id in self._began:
            took = now - self._began[task_id]
        if took is None or task_id in self._timeless:
            return
        self._took[task_id] = took
        if state == states.SUCCEEDED and not task.barrier:
            self._moved.append(task_id)

    def failed(self, failure: str) -> None:
        """Why something has failed; the first is told in the end."""
        self._failure = self._failure or failure

    def progress(
        self,
        left: Sequence[scheduling.Task],
        running: int,
        now: float,
        waiting: Sequence[blocking.Waiting] = (),
        away: str = '',
    ) -> str:
        """Where the plan stands, and what holds it up.

        :param left: what has not ended.
        :param running: how many of these run.
        :param waiting: those that have yet to start.
        :param away: words for the services that are away.
        """
        parts = (
            summary_text.progress(
                self._outcomes,
                self._moves,
                running,
                self._seconds_left(
                    left, now, {one.task.id for one in waiting}
                ),
            ),
            summary_text.limits_in_force(self._limits),
            self._note,
            away,
            summary_text.waits(len(waiting), _fullest(waiting)),
        )
        return messages.fit('; '.join(part for part in parts if part))

    def final(self, now: float, hosts: str = '') -> str:
        """The summary of the plan in the end.

        :param hosts: what became of the hosts that it had disabled.
        """
        hosts = hosts or '; '.join(
            filter(
                None,
                (
                    summary_text.hosts_disabled(
                        self._closed[noun, states.SUCCEEDED],
                        self._closed[noun, states.FAILED],
                        noun,
                    )
                    for noun in dict.fromkeys(
                        task.barrier for task in self._tasks.values()
                    )
                    if noun
                ),
            )
        )
        seen = summary_text.emptied(self._seen)
        return summary_text.final(
            self._outcomes,
            self._moves - self._outcomes.total(),
            now - self._since,
            self._fastest(),
            self._failure,
            '; '.join(part for part in (seen, hosts, self._note) if part),
            self._down,
            self._again,
        )

    @property
    def has_failed_moves(self) -> bool:
        """Whether something has failed beside looks at what was emptied."""
        return bool(self._outcomes['failed']) or any(
            number and state == states.FAILED
            for (_, state), number in self._closed.items()
        )

    def remaining(self) -> dict[str, list[int | None]]:
        """How much each place has that was looked at, by their kind.

        None of one that could not be seen.
        """
        return {
            kind: [emptiness_reader.remaining(message) for message in seen]
            for kind, seen in self._seen.items()
        }

    def _fastest(self) -> float:
        """How long what has run takes at least.

        0 for a plan that went on after a restart: some of it has taken the
        time in which nobody looked.
        """
        if self._note:
            return 0.0
        return makespan.lower_bound(
            self._took,
            [self._tasks[task_id] for task_id in self._took],
            self._limits,
        )

    def _seconds_left(
        self,
        left: Sequence[scheduling.Task],
        now: float,
        waiting: Collection[str],
    ) -> float | None:
        """How long the plan takes yet, going by what it has moved so far.

        Servers and volumes have each their own pace.  None while one of them
        is left of which nothing has moved yet, and when one that runs is late
        by more than the rest takes: nobody knows when it ends.

        :param waiting: the ids of those that have yet to start.
        """
        paces = self._paces()
        if any(_kind(task) not in paces for task in left if task.expected):
            return None
        ran = {
            task_id: now - since
            for task_id, since in self._began.items()
            # What waits for another try begins anew.
            if task_id not in waiting
        }
        rest = {
            task.id: task.expected * paces.get(_kind(task), 0.0)
            - ran.get(task.id, 0.0)
            for task in left
        }
        late = -min(
            (rest[task.id] for task in left if task.expected), default=0
        )
        seconds = makespan.lower_bound(
            {task_id: max(still, 0.0) for task_id, still in rest.items()},
            left,
            self._limits,
        )
        return seconds if seconds >= max(late, 1) else None

    def _paces(self) -> dict[str, float]:
        """The seconds for each unit that was expected, by kind of place."""
        expected: dict[str, float] = collections.defaultdict(float)
        took: dict[str, float] = collections.defaultdict(float)
        for moved in self._moved:
            kind = _kind(self._tasks[moved])
            expected[kind] += self._tasks[moved].expected
            took[kind] += self._took[moved]
        return {
            kind: took[kind] / units
            for kind, units in expected.items()
            if units
        }


def _moves(task: scheduling.Task) -> bool:
    """Whether a task moves a server or volume, and no host is all of it."""
    return not task.barrier and not task.proves


def _kind(task: scheduling.Task) -> str:
    """What kind of place a task has, for its pace; '' for none."""
    kinds = (slot[0] for slot in task.slots if slot[0] in _KINDS)
    return next(kinds, '')


def _fullest(
    waiting: Iterable[blocking.Waiting],
) -> list[blocking.FullSlot]:
    """The limits that most of what waits is kept from starting by."""
    counts = collections.Counter(
        full for one in waiting for full in one.full if full.slot[0] in _KINDS
    )
    return [full for full, _ in counts.most_common(_TOLD)]
