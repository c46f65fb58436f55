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

import io

from rich import console
from rich import text
import testtools

from zone_migration.osc import folding

ROW = '\x1b[1A\x1b[2K'


class UnfoldingTest(testtools.TestCase):
    """A frame of a line as wide as the terminal, and of a short one."""

    def setUp(self):
        super().setUp()
        self.screen = console.Console(
            file=io.StringIO(), force_terminal=True, width=40, height=10
        )
        self.unfolding = folding.Unfolding(
            self.screen,
            lambda: text.Text(f'{"x" * self.screen.width}\nshort'),
        )
        self.cleared(40)

    def cleared(self, width):
        """What clears the rows above the frame, at this width."""
        self.screen.width = width
        cleared, drawn = self.unfolding.process_renderables(['drawn'])
        self.assertEqual('drawn', drawn)
        return str(cleared)

    def test_rows_into_which_a_line_was_folded_are_cleared(self):
        self.assertEqual(ROW, self.cleared(39))
        self.assertEqual(ROW * 2, self.cleared(13))

    def test_a_line_is_folded_once(self):
        self.assertEqual(ROW, self.cleared(20))
        self.assertEqual('', self.cleared(20))

    def test_nothing_is_folded_in_a_terminal_that_became_wider(self):
        self.assertEqual('', self.cleared(80))
