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

"""The quotas of projects for the types that their volumes get."""

from collections.abc import Mapping
import math

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params


def reserve(
    item: params.VolumeItem,
    volume: resources.Volume,
    quotas: dict[tuple[str, str], cloud_inventory.Quota],
    projects: Mapping[str, str],
) -> str:
    """Take the share of a volume; or tell why its project has too little left.

    A retype reserves a volume and its gigabytes of the new type, those of the
    old type are given back when it has ended (``get_volume_type_reservation``
    of Cinder).  The quotas of all types together are not touched.
    """
    key = volume.project_id, item.dst_type
    quota = quotas.get(key)
    if not item.dst_type or quota is None:
        return ''
    needs = {'volumes': 1, 'gigabytes': volume.size_gb}
    for name, need in needs.items():
        left = getattr(quota, name)
        if left < need:
            project = projects.get(volume.project_id, volume.project_id)
            return (
                f'project {project} has no quota for type {item.dst_type}: '
                f'it needs {need} of {name}_{item.dst_type}, '
                f'{max(0, math.floor(left))} are left after the others: '
                'raise it'
            )
    quotas[key] = cloud_inventory.Quota(
        quota.volumes - 1, quota.gigabytes - volume.size_gb
    )
    return ''
