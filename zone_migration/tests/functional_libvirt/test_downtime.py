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

"""A guest that cannot go live is stopped, moved, and runs again."""

from zone_migration.tests.functional import base as functional
from zone_migration.tests.functional_libvirt import base


class DowntimeTest(base.HypervisorTest):
    """It does not converge, and its live migration is aborted."""

    OPTIONS = {
        **base.IMPATIENT, 'on_no_progress': 'abort', 'reset_state': True}

    def test_guest_runs_again_at_the_destination(self):
        busy = self.cloud.create_server('busy', host='compute1', image='busy')
        plan = functional.plan_of(
            {'vm': {busy: functional.active('compute2')}},
            allow_downtime=['busy'], attempts=1)
        self.assertEqual('SUCCEEDED', plan.run(180))
        self.assert_state(
            self.only_action(plan), 'SUCCEEDED',
            'migrated from compute1 to compute2 (down for ', 'not live: ')
        self.assert_server_runs('busy', 'compute2')
