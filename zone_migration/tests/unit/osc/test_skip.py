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

from osc_lib import exceptions
import testtools

from zone_migration.osc import skip
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class SkipItemTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(
            actions=[fakes.action('web-1'), fakes.action('web-2')]
        )
        self.command = fakes.make(skip.SkipItem, self.watcher)

    def test_an_item_is_named_and_left_out(self):
        fakes.run(self.command, 'web-2', '--reason', 'later')
        self.assertEqual([('skip', 'web-2', 'later')], self.watcher.calls)
        self.assertEqual(
            'web-2 is left out.\n', self.command.output.getvalue()
        )

    def test_an_id_is_taken(self):
        fakes.run(self.command, self.watcher.actions_[0].resource_id)
        self.assertEqual([('skip', 'web-1', '')], self.watcher.calls)

    def test_all_are_known_before_any_is_skipped(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'no action for web-3',
            fakes.run,
            self.command,
            'web-1',
            'web-3',
        )
        self.assertEqual([], self.watcher.calls)

    def test_a_name_of_several_is_refused(self):
        self.watcher.actions_.append(
            fakes.action('web-1', uuid='other', resource_id='another')
        )
        self.assertRaisesRegex(
            exceptions.CommandError,
            '2 servers and volumes of the plan are called web-1',
            fakes.run,
            self.command,
            'web-1',
        )

    def assert_refused(self, *texts):
        error = self.assertRaises(
            exceptions.CommandError, fakes.run, self.command, 'web-2', 'web-1'
        )
        for text in texts:
            self.assertIn(text, str(error))
        self.assertEqual([], self.watcher.calls)

    def test_what_is_skipped_keeps_its_reason(self):
        self.watcher.actions_[0] = fakes.action(
            'web-1', state='SKIPPED', message='the server is locked'
        )
        self.assert_refused('web-1 is SKIPPED already: the server is locked')

    def test_what_has_no_reason_is_told_without(self):
        self.watcher.actions_[0] = fakes.action('web-1', state='SKIPPED')
        self.assert_refused('web-1 is SKIPPED already.')

    def test_a_plan_that_has_ended_keeps_its_reasons(self):
        self.watcher.plans_ = [fakes.plan(state='SUCCEEDED')]
        self.assert_refused('The plan is SUCCEEDED', 'until it is started')

    def test_a_plan_that_waits_for_its_start_is_changed(self):
        self.watcher.plans_ = [fakes.plan(state='PENDING')]
        fakes.run(self.command, 'web-1')
        self.assertEqual([('skip', 'web-1', '')], self.watcher.calls)

    def test_what_is_named_twice_is_skipped_once(self):
        fakes.run(self.command, 'web-1', self.watcher.actions_[0].resource_id)
        self.assertEqual([('skip', 'web-1', '')], self.watcher.calls)

    def test_a_plan_that_was_started_meanwhile_is_told(self):
        self.watcher.errors['skip'] = watcher_errors.Conflict('not now.')
        self.assertRaisesRegex(
            exceptions.CommandError,
            'only until the plan is started',
            fakes.run,
            self.command,
            'web-1',
        )

    def test_names_and_reasons_cannot_clear_the_screen(self):
        name = 'web\x1b[2J'
        self.watcher.actions_ = [fakes.action(name)]
        fakes.run(self.command, name)
        self.assertEqual(
            'web\\x1b[2J is left out.\n', self.command.output.getvalue()
        )
        self.watcher.actions_ = [
            fakes.action(name, state='SKIPPED', message='a\x1b[2Jb')
        ]
        error = self.assertRaises(
            exceptions.CommandError, fakes.run, self.command, name
        )
        self.assertNotIn('\x1b', str(error))
        error = self.assertRaises(
            exceptions.CommandError, fakes.run, self.command, 'no\x1b[2J'
        )
        self.assertNotIn('\x1b', str(error))
