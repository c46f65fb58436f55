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

"""One result for each resource, before anything moves.

What can be said of a server or a volume by itself is said by
:mod:`~zone_migration.logic.preflight.server_checks` and
:mod:`~zone_migration.logic.preflight.volume_checks`, in the words in which an
action says it when it starts, and by
:mod:`~zone_migration.logic.preflight.volume_types`; what only the whole plan
can tell is added here.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import priority
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import manila_shares
from zone_migration.logic.preflight import max_items
from zone_migration.logic.preflight import risks
from zone_migration.logic.preflight import server_checks
from zone_migration.logic.preflight import server_placement
from zone_migration.logic.preflight import volume_checks
from zone_migration.logic.preflight import volume_placement
from zone_migration.logic.preflight import volume_types

#: Whether it is a server, and its id.
_Key = tuple[bool, str]

_MOVES = (decisions.Kind.START, decisions.Kind.ADOPT)


@dataclasses.dataclass(frozen=True)
class Result:
    """What will become of a resource.

    ``decision`` says START or ADOPT (it will move), SKIP (it is there
    already, or has left) or REFUSE (it cannot move), and why.
    """

    #: With the destination that was chosen for it, if one was.
    item: params.ServerItem | params.VolumeItem
    decision: decisions.Decision
    #: Lower ones start first; among equal ones the engine may choose.
    rank: int = 0

    @property
    def moves(self) -> bool:
        """Whether it will move, or is moving already."""
        return self.decision.kind in _MOVES


@dataclasses.dataclass(frozen=True)
class Report:
    """All results, in the order in which the resources should start."""

    results: Sequence[Result] = ()
    #: How many more could move but for the cap of the audit.
    left_out: int = 0
    #: What the operator should know, a sentence each.
    risks: tuple[str, ...] = ()

    def _count(self, *kinds: decisions.Kind) -> int:
        """How many results are of these kinds."""
        return sum(one.decision.kind in kinds for one in self.results)

    @property
    def to_move(self) -> int:
        """How many will move, or are moving already."""
        return self._count(*_MOVES)

    @property
    def already_moved(self) -> int:
        """How many are there already, or have left."""
        return self._count(decisions.Kind.SKIP)

    @property
    def refused(self) -> int:
        """How many cannot move."""
        return self._count(decisions.Kind.REFUSE)


def evaluate(
    request: params.Request,
    selected: selection.Selection,
    seen: resources.Inventory,
) -> Report:
    """The preflight results.

    Of servers and volumes that are not in the inventory but matter to others
    (the server of a volume, members of a group) nothing bad is supposed: the
    action looks again when it starts.
    """
    ranks = priority.ranks(
        request.priority,
        [seen.servers[i.id] for i in selected.servers if i.id in seen.servers],
        [seen.volumes[i.id] for i in selected.volumes if i.id in seen.volumes],
        seen.projects,
    )
    together = request.with_attached_volume
    everything = _evaluate(request, selected, seen, ranks)
    results = _in_order(everything, seen, together)
    moving = [it for it in results if it.moves]
    left_out = 0
    if 0 < request.max_items < len(moving):
        kept = _kept(request, selected, seen, ranks, moving)
        left_out = len(moving) - len(kept)
        results = _in_order(
            kept + [it for it in everything if not it.moves], seen, together
        )
    started, adopted = (
        [it.item for it in results if it.decision.kind is kind]
        for kind in (decisions.Kind.START, decisions.Kind.ADOPT)
    )
    return Report(
        results,
        left_out,
        risks.risks(request, selected, started, adopted, seen),
    )


def _kept(
    request: params.Request,
    selected: selection.Selection,
    seen: resources.Inventory,
    ranks: Mapping[str, int],
    moving: Sequence[Result],
) -> list[Result]:
    """The results of as many as the audit caps it to.

    What is left out neither makes room nor takes it.  A server is never kept
    without its volumes; these come before it.

    :param moving: all that would move without the cap, in their order.
    """
    volumes_of: dict[_Key, list[_Key]] = {}
    for it in moving:
        if not _is_server(it):
            for id_ in seen.volumes[it.item.id].server_ids:
                volumes_of.setdefault((True, id_), []).append(_key(it))

    def evaluate_only(keys: Collection[_Key]) -> dict[_Key, Result]:
        found = _evaluate(request, _only(selected, keys), seen, ranks)
        return {_key(it): it for it in found}

    kept = max_items.keep(
        [_key(it) for it in moving],
        request.max_items,
        volumes_of,
        evaluate_only,
    )
    return list(kept.values())


def _evaluate(
    request: params.Request,
    selected: selection.Selection,
    seen: resources.Inventory,
    ranks: Mapping[str, int],
) -> list[Result]:
    """The results, in any order."""
    volumes = _volume_results(selected, seen, ranks)
    servers = _server_results(request, selected, seen, ranks, volumes)
    return [
        Result(item, decision, ranks.get(item.id, 0))
        for item, decision in servers.values()
    ] + [
        Result(item, decision, ranks.get(item.id, 0))
        for item, decision in volumes.values()
    ]


def _volume_results(
    selected: selection.Selection,
    seen: resources.Inventory,
    ranks: Mapping[str, int],
) -> dict[str, tuple[params.VolumeItem, decisions.Decision]]:
    pools = volume_placement.Pools(seen.pools, seen.volume_types)
    result = {
        item.id: (item, _volume_by_itself(item, seen, pools))
        for item in selected.volumes
    }
    result.update(
        volume_placement.choose(
            [i for i, d in result.values() if d.kind is decisions.Kind.START],
            seen,
            pools,
            selected.pools,
            ranks,
        )
    )
    return result


def _volume_by_itself(
    item: params.VolumeItem,
    seen: resources.Inventory,
    pools: volume_placement.Pools,
) -> decisions.Decision:
    volume = seen.volumes.get(item.id)
    wanted = decisions.VolumeMove(
        item.id,
        dst_hostname=item.dst_hostname,
        dst_type=item.dst_type,
        src_hostname=item.src_hostname,
    )
    if volume is None:
        return decisions.refuse(decisions.gone(wanted).text)
    serving = pools.serving(volume.type)
    if item.destinations and not item.dst_hostname:
        # Which one is chosen later, by what all of them have left.
        names = {pool.name for pool in serving}
        here = [name for name in item.destinations if name == volume.host]
        fit = [name for name in item.destinations if name in names]
        wanted = dataclasses.replace(
            wanted, dst_hostname=(here + fit + list(item.destinations))[0]
        )
    snapshots = seen.snapshots.get(item.id, 0)
    if item.status == schema.IN_USE:
        server = None
        if volume.server_ids:
            id_ = volume.server_ids[0]
            server = seen.servers.get(id_) or resources.Server(
                id_, '', 'ACTIVE', None
            )
        decision = volume_checks.volume_update(
            wanted, volume, server, snapshots, serving, seen.volume_types
        )
    elif item.dst_type:
        decision = volume_checks.volume_retype(
            wanted, volume, seen.volume_types
        )
    else:
        decision = volume_checks.volume_migration(
            wanted, volume, snapshots, serving
        )
    type_ = seen.volume_types.get(volume.type or '')
    if decision.kind is decisions.Kind.ADOPT and item.dst_type in (
        seen.volume_types
    ):
        # What is in flight may be a migration, and the retype yet to begin.
        return (
            volume_types.refused_by_itself(
                wanted, volume, type_, seen.volume_types[item.dst_type]
            )
            or decision
        )
    if decision.kind is not decisions.Kind.START:
        return decision
    if not item.dst_type:
        return volume_types.swap(volume, type_) or decision
    return (
        volume_types.retype(
            wanted,
            volume,
            snapshots,
            pools.serving(item.dst_type),
            type_,
            seen.volume_types[item.dst_type],
        )
        or decision
    )


def _server_results(
    request: params.Request,
    selected: selection.Selection,
    seen: resources.Inventory,
    ranks: Mapping[str, int],
    volumes: Mapping[str, tuple[params.VolumeItem, decisions.Decision]],
) -> dict[str, tuple[params.ServerItem, decisions.Decision]]:
    result = {
        item.id: (item, _server_by_itself(request, item, seen, volumes))
        for item in selected.servers
    }
    result.update(
        server_placement.choose(
            [i for i, d in result.values() if d.kind is decisions.Kind.START],
            seen,
            selected.hosts,
            ranks,
        )
    )
    return result


def _server_by_itself(
    request: params.Request,
    item: params.ServerItem,
    seen: resources.Inventory,
    volumes: Mapping[str, tuple[params.VolumeItem, decisions.Decision]],
) -> decisions.Decision:
    server = seen.servers.get(item.id)
    wanted = decisions.ServerMove(
        item.id,
        status=item.status,
        dst_hostname=item.dst_hostname,
        src_hostname=item.src_hostname,
        force=item.force,
    )
    if server is None:
        return decisions.refuse(decisions.gone(wanted).text)
    if not item.dst_hostname and server.host in item.destinations:
        wanted = dataclasses.replace(wanted, dst_hostname=server.host)
    is_live = item.status == schema.ACTIVE
    check = (
        server_checks.live_migration
        if is_live
        else server_checks.cold_migration
    )
    decision = check(
        wanted,
        server,
        seen.migrations.get(item.id, ()),
        seen.hosts.get(wanted.dst_hostname),
        # Those of the plan are waited for.
        [
            seen.volumes[id_]
            for id_ in server.volume_ids
            if id_ in seen.volumes and id_ not in volumes
        ],
    )
    if decision.kind is decisions.Kind.ADOPT and not item.dst_hostname:
        goal = server_checks.goal(seen.migrations.get(item.id, ()))
        if goal and item.destinations and goal not in item.destinations:
            return decisions.refuse(
                f'a migration to {goal} is in flight already, to none of the '
                f'{len(item.destinations)} hosts that it may go to'
            )
    if decision.kind in _MOVES and not seen.in_scope(server.host or ''):
        return decisions.refuse(
            f'it is on {server.host}, outside of the scope of the audit: '
            'leave it out, or take another audit template'
        )
    if decision.kind is not decisions.Kind.START:
        return decision
    return (
        (None if request.move_locked else server_checks.locked(server))
        or server_checks.source_down(server, seen.hosts.get(server.host or ''))
        or _fixed_device(item, seen, is_live)
        or (
            manila_shares.stays(is_live, seen.nova_version)
            if item.id in seen.sharing
            else None
        )
        or _stuck_volume(server, volumes)
        or decision
    )


def _fixed_device(
    item: params.ServerItem, seen: resources.Inventory, is_live: bool
) -> decisions.Decision | None:
    accelerator = seen.accelerators.get(item.id)
    if accelerator:
        return decisions.refuse(accelerator)
    device = seen.devices.get(item.id)
    if not device or not is_live:
        return None
    return decisions.refuse(
        f'it cannot be migrated live: {device}: stop it, and ask for it as '
        'shutoff'
    )


def _stuck_volume(
    server: resources.Server,
    volumes: Mapping[str, tuple[params.VolumeItem, decisions.Decision]],
) -> decisions.Decision | None:
    """Why a server stays, as a volume of it that is asked for stays."""
    for id_ in server.volume_ids:
        if id_ in volumes:
            decision = volumes[id_][1]
            if decision.kind is decisions.Kind.REFUSE:
                return decisions.refuse(
                    f'its volume {id_} cannot move: {decision.text}'
                )
    return None


def _in_order(
    results: Iterable[Result], seen: resources.Inventory, together: bool
) -> list[Result]:
    """By rank, but each server behind its volumes, as it waits for them.

    :param together: right behind the last of them, with a rank before all
        that have yet to start then.
    """
    ordered = sorted(results, key=lambda it: it.rank)
    servers = {it.item.id for it in ordered if it.moves and _is_server(it)}
    # The place of the last volume that a server waits for.
    behind = {
        id_: place
        for place, it in enumerate(ordered)
        if it.moves and not _is_server(it)
        for id_ in seen.volumes[it.item.id].server_ids
        if id_ in servers
    }
    if not behind:
        return ordered
    places = []
    for place, it in enumerate(ordered):
        last = behind.get(it.item.id) if _is_server(it) else None
        if together:
            rank = 2 * it.rank + 1 if last is None else 2 * ordered[last].rank
            it = dataclasses.replace(it, rank=rank)
        if last is None:
            places.append((place, 0, place, it))
        else:
            places.append(
                (last if together else max(last, place), 1, place, it)
            )
    return [it for *_, it in sorted(places, key=lambda at: at[:3])]


def _is_server(it: Result) -> bool:
    return isinstance(it.item, params.ServerItem)


def _key(it: Result) -> _Key:
    return _is_server(it), it.item.id


def _only(
    selected: selection.Selection, kept: Collection[_Key]
) -> selection.Selection:
    """The selection without what is not kept."""
    return dataclasses.replace(
        selected,
        servers=tuple(i for i in selected.servers if (True, i.id) in kept),
        volumes=tuple(i for i in selected.volumes if (False, i.id) in kept),
    )
