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

"""The state of a watched plan, from what Watcher lists of it."""

import collections
from collections.abc import Iterable
import dataclasses
import re

from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import states
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.preflight import already_there
from zone_migration.logic.schedule import host_changes
from zone_migration.osc import options
from zone_migration.osc import records

#: The states in which a plan is no more run.
PLAN_ENDED = ('SUCCEEDED', 'FAILED', 'CANCELLED', 'SUPERSEDED', 'DELETED')

#: What the message of an action begins with that is tried once more, and how
#: many of them are shown.
_ANOTHER_TRY = 'waits until'
_RETRIED = 3

#: What the message of an action begins with that the cancelling of its plan
#: has found waiting.
_NOT_STARTED = (
    'not started',
    'cancelled before it was started',
    action_text.WAITS,
    _ANOTHER_TRY,
)

#: What the engine writes into the message of one that has run before.
_TRIED = ' (tried '

#: What Watcher and the engine put before a reason.
_BEFORE_REASON = re.compile(
    r'^Action (failed in \w+|was skipped automatically): '
)

_TO_GO = re.compile(r'about .+? to go')
_MEMORY = re.compile(r',? ?memory .* left')


@dataclasses.dataclass(frozen=True)
class Picture:
    """A plan, and counts of its actions, at one moment."""

    plan: records.Plan
    #: How many are to be done, but for those skipped before the start.
    total: int
    #: Of these, how many have ended, by state.
    ended: collections.Counter[str]
    #: Those that run, the longest running first.
    running: tuple[records.Action, ...]
    #: Those that wait.
    pending: tuple[records.Action, ...]

    @property
    def done(self) -> int:
        """How many have ended."""
        return self.ended.total()

    @property
    def time_left(self) -> str:
        """How long it takes yet, in the engine's words; '' if not told."""
        found = _TO_GO.search(self.plan.message)
        return found.group() if found else ''

    @property
    def notes(self) -> list[str]:
        """What else the engine says: limits, what waits, who is away."""
        if self.plan.state not in ('ONGOING', 'CANCELLING'):
            return []
        notes = self.plan.message.split('; ')[1:]
        if not any(' wait' in note for note in notes):
            notes += self._waits()
        retried = [
            f'{action.name} {action.message}'
            for action in self.pending
            if action.message.startswith(_ANOTHER_TRY)
        ]
        if len(retried) > _RETRIED:
            retried[_RETRIED:] = [f'{len(retried) - _RETRIED} more like these']
        return notes + retried

    def _waits(self) -> list[str]:
        """How many wait for which limits, as the actions say."""
        counts = collections.Counter(
            action.message.removeprefix(action_text.WAITS)
            for action in self.pending
            if action.message.startswith(action_text.WAITS)
        )
        words = [f'{text} ({n})' for text, n in counts.most_common()]
        if not words:
            return []
        return [f'{len(self.pending)} wait: {", ".join(words)}']


class PlanProgress:
    """A plan and its actions, as they were listed last."""

    def __init__(self, plan: records.Plan) -> None:
        self.plan = plan
        #: By UUID, in the order of the plan.
        self.actions: dict[str, records.Action] = {}

    def update(self, listed: Iterable[records.Action]) -> list[records.Action]:
        """Take over what was listed, and return those that have changed.

        Those that are listed for the first time have changed, too.
        """
        changed = [
            action
            for action in listed
            if self.actions.get(action.uuid) != action
        ]
        changed.sort(key=lambda action: action.updated_at)
        self.actions.update((action.uuid, action) for action in changed)
        return changed

    def picture(self) -> Picture:
        """How it stands."""
        counted = [
            action
            for action in self.actions.values()
            if not skipped_before(action)
        ]
        running = [action for action in counted if is_running(action)]
        running.sort(
            key=lambda action: action_text.read(action.message).since or '~'
        )
        return Picture(
            plan=self.plan,
            total=len(counted),
            ended=collections.Counter(
                action.state
                for action in counted
                if states.has_ended(action.state)
            ),
            running=tuple(running),
            pending=tuple(
                action for action in counted if action.state == states.PENDING
            ),
        )


def skipped_before(action: records.Action) -> bool:
    """Whether an action was SKIPPED before its plan was started."""
    return action.state == states.SKIPPED and (
        not action.updated_at or action.message.startswith(action_text.BY_USER)
    )


def is_running(action: records.Action) -> bool:
    """Whether an action runs, or is being stopped."""
    return action.state in (states.ONGOING, states.CANCELLING)


def is_not_moved(action: records.Action) -> bool:
    """Whether an ended action has not brought what was asked for."""
    if action.state == states.SKIPPED:
        return not stays_as_it_is(action) and not already_there.is_told(
            action.message
        )
    return action.state in (states.FAILED, states.CANCELLED)


def stays_as_it_is(action: records.Action) -> bool:
    """Whether an action has left a host enabled or disabled as it was.

    Somebody else has disabled it, for instance: that keeps no move back.
    """
    return (
        action.state == states.SKIPPED
        and action.type == host_changes.CHANGE_STATE
    )


def was_not_started(action: records.Action) -> bool:
    """Whether the cancelling of the plan has kept an action from starting."""
    return action.state == states.CANCELLED and (
        not action.message
        or (
            action.message.startswith(_NOT_STARTED)
            and _TRIED not in action.message
        )
    )


def phase(action: records.Action) -> tuple[str, str]:
    """The state and text of an action, without figures that go on changing.

    Two listings with the same phase are one line for who reads lines.
    """
    if action.message.startswith(action_text.WAITS):
        return action.state, ''
    text = action_text.read(action.message).text
    return action.state, _MEMORY.sub('', text)


def why(action: records.Action) -> str:
    """The message of an action, without how long it took.

    >>> why(records.Action('', '', 'FAILED', 'Action failed in execute: no '
    ...     'route (after 3.0 s)', {}, (), ''))
    'no route'
    """
    text = action_text.read(action.message).text
    return options.as_options(_BEFORE_REASON.sub('', text))


def route(action: records.Action) -> str:
    """From where to where an action moves its server or volume.

    >>> route(records.Action('', 'live_migration', 'PENDING', '', {
    ...     'source': 'c1', 'dst_hostname': 'c2'}, (), ''))
    'c1 -> c2'
    """
    source = str(action.parameters.get('source') or '')
    target = str(
        action.parameters.get('dst_hostname')
        or action.parameters.get('dst_type')
        or ''
    )
    if source and target:
        return f'{source} -> {target}'
    if source or target:
        return f'from {source}' if source else f'to {target}'
    return str(action.parameters.get('state') or '')


def share_done(
    action: records.Action, seconds: float | None
) -> tuple[float | None, bool]:
    """How much of a running move is done, and whether that is an estimate.

    What takes longer than expected is somewhere, and nobody knows where.  The
    memory of a live migration tells when its copy has begun; until then it
    waits for others of its host, however long it was expected to take.

    :param seconds: how long it has run, None when that is not known.
    :returns: None and True when nothing tells it.
    """
    copied = action_text.memory_copied(action.message)
    if copied is not None:
        return max(0.0, copied), False
    expected = float(action.parameters.get('expected_duration') or 0)
    if (
        action.type == planned_actions.LIVE_MIGRATION
        or seconds is None
        or seconds >= expected
    ):
        return None, True
    return seconds / expected, True
