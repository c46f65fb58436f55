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

"""Compute hosts and storage backends that this plugin disables and enables."""

from zone_migration.logic import resources
from zone_migration.logic import storage_backends
from zone_migration.logic.schedule import host_changes


def is_ours(service: resources.ComputeHost) -> bool:
    """Whether this plugin has disabled it, and nobody since.

    >>> is_ours(resources.ComputeHost('c1', enabled=False, up=True,
    ...                           disabled_reason='watcher_zone_migration 7'))
    True
    """
    return not service.enabled and host_changes.has_mark(
        service.disabled_reason
    )


def why_not(
    name: str,
    state: str,
    service: resources.ComputeHost | None,
    kind: host_changes.Kind = host_changes.HOST,
) -> str:
    """Tell why something is not brought into a state; '' when it is.

    :param state: ENABLED or DISABLED.
    :param service: what Nova or Cinder show of it; None when there is none.
    """
    if service is None:
        return f'there is no {kind.noun} {name}'
    if state == host_changes.DISABLED:
        if not service.enabled:
            return f'{name} is disabled{_because(service)}'
        return _why_not_closed(service)
    if service.enabled:
        return f'{name} is enabled'
    if not is_ours(service):
        return f'{name} was disabled by somebody else{_because(service)}'
    return ''


def was_ours(message: str) -> bool:
    """Whether something is not disabled as this plugin has done so before.

    >>> was_ours('c1 is disabled: watcher_zone_migration 7')
    True

    :param message: of its action, with what :func:`why_not` tells.
    """
    return f' is disabled: {host_changes.MARK}' in message


def is_changed(
    state: str, reason: str | None, service: resources.ComputeHost | None
) -> bool:
    """Whether something is as an action leaves it that changes its state.

    :param state: ENABLED or DISABLED.
    :param reason: why the action disables it.
    """
    if service is None:
        return False
    if state == host_changes.ENABLED:
        return service.enabled
    return not service.enabled and service.disabled_reason == reason


def _because(service: resources.ComputeHost) -> str:
    """The reason that is shown for what is disabled, if any."""
    return f': {service.disabled_reason}' if service.disabled_reason else ''


def _why_not_closed(service: resources.ComputeHost) -> str:
    """Tell why an enabled backend is not disabled; '' for a compute host.

    One that is frozen would be thawed when it is enabled again.
    """
    if not isinstance(service, storage_backends.Backend):
        return ''
    if service.cluster:
        return (
            f'{service.name} is in the cluster {service.cluster}, which '
            'Cinder disables as a whole (cinder cluster-disable '
            f'{service.cluster})'
        )
    return f'{service.name} is frozen' if service.frozen else ''
