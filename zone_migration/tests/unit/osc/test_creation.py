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

from osc_lib import exceptions
import testtools

from zone_migration.osc import creation
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes

PARAMETERS = {'compute_nodes': [{'src_node': 'compute1'}]}
NAME = 'compute1-2026-11-28T03:14:59'
LOST = watcher_errors.Unavailable('Watcher does not answer: it is down')
TAKEN = watcher_errors.Conflict('taken')


class CreationTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher()

    def create(self, name):
        return creation.create(self.watcher, name, PARAMETERS, False)

    def create_named(self):
        return creation.create_named(
            self.watcher,
            ['compute1'],
            PARAMETERS,
            False,
            datetime.datetime(2026, 11, 28, 3, 14, 59),
        )

    def assert_refused(self, text, create, *arguments):
        error = self.assertRaises(exceptions.CommandError, create, *arguments)
        self.assertIn(text, str(error))

    def test_the_name_ends_in_the_time(self):
        self.assertEqual(NAME, self.create_named().name)

    def test_the_next_second_is_taken_when_the_name_is(self):
        real = self.watcher.create_audit
        errors = [TAKEN]

        def create_audit(*arguments):
            if errors:
                raise errors.pop()
            return real(*arguments)

        self.watcher.create_audit = create_audit
        self.assertEqual(
            'compute1-2026-11-28T03:15:00', self.create_named().name
        )

    def test_no_more_than_a_few_names_are_tried(self):
        self.watcher.errors['create_audit'] = TAKEN
        self.assert_refused('give a --name', self.create_named)
        self.assertEqual(5, len(self.watcher.calls))

    def test_a_name_that_is_told_and_taken_is_refused(self):
        self.watcher.errors['create_audit'] = TAKEN
        self.assert_refused("an audit 'mine' already", self.create, 'mine')
        self.assertEqual(1, len(self.watcher.calls))

    def test_an_audit_whose_creation_was_not_answered_is_found(self):
        self.watcher.audits[0] = fakes.audit(name=NAME, parameters=PARAMETERS)
        self.watcher.errors['create_audit'] = LOST
        self.assertEqual(self.watcher.audits[0], self.create_named())

    def test_an_audit_that_is_not_there_yet_may_be_created_still(self):
        self.watcher.errors['create_audit'] = LOST
        self.assert_refused(
            f"it is down. The audit '{NAME}' may have been created",
            self.create_named,
        )

    def test_an_audit_of_others_is_not_taken(self):
        self.watcher.audits[0] = fakes.audit(name=NAME, parameters={})
        self.watcher.errors['create_audit'] = LOST
        self.assert_refused('it is down', self.create_named)

    def test_an_audit_that_may_be_there_is_told(self):
        self.watcher.errors['create_audit'] = LOST

        def audit(name):
            raise LOST

        self.watcher.audit = audit
        for create, arguments, name in (
            (self.create_named, (), NAME),
            (self.create, ('mine',), 'mine'),
        ):
            self.assert_refused(
                f"it is down. The audit '{name}' may have been created",
                create,
                *arguments,
            )
