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
import testtools

from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import parsing
from zone_migration.tests.unit.logic.audit import builders

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

#: How the texts begin of what no schema can tell.
BEYOND_THE_SCHEMA = (
    'one of it and ',
    'it and ',
    'is about ',
    'is named more than once',
)


class ParsedTest(testtools.TestCase):
    def test_servers_of_the_2017_readme(self):
        self.assertEqual(
            params.Request(
                servers=(
                    params.ServerItem(builders.S1, 'active'),
                    params.ServerItem(builders.S2, 'active', 'w113'),
                )
            ),
            parsing.parse({'params': json.loads(README_SERVERS)}),
        )

    def test_volumes_of_the_2017_readme(self):
        self.assertEqual(
            params.Request(
                volumes=(
                    params.VolumeItem(
                        builders.V1, 'available', 'w113@lvm#lvm'
                    ),
                    params.VolumeItem(builders.V2, 'in-use'),
                )
            ),
            parsing.parse({'params': json.loads(README_VOLUMES)}),
        )

    def test_watcher_accepts_what_is_parsed(self):
        for text in (README_SERVERS, README_VOLUMES):
            self.assertFalse(
                builders.watcher_refuses({'params': json.loads(text)}), text
            )

    def test_watcher_adds_nothing_to_what_was_asked(self):
        document = {'params': json.loads(README_SERVERS)}
        given = copy.deepcopy(document)
        builders.validate_as_watcher(document)
        self.assertEqual(given, document)

    def test_what_is_empty_names_nothing(self):
        document = {
            'params': {
                'vm': {},
                'volume': {builders.V1: {'status': 'in-use'}},
            },
            'compute_nodes': [],
            'storage_pools': [],
            'exclude': {'servers': []},
        }
        self.assertFalse(builders.watcher_refuses(document))
        self.assertEqual(
            params.Request(
                volumes=(params.VolumeItem(builders.V1, 'in-use'),)
            ),
            parsing.parse(document),
        )

    def test_each_member_of_a_server_is_kept(self):
        self.assertEqual(
            params.ServerItem(builders.S1, 'active', 'c2', 'c1', True),
            parsing.parse(
                builders.vm(
                    status='active',
                    dst_hostname='c2',
                    src_hostname='c1',
                    force=True,
                )
            ).servers[0],
        )

    def test_each_member_of_a_volume_is_kept(self):
        self.assertEqual(
            params.VolumeItem(builders.V1, 'in-use', '', 't', 'h@b#p'),
            parsing.parse(
                builders.volume(
                    status='in-use', dst_type='t', src_hostname='h@b#p'
                )
            ).volumes[0],
        )

    def test_blank_destination_of_a_server_is_none(self):
        self.assertEqual(
            '',
            parsing.parse(builders.vm(status='active', dst_hostname=' '))
            .servers[0]
            .dst_hostname,
        )

    def test_blank_destination_of_a_volume_is_none(self):
        item = parsing.parse(
            builders.volume(status='in-use', dst_hostname='', dst_type='t')
        ).volumes[0]
        self.assertEqual(('', 't'), (item.dst_hostname, item.dst_type))

    def test_force_that_is_false_needs_nothing(self):
        self.assertFalse(
            parsing.parse(builders.vm(status='shutoff', force=False))
            .servers[0]
            .force
        )

    def test_ids_are_written_as_nova_shows_them(self):
        self.assertEqual(
            builders.S1,
            parsing.parse(
                {'params': {'vm': {builders.S1.upper(): {'status': 'active'}}}}
            )
            .servers[0]
            .id,
        )

    def test_order_is_that_of_the_document(self):
        request = parsing.parse(
            {
                'params': {
                    'vm': {
                        i: {'status': 'active'}
                        for i in (builders.S2, builders.S1)
                    }
                }
            }
        )
        self.assertEqual(
            [builders.S2, builders.S1], [item.id for item in request.servers]
        )

    def test_limits_are_kept_where_they_are_given(self):
        document = builders.vm(status='active')
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
                    'az1',
                    {'src_zone': 'az2', 'dst_node': 'c*'},
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
                params.StorageSelector('storage_pools.1', 'p', dst_type='u'),
            ),
            request.storage,
        )

    def test_each_other_parameter_is_kept(self):
        request = parsing.parse(
            {
                'compute_nodes': [{'src_node': 'c1'}],
                'storage_pools': [{'src_pool': 'p', 'dst_pool': 'q'}],
                'exclude': {
                    'servers': ['db-*', builders.S1],
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
                'disable_storage_pools': True,
                'move_locked': True,
                'all_or_nothing': True,
            }
        )
        self.assertEqual(
            params.Exclusions(
                frozenset({'db-*', builders.S1}),
                frozenset('v'),
                frozenset('p'),
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
            'disable_storage_pools',
            'move_locked',
            'all_or_nothing',
        ):
            self.assertIs(True, getattr(request, name), name)

    def test_downtime_is_of_all_of_some_or_of_none(self):
        for given, found in (
            ({}, params.Permission()),
            ({'allow_downtime': False}, params.Permission()),
            ({'allow_downtime': []}, params.Permission()),
            ({'allow_downtime': True}, params.Permission(of_all=True)),
            (
                {'allow_downtime': [' db-*', 'p']},
                params.Permission(names=frozenset({'db-*', 'p'})),
            ),
        ):
            request = parsing.parse({**builders.vm(status='active'), **given})
            self.assertEqual(found, request.downtime)
            if given:
                (allowed,) = given.values()
                given = {'confirm_resizes': allowed}
            request = parsing.parse({**builders.vm(status='active'), **given})
            self.assertEqual(found, request.confirm_resizes)
            self.assertEqual(
                found not in (params.Permission(),), found.is_given
            )

    def test_names_lose_the_blanks_around_them(self):
        request = parsing.parse(
            {
                'params': {
                    'vm': {
                        builders.S1: {
                            'status': 'active',
                            'src_hostname': ' c1',
                        }
                    },
                    'volume': {
                        builders.V1: {
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

    def test_backends_to_enable_are_kept(self):
        self.assertEqual(
            params.Request(enable_storage_pools=('h@b', 'h@*')),
            parsing.parse({'enable_storage_pools': ['h@b', ' h@* ']}),
        )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(['active', 'in-use', '', ' ', builders.S1, 'params\n']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
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
        'enable_storage_pools',
        builders.S1,
        builders.S1.upper(),
        builders.V1 + '\n',
    ]
) | st.text(max_size=8)
NAMES = st.sampled_from(['', ' ', 'c1', 'h@b#p', builders.LONG])
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
        key = draw(st.sampled_from(sorted(place)) | KEYS if place else KEYS)
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
                self.assertTrue(builders.watcher_refuses(document), error)
            return
        self.assertTrue(
            request.servers
            or request.volumes
            or request.compute
            or request.storage
            or request.enable_compute_nodes
            or request.enable_storage_pools
        )
        self.assertFalse(builders.watcher_refuses(document))

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
        self.assertIn(builders.watcher_refuses(document), (True, False))


def _objects(value):
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _objects(member)
