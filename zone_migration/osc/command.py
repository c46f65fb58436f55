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

"""What the commands share."""

import contextlib
import functools
from typing import Any

from osc_lib import exceptions
from osc_lib.command import command

from zone_migration.osc import exit_codes
from zone_migration.osc import forbidden
from zone_migration.osc import patience
from zone_migration.osc import usage
from zone_migration.osc import watcher_api


class ZoneCommand(command.Command):
    """A command; :attr:`exit_code` is what it exits with."""

    #: Of :mod:`zone_migration.osc.exit_codes`, set by ``take_action``.
    exit_code = 0

    def get_parser(self, prog_name: str) -> Any:
        """Return the parser of the command's options."""
        parser = super().get_parser(prog_name)
        parser.error = functools.partial(usage.end, parser)
        return parser

    def run(self, parsed_args: Any) -> int:
        """Run the command, and return its exit code."""
        with contextlib.ExitStack() as self._limits:
            try:
                return super().run(parsed_args) or self.exit_code
            except usage.UsageError as error:
                # As argparse, which would leave the interactive shell here.
                line = f'{self.app.NAME} {self.cmd_name}'
                print(f'{line}: error: {error}', file=self.app.stderr)
                return exit_codes.USAGE
            except forbidden.Forbidden as error:
                line = f'{self.app.NAME} {self.cmd_name}'
                raise exceptions.CommandError(
                    error.told(line, self._user())
                ) from error

    def _user(self) -> str:
        """Who has asked, for an error."""
        access = self.app.client_manager.auth_ref
        if access is None or not access.username:
            return 'You'
        if not access.project_name:
            return f'The user {access.username}'
        return f'The user {access.username} (project {access.project_name})'

    @functools.cached_property
    def watcher(self) -> watcher_api.Watcher:
        """Watcher's API."""
        client = getattr(self.app.client_manager, 'infra-optim')
        self._limits.enter_context(patience.client_limited(client))
        return watcher_api.Watcher(client, tell=self._note)

    def _note(self, line: str) -> None:
        """Tell the user something beside the output."""
        print(line, file=self.app.stderr, flush=True)

    @functools.cached_property
    def cloud(self) -> Any:
        """The connection of openstacksdk, to Nova and Cinder."""
        manager = self.app.client_manager
        self._limits.enter_context(patience.session_limited(manager.session))
        return manager.sdk_connection


#: The states of plans that are under way, and of those that have ended.
RUNNING = ('ONGOING', 'CANCELLING', 'PENDING')
STARTED = (*RUNNING, 'SUCCEEDED', 'FAILED', 'CANCELLED')


class ZoneLister(ZoneCommand, command.Lister):
    """A command that shows a table."""


def add_plan_argument(parser: Any, first: str = '') -> None:
    """Let a command take the plan that it is about, as ``plan``.

    :param first: words for what is meant before the newest plan.
    """
    parser.add_argument(
        'plan',
        metavar='<plan>',
        nargs='?',
        help='The plan: the name or UUID of its audit, or its own UUID '
        f'(default: {first}the newest plan that moves something)',
    )
