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

from zone_migration.logic.audit import params
from zone_migration.logic.audit import priority
from zone_migration.tests.unit.logic import builders


def ranks(servers=(), volumes=(), projects=None, **given):
    return priority.ranks(
        params.Priority(**given), servers, volumes, projects or {}
    )


class RanksTest(testtools.TestCase):
    def test_without_a_priority_there_are_none(self):
        self.assertEqual(
            {}, priority.ranks(None, [builders.server('s')], [], {})
        )

    def test_what_is_equal_shares_a_rank(self):
        self.assertEqual(
            {'s': 0, 't': 0, 'v': 0},
            ranks(
                [builders.server('s'), builders.server('t')],
                [builders.volume('v')],
            ),
        )

    def test_hosts_come_in_their_order_then_all_others(self):
        servers = [builders.server(name, name) for name in ('a', 'b', 'c')]
        self.assertEqual(
            {'c': 0, 'a': 1, 'b': 2},
            ranks(servers, compute_node=('c', 'a')),
        )

    def test_pools_come_in_their_order_then_all_others(self):
        volumes = [builders.volume(name, f'h@{name}#{name}') for name in 'abc']
        self.assertEqual(
            {'c': 0, 'a': 1, 'b': 2},
            ranks([], volumes, storage_pool=('h@c#c', 'h@a')),
        )

    def test_keys_count_in_the_order_in_which_they_are_given(self):
        servers = [
            builders.server('s', 'a', project_id='p'),
            builders.server('t', 'b', project_id='q'),
        ]
        for keys, first in (
            (('project', 'compute_node'), 's'),
            (('compute_node', 'project'), 't'),
        ):
            self.assertEqual(
                0,
                ranks(servers, project=('p',), compute_node=('b',), keys=keys)[
                    first
                ],
                keys,
            )

    def test_project_that_is_not_the_first_key_leaves_volumes_alone(self):
        self.assertEqual(
            {'s': 0, 'v': 0},
            ranks(
                [builders.server('s', project_id='p')],
                [builders.volume('v', project_id='q')],
                project=('p',),
                keys=('compute', 'project'),
            ),
        )

    def test_large_servers_come_first(self):
        for key, field in (
            ('vcpu_num', 'vcpus'),
            ('mem_size', 'memory_mb'),
            ('disk_size', 'disk_gb'),
        ):
            servers = [
                builders.server('small', **{field: 1}),
                builders.server('large', **{field: 2}),
            ]
            self.assertEqual(
                {'large': 0, 'small': 1}, ranks(servers, compute=(key,)), key
            )

    def test_large_volumes_come_first(self):
        volumes = [
            builders.volume('small', size_gb=1),
            builders.volume('large', size_gb=2),
        ]
        self.assertEqual(
            {'large': 0, 'small': 1}, ranks([], volumes, storage=('size',))
        )

    def test_old_ones_come_first_and_those_of_unknown_age_last(self):
        for make, kind, keys in (
            (builders.server, 0, {'compute': ('created_at',)}),
            (builders.volume, 1, {'storage': ('created_at',)}),
        ):
            things = [
                make('unknown'),
                make('new', created_at='2026-02-01T00:00:00Z'),
                make('old', created_at='2025-11-01T00:00:00Z'),
            ]
            self.assertEqual(
                {'old': 0, 'new': 1, 'unknown': 2},
                ranks(*([], things) if kind else (things,), **keys),
                keys,
            )

    def test_the_first_key_that_differs_decides(self):
        servers = [
            builders.server('a', memory_mb=1, vcpus=4),
            builders.server('b', memory_mb=2, vcpus=1),
            builders.server('c', memory_mb=2, vcpus=2),
        ]
        self.assertEqual(
            {'c': 0, 'b': 1, 'a': 2},
            ranks(servers, compute=('mem_size', 'vcpu_num')),
        )

    def test_projects_decide_before_all_else_by_id_or_name(self):
        servers = [
            builders.server('a', project_id='p1', memory_mb=9),
            builders.server('b', project_id='p2'),
            builders.server('c', project_id='p3'),
        ]
        self.assertEqual(
            {'b': 0, 'c': 1, 'a': 2},
            ranks(
                servers,
                projects={'p3': 'web'},
                project=('p2', 'web'),
                compute=('mem_size',),
            ),
        )

    def test_servers_and_volumes_of_a_project_begin_together(self):
        servers = [builders.server('s', project_id='p1')]
        volumes = [
            builders.volume('v', project_id='p1', size_gb=3),
            builders.volume('w', project_id='p1', size_gb=2),
        ]
        others = [builders.volume('x', project_id='p2', size_gb=9)]
        self.assertEqual(
            {'s': 0, 'v': 0, 'w': 1, 'x': 2},
            ranks(
                servers, volumes + others, project=('p1',), storage=('size',)
            ),
        )
