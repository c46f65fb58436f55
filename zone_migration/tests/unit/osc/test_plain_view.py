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

import fixtures
import testtools

from zone_migration.osc import follow
from zone_migration.osc import plain_view
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes
from zone_migration.tests.unit.osc import test_follow


class PlainViewTest(test_follow.FollowerCase):
    def setUp(self):
        super().setUp()
        self.output = fakes.Stream()
        self.view = plain_view.PlainView(self.output, self.follower, 'rack 7')
        self.view.__enter__()
        self.watcher.set_plan(updated_at=test_follow.stamp(0))
        self.look()
        self.told()

    def look(self, seconds=2):
        super().look(seconds)
        self.view.show()

    def told(self):
        """The lines since the last call."""
        lines = self.output.getvalue().splitlines()
        self.output.seek(0)
        self.output.truncate()
        return lines

    def test_each_change_is_a_line(self):
        self.watcher.change(
            1,
            61,
            state='ONGOING',
            message='copying to c2, memory 1.0 of 2.0 GiB left (since '
            '2026-11-28 03:00:59)',
        )
        self.look()
        self.watcher.change(
            1,
            65,
            state='SUCCEEDED',
            message='migrated from c1 to c2 in 6.0 s, waited 3 s for c1',
        )
        self.look()
        self.assertEqual(
            [
                '03:01:01 web-1 live migration ONGOING copying to c2, memory '
                '1.0 of 2.0 GiB left',
                '03:01:05 web-1 live migration SUCCEEDED migrated from c1 to '
                'c2 in 6.0 s, waited 3 s for c1',
            ],
            self.told(),
        )

    def test_memory_alone_is_no_change(self):
        for second in range(10):
            self.watcher.change(
                1,
                second,
                state='ONGOING',
                message=f'copying, memory 1.{second} of 2.0 GiB left',
            )
            self.look()
        self.assertEqual(1, len(self.told()))

    def test_waiting_for_a_limit_is_no_line(self):
        self.watcher.change(1, 1, message='waits: 2 of 2 leave c1')
        self.look()
        self.assertEqual([], self.told())

    def test_waiting_for_another_try_is_a_line(self):
        self.watcher.change(1, 1, message='waits until Nova is back')
        self.look()
        self.assertEqual(
            ['03:00:01 web-1 live migration PENDING waits until Nova is back'],
            self.told(),
        )

    def test_a_failure_comes_with_its_remedy(self):
        self.watcher.change(
            1,
            1,
            state='FAILED',
            message='Action failed in execute: destination c2 is down',
        )
        self.look()
        self.assertIn('(remedy: start nova-compute on', self.told()[0])

    def test_what_was_not_started_is_no_line(self):
        for number in range(100):
            self.watcher.change(
                number,
                1,
                state='CANCELLED',
                message='not started: the plan was cancelled',
            )
        self.look()
        self.assertEqual([], self.told())

    def test_the_plan_is_told_every_half_minute(self):
        for second in range(60):
            self.watcher.change(second, second, state='SUCCEEDED')
            self.look(1)
        self.assertEqual(
            [
                '03:00:29 plan ONGOING 30 of 100 done; 70 wait',
                '03:00:59 plan ONGOING 60 of 100 done; 40 wait',
            ],
            [line for line in self.told() if ' plan ' in line],
        )

    def test_the_counts_are_not_those_of_the_engine(self):
        self.watcher.set_plan(
            message='4 of 101 done, 2 running, about 10 min to go; limits: 2 '
            'a host; 95 wait: 2 of 2 leave c1'
        )
        self.watcher.change(0, 1, state='ONGOING')
        self.look(40)
        self.assertEqual(
            '03:00:01 plan ONGOING 0 of 100 done, 1 running, about 10 min to '
            'go; limits: 2 a host; 99 wait: 2 of 2 leave c1',
            self.told()[-1],
        )

    def test_a_new_state_of_the_plan_is_told_at_once(self):
        self.watcher.set_plan(state='CANCELLING')
        self.look()
        self.watcher.set_plan(message='4 of 40 done')
        self.look()
        self.assertEqual(
            [
                '03:00:00 plan CANCELLING 0 of 100 done; 100 will not be '
                'started'
            ],
            self.told(),
        )

    def test_an_outage_is_told_now_and_then(self):
        error = watcher_errors.Unavailable('Watcher does not answer: no route')
        for _ in range(34):
            self.now += 2
            self.view.away(error)
        self.look(0)
        self.assertEqual(
            [
                f'{at} Watcher has not answered for {since}: no route'
                for at, since in (
                    ('03:00:02', '2 s'),
                    ('03:00:32', '32 s'),
                    ('03:01:02', '1 min'),
                )
            ]
            + ['03:01:08 Watcher answers again.'],
            self.told()[:4],
        )

    def test_short_outages_are_not_told_each(self):
        error = watcher_errors.Unavailable('Watcher does not answer: no route')
        for _ in range(15):
            self.now += 2
            self.view.away(error)
            self.look()
        self.assertEqual(
            [
                '03:00:02 Watcher has not answered for 2 s: no route',
                '03:00:04 Watcher answers again.',
                '03:00:34 Watcher has not answered for 2 s: no route',
                '03:00:36 Watcher answers again.',
            ],
            [line for line in self.told() if ' Watcher ' in line],
        )

    def test_the_date_comes_when_it_is_known(self):
        follower = follow.Follower(
            self.watcher, self.watcher.plans_[0], lambda: self.now
        )
        self.watcher.set_plan(updated_at='')
        view = plain_view.PlainView(self.output, follower, 'rack 7')
        follower.look()
        view.show()
        self.watcher.set_plan(
            updated_at=test_follow.stamp(1), state='CANCELLING'
        )
        follower.look()
        view.show()
        self.assertEqual(
            [
                "plan 'rack 7', times are UTC",
                '--:--:-- plan ONGOING 0 of 100 done; 100 wait',
                '2026-11-28',
            ],
            self.told()[:3],
        )

    def test_a_new_day_is_a_line(self):
        for number, day in ((1, 28), (2, 29), (3, 29)):
            self.watcher.actions_[number] = dataclasses.replace(
                self.watcher.actions_[number],
                state='SUCCEEDED',
                updated_at=f'2026-11-{day}T00:00:0{number}+00:00',
            )
        self.look()
        self.assertEqual(
            [
                '00:00:01 web-1 live migration SUCCEEDED',
                '2026-11-29',
                '00:00:02 web-2 live migration SUCCEEDED',
                '00:00:03 web-3 live migration SUCCEEDED',
            ],
            self.told()[:4],
        )

    def test_lines_of_a_terminal_are_broken_between_words(self):
        self.output.is_terminal = True
        self.useFixture(fixtures.EnvironmentVariable('COLUMNS', '40'))
        self.watcher.change(1, 1, state='FAILED', message='no route ' * 9)
        self.look()
        self.assertEqual(
            '03:00:01 web-1 live migration FAILED no\n  route no route no',
            '\n'.join(self.told()[:2])[:60].rstrip(),
        )

    def test_control_characters_begin_no_lines(self):
        self.watcher.actions_[1].parameters['resource_name'] = 'a\nb\x1b[2J'
        self.watcher.change(1, 1, state='ONGOING')
        self.look()
        self.assertEqual(
            ['03:00:01 a\\nb\\x1b[2J live migration ONGOING'], self.told()
        )


class PendingTest(testtools.TestCase):
    def test_why_it_waits_is_told_once(self):
        watcher = test_follow.CountingWatcher(
            fakes.plan(state='PENDING', updated_at=test_follow.stamp(0))
        )
        now = [0.0]
        follower = follow.Follower(watcher, watcher.plans_[0], lambda: now[0])
        output = fakes.Stream()
        with plain_view.PlainView(output, follower, 'rack 7') as view:
            for now[0] in range(60):
                follower.look()
                view.show()
        self.assertEqual(
            [
                "2026-11-28 plan 'rack 7', times are UTC",
                '03:00:00 plan PENDING 1 to move',
                '03:00:10 plan PENDING No applier has taken it yet; is '
                'watcher-applier running?',
            ],
            output.getvalue().splitlines(),
        )
