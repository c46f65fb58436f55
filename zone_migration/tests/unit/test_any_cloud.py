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

"""Any audit of any cloud ends in a plan that can be run, or says why not."""

import contextlib
import copy
import random
from unittest import mock

import hypothesis
from hypothesis import strategies as st
import jsonschema
from watcher.applier.actions import change_nova_service_state
from watcher.common import exception as watcher_exception
from watcher.common import utils

from zone_migration import client
from zone_migration import exception
from zone_migration import strategy
from zone_migration.actions import cold_migration
from zone_migration.actions import confirm_resize
from zone_migration.actions import live_migration
from zone_migration.actions import shelve_offload
from zone_migration.actions import verify_empty
from zone_migration.actions import volume_migration
from zone_migration.actions import volume_retype
from zone_migration.actions import volume_update
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import sources
from zone_migration.tests.unit import audits
from zone_migration.tests.unit import base
from zone_migration.tests.unit import cloud_objects
from zone_migration.tests.unit import clouds

CHECKS = {
    'live_migration': live_migration.LiveMigrationAction.SCHEMA,
    'cold_migration': cold_migration.ColdMigrationAction.SCHEMA,
    'shelve_offload': shelve_offload.ShelveOffloadAction.SCHEMA,
    'confirm_resize': confirm_resize.ConfirmResizeAction.SCHEMA,
    'volume_migration': volume_migration.VolumeMigrationAction.SCHEMA,
    'volume_retype': volume_retype.VolumeRetypeAction.SCHEMA,
    'volume_update': volume_update.VolumeUpdateAction.SCHEMA,
    'verify_empty': verify_empty.VerifyEmptyAction.SCHEMA,
}


class Audit:
    uuid = 'audit'
    status_message = None


class AnyCloudTest(base.TestCase):
    def check(self, action):
        kind = action['action_type']
        if kind == 'change_nova_service_state':
            jsonschema.validate(
                action['input_parameters'],
                change_nova_service_state.ChangeNovaServiceState(
                    mock.Mock()
                ).schema,
            )
        else:
            CHECKS[kind](action['input_parameters'])

    @hypothesis.settings(
        max_examples=100,
        deadline=None,
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(st.randoms(use_true_random=True))
    def test_audit_ends_in_a_plan_or_a_reason(self, chance):
        given = audits.audit(chance)
        try:
            utils.StrictDefaultValidatingDraft4Validator(
                schema.SCHEMA
            ).validate(copy.deepcopy(given))
        except (
            jsonschema.ValidationError,
            watcher_exception.AuditParameterNotAllowed,
        ):
            return
        audit, made = self.execute(given, clouds.Cloud(chance))
        texts = [
            audit.status_message,
            *(
                action['status_message']
                for action in made.solution.actions
                if 'status_message' in action
            ),
        ]
        for text in texts:
            self.assertTrue(text)
            self.assertLessEqual(len(text), 255)
            text.encode()
        for action in made.solution.actions:
            self.check(action)

    def execute(self, given, cloud):
        """The audit with these parameters, and the strategy that planned."""
        audit = Audit()
        made = strategy.ParallelMigrationStrategy(mock.Mock(), osc=object())
        made.input_parameters = given
        with mock.patch.object(
            client, 'cloud_of', autospec=True, return_value=cloud
        ):
            # Refused, with nothing planned; the audit says why.
            with contextlib.suppress(
                exception.InvalidAuditParameters,
                exception.CloudRequestFailed,
            ):
                made.execute(audit)
        return audit, made

    @hypothesis.settings(
        max_examples=150,
        deadline=None,
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(st.integers(min_value=0))
    def test_what_is_emptied_and_the_whole_cloud_tell_the_same(self, seed):
        given = audits.audit(random.Random(seed))
        with contextlib.suppress(
            jsonschema.ValidationError,
            watcher_exception.AuditParameterNotAllowed,
        ):
            utils.StrictDefaultValidatingDraft4Validator(
                schema.SCHEMA
            ).validate(copy.deepcopy(given))
            self.assertEqual(*self.tell(given, seed))

    def tell(self, given, seed):
        """What an audit says and plans, twice over the same cloud.

        Nova and Cinder are asked by host and by pool first, then they list
        everything.
        """
        for everything in (False, True):
            with contextlib.ExitStack() as stack:
                # Of what cannot be read, nobody knows where it is.
                stack.enter_context(
                    mock.patch.object(cloud_objects, 'odd', lambda _, one: one)
                )
                if everything:
                    for name in ('hosts', 'places'):
                        stack.enter_context(
                            mock.patch.object(sources, name, lambda *_: None)
                        )
                cloud = clouds.Cloud(random.Random(seed + 1), share=1)
                audit, made = self.execute(given, cloud)
                yield audit.status_message, made.solution.actions
