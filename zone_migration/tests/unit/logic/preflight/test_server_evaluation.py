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

from zone_migration.logic import resources
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_evaluation
from zone_migration.tests.unit.logic.builders import attached
from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import in_use
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import pool
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server

ADOPT = decisions.Kind.ADOPT
SKIP = decisions.Kind.SKIP
REFUSE = decisions.Kind.REFUSE


class ServerTest(testtools.TestCase):
    def result(self, item, seen=None, request=None, **more):
        servers = [seen] if seen else []
        found = results([item], inventory(servers, **more), **(request or {}))
        return found['s']

    def test_server_that_can_be_moved_will_be(self):
        self.assertEqual('c2', self.result(live('s', 'c2'), server('s')))
        self.assertEqual(
            'c2',
            self.result(cold('s', 'c2'), server('s', status='SHUTOFF')),
        )

    def test_unknown_id_is_refused(self):
        self.assertEqual(
            (REFUSE, 'server s not found: deleted?'), self.result(live('s'))
        )

    def test_status_other_than_what_is_said_is_refused(self):
        for item, status, reason in (
            (live('s'), 'SHUTOFF', 'ask for it as shutoff, or start it'),
            (cold('s'), 'ACTIVE', 'ask for it as active, or stop it'),
            (cold('s'), 'PAUSED', 'ask for it as active, or unpause it'),
            (live('s'), 'ERROR', 'find out why'),
            (cold('s'), 'SUSPENDED', 'resume it first'),
            (live('s'), 'SHELVED', 'or unshelve it'),
            (live('s'), 'RESCUE', 'unrescue it first'),
            (live('s'), 'VERIFY_RESIZE', 'confirm or revert that move first'),
            (cold('s'), 'VERIFY_RESIZE', 'Nova does not show its migration'),
        ):
            kind, text = self.result(item, server('s', status=status))
            self.assertEqual(REFUSE, kind)
            self.assertIn(reason, text)

    def test_server_with_a_task_is_refused(self):
        kind, text = self.result(
            live('s'), server('s', task_state='rebooting')
        )
        self.assertEqual(REFUSE, kind)
        self.assertIn('busy on c1: rebooting', text)

    def test_server_at_its_destination_is_there(self):
        self.assertEqual(
            (SKIP, 'the server is already on c1'),
            self.result(live('s', 'c1'), server('s')),
        )

    def test_server_that_has_left_is_there(self):
        self.assertEqual(
            (SKIP, 'the server is on c1, not on c3'),
            self.result(live('s', 'c2', src_hostname='c3'), server('s')),
        )

    def test_migration_in_flight_is_adopted(self):
        record = resources.Migration(
            7, 's', 'live-migration', 'running', 'c1', 'c2'
        )
        self.assertEqual(
            (ADOPT, 'live migration 7 is in flight already'),
            self.result(
                live('s', 'c2'),
                server('s', status='MIGRATING', task_state='migrating'),
                migrations={'s': (record,)},
            ),
        )

    def test_migration_to_a_host_that_nobody_asked_for_is_refused(self):
        record = resources.Migration(
            7, 's', 'live-migration', 'running', 'c1', 'c9'
        )
        moving = server('s', status='MIGRATING', task_state='migrating')
        self.assertEqual(
            (
                REFUSE,
                'a migration to c9 is in flight already, to none of the 2 '
                'hosts that it may go to',
            ),
            self.result(
                live('s', 'c2', 'c3'), moving, migrations={'s': (record,)}
            ),
        )
        for goal in ('c3', None):
            record = dataclasses.replace(record, dest=goal)
            self.assertEqual(
                ADOPT,
                self.result(
                    live('s', 'c2', 'c3'), moving, migrations={'s': (record,)}
                )[0],
            )

    def test_cold_migration_that_waits_for_its_confirmation_is_adopted(self):
        record = resources.Migration(
            7, 's', 'migration', 'finished', 'c1', 'c2'
        )
        self.assertEqual(
            ADOPT,
            self.result(
                cold('s', 'c2'),
                server('s', 'c2', 'VERIFY_RESIZE'),
                migrations={'s': (record,)},
            )[0],
        )

    def test_locked_server_is_refused(self):
        self.assertEqual(
            (REFUSE, 'the server is locked: unlock it, or set move_locked'),
            self.result(live('s'), server('s', locked=True)),
        )

    def test_unless_it_is_to_be_moved(self):
        self.assertEqual(
            '',
            self.result(
                live('s'),
                server('s', locked=True),
                {'move_locked': True},
            ),
        )

    def test_locked_server_at_its_destination_is_there(self):
        self.assertEqual(
            SKIP, self.result(live('s', 'c1'), server('s', locked=True))[0]
        )

    def test_server_whose_host_is_down_is_refused(self):
        kind, text = self.result(
            live('s'), server('s'), hosts=[host('c1', up=False), host('c2')]
        )
        self.assertEqual(REFUSE, kind)
        self.assertIn('nova-compute on c1 is down', text)

    def test_device_keeps_a_server_from_being_migrated_live(self):
        self.assertEqual(
            (
                REFUSE,
                'it cannot be migrated live: vGPU: stop it, and ask for it '
                'as shutoff, or set allow_downtime',
            ),
            self.result(live('s'), server('s'), devices={'s': 'vGPU'}),
        )

    def test_downtime_is_no_way_for_a_paused_server(self):
        kind, text = self.result(
            live('s', allow_downtime=True),
            server('s', status='PAUSED', power_state=3),
            devices={'s': 'vGPU'},
        )
        self.assertEqual(REFUSE, kind)
        self.assertTrue(text.endswith('ask for it as shutoff'), text)

    def test_but_not_cold(self):
        self.assertEqual(
            '',
            self.result(
                cold('s'), server('s', status='SHUTOFF'), devices={'s': 'vGPU'}
            ),
        )

    def test_accelerator_keeps_a_server_live_and_cold(self):
        for item, status in ((live('s'), 'ACTIVE'), (cold('s'), 'SHUTOFF')):
            self.assertEqual(
                (REFUSE, 'no accelerator'),
                self.result(
                    item,
                    server('s', status=status),
                    accelerators={'s': 'no accelerator'},
                ),
            )

    def test_server_outside_of_the_scope_of_the_audit_is_refused(self):
        outside = frozenset({'c2'})
        self.assertEqual(
            (
                REFUSE,
                'it is on c1, outside of the scope of the audit: leave it '
                'out, or take another audit template',
            ),
            self.result(live('s', 'c2'), server('s'), scope=outside),
        )
        self.assertEqual(
            SKIP,
            self.result(live('s', 'c1'), server('s'), scope=outside)[0],
        )
        self.assertEqual(
            'c1',
            self.result(live('s', 'c1'), server('s', 'c2'), scope=outside),
        )

    def test_devices_of_others_do_not_matter(self):
        self.assertEqual(
            '', self.result(live('s'), server('s'), devices={'t': 'vGPU'})
        )


class DependenceTest(testtools.TestCase):
    """A server and the volumes of it that the audit asks for."""

    SERVER = server('s', volume_ids=('v', 'w'))

    def results(self, *items, volumes, **more):
        return results(items, inventory([self.SERVER], volumes, **more))

    def test_server_whose_volume_cannot_move_stays(self):
        result = self.results(
            live('s'),
            in_use('v', 'h@b#b'),
            volumes=[attached('v', 's', group_id='g'), attached('w', 's')],
        )
        self.assertEqual(REFUSE, result['s'][0])
        self.assertEqual(
            f'its volume name of v cannot move: {result["v"][1]}',
            result['s'][1],
        )

    def test_server_is_told_the_id_of_a_volume_without_a_name(self):
        unnamed = dataclasses.replace(
            attached('v', 's', group_id='g'), name=''
        )
        result = self.results(
            live('s'), in_use('v', 'h@b#b'), volumes=[unnamed]
        )
        self.assertIn('its volume v cannot move: ', result['s'][1])

    def test_server_is_told_as_much_of_a_name_as_leaves_the_reason(self):
        long = dataclasses.replace(
            attached('v', 's', group_id='g'), name='x' * 255
        )
        result = self.results(live('s'), in_use('v', 'h@b#b'), volumes=[long])
        self.assertIn('xx... cannot move: ', result['s'][1])

    def test_server_whose_volume_finds_no_capacity_stays(self):
        result = self.results(
            live('s'),
            in_use('v', 'h@b#b'),
            volumes=[attached('v', 's')],
            pools=[pool('h@a#a'), pool('h@b#b', 1.0)],
        )
        self.assertIn(
            'its volume name of v cannot move: no room', result['s'][1]
        )

    def test_volume_that_is_there_is_no_hindrance(self):
        result = self.results(
            live('s'), in_use('v', 'h@a#a'), volumes=[attached('v', 's')]
        )
        self.assertEqual('', result['s'])

    def test_volume_that_nobody_asks_for_is_no_hindrance(self):
        result = self.results(
            live('s'), volumes=[attached('v', 's', group_id='g')]
        )
        self.assertEqual({'s': ''}, result)

    def test_volume_that_cinder_moves_for_others_is_one(self):
        moving = attached('v', 's', migration_status='migrating')
        result = self.results(live('s'), volumes=[moving])
        self.assertIn('Cinder is moving volume v', result['s'][1])

    def test_volume_that_cinder_moves_for_the_plan_is_waited_for(self):
        moving = attached('v', 's', migration_status='migrating')
        result = self.results(
            live('s'), in_use('v', 'h@b#b'), volumes=[moving]
        )
        self.assertEqual('', result['s'])
        self.assertEqual(ADOPT, result['v'][0])

    def test_volume_moves_though_its_server_stays(self):
        result = results(
            [live('s'), in_use('v', 'h@b#b')],
            inventory(
                [dataclasses.replace(self.SERVER, locked=True)],
                [attached('v', 's')],
            ),
        )
        self.assertEqual(REFUSE, result['s'][0])
        self.assertEqual('h@b#b', result['v'])

    def test_migration_in_flight_goes_on_though_its_volume_stays(self):
        record = resources.Migration(
            7, 's', 'live-migration', 'running', 'c1', 'c2'
        )
        result = results(
            [live('s'), in_use('v', 'h@b#b')],
            inventory(
                [
                    dataclasses.replace(
                        self.SERVER, status='MIGRATING', task_state='migrating'
                    )
                ],
                [attached('v', 's')],
                migrations={'s': (record,)},
            ),
        )
        self.assertEqual((ADOPT, REFUSE), (result['s'][0], result['v'][0]))


class LockedTest(testtools.TestCase):
    def test_locked_server_is_refused(self):
        decision = server_evaluation.locked(server('s', locked=True))
        self.assertEqual(
            (REFUSE, 'the server is locked: unlock it, or set move_locked'),
            (decision.kind, decision.text),
        )

    def test_other_servers_are_not(self):
        self.assertIsNone(server_evaluation.locked(server('s')))


class SourceDownTest(testtools.TestCase):
    def test_server_whose_host_is_down_is_refused(self):
        decision = server_evaluation.source_down(
            server('s'), resources.ComputeHost('c1', enabled=True, up=False)
        )
        self.assertEqual(
            (
                REFUSE,
                'nova-compute on c1 is down, nothing can leave it: bring it '
                'up, or evacuate the server',
            ),
            (decision.kind, decision.text),
        )

    def test_host_that_is_only_disabled_can_be_left(self):
        self.assertIsNone(
            server_evaluation.source_down(
                server('s'),
                resources.ComputeHost('c1', enabled=False, up=True),
            )
        )

    def test_host_that_is_not_known_is_no_hindrance(self):
        self.assertIsNone(server_evaluation.source_down(server('s'), None))
