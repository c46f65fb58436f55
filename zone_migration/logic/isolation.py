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

"""Which hosts the metadata of aggregates keeps servers from.

Nova's scheduler has two filters for it, neither of which is enabled by
default, and its API does not show which are.  So what they may refuse is a
risk, unless the operator says that Nova has the filter.
"""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from zone_migration.logic import cloud
from zone_migration.logic import params

#: ``nova.scheduler.filters.aggregate_multitenancy_isolation``.
PROJECTS = 'AggregateMultiTenancyIsolation'
#: ``nova.scheduler.filters.aggregate_image_properties_isolation``.
IMAGES = 'AggregateImagePropertiesIsolation'

_PROJECT_KEY = 'filter_tenant_id'

#: How Nova's properties of images begin (``nova.objects.ImageMetaProps``);
#: metadata of any other name binds no image.
_IMAGE_KEYS = ('hw_', 'img_', 'os_', 'traits_required')

#: By key, what the aggregates of a host say.
_Metadata = Mapping[str, frozenset[str]]


class Isolation:
    """What aggregates say of projects and images, host by host."""

    def __init__(self, aggregates: Iterable[cloud.Aggregate]) -> None:
        said: dict[str, dict[str, set[str]]] = collections.defaultdict(
            lambda: collections.defaultdict(set)
        )
        for aggregate in aggregates:
            for key, values in aggregate.metadata.items():
                if not key.startswith((_PROJECT_KEY, *_IMAGE_KEYS)):
                    continue
                for host in aggregate.hosts:
                    said[host][key].update(
                        value.strip() for value in values.split(',')
                    )
        self._said: dict[str, _Metadata] = {
            host: {key: frozenset(values) for key, values in metadata.items()}
            for host, metadata in said.items()
        }

    def against(
        self, server: cloud.Server, filters: Collection[str]
    ) -> dict[str, str]:
        """By host that these filters keep the server from: the filter.

        >>> vip = cloud.Aggregate('vip', frozenset(['c1']),
        ...                       {'filter_tenant_id': 'p1, p2'})
        >>> server = cloud.Server('s', 's', 'ACTIVE', 'c2', project_id='p3')
        >>> Isolation([vip]).against(server, [PROJECTS])
        {'c1': 'AggregateMultiTenancyIsolation'}
        """
        found = {}
        for host, metadata in self._said.items():
            if PROJECTS in filters and not _takes_project(metadata, server):
                found[host] = PROJECTS
            elif IMAGES in filters and not _takes_image(metadata, server):
                found[host] = IMAGES
        return found


def _takes_project(metadata: _Metadata, server: cloud.Server) -> bool:
    """Whether no key names projects, or one of them names the server's."""
    named = [
        values
        for key, values in metadata.items()
        if key.startswith(_PROJECT_KEY)
    ]
    return not named or any(server.project_id in values for values in named)


def _takes_image(metadata: _Metadata, server: cloud.Server) -> bool:
    """Whether each property that the image has is one that is named.

    Nova compares the value as it has read it, so "true" may be "True".
    """
    return all(
        server.image_properties[key].casefold()
        in {value.casefold() for value in values}
        for key, values in metadata.items()
        if server.image_properties.get(key)
    )


def at_risk(
    started: Iterable[params.ServerItem],
    seen: cloud.Inventory,
    emptied: Collection[str],
) -> dict[str, int]:
    """How many servers Nova may refuse, by the filter that it may have.

    :param started: the servers that are to move, with their destinations
        where those are chosen.
    :param emptied: the hosts among which Nova is not to choose.
    """
    isolation = Isolation(seen.aggregates.values())
    unsaid = {PROJECTS, IMAGES} - seen.scheduler_filters
    found: collections.Counter[str] = collections.Counter()
    for item in started:
        server = seen.servers[item.id]
        against = isolation.against(server, unsaid)
        if item.force or not against:
            continue
        open_hosts = {
            host.name
            for host in seen.hosts.values()
            if host.enabled and host.up and host.name != server.host
        }
        hosts = {item.dst_hostname} if item.dst_hostname else (
            open_hosts.difference(emptied)
        )
        if hosts and hosts <= against.keys():
            found.update({against[host] for host in hosts})
    return dict(found)
