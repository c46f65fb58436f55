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


import datetime

from oslo_utils import timeutils
from watcher import objects

from zone_migration.tests.unit import base
from zone_migration.watcher_db import services


class OthersAreAliveTest(base.DatabaseTestCase):
    def add(self, name='watcher-applier', host='other', silent_for=0.0):
        """A service that was last heard of so many seconds ago."""
        service = objects.Service(self.context)
        service.name, service.host = name, host
        service.last_seen_up = timeutils.utcnow() - datetime.timedelta(
            seconds=silent_for
        )
        service.create()
        return service

    def are_alive(self):
        return services.others_are_alive(services.APPLIER, 'applier', 90)

    def test_applier_on_another_host_is_another(self):
        self.add()
        self.assertTrue(self.are_alive())

    def test_applier_on_this_host_is_none(self):
        self.add(host='applier')
        self.assertFalse(self.are_alive())

    def test_other_services_are_no_appliers(self):
        self.add('watcher-decision-engine')
        self.assertFalse(self.are_alive())

    def test_applier_that_is_silent_is_dead(self):
        self.add(silent_for=91)
        self.assertFalse(self.are_alive())

    def test_applier_that_was_deleted_is_dead(self):
        self.add().soft_delete()
        self.assertFalse(self.are_alive())
