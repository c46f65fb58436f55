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

"""The commands for what a plan has left: disabled hosts, and failures."""

import json
import time
from urllib import parse

from zone_migration.osc import exit_codes
from zone_migration.tests.functional import base
from zone_migration.tests.functional import commands


def _plan(name, **parameters):
    """The plan of a new audit with that name, and these parameters."""
    uuid = base.sandbox().call('POST', 'watcher', '/audits', {
        'audit_type': 'ONESHOT',
        'goal': 'zone_migration',
        'strategy': 'parallel_migration',
        'name': name,
        'parameters': parameters,
    })['uuid']  # fmt: skip
    return base.plan_of_audit(uuid)


class CommandTest(base.FunctionalTest):
    """Commands, of which the names of plans are not used twice."""

    def name(self, word):
        """A name that no other run of the tests has given an audit."""
        return f'{word} {time.time():.2f}'

    def json(self, *arguments, code=exit_codes.OK):
        """What a command tells programs."""
        ended = commands.run(*arguments, '-f', 'json')
        self.assertEqual(code, ended.code, ended.stderr)
        return json.loads(ended.stdout)


class HostsTest(CommandTest):
    """Hosts are disabled by a plan, listed, and enabled again."""

    def setUp(self):
        super().setUp()
        for host in self.services():
            self.addCleanup(self.set_service, host, status='enabled')
        self.addCleanup(self.cloud.clean)

    def empty(self, *hosts):
        """Disable and empty hosts; gives the name of the plan."""
        name = self.name('empty')
        plan = _plan(
            name,
            compute_nodes=[{'src_node': host} for host in hosts],
            disable_compute_nodes=True,
        )
        self.assertEqual('SUCCEEDED', plan.run())
        return name

    def test_no_host_is_told(self):
        ended = commands.run('hosts')
        self.assertEqual(0, ended.code)
        self.assertIn('no compute host and no backend disabled', ended.stderr)

    def test_host_is_listed_with_its_plan_and_what_is_left(self):
        name = self.empty('compute1')
        self.cloud.create_server('stays', host='compute2')
        self.set_service('compute2', status='disabled')
        (row,) = self.json('hosts')
        self.assertRegex(row.pop('Disabled Since'), r'^20\d\d-\d\d-\d\dT')
        self.assertEqual(
            {
                'Host': 'compute1',
                'Plan': name,
                'Servers Left': 0,
                'State': 'up',
            },
            row,
        )

    def test_a_move_that_is_not_confirmed_leaves_its_server_there(self):
        self.empty('compute1')
        self.set_service('compute1', status='enabled')
        server = self.cloud.create_server('resized', host='compute1')
        self.cloud.call(
            'POST', 'nova', f'/servers/{server}/action', {'migrate': None}
        )
        self.cloud.wait(
            lambda: self.cloud.server(server)['status'] == 'VERIFY_RESIZE'
        )
        self.empty('compute1')
        ended = commands.run('hosts', '-c', 'Servers Left', '-f', 'value')
        self.assertEqual('1\n', ended.stdout)
        self.assertIn('neither confirmed nor reverted: 1 of', ended.stderr)

    def test_hosts_are_enabled_and_those_of_others_stay(self):
        self.empty('compute1', 'compute2')
        self.set_service(
            'compute3', status='disabled', disabled_reason='broken fan'
        )
        ended = commands.run('hosts', '--enable', 'compute*')
        self.assertEqual(1, ended.code)
        self.assertIn('--yes', ended.stderr)
        self.assertEqual(
            [
                ('compute1', 'enabled', ''),
                ('compute2', 'enabled', ''),
                (
                    'compute3',
                    'stays disabled',
                    'somebody else has disabled it: broken fan',
                ),
            ],
            [
                tuple(row.values())
                for row in self.json(
                    'hosts',
                    '--enable',
                    'compute*',
                    '--yes',
                    code=exit_codes.INCOMPLETE,
                )  # fmt: skip
            ],
        )
        self.assertEqual(
            ['enabled', 'enabled', 'disabled'],
            [s['status'] for _, s in sorted(self.services().items())],
        )

    def test_a_person_is_asked_on_a_terminal(self):
        self.empty('compute1')
        for answer, status in (('', 'disabled'), ('y', 'enabled')):
            shell = commands.terminal('hosts', '--enable', 'compute1')
            self.addCleanup(shell.close)
            shell.expect(r'Enable 1 host \(compute1\)\? \[y/N\]')
            shell.send(answer)
            self.assertEqual(answer != 'y', bool(shell.wait()), shell.screen)
            self.assertEqual(status, self.services()['compute1']['status'])
        self.assertRegex(shell.screen, r'\| compute1 \| enabled +\|')

    def test_an_unknown_host_is_named(self):
        ended = commands.run('hosts', '--enable', 'compute9', '--yes')
        self.assertEqual(1, ended.code)
        self.assertIn("There is no compute host 'compute9'", ended.stderr)

    def test_whoever_may_not_read_hosts_is_told(self):
        ended = commands.run('hosts', user='demo')
        self.assertEqual(1, ended.code)
        self.assertIn(
            "policy 'os_compute_api:os-services:list' does not allow it",
            ended.stderr)


class RetryTest(CommandTest):
    """What has failed is planned again, with what it was."""

    def test_a_failure_is_planned_again_and_moved(self):
        servers = self.cloud.create_servers(
            ['fails', 'moves'], host='compute1'
        )
        self.cloud.behave('fails', live_result='fail')
        name = self.name('retried')
        plan = _plan(name, compute_nodes=[{'src_node': 'compute1'}])
        self.assertEqual('FAILED', plan.run())
        self.cloud.forget_behaviour()
        again = self.name('again')
        ended = commands.run('retry', name, '--name', again)
        self.assertEqual(0, ended.code, ended.stderr)
        self.assertRegex(
            ended.stdout, r'migrates live \| fails \| failed \| compute1'
        )
        self.assertIn('fails: before: failed: ', ended.stdout)
        self.assertIn(f"1 of the plan '{name}' has moved", ended.stdout)
        # Nobody has started that one.
        (row,) = self.json('retry', again, '--name', self.name('third'))
        self.assertEqual(('fails', 'not started'), (row['Name'], row['Was']))
        audit = self.cloud.call(
            'GET', 'watcher', f'/audits/{parse.quote(again)}'
        )
        plan = base.plan_of_audit(audit['uuid'])
        self.assertEqual('SUCCEEDED', plan.run())
        self.assertNotEqual('compute1', self.host_of(servers['fails']))

    def test_a_terminal_of_80_columns_shows_what_was_and_what_becomes(self):
        self.cloud.create_server(f'{"long-" * 8}1', host='compute3')
        name = self.name('narrow')
        _plan(name, compute_nodes=[{'src_node': 'compute3'}])
        shown = commands.terminal('retry', name)
        self.addCleanup(shown.close)
        shown.expect('Watcher plans')
        self.assertEqual(0, shown.wait(), shown.screen)
        self.assertNotIn('Watcher plans', shown.screen)
        for pattern in (
            r'^\| migrates live \| long-.* \| not started +\|.*\|$',
            r'^Start it with:\n  openstack optimize zone start narrow-\S+$',
        ):
            self.assertRegex(shown.screen, f'(?m){pattern}')

    def test_what_is_at_its_place_is_no_alarm(self):
        server = self.cloud.create_server('named', host='compute1')
        name = self.name('named')
        params = {'vm': {server: base.active('compute2')}}
        self.assertEqual('SUCCEEDED', _plan(name, params=params).run())
        self.assertEqual([], self.json('retry', name))

    def test_a_plan_that_runs_is_named(self):
        server = self.cloud.create_server('hangs', host='compute1')
        self.cloud.behave('hangs', live_result='hang')
        name = self.name('running')
        plan = _plan(name, params={'vm': {server: base.active('compute2')}})
        plan.start()
        self.cloud.wait(lambda: self.record(server) == 'running')
        try:
            ended = commands.run('retry', name)
        finally:
            plan.cancel()
            plan.wait()
        self.assertEqual(1, ended.code)
        self.assertIn(f"The plan '{name}' has not ended", ended.stderr)
        (row,) = self.json('retry', name)
        self.assertEqual(('hangs', 'cancelled'), (row['Name'], row['Was']))

    def test_nothing_of_that_name_is_told(self):
        ended = commands.run('retry', 'no such plan')
        self.assertEqual(1, ended.code)
        self.assertIn('neither an audit nor a plan', ended.stderr)
