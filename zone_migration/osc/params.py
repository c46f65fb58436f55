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

"""``openstack optimize zone params``: an explicit list of what would move."""

import pathlib
from typing import Any

from osc_lib import exceptions

from zone_migration.osc import command
from zone_migration.osc import discarding
from zone_migration.osc import exit_codes
from zone_migration.osc import explicit
from zone_migration.osc import new_file
from zone_migration.osc import parameters_file
from zone_migration.osc import plan_view
from zone_migration.osc import records
from zone_migration.osc import request


class WriteParams(command.ZoneCommand):
    """Write an explicit list of the servers and volumes that would move.

    Watcher makes a plan, which is deleted again; nothing moves. The list says
    of each where it is, so that a plan of the list moves it only while it is
    there: see --params of "openstack optimize zone plan". Exits with 3 when
    something cannot move; the list is without that.
    """

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        request.add_options(parser)
        parser.add_argument(
            '--output',
            metavar='<file>',
            help='The file to write, which must not exist; FILE-1.json, '
            'FILE-2.json and so on, when Watcher does not hold the list in '
            'one audit (default: standard output)',
        )
        return parser

    def take_action(self, parsed_args: Any) -> None:
        """Make a plan, write what it moves, and delete it."""
        if parsed_args.output:
            _check_new([pathlib.Path(parsed_args.output)])
        audit, _, actions = request.make_plan(
            self, parsed_args, name=None, force=True, only_read=True
        )
        try:
            self._write(actions, parsed_args.output)
        finally:
            discarding.discard(self.watcher, audit, self.app.stderr)

    def _write(
        self, actions: list[records.Action], output: str | None
    ) -> None:
        """Write what the actions move, and tell what does not.

        :raises CommandError: when there is nothing to write, or nowhere.
        """
        items = plan_view.rows(actions)
        for line in plan_view.reasons(items):
            print(line, file=self.app.stderr)
        lists = explicit.lists(actions)
        if not lists:
            raise exceptions.CommandError(
                'Nothing would move: no list is written.'
            )
        if output is None:
            if len(lists) > 1:
                raise exceptions.CommandError(
                    f'Watcher holds the list in {len(lists)} audits only: '
                    'give --output for as many files.'
                )
            self.app.stdout.write(explicit.text(lists[0]))
        else:
            self._write_files(lists, pathlib.Path(output))
        if not plan_view.can_all_move(items):
            self.exit_code = exit_codes.INCOMPLETE

    def _write_files(
        self, lists: list[dict[str, Any]], output: pathlib.Path
    ) -> None:
        """Write each list into a new file.

        :raises CommandError: when one is there already, or cannot be written.
        """
        paths = [output]
        if len(lists) > 1:
            paths = [
                output.with_name(f'{output.stem}-{number}.json')
                for number, _ in enumerate(lists, start=1)
            ]
        _check_new(paths)
        for path, params in zip(paths, lists, strict=True):
            try:
                new_file.write(path, explicit.text(params))
            except OSError as error:
                raise exceptions.CommandError(
                    f'{path}: {error.strerror}'
                ) from error
            counts = parameters_file.counts({'params': params})
            print(f'{path}: {counts}', file=self.app.stderr)


def _check_new(paths: list[pathlib.Path]) -> None:
    """Raise CommandError unless none of the files is there.

    :raises CommandError: naming those that are.
    """
    there = ', '.join(str(path) for path in paths if path.exists())
    if there:
        raise exceptions.CommandError(
            f'{there}: exists already. Give another --output.'
        )
