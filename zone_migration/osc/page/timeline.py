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

"""The timeline: a row for each host and pool, a bar for each move."""

import collections
from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
import datetime

from zone_migration.osc import moves
from zone_migration.osc import plan_report

#: Watcher keeps whole seconds: what follows so close is not beside another.
_TOLERANCE = datetime.timedelta(seconds=1)

#: Between marks on the axis, in seconds.
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200, 86400),
)
_MOST_MARKS = 7

#: The least width of a bar, in per cent.
_LEAST = 0.25

#: The height of a lane in pixels, and where a row has many of them.
_LANE = 10
_THIN_LANE = 5
_FEW_LANES = 8
#: Above the first lane and below the last one, in pixels.
_PADDING = 3


@dataclasses.dataclass(frozen=True)
class Mark:
    """A time on the axis; ``x`` is in per cent of its width."""

    x: float
    when: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Axis:
    """The time from the first begin to the last end."""

    begin: datetime.datetime
    end: datetime.datetime

    def x(self, when: datetime.datetime) -> float:
        """Where a time is, in per cent."""
        whole = (self.end - self.begin).total_seconds()
        share = (when - self.begin).total_seconds() / whole
        return round(min(max(share, 0.0), 1.0) * 100, 2)

    def marks(self) -> list[Mark]:
        """Some round times, at most eight."""
        whole = (self.end - self.begin).total_seconds()
        step = next(
            (one for one in _STEPS if whole / one <= _MOST_MARKS),
            _STEPS[-1] * (1 + int(whole / _STEPS[-1] / _MOST_MARKS)),
        )
        first = -(-self.begin.timestamp() // step) * step
        return [
            Mark(self.x(when), when)
            for index in range(_MOST_MARKS + 1)
            for when in [
                datetime.datetime.fromtimestamp(
                    first + index * step, datetime.timezone.utc
                )
            ]
            if when <= self.end
        ]


@dataclasses.dataclass(frozen=True)
class Bar:
    """A move on the timeline; ``x`` and widths are in per cent."""

    move: moves.Move
    x: float
    width: float
    #: In pixels, from the top of the row.
    y: int
    #: Where the line that shows its waiting begins; None for no line.
    waits_x: float | None


@dataclasses.dataclass(frozen=True)
class Row:
    """A host or pool on the timeline."""

    #: host or pool
    kind: str
    name: str
    moves: Sequence[moves.Move]
    bars: Sequence[Bar]
    #: In pixels, of a bar and of the row.
    thickness: int
    height: int

    @property
    def trouble(self) -> int:
        """How many have failed."""
        return sum(m.outcome == moves.FAILED for m in self.moves)

    @property
    def well(self) -> int:
        """How many were moved, or were there already."""
        well = (moves.MOVED, moves.ALREADY_THERE)
        return sum(move.outcome in well for move in self.moves)


def axis(report: plan_report.Report) -> Axis | None:
    """The axis for a report; None where nothing has run."""
    begins = [report.began] if report.began else []
    ends = [move.ended for move in report.moves if move.ended]
    if any(move.outcome == moves.RUNNING for move in report.moves):
        ends.append(report.latest)
    times = sorted([*begins, *ends])
    if not times:
        return None
    end = max(times[-1], times[0] + datetime.timedelta(seconds=1))
    return Axis(times[0], end)


def rows(
    report: plan_report.Report, along: Axis, by_destination: bool = False
) -> list[Row]:
    """The rows, hosts before pools, by name.

    :param by_destination: a row for each host and pool that is reached,
        instead of left.
    """
    places = collections.defaultdict(list)
    for move in report.moves:
        name = move.destination if by_destination else move.source
        if by_destination and not move.began and not move.ended:
            continue
        if move.leaves and name:
            places[move.leaves, plan_report.natural(name), name].append(move)
    return [
        _row(kind, name, places[kind, order, name], along)
        for kind, order, name in sorted(places)
    ]


def lanes(
    spans: Iterable[tuple[datetime.datetime, datetime.datetime]],
) -> list[int]:
    """The lane of each span, so that none overlaps another in its lane.

    :param spans: begins and ends, by begin.
    """
    free_at: list[datetime.datetime] = []
    found = []
    for begin, end in spans:
        for lane, free in enumerate(free_at):
            if free <= begin + _TOLERANCE:
                free_at[lane] = max(free, end)
                break
        else:
            lane = len(free_at)
            free_at.append(end)
        found.append(lane)
    return found


def _row(kind: str, name: str, own: Sequence[moves.Move], along: Axis) -> Row:
    """A row, with a bar for each of its moves that has run."""
    spans = sorted(
        (
            (move.began or move.ended or along.end, move.ended or along.end, i)
            for i, move in enumerate(own)
            if move.began or move.ended
        ),
    )
    lane_of = lanes((begin, end) for begin, end, _ in spans)
    count = max(lane_of, default=0) + 1
    lane_height = _LANE if count <= _FEW_LANES else _THIN_LANE
    free_at: dict[int, datetime.datetime] = {}
    bars = []
    for (begin, end, index), lane in zip(spans, lane_of, strict=True):
        free = free_at.get(lane, along.begin)
        bars.append(
            _bar(
                own[index],
                (max(begin, min(free, end)), end),
                free,
                along,
                _PADDING + lane * lane_height,
            )
        )
        free_at[lane] = max(end, free)
    return Row(
        kind=kind,
        name=name,
        moves=own,
        bars=bars,
        thickness=lane_height - 2,
        height=count * lane_height + 2 * _PADDING,
    )


def _bar(
    move: moves.Move,
    span: tuple[datetime.datetime, datetime.datetime],
    free: datetime.datetime,
    along: Axis,
    y: int,
) -> Bar:
    """The bar of a move.

    :param free: since when nothing else is in its lane.
    """
    begin, end = span
    waits = max(free, begin - datetime.timedelta(seconds=move.waited))
    return Bar(
        move=move,
        x=min(along.x(begin), 100 - _LEAST),
        width=max(round(along.x(end) - along.x(begin), 2), _LEAST),
        y=y,
        waits_x=along.x(waits) if begin - waits >= _TOLERANCE else None,
    )
