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

"""The sums of a plan: what became of its servers, volumes and hosts.

Servers and volumes are counted, and hosts that the plan disables or enables
apart from them.
"""

import collections
from collections.abc import Iterable

from zone_migration.logic.outcome import attempts
from zone_migration.logic.outcome import downtime
from zone_migration.logic.outcome import skips
from zone_migration.logic.outcome import states
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import proofs
from zone_migration.osc import moves
from zone_migration.osc import plan_progress
from zone_migration.osc import records

#: What becomes of servers and volumes, in the order in which it is told.
_OF_MOVES = (
    'moved',
    #: Of what moves nothing, in plans of other strategies.
    'done',
    skips.THERE,
    'failed',
    skips.CANNOT,
    skips.LEFT_OUT,
    skips.SKIPPED,
    'cancelled',
    #: Nobody has told of its end.
    'running',
    'not started',
)

#: What becomes of hosts and backends, of one and of several.
_OF_HOSTS = {
    **{
        f'{kind.short} {outcome}': (
            f'{kind.short} {one}',
            f'{kind.short}s {several}',
        )
        for outcome, one, several in (
            (host_changes.DISABLED,) * 3,
            (host_changes.ENABLED,) * 3,
            ('stays', 'stays as it is', 'stay as they are'),
            ('left', 'not changed', 'not changed'),
        )
        for kind in host_changes.KINDS
    },
    **{
        f'{place} {outcome}': (f'{place} {outcome}', f'{place}s {outcome}')
        for place in (proofs.HOST, proofs.POOL)
        for outcome in moves.OF_PROOFS
    },
}


def of_moves(actions: Iterable[records.Action]) -> list[str]:
    """How many servers and volumes have come to each end.

    What waits still, of a plan that has ended, was not started.  And how many
    of the servers were down for a while, and of all were tried again.
    """
    actions = list(actions)
    counts = collections.Counter(
        _of_move(action)
        for action in actions
        if not plan_progress.is_of_place(action)
    )
    told = [f'{counts[word]} {word}' for word in _OF_MOVES if counts[word]]
    down = sum(bool(downtime.read(action.message)) for action in actions)
    again = sum(attempts.number(action.message) > 1 for action in actions)
    for count, what in ((down, 'with downtime'), (again, 'tried again')):
        if count:
            told.append(f'{count} {what}')
    return told


def capped(plan: records.Plan) -> str:
    """How many max_items has left out of a plan; '' for none."""
    number = int(plan.indicators.get('left_out', 0))
    return f'{number} more left out by max_items' if number else ''


def of_hosts(actions: Iterable[records.Action]) -> list[str]:
    """How many hosts, backends and pools have come to each end."""
    counts = collections.Counter(
        _of_host(action)
        for action in actions
        if plan_progress.is_of_place(action)
    )
    return [
        f'{counts[key]} {words[counts[key] > 1]}'
        for key, words in _OF_HOSTS.items()
        if counts[key]
    ]


def _of_move(action: records.Action) -> str:
    """The word for what became of a server or volume."""
    if action.state == states.SUCCEEDED:
        moves = action.type in planned_actions.ACTION_TYPES
        return 'moved' if moves else 'done'
    if plan_progress.is_running(action):
        return 'running'
    if plan_progress.is_skipped(action):
        return skips.kind(action.message)
    if action.state == states.FAILED:
        return 'failed'
    was_not_started = plan_progress.was_not_started(action)
    if was_not_started or action.state == states.PENDING:
        return 'not started'
    return 'cancelled'


def _of_host(action: records.Action) -> str:
    """The key of what became of a host, or of what was seen there."""
    place = plan_progress.place(action)
    if plan_progress.is_proof(action):
        return f'{place} {moves.outcome_of(action)}'
    if action.state == states.SUCCEEDED:
        return f'{place} {action.parameters.get("state")}'
    outcome = 'stays' if plan_progress.is_skipped(action) else 'left'
    return f'{place} {outcome}'
