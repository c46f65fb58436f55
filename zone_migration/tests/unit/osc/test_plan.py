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

import io
import json

import fixtures
from osc_lib import exceptions
import testtools

from zone_migration.osc import plan
from zone_migration.tests.unit.osc import fake_cloud
from zone_migration.tests.unit.osc import fakes

LOCKED = 'the server is locked: unlock it, or set move_locked'


class CreatePlanTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(
            actions=[
                fakes.action('web-1', memory_mb=512, project_id='p1'),
                fakes.action('web-2', state='SKIPPED', message=LOCKED),
            ]
        )
        self.command = fakes.make(
            plan.CreatePlan, self.watcher, fake_cloud.FakeCloud()
        )

    def run_it(self, *arguments):
        code = fakes.run(self.command, *arguments)
        return code, self.command.output.getvalue()

    def test_the_table_is_followed_by_what_it_comes_to(self):
        code, output = self.run_it('--host', 'compute1', '--name', 'mine')
        self.assertEqual(3, code)
        self.assertEqual(
            """\
+---------------+-------+----------+--------------+---------+
| Becomes       | Name  | From     | To           | Size    |
+---------------+-------+----------+--------------+---------+
| cannot move   | web-2 | compute1 |              |         |
| migrates live | web-1 | compute1 | Nova chooses | 512 MiB |
+---------------+-------+----------+--------------+---------+
web-2: cannot move: the server is locked: unlock it, or give --move-locked
Plan 'mine': 1 to move (1 live), 1 cannot move.
Start it with: openstack optimize zone start mine
""",
            output,
        )

    def test_the_audit_is_created_of_what_is_asked_for(self):
        self.run_it('--host', 'compute1', '--name', 'mine', '--force')
        self.assertEqual(
            [
                (
                    'create_audit',
                    'mine',
                    {'compute_nodes': [{'src_node': 'compute1'}]},
                    True,
                )
            ],
            self.watcher.calls,
        )

    def test_the_name_tells_what_is_emptied(self):
        self.run_it('--host', 'compute1')
        self.assertRegex(
            self.watcher.calls[0][1],
            r'^compute1-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$',
        )

    def test_programs_find_nothing_but_the_data(self):
        self.command.app.stderr = type(self.command.output)()
        _, output = self.run_it('--host', 'compute1', '-f', 'json', '--long')
        self.assertEqual(
            {
                'Becomes': 'migrates live',
                'Type': 'server',
                'Name': 'web-1',
                'From': 'compute1',
                'To': '',
                'Size': 512,
                'Reason': '',
                'ID': self.watcher.actions_[0].resource_id,
                'Action': self.watcher.actions_[0].uuid,
                'Project': 'p1',
            },
            json.loads(output)[1],
        )
        self.assertIn('1 to move', self.command.app.stderr.getvalue())

    def test_all_that_can_move_is_a_success(self):
        del self.watcher.actions_[1]
        self.assertEqual(0, self.run_it('--host', 'compute1')[0])

    def test_a_plan_that_is_refused_names_the_option(self):
        self.watcher.audits[0] = fakes.audit(
            state='FAILED', message='compute_nodes.0.src_node: no such host'
        )
        error = self.assertRaises(
            exceptions.CommandError, self.run_it, '--host', 'c9'
        )
        self.assertEqual(
            'No plan is made: --host c9: no such host',
            str(error),
        )

    def test_options_that_do_not_fit_are_errors_of_usage(self):
        code, output = self.run_it()
        self.assertEqual(2, code)
        self.assertIn('error: nothing to empty: give --host, ', output)
        self.assertEqual([], self.watcher.calls)

    def test_a_name_that_watcher_would_change_is_an_error_of_usage(self):
        self.useFixture(_silent())
        for name in (
            ' ',
            'x' * 64,
            '7fb88441-e326-43e4-b5c8-41e0df15bf2d',
            '12',
            'a/b',
            'a\nb',
        ):
            error = self.assertRaises(
                SystemExit, self.run_it, '--host', 'c1', '--name', name
            )
            self.assertEqual(2, error.code, name)


def _silent():
    """Let argparse write its usage nowhere."""
    return fixtures.MonkeyPatch('sys.stderr', io.StringIO())
