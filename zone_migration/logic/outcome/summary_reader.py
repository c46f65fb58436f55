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

import re

_PROGRESS = re.compile(r'^\d+ of \d+ done( \([^)]*\))?, \d+ running(, )?')
_OUTLOOK = re.compile(r'\d+ (to move|hosts? to enable)\b')
_NOT_IN_THE_PLAN = re.compile(r'\d+ (?:more left out by max_items|excluded)')
_WAITS = re.compile(r'; \d+ waits?(?P<limits>: [^;]*)?')
_LIMITS = re.compile(r'; limits: (?P<limits>[^;]+)')
_TIMES = re.compile(
    r'^(nothing done|\d+ [^;]*?) in (?P<took>(under )?\d+ \w+( \d+ \w+)?)'
    r'( \(fastest possible: (?P<fastest>[^)]+)\))?(?=;|$)'
)
_HOSTS = re.compile(r'(; (\d+|no) hosts? disabled[^;]*)?')
_UNITS = {'h': 3600, 'min': 60, 's': 1}


def times(message: str) -> tuple[int | None, int | None]:
    """How long a plan took, and could have taken at best, in seconds.

    >>> times('39 succeeded in 10 min (fastest possible: 9 min 40 s)')
    (600, 580)
    >>> times('3 of 4 done, 1 running')
    (None, None)

    :returns: None for what is not told.
    """
    found = _TIMES.match(message)
    if not found:
        return None, None
    return _seconds(found['took']), _seconds(found['fastest'] or '')


def _seconds(words: str) -> int | None:
    """The seconds of :func:`precise`, None of none."""
    parts = re.findall(r'(\d+) (h|min|s)\b', words)
    if not parts:
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


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
        kept = ', '.join(_NOT_IN_THE_PLAN.findall(outlook))
        return '; '.join(part for part in (kept, *risks) if part)
    ended = _TIMES.match(message)
    if ended:
        _, times, rest = message.partition(ended[0][ended.end(1) :])
        return 'took ' + times.removeprefix(' in ') + _HOSTS.sub('', rest, 1)
    text, is_progress = _PROGRESS.subn('', message)
    if not is_progress:
        return message
    return _WAITS.sub(
        lambda found: f'; full{found["limits"]}' if found['limits'] else '',
        text,
    ).removeprefix('; ')


def limits_of(message: str) -> str:
    """The limits that a plan which runs says are in force, '' if not told.

    >>> limits_of('4 of 40 done, 4 running; limits: 100 in all, 2 a host')
    '100 in all, 2 a host'
    """
    found = _LIMITS.search(message)
    return found['limits'] if found else ''
