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

from zone_migration.logic import resources
from zone_migration.logic.preflight import begun
from zone_migration.logic.preflight import decisions

SINCE = '2026-11-28 03:14:05'


def migration(
    id_, created_at, kind='live-migration', source='c1', status='completed'
):
    return resources.Migration(
        id_, 's', kind, status, source, 'c2', created_at=created_at
    )


class WithoutFailedTest(testtools.TestCase):
    def test_what_goes_on_or_has_ended_well_is_kept(self):
        migrations = [
            migration(id_, '2026-11-28T03:14:05', status=status)
            for id_, status in enumerate(
                'error failed cancelled reverted '
                'queued running completed finished confirmed'.split()
            )
        ]
        self.assertEqual(migrations[4:], begun.without_failed(migrations))


class MigrationSinceTest(testtools.TestCase):
    def id_since(self, *migrations, arrived_on='', source='c1'):
        """The id of the one that is found, None without one."""
        found = begun.migration_since(
            migrations, 'live-migration', SINCE, source, arrived_on
        )
        return found and found.id

    def test_one_that_began_later_is_it(self):
        self.assertEqual(
            7, self.id_since(migration(7, '2026-11-28T03:14:09.000000'))
        )

    def test_one_that_began_in_the_same_second_is_it(self):
        for created_at in (
            '2026-11-28T03:14:05.000000',
            '2026-11-28T03:14:05.999999',
            '2026-11-28T03:14:05',
            '2026-11-28T03:14:05Z',
        ):
            self.assertEqual(
                7, self.id_since(migration(7, created_at)), created_at
            )

    def test_older_one_is_of_another_move(self):
        self.assertIsNone(
            self.id_since(migration(7, '2026-11-28T03:14:04.999999'))
        )

    def test_older_one_by_which_it_has_arrived_is_it(self):
        old = migration(7, '2026-11-28T03:14:04.999999')
        self.assertEqual(7, self.id_since(old, arrived_on='c2'))
        self.assertIsNone(self.id_since(old, arrived_on='c3'))

    def test_first_one_since_then_is_it_wherever_it_is_listed(self):
        # Somebody else has moved the server since.
        first = migration(3, '2026-11-28T03:14:06')
        next_ = migration(7, '2026-11-28T03:14:09')
        self.assertEqual(
            [3, 3],
            [
                self.id_since(*both)
                for both in ((first, next_), (next_, first))
            ],
        )

    def test_newest_one_by_which_it_has_arrived_is_it(self):
        self.assertEqual(
            7,
            self.id_since(
                migration(3, '2026-11-28T02:00:00'),
                migration(7, '2026-11-28T03:00:00'),
                arrived_on='c2',
            ),
        )

    def test_one_of_another_kind_is_not_it(self):
        self.assertEqual(
            3,
            self.id_since(
                migration(3, '2026-11-28T03:14:06'),
                migration(7, '2026-11-28T03:14:09', 'evacuation'),
            ),
        )

    def test_one_from_another_host_is_not_it(self):
        back = migration(7, '2026-11-28T03:14:09', source='c3')
        self.assertIsNone(self.id_since(back))
        self.assertEqual(7, self.id_since(back, source=''))

    def test_one_whose_beginning_nova_does_not_tell_is_not_it(self):
        self.assertIsNone(self.id_since(migration(7, '')))

    def test_server_without_any_was_not_begun(self):
        self.assertIsNone(self.id_since())


class ColdMigrationSinceTest(testtools.TestCase):
    def id_since(self, live='failed', cold_id=8, at='2026-11-28T03:14:09'):
        """The id of the cold migration that is found, None without one."""
        records = [migration(cold_id, at, 'migration', status='confirmed')]
        if live:
            records.append(migration(7, at, status=live))
        found = begun.cold_migration_since(records, SINCE, 'c1')
        return found and found.id

    def test_one_after_a_live_migration_that_has_failed_is_it(self):
        for status in ('failed', 'error', 'cancelled'):
            self.assertEqual(8, self.id_since(status))

    def test_one_after_a_live_migration_that_nova_refused_is_it(self):
        self.assertEqual(8, self.id_since(live=''))

    def test_one_beside_a_live_migration_is_of_others(self):
        for status in ('completed', 'running'):
            self.assertIsNone(self.id_since(status))
        self.assertIsNone(self.id_since(cold_id=6))

    def test_older_one_is_of_another_move(self):
        self.assertIsNone(self.id_since(at='2026-11-27T03:14:09'))


class MovedOnSinceTest(testtools.TestCase):
    MISSING = decisions.refuse('nothing was begun')

    def decide(self, status='completed', host='c9', server=True):
        found = begun.moved_on_since(
            migration(3, SINCE, status=status),
            resources.Server('s', 'web-1', 'ACTIVE', host=host)
            if server
            else None,
            self.MISSING,
        )
        return found.kind, found.text

    def test_server_that_was_moved_on_was_migrated(self):
        self.assertEqual(
            (
                decisions.Kind.SKIP,
                'migrated from c1 to c2, and is on c9 now',
            ),
            self.decide(),
        )

    def test_server_that_was_moved_back_is_not_where_it_should_be(self):
        self.assertEqual(
            (
                decisions.Kind.REFUSE,
                'migrated from c1 to c2, and is on c1 again',
            ),
            self.decide(host='c1'),
        )

    def test_migration_that_has_failed_has_moved_nothing(self):
        for status in ('error', 'cancelled', 'running', 'reverted'):
            self.assertEqual(
                (self.MISSING.kind, self.MISSING.text),
                self.decide(status),
                status,
            )

    def test_server_that_is_gone_was_not_seen(self):
        self.assertEqual(
            (self.MISSING.kind, self.MISSING.text), self.decide(server=False)
        )


class HasArrivedTest(testtools.TestCase):
    def has_arrived(self, decision, **wanted):
        return begun.has_arrived(
            decisions.ServerMove('s', source='c1', **wanted), decision
        )

    def test_server_that_is_there_has(self):
        self.assertTrue(
            self.has_arrived(
                decisions.skip('the server is already on c2'),
                dst_hostname='c2',
            )
        )

    def test_server_that_has_left_has_where_nobody_named_a_host(self):
        left = decisions.skip('the server is on c3, not c1')
        self.assertTrue(self.has_arrived(left))
        self.assertFalse(self.has_arrived(left, dst_hostname='c2'))

    def test_server_that_is_gone_has_not(self):
        wanted = decisions.ServerMove('s', source='c1')
        self.assertFalse(begun.has_arrived(wanted, decisions.gone(wanted)))

    def test_server_that_is_to_move_has_not(self):
        self.assertFalse(self.has_arrived(decisions.START))


def volume(host='h@a#a', type_='gold', status='available', moving=None):
    return resources.Volume(
        'v',
        'data',
        status,
        host,
        migration_status=moving,
        type=type_,
        size_gb=1,
    )


class VolumeBeforeTest(testtools.TestCase):
    def before(self, volume, source_type='gold', source='h@a#a', **wanted):
        """Where it was, and its type; None if it has not arrived."""
        found = begun.volume_before(
            decisions.VolumeMove('v', source=source, **wanted),
            volume,
            source_type,
        )
        return found and (found.host, found.type)

    def test_volume_in_the_wanted_pool_was_in_its_source(self):
        self.assertEqual(
            ('h@a#a', 'gold'),
            self.before(volume('h@b#b'), dst_hostname='h@b#b'),
        )

    def test_pool_may_be_named_by_its_backend(self):
        self.assertEqual(
            ('h@a#a', 'gold'),
            self.before(volume('h@b#b'), dst_hostname='h@b'),
        )

    def test_volume_in_any_other_pool_has_arrived_without_a_destination(self):
        self.assertEqual(('h@a#a', 'gold'), self.before(volume('h@c#c')))

    def test_volume_of_the_wanted_type_had_another(self):
        self.assertEqual(
            ('h@a#a', 'gold'),
            self.before(volume('h@b#b', 'silver'), dst_type='silver'),
        )

    def test_volume_that_is_where_it_was_has_not_arrived(self):
        for wanted in ({'dst_hostname': 'h@b#b'}, {'dst_type': 'silver'}, {}):
            self.assertIsNone(self.before(volume(), **wanted), wanted)

    def test_volume_that_had_the_type_before_tells_nothing(self):
        self.assertIsNone(
            self.before(
                volume('h@b#b', 'silver'),
                source_type='silver',
                dst_type='silver',
            )
        )

    def test_volume_whose_host_cinder_does_not_tell_has_not_arrived(self):
        self.assertIsNone(self.before(volume('')))

    def test_volume_in_flight_has_not_arrived(self):
        self.assertIsNone(
            self.before(
                volume('h@b#b', moving='completing'), dst_hostname='h@b#b'
            )
        )

    def test_retype_in_flight_has_not_arrived(self):
        self.assertIsNone(
            self.before(
                volume(type_='silver', status='retyping'), dst_type='silver'
            )
        )

    def test_volume_that_is_gone_has_not_arrived(self):
        self.assertIsNone(self.before(None, dst_hostname='h@b#b'))

    def test_nothing_is_told_where_the_plan_did_not_know_it(self):
        self.assertIsNone(
            self.before(
                volume('h@b#b'),
                source_type=None,
                source='',
                dst_hostname='h@b#b',
            )
        )

    def test_its_earlier_migration_status_does_not_count(self):
        found = begun.volume_before(
            decisions.VolumeMove('v', dst_hostname='h@b#b', source='h@a#a'),
            volume('h@b#b', moving='success'),
            'gold',
        )
        self.assertIsNone(found.migration_status)
