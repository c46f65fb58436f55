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

import testtools

from zone_migration.osc import plan_search
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


class FindTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        moving = fakes.plan(uuid='moving', audit_uuid='a')
        self.watcher = fakes.FakeWatcher(moving)
        self.watcher.audits = [fakes.audit(uuid='a', name='rack 7')]

    def find(self, *given):
        return plan_search.find(self.watcher, *given)

    def test_the_newest_plan_of_this_plugin_is_meant(self):
        self.watcher.plans_.insert(0, fakes.plan(uuid='x', strategy='other'))
        self.assertEqual('moving', self.find(None).uuid)

    def test_a_plan_that_only_enables_hosts_is_not_meant(self):
        self.watcher.audits.append(
            fakes.audit(
                uuid='b', parameters={'enable_compute_nodes': ['compute1']}
            )
        )
        enabling = fakes.plan(uuid='enabling', audit_uuid='b')
        self.watcher.plans_.insert(0, enabling)
        self.assertEqual('moving', self.find(None).uuid)
        self.assertEqual('enabling', self.find('enabling').uuid)

    def test_a_plan_without_audit_is_meant(self):
        self.watcher.audits = [
            fakes.audit(uuid='', parameters={'enable_compute_nodes': []})
        ]
        self.watcher.plans_ = [fakes.plan(uuid='moving', audit_uuid='')]
        self.assertEqual('moving', self.find(None).uuid)

    def test_a_plan_that_is_only_read_is_not_meant(self):
        self.watcher.audits.append(
            fakes.audit(uuid='b', name='list-for-c1-2026-11-28T03:14:05')
        )
        read = fakes.plan(
            uuid='read', audit_uuid='b', indicators={'servers_wanted': 1}
        )
        self.watcher.plans_.insert(0, read)
        self.assertEqual('moving', self.find(None).uuid)
        self.assertEqual('read', self.find('read').uuid)

    def test_a_plan_whose_audit_was_deleted_is_meant(self):
        self.watcher.audits.clear()
        self.assertEqual('moving', self.find(None).uuid)

    def test_the_name_of_its_audit_is_taken(self):
        self.assertEqual('moving', self.find('rack 7').uuid)

    def test_an_empty_name_means_no_plan(self):
        self.assertRaisesRegex(
            watcher_errors.NotFound,
            'The name of the plan is empty',
            self.find,
            '',
        )

    def test_nothing_of_that_name_is_told(self):
        self.assertRaisesRegex(
            watcher_errors.NotFound,
            'neither an audit nor a plan rack 8',
            self.find,
            'rack 8',
        )

    def test_no_plan_at_all_is_told(self):
        self.watcher.plans_.clear()
        self.assertRaisesRegex(
            watcher_errors.NotFound,
            'no plan of this plugin yet',
            self.find,
            None,
        )

    def test_one_in_a_preferred_state_is_meant_first(self):
        self.watcher.plans_ = [
            fakes.plan(uuid='new', state='RECOMMENDED'),
            fakes.plan(uuid='running', state='ONGOING'),
        ]
        for preferred, meant in (
            ((), 'new'),
            (('ONGOING',), 'running'),
            (('FAILED',), 'new'),
        ):
            found = self.find(None, preferred)
            self.assertEqual(meant, found.uuid, preferred)

    def test_one_that_runs_is_found_behind_many_newer_ones(self):
        self.watcher.plans_ = [
            fakes.plan(uuid=f'{number}', audit_uuid='a')
            for number in range(60)
        ]
        self.watcher.plans_[-1] = fakes.plan(
            uuid='running',
            audit_uuid='a',
            state='ONGOING',
            updated_at='2026-11-28T03:14:05',
        )
        self.assertEqual('running', self.find(None, ('ONGOING',)).uuid)

    def test_of_two_that_were_started_the_newer_one_is_meant(self):
        self.watcher.plans_ = [
            fakes.plan(
                uuid='newer',
                state='FAILED',
                updated_at='2026-11-28T03:15:00',
                created_at='2026-11-28T03:15:00',
            ),
            fakes.plan(
                uuid='older', state='ONGOING', updated_at='2026-11-28T03:16:00'
            ),
        ]
        found = self.find(None, ('ONGOING', 'FAILED'))
        self.assertEqual('newer', found.uuid)

    def test_one_that_runs_is_meant_before_one_that_waits_behind_it(self):
        self.watcher.plans_ = [
            fakes.plan(uuid='waits', state='PENDING', audit_uuid='a'),
            fakes.plan(uuid='runs', state='ONGOING', audit_uuid='a'),
        ]
        self.assertEqual('runs', self.find(None, ('ONGOING', 'PENDING')).uuid)

    def test_one_that_waits_is_meant_before_older_ones_that_have_ended(self):
        self.watcher.plans_ = [
            fakes.plan(
                uuid='waits',
                state='PENDING',
                audit_uuid='a',
                created_at='2026-11-28T03:15:00',
            ),
            fakes.plan(uuid='ended', state='SUCCEEDED', audit_uuid='a'),
        ]
        found = self.find(None, ('ONGOING', 'PENDING', 'SUCCEEDED'))
        self.assertEqual('waits', found.uuid)

    def test_the_name_of_an_audit_means_its_plan_in_a_preferred_state(self):
        self.watcher.plans_ = [
            fakes.plan(uuid='new', audit_uuid='a'),
            fakes.plan(uuid='running', audit_uuid='a', state='ONGOING'),
        ]
        for preferred, meant in (((), 'new'), (('ONGOING',), 'running')):
            found = self.find('rack 7', preferred)
            self.assertEqual(meant, found.uuid, preferred)

    def test_what_the_user_may_not_see_is_not_missing(self):
        def plan(uuid):
            raise watcher_errors.Forbidden('Watcher', 'no')

        self.watcher.plan = plan
        self.assertRaises(watcher_errors.Forbidden, self.find, 'rack 8')
