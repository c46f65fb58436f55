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

"""An applier is paused, and wakes up when another has its plan."""

from sandbox import layout as layouts
from zone_migration.tests.functional import base


class PauseTest(base.FunctionalTest):
    """As where its virtual machine is paused: it learns of nothing."""

    #: How long a takeover can take, in seconds.  A cast may have gone to the
    #: one that is paused, and is repeated then.
    NOTICED = 300

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.servers = cloud.create_servers(
            [f'live{number}' for number in range(6)], host='compute1')
        # Those that begin after the takeover take longer than that.
        cloud.behave('*', live_result='hang')
        cls.plan = base.plan_of({'vm': {
            id_: base.active('compute2') for id_ in cls.servers.values()
        }}).start()
        cloud.wait(lambda: cls.count('ONGOING') >= 2, what='moves in flight')
        cls.addClassCleanup(cloud.stop, 'watcher-applier-2')
        cloud.start('watcher-applier-2')
        cls.addClassCleanup(cloud.unpause, 'watcher-applier')
        cloud.pause('watcher-applier')
        cloud.wait(lambda: cls.host() == layouts.APPLIER_2_HOST,
                   cls.NOTICED, 'the takeover of the plan')
        # It ends some of what the other one has in flight.
        for name in ('live0', 'live1', 'live2'):
            cloud.behave(name, live_result='ok')
        cloud.wait(lambda: cls.count('SUCCEEDED') >= 1, 120,
                   'an end with the other applier')
        cloud.unpause('watcher-applier')
        cloud.forget_behaviour()
        # Watcher's monitor may cancel it, and that is undone: the heartbeat
        # of the one that was paused is late when it has the plan again.
        cloud.wait(lambda: cls.plan.state == 'SUCCEEDED', 600,
                   'the end of the plan')

    @classmethod
    def host(cls):
        return cls.plan.show()['hostname']

    @classmethod
    def count(cls, state):
        return sum(one.state == state for one in cls.plan.all_actions())

    def test_each_action_has_succeeded(self):
        for action in self.plan.all_actions():
            self.assert_state(action, 'SUCCEEDED', ' to ')

    def test_nothing_is_moved_twice(self):
        for name in self.servers:
            self.assertEqual(
                ['completed'],
                [record['status'] for record in self.cloud.migrations(name)],
                name)
