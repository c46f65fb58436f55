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

"""The kinds of failures of moves, and which of them are worth another try."""

from collections.abc import Iterable
import dataclasses
import re

from zone_migration.logic import resources


@dataclasses.dataclass(frozen=True)
class Failure:
    """A kind of failure."""

    what: str
    #: Whether the move may go well when it is tried again.
    is_worth_another: bool
    #: Why, or why not.
    why: str


NO_HOST = Failure(
    'Nova found no host for the server',
    True,
    'a host may have room by then, or be up again',
)
ENDED = Failure(
    'Nova has ended the migration (a copy that was rolled back, a check '
    'before it, a timeout of its message queue), and the server is as it was',
    True,
    'the cause may have passed, and another host need not have it',
)
STALLED = Failure(
    'the live migration made no progress and was aborted',
    True,
    'the guest may write less by then, and the network be less busy',
)
LOST = Failure(
    'the request was lost: its answer did not come, and nothing was begun',
    True,
    'it is the connection or the message queue that has failed',
)
VOLUME = Failure(
    'Cinder could not move the volume, which is unharmed where it was',
    True,
    'the cause may have passed',
)
DROPPED = Failure(
    'Cinder dropped the retype',
    True,
    'a pool may have room by then',
)
REFUSED = Failure(
    'Nova or Cinder refused the request, or the action did',
    False,
    'what is not allowed, not possible or in the wrong state stays so',
)
UNFIT = Failure(
    'the named destination has another CPU or hypervisor, or does not share '
    'the storage',
    False,
    'it has that the next time as well',
)
BY_OTHERS = Failure(
    'somebody has cancelled the migration in Nova',
    False,
    'whoever it was wants the server to stay',
)
HARMED = Failure(
    'the server or volume is not as it was: in ERROR, busy, or without its '
    'attachment',
    False,
    'a person has to look at it first',
)
MOVED = Failure(
    'it is not where it was, or its record says that it is not',
    False,
    'nobody knows for certain where it runs, or has its data',
)
IN_FLIGHT = Failure(
    'the move may go on',
    False,
    'a second one would meet the first',
)
GONE = Failure(
    'the server or volume was deleted',
    False,
    'there is nothing to move',
)
UNSEEN = Failure(
    'it cannot be seen how the failure has left it',
    False,
    'it may be harmed, or moving still',
)

#: All kinds, those that are worth another try first.
KINDS = (
    NO_HOST,
    ENDED,
    STALLED,
    LOST,
    VOLUME,
    DROPPED,
    REFUSED,
    UNFIT,
    BY_OTHERS,
    HARMED,
    MOVED,
    IN_FLIGHT,
    GONE,
    UNSEEN,
)

#: Nova's statuses of a record that has ended with the server at its source.
_ENDED = frozenset({'failed', 'error', 'cancelled', 'reverted'})

#: Nova's statuses of a server that can be migrated.
_MOVABLE = ('ACTIVE', 'PAUSED', 'SHUTOFF')

#: Cinder's statuses of a volume that can be moved.
_UNHARMED = ('available', 'in-use')

#: Nova's power state of a guest that runs.
_RUNS = 1

#: What Nova and libvirt say of a host that a server cannot go to.
_UNFIT = re.compile(
    r'CPU (info|doesn.t have|is incompatible|feature)|InvalidCPUInfo|'
    r'guest CPU|is not on (shared|local) storage|hypervisor (type|version)|'
    r'[Uu]nable to migrate .* to current host'
)


def is_no_valid_host(reason: str) -> bool:
    """Whether a failure's reason is that no host has room for the server.

    Nova says the same of a named destination that is full and of one that
    fails a check before the migration.
    """
    return 'No valid host' in reason


def of_server(
    reason: str,
    source: str,
    status: str,
    server: resources.Server | None,
    migrations: Iterable[resources.Migration],
    is_named: bool,
) -> Failure:
    """The kind of the failure of a migration that has left a server so.

    That no host was found Nova's reason alone tells.

    :param reason: why it has failed.
    :param source: the host that it was to leave.
    :param status: what it was before; '' where it was migrating already.
    :param server: the server now, None if it is gone.
    :param migrations: its records now.
    :param is_named: whether the plan names its destination.
    """
    if server is None:
        return GONE
    newest = max(migrations, key=lambda record: record.id, default=None)
    if newest is not None and newest.is_in_flight:
        return IN_FLIGHT
    if server.host != source or (
        newest is not None
        and newest.source == source
        and newest.status not in _ENDED
    ):
        return MOVED
    if (
        server.status not in ((status,) if status else _MOVABLE)
        or server.task_state is not None
        or (
            server.status == 'ACTIVE'
            and server.power_state not in (None, _RUNS)
        )
    ):
        return HARMED
    if is_named and _UNFIT.search(reason):
        return UNFIT
    return ENDED


def of_volume(
    reason: str, before: resources.Volume, volume: resources.Volume | None
) -> Failure:
    """The kind of the failure of a move that has left a volume so.

    :param reason: why it has failed.
    :param before: the volume before the move.
    :param volume: the same now, None if it is gone.
    """
    if volume is None:
        return GONE
    if volume.is_moving:
        return IN_FLIGHT
    if (volume.host, volume.type) != (before.host, before.type):
        return MOVED
    expected = (before.status,) if before.status in _UNHARMED else _UNHARMED
    if volume.status not in expected or (
        set(before.server_ids) - set(volume.server_ids)
    ):
        return HARMED
    return DROPPED if 'dropped the retype' in reason else VOLUME
