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

"""The request of an audit, parsed once and trusted from then on.

:mod:`zone_migration.logic.audit.parsing` makes it from the parameters.
"""

from collections.abc import Mapping
import dataclasses
import enum

#: What is done to a server that leaves a host without being moved: one that is
#: shelved there, and one whose unconfirmed resize keeps room on the host that
#: it has left.
OFFLOAD = 'offload'
CONFIRM = 'confirm'


@dataclasses.dataclass(frozen=True)
class ServerItem:
    """One server of the audit; empty strings stand for "not given"."""

    id: str
    status: str
    dst_hostname: str = ''
    src_hostname: str = ''
    force: bool = False
    #: Where to send it, by the choice of the preflight: hosts, of which one
    #: becomes dst_hostname.
    destinations: tuple[str, ...] = ()
    #: The path of the selector that found it; empty for one that is named.
    selector: str = ''
    #: Whether it may be down for a while, of one that runs.
    allow_downtime: bool = False
    #: Why it is migrated cold though it runs, by the choice of the preflight;
    #: empty where it is not.
    downtime: str = ''

    #: Whether it may be unpinned from its availability zone.
    may_unpin: bool = False
    #: The availability zone that it is unpinned from for its move, by the
    #: choice of the preflight; '' where it is not.
    unpin_from: str = ''
    #: Whether one that has left that zone stays unpinned.
    leave_unpinned: bool = False
    #: Whether a resize of it may be confirmed that waits for that.
    may_confirm: bool = False
    #: The same resize is confirmed before it moves, by the choice of the
    #: preflight.
    confirm_first: bool = False
    #: What is done instead of moving it: OFFLOAD or CONFIRM; '' for a move.
    instead: str = ''

    @property
    def path(self) -> str:
        """Where the audit asks for it, for its faults."""
        return self.selector or f'params.vm.{self.id}'


@dataclasses.dataclass(frozen=True)
class VolumeItem:
    """One volume of the audit; empty strings stand for "not given"."""

    id: str
    status: str
    dst_hostname: str = ''
    dst_type: str = ''
    src_hostname: str = ''
    #: Where to send it, by the choice of the preflight: pools.
    destinations: tuple[str, ...] = ()
    #: The path of the selector that found it; empty for one that is named.
    selector: str = ''

    @property
    def path(self) -> str:
        """Where the audit asks for it, for its faults."""
        return self.selector or f'params.volume.{self.id}'


class SourceKind(enum.Enum):
    """The kinds of what a compute selector empties."""

    HOST = 'compute host'
    ZONE = 'availability zone'
    AGGREGATE = 'aggregate'


@dataclasses.dataclass(frozen=True)
class ComputeSelector:
    """Compute hosts to be emptied, and where to."""

    #: For instance ``compute_nodes.0``.
    path: str
    kind: SourceKind
    #: A name, or a glob of names.
    source: str
    #: A host name or a glob of some; empty for the choice of the scheduler.
    destination: str = ''

    @property
    def key(self) -> tuple[SourceKind, str]:
        """The source, by which the entries for it are found."""
        return self.kind, self.source

    @property
    def source_path(self) -> str:
        """The path of the name of the source."""
        if self.kind is SourceKind.HOST:
            return f'{self.path}.src_node'
        return self.path


@dataclasses.dataclass(frozen=True)
class StorageSelector:
    """Storage pools to be emptied, of one volume type or of all."""

    #: For instance ``storage_pools.0``.
    path: str
    #: A name, or a glob of names.
    src_pool: str
    src_type: str = ''
    #: A pool, or a glob of some; empty when dst_type is given.
    dst_pool: str = ''
    dst_type: str = ''

    @property
    def key(self) -> tuple[str, str]:
        """The source, by which the entries for it are found."""
        return self.src_pool, self.src_type


@dataclasses.dataclass(frozen=True)
class Exclusions:
    """The resources that selectors leave alone, by ids, names and globs."""

    servers: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Permission:
    """The servers that something may be done to, which is not by default."""

    #: Whether all may.
    of_all: bool = False
    #: Ids, names and globs of servers and projects.
    names: frozenset[str] = frozenset()

    @property
    def is_given(self) -> bool:
        """Whether it may be done to any server."""
        return self.of_all or bool(self.names)


@dataclasses.dataclass(frozen=True)
class Priority:
    """Which resources start first; the first key that differs decides.

    As in Watcher's own strategy ``zone_migration``.
    """

    #: Ids or names, the most important first.
    project: tuple[str, ...] = ()
    compute_node: tuple[str, ...] = ()
    storage_pool: tuple[str, ...] = ()
    #: vcpu_num, mem_size, disk_size (the largest first), created_at (the
    #: oldest first)
    compute: tuple[str, ...] = ()
    #: size (the largest first), created_at (the oldest first)
    storage: tuple[str, ...] = ()
    #: The keys that are given, the most important first.
    keys: tuple[str, ...] = (
        'project',
        'compute_node',
        'storage_pool',
        'compute',
        'storage',
    )


@dataclasses.dataclass(frozen=True)
class Request:
    """All that one audit asks for, in the order in which it was written."""

    servers: tuple[ServerItem, ...] = ()
    volumes: tuple[VolumeItem, ...] = ()
    compute: tuple[ComputeSelector, ...] = ()
    storage: tuple[StorageSelector, ...] = ()
    exclude: Exclusions = Exclusions()
    #: None when the audit gives none.
    priority: Priority | None = None
    with_attached_volume: bool = False
    #: How many resources are moved at most; 0 is no limit.
    max_items: int = 0
    disable_compute_nodes: bool = False
    #: Hosts, or globs of some, to be enabled again if this plugin has
    #: disabled them; nothing moves then.
    enable_compute_nodes: tuple[str, ...] = ()
    disable_storage_pools: bool = False
    #: Likewise backends, or pools of theirs.
    enable_storage_pools: tuple[str, ...] = ()
    #: Whether locked servers are moved, as Nova allows its administrators.
    move_locked: bool = False
    #: The running servers that may be down for a while.
    downtime: Permission = Permission()
    #: The servers whose resizes and cold migrations are confirmed that nobody
    #: has confirmed.
    confirm_resizes: Permission = Permission()
    #: The servers that may be unpinned from their availability zones.
    unpin: Permission = Permission()
    #: Whether those that have left their zones stay unpinned.
    leave_unpinned: bool = False
    #: Whether the audit fails when anything in it cannot be moved.
    all_or_nothing: bool = False
    #: How much may run at once, by parameter, where the audit says so.
    limits: Mapping[str, int] = dataclasses.field(default_factory=dict)
