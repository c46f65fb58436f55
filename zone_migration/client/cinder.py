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

"""What is asked of Cinder."""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import datetime
import functools
import math
from typing import Any
from urllib import parse

from cinderclient import client as cinderclient
from oslo_log import log

from zone_migration.client import capabilities
from zone_migration.client import paging
from zone_migration.client import service
from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.preflight import pool_capacity

LOG = log.getLogger(__name__)

# Volumes can be listed by the time of their last update from 3.60.
_VERSION = '3.60'


class Cinder:
    """The block storage service, as its administrator sees it."""

    def __init__(
        self, session: Any, endpoint_options: dict[str, Any]
    ) -> None:
        self._client = cinderclient.Client(
            _VERSION, session=session, **endpoint_options
        )
        #: The volume types of which the log says that no pool serves them.
        self._logged: set[str] = set()

    def volume(self, volume_id: str) -> resources.Volume | None:
        """The volume, None if there is none (any more)."""
        with service.none_if_missing(), service.errors_of('Cinder'):
            shown = self._client.volumes.get(volume_id)
            return _volumes([shown])[shown.id]
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
        for page in self._pages(self._client.attachments, options):
            for id_, server_id in service.read_each('attachment', page, _held):
                if server_id and id_ in found:
                    found[id_].add(server_id)
        return {id_: tuple(sorted(ids)) for id_, ids in found.items()}

    def volumes(
        self,
        changes_since: datetime.datetime | None = None,
    ) -> dict[str, resources.Volume]:
        """All volumes by id, or those changed since."""
        if changes_since is None:
            return self._list()
        stamp = changes_since.replace(tzinfo=None).isoformat()
        return self._list(updated_at=f'gte:{stamp}')

    def newest_change(self) -> str | None:
        """When the last change of any volume was; None: there is none."""
        # cinderclient itself does not know that Cinder sorts by it.
        options = {'all_tenants': True, 'sort': 'updated_at:desc'}
        with service.errors_of('Cinder'):
            for v in self._client.volumes.list(search_opts=options, limit=1):
                changed: str = v.updated_at or v.created_at
                return changed
        return None

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
        """What Cinder copies a volume to, by id.

        Those that earlier moves have left in their pools, too.
        """
        return self._list(migration_status=f'target:{volume_id}')

    def _list(self, **filters: str) -> dict[str, resources.Volume]:
        """All volumes that pass the filters, by id."""
        options = {'all_tenants': True, **filters}
        return {
            id_: volume
            for page in self._pages(self._client.volumes, options)
            for id_, volume in _volumes(page).items()
        }

    @staticmethod
    def _pages(
        manager: Any, options: dict[str, Any], **more: Any
    ) -> Iterator[list[Any]]:
        """Page after page of what a manager of cinderclient lists.

        Where Cinder makes a page as short as its ``osapi_max_limit`` says,
        cinderclient follows the links until it has as many as were asked for.
        """
        with service.errors_of('Cinder'):
            yield from paging.pages(
                functools.partial(
                    manager.list,
                    search_opts=options,
                    limit=paging.SIZE,
                    **more,
                ),
                paging.until_short,
            )

    def snapshots(self, volume_id: str) -> int:
        """How many snapshots the volume has."""
        with service.errors_of('Cinder'):
            return len(
                self._client.volume_snapshots.list(
                    detailed=False,
                    search_opts={'all_tenants': True, 'volume_id': volume_id},
                )
            )

    def snapshot_counts(self) -> dict[str, int]:
        """How many snapshots each volume has that has any, by its id."""
        return dict(
            collections.Counter(
                snapshot.volume_id
                for page in self._pages(
                    self._client.volume_snapshots,
                    {'all_tenants': True},
                    detailed=False,
                )
                for snapshot in page
            )
        )

    def pools(self, volume_type: str | None = None) -> list[resources.Pool]:
        """The storage pools, or those that serve a volume type.

        Cinder could be asked for the latter (``get_pools?volume_type=``), but
        its CapacityFilter then compares the free space with a size that is
        not there, and every pool that tells its free space ends the request
        with HTTP 400 (seen with Cinder 29).
        """
        with service.errors_of('Cinder'):
            found = self._client.volumes.get_pools('true', {}).pools
            types = self._types()
        told = dict(service.read_each('storage pool', found, _told))
        specs = dict(service.read_each('volume type', types, _specs))
        serving = {
            name: self._serving(name, wanted, told)
            for name, wanted in specs.items()
        }
        thick = frozenset(
            name for name, wanted in specs.items()
            if capabilities.is_thick(wanted)
        )
        return [
            _pool(
                pool,
                capabilities.capacity(shown),
                frozenset(
                    name for name, pools in serving.items() if pool in pools
                ),
                thick,
            )
            for pool, shown in told.items()
            if volume_type not in specs or pool in serving[volume_type]
        ]

    def _serving(
        self,
        volume_type: str,
        extra_specs: Mapping[str, str | None],
        told: Mapping[str, Mapping[str, Any]],
    ) -> frozenset[str]:
        """The pools that serve a type; none where Cinder could not tell."""
        try:
            return capabilities.serving(told, extra_specs)
        except capabilities.SpecNotComparable as error:
            if volume_type not in self._logged:
                self._logged.add(volume_type)
                LOG.warning(
                    'No pool serves volume type %s: its extra spec %s. '
                    'Correct the spec.',
                    volume_type,
                    error,
                )
            return frozenset()

    def volume_types(self) -> dict[str, resources.VolumeType]:
        """All volume types by name, private ones too.

        Without what takes further requests: their encryption, and what their
        QoS specs are.
        """
        with service.errors_of('Cinder'):
            types = self._types()
        return {
            t.name: found or resources.VolumeType(t.name)
            for t, found in service.readable(
                'volume type', types, _volume_type
            )
        }

    def _types(self) -> list[Any]:
        """The volume types, private ones too, as cinderclient has them.

        Cinder makes pages as short as its ``osapi_max_limit`` says, and calls
        the link to the next one by a name that cinderclient does not know.
        """
        types = self._client.volume_types

        def fetch(**marker: str) -> Any:
            query = parse.urlencode({'is_public': None, **marker})
            _, body = types.api.client.get(f'/types?{query}')
            return body

        found = [
            types.resource_class(types, shown, loaded=True)
            for body in paging.pages(
                fetch, paging.linked('volume_type_links', 'volume_types')
            )
            for shown in body['volume_types']
        ]
        return service.read_each('volume type', found, _named)

    def encryption(self, names: Collection[str]) -> dict[str, str]:
        """The providers of the encryption of volume types; '' for none.

        By a request for each type: Cinder lists the types without it.
        """
        with service.errors_of('Cinder'):
            shown = {
                t.name: self._client.volume_encryption_types.get(t.id)
                for t in self._types()
                if t.name in names
            }
        # Cinder shows nothing at all where there is none.
        return dict(
            service.read_each(
                'encryption',
                shown.items(),
                lambda each: (
                    each[0],
                    service.text(getattr(each[1], 'provider', '')),
                ),
            )
        )

    def front_end_qos(self) -> frozenset[str]:
        """The ids of the QoS specs that hypervisors take part in."""
        with service.errors_of('Cinder'):
            found = service.read_each(
                'QoS specs',
                self._client.qos_specs.list(),
                lambda specs: (specs.id, service.text(specs.consumer)),
            )
        return frozenset(
            id_ for id_, consumer in found if consumer != 'back-end'
        )

    def zones(self) -> dict[str, str]:
        """The availability zones of backends, by ``host@backend``."""
        with service.errors_of('Cinder'):
            services = self._client.services.list(binary='cinder-volume')
        found = service.read_each('volume service', services, _zone)
        return {name: zone for names, zone in found for name in names}

    def quotas(
        self, project_id: str, types: Collection[str]
    ) -> dict[str, resources.Quota]:
        """What a project may have more of, by volume type."""
        with service.errors_of('Cinder'):
            found = self._client.quotas.get(
                project_id, usage=True
            ).to_dict()
        return dict(
            service.read_each(
                f'quota of project {project_id} for type',
                types,
                lambda name: (
                    name,
                    resources.Quota(
                        volumes=_left(found.get(f'volumes_{name}')),
                        gigabytes=_left(found.get(f'gigabytes_{name}')),
                    ),
                ),
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


def _volume_type(t: Any) -> resources.VolumeType:
    """As Cinder reads its extra specs for a retype.

    Of multiattach it takes one spelling only (``_is_multiattach`` of
    ``cinder.volume.api.API``); zones that are none bind nothing
    (``extract_availability_zones_from_volume_type`` of
    ``cinder.volume.volume_utils``).
    """
    specs = getattr(t, 'extra_specs', None)
    if specs is None:  # Cinder's policy does not show them.
        return resources.VolumeType(t.name)
    zones = specs.get('RESKEY:availability_zones')
    most = _whole(specs.get('provisioning:max_vol_size'))
    return resources.VolumeType(
        name=t.name,
        multiattach=specs.get('multiattach') == '<is> True',
        zones=None
        if zones is None
        else tuple(zone.strip() for zone in zones.split(',') if zone),
        min_gb=_whole(specs.get('provisioning:min_vol_size')) or 0,
        max_gb=math.inf if most is None else most,
        qos_id=getattr(t, 'qos_specs_id', None) or '',
    )


def _whole(value: Any) -> int | None:
    """A whole number, None for what is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _named(t: Any) -> Any:
    """A volume type, which has to have an id and a name."""
    service.text(t.id)
    service.text(t.name)
    return t


def _specs(t: Any) -> tuple[str, dict[str, str | None]]:
    """Name and extra specs, which are left out where policy hides them."""
    return t.name, {
        service.text(key): value
        for key, value in getattr(t, 'extra_specs', {}).items()
    }


def _told(pool: Any) -> tuple[str, dict[str, Any]]:
    """The name of a pool and what its backend tells."""
    return service.text(pool['name']), dict(pool['capabilities'])


def _zone(shown: Any) -> tuple[list[str], str]:
    """What the pools of a service are named after, and its zone.

    Those of a cluster are named after it.
    """
    names = shown.host, getattr(shown, 'cluster', None)
    zone = service.text(getattr(shown, 'zone', None) or '')
    return [service.text(name) for name in names if name], zone


def _pool(
    name: str,
    capacity: pool_capacity.Capacity,
    types: frozenset[str],
    thick: frozenset[str],
) -> resources.Pool:
    """The pool, with what Cinder still places there.

    :param types: those that it serves.
    :param thick: the types of thick volumes, served or not.
    """
    return resources.Pool(
        name,
        pool_capacity.left_gb(capacity),
        types,
        pool_capacity.left_gb(capacity, thick=True),
        thick & types,
    )


def _left(quota: dict[str, int] | None) -> float:
    """What is left of a quota; infinite where there is none (-1)."""
    if quota is None or quota['limit'] < 0:
        return math.inf
    return quota['limit'] - quota['in_use'] - quota['reserved']


def _held(attachment: Any) -> tuple[str, str]:
    """The ids of its volume and its server; '' for that of a host."""
    server_id = attachment.instance or ''
    return service.text(attachment.volume_id), service.text(server_id)


def _volumes(shown: Iterable[Any]) -> dict[str, resources.Volume]:
    """By id; one that cannot be read is there, and nothing is known of it."""
    return {
        v.id: volume
        or resources.Volume(
            v.id, name='', status='unknown', host=None, type=None
        )
        for v, volume in service.readable('volume', shown, _volume)
    }


def _volume(v: Any) -> resources.Volume:
    """A host is named by each attachment, also by one to a server."""
    hosts = (
        a.get('host_name') or ''
        for a in v.attachments
        if not a.get('server_id')
    )
    servers = (a.get('server_id') for a in v.attachments)
    return resources.Volume(
        id=v.id,
        name=v.name or '',
        status=v.status,
        host=getattr(v, 'os-vol-host-attr:host', None),
        type=v.volume_type,
        migration_status=getattr(v, 'migration_status', None),
        size_gb=v.size,
        server_ids=tuple(sorted({id_ for id_ in servers if id_})),
        host_names=tuple(sorted(set(hosts))),
        group_id=getattr(v, 'group_id', None)
        or getattr(v, 'consistencygroup_id', None),
        project_id=getattr(v, 'os-vol-tenant-attr:tenant_id', ''),
        created_at=getattr(v, 'created_at', None) or '',
        updated_at=getattr(v, 'updated_at', None),
        multiattach=getattr(v, 'multiattach', False),
        encrypted=getattr(v, 'encrypted', False),
        # What cinder.volume.api.API.migrate_volume takes for not replicated.
        replicated=getattr(v, 'replication_status', None)
        not in (None, '', 'disabled', 'not-capable'),
        zone=getattr(v, 'availability_zone', None) or '',
    )
