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

"""The table of a report, and the lines below it."""

from collections.abc import Sequence
import datetime
import shutil
import textwrap
from typing import Any

from cliff import columns as cliff_columns

from zone_migration.logic.outcome import summary_reader
from zone_migration.osc import moves
from zone_migration.osc import plan_end
from zone_migration.osc import plan_report
from zone_migration.osc import plan_sums
from zone_migration.osc.page import sections

#: All columns but those of --long, and the ones of a table for people: it has
#: to fit in 80 columns, and the reasons, which are long, stand below it.
COLUMNS = (
    'State',
    'Type',
    'Name',
    'Project',
    'From',
    'To',
    'Started',
    'Ended',
    'Took',
    'Waited',
    'Waited For',
    'Message',
)
TABLE = ('State', 'Name', 'From', 'To', 'Ended', 'Took')
LONG = ('ID', 'Project ID', 'Action ID')

#: How many names are told of those with the same reason.
_NAMES = 5


class When(cliff_columns.FormattableColumn[str]):
    """A time: of the day in tables where all are of one day."""

    def __init__(
        self, when: datetime.datetime | None, same_day: bool = True
    ) -> None:
        super().__init__(when.isoformat(timespec='seconds') if when else '')
        self._human = f'{when:%H:%M:%S}' if when else ''
        if when and not same_day:
            self._human = f'{when:%Y-%m-%d %H:%M:%S}'

    def human_readable(self) -> str:
        """The time as people write it."""
        return self._human


class Seconds(cliff_columns.FormattableColumn[float | None]):
    """A duration: a number of seconds, and in tables in words.

    :param unknown: what stands for one that is not known.
    """

    def __init__(self, seconds: float | None, unknown: Any = None) -> None:
        super().__init__(seconds)
        self._unknown = unknown

    def machine_readable(self) -> Any:
        """The number, or what stands for it."""
        return self._unknown if self._value is None else self._value

    def human_readable(self) -> str:
        """The duration in words; '' for none."""
        return plan_report.duration(self._value) if self._value else ''

    def __lt__(self, other: object) -> bool:
        """Sort what has no duration first."""
        if not isinstance(other, Seconds):
            return False
        return (self._value or -1.0) < (other._value or -1.0)


class WholeSeconds(Seconds):
    """A duration of which the engine tells whole seconds."""

    def human_readable(self) -> str:
        """The duration in words; '' for none."""
        if not self._value:
            return ''
        return plan_report.duration(self._value, digits=0)


class Message(cliff_columns.FormattableColumn[str]):
    """A message, left out of tables where other columns say it all."""

    def __init__(self, move: moves.Move) -> None:
        super().__init__(move.text)
        told = move.outcome == moves.MOVED
        self._human = '' if told else moves.reason(move)

    def human_readable(self) -> str:
        """The message, unless it is told already."""
        return self._human


def row(
    move: moves.Move, same_day: bool, unknown: Any = None
) -> tuple[Any, ...]:
    """A row of the table, with the ids at its end.

    :param unknown: what stands for a number that is not known.
    """
    return (
        move.outcome,
        move.type,
        move.name,
        move.project,
        move.source,
        move.goal,
        When(move.began, same_day),
        When(move.ended, same_day),
        Seconds(move.took, unknown),
        WholeSeconds(move.waited),
        move.waited_for,
        Message(move),
        move.id,
        move.project_id,
        move.action_id,
    )


def below(report: plan_report.Report) -> list[str]:
    """The lines below the table: reasons, remedies, sums."""
    lines = []
    for trouble in sections.troubles(report):
        names = _names([move.name for move in trouble.moves])
        reason = f': {trouble.reason}' if trouble.reason else ''
        lines.append(f'{names}: {trouble.outcome}{reason}')
        if trouble.remedy:
            lines.append(f'  {trouble.remedy}')
    lines += plan_end.left_unpinned(
        (move.name, move.text)
        for move in report.moves
        if move.outcome == moves.MOVED
    )
    lines.append(
        f"Plan '{report.name}': {report.plan.state}"
        f'{" so far" if report.goes_on else ""}; {_sums(report)}.'
    )
    if report.message:
        lines.append(report.message)
    if report.note:
        lines.append(report.note)
    if report.has_ended and plan_sums.capped(report.plan):
        again = plan_end.command_line('retry', report.name)
        lines.append(f'What is left: {again}')
    if any(move.ended or move.began for move in report.moves):
        away = ''
        if summary_reader.went_on(report.plan.message):
            away = '; they include the time in which the applier was away'
        lines.append(f'Times are UTC{_of_day(report)}{away}.')
    return lines


def _sums(report: plan_report.Report) -> str:
    """How many have come to each outcome, hosts apart."""
    counts = ', '.join(
        f'{number} {outcome}' for outcome, number in report.counts.items()
    )
    places = ', '.join(
        f'{number} {plan_report.of_places(place, outcome, number)}'
        for place, counted in report.place_counts.items()
        for outcome, number in counted.items()
    )
    if report.with_downtime:
        counts += f', {report.with_downtime} with downtime'
    if report.tried_again:
        counts += f', {report.tried_again} tried again'
    capped = plan_sums.capped(report.plan)
    if capped in report.message:
        capped = ''
    return '; '.join(filter(None, (counts, places, capped))) or (
        'nothing to move'
    )


def _of_day(report: plan_report.Report) -> str:
    """The day that the times of the table do not tell."""
    if not plan_report.is_of_one_day(report):
        return ''
    day = next(
        time
        for move in report.moves
        for time in (move.began, move.ended)
        if time
    )
    return f', of {day:%Y-%m-%d}'


def wrapped(line: str, stream: Any) -> str:
    """The line, broken between words where a terminal would break it."""
    if not stream.isatty():
        return line
    return textwrap.fill(
        line,
        shutil.get_terminal_size().columns,
        subsequent_indent='  ',
        break_long_words=False,
        break_on_hyphens=False,
    )


def _names(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - _NAMES
    text = ', '.join(names[:_NAMES])
    return f'{text} and {more} more' if more > 0 else text
