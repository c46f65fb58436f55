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
import datetime
import io

from osc_lib import exceptions
import testtools

from zone_migration.osc import audits
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes

PARAMETERS = {'compute_nodes': [{'src_node': 'compute1'}]}
NAME = 'compute1-2026-11-28T03:14:05'
LOST = watcher_errors.Unavailable('Watcher does not answer: it is down')


class FakeClock:
    """A clock that goes on when somebody waits.

    Tests set what happens at which second in ``events``.
    """

    def __init__(self):
        self.seconds = 0.0
        self.events = {}

    def now(self):
        return datetime.datetime(2026, 11, 28, 3, 14, 5)

    def passed(self):
        return self.seconds

    def wait(self, seconds):
        self.seconds += seconds
        self.events.get(self.seconds, lambda: None)()


class Terminal(io.StringIO):
    def isatty(self):
        return True


class CreatePlanTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(actions=[fakes.action()])
        self.watcher.audits[0] = fakes.audit(state='PENDING', message='')
        self.clock = FakeClock()
        self.clock.events[3.0] = lambda: self.become('SUCCEEDED')
        self.stderr = io.StringIO()

    def become(self, state, message=''):
        self.watcher.audits[0] = dataclasses.replace(
            self.watcher.audits[0], state=state, message=message
        )

    def begin_meanwhile(self, audit_uuid, many=0):
        """Let a plan begin after the look for one, before the audit."""
        running = fakes.plan(
            uuid='running', audit_uuid=audit_uuid, state='ONGOING'
        )

        def begin():
            self.become('CANCELLED')
            self.watcher.plans_ = [fakes.plan()] * many + [running]

        self.clock.events[3.0] = begin

    def create(self, name=None, force=False, **values):
        return audits.create_plan(
            self.watcher,
            name,
            PARAMETERS,
            force,
            self.stderr,
            clock=self.clock,
            **values,
        )

    def assert_refused(self, text, **values):
        error = self.assertRaises(
            exceptions.CommandError, self.create, **values
        )
        self.assertIn(text, str(error))
        return error

    def lose(self, method, error, times=None):
        """Let a method of the fake fail, at most so many times."""
        real = getattr(self.watcher, method)
        left = [times]

        def failing(*arguments):
            if left[0] == 0:
                return real(*arguments)
            if left[0]:
                left[0] -= 1
            raise error

        setattr(self.watcher, method, failing)

    def test_the_plan_of_an_audit_that_has_ended_is_returned(self):
        audit, plan, actions = self.create()
        self.assertEqual(
            ('SUCCEEDED', self.watcher.plans_[0], self.watcher.actions_),
            (audit.state, plan, actions),
        )
        self.assertEqual(3.0, self.clock.seconds)

    def test_the_name_tells_what_is_emptied_and_when(self):
        self.create()
        self.assertEqual(
            [('create_audit', NAME, PARAMETERS, False)], self.watcher.calls
        )

    def test_a_name_that_is_told_is_taken(self):
        self.create(name='mine', force=True)
        self.assertEqual(
            [('create_audit', 'mine', PARAMETERS, True)], self.watcher.calls
        )

    def test_the_name_tells_what_it_is_told(self):
        self.create(emptied=['web-1'])
        self.assertEqual('web-1-2026-11-28T03:14:05', self.watcher.calls[0][1])

    def test_an_answer_that_is_lost_is_asked_for_again(self):
        self.lose('audit', LOST, 2)
        self.create()
        self.assertEqual(3.0, self.clock.seconds)

    def test_silence_ends_the_wait_and_the_audit_goes_on(self):
        self.lose('audit', LOST)
        self.assert_refused(
            f'it is down. The audit {NAME!r} goes on: see it with '
            '"openstack optimize audit show'
        )
        self.assertEqual(61.0, self.clock.seconds)

    def test_who_only_reads_a_plan_is_not_told_to_start_it(self):
        self.lose('actions', LOST)
        error = self.assert_refused(f"'list-for-{NAME}' goes", only_read=True)
        self.assertNotIn('optimize zone start', str(error))

    def test_an_audit_that_does_not_end_is_left(self):
        self.clock.events.clear()
        self.assert_refused('has not ended in 10 minutes, it is PENDING')
        self.assertEqual(601.0, self.clock.seconds)

    def test_an_audit_that_failed_is_refused_with_its_message(self):
        self.clock.events[3.0] = lambda: self.become('FAILED', 'no host c9')
        error = self.assert_refused('its audit is FAILED: no host c9')
        self.assertEqual('no host c9', error.reason)

    def test_an_audit_that_failed_without_a_reason_is_in_the_log(self):
        for message in ('', '3 to move, 1 already there'):
            self.clock.seconds = 0.0
            self.become('PENDING')
            self.clock.events[3.0] = lambda message=message: self.become(
                'FAILED', message
            )
            self.assert_refused(
                f'look for the audit {fakes.AUDIT} in the log of '
                'watcher-decision-engine'
            )

    def test_the_plan_in_the_way_of_a_cancelled_audit_is_named(self):
        self.begin_meanwhile(audit_uuid='other')
        self.watcher.audits.append(fakes.audit(uuid='other', name='rack7'))
        error = self.assert_refused(
            f"Watcher has cancelled the audit '{NAME}', because the plan "
            "'rack7' is running. Wait"
        )
        self.assertIn('--force', str(error))

    def test_one_in_the_way_is_found_among_many(self):
        self.begin_meanwhile(audit_uuid='other', many=60)
        self.assert_refused("the plan 'running' is running")

    def test_no_audit_is_created_while_a_plan_runs(self):
        self.watcher.plans_ = [fakes.plan(state='ONGOING')]
        error = self.assert_refused(
            "No plan is made: the plan 'compute1 2026-11-28 03:14:00' is "
            'running. Wait for its end'
        )
        self.assertIn('--force', str(error))
        self.assertEqual([], self.watcher.calls)

    def test_who_forces_it_plans_beside_one_that_runs(self):
        self.watcher.plans_ = [fakes.plan(state='ONGOING')]
        self.create(force=True)
        self.assertEqual(3.0, self.clock.seconds)

    def test_the_name_in_the_way_cannot_clear_the_screen(self):
        self.begin_meanwhile(audit_uuid='other')
        self.watcher.audits.append(fakes.audit(uuid='other', name='r\x1b[2J'))
        error = self.assert_refused(r"the plan 'r\x1b[2J' is running")
        self.assertNotIn('\x1b', str(error))

    def test_the_plan_in_the_way_may_have_no_audit(self):
        self.begin_meanwhile(audit_uuid='')
        self.assert_refused("the plan 'running' is running")

    def test_an_audit_that_was_cancelled_for_no_plan_is_asked_again(self):
        self.clock.events[3.0] = lambda: self.become('CANCELLED')
        self.assert_refused('Run the command again')

    def test_an_audit_without_a_plan_is_told(self):
        self.watcher.plans_ = []
        self.assert_refused('Watcher made no plan')

    def test_a_plan_that_cannot_be_read_can_be_started_all_the_same(self):
        self.lose('actions', LOST)
        self.assert_refused(f'optimize zone start {NAME}')

    def test_who_leaves_is_told_that_the_audit_goes_on(self):
        def interrupt():
            raise KeyboardInterrupt

        self.clock.events[2.0] = interrupt
        self.assertRaises(KeyboardInterrupt, self.create)
        self.assertIn(f"'{NAME}' goes on", self.stderr.getvalue())

    def test_control_c_while_the_creation_is_not_answered_is_told(self):
        def interrupted(*arguments):
            raise KeyboardInterrupt

        self.watcher.create_audit = interrupted
        for values in ({}, {'name': 'mine'}, {'only_read': True}):
            self.stderr = io.StringIO()
            self.assertRaises(KeyboardInterrupt, self.create, **values)
            self.assertIn(
                'It is not known whether the audit is created: see '
                '"openstack optimize audit list".',
                self.stderr.getvalue(),
                values,
            )

    def test_nothing_is_shown_where_there_is_no_terminal(self):
        self.create()
        self.assertEqual('', self.stderr.getvalue())

    def test_that_no_decision_engine_takes_it_is_told(self):
        self.clock.events = {30.0: lambda: self.become('SUCCEEDED')}
        self.create()
        self.assertEqual(
            'No decision engine has taken the audit yet; is '
            'watcher-decision-engine running?\n',
            self.stderr.getvalue(),
        )

    def test_a_terminal_shows_what_is_waited_for(self):
        self.stderr = Terminal()
        self.create()
        self.assertIn(f"Watcher plans '{NAME}'", self.stderr.getvalue())
