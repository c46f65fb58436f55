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

"""Running servers that may be down for a while are migrated cold."""

from sandbox import cloud as clouds
from sandbox import layout as layouts
from zone_migration.tests.functional import base
from zone_migration.tests.functional import vtpm


class DowntimeTest(base.FunctionalTest):
    """Servers that cannot go live, and others whose live migration fails.

    The audit allows downtime to a project, by a glob, and to one server.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        of_demo = clouds.Cloud(cloud.layout.state, 'demo')
        cls.ids = {
            'tpm-of-demo': of_demo.create_server('tpm-of-demo'),
            **cloud.create_servers(
                ('tpm', 'falls-back', 'fails', 'goes'), host='compute1'),
        }
        vtpm.add(cloud, layouts.PASSWORD, cls.ids['tpm'],
                 cls.ids['tpm-of-demo'])
        cls.source = cloud.server('tpm-of-demo')['OS-EXT-SRV-ATTR:host']
        for name in ('falls-back', 'fails'):
            cloud.behave(name, live_seconds=0.2, live_result='fail')
        cls.plan = base.plan_of(
            {'vm': {
                id_: base.active(None if 'tpm' in name else 'compute2')
                for name, id_ in cls.ids.items()
            }},
            allow_downtime=['dem?', 'falls-*'], attempts=1,
        )
        cls.outlook = cls.plan.show()
        cls.state = cls.plan.run()
        cls.actions = cls.plan.actions()

    def action(self, name):
        return self.actions[self.ids[name]]

    def test_plan_tells_beforehand_who_will_be_down(self):
        self.assertIn(
            '4 to move (3 live, 1 with downtime), 1 cannot',
            self.outlook['status_message'])
        self.assertIn(
            '1 server will be down if the live migration fails',
            self.outlook['status_message'])
        indicators = {
            one['name']: one['value']
            for one in self.outlook['efficacy_indicators']}
        self.assertEqual(1, indicators['with_downtime'])

    def test_server_that_cannot_go_live_is_migrated_cold_and_runs_again(self):
        action = self.action('tpm-of-demo')
        self.assertEqual(
            ('cold_migration', 'active'),
            (action.type, action.parameters['status']))
        self.assertIn('vTPM', action.parameters['downtime'])
        self.assert_state(action, 'SUCCEEDED', ' (down for ')
        self.assertNotIn('not live', action.message)
        host = self.host_of('tpm-of-demo')
        self.assertNotEqual(self.source, host)
        self.assert_server('tpm-of-demo', host, 'ACTIVE')

    def test_server_of_another_project_cannot_be_moved(self):
        self.assert_state(
            self.action('tpm'), 'SKIPPED', 'vTPM', 'set allow_downtime')
        self.assertEqual([], self.cloud.migrations('tpm'))

    def test_server_whose_live_migration_has_failed_is_migrated_cold(self):
        action = self.action('falls-back')
        self.assertEqual('live_migration', action.type)
        self.assert_state(
            action, 'SUCCEEDED', 'migrated from compute1 to compute2 (down '
            'for ', '; not live: live migration failed')
        self.assert_server('falls-back', 'compute2', 'ACTIVE')
        self.assertEqual(
            [('migration', 'confirmed'), ('live-migration', 'failed')],
            [(m['migration_type'], m['status'])
             for m in self.cloud.migrations('falls-back')])

    def test_server_that_may_not_be_down_is_left_where_it_is(self):
        self.assert_state(self.action('fails'), 'FAILED')
        self.assert_server('fails', 'compute1', 'ACTIVE')

    def test_plan_tells_in_the_end_how_many_were_down(self):
        self.assertEqual('FAILED', self.state)
        # Watcher writes over it for a moment.
        self.cloud.wait(
            lambda: '3 succeeded, 1 cannot move, 1 failed (2 with downtime) '
            'in ' in self.plan.show()['status_message'],
            what='the summary')

    def test_selector_finds_who_cannot_go_live(self):
        actions = base.plan_of(
            compute_nodes=[{'src_node': 'compute1'}],
            exclude={'servers': ['tpm-of-demo', 'falls-*']},
            allow_downtime=True).actions()
        self.assertEqual('cold_migration', actions[self.ids['tpm']].type)
        live = actions[self.ids['fails']]
        self.assertEqual('live_migration', live.type)
        self.assertIs(True, live.parameters['allow_downtime'])

    def test_name_that_means_nothing_is_a_fault(self):
        audit = base.audited(base.create_audit(
            compute_nodes=[{'src_node': 'compute1'}],
            allow_downtime=['tpm', 'nobody-*']))
        self.assertEqual('FAILED', audit['state'])
        self.assertIn(
            "allow_downtime: there is no server and no project with the name "
            "'nobody-*'", audit['status_message'])


class InterruptedTest(base.FunctionalTest):
    """Something happens while the server is migrated cold."""

    def setUp(self):
        super().setUp()
        self.cloud.clean()
        self.server = self.cloud.create_server('web', host='compute1')
        self.cloud.behave(
            'web', live_seconds=0.2, live_result='fail', cold_result='hang')
        self.plan = base.plan_of(
            {'vm': {self.server: base.active('compute2')}},
            allow_downtime=True, attempts=1).start()
        self.cloud.wait(
            lambda: self.cloud.server('web')['status'] == 'RESIZE',
            what='the cold migration')

    def records(self):
        return [
            (m['migration_type'], m['status'])
            for m in self.cloud.migrations('web')]

    def test_cancel_takes_it_back(self):
        self.plan.cancel()
        self.cloud.wait(
            lambda: self.plan.actions()[self.server].state == 'CANCELLING',
            what='the cancelling')
        self.cloud.forget_behaviour()
        self.assertEqual('CANCELLED', self.plan.wait())
        self.assert_state(
            self.plan.actions()[self.server], 'CANCELLED',
            'cold migration taken back; the server is ACTIVE on compute1 '
            '(down for ')
        self.assert_server('web', 'compute1', 'ACTIVE')

    def test_next_applier_sees_it_through(self):
        self.cloud.kill('watcher-applier')
        self.cloud.start('watcher-applier')
        self.cloud.wait(
            lambda: 'went on' in self.plan.show()['status_message'],
            what='the plan to go on')
        self.cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', self.plan.wait())
        self.assert_state(
            self.plan.actions()[self.server], 'SUCCEEDED', '(down for ')
        self.assert_server('web', 'compute2', 'ACTIVE')
        self.assertEqual(
            [('migration', 'confirmed'), ('live-migration', 'failed')],
            self.records())
