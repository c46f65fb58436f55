# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from sandbox import errors
from sandbox import process
from sandbox import waiting

STAT = ('{pid} (a) b) {state} 1 77 {session} 0 -1 4194560 1 0 0 0 1 0 0 0 20 '
        '0 1 0 {started} 1000 1')


def stat_line(pid=7, state='S', session=5, started=900):
    return STAT.format(pid=pid, state=state, session=session,
                       started=started)


class TestParseStat(unittest.TestCase):
    def test_brackets_in_the_name_do_not_confuse(self):
        self.assertEqual(process.Stat(7, 5, 900),
                         process.parse_stat(stat_line()))

    def test_zombie_is_gone(self):
        self.assertIsNone(process.parse_stat(stat_line(state='Z')))


class TestMembers(unittest.TestCase):
    daemon = process.Identity(5, 900)

    def test_all_of_the_session(self):
        processes = [process.Stat(5, 5, 900), process.Stat(7, 5, 950),
                     process.Stat(8, 3, 950)]
        self.assertEqual([5, 7],
                         process.members(self.daemon, '/home', processes))

    def test_reused_pid_is_not_ours(self):
        processes = [process.Stat(5, 5, 2000), process.Stat(7, 5, 2001)]
        self.assertEqual([],
                         process.members(self.daemon, '/home', processes))

    def test_orphan_elsewhere_is_not_ours(self):
        session = [process.Stat(os.getpid(), 5, 950)]
        self.assertEqual([], process.members(
            self.daemon, '/nowhere', session))

    def test_orphan_in_our_directory_is_ours(self):
        session = [process.Stat(os.getpid(), 5, 950)]
        self.assertEqual([os.getpid()], process.members(
            self.daemon, os.getcwd(), session))

    def test_older_than_the_daemon_is_not_ours(self):
        session = [process.Stat(os.getpid(), 5, 850)]
        self.assertEqual([], process.members(
            self.daemon, os.getcwd(), session))


class TestProcesses(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.home = pathlib.Path(directory.name).resolve()

    def start(self, code):
        identity = process.start([sys.executable, '-c', code],
                                 dict(os.environ), self.home,
                                 self.home / 'log')
        self.addCleanup(process.kill, identity, self.home)
        return identity

    def test_started_leads_its_own_session(self):
        identity = self.start('import time; time.sleep(60)')
        self.assertTrue(identity.alive)
        self.assertEqual(identity.pid, os.getsid(identity.pid))
        self.assertEqual([identity.pid],
                         process.members(identity, self.home))

    def test_same_pid_with_another_start_is_not_alive(self):
        mine = process.stat(os.getpid())
        self.assertFalse(
            process.Identity(mine.pid, mine.started - 1).alive)

    def test_stop_ends_what_ignores_sigterm_and_its_children(self):
        identity = self.start(
            'import signal, subprocess, sys, time\n'
            'signal.signal(signal.SIGTERM, signal.SIG_IGN)\n'
            'subprocess.Popen([sys.executable, "-c",'
            ' "import time; time.sleep(60)"])\n'
            'time.sleep(60)')
        waiting.until(
            lambda: len(process.members(identity, self.home)) == 2, 20,
            'a child')
        process.stop(identity, self.home, 0.1)
        self.assertFalse(identity.alive)
        self.assertEqual([], process.members(identity, self.home))

    def start_with_child(self):
        identity = self.start(
            'import subprocess, sys, time\n'
            'subprocess.Popen([sys.executable, "-c",'
            ' "import time; time.sleep(60)"])\n'
            'time.sleep(60)')
        waiting.until(
            lambda: len(process.members(identity, self.home)) == 2, 20,
            'a child')
        return identity

    def test_workers_are_killed_without_their_daemon(self):
        identity = self.start_with_child()
        process.kill_workers(identity, self.home)
        waiting.until(
            lambda: process.members(identity, self.home) == [identity.pid],
            20, 'its end')

    def test_signal_gets_to_all_that_a_daemon_has_started(self):
        identity = self.start_with_child()
        process.send(identity, self.home, signal.SIGTERM)
        waiting.until(
            lambda: not process.members(identity, self.home), 20, 'the end')

    def test_orphans_are_ended_too(self):
        identity = self.start(
            'import subprocess, sys\n'
            'subprocess.Popen([sys.executable, "-c",'
            ' "import time; time.sleep(60)"])')
        waiting.until(lambda: not identity.alive, 20, 'its end')
        self.assertEqual(1, len(process.members(identity, self.home)))
        process.kill(identity, self.home)
        self.assertEqual([], process.members(identity, self.home))

    def test_stop_leaves_a_process_with_a_reused_pid_alone(self):
        other = subprocess.Popen([sys.executable, '-c',
                                  'import time; time.sleep(60)'],
                                 start_new_session=True)
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        started = process.stat(other.pid).started
        process.stop(process.Identity(other.pid, started - 1), self.home, 0)
        self.assertIsNone(other.poll())

    def test_failed_command_names_itself_and_its_log(self):
        log = self.home / 'setup.log'
        with self.assertRaises(errors.CommandFailed) as caught:
            process.run([sys.executable, '-c', 'print("why"); exit(3)'],
                        dict(os.environ), self.home, log)
        self.assertEqual(3, caught.exception.status)
        self.assertIn(str(log), str(caught.exception))
        self.assertIn('why', log.read_text())
