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

"""Questions to whoever sits before the terminal."""

import contextlib
import termios
from typing import Any

from osc_lib import exceptions


def is_possible(app: Any) -> bool:
    """Whether there is a terminal to ask on."""
    return bool(app.stdin.isatty() and app.stdout.isatty())


def ask(app: Any, question: str) -> str:
    """The answer in small letters; '' when there is none.

    What was typed before the question is no answer to it.
    """
    if app.stdin.isatty():
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(app.stdin, termios.TCIFLUSH)
    print(question, end=' ', file=app.stdout, flush=True)
    answer = app.stdin.readline()
    if not answer.endswith('\n'):
        print(file=app.stdout)
    return str(answer).strip().lower()


def confirm(app: Any, question: str) -> bool:
    """Whether the answer is yes.

    :raises CommandError: when there is no terminal to ask on.
    """
    if not is_possible(app):
        raise exceptions.CommandError(
            'There is no terminal to ask on: give --yes to go on without '
            'being asked.'
        )
    return ask(app, f'{question} [y/N]') in ('y', 'yes')
