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

from typing import Any

from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.osc import asking
from zone_migration.osc import cancelling
from zone_migration.osc import command
from zone_migration.osc import exit_codes
from zone_migration.osc import plan_end
from zone_migration.osc import plan_search
from zone_migration.osc import view
from zone_migration.osc import watch


class CancelPlan(command.ZoneCommand):
    """Cancel a plan, and watch it until what runs has ended.

    Nothing more is started.  Live migrations that run are aborted, cold
    migrations are reverted, copies of volumes are waited for; what was moved
    stays where it is.  Exits with 0 when the plan is cancelled, with 3 when
    it ended before that, and with 130 when you leave.
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
            help='Do not wait until what runs has ended',
        )
        watch.add_plain_argument(parser)
        return parser

    def take_action(self, parsed_args: Any) -> None:
        """Cancel the plan, and wait for its end."""
        plan = plan_search.find(
            self.watcher, parsed_args.plan, command.RUNNING
        )
        name = messages.escaped(self.watcher.name_of(plan))
        if plan.state == 'CANCELLED':
            self._say(f'The plan of {name} is CANCELLED already.')
            return
        if plan.state not in (*cancelling.POSSIBLE, 'CANCELLING'):
            raise exceptions.CommandError(
                f'The plan of {name} has ended already ({plan.state}): there '
                'is nothing to cancel. What became of it: '
                f'{plan_end.command_line("report", name)}'
            )
        if plan.state != 'CANCELLING':
            self._say(f'{name}: {plan.state}, {plan.message}')
            if plan.state == 'ONGOING':
                self._say(cancelling.MEANING)
            if not parsed_args.yes and not asking.confirm(
                self.app, 'Cancel it?'
            ):
                raise exceptions.CommandError('The plan is not cancelled.')
            plan = cancelling.cancel(self.watcher, plan)
        if plan.state == 'CANCELLED':
            self._say(f'The plan of {name} is CANCELLED.')
        elif parsed_args.no_wait and plan.state == 'CANCELLING':
            self._say(
                'The plan is being cancelled. To see it: '
                f'{plan_end.command_line("watch", name)}'
            )
        else:
            code = view.View(
                self.app, self.watcher, plan, name, parsed_args.plain
            ).run()
            if code == exit_codes.LEFT:
                self.exit_code = code
            elif code != exit_codes.CANCELLED:
                self._say(f'The plan of {name} ended before it was cancelled.')
                self.exit_code = exit_codes.INCOMPLETE

    def _say(self, line: str) -> None:
        print(messages.escaped(line), file=self.app.stdout, flush=True)
