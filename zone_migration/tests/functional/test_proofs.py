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

"""A plan that empties hosts and pools says in the end whether they are."""

from zone_migration.tests.functional import base

RACK = [{'src_node': 'compute1', 'dst_node': 'compute3'}]


class ProofTest(base.FunctionalTest):
    """What all tests share."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.cloud.clean)

    def proof_of(self, plan, place='compute1'):
        """The state and message of what has looked at a place."""
        proof = plan.proofs()[place]
        return proof.state, proof.message

    def indicators(self, plan):
        """The efficacy indicators of a plan, by name."""
        shown = plan.show()['efficacy_indicators']
        return {one['name']: one['value'] for one in shown}


class HostTest(ProofTest):
    """A compute host."""

    def test_host_without_anything_is_empty(self):
        self.populate('compute1', running=2, stopped=1)
        plan = base.plan_of(compute_nodes=RACK)
        self.assertEqual(
            (1, 0, 3),
            tuple(self.indicators(plan)[name] for name in (
                'hosts_to_empty', 'hosts_empty', 'remaining_servers')))
        self.assertEqual('SUCCEEDED', plan.run())
        state, message = self.proof_of(plan)
        self.assertEqual('SUCCEEDED', state)
        self.assertIn('found empty', message)
        self.assertIn('3 succeeded', plan.show()['status_message'])
        self.assertIn('1 of 1 host empty', plan.show()['status_message'])
        self.assertEqual(
            (1, 1, 0),
            tuple(self.indicators(plan)[name] for name in (
                'hosts_to_empty', 'hosts_empty', 'remaining_servers')))

    def test_what_came_meanwhile_is_named_and_makes_the_plan_failed(self):
        self.populate('compute1', running=1)
        plan = base.plan_of(compute_nodes=RACK)
        self.cloud.create_server('late', host='compute1')
        self.assertEqual('FAILED', plan.run())
        state, message = self.proof_of(plan)
        self.assertEqual('FAILED', state)
        self.assertIn('not empty: 1 server: late (new, ACTIVE)', message)
        self.assertEqual(1, self.indicators(plan)['remaining_servers'])
        self.assertIn(
            '0 of 1 host empty; compute1: ', plan.show()['status_message'])

    def test_what_the_plan_leaves_does_not_make_it_failed(self):
        self.populate('compute1', running=3)
        self.cloud.create_server('locked', host='compute1')
        self.cloud.call(
            'POST', 'nova', f'/servers/{self.cloud.server("locked")["id"]}'
            '/action', {'lock': None})
        plan = base.plan_of(
            compute_nodes=RACK,
            exclude={'servers': ['compute1-run0']},
            max_items=1,
        )
        self.assertEqual('SUCCEEDED', plan.run())
        state, message = self.proof_of(plan)
        self.assertEqual('SUCCEEDED', state)
        self.assertIn(
            'found empty but for 3 servers that stay as planned: ', message)
        self.assertIn('2 excluded or beyond max_items', message)
        self.assertIn('1 that cannot move', message)
        # Watcher's own words are replaced in a moment.
        self.cloud.wait(
            lambda: '0 of 1 host empty, 1 but for what stays as planned'
            in plan.show()['status_message'], what='the summary')

    def test_resize_that_nobody_has_confirmed_holds_the_host(self):
        self.populate('compute1', running=1)
        plan = base.plan_of(compute_nodes=RACK)
        self.cloud.create_server('resized', host='compute1')
        self.resize('resized')
        self.assertEqual('FAILED', plan.run())
        self.assertIn(
            'not empty: 1 migration: ', self.proof_of(plan)[1])
        self.assertIn('resize to ', self.proof_of(plan)[1])

    def resize(self, name):
        """Leave a server in VERIFY_RESIZE."""
        self.cloud.act(name, 'resize', {'flavorRef': 'small'})
        self.cloud.wait(
            lambda: self.cloud.server(name)['status'] == 'VERIFY_RESIZE',
            what='the resize')


class PoolTest(ProofTest):
    """A storage pool."""

    def test_pool_is_empty_but_for_what_came_meanwhile(self):
        self.cloud.create_volumes(['v0', 'v1'], pool='b1')
        plan = base.plan_of(
            storage_pools=[{'src_pool': base.B1, 'dst_pool': base.B3}])
        self.assertEqual(2, self.indicators(plan)['remaining_volumes'])
        self.assertEqual('SUCCEEDED', plan.run())
        self.assertIn('found empty', self.proof_of(plan, base.B1)[1])
        self.assertEqual(0, self.indicators(plan)['remaining_volumes'])
        self.assertEqual(1, self.indicators(plan)['pools_empty'])
        plan = base.plan_of(
            storage_pools=[{'src_pool': base.B3, 'dst_pool': base.B1}])
        self.cloud.create_volume('late', pool='b3')
        self.assertEqual('FAILED', plan.run())
        self.assertIn(
            'not empty: 1 volume: late (new, available)',
            self.proof_of(plan, base.B3)[1])


class OptionsTest(ProofTest):
    """With other options of the applier."""

    def applier(self, **options):
        """Let the applier have other options until the end of the test."""
        self.enterContext(self.watcher_options(
            {'watcher_applier': options}, 'watcher-applier'))

    def test_rollback_comes_first(self):
        self.cloud.create_server('good', host='compute1')
        self.cloud.create_server('bad', host='compute1')
        self.cloud.behave('bad', live_result='fail')
        self.addCleanup(self.cloud.forget_behaviour)
        self.applier(rollback_when_actionplan_failed=True)
        plan = base.plan_of(compute_nodes=RACK)
        self.assertEqual('FAILED', plan.run())
        message = self.proof_of(plan)[1]
        for words in (
            'not empty: 2 servers: ',
            'good (came back, ACTIVE)',
            'bad (failed, ACTIVE)',
        ):
            self.assertIn(words, message)

    def test_other_engine_does_not_look(self):
        self.populate('compute1', running=1)
        self.applier(workflow_engine='taskflow')
        plan = base.plan_of(compute_nodes=RACK)
        self.assertEqual('SUCCEEDED', plan.run())
        state, message = self.proof_of(plan)
        self.assertEqual('SKIPPED', state)
        self.assertIn('only the engine "parallel" looks', message)
