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

"""Documents that the schema refuses."""

from zone_migration.logic.schedule import limits
from zone_migration.tests.unit.logic.audit import builders

NOTHING = (
    'nothing to do: give params, a selector (compute_nodes, '
    'availability_zones, aggregates, storage_pools) or one of '
    'enable_compute_nodes, enable_storage_pools'
)
NAMELESS = 'names neither a vm nor a volume'
ALONE = (
    'nothing else can be asked for beside enable_compute_nodes: make two '
    'audits'
)
EITHER = 'a source takes exactly one of dst_pool and dst_type'
SERVER_KEY = (
    'is neither one of vcpu_num, mem_size, disk_size, created_at nor a list '
    'of them, each once'
)
VOLUME_KEY = 'is neither one of size, created_at nor a list of them, each once'


def names(path, put):
    """What a name that is not blank refuses.

    :param put: gives a document with something in place of the name.
    """
    return (
        (put(1), path, '1 is not of type string'),
        (put(' '), path, 'is blank'),
        (put(builders.LONG), path, 'is longer than 255 characters'),
    )


#: What is refused, and the path and text of the fault that is told of it.
REFUSED = (
    ({}, 'parameters', NOTHING),
    ({'max_items': 3}, 'parameters', NOTHING),
    *(
        row
        for name in (
            'compute_nodes',
            'availability_zones',
            'aggregates',
            'storage_pools',
            'enable_compute_nodes',
            'enable_storage_pools',
        )
        for row in (
            ({name: []}, 'parameters', NOTHING),
            ({name: {}}, name, '{} is not of type array'),
        )
    ),
    (
        {'enable_compute_nodes': ['c1'], 'max_items': 3},
        'parameters',
        ALONE,
    ),
    (
        {'enable_storage_pools': ['h@b'], 'max_items': 3},
        'parameters',
        ALONE.replace('compute_nodes', 'storage_pools'),
    ),
    *names(
        'enable_compute_nodes.0', lambda name: {'enable_compute_nodes': [name]}
    ),
    *names(
        'enable_storage_pools.0', lambda name: {'enable_storage_pools': [name]}
    ),
    (
        {'compute_nodes': ['c1']},
        'compute_nodes.0',
        "'c1' is not of type object",
    ),
    (
        {'compute_nodes': [{'dst_node': 'c2'}]},
        'compute_nodes.0.src_node',
        'is missing',
    ),
    (
        {'compute_nodes': [{'src_node': 'c1', 'node': 'c2'}]},
        'compute_nodes.0.node',
        'is unknown here; known are src_node, dst_node',
    ),
    *names(
        'compute_nodes.0.src_node',
        lambda name: {'compute_nodes': [{'src_node': name}]},
    ),
    *(
        row
        for parameter, key in (
            ('availability_zones', 'src_zone'),
            ('aggregates', 'src_aggregate'),
        )
        for row in (
            (
                {parameter: [1]},
                f'{parameter}.0',
                '1 is not of type string or object',
            ),
            ({parameter: [' ']}, f'{parameter}.0', 'is blank'),
            (
                {parameter: [builders.LONG]},
                f'{parameter}.0',
                'is longer than 255 characters',
            ),
            (
                {parameter: [{'dst_node': 'c2'}]},
                f'{parameter}.0.{key}',
                'is missing',
            ),
            (
                {parameter: [{key: 'a', 'src_node': 'c1'}]},
                f'{parameter}.0.src_node',
                f'is unknown here; known are {key}, dst_node',
            ),
            (
                {parameter: [{key: 1}]},
                f'{parameter}.0.{key}',
                '1 is not of type string',
            ),
            (
                {parameter: [{key: ' '}]},
                f'{parameter}.0.{key}',
                'is blank',
            ),
            (
                {parameter: [{key: builders.LONG}]},
                f'{parameter}.0.{key}',
                'is longer than 255 characters',
            ),
        )
    ),
    *(
        row
        for parameter, key in (
            ('compute_nodes', 'src_node'),
            ('availability_zones', 'src_zone'),
            ('aggregates', 'src_aggregate'),
        )
        for row in (
            (
                {parameter: [{key: 'a', 'dst_node': None}]},
                f'{parameter}.0.dst_node',
                'None is not of type string',
            ),
            (
                {parameter: [{key: 'a', 'dst_node': builders.LONG}]},
                f'{parameter}.0.dst_node',
                'is longer than 255 characters',
            ),
        )
    ),
    (
        {'storage_pools': ['p']},
        'storage_pools.0',
        "'p' is not of type object",
    ),
    (
        {'storage_pools': [{'dst_pool': 'p'}]},
        'storage_pools.0.src_pool',
        'is missing',
    ),
    (
        {'storage_pools': [{'src_pool': 'p', 'dst': 'q'}]},
        'storage_pools.0.dst',
        'is unknown here; known are src_pool, dst_pool, src_type, dst_type',
    ),
    ({'storage_pools': [{'src_pool': 'p'}]}, 'storage_pools.0', EITHER),
    (
        {
            'storage_pools': [
                {'src_pool': 'p', 'dst_pool': 'q', 'dst_type': 't'}
            ]
        },
        'storage_pools.0',
        EITHER,
    ),
    *(
        row
        for key in ('src_pool', 'dst_pool', 'src_type', 'dst_type')
        for row in names(
            f'storage_pools.0.{key}',
            lambda name, key=key: {
                'storage_pools': [{'src_pool': 'p', key: name}]
            },
        )
    ),
    ({'exclude': []}, 'exclude', '[] is not of type object'),
    (
        {'exclude': {'server': []}},
        'exclude.server',
        'is unknown here; known are servers, volumes, projects',
    ),
    *(
        row
        for key in ('servers', 'volumes', 'projects')
        for row in (
            (
                {'exclude': {key: 'x'}},
                f'exclude.{key}',
                "'x' is not of type array",
            ),
            *names(
                f'exclude.{key}.0',
                lambda name, key=key: {'exclude': {key: [name]}},
            ),
        )
    ),
    ({'priority': []}, 'priority', '[] is not of type object'),
    (
        {'priority': {'projects': []}},
        'priority.projects',
        'is unknown here; known are project, compute_node, storage_pool, '
        'compute, storage',
    ),
    *(
        row
        for key in ('project', 'compute_node', 'storage_pool')
        for row in (
            (
                {'priority': {key: 'x'}},
                f'priority.{key}',
                "'x' is not of type array",
            ),
            *names(
                f'priority.{key}.0',
                lambda name, key=key: {'priority': {key: [name]}},
            ),
        )
    ),
    *(
        ({'priority': {key: value}}, f'priority.{key}', text)
        for key, text in (('compute', SERVER_KEY), ('storage', VOLUME_KEY))
        for value in ('x', ['x'], ['created_at', 'created_at'], {})
    ),
    ({'max_items': 0}, 'max_items', '0 is less than 1'),
    ({'max_items': '1'}, 'max_items', "'1' is not of type integer"),
    (
        {'max_items': 2**31},
        'max_items',
        '2147483648 is more than 2147483647',
    ),
    ({'attempts': 0}, 'attempts', '0 is less than 1'),
    ({'attempts': 11}, 'attempts', '11 is more than 10'),
    ({'attempts': '2'}, 'attempts', "'2' is not of type integer"),
    *(
        ({name: 1}, name, '1 is not of type boolean')
        for name in (
            'with_attached_volume',
            'disable_compute_nodes',
            'disable_storage_pools',
            'move_locked',
            'leave_unpinned',
            'all_or_nothing',
        )
    ),
    *(
        ({name: 1}, name, '1 is not of type boolean or array')
        for name in ('allow_downtime', 'confirm_resizes', 'unpin')
    ),
    *(
        ({parameter: ['web', name]}, f'{parameter}.1', text)
        for parameter in ('allow_downtime', 'confirm_resizes', 'unpin')
        for name, text in (
            (1, '1 is not of type string'),
            (' ', 'is blank'),
            ('x' * 256, 'is longer than 255 characters'),
        )
    ),
    ({'params': 1}, 'params', '1 is not of type object'),
    ({'params': []}, 'params', '[] is not of type object'),
    *(
        ({'params': nothing, **beside}, 'params', NAMELESS)
        for nothing in (
            {},
            {'vm': {}},
            {'volume': {}},
            {'vm': {}, 'volume': {}},
        )
        for beside in ({}, {'compute_nodes': [{'src_node': 'c1'}]})
    ),
    (
        {**builders.vm(status='active'), 'parmas': {}},
        'parmas',
        'is unknown here; known are params, compute_nodes, '
        'availability_zones, aggregates, storage_pools, exclude, max_items, '
        'parallel_total, parallel_per_node, parallel_per_pool, attempts, '
        'priority, with_attached_volume, disable_compute_nodes, '
        'enable_compute_nodes, disable_storage_pools, enable_storage_pools, '
        'move_locked, allow_downtime, confirm_resizes, unpin, '
        'leave_unpinned, all_or_nothing',
    ),
    *(
        row
        for name in limits.KINDS
        for row in (
            (
                {**builders.vm(status='active'), name: '5'},
                name,
                "'5' is not of type integer",
            ),
            (
                {**builders.vm(status='active'), name: True},
                name,
                'True is not of type integer',
            ),
            (
                {**builders.vm(status='active'), name: -1},
                name,
                '-1 is less than 0',
            ),
            (
                {**builders.vm(status='active'), name: 2**31},
                name,
                '2147483648 is more than 2147483647',
            ),
        )
    ),
    (
        {'params': {'vms': {}}},
        'params.vms',
        'is unknown here; known are vm, volume',
    ),
    ({'params': {'vm': []}}, 'params.vm', '[] is not of type object'),
    (
        {'params': {'volume': 'x'}},
        'params.volume',
        "'x' is not of type object",
    ),
    ({'params': {'vm': {'s': {}}}}, 'params.vm.s', 'is not a UUID'),
    ({'params': {'volume': {'v': {}}}}, 'params.volume.v', 'is not a UUID'),
    (
        {'params': {'vm': {builders.S1: None}}},
        f'params.vm.{builders.S1}',
        'None is not of type object',
    ),
    (
        {'params': {'volume': {builders.V1: 1}}},
        f'params.volume.{builders.V1}',
        '1 is not of type object',
    ),
    (builders.vm(), f'params.vm.{builders.S1}.status', 'is missing'),
    (
        builders.volume(dst_type='t'),
        f'params.volume.{builders.V1}.status',
        'is missing',
    ),
    (
        builders.vm(status='activ'),
        f'params.vm.{builders.S1}.status',
        "'activ' is not one of active, shutoff",
    ),
    (
        builders.volume(status='active', dst_type='t'),
        f'params.volume.{builders.V1}.status',
        "'active' is not one of available, in-use",
    ),
    (
        builders.vm(status='active', dst_host='h'),
        f'params.vm.{builders.S1}.dst_host',
        'is unknown here; known are status, dst_hostname, src_hostname, force',
    ),
    (
        builders.volume(status='in-use', dst='h'),
        f'params.volume.{builders.V1}.dst',
        'is unknown here; known are status, dst_hostname, dst_type, '
        'src_hostname',
    ),
    (
        builders.vm(status='active', dst_hostname=None),
        f'params.vm.{builders.S1}.dst_hostname',
        'None is not of type string',
    ),
    (
        builders.vm(status='active', dst_hostname=builders.LONG),
        f'params.vm.{builders.S1}.dst_hostname',
        'is longer than 255 characters',
    ),
    (
        builders.vm(status='active', src_hostname=1),
        f'params.vm.{builders.S1}.src_hostname',
        '1 is not of type string',
    ),
    (
        builders.vm(status='active', src_hostname=' '),
        f'params.vm.{builders.S1}.src_hostname',
        'is blank',
    ),
    (
        builders.vm(status='active', src_hostname=builders.LONG),
        f'params.vm.{builders.S1}.src_hostname',
        'is longer than 255 characters',
    ),
    (
        builders.vm(status='active', force='yes', dst_hostname='h'),
        f'params.vm.{builders.S1}.force',
        "'yes' is not of type boolean",
    ),
    (
        builders.vm(status='active', force=True),
        f'params.vm.{builders.S1}',
        'force skips the checks of the scheduler: it needs status active '
        'and a dst_hostname',
    ),
    (
        builders.vm(status='shutoff', force=True, dst_hostname='h'),
        f'params.vm.{builders.S1}',
        'force skips the checks of the scheduler: it needs status active '
        'and a dst_hostname',
    ),
    (
        builders.vm(status='active', force=True, dst_hostname=''),
        f'params.vm.{builders.S1}',
        'force skips the checks of the scheduler: it needs status active '
        'and a dst_hostname',
    ),
    *(
        (
            builders.volume(status='in-use', **{name: value}),
            f'params.volume.{builders.V1}.{name}',
            text,
        )
        for name in ('dst_hostname', 'dst_type', 'src_hostname')
        for value, text in (
            (1, '1 is not of type string'),
            (builders.LONG, 'is longer than 255 characters'),
        )
    ),
    (
        builders.volume(status='available', dst_type='t', src_hostname=''),
        f'params.volume.{builders.V1}.src_hostname',
        'is blank',
    ),
    (
        builders.volume(status='available', dst_type='', dst_hostname=' '),
        f'params.volume.{builders.V1}',
        'an available volume needs dst_hostname (a pool) or dst_type',
    ),
    (
        builders.volume(status='in-use', dst_hostname='h@b#p', dst_type='t'),
        f'params.volume.{builders.V1}',
        'a volume takes dst_hostname or dst_type, not both: Cinder either '
        'migrates or retypes',
    ),
    (
        builders.volume(status='available'),
        f'params.volume.{builders.V1}',
        'an available volume needs dst_hostname (a pool) or dst_type',
    ),
)

#: Refused with several faults each, to reach the keywords inside of rules.
REFUSED_TWICE = (
    builders.vm(status='active', force=True, dst_hostname=1),
    builders.vm(status='active', force=True, dst_hostname=builders.LONG),
    builders.vm(status='active', force=True, dst_hostname='h', other=1),
    builders.vm(status='active', force='yes', dst_hostname=' '),
)
