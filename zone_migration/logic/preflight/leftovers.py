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

"""What Placement has on hosts to empty for nothing that is there."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.preflight import risk_text


def of_host(
    host: str,
    consumers: Iterable[str],
    servers: Mapping[str, resources.Server],
    migrations: Iterable[resources.Migration],
) -> Iterator[cloud_inventory.Leftover]:
    """What Placement has allocations of on a host, and that is not there.

    A server holds its new host before it shows there, and a migration the old
    one by its own id until it has ended.

    :param consumers: the ids of allocations there, of no server on the host.
    :param servers: those that have such an id.
    :param migrations: the records of the host.
    """
    records = {one.uuid: one for one in migrations if one.uuid}
    coming = {one.server_id for one in records.values() if not _has_ended(one)}
    for id_ in consumers:
        server, record = servers.get(id_), records.get(id_)
        if record is not None:
            if _has_ended(record):
                yield cloud_inventory.Leftover(
                    f'{record.type} {record.id} ({record.status})',
                    f'openstack server show {record.server_id} tells whether '
                    'it is the room of a server there',
                )
        elif server is None:
            yield cloud_inventory.Leftover(
                f'{id_}, which nothing has',
                'nova-manage placement audit --verbose',
            )
        elif server.host not in (None, host) and id_ not in coming:
            yield cloud_inventory.Leftover(
                f'server {id_}, which is on {server.host}',
                'openstack resource provider allocation show tells which is '
                'wrong',
            )


def _has_ended(migration: resources.Migration) -> bool:
    """Whether Nova does nothing more for it."""
    return not (
        migration.is_in_flight
        or migration.status in ('finished', 'confirming', 'reverting')
    )


def risks(inventory: cloud_inventory.Inventory) -> list[str]:
    """That Placement has something for nothing on hosts to empty."""
    return [
        _risk(host, left) for host, left in sorted(inventory.leftovers.items())
    ]


def _risk(host: str, left: Collection[cloud_inventory.Leftover]) -> str:
    """The risk of what Placement has for nothing on a host."""
    first = next(iter(left))
    more = f' and {len(left) - 1} more' if len(left) > 1 else ''
    return (
        f'Placement has {risk_text.count(len(left), "allocation")} on {host} '
        f'of nothing there, {first.text}{more}: {first.remedy}'
    )
