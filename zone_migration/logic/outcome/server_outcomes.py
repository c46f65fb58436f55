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

"""The outcome of the migration of a server, by what Nova shows.

The rules come from what Nova 34 was observed to do.
"""

import dataclasses

from zone_migration.logic import resources
from zone_migration.logic.outcome import action_text
from zone_migration.logic.outcome import outcomes

#: Nova's status of a migration record that has ended without success.
_GIVEN_UP = frozenset({'failed', 'error', 'cancelled', 'reverted'})

#: Nova's power state of a guest that runs.
_RUNS = 1

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


def live_migration(
    server: resources.Server | None,
    migration: resources.Migration | None,
    ahead: int = 0,
) -> outcomes.Outcome:
    """The outcome of a live migration.

    Only the record decides: the server shows ACTIVE on its new host up to
    0.3 s before the record says completed, and a copy that failed shows in
    the record alone.  The server decides when its host and task state are
    those that the end of the record promises.

    :param migration: the record of this migration, None while there is none.
    :param ahead: how many live migrations of its source host Nova has got
        before this one.
    """
    if server is None:
        return outcomes.failed('the server was deleted during its migration')
    if migration is None:
        return outcomes.running('accepted by Nova')
    outcome = _live_migration(server, migration, ahead)
    if outcome.kind not in (
        outcomes.Kind.FAILED,
        outcomes.Kind.CANCELLED,
    ):
        return outcome
    if server.status == 'ERROR':
        return dataclasses.replace(
            outcome, stranded=is_stranded(server, migration)
        )
    # Nova may put the server in ERROR a moment after the record has ended:
    # after it says "error" (nova.compute.manager, _do_live_migration), and
    # with libvirt's driver also after it has rolled back and said failed or
    # cancelled, because the job of libvirt has ended with an error.  Not
    # where no host was found that could have begun.
    return dataclasses.replace(outcome, provisional=bool(migration.dest))


def _live_migration(
    server: resources.Server, migration: resources.Migration, ahead: int
) -> outcomes.Outcome:
    """The outcome, as if nothing followed the end of the record."""
    if migration.status == 'completed':
        if _has_stayed(server, migration):
            return _stayed(server, migration)
        if server.task_state is None and server.host == migration.dest:
            return outcomes.done(
                f'migrated from {migration.source} to {server.host}'
            )
        return outcomes.running(f'starting on {migration.dest}')
    if migration.status == 'queued':
        others = {0: 'other live migrations', 1: '1 other live migration'}
        behind = others.get(ahead, f'{ahead} other live migrations')
        return outcomes.Outcome(
            outcomes.Kind.RUNNING,
            f'{action_text.QUEUED} behind {behind} of {migration.source}',
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
    """The remedy for a stranded server whose guest runs."""
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
    server: resources.Server | None,
    migration: resources.Migration | None,
    is_cancelled: bool = False,
) -> outcomes.Outcome:
    """The outcome of a cold migration, up to where it can be confirmed.

    The record can say finished 0.3 s before the server says VERIFY_RESIZE
    and clears its task state; a confirmation before that is refused.
    One that is cancelled is reverted instead.
    """
    if server is None:
        return outcomes.failed('the server was deleted during its migration')
    if migration is None:
        return outcomes.running('accepted by Nova')
    settled = server.task_state is None
    if migration.status == 'finished' and server.status == 'ERROR' and settled:
        return outcomes.failed(_in_error(server))
    if migration.status in ('finished', 'confirmed') and _has_stayed(
        server, migration
    ):
        return _stayed(server, migration)
    if migration.status == 'finished' and settled:
        if server.status == 'VERIFY_RESIZE':
            then = 'reverted' if is_cancelled else 'confirmed'
            return outcomes.done(f'moved to {server.host}, to be {then}')
    if migration.status == 'confirmed' and settled:
        return outcomes.done(
            f'migrated from {migration.source} to {server.host}'
        )
    if migration.status == 'finished' and is_cancelled:
        return outcomes.running(f'moved to {server.host}, to be reverted')
    return _unfinished(server, migration, 'cold migration')


def confirmation(
    server: resources.Server | None,
    migration: resources.Migration,
    status: str,
) -> outcomes.Outcome:
    """The outcome of the confirmation of a cold migration.

    :param status: the status that the server had before it was moved, and
        must have again.
    """
    if server is None:
        return outcomes.failed(
            'the server was deleted during its confirmation'
        )
    if server.status == 'ERROR' or migration.status == 'error':
        return outcomes.failed(
            f'the confirmation on {server.host} failed: {_in_error(server)}'
        )
    if migration.status != 'confirmed' or server.task_state is not None:
        return outcomes.running(f'confirming on {server.host}')
    if _has_stayed(server, migration):
        return _stayed(server, migration)
    if server.status == status:
        return outcomes.done(
            f'migrated from {migration.source} to {server.host}'
        )
    return outcomes.failed(
        f'moved to {server.host}, but the server is {server.status}, '
        f'it was {status}',
        provisional=True,
    )


def reversion(
    server: resources.Server | None,
    migration: resources.Migration,
    status: str,
) -> outcomes.Outcome:
    """The outcome of the reversion of an unconfirmed cold migration."""
    if server is None:
        return outcomes.failed(
            'the server was deleted while it was going back'
        )
    if server.status == 'ERROR' or migration.status == 'error':
        return outcomes.failed(f'could not go back: {_in_error(server)}')
    if (
        migration.status == 'reverted'
        and server.task_state is None
        and server.status == status
    ):
        return outcomes.done(f'is back on {server.host}')
    return outcomes.running(f'going back to {migration.source}')


def _has_stayed(
    server: resources.Server, migration: resources.Migration
) -> bool:
    """Whether the server is at its source, whatever its record says."""
    return server.host == migration.source != migration.dest


def _stayed(
    server: resources.Server, migration: resources.Migration
) -> outcomes.Outcome:
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
        return outcomes.running(text)
    return outcomes.failed(text, provisional=True)


def _unfinished(
    server: resources.Server, migration: resources.Migration, what: str
) -> outcomes.Outcome:
    """The part that live and cold migrations share: not done."""
    if migration.status in _GIVEN_UP:
        if server.task_state is not None:
            return outcomes.running(f'ending on {server.host}')
        if server.status == 'ERROR':
            return outcomes.failed(_in_error(server))
        if migration.status == 'cancelled':
            return outcomes.Outcome(
                outcomes.Kind.CANCELLED,
                f'{what} cancelled; the server is {server.status} on '
                f'{server.host}',
            )
        return outcomes.failed(
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
    return outcomes.running(stage)


def _memory_left(server: resources.Server) -> str:
    """How much of its memory has yet to be copied.

    Nova's progress is the percentage of the memory that is not left to be
    copied (``nova.virt.libvirt``); it falls when the guest writes faster.
    """
    left = server.memory_mb * (100 - server.progress) / 100
    return action_text.memory_left(left, server.memory_mb)


def _in_error(server: resources.Server) -> str:
    """Tell that a server is in ERROR, with its fault."""
    return f'the server is in ERROR on {server.host}' + (
        f': {server.fault}' if server.fault else ''
    )
