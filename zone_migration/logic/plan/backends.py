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

"""The storage backends that are disabled while their pools are emptied.

Cinder disables a backend with all its pools, and no pool by itself.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic import storage_backends
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import selection
from zone_migration.logic.outcome import disabled_services
from zone_migration.logic.plan import hosts
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.schedule import host_changes


def disabling(
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
    audit: str,
) -> list[planned_actions.PlannedAction]:
    """The actions that disable the backends whose pools an audit empties.

    Those that cannot be disabled are SKIPPED, with the reason; what leaves
    their pools leaves them all the same.

    :param inventory: with backends.
    :param audit: the UUID of the audit, which the reason names.
    """
    reasons = _reasons(selected, inventory)
    named = dict(inventory.backends or {})
    for name in reasons:
        # Of what is in no backend (any more) the plan tells as well.
        named.setdefault(
            name, storage_backends.Backend(name, enabled=True, up=False)
        )
    return [
        dataclasses.replace(action, skip_reason=reasons[action.resource_id])
        for action in hosts.disabling(
            reasons, named, audit, host_changes.BACKEND
        )
    ]


def once_closed(
    selected: selection.Selection, inventory: cloud_inventory.Inventory
) -> cloud_inventory.Inventory:
    """Return the inventory as it is once the backends are disabled.

    Cinder shows their pools no more then, and sends nothing there.

    :raises InvalidParameters: with a fault for each destination that the
        audit itself disables.
    """
    closed = {
        name for name, why in _reasons(selected, inventory).items() if not why
    }
    faults = {
        (item.path, name): errors.Fault(
            item.path,
            f'{name!r} is to be emptied itself, and disable_storage_pools '
            'disables its backend: name another',
        )
        for item in selected.volumes
        for name in (item.dst_hostname, *item.destinations)
        if resources.backend_of(name) in closed
    }
    if faults:
        raise errors.InvalidParameters(list(faults.values()))
    return dataclasses.replace(
        inventory,
        pools={
            name: pool
            for name, pool in inventory.pools.items()
            if resources.backend_of(name) not in closed
        },
    )


def _reasons(
    selected: selection.Selection, inventory: cloud_inventory.Inventory
) -> dict[str, str]:
    """Why backends are not disabled that volumes leave, by name; '' if so."""
    leaving: dict[str, set[str]] = {}
    for pool, volume_type in selected.leaving:
        leaving.setdefault(pool, set()).add(volume_type)
    names = sorted(map(resources.backend_of, {*leaving, *selected.retyped}))
    return {
        name: _why_not(name, leaving, selected.retyped, inventory)
        for name in names
    }


def _why_not(
    name: str,
    leaving: Mapping[str, Collection[str]],
    retyped: Collection[str],
    inventory: cloud_inventory.Inventory,
) -> str:
    """Why a backend is not disabled; '' where it is."""
    clusters = {
        backend.cluster: backend
        for backend in (inventory.backends or {}).values()
        if backend.cluster
    }
    seen = (inventory.backends or {}).get(name, clusters.get(name))
    if seen is None or seen.enabled:
        why = disabled_services.why_not(
            name, host_changes.DISABLED, seen, host_changes.BACKEND
        )
        if why:
            return why
    kept = [p for p in sorted(retyped) if resources.backend_of(p) == name]
    if kept:
        return (
            f'Cinder disables whole backends only, and volumes that change '
            f'their type may stay in {_some(kept)}: give a dst_pool for it'
        )
    # One that is disabled already shows no pools, but those with volumes.
    pools = (
        inventory.pools
        if seen is None or seen.enabled
        else {volume.host or '' for volume in inventory.volumes.values()}
    )
    others = sorted(
        pool
        for pool in pools
        if resources.backend_of(pool) == name and pool not in leaving
    )
    if others:
        return (
            f'Cinder disables whole backends only, and {_some(others)} of '
            f'{name} would stay in use: empty all its pools in one audit'
        )
    partly = [
        pool
        for pool, types in sorted(leaving.items())
        if resources.backend_of(pool) == name and '' not in types
    ]
    if partly:
        return (
            f'Cinder disables whole backends only, and only volumes of type '
            f'{_some(sorted(leaving[partly[0]]))} leave {partly[0]}: give no '
            'src_type'
        )
    return ''


def _some(names: Iterable[str]) -> str:
    """Names, of many the first."""
    first, *others = names
    return f'{first} and {len(others)} more' if others else first
