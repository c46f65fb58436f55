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

"""The wait for the end of an audit or a plan, and what is shown meanwhile."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
from typing import TextIO
from typing import TypeVar

from osc_lib import exceptions

from zone_migration.osc import clock as clocks
from zone_migration.osc import creation
from zone_migration.osc import no_news
from zone_migration.osc import records
from zone_migration.osc import signals
from zone_migration.osc import watcher_errors

Awaited = TypeVar('Awaited', records.Audit, records.Plan)

#: How long it may take, and Watcher may not answer, in seconds.
_LONGEST = 600.0
_LONGEST_SILENCE = 60.0
_INTERVAL = 1.0

_ENDED = (
    'SUCCEEDED',
    'FAILED',
    'CANCELLED',
    'SUSPENDED',
    'SUPERSEDED',
    'DELETED',
)


def end(
    awaited: Awaited,
    ask: Callable[[str], Awaited],
    what: str,
    goes_on: str,
    clock: clocks.Clock,
    say: Callable[[str], object],
    untaken: Callable[[], str],
) -> Awaited:
    """Wait for the end of an audit or a plan, and return it as it is then.

    :param ask: gives it as it is now, by its UUID.
    :param what: what it is, as a sentence begins with it.
    :param goes_on: what can be done about it when nobody waits for it.
    :param say: tells the user something meanwhile.
    :param untaken: why it is PENDING still after a while.
    :raises CommandError: when it does not end, or Watcher does not answer.
    """
    began = answered = clock.passed()
    is_told = False
    while awaited.state not in _ENDED:
        if clock.passed() - began > _LONGEST:
            raise exceptions.CommandError(
                f'{what} has not ended in {_LONGEST / 60:.0f} minutes, it is '
                f'{awaited.state}. {goes_on}'
            )
        clock.wait(_INTERVAL)
        try:
            awaited = ask(awaited.uuid)
            answered = clock.passed()
            if (
                awaited.state == 'PENDING'
                and not is_told
                and answered - began >= no_news.UNTAKEN
            ):
                say(untaken())
                is_told = True
        except watcher_errors.Unavailable as error:
            if clock.passed() - answered > _LONGEST_SILENCE:
                raise exceptions.CommandError(
                    f'{creation.sentence(error)} {goes_on}'
                ) from error
    return awaited


@contextlib.contextmanager
def shown(text: str, stderr: TextIO) -> Iterator[Callable[[str], object]]:
    """Show what is waited for, if the output is a terminal.

    It gives a way to tell more meanwhile, which a file has, too.
    """
    if not stderr.isatty():
        yield lambda line: print(line, file=stderr, flush=True)
        return
    from rich import console
    from rich import markup

    # Its spinner is plain ASCII.
    with (
        signals.ended_afterwards(),
        console.Console(file=stderr).status(
            markup.escape(text), spinner='line'
        ) as status,
    ):
        yield lambda line: status.console.print(
            line, markup=False, highlight=False
        )


@contextlib.contextmanager
def interruptible(goes_on: str, stderr: TextIO) -> Iterator[None]:
    """Tell on Control-C what can be done about what goes on."""
    try:
        yield
    except KeyboardInterrupt:
        print(f'\n{goes_on}', file=stderr)
        raise
