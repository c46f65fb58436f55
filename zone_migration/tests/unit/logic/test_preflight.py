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

import testtools

from zone_migration.logic import cloud
from zone_migration.logic import preflight

START = preflight.Kind.START
ADOPT = preflight.Kind.ADOPT
SKIP = preflight.Kind.SKIP
REFUSE = preflight.Kind.REFUSE

C2 = cloud.ComputeHost('c2', enabled=True, up=True)
DISABLED = cloud.ComputeHost('c2', enabled=False, up=True)
DOWN = cloud.ComputeHost('c2', enabled=True, up=False)

POOLS = (cloud.Pool('h@a#a', 100.0), cloud.Pool('h@b#b', 50.0))


def server(status='ACTIVE', host='c1', task_state=None, **more):
    return cloud.Server('s', 'name', status, host, task_state, **more)


def record(status, dest='c2', id_=7, kind='live-migration'):
    return cloud.Migration(id_, 's', kind, status, 'c1', dest)


def volume(status='available', host='h@a#a', **more):
    more.setdefault('type', 'gold')
    return cloud.Volume('v', 'data', status, host, size_gb=10, **more)


class InFlightTest(testtools.TestCase):
    def test_newest_unfinished_record_of_the_type_is_found(self):
        records = [
            record('running', id_=3),
            record('running', id_=5),
            record('completed', id_=9),
            record('migrating', id_=8, kind='migration'),
        ]
        self.assertEqual(
            5, preflight.in_flight(records, 'live-migration').id
        )

    def test_there_may_be_none(self):
        self.assertIsNone(
            preflight.in_flight([record('completed')], 'live-migration')
        )

    def test_ended_records_are_not_in_flight(self):
        for status in ('completed', 'failed', 'error', 'cancelled',
                       'finished', 'confirmed', 'reverted'):
            self.assertFalse(preflight.is_in_flight(status))

    def test_others_are_in_flight(self):
        for status in ('accepted', 'queued', 'preparing', 'running',
                       'running (post-copy)', 'pre-migrating', 'migrating',
                       'post-migrating'):
            self.assertTrue(preflight.is_in_flight(status))


class UnconfirmedTest(testtools.TestCase):
    def is_unconfirmed(self, seen, *records):
        return bool(preflight.is_unconfirmed_migration(seen, list(records)))

    def test_cold_migration_in_verify_resize_is_unconfirmed(self):
        self.assertTrue(
            self.is_unconfirmed(
                server('VERIFY_RESIZE'), record('finished', kind='migration')
            )
        )

    def test_resize_is_not(self):
        self.assertFalse(
            self.is_unconfirmed(
                server('VERIFY_RESIZE'),
                record('finished', kind='resize', id_=9),
                record('confirmed', kind='migration', id_=3),
            )
        )

    def test_server_in_another_status_is_not(self):
        self.assertFalse(
            self.is_unconfirmed(
                server('SHUTOFF'), record('confirmed', kind='migration')
            )
        )

    def test_deleted_server_is_not(self):
        self.assertFalse(
            self.is_unconfirmed(None, record('finished', kind='migration'))
        )


class LiveMigrationTest(testtools.TestCase):
    def decide(self, seen, records=(), destination=C2, **wanted):
        decision = preflight.live_migration(
            preflight.ServerMove('s', **wanted), seen, records, destination
        )
        return decision.kind, decision.text

    def test_active_server_is_started(self):
        self.assertEqual((START, ''), self.decide(server()))

    def test_paused_server_is_started(self):
        self.assertEqual((START, ''), self.decide(server('PAUSED')))

    def test_host_that_takes_servers_is_started(self):
        self.assertEqual(
            (START, ''), self.decide(server(), dst_hostname='c2')
        )

    def test_deleted_server_is_skipped(self):
        self.assertEqual(
            (SKIP, 'server s not found: deleted?'), self.decide(None)
        )

    def test_server_at_its_destination_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the server is already on c2'),
            self.decide(server(host='c2'), dst_hostname='c2'),
        )

    def test_server_in_error_at_its_destination_is_skipped_and_says_so(self):
        self.assertEqual(
            (SKIP, 'the server is already on c2 (in ERROR)'),
            self.decide(server('ERROR', host='c2'), dst_hostname='c2'),
        )

    def test_server_elsewhere_than_it_should_be_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the server is on c3, not on c1'),
            self.decide(server(host='c3'), src_hostname='c1'),
        )

    def test_server_that_has_left_since_the_plan_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the server has left c1 already, it is on c3'),
            self.decide(server(host='c3'), source='c1'),
        )

    def test_server_elsewhere_but_not_at_its_destination_is_started(self):
        self.assertEqual(
            (START, ''),
            self.decide(server(host='c3'), source='c1', dst_hostname='c2'),
        )

    def test_server_that_is_where_it_was_is_started(self):
        self.assertEqual(
            (START, ''),
            self.decide(server(), source='c1', src_hostname='c1'),
        )

    def test_stopped_server_is_refused(self):
        self.assertEqual(
            (REFUSE, 'the server is SHUTOFF on c1, not ACTIVE or PAUSED'),
            self.decide(server('SHUTOFF')),
        )

    def test_server_in_error_is_refused(self):
        self.assertEqual(REFUSE, self.decide(server('ERROR'))[0])

    def test_server_to_be_confirmed_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is in VERIFY_RESIZE on c1: confirm or revert '
                'that move first',
            ),
            self.decide(server('VERIFY_RESIZE')),
        )

    def test_busy_server_is_refused(self):
        self.assertEqual(
            (REFUSE, 'the server is busy on c1: rebooting'),
            self.decide(server(task_state='rebooting')),
        )

    def test_busy_server_at_its_destination_is_refused(self):
        self.assertEqual(
            REFUSE,
            self.decide(
                server(host='c2', task_state='rebooting'), dst_hostname='c2'
            )[0],
        )

    def test_unknown_destination_is_refused(self):
        self.assertEqual(
            (REFUSE, 'destination c2 not found: no such compute host'),
            self.decide(server(), destination=None, dst_hostname='c2'),
        )

    def test_disabled_destination_is_refused(self):
        self.assertEqual(
            (REFUSE, 'destination c2 is disabled: enable it first'),
            self.decide(server(), destination=DISABLED, dst_hostname='c2'),
        )

    def test_disabled_destination_can_be_forced(self):
        self.assertEqual(
            (START, ''),
            self.decide(
                server(), destination=DISABLED, dst_hostname='c2', force=True
            ),
        )

    def test_destination_that_is_down_cannot_even_be_forced(self):
        self.assertEqual(
            (REFUSE, 'destination c2 is down'),
            self.decide(
                server(), destination=DOWN, dst_hostname='c2', force=True
            ),
        )

    def test_destination_is_not_looked_at_when_none_is_asked_for(self):
        self.assertEqual(
            (START, ''), self.decide(server(), destination=None)
        )

    def test_migration_in_flight_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'live migration 7 is in flight already'),
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('running')],
            ),
        )

    def test_migration_in_flight_to_the_destination_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('running')],
                dst_hostname='c2',
            )[0],
        )

    def test_migration_in_flight_without_a_destination_yet_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('accepted', dest=None)],
                dst_hostname='c2',
            )[0],
        )

    def test_migration_in_flight_elsewhere_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'a live migration to c3 is in flight already, not to c2',
            ),
            self.decide(
                server('MIGRATING', task_state='migrating'),
                [record('running', dest='c3')],
                dst_hostname='c2',
            ),
        )

    def test_migration_in_flight_without_a_record_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'a live migration is in flight that Nova does not show',
            ),
            self.decide(server('MIGRATING', task_state='migrating')),
        )


class ColdMigrationTest(testtools.TestCase):
    def decide(self, seen, records=(), destination=C2, **wanted):
        decision = preflight.cold_migration(
            preflight.ServerMove('s', **wanted),
            seen,
            iter(records),
            destination,
        )
        return decision.kind, decision.text

    def test_stopped_server_is_started(self):
        self.assertEqual((START, ''), self.decide(server('SHUTOFF')))

    def test_running_server_is_started_when_nobody_believes_otherwise(self):
        self.assertEqual((START, ''), self.decide(server('ACTIVE')))

    def test_running_server_is_refused_when_believed_to_be_off(self):
        self.assertEqual(
            (REFUSE, 'the server is ACTIVE on c1, not SHUTOFF'),
            self.decide(server('ACTIVE'), status='shutoff'),
        )

    def test_stopped_server_is_refused_when_believed_to_run(self):
        self.assertEqual(
            (REFUSE, 'the server is SHUTOFF on c1, not ACTIVE'),
            self.decide(server('SHUTOFF'), status='active'),
        )

    def test_paused_server_is_refused(self):
        self.assertEqual(
            (REFUSE, 'the server is PAUSED on c1, not ACTIVE or SHUTOFF'),
            self.decide(server('PAUSED')),
        )

    def test_deleted_server_is_skipped(self):
        self.assertEqual(
            (SKIP, 'server s not found: deleted?'), self.decide(None)
        )

    def test_server_at_its_destination_is_skipped(self):
        self.assertEqual(
            SKIP,
            self.decide(server('SHUTOFF', 'c2'), dst_hostname='c2')[0],
        )

    def test_busy_server_is_refused(self):
        self.assertEqual(
            (REFUSE, 'the server is busy on c1: powering-on'),
            self.decide(server('SHUTOFF', task_state='powering-on')),
        )

    def test_bad_destination_is_refused(self):
        for destination in (None, DISABLED, DOWN):
            self.assertEqual(
                REFUSE,
                self.decide(
                    server('SHUTOFF'),
                    destination=destination,
                    dst_hostname='c2',
                )[0],
            )

    def test_migration_that_waits_for_its_confirmation_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'cold migration 7 is in flight already'),
            self.decide(
                server('VERIFY_RESIZE', 'c2'),
                [record('finished', kind='migration')],
            ),
        )

    def test_migration_in_flight_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                server('RESIZE', task_state='resize_migrating'),
                [record('migrating', kind='migration')],
                dst_hostname='c2',
            )[0],
        )

    def test_migration_that_went_elsewhere_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'a cold migration to c3 is in flight already, not to c2',
            ),
            self.decide(
                server('VERIFY_RESIZE', 'c3'),
                [record('finished', 'c3', kind='migration')],
                dst_hostname='c2',
            ),
        )

    def test_resize_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'the server is in VERIFY_RESIZE for a resize: its owner '
                'confirms or reverts it',
            ),
            self.decide(
                server('VERIFY_RESIZE'),
                [
                    record('finished', kind='resize', id_=9),
                    record('confirmed', kind='migration', id_=3),
                ],
            ),
        )

    def test_resize_without_a_record_is_refused(self):
        self.assertEqual(REFUSE, self.decide(server('RESIZE'))[0])


class VolumeMigrationTest(testtools.TestCase):
    def decide(self, seen, snapshots=0, pools=POOLS, **wanted):
        wanted.setdefault('dst_hostname', 'h@b#b')
        decision = preflight.volume_migration(
            preflight.VolumeMove('v', **wanted), seen, snapshots, iter(pools)
        )
        return decision.kind, decision.text

    def test_available_volume_is_started(self):
        self.assertEqual((START, ''), self.decide(volume()))

    def test_backend_without_a_pool_is_started(self):
        self.assertEqual(
            (START, ''), self.decide(volume(), dst_hostname='h@b')
        )

    def test_deleted_volume_is_skipped(self):
        self.assertEqual(
            (SKIP, 'volume v not found: deleted?'), self.decide(None)
        )

    def test_volume_in_its_pool_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the volume is already on h@b#b'),
            self.decide(volume(host='h@b#b')),
        )

    def test_volume_elsewhere_than_it_should_be_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the volume is on h@a#a, not on h@c#c'),
            self.decide(volume(), src_hostname='h@c#c'),
        )

    def test_volume_where_it_should_be_is_started(self):
        self.assertEqual(
            (START, ''), self.decide(volume(), src_hostname='h@a')
        )

    def test_volume_that_cinder_moves_is_adopted(self):
        for status in ('starting', 'migrating', 'completing'):
            self.assertEqual(
                (ADOPT, 'Cinder is moving the volume already'),
                self.decide(
                    volume('maintenance', migration_status=status)
                ),
            )

    def test_volume_in_use_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is in-use by s',
            ),
            self.decide(volume('in-use', server_ids=('s',))),
        )

    def test_available_volume_with_an_attachment_is_refused(self):
        self.assertEqual(
            REFUSE, self.decide(volume(server_ids=('s',)))[0]
        )

    def test_volume_in_error_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is error',
            ),
            self.decide(volume('error')),
        )

    def test_volume_with_snapshots_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume has snapshots '
                '(2), Cinder does not migrate it',
            ),
            self.decide(volume(), snapshots=2),
        )

    def test_volume_in_a_group_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for cold migration: the volume is in group '
                'g, Cinder does not migrate it',
            ),
            self.decide(volume(group_id='g')),
        )

    def test_pool_that_does_not_serve_the_type_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Volume type must be same for migrating: pool h@b#b does '
                'not exist or does not serve type gold',
            ),
            self.decide(volume(), pools=POOLS[:1]),
        )


class VolumeRetypeTest(testtools.TestCase):
    def decide(self, seen, types=('gold', 'silver'), **wanted):
        wanted.setdefault('dst_type', 'silver')
        decision = preflight.volume_retype(
            preflight.VolumeMove('v', **wanted), seen, iter(types)
        )
        return decision.kind, decision.text

    def test_available_volume_is_started(self):
        self.assertEqual((START, ''), self.decide(volume()))

    def test_deleted_volume_is_skipped(self):
        self.assertEqual(SKIP, self.decide(None)[0])

    def test_volume_of_the_type_is_skipped(self):
        self.assertEqual(
            (
                SKIP,
                'Volume type must be different for retyping: the volume has '
                'type silver already',
            ),
            self.decide(volume(type='silver')),
        )

    def test_volume_that_is_retyping_is_adopted(self):
        self.assertEqual(
            (ADOPT, 'Cinder is moving the volume already'),
            self.decide(volume('retyping')),
        )

    def test_volume_in_use_is_refused(self):
        self.assertEqual(
            REFUSE, self.decide(volume('in-use', server_ids=('s',)))[0]
        )

    def test_volume_in_a_group_is_refused(self):
        self.assertEqual(REFUSE, self.decide(volume(group_id='g'))[0])

    def test_unknown_type_is_refused(self):
        self.assertEqual(
            (REFUSE, 'volume type lead not found'),
            self.decide(volume(), dst_type='lead'),
        )


class VolumeUpdateTest(testtools.TestCase):
    ATTACHED = volume('in-use', server_ids=('s',))
    NO_SERVER = object()

    def decide(self, seen, attached_to=None, snapshots=0, pools=POOLS,
               **wanted):
        if attached_to is None:
            attached_to = server()
        decision = preflight.volume_update(
            preflight.VolumeMove('v', **wanted),
            seen,
            None if attached_to is self.NO_SERVER else attached_to,
            snapshots,
            iter(pools),
            iter(('gold', 'silver')),
        )
        return decision.kind, decision.text, decision.pool

    def test_without_a_destination_the_other_pool_is_chosen(self):
        self.assertEqual(
            (START, '', 'h@b#b'), self.decide(self.ATTACHED)
        )

    def test_the_roomiest_other_pool_is_chosen(self):
        pools = (
            cloud.Pool('h@a#a', 1000.0),
            cloud.Pool('h@b#b', 50.0),
            cloud.Pool('h@c#c', 70.0),
            cloud.Pool('h@d#d', 60.0),
        )
        self.assertEqual(
            (START, '', 'h@c#c'), self.decide(self.ATTACHED, pools=pools)
        )

    def test_pool_that_does_not_tell_its_room_has_enough(self):
        pools = (
            cloud.Pool('h@b#b', 50.0),
            cloud.Pool('h@c#c', float('inf')),
        )
        self.assertEqual(
            (START, '', 'h@c#c'), self.decide(self.ATTACHED, pools=pools)
        )

    def test_pool_with_just_enough_room_is_chosen(self):
        self.assertEqual(
            (START, '', 'h@b#b'),
            self.decide(self.ATTACHED, pools=[cloud.Pool('h@b#b', 10.0)]),
        )

    def test_no_other_pool_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'no other pool with 10 GB free serves type gold',
                '',
            ),
            self.decide(self.ATTACHED, pools=POOLS[:1]),
        )

    def test_no_other_pool_with_room_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'no other pool with 10 GB free serves type gold, 1 without '
                'room',
                '',
            ),
            self.decide(self.ATTACHED, pools=[cloud.Pool('h@b#b', 9.0)]),
        )

    def test_pool_that_is_asked_for_is_started(self):
        self.assertEqual(
            (START, '', 'h@b#b'),
            self.decide(self.ATTACHED, dst_hostname='h@b#b'),
        )

    def test_unknown_pool_is_refused(self):
        self.assertEqual(
            REFUSE, self.decide(self.ATTACHED, dst_hostname='h@z#z')[0]
        )

    def test_type_that_is_asked_for_is_started(self):
        self.assertEqual(
            (START, '', ''), self.decide(self.ATTACHED, dst_type='silver')
        )

    def test_unknown_type_is_refused(self):
        self.assertEqual(
            REFUSE, self.decide(self.ATTACHED, dst_type='lead')[0]
        )

    def test_deleted_volume_is_skipped(self):
        self.assertEqual(SKIP, self.decide(None)[0])

    def test_volume_that_has_left_since_the_plan_is_skipped(self):
        self.assertEqual(
            (SKIP, 'the volume has left h@b#b already, it is on h@a#a', ''),
            self.decide(self.ATTACHED, source='h@b#b'),
        )

    def test_volume_that_cinder_moves_is_adopted(self):
        self.assertEqual(
            ADOPT,
            self.decide(
                volume(
                    'in-use', server_ids=('s',), migration_status='migrating'
                )
            )[0],
        )

    def test_volume_of_two_servers_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: the volume is attached '
                'to 2 servers, Nova swaps those of one only',
                '',
            ),
            self.decide(volume('in-use', server_ids=('s', 't'))),
        )

    def test_detached_volume_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: the volume is available',
                '',
            ),
            self.decide(volume(), attached_to=self.NO_SERVER),
        )

    def test_volume_whose_server_is_gone_is_refused(self):
        self.assertEqual(
            REFUSE,
            self.decide(self.ATTACHED, attached_to=self.NO_SERVER)[0],
        )

    def test_volume_with_snapshots_is_not_migrated(self):
        self.assertEqual(
            REFUSE, self.decide(self.ATTACHED, snapshots=1)[0]
        )

    def test_volume_with_snapshots_may_be_retyped(self):
        self.assertEqual(
            START,
            self.decide(self.ATTACHED, snapshots=1, dst_type='silver')[0],
        )

    def test_servers_under_which_nova_swaps_are_started(self):
        for status in ('ACTIVE', 'PAUSED', 'VERIFY_RESIZE'):
            self.assertEqual(
                START,
                self.decide(self.ATTACHED, attached_to=server(status))[0],
            )

    def test_stopped_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: server s is SHUTOFF, '
                'not ACTIVE, PAUSED or VERIFY_RESIZE',
                '',
            ),
            self.decide(self.ATTACHED, attached_to=server('SHUTOFF')),
        )

    def test_server_on_the_move_is_refused(self):
        for status in ('MIGRATING', 'RESIZE'):
            self.assertEqual(
                REFUSE,
                self.decide(self.ATTACHED, attached_to=server(status))[0],
            )

    def test_busy_server_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'Invalid state for swapping volume: server s is busy, '
                'migrating',
                '',
            ),
            self.decide(
                self.ATTACHED, attached_to=server(task_state='migrating')
            ),
        )
