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

"""Whether a server can leave a host without being moved.

One that is shelved is offloaded; one that has been resized or migrated cold
away keeps room on the host that it has left until that is confirmed.  As in
:mod:`~zone_migration.logic.preflight.server_checks`, the preflight decides so,
and the action again when it starts.
"""

from collections.abc import Iterable

from zone_migration.logic import resources
from zone_migration.logic.preflight import already_there
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import server_checks
from zone_migration.logic.preflight import server_states

#: Nova's task while it offloads a shelved server.
OFFLOADING = 'shelving_offloading'


def offload(
    wanted: decisions.ServerMove, server: resources.Server | None
) -> decisions.Decision:
    """Whether a shelved server can be offloaded.

    :param wanted: with the host that it is to leave as ``source``.
    """
    if server is None:
        return decisions.gone(wanted)
    if server.status == 'SHELVED_OFFLOADED' and server.host is None:
        return decisions.skip(already_there.is_offloaded())
    if server.host is not None and server.host != wanted.source:
        return decisions.skip(
            already_there.elsewhere('server', server.host, wanted.source)
        )
    if server.task_state == OFFLOADING or server.status == 'SHELVED_OFFLOADED':
        return decisions.adopt('Nova offloads it already')
    if server.status != 'SHELVED' and server.task_state is None:
        return decisions.refuse(
            f'the server is {server.status} on {server.host}, not SHELVED: '
            'repeat the audit to have it moved'
        )
    return server_checks.busy(server) or decisions.START


def confirm(
    wanted: decisions.ServerMove,
    server: resources.Server | None,
    migrations: Iterable[resources.Migration],
    source: resources.ComputeHost | None,
) -> decisions.Decision:
    """Whether the resize or cold migration of a server can be confirmed.

    :param wanted: with the host that the server has left as ``source``.
    :param migrations: the server's records.
    :param source: that host, None if Nova does not show it.
    """
    if server is None:
        return decisions.gone(wanted)
    newest = max(migrations, key=lambda m: m.id, default=None)
    if server.host == wanted.source:
        return decisions.refuse(
            f'the server is {server.status} on {server.host}: repeat the audit'
        )
    if newest is None or newest.source != wanted.source:
        return decisions.skip(
            f'the server waits for no confirmation from {wanted.source}, it '
            f'is {server.status} on {server.host}'
        )
    what = f'{newest.type} {newest.id}'
    if newest.status == 'confirmed':
        return decisions.skip(
            already_there.is_confirmed(newest.type, newest.id)
        )
    if newest.status == 'confirming':
        return decisions.adopt(f'{what} is being confirmed already')
    if newest.status != 'finished':
        return decisions.refuse(
            f'{what} is {newest.status}, the server is {server.status} on '
            f'{server.host}: repeat the audit'
        )
    # Nova writes the record down a moment before the server.
    busy = server_checks.busy(server)
    if busy is not None:
        return busy
    if server.status == resources.UNKNOWN:
        remedy = server_states.of(server.status).remedy
        return decisions.refuse(f'the server is {server.status}: {remedy}')
    if server.status != 'VERIFY_RESIZE':
        return decisions.refuse(
            f'{what} waits for its confirmation, but the server is '
            f'{server.status} on {server.host}, and Nova confirms it no more: '
            f'"openstack resource provider allocation delete {newest.uuid}" '
            f'frees its room on {newest.source}'
        )
    return source_down(newest, source) or decisions.START


def source_down(
    migration: resources.Migration, source: resources.ComputeHost | None
) -> decisions.Decision | None:
    """Refuse what cannot be confirmed; None if it can.

    Nova has nova-compute on the old host remove what is left there, and waits
    for that without an end.

    :param source: that host, None if it is not known.
    """
    if source is None or source.up:
        return None
    return decisions.refuse(
        f'{migration.type} {migration.id} cannot be confirmed: nova-compute '
        f'on {source.name}, which the server has left, is down: bring it up'
    )
