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

"""What the operator sees with the command line clients."""

import json

from zone_migration.tests.functional import base


class CommandLineTest(base.FunctionalTest):
    """Goal, strategy and options can be found and understood."""

    def optimize(self, *arguments):
        return json.loads(
            base.command('openstack', 'optimize', *arguments, '-f', 'json'))

    def test_goal_is_listed(self):
        self.assertIn(
            ('zone_migration', 'Zone migration'),
            {(g['Name'], g['Display name'])
             for g in self.optimize('goal', 'list')})

    def test_strategy_is_listed_with_its_goal(self):
        self.assertIn(
            ('parallel_migration', 'zone_migration'),
            {(s['Name'], s['Goal'])
             for s in self.optimize('strategy', 'list')})

    def test_strategy_says_what_its_parameters_are(self):
        shown = self.optimize('strategy', 'show', 'parallel_migration')
        spec = shown['Parameters spec']
        if isinstance(spec, str):
            spec = json.loads(spec)
        for name, parameter in spec.items():
            with self.subTest(name):
                self.assertIn('type', parameter)
                text = parameter['description']
                self.assertTrue(text.isascii())
                for mark in '<>&\n':
                    self.assertNotIn(mark, text)
        for key in ('vm', 'volume', 'status', 'dst_hostname', 'dst_type',
                    'src_hostname', 'force', 'Required'):
            self.assertIn(key, spec['params']['description'])

    def test_state_of_the_strategy_can_be_asked_for(self):
        self.assertTrue(
            self.optimize('strategy', 'state', 'parallel_migration'))

    def test_plan_is_made_started_and_cancelled(self):
        server = self.cloud.create_server('hanging', host='compute1')
        self.cloud.behave('hanging', live_result='hang')
        params = {'vm': {server: base.active('compute2')}}
        plan = base.plan_of_audit(json.loads(base.command(
            'watcher', 'audit', 'create', '-g', 'zone_migration',
            '-s', 'parallel_migration', '-p', f'params={json.dumps(params)}',
            '-f', 'json'))['UUID'])
        base.command('openstack', 'optimize', 'actionplan', 'start',
                     plan.uuid)
        self.cloud.wait(lambda: self.record(server) == 'running')
        base.command('openstack', 'optimize', 'actionplan', 'cancel',
                     plan.uuid)
        self.assertEqual('CANCELLED', plan.wait())
        self.assert_server(server, 'compute1', 'ACTIVE')

    def test_plan_shows_its_figures(self):
        server = self.cloud.create_server('counted', host='compute1')
        plan = base.plan_of({'vm': {
            server: base.active(), base.NOBODY: base.active(),
        }})
        shown = plan.show()
        self.assertEqual(
            {'to_move': 1, 'already_there': 0, 'not_possible': 1,
             'estimated_makespan': 1},
            {i['name']: i['value'] for i in shown['global_efficacy']})
        self.assertEqual(
            {'servers_wanted': 2, 'live_migration': 1, 'skipped': 1,
             'estimated_makespan': 1},
            {i['name']: i['value'] for i in shown['efficacy_indicators']
             if i['value']})
