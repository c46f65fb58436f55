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

import logging

import fixtures
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.tests.unit.workflow_engine import test_action_run
from zone_migration.workflow_engine import action_end
from zone_migration.workflow_engine import records


class LogTest(test_action_run.ActionRunTest):
    TEXT = 'x\n2026-11-24 ERROR forged'

    def assert_logged(self, text, action):
        log = self.useFixture(
            fixtures.FakeLogger(action_end.__name__, level=logging.INFO)
        )
        self.run_action(action)
        self.assertIn(text + r'x\n2026-11-24 ERROR forged' + '\n', log.output)

    def test_no_reason_begins_a_line(self):
        self.assert_logged(
            'failed in execute: ',
            test_action_run.Action(
                execute=watcher_exception.WatcherException(self.TEXT)
            ),
        )

    def test_no_reason_to_skip_begins_a_line(self):
        self.assert_logged(
            'is skipped: Action was skipped automatically: ',
            test_action_run.Action(
                pre=watcher_exception.ActionSkipped(self.TEXT)
            ),
        )

    def test_no_name_begins_a_line(self):
        self.db_action = self.create_action(
            self.plan, input_parameters={'resource_name': self.TEXT}
        )
        self.assertEqual(
            r'x\n2026-11-24 ERROR forged',
            self.make_run(test_action_run.Action()).name,
        )


class UnexpectedEndTest(test_action_run.ActionRunTest):
    """Whatever ends an action, its row ends too."""

    def test_action_that_is_skipped_while_it_executes_is_failed(self):
        # As under Watcher's own engine, its post-condition included.
        action = test_action_run.Action(
            execute=watcher_exception.ActionSkipped('no more')
        )
        self.assertEqual(
            ('FAILED', 'Action failed in execute: no more'),
            self.run_action(action),
        )
        self.assertEqual('post_condition', action.calls[-1])

    def test_move_that_ends_by_a_cancel_of_nobody_is_failed(self):
        self.assertEqual(
            ('FAILED', 'Action failed in execute: on c1'),
            self.run_action(
                test_action_run.Action(
                    execute=exception.MoveCancelled(reason='on c1')
                )
            ),
        )

    def test_exit_of_an_action_is_told_by_its_class_and_text(self):
        for phase in ('pre_condition', 'execute', 'post_condition'):
            self.db_action = self.create_action(self.plan)
            script = {'pre_condition': 'pre', 'post_condition': 'post'}
            self.assertEqual(
                (
                    'FAILED',
                    f'Action failed in {phase}: SystemExit: enough',
                ),
                self.run_action(
                    test_action_run.Action(
                        **{script.get(phase, phase): SystemExit('enough')}
                    )
                ),
            )

    def test_unexpected_end_is_notified_as_a_failure(self):
        self.run_action(test_action_run.Action(execute=SystemExit('enough')))
        self.assertEqual(
            ['action.execution.start', 'action.execution.error'],
            [e for e in self.sent() if e.startswith('action.execution')],
        )

    def test_transition_that_is_impossible_is_told(self):
        run = self.make_run(test_action_run.Action())
        self.db_action.state = 'ONGOING'
        self.db_action.save()
        run._row.state = 'ONGOING'
        run.skip('depends on another')
        self.assertEqual(
            (
                'FAILED',
                'Action failed in pre_condition: ImpossibleTransition: '
                'an action that is ONGOING cannot become SKIPPED',
            ),
            self.outcome_of(self.db_action),
        )

    def test_action_whose_end_cannot_be_written_raises_nothing(self):
        self.useFixture(
            fixtures.MockPatchObject(
                records, 'save', side_effect=KeyError('no such row')
            )
        )
        run = self.make_run(test_action_run.Action())
        run.run()
        self.assertEqual('FAILED', run.state)
