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

"""Servers leave the availability zone that they are pinned to."""

from zone_migration.tests.functional import base
from zone_migration.tests.functional import test_zones


class UnpinTest(test_zones.ZoneTest):
    """Two zones of one host each, and a host that is in none."""

    NAMES = ('named', 'unnamed', 'fails', 'cold')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, host in (('z1', 'compute1'), ('z2', 'compute2')):
            cls.enter_class_context(cls.zone(name, host))
        cls.ids = cls.pinned(*cls.NAMES)
        cls.cloud.behave('fails', live_result='fail')
        cls.refused = base.plan_of({'vm': {
            cls.ids['named']: base.active('compute2')}})
        cls.plan = base.plan_of(
            {'vm': {
                cls.ids['named']: base.active('compute2'),
                cls.ids['unnamed']: base.active('compute3'),
                cls.ids['fails']: base.active('compute2'),
                cls.ids['cold']: base.shutoff('compute2'),
            }}, unpin=['*'], attempts=1)
        cls.told = cls.summary(cls.plan)
        cls.plan.run()
        cls.cloud.forget_behaviour()

    @classmethod
    def pinned(cls, *names):
        """The ids of servers that are pinned to their zone."""
        ids = cls.cloud.create_servers(names, host='compute1')
        for name in names:
            cls.pin(name, 'z1')
            if name == 'cold':
                cls.cloud.act(name, 'os-stop')
                cls.cloud.wait(lambda: cls.cloud.server('cold')[
                    'status'] == 'SHUTOFF')
        return ids

    @classmethod
    def pin(cls, name, zone):
        cls.cloud.call(
            'PUT', 'nova', f'/servers/{cls.cloud.server_id(name)}',
            {'server': {'pinned_availability_zone': zone}},
            microversion='2.104')

    def assert_moved(self, name, state, host, zone, words):
        """Where a server is, what it is pinned to, and what is told."""
        action = self.plan.actions()[self.ids[name]]
        self.assert_state(action, state, words)
        self.assertEqual('z1', action.parameters['unpin_from'])
        shown = self.cloud.call(
            'GET', 'nova', f'/servers/{self.ids[name]}',
            microversion='2.104')['server']
        self.assertEqual(
            (host, zone),
            (shown['OS-EXT-SRV-ATTR:host'],
             shown['pinned_availability_zone']))

    def test_pinned_server_is_refused_otherwise(self):
        (action,) = self.refused.all_actions()
        self.assert_state(action, 'SKIPPED', 'or set unpin')

    def test_plan_tells_who_leaves_which_zone(self):
        self.assertIn('4 to move', self.told)
        self.assertIn(
            '4 servers will be unpinned from availability zone z1', self.told)

    def test_server_is_pinned_to_the_zone_where_it_is(self):
        for name in ('named', 'cold'):
            self.assert_moved(
                name, 'SUCCEEDED', 'compute2', 'z2',
                '(pinned to z2 instead of z1)')

    def test_server_is_not_pinned_to_the_default_zone(self):
        self.assert_moved(
            'unnamed', 'SUCCEEDED', 'compute3', None,
            '(no longer pinned to z1, nor to another zone)')

    def test_server_that_stays_is_pinned_again(self):
        self.assert_moved(
            'fails', 'FAILED', 'compute1', 'z1', 'pinned to z1 again')

    def in_flight(self, name):
        """Start a plan for a server that is copied for ever."""
        self.ids = self.pinned(name)
        self.cloud.behave(name, live_result='hang')
        self.plan = base.plan_of(
            {'vm': {self.ids[name]: base.active('compute2')}},
            unpin=True).start()
        self.cloud.wait(lambda: self.record(name) == 'running',
                        what='a migration in flight')

    def test_cancelled_server_is_pinned_again(self):
        self.in_flight('cancelled')
        self.plan.cancel()
        self.plan.wait()
        self.cloud.forget_behaviour()
        self.assert_moved('cancelled', 'CANCELLED', 'compute1', 'z1',
                          'pinned to z1 again')

    def test_server_of_a_killed_applier_is_pinned(self):
        self.in_flight('killed')
        self.cloud.kill('watcher-applier')
        self.cloud.forget_behaviour()
        self.cloud.wait(lambda: self.host_of('killed') == 'compute2',
                        what='the arrival')
        self.cloud.start('watcher-applier')
        self.assertEqual('SUCCEEDED', self.plan.wait())
        self.assert_moved('killed', 'SUCCEEDED', 'compute2', 'z2',
                          'pinned to z2 instead of z1')
