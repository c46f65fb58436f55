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

"""``openstack optimize zone start``: begin a plan."""

from typing import Any

from osc_lib import exceptions

from zone_migration.osc import asking
from zone_migration.osc import awaiting
from zone_migration.osc import command
from zone_migration.osc import disabled_hosts
from zone_migration.osc import plan_end
from zone_migration.osc import plan_search
from zone_migration.osc import plan_view
from zone_migration.osc import records
from zone_migration.osc import starting
from zone_migration.osc import terminal
from zone_migration.osc import view
from zone_migration.osc import watch

#: Why a plan in this state is not started, and the command that helps.
_REFUSED = {
    'PENDING': ('waits for an applier already', 'watch'),
    'ONGOING': ('runs already', 'watch'),
    'CANCELLING': ('is being cancelled', 'watch'),
    'SUCCEEDED': ('was run already', 'retry'),
    'FAILED': ('was run already, and FAILED', 'retry'),
    'CANCELLED': ('was cancelled', 'retry'),
    'SUPERSEDED': ('is too old: Watcher has SUPERSEDED it', 'retry'),
}

#: What the command does that helps.
_HELPS = {'watch': 'To see it', 'retry': 'To ask for what is left'}


class StartPlan(command.ZoneCommand):
    """Start a plan, and watch it until it ends.

    Shows its sums, and asks before it starts anything.  Exits as
    "openstack optimize zone watch" does, and with 1 when it is not started.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        command.add_plan_argument(parser)
        parser.add_argument(
            '--yes',
            action='store_true',
            help='Start it without being asked',
        )
        parser.add_argument(
            '--no-watch',
            action='store_true',
            help='Do not wait for its end',
        )
        watch.add_plain_argument(parser)
        return parser

    def take_action(self, parsed_args: Any) -> None:
        """Start the plan, and watch it."""
        terminal.write_any_character(self.app.stdout)
        plan = plan_search.find(self.watcher, parsed_args.plan)
        name = self.watcher.name_of(plan)
        _check(plan, name)
        actions = self.watcher.actions(plan.uuid)
        found = disabled_hosts.as_found(self.cloud, actions)
        for line in plan_view.sums(plan, found, name):
            terminal.write(self.app.stdout, line)
        if not any(action.state == 'PENDING' for action in actions):
            raise exceptions.CommandError(
                'The plan is not started: there is nothing to do in it.'
            )
        if not parsed_args.yes and not asking.confirm(self.app, 'Start?'):
            raise exceptions.CommandError('The plan is not started.')
        watch_line = plan_end.command_line('watch', name)
        with awaiting.interruptible(
            f'{starting.UNKNOWN} To see it: {watch_line}', self.app.stderr
        ):
            started = starting.start(self.watcher, plan)
        # The end of one that somebody else has started is told at once.
        if parsed_args.no_watch and started.state in command.RUNNING:
            words = f'The plan is {started.state}.'
            if started.state == 'PENDING':
                words = 'The plan starts when an applier is free.'
            terminal.write_command(
                self.app.stdout, f'{words} To see it:', watch_line
            )
            return
        self.exit_code = view.View(
            self.app, self.watcher, started, name, parsed_args.plain
        ).run()


def _check(plan: records.Plan, name: str) -> None:
    """Refuse a plan that cannot be started.

    :raises CommandError: when it cannot, with what to do instead.
    """
    if plan.state == 'RECOMMENDED':
        return
    why, verb = _REFUSED.get(plan.state, (f'is {plan.state}', 'retry'))
    raise exceptions.CommandError(
        f"The plan '{name}' {why}. {_HELPS[verb]}: "
        f'{plan_end.command_line(verb, name)}'
    )
