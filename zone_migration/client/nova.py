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

"""Requests to Nova, each with the microversion that it needs."""

from collections.abc import Iterator
import datetime
import types
from typing import Any

from zone_migration.client import exception
from zone_migration.client import nova_groups
from zone_migration.client import nova_hosts
from zone_migration.client import nova_migrations
from zone_migration.client import nova_resources
from zone_migration.client import nova_versions
from zone_migration.client import paging
from zone_migration.client import service
from zone_migration.logic import resources

# Servers show the availability zone that was asked for from 2.96, the
# properties of their image from 2.98, and scheduler hints from 2.100.
_WHOLE = '2.100'
# The last version that knows "force"; from 2.68 Nova refuses it.
_FORCE = '2.67'
# A queued or preparing live migration can be aborted from 2.65.
_ABORT = '2.65'
# Diagnostics are the same for all hypervisors from 2.48.
_DIAGNOSTICS = '2.48'
# A server can be unpinned from its availability zone from 2.104.
_PIN = '2.104'
# The details of an event of an instance action.
_EVENTS = '2.84'

_DELETED = ('DELETED', 'SOFT_DELETED')


class Nova(
    nova_hosts.ComputeHosts,
    nova_groups.ServerGroups,
    nova_migrations.ServerMigrations,
):
    """The compute service, as its administrator sees it."""

    @property
    def shows_hints(self) -> bool:
        """Whether ``whole`` servers show the hints they were created with."""
        return self.knows(_WHOLE)

    def server(
        self, server_id: str, whole: bool = False
    ) -> resources.Server | None:
        """The server, None if there is none (any more).

        :param whole: also what only newer Novas show: the availability zone
            that it is pinned to, the properties of its image and its
            scheduler hints.  That costs one more request in all.
        """
        version = self._newest_up_to(_WHOLE) if whole else nova_versions.READ
        with service.none_if_missing():
            body = self._reader.get(f'/servers/{server_id}', version)
            shown = types.SimpleNamespace(**body['server'])
            return nova_resources.servers([shown])[shown.id]
        return None

    def servers(
        self,
        changes_since: datetime.datetime | None = None,
        whole: bool = False,
        host: str | None = None,
        soft_deleted: bool = False,
    ) -> dict[str, resources.Server | None]:
        """All servers by id, or those changed since; None is a deleted one.

        :param whole: see :meth:`server`.
        :param soft_deleted: those in SOFT_DELETED too: see :meth:`servers_on`.
        :param host: only those on this compute host, by its exact name.  A
            Nova whose policy does not let us filter shows all the same.
        """
        version = self._newest_up_to(_WHOLE) if whole else nova_versions.READ
        query = {}
        if changes_since is not None:
            query['changes-since'] = changes_since.isoformat()
        if host is not None:
            query['host'] = host
        deleted: tuple[str, ...] = _DELETED
        if soft_deleted:
            query['soft_deleted'], deleted = 'True', ('DELETED',)
        return {
            server.id: None if server.status in deleted else server
            for server in self._servers(version, **query)
        }

    def servers_on(self, host: str) -> list[resources.Server]:
        """All servers on a compute host, those in SOFT_DELETED too.

        The usual listings leave these out, and they hold their host until
        Nova deletes them (``[DEFAULT] reclaim_instance_interval``).
        """
        found = self._servers(
            nova_versions.READ, host=host, soft_deleted=True
        )
        # A Nova whose policy does not let us filter shows all.
        return [server for server in found if server.host == host]

    def _servers(
        self, version: str, **filters: Any
    ) -> Iterator[resources.Server]:
        """All servers that pass the filters, page by page."""

        def fetch(**marker: str) -> list[Any]:
            body = self._reader.get(
                '/servers/detail',
                version,
                limit=paging.SIZE,
                all_tenants=True,
                **filters,
                **marker,
            )
            return [types.SimpleNamespace(**s) for s in body['servers']]

        # Nova's link to the next page is left out where the page was cut to
        # less than its limit, as that of servers is which were listed twice
        # while they were built (nova.compute.api.API.get_all).
        for page in paging.pages(fetch, paging.until_empty()):
            yield from nova_resources.servers(page).values()

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
            self._client(nova_versions.READ).servers.migrate(
                server_id, host=host
            )

    def pin(self, server_id: str, zone: str | None) -> None:
        """Pin a server to the availability zone where it is, or to none."""
        self._reader.put(
            f'/servers/{server_id}',
            _PIN,
            {'server': {'pinned_availability_zone': zone}},
        )

    def confirm(self, server_id: str) -> None:
        """Confirm a cold migration."""
        with service.errors_of('Nova'):
            self._client(nova_versions.READ).servers.confirm_resize(server_id)

    def offload(self, server_id: str) -> None:
        """Take a shelved server off its host."""
        with service.errors_of('Nova'):
            self._client(nova_versions.READ).servers.shelve_offload(server_id)

    def revert(self, server_id: str) -> None:
        """Take a cold migration back instead of confirming it."""
        with service.errors_of('Nova'):
            self._client(nova_versions.READ).servers.revert_resize(server_id)

    def abort(self, server_id: str, migration_id: int) -> None:
        """Abort a live migration that is queued, preparing or running."""
        with service.errors_of('Nova'):
            self._client(_ABORT).server_migrations.live_migration_abort(
                server_id, migration_id
            )

    def force_complete(self, server_id: str, migration_id: int) -> None:
        """Let a running live migration end at the price of a pause."""
        with service.errors_of('Nova'):
            self._client(_ABORT).server_migrations.live_migrate_force_complete(
                server_id, migration_id
            )

    def runs(self, server_id: str) -> bool:
        """Whether the guest runs, as the hypervisor of its host tells.

        The host is the one that Nova's records name; its nova-compute asks
        the hypervisor, and refuses (HTTP 404, 409) where no such guest runs.
        """
        try:
            with service.errors_of('Nova'):
                _, found = self._client(_DIAGNOSTICS).servers.diagnostics(
                    server_id
                )
        except exception.RequestRefused:
            return False
        return bool(found['state'] == 'running')

    def reset_to_active(self, server_id: str) -> None:
        """Set a server in ERROR to ACTIVE in Nova's records."""
        with service.errors_of('Nova'):
            self._client(nova_versions.READ).servers.reset_state(
                server_id, 'active'
            )

    def downtime(self, server_id: str) -> float | None:
        """The seconds for which its newest cold migration has stopped it.

        None where Nova does not tell: see :func:`nova_resources.downtime`.
        """
        events: list[dict[str, Any]] = []
        with service.none_if_missing(), service.errors_of('Nova'):
            actions = self._client(nova_versions.READ).instance_action
            for action in actions.list(server_id):
                if action.action in ('migrate', 'revertResize'):
                    whole = actions.get(server_id, action.request_id)
                    events += whole.events or []
                if action.action == 'migrate':
                    break
        return nova_resources.downtime(events)

    def last_error(self, server_id: str) -> str:
        """The reason why a server's newest action failed; '' without one.

        Its events tell.  A rolled back copy leaves none: there every event
        says Success.
        """
        with service.none_if_missing(), service.errors_of('Nova'):
            actions = self._client(_EVENTS).instance_action.list(server_id)
            if not actions:
                return ''
            newest = self._client(_EVENTS).instance_action.get(
                server_id, actions[0].request_id
            )
            return nova_resources.first_failure(newest.events or [])
        return ''
