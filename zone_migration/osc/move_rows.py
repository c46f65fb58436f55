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

"""The rows of a view for the moves that run, each with a bar."""

from collections.abc import Callable
from collections.abc import Sequence

from rich import cells
from rich import console
from rich import progress_bar
from rich import table
from rich import text

from zone_migration.logic.outcome import action_text
from zone_migration.logic.plan import planned_actions
from zone_migration.osc import applier_clock
from zone_migration.osc import plan_progress
from zone_migration.osc import records

#: Below this the bars are short, and from this on there is room for more.
_WIDE = 100
_VERY_WIDE = 140

#: The columns of a bar's share, and of the time that it has run.
_SHARE = 4
_SECONDS = 6


def made(
    shown: Sequence[records.Action],
    width: int,
    clock: applier_clock.ApplierClock,
    as_text: Callable[[str], text.Text],
) -> table.Table:
    """A row for each of the moves: what, from where to where, how far.

    :param shown: one at least.
    :param width: in columns.
    :param clock: tells how long they run.
    :param as_text: makes words what the terminal can show.
    """
    bar = 20 if width >= _WIDE else 10
    names = [as_text(action.name).plain for action in shown]
    routes = [as_text(plan_progress.route(action)).plain for action in shown]
    room = width - bar - _SHARE - _SECONDS - 5
    said = room // 3 if width >= _VERY_WIDE else 0
    room -= said + bool(said)
    of_route = min(max(map(cells.cell_len, routes)), room // 2)
    of_name = min(max(map(cells.cell_len, names)), room - of_route)
    grid = table.Table.grid(padding=(0, 1))
    for wide in (of_name, of_route, bar):
        grid.add_column(width=wide, no_wrap=True, overflow='crop')
    for wide in (_SHARE, _SECONDS):
        grid.add_column(
            width=wide, no_wrap=True, overflow='crop', justify='right'
        )
    if said:
        grid.add_column(width=said, no_wrap=True, overflow='crop')
    for action, name, route in zip(shown, names, routes, strict=True):
        told = action_text.read(action.message)
        seconds = clock.seconds_since(told.since)
        row: list[console.RenderableType] = [
            as_text(shortened(name, of_name)),
            as_text(shortened(route, of_route)),
            *_bar(action, seconds, bar),
            as_text(_short_duration(seconds)),
        ]
        if said:
            row.append(as_text(shortened(told.text, said)))
        grid.add_row(*row)
    return grid


def _bar(
    action: records.Action, seconds: float | None, width: int
) -> tuple[console.RenderableType, text.Text]:
    """The bar of a move, and its share; ``~`` marks an estimate.

    One that Nova has queued says so where its bar will be.
    """
    share, is_estimate = share_done(action, seconds)
    if share is None:
        # A pulse would look like a bar that is nearly full.
        is_queued = action.message.startswith(action_text.QUEUED)
        words = action_text.QUEUED if is_queued else ''
        return text.Text(words, 'dim'), text.Text()
    bar = progress_bar.ProgressBar(
        total=1.0,
        completed=share,
        width=width,
        complete_style='cyan',
        finished_style='cyan',
    )
    mark = '~' if is_estimate else ''
    return bar, text.Text(f'{mark}{share:.0%}')


def share_done(
    action: records.Action, seconds: float | None
) -> tuple[float | None, bool]:
    """How much of a running move is done, and whether that is an estimate.

    What takes longer than expected is somewhere, and nobody knows where.  The
    memory of a live migration tells when its copy has begun; until then it
    waits for others of its host, however long it was expected to take.

    :param seconds: how long it has run, None when that is not known.
    :returns: None and True when nothing tells it.
    """
    copied = action_text.memory_copied(action.message)
    if copied is not None:
        return max(0.0, copied), False
    expected = float(action.parameters.get('expected_duration') or 0)
    if (
        action.type == planned_actions.LIVE_MIGRATION
        or seconds is None
        or seconds >= expected
    ):
        return None, True
    return seconds / expected, True


def _short_duration(seconds: float | None) -> str:
    """How long something takes, in six characters at most."""
    if seconds is None:
        return ''
    if seconds < 100:
        return f'{seconds:.0f} s'
    if seconds < 100 * 60:
        return f'{seconds / 60:.0f} min'
    return f'{seconds / 3600:.0f} h'


def shortened(words: str, width: int) -> str:
    """The words in so many columns, without their middle.

    Names of one kind are told apart by their ends.

    >>> shortened('web-server-of-the-shop-001', 15)
    'web-se...op-001'
    """
    if cells.cell_len(words) <= width:
        return words
    head = max((width - 3) // 2, 0)
    tail = max(width - 3 - head, 0)
    backwards = cells.set_cell_size(words[::-1], tail).strip()
    return f'{cells.set_cell_size(words, head)}...{backwards[::-1]}'
