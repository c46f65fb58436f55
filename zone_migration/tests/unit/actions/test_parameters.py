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

import uuid

import fixtures

from zone_migration import exception
from zone_migration.actions import cold_migration
from zone_migration.actions import live_migration
from zone_migration.actions import my_message
from zone_migration.actions import volume_migration
from zone_migration.actions import volume_retype
from zone_migration.actions import volume_update
from zone_migration.applier_recovery import applier_startup_hook
from zone_migration.tests.unit import base

ID = {'resource_id': str(uuid.UUID(int=1))}
POOL = {**ID, 'dst_hostname': 'h@b#b'}
TYPE = {**ID, 'dst_type': 'gold'}

#: The classes of all actions, each with the least that it takes.
ACTIONS = {
    live_migration.LiveMigrationAction: ID,
    cold_migration.ColdMigrationAction: ID,
    volume_migration.VolumeMigrationAction: ID,
    volume_retype.VolumeRetypeAction: TYPE,
    volume_update.VolumeUpdateAction: ID,
    my_message.MyMessageAction: {'message': 'm'},
}
MOVES = {k: v for k, v in ACTIONS.items() if 'message' not in v}
SERVERS = (
    live_migration.LiveMigrationAction,
    cold_migration.ColdMigrationAction,
)
VOLUMES = (
    volume_migration.VolumeMigrationAction,
    volume_retype.VolumeRetypeAction,
    volume_update.VolumeUpdateAction,
)
LONG = 'x' * 256


class ParametersTest(base.TestCase):
    def make(self, kind, **parameters):
        action = kind({}, osc=object())
        action.input_parameters = parameters
        return action

    def validate(self, kind, **parameters):
        return self.make(kind, **parameters).validate_parameters()

    def assert_taken(self, kind, **given):
        action = self.make(kind, **given)
        self.assertTrue(action.validate_parameters())
        self.assertEqual(ID['resource_id'], action.wanted.resource_id)

    def assert_refused(self, kind, name, reason, **wrong):
        """The refusal names the action, the parameter and the reason."""
        parameters = {**ACTIONS[kind], **wrong}
        parameters = {k: v for k, v in parameters.items() if v is not ...}
        error = self.assertRaises(
            exception.InvalidActionParameters,
            self.validate,
            kind,
            **parameters,
        )
        self.assertEqual(
            f'Invalid parameters of {kind.__name__}: {name}: {reason}',
            str(error),
        )

    def test_the_least_is_enough(self):
        for kind, least in ACTIONS.items():
            self.assertTrue(self.validate(kind, **least))

    def test_all_that_a_plan_gives_a_server_is_taken(self):
        for kind, status in zip(
            SERVERS, ('active', 'shutoff'), strict=True
        ):
            self.assert_taken(
                kind,
                **ID,
                status=status,
                resource_name='web',
                project_id='p1',
                expected_duration=29,
                source='c1',
                memory_mb=2048,
                dst_hostname='c2',
                src_hostname='c1',
                rank=3,
            )

    def test_all_that_a_plan_gives_a_volume_is_taken(self):
        for kind, least in ((k, ACTIONS[k]) for k in VOLUMES):
            self.assert_taken(
                kind,
                **least,
                resource_name='data',
                project_id='p1',
                expected_duration=103,
                source='h@a#a',
                source_type='gold',
                size_gb=10,
                src_hostname='h@a#a',
                rank=3,
            )

    def test_what_is_required_is_missed(self):
        for kind in MOVES:
            self.assert_refused(
                kind, 'resource_id', 'required key not provided',
                resource_id=...,
            )
        for kind, name in (
            (volume_retype.VolumeRetypeAction, 'dst_type'),
            (my_message.MyMessageAction, 'message'),
        ):
            self.assert_refused(
                kind, name, 'required key not provided', **{name: ...}
            )

    def test_resource_id_that_is_no_uuid_is_refused(self):
        for kind in MOVES:
            for wrong in ('web', '', 1, None):
                self.assert_refused(
                    kind,
                    'resource_id',
                    f'expected a UUID, got {wrong!r}',
                    resource_id=wrong,
                )

    def test_texts_that_are_none_are_refused(self):
        common = ('resource_name', 'project_id', 'source', 'src_hostname')
        for kinds, names in (
            (MOVES, common),
            (
                [
                    kind
                    for kind in MOVES
                    if kind is not volume_retype.VolumeRetypeAction
                ],
                ('dst_hostname',),
            ),
            (VOLUMES, ('source_type',)),
            (
                (
                    volume_retype.VolumeRetypeAction,
                    volume_update.VolumeUpdateAction,
                ),
                ('dst_type', 'expected_pool'),
            ),
            ((volume_update.VolumeUpdateAction,), ('server_id',)),
            ((my_message.MyMessageAction,), ('message', 'resource_id')),
        ):
            for kind in kinds:
                for name in names:
                    self.assert_refused(
                        kind, name, 'expected a string, got 1', **{name: 1}
                    )
                    self.assert_refused(
                        kind,
                        name,
                        'is longer than 255 characters',
                        **{name: LONG},
                    )

    def test_numbers_that_are_none_are_refused(self):
        for kinds, name in ((SERVERS, 'memory_mb'), (VOLUMES, 'size_gb')):
            for kind in kinds:
                self.assert_refused(
                    kind, name, 'expected int', **{name: '1'}
                )

    def test_durations_that_are_none_are_refused(self):
        for kind in MOVES:
            for wrong, reason in (
                ('1', 'expected int'),
                (0, 'value must be at least 1'),
            ):
                self.assert_refused(
                    kind, 'expected_duration', reason, expected_duration=wrong
                )

    def test_status_of_another_action_is_refused(self):
        for kind, wrong, allowed in (
            (SERVERS[0], 'shutoff', 'active'),
            (SERVERS[1], 'paused', 'shutoff or active'),
            (VOLUMES[0], 'in-use', 'available'),
            (VOLUMES[1], 'in-use', 'available'),
            (VOLUMES[2], 'available', 'in-use'),
        ):
            self.assert_refused(
                kind,
                'status',
                f'expected {allowed}, got {wrong!r}',
                status=wrong,
            )

    def test_force_that_is_no_boolean_is_refused(self):
        self.assert_refused(
            SERVERS[0], 'force', 'expected bool', force='yes'
        )

    def test_force_without_a_destination_is_refused(self):
        for destination in ({}, {'dst_hostname': ''}):
            self.assert_refused(
                SERVERS[0],
                'force',
                'needs a dst_hostname',
                force=True,
                **destination,
            )

    def test_force_of_a_cold_migration_is_refused(self):
        self.assert_refused(
            SERVERS[1], 'force', 'extra keys not allowed', force=True
        )

    def test_pool_and_type_together_are_refused(self):
        self.assert_refused(
            VOLUMES[2],
            'dst_type',
            'does not go with dst_hostname: Cinder either migrates or '
            'retypes',
            dst_type='gold',
            dst_hostname='h@b#b',
        )

    def test_unknown_parameter_is_refused(self):
        for kind in ACTIONS:
            self.assert_refused(
                kind, 'dst_host', 'extra keys not allowed', dst_host='c2'
            )

    def test_blank_destination_of_a_volume_migration_is_refused(self):
        self.assertRaises(
            exception.InvalidActionParameters,
            self.validate,
            VOLUMES[0],
            **{**POOL, 'dst_hostname': ''},
        )

    def test_blank_type_of_a_retype_is_refused(self):
        self.assertRaises(
            exception.InvalidActionParameters,
            self.validate,
            VOLUMES[1],
            **{**TYPE, 'dst_type': ''},
        )

    def test_all_faults_are_told_at_once(self):
        error = self.assertRaises(
            exception.InvalidActionParameters,
            self.validate,
            SERVERS[0],
            resource_id='web',
            source=1,
        )
        self.assertIn('resource_id: ', str(error))
        self.assertIn('source: ', str(error))

    def test_each_action_says_what_it_does_before_it_has_parameters(self):
        # The applier asks when it starts: not to be done here.
        self.useFixture(
            fixtures.MockPatchObject(applier_startup_hook, 'recover_once')
        )
        for kind in ACTIONS:
            self.assertNotEqual('', kind({}).get_description())
