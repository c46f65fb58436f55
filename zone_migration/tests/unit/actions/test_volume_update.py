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
from zone_migration.actions import volume_update
from zone_migration.client import cinder
from zone_migration.tests.unit.actions import fakes
from zone_migration.tests.unit.client import http


def volume(status='in-use', *args, **more):
    more.setdefault('server_ids', (fakes.SERVER_ID,))
    return fakes.volume(status, *args, **more)


class VolumeUpdateTest(fakes.ActionTestCase):
    ACTION = volume_update.VolumeUpdateAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID,
        'source': 'h@a#a',
        'source_type': 'gold',
        'server_id': fakes.SERVER_ID,
        'status': 'in-use',
    }

    def setUp(self):
        super().setUp()
        self.cinder.show((0, volume()))
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='starting')),
            (3, volume(host='h@b#b', migration_status='completing')),
            (4, volume(host='h@b#b', server_ids=())),
            (5, volume(host='h@b#b', migration_status='success')),
        )

    def started(self, **parameters):
        action = self.make(**parameters)
        action.pre_condition()
        return action

    def test_volume_goes_to_another_pool(self):
        self.run_action()
        self.assertEqual([('migrate', 'h@b#b')], self.cinder.requests)
        self.assertEqual(5, self.time.now)

    def test_volume_goes_to_the_pool_that_is_asked_for(self):
        self.run_action(dst_hostname='h@b#b')
        self.assertEqual([('migrate', 'h@b#b')], self.cinder.requests)

    def test_volume_goes_to_the_type_that_is_asked_for(self):
        self.cinder.after['retype'] = (
            (0, volume('retyping')),
            (4, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        self.run_action(dst_type='silver')
        self.assertEqual([('retype', 'silver')], self.cinder.requests)

    def test_volume_that_a_shelved_server_has_too_is_refused(self):
        self.cinder.show((0, volume(multiattach=True)))
        self.cinder.reserved_for = ('shelved',)
        error = self.assertRaises(exception.MoveRefused, self.started)
        self.assertIn('attached to 2 servers', str(error))
        self.assertEqual([], self.cinder.requests)

    def test_swap_that_nova_refuses_is_failed(self):
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='starting')),
            (2, volume(migration_status='error')),
        )
        self.assertRaises(exception.MoveFailed, self.started().execute)

    def test_stopped_server_is_refused(self):
        self.nova.show((0, (fakes.server('SHUTOFF'), [])))
        self.assertRaises(exception.MoveRefused, self.make().pre_condition)

    def test_server_on_the_move_is_refused(self):
        self.nova.show(
            (0, (fakes.server('MIGRATING', task_state='migrating'), []))
        )
        self.assertRaises(exception.MoveRefused, self.make().pre_condition)

    def test_detached_volume_is_refused(self):
        self.cinder.show((0, volume('available', server_ids=())))
        self.assertRaises(exception.MoveRefused, self.make().pre_condition)

    def test_deleted_volume_is_skipped(self):
        self.cinder.show((0, None))
        self.assertRaises(
            exception.NothingToMove, self.make().pre_condition
        )

    def test_migration_to_another_pool_in_flight_is_adopted(self):
        self.cinder.show(
            (0, volume(migration_status='migrating')),
            (3, volume(host='h@b#b', migration_status='success')),
        )
        self.run_action()
        self.assertEqual([], self.cinder.requests)

    def test_migration_in_flight_to_the_pool_is_adopted(self):
        self.cinder.show(
            (0, volume(migration_status='migrating')),
            (3, volume(host='h@b#b', migration_status='success')),
        )
        self.run_action(dst_hostname='h@b#b')
        self.assertEqual([], self.cinder.requests)

    def test_move_that_was_in_flight_and_has_ended_is_not_repeated(self):
        error = self.assertRaises(
            exception.MoveRefused, self.make(in_flight=True).pre_condition
        )
        self.assertIn(
            'the move that was in flight has ended, and the volume is still '
            'on h@a#a',
            str(error),
        )

    def test_type_that_would_store_it_in_the_clear_is_refused(self):
        self.cinder.show((0, volume(encrypted=True)))
        error = self.assertRaises(
            exception.MoveRefused, self.make(dst_type='silver').pre_condition
        )
        self.assertIn('encrypted and would not be any more', str(error))

    def test_volume_that_came_back_is_failed_afterwards(self):
        action = self.started()
        action.execute()
        self.cinder.show((0, volume()))
        self.assertRaises(exception.MoveFailed, action.post_condition)


class DetachedMeanwhileTest(fakes.ActionTestCase):
    """Somebody detaches the volume between the look and the request.

    Whoever attaches it again in mid-copy loses data, unless it is locked.
    """

    ACTION = volume_update.VolumeUpdateAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID,
        'dst_hostname': 'h@b#b',
        'status': 'in-use',
    }

    def setUp(self):
        super().setUp()
        session, self.http = http.make_session()
        self.http.answers[
            'POST', f'/volumes/{fakes.VOLUME_ID}/action'] = 202
        self.migrate = cinder.Cinder(session, {'interface': 'public'}).migrate
        self.cinder.migrate = self.request
        self.cinder.show((0, volume()))
        #: How many requests are lost before one arrives.
        self.lost = 0

    def request(self, *arguments, **more):
        if self.lost:
            self.lost -= 1
            self.detach()
            raise fakes.answer_lost()
        self.migrate(*arguments, **more)
        self.cinder.show(
            (0, fakes.volume('maintenance', migration_status='starting')),
            (3, fakes.volume(host='h@b#b', migration_status='success')),
        )

    def detach(self):
        self.cinder.show((0, fakes.volume('available')))

    def assert_locked(self):
        (request,) = self.http.requests
        self.assertTrue(request[3]['os-migrate_volume']['lock_volume'])

    def test_volume_is_locked(self):
        action = self.make()
        action.pre_condition()
        self.detach()
        self.assertTrue(action.execute())
        self.assert_locked()

    def test_volume_is_locked_by_the_request_after_a_lost_answer(self):
        self.lost = 1
        self.run_action()
        self.assert_locked()
