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

"""The hosts that the metadata of aggregates keeps servers from.

Nova's scheduler has two filters for it, neither of which is enabled by
default, and its API does not show which are.  So what they may refuse is a
risk, unless the operator says that Nova has the filter.
"""

import collections
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import image_properties

#: ``nova.scheduler.filters.aggregate_multitenancy_isolation``.
PROJECTS = 'AggregateMultiTenancyIsolation'
#: ``nova.scheduler.filters.aggregate_image_properties_isolation``.
IMAGES = 'AggregateImagePropertiesIsolation'

_PROJECT_KEY = 'filter_tenant_id'

#: What decides of a server: its project and image_properties.Image.
_Subject = tuple[str, image_properties.Image]

#: By host, the filter that refuses it.
_Refusals = Mapping[str, str]


class Isolation:
    """The projects and images that aggregates allow, host by host."""

    def __init__(
        self,
        aggregates: Collection[resources.Aggregate],
        filters: Collection[str],
    ) -> None:
        """Read what the aggregates say.

        :param filters: the filters that Nova is known to have.
        """
        self._filters = frozenset({PROJECTS, IMAGES}.intersection(filters))
        self._projects = _projects(aggregates)
        self._confined = _confined(aggregates)
        self._images = image_properties.by_host(aggregates)
        self._image_keys = frozenset(
            key for metadata in self._images.values() for key in metadata
        )
        self._subjects: dict[str, _Subject] = {}
        self._refused: dict[_Subject, _Refusals] = {}
        self._closed: dict[_Subject, frozenset[str]] = {}
        self._doubted: dict[_Subject, _Refusals] = {}

    def refused(self, server: resources.Server) -> _Refusals:
        """The filter by host that it is certain to keep the server from.

        >>> vip = resources.Aggregate('vip', frozenset(['c1']),
        ...                           {'filter_tenant_id': 'p1, p2'})
        >>> server = resources.Server('s', 's', 'ACTIVE', 'c2',
        ...                           project_id='p3')
        >>> Isolation([vip], [PROJECTS]).refused(server)
        {'c1': 'AggregateMultiTenancyIsolation'}
        """
        if not self._filters or not (self._projects or self._images):
            return {}
        subject = self._subject(server)
        if subject not in self._refused:
            self._refused[subject] = self._find_refused(subject)
        return self._refused[subject]

    def closed(self, server: resources.Server) -> frozenset[str]:
        """The hosts that a filter is certain to keep the server from."""
        refused = self.refused(server)
        if not refused:
            return frozenset()
        subject = self._subject(server)
        if subject not in self._closed:
            self._closed[subject] = frozenset(refused)
        return self._closed[subject]

    def doubted(
        self, server: resources.Server, hosts: Iterable[str]
    ) -> frozenset[str]:
        """The filters that may keep it from all the hosts, one for each.

        A project that an aggregate names is also confined to those that name
        it, where ``[scheduler] limit_tenants_to_placement_aggregate`` is set.
        """
        if not (self._projects or self._images):
            return frozenset()
        subject = self._subject(server)
        if subject not in self._doubted:
            self._doubted[subject] = self._find_doubted(subject)
        doubted = self._doubted[subject]
        confined_to = self._confined.get(server.project_id)
        found = set()
        for host in hosts:
            if confined_to is not None and host not in confined_to:
                found.add(PROJECTS)
            elif host in doubted:
                found.add(doubted[host])
            else:
                return frozenset()
        return frozenset(found)

    def _subject(self, server: resources.Server) -> _Subject:
        """The properties of a server that decide, read once."""
        if server.id not in self._subjects:
            self._subjects[server.id] = (
                server.project_id,
                image_properties.of_server(server, self._image_keys),
            )
        return self._subjects[server.id]

    def _find_refused(self, subject: _Subject) -> _Refusals:
        """The filters that are certain to refuse such servers, by host."""
        project, image = subject
        found = {}
        if IMAGES in self._filters:
            for host, metadata in self._images.items():
                if image_properties.is_against(metadata, image):
                    found[host] = IMAGES
        if PROJECTS in self._filters:
            found.update(self._closed_to(project))
        return found

    def _find_doubted(self, subject: _Subject) -> _Refusals:
        """The filters that may refuse such servers, by host."""
        project, image = subject
        found = {
            host: IMAGES
            for host, metadata in self._images.items()
            if image_properties.may_be_against(metadata, image)
        }
        if PROJECTS not in self._filters:
            found.update(self._closed_to(project))
        return found

    def _closed_to(self, project: str) -> _Refusals:
        """The hosts for projects, where none of them is this one."""
        return {
            host: PROJECTS
            for host, projects in self._projects.items()
            if project not in projects
        }


def _projects(
    aggregates: Iterable[resources.Aggregate],
) -> dict[str, frozenset[str]]:
    """The projects by host that it is for, where it is not for all.

    All aggregates of a host count together
    (``AggregateMultiTenancyIsolation.host_passes``).
    """
    found: dict[str, set[str]] = collections.defaultdict(set)
    for aggregate in aggregates:
        for key, values in aggregate.metadata.items():
            if key.startswith(_PROJECT_KEY):
                for host in aggregate.hosts:
                    found[host].update(v.strip() for v in values.split(','))
    return {host: frozenset(projects) for host, projects in found.items()}


def _confined(
    aggregates: Iterable[resources.Aggregate],
) -> dict[str, frozenset[str]]:
    """The hosts of the aggregates that name a project, by project.

    Nova compares the whole of a value, and that of any key
    (``nova.scheduler.request_filter.require_tenant_aggregate``).
    """
    found: dict[str, set[str]] = collections.defaultdict(set)
    for aggregate in aggregates:
        if any(key.startswith(_PROJECT_KEY) for key in aggregate.metadata):
            for value in aggregate.metadata.values():
                found[value] |= aggregate.hosts
    return {project: frozenset(hosts) for project, hosts in found.items()}


def at_risk(
    started: Iterable[params.ServerItem],
    inventory: cloud_inventory.Inventory,
    choices: Callable[[resources.Server], Collection[str]],
) -> dict[str, int]:
    """The number of servers that Nova may refuse, by filter that it may have.

    :param started: the servers that are to move, with their destinations
        where those are chosen.
    :param choices: the hosts among which Nova chooses for a server.
    """
    isolation = Isolation(
        list(inventory.aggregates.values()), inventory.scheduler_filters
    )
    found: collections.Counter[str] = collections.Counter()
    for item in started:
        if item.force:
            continue
        server = inventory.servers[item.id]
        hosts = [item.dst_hostname] if item.dst_hostname else choices(server)
        found.update(isolation.doubted(server, hosts))
    return dict(found)
