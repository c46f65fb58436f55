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

"""``openstack optimize zone skip``: leave items out of a plan."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions

from zone_migration.logic import messages
from zone_migration.osc import command
from zone_migration.osc import options
from zone_migration.osc import plan_end
from zone_migration.osc import plan_search
from zone_migration.osc import records
from zone_migration.osc import watcher_errors

#: The states of a plan whose actions can be skipped.
_OPEN = ('RECOMMENDED', 'PENDING')


class SkipItem(command.ZoneCommand):
    """Leave servers and volumes out of a plan that does not run yet.

    What depends on them runs all the same: skip a server together with its
    volumes if none of them is to move.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'items',
            metavar='<item>',
            nargs='+',
            help='A server or volume of the plan, by name or id',
        )
        parser.add_argument(
            '--plan',
            metavar='<plan>',
            help='The plan: the name or UUID of its audit, or its own UUID '
            '(default: the newest plan)',
        )
        parser.add_argument(
            '--reason',
            metavar='<text>',
            default='',
            help='Why; it is shown with the plan',
        )
        return parser

    def take_action(self, parsed_args: Any) -> None:
        """Set the actions of the items to SKIPPED, or none of them."""
        plan = plan_search.find(self.watcher, parsed_args.plan)
        if plan.state not in _OPEN:
            raise exceptions.CommandError(
                f'The plan is {plan.state}: items can be left out only until '
                'it is started.'
            )
        actions = self.watcher.actions(plan.uuid)
        chosen = {
            action.uuid: action
            for item in parsed_args.items
            for action in _of_item(item, actions)
        }
        _check_pending(chosen.values())
        for action in chosen.values():
            name = messages.escaped(action.name)
            try:
                self.watcher.skip(action, parsed_args.reason)
            except watcher_errors.Conflict as error:
                cancel = plan_end.command_line(
                    'cancel', self.watcher.name_of(plan)
                )
                raise exceptions.CommandError(
                    f'{name} was not skipped: '
                    f'{messages.escaped(str(error))} Watcher allows '
                    'it only until the plan is started; a plan that runs can '
                    f'only be cancelled ({cancel}).'
                ) from error
            print(f'{name} is left out.', file=self.app.stdout)


def _check_pending(actions: Iterable[records.Action]) -> None:
    """Raise CommandError unless all actions are PENDING.

    Watcher would let the reason of a SKIPPED one be overwritten.

    :raises CommandError: with the state of one that is not, and its reason.
    """
    for action in actions:
        if action.state != 'PENDING':
            text = options.as_options(action.message)
            reason = f': {text}' if text else ''
            raise exceptions.CommandError(
                messages.escaped(
                    f'{action.name} is {action.state} already'
                    f'{reason.rstrip(".")}. Nothing was skipped.'
                )
            )


def _of_item(
    item: str, actions: Iterable[records.Action]
) -> Sequence[records.Action]:
    """The actions that move a server or volume.

    :param item: its id, or its name.
    :raises CommandError: when the plan does not move it, or it is not clear
        which one is meant.
    """
    actions = list(actions)
    found = [action for action in actions if action.resource_id == item]
    if not found:
        found = [action for action in actions if action.name == item]
    shown = messages.escaped(item)
    if not found:
        raise exceptions.CommandError(f'The plan has no action for {shown}.')
    ids = {action.resource_id for action in found}
    if len(ids) > 1:
        raise exceptions.CommandError(
            f'{len(ids)} servers and volumes of the plan are called {shown}: '
            f'give the id ({messages.escaped(", ".join(sorted(ids)))}).'
        )
    return found
