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


"""What the actions of a plan say that wait."""

import threading

import fixtures
from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import scheduling
from zone_migration.tests.unit.workflow_engine import engines
from zone_migration.workflow_engine import plan_records
from zone_migration.workflow_engine import plan_status
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import waiting_messages


class WaitingTest(engines.EngineTest):
    def setUp(self):
        super().setUp()
        for name in ('_WRITE_EVERY', '_FIRST_AFTER'):
            self.useFixture(fixtures.MockPatchObject(plan_status, name, 0))
        #: The messages that some actions had while one of them ran.
        self.seen = []

    def test_next_actions_say_which_limit_they_wait_for(self):
        waiting = []

        def look(action):
            # Each limit is written by itself.
            self.wait_for(lambda: all(self.state_of(w)[1] for w in waiting))
            self.seen.append([self.state_of(one)[1] for one in waiting])
            return True

        self.add_move(look, source='c1', dst_hostname='c2')
        waiting += [
            self.add_move(source='c1'),
            self.add_move(source='c3', dst_hostname='c2'),
        ]
        self.execute(parallel_per_node=1)
        self.assertEqual(
            [['waits: 1 of 1 leave c1', 'waits: 1 of 1 reach c2']], self.seen
        )
        self.assertEqual(
            [('SUCCEEDED', 'done')] * 2, [*map(self.outcome_of, waiting)]
        )

    def test_child_says_what_moves_first(self):
        children = []

        def look(action):
            self.wait_for(lambda: self.state_of(children[0])[1])
            self.seen.append(self.state_of(children[0])[1])
            return True

        volume = self.add(
            execute=look,
            action_type='volume_update',
            parameters={'resource_id': 'v', 'resource_name': 'data-1'},
        )
        children.append(self.add([volume], action_type='live_migration'))
        self.execute()
        self.assertEqual(['waits: volume data-1 moves first'], self.seen)

    def test_plan_says_its_limits_and_what_waits(self):
        def look(action):
            self.wait_for(lambda: 'wait' in (self.message() or ''))
            self.seen.append(self.message())
            return True

        self.add_move(look, source='c1')
        self.add_move(source='c1')
        self.execute(parallel_per_node=1, parallel_per_pool=0)
        self.assertEqual(
            [
                '0 of 2 done, 1 running; limits: 10 in all, 1 a host, '
                'no limit a pool; 1 waits: 1 of 1 leave c1'
            ],
            self.seen,
        )

    def say_what_waits(self, count, most):
        """How many of so many say it when so many may."""
        self.useFixture(
            fixtures.MockPatchObject(waiting_messages, '_MOST', most)
        )
        waiting = []

        def look(action):
            self.wait_for(lambda: self.message() is not None)
            self.wait_for(lambda: self.state_of(waiting[0])[1])
            self.seen.append([bool(self.state_of(one)[1]) for one in waiting])
            return True

        self.add_move(look, source='c1')
        waiting += [self.add_move(source='c1') for _ in range(count)]
        self.execute(parallel_per_node=1)
        return self.seen[0]

    def test_only_the_next_ones_say_it(self):
        self.assertEqual([True, True, False], self.say_what_waits(3, most=2))

    def test_it_is_written_when_it_is_news(self):
        written = []
        write = records.write_waiting_without_retry

        def note(texts):
            written.append(dict(texts))
            write(texts)

        self.useFixture(
            fixtures.MockPatchObject(
                records, 'write_waiting_without_retry', note
            )
        )
        progress = []
        self.useFixture(
            fixtures.MockPatchObject(
                plan_records,
                'write_message_without_retry',
                lambda plan_id, text: progress.append(text),
            )
        )

        def look(action):
            self.wait_for(lambda: len(progress) > 3)
            return True

        self.add_move(look, source='c1')
        second = self.add_move(source='c1')
        self.execute(parallel_per_node=1)
        self.assertEqual([{second.uuid: 'waits: 1 of 1 leave c1'}], written)

    def test_action_that_may_have_begun_before_goes_on_saying_that(self):
        waiting = []

        def look(action):
            self.wait_for(lambda: self.state_of(waiting[1])[1])
            self.seen.append(self.state_of(waiting[0])[1])
            return True

        self.add_move(look, source='c1')
        waiting += [self.add_move(source='c1') for _ in range(2)]
        waiting[0].status_message = states.MAY_HAVE_BEGUN
        waiting[0].save()
        self.execute(parallel_per_node=1)
        self.assertEqual([states.MAY_HAVE_BEGUN], self.seen)

    def test_attempts_before_a_restart_are_told_on(self):
        waiting = []

        def look(action):
            self.wait_for(
                lambda: 'leave c1' in (self.state_of(waiting[0])[1] or '')
            )
            self.seen.append(self.state_of(waiting[0])[1])
            return True

        self.add_move(look, source='c1')
        waiting.append(self.add_move(source='c1'))
        waiting[0].status_message = (
            'waits until the others have started (attempt 1 to c2: full)'
        )
        waiting[0].save()
        self.execute(parallel_per_node=1)
        self.assertEqual(
            ['waits: 1 of 1 leave c1 (attempt 1 to c2: full)'], self.seen
        )

    def test_action_that_the_operator_has_skipped_keeps_its_message(self):
        waiting = []

        def look(action):
            skipped = objects.Action.get_by_uuid(
                self.context, waiting[0].uuid, eager=True
            )
            skipped.state, skipped.status_message = 'SKIPPED', 'by me'
            skipped.save()
            self.wait_for(lambda: self.state_of(waiting[1])[1])
            return True

        self.add_move(look, source='c1')
        waiting += [self.add_move(source='c1') for _ in range(2)]
        self.execute(parallel_per_node=1)
        self.assertEqual(('SKIPPED', 'by me'), self.state_of(waiting[0]))

    def test_actions_of_others_and_plans_of_others_say_nothing(self):
        for action_type, strategy in (
            ('migrate', 'parallel_migration'),
            ('live_migration', 'workload_balance'),
        ):
            self.useFixture(
                fixtures.MockPatchObject(
                    plan_records, 'origin', lambda plan, s=strategy: (s, {})
                )
            )
            self.assertEqual([], self.written_for(action_type), action_type)

    def written_for(self, action_type):
        """What is written for one that waits, of this type."""
        written = []
        self.useFixture(
            fixtures.MockPatchObject(
                records, 'write_waiting_without_retry', written.append
            )
        )
        progress = []
        self.useFixture(
            fixtures.MockPatchObject(
                plan_records,
                'write_message_without_retry',
                lambda plan_id, text: progress.append(text),
            )
        )

        def look(action):
            self.wait_for(lambda: len(progress) > 2)
            return True

        plan = self.create_plan_of(self.plan)
        for execute in (look, True):
            self.add(
                plan=plan,
                execute=execute,
                action_type=action_type,
                parameters={'resource_id': 's'},
            )
        self.execute(plan)
        return written

    def test_database_that_does_not_take_it_ends_nothing(self):
        failed = []

        def fail(texts):
            failed.append(texts)
            raise db_exception.DBDeadlock()

        self.useFixture(
            fixtures.MockPatchObject(
                records, 'write_waiting_without_retry', fail
            )
        )

        def look(action):
            self.wait_for(lambda: failed)
            return True

        actions = [
            self.add_move(execute, source='c1') for execute in (look, True)
        ]
        self.execute(parallel_per_node=1)
        self.assertEqual(['SUCCEEDED'] * 2, self.states(*actions))


class EndTest(engines.EngineTest):
    """A plan that ends early says so of what never started."""

    CANCELLED = 'not started: the plan was cancelled'

    def setUp(self):
        super().setUp()
        self.running = self.add_move(self.cancel_and_be_noticed, source='c1')
        self.waiting = self.add_move(source='c1')

    def cancel(self):
        self.assertRaises(
            watcher_exception.ActionPlanCancelled,
            self.execute,
            parallel_per_node=1,
        )

    def test_what_a_cancelled_plan_never_started_says_so(self):
        other = self.add([self.waiting], action_type='migrate')
        gone = self.add(state='SKIPPED', status_message='by me')
        self.cancel()
        self.assertEqual(
            [
                ('PENDING', self.CANCELLED),
                ('PENDING', self.CANCELLED),
                ('SKIPPED', 'by me'),
            ],
            [self.state_of(one) for one in (self.waiting, other, gone)],
        )

    def test_what_may_have_begun_before_is_not_said_to_have_not(self):
        self.waiting.status_message = states.MAY_HAVE_BEGUN
        self.waiting.save()
        self.cancel()
        self.assertEqual(
            ('PENDING', states.MAY_HAVE_BEGUN), self.state_of(self.waiting)
        )

    def test_plan_of_another_strategy_says_nothing(self):
        self.useFixture(
            fixtures.MockPatchObject(
                plan_records, 'origin', lambda plan: ('workload_balance', {})
            )
        )
        self.cancel()
        self.assertEqual(('PENDING', None), self.state_of(self.waiting))

    def test_database_that_is_away_does_not_keep_it_from_ending(self):
        self.useFixture(
            fixtures.MockPatchObject(
                records,
                'write_not_started',
                side_effect=db_exception.DBConnectionError(),
            )
        )
        self.cancel()

    def test_what_was_tried_in_vain_says_why(self):
        tried = threading.Event()

        def refuse(action):
            tried.set()
            raise exception.NoValidHost(reason='No valid host')

        self.actions[self.running.uuid]._execute = lambda action: (
            self.wait_for(
                lambda: 'waits until' in (self.state_of(arriving)[1] or '')
            )
            or self.cancel_and_be_noticed()
        )
        arriving = self.add_move(refuse, source='c2', dst_hostname='c1')
        self.cancel()
        self.assertTrue(tried.is_set())
        state, message = self.state_of(arriving)
        self.assertEqual('PENDING', state)
        self.assertRegex(
            message,
            r'^not tried again: the plan was cancelled: No valid host '
            r'\(after \d+\.\d s\)$',
        )

    def test_plan_that_cannot_go_on_says_so_of_what_it_never_started(self):
        self.useFixture(
            fixtures.MockPatchObject(
                scheduling.Scheduler,
                'next',
                side_effect=RuntimeError('no sense'),
            )
        )
        self.assertRaises(
            watcher_exception.WorkflowExecutionException, self.execute
        )
        self.assertEqual(
            ('PENDING', 'not started: the plan could not go on'),
            self.state_of(self.waiting),
        )
