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

from osc_lib import exceptions
import testtools

from zone_migration.osc import watch
from zone_migration.tests.unit.osc import fakes


class WatchPlanTest(testtools.TestCase):
    def watch(self, *arguments, action='SUCCEEDED', **plan):
        watcher = fakes.FakeWatcher(
            fakes.plan(**plan), [fakes.action(state=action)]
        )
        self.command = fakes.make(watch.WatchPlan, watcher)
        return fakes.run(self.command, *arguments)

    def test_a_plan_that_has_ended_is_summed_up(self):
        self.assertEqual(0, self.watch(state='SUCCEEDED'))
        self.assertIn(
            'compute1 2026-11-28 03:14:00: SUCCEEDED',
            self.command.output.getvalue(),
        )

    def test_the_exit_code_is_of_the_result(self):
        self.assertEqual(3, self.watch(state='FAILED', action='FAILED'))
        self.assertEqual(4, self.watch('--plain', state='CANCELLED'))

    def test_a_plan_that_was_not_started_is_named_with_the_command(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'is not started yet. To start it: openstack optimize zone start '
            "'compute1 ",
            self.watch,
            fakes.AUDIT,
            state='RECOMMENDED',
        )

    def test_a_plan_that_is_too_old_is_to_be_made_again(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'openstack optimize zone retry',
            self.watch,
            state='SUPERSEDED',
        )
