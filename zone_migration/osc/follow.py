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

"""What is asked of Watcher while a plan is watched, and when.

Each look is two requests, however long the plan is: the plan, and the actions
that were changed last.  The whole is listed in the beginning, in the end, and
when more has changed than a look shows, at most once a minute; every ten
seconds where a look shows no change at all.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import datetime

from zone_migration.logic.outcome import action_text
from zone_migration.osc import applier_clock
from zone_migration.osc import clock as clocks
from zone_migration.osc import no_news
from zone_migration.osc import plan_picture
from zone_migration.osc import plan_progress
from zone_migration.osc import records
from zone_migration.osc import watcher_api

#: Seconds between two looks.
INTERVAL = 2.0

#: How many changed actions a look asks for.  With names and messages of usual
#: length one is 1,000 bytes of an answer, and the plan 3,400: 870 kB a minute.
CHANGED = 24

#: How late a change may be seen after its time, in seconds: Watcher cuts the
#: fractions off, and a transaction takes a moment.
_OVERLAP = 2.0

#: The least seconds between two listings of the whole, and where a look shows
#: no change: PostgreSQL puts what never changed first.
_WHOLE_EVERY = 60.0
_WHOLE_UNSORTED = 10.0

#: How often is asked for the plans that this one waits behind, in seconds.
_BLOCKERS_EVERY = 10.0

#: How long the plan's summary, and the ends of its actions, are waited for
#: after its end, in seconds.
_SUMMARY = 5.0

#: What Watcher writes over the summary for a moment.
_SKIPPED = 'One or more actions were skipped'


class Follower:
    """What is known of a plan, look by look.

    :param clock: gives seconds, and goes forward.
    :param wall_clock: gives the time of day here, which may be wrong.
    """

    def __init__(
        self,
        watcher: watcher_api.Watcher,
        plan: records.Plan,
        clock: Callable[[], float],
        wall_clock: Callable[[], datetime.datetime] | None = None,
    ) -> None:
        self._watcher = watcher
        self.clock = clock
        self._wall_clock = wall_clock or clocks.Clock().now
        self.progress = plan_picture.PlanProgress(plan)
        self.applier_clock = applier_clock.ApplierClock(clock)
        #: Changed actions that nobody has been told of yet, the oldest first.
        self.news: list[records.Action] = []
        #: The names of plans that this one waits behind, while PENDING.
        self.blockers: list[str] = []
        self._names: dict[str, str] = {}
        self._blockers_at: float | None = None
        self._answered_at = clock()
        # For how many seconds of looks nothing has changed, and since what.
        self._unheard = 0.0
        self._looked_at = clock()
        self._heard: tuple[str, ...] = ()
        self._newest = ''
        self._whole_at: float | None = None
        self._ended_at: float | None = None
        # Times of looks, and the newest change that each has shown.
        self._seen: list[tuple[float, float]] = []
        # All changes up to this time are known.
        self._complete_to = 0.0
        #: Whether the plan has ended, and all is known of it.
        self.has_ended = False

    def silent_for(self) -> float:
        """The seconds since Watcher has answered."""
        return self.clock() - self._answered_at

    @contextlib.contextmanager
    def unasked(self) -> Iterator[None]:
        """Do not count as silence a time in which nobody asks Watcher."""
        began = self.clock()
        try:
            yield
        finally:
            self._answered_at += self.clock() - began

    @property
    def note(self) -> str:
        """Why the plan does not run yet, or may not any more; or ''."""
        plan = self.progress.plan
        return no_news.note(plan, self._unheard, self.blockers)

    def look(self) -> None:
        """Ask for what is new.

        :raises Unavailable: when Watcher does not answer; ask again.
        :raises WatcherError: when it refuses, or the plan was deleted.
        """
        plan = self._watcher.plan(self.progress.plan.uuid)
        self._answered_at = self.clock()
        ended = self._is_over(plan)
        if self._whole_at is None or ended:
            self._list_whole()
        elif plan.state != 'PENDING':
            self._list_changed()
        self._look_for_blockers(plan)
        self._answered_at = self.clock()
        self._hear(plan)
        # The API writes that it waits, and that it is to be cancelled.
        self.applier_clock.heard(plan.updated_at, plan.state == 'ONGOING')
        self.progress.plan = plan
        self.has_ended = ended and self._is_all_told()

    def _hear(self, plan: records.Plan) -> None:
        """Count for how long nothing has changed in the plan.

        While Watcher does not answer, nobody knows.
        """
        now = self.clock()
        heard = (plan.state, plan.updated_at, self._newest)
        if not self._heard:
            last = applier_clock.seconds(max(plan.updated_at, self._newest))
            seconds = self._wall_clock().timestamp() - last if last else 0.0
            self._heard, self._unheard = heard, no_news.before(plan, seconds)
        elif heard != self._heard:
            self._heard, self._unheard = heard, 0.0
        else:
            self._unheard += min(now - self._looked_at, 2 * INTERVAL)
        self._looked_at = now

    def _is_over(self, plan: records.Plan) -> bool:
        """Whether the plan has ended, and says what it has come to."""
        if plan.state not in plan_progress.PLAN_ENDED:
            self._ended_at = None
            return False
        if self._ended_at is None:
            self._ended_at = self.clock()
        return (
            not plan.message.startswith(_SKIPPED)
            or self.clock() - self._ended_at >= _SUMMARY
        )

    def _is_all_told(self) -> bool:
        """Whether the actions of an ended plan have ended, too.

        A database that lags behind shows their ends a moment later.
        """
        return (
            not any(
                map(plan_progress.is_running, self.progress.actions.values())
            )
            or self.clock() - (self._ended_at or 0.0) >= _SUMMARY
        )

    def _list_whole(self) -> None:
        """List all actions."""
        asked = self.clock()
        actions = self._watcher.actions(self.progress.plan.uuid)
        is_first = self._whole_at is None
        self._learn(actions)
        if is_first:
            # What has gone well before the view was opened is no news.
            self.news = [
                action
                for action in self.news
                if plan_progress.is_running(action)
                or (
                    plan_progress.is_not_moved(action)
                    and not plan_progress.skipped_before(action)
                )
            ]
        self._whole_at = asked
        self._is_complete(asked, actions)

    def _list_changed(self) -> None:
        """List the actions changed last; all, if these are not enough."""
        asked = self.clock()
        page = self._watcher.changed_actions(self.progress.plan.uuid, CHANGED)
        self._learn(page)
        if len(page) == CHANGED and not page[0].updated_at:
            every = _WHOLE_UNSORTED
        elif len(page) < CHANGED or _changed_at(page[-1]) <= self._complete_to:
            self._is_complete(asked, page)
            return
        else:
            every = _WHOLE_EVERY
        if asked - (self._whole_at or 0.0) >= every:
            self._list_whole()

    def _learn(self, listed: list[records.Action]) -> None:
        """Take over what was listed."""
        self.news += self.progress.update(listed)
        for action in listed:
            self._newest = max(self._newest, action.updated_at)
            self.applier_clock.heard(action.updated_at, not _is_of_api(action))

    def _is_complete(self, asked: float, listed: list[records.Action]) -> None:
        """Note that all changes until a moment ago are known.

        Those of the newest time seen then: more of that time may have come
        in the moment after it.  What changed that moment before the newest
        time was visible already.  The clock of an API may be ahead of those.
        """
        newest = max(
            (_changed_at(one) for one in listed if not _is_of_api(one)),
            default=0.0,
        )
        self._complete_to = max(self._complete_to, newest - _OVERLAP)
        self._seen.append((asked, newest))
        while self._seen and self._seen[0][0] <= asked - _OVERLAP:
            self._complete_to = max(self._complete_to, self._seen.pop(0)[1])

    def _look_for_blockers(self, plan: records.Plan) -> None:
        """Find which plans run, while this one waits."""
        now = self.clock()
        if plan.state != 'PENDING':
            self.blockers = []
        elif (
            self._blockers_at is None
            or now - self._blockers_at >= _BLOCKERS_EVERY
        ):
            self._blockers_at = now
            self.blockers = [
                self._name(one) for one in no_news.running(self._watcher, plan)
            ]

    def _name(self, plan: records.Plan) -> str:
        """The name of a plan, which is that of its audit."""
        if plan.uuid not in self._names:
            self._names[plan.uuid] = self._watcher.name_of(plan)
        return self._names[plan.uuid]


def _is_of_api(action: records.Action) -> bool:
    """Whether an API has changed an action last, by its own clock."""
    return action.message.startswith(action_text.BY_USER)


def _changed_at(action: records.Action) -> float:
    """When an action was changed, in seconds; 0 for one that never was."""
    return applier_clock.seconds(action.updated_at) or 0.0
