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

from zone_migration import waiting
from zone_migration.client import volume_observer
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes
from zone_migration.tests.unit.client import observed


def copy(host, **more):
    """What Cinder copies the volume to."""
    return dataclasses.replace(
        observed.volume(host), id='w', migration_status='target:v', **more
    )


class VolumesTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.time.now = 1000.0
        self.cinder = observed.Cinder()
        self.volumes = volume_observer.VolumeObserver(
            self.cinder, 2.0, self.time.clock
        )

    def test_volume_is_seen(self):
        self.assertEqual(observed.volume(), self.volumes.observe('v', 0))

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
        self.cinder.changed = {'v': observed.volume('h@b#b')}
        self.time.pass_by(2.0)
        self.assertEqual(
            observed.volume('h@b#b'), self.volumes.observe('v', 0)
        )

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
                seen, self.volumes.copied_to('v', 0, made_since), made_since
            )

    def test_silent_copy_is_seen_by_who_looks_for_it(self):
        self.cinder.moving = {
            'w': copy('h@b#b'),
            'x': observed.volume(id_='x'),
        }
        self.volumes.observe('v', 0)
        self.assertIsNone(self.volumes.copied_to('v', 0))
        self.volumes.read_copy('v')
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
        self.cinder.shown = {'v': observed.volume('h@b#b')}
        self.assertEqual(
            observed.volume('h@b#b'),
            self.volumes.observe('v', self.volumes.now()),
        )

    def test_reading_that_was_under_way_is_not_looked_at(self):
        # It began before the request and ended after it.
        read = self.cinder.volumes

        def slowly(since):
            found = read(since)
            self.time.pass_by(1.0)
            return found

        self.cinder.changed = {'v': observed.volume('old')}
        self.cinder.volumes = slowly
        self.assertEqual(observed.volume(), self.volumes.observe('v', 1000.5))

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
        self.cinder.shown = {id_: observed.volume(id_=id_) for id_ in ids}
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
        self.cinder.moving = {'v': observed.volume('h@b#b')}
        self.time.pass_by(61.0)
        self.assertEqual(
            observed.volume('h@b#b'), self.volumes.observe('v', 0)
        )

    def test_look_tells_whether_cinder_can_be_read(self):
        self.cinder.unavailable = True
        self.assertRaises(waiting.ObservationFailed, self.volumes.refresh)
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
            clock = observed.Clock(time, ahead)
            service = observed.CinderByItsClock()
            service.shown = {'v': observed.volume(updated_at=clock.stamp())}
            volumes = volume_observer.VolumeObserver(service, 2.0, time.clock)
            volumes.observe('v', 0)
            for host in ('h@b#b', 'h@c#c'):
                time.pass_by(30.0)
                changed = observed.volume(host, updated_at=clock.stamp())
                service.changed = {'v': changed}
                self.assertEqual(changed, volumes.observe('v', 0), ahead)


class InFlightTest(base.TestCase):
    """The volumes of the whole cloud that Cinder moves."""

    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.time.now = 1000.0
        self.cinder = observed.Cinder()
        self.volumes = volume_observer.VolumeObserver(
            self.cinder, 2.0, self.time.clock
        )
        self.moving = observed.volume(migration_status='migrating')

    def show(self, *volumes):
        """Let these be what has changed, and what moves."""
        self.cinder.changed = {one.id: one for one in volumes}
        self.cinder.moving = {
            one.id: one for one in volumes if one.is_moving or one.copy_of
        }

    def test_one_that_moves_is_told_with_the_pool_of_its_copy(self):
        self.show(self.moving, copy('h@b#b'))
        self.assertEqual([(self.moving, 'h@b#b')], self.volumes.in_flight())

    def test_one_that_does_not_move_is_not_told(self):
        self.show(observed.volume(migration_status='success'))
        self.assertEqual([], self.volumes.in_flight())

    def test_one_that_cinder_has_accepted_has_no_copy_yet(self):
        starting = observed.volume(migration_status='starting')
        self.show(starting, copy('h@left#behind'))
        self.assertEqual([(starting, None)], self.volumes.in_flight())

    def test_one_that_only_who_waits_has_read_is_not_told_yet(self):
        self.volumes.in_flight()
        self.cinder.shown = {'v': self.moving}
        self.assertEqual(self.moving, self.volumes.observe('v', 0))
        self.assertEqual([], self.volumes.in_flight())
        self.show(self.moving, copy('h@b#b'))
        self.time.pass_by(4.0)
        self.assertEqual([(self.moving, 'h@b#b')], self.volumes.in_flight())

    def test_one_that_has_been_silent_for_long_is_told(self):
        self.show(self.moving, copy('h@b#b'))
        self.cinder.changed = {}
        self.assertEqual([(self.moving, 'h@b#b')], self.volumes.in_flight())

    def test_those_before_the_first_reading_are_asked_for_once(self):
        self.show(self.moving, copy('h@b#b'))
        for _ in range(5):
            self.volumes.in_flight()
            self.time.pass_by(10.0)
        self.assertEqual(1, self.cinder.asked.count('moving_volumes'))
        self.assertEqual(1, self.cinder.asked.count('copies_of'))

    def test_one_that_stays_silent_is_told(self):
        self.show(self.moving, copy('h@b#b'))
        self.volumes.in_flight()
        self.cinder.changed = {}
        for _ in range(100):
            self.time.pass_by(3.0)
            self.assertEqual(
                [(self.moving, 'h@b#b')], self.volumes.in_flight()
            )
        self.assertLessEqual(self.cinder.asked.count('moving_volumes'), 6)

    def test_one_that_was_deleted_is_told_no_more(self):
        self.show(self.moving)
        self.volumes.in_flight()
        self.show()
        self.time.pass_by(61.0)
        self.assertEqual([], self.volumes.in_flight())

    def test_one_that_has_ended_is_told_no_more(self):
        self.show(self.moving)
        self.volumes.in_flight()
        self.show(observed.volume('h@b#b', migration_status='success'))
        self.time.pass_by(4.0)
        self.assertEqual([], self.volumes.in_flight())

    def test_cinder_that_is_away_shows_nothing(self):
        self.cinder.unavailable = True
        self.assertRaises(waiting.ObservationFailed, self.volumes.in_flight)

    def test_nothing_is_read_beside_the_readings_of_who_waits(self):
        self.volumes.observe('v', 0)
        self.volumes.in_flight()
        for _ in range(10):
            self.time.pass_by(1.2)
            self.volumes.in_flight()
            self.time.pass_by(1.2)
            self.volumes.observe('v', 0)
        self.assertEqual(11, self.cinder.asked.count('volumes'))
