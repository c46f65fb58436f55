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

import copy
import json

import hypothesis
from hypothesis import strategies as st
import jsonschema
import testtools
from watcher.common import exception as watcher_exception
from watcher.common import utils as watcher_utils
from watcher.decision_engine.strategy import strategies

from zone_migration.logic.audit import consistency
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import schema
from zone_migration.logic.schedule import limits

S1 = '3b39c007-81c4-4bbe-8848-babf583d1349'
S2 = '9827ce18-c92f-474b-b572-95281b903daf'
V1 = '5c5b71ba-c7d3-477d-b0c4-ea1958fae8fe'
V2 = 'fddc94b1-8db4-4949-9f43-1054f13de9e3'

#: The examples of the plugin's README of 2017, as they were printed.
README_SERVERS = """
{
    "vm": {
        "3b39c007-81c4-4bbe-8848-babf583d1349": {
            "dst_hostname": "",
            "status": "active"
        },
        "9827ce18-c92f-474b-b572-95281b903daf": {
            "dst_hostname": "w113",
            "status": "active"
        }
    }
}
"""
README_VOLUMES = """
{
    "volume": {
        "5c5b71ba-c7d3-477d-b0c4-ea1958fae8fe": {
            "dst_hostname": "w113@lvm#lvm",
            "status": "available"
        },
        "fddc94b1-8db4-4949-9f43-1054f13de9e3": {
            "status": "in-use"
        }
    }
}
"""

#: Keywords that refuse something; the others only lead to them.
ASSERTIONS = {
    'type',
    'enum',
    'pattern',
    'maxLength',
    'required',
    'additionalProperties',
    'minimum',
    'maximum',
    'minItems',
    'uniqueItems',
    'minProperties',
    'maxProperties',
    'anyOf',
    'not',
}


def vm(**item):
    return {'params': {'vm': {S1: item}}}


def volume(**item):
    return {'params': {'volume': {V1: item}}}


LONG = 'x' * 256

NOTHING = (
    'nothing to do: give params, a selector (compute_nodes, '
    'availability_zones, aggregates, storage_pools) or enable_compute_nodes'
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
        (put(LONG), path, 'is longer than 255 characters'),
    )


#: What is refused, and the one fault that is told of it.
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
    *names(
        'enable_compute_nodes.0', lambda name: {'enable_compute_nodes': [name]}
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
                {parameter: [LONG]},
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
                {parameter: [{key: LONG}]},
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
                {parameter: [{key: 'a', 'dst_node': LONG}]},
                f'{parameter}.0.dst_node',
                'is longer than 255 characters',
            ),
            (
                {parameter: [{key: 'a'}, {key: 'a', 'dst_node': 'b'}]},
                f'{parameter}.1',
                f'one of it and {parameter}.0, which have the same source, '
                'has a dst_node: give one in both, or in neither',
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
        {'storage_pools': [
            {'src_pool': 'p', 'dst_pool': 'q', 'dst_type': 't'}
        ]},
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
    *(
        (
            {'storage_pools': [
                {'src_pool': 'p', 'dst_type': 't'},
                {'src_pool': 'p', **other},
            ]},
            'storage_pools.1',
            'it and storage_pools.0 have the same source: give several '
            'dst_pool, or one dst_type',
        )
        for other in ({'dst_pool': 'q'}, {'dst_type': 'u'})
    ),
    ({'exclude': []}, 'exclude', '[] is not of type object'),
    (
        {'exclude': {'server': []}},
        'exclude.server',
        'is unknown here; known are servers, volumes, projects',
    ),
    *(
        row
        for key, needed in (
            ('servers', 'compute_nodes, availability_zones, aggregates'),
            ('volumes', 'storage_pools'),
            (
                'projects',
                'compute_nodes, availability_zones, aggregates, '
                'storage_pools',
            ),
        )
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
            (
                {**vm(status='active'), 'exclude': {key: ['x']}},
                f'exclude.{key}',
                f'is about what selectors find, and there is none of {needed}'
                ': leave it out, and out of params what is to stay',
            ),
        )
    ),
    (
        {**vm(status='active'), 'disable_compute_nodes': True},
        'disable_compute_nodes',
        'is about the hosts that selectors empty, and there is none of '
        'compute_nodes, availability_zones, aggregates: leave it out',
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
    *(
        ({name: 1}, name, '1 is not of type boolean')
        for name in (
            'with_attached_volume',
            'disable_compute_nodes',
            'move_locked',
            'all_or_nothing',
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
        {**vm(status='active'), 'parmas': {}},
        'parmas',
        'is unknown here; known are params, compute_nodes, '
        'availability_zones, aggregates, storage_pools, exclude, max_items, '
        'parallel_total, parallel_per_node, parallel_per_pool, priority, '
        'with_attached_volume, disable_compute_nodes, enable_compute_nodes, '
        'move_locked, all_or_nothing',
    ),
    *(
        row
        for name in limits.KINDS
        for row in (
            (
                {**vm(status='active'), name: '5'},
                name,
                "'5' is not of type integer",
            ),
            (
                {**vm(status='active'), name: True},
                name,
                'True is not of type integer',
            ),
            ({**vm(status='active'), name: -1}, name, '-1 is less than 0'),
            (
                {**vm(status='active'), name: 2**31},
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
        {'params': {'vm': {S1: None}}},
        f'params.vm.{S1}',
        'None is not of type object',
    ),
    (
        {'params': {'volume': {V1: 1}}},
        f'params.volume.{V1}',
        '1 is not of type object',
    ),
    (vm(), f'params.vm.{S1}.status', 'is missing'),
    (volume(dst_type='t'), f'params.volume.{V1}.status', 'is missing'),
    (
        vm(status='activ'),
        f'params.vm.{S1}.status',
        "'activ' is not one of active, shutoff",
    ),
    (
        volume(status='active', dst_type='t'),
        f'params.volume.{V1}.status',
        "'active' is not one of available, in-use",
    ),
    (
        vm(status='active', dst_host='h'),
        f'params.vm.{S1}.dst_host',
        'is unknown here; known are status, dst_hostname, src_hostname, force',
    ),
    (
        volume(status='in-use', dst='h'),
        f'params.volume.{V1}.dst',
        'is unknown here; known are status, dst_hostname, dst_type, '
        'src_hostname',
    ),
    (
        vm(status='active', dst_hostname=None),
        f'params.vm.{S1}.dst_hostname',
        'None is not of type string',
    ),
    (
        vm(status='active', dst_hostname=LONG),
        f'params.vm.{S1}.dst_hostname',
        'is longer than 255 characters',
    ),
    (
        vm(status='active', src_hostname=1),
        f'params.vm.{S1}.src_hostname',
        '1 is not of type string',
    ),
    (
        vm(status='active', src_hostname=' '),
        f'params.vm.{S1}.src_hostname',
        'is blank',
    ),
    (
        vm(status='active', src_hostname=LONG),
        f'params.vm.{S1}.src_hostname',
        'is longer than 255 characters',
    ),
    (
        vm(status='active', force='yes', dst_hostname='h'),
        f'params.vm.{S1}.force',
        "'yes' is not of type boolean",
    ),
    (
        vm(status='active', force=True),
        f'params.vm.{S1}',
        'force skips the checks of the scheduler: it needs status active '
        'and a dst_hostname',
    ),
    (
        vm(status='shutoff', force=True, dst_hostname='h'),
        f'params.vm.{S1}',
        'force skips the checks of the scheduler: it needs status active '
        'and a dst_hostname',
    ),
    (
        vm(status='active', force=True, dst_hostname=''),
        f'params.vm.{S1}',
        'force skips the checks of the scheduler: it needs status active '
        'and a dst_hostname',
    ),
    *(
        (
            volume(status='in-use', **{name: value}),
            f'params.volume.{V1}.{name}',
            text,
        )
        for name in ('dst_hostname', 'dst_type', 'src_hostname')
        for value, text in (
            (1, '1 is not of type string'),
            (LONG, 'is longer than 255 characters'),
        )
    ),
    (
        volume(status='available', dst_type='t', src_hostname=''),
        f'params.volume.{V1}.src_hostname',
        'is blank',
    ),
    (
        volume(status='available', dst_type='', dst_hostname=' '),
        f'params.volume.{V1}',
        'an available volume needs dst_hostname (a pool) or dst_type',
    ),
    (
        volume(status='in-use', dst_hostname='h@b#p', dst_type='t'),
        f'params.volume.{V1}',
        'a volume takes dst_hostname or dst_type, not both: Cinder either '
        'migrates or retypes',
    ),
    (
        volume(status='available'),
        f'params.volume.{V1}',
        'an available volume needs dst_hostname (a pool) or dst_type',
    ),
)

#: Refused with more than one fault; here to reach keywords inside a rule.
REFUSED_TWICE = (
    vm(status='active', force=True, dst_hostname=1),
    vm(status='active', force=True, dst_hostname=LONG),
    vm(status='active', force=True, dst_hostname='h', other=1),
    vm(status='active', force='yes', dst_hostname=' '),
)

#: How the texts begin of what no schema can tell.
BEYOND_THE_SCHEMA = (
    'one of it and ',
    'it and ',
    'is about ',
    'is named more than once',
)

#: A rule's alternative repeats "object" of the item that it is part of; the
#: alternative beside it lets everything through that is none.
UNREACHABLE = {
    'patternProperties/^params$/patternProperties/^vm$/patternProperties/'
    'UUID/allOf/0/anyOf/1/type',
}


class RefusedTest(testtools.TestCase):
    def test_each_fault_is_told_with_its_path(self):
        for document, path, text in REFUSED:
            error = self.assertRaises(
                errors.InvalidParameters, parsing.parse, document
            )
            self.assertIn(errors.Fault(path, text), error.faults)

    def test_one_fault_is_told_once(self):
        for document, path, text in REFUSED:
            error = self.assertRaises(
                errors.InvalidParameters, parsing.parse, document
            )
            if len(error.faults) > 1:
                # A member of the wrong type also breaks a rule about it.
                self.assertEqual(
                    {path},
                    {f.path for f in error.faults if f.text == text},
                )

    def test_watcher_refuses_all_that_the_schema_refuses(self):
        for document, _path, text in REFUSED:
            if text.startswith(BEYOND_THE_SCHEMA):
                continue
            self.assertTrue(_watcher_refuses(document), document)

    def test_each_keyword_of_the_schema_refuses_something(self):
        broken = set()
        validator = jsonschema.Draft4Validator(schema.SHAPE)
        refused = [[], *(row[0] for row in REFUSED), *REFUSED_TWICE]
        for document in refused:
            todo = list(validator.iter_errors(document))
            while todo:
                error = todo.pop()
                broken.add(_spelt(error.absolute_schema_path))
                todo += error.context or ()
        self.assertEqual(
            set(_keywords(schema.SHAPE, ())) - UNREACHABLE, broken
        )

    def test_watcher_says_in_a_few_words_that_params_name_nothing(self):
        for nothing in ({}, {'vm': {}}):
            error = self.assertRaises(
                jsonschema.ValidationError,
                _validate_as_watcher,
                {'params': nothing},
            )
            self.assertIn(NAMELESS, str(error))
            self.assertIn("instance['params']", str(error))
            self.assertLess(len(str(error)), 600)

    def test_all_faults_are_told_at_once(self):
        error = self.assertRaises(
            errors.InvalidParameters,
            parsing.parse,
            {
                'params': {
                    'vm': {S1: {'status': 'x'}, S2: {}},
                    'volume': {'v': {}},
                },
                'other': 1,
            },
        )
        self.assertEqual(
            [
                'other',
                f'params.vm.{S1}.status',
                f'params.vm.{S2}.status',
                'params.volume.v',
            ],
            [fault.path for fault in error.faults],
        )
        self.assertEqual(
            f"params.vm.{S1}.status: 'x' is not one of active, shutoff",
            str(error.faults[1]),
        )
        self.assertEqual(
            '; '.join(str(fault) for fault in error.faults), str(error)
        )

    def test_id_that_is_named_in_two_spellings_is_refused(self):
        for kind, item in (
            ('vm', {'status': 'active'}),
            ('volume', {'status': 'in-use'}),
        ):
            error = self.assertRaises(
                errors.InvalidParameters,
                parsing.parse,
                {'params': {kind: {S1: item, S1.upper(): item}}},
            )
            self.assertEqual(
                [f'params.{kind}.{S1}: is named more than once'],
                [str(fault) for fault in error.faults],
            )

    def test_watcher_tells_the_wrong_id_without_those_beside_it(self):
        item = {'status': 'active'}
        error = self.assertRaises(
            jsonschema.ValidationError,
            _validate_as_watcher,
            {'params': {'vm': {S1: item, 'one': item, S2: item}}},
        )
        self.assertIn("instance['params']['vm']['one']", str(error))
        self.assertNotIn(S1, str(error))

    def test_names_that_end_in_a_line_break_are_unknown(self):
        # "$" of Python's patterns also matches before a last line break.
        for document in (
            {'params\n': {}, **vm(status='active')},
            {'params': {'vm\n': {}, 'vm': {S1: {'status': 'active'}}}},
            {'params': {'vm': {S1 + '\n': {'status': 'active'}}}},
            volume(**{'status': 'in-use', 'dst_type\n': 't'}),
            vm(**{'status': 'active', 'force\n': False}),
        ):
            self.assertRaises(
                errors.InvalidParameters, parsing.parse, document
            )

    def test_what_is_no_object_is_refused(self):
        for document in (None, [], 'params', 1, True):
            error = self.assertRaises(
                errors.InvalidParameters, parsing.parse, document
            )
            self.assertEqual(['parameters'], [f.path for f in error.faults])


class ParsedTest(testtools.TestCase):
    def test_servers_of_the_2017_readme(self):
        self.assertEqual(
            params.Request(
                servers=(
                    params.ServerItem(S1, 'active'),
                    params.ServerItem(S2, 'active', 'w113'),
                )
            ),
            parsing.parse({'params': json.loads(README_SERVERS)}),
        )

    def test_volumes_of_the_2017_readme(self):
        self.assertEqual(
            params.Request(
                volumes=(
                    params.VolumeItem(V1, 'available', 'w113@lvm#lvm'),
                    params.VolumeItem(V2, 'in-use'),
                )
            ),
            parsing.parse({'params': json.loads(README_VOLUMES)}),
        )

    def test_watcher_accepts_what_is_parsed(self):
        for text in (README_SERVERS, README_VOLUMES):
            self.assertFalse(_watcher_refuses({'params': json.loads(text)}))

    def test_watcher_adds_nothing_to_what_was_asked(self):
        document = {'params': json.loads(README_SERVERS)}
        given = copy.deepcopy(document)
        _validate_as_watcher(document)
        self.assertEqual(given, document)

    def test_what_is_empty_names_nothing(self):
        document = {
            'params': {'vm': {}, 'volume': {V1: {'status': 'in-use'}}},
            'compute_nodes': [],
            'storage_pools': [],
            'exclude': {'servers': []},
        }
        self.assertFalse(_watcher_refuses(document))
        self.assertEqual(
            params.Request(volumes=(params.VolumeItem(V1, 'in-use'),)),
            parsing.parse(document),
        )

    def test_each_member_of_a_server_is_kept(self):
        self.assertEqual(
            params.ServerItem(S1, 'active', 'c2', 'c1', True),
            parsing.parse(
                vm(
                    status='active',
                    dst_hostname='c2',
                    src_hostname='c1',
                    force=True,
                )
            ).servers[0],
        )

    def test_each_member_of_a_volume_is_kept(self):
        self.assertEqual(
            params.VolumeItem(V1, 'in-use', '', 't', 'h@b#p'),
            parsing.parse(
                volume(status='in-use', dst_type='t', src_hostname='h@b#p')
            ).volumes[0],
        )

    def test_blank_destination_of_a_server_is_none(self):
        self.assertEqual(
            '',
            parsing.parse(vm(status='active', dst_hostname=' '))
            .servers[0]
            .dst_hostname,
        )

    def test_blank_destination_of_a_volume_is_none(self):
        item = parsing.parse(
            volume(status='in-use', dst_hostname='', dst_type='t')
        ).volumes[0]
        self.assertEqual(('', 't'), (item.dst_hostname, item.dst_type))

    def test_force_that_is_false_needs_nothing(self):
        self.assertFalse(
            parsing.parse(vm(status='shutoff', force=False)).servers[0].force
        )

    def test_ids_are_written_as_nova_shows_them(self):
        self.assertEqual(
            S1,
            parsing.parse(
                {'params': {'vm': {S1.upper(): {'status': 'active'}}}}
            )
            .servers[0]
            .id,
        )

    def test_order_is_that_of_the_document(self):
        request = parsing.parse(
            {'params': {'vm': {i: {'status': 'active'} for i in (S2, S1)}}}
        )
        self.assertEqual([S2, S1], [item.id for item in request.servers])

    def test_limits_are_kept_where_they_are_given(self):
        document = vm(status='active')
        self.assertEqual({}, parsing.parse(document).limits)
        document.update(parallel_total=0, parallel_per_pool=3)
        self.assertEqual(
            {'parallel_total': 0, 'parallel_per_pool': 3},
            parsing.parse(document).limits,
        )

    def test_each_selector_is_kept_with_its_path(self):
        request = parsing.parse(
            {
                'compute_nodes': [
                    {'src_node': 'c1'},
                    {'src_node': ' rack-* ', 'dst_node': 'c9'},
                ],
                'availability_zones': [
                    'az1', {'src_zone': 'az2', 'dst_node': 'c*'}
                ],
                'aggregates': ['a1', {'src_aggregate': 'a2'}],
                'storage_pools': [
                    {'src_pool': 'p', 'src_type': 't', 'dst_pool': 'q'},
                    {'src_pool': 'p', 'dst_type': 'u'},
                ],
            }
        )
        host, zone, aggregate = params.SourceKind
        self.assertEqual(
            (
                params.ComputeSelector('compute_nodes.0', host, 'c1'),
                params.ComputeSelector(
                    'compute_nodes.1', host, 'rack-*', 'c9'
                ),
                params.ComputeSelector('availability_zones.0', zone, 'az1'),
                params.ComputeSelector(
                    'availability_zones.1', zone, 'az2', 'c*'
                ),
                params.ComputeSelector('aggregates.0', aggregate, 'a1'),
                params.ComputeSelector('aggregates.1', aggregate, 'a2'),
            ),
            request.compute,
        )
        self.assertEqual(
            (
                params.StorageSelector('storage_pools.0', 'p', 't', 'q'),
                params.StorageSelector(
                    'storage_pools.1', 'p', dst_type='u'
                ),
            ),
            request.storage,
        )

    def test_source_of_a_selector_has_a_path(self):
        request = parsing.parse(
            {
                'compute_nodes': [{'src_node': 'c1'}],
                'aggregates': [{'src_aggregate': 'a'}],
            }
        )
        self.assertEqual(
            ['compute_nodes.0.src_node', 'aggregates.0'],
            [each.source_path for each in request.compute],
        )

    def test_each_other_parameter_is_kept(self):
        request = parsing.parse(
            {
                'compute_nodes': [{'src_node': 'c1'}],
                'storage_pools': [{'src_pool': 'p', 'dst_pool': 'q'}],
                'exclude': {
                    'servers': ['db-*', S1],
                    'volumes': ['v'],
                    'projects': ['p'],
                },
                'priority': {
                    'compute': 'mem_size',
                    'project': ['p', 'q'],
                    'storage': ['size', 'created_at'],
                },
                'max_items': 7,
                'with_attached_volume': True,
                'disable_compute_nodes': True,
                'move_locked': True,
                'all_or_nothing': True,
            }
        )
        self.assertEqual(
            params.Exclusions(
                frozenset({'db-*', S1}), frozenset('v'), frozenset('p')
            ),
            request.exclude,
        )
        self.assertEqual(
            params.Priority(
                project=('p', 'q'),
                compute=('mem_size',),
                storage=('size', 'created_at'),
                keys=('compute', 'project', 'storage'),
            ),
            request.priority,
        )
        self.assertEqual(7, request.max_items)
        for name in (
            'with_attached_volume',
            'disable_compute_nodes',
            'move_locked',
            'all_or_nothing',
        ):
            self.assertIs(True, getattr(request, name), name)

    def test_names_lose_the_blanks_around_them(self):
        request = parsing.parse(
            {
                'params': {
                    'vm': {S1: {'status': 'active', 'src_hostname': ' c1'}},
                    'volume': {
                        V1: {
                            'status': 'available',
                            'dst_hostname': ' q ',
                            'src_hostname': 'p ',
                        }
                    },
                },
                'priority': {'project': [' web '], 'compute_node': ['c1 ']},
            }
        )
        self.assertEqual('c1', request.servers[0].src_hostname)
        self.assertEqual(
            ('q', 'p'),
            (
                request.volumes[0].dst_hostname,
                request.volumes[0].src_hostname,
            ),
        )
        self.assertEqual(
            (('web',), ('c1',)),
            (request.priority.project, request.priority.compute_node),
        )

    def test_hosts_to_enable_are_kept(self):
        self.assertEqual(
            params.Request(enable_compute_nodes=('c1', 'rack-*')),
            parsing.parse({'enable_compute_nodes': ['c1', ' rack-* ']}),
        )

    def test_what_watchers_own_strategy_takes_is_taken_word_for_word(self):
        document = {
            'compute_nodes': [
                {'src_node': 'w012', 'dst_node': 'w022'},
                {'src_node': 'w013', 'dst_node': ''},
                {'src_node': 'w014'},
            ],
            'storage_pools': [
                {
                    'src_pool': 'src1@back1#pool1',
                    'dst_pool': 'dst1@back1#pool1',
                    'src_type': 'src1_type',
                },
                {'src_pool': 'src1@back2#pool1', 'dst_type': 'dst1_type'},
            ],
            'parallel_total': 6,
            'parallel_per_node': 2,
            'parallel_per_pool': 2,
            'priority': {
                'project': ['pj1'],
                'compute_node': ['compute1', 'compute2'],
                'compute': 'vcpu_num',
                'storage_pool': ['pool1', 'pool2'],
                'storage': 'size',
            },
            'with_attached_volume': False,
        }
        theirs = strategies.ZoneMigration.get_schema()
        watcher_utils.StrictDefaultValidatingDraft4Validator(
            theirs
        ).validate(document)
        self.assertLessEqual(
            set(theirs['properties']), set(schema.SCHEMA['properties'])
        )
        self.assertFalse(_watcher_refuses(document))
        self.assertEqual(3, len(parsing.parse(document).compute))

    def test_limits_above_their_ceilings_are_refused(self):
        request = parsing.parse(
            {**vm(status='active'), 'parallel_total': 0,
             'parallel_per_node': 3}
        )
        consistency.check_limits(request, {'parallel_per_node': 3})
        error = self.assertRaises(
            errors.InvalidParameters,
            consistency.check_limits,
            request,
            {'parallel_total': 9, 'parallel_per_node': 2},
        )
        self.assertEqual(
            [
                'parallel_total: 0 (no limit) exceeds the ceiling of 9 that '
                'watcher.conf sets',
                'parallel_per_node: 3 exceeds the ceiling of 2 that '
                'watcher.conf sets',
            ],
            [str(fault) for fault in error.faults],
        )

    def test_paths_are_those_of_the_document(self):
        self.assertEqual(
            f'params.vm.{S1}', params.ServerItem(S1, 'active').path
        )
        self.assertEqual(
            f'params.volume.{V1}', params.VolumeItem(V1, 'in-use').path
        )


class SchemaTest(testtools.TestCase):
    def test_schema_is_draft_4(self):
        self.assertIsNone(
            jsonschema.Draft4Validator.check_schema(schema.SCHEMA)
        )

    def test_each_keyword_is_one_of_draft_4(self):
        known = set(jsonschema.Draft4Validator.VALIDATORS) | {
            '$schema',
            'description',
        }
        self.assertEqual(
            set(), {k for _, s in _subschemas(schema.SHAPE, ()) for k in s}
            - known
        )

    def test_properties_stand_at_the_top_only(self):
        # Watcher's validator calls .keys() on whatever it finds there.
        self.assertEqual(
            [()],
            [
                path
                for path, schema in _subschemas(schema.SHAPE, ())
                if 'properties' in schema
            ],
        )

    def test_nothing_has_a_default(self):
        # Watcher would write it into the audit, and it would be executed.
        self.assertEqual(
            [],
            [
                path
                for path, schema in _subschemas(schema.SHAPE, ())
                if 'default' in schema
            ],
        )

    def test_descriptions_show_in_horizon_as_they_are(self):
        for shown in schema.SCHEMA['properties'].values():
            self.assertTrue(shown['description'].isascii())
            self.assertEqual(
                set(), set(shown['description']) & set('<>&\n')
            )
            self.assertEqual(['description', 'type'], list(shown)[:2])

    def test_descriptions_need_no_quotes_in_yaml(self):
        for name, shown in schema.SCHEMA['properties'].items():
            self.assertNotIn(': ', shown['description'], name)
            self.assertEqual(
                set(), set(shown['description']) & set('\'"'), name
            )

    def test_first_sentences_of_descriptions_fit_in_a_line(self):
        for name, shown in schema.SCHEMA['properties'].items():
            first = shown['description'].partition('. ')[0]
            self.assertLessEqual(len(first), 60, name)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(['active', 'in-use', '', ' ', S1, 'params\n']),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        'params',
        'vm',
        'volume',
        'status',
        'dst_hostname',
        'dst_type',
        'src_hostname',
        'force',
        'status\n',
        'dst_type\n',
        'properties',
        'compute_nodes',
        'src_node',
        'dst_node',
        'aggregates',
        'storage_pools',
        'src_pool',
        'dst_pool',
        'exclude',
        'servers',
        'priority',
        'compute',
        'enable_compute_nodes',
        S1,
        S1.upper(),
        V1 + '\n',
    ]
) | st.text(max_size=8)
NAMES = st.sampled_from(['', ' ', 'c1', 'h@b#p', LONG])
DOCUMENTS = st.fixed_dictionaries(
    {
        'params': st.fixed_dictionaries(
            {},
            optional={
                'vm': st.dictionaries(
                    st.uuids().map(str),
                    st.fixed_dictionaries(
                        {'status': st.sampled_from(['active', 'shutoff'])},
                        optional={
                            'dst_hostname': NAMES,
                            'src_hostname': NAMES,
                            'force': st.booleans(),
                        },
                    ),
                    max_size=3,
                ),
                'volume': st.dictionaries(
                    st.uuids().map(str),
                    st.fixed_dictionaries(
                        {'status': st.sampled_from(['available', 'in-use'])},
                        optional={
                            'dst_hostname': NAMES,
                            'dst_type': NAMES,
                            'src_hostname': NAMES,
                        },
                    ),
                    max_size=3,
                ),
            },
        )
    },
    optional={
        'compute_nodes': st.lists(
            st.fixed_dictionaries(
                {'src_node': NAMES}, optional={'dst_node': NAMES}
            ),
            max_size=3,
        ),
        'availability_zones': st.lists(NAMES, max_size=3),
        'storage_pools': st.lists(
            st.fixed_dictionaries(
                {'src_pool': NAMES, 'dst_pool': NAMES},
                optional={'src_type': NAMES},
            ),
            max_size=3,
        ),
        'exclude': st.fixed_dictionaries(
            {}, optional={'servers': st.lists(NAMES, max_size=3)}
        ),
    },
)


@st.composite
def mutated(draw):
    """A document of the real shape in which something is wrong, perhaps."""
    document = draw(DOCUMENTS)
    for _ in range(draw(st.integers(0, 3))):
        places = list(_objects(document))
        place = draw(st.sampled_from(places))
        key = draw(
            st.sampled_from(sorted(place)) | KEYS if place else KEYS
        )
        if key in place and draw(st.booleans()):
            del place[key]
        else:
            place[key] = draw(JSON)
    return document


class AnyDocumentTest(testtools.TestCase):
    def check(self, document):
        try:
            request = parsing.parse(copy.deepcopy(document))
        except errors.InvalidParameters as error:
            self.assertNotEqual([], error.faults)
            for fault in error.faults:
                self.assertNotEqual('', fault.path)
                self.assertNotEqual('', fault.text)
            if isinstance(document, dict) and not all(
                fault.text.startswith(BEYOND_THE_SCHEMA)
                for fault in error.faults
            ):
                self.assertTrue(_watcher_refuses(document), error)
            return
        self.assertTrue(
            request.servers
            or request.volumes
            or request.compute
            or request.storage
            or request.enable_compute_nodes
        )
        self.assertFalse(_watcher_refuses(document))

    @hypothesis.given(JSON)
    def test_any_json_is_parsed_or_refused(self, document):
        self.check(document)

    @hypothesis.given(mutated())
    def test_any_document_of_the_real_shape_is_parsed_or_refused(
        self, document
    ):
        self.check(document)

    @hypothesis.given(st.dictionaries(KEYS, JSON) | mutated())
    def test_watcher_accepts_or_refuses_and_never_breaks(self, document):
        # What it raises otherwise becomes HTTP 500.
        self.assertIn(_watcher_refuses(document), (True, False))


def _validate_as_watcher(document):
    watcher_utils.StrictDefaultValidatingDraft4Validator(
        schema.SCHEMA
    ).validate(document)


def _watcher_refuses(document):
    try:
        _validate_as_watcher(copy.deepcopy(document))
    except (
        jsonschema.ValidationError,
        watcher_exception.AuditParameterNotAllowed,
    ):
        return True
    return False


def _objects(value):
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _objects(member)


def _subschemas(schema, path):
    """Each subschema with its path."""
    yield path, schema
    for word in ('properties', 'patternProperties'):
        for name, inner in schema.get(word, {}).items():
            yield from _subschemas(inner, (*path, word, name))
    for word in ('allOf', 'anyOf'):
        for index, inner in enumerate(schema.get(word, ())):
            yield from _subschemas(inner, (*path, word, index))
    for word in ('not', 'items', 'additionalProperties'):
        if schema.get(word):
            yield from _subschemas(schema[word], (*path, word))


def _keywords(schema, path):
    """The paths of all keywords that refuse something by themselves."""
    for place, inner in _subschemas(schema, path):
        if 'not' not in place:
            for word in ASSERTIONS & set(inner):
                if word != 'additionalProperties' or not inner[word]:
                    yield _spelt((*place, word))


def _spelt(path):
    return '/'.join(
        'UUID' if '[0-9a-f' in str(part) else str(part) for part in path
    ).replace('(?!\\n)', '')
