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

"""Read the parameters of an audit into a request."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from zone_migration.logic.audit import consistency
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import schema
from zone_migration.logic.audit import schema_faults
from zone_migration.logic.schedule import limits


def parse(parameters: Any) -> params.Request:
    """Return what the parameters of an audit ask for.

    :param parameters: as JSON gives them, whatever they are.
    :raises InvalidParameters: with all faults, each with its path, when they
        break the schema, or else a rule that no schema can express.
    """
    faults = schema_faults.collect(parameters)
    if faults:
        raise errors.InvalidParameters(faults)
    request = _request(parameters)
    faults = consistency.collect_faults(request)
    if faults:
        raise errors.InvalidParameters(faults)
    return request


def _request(parameters: Mapping[str, Any]) -> params.Request:
    """The request of parameters that keep to the schema."""
    named = parameters.get('params', {})
    return params.Request(
        servers=tuple(
            _server(id_, item) for id_, item in named.get('vm', {}).items()
        ),
        volumes=tuple(
            _volume(id_, item) for id_, item in named.get('volume', {}).items()
        ),
        compute=tuple(
            _compute_selector(parameter, index, entry)
            for parameter in schema.SERVER_SELECTORS
            for index, entry in enumerate(parameters.get(parameter, ()))
        ),
        storage=tuple(
            _storage_selector(index, entry)
            for index, entry in enumerate(parameters.get('storage_pools', ()))
        ),
        exclude=_exclusions(parameters.get('exclude', {})),
        priority=(
            _priority(parameters['priority'])
            if 'priority' in parameters
            else None
        ),
        with_attached_volume=parameters.get('with_attached_volume', False),
        max_items=parameters.get('max_items', 0),
        disable_compute_nodes=parameters.get('disable_compute_nodes', False),
        enable_compute_nodes=_stripped(
            parameters.get('enable_compute_nodes', ())
        ),
        disable_storage_pools=parameters.get('disable_storage_pools', False),
        enable_storage_pools=_stripped(
            parameters.get('enable_storage_pools', ())
        ),
        move_locked=parameters.get('move_locked', False),
        downtime=_permission(parameters.get('allow_downtime', False)),
        confirm_resizes=_permission(parameters.get('confirm_resizes', False)),
        unpin=_permission(parameters.get('unpin', False)),
        leave_unpinned=parameters.get('leave_unpinned', False),
        all_or_nothing=parameters.get('all_or_nothing', False),
        limits=limits.of_audit(parameters),
    )


def _server(id_: str, item: Mapping[str, Any]) -> params.ServerItem:
    """The server of an entry of ``params.vm``."""
    return params.ServerItem(
        id=id_.lower(),
        status=item['status'],
        dst_hostname=item.get('dst_hostname', '').strip(),
        src_hostname=item.get('src_hostname', '').strip(),
        force=item.get('force', False),
    )


def _volume(id_: str, item: Mapping[str, Any]) -> params.VolumeItem:
    """The volume of an entry of ``params.volume``."""
    return params.VolumeItem(
        id=id_.lower(),
        status=item['status'],
        dst_hostname=item.get('dst_hostname', '').strip(),
        dst_type=item.get('dst_type', '').strip(),
        src_hostname=item.get('src_hostname', '').strip(),
    )


#: By parameter: the kind of its sources, and the key that names one in an
#: entry that is an object.
_SOURCES = {
    'compute_nodes': (params.SourceKind.HOST, 'src_node'),
    'availability_zones': (params.SourceKind.ZONE, 'src_zone'),
    'aggregates': (params.SourceKind.AGGREGATE, 'src_aggregate'),
}


def _compute_selector(
    parameter: str, index: int, entry: str | Mapping[str, str]
) -> params.ComputeSelector:
    """The selector of an entry, which is a source alone or an object."""
    kind, key = _SOURCES[parameter]
    if isinstance(entry, str):
        entry = {key: entry}
    return params.ComputeSelector(
        path=f'{parameter}.{index}',
        kind=kind,
        source=entry[key].strip(),
        destination=entry.get('dst_node', '').strip(),
    )


def _storage_selector(
    index: int, entry: Mapping[str, str]
) -> params.StorageSelector:
    """The selector of an entry of ``storage_pools``."""
    return params.StorageSelector(
        path=f'storage_pools.{index}',
        **{key: name.strip() for key, name in entry.items()},
    )


def _exclusions(exclude: Mapping[str, Iterable[str]]) -> params.Exclusions:
    """The exclusions of ``exclude``, by kind of resource."""
    return params.Exclusions(
        **{kind: frozenset(_stripped(exclude[kind])) for kind in exclude}
    )


def _permission(given: bool | Iterable[str]) -> params.Permission:
    """The permission of a parameter that is true or a list of names."""
    if isinstance(given, bool):
        return params.Permission(of_all=given)
    return params.Permission(names=frozenset(_stripped(given)))


def _priority(priority: Mapping[str, Any]) -> params.Priority:
    """The priority of ``priority``, where one key can be without a list."""
    return params.Priority(
        **{
            key: _stripped([names] if isinstance(names, str) else names)
            for key, names in priority.items()
        },
        keys=tuple(priority),
    )


def _stripped(names: Iterable[str]) -> tuple[str, ...]:
    """The names without the blanks around them."""
    return tuple(name.strip() for name in names)
