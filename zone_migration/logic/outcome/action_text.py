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

"""What the message of an action tells beside its text, written and read.

Watcher keeps when an action was last changed, and not when it has begun, what
it has waited for, or how long it is expected to take.  The engine writes
these at the end of the message, and the commands read them there.
"""

import dataclasses
import re

from zone_migration.logic import messages
from zone_migration.logic import units
from zone_migration.logic.schedule import host_changes
from zone_migration.logic.schedule import occupancy

#: What the message of an action that waits for a limit begins with.
WAITS = 'waits: '

#: What the message of a live migration begins with that waits in Nova.
QUEUED = 'queued'

#: What Watcher's API begins the message of an action with that a user skips.
BY_USER = 'Action skipped by user'

_SINCE = re.compile(r' \(since (?P<since>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\)$')
_ENDED = re.compile(
    r'( in |(?P<bracket> \(after ))(?P<took>\d+(\.\d)?) s'
    r'(, waited (?P<waited>\d+) s((, last)? for (?P<waited_for>.+?))?)?'
    r'(?(bracket)\))$'
)
_MEMORY = re.compile(
    r'memory (?P<left>\d+(\.\d)?) of (?P<total>\d+(\.\d)?) [MG]iB left'
)


#: Types of actions that take a server off a host without moving it.
_OF_SERVERS = ('shelve_offload', 'confirm_resize')

#: How much of what an action has waited for is told, in characters: a pool
#: can have a name as long as the whole message.
_LONGEST_CAUSE = 80


@dataclasses.dataclass(frozen=True)
class ActionText:
    """The message of an action, taken apart."""

    text: str
    #: When it has begun, ``2026-11-28 03:14:05``, UTC; '' if it is not told.
    since: str = ''
    #: How long it ran, in seconds; None if it is not told.
    took: float | None = None
    #: How long it waited before, in seconds.
    waited: float = 0.0
    #: The host or pool whose limit it waited for last, or what else.
    waited_for: str = ''


def running(text: str, since: str) -> str:
    """The message of an action that runs.

    >>> running('copying to w113', '2026-11-28 03:14:05')
    'copying to w113 (since 2026-11-28 03:14:05)'

    :param since: when it has begun, UTC.
    """
    suffix = f' (since {since})'
    return messages.fit(text, messages.LIMIT - len(suffix)) + suffix


def ended(
    text: str,
    seconds: float,
    waited: float = 0.0,
    waited_for: str = '',
    well: bool = True,
) -> str:
    """The message of an action that has run and ended.

    >>> ended('migrated from c1 to c2', 12.34, 40.2, 'w112')
    'migrated from c1 to c2 in 12.3 s, waited 40 s, last for w112'
    >>> ended('Action failed in execute: no route', 3.0, well=False)
    'Action failed in execute: no route (after 3.0 s)'

    A reason ends in what to do about it: what the action has waited for is
    left out where the text is whole without it.

    :param seconds: how long it ran.
    :param waited: seconds before; less than one is not told.
    :param waited_for: what it waited for last, which need not be all; ''
        where that is not known.
    :param well: whether it has done what it should.
    """
    words = [f'{seconds:.1f} s']
    if waited >= 1:
        words.insert(0, f'{words[0]}, waited {waited:.0f} s')
        if waited_for:
            cause = messages.fit(waited_for, _LONGEST_CAUSE)
            words.insert(0, f'{words[0]}, last for {cause}')
    suffixes = [f' in {one}' if well else f' (after {one})' for one in words]
    whole = messages.escaped(' '.join(text.split()))
    for suffix in suffixes:
        if len(whole) + len(suffix) <= messages.LIMIT:
            return whole + suffix
    return messages.fit(text, messages.LIMIT - len(suffixes[0])) + suffixes[0]


def read(message: str) -> ActionText:
    """Take the message of an action apart, but for the reason of a user.

    >>> read('copying to w113 (since 2026-11-28 03:14:05)').since
    '2026-11-28 03:14:05'
    >>> told = read('moved to c2 in 12.3 s, waited 40 s, last for w112')
    >>> told.text, told.took, told.waited, told.waited_for
    ('moved to c2', 12.3, 40.0, 'w112')
    >>> read('the server is gone').took
    """
    if message.startswith(BY_USER):
        return ActionText(message)
    found = _SINCE.search(message)
    if found:
        return ActionText(message[: found.start()], since=found['since'])
    found = _ENDED.search(message)
    if found:
        return ActionText(
            message[: found.start()],
            took=float(found['took']),
            waited=float(found['waited'] or 0),
            waited_for=found['waited_for'] or '',
        )
    return ActionText(message)


def memory_left(left_mb: float, total_mb: int) -> str:
    """How much of a server's memory has yet to be copied.

    >>> memory_left(100, 512), memory_left(1024, 2048)
    ('memory 100 of 512 MiB left', 'memory 1.0 of 2.0 GiB left')
    """
    if total_mb < units.MB_PER_GB:
        return f'memory {left_mb:.0f} of {total_mb} MiB left'
    left, total = left_mb / units.MB_PER_GB, total_mb / units.MB_PER_GB
    return f'memory {left:.1f} of {total:.1f} GiB left'


def memory_copied(text: str) -> float | None:
    """The share of a server's memory that is copied, None if not told.

    >>> memory_copied('copying to c2, memory 0.5 of 2.0 GiB left')
    0.75
    """
    found = _MEMORY.search(text)
    if not found or not float(found['total']):
        return None
    return 1 - float(found['left']) / float(found['total'])


def full(used: int, limit: int, slot: occupancy.Slot, others: int = 0) -> str:
    """That a slot is full.

    >>> full(2, 2, ('node', 'from', 'w112'))
    '2 of 2 leave w112'
    >>> full(2, 2, ('pool', 'to', 'block1@b1#b1'), others=1)
    '2 of 2 reach block1@b1#b1, one of them not of this plan'
    >>> full(100, 100, ('total',))
    '100 of 100 run'

    :param slot: one that has a limit, of a host, of a pool or in all.
    :param others: how many are not of the plan that waits.
    """
    if slot == occupancy.ALL:
        text = f'{used} of {limit} run'
    else:
        verb = 'leave' if slot[1] == 'from' else 'reach'
        text = f'{used} of {limit} {verb} {slot[2]}'
    if not others:
        return text
    count = 'one' if others == 1 else str(others)
    return f'{text}, {count} of them not of this plan'


def waits_for(
    used: int, limit: int, slot: occupancy.Slot, others: int = 0
) -> str:
    """The message of an action that waits for a slot that is full.

    >>> waits_for(2, 2, ('node', 'from', 'w112'), others=2)
    'waits: 2 of 2 leave w112, 2 of them not of this plan'
    >>> waits_for(1, 1, ('resource', '9827ce18'))
    'waits: its server or volume is being moved'
    >>> waits_for(10**9, 10**9, ('service', 'Nova'))
    'waits: Nova is away'
    >>> waits_for(10**9, 10**9, ('queue', 'w112'))
    'waits: Nova has the next live migration from w112 queued'

    :param others: how many are not of the plan that waits.
    """
    if slot[0] == occupancy.RESOURCE:
        text = 'its server or volume is being moved'
    elif slot[0] == occupancy.SERVICE:
        text = f'{slot[1]} is away'
    elif slot[0] == occupancy.QUEUE:
        text = f'Nova has the next live migration from {slot[1]} queued'
    else:
        text = full(used, limit, slot, others)
    return messages.fit(f'{WAITS}{text}')


def waits_after(action_type: str, name: str) -> str:
    """The message of an action that waits for another one.

    >>> waits_after('volume_update', 'data-1')
    'waits: volume data-1 moves first'
    >>> waits_after('change_nova_service_state', 'w112')
    'waits: host w112 is disabled first'
    >>> waits_after('change_cinder_service_state', 'block1@b1')
    'waits: backend block1@b1 is disabled first'

    :param name: of what the other one moves or changes.
    """
    for changed in host_changes.KINDS:
        if action_type == changed.action_type:
            return messages.fit(
                f'{WAITS}{changed.short} {name} is disabled first'
            )
    kind = _kind(action_type)
    if not kind:
        return messages.fit(f'{WAITS}{name} ends first')
    return messages.fit(f'{WAITS}{kind} {name} moves first')


def waited_for(slot: occupancy.Slot) -> str:
    """What an action has waited for, by the slot that it has got at last.

    >>> waited_for(('node', 'from', 'w112')), waited_for(('total',))
    ('w112', 'the limit in all')
    >>> waited_for(('service', 'Nova')), waited_for(('resource', '9827ce18'))
    ('Nova', 'its server or volume')
    """
    if slot == occupancy.ALL:
        return 'the limit in all'
    if slot[0] == occupancy.RESOURCE:
        return 'its server or volume'
    return slot[-1]


def waited_after(action_type: str) -> str:
    """What an action has waited for, by the type of the one before it.

    >>> waited_after('volume_update')
    'its volumes'
    """
    for changed in host_changes.KINDS:
        if action_type == changed.action_type:
            return f'a {changed.short} to be disabled'
    kind = _kind(action_type)
    return 'its volumes' if kind == 'volume' else f'another {kind or "action"}'


def _kind(action_type: str) -> str:
    """What the actions of a type move; '' if nothing."""
    if action_type.startswith('volume_'):
        return 'volume'
    is_server = action_type in _OF_SERVERS or action_type.endswith(
        '_migration'
    )
    return 'server' if is_server else ''
