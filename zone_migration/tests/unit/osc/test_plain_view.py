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

import io

import testtools

from zone_migration.osc import follow
from zone_migration.osc import plain_view
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes
from zone_migration.tests.unit.osc import test_follow


class PlainViewTest(test_follow.FollowerCase):
    def setUp(self):
        super().setUp()
        self.output = io.StringIO()
        self.view = plain_view.PlainView(self.output, self.follower)
        self.view.__enter__()
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
                '03:01:01 web-1 live_migration ONGOING copying to c2, memory '
                '1.0 of 2.0 GiB left',
                '03:01:05 web-1 live_migration SUCCEEDED migrated from c1 to '
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
            ['03:00:01 web-1 live_migration PENDING waits until Nova is back'],
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
            self.watcher.set_plan(
                message=f'{second} of 100 done',
                updated_at=test_follow.stamp(second),
            )
            self.look(1)
        self.assertEqual(
            [
                '03:00:29 plan ONGOING 29 of 100 done',
                '03:00:59 plan ONGOING 59 of 100 done',
            ],
            self.told(),
        )

    def test_a_new_state_of_the_plan_is_told_at_once(self):
        self.watcher.set_plan(state='CANCELLING')
        self.look()
        self.watcher.set_plan(message='4 of 40 done')
        self.look()
        self.assertEqual(['--:--:-- plan CANCELLING 1 to move'], self.told())

    def test_an_outage_is_told_now_and_then(self):
        error = watcher_errors.Unavailable('Watcher does not answer: no route')
        for _ in range(34):
            self.now += 2
            self.view.away(error)
        self.look()
        self.assertEqual(
            [
                f'Watcher does not answer: no route (since {since})'
                for since in ('2 s', '32 s', '1 min')
            ]
            + ['Watcher answers again.'],
            self.told(),
        )

    def test_control_characters_begin_no_lines(self):
        self.watcher.actions_[1].parameters['resource_name'] = 'a\nb\x1b[2J'
        self.watcher.change(1, 1, state='ONGOING')
        self.look()
        self.assertEqual(
            ['03:00:01 a\\nb\\x1b[2J live_migration ONGOING'], self.told()
        )


class PendingTest(testtools.TestCase):
    def test_why_it_waits_is_told_once(self):
        watcher = test_follow.CountingWatcher(fakes.plan(state='PENDING'))
        now = [0.0]
        follower = follow.Follower(watcher, watcher.plans_[0], lambda: now[0])
        output = io.StringIO()
        with plain_view.PlainView(output, follower) as view:
            for now[0] in range(60):
                follower.look()
                view.show()
        self.assertEqual(
            [
                'Times are UTC.',
                '--:--:-- plan PENDING 1 to move',
                '--:--:-- plan PENDING No applier has taken it yet; is '
                'watcher-applier running?',
            ],
            output.getvalue().splitlines(),
        )
