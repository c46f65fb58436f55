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

import datetime

import testtools

from zone_migration.osc import moves
from zone_migration.osc import plan_report
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes

ENDED = '2026-11-28T03:14:20+00:00'


def at(text):
    return moves.parsed(f'2026-11-28T{text}')


class ReportTest(testtools.TestCase):
    def test_what_needs_a_person_comes_first(self):
        report = ended_plans.report(
            [
                fakes.action('web-3', state='SUCCEEDED'),
                fakes.action('web-10', state='FAILED'),
                fakes.action('web-9', state='FAILED'),
                fakes.action('web-4', state='SKIPPED', message='it is locked'),
            ]
        )
        self.assertEqual(
            ['web-9', 'web-10', 'web-4', 'web-3'],
            [found.name for found in report.moves],
        )
        self.assertEqual(
            {'failed': 2, 'cannot move': 1, 'moved': 1}, report.counts
        )

    def test_what_was_tried_again_is_counted(self):
        report = ended_plans.report(
            [
                fakes.action(
                    'web-1',
                    state='SUCCEEDED',
                    message='migrated from c1 to c3 (attempt 2; attempt 1 to '
                    'c2: rolled back) in 5.0 s',
                ),
                fakes.action('web-2', state='SUCCEEDED'),
            ]
        )
        self.assertEqual(1, report.tried_again)

    def test_what_was_down_is_counted(self):
        report = ended_plans.report(
            [
                fakes.action(
                    'web-1',
                    state='SUCCEEDED',
                    message='migrated from c1 to c3 (down for 12 s) in 20.0 s',
                ),
                fakes.action('web-2', state='SUCCEEDED'),
            ]
        )
        self.assertEqual(1, report.with_downtime)

    def test_a_plan_begins_with_the_first_that_waits(self):
        report = ended_plans.report(
            [
                fakes.action(
                    state='SUCCEEDED',
                    message='migrated from c1 to c2 in 5.0 s, waited 3 s',
                    updated_at=ENDED,
                )
            ]
        )
        self.assertEqual(at('03:14:12'), report.began)
        self.assertEqual(at('03:14:20'), report.ended)

    def test_a_plan_that_runs_has_not_ended(self):
        report = ended_plans.report(
            [fakes.action(state='FAILED', updated_at=ENDED)], state='ONGOING'
        )
        self.assertIsNone(report.ended)

    def test_the_clock_here_may_be_wrong(self):
        runs = fakes.action(
            'web-1',
            state='ONGOING',
            message='copying to c2 (since 2026-11-28 23:00:00)',
            updated_at='2026-11-28T23:01:00',
        )
        ended = fakes.action(
            'web-2', state='FAILED', updated_at='2026-11-28T23:02:00'
        )
        for expected, plan in (
            (120.0, {'updated_at': '2026-11-28T23:00:30'}),
            (180.0, {'updated_at': '2026-11-28T23:03:00'}),
        ):
            report = ended_plans.report([runs, ended], state='ONGOING', **plan)
            self.assertEqual(expected, report.moves[1].took)

    def test_only_a_plan_that_runs_has_no_news(self):
        for state, seconds, told in (
            ('ONGOING', 41, True),
            ('CANCELLING', 41, True),
            ('ONGOING', 39, False),
            ('PENDING', 3600, False),
            ('RECOMMENDED', 3600, False),
            ('SUCCEEDED', 3600, False),
        ):
            # The report is made at 04:14:00.
            last = at('04:14:00') - datetime.timedelta(seconds=seconds)
            report = ended_plans.report(
                [], state=state, updated_at=last.isoformat()
            )
            self.assertEqual(told, bool(report.note), (state, seconds))

    def test_all_of_one_day(self):
        begin = datetime.datetime.fromisoformat('2026-11-28T23:59:59')
        report = ended_plans.report(
            [
                fakes.action(
                    str(seconds),
                    state='FAILED',
                    updated_at=str(
                        begin + datetime.timedelta(seconds=seconds)
                    ),
                )
                for seconds in (0, 1)
            ]
        )
        self.assertFalse(plan_report.is_of_one_day(report))
        self.assertTrue(plan_report.is_of_one_day(ended_plans.report([])))

    def test_a_host_is_told_as_a_cancelled_plan_has_left_it(self):
        hosts = [
            ended_plans.host(name, 'disabled', state='SUCCEEDED')
            for name in ('c1', 'c2')
        ]
        for outcomes, message, told in (
            (
                ['enabled again', 'enabled again'],
                'Took 3 s',
                '2 hosts enabled again',
            ),
            (
                ['disabled', 'enabled again'],
                'Took 3 s; 1 host enabled again, c1 stays disabled for audit '
                '7',
                '1 host enabled again, c1 stays disabled for audit 7',
            ),
            (['disabled', 'disabled'], 'Took 3 s', '2 hosts disabled'),
        ):
            report = ended_plans.report(
                hosts,
                state='CANCELLED',
                message=f'2 not started in 3 s; {told}',
            )
            self.assertEqual(
                (outcomes, message),
                ([move.outcome for move in report.moves], report.message),
                told,
            )

    def test_nobody_knows_when_a_host_was_enabled_again(self):
        host = ended_plans.host(
            'c1',
            'disabled',
            state='SUCCEEDED',
            message='disabled in 1.0 s',
            updated_at=ENDED,
        )
        for expected, told in (
            ((None, None), '1 host enabled again'),
            ((at('03:14:20'), 1.0), '1 host disabled'),
        ):
            (found,) = ended_plans.report(
                [host],
                state='CANCELLED',
                message=f'2 not started in 3 s; {told}',
            ).moves
            self.assertEqual(expected, (found.ended, found.took), told)

    def test_a_failure_is_not_told_twice(self):
        failed = fakes.action(
            'web-1',
            state='FAILED',
            message='Action failed in execute: no route; and what',
        )
        for expected, rest in (
            ('Took 3 s', 'web-1: Action failed in execute: no route; and'),
            ('Took 3 s; web-2: gone', 'web-2: gone'),
        ):
            report = ended_plans.report(
                [failed], state='FAILED', message=f'1 failed in 3 s; {rest}'
            )
            self.assertEqual(expected, report.message)

    def test_a_plan_whose_audit_is_gone_is_called_by_its_id(self):
        report = plan_report.make(
            fakes.plan(), None, [], {}, ended_plans.BEGIN
        )
        self.assertEqual(fakes.PLAN, report.name)


class WordsTest(testtools.TestCase):
    def test_durations(self):
        for expected, seconds in (
            ('0.8 s', 0.84),
            ('12.3 s', 12.3),
            ('1 min', 59.96),
            ('4 min 10 s', 250),
            ('1 h 7 min', 4000),
            ('25 h', 90000),
        ):
            self.assertEqual(expected, plan_report.duration(seconds))

    def test_durations_in_whole_seconds(self):
        self.assertEqual('40 s', plan_report.duration(40.0, digits=0))

    def test_names_as_people_sort_them(self):
        self.assertEqual(
            ['c2', 'c10', 'C11', 'd1'],
            sorted(['d1', 'c10', 'C11', 'c2'], key=plan_report.natural),
        )
