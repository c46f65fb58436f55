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

import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from tools import results
from tools import run_parts

#: The set-up of the second class kills its worker.
DYING = '''
import os
import unittest


class ATest(unittest.TestCase):
    def test_passes(self):
        self.assertTrue(True)


class BTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.kill(os.getpid(), 9)

    def test_never_runs(self):
        pass


class CTest(unittest.TestCase):
    def test_never_runs_either(self):
        pass
'''

TRACEBACK = '''Traceback (most recent call last):
  File "a.py", line 1, in f
    g()
    ^^^
ValueError: too
  much
'''


class RunPartsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patch = mock.patch.object(
            run_parts, 'LOGS', pathlib.Path(folder.name))
        patch.start()
        self.addCleanup(patch.stop)
        self.folder = pathlib.Path(folder.name)
        self.mark = self.folder / 'mark'
        self.out = io.StringIO()
        self.run_ = run_parts.Run(self.out, 5)

    def test_output_of_a_command_goes_to_its_log(self):
        heard = []
        code = self.run_.command(
            'part', 'sh', '-c', 'echo one; echo two >&2; exit 3',
            hear=heard.append)
        self.assertEqual(3, code)
        self.assertEqual(['one\n', 'two\n'], heard)
        self.assertEqual(
            'one\ntwo\n', (run_parts.LOGS / 'part.log').read_text())
        self.assertEqual('', self.out.getvalue())
        self.assertIn('part', self.run_.took)

    def test_check_that_fails_shows_the_end_of_its_log(self):
        code = self.run_.command('pep8', 'sh', '-c', 'echo too long; exit 1')
        self.run_.count_check('pep8', code)
        self.assertEqual({'failed': 1}, dict(self.run_.counts))
        self.assertIn('too long', self.run_.failures['pep8'])

    def test_environment_without_results_has_failed(self):
        self.run_.command('py3', 'true')
        with mock.patch.object(run_parts, 'ROOT', self.folder):
            self.run_.count_tests('py3', 0)
        self.assertEqual({'failed': 1}, dict(self.run_.counts))

    def test_tests_of_a_worker_that_died_have_failed(self):
        """Whether it dies in a test, or where stestr does not notice."""
        with mock.patch.object(run_parts, 'ROOT', self.folder):
            found = self.stestr(DYING)
        self.assertEqual((1, 2), (found['passed'], found['failed']))

    def stestr(self, module):
        """What becomes of a module's tests, run as tox runs ours."""
        tests = self.folder / 'dying'
        tests.mkdir()
        (tests / '__init__.py').touch()
        (tests / 'test_dying.py').write_text(module)
        subprocess.run(
            [sys.executable, '-m', 'stestr', '--repo-url', str(self.folder),
             '--test-path', 'dying', '--top-dir', '.', 'run',
             '--concurrency', '1'],
            cwd=self.folder, capture_output=True, check=False)
        return json.loads(subprocess.run(
            [sys.executable, results.__file__, str(self.folder), 'dying'],
            cwd=self.folder, capture_output=True, check=True).stdout)

    def test_run_can_be_stopped(self):
        code = self.run_.command(
            'part', 'sh', '-c', 'echo started; sleep 600',
            hear=lambda line: self.run_.stop('enough'))
        self.assertEqual(-15, code)
        self.assertIn('stopped: enough', self.out.getvalue())
        self.assertEqual({'failed': 1}, dict(self.run_.counts))
        self.assertEqual(-15, self.run_.command('next', 'touch', self.mark))
        self.assertFalse(self.mark.exists())
        self.run_.go_on()
        self.assertEqual(0, self.run_.command('down', 'touch', self.mark))

    def test_what_does_not_end_is_killed(self):
        with mock.patch.object(run_parts, 'MERCY', 0):
            code = self.run_.command(
                'part', 'sh', '-c', 'trap "" TERM; echo started; sleep 600',
                hear=lambda line: self.run_.stop('enough'))
        self.assertEqual(-9, code)

    def test_who_keeps_the_output_open_holds_nobody_up(self):
        self.assertEqual(0, self.run_.command(
            'part', 'sh', '-c', f'sleep 600 & echo $! > {self.mark}'))
        os.kill(int(self.mark.read_text()), signal.SIGKILL)

    def test_part_that_breaks_is_a_failure(self):
        with mock.patch.multiple(
                run_parts, tox=mock.Mock(return_value=0), checks=mock.Mock(),
                first_sandbox=mock.Mock(side_effect=KeyError('x'))):
            run_parts.everything(self.run_)
        self.assertIn("KeyError: 'x'", self.run_.failures['functional'])
        self.assertLess(0, self.run_.counts['failed'])

    def test_reason_is_the_line_below_the_last_frame(self):
        self.assertEqual('ValueError: too', run_parts.reason(TRACEBACK))
        self.assertEqual(
            'failed (exit code 1)',
            run_parts.reason('much output\nfailed (exit code 1)'))
        self.assertEqual('no result', run_parts.reason(''))

    def test_report_ends_with_what_each_part_took(self):
        self.run_.failures['m.A.t'] = TRACEBACK
        self.run_.took = {'py3': 70.2, 'all': 100.4}
        self.run_.seconds = {
            f'zone_migration.tests.m.A.t{n}': float(n) for n in range(12)}
        lines = list(run_parts.report(self.run_))
        self.assertIn('FAILED m.A.t: ValueError: too', lines)
        part = lines.index('part  seconds')
        self.assertEqual(
            ['py3        70', 'all       100'], lines[part + 1:part + 3])
        self.assertTrue(lines[-1].startswith('m.A.t2 '), lines[-1])
        self.assertEqual(10, len(lines) - 1 - next(
            n for n, line in enumerate(lines) if 'slowest' in line))
