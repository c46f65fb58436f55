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

import fixtures

from zone_migration.applier_recovery import abandoned_plans
from zone_migration.applier_recovery import applier_startup_hook
from zone_migration.tests.unit import base


class ApplierStartupHookTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(applier_startup_hook.recover_once.cache_clear)
        applier_startup_hook.recover_once.cache_clear()

    def test_it_is_done_once(self):
        ended = self.useFixture(
            fixtures.MockPatchObject(abandoned_plans, 'end_all')
        ).mock
        applier_startup_hook.recover_once()
        applier_startup_hook.recover_once()
        ended.assert_called_once_with()
