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

import dataclasses

import fixtures

from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import change_cinder_service_state
from zone_migration.client import backend_enabling
from zone_migration.client import exception as client_exception
from zone_migration.logic import storage_backends
from zone_migration.logic.outcome import backend_switch
from zone_migration.tests.unit.actions import fakes

OURS = 'watcher_zone_migration audit'
OPEN = storage_backends.Backend('h@b', enabled=True, up=True)
CLOSED = storage_backends.Backend(
    'h@b', enabled=False, up=True, disabled_reason=OURS
)
FROZEN = dataclasses.replace(CLOSED, disabled_reason='frozen', frozen=True)
LOST = client_exception.AnswerLost('Cinder', 'broken')


class ChangeTest(fakes.ActionTestCase):
    ACTION = change_cinder_service_state.ChangeCinderServiceStateAction
    PARAMETERS = {
        'resource_id': 'h@b',
        'state': 'disabled',
        'disabled_reason': OURS,
    }
    ENABLE = {'state': 'enabled'}

    def setUp(self):
        super().setUp()
        self.seen = OPEN
        self.cinder.backend = lambda name: self.seen
        self.cinder.disable_backend = self.disable
        self.lost, self.works, self.trouble = None, True, None
        self.enabled = []
        self.useFixture(
            fixtures.MockPatchObject(backend_enabling, 'enable', self.enable)
        )
        self.useFixture(fixtures.MockPatchObject(waiting, '_LOOK', 0.001))

    def disable(self, name, reason):
        if self.works:
            self.seen = dataclasses.replace(
                self.seen, enabled=False, disabled_reason=reason
            )
        if self.lost is not None:
            raise self.lost

    def enable(self, cinder, name, may_thaw=False):
        self.enabled.append(may_thaw)
        if self.trouble is not None:
            raise self.trouble
        if not self.works:
            raise client_exception.BackendStaysDisabled('Cinder', 'it is down')
        self.seen = OPEN

    def begun(self, **parameters):
        action = self.make(**parameters)
        action.begun_at = '2026-11-28 03:14:05'
        return action

    def test_enabled_backend_is_disabled(self):
        self.run_action()
        self.assertEqual(CLOSED, self.seen)
        self.assertEqual(['h@b is disabled'], self.said)

    def test_answer_that_is_lost_is_looked_after(self):
        self.lost = LOST
        self.run_action()
        self.assertEqual(CLOSED, self.seen)

    def test_one_that_is_disabled_late_is_waited_for(self):
        self.works, self.lost = False, LOST
        looks = [*[OPEN] * 4, CLOSED]
        action = self.make()
        action.pre_condition()
        self.cinder.backend = lambda name: looks.pop(0)
        self.assertTrue(action.execute())
        self.assertEqual([], looks)

    def test_one_that_is_not_disabled_after_a_lost_answer(self):
        self.works, self.lost = False, LOST
        action = self.make()
        action.pre_condition()
        self.assertRaises(exception.MoveFailed, action.execute)

    def test_one_of_somebody_else_has_no_remedy_here(self):
        self.seen = CLOSED
        action = self.make(**self.ENABLE)
        action.pre_condition()
        self.trouble = client_exception.BackendIsNotOurs(
            'Cinder', 'somebody else has disabled it: broken'
        )
        self.assert_fails(
            exception.MoveFailed,
            'h@b is not enabled: somebody else has disabled it: broken',
            action.execute,
        )

    def test_backend_that_cinder_does_not_disable(self):
        self.works = False
        action = self.make()
        action.pre_condition()
        self.assert_fails(
            exception.MoveFailed,
            'Cinder was asked to disable h@b, and it is not, or for another '
            'reason',
            action.execute,
        )

    def test_one_that_is_disabled_is_left_alone(self):
        self.seen = CLOSED
        self.assert_fails(
            exception.HostLeftAlone,
            f'h@b is disabled: {OURS}',
            self.make().pre_condition,
        )

    def test_one_that_was_disabled_before_a_restart_is_done(self):
        self.seen = CLOSED
        self.assertRaises(exception.HasArrived, self.begun().pre_condition)

    def test_one_that_we_have_disabled_is_enabled(self):
        self.seen = CLOSED
        self.run_action(**self.ENABLE)
        self.assertEqual([False], self.enabled)

    def test_one_that_stays_disabled_is_told_with_the_remedy(self):
        self.seen, self.works = CLOSED, False
        action = self.make(**self.ENABLE)
        action.pre_condition()
        self.assert_fails(
            exception.MoveFailed,
            'h@b stays disabled: it is down; enable_storage_pools enables it',
            action.execute,
        )

    def test_one_that_may_be_frozen_has_one_remedy(self):
        self.seen = CLOSED
        action = self.make(**self.ENABLE)
        action.pre_condition()
        told = backend_switch.may_be_frozen('h@b')
        self.trouble = client_exception.BackendStaysDisabled(
            'Cinder', f'{told}; somebody else has disabled it'
        )
        self.assert_fails(
            exception.MoveFailed,
            f'h@b stays disabled: {told}; somebody else has disabled it',
            action.execute,
        )

    def test_one_that_is_frozen_is_left_alone(self):
        self.seen = FROZEN
        self.assert_fails(
            exception.HostLeftAlone,
            'h@b was disabled by somebody else: frozen',
            self.make(**self.ENABLE).pre_condition,
        )

    def test_one_that_was_frozen_before_a_restart_is_thawed(self):
        self.seen = FROZEN
        action = self.begun(**self.ENABLE)
        action.pre_condition()
        action.execute()
        self.assertEqual([True], self.enabled)
        # It may have been somebody else who had frozen it.
        self.assertEqual(
            ['h@b is enabled: it was thawed, whoever had frozen it'], self.said
        )

    def test_one_that_was_enabled_before_a_restart_is_done(self):
        self.assertRaises(
            exception.HasArrived, self.begun(**self.ENABLE).pre_condition
        )

    def test_revert_enables_what_is_as_it_was_left(self):
        action = self.run_action()
        action.revert()
        self.assertEqual([False], self.enabled)
        self.seen = dataclasses.replace(CLOSED, disabled_reason='broken')
        action.revert()
        self.assertEqual([False], self.enabled)
