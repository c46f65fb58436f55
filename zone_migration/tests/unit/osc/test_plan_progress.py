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

from zone_migration.osc import plan_progress
from zone_migration.tests.unit.osc import fakes

AT = '2026-11-28T03:14:05+00:00'


def picture(*actions, **plan):
    progress = plan_progress.PlanProgress(fakes.plan(**plan))
    progress.update(actions)
    return progress.picture()


class UpdateTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.progress = plan_progress.PlanProgress(fakes.plan())

    def test_all_is_new_at_first(self):
        listed = [fakes.action('web-1'), fakes.action('web-2')]
        self.assertEqual(listed, self.progress.update(listed))

    def test_what_is_listed_again_is_not_new(self):
        self.progress.update([fakes.action('web-1')])
        self.assertEqual([], self.progress.update([fakes.action('web-1')]))

    def test_changes_come_in_the_order_of_their_times(self):
        later = fakes.action('web-1', updated_at='2026-11-28T03:14:06')
        sooner = fakes.action('web-2', updated_at='2026-11-28T03:14:05')
        self.assertEqual(
            [sooner, later], self.progress.update([later, sooner])
        )


class PictureTest(testtools.TestCase):
    def test_what_was_skipped_before_the_start_is_not_counted(self):
        found = picture(
            fakes.action('a', state='SUCCEEDED', updated_at=AT),
            fakes.action('b', state='SKIPPED', message='it is locked'),
            fakes.action(
                'c',
                state='SKIPPED',
                message='Action skipped by user. Reason: later',
                updated_at=AT,
            ),
            fakes.action('d', state='SKIPPED', message='gone', updated_at=AT),
            fakes.action('e'),
        )
        self.assertEqual((2, 3), (found.done, found.total))

    def test_the_longest_running_is_first(self):
        found = picture(
            fakes.action('a', state='ONGOING'),
            fakes.action(
                'b',
                state='ONGOING',
                message='copying (since 2026-11-28 03:14:06)',
            ),
            fakes.action(
                'c',
                state='CANCELLING',
                message='copying (since 2026-11-28 03:14:05)',
            ),
        )
        self.assertEqual(['c', 'b', 'a'], [a.name for a in found.running])

    def test_the_time_left_is_in_the_words_of_the_engine(self):
        message = '4 of 40 done (1 failed), 4 running, about 10 min to go; x'
        found = picture(state='ONGOING', message=message)
        self.assertEqual('about 10 min to go', found.time_left)

    def test_no_time_left_is_told_without_one(self):
        self.assertEqual('', picture(message='4 of 40 done').time_left)

    def test_limits_and_waits_are_those_of_the_engine(self):
        message = '4 of 40 done; limits: 2 a host; 30 wait: 2 of 2 leave c1'
        self.assertEqual(
            ['limits: 2 a host', '30 wait: 2 of 2 leave c1'],
            picture(state='ONGOING', message=message).notes,
        )

    def test_waits_are_counted_when_the_engine_does_not(self):
        self.assertEqual(
            ['3 wait: 2 of 2 leave c1 (2), 1 of 1 reach c2 (1)'],
            picture(
                fakes.action('a', message='waits: 2 of 2 leave c1'),
                fakes.action('b', message='waits: 1 of 1 reach c2'),
                fakes.action('c', message='waits: 2 of 2 leave c1'),
                state='ONGOING',
                message='4 of 40 done',
            ).notes,
        )

    def test_those_that_are_tried_again_are_named(self):
        self.assertEqual(
            [
                'web-0 waits until Nova is back',
                'web-1 waits until Nova is back',
                'web-2 waits until Nova is back',
                '2 more like these',
            ],
            picture(
                *(
                    fakes.action(
                        f'web-{n}', message='waits until Nova is back'
                    )
                    for n in range(5)
                ),
                state='ONGOING',
                message='4 of 40 done',
            ).notes,
        )

    def test_the_words_before_the_start_are_no_notes(self):
        self.assertEqual(
            [], picture(state='PENDING', message='4 to move; a risk').notes
        )


class ActionTest(testtools.TestCase):
    def test_what_is_there_already_is_as_good_as_moved(self):
        for state, message, expected in (
            ('SUCCEEDED', 'migrated from c1 to c2 in 3.0 s', False),
            ('SKIPPED', 'the server is already on c2', False),
            ('SKIPPED', 'the server is locked', True),
            ('FAILED', 'Action failed in execute: no route', True),
            ('CANCELLED', 'not started: the plan was cancelled', True),
            ('PENDING', '', False),
        ):
            action = fakes.action(state=state, message=message)
            self.assertEqual(
                expected, plan_progress.is_not_moved(action), (state, message)
            )

    def test_a_host_that_stays_as_it_is_keeps_nothing_back(self):
        host = fakes.action(
            'c1', 'change_nova_service_state', state='SKIPPED', message='why'
        )
        self.assertFalse(plan_progress.is_not_moved(host))

    def test_what_was_not_started_is_told_from_what_was_stopped(self):
        for message, expected in (
            ('', True),
            ('not started: the plan was cancelled', True),
            ('waits: 2 of 2 leave c1', True),
            ('waits until one has moved (tried 2 times): full', False),
            ('the server is back on c1 (after 3.0 s)', False),
        ):
            action = fakes.action(state='CANCELLED', message=message)
            self.assertEqual(
                expected, plan_progress.was_not_started(action), message
            )

    def test_memory_that_goes_on_changing_is_no_new_phase(self):
        one, two = (
            plan_progress.phase(
                fakes.action(
                    state='ONGOING',
                    message=f'copying to c2, memory {left} of 2.0 GiB left '
                    '(since 2026-11-28 03:14:05)',
                )
            )
            for left in ('1.0', '0.5')
        )
        self.assertEqual(('ONGOING', 'copying to c2'), one)
        self.assertEqual(one, two)

    def test_waiting_for_another_limit_is_no_new_phase(self):
        waiting = fakes.action(message='waits: 2 of 2 leave c1')
        self.assertEqual(
            plan_progress.phase(fakes.action()), plan_progress.phase(waiting)
        )

    def test_a_reason_comes_without_what_stands_before_it(self):
        for message in (
            'Action failed in pre_condition: no route (after 3.0 s)',
            'Action was skipped automatically: no route',
            'no route',
        ):
            action = fakes.action(message=message)
            self.assertEqual('no route', plan_progress.why(action), message)

    def test_a_parameter_that_would_help_is_told_as_its_option(self):
        self.assertEqual(
            'the server is locked: unlock it, or give --move-locked',
            plan_progress.why(
                fakes.action(
                    message='Action was skipped automatically: the server is '
                    'locked: unlock it, or set move_locked'
                )
            ),
        )

    def test_routes_name_what_is_known(self):
        for expected, parameters in (
            ('c1 -> c2', {'source': 'c1', 'dst_hostname': 'c2'}),
            ('p1 -> fast', {'source': 'p1', 'dst_type': 'fast'}),
            ('from c1', {'source': 'c1'}),
            ('to c2', {'source': '', 'dst_hostname': 'c2'}),
            ('disabled', {'source': '', 'state': 'disabled'}),
        ):
            action = fakes.action(parameters=parameters)
            self.assertEqual(expected, plan_progress.route(action))


class ShareTest(testtools.TestCase):
    def share(self, seconds, message='', type='cold_migration', **parameters):
        action = fakes.action(type=type, message=message, **parameters)
        return plan_progress.share_done(action, seconds)

    def test_memory_is_exact(self):
        self.assertEqual(
            (0.75, False),
            self.share(
                3.0,
                'copying to c2, memory 0.5 of 2.0 GiB left',
                'live_migration',
                expected_duration=100,
            ),
        )

    def test_more_memory_than_there_was_is_nothing_done(self):
        self.assertEqual(
            (0.0, False), self.share(3.0, 'memory 3.0 of 2.0 GiB left')
        )

    def test_time_is_an_estimate(self):
        self.assertEqual((0.25, True), self.share(25.0, expected_duration=100))

    def test_what_takes_longer_than_expected_has_none(self):
        self.assertEqual((None, True), self.share(100, expected_duration=100))

    def test_a_live_migration_that_copies_no_memory_yet_has_none(self):
        self.assertEqual(
            (None, True),
            self.share(
                25.0,
                'queued behind 1 other live migration of c1',
                'live_migration',
                expected_duration=100,
            ),
        )

    def test_nothing_tells_it(self):
        self.assertEqual((None, True), self.share(5.0))
        self.assertEqual((None, True), self.share(5.0, expected_duration=0))
        self.assertEqual((None, True), self.share(None, expected_duration=9))
