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

"""A plan goes on with another applier when its own never comes back."""

import unittest

from oslo_utils import timeutils

from sandbox import layout as layouts
from zone_migration.tests.functional import base


class TakeoverTest(base.FunctionalTest):
    """An applier dies with moves in flight, and stays so.

    That is noticed when its heartbeat is too old, after 30 to 90 seconds.
    """

    #: In seconds; three times what it can take.
    NOTICED = 300

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        if int(cloud.layout.options.watcher) < 16:
            raise unittest.SkipTest('one applier is all that is promised')
        cls.servers = {
            # Two at once leave a host, and reach one.
            **cloud.create_servers(
                ('live1', 'live2', 'live3'), host='compute1'),
            **cloud.create_servers(
                ('cold-meanwhile',), host='compute3', stopped=True),
        }
        cls.volume = cloud.create_volume('copied', pool='b1')
        cloud.behave('*', live_result='hang', cold_result='hang',
                     copy_result='hang')
        cls.plan = base.plan_of({
            'vm': {id_: base.shutoff('compute1') if name.startswith('cold')
                   else base.active('compute2')
                   for name, id_ in cls.servers.items()},
            'volume': {cls.volume: base.available(base.B3)},
        }).start()
        cloud.wait(lambda: cls.states() == ['ONGOING'] * 4 + ['PENDING'],
                   what='moves in flight')
        cls.addClassCleanup(cloud.start, 'watcher-applier')
        cls.addClassCleanup(cloud.stop, 'watcher-applier-2')
        cloud.start('watcher-applier-2')
        cloud.kill('watcher-applier')
        cloud.behave('cold-meanwhile', cold_result='ok')
        # It has none for a moment where Watcher had cancelled it before.
        cloud.wait(
            lambda: 'went on' in (cls.plan.show()['status_message'] or ''),
            cls.NOTICED, 'the takeover of the plan')
        cloud.forget_behaviour()
        cls.state = cls.plan.wait()

    @classmethod
    def states(cls):
        return sorted(action.state for action in cls.plan.all_actions())

    def test_same_plan_succeeds_on_the_other_host(self):
        self.assertEqual('SUCCEEDED', self.state)
        self.assertEqual(
            layouts.APPLIER_2_HOST, self.plan.show()['hostname'])

    def test_plan_says_that_it_went_on(self):
        self.assertRegex(
            self.plan.show()['status_message'],
            r'^5 succeeded in .*; went on at [-\d: ]+ after a restart')

    def test_what_has_arrived_meanwhile_has_succeeded(self):
        for action in self.plan.all_actions():
            self.assert_state(action, 'SUCCEEDED', ' to ')

    def test_everything_is_where_it_should_be(self):
        for name in ('live1', 'live2', 'live3'):
            self.assert_server(name, 'compute2', 'ACTIVE')
        self.assert_server('cold-meanwhile', 'compute1', 'SHUTOFF')
        self.assert_volume('copied', base.B3, 'lvm1', 'available')

    def test_nothing_is_started_twice(self):
        for name in self.servers:
            self.assertEqual(1, len(self.cloud.migrations(name)), name)
        asked = [line for line in self.cloud.requests_logged('cinder-api')
                 if f'/volumes/{self.volume}/action' in line]
        self.assertEqual(1, len(asked), asked)


class LimitTest(base.FunctionalTest):
    """Two appliers run a plan each, and keep one limit together."""

    LIMIT = 2
    #: Nova's statuses of what leaves a host.
    MOVING = (
        'accepted', 'pre-migrating', 'migrating', 'post-migrating')

    def leaving(self, since):
        """How many servers leave the first host at this moment."""
        migrations = self.cloud.call(
            'GET', 'nova', f'/os-migrations?changes-since={since}',
            microversion='2.59')['migrations']
        return sum(
            m['source_compute'] == 'compute1' and m['status'] in self.MOVING
            for m in migrations)

    def test_limit_is_exceeded_by_one_at_most(self):
        cloud = self.cloud
        self.addCleanup(cloud.stop, 'watcher-applier-2')
        cloud.start('watcher-applier-2')
        servers = [*self.populate('compute1', stopped=10).values()]
        cloud.behave('*', cold_seconds=3)
        since = timeutils.utcnow().isoformat(timespec='seconds')
        plans = [
            base.plan_of(
                {'vm': dict.fromkeys(part, base.shutoff(destination))},
                parallel_per_node=self.LIMIT)
            for part, destination in (
                (servers[::2], 'compute2'), (servers[1::2], 'compute3'))
        ]
        for plan in plans:
            plan.start()
        seen = []

        def have_ended():
            seen.append(self.leaving(since))
            return all(plan.state in base.ENDED for plan in plans)

        cloud.wait(have_ended, 600, 'the end of both plans')
        self.assertEqual(
            ['SUCCEEDED'] * 2, [plan.state for plan in plans])
        # RabbitMQ gives each of them the next plan in turn.
        self.assertEqual(2, len({plan.show()['hostname'] for plan in plans}))
        self.assertGreaterEqual(max(seen), self.LIMIT)
        # Both may have seen the same free place.
        self.assertLessEqual(max(seen), self.LIMIT + 1, seen)
