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

"""What the sandbox says is up does its work."""

from zone_migration.tests.functional import base


class RestartTest(base.FunctionalTest):
    def test_audit_right_after_a_restart_of_the_decision_engine(self):
        """One that is still starting would cancel it."""
        strategy = self.cloud.call(
            'GET', 'watcher', '/strategies/dummy')['uuid']
        for _ in range(3):
            self.cloud.restart('watcher-decision-engine')
            # Through the API: a command takes longer than the start.
            audit = self.cloud.call('POST', 'watcher', '/audits', {
                'goal': 'dummy', 'strategy': strategy,
                'audit_type': 'ONESHOT',
                'parameters': {'para1': 3.2, 'para2': 'hello'},
            })
            self.assertEqual('SUCCEEDED', base.audited(audit['uuid'])['state'])
