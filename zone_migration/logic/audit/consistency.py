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

"""The rules for a request that no schema can express."""

from collections.abc import Mapping

from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.schedule import limits


def collect_faults(request: params.Request) -> list[errors.Fault]:
    """Return the faults of a request that keeps to the schema."""
    return (
        _repeated_ids(request.servers)
        + _repeated_ids(request.volumes)
        + _contradictions(request)
        + _useless_parameters(request)
    )


def check_limits(request: params.Request, ceilings: Mapping[str, int]) -> None:
    """Raise InvalidParameters unless the limits are within the ceilings.

    :param ceilings: those of watcher.conf, by parameter; 0 is no ceiling.
    :raises InvalidParameters: with a fault for each that is exceeded.
    """
    faults = [
        errors.Fault(name, f'{reason} that watcher.conf sets')
        for name, reason in limits.excess(request.limits, ceilings).items()
    ]
    if faults:
        raise errors.InvalidParameters(faults)


def _repeated_ids(
    items: tuple[params.ServerItem, ...] | tuple[params.VolumeItem, ...],
) -> list[errors.Fault]:
    """Faults for ids that differ in the case of their letters only."""
    ids: set[str] = set()
    faults = []
    for item in items:
        if item.id in ids:
            faults.append(errors.Fault(item.path, 'is named more than once'))
        ids.add(item.id)
    return faults


def _contradictions(request: params.Request) -> list[errors.Fault]:
    """Faults for entries of one source that cannot be told apart.

    Several entries for one source add their destinations, so all of them
    have one, and volumes either go to pools or take one type.
    """
    faults = []
    nodes: dict[tuple[params.SourceKind, str], params.ComputeSelector] = {}
    for node in request.compute:
        first_node = nodes.setdefault(node.key, node)
        if bool(first_node.destination) != bool(node.destination):
            faults.append(
                errors.Fault(
                    node.path,
                    f'one of it and {first_node.path}, which have the same '
                    'source, has a dst_node: give one in both, or in neither',
                )
            )
    pools: dict[tuple[str, str], params.StorageSelector] = {}
    for pool in request.storage:
        first_pool = pools.setdefault(pool.key, pool)
        if first_pool.dst_type != pool.dst_type:
            faults.append(
                errors.Fault(
                    pool.path,
                    f'it and {first_pool.path} have the same source: give '
                    'several dst_pool, or one dst_type',
                )
            )
    return faults


def _useless_parameters(request: params.Request) -> list[errors.Fault]:
    """Faults for what is about selectors, where no selector could heed it."""
    of_servers, of_volumes = schema.SERVER_SELECTORS, schema.VOLUME_SELECTORS
    faults = [
        errors.Fault(
            f'exclude.{kind}',
            'is about what selectors find, and there is none of '
            f'{", ".join(needed)}: leave it out, and out of params what is '
            'to stay',
        )
        for kind, selectors, needed in (
            ('servers', request.compute, of_servers),
            ('volumes', request.storage, of_volumes),
            (
                'projects',
                request.compute or request.storage,
                of_servers + of_volumes,
            ),
        )
        if getattr(request.exclude, kind) and not selectors
    ]
    if not (request.servers or request.compute):
        faults += [
            errors.Fault(
                parameter,
                'is about servers, and there is none in params, nor any of '
                f'{", ".join(of_servers)}: leave it out',
            )
            for parameter, permission in (
                ('allow_downtime', request.downtime),
                ('confirm_resizes', request.confirm_resizes),
                ('unpin', request.unpin),
            )
            if permission.is_given
        ]
    if request.leave_unpinned and not request.unpin.is_given:
        faults.append(
            errors.Fault(
                'leave_unpinned',
                'is about what unpin unpins, which is not given: leave it out',
            )
        )
    faults += [
        errors.Fault(
            name,
            f'is about the {what} that selectors empty, and there is none of '
            f'{", ".join(needed)}: leave it out',
        )
        for name, what, selectors, needed in (
            ('disable_compute_nodes', 'hosts', request.compute, of_servers),
            ('disable_storage_pools', 'pools', request.storage, of_volumes),
        )
        if getattr(request, name) and not selectors
    ]
    return faults
