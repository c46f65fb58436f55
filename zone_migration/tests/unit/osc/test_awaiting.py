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
import signal

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.osc import awaiting
from zone_migration.osc import clock
from zone_migration.osc import signals
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class EndTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.seconds = 0.0
        self.plan = fakes.plan(state='PENDING')
        #: By second, what Watcher answers from then on.
        self.answers = {}
        self.clock = clock.Clock(
            passed=lambda: self.seconds, wait=self.pass_by
        )

    def pass_by(self, seconds):
        self.seconds += seconds

    def ask(self, uuid):
        for second, answer in reversed(self.answers.items()):
            if self.seconds >= second:
                if isinstance(answer, Exception):
                    raise answer
                return dataclasses.replace(self.plan, state=answer)
        return self.plan

    def end(self, untaken=lambda: 'Nobody has taken it.'):
        self.told = []
        return awaiting.end(
            self.plan,
            self.ask,
            'The plan',
            'It goes on.',
            self.clock,
            lambda text: self.told.append((self.seconds, text)),
            untaken,
        )

    def test_what_has_ended_is_returned_as_it_is_then(self):
        for state in ('SUCCEEDED', 'FAILED', 'CANCELLED', 'SUSPENDED'):
            self.answers = {3.0: state}
            self.assertEqual(state, self.end().state)

    def test_what_does_not_end_is_left(self):
        self.answers = {1.0: 'ONGOING'}
        self.assertRaisesRegex(
            exceptions.CommandError,
            'The plan has not ended in 10 minutes, it is ONGOING. It goes on.',
            self.end,
        )

    def test_a_watcher_that_stays_silent_is_left(self):
        self.answers = {5.0: watcher_errors.Unavailable('It is away')}
        self.assertRaisesRegex(
            exceptions.CommandError, '^It is away. It goes on.$', self.end
        )
        self.assertEqual(65.0, self.seconds)

    def test_what_nobody_takes_is_told_once(self):
        self.answers = {30.0: 'SUCCEEDED'}
        self.end()
        self.assertEqual([(10.0, 'Nobody has taken it.')], self.told)

    def test_what_somebody_has_taken_is_not(self):
        self.answers = {9.0: 'ONGOING', 30.0: 'SUCCEEDED'}
        self.end()
        self.assertEqual([], self.told)

    def test_nobody_knows_while_watcher_is_silent(self):
        silent = watcher_errors.Unavailable('It is away')
        self.answers = {5.0: silent, 20.0: 'SUCCEEDED'}
        self.end()
        self.assertEqual([], self.told)

    def test_a_silence_while_the_reason_is_looked_for_is_no_end(self):
        self.answers = {30.0: 'SUCCEEDED'}

        def untaken():
            if self.seconds < 12:
                raise watcher_errors.Unavailable('It is away')
            return 'Another one runs.'

        self.end(untaken)
        self.assertEqual([(12.0, 'Another one runs.')], self.told)


class ShownTest(testtools.TestCase):
    def test_a_file_has_no_spinner(self):
        stderr = io.StringIO()
        with awaiting.shown('Watcher plans ...', stderr) as say:
            say('Nobody has taken it.')
        self.assertEqual('Nobody has taken it.\n', stderr.getvalue())

    def test_lines_stand_above_the_spinner_of_a_terminal(self):
        stderr = fakes.Stream()
        stderr.is_terminal = True
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'xterm'))
        with awaiting.shown('Watcher plans ...', stderr) as say:
            say('[Nobody] has taken it.')
        self.assertIn('[Nobody] has taken it.\n', stderr.getvalue())

    def test_the_cursor_is_shown_again_before_sigterm_ends_it(self):
        stderr = fakes.Stream()
        stderr.is_terminal = True
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'xterm'))
        written = []
        before = signal.signal(
            signal.SIGTERM,
            lambda number, frame: written.append(stderr.getvalue()),
        )
        self.addCleanup(signal.signal, signal.SIGTERM, before)

        def end():
            with awaiting.shown('Watcher plans ...', stderr):
                signal.raise_signal(signal.SIGTERM)

        self.assertRaises(signals.Received, end)
        self.assertIn('\x1b[?25h', written[0])


class InterruptibleTest(testtools.TestCase):
    def test_who_leaves_is_told_what_goes_on(self):
        stderr = io.StringIO()

        def leave():
            with awaiting.interruptible('It goes on.', stderr):
                raise KeyboardInterrupt

        self.assertRaises(KeyboardInterrupt, leave)
        self.assertEqual('\nIt goes on.\n', stderr.getvalue())
