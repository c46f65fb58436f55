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

"""Nova's API is away for longer than an action waits without a change."""

import re
import time

from zone_migration.tests.functional import base

#: How long an action waits without a change, in seconds.
PATIENCE = 16


class _Outage(base.FunctionalTest):
    """Two servers and a volume move; two servers and a volume wait.

    Two servers leave a host at a time, and three actions run: Nova queues one,
    so that two are all that the limits count.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.enterClassContext(cls.watcher_options(
            {
                'zone_migration': {
                    'retry': PATIENCE,
                    'retry_interval': 1,
                    'request_retries': 1,
                },
                'watcher_planners.default': {
                    'weights': 'live_migration:2,volume_migration:1',
                },
            },
            'watcher-decision-engine', 'watcher-applier'))
        cls.live = cloud.create_servers(
            ('live1', 'live2', 'live3'), host='compute1')
        cls.cold = cloud.create_server('cold', host='compute2', stopped=True)
        cls.volumes = cloud.create_volumes(('copied1', 'copied2'), pool='b1')

    def start(self):
        """The plan, with all in flight that may be, and Nova's API gone."""
        cloud = self.cloud
        for host in ('compute1', 'compute2'):
            self.addCleanup(self.set_service, host, status='enabled')
        # No hanging: in sight, each shows a change each second.
        for name in ('live1', 'live2', 'live3'):
            cloud.behave(name, live_seconds=3600)
        cloud.behave('copied1', copy_result='hang')
        self.plan = base.plan_of(
            compute_nodes=[
                {'src_node': name, 'dst_node': 'compute3'}
                for name in ('compute1', 'compute2')
            ],
            storage_pools=[{'src_pool': base.B1, 'dst_pool': base.B3}],
            parallel_total=2,
            disable_compute_nodes=True,
        ).start()
        cloud.wait(self.all_in_flight, what='three moves in flight')
        cloud.stop('nova-api')
        self.addCleanup(cloud.start, 'nova-api')
        self.stopped_at = time.monotonic()
        cloud.behave('copied1', copy_result=None)

    def all_in_flight(self):
        return (
            sorted(str(self.record(name)) for name in self.live)
            == ['None', 'queued', 'running']
            and self.cloud.volume('copied1')['migration_status']
            == 'migrating'
        )

    def states(self, actions):
        return {
            name: actions[id_].state
            for name, id_ in (
                *self.live.items(), *self.volumes.items(),
                ('cold', self.cold))
        }

    def only_nova_is_waited_for(self):
        """Whether the volumes have moved, and nothing else has ended."""
        actions = self.plan.actions()
        states = self.states(actions)
        return (
            [states.pop(name) for name in self.volumes]
            == ['SUCCEEDED'] * 2
            and sorted(states.values())
            == ['ONGOING', 'ONGOING', 'PENDING', 'PENDING']
            and all(
                re.match(r'not seen since \d\d:\d\d UTC: Nova is unavail',
                         action.message)
                for action in actions.values() if action.state == 'ONGOING')
            and 'nothing that needs Nova starts since'
            in self.plan.show()['status_message']
        )

    def wait_without_nova(self):
        self.cloud.wait(
            self.only_nova_is_waited_for, what='the moves of the volumes')


class WaitTest(_Outage):
    """The plan waits."""

    def test_all_arrives_when_it_is_back(self):
        self.start()
        self.wait_without_nova()
        self.cloud.wait(
            lambda: time.monotonic() - self.stopped_at > PATIENCE + 3,
            what='a long outage')
        self.assertTrue(self.only_nova_is_waited_for())
        self.cloud.start('nova-api')
        self.cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', self.plan.wait())
        self.assertEqual(
            {'SUCCEEDED'},
            {action.state for action in self.plan.all_actions()})
        for name in self.live:
            self.assert_server(name, 'compute3', 'ACTIVE')
            self.assertEqual(
                ['completed'],
                [m['status'] for m in self.cloud.migrations(name)])
        self.assert_server('cold', 'compute3', 'SHUTOFF')
        for name in self.volumes:
            self.assert_volume(name, base.B3, 'lvm1', 'available')


class CancelTest(_Outage):
    """The plan is cancelled in the middle of the outage."""

    def test_plan_ends_and_claims_nothing(self):
        self.start()
        self.wait_without_nova()
        self.plan.cancel()
        self.assertEqual('CANCELLED', self.plan.wait())
        # Nothing is seen, so nothing is claimed and nothing aborted.
        actions = self.plan.actions()
        states = self.states(actions)
        in_flight = [
            id_ for name, id_ in self.live.items()
            if actions[id_].message.startswith('it may go on')
        ]
        self.assertEqual(2, len(in_flight))
        for id_ in in_flight:
            self.assert_state(
                actions[id_], 'CANCELLED',
                'it may go on, not seen since', 'Nova is unavailable')
        self.assertEqual(
            ['CANCELLED'] * 4,
            [states[name] for name in (*self.live, 'cold')])
        self.assertIn(
            'compute1, compute2 still disabled: Nova is unavailable',
            self.plan.show()['status_message'])
        self.cloud.start('nova-api')
        self.assertEqual(
            ['queued', 'running'],
            sorted(self.record(id_) for id_ in in_flight))
        self.cloud.forget_behaviour()
        for id_ in in_flight:
            self.cloud.wait(
                lambda id_=id_: self.record(id_) == 'completed',
                what='what has gone on')
        for id_ in {*self.live.values(), self.cold} - {*in_flight}:
            self.assertEqual([], self.cloud.migrations(id_))
