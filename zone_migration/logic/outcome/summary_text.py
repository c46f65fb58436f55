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


"""The summaries of a plan, before it starts, so far and in the end."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from zone_migration.logic import messages
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import emptiness_reader
from zone_migration.logic.outcome import skips
from zone_migration.logic.outcome import states
from zone_migration.logic.schedule import blocking
from zone_migration.logic.schedule import occupancy

#: What can become of a server or volume, in the order of the sums.
_OUTCOMES = (
    'succeeded',
    skips.THERE,
    skips.CANNOT,
    skips.LEFT_OUT,
    skips.SKIPPED,
    'failed',
    'cancelled',
)

#: The kinds of slots that have a limit, and where that holds.
_WHERE = (
    (occupancy.TOTAL, 'in all'),
    (occupancy.NODE, 'a host'),
    (occupancy.POOL, 'a pool'),
)


def duration(seconds: float) -> str:
    """A duration as people say it.

    >>> [duration(s) for s in (0.2, 59.6, 3599, 90061)]
    ['under 1 s', '1 min', '1 h', '25 h 1 min']
    """
    if seconds < 1:
        return 'under 1 s'
    if seconds < 59.5:
        return f'{seconds:.0f} s'
    minutes = round(seconds / 60)
    if minutes < 60:
        return f'{minutes} min'
    hours, minutes = divmod(minutes, 60)
    return f'{hours} h {minutes} min' if minutes else f'{hours} h'


def precise(seconds: float) -> str:
    """A duration as people say it, to the second below an hour.

    >>> [precise(s) for s in (0.2, 59.6, 580, 3700, 90061)]
    ['under 1 s', '1 min', '9 min 40 s', '1 h 2 min', '25 h 1 min']
    """
    minutes, rest = divmod(round(seconds), 60)
    if 1 <= minutes < 60 and rest:
        return f'{minutes} min {rest} s'
    return duration(seconds)


def emptied(seen: Mapping[str, Sequence[str]]) -> str:
    """How many of the hosts and pools are empty that a plan empties.

    >>> emptied({'host': ['found empty in 0.3 s', 'found empty but for 1 '
    ...                   'server that stays as planned: 1 cannot move']})
    '1 of 2 hosts empty, 1 but for what stays as planned'

    :param seen: by kind of place, the messages of what has looked at them.
    """
    parts = []
    for kind, told in seen.items():
        empty = sum(map(emptiness_reader.is_empty, told))
        as_planned = sum(map(emptiness_reader.is_as_planned, told))
        places = f'{kind}{"" if len(told) == 1 else "s"}'
        parts.append(f'{empty} of {len(told)} {places} empty')
        if as_planned:
            parts[-1] += f', {as_planned} but for what stays as planned'
        unknown = sum(emptiness_reader.remaining(one) is None for one in told)
        if unknown:
            parts[-1] += f', {unknown} not looked at'
    return '; '.join(parts)


def outcome(state: str, message: str) -> str:
    """What became of the server or volume of an action that has ended.

    >>> outcome('FAILED', ''), outcome('SKIPPED', 'the server is locked')
    ('failed', 'cannot move')
    """
    return skips.kind(message) if state == states.SKIPPED else state.lower()


def hosts_disabled(disabled: int, failed: int, noun: str = 'host') -> str:
    """What became of the hosts or backends that a plan was to disable.

    >>> hosts_disabled(2, 1), hosts_disabled(1, 0), hosts_disabled(0, 0)
    ('2 hosts disabled, 1 could not be', '1 host disabled', '')
    """
    if not disabled and not failed:
        return ''
    plural = '' if disabled == 1 else 's'
    words = f'{disabled or "no"} {noun}{plural} disabled'
    return f'{words}, {failed} could not be' if failed else words


def outlook_of_hosts(enabled: int, stay: int, noun: str = 'host') -> str:
    """The expected summary of a plan that enables hosts or backends.

    >>> outlook_of_hosts(2, 1)
    '2 hosts to enable, 1 stays as it is'

    :param stay: hosts that are left as they are.
    """
    words = f'{enabled} {noun}{"" if enabled == 1 else "s"} to enable'
    if stay == 1:
        return f'{words}, 1 stays as it is'
    return f'{words}, {stay} stay as they are' if stay else words


def outlook(
    moving: int,
    there: int,
    stuck: int,
    left_out: int,
    excluded: int,
    ways: tuple[int, int] | None = None,
    others: tuple[int, int] = (0, 0),
) -> str:
    """The expected summary of a plan, before it is started.

    >>> outlook(412, 3, 5, left_out=0, excluded=0)
    '412 to move, 3 already there, 5 cannot'
    >>> outlook(100, 0, 0, left_out=40, excluded=2)
    '100 to move, 40 more left out by max_items, 2 excluded'
    >>> outlook(392, 0, 3, left_out=0, excluded=0, ways=(380, 12))
    '392 to move (380 live, 12 with downtime), 3 cannot'
    >>> outlook(5, 0, 0, left_out=0, excluded=0, others=(2, 1))
    '5 to move (2 offloaded, 1 confirmed)'

    :param stuck: what cannot move.
    :param left_out: what could move but for the cap of the audit.
    :param ways: how many servers go live, and how many run and are down for a
        while; None where the audit allows no downtime.
    :param others: how many shelved servers are offloaded, and how many resizes
        confirmed.
    """
    words = [f'{moving} to move']
    kinds = []
    if ways is not None:
        kinds = [f'{ways[0]} live', f'{ways[1]} with downtime']
    kinds += [
        f'{number} {kind}'
        for number, kind in zip(
            others, ('offloaded', 'confirmed'), strict=True
        )
        if number
    ]
    if kinds:
        words[0] += f' ({", ".join(kinds)})'
    if there:
        words.append(f'{there} already there')
    if stuck:
        words.append(f'{stuck} cannot')
    if left_out:
        words.append(f'{left_out} more left out by max_items')
    if excluded:
        words.append(f'{excluded} excluded')
    return ', '.join(words)


def progress(
    counts: Mapping[str, int],
    total: int,
    running: int,
    left: float | None,
) -> str:
    """Where a running plan stands.

    >>> progress({'succeeded': 3, 'failed': 1}, 40, running=4, left=600)
    '4 of 40 done (1 failed), 4 running, about 10 min to go'

    :param counts: of the servers and volumes, by :func:`outcome`.
    :param left: seconds that it will take yet, None when not known.
    """
    ended = sum(counts.values())
    exceptions = ', '.join(
        f'{counts[word]} {word}' for word in _OUTCOMES[1:] if counts.get(word)
    )
    done = f'{ended} of {total} done'
    if exceptions:
        done += f' ({exceptions})'
    parts = [done, f'{running} running']
    if left is not None:
        parts.append(f'about {duration(left)} to go')
    return ', '.join(parts)


def limits_in_force(limits: Mapping[str, int]) -> str:
    """The limits that hold while a plan runs.

    >>> limits_in_force({'total': 100, 'node': 2, 'pool': 0})
    'limits: 100 in all, 2 a host, no limit a pool'

    :param limits: by kind of slot; 0 is no limit.
    """
    words = (
        f'{limits.get(kind) or "no limit"} {where}' for kind, where in _WHERE
    )
    return f'limits: {", ".join(words)}'


def waits(count: int, fullest: Iterable[blocking.FullSlot]) -> str:
    """How many actions wait, and for which limits most of them.

    >>> waits(30, [blocking.FullSlot(('node', 'from', 'w112'), 2, 2),
    ...            blocking.FullSlot(('node', 'to', 'w113'), 2, 2)])
    '30 wait: 2 of 2 leave w112, 2 of 2 reach w113'
    >>> waits(1, []), waits(0, [])
    ('1 waits', '')
    """
    if not count:
        return ''
    limits = ', '.join(
        action_text.full(one.used, one.limit, one.slot, one.others)
        for one in fullest
    )
    words = f'{count} wait{"s" if count == 1 else ""}'
    return f'{words}: {limits}' if limits else words


def final(
    counts: Mapping[str, int],
    not_started: int,
    seconds: float,
    fastest: float,
    failure: str = '',
    hosts: str = '',
    down: int = 0,
    again: int = 0,
) -> str:
    """The summary of a plan that has ended.

    >>> final({'succeeded': 39, 'failed': 1}, 0, 600.0, 580.0,
    ...       failure='web-1: full')
    '39 succeeded, 1 failed in 10 min (fastest possible: 9 min 40 s); \
web-1: full'
    >>> final({'succeeded': 39}, 0, 600.0, 0.0, down=2)
    '39 succeeded (2 with downtime) in 10 min'
    >>> final({'succeeded': 39}, 0, 600.0, 0.0, down=2, again=3)
    '39 succeeded (2 with downtime, 3 tried again) in 10 min'

    :param counts: of the servers and volumes, by :func:`outcome`.
    :param not_started: those that the cancelling of the plan left.
    :param seconds: from the start to the end.
    :param fastest: the least that the limits allow for what was run, in
        seconds.
    :param failure: one of the failures, with its reason.
    :param hosts: what became of the hosts that the plan had disabled.
    :param down: how many running servers were down for a while.
    :param again: how many moves have taken more than one attempt.
    """
    words = [
        f'{counts[word]} {word}' for word in _OUTCOMES if counts.get(word)
    ]
    if not_started:
        words.append(f'{not_started} not started')
    text = ', '.join(words) or 'nothing done'
    some = ((down, 'with downtime'), (again, 'tried again'))
    beside = ', '.join(f'{count} {what}' for count, what in some if count)
    if beside:
        text += f' ({beside})'
    text += f' in {precise(seconds)}'
    if fastest >= 1:
        text += f' (fastest possible: {precise(fastest)})'
    return messages.fit(
        '; '.join(part for part in (text, hosts, failure) if part)
    )
