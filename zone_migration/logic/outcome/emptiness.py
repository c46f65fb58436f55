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

"""Whether a host or a pool is empty, but for what its plan leaves there."""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses

from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import emptiness_reader as reader
from zone_migration.logic.outcome import holders
from zone_migration.logic.outcome import route
from zone_migration.logic.outcome import skips
from zone_migration.logic.outcome import states

_NOT_PLANNED = 'excluded or beyond max_items'
_BROUGHT = 'brought by the plan'
_OTHER_TYPE = 'of another type'
_NEW = 'new'
_PERHAPS_NEW = 'new, or there before'
_FAILED = 'failed'
_BACK = 'came back'

_NAMED = 5
_NAME = 40


@dataclasses.dataclass(frozen=True)
class Act:
    """What became of an action of a plan, of one server or volume."""

    #: One of Watcher's.
    state: str
    message: str
    #: Where it was to go; '' where Nova or Cinder has chosen.
    destination: str = ''
    #: Where it was when the plan was made; '' where that is not known.
    source: str = ''


@dataclasses.dataclass(frozen=True)
class Thing:
    """A server, volume or migration that keeps a place from being empty."""

    #: Of the server or volume.
    id: str
    name: str
    #: The status that Nova or Cinder shows.
    status: str
    #: Whether it is about to leave, or to be deleted.
    is_in_flight: bool = False
    kind: str = 'server'
    #: Of a volume.
    size_gb: int = 0
    #: Whether it is of a type that does not leave the pool.
    is_of_other_type: bool = False


@dataclasses.dataclass(frozen=True)
class Emptiness:
    """What a look at a host or pool comes to."""

    text: str
    #: Whether nothing is there but what the plan has said it would leave.
    is_as_planned: bool
    #: How many of the rest are about to leave.
    in_flight: int = 0


def on_host(
    host: str,
    servers: Iterable[resources.Server],
    migrations: Iterable[resources.Migration],
) -> Iterator[Thing]:
    """What keeps a host from being empty.

    A server in VERIFY_RESIZE shows on its new host only, and Nova keeps its
    disks and its allocation on the old one until that is confirmed: the
    record of its migration tells (``finished``).

    :param servers: all on that host, those in SOFT_DELETED too.
    :param migrations: all that have not ended, of any host.
    """
    shown = set()
    for server in servers:
        shown.add(server.id)
        yield Thing(
            server.id, server.name, server.status, bool(server.task_state)
        )
    for migration in migrations:
        id_ = migration.server_id
        if id_ in shown or host not in (migration.source, migration.dest):
            continue
        shown.add(id_)
        words = f'on its way from {migration.source}'
        if migration.source == host:
            words = f'{migration.type} to {migration.dest} {migration.status}'
        yield Thing(id_, id_, words, migration.is_in_flight, 'migration')


def in_pool(
    volumes: Iterable[resources.Volume], volume_type: str = ''
) -> Iterator[Thing]:
    """What keeps a pool from being empty, or from having none of a type.

    :param volumes: all in that pool, the copies that Cinder makes too.
    """
    for volume in volumes:
        copied = f', copy of {volume.copy_of}' if volume.copy_of else ''
        yield Thing(
            volume.id,
            volume.name,
            volume.status + copied,
            volume.is_moving or volume.is_copy or volume.status == 'deleting',
            'volume',
            volume.size_gb,
            volume_type not in ('', volume.type),
        )


def evaluate(
    place: str,
    things: Collection[Thing],
    acts: Mapping[str, Act],
    left: Collection[str],
    unnamed: int = 0,
) -> Emptiness:
    """Tell whether a place is empty but for what its plan leaves there.

    >>> evaluate('c1', [], {}, ()).text
    'found empty'
    >>> evaluate('c1', [Thing('1', 'web', 'ACTIVE')], {}, ()).text
    'not empty: 1 server: web (new, ACTIVE)'
    >>> evaluate('c1', [Thing('1', 'web', 'ACTIVE')], {}, ('1',)).text
    'found empty but for 1 server that stays as planned: 1 excluded or beyond \
max_items'

    :param things: all that is there.
    :param acts: what became of the actions of the plan, by the id of their
        server or volume.
    :param left: the ids of what was there when the plan was made, and has no
        action.
    :param unnamed: how many of these there were, where they were too many to
        be named: then only their number tells that some came since.
    """
    planned: collections.Counter[str] = collections.Counter()
    others: list[tuple[Thing, str]] = []
    # More than there were: some of them are new, and nothing tells which.
    untold = sum(
        thing.id not in acts and not thing.is_of_other_type for thing in things
    )
    are_told = untold <= unnamed
    new = _PERHAPS_NEW if unnamed else _NEW
    for thing in things:
        act = acts.get(thing.id)
        if thing.is_of_other_type:
            why, is_planned = _OTHER_TYPE, True
        elif act is None:
            is_planned = are_told or thing.id in left
            why = _NOT_PLANNED if is_planned else new
        else:
            why, is_planned = _why(place, act, thing, thing.id in left)
        if is_planned:
            planned[why] += 1
        else:
            others.append((thing, why))
    counted = _counted(things)
    if others:
        text = _not_empty(counted, others, planned.total())
    elif planned:
        reasons = ', '.join(f'{n} {why}' for why, n in planned.items())
        stay = f'that stay{_s(planned.total())} as planned'
        text = f'{reader.BUT_FOR}{counted} {stay}: {reasons}'
    else:
        text = reader.EMPTY
    return Emptiness(
        text, not others, sum(thing.is_in_flight for thing, _ in others)
    )


def leftovers(
    consumers: Collection[str],
    things: Iterable[Thing],
    migrations: Iterable[resources.Migration],
) -> str:
    """Words for what Placement holds for nothing that is there; or ''.

    >>> leftovers({'1', '2'}, [Thing('1', 'web', 'ACTIVE')], ())
    '; Placement has 1 allocation of nothing there'

    :param consumers: the ids that have an allocation there: of a server, or of
        a migration whose source it is.
    :param things: all that is there.
    :param migrations: all that have not ended, of any host.
    """
    number = len(
        {*consumers}
        - {thing.id for thing in things}
        - {migration.uuid for migration in migrations}
    )
    if not number:
        return ''
    return (
        f'; Placement has {number} allocation{"" if number == 1 else "s"} of '
        'nothing there'
    )


def _why(
    place: str, act: Act, thing: Thing, is_left: bool
) -> tuple[str, bool]:
    """Why a resource with an action is there, and whether that was planned.

    :param is_left: whether it keeps room on another host, too, which its
        action is about.
    """
    if act.state == states.SUCCEEDED:
        text = action_text.read(act.message).text
        there = route.read(text).destination or act.destination
        is_there = resources.same_pool(there, place) if there else False
        return (_BROUGHT, True) if is_there else (_BACK, False)
    if act.state == states.SKIPPED:
        text = action_text.read(act.message).text
        kind = skips.kind(text)
        if kind == skips.CANNOT and is_left:
            return holders.why(thing.kind, text, thing.status), True
        if kind == skips.SKIPPED or act.source not in ('', place):
            return skips.SKIPPED, False
        if kind == skips.THERE and not resources.same_pool(
            act.destination or place, place
        ):
            return _BACK, False
        if kind == skips.CANNOT:
            return holders.why(thing.kind, text, thing.status), True
        return kind, True
    if act.state == states.FAILED:
        return _FAILED, False
    return 'not moved', False


def _not_empty(
    counted: str, others: list[tuple[Thing, str]], planned: int
) -> str:
    """What is left that the plan has not said, the first by their names."""
    named = [
        f'{messages.fit(thing.name, _NAME) or thing.id} ({why}, '
        f'{messages.fit(thing.status, _NAME)})'
        for thing, why in others[:_NAMED]
    ]
    if len(others) > _NAMED:
        named.append(f'{len(others) - _NAMED} more')
    as_planned = f', {planned} of them as planned' if planned else ''
    return f'{reader.NOT_EMPTY}{counted}{as_planned}: {", ".join(named)}'


def _counted(things: Iterable[Thing]) -> str:
    """How many of each kind, servers or volumes first."""
    counts = collections.Counter(thing.kind for thing in things)
    return ', '.join(
        f'{number} {kind}{"" if number == 1 else "s"}'
        for kind, number in counts.items()
    )


def _s(number: int) -> str:
    """The ending of a verb."""
    return 's' if number == 1 else ''
