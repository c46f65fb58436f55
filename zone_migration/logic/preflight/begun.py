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

"""Moves that an applier had begun which was stopped meanwhile.

Nobody has seen them end.  What is there now tells what has become of them.
"""

from collections.abc import Iterable
import dataclasses

from zone_migration.logic import resources
from zone_migration.logic.preflight import already_there
from zone_migration.logic.preflight import decisions

#: Nova's status of a migration that has ended well.
_WELL = frozenset({'completed', 'confirmed', 'finished'})


def migration_since(
    migrations: Iterable[resources.Migration],
    kind: str,
    since: str,
    source: str = '',
    arrived_on: str = '',
) -> resources.Migration | None:
    """The migration of a server that was begun then, or soon after it.

    The first since then, as somebody else may have moved it since.  Without
    any, the newest that has led to where the server was to go: it was not
    there then, so Nova's clock is behind, or it was adopted.

    :param kind: Nova's type of it: ``live-migration`` or ``migration``.
    :param since: ``2026-11-28 03:14:05``, UTC.
    :param source: where the server was; '' if that is not known.
    :param arrived_on: where the server is, if it has nothing left to do.
    """
    ours = [
        m
        for m in migrations
        if m.type == kind and (not source or m.source == source)
    ]
    began = [
        m
        for m in ours
        if m.created_at.replace('T', ' ')[: len(since)] >= since
    ]
    if began:
        return min(began, key=lambda m: m.id)
    arrived = [m for m in ours if arrived_on and m.dest == arrived_on]
    return max(arrived, key=lambda m: m.id, default=None)


def cold_migration_since(
    migrations: Iterable[resources.Migration], since: str, source: str = ''
) -> resources.Migration | None:
    """The cold migration that was begun as a live one had failed.

    Nova makes no record of a live migration that it refuses at once.

    :param since: when the move was begun, ``2026-11-28 03:14:05``, UTC.
    :param source: where the server was; '' if that is not known.
    """
    migrations = list(migrations)
    live = migration_since(migrations, 'live-migration', since, source)
    cold = migration_since(migrations, 'migration', since, source)
    if cold is None or live is None:
        return cold
    return cold if _has_failed(live) and live.id < cold.id else None


def without_failed(
    migrations: Iterable[resources.Migration],
) -> list[resources.Migration]:
    """Those that may be of an attempt after one that has failed.

    A record that has failed tells nobody of which attempt it is: both may lie
    within a second, and Nova's clock may be ahead.  Whose ever it is, the
    attempt can be made again.
    """
    return [one for one in migrations if not _has_failed(one)]


def _has_failed(migration: resources.Migration) -> bool:
    """Whether it has ended, and not well."""
    return not migration.is_in_flight and migration.status not in _WELL


def moved_on_since(
    migration: resources.Migration,
    server: resources.Server | None,
    decision: decisions.Decision,
) -> decisions.Decision:
    """Decide on a server that somebody has moved after its migration.

    :param migration: the one that was begun; it is not the newest.
    :param decision: what it would be if nothing had been begun.
    """
    if server is None or migration.status not in _WELL:
        return decision
    text = f'migrated from {migration.source} to {migration.dest}'
    if server.host == migration.source:
        return decisions.refuse(f'{text}, and is on {server.host} again')
    return decisions.skip(f'{text}, and is on {server.host} now')


def volume_before(
    wanted: decisions.VolumeMove,
    volume: resources.Volume | None,
    source_type: str | None,
) -> resources.Volume | None:
    """A volume that has arrived, as it was before; None if it has not.

    :param source_type: what type it had when the plan was made.
    """
    if volume is None or volume.is_moving:
        return None
    if wanted.dst_type:
        arrived = volume.type == wanted.dst_type != source_type
    elif wanted.dst_hostname:
        arrived = resources.same_pool(wanted.dst_hostname, volume.host)
    else:
        arrived = bool(volume.host) and volume.host != wanted.source
    if not arrived or not (wanted.source or source_type):
        return None
    return dataclasses.replace(
        volume,
        host=wanted.source or volume.host,
        type=source_type or volume.type,
        migration_status=None,
    )


def has_arrived(
    wanted: decisions.ServerMove | decisions.VolumeMove,
    decision: decisions.Decision,
) -> bool:
    """Whether what was begun has nothing left to do because it was moved.

    It was where it had to leave when it was begun.
    """
    if decision.kind is not decisions.Kind.SKIP:
        return False
    if decision == decisions.gone(wanted):
        return False
    is_free = not wanted.dst_hostname and not getattr(wanted, 'dst_type', '')
    return is_free or already_there.is_told(decision.text)
