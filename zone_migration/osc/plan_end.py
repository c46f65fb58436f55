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

from collections.abc import Iterable
from collections.abc import Sequence
import shlex

from zone_migration.logic import messages
from zone_migration.logic.outcome import disabled_services
from zone_migration.logic.outcome import pins
from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary_reader
from zone_migration.logic.schedule import host_changes
from zone_migration.osc import exit_codes
from zone_migration.osc import moves
from zone_migration.osc import plan_progress
from zone_migration.osc import plan_sums
from zone_migration.osc import plan_view
from zone_migration.osc import records
from zone_migration.osc import terminal

#: How many items are named with the same reason; the report names all.
_NAMED = 20

#: How Watcher says that it has cancelled a plan whose applier was stopped.
_BY_WATCHER = 'because Applier '


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
    plan: records.Plan,
    actions: Sequence[records.Action],
    name: str,
    columns: int | None = None,
) -> list[str]:
    """What a plan has come to.

    :param name: what the plan is called by.
    :param columns: of the terminal; None where it is none, and each line is
        to be found by the name that it is about.
    """
    ended = summary_reader.ended(plan.message)
    told = [
        f'{messages.escaped(name)}: {plan.state}',
        ', '.join(
            filter(
                None, [*plan_sums.of_moves(actions), plan_sums.capped(plan)]
            )
        ),
        ', '.join(
            plan_sums.of_hosts(
                action
                for action in actions
                if not summary_reader.is_enabled_again(
                    action.name, plan.message
                )
            )
        ),
        messages.escaped(
            summary_reader.without_failure(
                ended.rest,
                (
                    messages.escaped(action.name)
                    for action in actions
                    if action.state == states.FAILED
                ),
            )
        ),
        f'It took {ended.took}.' if ended.took else '',
        *_not_moved(actions, name, is_grouped=columns is not None),
        *_not_empty(actions),
        *left_unpinned(
            (_name(action), messages.escaped(action.message))
            for action in actions
            if action.state == states.SUCCEEDED
        ),
    ]
    told = [terminal.wrapped(line, columns) for line in told if line]
    commands = _still_disabled(plan, actions)
    commands['Details:'] = command_line('report', name)
    code = exit_code(plan, actions)
    if code != exit_codes.OK or plan_sums.capped(plan):
        commands['What is left:'] = command_line('retry', name)
    return told + [
        terminal.with_command(words, command, columns)
        for words, command in commands.items()
    ]


def _not_moved(
    actions: Iterable[records.Action], plan: str, is_grouped: bool
) -> list[str]:
    """Name what was not moved, with the reasons, those that failed first.

    :param plan: what the plan is called by.
    :param is_grouped: whether each reason is told once, before its items, and
        not beside each of them.
    """
    actions = list(actions)
    left = [
        action
        for action in actions
        if plan_progress.is_not_moved(action)
        and not plan_progress.was_not_started(action)
    ]
    left.sort(key=lambda one: (one.state != states.FAILED, one.name))
    groups: dict[str, list[records.Action]] = {}
    for action in left:
        groups.setdefault(reason(action), []).append(action)
    told = ['Not moved:'] if left else []
    for why, group in groups.items():
        name = _name if is_grouped and len(group) > 1 else item
        names = [name(action) for action in group[:_NAMED]]
        if len(group) > _NAMED:
            names.append(f'and {len(group) - _NAMED} more')
        if is_grouped:
            told += [f'  {why}', f'    {", ".join(names)}']
        else:
            told += [f'  {one}: {why}' for one in names]
        remedy = plan_progress.remedy(group[0], plan)
        if remedy:
            told.append(f'    Remedy: {remedy}.')
    return told + _not_started(actions)


def _not_empty(actions: Iterable[records.Action]) -> list[str]:
    """Name the places that are not empty, with what is there.

    And those that could not be looked at, with the reason.
    """
    actions = [one for one in actions if plan_progress.is_proof(one)]
    told = []
    for outcome in (moves.NOT_EMPTY, moves.NOT_CHECKED):
        found = [
            f'  {_name(action)}: {moves.reason_of(action)}'
            for action in actions
            if moves.outcome_of(action) == outcome and action.message
        ]
        if len(found) > _NAMED:
            found[_NAMED:] = [f'  and {len(found) - _NAMED} more']
        if found:
            told += [f'{outcome.capitalize()}:', *found]
    return told


def left_unpinned(moved: Iterable[tuple[str, str]]) -> list[str]:
    """Name the servers that have moved, and were not pinned again.

    :param moved: their names, and what is told of them.
    """
    lost = []
    remedy = ''
    for name, text in moved:
        told = pins.told(text)
        if found := pins.remedy(told):
            # The same for all.
            remedy = found
            lost.append(f'{name}: {told}')
    if len(lost) > _NAMED:
        lost[_NAMED:] = [f'and {len(lost) - _NAMED} more']
    return [*lost, f'  Remedy: {remedy}.'] if lost else []


def _not_started(actions: Iterable[records.Action]) -> list[str]:
    """Name the servers and volumes that a plan has not come to."""
    names = sorted(
        _name(action)
        for action in actions
        if not plan_progress.is_of_place(action)
        and (
            action.state == states.PENDING
            or plan_progress.was_not_started(action)
        )
    )
    if len(names) > _NAMED:
        names[_NAMED:] = [f'and {len(names) - _NAMED} more']
    return [f'Not started: {", ".join(names)}'] if names else []


def _still_disabled(
    plan: records.Plan, actions: Iterable[records.Action]
) -> dict[str, str]:
    """The command for the hosts that stay disabled, by what it is for.

    None after a cancelled plan, which leaves hosts as it has found them,
    unless Watcher has cancelled it when its applier started again.
    """
    hosts = [
        messages.escaped(action.name)
        for action in actions
        if plan_progress.is_of_host(action)
        and action.parameters.get('state') == host_changes.DISABLED
        and (
            action.state == states.SUCCEEDED
            or (
                action.state == states.SKIPPED
                and disabled_services.was_ours(action.message)
            )
        )
    ]
    is_undone = plan.state == 'CANCELLED' and _BY_WATCHER not in plan.message
    if not hosts or is_undone:
        return {}
    named = ' '.join(map(shlex.quote, hosts[:_NAMED]))
    words = f'Disabled until you enable them: {plan_view.first_names(hosts)}:'
    return {words: f'openstack optimize zone hosts --enable {named}'}


def item(action: records.Action) -> str:
    """The resource of an action, and its way.

    >>> item(records.Action('', 'live_migration', 'FAILED', '', {
    ...     'resource_name': 'web-1', 'source': 'c1'}, (), ''))
    'web-1 (live migration, from c1)'
    """
    if plan_progress.is_of_place(action):
        return _name(action)
    parts = plan_progress.type_words(action), plan_progress.route(action)
    what = ', '.join(filter(None, parts))
    return f'{_name(action)} ({messages.escaped(what)})'


def _name(action: records.Action) -> str:
    """The name of the resource of an action."""
    is_place = plan_progress.is_of_place(action)
    kind = f'{plan_progress.place(action)} ' if is_place else ''
    return kind + messages.escaped(action.name)


def reason(action: records.Action) -> str:
    """What became of an action, and why."""
    text = moves.reason_of(action)
    outcome = moves.outcome_of(action)
    return f'{outcome}: {text}' if text else outcome


def command_line(verb: str, name: str) -> str:
    """A command about a plan, as it is typed.

    >>> command_line('watch', 'rack 12')
    "openstack optimize zone watch 'rack 12'"
    """
    quoted = shlex.quote(messages.escaped(name))
    return f'openstack optimize zone {verb} {quoted}'
