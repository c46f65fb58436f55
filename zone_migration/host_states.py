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

"""Compute hosts that plans disable and enable.

They are looked at before that is done, and left as they were found when the
plan is cancelled.
"""

from collections.abc import Mapping

from oslo_log import log

from zone_migration import client
from zone_migration import conf
from zone_migration import exception
from zone_migration.client import exception as client_exception
from zone_migration.logic import hosts

CONF = conf.CONF
LOG = log.getLogger(__name__)


@exception.translate_cloud_errors()
def check(osc, action) -> None:
    """Nothing, when an action may change the state of its host.

    Watcher's own action looks as well, since Watcher 16; it does not tell who
    has disabled a host.

    :param osc: Watcher's ``OpenStackClients``.
    :param action: any action of a plan.
    :raises HostLeftAlone: when the host is not as it was when the plan was
        made.
    :raises CloudRequestFailed: when Nova does not tell.
    """
    if not hosts.is_ours_to_change(action):
        return
    name = action['input_parameters']['resource_name']
    reason = hosts.why_not(
        name,
        action['input_parameters']['state'],
        client.cloud_of(osc, CONF).nova.hosts().get(name),
    )
    if reason:
        raise exception.HostLeftAlone(reason=reason)


def enable_again(osc, actions) -> str:
    """Enable the hosts that actions have disabled, and say what came of it.

    Those whose state somebody else has changed since are left alone.  Nothing
    is raised: a plan has to end, whatever Nova does.

    :param osc: Watcher's ``OpenStackClients``.
    :param actions: those that have been executed; of whatever type.
    :returns: a text for the operator; '' if no host was disabled.
    """
    reasons = {
        name: action['input_parameters']['disabled_reason']
        for action in actions
        if (name := hosts.disabled_by(action))
    }
    if not reasons:
        return ''
    nova = client.cloud_of(osc, CONF).nova
    try:
        seen = nova.hosts()
    except client_exception.CloudError as error:
        failed = dict.fromkeys(reasons, str(error))
        _log(failed)
        return hosts.enabled_again([], [], failed)
    left = [
        name
        for name, reason in reasons.items()
        if hosts.set_since(seen.get(name), reason)
    ]
    enabled, failed = [], {}
    trouble = ''
    for name in (name for name in reasons if name not in left):
        if trouble:
            # It would be asked again and again for each of the others.
            failed[name] = trouble
            continue
        try:
            _enable(nova, name)
        except client_exception.CloudUnavailable as error:
            failed[name] = trouble = str(error)
        except client_exception.CloudError as error:
            failed[name] = str(error)
        else:
            enabled.append(name)
            LOG.info('Compute host %s is enabled again', name)
    _log(failed)
    return hosts.enabled_again(enabled, left, failed)


def _enable(nova, name: str) -> None:
    try:
        nova.enable_host(name)
    except client_exception.AnswerLost:
        host = nova.hosts().get(name)
        if host is not None and not host.enabled:
            raise


def _log(failed: Mapping[str, str]) -> None:
    for name, reason in failed.items():
        LOG.error(
            'Compute host %s is still disabled: %s; enable it with an audit '
            'that names it in enable_compute_nodes',
            name,
            reason,
        )
