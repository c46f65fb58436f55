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

"""What an operator should know of a plan that is possible all the same."""

from collections.abc import Iterable

from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import aggregate_isolation
from zone_migration.logic.preflight import candidate_hosts
from zone_migration.logic.preflight import dedicated_cpus
from zone_migration.logic.preflight import devices
from zone_migration.logic.preflight import scheduler_hints
from zone_migration.logic.preflight import server_checks
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
    seen: resources.Inventory,
) -> tuple[str, ...]:
    """What may go otherwise than it is meant, a sentence each.

    :param started: what is to move, with its destination where it has one.
    :param adopted: what is moving already.
    """
    started = list(started)
    anywhere = droppable = staying = straying = 0
    arriving = {'server': 0, 'volume': 0}
    for item in started:
        if isinstance(item, params.ServerItem):
            anywhere += not item.dst_hostname
            arriving['server'] += item.dst_hostname in selected.hosts
        elif item.dst_type:
            droppable += bool(seen.snapshots.get(item.id))
            straying += _may_stray(item, selected, seen)
            pool = seen.pools.get(seen.volumes[item.id].host or '')
            staying += (
                bool(item.selector)
                and pool is not None
                and item.dst_type in pool.types
            )
        else:
            kind = seen.volumes[item.id].type or ''
            arriving['volume'] += not selected.leaving.isdisjoint(
                {(item.dst_hostname, ''), (item.dst_hostname, kind)}
            )
    arriving['server'] += sum(
        server_checks.goal(seen.migrations.get(item.id, ())) in selected.hosts
        for item in adopted
        if isinstance(item, params.ServerItem)
    )
    found = []
    open_hosts = [
        name
        for name in selected.hosts
        if name in seen.hosts and seen.hosts[name].enabled
    ]
    if anywhere and open_hosts and not request.disable_compute_nodes:
        found.append(
            'Nova may choose a host that is being emptied for '
            f'{_count(anywhere, "server")}: set disable_compute_nodes, or '
            'name destinations'
        )
    for noun, places in (('server', 'hosts'), ('volume', 'pools')):
        if arriving[noun]:
            found.append(
                f'{_count(arriving[noun], noun)} will go to {places} that '
                'are being emptied, and stay there: name other destinations'
            )
    if droppable:
        found.append(
            f'Cinder may drop the retype of {_count(droppable, "volume")} '
            'with snapshots, where the backend cannot do it in place: delete '
            'the snapshots first'
        )
    if staying:
        found.append(
            f'{_count(staying, "volume")} may stay in the pool, which serves '
            'the new type too: name dst_pool to empty it'
        )
    if straying:
        found.append(
            'Cinder may choose a pool that is being emptied for '
            f'{_count(straying, "volume")} with a new type: change their '
            'type with a later audit'
        )
    found += _unseen(selected, seen)
    servers = [i for i in started if isinstance(i, params.ServerItem)]
    found += _of_servers(servers, selected, seen)
    if selected.gone:
        others = len(selected.gone) - 1
        more = f' (nor {others} more)' if others else ''
        found.append(
            f'exclude: nothing has the id {selected.gone[0]}{more}: it is '
            'deleted, or misspelt'
        )
    return tuple(found)


def _unseen(
    selected: selection.Selection, seen: resources.Inventory
) -> list[str]:
    """What may be in the zone, and hardly more than its id is known of it.

    Such as the servers of a cell that is down.
    """
    found = []
    for service, noun, things, places in (
        ('Nova', 'server', seen.servers.values(), selected.hosts),
        ('Cinder', 'volume', seen.volumes.values(), selected.pools),
    ):
        ids = sorted(
            thing.id
            for thing in things
            if thing.host is None and thing.status.upper() == resources.UNKNOWN
        )
        if ids and places:
            more = f' and {len(ids) - 1} more' if len(ids) > 1 else ''
            found.append(
                f'{service} does not tell where {_count(len(ids), noun)} may '
                f'be, {ids[0]}{more}: repeat the audit when it does'
            )
    return found


def _of_servers(
    started: list[params.ServerItem],
    selected: selection.Selection,
    seen: resources.Inventory,
) -> list[str]:
    """What Nova may refuse for a reason that its API does not show."""
    found = []
    chosen_from = candidate_hosts.CandidateHosts(seen, selected.hosts).of
    hinted = scheduler_hints.at_risk(started, seen, chosen_from)
    if hinted:
        names = sorted({name for names in hinted.values() for name in names})
        found.append(
            f'Nova may refuse {_count(len(hinted), "server")} for their '
            f'scheduler hints ({", ".join(names)}), if its filters for them '
            'are enabled: name other destinations'
        )
    asked = [
        words
        for server in (seen.servers[item.id] for item in started)
        if (
            words := devices.asked_of_hosts(
                server.extra_specs, server.image_properties
            )
        )
    ]
    if asked:
        found.append(
            f'Nova moves {_count(len(asked), "server")} only to hosts that '
            'offer what they have '
            f'({", ".join(sorted(frozenset().union(*asked)))}), which is not '
            'checked: name such hosts'
        )
    sharing = sum(item.id in seen.sharing for item in started)
    if sharing:
        found.append(
            f'Nova may refuse {_count(sharing, "server")} for shares of '
            'Manila, if a nova-compute is older than 2026.2: upgrade all of '
            'them, or detach the shares'
        )
    isolated = aggregate_isolation.at_risk(started, seen, chosen_from)
    for name, number in sorted(isolated.items()):
        found.append(_ISOLATED[name].format(_count(number, 'server')))
    pinned = sum(
        item.status == schema.ACTIVE
        and dedicated_cpus.may_fail_live(
            seen.servers[item.id], seen.nova_version
        )
        for item in started
    )
    if pinned:
        found.append(
            'Nova before 33.0.3 may fail to migrate '
            f'{_count(pinned, "server")} live for dedicated CPUs, where the '
            'guest has run since before 2026.1: upgrade Nova, or reboot the '
            'server hard'
        )
    return found


def _may_stray(
    item: params.VolumeItem,
    selected: selection.Selection,
    seen: resources.Inventory,
) -> bool:
    """Whether Cinder may send a retyped volume to what is being emptied."""
    volume = seen.volumes[item.id]
    own = seen.pools.get(volume.host or '')
    if own is not None and item.dst_type in own.types:
        return False
    return bool(
        volume_types.in_zones(
            (
                seen.pools[name]
                for name in selected.pools
                if name in seen.pools
                and item.dst_type in seen.pools[name].types
            ),
            volume,
            seen.volume_types[item.dst_type],
        )
    )


def _count(number: int, noun: str) -> str:
    return f'{number} {noun}' + ('' if number == 1 else 's')
