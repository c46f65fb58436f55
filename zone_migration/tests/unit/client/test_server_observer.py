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
import datetime
import threading

import fixtures
from oslo_utils import timeutils

from zone_migration import waiting
from zone_migration.client import exception
from zone_migration.client import observation
from zone_migration.client import server_observer
from zone_migration.logic import resources
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.client import observed


class ServersTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.nova = observed.Nova()
        self.servers = server_observer.ServerObserver(
            self.nova, 2.0, self.time.clock
        )

    def test_server_and_its_migration_are_seen(self):
        self.nova.records = [observed.record('running')]
        self.assertEqual(
            (observed.server(), observed.record('running')),
            self.servers.observe('s', 0),
        )

    def test_many_observers_cause_one_reading_of_the_records(self):
        self.nova.records = [observed.record('running')]
        for _ in range(100):
            self.servers.observe('s', 0)
        self.assertEqual(1, self.nova.asked.count('migrations'))
        self.assertEqual(1, self.nova.asked.count('server'))

    def test_server_is_seen_whatever_its_migrations_are(self):
        self.nova.records = [observed.record('running')]
        for _ in range(5):
            self.assertEqual(
                observed.server(), self.servers.observe_server('s')
            )
        self.assertEqual(1, self.nova.asked.count('server'))
        self.servers.forget('s')
        self.servers.observe_server('s')
        self.assertEqual(2, self.nova.asked.count('server'))

    def test_unfinished_records_are_read_after_one_has_asked(self):
        self.nova.records = [observed.record('finished')]
        for _ in range(3):
            self.assertEqual(
                [observed.record('finished')], self.servers.unfinished()
            )
            self.time.pass_by(1.0)
        self.assertEqual(3, self.nova.asked.count('unfinished'))

    def test_who_asks_at_the_same_time_shares_a_reading(self):
        for _ in range(5):
            self.servers.unfinished()
        self.assertEqual(1, self.nova.asked.count('unfinished'))

    def test_records_are_read_again_after_the_interval(self):
        for _ in range(10):
            self.servers.observe('s', 0)
            self.time.pass_by(2.0)
        self.assertEqual(10, self.nova.asked.count('migrations'))

    def test_number_of_readings_does_not_grow_with_the_observers(self):
        for _ in range(10):
            for _ in range(50):
                self.servers.observe('s', 0)
            self.time.pass_by(2.0)
        self.assertEqual(10, self.nova.asked.count('migrations'))
        self.assertLessEqual(self.nova.asked.count('servers'), 3)

    def test_newest_migration_is_seen(self):
        self.nova.records = [
            observed.record('running', 9),
            observed.record('failed', 7),
        ]
        self.assertEqual(9, self.servers.observe('s', 0)[1].id)

    def test_older_migrations_are_not_seen(self):
        self.nova.records = [observed.record('failed', 7)]
        self.assertIsNone(self.servers.observe('s', 7)[1])

    def test_migrations_of_other_servers_are_not_seen(self):
        self.nova.records = [observed.record('running', server_id='t')]
        self.assertIsNone(self.servers.observe('s', 0)[1])

    def test_those_ahead_are_counted_that_leave_the_same_host(self):
        self.nova.records = [
            observed.record('completed', 1, server_id='ended'),
            observed.record('running', 2, server_id='before'),
            observed.record('queued', 3, server_id='before too'),
            observed.record('queued', 4),
            observed.record('queued', 5, server_id='after'),
        ]
        migration = self.servers.observe('s', 0)[1]
        self.assertEqual(2, self.servers.ahead(migration))
        elsewhere = dataclasses.replace(migration, source='elsewhere')
        self.assertEqual(0, self.servers.ahead(elsewhere))

    def test_server_is_read_again_when_its_migration_changes(self):
        self.nova.records = [observed.record('running')]
        self.servers.observe('s', 0)
        self.time.pass_by(2.0)
        self.servers.observe('s', 0)
        self.assertEqual(1, self.nova.asked.count('server'))
        self.nova.records = [observed.record('completed')]
        self.nova.shown = observed.server('c2')
        self.time.pass_by(2.0)
        self.assertEqual(
            (observed.server('c2'), observed.record('completed')),
            self.servers.observe('s', 0),
        )

    def test_server_whose_migration_has_ended_is_read_at_each_look(self):
        self.nova.records = [observed.record('completed')]
        self.servers.observe('s', 0)
        self.nova.shown = observed.server('c2')
        self.assertEqual(
            observed.server('c2'), self.servers.observe('s', 0)[0]
        )

    def test_deleted_server_is_none(self):
        self.nova.shown = None
        self.assertIsNone(self.servers.observe('s', 0)[0])

    def test_server_that_is_deleted_meanwhile_is_noticed(self):
        self.nova.records = [observed.record('running')]
        self.servers.observe('s', 0)
        self.nova.shown = None
        self.time.pass_by(11.0)
        self.assertIsNone(self.servers.observe('s', 0)[0])

    def test_nova_that_cannot_be_reached_is_unseen(self):
        self.nova.unavailable = True
        self.assertRaises(
            waiting.ObservationFailed, self.servers.observe, 's', 0
        )

    def test_nova_that_cannot_be_reached_is_asked_once_for_all(self):
        self.nova.unavailable = True
        for _ in range(100):
            self.assertRaises(
                waiting.ObservationFailed, self.servers.observe, 's', 0
            )
        self.assertEqual(['newest_change'], self.nova.asked)

    def test_slow_reading_is_not_repeated_by_those_who_waited_for_it(self):
        read = self.nova.migrations

        def slowly(since):
            self.time.pass_by(3.0)
            return read(since)

        self.nova.migrations = slowly
        for _ in range(100):
            self.servers.observe('s', 0)
        self.assertEqual(1, self.nova.asked.count('migrations'))

    def test_slow_reading_of_the_details_keeps_nobody_waiting(self):
        self.nova.records = [observed.record('running')]
        self.servers.observe('s', 0)
        self.time.pass_by(11.0)
        others = []

        def slowly(since):
            # Another action looks while this one reads.
            other = threading.Thread(
                target=lambda: others.append(self.servers.observe('s', 0))
            )
            other.start()
            other.join(60)
            return {}

        self.nova.servers = slowly
        self.servers.observe('s', 0)
        self.assertEqual(
            [(observed.server(), observed.record('running'))], others
        )

    def test_details_that_cannot_be_read_hide_nothing(self):
        def fail(since):
            raise exception.CloudUnavailable(service='Nova', reason='504')

        self.servers.observe('s', 0)
        self.nova.servers = fail
        self.nova.records = [observed.record('running')]
        self.time.pass_by(11.0)
        self.assertEqual(
            (observed.server(), observed.record('running')),
            self.servers.observe('s', 0),
        )

    def test_server_that_cannot_be_read_is_unseen(self):
        self.servers.observe('s', 0)
        self.nova.records = [observed.record('running')]
        self.time.pass_by(2.0)
        read = self.nova.migrations

        def then_break(since):
            found = read(since)
            self.nova.unavailable = True
            return found

        self.nova.migrations = then_break
        self.assertRaises(
            waiting.ObservationFailed, self.servers.observe, 's', 0
        )

    def test_server_of_a_cell_that_is_down_is_unseen(self):
        self.servers.observe('s', 0)
        shown, self.nova.shown = (
            self.nova.shown,
            resources.Server('s', '', 'UNKNOWN', None),
        )
        self.time.pass_by(11.0)
        # The list of what has changed tells nothing of it.
        self.assertEqual(shown, self.servers.observe('s', 0)[0])
        self.nova.records = [observed.record('completed')]
        for _ in range(2):
            self.time.pass_by(2.0)
            self.assertRaises(
                waiting.ObservationFailed, self.servers.observe, 's', 0
            )
        self.nova.shown = shown
        self.time.pass_by(2.0)
        self.assertEqual(
            (shown, observed.record('completed')), self.servers.observe('s', 0)
        )

    def test_nova_that_hangs_holds_nobody_for_ever(self):
        self.useFixture(
            fixtures.MockPatchObject(observation, '_LONGEST_READING', 0.01)
        )
        others = []

        def hang(since):
            other = threading.Thread(
                target=lambda: others.append(
                    self.assertRaises(
                        waiting.ObservationFailed, self.servers.observe, 's', 0
                    )
                )
            )
            other.start()
            other.join(60)
            return []

        self.nova.migrations = hang
        self.servers.observe('s', 0)
        self.assertEqual(1, len(others))

    def test_look_tells_whether_nova_can_be_read(self):
        self.assertIsNone(self.servers.refresh())
        self.assertEqual('', self.servers.unseen)
        self.nova.unavailable = True
        self.time.pass_by(2.0)
        self.assertRaises(waiting.ObservationFailed, self.servers.refresh)
        self.assertEqual('Nova is unavailable: 503', self.servers.unseen)
        self.nova.unavailable = False
        self.time.pass_by(2.0)
        self.servers.refresh()
        self.assertEqual('', self.servers.unseen)

    def test_what_was_missed_is_read_when_nova_is_back(self):
        self.servers.observe('s', 0)
        self.nova.unavailable = True
        self.time.pass_by(2.0)
        self.assertRaises(
            waiting.ObservationFailed, self.servers.observe, 's', 0
        )
        self.nova.unavailable = False
        self.nova.records = [observed.record('running')]
        self.time.pass_by(2.0)
        self.assertEqual(
            observed.record('running'), self.servers.observe('s', 0)[1]
        )


class ClockOfNovaTest(base.TestCase):
    """What has changed is asked for by the times that Nova writes down."""

    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.clock = observed.Clock(self.time)
        self.nova = observed.NovaByItsClock()
        self.servers = server_observer.ServerObserver(
            self.nova, 2.0, self.time.clock
        )

    def record(self, status, id_=7, server_id='s', age=0.0):
        return dataclasses.replace(
            observed.record(status, id_, server_id),
            updated_at=self.clock.stamp(age),
        )

    def status_of(self, server_id='s'):
        """That of its migration, as an action sees it."""
        migration = self.servers.observe(server_id, 0)[1]
        return migration and migration.status

    def test_migration_that_has_been_silent_for_long_is_seen(self):
        self.nova.records = [
            self.record('running', 8, 't'),
            self.record('queued', age=300),
        ]
        self.assertEqual('queued', self.status_of())

    def test_it_is_seen_after_others_have_been_looked_at(self):
        self.nova.records = [self.record('running', 8, 't')]
        self.status_of('t')
        self.nova.records.append(self.record('queued', age=300))
        self.time.pass_by(2.0)
        self.assertEqual('queued', self.status_of())

    def test_migration_that_nova_has_not_touched_yet_is_seen(self):
        self.nova.records = [
            self.record('running', 8, 't'),
            dataclasses.replace(observed.record('accepted'), updated_at=None),
        ]
        self.assertEqual('accepted', self.status_of())

    def test_clock_of_this_machine_does_not_matter(self):
        for ahead in (-90.0, 90.0):
            self.clock = observed.Clock(self.time, ahead)
            self.servers = server_observer.ServerObserver(
                self.nova, 2.0, self.time.clock
            )
            self.nova.records = [self.record('accepted')]
            for status in ('queued', 'running', 'completed'):
                self.status_of()
                self.nova.records = [self.record(status)]
                self.time.pass_by(30.0)
                self.assertEqual(status, self.status_of(), ahead)

    def test_time_far_ahead_hides_others_for_a_minute_at_most(self):
        """As of one conductor whose clock is wrong."""
        self.nova.records = [self.record('running')]
        self.status_of()
        self.nova.records.append(self.record('running', 8, 't', age=-300.0))
        self.time.pass_by(2.0)
        self.assertEqual('running', self.status_of())
        self.time.pass_by(2.0)
        self.nova.records[0] = self.record('completed')
        for _ in range(32):
            self.time.pass_by(2.0)
            status = self.status_of()
        self.assertEqual('completed', status)

    def test_readings_overlap(self):
        # The clocks of those who write into one database differ.
        self.nova.records = [self.record('running', 8, 't')]
        self.status_of('t')
        self.nova.records.append(self.record('completed', age=50))
        self.time.pass_by(2.0)
        self.status_of('t')
        self.assertEqual('completed', self.servers._migrations['s'].status)

    def test_only_what_is_new_is_read(self):
        self.nova.records = [self.record('running')]
        self.status_of()
        self.time.pass_by(1000.0)
        self.nova.records = [self.record('running')]
        for _ in range(2):
            self.status_of()
            self.time.pass_by(2.0)
        newest = timeutils.parse_isotime(self.nova.records[0].updated_at)
        self.assertEqual(
            newest - datetime.timedelta(seconds=60), self.nova.asked_since[-1]
        )

    def test_what_is_silent_is_not_read_again_and_again(self):
        self.nova.records = [self.record('running')]
        newest = timeutils.parse_isotime(self.nova.records[0].updated_at)
        for _ in range(50):
            self.status_of()
            self.time.pass_by(2.0)
        self.assertLess(newest, self.nova.asked_since[-1])

    def test_all_is_read_where_nothing_is_known(self):
        self.status_of()
        self.assertEqual([None], self.nova.asked_since)
        self.nova.records = [self.record('running')]
        self.time.pass_by(2.0)
        self.assertEqual('running', self.status_of())

    def test_change_during_an_outage_is_read_afterwards(self):
        self.nova.records = [self.record('running')]
        self.status_of()
        self.nova.unavailable = True
        self.nova.records = [self.record('completed')]
        for _ in range(100):
            self.time.pass_by(3.0)
            self.assertRaises(waiting.ObservationFailed, self.status_of)
        self.nova.unavailable = False
        self.nova.records.append(self.record('running', 8, 't'))
        self.time.pass_by(3.0)
        self.assertEqual('completed', self.status_of())

    def test_change_behind_a_long_reading_is_read_by_the_next(self):
        # The page that it is on was read before, another one after it.
        self.useFixture(
            fixtures.MockPatchObject(observation, 'QUIET_PERIOD', 1e6)
        )
        self.servers = server_observer.ServerObserver(
            self.nova, 2.0, self.time.clock
        )
        self.nova.records = [
            self.record('running'),
            self.record('running', 8, 't'),
        ]
        self.status_of()
        read = self.nova.migrations

        def slowly(since):
            found = read(since)
            self.time.pass_by(1.0)
            self.nova.records = [self.record('completed')]
            self.time.pass_by(100.0)
            return [*found, self.record('running', 9, 'u')]

        self.nova.migrations = slowly
        self.time.pass_by(2.0)
        self.assertEqual('running', self.status_of())
        self.nova.migrations = read
        self.time.pass_by(2.0)
        self.assertEqual('completed', self.status_of())

    def test_what_a_slow_thread_has_read_replaces_nothing_newer(self):
        old = self.record('running', age=10)
        new = self.record('completed')

        def slowly(server_id):
            # Another action reads all meanwhile.
            self.servers._keep([new])
            return [old]

        self.nova.migrations_of = slowly
        self.assertEqual('completed', self.status_of())

    def test_details_are_read_by_the_times_of_nova(self):
        self.clock = observed.Clock(self.time, -90.0)
        self.nova.records = [self.record('running')]
        self.status_of()
        changed = dataclasses.replace(
            observed.server(), progress=50, updated_at=self.clock.stamp()
        )
        self.nova.changed_servers = {'s': changed}
        self.time.pass_by(11.0)
        self.assertEqual(50, self.servers.observe('s', 0)[0].progress)

    def test_details_of_a_cloud_without_migrations_are_not_read(self):
        # It would be all of its servers.
        for _ in range(3):
            self.status_of()
            self.time.pass_by(11.0)
        self.assertNotIn('servers', self.nova.asked)


class InFlightTest(base.TestCase):
    """The migrations of the whole cloud that are in flight."""

    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.clock = observed.Clock(self.time)
        self.nova = observed.NovaByItsClock()
        self.servers = server_observer.ServerObserver(
            self.nova, 2.0, self.time.clock
        )

    def record(self, status, id_=7, server_id='s', age=0.0):
        return dataclasses.replace(
            observed.record(status, id_, server_id),
            updated_at=self.clock.stamp(age),
        )

    def statuses(self):
        """By the id of the record."""
        return {one.id: one.status for one in self.servers.in_flight()}

    def test_those_of_all_servers_are_told(self):
        self.nova.records = [
            self.record('running', 7, 's'),
            self.record('queued', 8, 't'),
            self.record('finished', 9, 'u'),
        ]
        self.assertEqual({7: 'running', 8: 'queued'}, self.statuses())

    def test_one_that_has_been_silent_for_long_is_told(self):
        self.nova.records = [
            self.record('completed', 8, 't'),
            self.record('running', age=3000),
        ]
        self.assertEqual({7: 'running'}, self.statuses())

    def test_one_that_only_who_waits_has_read_is_not_told_yet(self):
        # Nova lists by changes only what was updated since it was created.
        self.statuses()
        new = dataclasses.replace(observed.record('accepted'), updated_at=None)
        self.nova.records = [new, self.record('accepted', 6, 't', age=-10.0)]
        self.assertEqual(new, self.servers.observe('s', 0)[1])
        self.assertEqual({}, self.statuses())
        self.nova.records[0] = self.record('running', age=-10.0)
        self.time.pass_by(10.0)
        self.assertEqual({6: 'accepted', 7: 'running'}, self.statuses())

    def test_those_before_the_first_reading_are_asked_for_once(self):
        for _ in range(10):
            self.statuses()
            self.time.pass_by(10.0)
        self.assertEqual(1, self.nova.asked.count('migrations_in_flight'))

    def test_they_are_asked_for_again_where_nova_was_away(self):
        self.nova.records = [
            self.record('completed', 8, 't'),
            self.record('running', age=3000),
        ]
        self.nova.unavailable = True
        self.assertRaises(waiting.ObservationFailed, self.statuses)
        self.nova.unavailable = False
        self.time.pass_by(10.0)
        self.assertEqual({7: 'running'}, self.statuses())

    def test_one_that_has_ended_is_told_no_more(self):
        self.nova.records = [self.record('running')]
        self.statuses()
        self.nova.records = [self.record('completed')]
        self.time.pass_by(10.0)
        self.assertEqual({}, self.statuses())

    def test_one_whose_server_was_deleted_is_told_no_more(self):
        self.nova.records = [self.record('running')]
        self.servers.observe('s', 0)
        self.nova.records, self.nova.shown = [], None
        self.nova.changed_servers = {'s': None, 't': None}
        self.time.pass_by(11.0)
        self.assertIsNone(self.servers.observe('s', 0)[0])
        self.assertEqual({}, self.statuses())

    def test_one_of_others_whose_server_was_deleted_is_told_no_more(self):
        self.nova.records = [self.record('running', 8, 't')]
        self.servers.observe('s', 0)
        self.assertEqual({8: 'running'}, self.statuses())
        self.nova.records = []
        self.nova.changed_servers = {'t': None}
        self.time.pass_by(11.0)
        self.servers.observe('s', 0)
        self.assertEqual({}, self.statuses())

    def test_one_whose_server_is_gone_at_first_sight_is_not_told(self):
        self.nova.records = [self.record('running')]
        self.assertEqual({7: 'running'}, self.statuses())
        self.nova.records, self.nova.shown = [], None
        self.assertIsNone(self.servers.observe('s', 0)[0])
        self.assertEqual({}, self.statuses())

    def test_nothing_is_read_beside_the_readings_of_who_waits(self):
        self.servers.observe('s', 0)
        self.servers.in_flight()
        for _ in range(10):
            self.time.pass_by(1.2)
            self.servers.in_flight()
            self.time.pass_by(1.2)
            self.servers.observe('s', 0)
        self.assertEqual(11, self.nova.asked.count('migrations'))

    def test_it_is_read_while_nobody_waits(self):
        for _ in range(10):
            self.servers.in_flight()
            self.time.pass_by(4.0)
        self.assertEqual(10, self.nova.asked.count('migrations'))

    def test_size_of_the_disks_of_one_is_asked_for_once(self):
        self.nova.shown = dataclasses.replace(observed.server(), disk_gb=40)
        for _ in range(2):
            self.assertEqual(40, self.servers.disk_gb('s'))
        self.assertEqual(1, self.nova.asked.count('server'))

    def test_server_that_is_gone_has_no_disks(self):
        self.nova.shown = None
        self.assertEqual(0, self.servers.disk_gb('s'))
