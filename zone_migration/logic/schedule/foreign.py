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

"""The moves that Nova and Cinder show in flight, and which count as foreign.

A process counts its own moves by the slots that they occupy, from before they
are asked for until they have ended.  All others are foreign: those of plans of
other appliers, and those that an operator has begun by hand.
"""

import collections
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import itertools

from zone_migration.logic import resources
from zone_migration.logic.schedule import occupancy
from zone_migration.logic.schedule import requirements

#: The kind of place that the moves of each service occupy.
KINDS = {
    requirements.NOVA: occupancy.NODE,
    requirements.CINDER: occupancy.POOL,
}

#: Nova's types of migrations that copy local disks, without a sign of it.
SILENT = frozenset({'migration', 'resize'})

#: Those of the migrations that an action waits for: it would refuse a server
#: in any other before its turn has come.
_ADOPTED = frozenset({'live-migration', 'migration'})

_EVACUATION = 'evacuation'

#: For how long what this process has moved stays its own, in seconds: what is
#: read a moment before the end may be counted a moment after it.
_OWN_FOR = 5.0

#: How much time counts between two readings, in seconds, at most: what could
#: not be seen has not stopped.
_LONGEST_GAP = 60.0


@dataclasses.dataclass(frozen=True)
class Move:
    """A move that Nova or Cinder show in flight."""

    #: As the log names it.
    name: str
    #: The server or volume.
    resource: occupancy.Slot
    places: tuple[occupancy.Slot, ...]
    #: What is another when the move has made progress.
    progress: object
    #: How many GB are copied without a sign of it.
    silent_gb: int = 0


def of_migrations(
    migrations: Collection[resources.Migration],
    disks_gb: Mapping[str, int],
) -> list[Move]:
    """The migrations of servers as moves.

    One that is queued makes progress as long as any before it does that
    leaves the same host: Nova begins the first that it has queued first.

    :param migrations: those in flight.
    :param disks_gb: the local disks of servers that are copied without a
        sign of it, by the id of the server.
    """
    news: dict[str | None, str] = {}
    before: dict[int, str] = {}
    for one in sorted(migrations, key=lambda one: one.id):
        before[one.id] = news.get(one.source, '')
        news[one.source] = max(before[one.id], one.updated_at or '')
    return [
        Move(
            name=f'{one.type} {one.id} of server {one.server_id}',
            resource=_server(one),
            places=_hosts(one),
            progress=(one, before[one.id] if one.status == 'queued' else ''),
            silent_gb=disks_gb.get(one.server_id, 0),
        )
        for one in migrations
    ]


def _server(migration: resources.Migration) -> occupancy.Slot:
    """The server of a migration; another slot where no plan adopts it."""
    slot = (occupancy.RESOURCE, migration.server_id)
    return slot if migration.type in _ADOPTED else (*slot, migration.type)


def _hosts(migration: resources.Migration) -> tuple[occupancy.Slot, ...]:
    """The places of a migration, as far as Nova has chosen.

    Nothing is copied from the host that a server is evacuated from, and
    nothing to another one when it is resized where it is.
    """
    if migration.source == migration.dest:
        return ()
    places = {'from': migration.source, 'to': migration.dest}
    if migration.type == _EVACUATION:
        del places['from']
    return tuple(
        (occupancy.NODE, way, host) for way, host in places.items() if host
    )


def of_volumes(
    volumes: Iterable[tuple[resources.Volume, str | None]],
) -> list[Move]:
    """The moves of volumes.

    :param volumes: those that Cinder moves, and the pools of their copies.
    """
    return [
        Move(
            name=f'move of volume {volume.id}',
            resource=(occupancy.RESOURCE, volume.id),
            places=tuple(
                (occupancy.POOL, way, pool)
                for way, pool in (('from', volume.host), ('to', copy))
                if pool
            ),
            progress=(volume, copy),
            silent_gb=volume.size_gb,
        )
        for volume, copy in volumes
    ]


@dataclasses.dataclass
class _Seen:
    """What was seen of a move."""

    #: Since when it shows no progress.
    since: float
    #: What each reader has seen of it last.
    moves: dict[object, Move] = dataclasses.field(default_factory=dict)
    #: Whether somebody was told that it counts no more.
    told: bool = False

    @property
    def places(self) -> tuple[occupancy.Slot, ...]:
        """The places that any reader has seen."""
        found = (move.places for move in self.moves.values())
        return tuple(dict.fromkeys(itertools.chain.from_iterable(found)))


class ForeignMoves:
    """What is counted as foreign in the slots of a process.

    Each plan reads, and may be shown less than another, or something older: a
    move counts until none is shown it any more.

    Any thread may use it.  Times are in seconds, on a clock that goes forward.
    """

    def __init__(self, slots: occupancy.Slots) -> None:
        self._slots = slots
        slots.lost = self._lose
        #: Who reads the moves of a kind, and the kinds that are counted.
        self._readers: dict[str, set[object]] = collections.defaultdict(set)
        self._counted: set[str] = set()
        #: When each kind was read last, and what it has shown then, by server
        #: or volume.
        self._read_at: dict[str, float] = {}
        self._seen: dict[str, dict[occupancy.Slot, _Seen]] = {}
        #: When each server or volume was occupied last.
        self._own: dict[occupancy.Slot, float] = {}

    def want(self, kind: str, reader: object) -> bool:
        """Have the moves of a kind counted from now on.

        :param reader: who is going to read them for one plan.
        :returns: whether they are counted already, for others.
        """
        with self._slots.lock:
            self._readers[kind].add(reader)
            return kind in self._counted

    def unwant(self, kind: str, reader: object) -> None:
        """Have them counted no more, unless others want it."""
        with self._slots.lock:
            self._readers[kind].remove(reader)
            if not self._readers[kind]:
                self._counted.discard(kind)
                self._slots.count_foreign(kind, {})
        self._slots.wake()

    def saw(
        self,
        kind: str,
        reader: object,
        moves: Collection[Move],
        own: Iterable[occupancy.Slot],
        now: float,
        stall_timeout: Callable[[int], float],
    ) -> list[Move]:
        """Count what a reading has shown in flight, instead of its last.

        Nova keeps ``running``, and Cinder ``migrating``, for ever when the
        service dies that moves something: what shows no progress for as long
        as an action would wait for it counts no more.

        :param moves: all in flight.
        :param own: what was occupied when it was read.
        :param stall_timeout: gives the seconds without progress after which
            a move has stopped, by the GB that it copies without a sign.
        :returns: those that count no more from now on.
        """
        counted, stalled = {}, []
        with self._slots.lock:
            if reader not in self._readers[kind]:
                return []
            self._counted.add(kind)
            self._note_own(own, now)
            self._note_progress(kind, reader, moves, now)
            for resource, seen in self._seen[kind].items():
                if resource in self._own:
                    continue
                move = next(iter(seen.moves.values()))
                if now - seen.since < stall_timeout(move.silent_gb):
                    counted[resource] = seen.places
                elif not seen.told:
                    seen.told = True
                    stalled.append(move)
            self._slots.shown(move.resource for move in moves)
            self._slots.count_foreign(kind, counted)
        self._slots.wake()
        return stalled

    def _lose(self, slots: Sequence[occupancy.Slot]) -> None:
        """Count a move as foreign that has occupied these, and goes on."""
        moved = [slot for slot in slots if slot[0] == occupancy.RESOURCE]
        places = occupancy.places(slots)
        with self._slots.lock:
            # The first is what it moves.
            for resource in moved[:1]:
                self._own.pop(resource, None)
                for kind in self._counted & {place[0] for place in places}:
                    more = {resource: places}
                    self._slots.count_foreign(kind, more, beside=True)

    def _note_own(self, own: Iterable[occupancy.Slot], now: float) -> None:
        """Note what is, or was a moment ago, this process's own."""
        # What was lost since it was read is so no more.
        left = {*own}.difference(self._slots.foreign())
        for resource in left | self._slots.resources():
            self._own[resource] = now
        self._own = {
            resource: at
            for resource, at in self._own.items()
            if now - at <= _OWN_FOR
        }

    def _note_progress(
        self, kind: str, reader: object, moves: Iterable[Move], now: float
    ) -> None:
        """Note since when each of what is in flight shows no progress."""
        gap = now - self._read_at.get(kind, now)
        unseen = max(gap - _LONGEST_GAP, 0.0)
        known = self._seen.setdefault(kind, {})
        self._read_at[kind] = now
        for seen in known.values():
            seen.since += unseen
        news = {move.resource: move for move in moves}
        for resource, move in news.items():
            seen = known.setdefault(resource, _Seen(now))
            # One that has not read it before goes by what another has seen.
            last = seen.moves.get(reader) or next(
                reversed(seen.moves.values()), move
            )
            if last.progress != move.progress:
                seen.since, seen.told = now, False
            seen.moves[reader] = move
        for resource, seen in list(known.items()):
            for one in list(seen.moves):
                if one not in self._readers[kind] or (
                    one is reader and resource not in news
                ):
                    del seen.moves[one]
            if not seen.moves:
                del known[resource]
