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

"""What is told of options that cannot be understood."""

import argparse
import difflib
from typing import NoReturn

from zone_migration.osc import exit_codes

_UNKNOWN = 'unrecognized arguments: '


class UsageError(Exception):
    """Options that cannot stand together; told as argparse tells its own."""


def end(parser: argparse.ArgumentParser, message: str) -> NoReturn:
    """Exit as argparse does, without all options before the error.

    They are more than a screen shows.

    :param message: argparse's own.
    """
    known = parser._option_string_actions  # noqa: SLF001
    meant = []
    if message.startswith(_UNKNOWN):
        for word in message.removeprefix(_UNKNOWN).split():
            if word.startswith('-'):
                option, _, _ = word.partition('=')
                meant += difflib.get_close_matches(option, known, n=1)
    text = f'{parser.prog}: error: {message}'
    if meant:
        text += f'\nDid you mean {" or ".join(dict.fromkeys(meant))}?'
    parser.exit(
        exit_codes.USAGE, f'{text}\nAll options: {parser.prog} --help\n'
    )
