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

from osc_lib import exceptions
import testtools

from zone_migration.osc import start
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class QuickWatcher(fakes.FakeWatcher):
    """Runs a plan in no time."""

    #: The state of the plan after the start.
    becomes = 'SUCCEEDED'

    def start(self, plan):
        self.plans_ = [dataclasses.replace(plan, state=self.becomes)]
        self.actions_ = [
            dataclasses.replace(one, state='SUCCEEDED', updated_at='1')
            for one in self.actions_
        ]
        super().start(plan)


class StartPlanTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = QuickWatcher(actions=[fakes.action()])

    def start(self, *arguments, answers=None):
        self.command = fakes.make(
            start.StartPlan, self.watcher, answers=answers
        )
        return fakes.run(self.command, *arguments)

    @property
    def output(self):
        return self.command.output.getvalue()

    def test_it_is_started_and_watched(self):
        self.assertEqual(0, self.start('--yes'))
        self.assertEqual([('start', fakes.PLAN)], self.watcher.calls)
        self.assertIn('compute1 2026-11-28 03:14:00: SUCCEEDED', self.output)

    def test_the_exit_code_is_of_the_result(self):
        self.watcher.becomes = 'CANCELLED'
        self.assertEqual(4, self.start('--yes'))

    def test_the_sums_are_shown_before_the_question(self):
        self.start('--plain', answers='y\n')
        self.assertRegex(self.output, r'(?s)1 to move.*Start\? \[y/N\]')

    def test_a_plan_with_nothing_to_do_is_not_started(self):
        self.watcher.actions_ = [fakes.action(state='SKIPPED')]
        self.assertRaisesRegex(
            exceptions.CommandError,
            'nothing to do in it',
            self.start,
            '--yes',
        )
        self.assertEqual([], self.watcher.calls)

    def test_no_starts_nothing(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'not started',
            self.start,
            answers='n\n',
        )
        self.assertEqual([], self.watcher.calls)

    def test_without_a_terminal_it_has_to_be_told(self):
        self.assertRaisesRegex(exceptions.CommandError, '--yes', self.start)
        self.assertEqual([], self.watcher.calls)

    def test_nobody_has_to_watch(self):
        self.watcher.becomes = 'PENDING'
        self.assertEqual(0, self.start('--yes', '--no-watch'))
        self.assertIn('openstack optimize zone watch', self.output)

    def test_who_does_not_watch_is_told_of_another_start(self):
        self.watcher.errors['start'] = watcher_errors.Conflict('is started')
        self.watcher.becomes = 'ONGOING'
        self.assertEqual(0, self.start('--yes', '--no-watch'))
        self.assertIn('The plan is ONGOING. To see it:', self.output)
        self.watcher.plans_ = [fakes.plan()]
        self.watcher.becomes = 'FAILED'
        self.watcher.actions_ = [fakes.action()]
        self.assertEqual(3, self.start('--yes', '--no-watch'))
        self.assertIn('compute1 2026-11-28 03:14:00: FAILED', self.output)

    def test_a_lost_answer_is_no_failure(self):
        self.watcher.errors['start'] = watcher_errors.Unavailable('no answer')
        self.assertEqual(0, self.start('--yes'))

    def test_what_was_not_started_is_told(self):
        self.watcher.becomes = 'RECOMMENDED'
        self.watcher.errors['start'] = watcher_errors.Unavailable('no answer')
        self.assertRaisesRegex(
            watcher_errors.Unavailable, 'no answer', self.start, '--yes'
        )

    def test_control_c_while_the_start_is_not_answered_leaves_it_open(self):
        def interrupted(plan):
            raise KeyboardInterrupt

        self.watcher.start = interrupted
        self.assertRaises(KeyboardInterrupt, self.start, '--yes')
        self.assertRegex(
            self.output,
            'It is not known whether the plan is started. To see it: '
            "openstack optimize zone watch 'compute1",
        )

    def test_other_states_are_refused_with_what_to_do(self):
        for state, words in (
            ('PENDING', 'waits for an applier already. To see it: .* watch '),
            (
                'ONGOING',
                'runs already. To see it: openstack optimize zone watch ',
            ),
            ('CANCELLING', 'is being cancelled. .* watch '),
            (
                'SUCCEEDED',
                'was run already. To ask for what is left: .* zone retry ',
            ),
            ('FAILED', 'was run already, and FAILED. .* retry '),
            (
                'CANCELLED',
                'was cancelled. To ask for what is left: .* zone retry ',
            ),
            ('SUPERSEDED', 'is too old: Watcher has SUPERSEDED it. .* retry'),
            ('DELETED', 'is DELETED. '),
        ):
            self.watcher.plans_ = [fakes.plan(state=state)]
            self.assertRaisesRegex(
                exceptions.CommandError, words, self.start, '--yes'
            )
        self.assertEqual([], self.watcher.calls)

    def test_a_name_that_cannot_be_shown_is_no_obstacle(self):
        self.watcher.audits = [fakes.audit(name='\u30b5')]
        command = fakes.make(start.StartPlan, self.watcher)
        output = io.BytesIO()
        command.app.stdout = io.TextIOWrapper(output, encoding='latin-1')
        fakes.run(command, '--yes')
        self.assertEqual([('start', fakes.PLAN)], self.watcher.calls)
        self.assertIn(rb'\u30b5', output.getvalue())
