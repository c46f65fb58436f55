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

from unittest import mock

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from oslotest import base
import sqlalchemy

from zone_migration.watcher_db import database


class RetriedTest(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        # What waits between two attempts is oslo.db.
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))

    def attempts(self, *outcomes):
        """How often a function with these outcomes is called."""
        function = mock.Mock(side_effect=outcomes, __name__='function')
        self.result = database.retried(function)()
        return function.call_count

    def test_deadlock_is_retried(self):
        self.assertEqual(
            2, self.attempts(db_exception.DBDeadlock(), 'written')
        )
        self.assertEqual('written', self.result)

    def test_lost_connection_is_retried(self):
        self.assertEqual(
            2, self.attempts(db_exception.DBConnectionError(), 'written')
        )

    def test_exhausted_pool_is_retried(self):
        self.assertEqual(
            2, self.attempts(sqlalchemy.exc.TimeoutError(), 'written')
        )

    def test_other_errors_are_not_retried(self):
        self.assertRaises(
            db_exception.DBDataError,
            self.attempts,
            db_exception.DBDataError(),
            'never',
        )

    def test_database_that_stays_away_is_given_up(self):
        self.assertRaises(
            db_exception.DBConnectionError,
            self.attempts,
            *[db_exception.DBConnectionError()] * 15,
            'never',
        )


class UntilAnsweredTest(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MockPatchObject(database, '_PAUSE', 0))

    def test_it_is_asked_until_it_answers(self):
        ask = mock.Mock(
            side_effect=[
                *[db_exception.DBConnectionError()] * 20,
                sqlalchemy.exc.TimeoutError(),
                db_exception.DBError(),
                'found',
            ]
        )
        self.assertEqual('found', database.until_answered(ask, 1))
        ask.assert_called_with(1)

    def test_what_the_database_never_takes_is_raised(self):
        for error in (
            db_exception.DBDataError(),
            db_exception.DBDuplicateEntry(),
            db_exception.DBReferenceError('t', 'c', 'k', 'kt'),
            db_exception.DBConstraintError('t', 'c'),
        ):
            ask = mock.Mock(side_effect=[error, 'waited for'])
            self.assertRaises(type(error), database.until_answered, ask)

    def test_what_is_no_error_of_the_database_is_raised(self):
        ask = mock.Mock(side_effect=KeyError('x'))
        self.assertRaises(KeyError, database.until_answered, ask)
