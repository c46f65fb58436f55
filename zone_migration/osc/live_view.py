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

"""The view of a plan that is drawn anew all the time, on a terminal."""

from collections.abc import Iterator

from rich import cells
from rich import console
from rich import live
from rich import progress_bar
from rich import table
from rich import text

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import remedies
from zone_migration.logic.outcome import summary_text
from zone_migration.osc import follow
from zone_migration.osc import plan_end
from zone_migration.osc import plan_progress
from zone_migration.osc import records

#: How long Watcher may be silent before the view says so, in seconds.
_SILENCE = 10.0

#: Below this the bars are short, and from this on there is room for more.
_WIDE = 100
_VERY_WIDE = 140

#: The columns of a bar's share, and of the time that it has run.
_SHARE = 4
_SECONDS = 6

_STATES = {
    'SUCCEEDED': 'green',
    'FAILED': 'bold red',
    'CANCELLED': 'yellow',
    'CANCELLING': 'yellow',
    'SKIPPED': 'yellow',
}


class LiveView:
    """Bars for a plan and its running moves, and above them what failed.

    :param terminal: where it is drawn.
    :param name: what the plan is called by.
    """

    def __init__(
        self, terminal: console.Console, follower: follow.Follower, name: str
    ) -> None:
        self._terminal = terminal
        self._follower = follower
        self._name = name
        self._picture = follower.progress.picture()
        self._error = ''
        # By action, the phase that was told last.
        self._phases: dict[str, tuple[str, str]] = {}
        self._live: live.Live | None = None

    def __enter__(self) -> 'LiveView':
        self.resume()
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Clear the view away, for a question."""
        if self._live is not None:
            self._live.stop()

    def resume(self) -> None:
        """Draw the view, below what was written meanwhile."""
        self._live = live.Live(
            console=self._terminal,
            get_renderable=self.render,
            transient=True,
            vertical_overflow='crop',
        )
        self._live.start()

    def say(self, line: str, style: str = '') -> None:
        """Write a line above the view, where it stays."""
        self._terminal.print(self._text(line, style))

    def show(self) -> None:
        """Draw what the follower's last look has shown."""
        self._error = ''
        self._picture = self._follower.progress.picture()
        news = self._follower.news
        while news:
            self._tell(news[0])
            del news[0]

    def away(self, error: Exception) -> None:
        """Show that Watcher does not answer."""
        self._error = str(error)

    def _tell(self, action: records.Action) -> None:
        """Write what went wrong, above the view."""
        phase = plan_progress.phase(action)
        before = self._phases.get(action.uuid)
        self._phases[action.uuid] = phase
        if (
            phase == before
            or not plan_progress.is_not_moved(action)
            or plan_progress.was_not_started(action)
        ):
            return
        stamp = f'{action.updated_at[11:19]}Z ' if action.updated_at else ''
        self.say(
            f'{stamp}{plan_end.item(action)} {plan_end.reason(action)}',
            _STATES.get(action.state, ''),
        )
        remedy = remedies.of(plan_progress.why(action))
        if remedy:
            self.say(f'  Remedy: {remedy}.')

    def _text(self, words: str, style: str = '') -> text.Text:
        """Words as they are: nothing in them is taken for markup."""
        line = messages.escaped(words)
        if self._terminal.options.ascii_only:
            line = line.encode('ascii', 'backslashreplace').decode()
        return text.Text(line, style)

    def render(self) -> console.Group:
        """All that is drawn, as high as the terminal at most."""
        below = [*self._notes()]
        # The heading, the bar, the line on those that do not fit, and the
        # cursor's own.
        room = self._terminal.height - len(below) - 4
        shown = self._picture.running[: max(room, 1)]
        left = len(self._picture.running) - len(shown)
        parts: list[console.RenderableType] = [self._heading(), self._whole()]
        if shown:
            parts.append(self._moves(shown))
        if left:
            parts.append(self._text(f'and {left} more'))
        return console.Group(*parts, *below)

    def _heading(self) -> table.Table:
        """The name of the plan, and its state."""
        state = self._picture.plan.state
        grid = table.Table.grid(expand=True, padding=(0, 1))
        grid.add_column(ratio=1, no_wrap=True, overflow='crop')
        grid.add_column(justify='right', no_wrap=True, overflow='crop')
        room = self._terminal.width - len(state) - 3
        grid.add_row(
            self._text(shortened(self._name, room), 'bold'),
            self._text(state, _STATES.get(state, '')),
        )
        return grid

    def _whole(self) -> table.Table:
        """The bar for the whole plan."""
        picture = self._picture
        words = f'{picture.done} of {picture.total} done'
        if not self._follower.progress.actions:
            words = 'asking Watcher'
        failed = picture.ended['FAILED']
        if failed:
            words += f', {failed} failed'
        if picture.time_left:
            words += f', {picture.time_left}'
        grid = table.Table.grid(expand=True, padding=(0, 1))
        grid.add_column(ratio=1)
        grid.add_column(justify='right', no_wrap=True, overflow='crop')
        grid.add_row(
            progress_bar.ProgressBar(
                total=max(picture.total, 1),
                completed=picture.done,
                complete_style='green',
                finished_style='green',
                pulse_style='dim',
                pulse=not picture.total,
            ),
            self._text(words),
        )
        return grid

    def _moves(self, shown: tuple[records.Action, ...]) -> table.Table:
        """A row with a bar for each running move."""
        width = self._terminal.width
        bar = 20 if width >= _WIDE else 10
        names = [messages.escaped(action.name) for action in shown]
        routes = [plan_progress.route(action) for action in shown]
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
            seconds = self._follower.applier_clock.seconds_since(
                action_text.read(action.message).since
            )
            row: list[console.RenderableType] = [
                self._text(shortened(name, of_name)),
                self._text(shortened(route, of_route)),
                *self._bar(action, seconds, bar),
                self._text(_short_duration(seconds)),
            ]
            if said:
                told = action_text.read(action.message).text
                row.append(self._text(shortened(told, said)))
            grid.add_row(*row)
        return grid

    def _bar(
        self, action: records.Action, seconds: float | None, width: int
    ) -> tuple[console.RenderableType, text.Text]:
        """The bar of a move, and its share; ``~`` marks an estimate."""
        share, is_estimate = plan_progress.share_done(action, seconds)
        if share is None:
            # A pulse would look like a bar that is nearly full.
            return text.Text(), text.Text()
        bar = progress_bar.ProgressBar(
            total=1.0,
            completed=share,
            width=width,
            complete_style='cyan',
            finished_style='cyan',
        )
        mark = '~' if is_estimate else ''
        return bar, text.Text(f'{mark}{share:.0%}')

    def _notes(self) -> Iterator[text.Text]:
        """What waits, the limits, and whether Watcher answers."""
        room = self._terminal.width - 1
        notes = [self._follower.note, *self._picture.notes]
        for note in notes:
            if note:
                yield self._text(shortened(note, room), 'dim')
        silence = self._follower.silent_for()
        if self._error or silence > _SILENCE:
            words = self._error or 'Watcher does not answer'
            since = summary_text.duration(silence)
            words = shortened(words, max(room - len(since) - 9, 20))
            yield self._text(f'{words}, since {since}', 'bold red')
        yield self._text('Control-C: leave, or cancel the plan', 'dim')


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
