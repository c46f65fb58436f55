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

"""``openstack optimize zone check``: check files of parameters, offline."""

from typing import Any

from osc_lib import exceptions

from zone_migration.osc import command
from zone_migration.osc import parameters_file


class CheckParameters(command.ZoneCommand):
    """Check files with parameters of an audit against the schema, offline.

    Each fault is told with its file, line and path. Exits with 0 when there
    is none, and with 1 otherwise.
    """

    #: It asks nobody anything.
    auth_required = False

    def get_parser(self, prog_name: str) -> Any:
        """The parser of the command's arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'files',
            metavar='<file>',
            nargs='+',
            help='A JSON file: {"vm": ..., "volume": ...} with servers and '
            'volumes by id, or all parameters of an audit',
        )
        return parser

    def take_action(self, parsed_args: Any) -> None:
        """Check all files, and tell all faults."""
        faults = [
            fault for path in parsed_args.files for fault in self._check(path)
        ]
        for fault in faults:
            print(fault, file=self.app.stdout)
        if faults:
            self.exit_code = 1

    def _check(self, path: str) -> list[str]:
        """The faults of a file, a line each."""
        try:
            file = parameters_file.read(path)
        except exceptions.CommandError as error:
            return [str(error)]
        faults = parameters_file.located_faults(file)
        if not faults:
            text = f'{path}: {parameters_file.counts(file.parameters)}'
            print(text, file=self.app.stdout)
        return faults
