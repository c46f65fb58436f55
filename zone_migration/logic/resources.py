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

"""Resources as Nova and Cinder show them, in the fields that decide.

The border (``zone_migration.client``) makes these from what the clients
return; nothing else in the package knows an attribute of a foreign object.
Each text in them is one line: see :class:`_Escaped`.
"""

from collections.abc import Mapping
import dataclasses
import math

from zone_migration.logic import messages

#: Nova's status of a live migration whose guest runs at its destination
#: already, with some of its memory still at the source.
POST_COPY = 'running (post-copy)'

#: Nova's status of a server whose cell does not answer.
UNKNOWN = 'UNKNOWN'

#: Nova's statuses of a migration record that has not ended.
MIGRATING = frozenset(
    ('accepted', 'queued', 'preparing', 'running', POST_COPY)
    + ('pre-migrating', 'migrating', 'post-migrating')
)

#: Cinder's migration_status while it works on a migration.
VOLUME_MOVING = frozenset({'starting', 'migrating', 'completing'})


class _Escaped:
    """Texts of a service, with control characters escaped.

    The owner of a server chooses its name, and names, faults and reasons go
    into the log and to operators.
    """

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            shown = value
            if isinstance(value, str):
                shown = messages.escaped(value)
            elif isinstance(value, tuple):
                shown = tuple(map(messages.escaped, value))
            if shown != value:
                object.__setattr__(self, name, shown)


@dataclasses.dataclass(frozen=True)
class Server(_Escaped):
    """A server as ``GET /servers/{id}`` shows it to an administrator."""

    id: str
    name: str
    #: ACTIVE, SHUTOFF, PAUSED, VERIFY_RESIZE, MIGRATING, RESIZE, ERROR, ...
    status: str
    #: The compute service it is on; None while it has none (shelved, BUILD).
    host: str | None
    task_state: str | None = None
    vm_state: str | None = None
    #: Nova's number: 1 running, 3 paused, 4 shut down; None: it is not shown.
    power_state: int | None = None
    #: Percent of a running live migration, 0 otherwise.
    progress: int = 0
    #: Nova's last fault; Nova shows it in status ERROR only.
    fault: str = ''
    vcpus: int = 0
    memory_mb: int = 0
    #: Local disks, as Placement counts them: none for a root disk that is a
    #: volume.
    disk_gb: int = 0
    volume_ids: tuple[str, ...] = ()
    project_id: str = ''
    #: ISO 8601, UTC.
    created_at: str = ''
    #: When Nova last changed anything in it; ISO 8601, UTC.
    updated_at: str | None = dataclasses.field(default=None, compare=False)
    locked: bool = False
    #: The availability zone that its owner has asked for; '' for none.
    pinned_zone: str = ''
    #: Those of its flavor.
    extra_specs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: Those of its image, as they were when it was created; empty where they
    #: are not known, as those of a server that boots from a volume.
    image_properties: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )
    #: Whether Nova shows them.
    image_known: bool = False
    #: The scheduler hints that it was created with.
    hints: Mapping[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )


@dataclasses.dataclass(frozen=True)
class Migration(_Escaped):
    """A record of ``GET /os-migrations``."""

    id: int
    server_id: str
    #: live-migration, migration (cold), resize, evacuation
    type: str
    #: accepted, queued, preparing, running, completed, failed, error, ...
    status: str
    source: str | None
    dest: str | None
    #: When Nova last changed anything in it, its figures of what has been
    #: copied too.
    updated_at: str | None = None
    #: When Nova made it, ``2026-11-28T03:14:05.000000``, UTC.
    created_at: str = ''
    #: By which Placement knows what it still holds at its source.
    uuid: str = ''

    @property
    def is_in_flight(self) -> bool:
        """Whether it has not ended."""
        return self.status in MIGRATING


@dataclasses.dataclass(frozen=True)
class ComputeHost(_Escaped):
    """A nova-compute service, by the host name that servers show."""

    name: str
    enabled: bool
    up: bool
    disabled_reason: str = ''
    #: Its availability zone.
    zone: str = ''


@dataclasses.dataclass(frozen=True)
class Aggregate(_Escaped):
    """A host aggregate, by its name."""

    name: str
    hosts: frozenset[str] = frozenset()
    #: The key ``availability_zone`` makes it one.
    metadata: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class ServerGroup(_Escaped):
    """A server group with its policy."""

    id: str
    name: str
    #: affinity, anti-affinity, soft-affinity or soft-anti-affinity
    policy: str
    server_ids: tuple[str, ...] = ()
    #: For anti-affinity.
    max_server_per_host: int = 1


@dataclasses.dataclass(frozen=True)
class VolumeType(_Escaped):
    """A volume type, by its name."""

    name: str
    #: The provider of its encryption, such as luks or luks2; empty for none,
    #: None where nobody has looked.
    encryption: str | None = None
    #: Whether its volumes can have several attachments; None where Cinder
    #: does not tell.
    multiattach: bool | None = None
    #: The availability zones that bind its volumes, none for any; None where
    #: that of a volume binds it.
    zones: tuple[str, ...] | None = None
    #: The sizes of the volumes that it takes.
    min_gb: int = 0
    max_gb: float = math.inf
    #: The id of its QoS specs; empty for none.
    qos_id: str = ''
    #: Whether these are for the hypervisor, and not for the backend alone.
    front_end_qos: bool = False


@dataclasses.dataclass(frozen=True)
class Volume(_Escaped):
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
    #: ``target:<id>`` for the copy that a migration makes, ``deleting`` for
    #: the data that it leaves behind.
    migration_status: str | None = None
    size_gb: int = 0
    server_ids: tuple[str, ...] = ()
    #: The hosts that it is attached to without a server, such as an image
    #: store that keeps its images in Cinder.
    host_names: tuple[str, ...] = ()
    group_id: str | None = None
    project_id: str = ''
    #: ISO 8601, UTC.
    created_at: str = ''
    #: When Cinder last changed anything in it; ISO 8601, UTC.
    updated_at: str | None = dataclasses.field(default=None, compare=False)
    multiattach: bool = False
    encrypted: bool = False
    #: Whether Cinder replicates it (``replication_status``).
    replicated: bool = False
    #: Its availability zone.
    zone: str = ''

    @property
    def is_moving(self) -> bool:
        """Whether Cinder is migrating or retyping it now."""
        return (
            self.status == 'retyping' or self.migration_status in VOLUME_MOVING
        )

    @property
    def is_copy(self) -> bool:
        """Whether it is a second row that a migration made of a volume.

        It is listed like any other volume: what Cinder copies the data to,
        while a migration runs and after one that failed before its end
        (``target:`` and the id of the volume that is migrated), and the old
        data that it deletes after one that went well.  Those that it could
        not delete (status ``error_deleting``) are left in their pool.
        """
        return bool(self.copy_of) or (
            self.status == self.migration_status == 'deleting'
        )

    @property
    def copy_of(self) -> str:
        """The id of the volume that Cinder copies to this one; or ''."""
        kind, _, volume_id = (self.migration_status or '').partition(':')
        return volume_id if kind == 'target' else ''

    def may_be_in(self, pool: str) -> bool:
        """Whether it is in a pool, as far as its host tells.

        That of a volume which is older than pools names its backend only.
        """
        return self.host is not None and same_pool(self.host, pool)


@dataclasses.dataclass(frozen=True)
class Pool(_Escaped):
    """A storage pool, by its name ``host@backend#pool``."""

    name: str
    #: What Cinder still places there, by sizes of volumes: more than what is
    #: not written yet where it may be promised several times.  Infinity where
    #: the backend does not tell.
    free_gb: float
    #: The volume types that it serves.
    types: frozenset[str] = frozenset()
    #: What Cinder still places there of thick volumes.
    thick_free_gb: float = 0.0
    #: Those of its types whose volumes are thick.
    thick_types: frozenset[str] = frozenset()
    #: Its availability zone; empty where nobody has looked.
    zone: str = ''

    def serves(self, volume_type: str | None) -> bool:
        """Whether it takes volumes of a type; any one takes those of none."""
        return volume_type is None or volume_type in self.types

    def left_gb(self, volume_type: str | None) -> float:
        """The GB of a type's volumes that Cinder still places there."""
        if volume_type in self.thick_types:
            return self.thick_free_gb
        return self.free_gb


def backend_of(pool: str) -> str:
    """The backend of a pool.

    >>> backend_of('block1@lvm#gold'), backend_of('block1@lvm')
    ('block1@lvm', 'block1@lvm')
    """
    return pool.partition('#')[0]


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
    return wanted in (actual, backend_of(actual))
