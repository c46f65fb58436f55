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

"""A watched plan at one moment, from what Watcher lists of it."""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses

from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import skips
from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary_reader
from zone_migration.osc import outage
from zone_migration.osc import plan_progress
from zone_migration.osc import plan_sums
from zone_migration.osc import records

#: How many of those that are tried once more are shown, and of the limits
#: that what waits is held up by.
_RETRIED = 3
_FULL = 2

#: What became of those that have ended and were not moved, as they are told.
_EXCEPTIONS = (
    skips.THERE,
    'failed',
    skips.CANNOT,
    skips.LEFT_OUT,
    skips.SKIPPED,
    'cancelled',
)


@dataclasses.dataclass(frozen=True)
class Picture:
    """A plan, and its actions by what they do, at one moment.

    Servers and volumes are counted, and not the hosts that are disabled or
    enabled, unless there is nothing else.
    """

    plan: records.Plan
    #: How many are to be done, but for those skipped before the start.
    total: int
    #: Those of them that have ended; not those that were never started.
    ended: tuple[records.Action, ...]
    #: Those that run, hosts too, the longest running first.
    running: tuple[records.Action, ...]
    #: Those that wait.
    pending: tuple[records.Action, ...]
    #: The hosts whose change has ended.
    hosts: tuple[records.Action, ...] = ()
    #: Whether hosts are all that there is.
    is_of_hosts: bool = False

    @property
    def done(self) -> int:
        """How many have ended."""
        return len(self.ended)

    @property
    def sums(self) -> str:
        """How many have ended, and how: ``4 of 40 done (1 failed)``."""
        words = 'hosts done' if self.is_of_hosts else 'done'
        words = f'{self.done} of {self.total} {words}'
        counts = collections.Counter(map(_outcome, self.ended))
        exceptions = ', '.join(
            f'{counts[word]} {word}' for word in _EXCEPTIONS if counts[word]
        )
        return f'{words} ({exceptions})' if exceptions else words

    @property
    def told(self) -> summary_reader.Running:
        """What the engine says of it that no action does."""
        told = summary_reader.running(self.plan.message)
        if self.plan.state == 'CANCELLING':
            # It was said of all that was to be moved.
            return dataclasses.replace(told, time_left='')
        return told

    @property
    def waits(self) -> str:
        """How many wait, and for which limits; '' when none does."""
        count = len(self.pending)
        if not count:
            return ''
        if self.plan.state == 'CANCELLING':
            return f'{count} will not be started'
        words = f'{count} wait{"s" if count == 1 else ""}'
        full = self.told.full or self._full()
        return f'{words}: {full}' if full else words

    @property
    def retried(self) -> list[str]:
        """Those that have failed and wait for another try."""
        retried = [
            f'{action.name} {outage.shortened(action.message)}'
            for action in self.pending
            if action.message.startswith(plan_progress.ANOTHER_TRY)
        ]
        if len(retried) > _RETRIED:
            retried[_RETRIED:] = [f'{len(retried) - _RETRIED} more like these']
        return retried

    @property
    def words(self) -> str:
        """Where the plan stands, and what holds it up; '' when it has ended.

        What the planner has said of it, before it runs.
        """
        if self.plan.state in plan_progress.PLAN_ENDED:
            return ''
        if self.plan.state not in ('ONGOING', 'CANCELLING'):
            return self.plan.message
        number = sum(
            self.is_of_hosts or not plan_progress.is_of_place(action)
            for action in self.running
        )
        running = f'{number} running' if number else ''
        parts = (
            ', '.join(filter(None, (self.sums, running, self.told.time_left))),
            *self.notes,
        )
        return '; '.join(parts)

    @property
    def notes(self) -> list[str]:
        """What else there is to say of a plan that runs."""
        return [
            note
            for note in (
                ', '.join(plan_sums.of_hosts(self.hosts)),
                self.told.limits and f'limits: {self.told.limits}',
                outage.all_shortened(self.told.notes),
                self.waits,
            )
            if note
        ]

    def _full(self) -> str:
        """What most of the waiting actions say that they wait for.

        The engine writes it every ten seconds: what they say to come first
        may have ended.
        """
        over = {
            action_text.waits_after(action.type, action.name)
            for action in (*self.hosts, *self.ended)
        }
        counts = collections.Counter(
            action.message.removeprefix(action_text.WAITS)
            for action in self.pending
            if action.message.startswith(action_text.WAITS)
            and action.message not in over
        )
        return ', '.join(text for text, _ in counts.most_common(_FULL))


class PlanProgress:
    """A plan and its actions, as they were listed last."""

    def __init__(self, plan: records.Plan) -> None:
        self.plan = plan
        #: By UUID, in the order of the plan.
        self.actions: dict[str, records.Action] = {}
        # Of those that run, since when.
        self._since: dict[str, str] = {}

    @property
    def updated_at(self) -> str:
        """The latest time that Watcher has told; '' for none."""
        times = [action.updated_at for action in self.actions.values()]
        return max([self.plan.updated_at, *times])

    def update(self, listed: Iterable[records.Action]) -> list[records.Action]:
        """Take over what was listed, and return those that have changed.

        Those that are listed for the first time have changed, too.
        """
        changed = [
            action for action in listed if _is_news(self.actions, action)
        ]
        changed.sort(key=lambda action: action.updated_at)
        for action in changed:
            self.actions[action.uuid] = action
            if not plan_progress.is_running(action):
                self._since.pop(action.uuid, None)
            elif action.uuid not in self._since:
                # Kept, so that no row of a view changes its place: the
                # message tells it a moment later than the state, perhaps.
                since = action_text.read(action.message).since
                self._since[action.uuid] = (
                    since or action.updated_at[:19].replace('T', ' ') or '~'
                )
        return changed

    def picture(self) -> Picture:
        """How it stands."""
        counted = [
            action
            for action in self.actions.values()
            if not plan_progress.skipped_before(action)
        ]
        hosts = [
            action for action in counted if plan_progress.is_of_place(action)
        ]
        moves = [
            action
            for action in counted
            if not plan_progress.is_of_place(action)
        ]
        running = [
            action for action in counted if plan_progress.is_running(action)
        ]
        running.sort(
            key=lambda one: (self._since[one.uuid], one.name, one.uuid)
        )
        main = moves or hosts
        return Picture(
            plan=self.plan,
            total=len(main),
            ended=tuple(action for action in main if _has_ended(action)),
            running=tuple(running),
            pending=tuple(
                action for action in main if action.state == states.PENDING
            ),
            hosts=tuple(action for action in hosts if _has_ended(action)),
            is_of_hosts=not moves and bool(hosts),
        )


def _is_news(
    known: Mapping[str, records.Action], action: records.Action
) -> bool:
    """Whether a listing of an action tells more than what is known.

    A database that lags behind lists what was there before.  Times alone do
    not tell: an API whose clock is behind may have skipped an action.
    """
    before = known.get(action.uuid)
    if before is None:
        return True
    if action.updated_at < before.updated_at:
        return not states.has_ended(before.state) and states.has_ended(
            action.state
        )
    return action != before


def _outcome(action: records.Action) -> str:
    """What became of an action that has ended, as the end tells it."""
    if plan_progress.is_skipped(action):
        if plan_progress.is_of_place(action):
            return skips.SKIPPED
        return skips.kind(action.message)
    return action.state.lower()


def _has_ended(action: records.Action) -> bool:
    """Whether an action was started, and has ended."""
    return states.has_ended(
        action.state
    ) and not plan_progress.was_not_started(action)
