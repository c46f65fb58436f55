# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Each state of a server that holds a host, told, and done or refused."""

from concurrent import futures
import json
import subprocess

from zone_migration.logic.preflight import server_states
from zone_migration.tests import nova_states
from zone_migration.tests.functional import base

#: The host where what is shelved stays until it is offloaded.
HOST = 'compute2'

#: Nova's own states, as JSON.
SCRIPT = '''
import json
from nova.api.openstack import common
from nova.compute import power_state
from nova.objects import fields
print(json.dumps({
    'vm_states': sorted(fields.InstanceState.ALL),
    'task_states': sorted(fields.InstanceTaskState.ALL),
    'power_states': sorted(power_state.STATE_MAP),
    'statuses': {
        state: {task or '': status for task, status in tasks.items()}
        for state, tasks in common._STATE_MAP.items()
    },
}))
'''

#: What is done to servers, and the status that they have then, by their names.
ACTIONS = {
    'paused': ('PAUSED', 'pause', None),
    'suspended': ('SUSPENDED', 'suspend', None),
    'rescued': ('RESCUE', 'rescue', None),
    'in-error': ('ERROR', 'os-resetState', {'state': 'error'}),
    'shelved': ('SHELVED', 'shelve', None),
    'away': ('VERIFY_RESIZE', 'resize', {'flavorRef': 'small'}),
    'here': ('VERIFY_RESIZE', 'resize', {'flavorRef': 'small'}),
    'not-allowed': ('VERIFY_RESIZE', 'migrate', {'host': 'compute1'}),
    'reset': ('VERIFY_RESIZE', 'resize', {'flavorRef': 'small'}),
}


class StatesTest(base.FunctionalTest):
    """One server of every kind on a host that is emptied."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.ids = {
            **cloud.create_servers(
                ('runs', 'suspended', 'rescued', 'in-error', 'deleted',
                 'shelved', 'away', 'not-allowed', 'reset', 'paused'),
                host=HOST),
            **cloud.create_servers(('here',), host='compute1'),
        }
        cls.ids['building'] = cls.build('building')
        cls.set_service('compute3', status='disabled')
        cls.addClassCleanup(cls.set_service, 'compute3', status='enabled')
        # Nova takes seconds to be imported.
        with futures.ThreadPoolExecutor() as pool:
            deletion = pool.submit(cloud.soft_delete, cls.ids['deleted'])
            cls.told = pool.submit(cls.states_of_nova)
            for name, (_, action, arguments) in ACTIONS.items():
                cloud.act(cls.ids[name], action, arguments)
        deletion.result()
        for name, (status, _, _) in ACTIONS.items():
            cloud.wait(
                lambda name=name, status=status: cls.has(name, status),
                what=f'{name} to be {status}')
        cloud.act(cls.ids['reset'], 'os-resetState', {'state': 'active'})
        cls.set_service('compute3', status='enabled')
        rack = [{'src_node': HOST, 'dst_node': 'compute3'}]
        cls.refused = base.plan_of(compute_nodes=rack)
        cls.set_service(HOST, forced_down=True)
        cls.addClassCleanup(cls.set_service, HOST, forced_down=False)
        cls.down = base.plan_of(compute_nodes=rack, confirm_resizes=True)
        cls.set_service(HOST, forced_down=False)
        cls.plan = base.plan_of(
            compute_nodes=rack, confirm_resizes=['away', 'her?'],
            parallel_per_node=0)
        cls.outlook = cls.plan.show()['status_message']
        cls.state = cls.plan.run()
        cls.actions = cls.plan.actions()

    @classmethod
    def states_of_nova(cls):
        """What SCRIPT tells."""
        told = subprocess.run(
            [cls.cloud.layout.bin('services', 'python'), '-c', SCRIPT],
            check=True, capture_output=True, text=True,
            cwd=cls.cloud.layout.state)
        return json.loads(told.stdout)

    @classmethod
    def build(cls, name):
        """The id of a server that is being built on the host, for ever."""
        cls.cloud.behave(name, spawn_result='hang')
        made = cls.cloud.call('POST', 'nova', '/servers', {'server': {
            'name': name, 'flavorRef': 'tiny', 'networks': 'none',
            'imageRef': cls.cloud.image_id('tiny'), 'host': HOST}})
        cls.cloud.wait(
            lambda: cls.cloud.server(made['server']['id'])[
                'OS-EXT-STS:task_state'] == 'spawning',
            what='the building')
        return made['server']['id']

    @classmethod
    def has(cls, name, status):
        shown = cls.cloud.server(cls.ids[name])
        return (shown['status'], shown['OS-EXT-STS:task_state']) == (
            status, None)

    def action(self, name):
        return self.actions[self.ids[name]]

    def assert_refused(self, name, *words):
        """It is SKIPPED from the start, and still there."""
        action = self.action(name)
        self.assert_state(action, 'SKIPPED', *words)
        self.assertEqual(
            action.message, self.refused.actions()[self.ids[name]].message)
        return action

    def test_plan_tells_what_it_does_and_what_stays(self):
        self.assertIn(
            '5 to move (1 offloaded, 2 confirmed), 7 cannot', self.outlook)
        self.assertIn(f'{HOST} will not be empty: ', self.outlook)
        for status in (
            'SUSPENDED', 'RESCUE', 'ERROR', 'SOFT_DELETED', 'BUILD',
            'VERIFY_RESIZE',
        ):
            self.assertIn(f' in {status}', self.outlook)

    def test_states_that_nova_does_not_move_are_refused_with_a_remedy(self):
        self.assert_refused('suspended', 'resume it first, or shelve it')
        self.assert_refused('rescued', 'unrescue it first')
        self.assert_refused('in-error', 'repair it or reset its state')
        self.assert_refused('deleted', 'openstack server delete --force')
        self.assert_refused('building', 'is busy', 'spawning')
        (record,) = self.cloud.migrations('reset')
        self.assert_refused(
            'reset', 'the server is ACTIVE on compute1, and Nova confirms it '
            f'no more: "openstack resource provider allocation delete '
            f'{record["uuid"]}" frees its room on {HOST}')

    def test_what_a_host_that_is_down_holds_has_its_own_remedy(self):
        actions = self.down.actions()
        for name, words in (
            ('runs', 'or evacuate the server'), ('paused', 'bring it up'),
            ('in-error', 'or evacuate the server'),
            ('deleted', 'deletes it even so'), ('shelved', 'bring it up'),
            ('building', 'or delete the server'),
            ('away', f'cannot be confirmed: nova-compute on {HOST}'),
        ):
            self.assert_state(actions[self.ids[name]], 'SKIPPED', words)

    def test_running_and_paused_servers_are_migrated_live(self):
        for name, status in (('runs', 'ACTIVE'), ('paused', 'PAUSED')):
            self.assert_state(self.action(name), 'SUCCEEDED')
            self.assert_server(name, 'compute3', status)

    def test_shelved_server_is_offloaded(self):
        action = self.action('shelved')
        self.assertEqual('shelve_offload', action.type)
        self.assert_state(action, 'SUCCEEDED', f'offloaded from {HOST}')
        self.assert_server('shelved', None, 'SHELVED_OFFLOADED')

    def test_resize_that_has_come_is_confirmed_and_the_server_moved(self):
        action = self.action('here')
        self.assertIs(True, action.parameters['confirm_resize'])
        self.assert_state(
            action, 'SUCCEEDED', f'migrated from {HOST} to compute3')
        self.assert_server('here', 'compute3', 'ACTIVE')
        self.assertEqual(
            [('live-migration', 'completed'), ('resize', 'confirmed')],
            [(m['migration_type'], m['status'])
             for m in self.cloud.migrations('here')])

    def test_resize_that_keeps_room_on_the_host_is_confirmed(self):
        action = self.action('away')
        self.assertEqual('confirm_resize', action.type)
        self.assert_state(
            action, 'SUCCEEDED',
            f'resize from {HOST} to compute1 confirmed')
        self.assert_server('away', 'compute1', 'ACTIVE')

    def test_unconfirmed_servers_that_no_one_allows_are_left(self):
        refused = self.refused.actions()
        for name, words in (
            ('away', f'keeps room on {HOST}, which does not become empty'),
            ('here', 'for a resize'), ('not-allowed', f'keeps room on {HOST}'),
        ):
            self.assert_state(
                refused[self.ids[name]], 'SKIPPED', words,
                'set confirm_resizes')
        self.assert_server('not-allowed', 'compute1', 'VERIFY_RESIZE')

    def test_proof_knows_what_the_plan_has_told(self):
        self.assertEqual('SUCCEEDED', self.state)
        self.assert_state(
            self.plan.proofs()[HOST], 'SUCCEEDED',
            'found empty but for 5 servers, 2 migrations that stay as '
            'planned: ', '1 in SUSPENDED', '2 that cannot move')

    def test_table_has_nova_s_own_states(self):
        """And the test that walks it has."""
        shown = self.told.result()
        self.assertEqual(nova_states.VM_STATES, shown['vm_states'])
        self.assertEqual(nova_states.TASK_STATES, shown['task_states'])
        self.assertEqual(nova_states.POWER_STATES, shown['power_states'])
        self.assertEqual(nova_states.STATUSES, shown['statuses'])
        self.assertEqual(set(), {
            status for tasks in shown['statuses'].values()
            for status in tasks.values()} - server_states.STATES.keys())


class LeftoversTest(base.FunctionalTest):
    """An allocation in Placement of what is not there."""

    def test_plan_tells_it_with_what_shows_it(self):
        providers = self.cloud.call(
            'GET', 'placement', '/resource_providers')['resource_providers']
        (provider,) = (p['uuid'] for p in providers if p['name'] == HOST)
        path = f'/allocations/{base.NOBODY}'
        project = self.cloud.call('GET', 'keystone', '/projects')
        self.cloud.call('PUT', 'placement', path, {
            'allocations': {provider: {'resources': {'VCPU': 1}}},
            'project_id': project['projects'][0]['id'],
            'user_id': base.NOBODY, 'consumer_generation': None,
        }, microversion='1.28')
        self.addCleanup(self.cloud.call, 'DELETE', 'placement', path)
        plan = base.plan_of(compute_nodes=[{'src_node': HOST}])
        self.assertIn(
            f'Placement has 1 allocation on {HOST} of nothing there, '
            f'{base.NOBODY}, which nothing has: nova-manage placement audit',
            plan.show()['status_message'])
