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

"""What a terminal that became narrower makes of a view, cleared away."""

from collections.abc import Callable

from rich import console
from rich import control
from rich import segment


class Unfolding(console.RenderHook):
    """Clears away the rows into which a frame was folded.

    A terminal that becomes narrower folds the lines that do not fit any more,
    and rich draws over as many rows as it has drawn lines.  The few terminals
    that cut lines off lose as many rows above the frame.

    :param screen: where the frames are drawn.
    :param frame: gives the one that is drawn next.
    """

    def __init__(
        self,
        screen: console.Console,
        frame: Callable[[], console.RenderableType],
    ) -> None:
        self._screen = screen
        self._frame = frame
        # The width of each line of the last frame, in columns.
        self._drawn: list[int] = []

    def process_renderables(
        self, renderables: list[console.ConsoleRenderable]
    ) -> list[console.ConsoleRenderable]:
        """Clear the rows above what rich draws over, before it draws."""
        width = max(self._screen.width, 1)
        folds = sum(max(line - 1, 0) // width for line in self._drawn)
        lines = self._screen.render_lines(self._frame(), pad=False)
        self._drawn = [*map(segment.Segment.get_line_length, lines)]
        row_above = (
            (segment.ControlType.CURSOR_UP, 1),
            (segment.ControlType.ERASE_IN_LINE, 2),
        )
        return [control.Control(*row_above * folds), *renderables]
