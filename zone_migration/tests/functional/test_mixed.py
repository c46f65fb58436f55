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

"""Twenty servers and six volumes in one plan: no word of it is untrue."""

from zone_migration.tests.functional import base
from zone_migration.tests.functional import places


class MixedPlanTest(base.FunctionalTest):
    """Each action's final state agrees with what Nova and Cinder say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.running = cloud.create_servers(
            [f'run{i}' for i in range(13)], host='compute1')
        cls.stopped = cloud.create_servers(
            [f'off{i}' for i in range(7)], host='compute2', stopped=True)
        cls.volumes = cloud.create_volumes(
            [f'vol{i}' for i in range(6)], pool='b1')
        for index in range(3):
            cloud.attach(f'run{index}', f'vol{index}')
        # Some fail at the source, some half-way, some when they are there.
        cloud.behave('run3', live_result='fail')
        cloud.behave('run4', live_result='check_fail')
        cloud.behave('off0', cold_result='rollback')
        cloud.behave('vol3', copy_result='fail')
        wanted = {}
        for index, server in enumerate(cls.running.values()):
            goal = ('compute2', 'compute3', '')[index % 3]
            wanted[server] = base.active(goal)
        for index, server in enumerate(cls.stopped.values()):
            wanted[server] = base.shutoff(('compute3', '')[index % 2])
        # And some contradict the cloud.
        wanted[cls.running['run12']]['status'] = 'shutoff'
        wanted[cls.stopped['off6']]['status'] = 'active'
        cls.wanted = wanted
        cls.wanted_volumes = {
            cls.volumes['vol0']: base.in_use(dst_type='lvm2'),
            cls.volumes['vol1']: base.in_use(base.B3),
            cls.volumes['vol2']: base.in_use(),
            cls.volumes['vol3']: base.available(base.B3),
            cls.volumes['vol4']: base.available(base.B3),
            cls.volumes['vol5']: base.available(dst_type='lvm2'),
        }
        cls.before = places.of(cls.cloud)
        cls.plan = base.plan_of({'vm': wanted, 'volume': cls.wanted_volumes})
        cls.plan.run()
        cls.actions = cls.plan.actions()
        cls.after = places.of(cls.cloud)

    def test_every_resource_has_one_action_that_has_ended(self):
        self.assertEqual(
            {*self.wanted, *self.wanted_volumes}, set(self.actions))
        self.assertEqual(
            set(),
            {a.state for a in self.actions.values()}
            - {'SUCCEEDED', 'FAILED', 'SKIPPED'})

    def test_states_agree_with_the_cloud(self):
        self.assertEqual(
            set(),
            places.mismatches(
                self.before, self.after,
                {**self.wanted, **self.wanted_volumes}, self.actions))

    def names(self, state):
        """Those of the actions that have ended so."""
        return {action.parameters['resource_name']
                for action in self.actions.values()
                if action.state == state}

    def test_only_those_that_must_fail_do(self):
        self.assertEqual(
            {'run3', 'run4', 'off0', 'vol3'}, self.names('FAILED'))

    def test_only_those_that_contradict_the_cloud_are_skipped(self):
        self.assertEqual({'run12', 'off6'}, self.names('SKIPPED'))

    def test_every_failure_has_a_reason(self):
        for action in self.actions.values():
            if action.state == 'FAILED':
                self.assertIn('Action failed in', action.message)

    def test_no_server_is_left_in_between(self):
        for server in self.cloud.servers():
            self.assertIn(server['status'], ('ACTIVE', 'SHUTOFF'))
            self.assertIsNone(server['OS-EXT-STS:task_state'])


class OtherEngineTest(base.FunctionalTest):
    """Plans and engine work with those of Watcher too."""

    def test_taskflow_runs_our_plan(self):
        cloud = self.cloud
        server = cloud.create_server('moved', host='compute1')
        volume = cloud.create_volume('under', pool='b1')
        cloud.attach(server, volume)
        with self.watcher_options(
            {'watcher_applier': {'workflow_engine': 'taskflow'}},
            'watcher-applier',
        ):
            plan = base.plan_of({
                'vm': {server: base.active('compute2')},
                'volume': {volume: base.in_use(base.B3)},
            })
            self.assertEqual('SUCCEEDED', plan.run())
        self.assert_server(server, 'compute2', 'ACTIVE')
        self.assert_volume(volume, base.B3, 'lvm1', 'in-use')
