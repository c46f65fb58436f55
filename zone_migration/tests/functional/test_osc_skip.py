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

"""``openstack optimize zone skip``."""

from zone_migration.tests.functional import base
from zone_migration.tests.functional import commands


class SkipTest(base.FunctionalTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud.create_servers(('skip-1', 'skip-2'), host='compute1')

    def test_a_terminal_shows_what_is_left_out_and_what_is_not(self):
        plan = base.plan_of(compute_nodes=[{'src_node': 'compute1'}])
        for code, text in (
            (0, 'skip-1 is left out.'),
            (1, 'skip-1 is SKIPPED already'),
        ):
            shown = commands.terminal('skip', 'skip-1', '--plan', plan.uuid)
            self.addCleanup(shown.close)
            self.assertEqual(code, shown.wait(), shown.screen)
            self.assertEqual(text, shown.screen[: len(text)])

    def test_an_item_stays_and_a_plan_that_runs_is_told(self):
        self.cloud.behave('skip-2', live_result='hang')
        plan = base.plan_of(compute_nodes=[{'src_node': 'compute1'}])
        skipped = commands.run('skip', 'skip-1', '--reason', 'later')
        self.assertEqual((0, 'skip-1 is left out.\n'), skipped[:2], skipped)
        unknown = commands.run('skip', 'skip-3')
        self.assertEqual(1, unknown.code, unknown)
        self.assertIn('no action for skip-3', unknown.stderr)
        plan.start()
        self.cloud.wait(
            lambda: plan.state == 'ONGOING', what='the start of the plan'
        )
        late = commands.run('skip', 'skip-2')
        self.assertEqual(1, late.code, late)
        self.assertIn('only until it is started', late.stderr)
        self.cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        self.assertEqual(
            {'skip-1': 'SKIPPED', 'skip-2': 'SUCCEEDED'},
            {
                action.parameters['resource_name']: action.state
                for action in plan.all_actions()
            },
        )
