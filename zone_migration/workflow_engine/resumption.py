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

"""A plan that goes on after its applier was stopped: what lies behind it.

Watcher keeps no start of a plan, nor of an action; the messages of its actions
tell them.
"""

from collections.abc import Mapping
import dataclasses
import datetime

from oslo_utils import timeutils
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import attempts
from zone_migration.logic.outcome import states
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import proofs
from zone_migration.logic.schedule import scheduling
from zone_migration.logic.schedule import tasks

#: How an action's message tells when it has begun, UTC.
_FORMAT = '%Y-%m-%d %H:%M:%S'

#: Of an action that has run; whatever is SKIPPED may never have.
_BEGUN = (
    states.ONGOING,
    states.CANCELLING,
    states.SUCCEEDED,
    states.FAILED,
)


@dataclasses.dataclass(frozen=True)
class Resumption:
    """What lies behind a plan that goes on."""

    #: How long ago it was started, in seconds; 0 where it is started now.
    started_ago: float = 0.0
    #: How long ago the last of it has ended, in seconds; 0 where some of it
    #: has not.
    ended_ago: float = 0.0
    #: That it goes on, and since when; '' where it is started now.
    note: str = ''


class Before:
    """What a stopped applier has done of an action that is run now.

    :param action: as Watcher's database has it.
    """

    def __init__(self, action) -> None:
        self._action = action
        #: Whether it had begun it.
        self.begun = action.state in (states.ONGOING, states.CANCELLING)
        #: When, ``2026-11-28 03:14:05``, UTC; not later than that where it is
        #: not told; '' if not.
        self.begun_at = ''
        #: Whether it may have, which nothing tells any more.
        self.may_have_begun = (
            action.state == states.PENDING
            and action.status_message == states.MAY_HAVE_BEGUN
        )
        if self.begun:
            told = action_text.read(action.status_message or '')
            self.begun_at = told.since or f'{self.changed_at:{_FORMAT}}'

    @property
    def begun_ago(self) -> float:
        """How long ago it had begun it, in seconds; 0 if it had not."""
        return seconds_since(self.begun_at) if self.begun_at else 0.0

    @property
    def changed_at(self) -> datetime.datetime:
        """When the action was changed last, UTC."""
        return _end(self._action)

    def is_done(self, error: watcher_exception.ActionSkipped) -> bool:
        """Whether what it had begun has been done.

        :param error: what the action says; Watcher's own, that changes a
            host, says that the host is as it should be already.
        """
        if isinstance(error, exception.HasArrived):
            return self.begun or self.may_have_begun
        return (
            self.begun
            and host_changes.is_ours_to_change(self._action)
            and not isinstance(error, exception.HostLeftAlone)
        )

    @staticmethod
    def done_text(error: watcher_exception.ActionSkipped) -> str:
        """The message of what has been done."""
        return str(error) if isinstance(error, exception.HasArrived) else ''


def of(actions) -> Resumption:
    """Return what lies behind a plan.

    :param actions: all of it, as Watcher's database has them now.
    """
    begun = [
        action
        for action in actions
        if _was_begun(action) and not proofs.place_kind(action)
    ]
    if not begun:
        return Resumption()
    now = timeutils.utcnow()
    starts = [start for action in begun if (start := _start(action))]
    ends = [_end(action) for action in begun]
    has_ended = all(
        states.has_ended(action.state) or proofs.place_kind(action)
        for action in actions
    )
    note = f'went on at {now:%Y-%m-%d %H:%M:%S} after a restart'
    if not starts:
        note += ', its time is counted from there'
    return Resumption(
        started_ago=_seconds(min(starts, default=now), now),
        ended_ago=_seconds(max(ends), now) if has_ended else 0.0,
        note=note,
    )


def tasks_of(
    actions, weights: Mapping[str, int]
) -> dict[str, scheduling.Task]:
    """Return what is scheduled of each action, by its UUID.

    What has ended already waits for nothing, and what has failed before comes
    last.

    :param weights: the planner's, by action type.
    """
    ended = {one.uuid for one in actions if states.has_ended(one.state)}
    failed = {one.uuid for one in actions if _has_failed(one)}
    plan = tasks.of_plan(actions, weights)
    return {
        task.id: dataclasses.replace(task, is_deferred=task.id in failed)
        for task in tasks.without_parents(plan, ended)
    }


def seconds_since(begun_at: str) -> float:
    """Return how long ago an action has begun, in seconds.

    :param begun_at: ``2026-11-28 03:14:05``, UTC.
    """
    begun = datetime.datetime.strptime(begun_at, _FORMAT)
    return _seconds(begun, timeutils.utcnow())


def _has_failed(action) -> bool:
    """Whether an earlier attempt of a move has failed."""
    told = action_text.read(action.status_message or '')
    is_ours = action.action_type in planned_actions.ACTION_TYPES
    return is_ours and bool(attempts.read(told.text))


def _was_begun(action) -> bool:
    """Whether an action was begun, or may have been, as far as it tells."""
    told = action_text.read(action.status_message or '')
    return action.state in _BEGUN or Before(action).may_have_begun or (
        action.state == states.CANCELLED and told.took is not None
    )


def _start(action) -> datetime.datetime | None:
    """Return when the plan had begun by then; None where it is not told."""
    told = action_text.read(action.status_message or '')
    if told.since:
        return datetime.datetime.strptime(told.since, _FORMAT)
    if told.took is None:
        return None
    # It waits from the start of the plan.
    return _end(action) - datetime.timedelta(seconds=told.took + told.waited)


def _end(action) -> datetime.datetime:
    """Return when an action was changed last."""
    changed = action.updated_at or action.created_at
    return timeutils.normalize_time(changed)


def _seconds(since: datetime.datetime, now: datetime.datetime) -> float:
    """Return the seconds between two times, 0 where a clock was set back."""
    return max((now - since).total_seconds(), 0.0)
