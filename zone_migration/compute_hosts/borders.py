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

"""The borders to what can be disabled: compute hosts and storage backends."""

from collections.abc import Mapping
from typing import Protocol

from zone_migration import client
from zone_migration.client import backend_enabling
from zone_migration.logic import resources
from zone_migration.logic.schedule import host_changes


class Border(Protocol):
    """What the services of one kind are seen and set by.

    Each raises CloudError.
    """

    kind: host_changes.Kind

    def seen(self) -> Mapping[str, resources.ComputeHost]:
        """All there are, by name."""

    def latest(
        self, name: str, seen: Mapping[str, resources.ComputeHost]
    ) -> resources.ComputeHost | None:
        """One of them just before it is set; None if it is gone.

        :param seen: all, as they were before others were set.
        """

    def enable(self, name: str) -> None:
        """Enable one, or do nothing if it is gone."""

    def disable(self, name: str, reason: str) -> None:
        """Disable one, or give it another reason."""


class _Hosts:
    """The compute hosts of Nova."""

    kind = host_changes.HOST

    def __init__(self, cloud: client.Cloud) -> None:
        self.seen = cloud.nova.hosts
        self.enable = cloud.nova.enable_host
        self.disable = cloud.nova.disable_host

    def latest(
        self, name: str, seen: Mapping[str, resources.ComputeHost]
    ) -> resources.ComputeHost | None:
        """As it was seen: to set the others has taken a moment."""
        return seen.get(name)


class _Backends:
    """The storage backends of Cinder."""

    kind = host_changes.BACKEND

    def __init__(self, cloud: client.Cloud) -> None:
        self._cinder = cloud.cinder
        self.seen = cloud.cinder.backends
        self.disable = cloud.cinder.disable_backend

    def latest(
        self, name: str, seen: Mapping[str, resources.ComputeHost]
    ) -> resources.ComputeHost | None:
        """As it is now: to enable the others can have taken minutes."""
        return self._cinder.backend(name)

    def enable(self, name: str) -> None:
        """Enable a backend, and see that it is."""
        backend_enabling.enable(self._cinder, name)


def of(cloud: client.Cloud, kind: host_changes.Kind) -> Border:
    """The border to services of a kind."""
    if kind is host_changes.HOST:
        return _Hosts(cloud)
    return _Backends(cloud)
