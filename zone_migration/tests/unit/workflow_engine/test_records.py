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
from unittest import mock

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from oslo_utils import fixture as utils_fixture
from oslo_utils import timeutils
from watcher import notifications
from watcher import objects
from watcher.common import exception as watcher_exception

from zone_migration.tests.unit import base
from zone_migration.watcher_db import database
from zone_migration.workflow_engine import records

#: What writes the messages of actions that are PENDING.
PENDING = records._pending

#: What differs between two actions that are otherwise the same.
_OWN = ('uuid', 'created_at', 'updated_at')


class RecordsTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan()
        self.action = self.create_action(self.plan)

    def sent(self, action):
        """What was notified of an action, less what is its alone."""
        return [
            (
                event,
                {k: v for k, v in payload.items() if k not in _OWN},
            )
            for event, payload in self.notifications.sent
            if payload['uuid'] == action.uuid
        ]

    def failing(self, name, *errors):
        """A patch: database.<name> raises each error before it works."""
        works = getattr(database, name)
        outcomes = [*errors]

        def fail():
            if outcomes:
                raise outcomes.pop(0)
            return works()

        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))
        self.useFixture(fixtures.MockPatchObject(database, name, fail))
        return outcomes


class LoadTest(RecordsTest):
    def test_action_is_loaded_with_its_plan(self):
        self.assertEqual(
            self.plan.uuid,
            records.load(self.context, self.action.uuid).action_plan.uuid,
        )

    def test_loading_is_retried(self):
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))
        found = objects.Action.get_by_uuid(
            self.context, self.action.uuid, eager=True
        )
        with mock.patch.object(
            objects.Action,
            'get_by_uuid',
            autospec=True,
            side_effect=[db_exception.DBConnectionError(), found],
        ):
            self.assertIs(
                found, records.load(self.context, self.action.uuid)
            )


class StateTest(RecordsTest):
    def test_state_is_what_the_database_has(self):
        other = records.load(self.context, self.action.uuid)
        other.state = 'SKIPPED'
        other.save()
        self.assertEqual('SKIPPED', records.state(self.action.uuid))

    def test_deleted_action_is_not_found(self):
        self.action.soft_delete()
        self.assertRaises(
            watcher_exception.ActionNotFound,
            records.state,
            self.action.uuid,
        )

    def test_reading_is_retried(self):
        failed = self.failing(
            'reader',
            db_exception.DBConnectionError(),
            db_exception.DBDeadlock(),
        )
        self.assertEqual('PENDING', records.state(self.action.uuid))
        self.assertEqual([], failed)


class SaveTest(RecordsTest):
    def save(self, action, **fields):
        was = action.state
        for name, value in fields.items():
            setattr(action, name, value)
        records.save(self.context, action, was)

    def test_what_has_changed_is_written(self):
        self.save(self.action, state='ONGOING', status_message='copying')
        self.assertEqual(
            ('ONGOING', 'copying'), self.state_of(self.action)
        )

    def test_what_has_not_changed_is_left_alone(self):
        other = records.load(self.context, self.action.uuid)
        self.save(other, status_message='from another')
        self.save(self.action, state='ONGOING')
        self.assertEqual(
            ('ONGOING', 'from another'), self.state_of(self.action)
        )

    def test_object_is_as_if_watcher_had_saved_it(self):
        theirs = self.create_action(self.plan)
        theirs.state = 'ONGOING'
        theirs.save()
        self.save(self.action, state='ONGOING')
        for action in (theirs, self.action):
            fresh = objects.Action.get_by_uuid(self.context, action.uuid)
            self.assertEqual(fresh.updated_at, action.updated_at)
            self.assertEqual(set(), action.obj_what_changed())

    def test_deleted_action_is_not_found(self):
        self.action.destroy()
        self.assertRaises(
            watcher_exception.ActionNotFound,
            self.save,
            self.action,
            state='ONGOING',
        )

    def test_notifications_are_those_of_watcher(self):
        theirs = self.create_action(self.plan)
        for state, message in (
            ('ONGOING', None),
            ('ONGOING', 'copying'),
            ('FAILED', 'rolled back'),
        ):
            self.save(self.action, state=state, status_message=message)
            theirs.state, theirs.status_message = state, message
            theirs.save()
        self.assertEqual(4, len(self.sent(theirs)))
        self.assertEqual(self.sent(theirs), self.sent(self.action))

    def test_times_of_a_notification_are_those_of_the_row(self):
        self.save(self.action, state='ONGOING')
        fresh = objects.Action.get_by_uuid(self.context, self.action.uuid)
        notifications.action.send_update(
            self.context, records.load(self.context, fresh.uuid)
        )
        (_, mine), (_, again) = self.notifications.sent[-2:]
        self.assertEqual(again['updated_at'], mine['updated_at'])

    def test_time_of_a_retried_update_is_that_of_its_last_try(self):
        times = self.useFixture(
            utils_fixture.TimeFixture(datetime.datetime(2026, 11, 28))
        )
        self.failing('writer', db_exception.DBDeadlock())
        db_api.time.sleep.side_effect = lambda pause: (
            times.advance_time_seconds(40)
        )
        self.save(self.action, state='ONGOING')
        fresh = objects.Action.get_by_uuid(self.context, self.action.uuid)
        self.assertEqual(self.action.updated_at, fresh.updated_at)
        self.assertEqual(
            timeutils.utcnow(), fresh.updated_at.replace(tzinfo=None)
        )

    def test_nothing_is_read_when_nobody_gets_notifications(self):
        self.options(None, notification_level='')
        with mock.patch.object(
            objects.Audit, 'get', autospec=True
        ) as get:
            self.save(self.action, state='ONGOING')
        get.assert_not_called()

    def test_writing_is_retried(self):
        failed = self.failing(
            'writer',
            db_exception.DBDeadlock(),
            db_exception.DBConnectionError(),
        )
        self.save(self.action, state='ONGOING')
        self.assertEqual([], failed)
        self.assertEqual('ONGOING', self.state_of(self.action)[0])

    def test_what_need_not_be_written_is_tried_once(self):
        failed = self.failing('writer', *[db_exception.DBDeadlock()] * 2)
        self.action.status_message = 'copying'
        self.assertRaises(
            db_exception.DBDeadlock,
            records.save_without_retry,
            self.context,
            self.action,
        )
        self.assertEqual(1, len(failed))

    def test_retried_update_is_notified_once(self):
        self.failing('writer', db_exception.DBDeadlock())
        self.save(self.action, state='ONGOING')
        self.assertEqual(
            ['action.create', 'action.update'],
            self.notifications.of(self.action.uuid),
        )


class WaitingTest(RecordsTest):
    """The messages of actions that wait."""

    def add(self, state='PENDING'):
        return self.create_action(
            self.plan, state=state, status_message='before'
        )

    def messages(self, *actions):
        return [self.state_of(action)[1] for action in actions]

    def write(self, texts):
        records.write_waiting_without_retry(
            {action.uuid: text for action, text in texts.items()}
        )

    def test_those_that_are_pending_get_it(self):
        first, second, ongoing, skipped = (
            self.add(),
            self.add(),
            self.add('ONGOING'),
            self.add('SKIPPED'),
        )
        self.write({first: 'a', second: 'b', ongoing: 'a', skipped: 'b'})
        self.assertEqual(
            ['a', 'b', 'before', 'before'],
            self.messages(first, second, ongoing, skipped),
        )

    def test_when_it_was_written_is_written(self):
        action = self.add()
        self.write({action: 'a'})
        self.assertIsNotNone(
            objects.Action.get_by_uuid(self.context, action.uuid).updated_at
        )

    def test_one_statement_writes_all_that_say_the_same(self):
        writes = []
        with mock.patch.object(
            records,
            '_pending',
            lambda text, *which: (
                writes.append(text) or PENDING(text, *which)
            ),
        ):
            self.write({self.add(): 'same' for _ in range(20)})
        self.assertEqual(['same'], writes)

    def refusing(self, refused):
        """A patch: the database does not take such a text."""

        def pending(text, *which):
            if refused(text):
                raise db_exception.DBError()
            return PENDING(text, *which)

        self.useFixture(
            fixtures.MockPatchObject(records, '_pending', pending)
        )

    def test_text_that_is_not_taken_is_written_in_ascii(self):
        self.refusing(lambda text: '\U0001f4be' in text)
        first, second, third = self.add(), self.add(), self.add()
        self.write({first: 'a\xe4', second: '\U0001f4be', third: 'c'})
        self.assertEqual(
            ['a\xe4', '\\U0001f4be', 'c'],
            self.messages(first, second, third),
        )

    def test_it_is_tried_once(self):
        for error in (
            db_exception.DBConnectionError(),
            db_exception.DBDeadlock(),
        ):
            failed = self.failing('writer', *[error] * 2)
            self.assertRaises(
                type(error), self.write, {self.action: '\xe4'}
            )
            self.assertEqual(1, len(failed), error)

    def test_long_text_fits(self):
        action = self.add()
        self.write({action: 'x' * 300})
        self.assertEqual([255], [*map(len, self.messages(action))])

    def test_what_never_started_gets_it_but_some(self):
        first, kept, ended = self.add(), self.add(), self.add('SUCCEEDED')
        other = self.create_action(
            self.create_plan_of(self.plan), status_message='before'
        )
        records.write_not_started(self.plan.id, 'cancelled', [kept.uuid])
        self.assertEqual(
            ['cancelled', 'before', 'before', 'before'],
            self.messages(first, kept, ended, other),
        )

    def test_that_is_retried(self):
        action = self.add()
        self.failing('writer', db_exception.DBConnectionError())
        records.write_not_started(self.plan.id, 'cancelled', [])
        self.assertEqual(['cancelled'], self.messages(action))
