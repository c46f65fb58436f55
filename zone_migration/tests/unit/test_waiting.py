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

import threading

import testtools
from testtools import matchers

from zone_migration import waiting
from zone_migration.logic.outcome import outcomes
from zone_migration.tests.unit import fakes

RUNNING = outcomes.running
DONE = outcomes.done('arrived')
FAILED = outcomes.failed('broke')


class WaitingTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.time = fakes.Time()
        self.interrupt = fakes.Interrupt(self.time)
        self.said = []

    def wait(
        self,
        seen,
        stall_timeout=60.0,
        settle=5.0,
        interval=1.0,
        cancelled_at=None,
    ):
        """Wait while ``seen`` tells what is seen after so many seconds.

        Without sight it waits for 20 seconds once it was cancelled.

        :param seen: from seconds to what is seen from then on; an exception
            is raised instead.
        """

        def observe():
            at = max(t for t in seen if t <= self.time.now)
            if isinstance(seen[at], Exception):
                raise seen[at]
            return seen[at]

        return waiting.until_decided(
            observe,
            lambda outcome: outcome,
            waiting.Timing(
                interval, stall_timeout, settle, self.time.clock, 20.0
            ),
            self.interrupt,
            self.report,
            lambda: cancelled_at is not None and self.time.now >= cancelled_at,
        )

    def report(self, text):
        """Hear a report."""
        self.said.append(text)

    def test_final_outcome_ends_it_at_once(self):
        self.assertEqual(waiting.Waited(DONE), self.wait({0: DONE}))
        self.assertEqual(0, self.time.now)

    def test_what_was_seen_last_is_told(self):
        self.assertEqual(
            DONE,
            self.wait(
                {0: RUNNING('x'), 3: DONE, 4: waiting.ObservationFailed()}
            ).observed,
        )

    def test_nothing_seen_at_all_is_none(self):
        waited = self.wait(
            {0: waiting.ObservationFailed('gone')}, cancelled_at=0
        )
        self.assertIsNone(waited.observed)

    def test_failure_ends_it_too(self):
        self.assertEqual(
            FAILED, self.wait({0: RUNNING('x'), 3: FAILED}).outcome
        )
        self.assertEqual(3, self.time.now)

    def test_cancelled_ends_it_too(self):
        cancelled = outcomes.Outcome(outcomes.Kind.CANCELLED, 'c')
        self.assertEqual(cancelled, self.wait({0: cancelled}).outcome)

    def test_it_looks_once_an_interval(self):
        looks = []
        waiting.until_decided(
            lambda: looks.append(self.time.now) or len(looks),
            lambda n: DONE if n == 4 else RUNNING('x'),
            waiting.Timing(2.5, 60.0, 5.0, self.time.clock),
            self.interrupt,
        )
        self.assertEqual([0, 2.5, 5.0, 7.5], looks)

    def test_no_change_for_its_stall_timeout_gives_up(self):
        waited = self.wait({0: RUNNING('x')}, stall_timeout=10.0)
        self.assertEqual(
            (RUNNING('x'), False, 10.0),
            (waited.outcome, waited.interrupted, waited.unchanged),
        )
        self.assertEqual(10, self.time.now)

    def test_waiting_in_a_queue_is_no_lack_of_progress(self):
        queued = outcomes.Outcome(
            outcomes.Kind.RUNNING, 'queued', queued=True)
        waited = self.wait(
            {0: queued, 100: RUNNING('copying')}, stall_timeout=10.0)
        self.assertEqual(
            (RUNNING('copying'), 110),
            (waited.outcome, self.time.now))

    def test_stall_timeout_is_counted_from_the_last_change(self):
        waited = self.wait(
            {0: RUNNING('1 %'), 9: RUNNING('2 %'), 18: RUNNING('3 %')},
            stall_timeout=10.0,
        )
        self.assertEqual((RUNNING('3 %'), 10.0),
                         (waited.outcome, waited.unchanged))
        self.assertEqual(28, self.time.now)

    def test_change_that_means_the_same_is_a_change(self):
        looks = iter(range(100))

        waited = waiting.until_decided(
            lambda: min(next(looks), 50),
            lambda n: RUNNING('copying'),
            waiting.Timing(1.0, 10.0, 5.0, self.time.clock),
            self.interrupt,
            self.said.append,
        )
        self.assertEqual(10.0, waited.unchanged)
        self.assertEqual(60, self.time.now)
        self.assertEqual(['copying'], fakes.distinct(self.said))

    def test_what_cannot_be_seen_has_not_stopped(self):
        waited = self.wait(
            {
                0: RUNNING('x'),
                5: waiting.ObservationFailed('gone'),
                700: RUNNING('x'),
                704: RUNNING('y'),
            },
            stall_timeout=10.0,
        )
        self.assertEqual(
            (RUNNING('y'), 10.0), (waited.outcome, waited.unchanged)
        )
        self.assertEqual(714, self.time.now)

    def test_time_before_and_after_an_outage_counts(self):
        waited = self.wait(
            {
                0: RUNNING('x'),
                5: waiting.ObservationFailed('gone'),
                700: RUNNING('x'),
            },
            stall_timeout=10.0,
        )
        self.assertEqual(10.0, waited.unchanged)
        # Seen from 0 to 4, and from 700 on; the first look counts for one.
        self.assertEqual(705, self.time.now)

    def test_time_out_of_sight_settles_nothing(self):
        provisional = outcomes.done('arrived?', provisional=True)
        self.wait(
            {
                0: provisional,
                3: waiting.ObservationFailed('gone'),
                100: provisional,
            }
        )
        self.assertEqual(102, self.time.now)

    def test_sight_that_comes_and_goes_ends_the_wait(self):
        provisional = outcomes.done('arrived?', provisional=True)
        for shown, ends in ((RUNNING('x'), 20), (provisional, 10)):
            self.time.now = 0.0
            self.wait(
                {
                    at: waiting.ObservationFailed('503') if at % 2 else shown
                    for at in range(100)
                },
                stall_timeout=10.0,
            )
            self.assertEqual(ends, self.time.now)

    def test_rest_of_a_wait_knows_since_when_nothing_was_seen(self):
        def fail():
            raise waiting.ObservationFailed('gone')

        def wait(sight=None, **how):
            return waiting.until_decided(
                fail,
                lambda outcome: outcome,
                waiting.Timing(1.0, 10.0, 5.0, self.time.clock, 20.0),
                self.interrupt,
                sight=sight,
                **how,
            )

        self.interrupt.at = 4000.0
        interrupted = wait()
        self.interrupt = fakes.Interrupt(self.time)
        waited = wait(interrupted.sight, cancelled=lambda: True)
        self.assertEqual(4020, self.time.now)
        self.assertEqual(interrupted.sight.lost, waited.lost)

    def test_nothing_is_decided_without_a_look(self):
        def report(text):
            if self.time.now == 2:
                # As a message queue can block.
                self.time.pass_by(700)

        self.report = report
        waited = self.wait(
            {0: RUNNING('x'), 100: RUNNING('y'), 710: DONE}, stall_timeout=10.0
        )
        self.assertEqual(DONE, waited.outcome)

    def test_what_is_out_of_sight_is_reported(self):
        self.wait(
            {
                0: RUNNING('x'),
                2: waiting.ObservationFailed('Nova is away'),
                9: DONE,
            }
        )
        said = fakes.distinct(self.said)
        self.assertThat(
            said[1],
            matchers.MatchesRegex(
                r'not seen since \d\d:\d\d UTC: Nova is away$'
            ),
        )
        self.assertEqual(['x', said[1], 'arrived'], said)

    def test_reason_that_changes_is_reported_once(self):
        self.wait({
            0: RUNNING('x'),
            2: waiting.ObservationFailed('object at 0x1'),
            3: waiting.ObservationFailed('object at 0x2'),
            9: DONE,
        })
        said = fakes.distinct(self.said)
        self.assertEqual(3, len(said))
        self.assertIn('0x1', said[1])

    def test_cancel_out_of_sight_ends_it_after_a_while(self):
        waited = self.wait(
            {0: RUNNING('x'), 5: waiting.ObservationFailed('gone')},
            cancelled_at=100,
        )
        self.assertEqual(120, self.time.now)
        self.assertEqual(RUNNING('x'), waited.outcome)
        self.assertThat(
            waited.lost,
            matchers.MatchesRegex(r'not seen since \d\d:\d\d UTC: gone$'),
        )

    def test_cancel_in_sight_gives_a_later_outage_its_time(self):
        self.wait(
            {0: RUNNING('x'), 50: waiting.ObservationFailed('gone')},
            cancelled_at=10,
        )
        # It was seen at 49 for the last time, and not at 50.
        self.assertEqual(70, self.time.now)

    def test_what_is_seen_again_after_a_cancel_goes_on(self):
        waited = self.wait(
            {0: RUNNING('x'), 5: waiting.ObservationFailed('gone'), 25: DONE},
            cancelled_at=10,
        )
        self.assertEqual((DONE, ''), (waited.outcome, waited.lost))

    def test_what_can_be_seen_again_goes_on(self):
        self.assertEqual(
            DONE,
            self.wait(
                {0: RUNNING('x'), 2: waiting.ObservationFailed(), 9: DONE},
                stall_timeout=10.0,
            ).outcome,
        )

    def test_provisional_outcome_must_hold(self):
        provisional = outcomes.done('arrived?', provisional=True)
        self.assertEqual(
            provisional, self.wait({0: RUNNING('x'), 2: provisional}).outcome
        )
        self.assertEqual(7, self.time.now)

    def test_provisional_outcome_that_does_not_hold_is_forgotten(self):
        provisional = outcomes.failed('gone?', provisional=True)
        self.assertEqual(
            DONE,
            self.wait(
                {0: provisional, 4: RUNNING('completing'), 6: DONE}
            ).outcome,
        )

    def test_provisional_outcome_that_comes_back_holds_from_then_on(self):
        provisional = outcomes.done('arrived?', provisional=True)
        self.wait({0: provisional, 4: RUNNING('x'), 6: provisional})
        self.assertEqual(11, self.time.now)

    def test_interrupt_ends_it(self):
        self.interrupt.at = 3.0
        waited = self.wait({0: RUNNING('x')})
        self.assertEqual(
            (RUNNING('x'), True), (waited.outcome, waited.interrupted)
        )
        self.assertEqual(3, self.time.now)

    def test_end_that_is_seen_counts_more_than_an_interrupt(self):
        self.interrupt.at = 0.0
        self.assertEqual(waiting.Waited(DONE), self.wait({0: DONE}))

    def test_provisional_outcome_is_reported_once_it_holds(self):
        # It may be untrue until then.
        provisional = outcomes.failed('gone?', provisional=True)
        self.wait({0: provisional, 4: RUNNING('completing'), 6: provisional})
        self.assertEqual(
            ['completing', 'gone?'], fakes.distinct(self.said)
        )
        self.assertEqual(1, self.said.count('gone?'))

    def test_outcome_is_reported_at_each_look(self):
        self.wait(
            {0: RUNNING('a'), 2: RUNNING('b'), 3: RUNNING('b'), 4: DONE}
        )
        self.assertEqual(['a', 'a', 'b', 'b', 'arrived'], self.said)

    def test_outcomes_settle_for_longer_than_half_finished_states_last(self):
        self.assertGreaterEqual(waiting.SETTLE, 1.0)


class StallTimeoutTest(testtools.TestCase):
    def test_visible_move_gets_its_looks(self):
        self.assertEqual(600.0, waiting.stall_timeout(120, 5.0, 0, 10.0))

    def test_silent_copy_gets_the_time_of_the_slowest_copy_too(self):
        self.assertEqual(
            600.0 + 1024, waiting.stall_timeout(120, 5.0, 10, 10.0))


class PollsTest(testtools.TestCase):
    def test_there_are_no_more_looks_than_asked_for(self):
        self.assertEqual([0, 1, 2], list(waiting.polls(0, 3)))

    def test_interrupt_ends_the_looks(self):
        interrupt = threading.Event()
        interrupt.set()
        self.assertEqual([0], list(waiting.polls(60, interrupt=interrupt)))
