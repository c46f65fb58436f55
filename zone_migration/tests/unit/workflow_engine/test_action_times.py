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


"""What the messages of an action tell of its times."""

import datetime

from oslo_utils import fixture as utils_fixture

from zone_migration import exception
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.workflow_engine import scripted
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import ownership

#: When each run begins, on the wall.
NOW = datetime.datetime(2026, 11, 28, 3, 14, 5, 999)
SINCE = '(since 2026-11-28 03:14:05)'


class TimesTest(base.DatabaseTestCase):
    """An action that waits for 40 s and then runs for 12.34 s."""

    def setUp(self):
        super().setUp()
        self.useFixture(utils_fixture.TimeFixture(NOW))
        self.time = fakes.Time()
        self.plan = self.create_plan()
        self.db_action = self.create_action(self.plan)

    def make_run(self, kind=scripted.Action, execute=True, **script):
        def run(action):
            self.time.pass_by(12.34)
            end = execute(action) if callable(execute) else execute
            if isinstance(end, Exception):
                raise end
            return end

        action = kind(execute=run, **script)
        return action_run.ActionRun(
            self.context,
            self.db_action,
            lambda db_action: action,
            ownership.Ownership(self.plan),
            clock=self.time.clock,
        )

    def run_action(self, waited=40, waited_for='w112', **script):
        """Run it; its state and message in the end."""
        run = self.make_run(**script)
        self.time.pass_by(waited)
        run.run(waited_for)
        return self.state_of(self.db_action)

    def test_success_says_how_long_it_took_and_waited_and_for_what(self):
        self.assertEqual(
            (
                'SUCCEEDED',
                'migrated from c1 to c2 in 12.3 s, waited 40 s, last for w112',
            ),
            self.run_action(say='migrated from c1 to c2'),
        )

    def test_what_did_not_wait_does_not_say_so(self):
        self.assertEqual(
            ('SUCCEEDED', 'migrated in 12.3 s'),
            self.run_action(waited=0.9, say='migrated'),
        )

    def test_failure_says_it_after_its_reason(self):
        self.assertEqual(
            (
                'FAILED',
                'Action failed in execute: no route '
                '(after 12.3 s, waited 40 s, last for w112)',
            ),
            self.run_action(execute=exception.MoveFailed(reason='no route')),
        )

    def test_failure_before_it_starts_says_it(self):
        self.assertEqual(
            (
                'FAILED',
                'Action failed in pre_condition: c2 is down '
                '(after 0.0 s, waited 40 s)',
            ),
            self.run_action(
                pre=exception.MoveRefused(reason='c2 is down'), waited_for=''
            ),
        )

    def test_what_is_skipped_before_it_starts_does_not_say_it(self):
        self.assertEqual(
            ('SKIPPED', 'Action was skipped automatically: on c2'),
            self.run_action(pre=exception.NothingToMove(reason='on c2')),
        )

    def test_what_is_skipped_at_another_try_says_it(self):
        pre = iter([None, exception.NothingToMove(reason='on c2')])
        run = self.make_run(
            pre=lambda action: next(pre),
            execute=exception.NoValidHost(reason='No valid host'),
        )
        run.run('')
        run.requeue('another server has moved')
        self.time.pass_by(12)
        run.run('w113')
        self.assertEqual(
            (
                'SKIPPED',
                'Action was skipped automatically: on c2 '
                '(after 0.0 s, waited 12 s, last for w113)',
            ),
            self.state_of(self.db_action),
        )

    def test_cancelled_move_says_it(self):
        run = self.make_run(
            execute=lambda action: (
                run.cancel().join(30)
                or exception.MoveCancelled(reason='on c1')
            )
        )
        run.run()
        self.assertEqual(
            ('CANCELLED', 'on c1 (after 12.3 s)'),
            self.state_of(self.db_action),
        )

    def test_what_is_cancelled_before_it_starts_does_not_say_it(self):
        run = self.make_run()
        self.time.pass_by(40)
        run.stop()
        run.run()
        self.assertEqual(
            ('CANCELLED', 'cancelled before it was started'),
            self.state_of(self.db_action),
        )

    def test_only_its_last_try_counts(self):
        results = iter([exception.NoValidHost(reason='No valid host'), True])
        run = self.make_run(execute=lambda action: next(results))
        run.run('')
        run.requeue('another server has moved')
        self.assertEqual(
            'waits until another server has moved: No valid host',
            self.state_of(self.db_action)[1],
        )
        self.time.pass_by(60)
        run.run('w113')
        self.assertEqual(
            (
                'SUCCEEDED',
                'done (tried 2 times) in 12.3 s, waited 60 s, last for w113',
            ),
            self.state_of(self.db_action),
        )

    def test_time_that_earlier_tries_ran_is_not_waited(self):
        results = iter([exception.NoValidHost(reason='No valid host')] * 2)
        run = self.make_run(execute=lambda action: next(results, True))
        self.time.pass_by(10)
        run.run('')
        for waited in (20, 30):
            run.requeue('another server has moved')
            self.time.pass_by(waited)
            run.run('')
        self.assertEqual(
            'done (tried 3 times) in 12.3 s, waited 60 s',
            self.state_of(self.db_action)[1],
        )

    def test_what_is_given_up_has_run_until_its_last_try_ended(self):
        run = self.make_run(
            execute=exception.NoValidHost(reason='No valid host')
        )
        run.run()
        run.requeue('another server has moved')
        self.time.pass_by(600)
        run.give_up()
        self.assertEqual(
            (
                'FAILED',
                'Action failed in execute: No valid host (after 12.3 s)',
            ),
            self.state_of(self.db_action),
        )

    def test_running_action_says_since_when(self):
        seen = []

        def look(action):
            seen.append(self.state_of(self.db_action)[1])
            action.report('copying to c2')
            run._row.flush()
            seen.append(self.state_of(self.db_action)[1])
            return True

        run = self.make_run(execute=look)
        run.run()
        self.assertEqual([f'started {SINCE}', f'copying to c2 {SINCE}'], seen)

    def test_message_of_a_waiting_action_does_not_stay(self):
        self.db_action.status_message = 'waits: 2 of 2 leave w112'
        self.db_action.save()
        self.assertEqual(
            ('SUCCEEDED', 'done in 12.3 s'), self.run_action(waited=0)
        )

    def test_action_of_another_plugin_tells_none(self):
        for expected, script in (
            (('SUCCEEDED', None), {}),
            (
                ('FAILED', 'Action failed in execute: OSError'),
                {'execute': OSError('x')},
            ),
        ):
            self.db_action = self.create_action(self.plan)
            self.assertEqual(
                expected,
                self.run_action(kind=scripted.ForeignAction, **script),
            )
