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

from oslo_log import log

from zone_migration import client
from zone_migration import inventory
from zone_migration.client import exception as client_exception
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import evaluation

LOG = log.getLogger(__name__)


def find(
    cloud: client.Cloud,
    server_id: str,
    status: str,
    avoided: Collection[str],
    may_unpin: bool,
    scheduler_filters: Iterable[str],
) -> str:
    """Return the roomiest host that the preflight finds fit now.

    :param status: as an audit gives it, active or shutoff.
    :param avoided: hosts that it shall not be.
    :param may_unpin: whether it may leave its availability zone.
    :param scheduler_filters: as an audit knows them.
    :returns: '' where there is none, or where the cloud does not tell: Nova
        is to choose then.
    """
    try:
        hosts = tuple(
            host.name
            for host in cloud.nova.hosts().values()
            if host.enabled and host.up and host.name not in avoided
        )
        if not hosts:
            return ''
        # Whether it may be down, or is locked, was asked for the plan.
        item = params.ServerItem(
            server_id,
            status,
            destinations=hosts,
            allow_downtime=True,
            may_unpin=may_unpin,
        )
        request = params.Request(servers=(item,), move_locked=True)
        selected = selection.Selection(servers=(item,))
        found = inventory.examine(
            cloud,
            inventory.collect(cloud, request),
            selected,
            scheduler_filters,
        )
        (result,) = evaluation.evaluate(request, selected, found).results
    except client_exception.CloudError as error:
        LOG.warning(
            'Nova chooses the host of server %s again: %s', server_id, error
        )
        return ''
    if result.decision.kind is not decisions.Kind.START:
        LOG.warning(
            'Nova chooses the host of server %s again: %s',
            server_id,
            result.decision.text,
        )
        return ''
    return result.item.dst_hostname
