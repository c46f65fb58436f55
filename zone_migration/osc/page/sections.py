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

"""The sections of the page: what needs a person, and what owners are told."""

from collections.abc import Sequence
import dataclasses
import datetime
import itertools

from zone_migration.logic.outcome import owner_words
from zone_migration.logic.outcome import pins
from zone_migration.logic.outcome import remedies
from zone_migration.osc import moves
from zone_migration.osc import plan_report

#: The outcomes that somebody has to look at.
_TROUBLE = (
    moves.FAILED,
    moves.NOT_EMPTY,
    moves.NOT_CHECKED,
    moves.CANNOT,
    moves.SKIPPED,
    moves.CANCELLED,
    moves.LEFT_OUT,
)


@dataclasses.dataclass(frozen=True)
class Trouble:
    """What was not moved for one reason."""

    outcome: str
    #: '' where a user gave none.
    reason: str
    #: '' where none is known, or the reason tells it.
    remedy: str
    moves: Sequence[moves.Move]


@dataclasses.dataclass(frozen=True)
class Project:
    """What an owner is told."""

    name: str
    #: The id of its section in the page.
    anchor: str
    moved: int
    total: int
    lines: Sequence[str]


def troubles(report: plan_report.Report) -> list[Trouble]:
    """What was not moved, grouped by the reason."""
    groups: dict[tuple[str, str], list[moves.Move]] = {}
    for move in report.moves:
        if move.outcome in _TROUBLE:
            key = move.outcome, moves.reason(move)
            groups.setdefault(key, []).append(move)
    return [
        Trouble(outcome, reason, '', group)
        if outcome == moves.LEFT_OUT
        else Trouble(
            outcome,
            reason or 'Watcher keeps no reason.',
            remedies.of(reason, report.name),
            group,
        )
        for (outcome, reason), group in groups.items()
    ]


def projects(report: plan_report.Report) -> list[Project]:
    """What each project is told, by name; what moves nothing is left out."""
    ordered = sorted(
        (move for move in report.moves if move.leaves),
        key=lambda move: (
            plan_report.natural(move.project),
            move.project_id,
        ),
    )
    groups = itertools.groupby(ordered, lambda move: move.project_id)
    return [
        _project(f'project-{number}', list(group), report)
        for number, (_, group) in enumerate(groups, start=1)
    ]


def _project(
    anchor: str,
    own: Sequence[moves.Move],
    report: plan_report.Report,
) -> Project:
    """What one project is told, as text that keeps its sense in any font."""
    first = own[0]
    name = first.project or 'Project not told'
    moved = sum(move.outcome == moves.MOVED for move in own)
    title = f'Project {name}' if first.project else name
    if first.project_id and first.project_id != first.project:
        title += f' ({first.project_id})'
    lines = [title, f'{_head(report, own, moved)}. Times are UTC.']
    for heading, outcomes in _headings(report):
        group = [move for move in own if move.outcome in outcomes]
        group.sort(key=lambda move: (plan_report.natural(move.name), move.id))
        if group:
            lines += ['', f'{heading} ({len(group)}):']
            lines += [f'- {_line(move, report)}' for move in group]
    return Project(name, anchor, moved, len(own), lines)


def _head(
    report: plan_report.Report, own: Sequence[moves.Move], moved: int
) -> str:
    """What is told of all that a project has in a plan."""
    if report.is_ahead:
        ahead = sum(move.outcome == moves.NOT_STARTED for move in own)
        return f'{report.name}: {ahead} of {len(own)} to be moved'
    so_far = ' so far' if report.goes_on else ''
    return f'{report.name}: {moved} of {len(own)} moved{so_far}'


def _headings(
    report: plan_report.Report,
) -> list[tuple[str, tuple[str, ...]]]:
    """The headings of what a project is told, and the outcomes below each."""
    left = (moves.NOT_STARTED,)
    stuck = (*_TROUBLE, *(left if report.has_ended else ()))
    return [
        ('Not moved', stuck),
        ('To be moved', () if report.has_ended else left),
        ('Moving now', (moves.RUNNING,)),
        ('Moved', (moves.MOVED,)),
        ('Already there', (moves.ALREADY_THERE,)),
    ]


def _line(move: moves.Move, report: plan_report.Report) -> str:
    """What an owner is told of a server or volume."""
    kind = 'server' if move.leaves == 'host' else 'volume'
    named = f'{kind} {move.name} ({move.id})'
    if move.outcome == moves.ALREADY_THERE:
        return named
    if move.outcome in (moves.MOVED, moves.RUNNING) or (
        move.outcome == moves.NOT_STARTED and not report.has_ended
    ):
        way = ' -> '.join(filter(None, (move.source or '?', move.goal)))
        told = (
            f'{named}: {way}',
            move.type,
            pins.told(move.text),
            _when(move.began, move.ended),
        )
        return ', '.join(part for part in told if part)
    return f'{named}: {owner_words.of(move.outcome, moves.reason(move))}'


def _when(
    began: datetime.datetime | None, ended: datetime.datetime | None
) -> str:
    """From when to when, with the date once if it is one day.

    The end alone where the begin is not told.
    """
    if began is None:
        return f'{ended:%Y-%m-%d %H:%M:%S}' if ended else ''
    if ended is None:
        return f'since {began:%Y-%m-%d %H:%M:%S}'
    same_day = began.date() == ended.date()
    last = f'{ended:%H:%M:%S}' if same_day else f'{ended:%Y-%m-%d %H:%M:%S}'
    return f'{began:%Y-%m-%d %H:%M:%S} to {last}'
