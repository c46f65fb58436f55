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

"""Whether a volume type suits a volume that is there already."""

from collections.abc import Iterable

from zone_migration.logic import cloud
from zone_migration.logic import decisions
from zone_migration.logic import volume_preflight


def retype(
    wanted: decisions.VolumeMove,
    volume: cloud.Volume,
    snapshots: int,
    pools: Iterable[cloud.Pool],
    volume_type: cloud.VolumeType,
) -> decisions.Decision | None:
    """Why a type does not suit a volume, None if it does.

    Cinder takes such a request and drops it later without a word, or would
    store encrypted data in the clear.

    A retype is done in place only where the volume's own pool serves the
    type (``find_retype_backend`` of Cinder's scheduler prefers it);
    everywhere else it is a copy, which Cinder makes neither of a volume with
    snapshots nor of a replicated one (``retype`` of its volume manager).

    :param pools: those that serve the type.
    """
    message = f'Invalid volume type {wanted.dst_type}'
    if volume.encrypted and not volume_type.encrypted:
        return decisions.refuse(
            f'{message}: the volume is encrypted and would not be any more: '
            'name an encrypted type'
        )
    pools = list(pools)
    if not pools:
        return decisions.refuse(
            f'{message}: no pool serves it: name another type'
        )
    if any(pool.name == volume.host for pool in pools):
        return None
    return volume_preflight.not_migratable(
        f'{message}: it takes a copy, as {volume.host} does not serve it',
        volume,
        snapshots,
    )
