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

"""What became of a plan, so far or in the end."""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import datetime
import re
from typing import Any

from zone_migration.logic import messages
from zone_migration.logic.outcome import attempts
from zone_migration.logic.outcome import downtime
from zone_migration.logic.outcome import summary_reader
from zone_migration.logic.outcome import summary_text
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import proofs
from zone_migration.osc import moves
from zone_migration.osc import no_news
from zone_migration.osc import records

#: The states of a plan that does not change any more.
_ENDED = frozenset(
    {'SUCCEEDED', 'FAILED', 'CANCELLED', 'SUPERSEDED', 'DELETED'}
)


#: The kinds of places that plans disable and enable.
_CHANGED = tuple(kind.short for kind in host_changes.KINDS)


@dataclasses.dataclass(frozen=True)
class Report:
    """What became of a plan, so far or in the end."""

    plan: records.Plan
    #: Of its audit.
    name: str
    #: Of its audit.
    parameters: Mapping[str, Any]
    #: Those that need a person first.
    moves: tuple[moves.Move, ...]
    #: When the report was made.
    now: datetime.datetime
    #: The latest time that Watcher tells: the clock here may be wrong.
    latest: datetime.datetime

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.plan.state in _ENDED

    @property
    def goes_on(self) -> bool:
        """Whether it runs."""
        return self.plan.state in ('ONGOING', 'CANCELLING')

    @property
    def is_ahead(self) -> bool:
        """Whether it was not started yet."""
        return self.plan.state in ('RECOMMENDED', 'PENDING')

    @property
    def counts(self) -> dict[str, int]:
        """How many moves have come to each outcome, those of none left out.

        Without hosts and pools: they are not moved.
        """
        return _counts(move for move in self.moves if not move.place)

    @property
    def place_counts(self) -> dict[str, dict[str, int]]:
        """How many hosts, backends and pools have come to each outcome."""
        return {
            place: _counts(m for m in self.moves if m.place == place)
            for place in (*_CHANGED, proofs.POOL)
        }

    @property
    def tried_again(self) -> int:
        """How many moves have taken more than one attempt."""
        return sum(attempts.number(move.text) > 1 for move in self.moves)

    @property
    def with_downtime(self) -> int:
        """How many servers were down while they were migrated cold."""
        return sum(bool(downtime.read(move.text)) for move in self.moves)

    @property
    def message(self) -> str:
        """What the plan says beside what is counted here."""
        text = summary_reader.without_counts(self.plan.message)
        if self.has_ended:
            # Beside the others, with its remedy.
            failed = (m.name for m in self.moves if m.outcome == moves.FAILED)
            text = summary_reader.without_failure(text, failed)
        numbers = {
            place: self.place_counts[place].get(moves.ENABLED_AGAIN, 0)
            for place in _CHANGED
        }
        counted = [
            f'{number} {of_places(place, moves.ENABLED_AGAIN, number)}'
            for place, number in numbers.items()
        ]
        text = '; '.join(one for one in text.split('; ') if one not in counted)
        return messages.escaped(text[:1].upper() + text[1:])

    @property
    def note(self) -> str:
        """Why the report of a plan that runs may be old; '' when it is not."""
        passed = (self.now - self.latest).total_seconds()
        note = no_news.note(self.plan, passed) if self.goes_on else ''
        if not note:
            return ''
        return (
            f'{note} This is how it was at {self.latest:%Y-%m-%d %H:%M:%S} '
            f'({duration(passed, 0)} ago by the clock of this machine).'
        )

    @property
    def began(self) -> datetime.datetime | None:
        """When the first of them began, or began to wait."""
        return min(
            (
                move.began - datetime.timedelta(seconds=move.waited)
                for move in self.moves
                if move.began
            ),
            default=None,
        )

    @property
    def ended(self) -> datetime.datetime | None:
        """When the last of them ended; None while any can still run."""
        if not self.has_ended:
            return None
        return max(
            (move.ended for move in self.moves if move.ended), default=None
        )


def make(
    plan: records.Plan,
    audit: records.Audit | None,
    actions: Iterable[records.Action],
    projects: Mapping[str, str],
    now: datetime.datetime,
) -> Report:
    """The report of a plan.

    :param audit: None where it was deleted.
    :param projects: names by id, as far as they are known.
    :param now: UTC.
    """
    actions = list(actions)
    latest = _latest(plan, actions) or now
    found = [
        _as_left(moves.of_action(action, projects, latest), plan)
        for action in actions
    ]
    return Report(
        plan=plan,
        name=messages.escaped(audit.name if audit else plan.uuid),
        parameters=audit.parameters if audit else {},
        moves=tuple(sorted(found, key=_urgency)),
        now=now,
        latest=latest,
    )


def _as_left(move: moves.Move, plan: records.Plan) -> moves.Move:
    """What became of a move, as its plan has left it in the end."""
    if (
        move.place
        and move.outcome == host_changes.DISABLED
        and summary_reader.is_enabled_again(
            move.name, plan.message, move.place
        )
    ):
        # Watcher keeps when it was disabled, and not when it was enabled.
        return dataclasses.replace(
            move, outcome=moves.ENABLED_AGAIN, ended=None, took=None
        )
    return move


def _counts(own: Iterable[moves.Move]) -> dict[str, int]:
    """How many have come to each outcome."""
    counts = collections.Counter(move.outcome for move in own)
    return {name: counts[name] for name in moves.OUTCOMES if counts[name]}


def _latest(
    plan: records.Plan, actions: Iterable[records.Action]
) -> datetime.datetime | None:
    """The latest time that Watcher tells; None where it tells none."""
    told = [plan.updated_at, *(action.updated_at for action in actions)]
    return max(filter(None, map(moves.parsed, told)), default=None)


def _urgency(move: moves.Move) -> tuple[Any, ...]:
    """The key by which moves are sorted: outcome, time, name."""
    when = move.began or move.ended
    order = when.isoformat() if when else ''
    return moves.OUTCOMES.index(move.outcome), order, natural(move.name)


def duration(seconds: float, digits: int = 1) -> str:
    """A duration, with the digits that matter.

    >>> [duration(s) for s in (0.84, 12.3, 59.96, 250, 4000)]
    ['0.8 s', '12.3 s', '1 min', '4 min 10 s', '1 h 7 min']

    :param digits: below a minute, those of a second after the point.
    """
    if round(seconds, digits) < 60:
        return f'{seconds:.{digits}f} s'
    return summary_text.precise(seconds)


def of_places(place: str, outcome: str, number: int) -> str:
    """The outcome of so many hosts or pools, as said after their number.

    >>> of_places('host', 'disabled', 1)
    'host disabled'
    >>> of_places('host', 'stays as it is', 2)
    'hosts stay as they are'
    """
    if outcome == moves.STAYS and number > 1:
        outcome = 'stay as they are'
    return f'{place}{"" if number == 1 else "s"} {outcome}'


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """The key by which people sort names: c2 before c10."""
    return tuple(
        (len(part), part) if part.isdigit() else (0, part.lower())
        for part in re.split(r'(\d+)', name)
    )


def is_of_one_day(report: Report) -> bool:
    """Whether all times of a report are of the same day."""
    times = [t for move in report.moves for t in (move.began, move.ended) if t]
    return len({when.date() for when in times}) <= 1
