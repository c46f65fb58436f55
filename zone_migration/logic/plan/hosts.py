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

"""Hosts and backends that are disabled while they are emptied."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from zone_migration.logic import messages
from zone_migration.logic import resources
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import globs
from zone_migration.logic.audit import scope
from zone_migration.logic.outcome import disabled_services
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import host_changes

#: Neither takes a longer reason (``nova.api.openstack.compute.schemas``,
#: ``cinder.api.schemas.services``).
_LONGEST_REASON = 255


def disabling(
    names: Iterable[str],
    services: Mapping[str, resources.ComputeHost],
    audit: str,
    kind: host_changes.Kind = host_changes.HOST,
) -> list[planned_actions.PlannedAction]:
    """The actions that disable these, unless somebody else has done it.

    Those that somebody else has disabled are left as they are: they stay so,
    whatever becomes of the plan.  Those that this plugin has disabled can be
    enabled before this plan runs, when another one is cancelled.

    :param names: what is emptied; all of them exist.
    :param services: what Nova or Cinder show, by name.
    :param audit: the UUID of the audit, which the reason names.
    """
    reason = f'{host_changes.MARK} {audit}'[:_LONGEST_REASON]
    return [
        _change(kind, name, host_changes.DISABLED, reason)
        for name in sorted(set(names))
        if services[name].enabled or disabled_services.is_ours(services[name])
    ]


def enabling(
    patterns: Sequence[str],
    services: Mapping[str, resources.ComputeHost],
    in_scope: Callable[[str], bool] = lambda host: True,
    kind: host_changes.Kind = host_changes.HOST,
) -> list[planned_actions.PlannedAction]:
    """The actions that enable again what this plugin has disabled.

    The others that match are SKIPPED: they are enabled, or somebody else has
    disabled them.

    :param patterns: names, or globs of some; for a pool stands its backend.
    :param services: what Nova or Cinder show, by name.
    :param in_scope: whether the audit may be about a host.
    :raises InvalidParameters: with a fault for each pattern that matches
        none, or none in the scope.
    """
    found: dict[str, None] = {}
    faults = []
    for index, pattern in enumerate(patterns):
        wanted = pattern
        if kind is host_changes.BACKEND:
            wanted = resources.backend_of(pattern)
        matching = sorted(globs.matching(wanted, services))
        names = [name for name in matching if in_scope(name)]
        if not names:
            text = (
                scope.outside(pattern)
                if matching
                else messages.none_such(kind.noun, pattern, services)
            )
            faults.append(errors.Fault(f'{kind.enabled_by}.{index}', text))
        found.update(dict.fromkeys(names))
    if faults:
        raise errors.InvalidParameters(faults)
    return [
        _change(
            kind,
            name,
            host_changes.ENABLED,
            services[name].disabled_reason
            if disabled_services.is_ours(services[name])
            else '',
            disabled_services.why_not(
                name, host_changes.ENABLED, services[name], kind
            ),
        )
        for name in found
    ]


def _change(
    kind: host_changes.Kind,
    name: str,
    state: str,
    reason: str,
    skip_reason: str = '',
) -> planned_actions.PlannedAction:
    """The action that brings a host or backend into a state."""
    parameters = {'resource_name': name, 'state': state}
    if reason:
        parameters['disabled_reason'] = reason
    return planned_actions.PlannedAction(
        kind.action_type, name, parameters, skip_reason
    )
