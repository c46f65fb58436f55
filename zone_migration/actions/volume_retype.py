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

"""Give a detached volume another type, and the pool that serves it."""

import voluptuous

from zone_migration.actions import parameters
from zone_migration.actions import volume
from zone_migration.logic.preflight import decisions


class VolumeRetypeAction(volume.VolumeAction):
    """Retype by Cinder of an available volume, with a copy where needed."""

    DESCRIPTION = 'Moves a detached volume to another volume type'
    SCHEMA = voluptuous.Schema({
        **parameters.VOLUME,
        voluptuous.Required('dst_type'): parameters.name,
        voluptuous.Optional('expected_pool'): parameters.text,
        voluptuous.Optional('status'): parameters.one_of('available'),
    })

    def _decide(self, wanted: decisions.VolumeMove) -> decisions.Decision:
        """Decide whether the volume can be retyped."""
        return self._suiting(wanted, self._decide_retype(wanted))
