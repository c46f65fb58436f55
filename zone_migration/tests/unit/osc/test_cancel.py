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

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.osc import cancel
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class CancelledWatcher(fakes.FakeWatcher):
    """Cancels a plan, and ends it after a look."""

    def cancel(self, plan):
        becomes = 'CANCELLING' if plan.state == 'ONGOING' else 'CANCELLED'
        self.plans_ = [dataclasses.replace(plan, state=becomes)]
        super().cancel(plan)

    def plan(self, uuid):
        found = super().plan(uuid)
        if found.state == 'CANCELLING':
            self.plans_ = [dataclasses.replace(found, state='CANCELLED')]
        return found


class CancelPlanTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(
            fixtures.MonkeyPatch('zone_migration.osc.follow.INTERVAL', 0)
        )
        self.watcher = CancelledWatcher(
            fakes.plan(state='ONGOING', message='4 of 40 done')
        )

    def set_plan(self, **values):
        self.watcher.plans_ = [fakes.plan(**values)]

    def cancel(self, *arguments, answers=None):
        self.command = fakes.make(
            cancel.CancelPlan, self.watcher, answers=answers
        )
        return fakes.run(self.command, *arguments)

    @property
    def output(self):
        return self.command.output.getvalue()

    def test_it_is_cancelled_and_waited_for(self):
        self.assertEqual(0, self.cancel('--yes'))
        self.assertEqual([('cancel', fakes.PLAN)], self.watcher.calls)
        self.assertIn('compute1 2026-11-28 03:14:00: CANCELLED', self.output)

    def test_where_it_stands_and_what_it_means_come_first(self):
        self.watcher.actions_ = [
            fakes.action('web-1', state='SUCCEEDED'),
            fakes.action('web-2', state='ONGOING'),
        ]
        self.cancel('--plain', answers='y\n')
        self.assertRegex(
            self.output, '(?s)ONGOING, 1 of 2 done, 1 running.*are reverted'
        )

    def test_one_whose_actions_cannot_be_listed_is_cancelled(self):
        def lose(plan_uuid):
            raise watcher_errors.Unavailable('no answer')

        self.watcher.actions = lose
        self.assertEqual(0, self.cancel('--no-wait', answers='y\n'))
        self.assertEqual([('cancel', fakes.PLAN)], self.watcher.calls)

    def test_who_is_sure_does_not_wait_for_a_listing(self):
        self.watcher.actions = lambda plan_uuid: self.fail('It was listed.')
        self.assertEqual(0, self.cancel('--yes', '--no-wait'))
        self.assertIn("': ONGOING, 4 of 40 done", self.output)

    def test_it_need_not_be_waited_for(self):
        self.assertEqual(0, self.cancel('--yes', '--no-wait'))
        self.assertIn('openstack optimize zone watch', self.output)

    def test_one_that_does_not_run_is_cancelled_at_once(self):
        for state in ('PENDING', 'RECOMMENDED'):
            self.set_plan(state=state)
            self.assertEqual(0, self.cancel('--yes', fakes.PLAN), state)
            self.assertIn('is cancelled.\n', self.output)

    def test_one_that_is_not_started_is_cancelled_by_its_name_only(self):
        self.set_plan()
        self.assertRaisesRegex(
            exceptions.CommandError,
            "^No plan runs. To cancel 'compute1 .*', which is not started: "
            "openstack optimize zone cancel 'compute1 ",
            self.cancel,
            '--yes',
        )
        self.assertEqual([], self.watcher.calls)

    def test_one_that_is_being_cancelled_is_waited_for(self):
        self.set_plan(state='CANCELLING')
        self.assertEqual(0, self.cancel())
        self.assertEqual([], self.watcher.calls)

    def test_one_that_is_cancelled_is_left_as_it_is(self):
        self.set_plan(state='CANCELLED')
        self.assertEqual(0, self.cancel())
        self.assertIn('was cancelled already', self.output)

    def test_one_that_has_ended_otherwise_is_an_error(self):
        self.set_plan(state='SUCCEEDED')
        self.assertRaisesRegex(
            exceptions.CommandError, 'has ended already', self.cancel, '--yes'
        )

    def test_one_that_ends_before_it_is_cancelled_is_3(self):
        def end(plan):
            self.set_plan(state='SUCCEEDED')
            raise watcher_errors.Conflict('state transition')

        self.watcher.cancel = end
        for option in ('--plain', '--no-wait'):
            self.set_plan(state='ONGOING')
            self.assertEqual(3, self.cancel('--yes', option), option)
            self.assertIn('ended before it was cancelled', self.output)

    def test_no_cancels_nothing(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'not cancelled',
            self.cancel,
            answers='\n',
        )
        self.assertEqual([], self.watcher.calls)

    def test_without_a_terminal_it_has_to_be_told(self):
        self.assertRaisesRegex(exceptions.CommandError, '--yes', self.cancel)

    def test_a_lost_answer_is_no_failure(self):
        self.watcher.errors['cancel'] = watcher_errors.Unavailable('no answer')
        self.assertEqual(0, self.cancel('--yes'))

    def test_control_c_before_an_answer_leaves_it_open(self):
        def interrupted(plan):
            raise KeyboardInterrupt

        self.watcher.cancel = interrupted
        self.assertRaises(KeyboardInterrupt, self.cancel, '--yes')
        self.assertRegex(
            self.output,
            'It is not known whether the plan is cancelled. To see it: '
            "openstack optimize zone watch 'compute1",
        )

    def test_one_that_was_not_cancelled_is_told(self):
        def refuse(plan):
            raise watcher_errors.WatcherError('no permission')

        self.watcher.cancel = refuse
        self.assertRaisesRegex(
            watcher_errors.WatcherError, 'no permission', self.cancel, '--yes'
        )

    def test_one_that_is_started_meanwhile_is_cancelled_all_the_same(self):
        self.set_plan(state='PENDING')
        refused = []

        def refuse_once(plan):
            if not refused:
                refused.append(plan)
                self.set_plan(state='ONGOING')
                raise watcher_errors.WatcherError('state transition')
            return CancelledWatcher.cancel(self.watcher, plan)

        self.watcher.cancel = refuse_once
        self.assertEqual(0, self.cancel('--yes'))
        self.assertEqual([('cancel', fakes.PLAN)], self.watcher.calls)

    def test_names_and_messages_cannot_clear_the_screen(self):
        self.watcher.audits = [fakes.audit(name='a\x1b[2Jb')]
        self.set_plan(message='c\x1b[2Jd')
        self.cancel('--yes', fakes.PLAN)
        self.assertIn("'a\\x1b[2Jb': RECOMMENDED, c\\x1b[2Jd", self.output)
        self.assertNotIn('\x1b', self.output)
        self.set_plan(state='FAILED')
        error = self.assertRaises(
            exceptions.CommandError, self.cancel, '--yes'
        )
        self.assertNotIn('\x1b', str(error))

    def test_a_name_that_cannot_be_shown_is_no_obstacle(self):
        self.watcher.audits = [fakes.audit(name='\u30b5')]
        command = fakes.make(cancel.CancelPlan, self.watcher)
        output = io.BytesIO()
        command.app.stdout = io.TextIOWrapper(output, encoding='latin-1')
        fakes.run(command, '--yes')
        self.assertEqual([('cancel', fakes.PLAN)], self.watcher.calls)
        self.assertIn(rb'\u30b5', output.getvalue())
