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

import datetime
import threading

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from oslo_utils import fixture as utils_fixture
import sqlalchemy
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.workflow_engine import scripted
from zone_migration.workflow_engine import action_run
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import records

Action = scripted.Action

#: How long a test waits for what has to come, in seconds.
BOUND = 300

#: What the engine waits before it asks a database that is away again.
PAUSE = 'zone_migration.watcher_db.database._PAUSE'


class ActionRunTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan()
        self.db_action = self.create_action(self.plan)

    def make_run(self, action, **options):
        def make(db_action):
            if isinstance(action, Exception):
                raise action
            return action

        return action_run.ActionRun(
            self.context,
            self.db_action,
            make,
            ownership.Ownership(self.plan),
            **options,
        )

    def run_action(self, action):
        """Run it; its state and message in the end."""
        self.make_run(action).run()
        return self.outcome_of(self.db_action)

    def sent(self):
        return self.notifications.of(self.db_action.uuid)


class LifeTest(ActionRunTest):
    def test_action_that_returns_true_is_succeeded(self):
        action = Action()
        self.assertEqual(('SUCCEEDED', 'done'), self.run_action(action))
        self.assertEqual(
            ['pre_condition', 'execute', 'post_condition'], action.calls
        )

    def test_last_word_of_a_succeeded_action_is_its_message(self):
        self.assertEqual(
            ('SUCCEEDED', 'migrated from c1 to c2'),
            self.run_action(Action(say='migrated from c1 to c2')),
        )

    def test_start_and_end_are_notified(self):
        self.run_action(Action())
        self.assertEqual(
            ['action.execution.start', 'action.execution.end'],
            [e for e in self.sent() if e.startswith('action.execution')],
        )

    def test_start_is_notified_of_before_it_is_ongoing(self):
        # As Watcher's own engine does.
        self.run_action(Action())
        self.assertEqual(
            [
                ('action.execution.start', 'PENDING'),
                ('action.update', 'ONGOING'),
                ('action.update', 'SUCCEEDED'),
                ('action.execution.end', 'SUCCEEDED'),
            ],
            [
                (event, payload['state'])
                for event, payload in self.notifications.sent
                if event.startswith(('action.update', 'action.execution'))
            ],
        )

    def test_action_is_ongoing_while_it_executes(self):
        seen = []

        def look(action):
            seen.append(self.state_of(self.db_action)[0])
            return True

        self.run_action(Action(execute=look))
        self.assertEqual(['ONGOING'], seen)

    def test_action_with_nothing_to_do_is_skipped(self):
        action = Action(
            pre=exception.NothingToMove(reason='already on c2')
        )
        self.assertEqual(
            ('SKIPPED', 'Action was skipped automatically: already on c2'),
            self.run_action(action),
        )
        self.assertEqual(['pre_condition'], action.calls)

    def test_skipped_action_is_notified_as_an_update(self):
        self.run_action(Action(pre=exception.NothingToMove(reason='x')))
        event, payload = self.notifications.sent[-1]
        self.assertEqual('action.update', event)
        self.assertEqual(
            ('PENDING', 'SKIPPED'),
            tuple(
                payload['state_update']['watcher_object.data'][name]
                for name in ('old_state', 'state')
            ),
        )

    def test_action_that_the_operator_skipped_is_left_alone(self):
        self.db_action.state = 'SKIPPED'
        self.db_action.status_message = 'because'
        self.db_action.save()
        action = Action()
        self.assertEqual(('SKIPPED', 'because'), self.run_action(action))
        self.assertEqual([], action.calls)

    def test_action_that_is_skipped_while_it_waits_is_left_alone(self):
        action = Action()
        run = self.make_run(action)
        fresh = self.db_action.get_by_uuid(
            self.context, self.db_action.uuid, eager=True
        )
        fresh.state = 'SKIPPED'
        fresh.save()
        run.run()
        self.assertEqual('SKIPPED', run.state)
        self.assertEqual([], action.calls)


class BegunTest(ActionRunTest):
    """What an applier had begun which was stopped meanwhile."""

    SINCE = '2026-11-28 03:14:05'

    def setUp(self):
        super().setUp()
        self.useFixture(
            utils_fixture.TimeFixture(
                datetime.datetime(2026, 11, 28, 3, 15, 5)
            )
        )
        self.begin()

    def make_run(self, action):
        return super().make_run(action, clock=lambda: 0.0)

    def begin(self, message=f'copying to c2 (since {SINCE})', **fields):
        """Let an applier have begun it a minute ago."""
        self.db_action = self.create_action(
            self.plan, state='ONGOING', status_message=message, **fields
        )

    def test_it_has_run_since_it_was_begun(self):
        self.make_run(Action(say='migrated from c1 to c2')).run()
        self.assertEqual(
            ('SUCCEEDED', 'migrated from c1 to c2 in 60.0 s'),
            self.state_of(self.db_action),
        )

    def test_it_has_waited_until_it_was_begun(self):
        action = Action()
        run = action_run.ActionRun(
            self.context,
            self.db_action,
            lambda db_action: action,
            ownership.Ownership(self.plan),
            clock=lambda: 0.0,
            # The plan was started 40 s before.
            waits_since=100.0,
        )
        run.run('w112')
        self.assertEqual(
            'done in 60.0 s, waited 40 s, last for w112',
            self.state_of(self.db_action)[1],
        )

    def test_message_tells_on_since_when_it_runs(self):
        seen = []

        def look(action):
            seen.append(self.state_of(self.db_action))
            return True

        self.run_action(Action(execute=look))
        self.assertEqual(
            [('ONGOING', f'started (since {self.SINCE})')], seen
        )

    def test_action_is_told_when_it_was_begun(self):
        action = Action()
        self.run_action(action)
        self.assertEqual(self.SINCE, action.begun_at)

    def test_action_that_was_not_begun_is_told_nothing(self):
        self.db_action = self.create_action(self.plan)
        action = Action()
        self.run_action(action)
        self.assertEqual('', action.begun_at)

    def test_action_of_another_plugin_is_told_nothing(self):
        action = scripted.ForeignAction()
        self.run_action(action)
        self.assertFalse(hasattr(action, 'begun_at'))

    def test_it_is_too_late_to_be_skipped(self):
        for message in (f'copying (since {self.SINCE})', None, 'x' * 255):
            self.begin(message)
            self.assertEqual(
                ('FAILED', 'Action failed in pre_condition: already on c2'),
                self.run_action(
                    Action(
                        pre=exception.NothingToMove(reason='already on c2')
                    )
                ),
                message,
            )

    def test_it_is_what_was_begun_still_when_its_service_was_away(self):
        pre = iter(
            [
                exception.ServiceUnavailable(service='Nova', reason='503'),
                exception.NothingToMove(reason='already on c2'),
            ]
        )
        run = self.make_run(Action(pre=lambda action: next(pre)))
        run.run()
        run.requeue('Nova is back')
        self.assertEqual(
            (
                'ONGOING',
                f'waits until Nova is back: 503 (since {self.SINCE})',
            ),
            self.state_of(self.db_action),
        )
        run.run()
        self.assertEqual(
            ('FAILED', 'Action failed in pre_condition: already on c2'),
            self.outcome_of(self.db_action),
        )

    def test_its_next_try_is_no_more_the_one_that_was_begun(self):
        told = []

        def execute(action):
            told.append(action.begun_at)
            if len(told) == 1:
                raise exception.NoValidHost(reason='No valid host')
            return True

        run = self.make_run(Action(execute=execute))
        run.run()
        run.requeue('another server has moved')
        run.run()
        self.assertEqual([self.SINCE, ''], told)

    def begin_host_change(self):
        self.begin(
            None,
            action_type='change_nova_service_state',
            input_parameters={
                'resource_id': 'c1',
                'resource_name': 'c1',
                'state': 'disabled',
                'disabled_reason': 'watcher_zone_migration audit',
            },
        )

    def test_host_that_was_disabled_already_is_a_success(self):
        self.begin_host_change()
        action = scripted.ForeignAction(
            pre=watcher_exception.ActionSkipped('disabled already')
        )
        self.assertEqual(('SUCCEEDED', None), self.run_action(action))
        self.assertEqual(['pre_condition'], action.calls)

    def test_host_that_was_not_disabled_yet_is_disabled(self):
        self.begin_host_change()
        action = scripted.ForeignAction()
        self.assertEqual(('SUCCEEDED', None), self.run_action(action))
        self.assertIn('execute', action.calls)

    def test_host_that_another_has_disabled_since_is_a_failure(self):
        self.begin_host_change()
        self.assertEqual(
            ('FAILED', 'Action failed in pre_condition: c1 is disabled'),
            self.run_action(exception.HostLeftAlone(reason='c1 is disabled')),
        )

    def test_it_is_not_said_never_to_have_started_when_it_is_cancelled(self):
        run = self.make_run(Action())
        run.stop()
        run.run()
        self.assertEqual(
            (
                'CANCELLED',
                'begun before the restart and not seen through',
            ),
            self.outcome_of(self.db_action),
        )

    def test_it_is_made_anew_to_be_reverted(self):
        self.db_action = self.create_action(self.plan, state='SUCCEEDED')
        action = Action()
        self.make_run(action).revert()
        self.assertEqual(['revert'], action.calls)

    def test_it_is_not_reverted_when_the_plan_is_lost_meanwhile(self):
        def lose(db_action):
            owner.lose()
            return action

        self.db_action = self.create_action(self.plan, state='SUCCEEDED')
        action, owner = Action(), ownership.Ownership(self.plan)
        run = action_run.ActionRun(self.context, self.db_action, lose, owner)
        self.assertRaises(exception.PlanIsLost, run.revert)
        self.assertEqual([], action.calls)


class ProgressTest(ActionRunTest):
    def run_saying(self, *words):
        """What the database shows after each word, said at a time."""
        time = fakes.Time()
        shown = []

        def execute(action):
            for at, word in words:
                time.now = at
                action.report(word)
                # It is written by another thread, or has been.
                run._row.flush()
                shown.append(self.outcome_of(self.db_action))
            return True

        run = action_run.ActionRun(
            self.context,
            self.db_action,
            lambda db_action: Action(execute=execute),
            ownership.Ownership(self.plan),
            clock=time.clock,
        )
        run.run()
        return shown

    def test_operator_sees_where_a_running_action_stands(self):
        self.assertEqual(
            [('ONGOING', 'copying to c2')],
            self.run_saying((10, 'copying to c2')),
        )

    def test_where_it_stands_is_not_written_each_time(self):
        self.assertEqual(
            ['1 %', '1 %', '3 %'],
            [
                message
                for _, message in self.run_saying(
                    (10, '1 %'), (19, '2 %'), (20, '3 %')
                )
            ],
        )

    def test_first_word_is_written_at_once(self):
        self.assertEqual(
            [('ONGOING', 'accepted by Nova')],
            self.run_saying((0, 'accepted by Nova')),
        )

    def test_last_word_is_kept_however_soon_it_came(self):
        self.run_saying((10, '1 %'), (11, 'arrived'))
        self.assertEqual(
            ('SUCCEEDED', 'arrived'), self.outcome_of(self.db_action)
        )


class DatabaseTest(ActionRunTest):
    """A database that is away, or slow, while an action runs."""

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))

    def let_updates(self, do):
        """Let this be done before each update of an action's row."""
        update = records._update

        def both(uuid, changes, was):
            do(changes)
            update(uuid, changes, was)

        self.useFixture(fixtures.MockPatchObject(records, '_update', both))

    def test_message_that_cannot_be_written_ends_nothing(self):
        failed = []

        def fail(changes):
            if changes.get('status_message', '').startswith('copying'):
                if not failed:
                    failed.append(changes)
                    raise sqlalchemy.exc.TimeoutError('QueuePool limit')

        self.let_updates(fail)

        def execute(action):
            action.report('copying to c2')
            return True

        self.assertEqual(
            'SUCCEEDED', self.run_action(Action(execute=execute))[0]
        )
        self.assertEqual(1, len(failed))

    def test_end_is_written_however_long_the_database_is_away(self):
        failures = [db_exception.DBConnectionError() for _ in range(40)]

        def fail(changes):
            if changes.get('state') == 'SUCCEEDED' and failures:
                raise failures.pop()

        self.let_updates(fail)
        self.useFixture(fixtures.MonkeyPatch(PAUSE, 0))
        self.assertEqual(('SUCCEEDED', 'done'), self.run_action(Action()))
        self.assertEqual([], failures)

    def test_slow_message_does_not_hold_up_an_abort(self):
        writing, released = threading.Event(), threading.Event()
        self.addCleanup(released.set)

        def block(changes):
            if changes.get('status_message', '').startswith('copying'):
                writing.set()
                released.wait(BOUND)

        self.let_updates(block)

        def execute(action):
            action.report('copying to c2')
            action.aborted.wait(BOUND)
            raise exception.MoveCancelled(reason='back on c1')

        action = Action(execute=execute)
        run = self.make_run(action)
        thread = threading.Thread(target=run.run)
        thread.start()
        self.addCleanup(thread.join, BOUND)
        self.addCleanup(released.set)
        writing.wait(BOUND)
        run.cancel()
        self.assertTrue(action.aborted.wait(BOUND))
        self.assertFalse(released.is_set())
        released.set()
        thread.join(BOUND)
        self.assertEqual(
            ('CANCELLED', 'back on c1'), self.outcome_of(self.db_action)
        )

    def test_action_that_is_cancelled_while_it_becomes_ongoing_never_executes(
        self,
    ):
        writing, released = threading.Event(), threading.Event()
        self.addCleanup(released.set)

        def block(changes):
            if changes.get('state') == 'ONGOING':
                writing.set()
                released.wait(BOUND)

        self.let_updates(block)
        action = Action()
        run = self.make_run(action)
        thread = threading.Thread(target=run.run)
        thread.start()
        self.addCleanup(thread.join, BOUND)
        self.addCleanup(released.set)
        writing.wait(BOUND)
        cancelling = run.cancel()
        cancelling.join(BOUND)
        self.assertFalse(cancelling.is_alive())
        released.set()
        thread.join(BOUND)
        self.assertEqual(['pre_condition', 'post_condition'], action.calls)
        self.assertEqual(
            ('CANCELLED', 'cancelled before it was started'),
            self.state_of(self.db_action),
        )
        self.assertEqual(
            ['action.cancel.start', 'action.cancel.end'],
            [e for e in self.sent() if e.startswith('action.cancel')],
        )


class ForeignTest(ActionRunTest):
    """Nothing is set on an action of another plugin."""

    def test_property_of_our_names_is_no_obstacle(self):
        class Reporting(scripted.ForeignAction):
            @property
            def report(self):
                return 'monthly'

            on_destination = report

        action = Reporting()
        self.assertEqual(('SUCCEEDED', None), self.run_action(action))
        self.assertEqual('monthly', action.report)

    def test_method_of_our_names_is_left_as_it_is(self):
        class Reporting(scripted.ForeignAction):
            def report(self, first, second):
                return first + second

            def on_destination(self):
                return 'c2'

        action = Reporting(
            execute=lambda action: (
                action.report(1, 2) == 3 and action.on_destination() == 'c2'
            )
        )
        self.assertEqual(('SUCCEEDED', None), self.run_action(action))

    def test_no_attribute_appears(self):
        action = scripted.ForeignAction()
        before = set(vars(action))
        self.run_action(action)
        self.assertEqual(before, set(vars(action)))


class FailureTest(ActionRunTest):
    def test_refused_move_is_failed_before_it_starts(self):
        action = Action(pre=exception.MoveRefused(reason='c2 is down'))
        self.assertEqual(
            ('FAILED', 'Action failed in pre_condition: c2 is down'),
            self.run_action(action),
        )
        self.assertNotIn('execute', action.calls)

    def test_failed_move_is_failed_with_its_reason(self):
        self.assertEqual(
            ('FAILED', 'Action failed in execute: rolled back'),
            self.run_action(
                Action(execute=exception.MoveFailed(reason='rolled back'))
            ),
        )

    def test_foreign_exception_is_told_by_its_name_only(self):
        self.assertEqual(
            ('FAILED', 'Action failed in pre_condition: KeyError'),
            self.run_action(Action(pre=KeyError('secret'))),
        )

    def test_foreign_exception_while_executing_is_told_by_its_name(self):
        self.assertEqual(
            ('FAILED', 'Action failed in execute: OSError'),
            self.run_action(Action(execute=OSError('secret'))),
        )

    def test_foreign_action_that_returns_anything_but_true_is_failed(self):
        for result in (False, None, 1):
            self.db_action = self.create_action(self.plan)
            state, message = self.run_action(Action(execute=result))
            self.assertEqual('FAILED', state)
            self.assertTrue(
                message.startswith('Action failed in execute: '), message
            )

    def test_action_that_cannot_be_made_is_failed(self):
        self.assertEqual(
            (
                'FAILED',
                'Action failed in pre_condition: Error loading plugin '
                "'nop'",
            ),
            self.run_action(watcher_exception.LoadingError(name='nop')),
        )

    def test_failure_is_notified(self):
        self.run_action(Action(execute=exception.MoveFailed(reason='x')))
        self.assertEqual(
            ['action.execution.start', 'action.execution.error'],
            [e for e in self.sent() if e.startswith('action.execution')],
        )

    def test_post_condition_is_called_after_a_failure(self):
        action = Action(execute=exception.MoveFailed(reason='x'))
        self.run_action(action)
        self.assertEqual('post_condition', action.calls[-1])

    def test_post_condition_that_fails_takes_a_success_back(self):
        self.assertEqual(
            ('FAILED', 'Action failed in post_condition: on c1 again'),
            self.run_action(
                Action(post=exception.MoveFailed(reason='on c1 again'))
            ),
        )

    def test_post_condition_that_fails_keeps_the_first_reason(self):
        self.assertEqual(
            ('FAILED', 'Action failed in execute: first'),
            self.run_action(
                Action(
                    execute=exception.MoveFailed(reason='first'),
                    post=KeyError('second'),
                )
            ),
        )

    def test_long_reason_fits_the_column_with_the_cause_first(self):
        self.run_action(
            Action(execute=exception.MoveFailed(reason='cause ' + 'x' * 999))
        )
        _state, message = self.state_of(self.db_action)
        self.assertEqual(255, len(message))
        self.assertTrue(
            message.startswith('Action failed in execute: cause')
        )


class CancelTest(ActionRunTest):
    def start(self, action):
        """Run it in a thread, up to the middle of its execution."""
        run = self.make_run(action)
        thread = threading.Thread(target=run.run)
        thread.start()
        self.addCleanup(thread.join)
        return run, thread

    def execute_until_aborted(self, end):
        """An execution that ends so once it is aborted."""
        self.started = threading.Event()

        def execute(action):
            self.started.set()
            action.aborted.wait(30)
            return end

        return execute

    def cancel(self, end, **script):
        self.action = action = Action(
            execute=self.execute_until_aborted(end), **script
        )
        run, thread = self.start(action)
        self.started.wait(30)
        run.cancel().join(30)
        thread.join()
        return self.outcome_of(self.db_action)

    def test_aborted_move_is_cancelled_with_its_reason(self):
        self.assertEqual(
            ('CANCELLED', 'cancelled; the server is ACTIVE on c1'),
            self.cancel(
                exception.MoveCancelled(
                    reason='cancelled; the server is ACTIVE on c1'
                )
            ),
        )

    def test_post_condition_is_called_after_an_abort(self):
        # Watcher: "regardless of whether an action succeeded or not".
        for end in (exception.MoveCancelled(reason='x'), False):
            self.db_action = self.create_action(self.plan)
            self.cancel(end)
            self.assertEqual('post_condition', self.action.calls[-1])

    def test_post_condition_that_fails_leaves_it_cancelled(self):
        for error in (KeyError('x'), watcher_exception.Invalid('y')):
            self.db_action = self.create_action(self.plan)
            self.assertEqual(
                ('CANCELLED', 'back on c1'),
                self.cancel(
                    exception.MoveCancelled(reason='back on c1'), post=error
                ),
            )
        self.assertNotIn('action.execution.error', self.sent())

    def test_cancellation_is_notified(self):
        self.cancel(exception.MoveCancelled(reason='x'))
        self.assertEqual(
            ['action.cancel.start', 'action.cancel.end'],
            [e for e in self.sent() if e.startswith('action.cancel')],
        )

    def test_move_that_ends_well_all_the_same_is_succeeded(self):
        self.assertEqual('SUCCEEDED', self.cancel(True)[0])

    def test_foreign_action_that_was_aborted_is_cancelled(self):
        for end in (False, RuntimeError('stopped')):
            self.db_action = self.create_action(self.plan)
            self.assertEqual('CANCELLED', self.cancel(end)[0])

    def test_action_that_cannot_be_aborted_is_waited_for(self):
        released = threading.Event()
        started = threading.Event()

        def execute(action):
            started.set()
            released.wait(30)
            return True

        action = Action(execute=execute, can_abort=False)
        run, thread = self.start(action)
        started.wait(30)
        run.cancel().join(30)
        self.assertEqual('ONGOING', self.state_of(self.db_action)[0])
        released.set()
        thread.join()
        self.assertEqual('SUCCEEDED', self.state_of(self.db_action)[0])
        self.assertNotIn('abort', action.calls)

    def test_action_that_has_ended_is_not_aborted(self):
        action = Action()
        run = self.make_run(action)
        run.run()
        run.cancel().join(30)
        self.assertEqual('SUCCEEDED', self.state_of(self.db_action)[0])
        self.assertNotIn('abort', action.calls)

    def test_action_that_is_cancelled_before_it_executes_does_not(self):
        waiting = threading.Event()
        released = threading.Event()

        def pre_condition(action):
            waiting.set()
            released.wait(30)

        action = Action(pre=pre_condition)
        run, thread = self.start(action)
        waiting.wait(30)
        run.cancel().join(30)
        released.set()
        thread.join()
        self.assertNotIn('execute', action.calls)
        self.assertEqual('CANCELLED', self.state_of(self.db_action)[0])
