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

"""``openstack optimize zone watch``: a plan while it runs."""

from typing import Any

from osc_lib import exceptions

from zone_migration.osc import command
from zone_migration.osc import plan_end
from zone_migration.osc import plan_search
from zone_migration.osc import view


class WatchPlan(command.ZoneCommand):
    """Watch a plan until it ends.

    Shows a bar for the plan, and one for each move that runs.  Nova and Cinder
    show no progress of cold migrations and volumes: their bars tell the time
    that they have taken, of what is expected (marked ~).  Without a terminal,
    each change is a line.  Exits with 0 when all was moved, with 3 when
    something was not, with 4 when the plan was cancelled, and with 130 when
    you leave the view.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        command.add_plan_argument(parser, 'one that runs, else ')
        add_plain_argument(parser)
        return parser

    def take_action(self, parsed_args: Any) -> None:
        """Show the plan until it ends."""
        plan = plan_search.find(
            self.watcher, parsed_args.plan, command.RUNNING
        )
        name = self.watcher.name_of(plan)
        if plan.state == 'RECOMMENDED':
            raise exceptions.CommandError(
                f"The plan '{name}' is not started yet. To start it: "
                f'{plan_end.command_line("start", name)}'
            )
        if plan.state == 'SUPERSEDED':
            raise exceptions.CommandError(
                f"The plan '{name}' was too old to be started: Watcher has "
                'SUPERSEDED it. To make it again: '
                f'{plan_end.command_line("retry", name)}'
            )
        self.exit_code = view.View(
            self.app, self.watcher, plan, name, parsed_args.plain
        ).run()


def add_plain_argument(parser: Any) -> None:
    """Let a command take ``--plain``."""
    parser.add_argument(
        '--plain',
        action='store_true',
        help='Write a line for each change, on a terminal too',
    )
