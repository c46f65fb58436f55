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

import fixtures
from oslo_utils import timeutils
from watcher import objects
from watcher.common import exception as watcher_exception
from watcher.common import utils

from zone_migration.engine_interfaces import prover
from zone_migration.logic.schedule import tasks
from zone_migration.tests.unit.workflow_engine import scripted
from zone_migration.tests.unit.workflow_engine import test_plan_run
from zone_migration.watcher_db import indicators


class Proof(scripted.Action, prover.Prover):
    """Looks at a place, as a test says."""


class ProvingTestCase(test_plan_run.PlanRunTest):
    def add_proof(self, parameters=None, state='PENDING', **script):
        proof = self.add(
            state=state,
            action_type='verify_empty',
            parameters={'resource_id': 'c1', 'place': 'host'},
        )
        script.setdefault('execute', self.says('found empty'))
        self.actions[proof.uuid] = Proof(**script)
        return proof

    @staticmethod
    def says(text):
        def execute(action):
            action.report(text)
            return True

        return execute


class ProvingTest(ProvingTestCase):
    def order_of(self, *added):
        """The actions in the order in which they were executed."""
        order = []
        for action in added:
            scripted_action = self.actions[action.uuid]
            execute = scripted_action._execute
            scripted_action._execute = (
                lambda one, action=action, execute=execute: (
                    order.append(action.uuid)
                    or (execute(one) if callable(execute) else execute)
                )
            )
        return order

    def test_it_starts_when_all_else_has_ended(self):
        proof = self.add_proof()
        moves = [self.add_move() for _ in range(3)]
        order = self.order_of(proof, *moves)
        self.execute()
        self.assertEqual(proof.uuid, order[-1])
        self.assertEqual(4, len(order))

    def test_it_starts_where_something_has_failed(self):
        proof = self.add_proof()
        failed = self.add_move(execute=False)
        self.execute()
        self.assertEqual(['FAILED', 'SUCCEEDED'], self.states(failed, proof))

    def test_it_starts_after_the_rollback(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add_move()
        self.add_move(execute=False)
        seen = []
        proof = self.add_proof(
            execute=lambda action: seen.append(self.calls(good)[-1]) or True
        )
        self.execute()
        self.assertEqual(['revert'], seen)
        self.assertEqual(['SUCCEEDED'], self.states(proof))
        self.assertNotIn('revert', self.calls(proof))

    def test_its_failure_takes_nothing_back(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add_move()
        proof = self.add_proof(execute=False)
        self.execute()
        self.assertEqual(['SUCCEEDED', 'FAILED'], self.states(good, proof))
        self.assertNotIn('revert', self.calls(good))

    def test_failure_of_before_a_restart_takes_nothing_back(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add_move()
        self.add_proof(state='FAILED')
        self.execute()
        self.assertNotIn('revert', self.calls(good))

    def test_rollback_of_before_a_restart_is_not_repeated(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add(state='SUCCEEDED')
        self.add(state='FAILED')
        proof = self.add_proof(state='ONGOING')
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(proof))
        self.assertEqual([], self.calls(good))

    def test_one_that_was_skipped_keeps_no_rollback_back(self):
        self.options('watcher_applier', rollback_when_actionplan_failed=True)
        good = self.add_move()
        self.add_move(execute=False)
        self.add_proof(state='SKIPPED')
        proof = self.add_proof()
        self.execute()
        self.assertEqual(['SUCCEEDED'], self.states(proof))
        self.assertIn('revert', self.calls(good))

    def test_its_time_is_not_that_of_a_plan_that_goes_on_in_it(self):
        moved = self.add_move()
        objects.Action.dbapi.update_action(
            moved.id,
            {
                'state': 'SUCCEEDED',
                'status_message': 'moved in 3.0 s',
                'updated_at': timeutils.utcnow()
                - datetime.timedelta(seconds=500),
            },
        )
        now = [1000.0]

        def take_long(action):
            now[0] += 100
            return True

        self.add_proof(state='ONGOING', execute=take_long)
        self.set_clock(lambda: now[0])
        self.execute()
        self.assertEqual('1 succeeded in 3 s', self.message()[:18])

    def test_it_does_not_start_in_a_plan_that_is_cancelled(self):
        proof = self.add_proof()
        self.add_move(execute=lambda action: self.cancel_plan() or True)
        self.assertRaises(
            watcher_exception.ActionPlanCancelled, self.execute
        )
        self.assertEqual([], self.calls(proof))

    def test_it_does_not_start_in_a_plan_that_cannot_go_on(self):
        proof = self.add_proof()
        self.add([proof], parameters={'resource_id': utils.generate_uuid()})
        self.add_move()
        self.useFixture(
            fixtures.MockPatchObject(
                tasks, 'fault_of_parents', return_value='a circle'
            )
        )
        self.assertRaises(
            watcher_exception.WorkflowExecutionException, self.execute
        )
        self.assertEqual([], self.calls(proof))

    def test_it_learns_what_became_of_the_others(self):
        seen = {}
        self.add_proof(
            execute=lambda action: seen.update(action.acts()) or True
        )
        good = self.add_move(dst_hostname='c2')
        bad = self.add_move(execute=False)
        self.execute()
        acts = [
            seen[one.input_parameters['resource_id']] for one in (good, bad)
        ]
        self.assertEqual(
            [('SUCCEEDED', 'c2'), ('FAILED', '')],
            [(act.state, act.destination) for act in acts],
        )
        self.assertNotIn('c1', seen)

    def test_plan_says_how_many_places_are_empty(self):
        self.set_clock(lambda: 0.0)
        self.add_move()
        self.add_proof()
        self.add_proof(
            execute=self.says('found empty but for 1 server that stays')
        )
        self.execute()
        self.assertIn(
            '1 succeeded in under 1 s; 1 of 2 hosts empty, 1 but for what '
            'stays as planned',
            self.message(),
        )


class IndicatorsTest(ProvingTestCase):
    def setUp(self):
        super().setUp()
        for name, value in (
            ('hosts_to_empty', 1),
            ('hosts_empty', 0),
            ('remaining_servers', 7),
            ('remaining_volumes', 3),
        ):
            objects.EfficacyIndicator(
                self.context,
                uuid=utils.generate_uuid(),
                action_plan_id=self.plan.id,
                name=name,
                description='',
                unit='',
                value=value,
            ).create()
        self.add_move()

    def indicators(self):
        return {
            one.name: one.value
            for one in objects.EfficacyIndicator.list(
                self.context, filters={'action_plan_id': self.plan.id}
            )
        }

    def test_what_was_seen_replaces_what_the_audit_saw(self):
        self.add_proof()
        self.execute()
        self.assertEqual(
            {
                'hosts_to_empty': 1,
                'hosts_empty': 1,
                'remaining_servers': 0,
                'remaining_volumes': 3,
            },
            self.indicators(),
        )

    def test_what_could_not_be_seen_replaces_nothing(self):
        self.add_proof(execute=False)
        self.execute()
        self.assertEqual(7, self.indicators()['remaining_servers'])

    def test_plan_ends_where_they_cannot_be_written(self):
        self.add_proof()
        self.useFixture(
            fixtures.MockPatchObject(
                indicators, 'write', side_effect=ValueError('no')
            )
        )
        self.execute()
        self.assertIn('1 of 1 host empty', self.message())
