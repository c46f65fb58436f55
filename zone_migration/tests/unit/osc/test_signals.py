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
import os
import pathlib
import signal
import sys
import threading

import pexpect
import testtools

import zone_migration
from zone_migration.osc import signals

SCRIPT = 'zone_migration.tests.unit.osc.drawn_view'
HIDDEN, SHOWN = '\x1b[?25l', '\x1b[?25h'


class ReceivedTest(testtools.TestCase):
    def test_a_signal_is_raised(self):
        with signals.received():
            for number in (signal.SIGTERM, signal.SIGTSTP):
                self.assertRaises(
                    signals.Received, signal.raise_signal, number
                )

    def test_it_does_its_own_work_afterwards(self):
        before = signal.getsignal(signal.SIGTERM)
        with signals.received():
            self.assertNotEqual(before, signal.getsignal(signal.SIGTERM))
        self.assertEqual(before, signal.getsignal(signal.SIGTERM))

    def test_what_ends_the_command_does_so_when_the_block_is_left(self):
        seen = []
        before = signal.signal(
            signal.SIGTERM, lambda number, frame: seen.append('ended')
        )
        self.addCleanup(signal.signal, signal.SIGTERM, before)

        def interrupted():
            with signals.ended_afterwards():
                try:
                    signal.raise_signal(signal.SIGTERM)
                finally:
                    seen.append('left')

        self.assertRaises(signals.Received, interrupted)
        self.assertEqual(['left', 'ended'], seen)

    def test_control_z_does_not_leave_such_a_block(self):
        before = signal.getsignal(signal.SIGTSTP)
        with signals.ended_afterwards():
            self.assertEqual(before, signal.getsignal(signal.SIGTSTP))

    def test_what_is_ignored_stays_so(self):
        before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGTSTP, before)
        with signals.received():
            self.assertEqual(signal.SIG_IGN, signal.getsignal(signal.SIGTSTP))

    def test_another_thread_leaves_them_alone(self):
        seen = []

        def look():
            with signals.received():
                seen.append(signal.getsignal(signal.SIGTERM))

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        self.assertEqual([signal.getsignal(signal.SIGTERM)], seen)


class DrawnViewTest(testtools.TestCase):
    """A view in a shell with job control, in a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.shell = pexpect.spawn(
            'bash',
            ['--norc', '--noprofile', '-i'],
            env={
                'PATH': os.environ['PATH'],
                'PYTHONPATH': str(
                    pathlib.Path(zone_migration.__file__).parents[1]
                ),
                'PS1': 'shell> ',
                'TERM': 'xterm-256color',
                'LANG': 'C.UTF-8',
            },
            encoding='utf-8',
            timeout=600,
            dimensions=(24, 80),
        )
        self.addCleanup(self.shell.close, force=True)
        self.shell.expect('shell> ')
        run = f'exec {sys.executable} -W ignore -m {SCRIPT}'
        self.shell.sendline(f"sh -c 'echo pid=$$; {run}'")
        self.shell.expect(r'pid=(\d+)\r')
        self.pid = int(self.shell.match[1])
        self.shell.expect('compute1 -> c2')

    def written_until(self, pattern):
        """What was written before a pattern."""
        self.shell.expect(pattern)
        return self.shell.before

    def assert_cursor_is_shown(self, written):
        self.assertLess(written.rfind(HIDDEN), written.rfind(SHOWN), written)

    def assert_has_ended_with(self, code):
        self.shell.sendline('echo "ended with" $?.')
        self.shell.expect(r'ended with (\d+)\.')
        self.assertEqual(code, int(self.shell.match[1]))

    def test_control_z_suspends_it_and_fg_draws_it_again(self):
        self.shell.send('\x1a')
        self.assert_cursor_is_shown(self.written_until('Stopped'))
        self.shell.expect('shell> ')
        self.shell.sendline('fg')
        self.assertIn(HIDDEN, self.written_until('compute1 -> c2'))
        self.shell.send('\x1a')
        self.assert_cursor_is_shown(self.written_until('Stopped'))

    def test_sigterm_ends_it_with_143(self):
        os.kill(self.pid, signal.SIGTERM)
        self.assert_cursor_is_shown(self.written_until('Terminated'))
        self.assert_has_ended_with(143)

    def test_a_view_that_was_suspended_can_be_ended(self):
        self.shell.send('\x1a')
        self.shell.expect('Stopped')
        self.shell.sendline('kill %1; fg')
        self.shell.expect('Terminated')
        self.assert_has_ended_with(143)
