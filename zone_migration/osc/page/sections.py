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

from zone_migration.logic.outcome import remedies
from zone_migration.osc import moves
from zone_migration.osc import plan_report

#: The outcomes that somebody has to look at.
_TROUBLE = (
    moves.FAILED,
    moves.SKIPPED,
    moves.CANCELLED,
)


@dataclasses.dataclass(frozen=True)
class Trouble:
    """What was not moved for one reason."""

    outcome: str
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
        Trouble(
            outcome,
            reason or 'Watcher keeps no reason.',
            remedies.of(reason),
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
    """What one project is told."""
    first = own[0]
    name = first.project or 'Project not told'
    moved = sum(move.outcome == moves.MOVED for move in own)
    so_far = ' so far' if report.goes_on else ''
    title = f'Project {name}' if first.project else name
    if first.project_id and first.project_id != first.project:
        title += f' ({first.project_id})'
    head = (
        title,
        f'{moved} of {len(own)} moved{so_far}, by {report.name}; '
        'times are UTC',
    )
    by_name = sorted(
        own, key=lambda move: (plan_report.natural(move.name), move.id)
    )
    lines = [_line(move) for move in by_name]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        '  '.join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    return Project(name, anchor, moved, len(own), (*head, '', *table))


def _line(move: moves.Move) -> tuple[str, ...]:
    """The columns of a move in the list of its project."""
    way = f'{move.source or "?"} -> {move.goal or "?"}'
    return (
        move.name,
        move.id,
        move.outcome,
        move.type,
        way if move.outcome == moves.MOVED else move.source,
        _when(move.began, move.ended),
    )


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
