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

"""What an audit asks for, parsed once and trusted from then on."""

from collections.abc import Mapping
import dataclasses
import enum
import re
from typing import Any

import jsonschema

from zone_migration.logic.audit import errors
from zone_migration.logic.audit import schema
from zone_migration.logic.schedule import limits


@dataclasses.dataclass(frozen=True)
class ServerItem:
    """One server of the audit; empty strings stand for "not given"."""

    id: str
    status: str
    dst_hostname: str = ''
    src_hostname: str = ''
    force: bool = False
    #: Where to send it, by the choice of the preflight: hosts, of which one
    #: becomes dst_hostname.
    destinations: tuple[str, ...] = ()
    #: The path of the selector that found it; empty for one that is named.
    selector: str = ''

    @property
    def path(self) -> str:
        return self.selector or f'params.vm.{self.id}'


@dataclasses.dataclass(frozen=True)
class VolumeItem:
    """One volume of the audit; empty strings stand for "not given"."""

    id: str
    status: str
    dst_hostname: str = ''
    dst_type: str = ''
    src_hostname: str = ''
    #: Where to send it, by the choice of the preflight: pools.
    destinations: tuple[str, ...] = ()
    #: The path of the selector that found it; empty for one that is named.
    selector: str = ''

    @property
    def path(self) -> str:
        return self.selector or f'params.volume.{self.id}'


class Source(enum.Enum):
    """What the source of a ComputeSelector is the name of."""

    HOST = 'compute host'
    ZONE = 'availability zone'
    AGGREGATE = 'aggregate'


@dataclasses.dataclass(frozen=True)
class ComputeSelector:
    """Compute hosts to be emptied, and where to."""

    #: For instance ``compute_nodes.0``.
    path: str
    kind: Source
    #: A name, or a glob of names.
    source: str
    #: A host name or a glob of some; empty for the choice of the scheduler.
    destination: str = ''

    @property
    def source_path(self) -> str:
        """Where the source is named."""
        if self.kind is Source.HOST:
            return f'{self.path}.src_node'
        return self.path


@dataclasses.dataclass(frozen=True)
class StorageSelector:
    """Storage pools to be emptied, of one volume type or of all."""

    #: For instance ``storage_pools.0``.
    path: str
    #: A name, or a glob of names.
    src_pool: str
    src_type: str = ''
    #: A pool, or a glob of some; empty when dst_type is given.
    dst_pool: str = ''
    dst_type: str = ''


@dataclasses.dataclass(frozen=True)
class Exclusions:
    """What selectors leave alone, each by its id or its name."""

    servers: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Priority:
    """Which resources start first; the first key that differs decides.

    As in Watcher's own strategy ``zone_migration``.
    """

    #: Ids or names, the most important first.
    project: tuple[str, ...] = ()
    compute_node: tuple[str, ...] = ()
    storage_pool: tuple[str, ...] = ()
    #: vcpu_num, mem_size, disk_size (the largest first), created_at (the
    #: oldest first)
    compute: tuple[str, ...] = ()
    #: size (the largest first), created_at (the oldest first)
    storage: tuple[str, ...] = ()
    #: The keys that are given, the most important first.
    keys: tuple[str, ...] = (
        'project',
        'compute_node',
        'storage_pool',
        'compute',
        'storage',
    )


@dataclasses.dataclass(frozen=True)
class Request:
    """All that one audit asks for, in the order in which it was written."""

    servers: tuple[ServerItem, ...] = ()
    volumes: tuple[VolumeItem, ...] = ()
    compute: tuple[ComputeSelector, ...] = ()
    storage: tuple[StorageSelector, ...] = ()
    exclude: Exclusions = Exclusions()
    #: None when the audit gives none.
    priority: Priority | None = None
    with_attached_volume: bool = False
    #: How many resources are moved at most; 0 is no limit.
    max_items: int = 0
    disable_compute_nodes: bool = False
    #: Hosts, or globs of some, to be enabled again if this plugin has
    #: disabled them; nothing moves then.
    enable_compute_nodes: tuple[str, ...] = ()
    #: Whether locked servers are moved, as Nova allows its administrators.
    move_locked: bool = False
    #: Whether the audit fails when anything in it cannot be moved.
    all_or_nothing: bool = False
    #: How much may run at once, by parameter, where the audit says so.
    limits: Mapping[str, int] = dataclasses.field(default_factory=dict)


# What an audit has kept is not too long for it.
_VALIDATOR = jsonschema.Draft4Validator(schema.SHAPE)


def parse(parameters: Any) -> Request:
    """What the audit's parameters ask for.

    :param parameters: the parameters of an audit, as JSON gives them.
    :raises InvalidParameters: with all faults, each with its path.
    """
    faults = sorted(
        {
            fault
            for error in _VALIDATOR.iter_errors(parameters)
            for fault in _faults(error)
        },
        key=lambda fault: (fault.path, fault.text),
    )
    if faults:
        raise errors.InvalidParameters(faults)
    params = parameters.get('params', {})
    request = Request(
        servers=tuple(
            ServerItem(
                id=server_id.lower(),
                status=item['status'],
                dst_hostname=item.get('dst_hostname', '').strip(),
                src_hostname=item.get('src_hostname', '').strip(),
                force=item.get('force', False),
            )
            for server_id, item in params.get('vm', {}).items()
        ),
        volumes=tuple(
            VolumeItem(
                id=volume_id.lower(),
                status=item['status'],
                dst_hostname=item.get('dst_hostname', '').strip(),
                dst_type=item.get('dst_type', '').strip(),
                src_hostname=item.get('src_hostname', '').strip(),
            )
            for volume_id, item in params.get('volume', {}).items()
        ),
        compute=tuple(
            _compute_selector(name, place, entry)
            for name in schema.SERVER_SELECTORS
            for place, entry in enumerate(parameters.get(name, ()))
        ),
        storage=tuple(
            _storage_selector(place, entry)
            for place, entry in enumerate(parameters.get('storage_pools', ()))
        ),
        exclude=Exclusions(
            **{
                kind: frozenset(name.strip() for name in names)
                for kind, names in parameters.get('exclude', {}).items()
            }
        ),
        priority=(
            _priority(parameters['priority'])
            if 'priority' in parameters
            else None
        ),
        with_attached_volume=parameters.get('with_attached_volume', False),
        max_items=parameters.get('max_items', 0),
        disable_compute_nodes=parameters.get('disable_compute_nodes', False),
        enable_compute_nodes=tuple(
            name.strip() for name in parameters.get('enable_compute_nodes', ())
        ),
        move_locked=parameters.get('move_locked', False),
        all_or_nothing=parameters.get('all_or_nothing', False),
        limits=limits.of_audit(parameters),
    )
    faults = (
        _twice(request.servers)
        + _twice(request.volumes)
        + _contradictions(request)
        + _idle(request)
    )
    if faults:
        raise errors.InvalidParameters(faults)
    return request


#: By the parameter: the key of a source in an entry that is an object.
_SOURCES = {
    'compute_nodes': (Source.HOST, 'src_node'),
    'availability_zones': (Source.ZONE, 'src_zone'),
    'aggregates': (Source.AGGREGATE, 'src_aggregate'),
}


def _compute_selector(
    parameter: str, place: int, entry: str | Mapping[str, str]
) -> ComputeSelector:
    kind, key = _SOURCES[parameter]
    if isinstance(entry, str):
        entry = {key: entry}
    return ComputeSelector(
        path=f'{parameter}.{place}',
        kind=kind,
        source=entry[key].strip(),
        destination=entry.get('dst_node', '').strip(),
    )


def _storage_selector(place: int, entry: Mapping[str, str]) -> StorageSelector:
    return StorageSelector(
        path=f'storage_pools.{place}',
        **{key: name.strip() for key, name in entry.items()},
    )


def _priority(given: Mapping[str, Any]) -> Priority:
    return Priority(
        **{
            key: tuple(
                name.strip()
                for name in ([names] if isinstance(names, str) else names)
            )
            for key, names in given.items()
        },
        keys=tuple(given),
    )


def _contradictions(request: Request) -> list[errors.Fault]:
    """Faults for entries of one source that cannot be told apart.

    Several entries for one source add their destinations, so all of them
    have one, and volumes either go to pools or take one type.
    """
    faults = []
    nodes: dict[tuple[Source, str], ComputeSelector] = {}
    for node in request.compute:
        first = nodes.setdefault((node.kind, node.source), node)
        if bool(first.destination) != bool(node.destination):
            faults.append(
                errors.Fault(
                    node.path,
                    f'one of it and {first.path}, which have the same source, '
                    'has a dst_node: give one in both, or in neither',
                )
            )
    pools: dict[tuple[str, str], StorageSelector] = {}
    for pool in request.storage:
        one = pools.setdefault((pool.src_pool, pool.src_type), pool)
        if one.dst_type != pool.dst_type:
            faults.append(
                errors.Fault(
                    pool.path,
                    f'it and {one.path} have the same source: give several '
                    'dst_pool, or one dst_type',
                )
            )
    return faults


def _idle(request: Request) -> list[errors.Fault]:
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
    if request.disable_compute_nodes and not request.compute:
        faults.append(
            errors.Fault(
                'disable_compute_nodes',
                'is about the hosts that selectors empty, and there is none '
                f'of {", ".join(of_servers)}: leave it out',
            )
        )
    return faults


def check_limits(request: Request, ceilings: Mapping[str, int]) -> None:
    """Nothing, when the request stays within the ceilings of watcher.conf.

    :param ceilings: by parameter; 0 is no ceiling.
    :raises InvalidParameters: with a fault for each that is exceeded.
    """
    faults = [
        errors.Fault(name, f'{reason} that watcher.conf sets')
        for name, reason in limits.excess(request.limits, ceilings).items()
    ]
    if faults:
        raise errors.InvalidParameters(faults)


def _twice(
    items: tuple[ServerItem, ...] | tuple[VolumeItem, ...],
) -> list[errors.Fault]:
    """Faults for ids that differ in the case of their letters only."""
    seen: set[str] = set()
    faults = []
    for item in items:
        if item.id in seen:
            faults.append(errors.Fault(item.path, 'is named more than once'))
        seen.add(item.id)
    return faults


def _faults(error: jsonschema.ValidationError) -> list[errors.Fault]:
    """What one violated keyword means to the author of the parameters."""
    path = '.'.join(str(part) for part in error.absolute_path)
    where = path or 'parameters'
    keywords: Any = error.schema
    given: Any = error.instance
    value: Any = error.validator_value
    if error.validator == 'additionalProperties':
        patterns = [re.compile(p) for p in keywords['patternProperties']]
        patterns += [
            re.compile(f'^{re.escape(name)}{schema.END}')
            for name in keywords.get('properties', {})
        ]
        return [
            errors.Fault(
                f'{path}.{key}' if path else str(key) or "''",
                _unknown(keywords),
            )
            for key in given
            if not any(pattern.search(key) for pattern in patterns)
        ]
    if error.validator in ('anyOf', 'not'):
        return [errors.Fault(where, keywords['description'])]
    if error.validator == 'required':
        missing = [k for k in value if k not in given]
        return [
            errors.Fault(f'{path}.{key}' if path else key, 'is missing')
            for key in missing
        ]
    if error.validator == 'enum':
        allowed = ', '.join(str(choice) for choice in value)
        return [errors.Fault(where, f'{given!r} is not one of {allowed}')]
    if error.validator == 'type':
        types = value if isinstance(value, str) else ' or '.join(value)
        return [errors.Fault(where, f'{_short(given)} is not of type {types}')]
    if error.validator == 'minimum':
        return [errors.Fault(where, f'{given} is less than {value}')]
    if error.validator == 'maximum':
        return [errors.Fault(where, f'{_short(given)} is more than {value}')]
    if error.validator == 'pattern':
        return [errors.Fault(where, 'is blank')]
    return [errors.Fault(where, f'is longer than {value} characters')]


def _unknown(keywords: dict[str, Any]) -> str:
    known = list(keywords.get('properties', ())) or [
        pattern.removeprefix('^').removesuffix(schema.END)
        for pattern in keywords['patternProperties']
    ]
    return f'is unknown here; known are {", ".join(known)}'


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + '...'
