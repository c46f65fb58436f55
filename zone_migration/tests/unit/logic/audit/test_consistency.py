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

import testtools

from zone_migration.logic.audit import consistency
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import parsing
from zone_migration.tests.unit.logic.audit import builders

#: What is refused, and the path and text of the one fault in it.
REFUSED = (
    *(
        (
            {parameter: [{key: 'a'}, {key: 'a', 'dst_node': 'b'}]},
            f'{parameter}.1',
            f'one of it and {parameter}.0, which have the same source, '
            'has a dst_node: give one in both, or in neither',
        )
        for parameter, key in (
            ('compute_nodes', 'src_node'),
            ('availability_zones', 'src_zone'),
            ('aggregates', 'src_aggregate'),
        )
    ),
    *(
        (
            {
                'storage_pools': [
                    {'src_pool': 'p', 'dst_type': 't'},
                    {'src_pool': 'p', **other},
                ]
            },
            'storage_pools.1',
            'it and storage_pools.0 have the same source: give several '
            'dst_pool, or one dst_type',
        )
        for other in ({'dst_pool': 'q'}, {'dst_type': 'u'})
    ),
    *(
        (
            {**builders.vm(status='active'), 'exclude': {key: ['x']}},
            f'exclude.{key}',
            f'is about what selectors find, and there is none of {needed}'
            ': leave it out, and out of params what is to stay',
        )
        for key, needed in (
            ('servers', 'compute_nodes, availability_zones, aggregates'),
            ('volumes', 'storage_pools'),
            (
                'projects',
                'compute_nodes, availability_zones, aggregates, storage_pools',
            ),
        )
    ),
    *(
        (
            {
                'storage_pools': [{'src_pool': 'p', 'dst_type': 't'}],
                parameter: True,
            },
            parameter,
            'is about servers, and there is none in params, nor any of '
            'compute_nodes, availability_zones, aggregates: leave it out',
        )
        for parameter in ('allow_downtime', 'confirm_resizes')
    ),
    (
        {
            'storage_pools': [{'src_pool': 'p', 'dst_type': 't'}],
            'unpin': True,
        },
        'unpin',
        'is about servers, and there is none in params, nor any of '
        'compute_nodes, availability_zones, aggregates: leave it out',
    ),
    (
        {**builders.vm(status='active'), 'leave_unpinned': True},
        'leave_unpinned',
        'is about what unpin unpins, which is not given: leave it out',
    ),
    (
        {**builders.vm(status='active'), 'disable_compute_nodes': True},
        'disable_compute_nodes',
        'is about the hosts that selectors empty, and there is none of '
        'compute_nodes, availability_zones, aggregates: leave it out',
    ),
    (
        {**builders.vm(status='active'), 'disable_storage_pools': True},
        'disable_storage_pools',
        'is about the pools that selectors empty, and there is none of '
        'storage_pools: leave it out',
    ),
)


class ConsistencyTest(testtools.TestCase):
    def test_each_fault_is_told_with_its_path(self):
        for document, path, text in REFUSED:
            error = self.assertRaises(
                errors.InvalidParameters, parsing.parse, document
            )
            self.assertEqual(
                [errors.Fault(path, text)], error.faults, document
            )

    def test_id_that_is_named_in_two_spellings_is_refused(self):
        for kind, item in (
            ('vm', {'status': 'active'}),
            ('volume', {'status': 'in-use'}),
        ):
            error = self.assertRaises(
                errors.InvalidParameters,
                parsing.parse,
                {
                    'params': {
                        kind: {builders.S1: item, builders.S1.upper(): item}
                    }
                },
            )
            self.assertEqual(
                [f'params.{kind}.{builders.S1}: is named more than once'],
                [str(fault) for fault in error.faults],
                kind,
            )

    def test_limits_above_their_ceilings_are_refused(self):
        request = parsing.parse(
            {
                **builders.vm(status='active'),
                'parallel_total': 0,
                'parallel_per_node': 3,
            }
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
