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

import collections
import dataclasses
import datetime

import testtools

from zone_migration.osc import follow
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


def stamp(seconds):
    """A time of the applier, whose clock is not ours."""
    minutes, seconds = divmod(int(seconds), 60)
    return f'2026-11-28T03:{minutes:02}:{seconds:02}+00:00'


class CountingWatcher(fakes.FakeWatcher):
    """Counts what it is asked for, and is away when told so."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked = collections.Counter()
        self.is_away = False

    def _count(self, name):
        self.asked[name] += 1
        if self.is_away:
            raise watcher_errors.Unavailable('no answer')

    def plan(self, uuid):
        self._count('plan')
        return super().plan(uuid)

    def plans(self, by=None):
        self._count('plans')
        return super().plans()

    def actions(self, plan_uuid):
        self._count('actions')
        return super().actions(plan_uuid)

    def changed_actions(self, plan_uuid, limit):
        self._count('changed')
        return super().changed_actions(plan_uuid, limit)

    def change(self, number, at, **values):
        """Change an action at a time."""
        self.actions_[number] = dataclasses.replace(
            self.actions_[number], updated_at=stamp(at), **values
        )

    def set_plan(self, **values):
        self.plans_[0] = dataclasses.replace(self.plans_[0], **values)


class FollowerCase(testtools.TestCase):
    """A plan of 100 actions that runs, and a clock that tests move."""

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.watcher = CountingWatcher(
            fakes.plan(state='ONGOING'),
            [fakes.action(f'web-{n}') for n in range(100)],
        )
        self.follower = follow.Follower(
            self.watcher, self.watcher.plans_[0], lambda: self.now
        )

    def look(self, seconds=follow.INTERVAL):
        """Look once, some time later, and return what was asked for."""
        self.now += seconds
        before = self.watcher.asked.copy()
        self.follower.look()
        return dict(self.watcher.asked - before)


class FollowerTest(FollowerCase):
    def states(self):
        return collections.Counter(
            action.state for action in self.follower.progress.actions.values()
        )

    def test_the_whole_is_listed_at_first(self):
        self.assertEqual({'plan': 1, 'actions': 1}, self.look())

    def test_each_other_look_is_two_requests(self):
        self.look()
        for second in range(100):
            self.watcher.change(second % 7, second, state='ONGOING')
            self.assertEqual({'plan': 1, 'changed': 1}, self.look(), second)

    def test_nothing_that_changes_is_missed(self):
        self.look()
        for second in range(100):
            self.watcher.change(second, second, state='SUCCEEDED')
            self.look(1)
        self.assertEqual({'SUCCEEDED': 100}, self.states())
        self.assertEqual(1, self.watcher.asked['actions'])

    def test_more_than_a_look_shows_is_listed_once_a_minute(self):
        self.look()
        listed = []
        for second in range(0, 180, 2):
            for number in range(100):
                self.watcher.change(number, second, message=str(second))
            listed.append(self.look().get('actions', 0))
        self.assertEqual(3, sum(listed))

    def test_what_a_look_did_not_show_is_listed_within_a_minute(self):
        self.look()
        for number in range(100):
            self.watcher.change(number, 1, state='ONGOING')
        for _ in range(31):
            self.look()
        self.assertEqual({'ONGOING': 100}, self.states())

    def test_a_burst_long_ago_is_not_listed_for_ever(self):
        for number in range(100):
            self.watcher.change(number, 1, state='ONGOING')
        for _ in range(300):
            self.look()
        self.assertLessEqual(self.watcher.asked['actions'], 2)

    def test_changes_that_a_look_shows_need_no_more_listings(self):
        for number in range(50):
            self.watcher.change(number, 0, state='SUCCEEDED')
        listed = []
        for second in range(4, 600, 4):
            for number in range(50 + second % 50, 53 + second % 50):
                self.watcher.change(number % 100, second, message=str(second))
            listed.append(self.look(4).get('actions', 0))
        self.assertEqual(1, sum(listed))

    def test_a_database_that_puts_the_unchanged_first_hides_nothing(self):
        def nulls_first(plan_uuid, limit):
            return sorted(
                self.watcher.actions_,
                key=lambda one: (not one.updated_at, one.updated_at),
                reverse=True,
            )[:limit]

        self.watcher.changed_actions = nulls_first
        self.look()
        self.watcher.change(1, 1, state='FAILED')
        for _ in range(6):
            self.look()
        self.assertEqual(1, self.states()['FAILED'])

    def test_a_change_that_arrives_late_is_seen(self):
        self.look()
        for number in range(20):
            self.watcher.change(number, 9, state='ONGOING')
        self.look()
        for number in range(20, 30):
            self.watcher.change(number, 10, state='ONGOING')
        self.look()
        self.watcher.change(99, 9, state='ONGOING')
        for _ in range(30):
            self.look()
        self.assertEqual(31, self.states()['ONGOING'])

    def test_what_was_skipped_by_a_clock_that_is_ahead_hides_nothing(self):
        for number in range(30):
            self.watcher.change(
                number,
                3599,
                state='SKIPPED',
                message='Action skipped by user.',
            )
        self.watcher.change(50, 1, state='ONGOING')
        for _ in range(30):
            self.look()
        self.watcher.change(50, 60, state='FAILED')
        for _ in range(30):
            self.look()
        self.assertEqual(
            {'SKIPPED': 30, 'FAILED': 1, 'PENDING': 69}, self.states()
        )
        self.assertLessEqual(self.watcher.asked['actions'], 3)

    def test_an_api_whose_clock_is_ahead_is_not_the_applier(self):
        self.watcher.set_plan(state='PENDING', updated_at=stamp(3000))
        self.look()
        self.assertEqual(
            2.0, self.follower.applier_clock.seconds_since(stamp(2998))
        )
        self.watcher.set_plan(state='ONGOING', updated_at=stamp(5))
        self.look()
        self.watcher.set_plan(state='CANCELLING', updated_at=stamp(3007))
        self.look()
        self.assertEqual(
            4.0, self.follower.applier_clock.seconds_since(stamp(3))
        )

    def test_the_whole_is_listed_in_the_end(self):
        self.look()
        self.watcher.set_plan(state='SUCCEEDED', message='all done')
        self.assertEqual({'plan': 1, 'actions': 1}, self.look())
        self.assertTrue(self.follower.has_ended)

    def test_the_summary_is_waited_for_a_few_seconds(self):
        self.look()
        self.watcher.set_plan(
            state='SUCCEEDED', message='One or more actions were skipped.'
        )
        self.look()
        self.assertFalse(self.follower.has_ended)
        self.watcher.set_plan(message='3 succeeded, 1 skipped in 3 s')
        self.look()
        self.assertTrue(self.follower.has_ended)

    def test_the_summary_is_not_waited_for_longer(self):
        self.watcher.set_plan(
            state='SUCCEEDED', message='One or more actions were skipped.'
        )
        for _ in range(4):
            self.look()
        self.assertTrue(self.follower.has_ended)

    def test_the_ends_of_its_actions_are_waited_for(self):
        self.watcher.change(1, 1, state='ONGOING')
        self.look()
        self.watcher.set_plan(state='SUCCEEDED', message='1 succeeded in 3 s')
        self.look()
        self.assertFalse(self.follower.has_ended)
        self.watcher.change(1, 4, state='SUCCEEDED')
        self.look()
        self.assertTrue(self.follower.has_ended)

    def test_the_ends_of_its_actions_are_not_waited_for_longer(self):
        self.watcher.change(1, 1, state='ONGOING')
        self.watcher.set_plan(state='CANCELLED', message='')
        for _ in range(4):
            self.look()
        self.assertTrue(self.follower.has_ended)

    def test_news_of_the_beginning_are_what_runs_and_what_failed(self):
        self.watcher.change(1, 1, state='ONGOING')
        self.watcher.change(2, 2, state='FAILED')
        self.watcher.change(3, 3, state='SUCCEEDED')
        self.look()
        self.assertEqual(
            ['web-1', 'web-2'], [one.name for one in self.follower.news]
        )

    def test_news_stay_until_they_are_told(self):
        self.look()
        self.watcher.change(1, 1, state='ONGOING')
        self.look()
        self.look()
        self.assertEqual(['web-1'], [one.name for one in self.follower.news])

    def test_an_outage_changes_nothing_that_is_known(self):
        self.look()
        self.watcher.is_away = True
        self.assertRaises(watcher_errors.Unavailable, self.look, 40)
        self.assertEqual(40, self.follower.silent_for())
        self.watcher.is_away = False
        self.watcher.change(1, 50, state='SUCCEEDED')
        self.look()
        self.assertEqual(0, self.follower.silent_for())
        self.assertEqual(1, self.states()['SUCCEEDED'])

    def test_a_time_in_which_nobody_asks_is_no_silence(self):
        self.look()
        self.now += 3
        with self.follower.unasked():
            self.now += 40
        self.assertEqual(3, self.follower.silent_for())

    def test_a_plan_that_was_deleted_ends_it(self):
        self.look()
        self.watcher.plans_.clear()
        self.assertRaises(watcher_errors.NotFound, self.look)

    def test_the_clock_of_the_applier_is_read(self):
        self.watcher.set_plan(updated_at=stamp(10))
        self.look()
        self.watcher.change(1, 13, state='ONGOING')
        self.look()
        self.now += 4
        clock = self.follower.applier_clock
        self.assertEqual(7, clock.seconds_since('2026-11-28 03:00:10'))


class PendingTest(testtools.TestCase):
    """A plan that waits for the applier."""

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.watcher = CountingWatcher(fakes.plan(state='PENDING'))
        self.follower = self.opened('2026-11-28T03:14:00')

    def opened(self, at):
        """A follower that begins at a time, by the clock here."""
        return follow.Follower(
            self.watcher,
            self.watcher.plans_[0],
            lambda: self.now,
            lambda: datetime.datetime.fromisoformat(f'{at}+00:00'),
        )

    def add_plan(self, **values):
        self.watcher.plans_.append(
            fakes.plan(uuid='other', audit_uuid='other audit', **values)
        )

    def test_the_plan_that_it_waits_behind_is_named(self):
        self.add_plan(state='ONGOING')
        self.watcher.audits.append(
            fakes.audit(uuid='other audit', name='rack 7')
        )
        self.follower.look()
        self.assertEqual(
            'This plan waits for another: rack 7.', self.follower.note
        )

    def test_a_plan_whose_audit_is_gone_is_named_by_its_uuid(self):
        self.add_plan(state='CANCELLING')
        self.follower.look()
        self.assertEqual(
            'This plan waits for another: other.', self.follower.note
        )

    def test_a_plan_without_audit_is_named_by_its_uuid(self):
        self.watcher.audits.append(fakes.audit(uuid='', name='every audit'))
        self.watcher.plans_.append(
            fakes.plan(uuid='other', audit_uuid='', state='ONGOING')
        )
        self.follower.look()
        self.assertEqual(
            'This plan waits for another: other.', self.follower.note
        )

    def test_that_no_applier_has_taken_it_is_told_in_time(self):
        self.add_plan(state='SUCCEEDED')
        self.follower.look()
        self.assertEqual('', self.follower.note)
        for self.now in range(2, 11, 2):
            self.follower.look()
        self.assertIn('No applier has taken it yet', self.follower.note)

    def test_it_does_not_wait_behind_itself(self):
        plan = self.watcher.plans_[0]
        self.watcher.plans_[0] = dataclasses.replace(plan, state='ONGOING')
        self.watcher.plan = lambda uuid: plan
        self.follower.look()
        self.assertEqual([], self.follower.blockers)

    def test_a_plan_that_nothing_is_heard_of_is_told(self):
        self.watcher.set_plan(
            state='ONGOING', updated_at='2026-11-28T03:14:00'
        )
        self.follower.look()
        for self.now in range(2, 39, 2):
            self.follower.look()
        self.assertEqual('', self.follower.note)
        self.now = 40.0
        self.follower.look()
        self.assertEqual(
            'There is no news of this plan; is watcher-applier running? If '
            'not, start it, and the plan goes on.',
            self.follower.note,
        )
        self.watcher.set_plan(updated_at='2026-11-28T03:15:00')
        self.follower.look()
        self.assertEqual('', self.follower.note)

    def looked_until_told(self, changed_at, now):
        """The seconds until who opens a view is told of no news, or None."""
        self.watcher.set_plan(state='ONGOING', updated_at=changed_at)
        follower = self.opened(now)
        for self.now in range(0, 60, 2):
            follower.look()
            if follower.note:
                return self.now
        return None

    def test_a_silence_counts_from_before_the_view_was_opened(self):
        for seconds, now in (
            # The clock here may be ahead: the view sees for itself.
            (12, '2026-11-28T03:16:00'),
            (30, '2026-11-28T03:14:10'),
            # It may be behind.
            (40, '2026-11-28T03:13:00'),
        ):
            found = self.looked_until_told('2026-11-28T03:14:00', now)
            self.assertEqual(seconds, found, now)

    def test_what_has_changed_last_may_be_an_action(self):
        self.watcher.actions_ = [
            fakes.action(state='ONGOING', updated_at='2026-11-28T03:15:50')
        ]
        found = self.looked_until_told(
            '2026-11-28T03:14:00', '2026-11-28T03:16:00'
        )
        self.assertEqual(30, found)

    def test_a_plan_of_another_strategy_may_be_silent(self):
        self.watcher.set_plan(state='ONGOING', strategy='workload_balance')
        for self.now in range(0, 90, 2):
            self.follower.look()
        self.assertEqual('', self.follower.note)

    def test_other_plans_are_asked_for_every_ten_seconds(self):
        for self.now in range(0, 60, 2):
            self.follower.look()
        self.assertEqual(6, self.watcher.asked['plans'])
        self.assertEqual(0, self.watcher.asked['changed'])

    def test_one_that_runs_waits_behind_nobody(self):
        self.add_plan(state='ONGOING')
        self.follower.look()
        self.watcher.set_plan(state='ONGOING')
        self.follower.look()
        self.assertEqual('', self.follower.note)
        self.assertEqual(1, self.watcher.asked['plans'])
