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

"""What Nova and Cinder show of a resource, in the fields that decide.

The border (``zone_migration.client``) makes these from what the clients
return; nothing else in the package knows an attribute of a foreign object.
"""

import dataclasses

#: Cinder's migration_status while it works on a migration.
VOLUME_MOVING = frozenset({'starting', 'migrating', 'completing'})


@dataclasses.dataclass(frozen=True)
class Server:
    """A server as ``GET /servers/{id}`` shows it to an administrator."""

    id: str
    name: str
    #: ACTIVE, SHUTOFF, PAUSED, VERIFY_RESIZE, MIGRATING, RESIZE, ERROR, ...
    status: str
    #: The compute service it is on; None while it has none (shelved, BUILD).
    host: str | None
    task_state: str | None = None
    vm_state: str | None = None
    #: Nova's number: 1 running, 3 paused, 4 shut down.
    power_state: int = 0
    #: Percent of a running live migration, 0 otherwise.
    progress: int = 0
    #: Nova's last fault; Nova shows it in status ERROR only.
    fault: str = ''
    memory_mb: int = 0
    disk_gb: int = 0
    volume_ids: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Migration:
    """A record of ``GET /os-migrations``."""

    id: int
    server_id: str
    #: live-migration, migration (cold), resize, evacuation
    type: str
    #: accepted, queued, preparing, running, completed, failed, error, ...
    status: str
    source: str | None
    dest: str | None


@dataclasses.dataclass(frozen=True)
class ComputeHost:
    """A nova-compute service, by the host name that servers show."""

    name: str
    enabled: bool
    up: bool


@dataclasses.dataclass(frozen=True)
class Volume:
    """A volume as ``GET /volumes/{id}`` shows it to an administrator."""

    id: str
    name: str
    #: available, in-use, maintenance, retyping, error, ...
    status: str
    #: The pool as ``host@backend#pool``; None before it was scheduled.
    host: str | None
    type: str | None
    #: None, starting, migrating, completing, success or error.  Cinder keeps
    #: the last one, so "success" may be that of an earlier migration.
    migration_status: str | None = None
    size_gb: int = 0
    server_ids: tuple[str, ...] = ()
    group_id: str | None = None

    @property
    def is_moving(self) -> bool:
        """Whether Cinder is migrating or retyping it now."""
        return (
            self.status == 'retyping' or self.migration_status in VOLUME_MOVING
        )


@dataclasses.dataclass(frozen=True)
class Pool:
    """A storage pool, by its name ``host@backend#pool``."""

    name: str
    #: Infinity where the backend does not tell.
    free_gb: float


def same_pool(wanted: str, actual: str | None) -> bool:
    """Whether a pool is the wanted one, or one in the wanted backend.

    Cinder lets its scheduler fill in the pool when only ``host@backend`` is
    given.

    >>> same_pool('block1@b3', 'block1@b3#b3')
    True
    >>> same_pool('block1@b3#other', 'block1@b3#b3')
    False
    """
    if actual is None:
        return False
    return actual == wanted or actual.partition('#')[0] == wanted
