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

"""The commands that plan, write lists of what would move, and check them."""

import json
import pathlib
import subprocess
import tempfile
import uuid

from sandbox import environment
import zone_migration
from zone_migration.tests.functional import base
from zone_migration.tests.functional import commands

LONG = 'customer-portal-production-frontend-0001'


class PlanTest(base.FunctionalTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.cloud.create_server('web-1', host='compute1')
        cls.locked = cls.cloud.create_server('web-2', host='compute1')
        cls.cloud.act(cls.locked, 'lock')
        cls.long = cls.cloud.create_server(LONG, host='compute1', stopped=True)
        cls.attached = cls.cloud.create_volume('root-1', pool='b1')
        cls.cloud.attach(cls.web, cls.attached)
        cls.detached = cls.cloud.create_volume('data-1', pool='b1')
        cls.twins = [
            cls.cloud.create_server('twin', host='compute2') for _ in range(2)
        ]

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        #: A name that no audit of an earlier run has.
        self.once = f'once {uuid.uuid4().hex[:8]}'

    def planned(self, code, *arguments):
        """``{name: row}`` of a plan."""
        ended = commands.run('plan', *arguments, '-f', 'json', '--long')
        self.assertEqual(code, ended.code, ended.stderr)
        return {row['Name']: row for row in json.loads(ended.stdout)}

    def assert_refused(self, text, *arguments, code=1):
        ended = commands.run('plan', *arguments)
        self.assertEqual((code, ''), (ended.code, ended.stdout))
        self.assertIn(text, ended.stderr)

    def test_servers_and_volumes_are_named(self):
        rows = self.planned(
            0,
            *('--server', 'web-1', '--server', self.long),
            *('--to-host', 'compute2'),
            *('--volume', 'data-1', '--volume', self.attached),
            *('--to-pool', base.B3),
        )
        self.assertEqual(
            {
                'web-1': ('migrates live', 'compute1', 'compute2'),
                LONG: ('migrates cold', 'compute1', 'compute2'),
                'data-1': ('volume migrates', base.B1, base.B3),
                'root-1': ('volume moves in use', base.B1, base.B3),
            },
            {
                name: (row['Becomes'], row['From'], row['To'])
                for name, row in rows.items()
            },
        )
        self.assertEqual(
            (self.web, 64), (rows['web-1']['ID'], rows['web-1']['Size'])
        )

    def test_what_cannot_move_has_a_reason_and_a_code(self):
        rows = self.planned(3, '--host', 'compute1')
        self.assertEqual('cannot move', rows['web-2']['Becomes'])
        self.assertIn('the server is locked', rows['web-2']['Reason'])
        self.assertEqual('web-2', next(iter(rows)))

    def test_what_is_there_already_is_no_failure(self):
        rows = self.planned(0, '--server', 'web-1', '--to-host', 'compute1')
        self.assertEqual('already there', rows['web-1']['Becomes'])

    def test_a_terminal_of_80_columns_shows_all(self):
        shown = commands.terminal('plan', '--host', 'compute1')
        self.addCleanup(shown.close)
        shown.expect("Watcher plans 'compute1-20")
        self.assertEqual(3, shown.wait())
        screen = shown.screen
        for text in ('customer-portal-', 'Nova chooses', '64 MiB'):
            self.assertIn(text, screen)
        (top,) = {
            line for line in screen.splitlines() if line.startswith('+--')
        }
        self.assertLessEqual(len(top), 80)
        self.assertIn(
            'web-2: cannot move: the server is locked: unlock it, or give '
            '--move-locked',
            screen,
        )
        self.assertIn(
            '2 to move (1 live, 1 cold), 1 cannot move.',
            screen.replace('\n', ''),
        )
        self.assertNotIn('Watcher plans', screen)

    def test_a_terminal_shows_a_list_as_it_is(self):
        shown = commands.terminal('params', '--host', 'compute1')
        self.addCleanup(shown.close)
        shown.expect('Watcher plans')
        self.assertEqual(3, shown.wait(), shown.screen)
        self.assertNotIn('Watcher plans', shown.screen)
        reason, brace, rest = shown.screen.partition('{')
        self.assertIn('web-2: cannot move: the server is locked', reason)
        self.assertEqual(
            {self.web, self.long}, {*json.loads(brace + rest)['vm']}
        )

    def test_a_terminal_shows_the_faults_of_lists(self):
        good, bad = self.directory / 'good.json', self.directory / 'bad.json'
        good.write_text(json.dumps({'vm': {self.web: base.active()}}))
        bad.write_text('{"vm": {\n"web-1": {"status": "active"}}}')
        shown = commands.terminal('check', str(good), str(bad))
        self.addCleanup(shown.close)
        self.assertEqual(1, shown.wait(), shown.screen)
        self.assertEqual(
            f'{good}: 1 server, 0 volumes\n{bad}:2: vm.web-1: is not a UUID',
            shown.screen,
        )

    def test_the_plan_that_is_told_can_be_found(self):
        name = f"it's b1#1 50% {self.once}"
        ended = commands.run('plan', '--host', 'compute3', '--name', name)
        self.assertEqual(0, ended.code, ended.stderr)
        self.assertIn('nothing to move', ended.stdout)
        self.assertIn(
            'The plan is SUCCEEDED',
            commands.run('skip', 'web-1', '--plan', name).stderr,
        )

    def test_a_name_is_used_once(self):
        self.planned(0, '--host', 'compute3', '--name', self.once)
        self.assert_refused(
            f"There is an audit '{self.once}' already",
            *('--host', 'compute3', '--name', self.once),
        )

    def test_what_watcher_refuses_names_the_option(self):
        self.assert_refused(
            "--host compute9: there is no compute host 'compute9'",
            *('--host', 'compute9'),
        )

    def test_a_name_of_nothing_or_of_several_is_refused(self):
        self.assert_refused(
            '--server web: there is no server', '--server', 'web'
        )
        self.assert_refused(
            '--server twin: 2 servers have that name', '--server', 'twin'
        )

    def test_nothing_to_empty_is_an_error_of_usage(self):
        self.assert_refused('nothing to empty: give --host', code=2)

    def test_the_plan_in_the_way_is_named(self):
        self.cloud.behave('web-1', live_result='hang')
        ended = commands.run(
            *('plan', '--server', 'web-1', '--to-host', 'compute2'),
            *('-f', 'json', '--long', '--name', self.once),
        )
        (row,) = json.loads(ended.stdout)
        plan = base.Plan(
            self.cloud.call('GET', 'watcher', f'/actions/{row["Action"]}')[
                'action_plan_uuid'
            ]
        ).start()
        self.addCleanup(plan.wait)
        self.addCleanup(plan.cancel)
        self.cloud.wait(lambda: self.record(self.web) == 'running')
        self.assert_refused(
            f"the plan '{self.once}' is running", '--host', 'compute2'
        )
        self.planned(0, '--host', 'compute3', '--force')

    def test_a_list_is_written_checked_and_planned(self):
        path = str(self.directory / 'rack7.json')
        selectors = ('--host', 'compute1', '--pool', f'{base.B1}={base.B3}')
        plans = self.plans()
        ended = commands.run('params', *selectors, '--output', path)
        self.assertEqual(3, ended.code)
        self.assertIn('web-2: cannot move', ended.stderr)
        self.assertEqual(plans, self.plans())
        again = commands.run('params', *selectors)
        self.assertEqual(pathlib.Path(path).read_text(), again.stdout)
        checked = commands.run('check', path)
        self.assertEqual(
            (0, f'{path}: 2 servers, 2 volumes\n'),
            (checked.code, checked.stdout),
        )
        rows = self.planned(0, '--params', path)
        self.assertEqual({'web-1', LONG, 'root-1', 'data-1'}, {*rows})

    def plans(self):
        """The UUIDs of all plans."""
        shown = self.cloud.call('GET', 'watcher', '/action_plans?limit=1000')
        return {plan['uuid'] for plan in shown['action_plans']}

    def test_a_list_is_checked_without_any_cloud(self):
        path = self.directory / 'bad.json'
        path.write_text('{"vm": {\n"web-1": {"status": "active"}}}')
        shell = environment.environ(base.sandbox().layout)
        ended = subprocess.run(
            ['openstack', 'optimize', 'zone', 'check', str(path)],
            env={
                **{
                    name: value
                    for name, value in shell.items()
                    if not name.startswith('OS_')
                },
                'PYTHONPATH': str(
                    pathlib.Path(zone_migration.__file__).parents[1]
                ),
            },
            capture_output=True,
            text=True,
        )
        self.assertEqual(
            (1, f'{path}:2: vm.web-1: is not a UUID\n'),
            (ended.returncode, ended.stdout),
        )
