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

from watcher import objects
from watcher.common import utils

from zone_migration.tests.unit import base
from zone_migration.watcher_db import indicators


class WriteTest(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan()
        self.other = self.create_plan_of(self.plan)
        for plan in (self.plan, self.other):
            objects.EfficacyIndicator(
                self.context,
                uuid=utils.generate_uuid(),
                action_plan_id=plan.id,
                name='remaining_servers',
                description='',
                unit='servers',
                value=7,
            ).create()

    def values(self, plan):
        return [
            (one.name, one.value)
            for one in objects.EfficacyIndicator.list(
                self.context, filters={'action_plan_id': plan.id}
            )
        ]

    def test_that_of_one_plan_is_written(self):
        indicators.write(self.plan.id, {'remaining_servers': 0})
        self.assertEqual([('remaining_servers', 0)], self.values(self.plan))
        self.assertEqual([('remaining_servers', 7)], self.values(self.other))

    def test_one_that_the_plan_has_not_is_left_out(self):
        indicators.write(self.plan.id, {'hosts_empty': 1})
        self.assertEqual([('remaining_servers', 7)], self.values(self.plan))
