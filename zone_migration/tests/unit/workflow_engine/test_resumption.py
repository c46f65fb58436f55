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

from oslo_utils import fixture as utils_fixture
import testtools
from watcher.common import exception as watcher_exception

from zone_migration import exception
from zone_migration.logic.outcome import states
from zone_migration.workflow_engine import resumption

NOW = datetime.datetime(2026, 11, 28, 3, 14, 5)
NOTE = 'went on at 2026-11-28 03:14:05 after a restart'


def ago(seconds):
    """So long ago, as Watcher's objects tell it."""
    return (NOW - datetime.timedelta(seconds=seconds)).replace(
        tzinfo=datetime.timezone.utc
    )


def since(seconds):
    """The message of an action that has begun so long ago."""
    return f'copying to c2 (since {ago(seconds):%Y-%m-%d %H:%M:%S})'


@dataclasses.dataclass
class Action:
    """An action, as far as it is looked at."""

    state: str
    status_message: str | None = None
    updated_at: datetime.datetime | None = ago(10)
    created_at: datetime.datetime = ago(9000)
    uuid: str = 'a'
    parents: tuple[str, ...] = ()
    action_type: str = 'live_migration'
    input_parameters: dict = dataclasses.field(
        default_factory=lambda: {'resource_id': 's'}
    )

    def __getitem__(self, name):
        return getattr(self, name)


class ResumptionTestCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(utils_fixture.TimeFixture(NOW))


class OfTest(ResumptionTestCase):
    def assert_began(self, seconds_ago, *actions):
        self.assertEqual(
            seconds_ago, resumption.of(actions).started_ago, actions
        )

    def test_plan_that_begins_has_nothing_behind_it(self):
        # What is SKIPPED may be so since the plan was made.
        self.assertEqual(
            resumption.Resumption(0.0, 0.0, ''),
            resumption.of([Action('PENDING'), Action('SKIPPED')]),
        )

    def test_plan_that_goes_on_says_so(self):
        self.assertEqual(
            NOTE, resumption.of([Action('ONGOING', since(60))]).note
        )

    def test_plan_that_watcher_had_cancelled_says_so(self):
        self.assertEqual(
            f'{NOTE}, its time is counted from there',
            resumption.of(
                [Action('PENDING', states.MAY_HAVE_BEGUN), Action('PENDING')]
            ).note,
        )

    def test_it_has_begun_when_the_first_of_what_runs_has(self):
        self.assert_began(
            60.0, Action('ONGOING', since(30)), Action('ONGOING', since(60))
        )

    def test_it_has_begun_before_what_has_ended_has_waited(self):
        for text in (
            'migrated in 12.0 s, waited 40 s, last for w112',
            'Action failed in execute: no (after 12.0 s, waited 40 s)',
        ):
            self.assert_began(62.0, Action('SUCCEEDED', text))

    def test_what_has_ended_may_not_have_waited(self):
        self.assert_began(22.0, Action('FAILED', 'no route (after 12.0 s)'))

    def test_times_without_a_zone_are_in_utc(self):
        self.assert_began(
            22.0,
            Action(
                'SUCCEEDED',
                'moved in 12.0 s',
                updated_at=ago(10).replace(tzinfo=None),
            ),
        )

    def test_times_in_another_zone_are_the_same(self):
        zone = datetime.timezone(datetime.timedelta(hours=9))
        self.assert_began(
            22.0,
            Action(
                'SUCCEEDED',
                'moved in 12.0 s',
                updated_at=ago(10).astimezone(zone),
            ),
        )

    def test_clock_that_was_set_back_makes_no_time_negative(self):
        self.assert_began(0.0, Action('ONGOING', since(-60)))

    def test_plan_whose_actions_tell_no_time_says_from_when_it_counts(self):
        # As those of other strategies, and Watcher's own of hosts.
        told = resumption.of([Action('SUCCEEDED'), Action('PENDING')])
        self.assertEqual(0.0, told.started_ago)
        self.assertEqual(f'{NOTE}, its time is counted from there', told.note)

    def test_reason_of_a_user_tells_no_time(self):
        self.assert_began(
            30.0,
            Action('ONGOING', since(30)),
            Action(
                'FAILED', 'Action skipped by user. Reason: moved in 900.0 s'
            ),
        )

    def test_plan_of_which_some_is_left_has_not_ended(self):
        for state in ('PENDING', 'ONGOING', 'CANCELLING'):
            self.assertEqual(
                0.0,
                resumption.of([Action('SUCCEEDED'), Action(state)]).ended_ago,
                state,
            )

    def test_plan_of_which_all_has_ended_ended_with_the_last(self):
        self.assertEqual(
            10.0,
            resumption.of(
                [
                    Action('SUCCEEDED', updated_at=ago(50)),
                    Action('FAILED', updated_at=ago(10)),
                    # Not run: it may be skipped at any time.
                    Action('SKIPPED', updated_at=ago(1)),
                ]
            ).ended_ago,
        )

    def test_many_actions_take_a_moment(self):
        action = Action('SUCCEEDED', 'moved in 12.0 s, waited 40 s')
        self.assert_began(62.0, *[action] * 20000)


class BeforeTest(ResumptionTestCase):
    def before(self, *args, **fields):
        return resumption.Before(Action(*args, **fields))

    def test_action_that_was_begun_says_when(self):
        before = self.before('ONGOING', since(90))
        self.assertEqual(
            (True, '2026-11-28 03:12:35', 90.0),
            (before.begun, before.begun_at, before.begun_ago),
        )

    def test_action_that_was_being_aborted_was_begun(self):
        self.assertTrue(self.before('CANCELLING', since(90)).begun)

    def test_action_that_was_not_begun_says_so(self):
        for state in ('PENDING', 'SUCCEEDED', 'FAILED', 'SKIPPED'):
            before = self.before(state, since(90))
            self.assertEqual(
                (False, '', 0.0),
                (before.begun, before.begun_at, before.begun_ago),
                state,
            )

    def test_action_whose_message_does_not_tell_was_begun_by_its_change(self):
        for message in (None, '', 'copying to c2', 'x' * 255):
            before = self.before('ONGOING', message)
            self.assertEqual(
                (True, '2026-11-28 03:13:55', 10.0),
                (before.begun, before.begun_at, before.begun_ago),
                message,
            )

    def test_it_was_changed_when_it_was_updated_or_else_made(self):
        self.assertEqual(
            [ago(10).replace(tzinfo=None), ago(9000).replace(tzinfo=None)],
            [
                self.before('FAILED', updated_at=at).changed_at
                for at in (ago(10), None)
            ],
        )

    def host_change(self, state='ONGOING', reason='watcher_zone_migration a'):
        return self.before(
            state,
            action_type='change_nova_service_state',
            input_parameters={
                'resource_id': 'c1',
                'resource_name': 'c1',
                'state': 'disabled',
                'disabled_reason': reason,
            },
        )

    #: What Watcher's own action says of a host that is as it should be.
    DONE = watcher_exception.ActionSkipped('disabled already')

    def test_host_that_is_as_wanted_was_changed_before_the_restart(self):
        self.assertTrue(self.host_change().is_done(self.DONE))

    def test_host_was_not_changed_by_what_was_not_begun(self):
        self.assertFalse(
            self.host_change('PENDING').is_done(self.DONE)
        )

    def test_host_that_somebody_else_has_changed_was_not(self):
        self.assertFalse(
            self.host_change().is_done(
                exception.HostLeftAlone(reason='c1 was disabled')
            )
        )

    def test_host_of_another_strategy_is_none_of_our_business(self):
        self.assertFalse(
            self.host_change(reason='watcher_disabled').is_done(
                self.DONE
            )
        )

    def test_move_changes_no_host(self):
        self.assertFalse(
            self.before('ONGOING', since(1)).is_done(
                exception.NothingToMove(reason='on c2')
            )
        )


class HasArrivedTest(ResumptionTestCase):
    ARRIVED = exception.HasArrived(reason='already on c2')

    def test_move_that_was_begun_is_done(self):
        before = resumption.Before(Action('ONGOING', since(90)))
        self.assertTrue(before.is_done(self.ARRIVED))
        self.assertEqual('already on c2', before.done_text(self.ARRIVED))

    def test_move_that_was_not_begun_is_not(self):
        before = resumption.Before(Action('PENDING'))
        self.assertFalse(before.is_done(self.ARRIVED))

    def test_host_that_was_changed_keeps_its_message(self):
        before = resumption.Before(Action('ONGOING'))
        self.assertEqual(
            '', before.done_text(watcher_exception.ActionSkipped('done'))
        )


class TasksOfTest(ResumptionTestCase):
    def test_what_has_ended_waits_for_nothing(self):
        tasks = resumption.tasks_of(
            [
                Action('SUCCEEDED', uuid='ended', parents=('x',)),
                Action('ONGOING', uuid='begun', parents=('ended',)),
                Action('PENDING', uuid='left', parents=('begun',)),
            ],
            {},
        )
        self.assertEqual(
            {'ended': (), 'begun': ('ended',), 'left': ('begun',)},
            {uuid: task.parents for uuid, task in tasks.items()},
        )

    def test_what_has_failed_before_comes_last(self):
        waits = 'waits until the others have started (attempt 1 to c2: no)'
        tasks = resumption.tasks_of(
            [
                Action('PENDING', waits, uuid='again'),
                Action('PENDING', 'waits: 2 of 2 leave c1', uuid='first'),
                Action('PENDING', None, uuid='new'),
                Action('PENDING', waits, uuid='foreign', action_type='nop'),
            ],
            {},
        )
        self.assertEqual(
            ['again'],
            [uuid for uuid, task in tasks.items() if task.is_deferred],
        )
