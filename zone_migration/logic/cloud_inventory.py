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

"""Everything that an audit reads of the cloud before it decides.

``zone_migration.inventory`` makes it.  Actions know single
:mod:`~zone_migration.logic.resources` only.
"""

from collections.abc import Mapping
import dataclasses
import math

from zone_migration.logic import resources
from zone_migration.logic import storage_backends


@dataclasses.dataclass(frozen=True)
class HostCapacity:
    """The free capacity of a compute host, for servers that come.

    By Placement's figures: the total less what is reserved, times the
    allocation ratio, less what is allocated.  Infinite where they are missing.
    """

    #: Shared ones and dedicated ones (VCPU and PCPU).
    vcpus: float = math.inf
    memory_mb: float = math.inf
    disk_gb: float = math.inf


@dataclasses.dataclass(frozen=True)
class Quota:
    """The free quota of a project for one volume type.

    Its quota of all types together does not count: Cinder reserves that of
    the new type only for a retype, and none for a migration.
    """

    volumes: float = math.inf
    gigabytes: float = math.inf


@dataclasses.dataclass(frozen=True)
class Leftover:
    """An allocation in Placement, on a host, of what is not there."""

    #: What that is, in words.
    text: str
    #: How to get rid of it.
    remedy: str


@dataclasses.dataclass(frozen=True)
class Inventory:
    """All resources that an audit may be about, and what decides on them."""

    #: By id, without those that do not exist.
    servers: Mapping[str, resources.Server]
    volumes: Mapping[str, resources.Volume]
    #: By name.
    hosts: Mapping[str, resources.ComputeHost] = dataclasses.field(
        default_factory=dict
    )
    pools: Mapping[str, resources.Pool] = dataclasses.field(
        default_factory=dict
    )
    volume_types: Mapping[str, resources.VolumeType] = dataclasses.field(
        default_factory=dict
    )
    #: By name.
    aggregates: Mapping[str, resources.Aggregate] = dataclasses.field(
        default_factory=dict
    )
    groups: tuple[resources.ServerGroup, ...] = ()
    #: Names by the project's id; empty when no name matters.
    projects: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: By the server's id: its migrations that decide, the newest first.
    migrations: Mapping[str, tuple[resources.Migration, ...]] = (
        dataclasses.field(default_factory=dict)
    )
    #: By the server's id: its resize, or cold migration, away from a host that
    #: the audit empties, which waits to be confirmed.
    unconfirmed: Mapping[str, resources.Migration] = dataclasses.field(
        default_factory=dict
    )
    #: All migrations of the cloud that wait to be confirmed; None where not
    #: all were asked for.
    finished: tuple[resources.Migration, ...] | None = None
    #: By name of compute hosts: the ids of their resource providers; not of
    #: all hosts.
    providers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: By host that the audit empties: what Placement has allocations of there,
    #: and that is not there.
    leftovers: Mapping[str, tuple[Leftover, ...]] = dataclasses.field(
        default_factory=dict
    )
    #: How many, by the volume's id.
    snapshots: Mapping[str, int] = dataclasses.field(default_factory=dict)
    #: By host name, for the hosts that servers are sent to.
    capacities: Mapping[str, HostCapacity] = dataclasses.field(
        default_factory=dict
    )
    #: By project id and volume type.
    quotas: Mapping[tuple[str, str], Quota] = dataclasses.field(
        default_factory=dict
    )
    #: By the server's id: what keeps it from being migrated live, in words.
    devices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: By the server's id: why Nova migrates it neither live nor cold.
    accelerators: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: The newest microversion that Nova knows, None if unknown.
    nova_version: tuple[int, int] | None = None
    #: Those of Nova's scheduler that the operator says are enabled.
    scheduler_filters: frozenset[str] = frozenset()
    #: The ids of the servers that have shares of Manila.
    sharing: frozenset[str] = frozenset()
    #: Names by the aggregate's id; empty when no id matters.
    aggregate_names: Mapping[int, str] = dataclasses.field(
        default_factory=dict
    )
    #: The only hosts that servers may leave, by the scope of the audit; None
    #: for all.
    scope: frozenset[str] | None = None
    #: The compute hosts whose servers Nova was asked for, each by itself; None
    #: where it has listed all, or where ids decide which are there.  Servers
    #: of others are there as far as they matter.
    asked_hosts: tuple[str, ...] | None = None
    #: Likewise the pools and backends whose volumes Cinder was asked for.
    asked_pools: tuple[str, ...] | None = None
    #: The storage backends by name, those that show no pools, too; where the
    #: audit disables or enables some, or may be about such pools.  None where
    #: Cinder does not tell.
    backends: Mapping[str, storage_backends.Backend] | None = (
        dataclasses.field(default_factory=dict)
    )

    @property
    def is_partial(self) -> bool:
        """Whether hosts or pools were asked for, and not everything listed."""
        return self.asked_hosts is not None or self.asked_pools is not None

    def in_scope(self, host: str) -> bool:
        """Whether the audit may move servers off a host."""
        return self.scope is None or host in self.scope
