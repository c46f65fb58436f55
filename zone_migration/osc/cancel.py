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

"""``openstack optimize zone cancel``: end a plan before all is moved."""

import contextlib
from typing import Any

from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.osc import asking
from zone_migration.osc import awaiting
from zone_migration.osc import cancelling
from zone_migration.osc import command
from zone_migration.osc import exit_codes
from zone_migration.osc import plan_end
from zone_migration.osc import plan_picture
from zone_migration.osc import plan_search
from zone_migration.osc import records
from zone_migration.osc import terminal
from zone_migration.osc import view
from zone_migration.osc import watch
from zone_migration.osc import watcher_errors


class CancelPlan(command.ZoneCommand):
    """Cancel a plan, and watch it until it has ended.

    Nothing more is started.  Running live migrations are aborted, cold
    migrations are reverted, and volume copies run to their end.  What has
    moved stays where it is.  A plan that is not started is cancelled by its
    name only.  Exits with 0 when the plan is cancelled, with 3 when it ended
    before that, and with 130 when you leave.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        command.add_plan_argument(parser, 'one that runs, else ')
        parser.add_argument(
            '--yes',
            action='store_true',
            help='Cancel it without being asked',
        )
        parser.add_argument(
            '--no-wait',
            action='store_true',
            help='Do not wait until the plan has ended',
        )
        watch.add_plain_argument(parser)
        return parser

    def take_action(self, parsed_args: Any) -> None:
        """Cancel the plan, and wait for its end."""
        terminal.write_any_character(self.app.stdout)
        plan = plan_search.find(
            self.watcher, parsed_args.plan, command.RUNNING
        )
        name = messages.escaped(self.watcher.name_of(plan))
        if plan.state == 'CANCELLED':
            self._say(f"The plan '{name}' was cancelled already.")
            return
        if plan.state not in (*cancelling.POSSIBLE, 'CANCELLING'):
            raise exceptions.CommandError(
                f"The plan '{name}' has ended already ({plan.state}): there "
                'is nothing to cancel. What became of it: '
                f'{plan_end.command_line("report", name)}'
            )
        if plan.state == 'RECOMMENDED' and parsed_args.plan is None:
            # Whoever means one that runs does not mean this one.
            raise exceptions.CommandError(
                f"No plan runs. To cancel '{name}', which is not started: "
                f'{plan_end.command_line("cancel", name)}'
            )
        watch_line = plan_end.command_line('watch', name)
        if plan.state != 'CANCELLING':
            self._ask(plan, name, parsed_args.yes)
            with awaiting.interruptible(
                f'{cancelling.UNKNOWN}. To see it: {watch_line}',
                self.app.stderr,
            ):
                plan = cancelling.cancel(self.watcher, plan)
        if plan.state == 'CANCELLED':
            self._say(f"The plan '{name}' is cancelled.")
        elif parsed_args.no_wait and plan.state == 'CANCELLING':
            terminal.write_command(
                self.app.stdout,
                f'{cancelling.UNDER_WAY} To see it:',
                watch_line,
            )
        else:
            self._watch(plan, name, parsed_args.plain)

    def _ask(self, plan: records.Plan, name: str, is_sure: bool) -> None:
        """Show how the plan stands, and what a cancel means, and ask.

        :raises CommandError: when the answer is no, or nobody can answer.
        """
        words = plan.message
        # How it stands is a comfort, and a cancel may be urgent: who is sure
        # reads what the plan itself tells.
        if not is_sure:
            with (
                contextlib.suppress(watcher_errors.WatcherError),
                self.watcher.asked_repeatedly(),
            ):
                progress = plan_picture.PlanProgress(plan)
                progress.update(self.watcher.actions(plan.uuid))
                words = progress.picture().words
        self._say(f"Plan '{name}': {plan.state}, {words}")
        if plan.state == 'ONGOING':
            self._say(cancelling.MEANING)
        if not is_sure and not asking.confirm(self.app, 'Cancel it?'):
            raise exceptions.CommandError('The plan is not cancelled.')

    def _watch(self, plan: records.Plan, name: str, is_plain: bool) -> None:
        """Watch the plan until it has ended."""
        code = view.View(self.app, self.watcher, plan, name, is_plain).run()
        if code == exit_codes.LEFT:
            self.exit_code = code
        elif code != exit_codes.CANCELLED:
            self._say(f"The plan '{name}' ended before it was cancelled.")
            self.exit_code = exit_codes.INCOMPLETE

    def _say(self, line: str) -> None:
        """Write a line."""
        terminal.write(self.app.stdout, messages.escaped(line))
