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

"""A plan before it is started, as rows, reasons and sums."""

import collections
from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
import re

from zone_migration.logic import messages
from zone_migration.logic import units
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import remedies
from zone_migration.logic.outcome import summary_text
from zone_migration.logic.preflight import already_there
from zone_migration.logic.schedule import host_changes
from zone_migration.osc import options
from zone_migration.osc import plan_progress
from zone_migration.osc import plan_sums
from zone_migration.osc import plan_words
from zone_migration.osc import records

CANNOT = plan_words.CANNOT
LEFT_OUT = plan_words.LEFT_OUT
THERE = plan_words.THERE
STAYS = plan_words.STAYS
UNCHANGED = plan_words.UNCHANGED

SERVER = plan_words.SERVER
VOLUME = plan_words.VOLUME
HOST = plan_words.HOST

#: What Watcher writes where an operator has skipped an action.
_SKIPPED_BY_USER = re.compile(rf'^{action_text.BY_USER}\.( Reason: )?')

#: The message of a plan that was not started yet.
OUTLOOK = re.compile(r'^\d+ (to move|(host|backend)s? to enable)')
_EXCLUDED = re.compile(r'\b(\d+) excluded$')

#: How many names stand before a reason.
_NAMES = 5


@dataclasses.dataclass(frozen=True)
class PlannedItem:
    """A server, volume or host, and what will become of it."""

    #: For instance ``cannot move``, ``migrates live``.
    becomes: str
    #: server, volume or host
    type: str
    name: str
    #: The host or pool that it is on; '' where that is not known.
    source: str
    #: The host or pool that it goes to, or ``type <volume type>``; '' where
    #: none is named.
    destination: str
    #: Memory of a server, capacity of a volume, in MiB; None where that is
    #: not known.
    size_mb: int | None
    #: Why it does not move; '' where it does.
    reason: str
    id: str
    action_uuid: str
    project_id: str

    @property
    def moves(self) -> bool:
        """Whether the plan moves it."""
        return self.becomes in plan_words.MOVING

    @property
    def has_destination(self) -> bool:
        """Whether somebody has chosen, or chooses, where it goes to."""
        return self.moves and self.becomes not in plan_words.LEAVING


def rows(actions: Iterable[records.Action]) -> list[PlannedItem]:
    """What becomes of each item, grouped, what cannot move first.

    Not of the places that are looked at in the end: nothing becomes of them.
    """
    return sorted(
        (_item(one) for one in actions if not plan_progress.is_proof(one)),
        key=lambda item: (_order(item.becomes), item.name, item.id),
    )


def _order(becomes: str) -> int:
    """The place of a group among the others."""
    return (
        plan_words.ORDER.index(becomes)
        if becomes in plan_words.ORDER
        else len(plan_words.ORDER)
    )


def _item(action: records.Action) -> PlannedItem:
    """The row of an action."""
    given = action.parameters
    if plan_progress.is_of_host(action):
        state = str(given.get('state', ''))
        type_ = plan_progress.place(action)
        becomes = f'{type_} is {state}'
    else:
        kind = 'downtime' if given.get('downtime') else action.type
        if given.get('confirm_resize'):
            kind += ' confirm_resize'
        type_, becomes = plan_words.MOVES.get(kind, ('', action.type))
    reason = ''
    if plan_progress.is_skipped(action):
        becomes, reason = _skipped(type_, action.message)
    destination = str(given.get('dst_hostname') or '')
    if given.get('dst_type'):
        destination = f'type {given["dst_type"]}'
    return PlannedItem(
        becomes=messages.escaped(becomes),
        type=type_,
        name=messages.escaped(action.name),
        source=messages.escaped(str(given.get('source') or '')),
        destination=messages.escaped(destination),
        size_mb=_size_mb(action),
        reason=messages.escaped(options.as_options(reason)),
        id=messages.escaped(action.resource_id),
        action_uuid=action.uuid,
        project_id=messages.escaped(str(given.get('project_id') or '')),
    )


def _skipped(type_: str, message: str) -> tuple[str, str]:
    """What becomes of the item of a SKIPPED action, and why."""
    by_user = _SKIPPED_BY_USER.match(message)
    if by_user:
        return LEFT_OUT, message[by_user.end() :]
    if type_ in (HOST, host_changes.BACKEND.short):
        return STAYS if type_ == HOST else UNCHANGED, message
    return THERE if already_there.is_told(message) else CANNOT, message


def _size_mb(action: records.Action) -> int | None:
    """The size of what an action moves, in MiB."""
    memory = action.parameters.get('memory_mb')
    if memory is not None:
        return int(memory)
    size = action.parameters.get('size_gb')
    return None if size is None else int(size) * units.MB_PER_GB


def can_all_move(items: Iterable[PlannedItem]) -> bool:
    """Whether none of the items cannot move."""
    return all(item.becomes != CANNOT for item in items)


def reasons(items: Iterable[PlannedItem], plan: str = '') -> list[str]:
    """A line for each reason why something does not move as it was asked.

    With the remedy below it, and without what is there already.

    :param plan: what the plan is called by.
    """
    named: dict[tuple[str, str], list[str]] = {}
    for item in items:
        if item.becomes in (CANNOT, LEFT_OUT, *plan_words.STAY):
            named.setdefault((item.becomes, item.reason), []).append(item.name)
    lines = []
    for (becomes, reason), names in named.items():
        why = f': {reason}' if reason else ''
        lines.append(f'{first_names(names)}: {becomes}{why}')
        remedy = remedies.of(reason, plan) if becomes == CANNOT else ''
        if remedy:
            lines.append(f'  Remedy: {remedy}.')
    return lines


def first_names(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are.

    >>> first_names(['a', 'b']), first_names(list('abcdefg'))
    ('a, b', 'a, b, c, d, e and 2 more')
    """
    more = len(names) - _NAMES
    text = ', '.join(names[:_NAMES])
    return f'{text} and {more} more' if more > 0 else text


def sums(
    plan: records.Plan, actions: Iterable[records.Action], name: str
) -> list[str]:
    """The sums of a plan, its least duration and its risks, a line each.

    :param name: what the plan is called, the name of its audit.
    """
    items = rows(actions)
    outlook, *risks = _message(plan)
    shown = messages.escaped(name)
    lines = [f"Plan '{shown}': {_outlook(plan, items, outlook)}."]
    lines += _least(plan, items)
    for risk in risks:
        if re.fullmatch(r'\d+ more', risk):
            said = f'{risk}, told in the log of the decision engine'
        elif ' will not be empty: ' in risk:
            said = f'{risk[:1].upper()}{risk[1:]}'
        else:
            said = f'Risk: {risk}'
        lines.append(f'{said}.')
    return lines


def _message(plan: records.Plan) -> list[str]:
    """The parts of a plan's message, the outlook first, '' without one."""
    if not OUTLOOK.match(plan.message):
        return ['']
    return messages.escaped(options.as_options(plan.message)).split('; ')


def _outlook(
    plan: records.Plan, items: Sequence[PlannedItem], outlook: str
) -> str:
    """How many items there are of each kind."""
    counts = collections.Counter(item.becomes for item in items)
    told = {
        becomes: texts[counts[becomes] > 1].format(counts[becomes])
        for becomes, texts in plan_words.COUNTED.items()
        if counts[becomes]
    }
    number = sum(item.moves for item in items)
    kinds = [
        text for becomes, text in told.items() if becomes in plan_words.MOVING
    ]
    others = [
        text
        for becomes, text in told.items()
        if becomes not in plan_words.MOVING
    ]
    others += filter(None, [plan_sums.capped(plan)])
    excluded = _EXCLUDED.search(outlook)
    if excluded:
        others.append(f'{excluded[1]} excluded')
    if number:
        others.insert(0, f'{number} to move ({", ".join(kinds)})')
    elif not counts.keys() & {*plan_words.CHANGES, *plan_words.STAY}:
        others.insert(0, 'nothing to move')
    return ', '.join(others)


def _least(plan: records.Plan, items: Iterable[PlannedItem]) -> list[str]:
    """How much is copied, and how long that takes at best.

    The indicator is in minutes, rounded up.
    """
    moved = [item for item in items if item.moves]
    # The memory of a server that migrates cold is not copied.
    copied = [i for i in moved if 'migrates cold' not in i.becomes]
    amounts = [
        f'{units.size(amount)} {what}'
        for type_, what in ((SERVER, 'of memory'), (VOLUME, 'of volumes'))
        if (amount := sum(i.size_mb or 0 for i in copied if i.type == type_))
    ]
    minutes = plan.indicators.get('estimated_makespan')
    if not moved or not minutes:
        return []
    least = 'under 1 min'
    if minutes > 1:
        least = f'about {summary_text.duration(60 * float(minutes))}'
    if not amounts:
        return [f'At best it takes {least}.']
    return [f'{" and ".join(amounts)}, at best in {least}.']
