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

import types

import fixtures
from rich import console
import testtools

from zone_migration.osc import live_view
from zone_migration.osc import signals
from zone_migration.osc import terminal
from zone_migration.osc import view
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes
from zone_migration.tests.unit.osc import test_follow


class ViewTest(testtools.TestCase):
    """A plan of two actions, and what happens while the view waits."""

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'dumb'))
        self.now = 0.0
        self.watcher = test_follow.CountingWatcher(
            fakes.plan(state='ONGOING'),
            [fakes.action('web-1'), fakes.action('web-2')],
        )
        #: What happens at each wait, in order.
        self.happens = []

    def wait(self, seconds):
        self.now += seconds
        self.happens.pop(0)()

    def run_view(self, typed=None):
        """The exit code and the output of a view."""
        stdin, stdout = fakes.Stream(typed), fakes.Stream()
        stdin.is_terminal = stdout.is_terminal = typed is not None
        made = view.View(
            types.SimpleNamespace(stdin=stdin, stdout=stdout),
            self.watcher,
            self.watcher.plans_[0],
            'rack 7',
            clock=lambda: self.now,
            wait=self.wait,
        )
        return made.run(), stdout.getvalue()

    def end(self, state='SUCCEEDED', action='SUCCEEDED'):
        for number in range(len(self.watcher.actions_)):
            self.watcher.change(number, self.now, state=action)
        self.watcher.set_plan(state=state, message='the end')

    def interrupt(self):
        raise KeyboardInterrupt

    def test_it_goes_on_until_the_end(self):
        self.happens = [lambda: None, lambda: None, self.end]
        code, output = self.run_view()
        self.assertEqual(0, code)
        self.assertEqual(4, self.watcher.asked['plan'])
        self.assertIn('rack 7: SUCCEEDED\n2 moved\nthe end\n', output)

    def test_the_exit_code_is_of_the_result(self):
        self.happens = [lambda: self.end('FAILED', 'FAILED')]
        self.assertEqual(3, self.run_view()[0])

    def test_an_outage_does_not_end_it(self):
        def away():
            self.watcher.is_away = True

        def back():
            self.watcher.is_away = False
            self.end()

        self.happens = [away, lambda: None, back]
        code, output = self.run_view()
        self.assertEqual(0, code)
        self.assertIn('Watcher has not answered for 2 s: no answer\n', output)
        self.assertIn('Watcher answers again.\n', output)

    def test_a_deleted_plan_ends_it(self):
        self.happens = [self.watcher.plans_.clear]
        self.assertRaises(watcher_errors.NotFound, self.run_view)

    def test_control_c_leaves_without_a_terminal(self):
        self.happens = [self.interrupt]
        code, output = self.run_view()
        self.assertEqual(130, code)
        self.assertIn(
            'The plan goes on. To see it again: openstack optimize zone watch '
            "'rack 7'",
            output,
        )
        self.assertEqual([], self.watcher.calls)

    def test_who_leaves_is_told_that_the_plan_is_being_cancelled(self):
        self.watcher.set_plan(state='CANCELLING')
        self.happens = [self.interrupt]
        self.assertIn(
            'The plan is being cancelled. To see it again: ',
            self.run_view()[1],
        )

    def test_a_plan_that_is_being_cancelled_is_not_asked_about_that(self):
        self.watcher.set_plan(state='CANCELLING')
        for typed, code in (('l\n', 130), ('c\n', 4), ('\n', 4)):
            self.happens = [
                self.interrupt,
                lambda: self.end('CANCELLED', 'CANCELLED'),
            ]
            left, output = self.run_view(typed)
            self.assertEqual(code, left, typed)
            self.assertIn(
                'Leave (the plan is being cancelled), or go on watching? '
                '[l/G]',
                output,
            )
            self.watcher.set_plan(state='CANCELLING')
        self.assertEqual([], self.watcher.calls)

    def test_an_accepted_cancel_is_told_to_who_leaves(self):
        def cancel(plan):
            self.watcher.set_plan(state='CANCELLING')

        self.watcher.cancel = cancel
        self.happens = [self.interrupt, self.interrupt]
        output = self.run_view('c\nl\n')[1]
        self.assertIn('The plan is being cancelled. To see it again', output)

    def test_control_c_while_a_cancel_is_not_answered_leaves_it_open(self):
        self.watcher.cancel = lambda plan: self.interrupt()
        self.happens = [self.interrupt]
        code, output = self.run_view('c\n')
        self.assertEqual(130, code)
        self.assertIn(
            'It is not known whether the plan is cancelled. To see it again:',
            output,
        )
        self.assertNotIn('The plan goes on.', output)

    def test_control_c_asks_on_a_terminal(self):
        for typed in ('l\n', 'LEAVE\n'):
            self.happens = [self.interrupt]
            self.assertEqual(130, self.run_view(typed)[0], typed)
        self.assertEqual([], self.watcher.calls)

    def test_any_other_answer_goes_on(self):
        for typed in ('\n', 'g\n', 'what?\n', ''):
            self.watcher.set_plan(state='ONGOING')
            self.happens = [self.interrupt, self.end]
            self.assertEqual(0, self.run_view(typed)[0], typed)
        self.assertEqual([], self.watcher.calls)

    def test_another_control_c_leaves_at_once(self):
        stdin, stdout = fakes.Stream(), fakes.Stream()
        stdin.is_terminal = stdout.is_terminal = True
        stdin.readline = self.interrupt
        self.happens = [self.interrupt]
        made = view.View(
            types.SimpleNamespace(stdin=stdin, stdout=stdout),
            self.watcher,
            self.watcher.plans_[0],
            'rack 7',
            clock=lambda: self.now,
            wait=self.wait,
        )
        self.assertEqual(130, made.run())

    def test_the_plan_is_cancelled_and_watched_to_its_end(self):
        self.happens = [
            self.interrupt,
            lambda: self.end('CANCELLED', 'CANCELLED'),
        ]
        code, output = self.run_view('c\n')
        self.assertEqual([('cancel', fakes.PLAN)], self.watcher.calls)
        self.assertEqual(4, code)
        self.assertIn('Nothing more is started.', output)

    def test_what_keeps_it_from_being_cancelled_is_told(self):
        self.watcher.errors['cancel'] = watcher_errors.WatcherError(
            'no permission'
        )
        self.happens = [self.interrupt, self.end]
        code, output = self.run_view('c\n')
        self.assertEqual(0, code)
        self.assertIn('The plan is not cancelled: no permission', output)

    def test_that_nobody_knows_whether_it_is_cancelled_is_told(self):
        self.watcher.errors['cancel'] = watcher_errors.Unavailable('no answer')
        self.happens = [self.interrupt, self.end]
        output = self.run_view('c\n')[1]
        self.assertIn('It is not known whether the plan is cancelled', output)
        self.assertNotIn('The plan is not cancelled', output)

    def test_a_closed_pipe_ends_it_quietly(self):
        stdout = fakes.Stream()

        def write(text):
            raise BrokenPipeError

        stdout.write = write
        made = view.View(
            types.SimpleNamespace(stdin=fakes.Stream(), stdout=stdout),
            self.watcher,
            self.watcher.plans_[0],
            'rack 7',
        )
        self.assertEqual(130, made.run())

    def test_a_failure_is_told_although_control_c_has_kept_it_back(self):
        write = terminal.write, console.Console.print

        def interrupted(original):
            def written(output, line, *arguments, **values):
                if 'web-1' in str(line) and interrupts:
                    raise interrupts.pop()
                original(output, line, *arguments, **values)

            return written

        self.useFixture(
            fixtures.MonkeyPatch(
                'zone_migration.osc.terminal.write', interrupted(write[0])
            )
        )
        self.useFixture(
            fixtures.MonkeyPatch(
                'rich.console.Console.print', interrupted(write[1])
            )
        )
        for term in ('dumb', 'xterm'):
            self.useFixture(fixtures.EnvironmentVariable('TERM', term))
            interrupts = [KeyboardInterrupt()]
            self.watcher.set_plan(state='ONGOING')
            self.watcher.change(0, 1, state='FAILED', message='no route')
            self.happens = [lambda: None, self.end]
            output = self.run_view('g\n')[1]
            self.assertEqual([], interrupts, term)
            self.assertRegex(output, 'FAILED no route|failed: no route')

    def test_a_signal_while_the_view_is_cleared_away_is_delivered(self):
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'xterm'))
        delivered = []
        pause = live_view.LiveView.pause

        class Signal(signals.Received):
            def deliver(self):
                delivered.append(self._number)

        def interrupted_pause(shown):
            if numbers:
                raise Signal(numbers.pop())
            pause(shown)

        self.useFixture(
            fixtures.MonkeyPatch(
                'zone_migration.osc.live_view.LiveView.pause',
                interrupted_pause,
            )
        )
        for numbers in ([1], [1, 2]):
            expected = sorted(numbers)
            self.watcher.set_plan(state='ONGOING')
            self.happens = [self.interrupt, self.end]
            self.assertEqual(0, self.run_view('g\n')[0])
            self.assertEqual(expected, delivered)
            delivered.clear()

    def test_a_signal_after_the_end_is_delivered(self):
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'xterm'))
        delivered = []

        class Signal(signals.Received):
            def deliver(self):
                delivered.append(self._number)

        def leave(shown, *_):
            live_view.LiveView.pause(shown)
            raise Signal(1)

        self.useFixture(
            fixtures.MonkeyPatch(
                'zone_migration.osc.live_view.LiveView.__exit__', leave
            )
        )
        self.happens = [self.end]
        code, output = self.run_view('')
        self.assertEqual((0, [1]), (code, delivered))
        self.assertIn('rack 7: SUCCEEDED', output)

    def test_it_is_drawn_on_a_terminal(self):
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'xterm'))
        self.happens = [lambda: None, self.interrupt, self.end]
        code, output = self.run_view('g\n')
        self.assertEqual(0, code)
        self.assertIn('0 of 2 done', output)
        self.assertIn('rack 7: SUCCEEDED', output)
        # The cursor is shown again.
        self.assertLess(output.rfind('\x1b[?25l'), output.rfind('\x1b[?25h'))
