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

import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import results

SERVER = resources.Server(
    's',
    'web',
    'ACTIVE',
    'c1',
    memory_mb=2048,
    volume_ids=('v',),
    project_id='p1',
)
DETACHED = resources.Volume(
    'v', 'data', 'available', 'h@a#a', 'gold', size_gb=10, project_id='p2'
)
ATTACHED = resources.Volume(
    'v', 'data', 'in-use', 'h@a#a', 'gold', size_gb=10, server_ids=('s',)
)


def inventory(**more):
    return cloud_inventory.Inventory(
        servers=more.pop('servers', {'s': SERVER}),
        volumes=more.pop('volumes', {'v': DETACHED}),
        hosts={n: resources.ComputeHost(n, True, True) for n in ('c1', 'c2')},
        pools={n: resources.Pool(n, 1.0) for n in ('h@a#a', 'h@b#b')},
        volume_types={n: resources.VolumeType(n) for n in ('gold', 'silver')},
    )


def plan(*items, decision=decisions.START, ranks=None, **more):
    found = [
        results.Result(item, decision, (ranks or {}).get(item.id, 0))
        for item in items
    ]
    return planned_actions.plan(results.Report(found), inventory(**more))


class ActionTypeTest(testtools.TestCase):
    def test_active_server_is_migrated_live(self):
        (action,) = plan(params.ServerItem('s', 'active'))
        self.assertEqual('live_migration', action.action_type)

    def test_shutoff_server_is_migrated_cold(self):
        (action,) = plan(params.ServerItem('s', 'shutoff'))
        self.assertEqual('cold_migration', action.action_type)

    def test_active_server_is_migrated_cold_where_it_has_to_be(self):
        item = params.ServerItem(
            's', 'active', allow_downtime=True, downtime='a vTPM'
        )
        (action,) = plan(item)
        self.assertEqual(
            ('cold_migration', 'active', 'a vTPM', None),
            (
                action.action_type,
                *map(
                    action.parameters.get,
                    ('status', 'downtime', 'allow_downtime'),
                ),
            ),
        )

    def test_server_that_is_migrated_live_may_be_down(self):
        for allowed in (True, False):
            (action,) = plan(
                params.ServerItem('s', 'active', allow_downtime=allowed)
            )
            self.assertEqual('live_migration', action.action_type)
            self.assertEqual(
                allowed, action.parameters.get('allow_downtime', False)
            )

    def test_available_volume_with_a_pool_is_migrated(self):
        (action,) = plan(params.VolumeItem('v', 'available', 'h@b#b'))
        self.assertEqual('volume_migration', action.action_type)

    def test_available_volume_with_a_type_is_retyped(self):
        (action,) = plan(
            params.VolumeItem('v', 'available', dst_type='silver')
        )
        self.assertEqual('volume_retype', action.action_type)

    def test_volume_in_use_is_updated_wherever_it_goes(self):
        for destination in (
            {},
            {'dst_hostname': 'h@b#b'},
            {'dst_type': 'silver'},
        ):
            (action,) = plan(
                params.VolumeItem('v', 'in-use', **destination),
                volumes={'v': ATTACHED},
            )
            self.assertEqual('volume_update', action.action_type)


class ParametersTest(testtools.TestCase):
    def test_server_takes_with_it_what_is_known_of_it(self):
        (action,) = plan(params.ServerItem('s', 'active'))
        self.assertEqual(
            {
                'status': 'active',
                'resource_name': 'web',
                'project_id': 'p1',
                'source': 'c1',
                'memory_mb': 2048,
            },
            action.parameters,
        )
        self.assertEqual('', action.skip_reason)

    def test_server_takes_with_it_what_is_wanted_of_it(self):
        (action,) = plan(params.ServerItem('s', 'active', 'c2', 'c1', True))
        self.assertEqual(
            ('c2', 'c1', True),
            tuple(
                action.parameters[k]
                for k in ('dst_hostname', 'src_hostname', 'force')
            ),
        )

    def test_volume_takes_with_it_what_is_known_and_wanted_of_it(self):
        (action,) = plan(
            params.VolumeItem('v', 'available', 'h@b#b', src_hostname='h@a#a')
        )
        self.assertEqual(
            {
                'status': 'available',
                'resource_name': 'data',
                'project_id': 'p2',
                'source': 'h@a#a',
                'source_type': 'gold',
                'size_gb': 10,
                'dst_hostname': 'h@b#b',
                'src_hostname': 'h@a#a',
            },
            action.parameters,
        )

    def test_retype_takes_with_it_the_pool_that_is_expected(self):
        for status, one in (('available', DETACHED), ('in-use', ATTACHED)):
            for pool, expected in (('h@b#b', ['h@b#b']), ('', [])):
                (action,) = plan(
                    params.VolumeItem('v', status, dst_type='silver'),
                    decision=decisions.Decision(
                        decisions.Kind.START, pool=pool
                    ),
                    volumes={'v': one},
                )
                self.assertEqual(
                    expected,
                    [
                        value
                        for name, value in action.parameters.items()
                        if name == 'expected_pool'
                    ],
                )

    def test_pool_that_the_action_chooses_is_not_expected(self):
        (action,) = plan(
            params.VolumeItem('v', 'in-use'),
            decision=decisions.Decision(decisions.Kind.START, pool='h@b#b'),
            volumes={'v': ATTACHED},
        )
        self.assertNotIn('expected_pool', action.parameters)

    def test_volume_in_use_names_its_server(self):
        (action,) = plan(
            params.VolumeItem('v', 'in-use'), volumes={'v': ATTACHED}
        )
        self.assertEqual('s', action.parameters['server_id'])

    def test_volume_that_is_not_attached_names_no_server(self):
        (action,) = plan(params.VolumeItem('v', 'in-use'))
        self.assertNotIn('server_id', action.parameters)

    def test_server_on_no_host_has_an_empty_source(self):
        (action,) = plan(
            params.ServerItem('s', 'active'),
            servers={'s': resources.Server('s', 'web', 'SHELVED', None)},
        )
        self.assertEqual('', action.parameters['source'])

    def test_parameters_are_flat(self):
        for action in plan(
            params.ServerItem('s', 'active', 'c2', 'c1', True),
            params.VolumeItem('v', 'in-use', dst_type='silver'),
            volumes={'v': ATTACHED},
        ):
            for value in action.parameters.values():
                self.assertIsInstance(value, (str, int, bool))


class OrderTest(testtools.TestCase):
    def test_actions_come_in_the_order_of_the_results(self):
        actions = plan(
            params.VolumeItem('v', 'available', 'h@b#b'),
            params.ServerItem('s', 'active'),
            params.ServerItem('t', 'active'),
        )
        self.assertEqual(['v', 's', 't'], [a.resource_id for a in actions])

    def test_actions_have_ranks_where_any_differs(self):
        actions = plan(
            params.ServerItem('s', 'active'),
            params.ServerItem('t', 'active'),
            ranks={'t': 1},
        )
        self.assertEqual([0, 1], [a.parameters['rank'] for a in actions])

    def test_actions_have_no_ranks_where_none_differs(self):
        (action,) = plan(params.ServerItem('s', 'active'))
        self.assertNotIn('rank', action.parameters)


class ReportTest(testtools.TestCase):
    def test_what_cannot_move_is_in_the_plan_with_its_reason(self):
        for item in (
            params.ServerItem('t', 'active'),
            params.VolumeItem('w', 'in-use'),
        ):
            (action,) = plan(item, decision=decisions.refuse('not found'))
            self.assertEqual('not found', action.skip_reason)
            self.assertEqual({'status': item.status}, action.parameters)

    def test_what_is_there_already_is_in_the_plan_with_its_reason(self):
        (action,) = plan(
            params.ServerItem('s', 'active'),
            decision=decisions.skip('already on c2'),
        )
        self.assertEqual('already on c2', action.skip_reason)

    def test_what_is_in_flight_already_is_not_skipped(self):
        (action,) = plan(
            params.ServerItem('s', 'active'),
            decision=decisions.adopt('in flight'),
        )
        self.assertEqual('', action.skip_reason)

    def test_what_goes_to_one_of_several_already_is_not_to_be_started(self):
        for destinations, expected in ((('p', 'q'), True), ((), None)):
            (action,) = plan(
                params.VolumeItem('w', 'in-use', destinations=destinations),
                decision=decisions.adopt('in flight'),
            )
            self.assertEqual(expected, action.parameters.get('in_flight'))


class ImpossibleTest(testtools.TestCase):
    def faults(self, item, decision, **more):
        return [
            str(fault)
            for fault in planned_actions.faults_of_stuck(
                results.Report([results.Result(item, decision)]),
                inventory(**more),
            )
        ]

    def test_each_that_cannot_move_is_told_with_its_path_and_name(self):
        self.assertEqual(
            ['params.vm.s: web: locked'],
            self.faults(
                params.ServerItem('s', 'active'), decisions.refuse('locked')
            ),
        )

    def test_what_a_selector_has_found_is_told_with_its_name(self):
        self.assertEqual(
            ['storage_pools.0: data: busy'],
            self.faults(
                params.VolumeItem('v', 'in-use', selector='storage_pools.0'),
                decisions.refuse('busy'),
            ),
        )

    def test_what_has_no_name_is_told_with_its_id(self):
        unnamed = {'s': dataclasses.replace(SERVER, name='')}
        for selector, expected in (
            ('compute_nodes.0', 'compute_nodes.0: s: locked'),
            ('', 'params.vm.s: locked'),
        ):
            item = params.ServerItem('s', 'active', selector=selector)
            for servers in ({}, unnamed):
                self.assertEqual(
                    [expected],
                    self.faults(
                        item, decisions.refuse('locked'), servers=servers
                    ),
                )

    def test_what_is_somewhere_else_is_told(self):
        self.assertEqual(
            ['params.vm.s: web: the server is on c3, not on c1'],
            self.faults(
                params.ServerItem('s', 'active'),
                decisions.skip('the server is on c3, not on c1'),
            ),
        )

    def test_what_moves_or_is_there_is_not_told(self):
        there = decisions.skip('the server is already on c2')
        for decision in (decisions.START, there):
            self.assertEqual(
                [], self.faults(params.ServerItem('s', 'active'), decision)
            )


class UnknownDestinationTest(testtools.TestCase):
    def faults(self, *items):
        error = self.assertRaises(
            errors.InvalidParameters,
            planned_actions.check_destinations,
            params.Request(
                tuple(i for i in items if isinstance(i, params.ServerItem)),
                tuple(i for i in items if isinstance(i, params.VolumeItem)),
            ),
            inventory(),
        )
        return [str(fault) for fault in error.faults]

    def test_unknown_host_is_refused(self):
        self.assertEqual(
            [
                "params.vm.s.dst_hostname: there is no compute host 'c9'; "
                'there are c1, c2'
            ],
            self.faults(params.ServerItem('s', 'active', 'c9')),
        )

    def test_unknown_pool_is_refused(self):
        self.assertEqual(
            [
                'params.volume.v.dst_hostname: there is no storage pool '
                "'h@c#c'; there are h@a#a, h@b#b"
            ],
            self.faults(params.VolumeItem('v', 'available', 'h@c#c')),
        )

    def test_unknown_volume_type_is_refused(self):
        self.assertEqual(
            [
                "params.volume.v.dst_type: there is no volume type 'lead'; "
                'there are gold, silver'
            ],
            self.faults(params.VolumeItem('v', 'available', dst_type='lead')),
        )

    def test_all_are_told_at_once(self):
        self.assertEqual(
            2,
            len(
                self.faults(
                    params.ServerItem('s', 'active', 'c9'),
                    params.VolumeItem('v', 'available', 'h@c#c'),
                )
            ),
        )

    def test_backend_without_a_pool_is_known(self):
        self.assertIsNone(
            planned_actions.check_destinations(
                params.Request(
                    volumes=(params.VolumeItem('v', 'available', 'h@b'),)
                ),
                inventory(),
            )
        )

    def test_of_many_known_ones_some_are_named(self):
        error = self.assertRaises(
            errors.InvalidParameters,
            planned_actions.check_destinations,
            params.Request((params.ServerItem('s', 'active', 'x'),)),
            cloud_inventory.Inventory(
                {}, {}, hosts=dict.fromkeys(f'c{n}' for n in range(9))
            ),
        )
        self.assertIn('there are c0, c1, c2, c3, c4, ...', str(error))

    def test_of_none_at_all_none_is_named(self):
        error = self.assertRaises(
            errors.InvalidParameters,
            planned_actions.check_destinations,
            params.Request((params.ServerItem('s', 'active', 'x'),)),
            cloud_inventory.Inventory({}, {}),
        )
        self.assertIn('there are none', str(error))
