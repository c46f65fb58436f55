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
import logging
import threading

import fixtures
from oslo_utils import timeutils

from zone_migration import waiting
from zone_migration.client import exception
from zone_migration.client import observer
from zone_migration.logic import resources
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes


def server(host='c1'):
    return resources.Server('s', 'web', 'ACTIVE', host)


def record(status, id_=7, server_id='s'):
    return resources.Migration(
        id_, server_id, 'live-migration', status, 'c1', 'c2',
        '2026-11-24T03:14:00.000000',
    )


def volume(host='h@a#a', id_='v', **more):
    return resources.Volume(id_, 'data', 'available', host, 'gold', **more)


class Nova:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked = []
        self.shown = server()
        self.records = []
        self.unavailable = False

    def server(self, server_id):
        self._ask('server')
        return self.shown

    def servers(self, changes_since=None):
        self._ask('servers')
        return {'s': self.shown}

    def newest_change(self):
        self._ask('newest_change')
        return self.records[0].updated_at if self.records else None

    def migrations(self, changes_since):
        self._ask('migrations')
        return self.records

    def migrations_of(self, server_id):
        self._ask('migrations_of')
        return [r for r in self.records if r.server_id == server_id]

    def _ask(self, what):
        self.asked.append(what)
        if self.unavailable:
            raise exception.CloudUnavailable(service='Nova', reason='503')


class Cinder:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked = []
        self.shown = {'v': volume()}
        self.moving = {}
        self.changed = {}
        self.unavailable = False

    def volume(self, volume_id):
        self._ask('volume')
        return self.shown.get(volume_id)

    def newest_change(self):
        self._ask('newest_change')
        return next((v.updated_at for v in self.shown.values()), None)

    def volumes(self, changes_since=None):
        self._ask('volumes')
        return dict(self.changed)

    def moving_volumes(self):
        self._ask('moving_volumes')
        return dict(self.moving)

    def copies_of(self, volume_id):
        self._ask('copies_of')
        return {
            v.id: v for v in self.moving.values() if v.copy_of == volume_id
        }

    def _ask(self, what):
        self.asked.append(what)
        if self.unavailable:
            raise exception.CloudUnavailable(service='Cinder', reason='503')


class Clock:
    """The clock of a service, so many seconds ahead of this machine's."""

    def __init__(self, time, ahead=0.0):
        self._time = time
        self._began = timeutils.utcnow() + datetime.timedelta(seconds=ahead)

    def stamp(self, age=0.0):
        """What the service writes down of what happened so long ago."""
        return (
            self._began + datetime.timedelta(seconds=self._time.now - age)
        ).isoformat()


def has_changed(one, since):
    """Whether a service lists it among what has changed since."""
    return since is None or (
        one.updated_at is not None
        and timeutils.parse_isotime(one.updated_at) >= since
    )


class NovaByItsClock(Nova):
    """Lists what has changed since a time of its own clock, as Nova does."""

    def __init__(self):
        super().__init__()
        self.asked_since = []
        self.changed_servers = {}

    def migrations(self, changes_since):
        self.asked_since.append(changes_since)
        return [
            r for r in super().migrations(changes_since)
            if has_changed(r, changes_since)
        ]

    def servers(self, changes_since=None):
        self._ask('servers')
        return {
            id_: one for id_, one in self.changed_servers.items()
            if has_changed(one, changes_since)
        }


class CinderByItsClock(Cinder):
    """The same for volumes."""

    def volumes(self, changes_since=None):
        return {
            id_: one for id_, one in super().volumes(changes_since).items()
            if has_changed(one, changes_since)
        }


class ServersTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.nova = Nova()
        self.servers = observer.Servers(self.nova, 2.0, self.time.clock)

    def test_server_and_its_migration_are_seen(self):
        self.nova.records = [record('running')]
        self.assertEqual(
            (server(), record('running')), self.servers.observe('s', 0)
        )

    def test_many_observers_cause_one_reading_of_the_records(self):
        self.nova.records = [record('running')]
        for _ in range(100):
            self.servers.observe('s', 0)
        self.assertEqual(1, self.nova.asked.count('migrations'))
        self.assertEqual(1, self.nova.asked.count('server'))

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
        self.nova.records = [record('running', 9), record('failed', 7)]
        self.assertEqual(9, self.servers.observe('s', 0)[1].id)

    def test_older_migrations_are_not_seen(self):
        self.nova.records = [record('failed', 7)]
        self.assertIsNone(self.servers.observe('s', 7)[1])

    def test_migrations_of_other_servers_are_not_seen(self):
        self.nova.records = [record('running', server_id='t')]
        self.assertIsNone(self.servers.observe('s', 0)[1])

    def test_those_ahead_are_counted_that_leave_the_same_host(self):
        self.nova.records = [
            record('completed', 1, server_id='ended'),
            record('running', 2, server_id='before'),
            record('queued', 3, server_id='before too'),
            record('queued', 4),
            record('queued', 5, server_id='after'),
        ]
        migration = self.servers.observe('s', 0)[1]
        self.assertEqual(2, self.servers.ahead(migration))
        elsewhere = dataclasses.replace(migration, source='elsewhere')
        self.assertEqual(0, self.servers.ahead(elsewhere))

    def test_server_is_read_again_when_its_migration_changes(self):
        self.nova.records = [record('running')]
        self.servers.observe('s', 0)
        self.time.pass_by(2.0)
        self.servers.observe('s', 0)
        self.assertEqual(1, self.nova.asked.count('server'))
        self.nova.records = [record('completed')]
        self.nova.shown = server('c2')
        self.time.pass_by(2.0)
        self.assertEqual(
            (server('c2'), record('completed')), self.servers.observe('s', 0)
        )

    def test_server_whose_migration_has_ended_is_read_at_each_look(self):
        self.nova.records = [record('completed')]
        self.servers.observe('s', 0)
        self.nova.shown = server('c2')
        self.assertEqual(server('c2'), self.servers.observe('s', 0)[0])

    def test_deleted_server_is_none(self):
        self.nova.shown = None
        self.assertIsNone(self.servers.observe('s', 0)[0])

    def test_server_that_is_deleted_meanwhile_is_noticed(self):
        self.nova.records = [record('running')]
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
        self.nova.records = [record('running')]
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
        self.assertEqual([(server(), record('running'))], others)

    def test_details_that_cannot_be_read_hide_nothing(self):
        def fail(since):
            raise exception.CloudUnavailable(service='Nova', reason='504')

        self.servers.observe('s', 0)
        self.nova.servers = fail
        self.nova.records = [record('running')]
        self.time.pass_by(11.0)
        self.assertEqual(
            (server(), record('running')), self.servers.observe('s', 0)
        )

    def test_server_that_cannot_be_read_is_unseen(self):
        self.servers.observe('s', 0)
        self.nova.records = [record('running')]
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
        shown, self.nova.shown = self.nova.shown, resources.Server(
            's', '', 'UNKNOWN', None
        )
        self.time.pass_by(11.0)
        # The list of what has changed tells nothing of it.
        self.assertEqual(shown, self.servers.observe('s', 0)[0])
        self.nova.records = [record('completed')]
        for _ in range(2):
            self.time.pass_by(2.0)
            self.assertRaises(
                waiting.ObservationFailed, self.servers.observe, 's', 0
            )
        self.nova.shown = shown
        self.time.pass_by(2.0)
        self.assertEqual(
            (shown, record('completed')), self.servers.observe('s', 0)
        )

    def test_nova_that_hangs_holds_nobody_for_ever(self):
        self.useFixture(
            fixtures.MockPatchObject(observer, '_LONGEST', 0.01)
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
        self.assertIsNone(self.servers.look())
        self.assertEqual('', self.servers.unseen)
        self.nova.unavailable = True
        self.time.pass_by(2.0)
        self.assertRaises(waiting.ObservationFailed, self.servers.look)
        self.assertEqual('Nova is unavailable: 503', self.servers.unseen)
        self.nova.unavailable = False
        self.time.pass_by(2.0)
        self.servers.look()
        self.assertEqual('', self.servers.unseen)

    def test_what_was_missed_is_read_when_nova_is_back(self):
        self.servers.observe('s', 0)
        self.nova.unavailable = True
        self.time.pass_by(2.0)
        self.assertRaises(
            waiting.ObservationFailed, self.servers.observe, 's', 0
        )
        self.nova.unavailable = False
        self.nova.records = [record('running')]
        self.time.pass_by(2.0)
        self.assertEqual(
            record('running'), self.servers.observe('s', 0)[1]
        )


class RefusalTest(base.TestCase):
    """Nova or Cinder refuse to be read, for a while or for good."""

    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.time.now = 1000.0
        self.nova = Nova()
        self.nova.records = [record('running')]
        self.servers = observer.Servers(
            self.nova, 2.0, self.time.clock, grace_period=10.0
        )
        self.cinder = Cinder()
        self.volumes = observer.Volumes(
            self.cinder, 2.0, self.time.clock, grace_period=10.0
        )

    def refuse(self, *arguments):
        raise exception.RequestRefused(
            service='Nova', reason='who are you?', status=401
        )

    def be_missing(self, *arguments):
        raise exception.ServiceNotFound(service='Nova', reason='region x')

    def be_away(self, *arguments):
        raise exception.CloudUnavailable(service='Nova', reason='HTTP 503')

    def seen_by(self, many, observe):
        """What so many who look at once get, each once."""
        found = set()
        for _ in range(many):
            try:
                found.add(type(observe()))
            except (
                waiting.ObservationFailed,
                exception.RequestRefused,
            ) as error:
                found.add(type(error))
        return found

    def look(self):
        return self.servers.observe('s', 0)

    def look_at_volume(self):
        return self.volumes.observe('v', 0)

    def test_server_that_is_refused_for_a_while_is_unseen(self):
        self.look()
        read, self.nova.migrations = self.nova.migrations, self.refuse
        for _ in range(4):
            self.time.pass_by(2.0)
            self.assertEqual(
                {waiting.ObservationFailed}, self.seen_by(20, self.look)
            )
        self.nova.migrations = read
        self.time.pass_by(2.0)
        self.assertEqual((server(), record('running')), self.look())

    def test_server_that_is_refused_for_good_is_so_for_all(self):
        self.nova.migrations = self.refuse
        self.assertEqual(
            {waiting.ObservationFailed}, self.seen_by(20, self.look)
        )
        self.time.pass_by(10.0)
        for _ in range(2):
            self.assertEqual(
                {exception.RequestRefused}, self.seen_by(20, self.look)
            )
            self.time.pass_by(2.0)

    def test_each_time_has_its_own_grace_period(self):
        read = self.nova.migrations
        for _ in range(5):
            self.nova.migrations = self.refuse
            self.assertEqual(
                {waiting.ObservationFailed}, self.seen_by(20, self.look)
            )
            self.nova.migrations = read
            self.time.pass_by(6.0)
            self.look()
            self.time.pass_by(6.0)

    def test_service_that_the_catalogue_lacks_for_long_is_not_away(self):
        self.nova.migrations = self.be_missing
        self.assertRaises(waiting.ObservationFailed, self.look)
        self.time.pass_by(10.0)
        self.assertRaises(exception.ServiceNotFound, self.look)
        self.assertEqual('', self.servers.unseen)

    def test_outage_has_no_bound(self):
        self.nova.migrations = self.be_away
        for _ in range(3):
            self.assertRaises(waiting.ObservationFailed, self.look)
            self.time.pass_by(1000.0)

    def test_time_that_it_is_away_is_not_time_of_a_refusal(self):
        for away in (False, True, True, True, False):
            self.nova.migrations = self.be_away if away else self.refuse
            self.assertEqual(
                {waiting.ObservationFailed}, self.seen_by(20, self.look)
            )
            self.time.pass_by(4.0)

    def test_refusal_is_told_once(self):
        output = self.useFixture(
            fixtures.FakeLogger('zone_migration.client', level=logging.WARNING)
        )
        self.nova.migrations = self.refuse
        for _ in range(4):
            self.seen_by(20, self.look)
            self.time.pass_by(2.0)
        self.assertEqual(1, output.output.count('who are you?'))
        self.assertIn('for up to 10 s', output.output)

    def test_single_server_that_is_refused_for_a_while_is_unseen(self):
        self.nova.server = self.refuse
        self.assertEqual(
            {waiting.ObservationFailed}, self.seen_by(20, self.look)
        )
        self.time.pass_by(10.0)
        self.assertEqual(
            {exception.RequestRefused}, self.seen_by(20, self.look)
        )

    def test_details_that_are_refused_for_a_while_hide_nothing(self):
        self.look()
        self.nova.servers = self.refuse
        for _ in range(3):
            self.time.pass_by(11.0)
            self.assertEqual({tuple}, self.seen_by(20, self.look))

    def test_volume_that_is_refused_for_a_while_is_unseen(self):
        for name in ('volumes', 'volume'):
            read = getattr(self.cinder, name)
            setattr(self.cinder, name, self.refuse)
            self.assertEqual(
                {waiting.ObservationFailed},
                self.seen_by(20, self.look_at_volume),
            )
            setattr(self.cinder, name, read)
            self.time.pass_by(2.0)
        self.assertEqual(volume(), self.look_at_volume())

    def test_volume_that_is_refused_for_good_is_so_for_all(self):
        self.cinder.volumes = self.refuse
        self.seen_by(20, self.look_at_volume)
        self.time.pass_by(10.0)
        self.assertEqual(
            {exception.RequestRefused}, self.seen_by(20, self.look_at_volume)
        )


class ClockOfNovaTest(base.TestCase):
    """What has changed is asked for by the times that Nova writes down."""

    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.clock = Clock(self.time)
        self.nova = NovaByItsClock()
        self.servers = observer.Servers(self.nova, 2.0, self.time.clock)

    def record(self, status, id_=7, server_id='s', age=0.0):
        return dataclasses.replace(
            record(status, id_, server_id), updated_at=self.clock.stamp(age)
        )

    def status_of(self, server_id='s'):
        """That of its migration, as an action sees it."""
        migration = self.servers.observe(server_id, 0)[1]
        return migration and migration.status

    def test_migration_that_has_been_silent_for_long_is_seen(self):
        self.nova.records = [
            self.record('running', 8, 't'), self.record('queued', age=300)
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
            dataclasses.replace(record('accepted'), updated_at=None),
        ]
        self.assertEqual('accepted', self.status_of())

    def test_clock_of_this_machine_does_not_matter(self):
        for ahead in (-90.0, 90.0):
            self.clock = Clock(self.time, ahead)
            self.servers = observer.Servers(self.nova, 2.0, self.time.clock)
            self.nova.records = [self.record('accepted')]
            for status in ('queued', 'running', 'completed'):
                self.status_of()
                self.nova.records = [self.record(status)]
                self.time.pass_by(30.0)
                self.assertEqual(status, self.status_of())

    def test_time_far_ahead_hides_others_for_a_minute_at_most(self):
        """As of one conductor whose clock is wrong."""
        self.nova.records = [self.record('running')]
        self.status_of()
        self.nova.records.append(
            self.record('running', 8, 't', age=-300.0))
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
        self.useFixture(fixtures.MockPatchObject(observer, '_SILENCE', 1e6))
        self.servers = observer.Servers(self.nova, 2.0, self.time.clock)
        self.nova.records = [
            self.record('running'), self.record('running', 8, 't')
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
            self.servers._take([new])
            return [old]

        self.nova.migrations_of = slowly
        self.assertEqual('completed', self.status_of())

    def test_details_are_read_by_the_times_of_nova(self):
        self.clock = Clock(self.time, -90.0)
        self.nova.records = [self.record('running')]
        self.status_of()
        changed = dataclasses.replace(
            server(), progress=50, updated_at=self.clock.stamp())
        self.nova.changed_servers = {'s': changed}
        self.time.pass_by(11.0)
        self.assertEqual(50, self.servers.observe('s', 0)[0].progress)

    def test_details_of_a_cloud_without_migrations_are_not_read(self):
        # It would be all of its servers.
        for _ in range(3):
            self.status_of()
            self.time.pass_by(11.0)
        self.assertNotIn('servers', self.nova.asked)


def copy(host, **more):
    """What Cinder copies the volume to."""
    return dataclasses.replace(
        volume(host), id='w', migration_status='target:v', **more
    )


class VolumesTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.time.now = 1000.0
        self.cinder = Cinder()
        self.volumes = observer.Volumes(self.cinder, 2.0, self.time.clock)

    def test_volume_is_seen(self):
        self.assertEqual(volume(), self.volumes.observe('v', 0))

    def test_clock_is_that_of_not_before(self):
        self.assertEqual(1000.0, self.volumes.now())

    def test_many_observers_cause_one_reading(self):
        for _ in range(100):
            self.volumes.observe('v', 0)
        self.assertEqual(
            ['newest_change', 'volumes', 'volume'], self.cinder.asked
        )

    def test_volumes_are_read_again_after_the_interval(self):
        for _ in range(10):
            self.volumes.observe('v', 0)
            self.time.pass_by(2.0)
        self.assertEqual(10, self.cinder.asked.count('volumes'))
        self.assertEqual(1, self.cinder.asked.count('volume'))

    def test_change_is_seen(self):
        self.volumes.observe('v', 0)
        self.cinder.changed = {'v': volume('h@b#b')}
        self.time.pass_by(2.0)
        self.assertEqual(volume('h@b#b'), self.volumes.observe('v', 0))

    def test_pool_of_a_copy_is_seen(self):
        self.volumes.observe('v', 0)
        self.assertIsNone(self.volumes.copied_to('v', 0))
        self.cinder.changed = {'w': copy('h@b#b')}
        self.time.pass_by(2.0)
        self.volumes.observe('v', 0)
        self.assertEqual('h@b#b', self.volumes.copied_to('v', 0))
        self.assertIsNone(self.volumes.copied_to('w', 0))

    def test_copy_of_an_earlier_move_is_not_looked_at(self):
        self.cinder.changed = {'w': copy('h@b#b')}
        self.volumes.observe('v', 0)
        self.assertIsNone(self.volumes.copied_to('v', 1000.5))

    def test_copy_that_was_made_before_is_not_looked_at(self):
        # One that Cinder could not delete changes when somebody does.
        self.cinder.changed = {
            'w': copy('h@c#c', created_at='2026-11-24T03:14:00')
        }
        self.volumes.observe('v', 0)
        for made_since, seen in (
            ('2026-11-24T03:14:01', None),
            ('2026-11-24T03:14:00', 'h@c#c'),
            ('', 'h@c#c'),
        ):
            self.assertEqual(
                seen, self.volumes.copied_to('v', 0, made_since)
            )

    def test_silent_copy_is_seen_by_who_looks_for_it(self):
        self.cinder.moving = {'w': copy('h@b#b'), 'x': volume(id_='x')}
        self.volumes.observe('v', 0)
        self.assertIsNone(self.volumes.copied_to('v', 0))
        self.volumes.look_for_copy('v')
        self.assertEqual('h@b#b', self.volumes.copied_to('v', 1000.0))

    def test_newest_copy_counts(self):
        # One that Cinder could not delete may be listed as well.
        old = copy('h@c#c', created_at='2026-01-01T00:00:00')
        new = copy('h@b#b', created_at='2026-01-02T00:00:00')
        for self.cinder.changed in (
            {'w': old, 'x': new},
            {'x': new, 'w': old},
        ):
            self.volumes.observe('v', 0)
            self.assertEqual('h@b#b', self.volumes.copied_to('v', 0))
            self.time.pass_by(2.0)

    def test_copy_that_is_in_no_pool_yet_is_not_seen(self):
        self.cinder.changed = {'w': copy(None)}
        self.volumes.observe('v', 0)
        self.assertIsNone(self.volumes.copied_to('v', 0))

    def test_reading_that_began_too_early_is_not_looked_at(self):
        self.volumes.observe('v', 0)
        self.time.pass_by(0.5)
        self.cinder.shown = {'v': volume('h@b#b')}
        self.assertEqual(
            volume('h@b#b'), self.volumes.observe('v', self.volumes.now())
        )

    def test_reading_that_was_under_way_is_not_looked_at(self):
        # It began before the request and ended after it.
        read = self.cinder.volumes

        def slowly(since):
            found = read(since)
            self.time.pass_by(1.0)
            return found

        self.cinder.changed = {'v': volume('old')}
        self.cinder.volumes = slowly
        self.assertEqual(volume(), self.volumes.observe('v', 1000.5))

    def test_reading_that_began_just_then_is_looked_at(self):
        self.volumes.observe('v', 1000.0)
        self.volumes.observe('v', 1000.0)
        self.assertEqual(1, self.cinder.asked.count('volume'))

    def test_volume_without_news_is_asked_for_by_itself(self):
        # A deleted one leaves Cinder's lists without a word.
        self.volumes.observe('v', 0)
        self.cinder.shown = {}
        self.time.pass_by(61.0)
        self.assertIsNone(self.volumes.observe('v', 0))

    def test_silent_copies_are_asked_for_together(self):
        ids = [f'v{n}' for n in range(500)]
        self.cinder.shown = {id_: volume(id_=id_) for id_ in ids}
        self.cinder.moving = dict(self.cinder.shown)
        for id_ in ids:
            self.volumes.observe(id_, 0)
        self.cinder.asked.clear()
        for _ in range(600):
            self.time.pass_by(1.0)
            for id_ in ids:
                self.volumes.observe(id_, 0)
        self.assertEqual(0, self.cinder.asked.count('volume'))
        self.assertLessEqual(self.cinder.asked.count('moving_volumes'), 10)

    def test_silent_copy_is_what_the_list_of_all_shows(self):
        self.volumes.observe('v', 0)
        self.cinder.moving = {'v': volume('h@b#b')}
        self.time.pass_by(61.0)
        self.assertEqual(volume('h@b#b'), self.volumes.observe('v', 0))

    def test_look_tells_whether_cinder_can_be_read(self):
        self.cinder.unavailable = True
        self.assertRaises(waiting.ObservationFailed, self.volumes.look)
        self.assertEqual('Cinder is unavailable: 503', self.volumes.unseen)

    def test_cinder_that_cannot_be_reached_is_unseen(self):
        self.cinder.unavailable = True
        self.assertRaises(
            waiting.ObservationFailed, self.volumes.observe, 'v', 0
        )


class ClockOfCinderTest(base.TestCase):
    """What has changed is asked for by the times that Cinder writes down."""

    def test_clock_of_this_machine_does_not_matter(self):
        time = fakes.Time()
        for ahead in (-600.0, 600.0):
            clock = Clock(time, ahead)
            service = CinderByItsClock()
            service.shown = {'v': volume(updated_at=clock.stamp())}
            volumes = observer.Volumes(service, 2.0, time.clock)
            volumes.observe('v', 0)
            for host in ('h@b#b', 'h@c#c'):
                time.pass_by(30.0)
                changed = volume(host, updated_at=clock.stamp())
                service.changed = {'v': changed}
                self.assertEqual(changed, volumes.observe('v', 0))
