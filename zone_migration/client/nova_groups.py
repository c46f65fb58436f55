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

"""Requests to Nova about server groups."""

from typing import Any

from zone_migration.client import nova_resources
from zone_migration.client import nova_versions
from zone_migration.client import paging
from zone_migration.client import reading
from zone_migration.client import service
from zone_migration.logic import resources

# Server groups show their rules from 2.64.
_RULES = '2.64'


class ServerGroups(nova_versions.VersionedNova):
    """The server groups of Nova."""

    def group(self, group_id: str) -> resources.ServerGroup | None:
        """The server group, None if there is none (any more)."""
        with service.none_if_missing(), service.errors_of('Nova'):
            shown = self._client(self._newest_up_to(_RULES)).server_groups.get(
                group_id
            )
            found = reading.read_each(
                'server group', [shown], nova_resources.group
            )
            return found[0] if found else None
        return None

    def groups(self) -> list[resources.ServerGroup]:
        """The server groups of all projects."""
        found: list[Any] = []
        with service.errors_of('Nova'):
            client = self._client(self._newest_up_to(_RULES))
            # Nova counts here, and knows no marker.
            for page in paging.pages(
                lambda marker=0: client.server_groups.list(
                    all_projects=True, limit=paging.SIZE, offset=marker
                ),
                lambda page: len(found) if page else None,
            ):
                found.extend(page)
        return reading.read_each('server group', found, nova_resources.group)
