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

from zone_migration.logic.outcome import summary
from zone_migration.logic.outcome import summary_reader
from zone_migration.logic.schedule import blocking
from zone_migration.logic.schedule import scheduling

HOST = ('node', 'from', 'c1')
LIMITS = 'limits: no limit in all, 1 a host, no limit a pool'


def waiting(*full):
    """What waits for these slots, of which one may be used."""
    return blocking.Waiting(
        scheduling.Task('x'),
        full=tuple(blocking.FullSlot(slot, 1, 1) for slot in full),
    )


class SummaryTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.tasks = [
            scheduling.Task('first', barrier='host', expected=1.0),
            *(
                scheduling.Task(id_, slots=(HOST,), expected=100.0)
                for id_ in 'abc'
            ),
        ]
        self.summary = summary.Summary(self.tasks, {'node': 1}, 1000.0)

    def run_to_its_end(self, id_, state, begin, end):
        self.summary.began(id_, begin)
        self.summary.ended(id_, state, end)

    def test_servers_that_were_down_are_counted(self):
        told = '(down for 12 s) in 60.0 s'
        self.run_to_its_end('first', 'SUCCEEDED', 1000.0, 1001.0)
        self.summary.ended('a', 'SUCCEEDED', 1060.0, f'migrated {told}')
        self.summary.ended('b', 'CANCELLED', 1060.0, f'taken back {told}')
        final = self.summary.final(1060.0)
        self.assertIn(' (2 with downtime) in 1 min', final)
        self.assertEqual(60, summary_reader.times(final)[0])

    def test_what_was_tried_again_is_counted(self):
        for name, told in (
            ('a', 'done (attempt 2; attempt 1: full) in 3.0 s'),
            ('b', 'not tried again (attempt 1: full)'),
        ):
            self.summary.ended(name, 'SUCCEEDED', 1060.0, told)
        self.assertIn(' (1 tried again) in 1 min', self.summary.final(1060.0))

    def test_nothing_is_forecast_before_anything_has_moved(self):
        self.run_to_its_end('first', 'SUCCEEDED', 1000.0, 1001.0)
        self.assertEqual(
            f'0 of 3 done, 1 running; {LIMITS}',
            self.summary.progress(self.tasks[1:], 1, 1002.0),
        )

    def test_what_is_left_is_forecast_at_the_pace_of_what_has_moved(self):
        self.run_to_its_end('a', 'SUCCEEDED', 1000.0, 1060.0)
        self.summary.began('b', 1060.0)
        self.assertEqual(
            f'1 of 3 done, 1 running, about 50 s to go; {LIMITS}',
            # b has 50 s to go; then c follows, on the same host.
            self.summary.progress(self.tasks[2:3], 1, 1000.0 + 70.0),
        )
        self.assertEqual(
            f'1 of 3 done, 1 running, about 2 min to go; {LIMITS}',
            self.summary.progress(self.tasks[2:], 1, 1000.0 + 70.0),
        )

    def test_servers_and_volumes_have_each_their_pace(self):
        pool = ('pool', 'from', 'p1')
        volumes = [
            scheduling.Task(id_, slots=(pool,), expected=1000.0)
            for id_ in 'vw'
        ]
        servers = self.tasks[1:3]
        plan = summary.Summary(
            [*volumes, *servers], {'node': 1, 'pool': 1}, 1000.0
        )
        plan.began('v', 1000.0)
        plan.ended('v', 'SUCCEEDED', 1010.0)
        # No server has told yet how long one takes.
        self.assertNotIn('to go', plan.progress(servers, 1, 1010.0))
        plan.began('a', 1000.0)
        plan.ended('a', 'SUCCEEDED', 1030.0)
        self.assertIn(
            'about 30 s to go', plan.progress(servers[1:], 1, 1030.0)
        )
        self.assertIn(
            'about 10 s to go', plan.progress(volumes[1:], 1, 1030.0)
        )

    def test_what_takes_longer_than_expected_is_not_about_to_end(self):
        self.run_to_its_end('a', 'SUCCEEDED', 1000.0, 1060.0)
        self.summary.began('b', 1060.0)
        self.assertNotIn(
            'to go', self.summary.progress(self.tasks[2:3], 1, 1130.0)
        )

    def test_what_is_late_by_more_than_the_rest_takes_hides_that(self):
        self.run_to_its_end('a', 'SUCCEEDED', 1000.0, 1060.0)
        self.summary.began('b', 1060.0)
        # Both are expected to take 60 s.
        for expected, late in ((True, 59.0), (False, 61.0)):
            text = self.summary.progress(self.tasks[2:], 1, 1120.0 + late)
            self.assertEqual(expected, 'about 1 min to go' in text, text)
            self.assertEqual(expected, 'to go' in text, text)

    def test_what_waits_for_another_try_is_not_late(self):
        self.run_to_its_end('a', 'SUCCEEDED', 1000.0, 1060.0)
        self.summary.began('b', 1060.0)
        self.assertIn(
            'about 2 min to go',
            self.summary.progress(
                self.tasks[2:],
                0,
                2000.0,
                [blocking.Waiting(task) for task in self.tasks[2:]],
            ),
        )

    def test_what_nothing_was_expected_of_is_never_late(self):
        self.run_to_its_end('a', 'SUCCEEDED', 1000.0, 1060.0)
        self.summary.began('first', 1000.0)
        left = [
            scheduling.Task('first', barrier='host'),
            *self.tasks[2:],
        ]
        self.assertIn('to go', self.summary.progress(left, 1, 2000.0))

    def progress(self, waiting, away=''):
        return self.summary.progress([], 1, 1000.0, waiting, away)

    def test_the_two_limits_that_hold_up_most_are_told(self):
        self.assertEqual(
            f'0 of 3 done, 1 running; {LIMITS}; '
            '4 wait: 1 of 1 leave c1, 1 of 1 reach c2',
            self.progress(
                [
                    waiting(('pool', 'to', 'p')),
                    waiting(HOST),
                    waiting(HOST, ('node', 'to', 'c2')),
                    waiting(HOST, ('node', 'to', 'c2')),
                ]
            ),
        )

    def test_what_waits_for_no_limit_is_counted_alone(self):
        self.assertEqual(
            f'0 of 3 done, 1 running; {LIMITS}; 2 wait',
            self.progress(
                [waiting(('resource', 's')), waiting(('service', 'Nova'))]
            ),
        )

    def test_services_that_are_away_come_before_what_waits(self):
        self.assertEqual(
            f'0 of 3 done, 1 running; {LIMITS}; Nova is away; 1 waits',
            self.progress([waiting()], 'Nova is away'),
        )

    def test_long_names_cut_nothing_that_is_counted(self):
        pool = ('pool', 'to', 'h@b#' + 'p' * 300)
        text = self.progress([waiting(pool)])
        self.assertEqual(255, len(text))
        self.assertIn(f'{LIMITS}; 1 waits: 1 of 1 reach h@b#ppp', text)

    def test_summary_names_the_first_failure_and_what_was_not_started(self):
        self.run_to_its_end('a', 'FAILED', 1000.0, 1060.0)
        self.summary.failed('a: no valid host')
        self.summary.ended('b', 'SKIPPED', 1060.0)
        self.summary.failed('later')
        self.assertEqual(
            '1 skipped, 1 failed, 1 not started in 1 min (fastest possible: '
            '1 min); 1 host enabled again; a: no valid host',
            self.summary.final(1060.0, '1 host enabled again'),
        )

    def test_what_is_skipped_is_told_as_the_commands_tell_it(self):
        for id_, message in (
            ('a', 'the server is already on c2'),
            ('b', 'the server is on c3, not on c1'),
            ('c', 'Action skipped by user'),
        ):
            self.summary.ended(id_, 'SKIPPED', 1000.0, message)
        sums = '1 already there, 1 cannot move, 1 left out'
        self.assertIn(f'3 of 3 done ({sums})', self.progress([]))
        self.assertEqual(f'{sums} in 1 min', self.summary.final(1060.0))

    def test_hosts_are_told_apart(self):
        self.run_to_its_end('first', 'SUCCEEDED', 1000.0, 1000.5)
        self.run_to_its_end('a', 'SUCCEEDED', 1001.0, 1011.0)
        self.assertEqual(
            '1 succeeded, 2 not started in 11 s (fastest possible: 10 s); '
            '1 host disabled',
            self.summary.final(1011.0),
        )

    def test_a_host_that_could_not_be_disabled_is_told(self):
        self.run_to_its_end('first', 'FAILED', 1000.0, 1000.5)
        self.summary.failed('c1: no such host')
        self.assertEqual(
            '3 not started in 1 s; no hosts disabled, 1 could not be; '
            'c1: no such host',
            self.summary.final(1001.0),
        )

    def test_what_has_ended_is_counted_by_state(self):
        self.run_to_its_end('a', 'FAILED', 1000.0, 1060.0)
        self.summary.ended('b', 'SKIPPED', 1060.0)
        self.assertEqual(
            (1, 1, 0),
            tuple(
                self.summary[state]
                for state in ('FAILED', 'SKIPPED', 'SUCCEEDED')
            ),
        )

    def test_note_comes_after_the_limits_and_before_what_waits(self):
        plan = summary.Summary(self.tasks, {'node': 1}, 1000.0, 'went on')
        self.assertEqual(
            f'0 of 3 done, 1 running; {LIMITS}; went on; Nova is away; '
            '1 waits',
            plan.progress([], 1, 1000.0, [waiting()], 'Nova is away'),
        )

    def test_note_is_in_the_summary_after_the_hosts(self):
        plan = summary.Summary(self.tasks, {'node': 1}, 1000.0, 'went on')
        plan.failed('a: no')
        self.assertEqual(
            '3 not started in 1 min; 1 host enabled again; went on; a: no',
            plan.final(1060.0, '1 host enabled again'),
        )
        self.assertIn('; went on; a: no', plan.final(1060.0))

    def test_time_in_the_queue_of_nova_does_not_count_for_the_bound(self):
        host = ('node', 'from', 'c1')
        tasks = [scheduling.Task(id_, slots=(host,)) for id_ in 'ab']
        plan = summary.Summary(tasks, {'node': 1}, 1000.0)
        plan.began('a', 1000.0)
        plan.began('b', 1000.0)
        plan.ended('a', 'SUCCEEDED', 1060.0)
        plan.got_slots('b', 1060.0)
        plan.ended('b', 'SUCCEEDED', 1120.0)
        self.assertIn('fastest possible: 2 min', plan.final(1121.0))

    def test_what_ran_before_a_restart_counts_for_the_bound(self):
        self.summary.ended('a', 'SUCCEEDED', 1100.0, 'moved in 60.0 s')
        self.run_to_its_end('b', 'SUCCEEDED', 1100.0, 1140.0)
        self.assertEqual(
            '2 succeeded, 1 not started in 3 min 20 s (fastest possible: '
            '1 min 40 s)',
            self.summary.final(1200.0),
        )

    def test_what_ran_before_a_restart_tells_the_pace(self):
        self.summary.ended('a', 'SUCCEEDED', 1100.0, 'moved in 50.0 s')
        self.assertIn(
            'about 50 s to go',
            self.summary.progress(self.tasks[2:3], 1, 1100.0),
        )

    def test_what_failed_before_a_restart_tells_no_pace(self):
        self.summary.ended('a', 'FAILED', 1100.0, 'no (after 50.0 s)')
        self.assertNotIn(
            'to go', self.summary.progress(self.tasks[2:3], 1, 1100.0)
        )

    def test_what_has_begun_before_a_restart_has_run_since_then(self):
        self.run_to_its_end('a', 'SUCCEEDED', 1000.0, 1100.0)
        self.summary.began('b', 940.0)
        self.assertIn(
            'about 30 s to go',
            # It takes 100 s as well, of which 70 s are over.
            self.summary.progress(self.tasks[2:3], 1, 1010.0),
        )

    def test_what_ran_in_this_process_took_what_was_seen(self):
        self.summary.began('a', 1000.0)
        self.summary.ended('a', 'SUCCEEDED', 1060.0, 'moved in 5.0 s')
        self.assertIn('fastest possible: 1 min', self.summary.final(1060.0))

    def test_what_was_never_run_took_no_time(self):
        self.summary.ended('a', 'SKIPPED', 1000.0)
        self.assertNotIn('possible', self.summary.final(1060.0))
