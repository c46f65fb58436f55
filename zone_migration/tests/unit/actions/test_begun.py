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

"""Moves that an applier had begun which was stopped meanwhile."""

import dataclasses

from zone_migration import exception
from zone_migration.actions import cold_migration
from zone_migration.actions import live_migration
from zone_migration.actions import volume_migration
from zone_migration.actions import volume_retype
from zone_migration.actions import volume_update
from zone_migration.tests.unit.actions import fakes

server = fakes.server
volume = fakes.volume

BEGUN_AT = '2026-11-28 03:14:05'
BEFORE = '2026-11-28T03:14:04.999999'
SAME_SECOND = '2026-11-28T03:14:05.000000'
AFTER = '2026-11-28T03:14:06.123456'


class BegunTestCase(fakes.ActionTestCase):
    def make(self, **parameters):
        action = super().make(**parameters)
        action.begun_at = BEGUN_AT
        return action

    def started(self, **parameters):
        action = self.make(**parameters)
        action.pre_condition()
        return action

    def assert_fails_without_a_word(self, text, action):
        """It ends with this, and nothing was asked for."""
        self.assert_fails(exception.MoveFailed, text, action.execute)
        self.assert_asked_nothing()

    def assert_asked_nothing(self):
        self.assertEqual([], self.nova.requests + self.cinder.requests)


class MayHaveBegunTest(fakes.ActionTestCase):
    """Nobody can tell any more whether it has begun."""

    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'dst_hostname': 'c2',
        'status': 'active',
    }

    def make(self, **parameters):
        action = super().make(**parameters)
        action.may_have_begun = True
        return action

    def test_server_that_has_arrived_was_migrated(self):
        self.nova.show((0, (server(host='c2'), [])))
        self.assertRaises(exception.HasArrived, self.make().pre_condition)

    def test_server_that_is_somewhere_else_was_not(self):
        self.nova.show((0, (server(host='c3'), [])))
        self.assertRaises(
            exception.NothingToMove,
            self.make(src_hostname='c1').pre_condition,
        )

    def test_server_that_is_gone_was_not(self):
        self.nova.show((0, (None, [])))
        self.assertRaises(exception.NothingToMove, self.make().pre_condition)


class LiveMigrationTest(BegunTestCase):
    ACTION = live_migration.LiveMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'status': 'active',
    }
    KIND = 'live-migration'

    def record(self, status, created_at=AFTER, **more):
        return dataclasses.replace(
            fakes.record(status, kind=self.KIND, **more),
            created_at=created_at,
        )

    def show(self, server, *records):
        self.nova.show((0, (server, list(records))))

    def test_server_that_has_arrived_was_migrated(self):
        self.show(server(host='c2'), self.record('completed'))
        for parameters in ({}, {'dst_hostname': 'c2'}, {'source': ''}):
            self.run_action(**parameters)
            self.assertEqual('migrated from c1 to c2', self.said[-1])
        self.assert_asked_nothing()

    def test_migration_that_began_in_the_same_second_is_this_one(self):
        self.show(server(host='c2'), self.record('completed', SAME_SECOND))
        self.run_action(dst_hostname='c2')
        self.assert_asked_nothing()

    def test_failed_one_of_an_earlier_attempt_is_not_this_one(self):
        self.show(server(), self.record('error', SAME_SECOND))
        action = self.make()
        action.is_repeated = True
        action.pre_condition()
        self.assertFalse(action.is_under_way)
        self.show(server(host='c2'), self.record('completed'))
        action = self.make()
        action.is_repeated = True
        action.pre_condition()
        self.assertTrue(action.is_under_way)

    def test_server_that_nova_has_sent_elsewhere_has_failed(self):
        # Somebody else has begun that one.
        self.show(server(host='c3'), self.record('completed', dest='c3'))
        action = self.started(dst_hostname='c2')
        action.execute()
        self.assert_fails(
            exception.MoveFailed,
            'the server is ACTIVE on c3 again',
            action.post_condition,
        )

    def test_migration_that_has_failed_is_failed(self):
        self.show(server(), self.record('failed'))
        self.nova.error = 'no room on c2'
        self.assert_fails_without_a_word(
            'no room on c2; live migration failed; the server is ACTIVE on c1',
            self.started(),
        )

    def test_migration_that_found_no_host_may_be_tried_again(self):
        self.show(server(), self.record('error', dest=None))
        self.nova.error = 'No valid host was found.'
        self.assertRaises(exception.NoValidHost, self.started().execute)

    def test_migration_in_flight_is_seen_through(self):
        moving = server('MIGRATING', task_state='migrating')
        self.nova.show(
            (0, (moving, [self.record('running')])),
            (3, (server(host='c2'), [self.record('completed')])),
        )
        self.run_action()
        self.assertEqual(3, self.time.now)
        self.assert_asked_nothing()

    def test_migration_in_flight_can_be_aborted(self):
        moving = server('MIGRATING', task_state='migrating')
        self.show(moving, self.record('running'))
        self.nova.after['abort'] = (
            (0, (server(), [self.record('cancelled')])),
        )
        action = self.started()
        self.abort_at(action, 5)
        self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertEqual([('abort', 7)], self.nova.requests)

    def test_only_what_was_begun_has_to_be_executed_to_be_ended(self):
        moving = server('MIGRATING', task_state='migrating')
        for is_begun, shown in (
            (True, (moving, self.record('running'))),
            (True, (server(host='c2'), self.record('completed'))),
            (False, (server(),)),
        ):
            self.show(*shown)
            self.assertEqual(is_begun, self.started().is_under_way, shown)

    def test_migration_that_was_never_asked_for_is_asked_for(self):
        self.show(server())
        self.nova.after['live_migrate'] = (
            (0, (server(host='c2'), [self.record('completed')])),
        )
        self.run_action()
        self.assertEqual([('live_migrate', None, False)], self.nova.requests)

    def test_record_of_an_earlier_migration_is_not_of_this_one(self):
        old = self.record('completed', BEFORE, id_=3)
        self.show(server(), old)
        self.nova.after['live_migrate'] = (
            (0, (server(host='c2'), [self.record('completed'), old])),
        )
        self.run_action()
        self.assertEqual([('live_migrate', None, False)], self.nova.requests)

    def test_server_that_has_arrived_was_migrated_whatever_nova_s_clock(self):
        self.show(server(host='c2'), self.record('completed', BEFORE))
        self.run_action(dst_hostname='c2')
        self.assert_asked_nothing()

    def test_server_that_was_deleted_is_told(self):
        self.show(None)
        self.assert_fails(
            exception.NothingToMove,
            f'server {fakes.SERVER_ID} not found: deleted?',
            self.make().pre_condition,
        )

    def test_server_that_was_stopped_since_was_migrated_all_the_same(self):
        self.show(server('SHUTOFF', 'c2'), self.record('completed'))
        self.run_action()
        self.assert_asked_nothing()

    def test_server_goes_back_to_where_it_was(self):
        self.show(server(host='c2'), self.record('completed'))
        action = self.run_action(source='')
        self.nova.after['live_migrate'] = (
            (0, (server(), [self.record('completed', dest='c1', id_=8)])),
        )
        action.revert()
        self.assertEqual([('live_migrate', 'c1', False)], self.nova.requests)


class ColdMigrationTest(BegunTestCase):
    ACTION = cold_migration.ColdMigrationAction
    PARAMETERS = {
        'resource_id': fakes.SERVER_ID,
        'source': 'c1',
        'status': 'shutoff',
    }

    def record(self, status, created_at=AFTER, **more):
        return dataclasses.replace(
            fakes.record(status, kind='migration', **more),
            created_at=created_at,
        )

    def show(self, server, *records):
        self.nova.show((0, (server, list(records))))

    def test_server_that_somebody_has_confirmed_was_migrated(self):
        self.show(server('SHUTOFF', 'c2'), self.record('confirmed'))
        for parameters in ({}, {'dst_hostname': 'c2'}, {'source': ''}):
            self.run_action(**parameters)
            self.assertEqual('migrated from c1 to c2', self.said[-1])
        self.assert_asked_nothing()

    def test_server_that_waits_for_its_confirmation_is_confirmed(self):
        moved = server('VERIFY_RESIZE', 'c2', power_state=4)
        self.show(moved, self.record('finished'))
        self.nova.after['confirm'] = (
            (0, (server('SHUTOFF', 'c2'), [self.record('confirmed')])),
        )
        self.run_action()
        self.assertEqual([('confirm',)], self.nova.requests)

    def test_migration_in_flight_is_seen_through(self):
        moving = server('RESIZE', task_state='resize_migrating', power_state=4)
        moved = server('VERIFY_RESIZE', 'c2', power_state=4)
        self.nova.show(
            (0, (moving, [self.record('migrating')])),
            (3, (moved, [self.record('finished')])),
        )
        self.nova.after['confirm'] = (
            (0, (server('SHUTOFF', 'c2'), [self.record('confirmed')])),
        )
        self.run_action()
        self.assertEqual([('confirm',)], self.nova.requests)

    def test_migration_that_has_failed_is_failed(self):
        self.show(server('SHUTOFF'), self.record('error'))
        self.assert_fails_without_a_word(
            'cold migration error; the server is SHUTOFF on c1',
            self.started(),
        )

    def test_migration_that_somebody_has_reverted_is_failed(self):
        self.show(server('SHUTOFF'), self.record('reverted'))
        self.assert_fails_without_a_word(
            'cold migration reverted; the server is SHUTOFF on c1',
            self.started(),
        )

    def test_migration_that_was_never_asked_for_is_asked_for(self):
        old = self.record('confirmed', BEFORE, id_=3)
        self.show(server('SHUTOFF'), old)
        self.nova.after['migrate'] = (
            (
                0,
                (server('SHUTOFF', 'c2'), [self.record('confirmed'), old]),
            ),
        )
        self.run_action()
        self.assertEqual([('migrate', None)], self.nova.requests)

    def test_server_that_was_migrated_live_since_was_not_moved_by_this(self):
        self.show(
            server('SHUTOFF', 'c2'),
            dataclasses.replace(
                fakes.record('completed', id_=9), created_at=AFTER
            ),
            self.record('confirmed'),
        )
        self.assertRaises(
            exception.NothingToMove,
            self.make(dst_hostname='c2').pre_condition,
        )

    def test_server_that_was_deleted_is_told(self):
        self.show(None)
        self.assertRaises(exception.NothingToMove, self.make().pre_condition)


class VolumeMigrationTest(BegunTestCase):
    ACTION = volume_migration.VolumeMigrationAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID,
        'source': 'h@a#a',
        'source_type': 'gold',
        'dst_hostname': 'h@b#b',
        'status': 'available',
    }

    def test_volume_that_has_arrived_was_migrated(self):
        for migration_status in ('success', None):
            self.cinder.show(
                (0, volume(host='h@b#b', migration_status=migration_status))
            )
            self.run_action()
            self.assertEqual(
                'migrated from h@a#a to h@b#b',
                self.said[-1],
                migration_status,
            )
        self.assert_asked_nothing()

    def test_volume_that_was_attached_since_was_migrated(self):
        self.cinder.show(
            (
                0,
                volume(
                    'in-use',
                    'h@b#b',
                    'success',
                    server_ids=(fakes.SERVER_ID,),
                ),
            )
        )
        self.run_action()
        self.assert_asked_nothing()

    def test_migration_in_flight_is_seen_through(self):
        self.cinder.show(
            (0, volume('maintenance', migration_status='migrating')),
            (3, volume(host='h@b#b', migration_status='success')),
        )
        self.run_action()
        self.assertEqual(3, self.time.now)
        self.assert_asked_nothing()

    def test_volume_that_has_stayed_is_migrated(self):
        # Cinder keeps no record: it may have failed, or not have begun.
        for migration_status in (None, 'error'):
            self.cinder.show((0, volume(migration_status=migration_status)))
            self.cinder.after['migrate'] = (
                (0, volume(host='h@b#b', migration_status='success')),
            )
            self.run_action()
        self.assertEqual([('migrate', 'h@b#b')] * 2, self.cinder.requests)

    def test_volume_that_was_deleted_is_told(self):
        self.cinder.show((0, None))
        self.assertRaises(exception.NothingToMove, self.make().pre_condition)

    def test_volume_in_error_in_its_new_pool_is_failed(self):
        self.cinder.show((0, volume('error', 'h@b#b')))
        self.assert_fails_without_a_word(
            'the volume is in error', self.started()
        )

    def test_volume_goes_back_to_where_it_was(self):
        self.cinder.show((0, volume(host='h@b#b', migration_status='success')))
        action = self.run_action()
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='success')),
        )
        action.revert()
        self.assertEqual([('migrate', 'h@a#a')], self.cinder.requests)


class VolumeRetypeTest(BegunTestCase):
    ACTION = volume_retype.VolumeRetypeAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID,
        'source': 'h@a#a',
        'source_type': 'gold',
        'dst_type': 'silver',
        'status': 'available',
    }

    def test_volume_that_has_the_type_was_retyped(self):
        self.cinder.show(
            (
                0,
                volume(
                    host='h@b#b', migration_status='success', type='silver'
                ),
            ),
        )
        self.run_action()
        self.assertEqual(
            'retyped from gold to silver, now on h@b#b', self.said[-1]
        )
        self.assert_asked_nothing()

    def test_retype_inside_its_backend_counts(self):
        self.cinder.show((0, volume(type='silver')))
        self.run_action()
        self.assert_asked_nothing()

    def test_retype_in_flight_is_seen_through(self):
        self.cinder.show(
            (0, volume('retyping')),
            (
                3,
                volume(
                    host='h@b#b', migration_status='success', type='silver'
                ),
            ),
        )
        self.run_action()
        self.assert_asked_nothing()

    def test_volume_that_has_kept_its_type_is_retyped(self):
        self.cinder.after['retype'] = (
            (0, volume(type='silver', migration_status='success')),
        )
        self.run_action()
        self.assertEqual([('retype', 'silver')], self.cinder.requests)

    def test_volume_that_had_the_type_before_has_it(self):
        self.cinder.show((0, volume(type='silver')))
        self.assertRaises(
            exception.HasArrived,
            self.make(source_type='silver').pre_condition,
        )

    def test_volume_goes_back_to_its_type_and_pool(self):
        self.cinder.show(
            (
                0,
                volume(
                    host='h@b#b', migration_status='success', type='silver'
                ),
            ),
        )
        action = self.run_action()
        self.cinder.after['retype'] = ((0, volume(host='h@b#b')),)
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='success')),
        )
        action.revert()
        self.assertEqual(
            [('retype', 'gold'), ('migrate', 'h@a#a')], self.cinder.requests
        )


class VolumeUpdateTest(BegunTestCase):
    ACTION = volume_update.VolumeUpdateAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID,
        'source': 'h@a#a',
        'source_type': 'gold',
        'server_id': fakes.SERVER_ID,
        'status': 'in-use',
    }

    def volume(self, *args, server_ids=(fakes.SERVER_ID,), **more):
        return volume('in-use', *args, server_ids=server_ids, **more)

    def test_volume_in_any_other_pool_was_moved_without_a_destination(self):
        self.cinder.show((0, self.volume('h@b#b', 'success')))
        self.run_action()
        self.assertEqual('migrated from h@a#a to h@b#b', self.said[-1])
        self.assert_asked_nothing()

    def test_volume_in_the_wanted_pool_was_moved(self):
        self.cinder.show((0, self.volume('h@b#b', 'success')))
        self.run_action(dst_hostname='h@b#b')
        self.assert_asked_nothing()

    def test_volume_that_has_the_type_was_retyped(self):
        self.cinder.show((0, self.volume('h@b#b', 'success', type='silver')))
        self.run_action(dst_type='silver')
        self.assert_asked_nothing()

    def test_volume_whose_server_was_deleted_since_was_moved(self):
        self.cinder.show((0, volume(host='h@b#b', migration_status='success')))
        self.run_action()
        self.assert_asked_nothing()

    def test_swap_in_flight_is_seen_through(self):
        self.cinder.show(
            (0, self.volume(migration_status='migrating')),
            (3, self.volume('h@b#b', 'success')),
        )
        self.run_action()
        self.assert_asked_nothing()

    def test_volume_that_has_stayed_is_moved(self):
        self.cinder.show((0, self.volume(migration_status='error')))
        self.cinder.after['migrate'] = ((0, self.volume('h@b#b', 'success')),)
        self.run_action()
        self.assertEqual([('migrate', 'h@b#b')], self.cinder.requests)
