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

"""Requests to Cinder about storage pools, volume types and quotas."""

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any
from urllib import parse

from cinderclient import client as cinderclient
from oslo_log import log

from zone_migration.client import capabilities
from zone_migration.client import cinder_resources
from zone_migration.client import paging
from zone_migration.client import reading
from zone_migration.client import service
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources

LOG = log.getLogger(__name__)

# Volumes can be listed by the time of their last update from 3.60.
_VERSION = '3.60'


class PoolsAndTypes:
    """The storage pools of Cinder, and the volume types that they serve."""

    def __init__(self, session: Any, endpoint_options: dict[str, Any]) -> None:
        self._client = cinderclient.Client(
            _VERSION, session=session, **endpoint_options
        )
        #: The volume types of which the log says that no pool serves them.
        self._logged: set[str] = set()

    def pools(self) -> list[resources.Pool]:
        """The storage pools, each with the volume types that it serves.

        Cinder could be asked for those of a type (``get_pools?volume_type=``),
        but its CapacityFilter then compares the free space with a size that
        is not there, and every pool that tells its free space ends the
        request with HTTP 400 (seen with Cinder 29).
        """
        with service.errors_of('Cinder'):
            found = self._client.volumes.get_pools('true', {}).pools
            types = self._types()
        told = dict(
            reading.read_each(
                'storage pool', found, cinder_resources.capabilities
            )
        )
        specs = dict(
            reading.read_each(
                'volume type', types, cinder_resources.extra_specs
            )
        )
        serving = {
            name: self._serving(name, wanted, told)
            for name, wanted in specs.items()
        }
        thick = frozenset(
            name
            for name, wanted in specs.items()
            if capabilities.is_thick(wanted)
        )
        return [
            cinder_resources.pool(
                pool,
                capabilities.capacity(shown),
                frozenset(
                    name for name, pools in serving.items() if pool in pools
                ),
                thick,
            )
            for pool, shown in told.items()
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
            for t, found in reading.readable(
                'volume type', types, cinder_resources.volume_type
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
        return reading.read_each('volume type', found, cinder_resources.named)

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
            reading.read_each(
                'encryption',
                shown.items(),
                lambda each: (
                    each[0],
                    reading.text(getattr(each[1], 'provider', '')),
                ),
            )
        )

    def front_end_qos(self) -> frozenset[str]:
        """The ids of the QoS specs that hypervisors take part in."""
        with service.errors_of('Cinder'):
            found = reading.read_each(
                'QoS specs',
                self._client.qos_specs.list(),
                lambda specs: (specs.id, reading.text(specs.consumer)),
            )
        return frozenset(
            id_ for id_, consumer in found if consumer != 'back-end'
        )

    def zones(self) -> dict[str, str]:
        """The availability zones of backends, by ``host@backend``."""
        with service.errors_of('Cinder'):
            services = self._client.services.list(binary='cinder-volume')
        found = reading.read_each(
            'volume service', services, cinder_resources.zone
        )
        return {name: zone for names, zone in found for name in names}

    def quotas(
        self, project_id: str, types: Collection[str]
    ) -> dict[str, cloud_inventory.Quota]:
        """The quotas that a project has left, by volume type."""
        with service.errors_of('Cinder'):
            found = self._client.quotas.get(project_id, usage=True).to_dict()
        return dict(
            reading.read_each(
                f'quota of project {project_id} for type',
                types,
                lambda name: (
                    name,
                    cloud_inventory.Quota(
                        volumes=cinder_resources.left_of_quota(
                            found.get(f'volumes_{name}')
                        ),
                        gigabytes=cinder_resources.left_of_quota(
                            found.get(f'gigabytes_{name}')
                        ),
                    ),
                ),
            )
        )
