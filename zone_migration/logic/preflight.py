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

"""Whether a resource can be moved as asked, judged before anything moves.

Each function gets what is wanted and what the cloud shows now, and decides:
start it, adopt what is in flight already, skip it because nothing is left to
do, or refuse it.  A contradiction between what the caller believes and what
the cloud says is refused, never guessed around.
"""

from collections.abc import Iterable
import dataclasses
import enum

from zone_migration.logic import cloud
from zone_migration.logic import verdicts

#: Nova's status of a migration record that has not ended.
_IN_FLIGHT = frozenset({
    'accepted', 'queued', 'preparing', 'running', 'running (post-copy)',
    'pre-migrating', 'migrating', 'post-migrating',
})

#: Where a volume may be swapped under its server: vm_state active, paused or
#: resized, as Nova's swap_volume demands (409 otherwise).
_SWAPPABLE = ('ACTIVE', 'PAUSED', 'VERIFY_RESIZE')

_COLD = 'Invalid state for cold migration'
_SWAP = 'Invalid state for swapping volume'
_MIGRATE_TYPE = 'Volume type must be same for migrating'
_RETYPE_TYPE = 'Volume type must be different for retyping'


class Kind(enum.Enum):
    """What to do with a resource."""

    START = 'start'
    ADOPT = 'adopt'
    SKIP = 'skip'
    REFUSE = 'refuse'


@dataclasses.dataclass(frozen=True)
class Decision:
    """What to do, and for SKIP, REFUSE and ADOPT why."""

    kind: Kind
    text: str = ''
    #: For START of a volume without a destination: the pool that was chosen.
    pool: str = ''


START = Decision(Kind.START)


def _skip(text: str) -> Decision:
    return Decision(Kind.SKIP, text)


def _refuse(text: str) -> Decision:
    return Decision(Kind.REFUSE, text)


def _adopt(text: str) -> Decision:
    return Decision(Kind.ADOPT, text)


@dataclasses.dataclass(frozen=True)
class ServerMove:
    """What is wanted of one server; empty strings stand for "not given"."""

    resource_id: str
    resource_name: str = ''
    #: What the caller believes: active, shutoff, or nothing.
    status: str = ''
    dst_hostname: str = ''
    #: Move it only while it is there.
    src_hostname: str = ''
    #: Where it was when the plan was made.
    source: str = ''
    force: bool = False


@dataclasses.dataclass(frozen=True)
class VolumeMove:
    """What is wanted of one volume; empty strings stand for "not given"."""

    resource_id: str
    resource_name: str = ''
    dst_hostname: str = ''
    dst_type: str = ''
    src_hostname: str = ''
    source: str = ''


def is_in_flight(status: str) -> bool:
    """Whether a migration record with this status has not ended."""
    return status in _IN_FLIGHT


def in_flight(
    migrations: Iterable[cloud.Migration], kind: str
) -> cloud.Migration | None:
    """The newest record of this type that has not ended."""
    unfinished = [
        m for m in migrations if m.type == kind and m.status in _IN_FLIGHT
    ]
    return max(unfinished, key=lambda m: m.id, default=None)


def is_unconfirmed_migration(
    server: cloud.Server | None, migrations: Iterable[cloud.Migration]
) -> bool:
    """Whether a cold migration (no resize) waits to be confirmed."""
    if server is None or server.status != 'VERIFY_RESIZE':
        return False
    newest = max(migrations, key=lambda m: m.id, default=None)
    return newest is not None and newest.type == 'migration'


def live_migration(
    wanted: ServerMove,
    server: cloud.Server | None,
    migrations: Iterable[cloud.Migration],
    destination: cloud.ComputeHost | None,
) -> Decision:
    """Whether a server can be migrated live.

    :param migrations: the server's records.
    :param destination: the compute host asked for, None if there is none of
        that name; not looked at when no destination is asked for.
    """
    if server is None:
        return _skip(f'server {wanted.resource_id} not found: deleted?')
    if server.task_state == 'migrating':
        running = in_flight(migrations, 'live-migration')
        return _adopt_to(wanted, running, 'live migration')
    if server.status == 'VERIFY_RESIZE':
        return _refuse(
            f'the server is in VERIFY_RESIZE on {server.host}: confirm or '
            'revert that move first'
        )
    return (
        _busy(server)
        or _settled(wanted, server)
        or _contradiction(wanted, server, ('ACTIVE', 'PAUSED'))
        or _bad_destination(wanted, destination)
        or START
    )


def cold_migration(
    wanted: ServerMove,
    server: cloud.Server | None,
    migrations: Iterable[cloud.Migration],
    destination: cloud.ComputeHost | None,
) -> Decision:
    """Whether a server can be migrated cold, or only has to be confirmed.

    A server in VERIFY_RESIZE after a cold *migration* is adopted (its
    confirmation is what is left to do); after a *resize* it is its owner who
    decides, and the action is refused.
    """
    if server is None:
        return _skip(f'server {wanted.resource_id} not found: deleted?')
    if server.status in ('RESIZE', 'VERIFY_RESIZE'):
        newest = max(migrations, key=lambda m: m.id, default=None)
        if newest is None or newest.type != 'migration':
            return _refuse(
                f'the server is in {server.status} for a resize: its owner '
                'confirms or reverts it'
            )
        return _adopt_to(wanted, newest, 'cold migration')
    if wanted.status == 'shutoff':
        allowed: tuple[str, ...] = ('SHUTOFF',)
    elif wanted.status == 'active':
        allowed = ('ACTIVE',)
    else:
        allowed = ('ACTIVE', 'SHUTOFF')
    return (
        _busy(server)
        or _settled(wanted, server)
        or _contradiction(wanted, server, allowed)
        or _bad_destination(wanted, destination)
        or START
    )


def volume_migration(
    wanted: VolumeMove,
    volume: cloud.Volume | None,
    snapshots: int,
    pools: Iterable[cloud.Pool],
) -> Decision:
    """Whether a detached volume can be migrated to a pool.

    :param snapshots: how many the volume has; Cinder refuses to migrate one
        that has any.
    :param pools: those that serve the volume's type.
    """
    if volume is None:
        return _skip(f'volume {wanted.resource_id} not found: deleted?')
    return (
        _volume_settled(wanted, volume)
        or _volume_state(
            _COLD, volume, volume.status == 'available' and
            not volume.server_ids, snapshots
        )
        or _wrong_pool(wanted, volume, pools)
        or START
    )


def volume_retype(
    wanted: VolumeMove,
    volume: cloud.Volume | None,
    volume_types: Iterable[str],
) -> Decision:
    """Whether a detached volume can be retyped.

    Snapshots are not looked at: a retype inside the backend keeps them, and
    whether one that needs a copy was dropped is judged afterwards.
    """
    if volume is None:
        return _skip(f'volume {wanted.resource_id} not found: deleted?')
    return (
        _volume_settled(wanted, volume)
        or _volume_state(
            _COLD, volume, volume.status == 'available' and
            not volume.server_ids, 0
        )
        or _unknown_type(wanted, volume_types)
        or START
    )


def volume_update(
    wanted: VolumeMove,
    volume: cloud.Volume | None,
    server: cloud.Server | None,
    snapshots: int,
    pools: Iterable[cloud.Pool],
    volume_types: Iterable[str],
) -> Decision:
    """Whether an attached volume can be moved under its running server.

    :param server: the one it is attached to, None if it is attached to none.
    :param pools: those that serve the volume's type.
    :returns: START with the pool to go to, unless a type is asked for.
    """
    if volume is None:
        return _skip(f'volume {wanted.resource_id} not found: deleted?')
    early = _volume_settled(wanted, volume)
    if early:
        return early
    if len(volume.server_ids) > 1:
        return _refuse(
            f'{_SWAP}: the volume is attached to {len(volume.server_ids)} '
            'servers, Nova swaps those of one only'
        )
    bad_state = _volume_state(
        _SWAP,
        volume,
        volume.status == 'in-use' and server is not None,
        0 if wanted.dst_type else snapshots,
    )
    if bad_state:
        return bad_state
    assert server is not None  # noqa: S101 # nosec B101 (refused above)
    if server.status not in _SWAPPABLE:
        return _refuse(
            f'{_SWAP}: server {server.id} is {server.status}, not '
            'ACTIVE, PAUSED or VERIFY_RESIZE'
        )
    if server.task_state is not None:
        return _refuse(
            f'{_SWAP}: server {server.id} is busy, {server.task_state}'
        )
    if wanted.dst_type:
        return _unknown_type(wanted, volume_types) or START
    pools = list(pools)
    if wanted.dst_hostname:
        return _wrong_pool(wanted, volume, pools) or Decision(
            Kind.START, pool=wanted.dst_hostname
        )
    return _another_pool(volume, pools)


def _another_pool(volume: cloud.Volume, pools: list[cloud.Pool]) -> Decision:
    """The pool with most free space, of those that are not its own."""
    others = [p for p in pools if p.name != volume.host]
    roomy = [p for p in others if p.free_gb >= volume.size_gb]
    if not roomy:
        return _refuse(
            f'no other pool with {volume.size_gb} GB free serves type '
            f'{volume.type}'
            + (f', {len(others)} without room' if others else '')
        )
    best = max(roomy, key=lambda p: (p.free_gb, p.name))
    return Decision(Kind.START, pool=best.name)


def _busy(server: cloud.Server) -> Decision | None:
    if server.task_state is None:
        return None
    return _refuse(f'the server is busy on {server.host}: {server.task_state}')


def _settled(wanted: ServerMove, server: cloud.Server) -> Decision | None:
    """Nothing to do: the server is there already, or gone from where."""
    state = '' if server.status != 'ERROR' else ' (in ERROR)'
    if wanted.dst_hostname and server.host == wanted.dst_hostname:
        return _skip(f'the server is already on {server.host}{state}')
    if wanted.src_hostname and server.host != wanted.src_hostname:
        return _skip(
            f'the server is on {server.host}, not on '
            f'{wanted.src_hostname}{state}'
        )
    if (
        not wanted.dst_hostname
        and wanted.source
        and server.host != wanted.source
    ):
        return _skip(
            f'the server has left {wanted.source} already, it is on '
            f'{server.host}{state}'
        )
    return None


def _contradiction(
    wanted: ServerMove, server: cloud.Server, allowed: tuple[str, ...]
) -> Decision | None:
    if server.status in allowed:
        return None
    return _refuse(
        f'the server is {server.status} on {server.host}, not '
        f'{" or ".join(allowed)}'
    )


def _bad_destination(
    wanted: ServerMove, destination: cloud.ComputeHost | None
) -> Decision | None:
    """Why the host that is asked for takes no server.

    Nova answers 202 to a disabled or dead destination and lets the record
    end in "error" only: it is said here, before anything moves.
    """
    name = wanted.dst_hostname
    if not name:
        return None
    if destination is None:
        return _refuse(f'destination {name} not found: no such compute host')
    if not destination.enabled and not wanted.force:
        return _refuse(f'destination {name} is disabled: enable it first')
    if not destination.up:
        return _refuse(f'destination {name} is down')
    return None


def _adopt_to(
    wanted: ServerMove, migration: cloud.Migration | None, what: str
) -> Decision:
    """Adopt a migration in flight, unless it goes elsewhere."""
    if migration is None:
        return _refuse(f'a {what} is in flight that Nova does not show')
    goal = migration.dest
    if wanted.dst_hostname and goal and goal != wanted.dst_hostname:
        return _refuse(
            f'a {what} to {goal} is in flight already, not to '
            f'{wanted.dst_hostname}'
        )
    return _adopt(f'{what} {migration.id} is in flight already')


def _volume_settled(
    wanted: VolumeMove, volume: cloud.Volume
) -> Decision | None:
    """Nothing to start: in flight already, there already, or gone."""
    if (
        volume.status == 'retyping'
        or volume.migration_status in verdicts.VOLUME_MOVING
    ):
        return _adopt('Cinder is moving the volume already')
    if wanted.dst_type and volume.type == wanted.dst_type:
        return _skip(
            f'{_RETYPE_TYPE}: the volume has type {volume.type} already'
        )
    if wanted.dst_hostname and cloud.same_pool(
        wanted.dst_hostname, volume.host
    ):
        return _skip(f'the volume is already on {volume.host}')
    if wanted.src_hostname and not cloud.same_pool(
        wanted.src_hostname, volume.host
    ):
        return _skip(
            f'the volume is on {volume.host}, not on {wanted.src_hostname}'
        )
    if (
        not wanted.dst_hostname
        and not wanted.dst_type
        and wanted.source
        and volume.host != wanted.source
    ):
        return _skip(
            f'the volume has left {wanted.source} already, it is on '
            f'{volume.host}'
        )
    return None


def _volume_state(
    message: str,
    volume: cloud.Volume,
    attached_as_wanted: bool,
    snapshots: int,
) -> Decision | None:
    if not attached_as_wanted:
        held = (
            f' by {", ".join(volume.server_ids)}' if volume.server_ids else ''
        )
        return _refuse(f'{message}: the volume is {volume.status}{held}')
    if snapshots:
        return _refuse(
            f'{message}: the volume has snapshots ({snapshots}), Cinder does '
            'not migrate it'
        )
    if volume.group_id:
        return _refuse(
            f'{message}: the volume is in group {volume.group_id}, Cinder '
            'does not migrate it'
        )
    return None


def _wrong_pool(
    wanted: VolumeMove, volume: cloud.Volume, pools: Iterable[cloud.Pool]
) -> Decision | None:
    if any(cloud.same_pool(wanted.dst_hostname, pool.name) for pool in pools):
        return None
    return _refuse(
        f'{_MIGRATE_TYPE}: pool {wanted.dst_hostname} does not exist or does '
        f'not serve type {volume.type}'
    )


def _unknown_type(
    wanted: VolumeMove, volume_types: Iterable[str]
) -> Decision | None:
    if wanted.dst_type in volume_types:
        return None
    return _refuse(f'volume type {wanted.dst_type} not found')
