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

"""What an audit allows to be done to some servers, and not to all."""

from zone_migration.logic import cloud_inventory
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import params


def resolve(
    parameter: str,
    permission: params.Permission,
    inventory: cloud_inventory.Inventory,
) -> tuple[frozenset[str], list[str], list[errors.Fault]]:
    """Return the ids of the servers that it may be done to.

    A name or a glob means servers and the servers of projects alike.

    :param parameter: the name of the parameter that gives the permission.
    :returns: with the ids that nothing has (any more), which may be those of
        deleted servers or projects, and a fault for each name that means
        nothing: it is misspelt, and its server would not be moved.
    """
    servers = inventory.servers.values()
    if permission.of_all:
        return frozenset(inventory.servers), [], []
    wanted = sorted(permission.names)
    by_server = globs.matching_ids(wanted, {s.id: s.name for s in servers})
    by_project = globs.matching_ids(
        wanted,
        {**{s.project_id: '' for s in servers}, **inventory.projects},
    )
    projects = {id_ for ids in by_project.values() for id_ in ids}
    allowed = {id_ for ids in by_server.values() for id_ in ids} | {
        server.id for server in servers if server.project_id in projects
    }
    unknown = [n for n in wanted if not by_server[n] and not by_project[n]]
    faults = [
        errors.Fault(
            parameter,
            f'there is no server and no project with the name {name!r}: '
            'correct it, or leave it out',
        )
        for name in unknown
        if not globs.is_id(name)
    ]
    return frozenset(allowed), [n for n in unknown if globs.is_id(n)], faults
