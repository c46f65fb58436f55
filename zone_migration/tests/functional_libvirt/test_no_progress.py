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

"""A guest that does not converge, under each of on_no_progress."""

from zone_migration.tests.functional_libvirt import base


class NoProgressTest(base.HypervisorTest):
    """Given up between two reports of Nova, while it copies."""

    def give_up(self):
        self.cloud.create_server('busy', host='compute1', image='busy')
        plan = self.plan_for('busy')
        state = plan.run(90)
        return state, self.only_action(plan)


class AbortTest(NoProgressTest):
    OPTIONS = {**base.IMPATIENT, 'on_no_progress': 'abort'}

    def test_guest_stays_and_the_message_says_how_to_repair(self):
        _, action = self.give_up()
        self.assert_state(
            action, 'FAILED', 'no change for', 'aborted: the server is',
            'in ERROR on compute1', 'its guest runs there')
        self.assertIn(
            'openstack server set --state active '
            + self.cloud.server_id('busy'), action.message)
        self.assert_stranded('busy', 'compute1')


class ForceCompleteTest(NoProgressTest):
    OPTIONS = {**base.IMPATIENT, 'on_no_progress': 'force_complete'}

    def test_guest_arrives(self):
        state, action = self.give_up()
        self.assert_state(action, 'SUCCEEDED')
        self.assertEqual('SUCCEEDED', state)
        self.assert_server_runs('busy', 'compute2')


class LeaveTest(NoProgressTest):
    OPTIONS = {**base.IMPATIENT, 'on_no_progress': 'leave'}

    def test_migration_goes_on(self):
        _, action = self.give_up()
        self.assert_state(action, 'FAILED', 'left as it is')
        self.assertEqual('running', self.record('busy'))
        self.assertEqual('MIGRATING', self.cloud.server('busy')['status'])
        self.assertEqual(
            'running',
            self.cloud.guests('compute1')[self.cloud.server_id('busy')])
