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

from zone_migration import exception
from zone_migration.actions import volume_migration
from zone_migration.client import volume_observer
from zone_migration.tests.unit import fakes as unit_fakes
from zone_migration.tests.unit.actions import fakes

volume = fakes.volume


class VolumeMigrationTest(fakes.ActionTestCase):
    ACTION = volume_migration.VolumeMigrationAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID,
        'source': 'h@a#a',
        'source_type': 'gold',
        'size_gb': 10,
        'dst_hostname': 'h@b#b',
        'status': 'available',
    }

    def setUp(self):
        super().setUp()
        self.PARAMETERS = dict(self.PARAMETERS)
        self.cinder.after['migrate'] = (
            (0, volume('maintenance', migration_status='starting')),
            (2, volume('maintenance', migration_status='migrating')),
            (4, volume(host='h@b#b', migration_status='success')),
        )

    def started(self, **parameters):
        action = self.make(**parameters)
        action.pre_condition()
        return action

    def test_volume_is_migrated(self):
        self.run_action()
        self.assertEqual([('migrate', 'h@b#b')], self.cinder.requests)
        self.assertEqual(4, self.time.now)

    def test_operator_is_told_where_it_stands(self):
        self.run_action()
        self.assertEqual(
            [
                'copying to h@b#b, starting',
                'copying to h@b#b, migrating',
                'migrated from h@a#a to h@b#b',
            ],
            unit_fakes.distinct(self.said),
        )

    def test_failed_copy_is_failed(self):
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='error')),
        )
        self.assert_fails(
            exception.MoveFailed,
            'Cinder could not migrate it to h@b#b; the volume is available '
            'and unharmed on h@a#a',
            self.started().execute,
        )

    def test_words_of_cinder_are_told(self):
        self.cinder.told = {'1': 'Of an earlier move'}
        self.cinder.news = {'2': 'No space left'}
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='error')),
        )
        error = self.assertRaises(
            exception.MoveFailed, self.started().execute
        )
        self.assertIn('No space left', str(error))
        self.assertNotIn('earlier', str(error))

    def test_end_that_does_not_hold_is_waited_over(self):
        self.cinder.after['migrate'] = (
            (0, volume('maintenance', migration_status='completing')),
            (2, volume(host='h@b#b')),
            (3, volume(host='h@b#b', migration_status='success')),
        )
        self.run_action()
        self.assertEqual(3, self.time.now)

    def test_volume_that_is_there_already_is_skipped(self):
        self.cinder.show((0, volume(host='h@b#b')))
        self.assertRaises(
            exception.NothingToMove, self.make().pre_condition
        )

    def test_deleted_volume_is_skipped(self):
        self.cinder.show((0, None))
        self.assertRaises(
            exception.NothingToMove, self.make().pre_condition
        )

    def test_volume_with_snapshots_is_refused(self):
        self.cinder.snapshot_count = 1
        self.assertRaises(exception.MoveRefused, self.make().pre_condition)

    def test_migration_in_flight_is_adopted_and_not_started_again(self):
        self.cinder.show(
            (0, volume('maintenance', migration_status='migrating')),
            (3, volume(host='h@b#b', migration_status='success')),
        )
        self.run_action()
        self.assertEqual([], self.cinder.requests)

    def test_adopted_migration_goes_where_somebody_else_has_sent_it(self):
        del self.PARAMETERS['dst_hostname']
        self.cinder.show(
            (0, volume('maintenance', migration_status='migrating')),
            (3, volume(host='h@c#c', migration_status='success')),
        )
        self.run_action()
        self.assertEqual([], self.cinder.requests)
        self.assertIn('migrated from h@a#a to h@c#c', self.said)

    def test_adopted_migration_that_fails_is_failed(self):
        del self.PARAMETERS['dst_hostname']
        self.cinder.show(
            (0, volume('maintenance', migration_status='migrating')),
            (3, volume(migration_status='error')),
        )
        self.assertRaises(
            exception.MoveFailed, self.started().execute
        )

    def test_pool_that_is_asked_for_is_told_after_another(self):
        self.cinder.show(
            (0, volume('maintenance', migration_status='migrating')),
            (3, volume(host='h@b#b', migration_status='success')),
        )
        pools = iter(['h@c#c', 'h@c#c', 'h@b#b'])
        self.cinder.copied_to = lambda *_: next(pools, None)
        told = []
        action = self.started()
        action.on_destination = told.append
        action.execute()
        self.assertEqual(['h@c#c', 'h@b#b'], told)

    def test_copy_that_stops_is_left_as_it_is(self):
        self.cinder.after['migrate'] = (
            (0, volume('maintenance', migration_status='migrating')),
        )
        self.assert_fails(
            exception.NoProgress,
            'no change for 10 s; last seen: copying to h@b#b, migrating; '
            'Cinder cannot stop a copy, left as it is',
            self.started().execute,
        )

    def test_large_copy_gets_the_time_that_it_takes_at_worst(self):
        large = {'size_gb': 5}
        self.cinder.show((0, volume(**large)))
        self.cinder.after['migrate'] = (
            (0, volume('maintenance', migration_status='migrating', **large)),
            (500, volume(host='h@b#b', migration_status='success', **large)),
        )
        self.started().execute()
        self.assertEqual(500, self.time.now)

    def test_it_cannot_be_aborted(self):
        action = self.started()
        self.assertFalse(action.check_abort())
        self.assertFalse(action.abort())
        self.assertTrue(action.execute())

    def test_volume_that_moved_on_is_failed_afterwards(self):
        action = self.started()
        action.execute()
        self.cinder.show((0, volume(host='h@a#a')))
        self.assertRaises(exception.MoveFailed, action.post_condition)

    def test_volume_is_migrated_back(self):
        action = self.run_action()
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='success')),
        )
        action.revert()
        self.assertEqual(('migrate', 'h@a#a'), self.cinder.requests[-1])
        self.assertEqual(2, len(self.cinder.requests))


class EarlierMigrationTest(fakes.ActionTestCase):
    """An earlier migration has left its status, and others look meanwhile.

    Their reading begins after the request was sent, and before Cinder has
    changed the volume.
    """

    ACTION = volume_migration.VolumeMigrationAction
    PARAMETERS = {'resource_id': fakes.VOLUME_ID, 'dst_hostname': 'h@b#b'}

    def setUp(self):
        super().setUp()
        self.cinder.after['migrate'] = (
            (0, volume('maintenance', migration_status='starting')),
            (4, volume(host='h@b#b', migration_status='success')),
        )
        self.cinder.newest_change = lambda: None
        self.cinder.volumes = lambda since: {
            fakes.VOLUME_ID: self.cinder.seen()
        }
        self.cloud.volumes = volume_observer.VolumeObserver(
            self.cinder, 1, self.time.clock
        )
        self.migrate = self.cinder.migrate
        self.cinder.migrate = self.request

    def request(self, *arguments):
        self.time.pass_by(1)
        self.cloud.volumes.observe(fakes.VOLUME_ID, self.time.now)
        self.time.pass_by(0.25)
        self.migrate(*arguments)

    def test_its_error_is_not_believed(self):
        self.cinder.show((0, volume(migration_status='error')))
        self.run_action()

    def test_its_success_is_not_believed(self):
        self.cinder.show((0, volume(migration_status='success')))
        self.run_action()

    def test_its_error_is_not_believed_after_a_lost_answer(self):
        self.cinder.show((0, volume(migration_status='error')))
        self.cinder.lose.add('migrate')
        self.run_action()


class AnswerLostTest(VolumeMigrationTest):
    def test_migration_that_has_begun_is_followed(self):
        self.cinder.lose.add('migrate')
        self.run_action()
        self.assertEqual(1, len(self.cinder.requests))
        self.assertEqual(4, self.time.now)

    def test_migration_that_is_over_already_is_not_started_again(self):
        self.cinder.after['migrate'] = (
            (0, volume(host='h@b#b', migration_status='success')),
        )
        self.cinder.lose.add('migrate')
        self.run_action()
        self.assertEqual(1, len(self.cinder.requests))

    def test_request_that_never_arrived_is_made_again(self):
        self.cinder.refuse['migrate'] = [fakes.answer_lost()]
        self.run_action()
        self.assertEqual(2, len(self.cinder.requests))

    def test_volume_that_was_attached_meanwhile_is_refused(self):
        self.cinder.after['migrate'] = (
            (0, volume('in-use', server_ids=(fakes.SERVER_ID,))),
        )
        self.cinder.lose.add('migrate')
        self.nova.show((0, (fakes.server('SHUTOFF'), [])))
        self.assertRaises(exception.MoveRefused, self.started().execute)
        self.assertEqual(1, len(self.cinder.requests))


class OutageTest(VolumeMigrationTest):
    """Cinder is away for longer than an action waits without a change."""

    def test_copy_is_waited_for(self):
        self.cinder.away = (3, 900)
        self.run_action()
        self.assertEqual(900, self.time.now)

    def test_cancelled_plan_does_not_wait_for_it(self):
        self.options('zone_migration', slowest_copy=0.1)
        self.cinder.away = (3, 90000)
        action = self.started()
        action.plan_is_cancelled = lambda: self.time.now >= 100
        error = self.assertRaises(exception.MoveCancelled, action.execute)
        self.assertIn('it may go on, not seen since', str(error))
        self.assertEqual(110, self.time.now)
