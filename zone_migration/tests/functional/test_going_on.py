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

"""What else goes on when its applier is back, and what does not."""

from zone_migration.tests.functional import base


class RollbackTest(base.FunctionalTest):
    """The applier dies while a plan takes back what has succeeded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(cls.watcher_options(
            {'watcher_applier': {'rollback_when_actionplan_failed': True}},
            'watcher-applier'))

    def test_what_goes_back_is_waited_for(self):
        cloud = self.cloud
        moved = cloud.create_server('moved', host='compute1')
        failing = cloud.create_server('failing', host='compute3')
        cloud.behave('failing', live_result='hang')
        plan = base.plan_of({'vm': {
            moved: base.active('compute2'),
            failing: base.active('compute2'),
        }}, attempts=1).start()
        cloud.wait(lambda: plan.actions()[moved].state == 'SUCCEEDED',
                   what='the move')
        cloud.behave('moved', live_result='hang')
        cloud.behave('failing', live_result='fail')
        cloud.wait(lambda: self.records('moved') == ['running', 'completed'],
                   what='the way back')
        cloud.kill('watcher-applier')
        cloud.start('watcher-applier')
        cloud.wait(lambda: 'went on' in plan.show()['status_message'],
                   what='the plan to go on')
        cloud.forget_behaviour()
        self.assertEqual('FAILED', plan.wait())
        self.assert_server('moved', 'compute1', 'ACTIVE')
        self.assertEqual(['completed'] * 2, self.records('moved'))
        self.assertEqual(1, len(self.records('failing')))

    def records(self, server):
        """The statuses of Nova's records, the newest first."""
        return [one['status'] for one in self.cloud.migrations(server)]


class OtherStrategyTest(base.FunctionalTest):
    """The applier dies with a plan of Watcher's strategy ``actuator``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        known = 'cold_migration:1,sleep:1'
        cls.enterClassContext(cls.watcher_options(
            {'watcher_planners.weight': {
                'weights': known, 'parallelization': known}},
            'watcher-decision-engine'))

    def plan_of(self, **action):
        """Its plan of one action."""
        return base.plan_of_audit(base.create_audit_of(
            'unclassified', 'actuator', {'actions': [action]}))

    def restart(self):
        self.cloud.kill('watcher-applier')
        self.cloud.start('watcher-applier')

    def action_of(self, plan):
        (action,) = plan.all_actions()
        return action

    def test_plan_goes_on_whose_actions_can_be_seen_through(self):
        server = self.cloud.create_server('on', host='compute1')
        self.cloud.behave('on', cold_result='hang')
        plan = self.plan_of(
            action_type='cold_migration', resource_id=server,
            input_parameters={'dst_hostname': 'compute2'}).start()
        self.cloud.wait(
            lambda: self.cloud.server('on')['status'] == 'RESIZE',
            what='the migration')
        self.restart()
        self.cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        self.assert_server('on', 'compute2', 'ACTIVE')
        self.assertEqual(1, len(self.cloud.migrations('on')))

    def test_plan_is_cancelled_whose_action_nobody_can_see_through(self):
        plan = self.plan_of(
            action_type='sleep', input_parameters={'duration': 120.0}).start()
        self.cloud.wait(lambda: self.action_of(plan).state == 'ONGOING',
                        what='the action')
        self.restart()
        self.assertEqual('CANCELLED', plan.wait())
        self.assertRegex(plan.show()['status_message'],
                         'because Applier .* was stopped')
        # Watcher writes the plan before its actions.
        self.cloud.wait(lambda: self.action_of(plan).state == 'CANCELLED',
                        what='the end of its action')
