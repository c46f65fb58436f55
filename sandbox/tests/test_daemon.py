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
import sys
import tempfile
import unittest
from unittest import mock

from sandbox import daemon
from sandbox import errors
from sandbox import layout


class TestDaemon(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.layout = layout.Layout(pathlib.Path(directory.name).resolve())
        self.conf = self.layout.path('sleeper.conf')
        self.conf.write_text('seconds = 60')
        self.addCleanup(daemon.kill, self.layout, 'sleeper')

    def sleeper(self, **changed):
        return daemon.Daemon(**{
            'name': 'sleeper',
            'command': (sys.executable, '-c', 'import time; time.sleep(60)'),
            'files': (str(self.conf),), **changed})

    def test_started_daemon_is_current(self):
        daemon.start(self.layout, self.sleeper())
        self.assertTrue(daemon.current(self.layout, self.sleeper()))
        self.assertEqual(['sleeper'], daemon.recorded(self.layout))

    def test_start_leaves_a_running_daemon_alone(self):
        daemon.start(self.layout, self.sleeper())
        before = daemon.running(self.layout, 'sleeper')
        daemon.start(self.layout, self.sleeper())
        self.assertEqual(before, daemon.running(self.layout, 'sleeper'))

    def test_changed_configuration_makes_it_stale(self):
        daemon.start(self.layout, self.sleeper())
        self.conf.write_text('seconds = 61')
        self.assertFalse(daemon.current(self.layout, self.sleeper()))

    def test_changed_command_or_environment_makes_it_stale(self):
        daemon.start(self.layout, self.sleeper())
        self.assertFalse(daemon.current(
            self.layout, self.sleeper(env={'A': 'B'})))
        self.assertFalse(daemon.current(
            self.layout, self.sleeper(command=('true',))))

    def test_missing_file_has_a_fingerprint_of_its_own(self):
        empty = self.layout.path('empty')
        missing = self.sleeper(files=(str(empty),)).fingerprint()
        empty.write_text('')
        self.assertNotEqual(
            missing, self.sleeper(files=(str(empty),)).fingerprint())

    def test_stopped_daemon_is_forgotten(self):
        daemon.start(self.layout, self.sleeper())
        daemon.stop(self.layout, 'sleeper', 5)
        self.assertIsNone(daemon.running(self.layout, 'sleeper'))
        self.assertEqual([], daemon.recorded(self.layout))

    def test_daemon_that_up_does_not_start_is_expected_once_it_was(self):
        one = self.sleeper(by_default=False)
        self.assertFalse(daemon.expected(self.layout, one))
        daemon.start(self.layout, one)
        self.assertTrue(daemon.expected(self.layout, one))
        daemon.stop(self.layout, 'sleeper', 5)
        self.assertFalse(daemon.expected(self.layout, one))

    def test_dead_daemon_is_told_with_its_log(self):
        with self.assertRaises(errors.DaemonDied) as caught:
            daemon.check_alive(self.layout, ['sleeper'])
        self.assertIn(str(self.layout.log('sleeper')),
                      str(caught.exception))

    def test_daemon_is_ready_when_its_log_says_so_since_its_start(self):
        log = self.layout.log('sleeper')
        log.parent.mkdir(parents=True)
        log.write_text('works\n')
        one = self.sleeper(ready='works')
        daemon.start(self.layout, one)
        self.assertFalse(daemon.says_ready(self.layout, one))
        with log.open('a') as more:
            more.write('now it works\n')
        self.assertTrue(daemon.says_ready(self.layout, one))

    def test_daemon_that_says_nothing_is_ready(self):
        daemon.start(self.layout, self.sleeper())
        self.assertTrue(daemon.says_ready(self.layout, self.sleeper()))

    def test_environment_keeps_out_what_the_caller_has(self):
        with mock.patch.dict(os.environ, OS_AUTH_URL='http://elsewhere',
                             PYTHONPATH='/elsewhere'):
            env = daemon.environment(self.layout)
        self.assertNotIn('OS_AUTH_URL', env)
        self.assertEqual(str(self.layout.path('lib')), env['PYTHONPATH'])
