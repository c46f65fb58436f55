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

"""Watcher's monitor cancels a plan, and that is undone."""

import subprocess

from zone_migration.tests.functional import base

#: Does what the monitor does with the plans of a dead applier; the arguments
#: are its host and those of the applier.
MONITOR = """
import sys
from watcher import conf
from watcher.applier import sync
from watcher.common import context
from watcher.common import service

service.prepare_service(['monitor', *sys.argv[2:]], conf.CONF)
sync.Syncer()._cancel_ongoing_actionplans(
    context.make_context(), sys.argv[1])
"""


class MonitorFirstTest(base.FunctionalTest):
    """It has cancelled the plan of an applier before that was taken over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.servers = {
            **cloud.create_servers(
                ('live1', 'live2', 'live3'), host='compute1'),
            **cloud.create_servers(('meanwhile',), host='compute3'),
        }
        cloud.behave('*', live_result='hang')
        cls.plan = base.plan_of({'vm': {
            id_: base.active(
                'compute1' if name == 'meanwhile' else 'compute2')
            for name, id_ in cls.servers.items()}}).start()
        cloud.wait(lambda: cls.states() == ['ONGOING'] * 3 + ['PENDING'],
                   what='moves in flight')
        cls.addClassCleanup(cloud.start, 'watcher-applier')
        cls.addClassCleanup(cloud.stop, 'watcher-applier-2')
        cloud.start('watcher-applier-2')
        cloud.kill('watcher-applier')
        cloud.behave('meanwhile', live_result='ok')
        cloud.wait(lambda: cls.record('meanwhile') == 'completed',
                   what='what arrives meanwhile')
        cls.monitor()
        cls.after_monitor = cls.plan.state, cls.states()
        cloud.wait(lambda: cls.plan.state == 'ONGOING', what='the undoing')
        cloud.forget_behaviour()
        cls.state = cls.plan.wait()

    @classmethod
    def states(cls):
        return sorted(action.state for action in cls.plan.all_actions())

    @classmethod
    def monitor(cls):
        layout = cls.cloud.layout
        subprocess.run(
            [layout.bin('watcher', 'python'), '-c', MONITOR,
             cls.plan.show()['hostname'],
             '--config-file', str(layout.etc('watcher', 'watcher.conf'))],
            check=True, capture_output=True)

    def test_monitor_had_cancelled_it(self):
        self.assertEqual(('CANCELLED', ['CANCELLED'] * 4), self.after_monitor)

    def test_same_plan_succeeds(self):
        self.assertEqual('SUCCEEDED', self.state)

    def test_everything_is_moved_once(self):
        for name in self.servers:
            self.assertEqual(
                ['completed'],
                [record['status'] for record in self.cloud.migrations(name)],
                name)

    def test_each_has_succeeded_also_what_had_arrived(self):
        for action in self.plan.all_actions():
            self.assert_state(action, 'SUCCEEDED')
