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

"""``openstack optimize zone plan``: plan to empty something."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from zone_migration.osc import cells
from zone_migration.osc import command
from zone_migration.osc import disabled_hosts
from zone_migration.osc import exit_codes
from zone_migration.osc import names
from zone_migration.osc import plan_table
from zone_migration.osc import plan_view
from zone_migration.osc import request


class CreatePlan(command.ZoneLister):
    """Plan to empty hosts, zones or pools, and show what would become of it.

    Nothing moves before the plan is started. In json and other formats for
    programs sizes are in MiB. Exits with 0 when all can move, with 3 when
    some cannot, with 1 when no plan is made, and with 2 when the options are
    not understood or do not fit each other.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        request.add_options(parser)
        parser.add_argument(
            '--name',
            metavar='<name>',
            type=names.argument,
            help='The name of the plan (default: what is emptied, and the '
            'time)',
        )
        parser.add_argument(
            '--force',
            action='store_true',
            help='Plan although another plan is running',
        )
        plan_table.add_long_option(parser)
        return parser

    def take_action(
        self, parsed_args: Any
    ) -> tuple[Sequence[str], Iterable[Any]]:
        """Create the audit, and return the rows of its plan."""
        audit, plan, actions = request.make_plan(
            self,
            parsed_args,
            parsed_args.name,
            parsed_args.force,
        )
        actions = disabled_hosts.as_found(self.cloud, actions)
        items = plan_view.rows(actions)
        if not plan_view.can_all_move(items):
            self.exit_code = exit_codes.INCOMPLETE
        self._below = plan_table.below(plan, actions, audit.name)
        shown = plan_table.names(parsed_args)
        unknown = cells.unknown(parsed_args)
        return shown, plan_table.data(items, shown, unknown)

    def produce_output(self, parsed_args: Any, *output: Any) -> int:
        """Print the table, and what it comes to."""
        code: int = super().produce_output(parsed_args, *output)
        people = plan_table.for_people(parsed_args)
        for line in self._below:
            plan_table.write(
                self.app.stdout if people else self.app.stderr, line
            )
        return code
