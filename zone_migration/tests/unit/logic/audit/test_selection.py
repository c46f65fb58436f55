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

import dataclasses
import sys
import uuid

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection

S1 = '3b39c007-81c4-4bbe-8848-babf583d1349'
S2 = '9827ce18-c92f-474b-b572-95281b903daf'
V1 = '5c5b71ba-c7d3-477d-b0c4-ea1958fae8fe'


def host(name, zone='nova', *, enabled=True, up=True):
    return resources.ComputeHost(name, enabled, up, zone=zone)


def server(id_, on='c1', status='ACTIVE', **more):
    return resources.Server(id_, more.pop('name', id_), status, on, **more)


def volume(id_, on='h@b#p1', status='available', type_='fast', **more):
    return resources.Volume(
        id_, more.pop('name', id_), status, on, type_, **more
    )


def pool(name):
    return resources.Pool(name, 100)


def inventory(
    servers=(),
    volumes=(),
    hosts=('c1', 'c2', 'c3'),
    pools=('h@b#p1', 'h@b#p2', 'h@c#p3'),
    types=('fast', 'slow'),
    **more,
):
    """A cloud of the given resources; hosts can be names."""
    hosts = [host(h) if isinstance(h, str) else h for h in hosts]
    return cloud_inventory.Inventory(
        {s.id: s for s in servers},
        {v.id: v for v in volumes},
        {h.name: h for h in hosts},
        {name: pool(name) for name in pools},
        {name: resources.VolumeType(name) for name in types},
        **more,
    )


def select(seen, **parameters):
    return selection.select(params.parse(parameters), seen)


def nodes(*entries):
    """compute_nodes of pairs, or of sources alone."""
    return [
        {'src_node': e}
        if isinstance(e, str)
        else {'src_node': e[0], 'dst_node': e[1]}
        for e in entries
    ]


def pools(*entries, **more):
    return [{'src_pool': s, 'dst_pool': d, **more} for s, d in entries]


AGGREGATES = {
    name: resources.Aggregate(name, frozenset(hosts))
    for name, hosts in {'old': ('c2', 'c1'), 'gone': ('c9',)}.items()
}


class SelectionTest(testtools.TestCase):
    def servers(self, seen, **parameters):
        return [item.id for item in select(seen, **parameters).servers]

    def volumes(self, seen, **parameters):
        return [item.id for item in select(seen, **parameters).volumes]


class ServersTest(SelectionTest):
    seen = inventory(
        [server('a', 'c1'), server('b', 'c2'), server('c', 'c1')],
        hosts=[host('c1', 'az1'), host('c2', 'az1'), host('c3', 'az2')],
        aggregates=AGGREGATES,
    )

    def test_those_of_a_host_are_found(self):
        found = select(self.seen, compute_nodes=nodes('c1'))
        self.assertEqual(
            (
                params.ServerItem(
                    'a', 'active', '', 'c1', selector='compute_nodes.0'
                ),
                params.ServerItem(
                    'c', 'active', '', 'c1', selector='compute_nodes.0'
                ),
            ),
            found.servers,
        )
        self.assertEqual(frozenset({'c1'}), found.hosts)

    def test_glob_finds_those_of_all_hosts_it_means(self):
        self.assertEqual(
            ['a', 'b', 'c'],
            self.servers(self.seen, compute_nodes=nodes('c[12]')),
        )

    def test_globs_tell_letters_by_their_case(self):
        self.assertRaises(
            params.InvalidParameters,
            select,
            self.seen,
            compute_nodes=nodes('C*'),
        )

    def test_those_of_a_zone_are_found(self):
        found = select(self.seen, availability_zones=['az1'])
        self.assertEqual(['a', 'b', 'c'], [i.id for i in found.servers])
        self.assertEqual(
            {'availability_zones.0'}, {i.path for i in found.servers}
        )
        self.assertEqual(frozenset({'c1', 'c2'}), found.hosts)

    def test_those_of_an_aggregate_are_found(self):
        self.assertEqual(
            ['a', 'b', 'c'], self.servers(self.seen, aggregates=['o*'])
        )

    def test_zone_and_aggregate_can_name_a_destination(self):
        for parameters in (
            {'availability_zones': [{'src_zone': 'az1', 'dst_node': 'c3'}]},
            {'aggregates': [{'src_aggregate': 'old', 'dst_node': 'c*'}]},
        ):
            self.assertEqual(
                {'c3'},
                {
                    item.dst_hostname
                    for item in select(self.seen, **parameters).servers
                },
            )

    def test_empty_host_selects_nothing_and_is_no_fault(self):
        self.assertEqual((), select(
            self.seen, compute_nodes=nodes('c3')).servers)

    def test_hosts_outside_of_the_scope_are_left_alone(self):
        seen = dataclasses.replace(self.seen, scope=frozenset({'c1', 'c3'}))
        for parameters in (
            {'compute_nodes': nodes('c[12]')},
            {'availability_zones': ['az1']},
            {'aggregates': ['old']},
        ):
            found = select(seen, **parameters)
            self.assertEqual(['a', 'c'], [i.id for i in found.servers])
            self.assertEqual(frozenset({'c1'}), found.hosts)

    def test_destination_can_be_outside_of_the_scope(self):
        seen = dataclasses.replace(self.seen, scope=frozenset({'c1'}))
        found = select(seen, compute_nodes=nodes(('c1', 'c2')))
        self.assertEqual('c2', found.servers[0].dst_hostname)

    def test_each_is_selected_once_by_the_first_selector(self):
        found = select(
            self.seen,
            compute_nodes=nodes(('c2', 'c3'), 'c[12]'),
            availability_zones=['az1'],
        )
        self.assertEqual(
            [
                ('b', 'compute_nodes.0', 'c3'),
                ('a', 'compute_nodes.1', ''),
                ('c', 'compute_nodes.1', ''),
            ],
            [(i.id, i.selector, i.dst_hostname) for i in found.servers],
        )

    def test_status_follows_from_the_servers_own(self):
        seen = inventory(
            [
                server(status, 'c1', status)
                for status in (
                    'ACTIVE',
                    'PAUSED',
                    'ERROR',
                    'SHUTOFF',
                    # A cold migration is seen through as one.
                    'RESIZE',
                    'VERIFY_RESIZE',
                )
            ]
        )
        self.assertEqual(
            ['active'] * 3 + ['shutoff'] * 3,
            [
                item.status
                for item in select(
                    seen, compute_nodes=nodes('c1')
                ).servers
            ],
        )

    def test_server_without_a_host_is_nobodys(self):
        seen = inventory([server('a', None)])
        self.assertEqual(
            [], self.servers(seen, compute_nodes=nodes('*'))
        )

    def test_named_server_wins_over_selectors(self):
        seen = inventory([server(S1), server(S2)])
        found = select(
            seen,
            params={'vm': {S2: {'status': 'shutoff', 'dst_hostname': 'c3'}}},
            compute_nodes=nodes(('c1', 'c2')),
        )
        self.assertEqual(
            [(S2, 'c3', ''), (S1, 'c2', 'compute_nodes.0')],
            [(i.id, i.dst_hostname, i.selector) for i in found.servers],
        )

    def test_named_server_moves_though_it_is_excluded(self):
        seen = inventory([server(S1), server(S2)])
        found = select(
            seen,
            params={'vm': {S2: {'status': 'active'}}},
            compute_nodes=nodes('c1'),
            exclude={'servers': [S2]},
        )
        self.assertEqual([S2, S1], [i.id for i in found.servers])
        self.assertEqual(0, found.excluded)


class DestinationsOfServersTest(SelectionTest):
    def targets(self, *entries, hosts=('c1', 'c2', 'c3', 'c4')):
        found = select(
            inventory([server('a')], hosts=hosts),
            compute_nodes=nodes(*entries),
        )
        item = found.servers[0]
        return item.dst_hostname, item.destinations

    def test_one_becomes_the_destination(self):
        self.assertEqual(('c2', ()), self.targets(('c1', 'c2')))

    def test_several_entries_of_a_source_add_theirs(self):
        self.assertEqual(
            ('', ('c2', 'c4')),
            self.targets(('c1', 'c2'), ('c1', 'c4'), ('c1', 'c2')),
        )

    def test_glob_means_several(self):
        self.assertEqual(
            ('', ('c2', 'c3', 'c4')), self.targets(('c1', 'c*'))
        )

    def test_glob_leaves_out_all_sources(self):
        self.assertEqual(
            ('', ('c3', 'c4')), self.targets(('c1', 'c*'), 'c2')
        )

    def test_glob_leaves_out_hosts_that_are_disabled_or_down(self):
        self.assertEqual(
            ('c4', ()),
            self.targets(
                ('c1', 'c*'),
                hosts=[
                    'c1',
                    host('c2', enabled=False),
                    host('c3', up=False),
                    'c4',
                ],
            ),
        )

    def test_host_that_is_named_stays_whatever_its_state(self):
        self.assertEqual(
            ('c2', ()),
            self.targets(
                ('c1', 'c2'), hosts=['c1', host('c2', up=False)]
            ),
        )


class EmptiedDestinationsTest(SelectionTest):
    """A destination that another entry empties, named exactly."""

    def assert_goes(self, expected, found):
        self.assertEqual(expected, {i.id: i.dst_hostname for i in found})

    def test_two_hosts_exchange_their_servers(self):
        seen = inventory([server('a', 'c1'), server('b', 'c2')])
        self.assert_goes(
            {'a': 'c2', 'b': 'c1'},
            select(
                seen, compute_nodes=nodes(('c1', 'c2'), ('c2', 'c1'))
            ).servers,
        )

    def test_two_pools_exchange_their_volumes_whatever_their_types(self):
        seen = inventory(volumes=[volume('a'), volume('b', 'h@b#p2')])
        for first in ('', 'fast'):
            for second in ('', 'fast'):
                entries = [
                    {**entry, **({'src_type': type_} if type_ else {})}
                    for entry, type_ in zip(
                        pools(('h@b#p1', 'h@b#p2'), ('h@b#p2', 'h@b#p1')),
                        (first, second),
                        strict=True,
                    )
                ]
                self.assert_goes(
                    {'a': 'h@b#p2', 'b': 'h@b#p1'},
                    select(seen, storage_pools=entries).volumes,
                )

    def test_host_that_a_zone_empties_is_taken(self):
        seen = inventory(
            [server('a', 'c1'), server('b', 'c2')],
            hosts=[host('c1'), host('c2', 'az1'), 'c3'],
        )
        self.assert_goes(
            {'a': 'c2', 'b': ''},
            select(
                seen,
                compute_nodes=nodes(('c1', 'c2')),
                availability_zones=['az1'],
            ).servers,
        )

    def test_pools_tell_which_types_leave_them(self):
        found = select(
            inventory(),
            storage_pools=[
                *pools(('h@b#p1', 'h@b#p2')),
                *pools(('h@b#p2', 'h@c#p3'), src_type='slow'),
                {'src_pool': 'h@c#p3', 'dst_type': 'slow'},
            ],
        )
        self.assertEqual(
            {('h@b#p1', ''), ('h@b#p2', 'slow')}, found.leaving
        )


class VolumesTest(SelectionTest):
    def test_those_of_a_pool_are_found(self):
        found = select(
            inventory(
                volumes=[
                    volume('a'),
                    volume('b', 'h@b#p2'),
                    volume('c', status='in-use'),
                ]
            ),
            storage_pools=pools(('h@b#p1', 'h@c#p3')),
        )
        self.assertEqual(
            tuple(
                params.VolumeItem(
                    id_,
                    status,
                    'h@c#p3',
                    '',
                    'h@b#p1',
                    selector='storage_pools.0',
                )
                for id_, status in (('a', 'available'), ('c', 'in-use'))
            ),
            found.volumes,
        )
        self.assertEqual(frozenset({'h@b#p1'}), found.pools)

    def test_backend_means_all_its_pools(self):
        found = select(
            inventory(volumes=[volume('a', 'h@c#p3')]),
            storage_pools=pools(('h@c', 'h@b')),
        )
        self.assertEqual(
            ('h@b#p1', 'h@b#p2'), found.volumes[0].destinations
        )

    def test_volume_without_a_pool_does_not_change_what_a_backend_means(self):
        # Older than pools, or of a driver that was without any.
        seen = inventory(
            volumes=[
                volume('a', 'h@b#p1'),
                volume('b', 'h@b#p2'),
                volume('c', 'h@b'),
                volume('d', 'h@c#p3'),
            ]
        )
        self.assertEqual(
            ['a', 'b', 'c'],
            self.volumes(seen, storage_pools=pools(('h@b', 'h@c#p3'))),
        )

    def test_pool_that_cinder_does_not_show_can_be_a_source(self):
        seen = inventory(
            volumes=[volume('a', 'h@down#p')], pools=['h@c#p3']
        )
        self.assertEqual(
            ['a'],
            self.volumes(
                seen, storage_pools=pools(('h@down#p', 'h@c#p3'))
            ),
        )

    def test_entry_with_the_type_wins_over_an_earlier_one_without(self):
        found = select(
            inventory(
                volumes=[volume('a'), volume('b', type_='slow')]
            ),
            storage_pools=[
                *pools(('h@b#*1', 'h@b#p2')),
                *pools(('h@b#p1', 'h@c#p3'), src_type='fast'),
            ],
        )
        self.assertEqual(
            {'a': 'h@c#p3', 'b': 'h@b#p2'},
            {item.id: item.dst_hostname for item in found.volumes},
        )

    def test_type_alone_selects_no_other_type(self):
        seen = inventory(
            volumes=[
                volume('a', type_='slow'),
                volume('b'),
                volume('c', type_=None),
            ]
        )
        self.assertEqual(
            ['b'],
            self.volumes(
                seen,
                storage_pools=pools(
                    ('h@b#p1', 'h@c#p3'), src_type='fast'
                ),
            ),
        )

    def test_volumes_can_change_their_type(self):
        found = select(
            inventory(volumes=[volume('a')]),
            storage_pools=[{'src_pool': 'h@b#p1', 'dst_type': 'slow'}],
        )
        self.assertEqual('slow', found.volumes[0].dst_type)
        self.assertEqual('', found.volumes[0].dst_hostname)
        self.assertEqual(frozenset(), found.pools)

    def test_status_is_what_it_would_be_between_two_changes(self):
        seen = inventory(
            volumes=[
                volume('a', status='retyping', server_ids=('s',)),
                volume('b', status='error'),
            ]
        )
        self.assertEqual(
            ['in-use', 'available'],
            [
                item.status
                for item in select(
                    seen, storage_pools=pools(('h@b#p1', 'h@c#p3'))
                ).volumes
            ],
        )

    def test_copies_of_running_migrations_are_no_volumes(self):
        seen = inventory(
            volumes=[
                volume('a', migration_status=f'target:{V1}'),
                volume('b', migration_status='migrating'),
                volume('c', None),
                volume('d', status='deleting', migration_status='deleting'),
                volume(
                    'e', status='error_deleting', migration_status='deleting'
                ),
            ]
        )
        self.assertEqual(
            ['b', 'e'],
            self.volumes(seen, storage_pools=pools(('h@b#p1', 'h@c#p3'))),
        )

    def test_two_pools_can_exchange_volumes_of_two_types(self):
        seen = inventory(
            volumes=[volume('a'), volume('b', 'h@b#p2', type_='slow')]
        )
        self.assertEqual(
            ['a', 'b'],
            self.volumes(
                seen,
                storage_pools=[
                    *pools(('h@b#p1', 'h@b#p2'), src_type='fast'),
                    *pools(('h@b#p2', 'h@b#p1'), src_type='slow'),
                ],
            ),
        )

    def test_named_volume_wins_over_selectors(self):
        found = select(
            inventory(volumes=[volume('a'), volume(V1)]),
            params={
                'volume': {V1: {'status': 'available', 'dst_type': 'slow'}}
            },
            storage_pools=pools(('h@b#p1', 'h@c#p3')),
        )
        self.assertEqual(
            [(V1, ''), ('a', 'storage_pools.0')],
            [(item.id, item.selector) for item in found.volumes],
        )


class ExcludedTest(SelectionTest):
    seen = inventory(
        [
            server('s1', name='db-1', project_id='p1'),
            server('s2', name='web', project_id='p1'),
            server('s3', name='db-2', project_id='p2'),
            server('s4', 'c2', name='far', project_id='p2'),
        ],
        [
            volume('v1', name='disk', project_id='p1'),
            volume('v2', name='disk', project_id='p2'),
        ],
        projects={'p1': 'sales', 'p2': 'lab', 'p3': 'idle'},
    )
    both = {
        'compute_nodes': nodes('c1'),
        'storage_pools': pools(('h@b#p1', 'h@c#p3')),
    }

    def left(self, **exclude):
        found = select(self.seen, **self.both, exclude=exclude)
        return (
            ' '.join(i.id for i in (*found.servers, *found.volumes)),
            found.excluded,
        )

    def test_server_by_id_and_by_name_and_by_glob(self):
        self.assertEqual(('s2 s3 v1 v2', 1), self.left(servers=['S1']))
        self.assertEqual(('s1 s3 v1 v2', 1), self.left(servers=['web']))
        self.assertEqual(('s2 v1 v2', 2), self.left(servers=['db-*', 's1']))

    def test_server_named_as_the_glob_takes_nothing_away_from_it(self):
        seen = inventory(
            [
                server('s1', name='db-1'),
                server('s2', name='db-*'),
                server('s3', name='web'),
            ]
        )
        found = select(
            seen,
            compute_nodes=nodes('c1'),
            exclude={'servers': ['db-*']},
        )
        self.assertEqual(['s3'], [item.id for item in found.servers])

    def test_volume_named_as_the_glob_takes_nothing_away_from_it(self):
        seen = inventory(
            volumes=[volume('v1', name='[d]'), volume('v2', name='d')]
        )
        found = select(
            seen,
            storage_pools=pools(('h@b#p1', 'h@c#p3')),
            exclude={'volumes': ['[d]']},
        )
        self.assertEqual((), found.volumes)

    def test_server_named_as_the_id_of_another_takes_nothing_away(self):
        found = select(
            inventory([server(S1), server(S2, name=S1), server('s3')]),
            compute_nodes=nodes('c1'),
            exclude={'servers': [S1]},
        )
        self.assertEqual(['s3'], [item.id for item in found.servers])

    def test_excluded_id_that_nothing_has_is_told(self):
        project = S2.replace('-', '').upper()
        found = select(
            self.seen,
            **self.both,
            exclude={'servers': [S1], 'projects': [project]},
        )
        self.assertEqual((S1, project), found.gone)
        self.assertEqual(3, len(found.servers))

    def test_volumes_of_one_name_are_all_excluded(self):
        self.assertEqual(('s1 s2 s3', 2), self.left(volumes=['disk']))

    def test_project_by_id_and_by_name(self):
        for name in ('p2', 'lab', 'la?'):
            self.assertEqual(('s1 s2 v1', 2), self.left(projects=[name]))

    def test_what_no_selector_finds_is_not_counted(self):
        self.assertEqual(
            ('s1 s2 s3 v1 v2', 0),
            self.left(servers=['far'], projects=['idle']),
        )


class FaultsTest(testtools.TestCase):
    seen = inventory(
        [server(S1), server('s', name='web')],
        [volume(V1), volume('v', 'h@c#p3', type_='slow')],
        hosts=[
            host('c1', 'az1'),
            host('c2', 'az1'),
            host('c3', 'az2', up=False),
        ],
        aggregates=AGGREGATES,
        projects={'p': 'sales'},
    )

    def faults(self, **parameters):
        error = self.assertRaises(
            params.InvalidParameters, select, self.seen, **parameters
        )
        return [str(fault) for fault in error.faults]

    def test_source_that_means_nothing(self):
        self.assertEqual(
            [
                "compute_nodes.0.src_node: there is no compute host 'w*'; "
                'there are c1, c2, c3',
                "availability_zones.0: there is no availability zone 'az3'; "
                'there are az1, az2',
                "aggregates.0: there is no aggregate 'new'; there are gone, "
                'old',
                "aggregates.1: there is no compute host in 'gone'",
                "storage_pools.0.src_pool: there is no storage pool 'h@x'; "
                'there are h@b#p1, h@b#p2, h@c#p3',
            ],
            self.faults(
                compute_nodes=nodes('w*', 'w*'),
                availability_zones=['az3'],
                aggregates=['new', 'gone'],
                storage_pools=pools(('h@x', 'h@c#p3')),
            ),
        )

    def test_source_that_is_outside_of_the_scope(self):
        seen = dataclasses.replace(self.seen, scope=frozenset({'c3'}))
        error = self.assertRaises(
            params.InvalidParameters,
            select,
            seen,
            compute_nodes=nodes('c1', 'c[13]'),
        )
        self.assertEqual(
            [
                "compute_nodes.0.src_node: each compute host that 'c1' means "
                'is outside of the scope of the audit: name others, or take '
                'another audit template'
            ],
            [str(fault) for fault in error.faults],
        )

    def test_volume_type_that_does_not_exist(self):
        self.assertEqual(
            [
                "storage_pools.0.src_type: there is no volume type 'a'; "
                'there are fast, slow',
                "storage_pools.0.dst_type: there is no volume type 'b'; "
                'there are fast, slow',
            ],
            self.faults(
                storage_pools=[
                    {
                        'src_pool': 'h@b#p1',
                        'src_type': 'a',
                        'dst_type': 'b',
                    }
                ]
            ),
        )

    def test_destination_that_means_nothing(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: there is no compute host 'w1'; "
                'there are c1, c2, c3',
                "storage_pools.0.dst_pool: there is no storage pool 'h@x#*'"
                '; there are h@b#p1, h@b#p2, h@c#p3',
            ],
            self.faults(
                compute_nodes=nodes(('c1', 'w1')),
                storage_pools=pools(('h@b#p1', 'h@x#*')),
            ),
        )

    def test_destination_that_is_the_source_of_its_own_entry(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: 'c2' is the source of its own "
                'entry: name another',
                "storage_pools.0.dst_pool: 'h@b#p1' is the source of its "
                'own entry: name another',
                "storage_pools.1.dst_pool: 'h@b#p1' is the source of its "
                'own entry: name another',
            ],
            self.faults(
                compute_nodes=nodes(('c[12]', 'c2')),
                storage_pools=[
                    *pools(('h@b#p1', 'h@b#p1')),
                    *pools(('h@b#p1', 'h@b#p1'), src_type='fast'),
                ],
            ),
        )

    def test_destination_that_the_audit_disables(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: 'c2' is being emptied itself, by "
                'compute_nodes.1, and disable_compute_nodes disables it: '
                'name another',
                f"params.vm.{S1}.dst_hostname: 'c2' is being emptied "
                'itself, by compute_nodes.1, and disable_compute_nodes '
                'disables it: name another',
            ],
            self.faults(
                params={'vm': {S1: {'status': 'active',
                                    'dst_hostname': 'c2'}}},
                compute_nodes=nodes(('c1', 'c2'), 'c2'),
                disable_compute_nodes=True,
            ),
        )

    def test_glob_of_which_nothing_is_left(self):
        self.assertEqual(
            [
                "compute_nodes.0.dst_node: each compute host that 'c*' "
                'means is being emptied itself, disabled or down: name '
                'others',
                "storage_pools.0.dst_pool: each storage pool that 'h@b' "
                'means is being emptied itself: name others',
            ],
            self.faults(
                compute_nodes=nodes(('c[12]', 'c*')),
                storage_pools=pools(('h@b#*', 'h@b')),
            ),
        )

    def test_named_volume_that_goes_to_a_backend_without_another_pool(self):
        self.assertEqual(
            [
                f"params.volume.{V1}.dst_hostname: each pool of 'h@c' is "
                'being emptied itself, by storage_pools.0: name a pool',
            ],
            self.faults(
                params={
                    'volume': {
                        V1: {'status': 'available', 'dst_hostname': 'h@c'}
                    },
                },
                storage_pools=pools(('h@c#p3', 'h@b#p2')),
            ),
        )

    def test_named_items_can_go_where_selectors_empty(self):
        found = select(
            self.seen,
            params={
                'vm': {S1: {'status': 'active', 'dst_hostname': 'c2'}},
                'volume': {
                    V1: {'status': 'available', 'dst_hostname': 'h@c#p3'}
                },
            },
            compute_nodes=nodes('c2'),
            storage_pools=pools(('h@c#p3', 'h@b#p2')),
        )
        self.assertEqual('c2', found.servers[0].dst_hostname)
        self.assertEqual('h@c#p3', found.volumes[0].dst_hostname)

    def test_named_volume_can_go_where_another_type_leaves(self):
        found = select(
            self.seen,
            params={
                'volume': {
                    V1: {'status': 'available', 'dst_hostname': 'h@c#p3'}
                }
            },
            storage_pools=pools(('h@c#p3', 'h@b#p2'), src_type='slow'),
        )
        self.assertEqual([V1, 'v'], [item.id for item in found.volumes])

    def test_named_volume_can_go_to_a_backend_with_another_pool(self):
        found = select(
            self.seen,
            params={
                'volume': {
                    V1: {'status': 'available', 'dst_hostname': 'h@b'}
                }
            },
            storage_pools=pools(('h@b#p2', 'h@c#p3')),
        )
        self.assertEqual('h@b', found.volumes[0].dst_hostname)

    def test_exclusion_that_means_nothing(self):
        self.assertEqual(
            [
                "exclude.servers: there is no server with the name "
                "'bd-*': correct it, or leave it out",
                "exclude.volumes: there is no volume with the name "
                "'x': correct it, or leave it out",
                "exclude.projects: there is no project with the name "
                "'Sales': correct it, or leave it out",
            ],
            self.faults(
                compute_nodes=nodes('c1'),
                storage_pools=pools(('h@b#p1', 'h@c#p3')),
                exclude={
                    'servers': ['bd-*', 'web'],
                    'volumes': ['x'],
                    'projects': ['Sales', 'sales'],
                },
            ),
        )


def large(servers, volumes):
    """A cloud in which all is spread over 100 hosts and 20 pools."""
    return inventory(
        [
            server(
                str(uuid.UUID(int=n)), f'c{n % 100}', name=f's{n}',
                project_id=f'p{n % 7}',
            )
            for n in range(servers)
        ],
        [
            volume(
                str(uuid.UUID(int=n)), f'h@b#p{n % 20}', name=f'v{n}',
                project_id=f'p{n % 7}',
            )
            for n in range(volumes)
        ],
        hosts=[host(f'c{n}', f'az{n % 3}') for n in range(100)],
        pools=[f'h@b#p{n}' for n in range(20)],
    )


REQUEST = params.parse(
    {
        'compute_nodes': nodes(*((f'c{n}', 'c9?') for n in range(50))),
        'availability_zones': ['az1'],
        'storage_pools': pools(*((f'h@b#p{n}', 'h@b#*') for n in range(9))),
        'exclude': {
            'servers': [f's{n}' for n in range(50)] + ['s1*'],
            'projects': ['p3'],
        },
    }
)


def lines_run(function, *args):
    """How many lines of Python a call runs; loops count each turn."""
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    finally:
        sys.settrace(before)
    return count


class ScaleTest(testtools.TestCase):
    def test_whole_zone_is_selected(self):
        found = selection.select(
            params.parse(
                {
                    'availability_zones': ['az*'],
                    'storage_pools': [
                        {'src_pool': '*', 'dst_type': 'slow'}
                    ],
                }
            ),
            large(5_000, 2_000),
        )
        self.assertEqual(5_000, len(found.servers))
        self.assertEqual(2_000, len(found.volumes))

    def test_work_grows_with_the_number_of_resources_and_no_faster(self):
        half, whole = (
            lines_run(selection.select, REQUEST, seen)
            for seen in (large(2_500, 1_000), large(5_000, 2_000))
        )
        self.assertLess(whole, 2.1 * half)


NAMES = st.sampled_from(['c0', 'c1', 'c2', 'c3'])
CLOUDS = st.builds(
    inventory,
    st.lists(
        st.builds(
            server,
            st.uuids().map(str),
            NAMES | st.none(),
            name=st.sampled_from(['a', 'b', 'keep']),
        ),
        unique_by=lambda s: s.id,
    ),
    hosts=st.just(
        [host('c0', 'x'), host('c1', 'x'), host('c2', 'y'), host('c3', 'z')]
    ),
)


class AnyCloudTest(testtools.TestCase):
    @hypothesis.given(
        CLOUDS,
        st.lists(st.sampled_from(['c0', 'c1', 'c[01]', 'c*']), min_size=1),
        st.sampled_from(['', 'c3', 'c*']),
        st.booleans(),
    )
    def test_each_server_of_a_source_is_planned_once_or_excluded(
        self, seen, sources, destination, excluding
    ):
        exclude = {'exclude': {'servers': ['keep']}} if excluding else {}
        try:
            found = select(
                seen,
                compute_nodes=nodes(*((s, destination) for s in sources)),
                **exclude,
            )
        except params.InvalidParameters as error:
            self.assertTrue(
                'c*' in sources
                or not any(s.name == 'keep' for s in seen.servers.values()),
                error,
            )
            return
        there = {
            s.id for s in seen.servers.values() if s.host in found.hosts
        }
        planned = [item.id for item in found.servers]
        self.assertEqual(len(set(planned)), len(planned))
        self.assertEqual(len(there), len(planned) + found.excluded)
        self.assertLessEqual(set(planned), there)
        for item in found.servers:
            self.assertEqual(seen.servers[item.id].host, item.src_hostname)
            self.assertFalse(
                found.hosts & {item.dst_hostname, *item.destinations}
            )
