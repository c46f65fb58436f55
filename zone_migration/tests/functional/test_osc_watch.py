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

"""Plans started, watched and cancelled by their commands."""

import collections
import io
import pathlib
import subprocess
import types
import urllib.parse

from keystoneauth1 import session as sessions
from keystoneauth1.identity import v3
import requests
from watcherclient.common import httpclient
from watcherclient.v1 import client as watcherclient

from sandbox import environment
from sandbox import layout as layouts
from zone_migration.osc import follow
from zone_migration.osc import view
from zone_migration.osc import watcher_api
from zone_migration.tests.functional import base
from zone_migration.tests.functional import commands

#: Of the plan that is not moved.
ACTIONS = 1000

MINUTE = 60

#: What may be received in a minute, in bytes, without the whole listings.
LIMIT = 1_000_000


class CountingSession(requests.Session):
    """Counts what is asked of Watcher, and the bytes of it.

    ``asked`` has a tuple for each request: what it is for, and its bytes and
    those of its answer.
    """

    def __init__(self):
        super().__init__()
        self.asked = []

    def send(self, request, **keywords):
        answer = super().send(request, **keywords)
        path = urllib.parse.urlsplit(request.path_url)
        if '/auth/' not in path.path:
            headers = [*request.headers.items(), *answer.headers.items()]
            self.asked.append(
                (
                    _purpose(path),
                    len(request.path_url)
                    + sum(len(name) + len(value) for name, value in headers)
                    + len(answer.content),
                )
            )
        return answer


def _purpose(path):
    """What a request is for: plan, changed, whole, or a further page of it."""
    if 'action_plans' in path.path:
        return 'plan'
    if 'marker=' in path.query:
        return 'page'
    return 'changed' if 'sort_key=updated_at' in path.query else 'whole'


class BigPlanTest(base.FunctionalTest):
    """A plan of 1,000 actions, which an engine seems to run.

    Its minutes pass as fast as the view looks.
    """

    def setUp(self):
        super().setUp()
        layout = self.cloud.layout
        # Of nothing, so it has ended.
        self.plan = base.plan_of(compute_nodes=[{'src_node': 'compute1'}])
        self.rows = subprocess.Popen(
            [
                layout.venv('watcher') / 'bin' / 'python',
                pathlib.Path(__file__).with_name('big_plan.py'),
                str(layout.port('mariadb')),
                layouts.PASSWORD,
                self.plan.uuid,
                str(ACTIONS),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.rows.wait, 60)
        self.addCleanup(self.rows.communicate)
        self.assertEqual('ready\n', self.rows.stdout.readline())
        self.http = CountingSession()
        self.now = 0.0

    def watcher(self):
        """Watcher's API, with requests that are counted."""
        shown = environment.variables(self.cloud.layout)
        session = sessions.Session(
            v3.Password(
                shown['OS_AUTH_URL'],
                username=shown['OS_USERNAME'],
                password=shown['OS_PASSWORD'],
                project_name=shown['OS_PROJECT_NAME'],
                user_domain_name=shown['OS_USER_DOMAIN_NAME'],
                project_domain_name=shown['OS_PROJECT_DOMAIN_NAME'],
            ),
            session=self.http,
        )
        return watcher_api.Watcher(
            watcherclient.Client(
                session=session,
                os_infra_optim_api_version=httpclient.LATEST_VERSION,
                region_name=layouts.REGION,
            )
        )

    def watch(self, minutes, changes):
        """Watch the plan while so many actions change between two looks.

        :returns: the requests of the looks, for each kind their bytes.
        """

        def wait(seconds):
            self.now += seconds
            if self.now > minutes * MINUTE:
                raise KeyboardInterrupt
            self.rows.stdin.write(f'{self.now} {changes}\n')
            self.rows.stdin.flush()
            self.rows.stdout.readline()

        watcher = self.watcher()
        plan = watcher.plan(self.plan.uuid)
        self.http.asked.clear()
        code = view.View(
            types.SimpleNamespace(stdin=io.StringIO(), stdout=io.StringIO()),
            watcher,
            plan,
            'big',
            clock=lambda: self.now,
            wait=wait,
        ).run()
        self.assertEqual(130, code)
        found = collections.defaultdict(list)
        for purpose, size in self.http.asked:
            found[purpose].append(size)
        return found

    def assert_within_limits(self, found, minutes):
        looks = int(minutes * MINUTE / follow.INTERVAL)
        # The first look lists the whole.
        self.assertEqual(looks + 1, len(found['plan']))
        self.assertEqual(looks, len(found['changed']))
        received = sum(found['plan']) + sum(found['changed'])
        self.assertLess(
            received / minutes, LIMIT, 'bytes a minute, without whole listings'
        )

    def test_a_plan_that_runs_takes_two_requests_a_look(self):
        found = self.watch(minutes=2, changes=10)
        self.assert_within_limits(found, minutes=2)
        self.assertEqual(1, len(found['whole']))

    def test_more_changes_than_a_look_shows_are_listed_once_a_minute(self):
        found = self.watch(minutes=2, changes=3 * follow.CHANGED)
        self.assert_within_limits(found, minutes=2)
        self.assertEqual(3, len(found['whole']))


class StartedPlanTest(base.FunctionalTest):
    """Plans that are moved, with and without a terminal."""

    def plan(self, **servers):
        """A plan for running servers, which go to another host.

        :param servers: how each of them behaves.
        """
        self.cloud.clean()
        made = self.cloud.create_servers(list(servers), host='compute1')
        for name, behaviour in servers.items():
            if behaviour:
                self.cloud.behave(name, **behaviour)
        plan = base.plan_of(
            {'vm': {one: base.active('compute2') for one in made.values()}}
        )
        self.addCleanup(self.end, plan)
        return plan

    def end(self, plan):
        """Let no plan run on that a failed test has left."""
        if plan.state == 'ONGOING':
            plan.cancel()
            plan.wait()

    def answer_cancel(self, answer, code):
        """All that is seen when the question of ``cancel`` is answered so."""
        shell = commands.terminal('cancel')
        self.addCleanup(shell.close)
        shell.expect(r"^Plan '.*': ONGOING,")
        shell.expect(r'^Nothing more .*, cold migrations\n  are reverted')
        shell.expect(r'^Cancel it\? \[y/N\]')
        shell.send(answer)
        self.assertEqual(code, shell.wait(), shell.screen)
        return shell.screen

    def test_without_a_terminal_each_change_is_a_line(self):
        plan = self.plan(web={}, db={'live_result': 'fail'})
        ended = commands.run('start', plan.uuid, '--yes')
        self.assertEqual(3, ended.code, ended)
        self.assertRegex(
            ended.stdout,
            r'(?m)^\d\d:\d\d:\d\d web live migration SUCCEEDED migrated from '
            r'compute1 to compute2',
        )
        self.assertRegex(
            ended.stdout, r'db live migration FAILED .* \(remedy: the log of '
        )
        self.assertIn('1 moved, 1 failed, 1 tried again\n', ended.stdout)
        self.assertNotIn('\x1b', ended.stdout)
        again = commands.run('watch', plan.uuid)
        self.assertEqual(3, again.code)
        self.assertIn('What is left: openstack optimize zone retry', again[1])

    def test_without_a_terminal_nobody_can_be_asked(self):
        plan = self.plan(web={})
        ended = commands.run('start', plan.uuid)
        self.assertEqual(1, ended.code)
        self.assertIn('--yes', ended.stderr)
        self.assertEqual('RECOMMENDED', plan.state)
        ended = commands.run('cancel', plan.uuid, '--yes')
        self.assertEqual(0, ended.code, ended)
        self.assertEqual('CANCELLED', plan.state)
        ended = commands.run('start', plan.uuid, '--yes')
        self.assertIn(
            'was cancelled. To ask for what is left: openstack optimize zone '
            'retry', ended[2])

    def test_on_a_terminal_bars_are_drawn(self):
        plan = self.plan(web={'live_result': 'hang'}, db={})
        view = commands.terminal('start', plan.uuid)
        self.addCleanup(view.close)
        view.expect(r'Start\? \[y/N\]')
        view.send('y')
        view.expect(r'━.* \d of 2 done')
        view.expect(r'^web +compute1 -> compute2')
        self.cloud.forget_behaviour()
        view.expect(r'^2 moved$')
        self.assertEqual(0, view.wait())
        self.assertEqual('SUCCEEDED', plan.state)

    def test_control_c_cancels_when_told_so(self):
        plan = self.plan(web={'live_result': 'hang'}, db={})
        view = commands.terminal('start', plan.uuid, '--yes')
        self.addCleanup(view.close)
        view.expect(r'^web +compute1 -> compute2')
        view.interrupt()
        view.expect(r'\[l/c/G\]')
        view.send('c')
        view.expect('Nothing more is started')
        view.expect(': CANCELLED$')
        self.assertEqual(4, view.wait())
        self.assertEqual('CANCELLED', plan.state)

    def test_control_c_leaves_and_one_comes_back_and_cancels(self):
        plan = self.plan(web={'live_result': 'hang'})
        view = commands.terminal('start', plan.uuid, '--yes')
        self.addCleanup(view.close)
        view.expect(r'^web +compute1 -> compute2')
        view.interrupt()
        view.expect(r'\[l/c/G\]')
        view.interrupt()
        view.expect('The plan goes on')
        self.assertEqual(130, view.wait())
        self.assertEqual('ONGOING', plan.state)
        back = commands.terminal('watch')
        self.addCleanup(back.close)
        back.expect(r'━.* 0 of 1 done\b.*\nweb +compute1 -> compute2')
        self.answer_cancel('', code=1)
        self.assertEqual('ONGOING', plan.state)
        cancelled = self.answer_cancel('y', code=0)
        self.assertRegex(cancelled, r'(?m): CANCELLED$')
        self.assertEqual('CANCELLED', plan.state)
        back.expect(': CANCELLED$')
        back.expect(r'^What is left:\n  openstack optimize zone retry \S+$')
        self.assertEqual(4, back.wait())
