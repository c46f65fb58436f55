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

import dataclasses

import testtools

from zone_migration.osc import starting
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes

LOST = watcher_errors.Unavailable('Watcher does not answer: it is down')


class StartTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher()

    def start(self):
        return starting.start(self.watcher, self.watcher.plans_[0]).state

    def lose(self, error, state):
        """Let Watcher raise an error when the plan is in a state already."""
        plan = self.watcher.plans_[0]
        self.watcher.errors['start'] = error
        self.watcher.plans_ = [dataclasses.replace(plan, state=state)]

    def test_the_plan_is_started(self):
        self.assertEqual('PENDING', self.start())
        self.assertEqual([('start', fakes.PLAN)], self.watcher.calls)

    def test_a_lost_answer_is_told_by_the_state(self):
        for state in ('PENDING', 'ONGOING', 'SUCCEEDED', 'FAILED'):
            self.lose(LOST, state)
            self.assertEqual(state, self.start())

    def test_a_start_that_has_not_arrived_may_arrive_still(self):
        self.lose(LOST, 'RECOMMENDED')
        self.assertRaisesRegex(
            watcher_errors.Unavailable,
            'it is down. It is not known whether the plan is started',
            self.start,
        )

    def test_a_watcher_that_is_away_leaves_it_open(self):
        def plan(uuid):
            raise LOST

        self.lose(LOST, 'PENDING')
        self.watcher.plan = plan
        self.assertRaisesRegex(
            watcher_errors.Unavailable, 'not known whether', self.start_given
        )

    def start_given(self):
        starting.start(self.watcher, fakes.plan())

    def test_one_that_somebody_else_has_started_is_started(self):
        self.lose(watcher_errors.Conflict('is started'), 'ONGOING')
        self.assertEqual('ONGOING', self.start())

    def test_a_refusal_is_told(self):
        self.lose(watcher_errors.WatcherError('is too old'), 'SUPERSEDED')
        self.assertRaisesRegex(
            watcher_errors.WatcherError, '^is too old$', self.start
        )
