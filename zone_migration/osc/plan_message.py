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

"""The message that the engine gives a plan, taken apart.

It is written every ten seconds, and counts all actions.  The commands count
the actions themselves, servers and volumes apart from hosts, and read here
what the actions do not tell.
"""

import dataclasses
import re

_RUNNING = re.compile(r'\d+ of \d+ done\b')
_TO_GO = re.compile(r', (?P<left>about .+? to go)$')
_WAITS = re.compile(r'\d+ waits?(: (?P<full>.+))?$')

#: Messages that tell nothing of the end: that of the planner, and what Watcher
#: writes over the engine's.
_NOTHING = re.compile(
    r'\d+ (to move|hosts? to enable)\b|One or more actions were skipped'
)

_ENDED = re.compile(
    r'(nothing done|\d+ [a-z ]+(, \d+ [a-z ]+)*) in '
    r'(?P<took>[^,;]+(, \d+\.\d\d x the bound)?)(; (?P<rest>.+))?$'
)


@dataclasses.dataclass(frozen=True)
class Running:
    """What the message of a plan that runs tells beside its counts.

    All is '' that it does not tell.
    """

    #: For instance ``about 10 min to go``.
    time_left: str = ''
    #: For instance ``limits: 100 in all, 2 a host, 2 a pool``.
    limits: str = ''
    #: The services that are away, and why.
    away: str = ''
    #: What holds most of the waiting actions up: ``2 of 2 leave w112``.
    full: str = ''


@dataclasses.dataclass(frozen=True)
class Ended:
    """What the message of a plan that has ended tells beside its counts."""

    #: For instance ``10 min, 1.03 x the bound``; '' if it is not told.
    took: str = ''
    #: What became of hosts, and one of the failures; '' for neither.
    rest: str = ''


def running(message: str) -> Running:
    """Read the message of a plan that runs.

    >>> running('4 of 40 done, 4 running, about 10 min to go; limits: 2 a '
    ...     'host; 30 wait: 2 of 2 leave w112')
    Running(time_left='about 10 min to go', limits='limits: 2 a host', \
away='', full='2 of 2 leave w112')
    """
    if not _RUNNING.match(message):
        # That of the planner still, or one of Watcher's own.
        return Running()
    counts, *parts = message.split('; ')
    to_go = _TO_GO.search(counts)
    limits = full = ''
    if parts and parts[0].startswith('limits: '):
        limits = parts.pop(0)
    waits = _WAITS.match(parts[-1]) if parts else None
    if waits:
        full = waits['full'] or ''
        parts.pop()
    return Running(
        to_go['left'] if to_go else '', limits, '; '.join(parts), full
    )


def ended(message: str) -> Ended:
    """Read the message of a plan that has ended.

    >>> ended('39 succeeded, 1 failed in 10 min, 1.03 x the bound; db: full')
    Ended(took='10 min, 1.03 x the bound', rest='db: full')
    >>> ended('Action plan was cancelled because its applier was stopped')
    Ended(took='', rest='Action plan was cancelled because its applier was \
stopped')
    """
    if _RUNNING.match(message) or _NOTHING.match(message):
        return Ended()
    found = _ENDED.match(message)
    if not found:
        return Ended(rest=message)
    return Ended(found['took'], found['rest'] or '')
