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

import dataclasses
import io
import shlex

from rich import cells
from rich import console
from rich import text

from zone_migration.osc import live_view
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes
from zone_migration.tests.unit.osc import test_follow

NAME = 'rack 7 2026-11-28 03:14:00'
MESSAGE = (
    '4 of 40 done (1 failed), 3 running, about 10 min to go; limits: 100 in '
    'all, 2 a host, 2 a pool; 30 wait: 2 of 2 leave w112'
)


class Output(io.StringIO):
    """What a terminal gets that shows one encoding."""

    def __init__(self, encoding='utf-8'):
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self):
        return self._encoding


class LiveViewTest(test_follow.FollowerCase):
    def setUp(self):
        super().setUp()
        del self.watcher.actions_[40:]
        self.watcher.set_plan(message=MESSAGE, updated_at=test_follow.stamp(4))

    def run_action(self, number, words, type='live_migration', **parameters):
        """Let an action run since ten seconds ago."""
        name = parameters.pop('name', f'web-{number}')
        action = fakes.action(name, type, **parameters)
        self.watcher.actions_[number] = dataclasses.replace(
            action,
            uuid=self.watcher.actions_[number].uuid,
            state='ONGOING',
            message=f'{words} (since 2026-11-28 03:00:00)',
            updated_at=test_follow.stamp(10),
        )

    def view(self, width=80, height=24, encoding='utf-8', **values):
        terminal = console.Console(
            file=Output(encoding),
            force_terminal=True,
            width=width,
            height=height,
            color_system=None,
            legacy_windows=False,
            **values,
        )
        return live_view.LiveView(terminal, self.follower, NAME)

    def drawn(self, **values):
        """The lines of the view after another look."""
        self.look()
        view = self.view(**values)
        view.show()
        terminal = view._terminal
        terminal.file.truncate(0)
        terminal.file.seek(0)
        terminal.print(view.render())
        lines = terminal.file.getvalue().splitlines()
        return [line.rstrip() for line in lines]

    def three(self):
        """Three moves of three kinds."""
        self.run_action(
            1,
            'copying to w113, memory 0.5 of 2.0 GiB left',
            name='a-web-server-with-a-name-of-sixty-characters-in-all-zone-001',
            source='w112',
            dst_hostname='w113',
        )
        self.run_action(
            2,
            'migrating',
            'cold_migration',
            name='db-1',
            source='w112',
            expected_duration=40,
        )
        self.run_action(
            3,
            'copying',
            'volume_migration',
            name='vol-1',
            source='block1@lvm-1#pool-of-disks',
            dst_hostname='block2@lvm-2#pool-of-flash',
        )

    def test_80_columns(self):
        self.three()
        self.watcher.actions_[4] = dataclasses.replace(
            self.watcher.actions_[4], state='FAILED', updated_at='1'
        )
        self.assertEqual(
            [
                'rack 7 2026-11-28 03:14:00'.ljust(73) + 'ONGOING',
                '╸'.ljust(37) + '1 of 40 done (1 failed), about 10 min to go',
                'a-web-server...-all-zone-001 w112 -> w113                '
                '━━━━━━━╸    75%   10 s',
                'db-1                         from w112                   '
                '━━╸        ~25%   10 s',
                'vol-1                        block1@lvm-1...ool-of-flash '
                '                  10 s',
                'limits: 100 in all, 2 a host, 2 a pool',
                '36 wait: 2 of 2 leave w112',
                'Control-C: leave, or cancel the plan',
            ],
            self.drawn(no_color=True),
        )

    def test_what_nova_has_queued_says_so_where_its_bar_will_be(self):
        self.run_action(
            1,
            'queued behind 1 other live migration of c1',
            source='c1',
            expected_duration=40,
        )
        self.assertEqual(
            'web-1 from c1 queued            10 s', self.drawn()[2]
        )

    def test_a_plan_that_is_being_cancelled_can_only_be_left(self):
        self.watcher.set_plan(state='CANCELLING')
        self.assertEqual('Control-C: leave', self.drawn()[-1])

    def test_what_a_narrower_terminal_has_folded_is_cleared_away(self):
        self.look()
        rows = []
        for width in (80, 60):
            view = self.view(_environ={'TERM': 'xterm'})
            view.resume()
            # Before its thread does.
            view._terminal.print(end='')
            view._terminal.width = width
            view.pause()
            written = view._terminal.file.getvalue()
            rows.append(written.count('\x1b[1A\x1b[2K'))
            view._terminal.file.truncate(0)
            view.say('a line')
            self.assertNotIn('\x1b', view._terminal.file.getvalue())
        self.assertEqual(2, rows[1] - rows[0])

    def test_nothing_is_counted_before_anything_is_known(self):
        view = self.view()
        view._terminal.print(view.render())
        self.assertIn('asking Watcher', view._terminal.file.getvalue())

    def test_without_utf8_all_is_ascii(self):
        self.three()
        self.run_action(4, 'copying', name='サーバ-4')
        lines = self.drawn(encoding='ascii')
        self.assertTrue('\n'.join(lines).isascii(), lines)
        self.assertIn('\\u30b5\\u30fc\\u30d0-4 ', '\n'.join(lines))
        self.assertIn('------- ', '\n'.join(lines))

    def test_wide(self):
        self.three()
        lines = '\n'.join(self.drawn(width=160))
        self.assertIn('a-web-server-with-a...ters-in-all-zone-001', lines)
        self.assertIn('copying to w113, me...0.5 of 2.0 GiB left', lines)

    def test_no_line_is_longer_than_the_terminal(self):
        self.three()
        self.run_action(4, 'copying', name='サーバ' * 20)
        for width in (20, 30, 40, 60, 80, 100, 139, 140, 200):
            for line in self.drawn(width=width):
                self.assertLessEqual(cells.cell_len(line), width, line)

    def test_the_smallest_terminal_ends_nothing(self):
        self.run_action(1, 'copying to c2')
        for width in (1, 2, 3, 4):
            self.drawn(width=width, height=1)

    def test_it_is_never_higher_than_the_terminal(self):
        for number in range(30):
            self.run_action(number, 'copying')
        for height in (8, 12, 24, 50):
            lines = self.drawn(height=height)
            self.assertLess(len(lines), height, lines)
        self.assertIn('and 13 more', self.drawn(height=24))

    def test_markup_in_names_is_shown_as_it_is(self):
        self.run_action(1, 'copying', name='[red]x[/] :smile: [link=a]b')
        lines = '\n'.join(self.drawn())
        self.assertIn('[red]x[/] :smile: [link=a]b', lines)

    def test_control_characters_do_nothing(self):
        self.run_action(1, 'copying', name='a\x1b[2Jb\nc')
        lines = '\n'.join(self.drawn())
        self.assertIn('a\\x1b[2Jb\\nc', lines)
        self.assertNotIn('\x1b', lines)

    def test_silence_is_told(self):
        view = self.view()
        self.look()
        self.now += 40
        view._terminal.print(view.render())
        self.assertIn(
            'Watcher has not answered for 40 s',
            view._terminal.file.getvalue(),
        )

    def test_an_outage_is_told_in_whole_words(self):
        view = self.view()
        self.look()
        self.now += 40
        view.away(watcher_errors.Unavailable('no route to host ' * 3))
        view._terminal.print(view.render())
        self.assertIn(
            'Watcher has not answered for 40 s: no route to host no route to '
            'host no route\nto host\n',
            view._terminal.file.getvalue(),
        )
        view.show()
        self.assertIsNone(view._error)

    def test_a_failure_is_written_once_with_its_remedy(self):
        self.look()
        view = self.view(width=200)
        self.watcher.change(
            1,
            5,
            state='FAILED',
            message='Action failed in execute: No valid host (after 3.0 s)',
        )
        for _ in range(3):
            self.look()
            view.show()
        self.assertEqual(
            [
                '03:00:05Z web-1 (live migration, from compute1) failed: No '
                'valid host',
                '  Remedy: free room on the other hosts, or enable one, then '
                f'"openstack optimize zone retry {shlex.quote(NAME)}".',
            ],
            [
                line.rstrip()
                for line in view._terminal.file.getvalue().splitlines()
            ],
        )

    def test_what_goes_well_is_not_written(self):
        self.look()
        view = self.view()
        self.watcher.change(1, 5, state='SUCCEEDED')
        self.watcher.change(
            2, 5, state='SKIPPED', message='the server is already on c2'
        )
        self.watcher.change(
            3,
            5,
            state='CANCELLED',
            message='not started: the plan was cancelled',
        )
        self.look()
        view.show()
        self.assertEqual('', view._terminal.file.getvalue())

    def test_a_plan_that_waits_says_for_whom(self):
        self.watcher.set_plan(state='PENDING')
        for _ in range(6):
            self.look()
            self.now += 2
        self.assertIn(
            'No applier has taken it yet; is watcher-applier running?',
            self.drawn(),
        )

    def test_nothing_is_drawn_while_lines_are_written_above(self):
        self.look()
        view = self.view(width=80)
        seen = []
        write = view._terminal.print

        def watch(*words, **values):
            if words and isinstance(words[0], text.Text):
                seen.append(view._is_drawn)
            write(*words, **values)

        with view:
            view.resume()
            view._terminal.print = watch
            for number in range(3):
                self.watcher.change(number, 5, state='FAILED', message='x')
            self.look()
            view.show()
            view.say('The plan is being cancelled.')
            self.assertTrue(view._is_drawn)
        self.assertEqual([False] * 4, seen)
        self.assertIn('web-2 (live ', view._terminal.file.getvalue())

    def test_a_remedy_is_told_once(self):
        self.look()
        view = self.view(width=80)
        for number in range(3):
            self.watcher.change(
                number, 5, state='FAILED', message='No valid host'
            )
        self.look()
        view.show()
        self.assertEqual(1, view._terminal.file.getvalue().count('Remedy:'))

    def test_hosts_are_told_apart(self):
        self.watcher.actions_[0] = fakes.action(
            'w112',
            'change_nova_service_state',
            state='SUCCEEDED',
            updated_at=test_follow.stamp(5),
            parameters={'resource_name': 'w112', 'state': 'disabled'},
        )
        lines = self.drawn()
        self.assertIn(' 0 of 39 done, about 10 min to go', lines[1])
        self.assertIn('1 host disabled', lines)
