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

import contextlib
from unittest import mock

import fixtures
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import utils
from watcher.decision_engine.planner import weight
from watcher.decision_engine.solution import efficacy

from zone_migration import planner
from zone_migration.tests.unit import base
from zone_migration.watcher_db import database


class PlannerTestCase(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        self.strategy = self.create_strategy()
        self.audit = self.create_audit(self.strategy)

    def schedule(self, *actions, weights=None, indicators=()):
        config = utils.Struct({'weights': weights or {}})
        self.plan = planner.DefaultPlanner(config).schedule(
            self.context, self.audit.id, self.solution(actions, indicators)
        )
        return objects.Action.list(
            self.context, filters={'action_plan_uuid': self.plan.uuid}
        )

    @staticmethod
    def solution(actions, indicators=()):
        solution = mock.Mock(
            status_message=None,
            actions=list(actions),
            efficacy_indicators=list(indicators),
            global_efficacy=[],
        )
        solution.strategy.name = 'parallel_migration'
        return solution

    @staticmethod
    def action(action_type, resource_id, state=None, message=None, **more):
        planned = {
            'action_type': action_type,
            'input_parameters': {'resource_id': resource_id, **more},
        }
        if state:
            planned['state'] = state
            planned['status_message'] = message
        return planned

    def ids(self, actions):
        return [a.input_parameters['resource_id'] for a in actions]


class PlannerTest(PlannerTestCase):
    def test_plan_is_recommended(self):
        self.schedule(self.action('live_migration', 's'))
        self.assertEqual('RECOMMENDED', self.plan.state)
        self.assertEqual(self.audit.id, self.plan.audit_id)
        self.assertEqual(self.strategy.id, self.plan.strategy_id)

    def test_plan_says_what_its_solution_does(self):
        solution = self.solution([])
        solution.status_message = '2 to move'
        plan = planner.DefaultPlanner(
            utils.Struct({'weights': {}})
        ).schedule(self.context, self.audit.id, solution)
        self.assertEqual('2 to move', plan.status_message)

    def test_actions_are_pending(self):
        (action,) = self.schedule(self.action('live_migration', 's'))
        self.assertEqual('PENDING', action.state)

    def test_actions_stand_in_the_order_in_which_they_start(self):
        actions = self.schedule(
            self.action('live_migration', 'small', memory_mb=512),
            self.action('live_migration', 'large', memory_mb=4096),
            self.action('volume_migration', 'volume', size_gb=1),
            weights={'volume_migration': '1'},
        )
        self.assertEqual(['volume', 'large', 'small'], self.ids(actions))

    def test_weights_of_2017_start_all_together(self):
        weights = dict.fromkeys(
            (
                'my_message',
                'nop',
                'sleep',
                'live_migration',
                'cold_migration',
                'volume_migration',
                'volume_update',
            ),
            '0',
        )
        actions = self.schedule(
            self.action('volume_retype', 'a'),
            self.action('live_migration', 'b'),
            weights=weights,
        )
        self.assertEqual(['a', 'b'], self.ids(actions))
        self.assertEqual([[], []], [a.parents for a in actions])

    def test_server_depends_on_its_volumes_wherever_they_stand(self):
        actions = self.schedule(
            self.action('live_migration', 's', memory_mb=4096),
            self.action('volume_update', 'v', server_id='s'),
        )
        by_id = dict(zip(self.ids(actions), actions, strict=True))
        self.assertEqual([by_id['v'].uuid], by_id['s'].parents)
        self.assertEqual([], by_id['v'].parents)

    def test_order_that_another_strategy_may_need_is_not_kept(self):
        log = self.useFixture(fixtures.FakeLogger())
        self.strategy.name = 'saving_energy'
        self.strategy.save()
        solution = self.solution(
            [
                self.action('migrate', 's'),
                self.action('change_node_power_state', 'c1'),
            ]
        )
        solution.strategy.name = 'saving_energy'
        plan = planner.DefaultPlanner(
            utils.Struct({'weights': {}})
        ).schedule(self.context, self.audit.id, solution)
        self.assertEqual(
            [[], []],
            [
                action.parents
                for action in objects.Action.list(
                    self.context, filters={'action_plan_uuid': plan.uuid}
                )
            ],
        )
        self.assertIn(
            f'Action plan {plan.uuid} of the strategy saving_energy keeps no '
            'order',
            log.output,
        )

    def test_nothing_is_said_of_the_order_of_this_strategy(self):
        log = self.useFixture(fixtures.FakeLogger())
        self.schedule(self.action('live_migration', 's'))
        self.assertNotIn('keeps no order', log.output)

    def test_impossible_action_is_skipped_with_its_reason(self):
        (action,) = self.schedule(
            self.action('live_migration', 's', 'SKIPPED', 'not found')
        )
        self.assertEqual(
            ('SKIPPED', 'not found'), (action.state, action.status_message)
        )

    def test_indicators_are_kept(self):
        self.schedule(
            self.action('live_migration', 's'),
            indicators=[
                efficacy.Indicator('live_migration', 'd', 'servers', 1)
            ],
        )
        (indicator,) = objects.EfficacyIndicator.list(
            self.context, filters={'action_plan_uuid': self.plan.uuid}
        )
        self.assertEqual(
            ('live_migration', 'servers', 1),
            (indicator.name, indicator.unit, int(indicator.value)),
        )

    def test_empty_plan_has_succeeded(self):
        self.assertEqual([], self.schedule())
        self.assertEqual('SUCCEEDED', self.plan.state)

    def test_plan_of_many_rows_stands_in_its_order(self):
        ids = [f's{number}' for number in range(planner._ROWS + 1)]
        actions = self.schedule(
            *(self.action('live_migration', id_) for id_ in ids)
        )
        self.assertEqual(ids, self.ids(actions))

    def test_action_that_cannot_be_written_leaves_no_plan(self):
        for error, action in (
            (TypeError, self.action('live_migration', 's', memory_mb='1')),
            (AttributeError, {'action_type': 'a', 'input_parameters': '{}'}),
            (ValueError, self.action('live_migration', 's', 'SKIPPED', {})),
        ):
            self.assertRaises(
                error,
                self.schedule,
                self.action('live_migration', 't'),
                action,
            )
        self.assertEqual([], objects.ActionPlan.list(self.context))

    def test_engine_that_is_stopped_in_the_middle_leaves_no_plan(self):
        write = database.writer
        written = []

        @contextlib.contextmanager
        def stop():
            with write() as connection:
                execute = connection.execute

                def once_more(statement, *rows):
                    if len(written) == 2:
                        raise SystemExit
                    written.append(statement)
                    return execute(statement, *rows)

                with mock.patch.object(connection, 'execute', once_more):
                    yield connection

        with (
            mock.patch.object(planner, '_ROWS', 1),
            mock.patch.object(database, 'writer', stop),
        ):
            self.assertRaises(
                SystemExit,
                self.schedule,
                self.action('live_migration', 's'),
                self.action('live_migration', 't'),
            )
        self.assertEqual(2, len(written))
        self.assertEqual([], objects.ActionPlan.list(self.context))
        self.assertEqual([], objects.Action.list(self.context))

    def test_parents_may_stand_in_another_statement(self):
        with mock.patch.object(planner, '_ROWS', 1):
            actions = self.schedule(
                self.action('live_migration', 's'),
                self.action('volume_update', 'v', server_id='s'),
            )
        by_id = dict(zip(self.ids(actions), actions, strict=True))
        self.assertEqual([by_id['v'].uuid], by_id['s'].parents)


class NotificationTest(PlannerTestCase):
    def payloads(self, since):
        """What was notified of since then, less what is one plan's alone."""
        return [
            (event, self._common(payload))
            for event, payload in self.notifications.sent[since:]
        ]

    def _common(self, value):
        if isinstance(value, dict):
            return {
                name: self._common(each)
                for name, each in value.items()
                if name not in ('uuid', 'created_at', 'updated_at')
            }
        return value

    def test_notifications_are_those_of_watchers_planner(self):
        actions = [
            {
                'action_type': 'nop',
                'input_parameters': {'message': f'{number}'},
            }
            for number in range(3)
        ]
        # All of them in one wave: ours knows no other parents.
        config = utils.Struct(
            {'weights': {'nop': 70}, 'parallelization': {'nop': 3}}
        )
        start = len(self.notifications.sent)
        weight.WeightPlanner(config).schedule(
            self.context, self.audit.id, self.solution(actions)
        )
        theirs = self.payloads(start)
        start = len(self.notifications.sent)
        self.schedule(*actions)
        self.assertEqual(
            ['action_plan.create', *['action.create'] * 3],
            [event for event, _ in theirs],
        )
        self.assertEqual(theirs, self.payloads(start))

    def test_time_of_creation_is_notified(self):
        (action,) = self.schedule(self.action('live_migration', 's'))
        self.assertEqual(
            action.created_at.strftime('%Y-%m-%dT%H:%M:%SZ'),
            self.notifications.sent[-1][1]['created_at'],
        )

    def test_impossible_action_is_notified_with_its_reason(self):
        self.schedule(
            self.action('live_migration', 's', 'SKIPPED', 'not found')
        )
        payload = self.notifications.sent[-1][1]
        self.assertEqual(
            ('SKIPPED', 'not found'),
            (payload['state'], payload['status_message']),
        )

    def test_nothing_is_read_when_nobody_gets_notifications(self):
        self.options(None, notification_level='')
        with mock.patch.object(
            planner, '_created', autospec=True
        ) as created:
            self.schedule(self.action('live_migration', 's'))
        created.assert_not_called()


class RetryTest(PlannerTestCase):
    def setUp(self):
        super().setUp()
        # What waits between two attempts is oslo.db.
        self.useFixture(fixtures.MockPatchObject(db_api, 'time'))

    def failing(self, object_, name, error, after=False):
        """A patch: a method raises once, before or after it has worked."""
        works = getattr(object_, name)
        self.errors = [error]

        def fail(*args, **kwargs):
            if self.errors and not after:
                raise self.errors.pop()
            result = works(*args, **kwargs)
            if self.errors:
                raise self.errors.pop()
            return result

        return mock.patch.object(object_, name, fail)

    def dbapi(self, name, error, after=False):
        return self.failing(objects.Action.dbapi, name, error, after)

    def assert_planned(self, patch):
        """One plan, one action, one indicator, each notified once."""
        start = len(self.notifications.sent)
        with patch:
            (action,) = self.schedule(
                self.action('live_migration', 's'),
                indicators=[
                    efficacy.Indicator('live_migration', 'd', 'servers', 1)
                ],
            )
        self.assertEqual([], self.errors)
        self.assertEqual('PENDING', action.state)
        self.assertEqual(1, len(objects.ActionPlan.list(self.context)))
        self.assertEqual(
            1, len(objects.EfficacyIndicator.list(self.context))
        )
        self.assertEqual(
            ['action_plan.create', 'action.create'],
            [event for event, _ in self.notifications.sent[start:]],
        )

    def test_reading_the_strategy_is_retried(self):
        self.assert_planned(
            self.dbapi(
                'get_strategy_by_name', db_exception.DBConnectionError()
            )
        )

    def test_deadlock_of_an_indicator_is_retried(self):
        self.assert_planned(
            self.dbapi(
                'create_efficacy_indicator', db_exception.DBDeadlock()
            )
        )

    def test_deadlock_of_the_plan_is_retried(self):
        self.assert_planned(
            self.failing(database, 'writer', db_exception.DBDeadlock())
        )

    def test_indicator_that_was_written_before_the_loss_is_not_repeated(
        self,
    ):
        self.assert_planned(
            self.dbapi(
                'create_efficacy_indicator',
                db_exception.DBConnectionError(),
                True,
            )
        )

    def test_plan_that_was_written_before_the_loss_is_not_repeated(self):
        write = database.writer
        self.errors = [db_exception.DBConnectionError()]

        @contextlib.contextmanager
        def lose():
            with write() as connection:
                yield connection
            if self.errors:
                raise self.errors.pop()

        self.assert_planned(mock.patch.object(database, 'writer', lose))

    def test_reading_for_the_notifications_is_retried(self):
        self.assert_planned(
            self.dbapi('get_action_list', db_exception.DBConnectionError())
        )
