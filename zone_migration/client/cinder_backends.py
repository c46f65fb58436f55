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

"""Requests to Cinder about its backends: which there are, and their state."""

from typing import Any

from zone_migration.client import cinder_pools
from zone_migration.client import reading
from zone_migration.client import service
from zone_migration.logic import storage_backends

_BINARY = 'cinder-volume'


class Backends(cinder_pools.PoolsAndTypes):
    """The backends of Cinder, which are disabled and enabled as a whole.

    Each request can be repeated; those that freeze and thaw are refused then.
    """

    def backends(self) -> dict[str, storage_backends.Backend]:
        """The backends by name."""
        with service.errors_of('Cinder'):
            found = reading.read_each(
                'volume service',
                self._client.services.list(binary=_BINARY),
                _backend,
            )
        return {backend.name: backend for backend in found}

    def backend(self, name: str) -> storage_backends.Backend | None:
        """One backend, None if Cinder has none of that name."""
        return self.backends().get(name)

    def disable_backend(self, name: str, reason: str) -> None:
        """Keep the scheduler from a backend.

        One that is disabled already gets the new reason.
        """
        with service.errors_of('Cinder'):
            self._client.services.disable_log_reason(name, _BINARY, reason)

    def ask_to_enable_backend(self, name: str) -> None:
        """Let the scheduler use a backend; some Cinder does nothing of it."""
        with service.errors_of('Cinder'):
            self._client.services.enable(name, _BINARY)

    def freeze_backend(self, name: str) -> None:
        """Freeze a backend: nothing there can be deleted until the thaw.

        It is disabled then, with the reason ``frozen``.
        """
        with service.errors_of('Cinder'):
            self._client.services.freeze_host(name)

    def thaw_backend(self, name: str) -> None:
        """Thaw a backend, which enables it.

        That the backend could not be thawed is no error to Cinder.
        """
        with service.errors_of('Cinder'):
            self._client.services.thaw_host(name)


def _backend(shown: Any) -> storage_backends.Backend:
    """A backend, from what Cinder shows of its service."""
    return storage_backends.Backend(
        name=reading.text(shown.host),
        enabled=shown.status != 'disabled',
        up=shown.state == 'up',
        disabled_reason=getattr(shown, 'disabled_reason', None) or '',
        zone=getattr(shown, 'zone', None) or '',
        frozen=bool(getattr(shown, 'frozen', False)),
        cluster=getattr(shown, 'cluster', None) or '',
    )
