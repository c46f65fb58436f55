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

"""Requests to Nova about the records of migrations."""

from collections.abc import Iterable
import datetime
import functools
from typing import Any
from urllib import parse

from zone_migration.client import nova_resources
from zone_migration.client import nova_versions
from zone_migration.client import paging
from zone_migration.client import service
from zone_migration.logic import resources

# Migrations can be listed by changes-since, and in pages, from 2.59; below,
# Nova ignores both silently.
_MIGRATIONS = '2.59'

#: What a server waits for in VERIFY_RESIZE, and on its way out of it.
_UNCONFIRMED = ('finished', 'confirming', 'reverting')


class ServerMigrations(nova_versions.VersionedNova):
    """The migrations of servers, as Nova records them."""

    def migrations_of(self, server_id: str) -> list[resources.Migration]:
        """The server's migrations, the newest first."""
        with service.errors_of('Nova'):
            return nova_resources.migrations(
                self._client(_MIGRATIONS).migrations.list(
                    instance_uuid=server_id
                )
            )

    def newest_change(self) -> str | None:
        """The time of the newest migration's last change, None without any."""
        with service.errors_of('Nova'):
            for m in self._client(_MIGRATIONS).migrations.list(limit=1):
                changed: str | None = getattr(m, 'updated_at', None)
                return changed or getattr(m, 'created_at', None)
        return None

    def migrations(
        self, changes_since: datetime.datetime | None
    ) -> list[resources.Migration]:
        """All migrations, or those that have changed since.

        A record that Nova has not touched since it made it ("accepted") is
        not among the latter.

        Nova tells whether there is another page, and makes pages as short as
        its ``[api] max_limit`` says.  novaclient keeps that to itself; to ask
        until a page is empty would double the requests of who waits.
        """
        client = self._client(_MIGRATIONS)
        make = functools.partial(
            client.migrations.resource_class, client.migrations, loaded=True
        )
        query: dict[str, Any] = {'limit': paging.SIZE}
        if changes_since is not None:
            query['changes-since'] = changes_since.isoformat()

        def fetch(**marker: str) -> Any:
            _, body = client.client.get(
                f'/os-migrations?{parse.urlencode({**query, **marker})}'
            )
            return body

        rule = paging.linked('migrations_links', 'migrations', 'uuid')
        with service.errors_of('Nova'):
            return nova_resources.migrations(
                make(shown)
                for body in paging.pages(fetch, rule)
                for shown in body['migrations']
            )

    def unfinished_migrations(
        self, finished: Iterable[resources.Migration] | None = None
    ) -> list[resources.Migration]:
        """All migrations in flight or to be confirmed, the newest first.

        :param finished: those to be confirmed that are known, instead of
            asking for them.
        """
        statuses = {*resources.MIGRATING, *_UNCONFIRMED}
        if finished is not None:
            statuses.remove('finished')
        found = {m.id: m for m in finished or ()}
        found.update((m.id, m) for m in self._migrations_in(statuses))
        return sorted(found.values(), key=lambda m: m.id, reverse=True)

    def migrations_in_flight(self) -> list[resources.Migration]:
        """All migrations in flight, however long ago Nova touched them."""
        return self._migrations_in(resources.MIGRATING)

    def unconfirmed_from(self, host: str | None) -> list[resources.Migration]:
        """All resizes and cold migrations that wait to be confirmed.

        :param host: only those that have left this one; None for all.
        """
        return self._migrations_in(('finished',), source_compute=host)

    def migrations_at(self, host: str) -> list[resources.Migration]:
        """The newest migrations from or to a host, at most one page."""
        with service.errors_of('Nova'):
            return nova_resources.migrations(
                self._client(_MIGRATIONS).migrations.list(
                    host=host, limit=paging.SIZE
                )
            )

    def _migrations_in(
        self, statuses: Iterable[str], **filters: Any
    ) -> list[resources.Migration]:
        """All migrations in these statuses.

        Nova has no filter for several values of one field, so there is a
        request for each.
        """
        migrations = self._client(_MIGRATIONS).migrations
        with service.errors_of('Nova'):
            return [
                migration
                for status in sorted(statuses)
                for page in paging.pages(
                    functools.partial(
                        migrations.list,
                        status=status,
                        limit=paging.SIZE,
                        **filters,
                    ),
                    paging.until_empty('uuid'),
                )
                for migration in nova_resources.migrations(page)
            ]
