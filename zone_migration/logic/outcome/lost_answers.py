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

"""Whether a request whose answer was lost has begun what it asked for.

Nova and Cinder mark the server or volume before they answer, with the same
statement of SQL that makes sure that nobody else did: a sign that is there is
certain, and a second request on top of it is refused.  That there is no sign
is only certain once there has been none for a while, because the first
request may still be on its way.
"""

from collections.abc import Iterable

from zone_migration.logic import resources
from zone_migration.logic.outcome import outcomes

_BEGUN = outcomes.done('the request has arrived')
_NO_SIGN = outcomes.failed(
    'no sign of the request, its answer was lost', provisional=True
)


def server_migration(
    before: resources.Server,
    since_migration_id: int,
    server: resources.Server | None,
    migrations: Iterable[resources.Migration],
) -> outcomes.Outcome:
    """Whether a migration of a server has begun.

    The API sets the task state; the record comes a moment later, from the
    conductor, and stays when all is over.

    :param before: the server as it was before the request.
    :param since_migration_id: that of the newest record before the request.
    """
    begun = (
        server is None
        or server.task_state is not None
        or server.host != before.host
        or any(migration.id > since_migration_id for migration in migrations)
    )
    return _BEGUN if begun else _NO_SIGN


def conclusion(
    server: resources.Server | None, migration: resources.Migration | None
) -> outcomes.Outcome:
    """Whether the confirmation or reversion of a cold migration has begun.

    The API sets the record to "confirming" or "reverting".
    """
    begun = (
        server is None
        or server.status != 'VERIFY_RESIZE'
        or server.task_state is not None
        or migration is None
        or migration.status != 'finished'
    )
    return _BEGUN if begun else _NO_SIGN


def pin(server: resources.Server | None, zone: str) -> outcomes.Outcome:
    """Whether a server was pinned, or unpinned; to ask again does no harm.

    :param server: with the zone that it is pinned to.
    :param zone: that it was to be pinned to; '' for none.
    """
    pinned = server is None or server.pinned_zone == zone
    return _BEGUN if pinned else _NO_SIGN


def volume_move(
    before: resources.Volume, volume: resources.Volume | None
) -> outcomes.Outcome:
    """Whether a migration or retype of a volume has begun.

    The API sets migration_status to "starting", or the status to "retyping".
    A retype that Cinder drops at once leaves no sign; to ask for it again
    does no harm.

    :param before: the volume as it was before the request.
    """
    begun = (
        volume is None
        or volume.is_moving
        or (volume.host, volume.type, volume.migration_status)
        != (before.host, before.type, before.migration_status)
    )
    return _BEGUN if begun else _NO_SIGN
