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

"""A cable is pulled in mid-copy."""

from zone_migration.tests.functional_libvirt import base


class CableTest(base.HypervisorTest):
    def pull_in_flight(self):
        self.cloud.create_server('web', host='compute1', flavor=base.SLOW)
        plan = self.plan_for('web').start()
        self.in_flight('web')
        self.addCleanup(self.cloud.plug_cable, 'compute2')
        self.cloud.pull_cable('compute2')
        return plan

    def test_guest_stays_and_the_message_says_how_to_repair(self):
        plan = self.pull_in_flight()
        plan.wait()
        self.assert_state(
            self.only_action(plan), 'FAILED',
            'live migration failed; the server is in ERROR on compute1',
            'its guest runs there', 'openstack server set --state active')
        self.assert_stranded('web', 'compute1')

    def test_same_audit_moves_the_repaired_server(self):
        self.pull_in_flight().wait()
        self.cloud.plug_cable('compute2')
        self.repair('web')
        plan = self.plan_for('web')
        self.assertEqual('SUCCEEDED', plan.run())
        self.assert_server_runs('web', 'compute2')
