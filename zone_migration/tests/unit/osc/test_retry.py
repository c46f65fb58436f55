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
import json
from unittest import mock

from osc_lib import exceptions
import testtools

from zone_migration.osc import audits
from zone_migration.osc import exit_codes
from zone_migration.osc import retry
from zone_migration.tests.unit.osc import fake_nova
from zone_migration.tests.unit.osc import fakes

NEW = '30000000-0000-4000-8000-000000000000'
PARAMETERS = {'compute_nodes': [{'src_node': 'compute1'}]}


class RetryPlanTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(
            fakes.plan(state='FAILED'),
            [
                fakes.action('web-1', state='FAILED', message='no valid host'),
                fakes.action('web-2', state='SUCCEEDED'),
            ],
        )
        self.watcher.audits = [fakes.audit(parameters=PARAMETERS)]
        self.new = [fakes.action('web-1', uuid='new')]
        patch = mock.patch.object(audits, 'create_plan', autospec=True)
        self.create = patch.start()
        self.addCleanup(patch.stop)
        self.create.side_effect = lambda *arguments: (
            fakes.audit(name='again'),
            fakes.plan(uuid=NEW),
            self.new,
        )
        self.command = fakes.make(retry.RetryPlan, self.watcher)

    def output(self, *arguments):
        """What is written, errors too."""
        self.code = fakes.run(self.command, *arguments)
        return self.command.output.getvalue()

    def assert_refused(self, words, *arguments):
        self.assertRaisesRegex(
            exceptions.CommandError, words, self.output, *arguments
        )
        self.create.assert_not_called()

    def test_audit_is_created_again_with_the_same_parameters(self):
        self.output('--name', 'once more')
        self.create.assert_called_once_with(
            self.watcher,
            'once more',
            PARAMETERS,
            False,
            self.command.app.stderr,
            ('compute1',),
        )

    def test_the_new_plan_is_called_as_the_old_one(self):
        self.watcher.audits = [
            fakes.audit(name='rack 7 2026-11-28 03:14:00', parameters={})
        ]
        self.output()
        _, name, *_, words = self.create.call_args.args
        self.assertEqual((None, ('rack 7',)), (name, words))

    def test_what_is_left_is_shown_with_what_it_was(self):
        text = self.output()
        self.assertRegex(text, r'migrates live \| web-1 \| failed \| compute1')
        self.assertIn('\nweb-1: before: failed: no valid host\n', text)
        self.assertIn(
            "\n1 of the plan 'compute1 2026-11-28 03:14:00' has moved, and "
            'needs nothing.\n',
            text,
        )
        self.assertIn('Start it with: openstack optimize zone start', text)
        self.assertEqual(0, self.code)

    def test_a_table_for_people_fits_in_80_columns(self):
        name, host = 'web-server-01', 'rack12-c03'
        self.watcher.actions_ = [
            fakes.action(name, state='CANCELLED', message='not started')
        ]
        self.new = [fakes.action(name, source=host, memory_mb=123456)]
        table = [
            line for line in self.output().splitlines() if line[:1] in '+|'
        ]
        self.assertIn('not started', table[3])
        self.assertEqual([], [line for line in table if len(line) > 80])

    def test_programs_get_the_reason_with_the_item(self):
        text = self.output('-f', 'json')
        (item,), _ = json.JSONDecoder().raw_decode(text)
        self.assertEqual('failed: no valid host', item['Was'])
        self.assertEqual('web-1', item['Name'])

    def test_a_host_that_is_disabled_already_is_not_counted(self):
        disable = {
            'type': 'change_nova_service_state',
            'parameters': {
                'resource_name': 'c1',
                'state': 'disabled',
                'disabled_reason': fake_nova.OURS,
            },
        }
        self.watcher.actions_.append(
            fakes.action('c1', state='SUCCEEDED', **disable)
        )
        self.new.append(fakes.action('c1', **disable))
        self.command.cloud = fake_nova.cloud(
            fake_nova.service('c1', fake_nova.OURS)
        )
        text = self.output()
        self.assertIn('1 to move (1 live), 1 host stays as it is', text)
        self.assertRegex(text, r'stays as it is +\| c1 +\| disabled')
        self.assertIn('c1: stays as it is: c1 is disabled already', text)

    def test_something_that_cannot_move_is_told_by_the_exit_code(self):
        self.new = [
            fakes.action('web-1', state='SKIPPED', message='it is locked')
        ]
        self.output()
        self.assertEqual(exit_codes.INCOMPLETE, self.code)

    def test_something_that_has_moved_is_no_alarm(self):
        self.new = [
            fakes.action(
                'web-2', state='SKIPPED', message='the server is already on c2'
            )
        ]
        self.output()
        self.assertEqual(0, self.code)

    def test_a_plan_that_runs_is_refused(self):
        for state in ('PENDING', 'ONGOING', 'CANCELLING'):
            self.watcher.plans_ = [fakes.plan(state=state)]
            self.assert_refused(f'has not ended, it is {state}. Wait')

    def test_a_plan_that_runs_is_told_when_it_is_forced(self):
        self.watcher.plans_ = [fakes.plan(state='ONGOING')]
        self.assertIn('has not ended, it is ONGOING.', self.output('--force'))
        self.assertTrue(self.create.call_args.args[3])

    def test_a_plan_that_was_not_started_is_told(self):
        for state in ('RECOMMENDED', 'SUPERSEDED'):
            self.watcher.plans_ = [fakes.plan(state=state)]
            self.assertIn('nothing of it has failed.', self.output())

    def test_a_plan_of_another_strategy_is_refused(self):
        self.watcher.plans_ = [fakes.plan(strategy='dummy')]
        self.assert_refused('but of dummy', fakes.PLAN)

    def test_a_plan_without_an_audit_is_refused(self):
        self.watcher.plans_ = [fakes.plan(audit_uuid='')]
        self.assert_refused('has no audit any more')

    def test_a_plan_of_an_audit_that_was_deleted_is_refused(self):
        self.watcher.audits = []
        self.assert_refused('has no audit any more')

    def test_a_scope_cannot_be_lost(self):
        self.watcher.audits = [
            dataclasses.replace(fakes.audit(), scope=({'compute': []},))
        ]
        self.assert_refused('has a scope')
