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

"""The microversions of Nova: which it knows, and who speaks them."""

import functools
import threading
from typing import Any

from novaclient import client as novaclient
from oslo_log import log

from zone_migration.client import exception
from zone_migration.client import service

LOG = log.getLogger(__name__)

#: The microversion to read with.  Servers show their flavor's size from 2.47;
#: what is read with a newer one is left empty where Nova is older.
READ = '2.56'


class VersionedNova:
    """Nova, asked with the microversion that each request needs."""

    def __init__(self, session: Any, endpoint_options: dict[str, Any]) -> None:
        self._make_client = functools.cache(
            lambda version: novaclient.Client(
                version, session=session, **_novaclient_names(endpoint_options)
            )
        )
        self._making_client = threading.Lock()
        # novaclient refuses the microversions from 2.97 on.
        self._reader = service.Reader(
            session, 'Nova', 'compute', endpoint_options
        )

    @functools.cached_property
    def newest_version(self) -> tuple[int, int] | None:
        """The newest microversion that this Nova knows; None if unknown."""
        try:
            with service.errors_of('Nova'):
                found = self._client(READ).versions.get_current()
        except exception.RequestRefused:
            found = None  # Some proxies guard it.
        # The legacy API, /v2, has an empty one.
        if found and found.version:
            return _number(found.version)
        LOG.warning(
            'Not checked: zones, scheduler hints, image properties and shares '
            'of servers. Nova does not tell which microversions it knows'
        )
        return None

    def knows(self, version: str) -> bool:
        """Whether this Nova is known to know a microversion."""
        newest = self.newest_version
        return newest is not None and newest >= _number(version)

    def _client(self, version: str) -> Any:
        """The client that speaks a microversion, one for all threads."""
        with self._making_client:
            return self._make_client(version)

    def _newest_up_to(self, version: str) -> str:
        """The newest microversion that Nova knows, up to this one.

        Where Nova does not tell, it is ``READ``.
        """
        newest = self.newest_version
        if newest is None or newest < _number(READ):
            return READ
        return version if self.knows(version) else '{}.{}'.format(*newest)


def _novaclient_names(options: dict[str, Any]) -> dict[str, Any]:
    """The options in the words of novaclient.

    It says endpoint_type where keystoneauth says interface.
    """
    options = dict(options)
    options['endpoint_type'] = options.pop('interface')
    return options


def _number(version: str) -> tuple[int, int]:
    """A microversion as numbers, which can be compared.

    >>> _number('2.100') > _number('2.96')
    True
    """
    major, _, minor = version.partition('.')
    return int(major), int(minor)
