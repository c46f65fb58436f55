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
import errno
import json
import pathlib
import subprocess
import sys
import tempfile
import types
from unittest import mock

from osc_lib import exceptions
import testtools

from zone_migration.osc import report
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes

MOVED = {
    'state': 'SUCCEEDED',
    'message': 'migrated from c1 to c2 in 5.0 s, waited 40 s for c1',
    'updated_at': '2026-11-28T03:14:20',
    'source': 'c1',
}


class Projects:
    """Keystone, with what it answers to a listing of projects."""

    def __init__(self, *found, error=None):
        self.asked = 0
        self._found = found
        self._error = error
        self.identity = self

    def projects(self):
        self.asked += 1
        if self._error:
            raise self._error
        return [
            types.SimpleNamespace(id=id_, name=name)
            for id_, name in self._found
        ]


def full(error):
    """A way to open files in which the writing of new ones fails."""
    unpatched = pathlib.Path.open

    def opened(path, mode='r', *arguments, **options):
        file = unpatched(path, mode, *arguments, **options)
        if mode == 'x':
            file.write = mock.Mock(side_effect=error)
        return file

    return opened


class ReportPlanTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(
            fakes.plan(state='FAILED', message='1 succeeded, 1 failed'),
            [
                fakes.action('web-1', project_id='p1', **MOVED),
                fakes.action(
                    'web-2',
                    project_id='p2',
                    state='FAILED',
                    message='Action failed in execute: no route',
                    updated_at='2026-11-28T03:14:30',
                ),
            ],
        )
        self.cloud = Projects(('p1', 'shop'), ('p2', 'bank'))

    def run_report(self, *arguments):
        """Its exit code; what it writes is ``output``."""
        command = fakes.make(report.ReportPlan, self.watcher, self.cloud)
        code = fakes.run(command, *arguments)
        self.output = command.output.getvalue()
        return code

    def rows(self, *arguments):
        self.run_report('-f', 'json', *arguments)
        return json.loads(self.output)

    def new_file(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return pathlib.Path(directory.name) / 'report.html'

    def test_a_report_is_a_success_whatever_the_plan_came_to(self):
        self.assertEqual(0, self.run_report())

    def test_all_of_a_move(self):
        self.assertEqual(
            {
                'State': 'moved',
                'Type': 'live migration',
                'Name': 'web-1',
                'Project': 'shop',
                'From': 'c1',
                'To': 'c2',
                'Started': '2026-11-28T03:14:15+00:00',
                'Ended': '2026-11-28T03:14:20+00:00',
                'Took': 5.0,
                'Waited': 40.0,
                'Waited For': 'c1',
                'Message': 'migrated from c1 to c2',
            },
            self.rows()[1],
        )

    def test_what_needs_a_person_comes_first(self):
        self.assertEqual(
            ['web-2', 'web-1'], [row['Name'] for row in self.rows()]
        )

    def test_ids_are_shown_on_demand(self):
        row = self.rows('--long')[1]
        action = self.watcher.actions_[0]
        self.assertEqual(
            (action.resource_id, 'p1', action.uuid),
            (row['ID'], row['Project ID'], row['Action ID']),
        )

    def test_a_table_is_for_people(self):
        self.run_report()
        self.assertIn('| moved  | web-1 | c1 ', self.output)
        self.assertIn('| 03:14:20 | 5.0 s |', self.output)

    def test_a_table_fits_in_80_columns(self):
        self.run_report()
        self.assertEqual(
            [], [line for line in self.output.splitlines() if len(line) > 79]
        )

    def test_a_table_is_sorted_by_what_it_does_not_show(self):
        self.run_report('--sort-column', 'Waited', '--sort-descending')
        self.assertLess(
            self.output.index('| web-1'), self.output.index('| web-2')
        )

    def test_reasons_and_sums_are_below_the_table(self):
        self.watcher.actions_ += [
            fakes.action(
                f'db-{n}', state='SKIPPED', message='destination c3 is down'
            )
            for n in range(7)
        ]
        self.run_report()
        self.assertEqual(
            [
                'web-2: failed: no route',
                'db-0, db-1, db-2, db-3, db-4 and 2 more: cannot move: '
                'destination c3 is down',
                '  start nova-compute on c3, then "openstack optimize zone '
                "retry 'compute1 2026-11-28 03:14:00'\"",
                "Plan 'compute1 2026-11-28 03:14:00': FAILED; "
                '1 failed, 7 cannot move, 1 moved.',
                '1 succeeded, 1 failed',
                'Times are UTC, of 2026-11-28.',
            ],
            self.output.splitlines()[-6:],
        )

    def test_a_host_that_somebody_else_has_disabled_is_no_trouble(self):
        self.watcher.actions_ = [
            fakes.action(
                'c1',
                'change_nova_service_state',
                state='SKIPPED',
                message='c1 is disabled: memory exchange, Ann',
            )
        ]
        self.run_report()
        self.assertNotIn('c1: ', self.output)
        self.assertNotIn('enable that host', self.output)
        self.assertIn('; 1 host stays as it is.', self.output)

    def test_a_host_that_was_enabled_again_is_told_once(self):
        self.watcher.plans_ = [
            fakes.plan(
                state='CANCELLED',
                message='2 not started in 3 s; 1 host enabled again',
            )
        ]
        self.watcher.actions_ = [
            ended_plans.host('c1', 'disabled', state='SUCCEEDED')
        ]
        self.run_report()
        self.assertIn('| enabled again | c1 ', self.output)
        self.assertIn(
            'CANCELLED; 1 host enabled again.\nTook 3 s\n', self.output
        )
        self.assertNotIn('disabled', self.output)

    def test_several_hosts_stay_as_they_are(self):
        self.watcher.actions_ = [
            fakes.action(name, 'change_nova_service_state', state='SKIPPED')
            for name in ('c1', 'c2')
        ]
        self.run_report()
        self.assertIn('FAILED; 2 hosts stay as they are.', self.output)

    def test_what_a_user_has_left_out_needs_no_reason(self):
        self.watcher.actions_ = [
            fakes.action(name, state='SKIPPED', message=message)
            for name, message in (
                ('web-1', 'Action skipped by user. Reason: ask Ann'),
                ('web-2', 'Action skipped by user'),
            )
        ]
        self.run_report()
        lines = self.output.splitlines()
        self.assertIn('web-1: left out: ask Ann', lines)
        self.assertIn('web-2: left out', lines)

    def test_times_of_several_days_are_told_with_them(self):
        self.watcher.actions_[1] = dataclasses.replace(
            self.watcher.actions_[1], updated_at='2026-11-29T03:14:30'
        )
        self.run_report()
        self.assertIn('| 2026-11-29 03:14:30 |', self.output)
        self.assertEqual('Times are UTC.', self.output.splitlines()[-1])

    def test_all_columns_are_shown_on_demand(self):
        self.run_report('-c', 'Name', '-c', 'Waited', '-c', 'ID')
        self.assertIn('| web-1 | 40 s ', self.output)

    def test_a_plan_that_goes_on_is_reported_so_far(self):
        self.watcher.plans_ = [fakes.plan(state='ONGOING')]
        self.run_report()
        self.assertIn('ONGOING so far; 1 failed, 1 moved', self.output)

    def test_counts_are_those_of_the_actions_while_a_plan_runs(self):
        self.watcher.plans_ = [
            fakes.plan(
                state='ONGOING',
                message='0 of 2 done, 2 running, about 2 min to go; '
                'limits: 2 a host',
            )
        ]
        self.run_report()
        self.assertNotIn('0 of 2', self.output)
        self.assertIn('\nAbout 2 min to go; limits: 2 a host\n', self.output)

    def test_a_plan_without_news_is_reported_as_it_was(self):
        self.watcher.plans_ = [
            fakes.plan(state='ONGOING', updated_at='2026-11-28T03:14:31')
        ]
        self.run_report()
        self.assertRegex(
            self.output,
            r'\nThere is no news of this plan; is watcher-applier running\? '
            'If not, start it, and the plan goes on. This is how it was at '
            r'2026-11-28 03:14:31 \(.* ago by the clock of this machine\)\.\n',
        )

    def test_times_include_that_the_applier_was_away(self):
        went_on = '2 succeeded in 10 min; went on at 2026-11-28 03:14:05 after'
        line = (
            'Times are UTC, of 2026-11-28; they include the time in which the '
            'applier was away.\n'
        )
        for message, is_told in (
            (f'{went_on} a restart', True),
            (f'{went_on} a restart, its time is counted from there', True),
            ('2 succeeded in 10 min', False),
        ):
            self.watcher.plans_ = [
                fakes.plan(state='SUCCEEDED', message=message)
            ]
            self.run_report()
            self.assertEqual(is_told, line in self.output, message)

    def test_a_plan_of_nothing(self):
        self.watcher.actions_ = []
        self.assertEqual(0, self.run_report())
        self.assertIn('nothing to move', self.output)

    def test_other_formats_have_the_rows_alone(self):
        self.run_report('-f', 'csv', '-c', 'Name', '-c', 'Took')
        self.assertEqual(
            ['"Name","Took"', '"web-2",""', '"web-1","5.0"'],
            self.output.splitlines(),
        )

    def test_what_is_not_known_is_null_in_json_alone(self):
        self.assertEqual([None, 5.0], [row['Took'] for row in self.rows()])
        self.run_report('-f', 'value', '-c', 'Took')
        self.assertEqual(['', '5.0'], self.output.splitlines())

    def test_columns_are_sorted(self):
        for column, expected in (
            ('Took', ['web-2', 'web-1']),
            ('Waited', ['web-2', 'web-1']),
            ('Ended', ['web-1', 'web-2']),
            ('State', ['web-2', 'web-1']),
        ):
            rows = self.rows('--sort-column', column)
            self.assertEqual(expected, [row['Name'] for row in rows], column)

    def test_a_plan_whose_audit_was_deleted(self):
        self.watcher.audits = []
        self.run_report(fakes.PLAN)
        self.assertIn(f"'{fakes.PLAN}': FAILED", self.output)

    def test_projects_are_listed_once(self):
        self.run_report()
        self.assertEqual(1, self.cloud.asked)

    def test_projects_are_not_listed_for_nothing(self):
        self.watcher.actions_ = [fakes.action()]
        self.run_report()
        self.assertEqual(0, self.cloud.asked)

    def test_projects_of_one_name_are_told_apart(self):
        self.cloud = Projects(('p1', 'shop'), ('p2', 'shop'))
        self.assertEqual(
            ['shop (p2)', 'shop (p1)'],
            [row['Project'] for row in self.rows()],
        )

    def test_who_may_not_list_projects_sees_their_ids(self):
        self.cloud = Projects(error=RuntimeError('403'))
        self.assertEqual(['p2', 'p1'], [row['Project'] for row in self.rows()])

    def test_watcher_away_is_told(self):
        def away(uuid):
            raise watcher_errors.Unavailable('Watcher does not answer: 503')

        self.watcher.actions = away
        self.assertRaisesRegex(
            exceptions.CommandError, 'does not answer', self.run_report
        )

    def test_a_page_is_written_and_told(self):
        path = self.new_file()
        self.assertEqual(0, self.run_report('--html', str(path)))
        self.assertIn('<h1>compute1', path.read_text())
        self.assertEqual(
            f'The page: {path.resolve()}', self.output.splitlines()[-1]
        )

    def test_a_file_is_not_written_over(self):
        path = self.new_file()
        path.write_text('mine')
        self.assertRaisesRegex(
            exceptions.CommandError,
            'exists: name another file, or remove it first',
            self.run_report,
            '--html',
            str(path),
        )
        self.assertEqual('mine', path.read_text())

    def test_a_file_that_cannot_be_written_is_named(self):
        path = self.new_file().parent / 'none' / 'report.html'
        self.assertRaisesRegex(
            exceptions.CommandError,
            'none/report.html cannot be written: No such file',
            self.run_report,
            '--html',
            str(path),
        )

    def test_no_piece_of_a_page_is_left(self):
        path = self.new_file()
        for error, expected in (
            (OSError(errno.ENOSPC, 'No space left'), exceptions.CommandError),
            (KeyboardInterrupt(), KeyboardInterrupt),
        ):
            with mock.patch.object(pathlib.Path, 'open', full(error)):
                self.assertRaises(
                    expected, self.run_report, '--html', str(path)
                )
            self.assertFalse(path.exists(), repr(error))

    def test_templates_are_read_for_a_page_alone(self):
        script = (
            'import sys\n'
            'import zone_migration.osc.report\n'
            'print("jinja2" in sys.modules)\n'
        )
        ended = subprocess.run(
            [sys.executable, '-c', script], capture_output=True, text=True
        )
        self.assertEqual('False\n', ended.stdout, ended.stderr)
