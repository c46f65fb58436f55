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

"""Move an attached volume under its running server."""

import voluptuous

from zone_migration.actions import parameters
from zone_migration.actions import volume
from zone_migration.logic.outcome import attempts
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import volume_checks


def _one_destination(given: dict) -> dict:
    """Raise Invalid unless either a type or a pool is wanted."""
    if given.get('dst_type') and given.get('dst_hostname'):
        raise voluptuous.Invalid(
            'does not go with dst_hostname: Cinder either migrates or '
            'retypes',
            path=['dst_type'],
        )
    return given


class VolumeUpdateAction(volume.VolumeAction):
    """Migration or retype by Cinder of an in-use volume.

    Cinder makes the copy, asks Nova to swap the server onto it, and gives it
    the old volume's id.  Nova refuses a direct swap (409), and that way lost
    data before it did.
    """

    DESCRIPTION = (
        'Moves an attached volume to another pool or type while its server '
        'runs'
    )
    SCHEMA = voluptuous.Schema(
        voluptuous.All(
            {
                **parameters.VOLUME,
                voluptuous.Optional('dst_hostname'): parameters.text,
                voluptuous.Optional('dst_type'): parameters.text,
                voluptuous.Optional('expected_pool'): parameters.text,
                voluptuous.Optional('status'): parameters.one_of('in-use'),
                # The server it is attached to, when the plan was made.
                voluptuous.Optional('server_id'): parameters.text,
            },
            _one_destination,
        )
    )

    def _decide(self, wanted: decisions.VolumeMove) -> decisions.Decision:
        """Decide whether the volume can be moved while it is attached."""
        decision = self._suiting(wanted, self._decide_update(wanted))
        if wanted.dst_hostname or not attempts.is_among(
            decision.pool, self.failed_at
        ):
            return decision
        # Another one, if there is any.
        others = [
            pool
            for pool in self.cloud.cinder.pools()
            if pool.serves(self._volume.type)
            and not attempts.is_among(pool.name, self.failed_at)
        ]
        another = volume_checks.another_pool(self._volume, others)
        return another if another.moves else decision
