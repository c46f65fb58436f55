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

"""A plan is cancelled with the memory of a guest in flight."""

from zone_migration.tests.functional_libvirt import base


class InFlightTest(base.HypervisorTest):
    def cancel_in_flight(self):
        self.cloud.create_server('busy', host='compute1', image='busy')
        plan = self.plan_for('busy').start()
        self.in_flight('busy')
        plan.cancel()
        self.assertEqual('CANCELLED', plan.wait())
        return self.only_action(plan)


class CancelTest(InFlightTest):
    """Nova aborts it, and leaves the server in ERROR with its guest."""

    def test_guest_runs_on_and_the_message_says_how_to_repair(self):
        action = self.cancel_in_flight()
        self.assert_state(
            action, 'CANCELLED', 'in ERROR on compute1',
            'its guest runs there', 'openstack server set --state active')
        self.assert_stranded('busy', 'compute1')
        self.repair('busy')

    def test_repaired_server_can_be_moved_again(self):
        self.cancel_in_flight()
        self.repair('busy')
        plan = self.plan_for('busy', 'compute3').start()
        self.in_flight('busy')
        plan.cancel()
        plan.wait()
        self.assert_guest('busy', 'compute1')


class ResetStateTest(InFlightTest):
    """With the option the action repairs it itself."""

    OPTIONS = {'reset_state': True}

    def test_server_is_set_back(self):
        action = self.cancel_in_flight()
        self.assert_state(
            action, 'CANCELLED', 'was in ERROR on compute1',
            'set back to ACTIVE')
        self.assert_server_runs('busy', 'compute1')
