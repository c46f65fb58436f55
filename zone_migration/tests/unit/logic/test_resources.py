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


class SamePoolTest(testtools.TestCase):
    def test_pool_is_itself(self):
        self.assertTrue(resources.same_pool('h@b#p', 'h@b#p'))

    def test_backend_stands_for_each_of_its_pools(self):
        self.assertTrue(resources.same_pool('h@b', 'h@b#p'))

    def test_other_pool_of_the_backend_is_another(self):
        self.assertFalse(resources.same_pool('h@b#p', 'h@b#q'))

    def test_backend_whose_name_begins_alike_is_another(self):
        self.assertFalse(resources.same_pool('h@b', 'h@b2#p'))

    def test_volume_without_a_pool_is_in_none(self):
        self.assertFalse(resources.same_pool('h@b#p', None))


class InFlightTest(testtools.TestCase):
    def is_in_flight(self, status):
        return resources.Migration(
            7, 's', 'live-migration', status, 'c1', 'c2'
        ).is_in_flight

    def test_ended_records_are_not_in_flight(self):
        for status in (
            'completed',
            'failed',
            'error',
            'cancelled',
            'finished',
            'confirmed',
            'reverted',
        ):
            self.assertFalse(self.is_in_flight(status), status)

    def test_others_are_in_flight(self):
        for status in (
            'accepted',
            'queued',
            'preparing',
            'running',
            'running (post-copy)',
            'pre-migrating',
            'migrating',
            'post-migrating',
        ):
            self.assertTrue(self.is_in_flight(status), status)


class CopyTest(testtools.TestCase):
    def volume(self, migration_status, status='available'):
        return resources.Volume(
            'w', 'data', status, 'h@b#b', 'gold', migration_status
        )

    def test_copy_names_what_it_is_a_copy_of(self):
        for status, of in (
            ('target:v', 'v'),
            ('deleting', ''),
            ('success', ''),
            (None, ''),
        ):
            self.assertEqual(of, self.volume(status).copy_of)


class TextTest(testtools.TestCase):
    def test_nothing_that_is_shown_begins_a_line(self):
        for seen in (
            resources.Server('s', 'a\nb', 'ERROR', 'c1', fault='a\nb'),
            resources.Volume('v', 'a\nb', 'error', 'h@a#a', 'gold'),
            resources.Volume(
                'v', '', 'in-use', None, None, host_names=('c1', 'a\nb')
            ),
            resources.ServerGroup('g', 'a\nb', 'affinity'),
            resources.ComputeHost('c1', False, True, disabled_reason='a\nb'),
            resources.Migration(1, 's', 'migration', 'a\nb', 'c1', 'c2'),
            resources.Pool('a\nb', 1.0),
            resources.VolumeType('a\nb'),
        ):
            shown = ' '.join(
                ' '.join(value) if isinstance(value, tuple) else str(value)
                for value in dataclasses.astuple(seen)
            )
            self.assertIn(r'a\nb', shown)
            self.assertNotIn('\n', shown)

    def test_name_stays_what_it_is(self):
        self.assertEqual(
            'サーバ　一',
            resources.Server('s', 'サーバ　一', 'ACTIVE', 'c1').name,
        )


class FrozenTest(testtools.TestCase):
    def test_what_was_seen_cannot_be_changed(self):
        server = resources.Server('s', 'name', 'ACTIVE', 'c1')
        self.assertRaises(
            dataclasses.FrozenInstanceError, setattr, server, 'host', 'c2'
        )
