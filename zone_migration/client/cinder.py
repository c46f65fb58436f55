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

"""Requests to Cinder."""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
import datetime
import functools
from typing import Any

from zone_migration.client import cinder_backends
from zone_migration.client import cinder_resources
from zone_migration.client import paging
from zone_migration.client import reading
from zone_migration.client import service
from zone_migration.logic import messages
from zone_migration.logic import resources


class Cinder(cinder_backends.Backends):
    """The block storage service, as its administrator sees it."""

    def volume(self, volume_id: str) -> resources.Volume | None:
        """The volume, None if there is none (any more)."""
        with service.none_if_missing(), service.errors_of('Cinder'):
            shown = self._client.volumes.get(volume_id)
            return cinder_resources.volumes([shown])[shown.id]
        return None

    def servers_of(
        self, volumes: Collection[resources.Volume]
    ) -> dict[str, tuple[str, ...]]:
        """The ids of all servers that each volume is attached to, by its id.

        A volume itself does not show an attachment that is reserved, such as
        that of a server which is shelved.  Cinder needs all of them swapped
        (``migrate_volume_completion`` of its volume manager).

        :param volumes: one, which is asked for by itself, or several.
        """
        options: dict[str, Any] = {'all_tenants': True}
        if len(volumes) == 1:
            options['volume_id'] = next(iter(volumes)).id
        found = {volume.id: set(volume.server_ids) for volume in volumes}
        # A page that Cinder has cut has no link to the next one here.
        pages = self._pages(
            self._client.attachments, options, paging.until_empty()
        )
        for page in pages:
            for id_, server_id in reading.read_each(
                'attachment', page, cinder_resources.attachment
            ):
                if server_id and id_ in found:
                    found[id_].add(server_id)
        return {id_: tuple(sorted(ids)) for id_, ids in found.items()}

    def volumes(
        self,
        changes_since: datetime.datetime | None = None,
        place: str | None = None,
    ) -> dict[str, resources.Volume]:
        """All volumes by id, or those changed since.

        :param place: only those in this pool, or in all pools of this
            backend, by its exact name.
        """
        filters = {}
        if changes_since is not None:
            stamp = changes_since.replace(tzinfo=None).isoformat()
            filters['updated_at'] = f'gte:{stamp}'
        if place is not None:
            filters['host'] = place
        return self._list(**filters)

    def volumes_of(self, ids: Iterable[str]) -> dict[str, resources.Volume]:
        """The volumes with these ids by id, several in each request.

        Cinder takes a filter for a literal of Python, if it is one
        (``check_volume_filters`` of ``cinder.volume.api.API``).
        """
        found: dict[str, resources.Volume] = {}
        for part in paging.parts(ids):
            found.update(self._list(id=repr(part)))
        return found

    def newest_change(self) -> str | None:
        """The time of the last change of any volume, None without volumes."""
        # cinderclient itself does not know that Cinder sorts by it.
        options = {'all_tenants': True, 'sort': 'updated_at:desc'}
        with service.errors_of('Cinder'):
            for v in self._client.volumes.list(search_opts=options, limit=1):
                changed: str | None = getattr(v, 'updated_at', None)
                return changed or getattr(v, 'created_at', None)
        return None

    def volumes_in(self, pool: str) -> list[resources.Volume]:
        """All volumes in a pool, and the copies that Cinder makes there.

        :param pool: ``host@backend#pool``, or ``host@backend`` for those that
            are in none of its pools.
        """
        return [
            volume
            for volume in self.volumes(place=pool).values()
            if volume.host == pool
        ]

    def moving_volumes(self) -> dict[str, resources.Volume]:
        """All volumes that Cinder migrates or retypes now, by id.

        Cinder has no filter for several values of one field, so there is a
        request for each; their number is that of what moves at the most.
        """
        found = self._list(status='retyping')
        for status in sorted(resources.VOLUME_MOVING):
            found.update(self._list(migration_status=status))
        return found

    def copies_of(self, volume_id: str) -> dict[str, resources.Volume]:
        """The volumes that Cinder copies a volume to, by id.

        Those that earlier moves have left in their pools are among them.
        """
        return self._list(migration_status=f'target:{volume_id}')

    def _list(self, **filters: str) -> dict[str, resources.Volume]:
        """All volumes that pass the filters, by id."""
        options = {'all_tenants': True, **filters}
        return {
            id_: volume
            for page in self._pages(self._client.volumes, options)
            for id_, volume in cinder_resources.volumes(page).items()
        }

    @staticmethod
    def _pages(
        manager: Any,
        options: dict[str, Any],
        next_marker: paging.Rule[list[Any]] = paging.until_short,
        **more: Any,
    ) -> Iterator[list[Any]]:
        """Page after page of what a manager of cinderclient lists.

        Where Cinder makes a page as short as its ``osapi_max_limit`` says,
        cinderclient follows the links until it has as many as were asked for.

        :param next_marker: another rule where Cinder gives no links.
        """
        with service.errors_of('Cinder'):
            yield from paging.pages(
                functools.partial(
                    manager.list,
                    search_opts=options,
                    limit=paging.SIZE,
                    **more,
                ),
                next_marker,
            )

    def snapshots(self, volume_id: str) -> int:
        """The number of snapshots of a volume."""
        with service.errors_of('Cinder'):
            return len(
                self._client.volume_snapshots.list(
                    detailed=False,
                    search_opts={'all_tenants': True, 'volume_id': volume_id},
                )
            )

    def snapshot_counts(self, place: str | None = None) -> dict[str, int]:
        """The number of snapshots by volume id, of those that have any.

        :param place: see :meth:`volumes`; it is that of their volumes.
        """
        options: dict[str, Any] = {'all_tenants': True}
        if place is not None:
            options['host'] = place
        return dict(
            collections.Counter(
                snapshot.volume_id
                for page in self._pages(
                    self._client.volume_snapshots,
                    options,
                    detailed=False,
                )
                for snapshot in page
            )
        )

    def migrate(self, volume_id: str, pool: str) -> None:
        """Start the migration of a volume, attached or not, and lock it.

        An attachment in mid-copy of an unlocked volume loses its data.  The
        statement that begins the migration turns an available volume to
        "maintenance" and leaves one in use as it is
        (``cinder.volume.api.API.migrate_volume``), so what it was a moment
        before does not matter.
        """
        with service.errors_of('Cinder'):
            self._client.volumes.migrate_volume(
                volume_id, pool, force_host_copy=False, lock_volume=True
            )

    def retype(self, volume_id: str, volume_type: str) -> None:
        """Start a retype, with a migration where the backend needs one."""
        with service.errors_of('Cinder'):
            self._client.volumes.retype(volume_id, volume_type, 'on-demand')

    def messages(self, volume_id: str) -> dict[str, str]:
        """Cinder's messages to users about the volume by id, newest first."""
        with service.errors_of('Cinder'):
            return {
                message.id: messages.escaped(message.user_message)
                for message in self._client.messages.list(
                    search_opts={'resource_uuid': volume_id},
                    sort='created_at:desc',
                )
            }
