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

"""Whether a volume can be moved as asked, evaluated before anything moves.

As :mod:`zone_migration.logic.preflight.server_checks`, with what Cinder
shows.
"""

from collections.abc import Iterable

from zone_migration.logic import resources
from zone_migration.logic.preflight import already_there
from zone_migration.logic.preflight import decisions

#: Where a volume may be swapped under its server: vm_state active, paused or
#: resized, as Nova's swap_volume demands (409 otherwise).
_SWAPPABLE = ('ACTIVE', 'PAUSED', 'VERIFY_RESIZE')

_COLD = 'Invalid state for cold migration'
_SWAP = 'Invalid state for swapping volume'
_MIGRATE_TYPE = 'Volume type must be same for migrating'


def volume_migration(
    wanted: decisions.VolumeMove,
    volume: resources.Volume | None,
    snapshots: int,
    pools: Iterable[resources.Pool],
) -> decisions.Decision:
    """Whether a detached volume can be migrated to a pool.

    :param snapshots: how many the volume has; Cinder refuses to migrate one
        that has any.
    :param pools: all of them.
    """
    if volume is None:
        return decisions.gone(wanted)
    return (
        _settled(wanted, volume)
        or _bad_state(
            _COLD,
            volume,
            volume.status == 'available' and not volume.server_ids,
        )
        or not_migratable(_COLD, volume, snapshots)
        or (None if wanted.dst_hostname else _has_ended(volume))
        or _wrong_pool(wanted, volume, pools)
        or decisions.START
    )


def volume_retype(
    wanted: decisions.VolumeMove,
    volume: resources.Volume | None,
    volume_types: Iterable[str],
) -> decisions.Decision:
    """Whether a detached volume can be retyped.

    Snapshots are not looked at: a retype inside the backend keeps them, and
    whether one that needs a copy was dropped is evaluated afterwards.
    """
    if volume is None:
        return decisions.gone(wanted)
    return (
        _settled(wanted, volume)
        or _bad_state(
            _COLD,
            volume,
            volume.status == 'available' and not volume.server_ids,
        )
        or _unknown_type(wanted, volume_types)
        or decisions.START
    )


def volume_update(
    wanted: decisions.VolumeMove,
    volume: resources.Volume | None,
    server: resources.Server | None,
    snapshots: int,
    pools: Iterable[resources.Pool],
    volume_types: Iterable[str],
) -> decisions.Decision:
    """Whether an attached volume can be moved under its running server.

    :param server: the one it is attached to, None if it is attached to none.
    :param pools: all of them.
    :returns: START with the pool to go to, unless a type is asked for.
    """
    if volume is None:
        return decisions.gone(wanted)
    early = _settled(wanted, volume)
    if early:
        return early
    if len(volume.server_ids) > 1:
        return decisions.refuse(
            f'{_SWAP}: the volume is attached to {len(volume.server_ids)} '
            'servers, Nova swaps those of one only: detach the others'
        )
    attached = volume.status == 'in-use' and server is not None
    refused = (
        _bad_state(_SWAP, volume, attached and not volume.host_names)
        or (
            None
            if wanted.dst_type
            else not_migratable(_SWAP, volume, snapshots)
        )
        or _not_swappable(server)
    )
    if refused:
        return refused
    if wanted.dst_type:
        return _unknown_type(wanted, volume_types) or decisions.START
    if wanted.dst_hostname:
        return _wrong_pool(wanted, volume, pools) or decisions.Decision(
            decisions.Kind.START, pool=wanted.dst_hostname
        )
    if wanted.in_flight:
        return _has_ended(volume)
    serving = [pool for pool in pools if pool.serves(volume.type)]
    return another_pool(volume, serving)


def _not_swappable(
    server: resources.Server | None,
) -> decisions.Decision | None:
    """Refuse a server whose volumes Nova does not swap."""
    assert server is not None  # noqa: S101 # nosec B101 (refused above)
    if server.status not in _SWAPPABLE:
        return decisions.refuse(
            f'{_SWAP}: server {server.id} is {server.status}, not '
            'ACTIVE, PAUSED or VERIFY_RESIZE: start it, or detach the volume'
        )
    if server.task_state is not None:
        return decisions.refuse(
            f'{_SWAP}: server {server.id} is busy, {server.task_state}: '
            'repeat it when that has ended'
        )
    return None


def another_pool(
    volume: resources.Volume, pools: list[resources.Pool]
) -> decisions.Decision:
    """The pool with most free space, of those that are not its own."""
    others = [p for p in pools if not volume.may_be_in(p.name)]
    fitting = [p for p in others if p.left_gb(volume.type) >= volume.size_gb]
    if not fitting:
        return decisions.refuse(
            f'no other pool with {volume.size_gb} GB free serves type '
            f'{volume.type}'
            + (f', {len(others)} without room' if others else '')
            + ': make room, or name a type'
        )
    best = max(fitting, key=lambda p: (p.left_gb(volume.type), p.name))
    return decisions.Decision(decisions.Kind.START, pool=best.name)


def _settled(
    wanted: decisions.VolumeMove, volume: resources.Volume
) -> decisions.Decision | None:
    """Adopt or skip a volume that is moving, is there already or has left."""
    if volume.is_moving:
        return decisions.adopt('Cinder is moving the volume already')
    if wanted.dst_type and volume.type == wanted.dst_type:
        return decisions.skip(already_there.has_type(volume.type))
    if wanted.dst_hostname and resources.same_pool(
        wanted.dst_hostname, volume.host
    ):
        return decisions.skip(
            already_there.already_on('volume', f'{volume.host}')
        )
    if volume.host is None:
        return None  # not because it has left
    if wanted.src_hostname and not resources.same_pool(
        wanted.src_hostname, volume.host
    ):
        return decisions.skip(
            already_there.elsewhere('volume', volume.host, wanted.src_hostname)
        )
    if (
        not wanted.dst_hostname
        and not wanted.dst_type
        and wanted.source
        and volume.host != wanted.source
    ):
        return decisions.skip(
            already_there.has_left('volume', volume.host, wanted.source)
        )
    return None


def _bad_state(
    message: str, volume: resources.Volume, attached_as_wanted: bool
) -> decisions.Decision | None:
    """Refuse a volume that is attached elsewhere, or is in a group."""
    if not attached_as_wanted:
        holders = [
            *volume.server_ids,
            *(f'host {h}' for h in volume.host_names),
        ]
        held = f' by {", ".join(holders)}' if holders else ''
        return decisions.refuse(
            f'{message}: the volume is {volume.status}{held}: '
            + _remedy(volume)
        )
    if volume.group_id:
        return decisions.refuse(
            f'{message}: the volume is in group {volume.group_id}, Cinder '
            'does not migrate it: take it out of the group'
        )
    return None


def _remedy(volume: resources.Volume) -> str:
    """The remedy for a volume that is not as asked for."""
    if volume.status == 'available' and not volume.server_ids:
        return 'ask for it as available'
    if volume.host_names:
        return 'detach it there first'
    if volume.status == 'in-use':
        return 'ask for it as in-use, or detach it'
    if volume.status.startswith('error'):
        return 'find out why, then repair it or reset its state'
    return 'repeat it when that has ended'


def not_migratable(
    message: str, volume: resources.Volume, snapshots: int
) -> decisions.Decision | None:
    """Refuse a volume that Cinder's ``migrate`` does not take (HTTP 400).

    A retype may, where the backend does it in place.
    """
    if snapshots:
        return decisions.refuse(
            f'{message}: the volume has snapshots ({snapshots}), Cinder does '
            'not migrate it: delete them first'
        )
    if volume.replicated:
        return decisions.refuse(
            f'{message}: the volume is replicated, Cinder does not migrate '
            'it: disable its replication first'
        )
    return None


def _has_ended(volume: resources.Volume) -> decisions.Decision:
    """Refuse a volume whose move was in flight when it was planned.

    What is adopted has a destination already, so the plan gives it none.
    """
    return decisions.refuse(
        'the move that was in flight has ended, and the volume is still on '
        f'{volume.host}: repeat the audit'
    )


def _wrong_pool(
    wanted: decisions.VolumeMove,
    volume: resources.Volume,
    pools: Iterable[resources.Pool],
) -> decisions.Decision | None:
    """Refuse a pool that is not there, or does not serve the volume's type."""
    name = wanted.dst_hostname
    named = [p for p in pools if resources.same_pool(name, p.name)]
    if any(pool.serves(volume.type) for pool in named):
        return None
    if not named:
        return decisions.refuse(
            f'destination {name} not found: no such storage pool'
        )
    return decisions.refuse(
        f'{_MIGRATE_TYPE}: pool {name} does not serve type {volume.type}: '
        'name one that does, or a type'
    )


def _unknown_type(
    wanted: decisions.VolumeMove, volume_types: Iterable[str]
) -> decisions.Decision | None:
    """Refuse a volume type that does not exist."""
    if wanted.dst_type in volume_types:
        return None
    return decisions.refuse(
        f'volume type {wanted.dst_type} not found: name one that exists'
    )
