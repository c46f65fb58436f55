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

"""Guests in the states that hold a host."""

from zone_migration.tests.functional import base as functional
from zone_migration.tests.functional import test_states
from zone_migration.tests.functional_libvirt import base

#: What is done to servers, and the status that they have then, by their names.
ACTIONS = {
    'shelved': ('SHELVED', 'shelve', None),
    'suspended': ('SUSPENDED', 'suspend', None),
    'away': ('VERIFY_RESIZE', 'migrate', {'host': 'compute1'}),
    'here': ('VERIFY_RESIZE', 'migrate', {'host': 'compute2'}),
}


class StatesTest(base.HypervisorTest):
    def test_each_leaves_its_host_or_is_told_to_stay(self):
        cloud = self.cloud
        ids = {
            **cloud.create_servers(
                ('shelved', 'suspended', 'away'), host=test_states.HOST),
            **cloud.create_servers(('here',), host='compute1'),
        }
        for name, (_, action, arguments) in ACTIONS.items():
            cloud.act(ids[name], action, arguments)
        for name, (status, _, _) in ACTIONS.items():
            cloud.wait(
                lambda name=name, status=status: cloud.server(name)[
                    'status'] == status, 60, f'{name} to be {status}')
        plan = functional.plan_of(
            compute_nodes=[{
                'src_node': test_states.HOST, 'dst_node': 'compute3'}],
            confirm_resizes=True)
        self.assertEqual('SUCCEEDED', plan.run())
        actions = plan.actions()
        self.assert_state(
            actions[ids['suspended']], 'SKIPPED', 'resume it first')
        self.assert_state(
            actions[ids['shelved']], 'SUCCEEDED', 'offloaded from compute2')
        self.assert_server('shelved', None, 'SHELVED_OFFLOADED')
        self.assert_server_runs('away', 'compute1')
        self.assert_server_runs('here', 'compute3')
        self.assert_state(
            plan.proofs()[test_states.HOST], 'SUCCEEDED',
            'found empty but for 1 server')
        self.assertEqual([ids['suspended']], [*cloud.guests(test_states.HOST)])
