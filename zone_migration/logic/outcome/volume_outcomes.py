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

"""The outcome of the move of a volume, by what Cinder shows.

The rules come from what Cinder 29 was observed to do.
"""

from zone_migration.logic import resources
from zone_migration.logic.outcome import outcomes


def volume_migration(
    before: resources.Volume, volume: resources.Volume | None, pool: str
) -> outcomes.Outcome:
    """The outcome of a migration by Cinder, of a volume in use or not.

    Cinder sets migration_status to "starting" before it answers the request,
    so a status read afterwards is never that of an earlier migration.  At
    the end there are moments (0.1 to 0.25 s) with the new host, no
    migration_status and no attachments, hence the provisional outcomes.

    :param before: the volume as it was before the request.
    :param pool: the destination, ``host@backend#pool`` or ``host@backend``;
        empty where somebody else chose it: any other pool, then.
    """
    if volume is None:
        return outcomes.failed('the volume was deleted during its migration')
    if pool:
        arrived = resources.same_pool(pool, volume.host)
    else:
        arrived, pool = volume.host != before.host, 'another pool'
    status = volume.migration_status
    if status in resources.VOLUME_MOVING:
        return outcomes.running(f'copying to {pool}, {status}')
    if volume.status not in ('available', 'in-use'):
        if volume.status.startswith('error'):
            return outcomes.failed(f'the volume is in {volume.status}')
        return outcomes.running(f'waiting for the volume, {volume.status}')
    if arrived and _has_lost_its_server(volume):
        return _without_server(volume)
    if volume.migration_status == 'success':
        if arrived:
            return outcomes.done(
                f'migrated from {before.host} to {volume.host}'
            )
        return outcomes.failed(
            f'Cinder moved it to {volume.host}, not to {pool}'
        )
    if volume.migration_status == 'error':
        return outcomes.failed(
            f'Cinder could not migrate it to {pool}; the volume is '
            f'{volume.status} and unharmed on {volume.host}'
        )
    if arrived:
        return outcomes.done(
            f'migrated from {before.host} to {volume.host}', provisional=True
        )
    return outcomes.failed(
        f'Cinder does not migrate it any more; it is on {volume.host}',
        provisional=True,
    )


def volume_retype(
    before: resources.Volume, volume: resources.Volume | None, volume_type: str
) -> outcomes.Outcome:
    """The outcome of a retype by Cinder, of a volume in use or not.

    Cinder sets the status to "retyping" before it answers, but keeps an
    earlier migration_status until a copy starts, and a retype that it drops
    (a volume with snapshots, a policy that forbids the move) ends without
    any word: only the type tells.  One that stays inside its backend never
    touches migration_status.
    """
    if volume is None:
        return outcomes.failed('the volume was deleted during its retype')
    if volume.migration_status in resources.VOLUME_MOVING:
        return outcomes.running(
            f'copying for type {volume_type}, {volume.migration_status}'
        )
    if volume.status not in ('available', 'in-use'):
        if volume.status.startswith('error'):
            return outcomes.failed(f'the volume is in {volume.status}')
        return outcomes.running(f'retyping to {volume_type}')
    if volume.type == volume_type:
        if _has_lost_its_server(volume):
            return _without_server(volume)
        return outcomes.done(
            f'retyped from {before.type} to {volume.type}, '
            f'now on {volume.host}',
            provisional=volume.migration_status != 'success'
            or before.migration_status == 'success',
        )
    if volume.migration_status == 'error' != before.migration_status:
        return outcomes.failed(
            f'Cinder could not copy it for type {volume_type}; the volume is '
            f'{volume.status} and unharmed on {volume.host}'
        )
    return outcomes.failed(
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


def _without_server(volume: resources.Volume) -> outcomes.Outcome:
    """The failure of a volume that has lost its attachment."""
    return outcomes.failed(
        f'the data are on {volume.host}, but Cinder has lost the attachment: '
        'stop the server and attach the volume anew',
        provisional=True,
    )
