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

import logging

import fixtures

from zone_migration import waiting
from zone_migration.client import exception
from zone_migration.client import server_observer
from zone_migration.client import volume_observer
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.client import observed


class RefusalTest(base.TestCase):
    """Nova or Cinder refuse to be read, for a while or for good."""

    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.time.now = 1000.0
        self.nova = observed.Nova()
        self.nova.records = [observed.record('running')]
        self.servers = server_observer.ServerObserver(
            self.nova, 2.0, self.time.clock, grace_period=10.0
        )
        self.cinder = observed.Cinder()
        self.volumes = volume_observer.VolumeObserver(
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
        self.assertEqual(
            (observed.server(), observed.record('running')), self.look()
        )

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
                {waiting.ObservationFailed}, self.seen_by(20, self.look), away
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
                name,
            )
            setattr(self.cinder, name, read)
            self.time.pass_by(2.0)
        self.assertEqual(observed.volume(), self.look_at_volume())

    def test_volume_that_is_refused_for_good_is_so_for_all(self):
        self.cinder.volumes = self.refuse
        self.seen_by(20, self.look_at_volume)
        self.time.pass_by(10.0)
        self.assertEqual(
            {exception.RequestRefused}, self.seen_by(20, self.look_at_volume)
        )
