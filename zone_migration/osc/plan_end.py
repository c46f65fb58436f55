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

"""The last words of a view: what a plan has come to, and what to do next."""

import collections
from collections.abc import Iterable
from collections.abc import Sequence
import shlex

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import remedies
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import host_changes
from zone_migration.osc import exit_codes
from zone_migration.osc import plan_progress
from zone_migration.osc import plan_view
from zone_migration.osc import records

#: How many items are named with their reasons; the report names all.
_NAMED = 20


def exit_code(plan: records.Plan, actions: Iterable[records.Action]) -> int:
    """The exit code of a plan that has ended."""
    if plan.state == 'CANCELLED':
        return exit_codes.CANCELLED
    if plan.state != 'SUCCEEDED' or any(
        action.state in (states.PENDING, states.ONGOING)
        or plan_progress.is_not_moved(action)
        for action in actions
    ):
        return exit_codes.INCOMPLETE
    return exit_codes.OK


def lines(
    plan: records.Plan, actions: Sequence[records.Action], name: str
) -> list[str]:
    """What a plan has come to.

    :param name: what the plan is called by.
    """
    told = [f'{messages.escaped(name)}: {plan.state}']
    if plan.message:
        told.append(messages.escaped(plan.message))
    counts = collections.Counter(_outcome(action) for action in actions)
    told.append(
        ', '.join(
            _counted(counts[word], word) for word in _OUTCOMES if counts[word]
        )
    )
    told += _not_moved(actions)
    told += _still_disabled(plan, actions)
    told.append(f'Details: {command_line("report", name)}')
    if exit_code(plan, actions) != exit_codes.OK:
        told.append(f'What is left: {command_line("retry", name)}')
    return [line for line in told if line]


_STAYS = 'host stays as it is'

_OUTCOMES = (
    'done',
    'already there',
    'failed',
    'cannot be moved',
    'left out',
    'skipped',
    'cancelled',
    'not started',
    _STAYS,
)


def _counted(count: int, word: str) -> str:
    """An outcome, and how many actions had it."""
    if word == _STAYS and count > 1:
        word = 'hosts stay as they are'
    return f'{count} {word}'


def _outcome(action: records.Action) -> str:
    """The word for what became of an action."""
    if action.state == states.SUCCEEDED:
        return 'done'
    if action.state == states.SKIPPED:
        if plan_progress.stays_as_it_is(action):
            return _STAYS
        if not plan_progress.is_not_moved(action):
            return 'already there'
        if action.message.startswith(action_text.BY_USER):
            return 'left out'
        return 'skipped' if action.updated_at else 'cannot be moved'
    if action.state == states.FAILED:
        return 'failed'
    if plan_progress.was_not_started(action) or action.state == states.PENDING:
        return 'not started'
    return 'cancelled'


def _not_moved(actions: Iterable[records.Action]) -> list[str]:
    """Name what was not moved, with the reasons, those that failed first."""
    left = [
        action
        for action in actions
        if plan_progress.is_not_moved(action)
        and not plan_progress.was_not_started(action)
    ]
    left.sort(key=lambda action: action.state != states.FAILED)
    told = ['Not moved:'] if left else []
    for action in left[:_NAMED]:
        told.append(f'  {item(action)}: {reason(action)}')
        remedy = remedies.of(plan_progress.why(action))
        if remedy:
            told.append(f'    Remedy: {remedy}.')
    if len(left) > _NAMED:
        told.append(f'  and {len(left) - _NAMED} more.')
    return told


def _still_disabled(
    plan: records.Plan, actions: Iterable[records.Action]
) -> list[str]:
    """That the hosts of a plan that was not cancelled stay disabled."""
    hosts = [
        messages.escaped(action.name)
        for action in actions
        if action.type == host_changes.CHANGE_STATE
        and action.state == states.SUCCEEDED
        and action.parameters.get('state') == host_changes.DISABLED
    ]
    if not hosts or plan.state == 'CANCELLED':
        return []
    named = ' '.join(map(shlex.quote, hosts[:_NAMED]))
    return [
        'Disabled until you enable them again: '
        f'{plan_view.first_names(hosts)}: '
        f'openstack optimize zone hosts --enable {named}'
    ]


def item(action: records.Action) -> str:
    """The resource of an action, and its way.

    >>> item(records.Action('', 'live_migration', 'FAILED', '', {
    ...     'resource_name': 'web-1', 'source': 'c1'}, (), ''))
    'web-1 (live_migration, from c1)'
    """
    what = ', '.join(
        part for part in (action.type, plan_progress.route(action)) if part
    )
    return f'{messages.escaped(action.name)} ({messages.escaped(what)})'


def reason(action: records.Action) -> str:
    """The state of an action, and why it is in it."""
    text = messages.escaped(plan_progress.why(action))
    return f'{action.state}: {text}' if text else action.state


def command_line(verb: str, name: str) -> str:
    """A command about a plan, as it is typed.

    >>> command_line('watch', 'rack 12')
    "openstack optimize zone watch 'rack 12'"
    """
    quoted = shlex.quote(messages.escaped(name))
    return f'openstack optimize zone {verb} {quoted}'
