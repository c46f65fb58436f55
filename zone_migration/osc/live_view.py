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
from collections.abc import Sequence
import contextlib

from rich import console
from rich import live
from rich import progress_bar
from rich import table
from rich import text

from zone_migration.logic import messages
from zone_migration.osc import folding
from zone_migration.osc import follow
from zone_migration.osc import move_rows
from zone_migration.osc import outage
from zone_migration.osc import plan_end
from zone_migration.osc import plan_progress
from zone_migration.osc import records
from zone_migration.osc import signals
from zone_migration.osc import terminal

#: How long Watcher may be silent before the view says so, in seconds.
_SILENCE = 10.0

#: How many lines a note takes at most.
_LINES = 3

_STATES = {
    'SUCCEEDED': 'green',
    'FAILED': 'bold red',
    'CANCELLED': 'yellow',
    'CANCELLING': 'yellow',
    'SKIPPED': 'yellow',
}


class LiveView:
    """Bars for a plan and its running moves, and above them what failed.

    :param screen: where it is drawn.
    :param name: what the plan is called by.
    """

    def __init__(
        self, screen: console.Console, follower: follow.Follower, name: str
    ) -> None:
        self._terminal = screen
        self._follower = follower
        self._name = name
        self._picture = follower.progress.picture()
        self._error: Exception | None = None
        # By action, the phase that was told last.
        self._phases: dict[str, tuple[str, str]] = {}
        self._remedies: set[str] = set()
        self._drawn = contextlib.ExitStack()
        self._is_drawn = False

    def __enter__(self) -> 'LiveView':
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Clear the view away, for a question, or for good."""
        self._is_drawn = False
        self._drawn.close()

    def resume(self) -> None:
        """Draw the view, below what was written meanwhile."""
        if self._is_drawn:
            return
        self._drawn.enter_context(signals.received())
        # Whatever interrupts what follows.
        self._drawn.callback(self._terminal.show_cursor, True)
        # Before that of rich, which takes away the last one in the end.
        self._terminal.push_render_hook(
            folding.Unfolding(self._terminal, self.render)
        )
        self._drawn.callback(self._terminal.pop_render_hook)
        self._drawn.enter_context(
            live.Live(
                console=self._terminal,
                get_renderable=self.render,
                transient=True,
                vertical_overflow='crop',
            )
        )
        self._is_drawn = True

    def say(self, line: str) -> None:
        """Write a line above the view, where it stays."""
        self._write([(line, '')])

    def _write(self, lines: Sequence[tuple[str, str]]) -> None:
        """Write lines in their styles above the view.

        It is cleared away meanwhile: its thread draws at any time, and rich
        would lose count of the lines that are to be drawn over.
        """
        was_drawn = self._is_drawn
        if was_drawn:
            self.pause()
        for line, style in lines:
            words = messages.escaped(line)
            words = terminal.wrapped(words, self._terminal.width)
            for part in words.splitlines():
                self._terminal.print(self._text(part, style))
        if was_drawn:
            self.resume()

    def show(self) -> None:
        """Draw what the follower's last look has shown."""
        self._error = None
        self._picture = self._follower.progress.picture()
        news = self._follower.news
        if not news:
            return
        phases, remedies = dict(self._phases), set(self._remedies)
        try:
            lines = [line for action in news for line in self._told(action)]
            if lines:
                self._write(lines)
        except BaseException:
            # Control-C: twice is better than never.
            self._phases, self._remedies = phases, remedies
            raise
        news.clear()

    def away(self, error: Exception) -> None:
        """Show that Watcher does not answer."""
        self._error = error

    def _told(self, action: records.Action) -> Iterator[tuple[str, str]]:
        """What went wrong, in lines with their styles."""
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
        words = f'{stamp}{plan_end.item(action)} {plan_end.reason(action)}'
        yield words, _STATES.get(action.state, '')
        remedy = plan_progress.remedy(action, self._name)
        if remedy and remedy not in self._remedies:
            self._remedies.add(remedy)
            yield f'  Remedy: {remedy}.', ''

    def _text(self, words: str, style: str = '') -> text.Text:
        """Words as they are: nothing in them is taken for markup."""
        line = messages.escaped(words)
        if self._terminal.options.ascii_only:
            line = line.encode('ascii', 'backslashreplace').decode()
        return text.Text(line, style)

    def render(self) -> console.Group:
        """All that is drawn, as high as the terminal at most."""
        # The heading, the bar, one move, the line on those that do not fit,
        # and the cursor's own.
        most = max(self._terminal.height - 5, 1)
        below = [*self._notes()][-most:]
        room = self._terminal.height - len(below) - 4
        shown = self._picture.running[: max(room, 1)]
        left = len(self._picture.running) - len(shown)
        parts: list[console.RenderableType] = [self._heading(), self._whole()]
        if shown:
            parts.append(
                move_rows.made(
                    shown,
                    self._terminal.width,
                    self._follower.applier_clock,
                    self._text,
                )
            )
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
            self._text(move_rows.shortened(self._name, room), 'bold'),
            self._text(state, _STATES.get(state, '')),
        )
        return grid

    def _whole(self) -> table.Table:
        """The bar for the whole plan."""
        picture = self._picture
        words = picture.sums
        if not picture.total:
            words = 'asking Watcher'
        if picture.told.time_left:
            words += f', {picture.told.time_left}'
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

    def _notes(self) -> Iterator[text.Text]:
        """What waits, the limits, and whether Watcher answers; in lines."""
        picture = self._picture
        notes = [self._follower.note]
        if picture.plan.state in ('ONGOING', 'CANCELLING'):
            notes += [*picture.notes, *picture.retried]
        away = outage.all_shortened(picture.told.notes)
        for note in notes:
            yield from self._lines(note, 'yellow' if note == away else 'dim')
        silence = self._follower.silent_for()
        if self._error or silence > _SILENCE:
            yield from self._lines(
                outage.told(self._error, silence), 'bold red'
            )
        is_cancelled = picture.plan.state == 'CANCELLING'
        choices = 'leave' if is_cancelled else 'leave, or cancel the plan'
        yield from self._lines(f'Control-C: {choices}', 'dim')

    def _lines(self, words: str, style: str) -> Iterator[text.Text]:
        """Words in as many lines as they need; '' needs none."""
        if not words:
            return
        width = max(self._terminal.width - 1, 1)
        lines = self._text(words, style).wrap(self._terminal, width)
        for number, line in enumerate(lines[:_LINES], start=1):
            is_cut = number == _LINES < len(lines)
            line.rstrip()
            line.truncate(max(width - 3, 0) if is_cut else width)
            yield line.append('...') if is_cut else line
