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

"""``openstack optimize zone report``: what became of a plan."""

import collections
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import datetime
import pathlib
from typing import Any

from osc_lib import exceptions

from zone_migration.osc import command
from zone_migration.osc import new_file
from zone_migration.osc import plan_report
from zone_migration.osc import plan_search
from zone_migration.osc import records
from zone_migration.osc import report_table
from zone_migration.osc import watcher_errors


class ReportPlan(command.ZoneLister):
    """Show what became of a plan, what needs a person first.

    Of a plan that runs it shows what became of it so far.  Times are UTC.
    The exit code is 0 whenever there is a report, whatever became of the
    plan.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        command.add_plan_argument(parser, 'one that was started, else ')
        parser.add_argument(
            '--html',
            metavar='<file>',
            type=pathlib.Path,
            help='Write a page for the browser, too: one file that needs no '
            'network, with a timeline, the failures and what to do about '
            'them, and a list for each project. The file must not exist',
        )
        parser.add_argument(
            '--long',
            action='store_true',
            help='Show all columns, with projects, reasons and ids: 150 '
            'characters wide and more (-f json for programs, --html for you)',
        )
        return parser

    def take_action(
        self, parsed_args: Any
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """The table of the moves; the page is written before."""
        if parsed_args.html and parsed_args.html.exists():
            raise exceptions.CommandError(_exists(parsed_args.html))
        report = self._report(parsed_args.plan)
        self._below = report_table.below(report)
        if parsed_args.html:
            _write(parsed_args.html, report)
        same_day = plan_report.is_of_one_day(report)
        # These write a None as a word.
        texts = ('csv', 'value')
        unknown = '' if parsed_args.formatter in texts else None
        rows = [
            report_table.row(move, same_day, unknown) for move in report.moves
        ]
        if parsed_args.long or parsed_args.columns:
            return (*report_table.COLUMNS, *report_table.LONG), rows
        return report_table.COLUMNS, [
            row[: len(report_table.COLUMNS)] for row in rows
        ]

    def produce_output(
        self,
        parsed_args: Any,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
    ) -> int:
        """Show the rows, and below a table for people the reasons and sums."""
        for_people = parsed_args.formatter == 'table'
        if for_people and not parsed_args.long and not parsed_args.columns:
            # Here, so that a table can be sorted by what it does not show.
            parsed_args.columns = list(report_table.TABLE)
        code = super().produce_output(parsed_args, column_names, data)
        if for_people:
            for line in self._below:
                print(
                    report_table.wrapped(line, self.app.stdout),
                    file=self.app.stdout,
                )
        if parsed_args.html:
            page = parsed_args.html.resolve()
            print(f'The page: {page}', file=self.app.stderr)
        return int(code)

    def _report(self, name_or_id: str | None) -> plan_report.Report:
        """The report of the plan that is meant."""
        plan = plan_search.find(self.watcher, name_or_id, command.STARTED)
        actions = self.watcher.actions(plan.uuid)
        return plan_report.make(
            plan,
            self._audit(plan),
            actions,
            self._projects(actions),
            datetime.datetime.now(datetime.timezone.utc),
        )

    def _audit(self, plan: records.Plan) -> records.Audit | None:
        """The audit of a plan, None when it was deleted or never was."""
        if not plan.audit_uuid:
            return None
        try:
            return self.watcher.audit(plan.audit_uuid)
        except watcher_errors.NotFound:
            return None

    def _projects(
        self, actions: Iterable[records.Action]
    ) -> Mapping[str, str]:
        """The names of projects by id, as far as Keystone tells them.

        Names that several projects have say which they are.
        """
        if not any(one.parameters.get('project_id') for one in actions):
            return {}
        try:
            found = {
                one.id: one.name for one in self.cloud.identity.projects()
            }
        except Exception as error:  # noqa: BLE001
            # Names are a comfort, and Keystone lists all projects to its
            # administrators only.
            self.log.debug('Keystone does not list projects: %s', error)
            return {}
        of_name = collections.Counter(found.values())
        return {
            id_: name if of_name[name] == 1 else f'{name} ({id_[:8]})'
            for id_, name in found.items()
        }


def _write(path: pathlib.Path, report: plan_report.Report) -> None:
    """Write the page of a report.

    :raises CommandError: when the file exists, or cannot be written.
    """
    # Jinja2 is not loaded by the commands that make no page.
    from zone_migration.osc.page import page

    text = page.render(report)
    try:
        new_file.write(path, text)
    except FileExistsError:
        raise exceptions.CommandError(_exists(path)) from None
    except OSError as error:
        raise exceptions.CommandError(
            f'{path} cannot be written: {error.strerror}.'
        ) from error


def _exists(path: pathlib.Path) -> str:
    """That a file is not written over."""
    return f'{path} exists: name another file, or remove it first.'
