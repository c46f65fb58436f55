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

import threading

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
import sqlalchemy

from zone_migration.logic.outcome import states
from zone_migration.tests.unit import base
from zone_migration.watcher_db import database
from zone_migration.workflow_engine import action_row
from zone_migration.workflow_engine import ownership
from zone_migration.workflow_engine import records
from zone_migration.workflow_engine import threads

#: How long a test waits for what has to come, in seconds.
BOUND = 300


class ActionRowTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))
        self.useFixture(fixtures.MockPatchObject(database, '_PAUSE', 0))
        self.plan = self.create_plan()
        self.db_action = self.create_action(self.plan, state='ONGOING')
        self.row = self.make_row(self.db_action)
        self.written = []
        self.now = 0
        update = records._update

        def note(uuid, changes, was):
            self.before_write(changes)
            update(uuid, changes, was)
            self.written.append(
                changes.get('state') or changes['status_message']
            )

        self.useFixture(fixtures.MockPatchObject(records, '_update', note))

    def make_row(self, db_action):
        return action_row.ActionRow(
            self.context, db_action, ownership.Ownership(self.plan)
        )

    def before_write(self, changes):
        """What a test lets happen before a row is written."""

    def fail(self, *errors):
        """Let the first attempts to write raise these."""
        errors = list(errors)

        def before_write(changes):
            if errors:
                raise errors.pop(0)

        self.before_write = before_write
        return errors

    def block(self, what):
        """Let the writing of a state or message take until it is released."""
        self.blocked, self.released = threading.Event(), threading.Event()
        self.addCleanup(self.released.set)

        def before_write(changes):
            if what in changes.values():
                self.blocked.set()
                self.released.wait(BOUND)

        self.before_write = before_write

    def show(self, message):
        """Show it, when nothing was shown for long."""
        self.now += 1000
        self.row.show(message, self.now)

    def start(self, function, *args):
        """Call it in a thread, which has ended when the test has."""
        thread = threads.start('test', function, *args)
        self.addCleanup(thread.join, BOUND)
        self.addCleanup(self.released.set)
        return thread


class StateTest(ActionRowTest):
    def test_state_is_written_when_it_is_told(self):
        self.row.set_state('SUCCEEDED', 'migrated')
        self.assertEqual(
            ('SUCCEEDED', 'migrated'), self.state_of(self.db_action)
        )

    def test_impossible_transition_changes_nothing(self):
        self.assertRaises(
            states.ImpossibleTransition, self.row.set_state, 'SKIPPED'
        )
        self.assertEqual('ONGOING', self.row.state)
        self.assertEqual([], self.written)

    def test_state_is_written_until_it_is_written(self):
        for error in (
            db_exception.DBConnectionError(),
            sqlalchemy.exc.TimeoutError(),
            # As of a database that is read-only in a fail-over.
            db_exception.DBError(),
        ):
            self.row = self.make_row(
                self.create_action(self.plan, state='ONGOING')
            )
            left = self.fail(*[error] * 50)
            self.row.set_state('SUCCEEDED')
            self.assertEqual([], left)
            self.assertEqual('SUCCEEDED', self.state_of(self.row.db_action)[0])

    def test_text_that_is_never_taken_does_not_keep_the_state(self):
        """As one with a character that the database's charset lacks."""
        for error in (db_exception.DBDataError(), ValueError('NUL')):
            self.row = self.make_row(
                self.create_action(self.plan, state='ONGOING')
            )
            # Without an end, as an attempt for each: it fails, not hangs.
            tries = iter([error] * 50)

            def before_write(changes, tries=tries):
                if not changes.get('status_message', '').isascii():
                    raise next(tries)

            self.before_write = before_write
            self.row.set_state('FAILED', 'no host \N{SNOWMAN}')
            self.assertEqual(
                ('FAILED', 'no host \\u2603'),
                self.state_of(self.row.db_action),
            )

    def test_deleted_row_ends_the_writing(self):
        self.db_action.destroy()
        self.row.set_state('SUCCEEDED')
        self.row.set_state('FAILED', 'not there')
        self.assertEqual('FAILED', self.row.state)
        self.assertEqual([], self.written)


class OrderTest(ActionRowTest):
    def test_writes_keep_their_order(self):
        self.block('copying')
        self.show('copying')
        self.blocked.wait(BOUND)
        threads_ = [
            self.start(self.row.set_state, 'SUCCEEDED'),
            self.start(self.row.flush),
        ]
        self.assertEqual([], self.written)
        self.released.set()
        for thread in threads_:
            thread.join(BOUND)
        self.assertEqual(['copying', 'SUCCEEDED'], self.written)

    def test_cancelling_waits_for_no_write(self):
        self.block('copying')
        self.show('copying')
        self.blocked.wait(BOUND)
        announced = threading.Event()
        self.assertTrue(self.row.begin_to_cancel(announced.set))
        self.assertEqual('CANCELLING', self.row.state)
        self.assertFalse(announced.is_set())
        self.released.set()
        self.row.set_state('CANCELLED')
        self.assertEqual(['copying', 'CANCELLING', 'CANCELLED'], self.written)
        self.assertTrue(announced.is_set())

    def test_what_is_not_ongoing_is_not_cancelled(self):
        self.row.set_state('SUCCEEDED')
        self.assertFalse(self.row.begin_to_cancel(self.fail))
        self.assertEqual('SUCCEEDED', self.row.state)

    def test_what_gets_no_thread_is_written_with_the_next(self):
        self.useFixture(
            fixtures.MockPatchObject(
                threads,
                'start',
                side_effect=RuntimeError("can't start new thread"),
            )
        )
        self.show('copying')
        self.row.set_state('FAILED')
        self.assertEqual('FAILED', self.written[-1])


class MessageTest(ActionRowTest):
    def test_message_is_shown(self):
        self.show('copying')
        self.row.flush()
        self.assertEqual(
            ('ONGOING', 'copying'), self.state_of(self.db_action)
        )

    def test_message_is_tried_once_and_hurts_nobody(self):
        left = self.fail(
            sqlalchemy.exc.TimeoutError(), db_exception.DBConnectionError()
        )
        self.show('copying')
        self.row.flush()
        self.assertEqual(1, len(left))
        left.clear()
        self.row.set_state('SUCCEEDED')
        self.assertEqual('SUCCEEDED', self.state_of(self.db_action)[0])

    def test_one_message_waits_however_long_the_database_takes(self):
        self.block('first')
        self.row.show('first', now=0)
        self.assertTrue(self.blocked.wait(BOUND))
        start = self.useFixture(
            fixtures.MockPatchObject(threads, 'start', wraps=threads.start)
        ).mock
        for count in range(1, 100):
            self.row.show(f'message {count}', now=10 * count)
        self.assertEqual(1, start.call_count)
        self.released.set()
        self.row.flush()
        self.assertEqual(['first', 'message 99'], self.written)

    def test_message_does_not_replace_that_of_the_end(self):
        self.block('copying')
        self.show('copying')
        self.blocked.wait(BOUND)
        self.show('95 %')
        ending = self.start(self.row.set_state, 'FAILED', 'rolled back')
        self.show('too late')
        self.released.set()
        ending.join(BOUND)
        self.row.flush()
        self.assertEqual(
            ('FAILED', 'rolled back'), self.state_of(self.db_action)
        )
