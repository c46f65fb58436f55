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

"""The host that a server is sent to after it has failed to reach another.

Nova's API takes no hosts to avoid, so that one has to be named.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses

from oslo_log import log

from zone_migration import client
from zone_migration import conf
from zone_migration import exception
from zone_migration import inventory
from zone_migration.actions import server
from zone_migration.client import exception as client_exception
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.outcome import attempts
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import evaluation

CONF = conf.CONF
LOG = log.getLogger(__name__)


class AnotherHost(server.ServerAction):
    """A migration that goes to another host after one that has failed."""

    def __init__(self, config, osc=None) -> None:
        super().__init__(config, osc)
        # A cold migration may follow a live one, which goes elsewhere.
        self._chosen: set[str] = set()

    def _elsewhere(
        self, wanted: decisions.ServerMove, decision: decisions.Decision
    ) -> decisions.ServerMove:
        """The move, to a host where no earlier attempt has failed.

        One that is named is kept.  To find a host takes a while, so it is
        looked once more whether the server is still to be moved.

        :raises MoveCancelled: when the plan was cancelled meanwhile.
        :raises MoveRefused: when the server cannot be moved any more.
        """
        if decision.kind is not decisions.Kind.START:
            return wanted
        elsewhere = self._to_another_host(wanted)
        if elsewhere is wanted:
            return wanted
        if self._is_cancelled():
            raise exception.MoveCancelled(reason='nothing was started')
        decision = self._decide(
            dataclasses.replace(
                wanted, source=wanted.source or self._server.host
            )
        )
        if decision.kind is not decisions.Kind.START:
            raise exception.MoveRefused(reason=decision.text)
        self._report_destination(elsewhere.dst_hostname)
        return elsewhere

    def _to_another_host(
        self, wanted: decisions.ServerMove
    ) -> decisions.ServerMove:
        """The move, to a host where nothing has failed, claimed; or as it is.

        It names none where Nova is to choose.
        """
        if wanted.dst_hostname or not self.failed_at:
            return wanted
        name = self._claim_one(
            fit(
                self.cloud,
                wanted.resource_id,
                'shutoff' if self._server.status == 'SHUTOFF' else 'active',
                {*self.failed_at, *self._chosen, *self.left_hosts()},
                bool(self.input_parameters.get('unpin_from')),
                CONF.zone_migration.scheduler_filters,
            )
        )
        self._chosen.add(name)
        return dataclasses.replace(wanted, dst_hostname=name)

    def _claim_one(self, hosts: Iterable[str]) -> str:
        """Claim the first host that may take one more now.

        Where none may, the first is taken beyond its limit, as where Nova
        chooses: to wait here would hold the places of what can start.

        :returns: '' where there is no host.
        """
        first = ''
        for host in hosts:
            if self.claim_destination(host):
                return host
            first = first or host
        return first


def fit(
    cloud: client.Cloud,
    server_id: str,
    status: str,
    avoided: Collection[str],
    may_unpin: bool,
    scheduler_filters: Iterable[str],
) -> Iterator[str]:
    """Yield the hosts that the preflight finds fit now, the roomiest first.

    None where the cloud does not tell: Nova is to choose then.

    :param status: as an audit gives it, active or shutoff.
    :param avoided: hosts that it shall not be, which may be cut.
    :param may_unpin: whether it may leave its availability zone.
    :param scheduler_filters: as an audit knows them.
    """
    try:
        hosts = tuple(
            host.name
            for host in cloud.nova.hosts().values()
            if host.enabled
            and host.up
            and not attempts.is_among(host.name, avoided)
        )
        if not hosts:
            return
        # Whether it may be down, or is locked, was asked for the plan.
        item = params.ServerItem(
            server_id,
            status,
            destinations=hosts,
            allow_downtime=True,
            may_unpin=may_unpin,
        )
        request, selected = _of(item)
        found = inventory.examine(
            cloud,
            inventory.collect(cloud, request),
            selected,
            scheduler_filters,
        )
    except client_exception.CloudError as error:
        LOG.warning(
            'Nova chooses the host of server %s again: %s', server_id, error
        )
        return
    while item.destinations:
        (result,) = evaluation.evaluate(*_of(item), found).results
        name = result.item.dst_hostname
        if result.decision.kind is not decisions.Kind.START:
            if item.destinations == hosts:
                LOG.warning(
                    'Nova chooses the host of server %s again: %s',
                    server_id,
                    result.decision.text,
                )
            return
        yield name
        item = dataclasses.replace(
            item,
            destinations=tuple(
                one for one in item.destinations if one != name
            ),
        )


def _of(
    item: params.ServerItem,
) -> tuple[params.Request, selection.Selection]:
    """What asks for one server, and selects it."""
    return (
        params.Request(servers=(item,), move_locked=True),
        selection.Selection(servers=(item,)),
    )
