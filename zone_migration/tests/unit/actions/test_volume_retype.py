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

from unittest import mock

from zone_migration import exception
from zone_migration.actions import volume_retype
from zone_migration.client import exception as client_exception
from zone_migration.tests.unit.actions import fakes

volume = fakes.volume


class VolumeRetypeTest(fakes.ActionTestCase):
    ACTION = volume_retype.VolumeRetypeAction
    PARAMETERS = {
        'resource_id': fakes.VOLUME_ID,
        'source': 'h@a#a',
        'source_type': 'gold',
        'dst_type': 'silver',
        'status': 'available',
    }

    def started(self):
        action = self.make()
        action.pre_condition()
        return action

    def test_volume_is_retyped_with_a_copy(self):
        self.cinder.after['retype'] = (
            (0, volume('retyping')),
            (2, volume('retyping', migration_status='migrating')),
            (4, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        self.run_action()
        self.assertEqual([('retype', 'silver')], self.cinder.requests)
        self.assertEqual(4, self.time.now)

    def test_type_that_would_store_it_in_the_clear_is_refused(self):
        self.cinder.show((0, volume(encrypted=True)))
        error = self.assertRaises(
            exception.MoveRefused, self.make().pre_condition
        )
        self.assertIn('encrypted and would not be any more', str(error))
        self.assertEqual([], self.cinder.requests)

    def test_encryption_that_cinder_does_not_tell_is_not_evaluated(self):
        self.cinder.show((0, volume(encrypted=True)))

        def refuse(names):
            raise client_exception.RequestRefused(
                service='Cinder', reason='no', status=403
            )

        self.cinder.encryption = refuse
        self.cinder.after['retype'] = (
            (0, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        self.run_action()
        self.assertEqual([('retype', 'silver')], self.cinder.requests)

    def test_pool_of_the_copy_is_told(self):
        self.cinder.after['retype'] = (
            (0, volume('retyping', migration_status='migrating')),
            (4, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        self.cinder.copy = 'h@b#b'
        self.assertEqual(['h@b#b'], self.told())

    def told(self):
        """The places that the action tells that it goes to."""
        told = []
        action = self.started()
        action.on_destination = told.append
        action.execute()
        return told

    def test_copy_that_an_earlier_retype_has_left_is_not_told(self):
        self.cinder.show((0, volume(updated_at='2026-11-24T03:14:11')))
        self.cinder.after['retype'] = (
            (0, volume('retyping')),
            (4, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        self.cinder.copy = 'h@c#c'
        self.assertEqual([], self.told())

    def test_copy_of_an_untouched_volume_is_told(self):
        self.cinder.show((0, volume(created_at='2026-11-24T03:14:09')))
        self.cinder.after['retype'] = (
            (0, volume('retyping')),
            (4, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        self.cinder.copy = 'h@c#c'
        self.assertEqual(['h@c#c'], self.told())

    def adopted(self):
        """A retype that Cinder has begun long before."""
        moving = volume('retyping', updated_at='2026-11-24T03:14:11')
        arrived = volume(
            host='h@b#b', migration_status='success', type='silver'
        )
        self.cinder.show((0, moving), (4, arrived))
        self.cinder.silent_copy = 'h@b#b'

    def test_copy_of_an_adopted_retype_is_looked_for(self):
        self.adopted()
        self.assertEqual(['h@b#b'], self.told())

    def test_adopted_retype_whose_copy_cannot_be_seen_is_followed(self):
        self.adopted()
        self.cinder.read_copy = mock.Mock(
            side_effect=client_exception.CloudUnavailable(
                service='Cinder', reason='503'
            )
        )
        self.assertEqual([], self.told())
        self.assertEqual(4, self.time.now)

    def test_retype_inside_the_backend_must_hold(self):
        self.cinder.after['retype'] = (
            (0, volume('retyping')),
            (1, volume(type='silver')),
        )
        self.run_action()
        self.assertEqual(6, self.time.now)

    def test_dropped_retype_is_failed(self):
        self.cinder.after['retype'] = (
            (0, volume('retyping')),
            (1, volume()),
        )
        error = self.assertRaises(
            exception.MoveFailed, self.started().execute
        )
        self.assertTrue(
            str(error).startswith('Cinder dropped the retype to silver'),
            str(error),
        )

    def test_volume_of_the_type_is_skipped(self):
        self.cinder.show((0, volume(type='silver')))
        self.assertRaises(
            exception.NothingToMove, self.make().pre_condition
        )

    def test_volume_is_retyped_and_migrated_back(self):
        self.cinder.after['retype'] = (
            (0, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        action = self.run_action()
        self.cinder.after['retype'] = ((0, volume(host='h@b#b')),)
        self.cinder.after['migrate'] = (
            (0, volume(migration_status='success')),
        )
        action.revert()
        self.assertEqual(
            [('retype', 'gold'), ('migrate', 'h@a#a')],
            self.cinder.requests[1:],
        )

    def test_retype_whose_answer_was_lost_is_followed(self):
        self.cinder.after['retype'] = (
            (0, volume('retyping')),
            (4, volume(host='h@b#b', migration_status='success',
                       type='silver')),
        )
        self.cinder.lose.add('retype')
        self.run_action()
        self.assertEqual([('retype', 'silver')], self.cinder.requests)

    def test_retype_that_never_arrived_is_asked_for_again(self):
        self.cinder.after['retype'] = (
            (0, volume(type='silver', migration_status='success')),
        )
        self.cinder.refuse['retype'] = [fakes.answer_lost()]
        self.run_action()
        self.assertEqual(2, len(self.cinder.requests))
