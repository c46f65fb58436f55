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
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import evaluation
from zone_migration.tests.unit.logic.builders import attached
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import in_use
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import pool
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server
from zone_migration.tests.unit.logic.builders import volume

START = decisions.Kind.START
ADOPT = decisions.Kind.ADOPT
SKIP = decisions.Kind.SKIP
REFUSE = decisions.Kind.REFUSE


def ids(found):
    return [result.item.id for result in found.results]


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
            (live('s'), 'SHELVED', 'unshelve it first'),
            (live('s'), 'RESCUE', 'unrescue it first'),
            (live('s'), 'VERIFY_RESIZE', 'confirm or revert that move first'),
            (cold('s'), 'VERIFY_RESIZE', 'its owner confirms or reverts it'),
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
                'as shutoff',
            ),
            self.result(live('s'), server('s'), devices={'s': 'vGPU'}),
        )

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


class VolumeTest(testtools.TestCase):
    def result(self, item, seen=None, servers=(), **more):
        volumes = [seen] if seen else []
        return results([item], inventory(servers, volumes, **more))['v']

    def test_volume_that_can_be_moved_will_be(self):
        self.assertEqual(
            'h@b#b', self.result(available('v', 'h@b#b'), volume('v'))
        )
        self.assertEqual(
            'h@b#b',
            self.result(
                in_use('v', 'h@b#b'), attached('v', 's'), [server('s')]
            ),
        )

    def test_unknown_id_is_refused(self):
        self.assertEqual(
            (REFUSE, 'volume v not found: deleted?'),
            self.result(available('v', 'h@b#b')),
        )

    def test_what_keeps_cinder_from_migrating_it_is_refused(self):
        for seen, more, reason in (
            (volume('v', status='error'), {}, 'the volume is error'),
            (volume('v'), {'snapshots': {'v': 2}}, 'has snapshots (2)'),
            (volume('v', group_id='g'), {}, 'is in group g'),
            (volume('v', replicated=True), {}, 'is replicated'),
            (attached('v', 's'), {}, 'ask for it as in-use'),
        ):
            kind, text = self.result(available('v', 'h@b#b'), seen, **more)
            self.assertEqual(REFUSE, kind)
            self.assertIn(reason, text)

    def test_what_keeps_nova_from_swapping_it_is_refused(self):
        for seen, status, reason in (
            (attached('v', 's', 't'), 'ACTIVE', 'is attached to 2 servers'),
            (attached('v', 's'), 'SHUTOFF', 'server s is SHUTOFF'),
            (attached('v', 's'), 'MIGRATING', 'server s is MIGRATING'),
            (volume('v'), 'ACTIVE', 'ask for it as available'),
        ):
            kind, text = self.result(
                in_use('v', 'h@b#b'), seen, [server('s', status=status)]
            )
            self.assertEqual(REFUSE, kind)
            self.assertIn(reason, text)

    def test_multiattach_volume_of_one_server_is_moved(self):
        self.assertEqual(
            'h@b#b',
            self.result(
                in_use('v', 'h@b#b'),
                attached('v', 's', multiattach=True),
                [server('s')],
            ),
        )

    def test_luks_of_an_attached_volume_is_refused(self):
        luks = [
            resources.VolumeType('gold', 'luks'),
            resources.VolumeType('silver', ''),
        ]
        self.assertIn(
            'encryption provider luks, which type gold has',
            self.result(
                in_use('v', 'h@b#b'),
                attached('v', 's', encrypted=True),
                [server('s')],
                volume_types=luks,
            )[1],
        )
        self.assertEqual(
            'h@b#b',
            self.result(
                available('v', 'h@b#b'),
                volume('v', encrypted=True),
                volume_types=luks,
            ),
        )
        self.assertIn(
            'encryption provider luks, which type gold has',
            self.result(
                in_use('v', dst_type='gold'),
                attached('v', 's', type='silver'),
                [server('s')],
                volume_types=luks,
            )[1],
        )

    def test_server_that_nobody_looked_at_is_no_hindrance(self):
        self.assertEqual(
            'h@b#b', self.result(in_use('v', 'h@b#b'), attached('v', 's'))
        )

    def test_volume_in_its_pool_is_there(self):
        self.assertEqual(
            (SKIP, 'the volume is already on h@a#a'),
            self.result(available('v', 'h@a#a'), volume('v')),
        )

    def test_volume_of_its_type_is_there(self):
        self.assertEqual(
            SKIP, self.result(available('v', dst_type='gold'), volume('v'))[0]
        )

    def test_volume_that_cinder_moves_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'Cinder is moving the volume already'),
            self.result(
                available('v', 'h@b#b'),
                volume('v', migration_status='migrating'),
            ),
        )

    def test_type_that_does_not_suit_a_volume_on_its_way_is_refused(self):
        moving = volume('v', migration_status='migrating', encrypted=True)
        found = self.result(available('v', dst_type='silver'), moving)
        self.assertEqual(REFUSE, found[0])
        self.assertIn('would not be any more', found[1])


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
            f'its volume v cannot move: {result["v"][1]}', result['s'][1]
        )

    def test_server_whose_volume_finds_no_room_stays(self):
        result = self.results(
            live('s'),
            in_use('v', 'h@b#b'),
            volumes=[attached('v', 's')],
            pools=[pool('h@a#a'), pool('h@b#b', 1.0)],
        )
        self.assertIn('its volume v cannot move: no room', result['s'][1])

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


class OrderTest(testtools.TestCase):
    def test_order_is_that_of_the_request_with_equal_ranks(self):
        found = report(
            [live('t'), live('s'), available('v', 'h@b#b')],
            inventory([server('s'), server('t')], [volume('v')]),
        )
        self.assertEqual(['t', 's', 'v'], ids(found))
        self.assertEqual({0}, {result.rank for result in found.results})

    def test_what_cannot_move_keeps_its_place(self):
        found = report(
            [live('s'), live('gone'), live('t')],
            inventory([server('s'), server('t')]),
        )
        self.assertEqual(['s', 'gone', 't'], ids(found))

    def test_server_comes_behind_its_volumes(self):
        seen = inventory(
            [server('s'), server('t')],
            [volume('u'), attached('v', 's'), volume('w')],
        )
        items = [
            live('s'),
            live('t'),
            *(available(id_, 'h@b#b') for id_ in 'uw'),
        ]
        items.insert(3, in_use('v', 'h@b#b'))
        self.assertEqual(['t', 'u', 'v', 's', 'w'], ids(report(items, seen)))

    def test_priority_gives_order_and_ranks(self):
        found = report(
            [live('small'), live('large'), available('v', 'h@b#b')],
            inventory(
                [server('small'), server('large', memory_mb=9999)],
                [volume('v')],
            ),
            priority=params.Priority(compute=('mem_size',)),
        )
        self.assertEqual(
            [('large', 0), ('v', 0), ('small', 1)],
            [(result.item.id, result.rank) for result in found.results],
        )

    def test_with_attached_volume_a_server_follows_its_volumes(self):
        seen = inventory(
            [server('s'), server('t')],
            [
                attached('v', 's', size_gb=9),
                attached('w', 's', size_gb=8),
                volume('x', size_gb=7),
            ],
        )
        found = report(
            [
                live('t'),
                live('s'),
                in_use('v', 'h@b#b'),
                in_use('w', 'h@b#b'),
                available('x', 'h@b#b'),
            ],
            seen,
            with_attached_volume=True,
            priority=params.Priority(storage=('size',)),
        )
        self.assertEqual(['t', 'v', 'w', 's', 'x'], ids(found))
        rank = {result.item.id: result.rank for result in found.results}
        self.assertLess(rank['v'], rank['w'])
        # When w has ended, it is before all that waits, even equals of w.
        self.assertLess(rank['v'], rank['s'])
        self.assertLess(rank['s'], rank['w'])
        self.assertLess(rank['s'], rank['x'])

    def test_with_attached_volume_draws_a_server_of_a_higher_rank(self):
        seen = inventory(
            [
                server('small', memory_mb=1),
                server('t', memory_mb=3),
                server('u', memory_mb=2),
            ],
            [attached('v', 'small')],
        )
        items = [live(n) for n in ('small', 't', 'u')] + [in_use('v')]
        by_memory = params.Priority(compute=('mem_size',))
        for together, order in (
            (False, ['t', 'v', 'u', 'small']),
            (True, ['t', 'v', 'small', 'u']),
        ):
            found = report(
                items,
                seen,
                with_attached_volume=together,
                priority=by_memory,
            )
            self.assertEqual(order, ids(found))

    def test_with_attached_volume_alone_all_others_are_equal(self):
        found = report(
            [live('s'), live('t'), in_use('v', 'h@b#b')],
            inventory([server('s'), server('t')], [attached('v', 's')]),
            with_attached_volume=True,
        )
        self.assertEqual(
            [('t', 1), ('v', 1), ('s', 0)],
            [(result.item.id, result.rank) for result in found.results],
        )

    def test_volume_that_stays_does_not_draw_its_server(self):
        found = report(
            [live('s'), in_use('v', 'h@a#a')],
            inventory([server('s')], [attached('v', 's')]),
            with_attached_volume=True,
        )
        self.assertEqual(['s', 'v'], ids(found))
        self.assertEqual({0}, {result.rank for result in found.results})


class CapTest(testtools.TestCase):
    def test_cap_keeps_the_first_and_tells_how_many_are_left_out(self):
        found = report(
            [live(id_) for id_ in 'stu'],
            inventory([server(id_) for id_ in 'stu']),
            max_items=2,
        )
        self.assertEqual(['s', 't'], ids(found))
        self.assertEqual(1, found.left_out)

    def test_cap_that_is_not_reached_leaves_nothing_out(self):
        for most in (0, 2, 3):
            found = report(
                [live('s'), live('t')],
                inventory([server('s'), server('t')]),
                max_items=most,
            )
            self.assertEqual((['s', 't'], 0), (ids(found), found.left_out))

    def test_what_does_not_move_does_not_count(self):
        found = report(
            [live('gone'), live('s', 'c1'), live('t')],
            inventory([server('s'), server('t')]),
            max_items=1,
        )
        self.assertEqual({'gone', 's', 't'}, set(ids(found)))
        self.assertEqual(0, found.left_out)

    def test_what_is_in_flight_counts(self):
        found = report(
            [available('v', 'h@b#b'), available('w', 'h@b#b')],
            inventory(
                (), [volume('v', migration_status='migrating'), volume('w')]
            ),
            max_items=1,
        )
        self.assertEqual((['v'], 1), (ids(found), found.left_out))

    def test_server_is_not_kept_without_its_volumes(self):
        seen = inventory([server('s')], [attached('v', 's')])
        items = [live('s'), in_use('v', 'h@b#b')]
        found = report(items, seen, max_items=1)
        self.assertEqual((['v'], 1), (ids(found), found.left_out))

    def test_cap_keeps_the_first_by_priority(self):
        found = report(
            [live('s'), live('t')],
            inventory([server('s'), server('t', memory_mb=9999)]),
            max_items=1,
            priority=params.Priority(compute=('mem_size',)),
        )
        self.assertEqual(['t'], ids(found))

    def test_what_is_left_out_makes_no_room(self):
        seen = inventory(
            [server('s', 'c1'), server('t', 'c2')],
            rooms={'c2': resources.Room(0, 0, 0), 'c3': resources.Room()},
        )
        items = [live('s', 'c2'), live('t', 'c3')]
        self.assertEqual({'s': 'c2', 't': 'c3'}, results(items, seen))
        # The next audit finds the room that t has made.
        found = report(items, seen, max_items=1)
        self.assertEqual((['t'], 1), (ids(found), found.left_out))

    def test_what_was_given_up_is_kept_with_what_makes_room_for_it(self):
        seen = inventory(
            [
                server('s', 'c1'),
                server('t', 'c1', memory_mb=512),
                server('u', 'c2', memory_mb=2048),
            ],
            rooms={'c2': resources.Room(0, 0, 0), 'c3': resources.Room()},
        )
        items = [live('s', 'c2'), live('t', 'c2'), live('u', 'c3')]
        found = report(items, seen, max_items=2)
        self.assertEqual((['s', 'u'], 1), (sorted(ids(found)), found.left_out))
        self.assertEqual(2, found.to_move)

    def test_server_gives_its_place_up_when_its_volume_does(self):
        seen = inventory(
            [server('s', 'c2'), server('t', 'c1')],
            [attached('v', 's')],
            rooms={'c2': resources.Room(0, 0, 0), 'c3': resources.Room()},
        )
        items = [live('s', 'c3'), live('t', 'c2'), in_use('v', 'h@b#b')]
        for most, kept in ((1, ['v']), (2, ['s', 'v'])):
            found = report(items, seen, max_items=most)
            self.assertEqual(kept, sorted(ids(found)))
            self.assertEqual(most, found.to_move)


class RiskTest(testtools.TestCase):
    def risks(self, items, seen, **more):
        return report(items, seen, **more).risks

    def test_scheduler_may_choose_a_host_that_is_being_emptied(self):
        self.assertEqual(
            (
                'Nova may choose a host that is being emptied for 2 servers: '
                'set disable_compute_nodes, or name destinations',
            ),
            self.risks(
                [live('s'), live('t'), live('u', 'c3')],
                inventory([server(id_) for id_ in 'stu']),
                emptied=('c1',),
            ),
        )

    def test_not_when_they_are_disabled_or_named_or_none_is_emptied(self):
        seen = inventory([server('s')])
        for item, more in (
            (live('s'), {}),
            (live('s', 'c2'), {'emptied': ('c1',)}),
            (live('s', 'c2', 'c3'), {'emptied': ('c1',)}),
            (
                live('s'),
                {'emptied': ('c1',), 'disable_compute_nodes': True},
            ),
        ):
            self.assertEqual((), self.risks([item], seen, **more))

    def test_not_when_somebody_has_disabled_them_before(self):
        seen = inventory(
            [server('s')], hosts=[host('c1', enabled=False), host('c2')]
        )
        self.assertEqual((), self.risks([live('s')], seen, emptied=('c1',)))

    def test_what_arrives_where_others_leave_stays_there(self):
        self.assertEqual(
            (
                '2 servers will go to hosts that are being emptied, and stay '
                'there: name other destinations',
                '1 volume will go to pools that are being emptied, and stay '
                'there: name other destinations',
            ),
            self.risks(
                [
                    live('s', 'c2'),
                    live('t', 'c1'),
                    live('u', 'c3'),
                    available('v', 'h@b#b'),
                ],
                inventory(
                    [server('s'), server('t', 'c2'), server('u', 'c2')],
                    [volume('v')],
                ),
                emptied=('c1', 'c2'),
                emptied_pools=('h@a#a', 'h@b#b'),
            ),
        )

    def test_what_is_not_shown_may_be_there(self):
        seen = inventory(
            [server('s'), *(server(i, None, 'UNKNOWN') for i in 'tu')],
            [volume('v'), volume('w', None, 'unknown'), volume('x', None)],
        )
        self.assertEqual(
            (
                'Nova does not tell where 2 servers may be, t and 1 more: '
                'repeat the audit when it does',
                'Cinder does not tell where 1 volume may be, w: repeat the '
                'audit when it does',
            ),
            self.risks(
                [live('s', 'c3'), available('v', 'h@b#b')],
                seen,
                emptied=('c1',),
                emptied_pools=('h@a#a',),
            ),
        )
        self.assertEqual((), self.risks([live('s', 'c3')], seen))

    def test_volume_that_arrives_where_only_another_type_leaves(self):
        seen = inventory(
            (), [volume('v'), volume('w', 'h@b#b', type='silver')]
        )
        for leaving, count in (('silver', 0), ('gold', 1), ('', 1)):
            selected = selection.Selection(
                volumes=(available('v', 'h@b#b'),),
                pools=frozenset({'h@a#a', 'h@b#b'}),
                leaving=frozenset({('h@a#a', ''), ('h@b#b', leaving)}),
            )
            found = evaluation.evaluate(params.Request(), selected, seen)
            self.assertEqual(count, len(found.risks), leaving)

    def test_retype_of_a_volume_with_snapshots_may_be_dropped(self):
        seen = inventory(
            (),
            [volume('v')],
            pools=[pool('h@a#a', types=('gold', 'silver'))],
            snapshots={'v': 1},
        )
        (risk,) = self.risks([available('v', dst_type='silver')], seen)
        self.assertIn('may drop the retype of 1 volume with snapshots', risk)

    RETYPED = inventory(
        (),
        [volume('v'), volume('w'), volume('x', 'h@b#b', type='silver')],
        pools=[
            pool('h@a#a'),
            pool('h@b#b', types=('silver',)),
            pool('h@c#c', types=('silver',)),
        ],
    )

    def test_retype_may_go_to_a_pool_that_is_being_emptied(self):
        self.assertEqual(
            (
                'Cinder may choose a pool that is being emptied for 2 '
                'volumes with a new type: change their type with a later '
                'audit',
            ),
            self.risks(
                [
                    available('v', dst_type='silver'),
                    available('w', dst_type='silver'),
                    available('x', 'h@c#c'),
                ],
                self.RETYPED,
                emptied_pools=('h@b#b',),
            ),
        )

    def test_not_where_cinder_cannot_choose_it(self):
        own = [
            pool('h@a#a', types=('gold', 'silver')),
            pool('h@b#b', types=('silver',)),
        ]
        elsewhere = [
            pool('h@a#a'),
            pool('h@b#b', types=('silver',), zone='z2'),
            pool('h@c#c', types=('silver',), zone='z1'),
        ]
        for pools, emptied in (
            (own, 'h@b#b'),
            (elsewhere, 'h@b#b'),
            (elsewhere, 'h@d#d'),
        ):
            self.assertEqual(
                (),
                self.risks(
                    [available('v', dst_type='silver')],
                    inventory((), [volume('v', zone='z1')], pools=pools),
                    emptied_pools=(emptied,),
                ),
            )

    def test_retype_may_leave_a_volume_in_the_pool_to_be_emptied(self):
        both = [pool('h@a#a', types=('gold', 'silver'))]
        other = [pool('h@b#b', types=('silver',))]
        item = available('v', dst_type='silver', selector='storage_pools.0')
        seen = inventory((), [volume('v')], pools=both)
        (risk,) = self.risks([item], seen)
        self.assertIn('1 volume may stay in the pool', risk)
        self.assertEqual(
            (), self.risks([item], inventory((), [volume('v')], pools=other))
        )

    def test_hints_that_destinations_go_against_are_told(self):
        asked = {'different_host': ('t',), 'query': ('[]',)}
        seen = inventory(
            [
                server('s', hints=asked),
                server('u', hints={'same_host': ('gone',)}),
                server('t', 'c2'),
            ]
        )
        (risk,) = self.risks([live('s', 'c2'), live('u', 'c3')], seen)
        self.assertEqual(
            'Nova may refuse 2 servers for their scheduler hints '
            '(different_host, query, same_host), if its filters for them are '
            'enabled: name other destinations',
            risk,
        )

    def test_what_only_some_hosts_offer_is_told(self):
        seen = inventory(
            [
                server(
                    's',
                    status='SHUTOFF',
                    image_properties={'hw_mem_encryption': 'True'},
                ),
                server('t', extra_specs={'hw:tpm_version': '2.0'}),
                server('u'),
            ]
        )
        items = [cold('s', 'c2'), live('t', 'c2'), live('u', 'c2')]
        self.assertEqual(
            (
                'Nova moves 2 servers only to hosts that offer what they have '
                '(a vTPM, encrypted memory), which is not checked: name such '
                'hosts',
            ),
            self.risks(items, seen),
        )

    def test_hints_of_servers_that_stay_are_no_risk(self):
        asked = {'different_host': ('t',)}
        seen = inventory(
            [server('s', hints=asked, locked=True), server('t', 'c2')]
        )
        self.assertEqual((), self.risks([live('s', 'c2')], seen))

    def test_hosts_that_are_emptied_are_no_choice_for_hints(self):
        seen = inventory(
            [server('s', hints={'same_host': ('t',)}), server('t', 'c2')]
        )
        for emptied, count in ((('c1',), 0), (('c1', 'c2'), 1)):
            self.assertEqual(
                count,
                len(
                    self.risks(
                        [live('s')],
                        seen,
                        emptied=emptied,
                        disable_compute_nodes=True,
                    )
                ),
            )

    def test_adopted_migration_to_a_host_that_is_emptied(self):
        seen = inventory(
            [server('s', status='MIGRATING', task_state='migrating')],
            migrations={
                's': (
                    resources.Migration(
                        7, 's', 'live-migration', 'running', 'c1', 'c2'
                    ),
                )
            },
        )
        self.assertEqual(
            (
                '1 server will go to hosts that are being emptied, and stay '
                'there: name other destinations',
            ),
            self.risks([live('s')], seen, emptied=('c1', 'c2')),
        )
        self.assertEqual((), self.risks([live('s')], seen, emptied=('c1',)))

    def test_excluded_id_that_nothing_has(self):
        for gone, text in (
            (
                ('id-1',),
                'exclude: nothing has the id id-1: it is deleted, or misspelt',
            ),
            (
                ('id-1', 'id-2', 'id-3'),
                'exclude: nothing has the id id-1 (nor 2 more): it is '
                'deleted, or misspelt',
            ),
        ):
            found = evaluation.evaluate(
                params.Request(), selection.Selection(gone=gone), inventory()
            )
            self.assertEqual((text,), found.risks)


class ReasonTest(testtools.TestCase):
    def test_reasons_with_real_ids_fit(self):
        id_ = 'b2f5a3de-8a43-4c1a-9d0e-5f8c6b7a1234'
        place = 'block-storage-07@ceph-ssd#pool-of-ssds'
        seen = inventory(
            [server(id_, status='SHELVED_OFFLOADED')],
            [
                attached(id_, id_),
                volume('snapshots'),
                volume('group', group_id=id_),
                volume('full', size_gb=10000),
            ],
            pools=[pool('h@a#a'), pool(place, 9.0)],
            snapshots={'snapshots': 12},
        )
        items = [
            in_use(id_, place),
            *(available(n, place) for n in ('snapshots', 'group', 'full')),
        ]
        for kind, text in results(items, seen).values():
            self.assertEqual(REFUSE, kind)
            self.assertLessEqual(len(text), 200, text)


class ScaleTest(testtools.TestCase):
    def looks(self, count):
        """How often a host is looked at, for so many servers of 20."""
        looked = 0

        class Hosts(dict):
            def get(self, *key):
                nonlocal looked
                looked += 1
                return super().get(*key)

        hosts = {f'c{n}': host(f'c{n}') for n in range(40)}
        servers = [
            server(str(n), f'c{n % 20}', vcpus=1, project_id=str(n % 7))
            for n in range(count)
        ]
        seen = dataclasses.replace(
            inventory(
                servers,
                [attached(f'v{n}', str(n)) for n in range(count // 2)],
                pools=[pool('h@a#a'), pool('h@b#b', 10.0 * count)],
                rooms={
                    f'c{n}': resources.Room(memory_mb=1024.0 * count / 10)
                    for n in range(20, 40)
                },
                groups=[
                    resources.ServerGroup(
                        str(n), 'g', 'anti-affinity', (str(n), str(n + 1))
                    )
                    for n in range(0, count, 10)
                ],
            ),
            hosts=Hosts(hosts),
        )
        found = report(
            [
                *(
                    live(str(n), *(f'c{m}' for m in range(20, 40)))
                    for n in range(count)
                ),
                *(in_use(f'v{n}', 'h@b#b') for n in range(count // 2)),
            ],
            seen,
            emptied=[f'c{n}' for n in range(20)],
            with_attached_volume=True,
            priority=params.Priority(
                project=('3',), compute=('mem_size',), storage=('size',)
            ),
        )
        self.assertEqual(count + count // 2, len(found.results))
        self.assertEqual(
            {START}, {result.decision.kind for result in found.results}
        )
        return looked

    def test_cost_grows_with_the_number_of_servers(self):
        few, many = self.looks(500), self.looks(5000)
        self.assertLess(0, few)
        self.assertLessEqual(many, 11 * few)
