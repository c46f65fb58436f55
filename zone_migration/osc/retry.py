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

"""``openstack optimize zone retry``: plan once more what is left."""

from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions

from zone_migration.osc import audits
from zone_migration.osc import cells
from zone_migration.osc import command
from zone_migration.osc import disabled_hosts
from zone_migration.osc import exit_codes
from zone_migration.osc import names
from zone_migration.osc import plan_end
from zone_migration.osc import plan_search
from zone_migration.osc import plan_table
from zone_migration.osc import plan_view
from zone_migration.osc import records
from zone_migration.osc import retried
from zone_migration.osc import watcher_api
from zone_migration.osc import watcher_errors

_WAS = 'Was'

_RUNS = ('PENDING', 'ONGOING', 'CANCELLING')

#: Why nothing of a plan has failed.
_NOT_RUN = {
    'RECOMMENDED': 'was not started',
    'SUPERSEDED': 'was not started in time (Watcher has SUPERSEDED it)',
}


class RetryPlan(command.ZoneLister):
    """Plan once more what has failed in a plan, or is left.

    Creates the audit of the plan again, with the same parameters, so the new
    plan is about what is there now. Shows what became of each item before
    (Was); what was moved and needs nothing is left out. Nothing moves before
    the plan is started. Exits with 0 when all can move, with 3 when some
    cannot, and with 1 when no plan is made.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        command.add_plan_argument(parser, 'one that was started, else ')
        parser.add_argument(
            '--name',
            metavar='<name>',
            type=names.argument,
            help='The name of the new plan (default: that of the plan before, '
            'and the time)',
        )
        parser.add_argument(
            '--force',
            action='store_true',
            help='Plan although this plan, or another one, is running',
        )
        plan_table.add_long_option(parser)
        return parser

    def take_action(
        self, parsed_args: Any
    ) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        """Create the audit, and return the rows of both plans."""
        old = plan_search.find(self.watcher, parsed_args.plan, command.STARTED)
        audit = _audit(self.watcher, old)
        self._above = _check(old, audit.name, parsed_args.force)
        new_audit, plan, actions = audits.create_plan(
            self.watcher,
            parsed_args.name,
            audit.parameters,
            parsed_args.force,
            self.app.stderr,
            (names.without_moment(audit.name),),
        )
        actions = disabled_hosts.as_found(self.cloud, actions)
        # Not before: what still ran may have ended meanwhile.
        before = self.watcher.actions(old.uuid)
        items = retried.compare(before, actions, old.message)
        if not plan_view.can_all_move(item.planned for item in items):
            self.exit_code = exit_codes.INCOMPLETE
        self._below = [
            *retried.reasons(items),
            *_moved(retried.moved(before, actions), audit.name),
            *retried.again(before, actions, new_audit.name),
            *plan_table.below(plan, actions, new_audit.name),
        ]
        return _table(parsed_args, items)

    def produce_output(self, parsed_args: Any, *output: Any) -> int:
        """Print the table, and what it comes to."""
        for line in self._above:
            print(line, file=self.app.stderr)
        code: int = super().produce_output(parsed_args, *output)
        people = plan_table.for_people(parsed_args)
        for line in self._below:
            plan_table.write(
                self.app.stdout if people else self.app.stderr, line
            )
        return code


def _audit(watcher: watcher_api.Watcher, plan: records.Plan) -> records.Audit:
    """The audit of a plan, which can be created again.

    :raises CommandError: when it cannot.
    """
    if plan.strategy != watcher_api.STRATEGY:
        raise exceptions.CommandError(
            f'The plan {plan.uuid} is not of the strategy '
            f'{watcher_api.STRATEGY}, but of {plan.strategy or "none"}: it '
            'cannot be planned again here.'
        )
    gone = (
        f'The plan {plan.uuid} has no audit any more, which tells what was to '
        'be moved: make a new one with "openstack optimize zone plan".'
    )
    if not plan.audit_uuid:
        raise exceptions.CommandError(gone)
    try:
        audit = watcher.audit(plan.audit_uuid)
    except watcher_errors.NotFound:
        raise exceptions.CommandError(gone) from None
    if audit.scope:
        raise exceptions.CommandError(
            f"The audit '{audit.name}' has a scope, which only an audit "
            'template can give to a new one: create it from its template '
            '(openstack optimize audit create --audit-template).'
        )
    return audit


def _check(plan: records.Plan, name: str, force: bool) -> list[str]:
    """Tell if a plan has not run to its end.

    :param name: what the plan is called by.
    :raises CommandError: when it runs, unless it is forced.
    """
    told = f"The plan '{name}' "
    if plan.state in _RUNS and not force:
        raise exceptions.CommandError(
            f'{told}has not ended, it is {plan.state}. Wait for its end '
            f'({plan_end.command_line("watch", name)}), or plan beside it '
            'with --force.'
        )
    if plan.state in _RUNS:
        return [f'{told}has not ended, it is {plan.state}.']
    if plan.state in _NOT_RUN:
        return [f'{told}{_NOT_RUN[plan.state]}: nothing of it has failed.']
    return []


def _moved(number: int, name: str) -> list[str]:
    """Tell how many need nothing any more."""
    if not number:
        return []
    told = 'has moved, and needs' if number == 1 else 'have moved, and need'
    return [f"{number} of the plan '{name}' {told} nothing."]


def _table(
    parsed_args: Any, items: Sequence[retried.RetriedItem]
) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """The columns of a plan, and beside the name what became of it.

    With the reasons, unless they stand below the table.
    """
    shown = plan_table.names(parsed_args)
    if 'Reason' not in shown:
        # It has to fit in 80 columns, and the sizes were told by the plan.
        shown = tuple(name for name in shown if name != 'Size')
    rows = plan_table.data(
        [item.planned for item in items], shown, cells.unknown(parsed_args)
    )
    place = shown.index('Name') + 1
    return (
        (*shown[:place], _WAS, *shown[place:]),
        [
            (
                *row[:place],
                item.was_why if 'Reason' in shown else item.was,
                *row[place:],
            )
            for row, item in zip(rows, items, strict=True)
        ],
    )
