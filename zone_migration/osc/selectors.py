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

"""The options that say what to empty, and the parameters they come to."""

import argparse
from collections.abc import Iterator
from collections.abc import Mapping
import pathlib
from typing import Any

from zone_migration.logic.audit import schema
from zone_migration.osc import lookup
from zone_migration.osc import usage

_OPTIONS = (
    '--host, --availability-zone, --aggregate, --pool, --pool-type, '
    '--server, --volume or --params'
)


def add(parser: Any) -> None:
    """Add the options that say what to empty, and where to."""
    group = parser.add_argument_group('what to empty')
    for option, metavar, text in (
        ('--host', '<host>', 'A compute host to empty, by name or glob'),
        (
            '--availability-zone',
            '<zone>',
            'An availability zone whose compute hosts are emptied, by name '
            'or glob',
        ),
        (
            '--aggregate',
            '<aggregate>',
            'A host aggregate whose compute hosts are emptied, by name or '
            'glob',
        ),
        ('--server', '<server>', 'A server to move, by name or id'),
        ('--volume', '<volume>', 'A volume to move, by name or id'),
    ):
        _repeatable(group, option, metavar, text)
    for option, metavar, text in (
        (
            '--pool',
            '<source>=<destination>',
            'A storage pool to empty (host@backend#pool) and the pool that '
            'its volumes go to, by name or glob',
        ),
        (
            '--pool-type',
            '<source>=<type>',
            'A storage pool to empty and the volume type that its volumes get',
        ),
    ):
        _repeatable(group, option, metavar, text, type=_pair)
    group.add_argument(
        '--params',
        metavar='<file>',
        help='A JSON file: {"vm": ..., "volume": ...} with servers and '
        'volumes by id, or all parameters of an audit; options add to it',
    )
    _add_destinations(parser)
    _add_exclusions(parser)


def _add_destinations(parser: Any) -> None:
    """Add the options that say where to."""
    group = parser.add_argument_group('where to')
    _repeatable(
        group,
        '--to-host',
        '<host>',
        'A compute host that servers go to, by name, or by glob for those '
        'of hosts, zones and aggregates, which several share by free '
        'capacity (default: Nova chooses)',
    )
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        '--to-pool',
        metavar='<pool>',
        help='The storage pool that each --volume goes to; an available one '
        'needs this or --to-type',
    )
    where.add_argument(
        '--to-type',
        metavar='<type>',
        help='The volume type that each --volume gets',
    )


def _add_exclusions(parser: Any) -> None:
    """Add the options that leave something out."""
    group = parser.add_argument_group('what to leave alone')
    for noun in ('server', 'volume', 'project'):
        _repeatable(
            group,
            f'--exclude-{noun}',
            f'<{noun}>',
            f'A {noun} that is left alone, by id, name or glob of names; '
            f'not what --server, --volume or --params name',
        )


def _repeatable(
    group: Any, option: str, metavar: str, text: str, **more: Any
) -> None:
    """Add an option that may be given several times."""
    group.add_argument(
        option,
        metavar=metavar,
        action='append',
        default=[],
        help=f'{text} (repeat for several)',
        **more,
    )


def _pair(text: str) -> tuple[str, str]:
    """Read a source and a destination."""
    source, _, destination = (part.strip() for part in text.partition('='))
    if not source or not destination or '=' in destination:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not SOURCE=DESTINATION, as in '
            'host1@backend1#pool1=host2@backend2#pool2'
        )
    return source, destination


def check(parsed_args: Any) -> None:
    """Raise UsageError unless the options fit each other.

    :raises UsageError: naming the options.
    """
    hosts = [
        *parsed_args.host,
        *parsed_args.availability_zone,
        *parsed_args.aggregate,
    ]
    pools = [*parsed_args.pool, *parsed_args.pool_type]
    named = [*parsed_args.server, *parsed_args.volume]
    if not (hosts or pools or named or parsed_args.params):
        raise usage.UsageError(f'nothing to empty: give {_OPTIONS}')
    if parsed_args.to_host and not (hosts or parsed_args.server):
        raise usage.UsageError(
            '--to-host is for --host, --availability-zone, --aggregate and '
            '--server: give one of them'
        )
    if len(parsed_args.to_host) > 1 and parsed_args.server:
        raise usage.UsageError(
            '--server takes one --to-host: make a plan for each destination'
        )
    if (parsed_args.to_pool or parsed_args.to_type) and not parsed_args.volume:
        raise usage.UsageError(
            '--to-pool and --to-type are for --volume: give one, or give '
            '--pool SOURCE=DESTINATION or --pool-type SOURCE=TYPE'
        )


def parameters(parsed_args: Any, cloud: Any) -> dict[str, Any]:
    """The parameters of an audit that the selectors come to.

    :param cloud: the connection of openstacksdk; it is asked only where a
        server or volume is named.
    :raises UsageError: when an available volume has no destination.
    :raises CommandError: when there is no such server or volume.
    """
    goals = parsed_args.to_host
    found: dict[str, Any] = {
        'compute_nodes': [
            {'src_node': name, **goal}
            for name in parsed_args.host
            for goal in _goals(goals)
        ],
        'availability_zones': list(
            _entries('src_zone', parsed_args.availability_zone, goals)
        ),
        'aggregates': list(
            _entries('src_aggregate', parsed_args.aggregate, goals)
        ),
        'storage_pools': [
            {'src_pool': source, 'dst_pool': pool}
            for source, pool in parsed_args.pool
        ]
        + [
            {'src_pool': source, 'dst_type': type_}
            for source, type_ in parsed_args.pool_type
        ],
        'exclude': _given(
            {
                'servers': parsed_args.exclude_server,
                'volumes': parsed_args.exclude_volume,
                'projects': parsed_args.exclude_project,
            }
        ),
        'params': _given(
            {
                'vm': _servers(parsed_args, cloud),
                'volume': _volumes(parsed_args, cloud),
            }
        ),
    }
    return _given(found)


def emptied(parsed_args: Any) -> list[str]:
    """The names of what the selectors empty, as they are given."""
    file = parsed_args.params
    return list(
        dict.fromkeys(
            [
                *parsed_args.host,
                *parsed_args.availability_zone,
                *parsed_args.aggregate,
                *(source for source, _ in parsed_args.pool),
                *(source for source, _ in parsed_args.pool_type),
                *parsed_args.server,
                *parsed_args.volume,
                *([pathlib.Path(file).stem] if file else ()),
            ]
        )
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that are not empty."""
    return {key: value for key, value in values.items() if value}


def _goals(goals: list[str]) -> list[dict[str, str]]:
    """What an entry says of each destination, once without any."""
    return [{'dst_node': goal} for goal in goals] or [{}]


def _entries(
    key: str, names: list[str], goals: list[str]
) -> Iterator[str | dict[str, str]]:
    """The entries for sources, plain names where no destination is given."""
    for name in names:
        if not goals:
            yield name
        for goal in goals:
            yield {key: name, 'dst_node': goal}


def _servers(parsed_args: Any, cloud: Any) -> dict[str, Any]:
    """The servers that are named, by id."""
    goal = _given({'dst_hostname': ''.join(parsed_args.to_host)})
    return {
        found.id: {'status': found.status, **goal}
        for found in (
            lookup.server(cloud, name) for name in parsed_args.server
        )
    }


def _volumes(parsed_args: Any, cloud: Any) -> dict[str, Any]:
    """The volumes that are named, by id.

    :raises UsageError: when an available one has no destination.
    """
    goal = _given(
        {
            'dst_hostname': parsed_args.to_pool,
            'dst_type': parsed_args.to_type,
        }
    )
    volumes = {}
    for name in parsed_args.volume:
        found = lookup.volume(cloud, name)
        if found.status == schema.AVAILABLE and not goal:
            raise usage.UsageError(
                f'--volume {name}: the volume is available, it needs '
                '--to-pool or --to-type'
            )
        volumes[found.id] = {'status': found.status, **goal}
    return volumes
