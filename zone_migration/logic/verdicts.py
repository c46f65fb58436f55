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

"""Whether what is seen means running, done or failed.

Each function gets what Nova or Cinder show at one moment and says what it
means.  The rules come from what the services were observed to do (Nova 34,
Cinder 29); where one look cannot decide, the verdict is provisional and the
waiting loop asks for it to hold (:mod:`zone_migration.waiting`).
"""

import dataclasses
import enum

from zone_migration.logic import resources

#: Nova's status of a migration record that has ended without success.
_GIVEN_UP = frozenset({'failed', 'error', 'cancelled', 'reverted'})

#: Nova's power state of a guest that runs.
_RUNS = 1

#: Megabytes in a gigabyte, as flavors count them.
_GIB_MB = 1024

#: What Nova's status of an unfinished record means to an operator.
_STAGES = {
    'accepted': 'waiting for the scheduler',
    'preparing': 'preparing {dest}',
    'running': 'copying to {dest}',
    resources.POST_COPY: 'copying to {dest} after the switch (post-copy)',
    'pre-migrating': 'preparing {dest}',
    'migrating': 'copying to {dest}',
    'post-migrating': 'starting on {dest}',
    'finished': 'waiting for its confirmation',
    'confirming': 'confirming',
    'reverting': 'going back to {source}',
}


class Outcome(enum.Enum):
    """What an operation has come to."""

    RUNNING = 'running'
    DONE = 'done'
    FAILED = 'failed'
    #: Ended by request, with the resource where it was.
    CANCELLED = 'cancelled'


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What is seen means this; ``text`` says it to the operator."""

    outcome: Outcome
    text: str
    #: Not certain from one look: it must hold for a while.
    provisional: bool = False
    #: It waits for its turn: that nothing changes is no lack of progress.
    queued: bool = False
    #: See :func:`is_stranded`.
    stranded: bool = False


def running(text: str) -> Verdict:
    """It goes on; the text says where it stands."""
    return Verdict(Outcome.RUNNING, text)


def done(text: str, provisional: bool = False) -> Verdict:
    """The resource is where it should be."""
    return Verdict(Outcome.DONE, text, provisional)


def failed(text: str, provisional: bool = False) -> Verdict:
    """It has ended, and the resource is not where it should be."""
    return Verdict(Outcome.FAILED, text, provisional)


def live_migration(
    server: resources.Server | None,
    migration: resources.Migration | None,
    ahead: int = 0,
) -> Verdict:
    """What a live migration has come to.

    Only the record decides: the server shows ACTIVE on its new host up to
    0.3 s before the record says completed, and a copy that failed shows in
    the record alone.  The server decides when its host and task state are
    those that the end of the record promises.

    :param migration: the record of this migration, None while there is none.
    :param ahead: how many live migrations of its source host Nova has got
        before this one.
    """
    if server is None:
        return failed('the server was deleted during its migration')
    if migration is None:
        return running('accepted by Nova')
    verdict = _live_migration(server, migration, ahead)
    if verdict.outcome not in (Outcome.FAILED, Outcome.CANCELLED):
        return verdict
    if server.status == 'ERROR':
        return dataclasses.replace(
            verdict, stranded=is_stranded(server, migration)
        )
    # Nova may put the server in ERROR a moment after the record has ended:
    # after it says "error" (nova.compute.manager, _do_live_migration), and
    # with libvirt's driver also after it has rolled back and said failed or
    # cancelled, because the job of libvirt has ended with an error.  Not
    # where no host was found that could have begun.
    return dataclasses.replace(verdict, provisional=bool(migration.dest))


def _live_migration(
    server: resources.Server, migration: resources.Migration, ahead: int
) -> Verdict:
    if migration.status == 'completed':
        if _has_stayed(server, migration):
            return _stayed(server, migration)
        if server.task_state is None and server.host == migration.dest:
            return done(f'migrated from {migration.source} to {server.host}')
        return running(f'starting on {migration.dest}')
    if migration.status == 'queued':
        others = {0: 'other live migrations', 1: '1 other live migration'}
        return Verdict(
            Outcome.RUNNING,
            'queued behind {} of {}'.format(
                others.get(ahead, f'{ahead} other live migrations'),
                migration.source,
            ),
            queued=True,
        )
    return _unfinished(server, migration, 'live migration')


def is_stranded(
    server: resources.Server | None, migration: resources.Migration
) -> bool:
    """Whether a server is in ERROR only because its migration has ended.

    As Nova's records tell: it is where it was, and its guest runs.  Whether
    that is so the hypervisor has to be asked.
    """
    return (
        server is not None
        and server.status == 'ERROR'
        and server.task_state is None
        and server.host == migration.source
        and server.power_state == _RUNS
    )


def stranded(server: resources.Server) -> str:
    """What to do about a stranded server whose guest runs."""
    return (
        f'the server is in ERROR on {server.host}, but its guest runs there: '
        f'openstack server set --state active {server.id}'
    )


def repaired(server: resources.Server) -> str:
    """That a stranded server was set back."""
    return (
        f'the server was in ERROR on {server.host} with its guest running '
        'there, and was set back to ACTIVE'
    )


def cold_migration(
    server: resources.Server | None, migration: resources.Migration | None
) -> Verdict:
    """What a cold migration has come to, up to where it can be confirmed.

    The record can say finished 0.3 s before the server says VERIFY_RESIZE
    and clears its task state; a confirmation before that is refused.
    """
    if server is None:
        return failed('the server was deleted during its migration')
    if migration is None:
        return running('accepted by Nova')
    settled = server.task_state is None
    if migration.status == 'finished' and server.status == 'ERROR' and settled:
        return failed(_in_error(server))
    if migration.status in ('finished', 'confirmed') and _has_stayed(
        server, migration
    ):
        return _stayed(server, migration)
    if migration.status == 'finished' and settled:
        if server.status == 'VERIFY_RESIZE':
            return done(f'moved to {server.host}, to be confirmed')
    if migration.status == 'confirmed' and settled:
        return done(f'migrated from {migration.source} to {server.host}')
    return _unfinished(server, migration, 'cold migration')


def confirmation(
    server: resources.Server | None,
    migration: resources.Migration,
    status: str,
) -> Verdict:
    """What the confirmation of a cold migration has come to.

    :param status: the status that the server had before it was moved, and
        must have again.
    """
    if server is None:
        return failed('the server was deleted during its confirmation')
    if server.status == 'ERROR' or migration.status == 'error':
        return failed(
            f'the confirmation on {server.host} failed: {_in_error(server)}'
        )
    if migration.status != 'confirmed' or server.task_state is not None:
        return running(f'confirming on {server.host}')
    if _has_stayed(server, migration):
        return _stayed(server, migration)
    if server.status == status:
        return done(f'migrated from {migration.source} to {server.host}')
    return failed(
        f'moved to {server.host}, but the server is {server.status}, '
        f'it was {status}',
        provisional=True,
    )


def reversion(
    server: resources.Server | None,
    migration: resources.Migration,
    status: str,
) -> Verdict:
    """What the reversion of an unconfirmed cold migration has come to."""
    if server is None:
        return failed('the server was deleted while it was going back')
    if server.status == 'ERROR' or migration.status == 'error':
        return failed(f'could not go back: {_in_error(server)}')
    if (
        migration.status == 'reverted'
        and server.task_state is None
        and server.status == status
    ):
        return done(f'is back on {server.host}')
    return running(f'going back to {migration.source}')


def volume_migration(
    before: resources.Volume, volume: resources.Volume | None, pool: str
) -> Verdict:
    """What a migration by Cinder has come to, of a volume in use or not.

    Cinder sets migration_status to "starting" before it answers the request,
    so a status read afterwards is never that of an earlier migration.  At
    the end there are moments (0.1 to 0.25 s) with the new host, no
    migration_status and no attachments, hence the provisional verdicts.

    :param before: the volume as it was before the request.
    :param pool: the destination, ``host@backend#pool`` or ``host@backend``;
        empty where somebody else chose it: any other pool, then.
    """
    if volume is None:
        return failed('the volume was deleted during its migration')
    if pool:
        arrived = resources.same_pool(pool, volume.host)
    else:
        arrived, pool = volume.host != before.host, 'another pool'
    if volume.migration_status in resources.VOLUME_MOVING:
        return running(f'copying to {pool}, {volume.migration_status}')
    if volume.status not in ('available', 'in-use'):
        if volume.status.startswith('error'):
            return failed(f'the volume is in {volume.status}')
        return running(f'waiting for the volume, {volume.status}')
    if arrived and _has_lost_its_server(volume):
        return _without_server(volume)
    if volume.migration_status == 'success':
        if arrived:
            return done(f'migrated from {before.host} to {volume.host}')
        return failed(f'Cinder moved it to {volume.host}, not to {pool}')
    if volume.migration_status == 'error':
        return failed(
            f'Cinder could not migrate it to {pool}; the volume is '
            f'{volume.status} and unharmed on {volume.host}'
        )
    if arrived:
        return done(
            f'migrated from {before.host} to {volume.host}', provisional=True
        )
    return failed(
        f'Cinder does not migrate it any more; it is on {volume.host}',
        provisional=True,
    )


def volume_retype(
    before: resources.Volume, volume: resources.Volume | None, volume_type: str
) -> Verdict:
    """What a retype by Cinder has come to, of a volume in use or not.

    Cinder sets the status to "retyping" before it answers, but keeps an
    earlier migration_status until a copy starts, and a retype that it drops
    (a volume with snapshots, a policy that forbids the move) ends without
    any word: only the type tells.  One that stays inside its backend never
    touches migration_status.
    """
    if volume is None:
        return failed('the volume was deleted during its retype')
    if volume.migration_status in resources.VOLUME_MOVING:
        return running(
            f'copying for type {volume_type}, {volume.migration_status}'
        )
    if volume.status not in ('available', 'in-use'):
        if volume.status.startswith('error'):
            return failed(f'the volume is in {volume.status}')
        return running(f'retyping to {volume_type}')
    if volume.type == volume_type:
        if _has_lost_its_server(volume):
            return _without_server(volume)
        return done(
            f'retyped from {before.type} to {volume.type}, '
            f'now on {volume.host}',
            provisional=volume.migration_status != 'success'
            or before.migration_status == 'success',
        )
    if volume.migration_status == 'error' != before.migration_status:
        return failed(
            f'Cinder could not copy it for type {volume_type}; the volume is '
            f'{volume.status} and unharmed on {volume.host}'
        )
    return failed(
        f'Cinder dropped the retype to {volume_type} and gave no reason; '
        'snapshots, or no pool with room, are the usual causes',
        provisional=True,
    )


def _has_lost_its_server(volume: resources.Volume) -> bool:
    """Whether a volume in use has no attachment, to a server or a host.

    Cinder moves the attachment over after it has called the migration a
    success, and after it has begun to delete the old data.  A backend that
    deletes at once takes the attachment with them, and Nova keeps what it
    knew of the volume before (cinder.volume.manager,
    migrate_volume_completion).
    """
    attached = volume.server_ids or volume.host_names
    return volume.status == 'in-use' and not attached


def _without_server(volume: resources.Volume) -> Verdict:
    return failed(
        f'the data are on {volume.host}, but Cinder has lost the attachment: '
        'stop the server and attach the volume anew',
        provisional=True,
    )


def _has_stayed(
    server: resources.Server, migration: resources.Migration
) -> bool:
    """Whether the server is at its source, whatever its record says."""
    return server.host == migration.source != migration.dest


def _stayed(
    server: resources.Server, migration: resources.Migration
) -> Verdict:
    """A record says that it has gone well, and the server is at its source.

    Releases of Nova without ``_post_live_migration_update_host`` call a live
    migration completed even where its destination did not answer.  While the
    server has a task state the destination may still be at work.
    """
    text = (
        f'migration record {migration.id} says {migration.status}, but the '
        f'server is {server.status} on {server.host} still'
    )
    if server.task_state is not None:
        return running(text)
    return failed(text, provisional=True)


def _unfinished(
    server: resources.Server, migration: resources.Migration, what: str
) -> Verdict:
    """The part that live and cold migrations share: not done."""
    if migration.status in _GIVEN_UP:
        if server.task_state is not None:
            return running(f'ending on {server.host}')
        if server.status == 'ERROR':
            return failed(_in_error(server))
        if migration.status == 'cancelled':
            return Verdict(
                Outcome.CANCELLED,
                f'{what} cancelled; the server is {server.status} on '
                f'{server.host}',
            )
        return failed(
            f'{what} {migration.status}; the server is {server.status} on '
            f'{server.host}'
        )
    stage = _STAGES.get(migration.status, migration.status).format(
        source=migration.source, dest=migration.dest or 'a host'
    )
    if server.progress and migration.status in (
        'running',
        resources.POST_COPY,
    ):
        stage += f', {_memory_left(server)}'
    return running(stage)


def _memory_left(server: resources.Server) -> str:
    """How much of its memory has yet to be copied.

    Nova's progress is the percentage of the memory that is not left to be
    copied (``nova.virt.libvirt``); it falls when the guest writes faster.
    """
    left = server.memory_mb * (100 - server.progress) / 100
    if server.memory_mb < _GIB_MB:
        return f'memory {left:.0f} of {server.memory_mb} MiB left'
    total = server.memory_mb / _GIB_MB
    return f'memory {left / _GIB_MB:.1f} of {total:.1f} GiB left'


def _in_error(server: resources.Server) -> str:
    return f'the server is in ERROR on {server.host}' + (
        f': {server.fault}' if server.fault else ''
    )
