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

"""Prove that a host or pool is empty that a plan empties."""

from oslo_log import log
import voluptuous

from zone_migration import conf
from zone_migration import exception
from zone_migration import waiting
from zone_migration.actions import parameters
from zone_migration.actions import waiting_action
from zone_migration.client import exception as client_exception
from zone_migration.engine_interfaces import prover
from zone_migration.logic import resources
from zone_migration.logic.outcome import emptiness

CONF = conf.CONF
LOG = log.getLogger(__name__)


class VerifyEmptyAction(waiting_action.WaitingAction, prover.Prover):
    """Looks whether a host or pool is empty; it changes nothing.

    The engine ``parallel`` runs it when all else of its plan has ended, and
    was taken back where that was to be.
    """

    DESCRIPTION = 'Looks whether a compute host or a storage pool is empty'
    SCHEMA = voluptuous.Schema({
        voluptuous.Required('resource_id'): parameters.name,
        voluptuous.Optional('resource_name'): parameters.text,
        voluptuous.Required('place'): parameters.one_of('host', 'pool'),
        # Of a pool, the only type that leaves it.
        voluptuous.Optional('src_type'): parameters.text,
        # The ids of what the plan leaves there without an action.
        voluptuous.Optional('left'): str,
        # How many these are, where they are too many to be named.
        voluptuous.Optional('left_unnamed'): int,
    })

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        self._things: list[emptiness.Thing] = []
        self._migrations: list[resources.Migration] = []

    def pre_condition(self) -> None:
        """Raise NotTheLast unless the engine runs it as the last.

        :raises NotTheLast: under another engine, which may move things yet.
        """
        if self.acts is None:
            raise exception.NotTheLast(
                reason='only the engine "parallel" looks when all else has '
                       'ended'
            )

    @exception.translate_cloud_errors()
    def execute(self) -> bool:
        """Look, and look again while something is about to leave.

        That is waited for as long as for a move without any change.

        :returns: True; nothing is there but what the plan leaves there.
        :raises NotEmpty: when more is there, and what.
        :raises MoveCancelled: when it was ended by :meth:`abort`.
        """
        interval = CONF.zone_migration.poll_interval
        for number in waiting.polls(interval, interrupt=self._abort):
            seen = self._look()
            self._report_progress(seen.text)
            waited = number * interval
            if (
                seen.is_as_planned
                or not seen.in_flight
                or waited >= self._timing().stall_timeout
            ):
                break
        text = seen.text + self._leftovers()
        self._report_progress(text)
        if self._is_cancelled():
            raise exception.MoveCancelled(reason='not looked to the end')
        if not seen.is_as_planned:
            raise exception.NotEmpty(reason=text)
        return True

    def post_condition(self) -> None:
        """Do nothing: it has changed nothing."""

    def revert(self) -> None:
        """Do nothing: it has changed nothing."""

    def abort(self) -> bool:
        """End it early."""
        self._abort.set()
        return True

    def check_abort(self) -> bool:
        """Yes."""
        return True

    def _silent_gb(self) -> int:
        """The size of the largest volume that is about to leave, in GB."""
        return max(
            (one.size_gb for one in self._things if one.is_in_flight),
            default=0,
        )

    def _look(self) -> emptiness.Emptiness:
        """Look what is there now.

        :raises MoveFailed: when Nova does not know the host (any more): what
            is on it does not show.
        """
        given = self.input_parameters
        place = given['resource_id']
        if given['place'] == 'host':
            # Before the servers: what arrives meanwhile is in one of them.
            self._migrations = self.cloud.servers.unfinished()
            servers = self.cloud.nova.servers_on(place)
            self._things = list(
                emptiness.on_host(place, servers, self._migrations))
            # Asked after them: a cell that is down shows neither.
            if self.cloud.nova.host(place) is None:
                raise exception.MoveFailed(
                    reason=f'Nova shows no compute host {place}: what is on '
                           'it cannot be seen'
                )
        else:
            self._things = list(emptiness.in_pool(
                self.cloud.cinder.volumes_in(place), given.get('src_type', '')
            ))
        return emptiness.evaluate(
            place,
            self._things,
            self.acts(),
            frozenset(given.get('left', '').split()),
            given.get('left_unnamed', 0),
        )

    def _leftovers(self) -> str:
        """Words for what Placement holds on a host for nothing there.

        That keeps no host running: it takes nothing from its emptiness.  Nova
        takes away what a migration held on its source a moment after that is
        completed (``nova.compute.manager._post_live_migration``).
        """
        if self.input_parameters['place'] != 'host':
            return ''
        place = self.input_parameters['resource_id']
        told = ''
        try:
            provider = self.cloud.nova.provider_of(place)
            interval = CONF.zone_migration.poll_interval
            for number in waiting.polls(interval, interrupt=self._abort):
                told = emptiness.leftovers(
                    self.cloud.placement.consumers(provider)
                    if provider
                    else frozenset(),
                    self._things,
                    self._migrations,
                )
                if not told or number * interval >= waiting.SETTLE:
                    break
        except client_exception.CloudError as error:
            LOG.warning('%s: no word of its allocations: %s', self, error)
            return '; its allocations in Placement could not be read'
        return told
