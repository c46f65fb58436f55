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

"""Requests to Nova about hosts and aggregates."""

import collections
import functools

from zone_migration.client import nova_resources
from zone_migration.client import nova_versions
from zone_migration.client import paging
from zone_migration.client import reading
from zone_migration.client import service
from zone_migration.logic import resources


class ComputeHosts(nova_versions.VersionedNova):
    """The compute hosts of Nova, and what they are grouped in."""

    def hosts(self) -> dict[str, resources.ComputeHost]:
        """The compute hosts by name."""
        with service.errors_of('Nova'):
            found = reading.read_each(
                'compute service',
                self._client(nova_versions.READ).services.list(
                    binary='nova-compute'
                ),
                nova_resources.host,
            )
            return {host.name: host for host in found}

    def host(self, name: str) -> resources.ComputeHost | None:
        """One compute host, None if Nova does not show it.

        It shows none of a cell that is down.
        """
        with service.errors_of('Nova'):
            found = reading.read_each(
                'compute service',
                self._client(nova_versions.READ).services.list(
                    host=name, binary='nova-compute'
                ),
                nova_resources.host,
            )
            return found[0] if found else None

    def aggregates(self) -> dict[str, resources.Aggregate]:
        """The host aggregates by name."""
        with service.errors_of('Nova'):
            found = reading.read_each(
                'aggregate',
                self._client(nova_versions.READ).aggregates.list(),
                nova_resources.aggregate,
            )
            return {aggregate.name: aggregate for aggregate in found}

    def aggregate_names(self) -> dict[int, str]:
        """The name of each aggregate, by its id."""
        with service.errors_of('Nova'):
            return dict(
                reading.read_each(
                    'aggregate',
                    self._client(nova_versions.READ).aggregates.list(),
                    lambda a: (a.id, reading.text(a.name)),
                )
            )

    def providers(self) -> dict[str, str]:
        """The id of the resource provider of each compute host, by its name.

        It is that of the compute node (2.53).  Hosts with several nodes, as
        nova-compute has them for Ironic, are left out: no server is sent to
        such a host, but to one of the nodes.
        """
        hypervisors = self._client(nova_versions.READ).hypervisors
        with service.errors_of('Nova'):
            nodes = [
                node
                for page in paging.pages(
                    functools.partial(hypervisors.list, limit=paging.SIZE),
                    paging.until_empty(),
                )
                for node in reading.read_each(
                    'hypervisor', page, nova_resources.provider
                )
            ]
        counts = collections.Counter(host for host, _ in nodes)
        return {host: id_ for host, id_ in nodes if counts[host] == 1}

    def provider_of(self, host: str) -> str | None:
        """The id of the resource provider of one compute host.

        Nova finds compute nodes by a part of their names, which is that of
        their host, if not all of it.

        :returns: None where there is none or several.
        """
        hypervisors = self._client(nova_versions.READ).hypervisors
        with service.none_if_missing(), service.errors_of('Nova'):
            nodes = reading.read_each(
                'hypervisor',
                hypervisors.search(host, detailed=True),
                nova_resources.provider,
            )
            ids = [id_ for its_host, id_ in nodes if its_host == host]
            return ids[0] if len(ids) == 1 else None
        return None

    def enable_host(self, name: str) -> None:
        """Let the scheduler use a compute host again; nothing if it is gone.

        Done twice it does no harm.
        """
        with service.errors_of('Nova'):
            services = self._client(nova_versions.READ).services
            for s in services.list(host=name, binary='nova-compute'):
                services.enable(s.id)

    def disable_host(self, name: str, reason: str) -> None:
        """Keep the scheduler from a compute host; nothing if it is gone.

        One that is disabled already gets the new reason.  Done twice it does
        no harm.
        """
        with service.errors_of('Nova'):
            services = self._client(nova_versions.READ).services
            for s in services.list(host=name, binary='nova-compute'):
                services.disable_log_reason(s.id, reason)
