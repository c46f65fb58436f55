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

"""A plan beside the one that was made of the same audit before."""

from collections.abc import Iterable
import dataclasses
import itertools
import shlex

from zone_migration.logic.outcome import states
from zone_migration.logic.outcome import summary_reader
from zone_migration.logic.preflight import already_there
from zone_migration.osc import moves
from zone_migration.osc import plan_progress
from zone_migration.osc import plan_view
from zone_migration.osc import records

#: What was not moved, and is not among what is planned now.
GONE = 'not in the plan'

#: What something was that the plan before did not have.
NEW = 'new'


@dataclasses.dataclass(frozen=True)
class RetriedItem:
    """A server, volume or host, what will become of it, and what did."""

    planned: plan_view.PlannedItem
    #: For instance ``failed``, ``not started``, ``moved``, ``new``.
    was: str
    #: Why it was not moved; '' where that is not known.
    why: str = ''

    @property
    def was_why(self) -> str:
        """What became of it and why: ``failed: no valid host``."""
        return f'{self.was}: {self.why}' if self.why else self.was


def compare(
    old: Iterable[records.Action],
    new: Iterable[records.Action],
    message: str = '',
) -> list[RetriedItem]:
    """What a new plan has, and what of the old one is left beside it.

    Without what the old plan has brought to its place and needs nothing now:
    :func:`moved` counts what it has moved.

    :param old: the actions of the plan before.
    :param new: those of the new plan.
    :param message: that of the old plan, which says whether it has enabled
        its hosts again in the end.
    """
    before: dict[tuple[bool, str], list[records.Action]] = {}
    for action in _without_proofs(old):
        before.setdefault(_key(action), []).append(action)
    actions = {action.uuid: action for action in _without_proofs(new)}
    items = []
    for item in plan_view.rows(actions.values()):
        again = actions[item.action_uuid]
        candidates = before.get(_key(again), [])
        if not candidates:
            items.append(RetriedItem(item, NEW))
            continue
        action = _earlier(again, candidates)
        candidates.remove(action)
        if item.becomes != plan_view.THERE or not _is_done(action):
            items.append(RetriedItem(item, *_was(action, message)))
    left = {
        action.uuid: action
        for action in itertools.chain.from_iterable(before.values())
        if not _is_done(action)
    }
    items += [
        RetriedItem(
            dataclasses.replace(item, becomes=GONE, reason=''),
            *_was(left[item.action_uuid], message),
        )
        for item in plan_view.rows(left.values())
    ]
    return items


def moved(old: Iterable[records.Action], new: Iterable[records.Action]) -> int:
    """How many the old plan has moved that need nothing in the new one."""
    needy = {
        _key(action)
        for action in _without_proofs(new)
        if not _was_there(action)
    }
    well = {
        _key(action)
        for action in _without_proofs(old)
        if action.state == states.SUCCEEDED
        and not plan_progress.is_of_host(action)
    }
    return len(well - needy)


def reasons(items: Iterable[RetriedItem]) -> list[str]:
    """A line for each reason why something was not moved before.

    Without those that keep it now, which are told anyway.
    """
    named: dict[str, list[str]] = {}
    for item in items:
        now = item.planned.becomes, item.planned.reason
        if item.why and (item.was, item.why) != now:
            named.setdefault(item.was_why, []).append(item.planned.name)
    return [
        f'{plan_view.first_names(names)}: before: {was}'
        for was, names in named.items()
    ]


def _without_proofs(
    actions: Iterable[records.Action],
) -> list[records.Action]:
    """The actions that change something: each plan looks for itself."""
    return [one for one in actions if not plan_progress.is_proof(one)]


def _key(action: records.Action) -> tuple[bool, str]:
    """What tells a server, volume or host from all others."""
    is_host = plan_progress.is_of_host(action)
    return is_host, action.name if is_host else action.resource_id


def _earlier(
    again: records.Action, candidates: Iterable[records.Action]
) -> records.Action:
    """The action of the old plan that a new one of its resource repeats.

    A volume may have two, one that retypes and one that migrates it; and what
    was to migrate live may migrate cold now.
    """
    return min(
        candidates,
        key=lambda action: (action.type != again.type, _is_done(action)),
    )


def _is_done(action: records.Action) -> bool:
    """Whether nothing was left to be done for an action."""
    return action.state == states.SUCCEEDED or _was_there(action)


def _was_there(action: records.Action) -> bool:
    """Whether what an action is for was there already."""
    return plan_progress.is_skipped(action) and already_there.is_told(
        action.message
    )


def _was(action: records.Action, message: str) -> tuple[str, str]:
    """What became of an action, for people, and why.

    :param message: that of its plan.
    """
    if action.state == states.SUCCEEDED:
        if not plan_progress.is_of_host(action):
            return moves.MOVED, ''
        if summary_reader.is_enabled_again(
            action.name, message, plan_progress.place(action)
        ):
            return moves.ENABLED_AGAIN, ''
        return str(action.parameters.get('state')), ''
    if _was_there(action):
        return moves.ALREADY_THERE, ''
    if plan_progress.skipped_before(action):
        (item,) = plan_view.rows([action])
        return item.becomes, item.reason
    outcome = moves.outcome_of(action)
    if action.state not in (states.FAILED, states.SKIPPED):
        return outcome, ''
    return outcome, moves.reason_of(action)


def again(
    before: Iterable[records.Action],
    actions: Iterable[records.Action],
    plan: str,
) -> list[str]:
    """That what was left out of the plan before is planned once more.

    :param plan: what the new plan is called by.
    """
    left_out = {
        item.id
        for item in plan_view.rows(before)
        if item.becomes == plan_view.LEFT_OUT
    }
    items = [
        item
        for item in plan_view.rows(actions)
        if item.moves and item.id in left_out
    ]
    if not items:
        return []
    names = [item.name for item in items]
    # A name may look like an option.
    words = [
        item.id if item.name.startswith('-') else item.name for item in items
    ]
    return [
        f'Left out before, and planned again: {plan_view.first_names(names)}; '
        'to leave them out once more: openstack optimize zone skip '
        f'{shlex.join(words)} --plan {shlex.quote(plan)}'
    ]
