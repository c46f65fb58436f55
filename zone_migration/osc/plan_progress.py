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

"""The state of an action of a plan, from what Watcher lists of it."""

import re

from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import downtime
from zone_migration.logic.outcome import remedies
from zone_migration.logic.outcome import route as routes
from zone_migration.logic.outcome import skips
from zone_migration.logic.outcome import states
from zone_migration.logic.preflight import already_there
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import proofs
from zone_migration.osc import options
from zone_migration.osc import records

#: The states in which a plan is no more run.
PLAN_ENDED = ('SUCCEEDED', 'FAILED', 'CANCELLED', 'SUPERSEDED', 'DELETED')

#: What the message of an action begins with that is tried once more.
ANOTHER_TRY = 'waits until'

#: What the message of an action begins with that the cancelling of its plan
#: has found waiting.
_NOT_STARTED = (
    'not started',
    'cancelled before it was started',
    action_text.WAITS,
)

#: What Watcher and the engine put before a reason.
_BEFORE_REASON = re.compile(
    r'^Action (failed in \w+|was skipped automatically): '
)

_MEMORY = re.compile(r',? ?memory .*? left')


def is_of_host(action: records.Action) -> bool:
    """Whether an action disables or enables a host or backend."""
    return action.type in host_changes.TYPES


def is_proof(action: records.Action) -> bool:
    """Whether an action looks whether a host or pool is empty."""
    return action.type == proofs.VERIFY_EMPTY


def is_of_place(action: records.Action) -> bool:
    """Whether an action is about a host or pool, and moves nothing."""
    return is_of_host(action) or is_proof(action)


def place(action: records.Action) -> str:
    """What an action is about that moves nothing.

    ``host``, ``pool`` or ``backend``.
    """
    if action.type == host_changes.CHANGE_BACKEND:
        return host_changes.BACKEND.short
    return str(action.parameters.get('place') or 'host')


def type_words(action: records.Action) -> str:
    """What an action does, in plain words.

    >>> type_words(records.Action('', 'live_migration', '', '', {}, (), ''))
    'live migration'
    >>> type_words(records.Action('', 'live_migration', 'SUCCEEDED',
    ...     'migrated from c1 to c2 (down for 12 s) in 20.3 s', {}, (), ''))
    'cold migration, down for 12 s'
    """
    down = downtime.read(action.message)
    if down or action.parameters.get('downtime'):
        return f'cold migration, {down or "with downtime"}'
    if is_of_host(action):
        is_enabled = action.parameters.get('state') == host_changes.ENABLED
        return f'{"enable" if is_enabled else "disable"} {place(action)}'
    if is_proof(action):
        return f'check {place(action)}'
    return action.type.replace('_', ' ')


def is_skipped(action: records.Action) -> bool:
    """Whether an action is SKIPPED, or was when its plan was cancelled."""
    return action.state == states.SKIPPED or (
        action.state == states.CANCELLED and skips.is_kept(action.message)
    )


def skipped_before(action: records.Action) -> bool:
    """Whether an action was SKIPPED before its plan was started."""
    if action.state == states.CANCELLED:
        return is_skipped(action)
    return action.state == states.SKIPPED and (
        not action.updated_at or action.message.startswith(action_text.BY_USER)
    )


def is_running(action: records.Action) -> bool:
    """Whether an action runs, or is being stopped."""
    return action.state in (states.ONGOING, states.CANCELLING)


def is_not_moved(action: records.Action) -> bool:
    """Whether an ended action has not brought what was asked for.

    One that looks at a place brings nothing.
    """
    if is_proof(action):
        return False
    if is_skipped(action):
        return not stays_as_it_is(action) and not already_there.is_told(
            action.message
        )
    return action.state in (states.FAILED, states.CANCELLED)


def stays_as_it_is(action: records.Action) -> bool:
    """Whether an action has left a host enabled or disabled as it was.

    Somebody else has disabled it, for instance: that keeps no move back.
    """
    return is_skipped(action) and is_of_host(action)


def was_not_started(action: records.Action) -> bool:
    """Whether the cancelling of the plan has kept an action from starting."""
    return action.state == states.CANCELLED and (
        not action.message or action.message.startswith(_NOT_STARTED)
    )


def phase(action: records.Action) -> tuple[str, str]:
    """The state and text of an action, without figures that go on changing.

    Two listings with the same phase are one line for who reads lines.
    """
    if action.message.startswith(action_text.WAITS):
        return action.state, ''
    text = action_text.read(action.message).text
    return action.state, _MEMORY.sub('', text)


def without_phase(message: str) -> str:
    """A message without where something has failed, which is no reason.

    >>> without_phase('Action failed in execute: no route (after 3.0 s)')
    'no route (after 3.0 s)'
    """
    return _BEFORE_REASON.sub('', message)


def why(action: records.Action) -> str:
    """The message of an action, without how long it took.

    >>> why(records.Action('', '', 'FAILED', 'Action failed in execute: no '
    ...     'route (after 3.0 s)', {}, (), ''))
    'no route'
    """
    text = without_phase(action_text.read(action.message).text)
    return options.as_options(text)


def remedy(action: records.Action, plan: str) -> str:
    """What is to be done about an action that has moved nothing.

    :param plan: what the plan is called by.
    """
    zone = str(action.parameters.get('unpin_from') or '')
    return remedies.of(why(action), plan, zone)


def route(action: records.Action) -> str:
    """From where to where an action moves its server or volume.

    >>> route(records.Action('', 'live_migration', 'PENDING', '', {
    ...     'source': 'c1', 'dst_hostname': 'c2'}, (), ''))
    'c1 -> c2'

    A destination that Nova or Cinder has chosen is in the message.
    """
    given = action.parameters
    told = routes.read(action_text.read(action.message).text)
    source = str(given.get('source') or told.source)
    target = str(
        given.get('dst_hostname') or given.get('dst_type') or told.destination
    )
    if source and target:
        return f'{source} -> {target}'
    if source or target:
        return f'from {source}' if source else f'to {target}'
    return str(given.get('state') or '')
