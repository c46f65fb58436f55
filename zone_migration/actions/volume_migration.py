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

"""Move a detached volume to another pool."""

import voluptuous

from zone_migration.actions import parameters
from zone_migration.actions import volume
from zone_migration.logic.preflight import decisions


class VolumeMigrationAction(volume.VolumeAction):
    """Migration by Cinder of an available volume, locked meanwhile."""

    DESCRIPTION = 'Moves a detached volume to another storage pool'
    SCHEMA = voluptuous.Schema({
        **parameters.VOLUME,
        # Not of a move in flight that is adopted: it has its destination.
        voluptuous.Optional('dst_hostname'): parameters.name,
        voluptuous.Optional('status'): parameters.one_of('available'),
    })

    def _decide(self, wanted: decisions.VolumeMove) -> decisions.Decision:
        """Decide whether the volume can be migrated."""
        return self._decide_migration(wanted)
