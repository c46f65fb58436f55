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

"""Whether a server can be migrated as asked, evaluated before anything moves.

Each function gets what is wanted and what Nova shows now, and decides: start
it, adopt what is in flight already, skip it because nothing is left to do, or
refuse it.  A contradiction between what the caller believes and what the
cloud says is refused, never guessed around.
"""

from collections.abc import Iterable

from zone_migration.logic import resources
from zone_migration.logic.preflight import already_there
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_states

#: Without a host, and not because they have left it.
_NOWHERE = frozenset({'BUILD', 'SHELVED_OFFLOADED', resources.UNKNOWN})

#: Nova's power states with which it migrates a server live: running, paused.
_LIVE = (1, 3)

#: Others, in words.
_NOT_RUNNING = {4: 'shut down', 6: 'crashed', 7: 'suspended'}


def in_flight(
    migrations: Iterable[resources.Migration], kind: str
) -> resources.Migration | None:
    """The newest record of this type that has not ended."""
    unfinished = [m for m in migrations if m.type == kind and m.is_in_flight]
    return max(unfinished, key=lambda m: m.id, default=None)


def is_unconfirmed_migration(
    server: resources.Server | None, migrations: Iterable[resources.Migration]
) -> bool:
    """Whether a cold migration (no resize) waits to be confirmed."""
    if server is None or server.status != 'VERIFY_RESIZE':
        return False
    newest = max(migrations, key=lambda m: m.id, default=None)
    return newest is not None and newest.type == 'migration'


def live_migration(
    wanted: decisions.ServerMove,
    server: resources.Server | None,
    migrations: Iterable[resources.Migration],
    destination: resources.ComputeHost | None,
    volumes: Iterable[resources.Volume] = (),
) -> decisions.Decision:
    """Whether a server can be migrated live.

    :param migrations: the server's records.
    :param destination: the compute host asked for, None if there is none of
        that name; not looked at when no destination is asked for.
    :param volumes: those attached to the server.
    """
    if server is None:
        return decisions.gone(wanted)
    if server.task_state == 'migrating':
        running = in_flight(migrations, 'live-migration')
        return _adopt_to(wanted, running, 'live migration')
    if server.status == 'VERIFY_RESIZE':
        return decisions.refuse(
            f'the server is in VERIFY_RESIZE on {server.host}: confirm or '
            'revert that move first, or set confirm_resizes'
        )
    return (
        busy(server)
        or _settled(wanted, server)
        or _contradiction(wanted, server, ('ACTIVE', 'PAUSED'))
        or _not_running(server)
        or bad_destination(wanted, destination)
        or _moving_volume(volumes)
        or decisions.START
    )


def cold_migration(
    wanted: decisions.ServerMove,
    server: resources.Server | None,
    migrations: Iterable[resources.Migration],
    destination: resources.ComputeHost | None,
    volumes: Iterable[resources.Volume] = (),
) -> decisions.Decision:
    """Whether a server can be migrated cold, or only has to be confirmed.

    A server in VERIFY_RESIZE after a cold *migration* is adopted (its
    confirmation is what is left to do); after a *resize* it is its owner who
    decides, and the action is refused.
    """
    if server is None:
        return decisions.gone(wanted)
    if server.status in ('RESIZE', 'VERIFY_RESIZE'):
        newest = max(migrations, key=lambda m: m.id, default=None)
        if newest is None:
            return decisions.refuse(
                f'the server is in {server.status}, and Nova does not show '
                'its migration: repeat the audit'
            )
        if newest.type != 'migration':
            return decisions.refuse(
                f'the server is in {server.status} for a resize: '
                + server_states.of(server.status).remedy
            )
        if wanted.src_hostname and newest.dest == wanted.src_hostname:
            return decisions.refuse(
                f'the server is in {server.status} for a migration to '
                f'{newest.dest}: confirm or revert it first, or set '
                'confirm_resizes'
            )
        return _adopt_to(wanted, newest, 'cold migration')
    if wanted.status == 'shutoff':
        allowed: tuple[str, ...] = ('SHUTOFF',)
    elif wanted.status == 'active':
        allowed = ('ACTIVE',)
    else:
        allowed = ('ACTIVE', 'SHUTOFF')
    return (
        busy(server)
        or _settled(wanted, server)
        or _contradiction(wanted, server, allowed)
        or bad_destination(wanted, destination)
        or _moving_volume(volumes)
        or decisions.START
    )


def busy(server: resources.Server) -> decisions.Decision | None:
    """Refuse a server that Nova is at work on."""
    if server.task_state is None:
        return None
    return decisions.refuse(
        f'the server is busy on {_place(server)}: {server.task_state}; '
        'repeat it when that has ended'
    )


def _settled(
    wanted: decisions.ServerMove, server: resources.Server
) -> decisions.Decision | None:
    """Skip a server that is there already, or has left."""
    state = '' if server.status != 'ERROR' else ' (in ERROR)'
    if wanted.dst_hostname and server.host == wanted.dst_hostname:
        return decisions.skip(
            already_there.already_on('server', f'{server.host}{state}')
        )
    if server.status in _NOWHERE:
        return None
    if wanted.src_hostname and server.host != wanted.src_hostname:
        return decisions.skip(
            already_there.elsewhere(
                'server', _place(server), f'{wanted.src_hostname}{state}'
            )
        )
    if (
        not wanted.dst_hostname
        and wanted.source
        and server.host != wanted.source
    ):
        return decisions.skip(
            already_there.has_left(
                'server', f'{server.host}{state}', wanted.source
            )
        )
    return None


def _contradiction(
    wanted: decisions.ServerMove,
    server: resources.Server,
    allowed: tuple[str, ...],
) -> decisions.Decision | None:
    """Refuse a server whose status is not what is believed."""
    if server.status in allowed:
        return None
    remedy = server_states.of(server.status).remedy
    return decisions.refuse(
        f'the server is {server.status} on {_place(server)}, not '
        f'{" or ".join(allowed)}' + (f': {remedy}' if remedy else '')
    )


def _not_running(server: resources.Server) -> decisions.Decision | None:
    """Refuse a live migration of a guest that has ended by itself.

    Nova answers 202 and lets the record end in "error"
    (``LiveMigrationTask._check_instance_is_active`` of nova-conductor).  It
    notices such a guest only now and then, and has the server SHUTOFF then.
    """
    if server.power_state is None or server.power_state in _LIVE:
        return None
    state = _NOT_RUNNING.get(server.power_state, 'in no known state')
    return decisions.refuse(
        f'the guest of the server is {state} on {_place(server)}, for Nova it '
        f'is {server.status}: stop it and ask for it as shutoff, or reboot it'
    )


def _place(server: resources.Server) -> str:
    """The host of a server, in words."""
    return server.host or 'no host'


def bad_destination(
    wanted: decisions.ServerMove, destination: resources.ComputeHost | None
) -> decisions.Decision | None:
    """Refuse a host that takes no server; None if it does.

    Nova answers 202 to a disabled or dead destination and lets the record
    end in "error" only: it is said here, before anything moves.
    """
    name = wanted.dst_hostname
    if not name:
        return None
    if destination is None:
        return decisions.refuse(
            f'destination {name} not found: no such compute host'
        )
    if not destination.enabled and not wanted.force:
        return decisions.refuse(
            f'destination {name} is disabled: enable it first'
        )
    if not destination.up:
        return decisions.refuse(
            f'destination {name} is down: bring it up first'
        )
    return None


def _moving_volume(
    volumes: Iterable[resources.Volume],
) -> decisions.Decision | None:
    """Refuse a server that has to wait for its volumes.

    Nova shows no task state while it swaps a volume, and accepts a live
    migration on top of it; both report success, and the volume is attached
    to the wrong host.
    """
    for volume in volumes:
        if volume.is_moving:
            return decisions.refuse(
                f'Cinder is moving volume {volume.id} of the server: repeat '
                'it when that has ended'
            )
    return None


def goal(migrations: Iterable[resources.Migration]) -> str:
    """The host that the newest migration goes to; '' if none is chosen yet."""
    newest = max(migrations, key=lambda m: m.id, default=None)
    return newest.dest or '' if newest is not None else ''


def _adopt_to(
    wanted: decisions.ServerMove,
    migration: resources.Migration | None,
    what: str,
) -> decisions.Decision:
    """Adopt a migration in flight, unless it goes elsewhere."""
    if migration is None:
        return decisions.refuse(
            f'a {what} is in flight that Nova does not show'
        )
    goal = migration.dest
    if wanted.dst_hostname and goal and goal != wanted.dst_hostname:
        return decisions.refuse(
            f'a {what} to {goal} is in flight already, not to '
            f'{wanted.dst_hostname}'
        )
    return decisions.adopt(f'{what} {migration.id} is in flight already')
