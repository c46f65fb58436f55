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

from unittest import mock
import uuid

import fixtures

from zone_migration import client
from zone_migration import exception
from zone_migration import strategy
from zone_migration.client import exception as client_exception
from zone_migration.logic import resources
from zone_migration.logic.audit import schema
from zone_migration.logic.plan import estimate
from zone_migration.logic.preflight import risks
from zone_migration.tests.unit import base
from zone_migration.tests.unit.inventory import fakes as inventory_fakes

S1 = '3b39c007-81c4-4bbe-8848-babf583d1349'
S2 = '9827ce18-c92f-474b-b572-95281b903daf'
V1 = '5c5b71ba-c7d3-477d-b0c4-ea1958fae8fe'


class Audit:
    uuid = 'audit'
    status_message = None


class StrategyTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = inventory_fakes.Cloud([S1], [V1])
        patch = mock.patch.object(
            client, 'cloud_of', lambda osc, conf: self.cloud
        )
        patch.start()
        self.addCleanup(patch.stop)
        self.audit = Audit()

    def make(self, **parameters):
        made = strategy.ParallelMigrationStrategy(mock.Mock(), osc=object())
        made.input_parameters = parameters
        return made

    def make_limited(self, **parameters):
        """One whose audit has a scope of c2 alone."""
        self.cloud.nova.aggregates = lambda: {
            'new': resources.Aggregate('new', frozenset(['c2']))
        }
        made = self.make(**parameters)
        made.audit_scope = [
            {'compute': [{'host_aggregates': [{'name': 'new'}]}]}
        ]
        return made

    def execute(self, **parameters):
        made = self.make(**parameters)
        made.pre_execute()
        made.do_execute(self.audit)
        made.post_execute()
        return made.solution

    def test_name_is_that_of_the_entry_point(self):
        self.assertEqual(
            'parallel_migration',
            strategy.ParallelMigrationStrategy.get_name(),
        )

    def test_goal_is_zone_migration(self):
        self.assertEqual(
            'zone_migration',
            strategy.ParallelMigrationStrategy.get_goal_name(),
        )

    def test_display_name_fits_horizon(self):
        self.assertLessEqual(
            len(strategy.ParallelMigrationStrategy.get_display_name()), 43
        )

    def test_schema_for_the_api_is_that_of_the_parameters(self):
        self.assertIs(
            schema.SCHEMA, strategy.ParallelMigrationStrategy.get_schema()
        )

    def test_planner_is_that_of_the_configuration(self):
        self.assertEqual('default', self.make().planner)
        self.options('zone_migration', planner='weight')
        self.assertEqual('weight', self.make().planner)

    def test_each_item_becomes_an_action(self):
        solution = self.execute(
            params={
                'vm': {S1: {'status': 'active'}},
                'volume': {V1: {'status': 'in-use'}},
            }
        )
        self.assertEqual(
            ['live_migration', 'volume_update'],
            [action['action_type'] for action in solution.actions],
        )
        self.assertEqual(
            [S1, V1],
            [a['input_parameters']['resource_id'] for a in solution.actions],
        )

    def test_what_does_not_exist_is_in_the_plan_as_skipped(self):
        solution = self.execute(params={'vm': {S2: {'status': 'active'}}})
        (action,) = solution.actions
        self.assertEqual('SKIPPED', action['state'])
        self.assertEqual(
            f'server {S2} not found: deleted?',
            action['status_message'],
        )

    def test_indicators_are_counted(self):
        solution = self.execute(
            params={
                'vm': {S1: {'status': 'active'}, S2: {'status': 'active'}}
            }
        )
        # As Watcher's own execute() does in the end.
        solution.compute_global_efficacy()
        counts = {one.name: one.value for one in solution.efficacy_indicators}
        self.assertEqual(
            (2, 1, 1, 0, 1),
            (
                counts['servers_wanted'],
                counts['live_migration'],
                counts['skipped'],
                counts['volume_update'],
                counts['estimated_makespan'],
            ),
        )

    def test_estimate_follows_the_limits(self):
        ids = [str(uuid.UUID(int=number)) for number in range(1, 13)]
        self.cloud = inventory_fakes.Cloud(ids)
        for total, minutes in ((12, 1), (1, 2)):
            solution = self.execute(
                params={'vm': {id_: {'status': 'active'} for id_ in ids}},
                parallel_total=total,
                parallel_per_node=0,
            )
            solution.compute_global_efficacy()
            (found,) = [
                one.value
                for one in solution.global_efficacy
                if one.name == 'estimated_makespan'
            ]
            self.assertEqual(minutes, found)

    def test_estimate_follows_the_expected_bandwidth(self):
        self.options(
            'zone_migration',
            expected_memory_bandwidth=12.5,
            expected_volume_bandwidth=70,
        )
        with mock.patch.object(
            estimate, 'seconds', autospec=True, return_value=0
        ) as seconds:
            self.execute(params={'vm': {S1: {'status': 'active'}}})
        self.assertEqual(
            estimate.Bandwidth(memory=12.5, volume=70),
            seconds.call_args.args[-1],
        )

    def test_actions_say_how_long_they_take_at_least(self):
        self.options('zone_migration', expected_memory_bandwidth=0.1)
        solution = self.execute(
            params={
                'vm': {S1: {'status': 'active'}, S2: {'status': 'active'}}
            }
        )
        self.assertEqual(
            [10 + 10 * self.cloud.nova.server(S1).memory_mb, None],
            [
                action['input_parameters'].get('expected_duration')
                for action in solution.actions
            ],
        )

    def test_audit_says_how_many_move(self):
        self.execute(params={'vm': {S1: {'status': 'active'},
                                    S2: {'status': 'active'}}})
        self.assertEqual(
            '1 to move, 1 cannot', self.audit.status_message
        )

    def test_risks_that_do_not_fit_are_counted(self):
        told = tuple(name + 40 * ' word' for name in ('one', 'two'))
        with mock.patch.object(
            risks, 'risks', autospec=True, return_value=told
        ):
            self.execute(params={'vm': {S1: {'status': 'active'}}})
        self.assertEqual(
            f'1 to move; {told[0]}; 1 more',
            self.audit.status_message,
        )

    def test_audit_says_all_that_is_wrong(self):
        error = self.assertRaises(
            exception.InvalidAuditParameters,
            self.execute,
            params={'vm': {S1: {'status': 'x'}, 's': {}}},
        )
        text = (
            f"params.vm.{S1}.status: 'x' is not one of active, shutoff; "
            'params.vm.s: is not a UUID'
        )
        self.assertEqual(text, self.audit.status_message)
        self.assertEqual(text, str(error))

    def test_many_faults_fit_the_column_of_the_audit(self):
        self.assertRaises(
            exception.InvalidAuditParameters,
            self.execute,
            params={'vm': {f's{n}': {} for n in range(100)}},
        )
        self.assertLessEqual(len(self.audit.status_message), 255)
        self.assertIn('more', self.audit.status_message)

    def test_unknown_destination_is_refused(self):
        self.assertRaises(
            exception.InvalidAuditParameters,
            self.execute,
            params={'vm': {S1: {'status': 'active', 'dst_hostname': 'c9'}}},
        )
        self.assertIn('there is no compute host', self.audit.status_message)

    def test_scope_that_is_not_honoured_is_refused(self):
        made = self.make(params={'vm': {S1: {'status': 'active'}}})
        made.audit_scope = [{'compute': [{'exclude': []}]}]
        self.assertRaises(
            exception.InvalidAuditParameters, made.do_execute, self.audit
        )
        self.assertIn(
            'scope.0.compute.0: exclude is not honoured',
            self.audit.status_message,
        )

    def test_scope_keeps_what_is_outside_of_it(self):
        for wanted, actions in (
            ({'params': {'vm': {S1: {'status': 'active'}}}}, ['SKIPPED']),
            ({'compute_nodes': [{'src_node': 'c*'}]}, []),
        ):
            made = self.make_limited(**wanted)
            made.do_execute(self.audit)
            self.assertEqual(
                actions, [a.get('state') for a in made.solution.actions]
            )

    def test_scope_limits_which_hosts_are_enabled(self):
        made = self.make_limited(enable_compute_nodes=['c1'])
        self.assertRaises(
            exception.InvalidAuditParameters, made.do_execute, self.audit
        )
        self.assertEqual(
            "enable_compute_nodes.0: each compute host that 'c1' means is "
            'outside of the scope of the audit: name others, or take another '
            'audit template',
            self.audit.status_message,
        )

    def test_limits_above_the_ceilings_are_refused(self):
        self.options(
            'watcher_workflow_engines.parallel', max_parallel_per_node=4
        )
        asked = {'params': {'vm': {S1: {'status': 'active'}}}}
        self.execute(**asked, parallel_per_node=4)
        self.assertRaises(
            exception.InvalidAuditParameters,
            self.execute,
            **asked,
            parallel_per_node=5,
        )
        self.assertEqual(
            'parallel_per_node: 5 exceeds the ceiling of 4 that watcher.conf '
            'sets',
            self.audit.status_message,
        )

    def test_audit_says_that_a_service_cannot_be_reached(self):
        def unavailable(server_id, whole=False):
            raise client_exception.CloudUnavailable(
                service='Nova', reason='503'
            )

        self.cloud.nova.server = unavailable
        error = self.assertRaises(
            exception.CloudRequestFailed,
            self.execute,
            params={'vm': {S1: {'status': 'active'}}},
        )
        for text in (str(error), self.audit.status_message):
            self.assertEqual('Nova is unavailable: 503', text)

    def test_audit_says_what_nobody_has_foreseen(self):
        def odd(server_id, whole=False):
            raise KeyError('ra\nm' + 'x' * 300)

        self.cloud.nova.server = odd
        log = self.useFixture(fixtures.FakeLogger())
        error = self.assertRaises(
            exception.PlanningFailed,
            self.execute,
            params={'vm': {S1: {'status': 'active'}}},
        )
        text = "fault in the planning: KeyError: 'ra\\nmxxx"
        self.assertEqual(text, str(error)[: len(text)])
        self.assertEqual(text, self.audit.status_message[: len(text)])
        self.assertLessEqual(len(self.audit.status_message), 255)
        self.assertIn(f'Audit audit cannot be planned: {text}', log.output)
        self.assertIn('Traceback', log.output)

    def test_what_cannot_be_written_is_escaped_in_every_text(self):
        log = self.useFixture(fixtures.FakeLogger())
        error = self.assertRaises(
            exception.InvalidAuditParameters,
            self.execute,
            params={'vm': {'\ud800\n': {'status': 'active'}}},
        )
        for text in (str(error), self.audit.status_message, log.output):
            self.assertIn('params.vm.\\ud800\\n: is not a UUID', text)

    def test_it_runs_without_an_audit_to_write_to(self):
        made = self.make(params={'vm': {S1: {'status': 'active'}}})
        made.do_execute()
        self.assertEqual(1, len(made.solution.actions))

    def test_no_cluster_model_is_asked_for(self):
        with mock.patch.object(
            strategy.ParallelMigrationStrategy,
            'compute_model',
            mock.PropertyMock(side_effect=AssertionError),
        ) as model:
            self.execute(params={'vm': {S1: {'status': 'active'}}})
        model.assert_not_called()
