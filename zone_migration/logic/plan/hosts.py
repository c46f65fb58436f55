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

"""Compute hosts that are disabled while they are emptied."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import scope
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import host_changes

#: Nova takes no longer reason (``nova.api.openstack.compute.schemas``).
_LONGEST_REASON = 255


def disabling(
    names: Iterable[str],
    hosts: Mapping[str, resources.ComputeHost],
    audit: str,
) -> list[planned_actions.PlannedAction]:
    """The actions that disable these hosts, unless somebody else has done it.

    Those that somebody else has disabled are left as they are: they stay so,
    whatever becomes of the plan.  Those that this plugin has disabled can be
    enabled before this plan runs, when another one is cancelled.

    :param names: the hosts that are emptied; all of them exist.
    :param hosts: what Nova shows, by name.
    :param audit: the UUID of the audit, which the reason names.
    """
    reason = f'{host_changes.MARK} {audit}'[:_LONGEST_REASON]
    return [
        _change(name, host_changes.DISABLED, reason)
        for name in sorted(set(names))
        if hosts[name].enabled or is_ours(hosts[name])
    ]


def enabling(
    patterns: Sequence[str],
    hosts: Mapping[str, resources.ComputeHost],
    in_scope: Callable[[str], bool] = lambda host: True,
) -> list[planned_actions.PlannedAction]:
    """The actions that enable hosts again which this plugin has disabled.

    The others that match are SKIPPED: they are enabled, or somebody else has
    disabled them.

    :param patterns: names of hosts, or globs of some.
    :param hosts: what Nova shows, by name.
    :param in_scope: whether the audit may be about a host.
    :raises InvalidParameters: with a fault for each pattern that matches no
        host, or none in the scope.
    """
    found: dict[str, None] = {}
    faults = []
    for index, pattern in enumerate(patterns):
        matching = sorted(globs.matching(pattern, hosts))
        names = [name for name in matching if in_scope(name)]
        if not names:
            text = (
                scope.outside(pattern)
                if matching
                else messages.none_such('compute host', pattern, hosts)
            )
            faults.append(errors.Fault(f'enable_compute_nodes.{index}', text))
        found.update(dict.fromkeys(names))
    if faults:
        raise errors.InvalidParameters(faults)
    return [
        _change(
            name,
            host_changes.ENABLED,
            hosts[name].disabled_reason if is_ours(hosts[name]) else '',
            why_not(name, host_changes.ENABLED, hosts[name]),
        )
        for name in found
    ]


def is_ours(host: resources.ComputeHost) -> bool:
    """Whether this plugin has disabled the host, and nobody since.

    >>> is_ours(resources.ComputeHost('c1', enabled=False, up=True,
    ...                           disabled_reason='watcher_zone_migration 7'))
    True
    """
    return not host.enabled and host_changes.has_mark(host.disabled_reason)


def why_not(name: str, state: str, host: resources.ComputeHost | None) -> str:
    """Tell why a host is not brought into a state; '' when it is.

    :param state: ENABLED or DISABLED.
    :param host: what Nova shows of it; None when there is none.
    """
    if host is None:
        return f'there is no compute host {name}'
    if state == host_changes.DISABLED:
        return '' if host.enabled else f'{name} is disabled{_because(host)}'
    if host.enabled:
        return f'{name} is enabled'
    if not is_ours(host):
        return f'{name} was disabled by somebody else{_because(host)}'
    return ''


def is_changed(
    state: str, reason: str | None, host: resources.ComputeHost | None
) -> bool:
    """Whether a host is as an action leaves it that changes its state.

    :param state: ENABLED or DISABLED.
    :param reason: why the action disables it.
    """
    if host is None:
        return False
    if state == host_changes.ENABLED:
        return host.enabled
    return not host.enabled and host.disabled_reason == reason


def _because(host: resources.ComputeHost) -> str:
    """The reason that Nova shows for a disabled host, if any."""
    return f': {host.disabled_reason}' if host.disabled_reason else ''


def _change(
    name: str, state: str, reason: str, skip_reason: str = ''
) -> planned_actions.PlannedAction:
    """The action that brings a host into a state."""
    parameters = {'resource_name': name, 'state': state}
    if reason:
        parameters['disabled_reason'] = reason
    return planned_actions.PlannedAction(
        host_changes.CHANGE_STATE, name, parameters, skip_reason
    )
