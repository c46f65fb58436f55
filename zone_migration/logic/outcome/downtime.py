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

"""The downtime of a running server that is migrated cold."""

from collections.abc import Iterable
import dataclasses
import re

from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.outcome import outcomes
from zone_migration.logic.outcome import summary_text

#: Nova's power state of a guest that runs.
_RUNS = 1

#: Nova's statuses of a record that has ended with the guest at its source.
_FAILED = frozenset({'failed', 'error', 'cancelled'})

#: How much is told of why a server did not go live, in characters.
_REASON = 110

#: Where a live migration that has failed has left the server: it may have
#: moved since.
_WAS = re.compile(r'; the server is ACTIVE on [^\s;]+$')

_DOWN = re.compile(r' \((?P<down>down for [^;)]+)')


def is_unharmed(
    server: resources.Server | None,
    migrations: Iterable[resources.Migration],
    source: str,
) -> bool:
    """Whether a failed live migration has left a server as it was.

    One that is paused does not count: Nova migrates only what is ACTIVE or
    stopped cold.  Nor does one whose record says that it has gone well: its
    guest may run at the destination.

    :param migrations: its records.
    :param source: the host that it was to leave.
    """
    newest = max(migrations, key=lambda m: m.id, default=None)
    if (
        newest is not None
        and newest.type == 'live-migration'
        and newest.source == source
        and newest.status not in _FAILED
    ):
        return False
    return (
        server is not None
        and server.status == 'ACTIVE'
        and server.task_state is None
        and server.host == source
        and server.power_state in (None, _RUNS)
    )


def going_on(outcome: outcomes.Outcome) -> outcomes.Outcome:
    """The outcome of a cold migration whose server is down meanwhile."""
    if outcome.kind is not outcomes.Kind.RUNNING:
        return outcome
    return dataclasses.replace(outcome, text=f'{outcome.text}, with downtime')


def told(text: str, seconds: float | None, not_live: str = '') -> str:
    """The text, with how long the server was down, and why.

    >>> told('migrated from c1 to c2', 12.0)
    'migrated from c1 to c2 (down for 12 s)'
    >>> told('migrated from c1 to c2', None, 'refused by c2')
    'migrated from c1 to c2 (down for a time that Nova does not tell; not \
live: refused by c2)'

    :param seconds: None where Nova does not tell them.
    :param not_live: why it was not migrated live, where that was tried.
    """
    time = 'a time that Nova does not tell'
    if seconds is not None:
        time = summary_text.precise(seconds)
    why = messages.fit(_WAS.sub('', not_live), _REASON)
    why = f'; not live: {why}' if why else ''
    return f'{text} (down for {time}{why})'


def read(message: str) -> str:
    """How long a running server was down, as a message tells; '' for none.

    >>> read('migrated from c1 to c2 (down for 12 s) in 20.3 s')
    'down for 12 s'
    >>> read('migrated from c1 to c2 in 20.3 s')
    ''
    """
    found = _DOWN.search(message)
    return found['down'] if found else ''
