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

"""A plan that takes longer than Keystone's tokens live."""

import os
import time

from zone_migration.tests.functional import base as functional

#: How long the plan is to take, in seconds; a token lives for 3600.
SECONDS = float(os.environ.get('ZONE_MIGRATION_PLAN_SECONDS', '4000'))
SERVERS = 8


class LongPlanTest(functional.FunctionalTest):
    """Nova migrates one server at a time from a host."""

    def test_every_server_moves_in_its_turn(self):
        servers = self.populate('compute1', running=SERVERS)
        self.cloud.behave(
            '*', live_seconds=SECONDS / SERVERS, live_interval=5)
        plan = functional.plan_of({'vm': dict.fromkeys(
            servers.values(), functional.active('compute2'))})
        began = time.monotonic()
        self.assertEqual('SUCCEEDED', plan.run(SECONDS * 1.5 + 300))
        self.assertLessEqual(SECONDS, time.monotonic() - began)
        for name, server in servers.items():
            self.assert_state(plan.actions()[server], 'SUCCEEDED')
            self.assert_server(name, 'compute2', 'ACTIVE')
            self.assertEqual(1, len(self.cloud.migrations(server)))
