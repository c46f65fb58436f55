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


"""What the summary of a plan tells, read from its message.

:mod:`zone_migration.logic.outcome.summary_text` writes these texts.
"""

from collections.abc import Iterable
import dataclasses
import re

_RUNNING = re.compile(r'\d+ of \d+ done\b')
_TO_GO = re.compile(r', (?P<left>about .+? to go)$')
_WAITS = re.compile(r'\d+ waits?(: (?P<full>.+))?$')
_OUTLOOK = re.compile(r'\d+ (to move|(host|backend)s? to enable)\b')
_NOT_IN_THE_PLAN = re.compile(r'\d+ (?:more left out by max_items|excluded)')
#: What Watcher writes over the message.
_OF_WATCHER = 'One or more actions were skipped'
_ENDED = re.compile(
    r'(nothing done|\d+ [^;]*?) in (?P<took>(?P<time>(under )?\d+ \w+'
    r'( \d+ \w+)?)( \(fastest possible: (?P<fastest>[^)]+)\))?)'
    r'(; (?P<rest>.+))?$'
)
_HOSTS = re.compile(r'(\d+|no) (host|backend)s? disabled\b[^;]*(; |$)')
_EMPTIED = re.compile(r'\d+ of \d+ (host|pool)s? empty\b[^;]*(; |$)')
_ENABLED_AGAIN = r'(?:^|; )\d+ {}s? enabled again\b[^;]*'
_WENT_ON = re.compile(r'(?:^|; )went on at [-\d]+ [:\d]+ after a restart\b')
_UNNAMED = re.compile(r' and \d+ more\b')
_UNITS = {'h': 3600, 'min': 60, 's': 1}


@dataclasses.dataclass(frozen=True)
class Running:
    """What the message of a plan that runs tells beside its counts.

    All is '' that it does not tell.
    """

    #: For instance ``about 10 min to go``.
    time_left: str = ''
    #: For instance ``100 in all, 2 a host, 2 a pool``.
    limits: str = ''
    #: The services that are away, and why, and that the plan went on.
    notes: str = ''
    #: What holds most of the waiting actions up: ``2 of 2 leave w112``.
    full: str = ''


@dataclasses.dataclass(frozen=True)
class Ended:
    """What the message of a plan that has ended tells beside its counts."""

    #: For instance ``10 min (fastest possible: 9 min 40 s)``; '' if it is not
    #: told.
    took: str = ''
    #: What else there is: hosts that were enabled again, one of the failures.
    rest: str = ''


def running(message: str) -> Running:
    """Read the message of a plan that runs.

    >>> running('4 of 40 done, 4 running, about 10 min to go; limits: 2 a '
    ...     'host; 30 wait: 2 of 2 leave w112')
    Running(time_left='about 10 min to go', limits='2 a host', notes='', \
full='2 of 2 leave w112')
    """
    if not _RUNNING.match(message):
        # That of the planner still, or one of Watcher's own.
        return Running()
    counts, *parts = message.split('; ')
    to_go = _TO_GO.search(counts)
    limits = full = ''
    if parts and parts[0].startswith('limits: '):
        limits = parts.pop(0).removeprefix('limits: ')
    waits = _WAITS.match(parts[-1]) if parts else None
    if waits:
        full = waits['full'] or ''
        parts.pop()
    return Running(
        to_go['left'] if to_go else '', limits, '; '.join(parts), full
    )


def ended(message: str) -> Ended:
    """Read the message of a plan that has ended.

    >>> ended('39 succeeded, 1 failed in 10 min; 2 hosts disabled; db: full')
    Ended(took='10 min', rest='db: full')
    >>> ended('3 succeeded in 9 s; 1 of 2 hosts empty; 2 hosts disabled').rest
    ''
    >>> ended('Action plan was cancelled because its applier was stopped')
    Ended(took='', rest='Action plan was cancelled because its applier was \
stopped')
    """
    if (
        _RUNNING.match(message)
        or _OUTLOOK.match(message)
        or message.startswith(_OF_WATCHER)
    ):
        return Ended()
    found = _ENDED.match(message)
    if not found:
        return Ended(rest=message)
    rest = _EMPTIED.sub('', _HOSTS.sub('', found['rest'] or '', 2), 2)
    return Ended(found['took'], rest.removesuffix('; '))


def times(message: str) -> tuple[int | None, int | None]:
    """How long a plan took, and could have taken at best, in seconds.

    >>> times('39 succeeded in 10 min (fastest possible: 9 min 40 s)')
    (600, 580)
    >>> times('3 of 4 done, 1 running')
    (None, None)

    :returns: None for what is not told.
    """
    found = _ENDED.match(message)
    if not found:
        return None, None
    return _seconds(found['time']), _seconds(found['fastest'] or '')


def is_enabled_again(host: str, message: str, noun: str = 'host') -> bool:
    """Whether a plan says that it has enabled a host again in the end.

    >>> told = '1 host enabled again, c2 left as somebody else has set it'
    >>> is_enabled_again('c1', told), is_enabled_again('c2', told)
    (True, False)

    :param host: one that the plan has disabled.
    :param noun: ``host`` or ``backend``.
    :returns: False, too, when the plan does not say which hosts these are.
    """
    found = re.search(_ENABLED_AGAIN.format(noun), message)
    if not found:
        return False
    # It counts those that it has enabled, and names the others.
    told = message[: found.end()]
    return not _UNNAMED.search(told) and host not in re.split(r'[ ,;:]+', told)


def _seconds(words: str) -> int | None:
    """The seconds of a duration in words, None of none."""
    parts = re.findall(r'(\d+) (h|min|s)\b', words)
    if not parts:
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def went_on(message: str) -> bool:
    """Whether a plan says that it went on after its applier was away.

    >>> went_on('39 succeeded in 10 min; went on at 2026-11-28 03:14:05 after '
    ...         'a restart')
    True
    """
    return bool(_WENT_ON.search(message))


def without_counts(message: str) -> str:
    """What a plan says beside how many of its actions have come to what.

    The engine writes that now and then only: whoever lists the actions knows
    better.

    >>> without_counts('4 of 40 done (1 failed), 4 running, about 10 min to '
    ...     'go; limits: 100 in all, 2 a host; 30 wait: 2 of 2 leave w112')
    'about 10 min to go; limits: 100 in all, 2 a host; full: 2 of 2 leave w112'
    >>> without_counts('39 succeeded, 1 failed in 10 min (fastest possible: '
    ...     '9 min 40 s); 2 hosts disabled; web-1: full')
    'took 10 min (fastest possible: 9 min 40 s); web-1: full'
    >>> without_counts('4 to move, 1 cannot, 2 excluded; Nova may refuse it')
    '2 excluded; Nova may refuse it'
    """
    if _OUTLOOK.match(message):
        outlook, *risks = message.split('; ')
        return _joined(', '.join(_NOT_IN_THE_PLAN.findall(outlook)), *risks)
    if _RUNNING.match(message):
        told = running(message)
        return _joined(
            told.time_left,
            told.limits and f'limits: {told.limits}',
            told.notes,
            told.full and f'full: {told.full}',
        )
    end = ended(message)
    if not end.took:
        return message
    return _joined(f'took {end.took}', end.rest)


def without_failure(text: str, names: Iterable[str]) -> str:
    """The words of a plan without the failure at their end.

    >>> without_failure('took 3 s; web-1: no route; try it again', ['web-1'])
    'took 3 s'

    :param names: of what has failed.
    """
    parts = text.split('; ')
    starts = tuple(f'{name}: ' for name in names)
    for number, part in enumerate(parts):
        if part.startswith(starts):
            return '; '.join(parts[:number])
    return text


def _joined(*parts: str) -> str:
    """The parts that tell something, as one text."""
    return '; '.join(part for part in parts if part)
