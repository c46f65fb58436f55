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

"""Risks that an operator should know of, though the plan is possible."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import aggregate_isolation
from zone_migration.logic.preflight import candidate_hosts
from zone_migration.logic.preflight import dedicated_cpus
from zone_migration.logic.preflight import devices
from zone_migration.logic.preflight import downtime
from zone_migration.logic.preflight import risk_text
from zone_migration.logic.preflight import scheduler_hints
from zone_migration.logic.preflight import server_checks
from zone_migration.logic.preflight import unpinning
from zone_migration.logic.preflight import volume_types

#: By the filter.
_ISOLATED = {
    aggregate_isolation.PROJECTS: (
        'Nova may refuse {} for filter_tenant_id of aggregates, if '
        'AggregateMultiTenancyIsolation is enabled, or '
        'limit_tenants_to_placement_aggregate set: name other destinations'
    ),
    aggregate_isolation.IMAGES: (
        'Nova may refuse {} for metadata of aggregates about images, if '
        'AggregateImagePropertiesIsolation is enabled: name other '
        'destinations'
    ),
}


def risks(
    request: params.Request,
    selected: selection.Selection,
    started: Iterable[params.ServerItem | params.VolumeItem],
    adopted: Iterable[params.ServerItem | params.VolumeItem],
    inventory: cloud_inventory.Inventory,
) -> tuple[str, ...]:
    """Return what may go otherwise than it is meant, a sentence each.

    :param started: what is to move, with its destination where it has one.
    :param adopted: what is moving already.
    """
    started = list(started)
    servers = [
        i
        for i in started
        if isinstance(i, params.ServerItem) and not i.instead
    ]
    volumes = [i for i in started if isinstance(i, params.VolumeItem)]
    goals = [item.dst_hostname for item in servers] + [
        server_checks.goal(inventory.migrations.get(item.id, ()))
        for item in adopted
        if isinstance(item, params.ServerItem) and not item.instead
    ]
    to_hosts = sum(goal in selected.hosts for goal in goals)
    to_pools = sum(_stays(item, selected, inventory) for item in volumes)
    arriving = (
        '{} will go to %s that are being emptied, and stay there: name other '
        'destinations'
    )
    return (
        *downtime.risks(servers, inventory),
        *unpinning.risks(servers),
        *_of_scheduler(request, selected, servers, inventory),
        *risk_text.risk(to_hosts, 'server', arriving % 'hosts'),
        *risk_text.risk(to_pools, 'volume', arriving % 'pools'),
        *_of_retypes(volumes, selected, inventory),
        *_not_shown(selected, inventory),
        *_of_servers(servers, selected, inventory),
        *_misspelt(selected),
    )


def _of_scheduler(
    request: params.Request,
    selected: selection.Selection,
    started: Iterable[params.ServerItem],
    inventory: cloud_inventory.Inventory,
) -> list[str]:
    """The risk that Nova chooses a host that is being emptied."""
    hosts = inventory.hosts
    if request.disable_compute_nodes or not any(
        name in hosts and hosts[name].enabled for name in selected.hosts
    ):
        return []
    return risk_text.risk(
        sum(not item.dst_hostname for item in started),
        'server',
        'Nova may choose a host that is being emptied for {}: set '
        'disable_compute_nodes, or name destinations',
    )


def _stays(
    item: params.VolumeItem,
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
) -> bool:
    """Whether it keeps its type and goes to a pool that this type leaves."""
    type_ = inventory.volumes[item.id].type or ''
    return not item.dst_type and not selected.leaving.isdisjoint(
        {(item.dst_hostname, ''), (item.dst_hostname, type_)}
    )


def _of_retypes(
    started: Iterable[params.VolumeItem],
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
) -> list[str]:
    """The risks of volumes that get a new type."""
    retyped = [item for item in started if item.dst_type]
    return [
        *risk_text.risk(
            sum(bool(inventory.snapshots.get(item.id)) for item in retyped),
            'volume',
            'Cinder may drop the retype of {} with snapshots, where the '
            'backend cannot do it in place: delete the snapshots first',
        ),
        *risk_text.risk(
            sum(
                bool(item.selector) and _in_place(item, inventory)
                for item in retyped
            ),
            'volume',
            '{} may stay in the pool, which serves the new type too: name '
            'dst_pool to empty it',
        ),
        *risk_text.risk(
            sum(_may_stray(item, selected, inventory) for item in retyped),
            'volume',
            'Cinder may choose a pool that is being emptied for {} with a '
            'new type: change their type with a later audit',
        ),
    ]


def _in_place(
    item: params.VolumeItem, inventory: cloud_inventory.Inventory
) -> bool:
    """Whether the pool of a volume serves its new type."""
    volume = inventory.volumes[item.id]
    return any(
        volume.may_be_in(pool.name) and item.dst_type in pool.types
        for pool in inventory.pools.values()
    )


def _may_stray(
    item: params.VolumeItem,
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
) -> bool:
    """Whether Cinder may send a retyped volume to what is being emptied."""
    if _in_place(item, inventory):
        return False
    return bool(
        volume_types.in_zones(
            (
                inventory.pools[name]
                for name in selected.pools
                if name in inventory.pools
                and item.dst_type in inventory.pools[name].types
            ),
            inventory.volumes[item.id],
            inventory.volume_types[item.dst_type],
        )
    )


def _not_shown(
    selected: selection.Selection, inventory: cloud_inventory.Inventory
) -> list[str]:
    """The risk of resources whose place is not shown, as of a cell down."""
    found = []
    for service, noun, things, emptied in (
        ('Nova', 'server', inventory.servers.values(), selected.hosts),
        ('Cinder', 'volume', inventory.volumes.values(), selected.pools),
    ):
        ids = sorted(
            t.id
            for t in things
            if t.host is None and (t.status or '').upper() == resources.UNKNOWN
        )
        if ids and emptied:
            more = f' and {len(ids) - 1} more' if len(ids) > 1 else ''
            found.append(
                f'{service} does not tell where '
                f'{risk_text.count(len(ids), noun)} may be, {ids[0]}{more}: '
                'repeat the audit when it does'
            )
    return found


def _of_servers(
    started: Collection[params.ServerItem],
    selected: selection.Selection,
    inventory: cloud_inventory.Inventory,
) -> list[str]:
    """The risk of servers that Nova refuses for what its API does not show."""
    candidates = candidate_hosts.CandidateHosts(inventory, selected.hosts).of
    isolated = aggregate_isolation.at_risk(started, inventory, candidates)
    return [
        *_of_hints(started, inventory, candidates),
        *_of_offers(started, inventory),
        *risk_text.risk(
            sum(item.id in inventory.sharing for item in started),
            'server',
            'Nova may refuse {} for shares of Manila, if a nova-compute is '
            'older than 2026.2: upgrade all of them, or detach the shares',
        ),
        *(
            _ISOLATED[name].format(risk_text.count(number, 'server'))
            for name, number in sorted(isolated.items())
        ),
        *risk_text.risk(
            sum(
                item.status == schema.ACTIVE
                and not item.downtime
                and dedicated_cpus.may_fail_live(
                    inventory.servers[item.id], inventory.nova_version
                )
                for item in started
            ),
            'server',
            'Nova before 33.0.3 may fail to migrate {} live for dedicated '
            'CPUs, where the guest has run since before 2026.1: upgrade '
            'Nova, or reboot the server hard',
        ),
    ]


def _of_hints(
    started: Iterable[params.ServerItem],
    inventory: cloud_inventory.Inventory,
    candidates: Callable[[resources.Server], Collection[str]],
) -> list[str]:
    """The risk of scheduler hints that destinations go against."""
    hinted = scheduler_hints.at_risk(started, inventory, candidates)
    names = sorted({name for names in hinted.values() for name in names})
    return risk_text.risk(
        len(hinted),
        'server',
        'Nova may refuse {} for their scheduler hints '
        f'({", ".join(names)}), if its filters for them are enabled: name '
        'other destinations',
    )


def _of_offers(
    started: Iterable[params.ServerItem], inventory: cloud_inventory.Inventory
) -> list[str]:
    """The risk of servers that need what only some hosts offer."""
    needs = [
        devices.asked_of_hosts(server.extra_specs, server.image_properties)
        for server in (inventory.servers[item.id] for item in started)
    ]
    return risk_text.risk(
        sum(map(bool, needs)),
        'server',
        'Nova moves {} only to hosts that offer the same '
        f'({", ".join(sorted(frozenset().union(*needs)))}), which is not '
        'checked: name such hosts',
    )


def _misspelt(selected: selection.Selection) -> list[str]:
    """The risk of ids in the parameters that nothing has."""
    found = []
    for parameter, ids in (
        ('exclude', selected.gone),
        ('allow_downtime', selected.gone_downtime),
        ('confirm_resizes', selected.gone_resizes),
        ('unpin', selected.gone_pins),
    ):
        if ids:
            more = f' (nor {len(ids) - 1} more)' if len(ids) > 1 else ''
            found.append(
                f'{parameter}: nothing has the id {ids[0]}{more}: it is '
                'deleted, or misspelt'
            )
    return found
