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

"""The moves of a plan, in words and with their times."""

from collections.abc import Mapping
import dataclasses
import datetime
from typing import Any

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import emptiness_reader
from zone_migration.logic.outcome import route
from zone_migration.logic.outcome import skips
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import host_changes
from zone_migration.osc import options
from zone_migration.osc import plan_progress
from zone_migration.osc import records

FAILED = 'failed'
CANNOT = skips.CANNOT
SKIPPED = skips.SKIPPED
CANCELLED = 'cancelled'
NOT_STARTED = 'not started'
LEFT_OUT = skips.LEFT_OUT
RUNNING = 'running'
MOVED = 'moved'
#: Of an action that moves nothing.
DONE = 'done'
#: Of a host that a cancelled plan had disabled.
ENABLED_AGAIN = 'enabled again'
#: Of a host whose change was SKIPPED: somebody else has seen to it.
STAYS = 'stays as it is'
ALREADY_THERE = skips.THERE
NOT_EMPTY = 'not empty'
NOT_CHECKED = 'not checked'
AS_PLANNED = 'empty but for what stays'
EMPTY = 'empty'

#: What can come of a look at a place.
OF_PROOFS = (EMPTY, AS_PLANNED, NOT_EMPTY, NOT_CHECKED)

#: What needs a person comes first.
OUTCOMES = (
    FAILED,
    NOT_EMPTY,
    NOT_CHECKED,
    CANNOT,
    SKIPPED,
    CANCELLED,
    NOT_STARTED,
    LEFT_OUT,
    RUNNING,
    MOVED,
    DONE,
    host_changes.DISABLED,
    host_changes.ENABLED,
    ENABLED_AGAIN,
    STAYS,
    ALREADY_THERE,
    AS_PLANNED,
    EMPTY,
)

#: Those of what has run and ended.
_HAS_RUN = (
    FAILED,
    CANCELLED,
    MOVED,
    DONE,
    host_changes.DISABLED,
    host_changes.ENABLED,
    NOT_EMPTY,
    AS_PLANNED,
    EMPTY,
)

#: What the engine says of where something has failed, and what that means.
_PHASES = {
    'Action failed in execute: not empty: ': '',
    'Action failed in pre_condition: ': 'not started: ',
    'Action failed in execute: ': '',
    'Action failed in post_condition: ': '',
    'Action was skipped automatically: ': '',
    f'{action_text.BY_USER}. Reason: ': '',
    f'{action_text.BY_USER}.': '',
    action_text.BY_USER: '',
}

_SERVERS = (
    'live_migration',
    'cold_migration',
    'shelve_offload',
    'confirm_resize',
)
_VOLUMES = ('volume_migration', 'volume_retype', 'volume_update')


@dataclasses.dataclass(frozen=True)
class Move:
    """An action of a plan, and what became of it."""

    #: One of :data:`OUTCOMES`.
    outcome: str
    type: str
    name: str
    id: str
    project_id: str
    #: Its name, where that is known.
    project: str
    source: str
    #: Where it went, or was to go; '' where Nova or Cinder chooses.
    destination: str
    #: The volume type that it was to have, '' for none.
    wanted_type: str
    #: UTC; None for what has not begun, or does not tell.
    began: datetime.datetime | None
    #: UTC; None for what has not run, or still does.
    ended: datetime.datetime | None
    #: How long it ran, so far, in seconds; None where that is not told.
    took: float | None
    #: How long it waited before, in seconds, and for what.
    waited: float
    waited_for: str
    #: The message, without the times.
    text: str
    action_id: str
    #: What it leaves: 'host', 'pool', or '' for what moves nothing.
    leaves: str
    #: ``host`` or ``pool`` for what is about one and moves nothing, or ''.
    place: str

    @property
    def goal(self) -> str:
        """Where it went, or was to go, in words."""
        if self.destination or not self.wanted_type:
            return self.destination
        return f'type {self.wanted_type}'


def of_action(
    action: records.Action,
    projects: Mapping[str, str],
    latest: datetime.datetime,
) -> Move:
    """What became of an action.

    :param latest: until when one that runs is known to do so, UTC.
    """
    told = action_text.read(action.message)
    parameters = action.parameters
    outcome = outcome_of(action)
    began, ended = _times(outcome, action, told)
    project_id = messages.escaped(str(parameters.get('project_id') or ''))
    took = told.took
    if outcome == RUNNING and began:
        took = max((latest - began).total_seconds(), 0.0)
    way = route.read(told.text)
    return Move(
        outcome=outcome,
        type=plan_progress.type_words(action),
        name=messages.escaped(action.name),
        id=messages.escaped(action.resource_id),
        project_id=project_id,
        project=messages.escaped(projects.get(project_id, project_id)),
        source=messages.escaped(
            str(parameters.get('source') or way.source),
        ),
        destination=messages.escaped(
            way.destination or _destination(parameters)
        ),
        wanted_type=messages.escaped(str(parameters.get('dst_type') or '')),
        began=began,
        ended=ended,
        took=took,
        waited=told.waited,
        waited_for=messages.escaped(told.waited_for),
        text=messages.escaped(told.text),
        action_id=action.uuid,
        leaves='host'
        if action.type in _SERVERS
        else 'pool'
        if action.type in _VOLUMES
        else '',
        place=plan_progress.place(action)
        if plan_progress.is_of_place(action)
        else '',
    )


def outcome_of(action: records.Action) -> str:
    """What became of an action, one of :data:`OUTCOMES`."""
    if plan_progress.is_proof(action) and states.has_ended(action.state):
        return _seen(action)
    if action.state == states.SUCCEEDED:
        if action.type in host_changes.TYPES:
            state = action.parameters.get('state')
            changes = (host_changes.DISABLED, host_changes.ENABLED)
            return str(state) if state in changes else DONE
        return MOVED if action.type in (*_SERVERS, *_VOLUMES) else DONE
    if plan_progress.is_skipped(action):
        if action.type in host_changes.TYPES:
            return STAYS
        return skips.kind(action_text.read(action.message).text)
    if action.state == states.CANCELLED:
        never = plan_progress.was_not_started(action)
        return NOT_STARTED if never else CANCELLED
    return {
        states.FAILED: FAILED,
        states.ONGOING: RUNNING,
        states.CANCELLING: RUNNING,
    }.get(action.state, NOT_STARTED)


def _seen(action: records.Action) -> str:
    """What an action that has looked at a place has seen."""
    if emptiness_reader.is_empty(action.message):
        return EMPTY
    if emptiness_reader.is_as_planned(action.message):
        return AS_PLANNED
    is_known = emptiness_reader.remaining(action.message) is not None
    return NOT_EMPTY if is_known else NOT_CHECKED


def _times(
    outcome: str, action: records.Action, told: action_text.ActionText
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """When an action began and ended.

    Watcher keeps its last change: that is the end of one that has ended.
    """
    if outcome == RUNNING:
        return parsed(told.since), None
    if outcome not in _HAS_RUN:
        return None, None
    ended = parsed(action.updated_at)
    if ended is None:
        return None, None
    if told.took is None:
        # What an applier has left says since when it ran.
        began = parsed(told.since)
        return began and min(began, ended), ended
    return ended - datetime.timedelta(seconds=told.took), ended


def parsed(text: str) -> datetime.datetime | None:
    """A time of Watcher's, in UTC; None where it is none.

    >>> parsed('2026-11-28T03:14:05+00:00').isoformat()
    '2026-11-28T03:14:05+00:00'
    """
    try:
        when = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    except ValueError:
        return None
    if when.tzinfo is None:
        return when.replace(tzinfo=datetime.timezone.utc)
    return when.astimezone(datetime.timezone.utc)


def _destination(parameters: Mapping[str, Any]) -> str:
    """Where an action was to move its resource; '' where it was not named."""
    place = parameters.get('dst_hostname') or parameters.get('expected_pool')
    return str(place or '')


def reason(move: Move) -> str:
    """Why it was not moved, without what the outcome tells already."""
    return _without_phase(move.text)


def reason_of(action: records.Action) -> str:
    """Why an action has not moved anything, as :func:`reason`."""
    text = action_text.read(action.message).text
    return _without_phase(messages.escaped(text))


def _without_phase(text: str) -> str:
    """A message without what the outcome tells already."""
    text = options.as_options(text)
    for phase, words in _PHASES.items():
        if text.startswith(phase):
            return words + text.removeprefix(phase)
    return text
