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

"""Which servers have shares of Manila attached, as Nova tells."""

from collections.abc import Collection
from typing import Any

from zone_migration.client import at_once
from zone_migration.client import nova
from zone_migration.client import service

# Nova tells the shares of a server from 2.97 on, one server at a time.
_SHARES = '2.97'

#: keystoneauth also finds it by the older types ``sharev2`` and ``share``.
_TYPE = 'shared-file-system'


class Shares:
    """The shares of servers.

    :param compute: tells which microversions Nova knows.
    """

    def __init__(
        self,
        session: Any,
        endpoint_options: dict[str, Any],
        compute: nova.Nova,
    ) -> None:
        self._reader = service.Reader(
            session, 'Nova', 'compute', endpoint_options
        )
        self._session = session
        self._region = endpoint_options.get('region_name')
        self._nova = compute

    def servers(self, ids: Collection[str]) -> frozenset[str]:
        """The servers that have a share, of these.

        Nova is asked once for each of them, a few at once; not at all where
        it knows no shares, or the catalogue knows none who has them.
        """
        if not (ids and self._nova.knows(_SHARES) and self._has_manila()):
            return frozenset()
        found = at_once.each(self._has_any, ids)
        return frozenset(
            id_ for id_, has in zip(ids, found, strict=True) if has
        )

    def _has_manila(self) -> bool:
        """Whether the catalogue has the service of shares."""
        return service.is_in_catalogue(self._session, _TYPE, self._region)

    def _has_any(self, server_id: str) -> bool:
        """Whether a server has a share; Nova counts those in error, too."""
        with service.none_if_missing():
            found = self._reader.get(f'/servers/{server_id}/shares', _SHARES)
            return bool(found['shares'])
        return False
