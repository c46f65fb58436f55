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

from zone_migration.osc import plan_picture
from zone_migration.tests.unit.osc import fakes

AT = '2026-11-28T03:14:05+00:00'
HOST = 'change_nova_service_state'
DISABLED = {'resource_name': 'c', 'state': 'disabled'}
ENABLED = {'resource_name': 'c', 'state': 'enabled'}


def picture(*actions, **plan):
    progress = plan_picture.PlanProgress(fakes.plan(**plan))
    progress.update(actions)
    return progress.picture()


class UpdateTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.progress = plan_picture.PlanProgress(fakes.plan())

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

    def listed(self, state, at):
        return self.progress.update(
            [fakes.action(state=state, updated_at=f'2026-11-28T03:14:{at}')]
        )

    def test_an_older_listing_is_not_new(self):
        self.listed('FAILED', '20')
        for state in ('ONGOING', 'PENDING', 'CANCELLED'):
            self.assertEqual([], self.listed(state, '05'), state)

    def test_a_clock_of_an_api_that_is_behind_hides_no_end(self):
        self.listed('PENDING', '20')
        self.assertEqual(1, len(self.listed('SKIPPED', '05')))


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
            fakes.action('d', state='SKIPPED', updated_at=AT),
            fakes.action('e'),
        )
        self.assertEqual('2 of 3 done (1 skipped)', found.sums)

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

    def test_a_row_keeps_its_place(self):
        progress = plan_picture.PlanProgress(fakes.plan())
        progress.update(
            [
                fakes.action('b', state='ONGOING', updated_at=AT),
                fakes.action(
                    'a',
                    state='ONGOING',
                    message='copying (since 2026-11-28 03:14:06)',
                ),
            ]
        )
        progress.update(
            [
                fakes.action(
                    'b',
                    state='ONGOING',
                    message='copying (since 2026-11-28 03:14:07)',
                )
            ]
        )
        names = [action.name for action in progress.picture().running]
        self.assertEqual(['b', 'a'], names)

    def test_those_of_the_same_second_are_in_the_order_of_their_names(self):
        message = 'copying (since 2026-11-28 03:14:05)'
        found = picture(
            *(
                fakes.action(name, state='ONGOING', message=message)
                for name in 'cab'
            )
        )
        self.assertEqual(['a', 'b', 'c'], [a.name for a in found.running])

    def test_hosts_are_not_counted_among_servers_and_volumes(self):
        found = picture(
            fakes.action('c1', HOST, state='SUCCEEDED', parameters=DISABLED),
            fakes.action('c2', HOST, state='PENDING', parameters=DISABLED),
            fakes.action('a', state='SUCCEEDED', updated_at=AT),
            fakes.action('b'),
            state='ONGOING',
            message='2 of 4 done, 0 running; limits: 2 a host; 2 wait',
        )
        self.assertEqual('1 of 2 done', found.sums)
        self.assertEqual(
            ['1 host disabled', 'limits: 2 a host', '1 waits'], found.notes
        )

    def test_hosts_are_counted_where_there_is_nothing_else(self):
        found = picture(
            fakes.action('c1', HOST, state='SUCCEEDED', parameters=ENABLED),
            fakes.action('c2', HOST, state='ONGOING', parameters=ENABLED),
            state='ONGOING',
        )
        self.assertEqual('1 of 2 hosts done', found.sums)
        self.assertEqual(
            '1 of 2 hosts done, 1 running; 1 host enabled', found.words
        )

    def test_sums_tell_what_did_not_go_well(self):
        found = picture(
            fakes.action('a', state='SUCCEEDED', updated_at=AT),
            fakes.action('b', state='FAILED', updated_at=AT),
            fakes.action('c', state='SKIPPED', updated_at=AT),
            fakes.action('d', state='FAILED', updated_at=AT),
        )
        self.assertEqual('4 of 4 done (2 failed, 1 skipped)', found.sums)

    def test_sums_use_the_words_of_the_end(self):
        skipped = 'Action was skipped automatically: the server is'
        found = picture(
            *(
                fakes.action(
                    name,
                    state='SKIPPED',
                    message=f'{skipped} {why}',
                    updated_at=AT,
                )
                for name, why in (
                    ('a', 'already on c2'),
                    ('b', 'already on c3'),
                    ('c', 'on c3, not on c1'),
                )
            ),
            fakes.action('d'),
        )
        self.assertEqual(
            '3 of 4 done (2 already there, 1 skipped)', found.sums
        )

    def test_a_host_that_stays_as_it_is_is_skipped(self):
        host = fakes.action(
            'c1', HOST, state='SKIPPED', message='c1 is up', updated_at=AT
        )
        self.assertEqual('1 of 1 hosts done (1 skipped)', picture(host).sums)

    def test_what_was_never_started_is_not_done(self):
        found = picture(
            fakes.action('a', state='SUCCEEDED', updated_at=AT),
            fakes.action('b', state='CANCELLED', message='not started: why'),
        )
        self.assertEqual('1 of 2 done', found.sums)

    def test_what_runs_does_not_wait_whatever_the_engine_said_before(self):
        found = picture(
            fakes.action('a', state='ONGOING', message='copying to c2'),
            state='ONGOING',
            message='0 of 1 done, 0 running; limits: 2 a host; 1 waits: 2 of '
            '2 leave c1',
        )
        self.assertEqual('', found.waits)
        self.assertEqual(
            '0 of 1 done, 1 running; limits: 2 a host', found.words
        )

    def test_the_engine_says_which_limits_hold_up_what_waits(self):
        message = '4 of 40 done; limits: 2 a host; 30 wait: 2 of 2 leave c1'
        found = picture(
            fakes.action('a'),
            fakes.action('b'),
            state='ONGOING',
            message=message,
        )
        self.assertEqual(
            ['limits: 2 a host', '2 wait: 2 of 2 leave c1'], found.notes
        )

    def test_the_actions_say_it_where_the_engine_does_not(self):
        found = picture(
            fakes.action('a', message='waits: 2 of 2 leave c1'),
            fakes.action('b', message='waits: 1 of 1 reach c2'),
            fakes.action('c', message='waits: 2 of 2 leave c1'),
            fakes.action('d', message='waits: host c3 is disabled first'),
            state='ONGOING',
            message='4 of 40 done',
        )
        self.assertEqual(
            '4 wait: 2 of 2 leave c1, 1 of 1 reach c2', found.waits
        )

    def test_what_was_to_come_first_is_not_waited_for_when_it_has_come(self):
        host = {'resource_name': 'c3', 'state': 'disabled'}
        for state, expected in (
            ('ONGOING', '1 waits: host c3 is disabled first'),
            ('SUCCEEDED', '1 waits'),
        ):
            found = picture(
                fakes.action('c3', HOST, state=state, parameters=host),
                fakes.action('a', message='waits: host c3 is disabled first'),
                state='ONGOING',
            )
            self.assertEqual(expected, found.waits)

    def test_what_waits_in_a_plan_that_is_cancelled_never_starts(self):
        found = picture(
            fakes.action('a'),
            fakes.action('b', state='ONGOING'),
            state='CANCELLING',
            # Of all that was to be moved.
            message='0 of 2 done, 1 running, about 2 min to go',
        )
        self.assertEqual(
            '0 of 2 done, 1 running; 1 will not be started', found.words
        )

    def test_services_that_are_away_are_told_shortly(self):
        found = picture(
            state='ONGOING',
            message='4 of 40 done; nothing that needs Nova starts since 03:14 '
            'UTC: Unable to establish connection to http://c1:8774/v2.1/x: '
            "HTTPConnectionPool(host='c1', port=8774): [Errno 111] Connection "
            'refused; 30 wait',
        )
        self.assertEqual(
            [
                'nothing that needs Nova starts since 03:14 UTC: c1:8774: '
                'Connection refused'
            ],
            found.notes,
        )

    def test_before_the_start_the_planner_is_heard(self):
        message = '4 to move; a risk'
        self.assertEqual(
            message, picture(state='PENDING', message=message).words
        )

    def test_the_risks_of_the_planner_are_no_news_of_the_engine(self):
        found = picture(
            fakes.action('a'), state='ONGOING', message='1 to move; a risk'
        )
        self.assertEqual(['1 waits'], found.notes)

    def test_a_plan_that_has_ended_is_told_elsewhere(self):
        self.assertEqual('', picture(state='SUCCEEDED').words)

    def test_the_latest_time_is_of_the_plan_or_of_an_action(self):
        progress = plan_picture.PlanProgress(fakes.plan(updated_at='1'))
        self.assertEqual('1', progress.updated_at)
        progress.update([fakes.action(updated_at='2')])
        self.assertEqual('2', progress.updated_at)

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
            ).retried,
        )
