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

"""Whatever the cloud shows, an action takes what its plan gives it."""

import dataclasses
import uuid

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.actions import cold_migration
from zone_migration.actions import live_migration
from zone_migration.actions import volume_migration
from zone_migration.actions import volume_retype
from zone_migration.actions import volume_update
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import selection
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.preflight import evaluation
from zone_migration.logic.schedule import ordering
from zone_migration.tests.unit.logic import builders

SCHEMAS = {
    planned_actions.LIVE_MIGRATION: live_migration.LiveMigrationAction.SCHEMA,
    planned_actions.COLD_MIGRATION: cold_migration.ColdMigrationAction.SCHEMA,
    planned_actions.VOLUME_MIGRATION: (
        volume_migration.VolumeMigrationAction.SCHEMA
    ),
    planned_actions.VOLUME_RETYPE: volume_retype.VolumeRetypeAction.SCHEMA,
    planned_actions.VOLUME_UPDATE: volume_update.VolumeUpdateAction.SCHEMA,
}

SERVER_IDS = [str(uuid.UUID(int=n)) for n in range(1, 5)]
VOLUME_IDS = [str(uuid.UUID(int=n)) for n in range(11, 15)]
HOSTS = ('c1', 'c2', 'c3')
POOLS = ('h@a#a', 'h@b#b', 'h@c#c')

SERVERS = st.builds(
    builders.server,
    st.sampled_from(SERVER_IDS),
    st.sampled_from(HOSTS) | st.none(),
    st.sampled_from(['ACTIVE', 'SHUTOFF', 'MIGRATING', 'RESIZE', 'ERROR']),
    task_state=st.sampled_from([None, 'migrating', 'resize_migrating']),
    volume_ids=st.lists(st.sampled_from(VOLUME_IDS), unique=True).map(tuple),
)
VOLUMES = st.builds(
    builders.volume,
    st.sampled_from(VOLUME_IDS),
    st.sampled_from(POOLS) | st.none(),
    st.sampled_from(
        ['available', 'in-use', 'maintenance', 'retyping', 'unknown']
    ),
    type=st.sampled_from(['gold', 'silver', None]),
    migration_status=st.sampled_from(
        [None, 'starting', 'migrating', 'success', 'error']
    ),
    server_ids=st.lists(
        st.sampled_from(SERVER_IDS), max_size=2, unique=True
    ).map(tuple),
    multiattach=st.booleans(),
    encrypted=st.booleans(),
    zone=st.sampled_from(['', 'z1', 'z2']),
    # An attachment to a host and to no server.
    host_names=st.sampled_from([(), ('',), ('image-store',)]),
)
TYPES = st.builds(
    lambda *types: [
        dataclasses.replace(each, name=name)
        for name, each in zip(('gold', 'silver'), types, strict=True)
    ],
    *[
        st.builds(
            resources.VolumeType,
            st.just(''),
            st.sampled_from(['', 'luks', 'luks2', None]),
            multiattach=st.sampled_from([True, False, None]),
            zones=st.sampled_from([None, (), ('z1',)]),
            max_gb=st.sampled_from([5, 20]),
            qos_id=st.sampled_from(['', 'q']),
            front_end_qos=st.booleans(),
        )
    ]
    * 2,
)
MIGRATIONS = st.dictionaries(
    st.sampled_from(SERVER_IDS),
    st.builds(
        lambda kind, status: (
            resources.Migration(1, '', kind, status, 'c1', 'c2'),
        ),
        st.sampled_from(['live-migration', 'migration']),
        st.sampled_from(['accepted', 'running', 'migrating', 'finished']),
    ),
)
CLOUDS = st.builds(
    builders.inventory,
    st.lists(SERVERS, unique_by=lambda s: s.id),
    st.lists(VOLUMES, unique_by=lambda v: v.id),
    pools=st.lists(st.sampled_from([15.0, 100.0]), min_size=3, max_size=3).map(
        lambda free: [
            builders.pool(name, gb, types, zone=zone)
            for name, gb, types, zone in zip(
                POOLS,
                free,
                (('gold', 'silver'), ('gold', 'silver'), ('silver',)),
                ('z1', 'z1', 'z2'),
                strict=True,
            )
        ]
    ),
    volume_types=TYPES,
    migrations=MIGRATIONS,
    quotas=st.sampled_from(
        [{}, {('p', 'silver'): cloud_inventory.Quota(volumes=1)}]
    ),
    snapshots=st.dictionaries(st.sampled_from(VOLUME_IDS), st.just(1)),
)
REQUESTS = st.fixed_dictionaries(
    {
        'compute_nodes': st.sampled_from(
            [
                [{'src_node': 'c1'}],
                [{'src_node': 'c1', 'dst_node': 'c2'}],
                [{'src_node': 'c1', 'dst_node': 'c*'}],
            ]
        ),
        'storage_pools': st.sampled_from(
            [
                [{'src_pool': 'h@a#a', 'dst_pool': 'h@b#b'}],
                [{'src_pool': 'h@a#a', 'dst_pool': 'h@*'}],
                [{'src_pool': 'h@a#a', 'dst_type': 'silver'}],
            ]
        ),
    },
    optional={'with_attached_volume': st.just(True)},
)


class AnyPlanTest(testtools.TestCase):
    @hypothesis.given(CLOUDS, REQUESTS)
    def test_parameters_are_those_of_the_schemas(self, seen, parameters):
        request = parsing.parse(parameters)
        selected = selection.select(request, seen)
        actions = planned_actions.plan(
            evaluation.evaluate(request, selected, seen), seen
        )
        self.assertEqual(
            len(selected.servers) + len(selected.volumes), len(actions)
        )
        rows = [
            {
                'action_type': action.action_type,
                'input_parameters': {
                    'resource_id': action.resource_id,
                    **action.parameters,
                },
            }
            for action in actions
        ]
        self.assertEqual(len(rows), len(ordering.parents(rows)))
        for action, row in zip(actions, rows, strict=True):
            if not action.skip_reason:
                SCHEMAS[action.action_type](row['input_parameters'])
