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

"""Requests to Neutron."""

import collections
import functools
from typing import Any

from zone_migration.client import paging
from zone_migration.client import reading
from zone_migration.client import service


class Neutron:
    """The network service, as its administrator sees it."""

    def __init__(self, session: Any, endpoint_options: dict[str, Any]) -> None:
        self._reader = service.Reader(
            session, 'Neutron', 'network', endpoint_options
        )

    def vnic_types(
        self, server_ids: list[str] | None = None
    ) -> dict[str, frozenset[str]]:
        """The kinds of ports that servers have, by the server's id.

        Without those that have only kind "normal".  Neutron does not filter
        ports by their kind, so all are read.

        :param server_ids: some servers, of which one request asks for as many
            as an URL can hold; None: all.
        """
        if server_ids is None:
            return self._vnic_types()
        found: dict[str, frozenset[str]] = {}
        for part in paging.parts(server_ids):
            found.update(self._vnic_types(device_id=part))
        return found

    def _vnic_types(self, **filters: list[str]) -> dict[str, frozenset[str]]:
        """The kinds of those ports that pass the filters."""
        found = collections.defaultdict(set)
        query: dict[str, Any] = {
            'fields': ['id', 'device_id', 'binding:vnic_type'],
            'limit': paging.SIZE,
            **filters,
        }
        for page in paging.pages(
            functools.partial(self._reader.get, '/v2.0/ports', **query),
            paging.linked('ports_links', 'ports'),
        ):
            for device, kind in reading.read_each(
                'port', page['ports'], _port
            ):
                if kind != 'normal':
                    found[device].add(kind)
        return {id_: frozenset(kinds) for id_, kinds in found.items()}


def _port(port: dict[str, Any]) -> tuple[str, str]:
    """The id of the device that a port is plugged into, and its kind."""
    kind = port.get('binding:vnic_type') or 'normal'
    return reading.text(port['device_id']), reading.text(kind)
