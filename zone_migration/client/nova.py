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

"""What is asked of Nova, each call with the microversion that it needs."""

from collections.abc import Iterable
import datetime
import functools
from typing import Any

from novaclient import client as novaclient

from zone_migration.client import service
from zone_migration.logic import cloud

# Servers show their flavor's size from 2.47; nothing newer is read of them.
_READ = '2.56'
# Migrations can be listed by changes-since, and in pages, from 2.59; below,
# Nova ignores both silently.
_MIGRATIONS = '2.59'
# The last version that knows "force"; from 2.68 Nova refuses it.
_FORCE = '2.67'
# A queued or preparing live migration can be aborted from 2.65.
_ABORT = '2.65'
# The details of an event of an instance action.
_EVENTS = '2.84'

_PAGE = 1000


class Nova:
    """The compute service, as its administrator sees it."""

    def __init__(
        self, session: Any, endpoint_options: dict[str, Any]
    ) -> None:
        self._client = functools.cache(
            lambda version: novaclient.Client(
                version, session=session, **_nova_names(endpoint_options)
            )
        )

    def server(self, server_id: str) -> cloud.Server | None:
        """The server, None if there is none (any more)."""
        with service.none_if_missing(), service.errors_of('Nova'):
            return _server(self._client(_READ).servers.get(server_id))
        return None

    def servers(
        self, changes_since: datetime.datetime | None = None
    ) -> dict[str, cloud.Server | None]:
        """All servers by id, or those changed since; None is a deleted one."""
        options: dict[str, Any] = {'all_tenants': True}
        if changes_since is not None:
            options['changes-since'] = changes_since.isoformat()
        with service.errors_of('Nova'):
            found = self._client(_READ).servers.list(
                search_opts=options, limit=-1
            )
        return {
            s.id: None if s.status in ('DELETED', 'SOFT_DELETED') else
            _server(s)
            for s in found
        }

    def migrations_of(self, server_id: str) -> list[cloud.Migration]:
        """The server's migrations, the newest first."""
        with service.errors_of('Nova'):
            return [
                _migration(m)
                for m in self._client(_MIGRATIONS).migrations.list(
                    instance_uuid=server_id
                )
            ]

    def migrations(
        self, changes_since: datetime.datetime
    ) -> list[cloud.Migration]:
        """All migrations that have changed since.

        A record that Nova has not touched since it made it ("accepted") is
        not among them.
        """
        found = []
        marker = None
        with service.errors_of('Nova'):
            while True:
                page = self._client(_MIGRATIONS).migrations.list(
                    changes_since=changes_since.isoformat(),
                    limit=_PAGE,
                    marker=marker,
                )
                found += page
                if len(page) < _PAGE:
                    return [_migration(m) for m in found]
                marker = page[-1].uuid

    def hosts(self) -> dict[str, cloud.ComputeHost]:
        """The compute hosts by name."""
        with service.errors_of('Nova'):
            return {
                s.host: cloud.ComputeHost(
                    name=s.host,
                    enabled=s.status == 'enabled',
                    up=s.state == 'up',
                )
                for s in self._client(_READ).services.list(
                    binary='nova-compute'
                )
            }

    def live_migrate(
        self, server_id: str, host: str | None, force: bool = False
    ) -> None:
        """Start a live migration; the scheduler chooses when host is None."""
        with service.errors_of('Nova'):
            self._client(_FORCE).servers.live_migrate(
                server_id, host, block_migration='auto', force=force or None
            )

    def migrate(self, server_id: str, host: str | None) -> None:
        """Start a cold migration; the scheduler chooses when host is None."""
        with service.errors_of('Nova'):
            self._client(_READ).servers.migrate(server_id, host=host)

    def confirm(self, server_id: str) -> None:
        """Confirm a cold migration."""
        with service.errors_of('Nova'):
            self._client(_READ).servers.confirm_resize(server_id)

    def revert(self, server_id: str) -> None:
        """Take a cold migration back instead of confirming it."""
        with service.errors_of('Nova'):
            self._client(_READ).servers.revert_resize(server_id)

    def abort(self, server_id: str, migration_id: int) -> None:
        """Abort a live migration that is queued, preparing or running."""
        with service.errors_of('Nova'):
            self._client(_ABORT).server_migrations.live_migration_abort(
                server_id, migration_id
            )

    def force_complete(self, server_id: str, migration_id: int) -> None:
        """Let a running live migration end at the price of a pause."""
        with service.errors_of('Nova'):
            self._client(
                _ABORT
            ).server_migrations.live_migrate_force_complete(
                server_id, migration_id
            )

    def last_error(self, server_id: str) -> str:
        """Why the server's newest action failed, as its events tell; or ''.

        A rolled back copy leaves none: there every event says Success.
        """
        with service.none_if_missing(), service.errors_of('Nova'):
            actions = self._client(_EVENTS).instance_action.list(server_id)
            if not actions:
                return ''
            newest = self._client(_EVENTS).instance_action.get(
                server_id, actions[0].request_id
            )
            return _reason(newest.events or [])
        return ''


def is_no_valid_host(reason: str) -> bool:
    """Whether a failure's reason is that no host has room for the server.

    Nova says the same of a named destination that is full and of one that
    fails a check before the migration.
    """
    return 'No valid host' in reason


def _nova_names(options: dict[str, Any]) -> dict[str, Any]:
    """novaclient says endpoint_type where keystoneauth says interface."""
    options = dict(options)
    options['endpoint_type'] = options.pop('interface')
    return options


def _server(s: Any) -> cloud.Server:
    return cloud.Server(
        id=s.id,
        name=s.name,
        status=s.status,
        host=getattr(s, 'OS-EXT-SRV-ATTR:host'),
        task_state=getattr(s, 'OS-EXT-STS:task_state'),
        vm_state=getattr(s, 'OS-EXT-STS:vm_state'),
        power_state=getattr(s, 'OS-EXT-STS:power_state'),
        progress=getattr(s, 'progress', 0) or 0,
        fault=getattr(s, 'fault', {}).get('message', ''),
        memory_mb=s.flavor.get('ram', 0),
        disk_gb=s.flavor.get('disk', 0),
        volume_ids=tuple(
            v['id']
            for v in getattr(s, 'os-extended-volumes:volumes_attached', ())
        ),
    )


def _migration(m: Any) -> cloud.Migration:
    return cloud.Migration(
        id=m.id,
        server_id=m.instance_uuid,
        type=m.migration_type,
        status=m.status,
        source=m.source_compute,
        dest=m.dest_compute,
    )


def _reason(events: Iterable[dict[str, Any]]) -> str:
    """The first failed event's own words.

    ``details`` (2.84) is the exception's class only, for what is not a
    NovaException; an administrator also gets the traceback, whose last line
    has the text.
    """
    for event in events:
        if event.get('result') == 'Error':
            details = event.get('details') or ''
            lines = (event.get('traceback') or '').strip().splitlines()
            last = lines[-1].strip() if lines else ''
            return details or last
    return ''
