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

import sys
import uuid

import hypothesis
from hypothesis import strategies as st
import testtools

from zone_migration.logic import resources
from zone_migration.logic.audit import errors
from zone_migration.logic.audit import params
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import selection
from zone_migration.tests.unit.logic.audit import builders
from zone_migration.tests.unit.logic.audit import clouds


class ServersTest(clouds.SelectionTest):
    seen = clouds.inventory(
        [
            clouds.server('a', 'c1'),
            clouds.server('b', 'c2'),
            clouds.server('c', 'c1'),
        ],
        hosts=[
            clouds.host('c1', 'az1'),
            clouds.host('c2', 'az1'),
            clouds.host('c3', 'az2'),
        ],
        aggregates=clouds.AGGREGATES,
    )

    def test_those_of_a_host_are_found(self):
        found = clouds.select(self.seen, compute_nodes=clouds.nodes('c1'))
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

    def test_each_is_selected_once_by_the_first_selector(self):
        found = clouds.select(
            self.seen,
            compute_nodes=clouds.nodes(('c2', 'c3'), 'c[12]'),
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
        seen = clouds.inventory(
            [
                clouds.server(status, 'c1', status)
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
                for item in clouds.select(
                    seen, compute_nodes=clouds.nodes('c1')
                ).servers
            ],
        )

    def test_server_without_a_host_is_nobodys(self):
        seen = clouds.inventory([clouds.server('a', None)])
        self.assertEqual(
            [], self.servers(seen, compute_nodes=clouds.nodes('*'))
        )

    def test_named_server_wins_over_selectors(self):
        seen = clouds.inventory(
            [clouds.server(builders.S1), clouds.server(builders.S2)]
        )
        found = clouds.select(
            seen,
            params={
                'vm': {
                    builders.S2: {'status': 'shutoff', 'dst_hostname': 'c3'}
                }
            },
            compute_nodes=clouds.nodes(('c1', 'c2')),
        )
        self.assertEqual(
            [(builders.S2, 'c3', ''), (builders.S1, 'c2', 'compute_nodes.0')],
            [(i.id, i.dst_hostname, i.selector) for i in found.servers],
        )

    def test_named_server_moves_though_it_is_excluded(self):
        seen = clouds.inventory(
            [clouds.server(builders.S1), clouds.server(builders.S2)]
        )
        found = clouds.select(
            seen,
            params={'vm': {builders.S2: {'status': 'active'}}},
            compute_nodes=clouds.nodes('c1'),
            exclude={'servers': [builders.S2]},
        )
        self.assertEqual(
            [builders.S2, builders.S1], [i.id for i in found.servers]
        )
        self.assertEqual(0, found.excluded)


class VolumesTest(clouds.SelectionTest):
    def test_those_of_a_pool_are_found(self):
        found = clouds.select(
            clouds.inventory(
                volumes=[
                    clouds.volume('a'),
                    clouds.volume('b', 'h@b#p2'),
                    clouds.volume('c', status='in-use'),
                ]
            ),
            storage_pools=clouds.pools(('h@b#p1', 'h@c#p3')),
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

    def test_entry_with_the_type_wins_over_an_earlier_one_without(self):
        found = clouds.select(
            clouds.inventory(
                volumes=[clouds.volume('a'), clouds.volume('b', type_='slow')]
            ),
            storage_pools=[
                *clouds.pools(('h@b#*1', 'h@b#p2')),
                *clouds.pools(('h@b#p1', 'h@c#p3'), src_type='fast'),
            ],
        )
        self.assertEqual(
            {'a': 'h@c#p3', 'b': 'h@b#p2'},
            {item.id: item.dst_hostname for item in found.volumes},
        )

    def test_type_alone_selects_no_other_type(self):
        seen = clouds.inventory(
            volumes=[
                clouds.volume('a', type_='slow'),
                clouds.volume('b'),
                clouds.volume('c', type_=None),
            ]
        )
        self.assertEqual(
            ['b'],
            self.volumes(
                seen,
                storage_pools=clouds.pools(
                    ('h@b#p1', 'h@c#p3'), src_type='fast'
                ),
            ),
        )

    def test_volumes_can_change_their_type(self):
        found = clouds.select(
            clouds.inventory(volumes=[clouds.volume('a')]),
            storage_pools=[{'src_pool': 'h@b#p1', 'dst_type': 'slow'}],
        )
        self.assertEqual('slow', found.volumes[0].dst_type)
        self.assertEqual('', found.volumes[0].dst_hostname)
        self.assertEqual(frozenset(), found.pools)

    def test_status_is_what_it_would_be_between_two_changes(self):
        seen = clouds.inventory(
            volumes=[
                clouds.volume('a', status='retyping', server_ids=('s',)),
                clouds.volume('b', status='error'),
            ]
        )
        self.assertEqual(
            ['in-use', 'available'],
            [
                item.status
                for item in clouds.select(
                    seen, storage_pools=clouds.pools(('h@b#p1', 'h@c#p3'))
                ).volumes
            ],
        )

    def test_copies_of_running_migrations_are_no_volumes(self):
        seen = clouds.inventory(
            volumes=[
                clouds.volume('a', migration_status=f'target:{builders.V1}'),
                clouds.volume('b', migration_status='migrating'),
                clouds.volume('c', None),
                clouds.volume(
                    'd', status='deleting', migration_status='deleting'
                ),
                clouds.volume(
                    'e', status='error_deleting', migration_status='deleting'
                ),
            ]
        )
        self.assertEqual(
            ['b', 'e'],
            self.volumes(
                seen, storage_pools=clouds.pools(('h@b#p1', 'h@c#p3'))
            ),
        )

    def test_two_pools_can_exchange_volumes_of_two_types(self):
        seen = clouds.inventory(
            volumes=[
                clouds.volume('a'),
                clouds.volume('b', 'h@b#p2', type_='slow'),
            ]
        )
        self.assertEqual(
            ['a', 'b'],
            self.volumes(
                seen,
                storage_pools=[
                    *clouds.pools(('h@b#p1', 'h@b#p2'), src_type='fast'),
                    *clouds.pools(('h@b#p2', 'h@b#p1'), src_type='slow'),
                ],
            ),
        )

    def test_named_volume_wins_over_selectors(self):
        found = clouds.select(
            clouds.inventory(
                volumes=[clouds.volume('a'), clouds.volume(builders.V1)]
            ),
            params={
                'volume': {
                    builders.V1: {'status': 'available', 'dst_type': 'slow'}
                }
            },
            storage_pools=clouds.pools(('h@b#p1', 'h@c#p3')),
        )
        self.assertEqual(
            [(builders.V1, ''), ('a', 'storage_pools.0')],
            [(item.id, item.selector) for item in found.volumes],
        )


class ExcludedTest(clouds.SelectionTest):
    seen = clouds.inventory(
        [
            clouds.server('s1', name='db-1', project_id='p1'),
            clouds.server('s2', name='web', project_id='p1'),
            clouds.server('s3', name='db-2', project_id='p2'),
            clouds.server('s4', 'c2', name='far', project_id='p2'),
        ],
        [
            clouds.volume('v1', name='disk', project_id='p1'),
            clouds.volume('v2', name='disk', project_id='p2'),
        ],
        projects={'p1': 'sales', 'p2': 'lab', 'p3': 'idle'},
    )
    both = {
        'compute_nodes': clouds.nodes('c1'),
        'storage_pools': clouds.pools(('h@b#p1', 'h@c#p3')),
    }

    def left(self, **exclude):
        found = clouds.select(self.seen, **self.both, exclude=exclude)
        return (
            ' '.join(i.id for i in (*found.servers, *found.volumes)),
            found.excluded,
        )

    def test_server_by_id_and_by_name_and_by_glob(self):
        self.assertEqual(('s2 s3 v1 v2', 1), self.left(servers=['S1']))
        self.assertEqual(('s1 s3 v1 v2', 1), self.left(servers=['web']))
        self.assertEqual(('s2 v1 v2', 2), self.left(servers=['db-*', 's1']))

    def test_server_named_as_the_glob_takes_nothing_away_from_it(self):
        seen = clouds.inventory(
            [
                clouds.server('s1', name='db-1'),
                clouds.server('s2', name='db-*'),
                clouds.server('s3', name='web'),
            ]
        )
        found = clouds.select(
            seen,
            compute_nodes=clouds.nodes('c1'),
            exclude={'servers': ['db-*']},
        )
        self.assertEqual(['s3'], [item.id for item in found.servers])

    def test_volume_named_as_the_glob_takes_nothing_away_from_it(self):
        seen = clouds.inventory(
            volumes=[
                clouds.volume('v1', name='[d]'),
                clouds.volume('v2', name='d'),
            ]
        )
        found = clouds.select(
            seen,
            storage_pools=clouds.pools(('h@b#p1', 'h@c#p3')),
            exclude={'volumes': ['[d]']},
        )
        self.assertEqual((), found.volumes)

    def test_server_named_as_the_id_of_another_takes_nothing_away(self):
        found = clouds.select(
            clouds.inventory(
                [
                    clouds.server(builders.S1),
                    clouds.server(builders.S2, name=builders.S1),
                    clouds.server('s3'),
                ]
            ),
            compute_nodes=clouds.nodes('c1'),
            exclude={'servers': [builders.S1]},
        )
        self.assertEqual(['s3'], [item.id for item in found.servers])

    def test_excluded_id_that_nothing_has_is_told(self):
        project = builders.S2.replace('-', '').upper()
        found = clouds.select(
            self.seen,
            **self.both,
            exclude={'servers': [builders.S1], 'projects': [project]},
        )
        self.assertEqual((builders.S1, project), found.gone)
        self.assertEqual(3, len(found.servers))

    def test_volumes_of_one_name_are_all_excluded(self):
        self.assertEqual(('s1 s2 s3', 2), self.left(volumes=['disk']))

    def test_project_by_id_and_by_name(self):
        for name in ('p2', 'lab', 'la?'):
            self.assertEqual(('s1 s2 v1', 2), self.left(projects=[name]), name)

    def test_what_no_selector_finds_is_not_counted(self):
        self.assertEqual(
            ('s1 s2 s3 v1 v2', 0),
            self.left(servers=['far'], projects=['idle']),
        )


class ExclusionFaultsTest(clouds.FaultsTest):
    def test_exclusion_that_means_nothing(self):
        self.assertEqual(
            [
                'exclude.servers: there is no server with the name '
                "'bd-*': correct it, or leave it out",
                'exclude.volumes: there is no volume with the name '
                "'x': correct it, or leave it out",
                'exclude.projects: there is no project with the name '
                "'Sales': correct it, or leave it out",
            ],
            self.faults(
                compute_nodes=clouds.nodes('c1'),
                storage_pools=clouds.pools(('h@b#p1', 'h@c#p3')),
                exclude={
                    'servers': ['bd-*', 'web'],
                    'volumes': ['x'],
                    'projects': ['Sales', 'sales'],
                },
            ),
        )


def large(servers, volumes):
    """A cloud in which all is spread over 100 hosts and 20 pools."""
    return clouds.inventory(
        [
            clouds.server(
                str(uuid.UUID(int=n)),
                f'c{n % 100}',
                name=f's{n}',
                project_id=f'p{n % 7}',
            )
            for n in range(servers)
        ],
        [
            clouds.volume(
                str(uuid.UUID(int=n)),
                f'h@b#p{n % 20}',
                name=f'v{n}',
                project_id=f'p{n % 7}',
            )
            for n in range(volumes)
        ],
        hosts=[clouds.host(f'c{n}', f'az{n % 3}') for n in range(100)],
        pools=[f'h@b#p{n}' for n in range(20)],
    )


REQUEST = parsing.parse(
    {
        'compute_nodes': clouds.nodes(*((f'c{n}', 'c9?') for n in range(50))),
        'availability_zones': ['az1'],
        'storage_pools': clouds.pools(
            *((f'h@b#p{n}', 'h@b#*') for n in range(9))
        ),
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


class LeavingTest(testtools.TestCase):
    """Servers that leave a host without being moved."""

    def items(self, *servers, left=(), **parameters):
        """What is selected of c1, of which some wait to be confirmed."""
        unconfirmed = {
            id_: resources.Migration(1, id_, 'resize', 'finished', host, 'c3')
            for id_, host in left
        }
        seen = clouds.inventory(servers, unconfirmed=unconfirmed)
        found = clouds.select(
            seen, compute_nodes=clouds.nodes('c1'), **parameters
        )
        return [
            (item.id, item.instead, item.src_hostname)
            for item in found.servers
        ]

    def test_shelved_server_is_to_be_offloaded(self):
        self.assertEqual(
            [('s', 'offload', 'c1'), ('t', '', 'c1')],
            self.items(
                clouds.server('s', status='SHELVED'), clouds.server('t')
            ),
        )

    def test_server_that_keeps_room_there_is_to_be_confirmed(self):
        self.assertEqual(
            [('t', '', 'c1'), ('s', 'confirm', 'c1')],
            self.items(
                clouds.server('s', 'c3', 'VERIFY_RESIZE'),
                clouds.server('t'),
                left=[('s', 'c1')],
            ),
        )

    def test_one_that_is_on_another_host_to_empty_is_to_be_moved(self):
        self.assertEqual(
            [('s', '', 'c1')],
            self.items(
                clouds.server('s', 'c1', 'VERIFY_RESIZE'), left=[('s', 'c2')]
            ),
        )

    def test_one_that_is_gone_or_elsewhere_is_not(self):
        self.assertEqual(
            [],
            self.items(
                clouds.server('s', 'c3'), left=[('s', 'c2'), ('gone', 'c1')]
            ),
        )

    def test_excluded_one_is_left_alone(self):
        self.assertEqual(
            [],
            self.items(
                clouds.server('s', 'c3', 'VERIFY_RESIZE'),
                left=[('s', 'c1')],
                exclude={'servers': ['s']},
            ),
        )


class ScaleTest(testtools.TestCase):
    def test_whole_zone_is_selected(self):
        found = selection.select(
            parsing.parse(
                {
                    'availability_zones': ['az*'],
                    'storage_pools': [{'src_pool': '*', 'dst_type': 'slow'}],
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
    clouds.inventory,
    st.lists(
        st.builds(
            clouds.server,
            st.uuids().map(str),
            NAMES | st.none(),
            name=st.sampled_from(['a', 'b', 'keep']),
        ),
        unique_by=lambda s: s.id,
    ),
    hosts=st.just(
        [
            clouds.host('c0', 'x'),
            clouds.host('c1', 'x'),
            clouds.host('c2', 'y'),
            clouds.host('c3', 'z'),
        ]
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
            found = clouds.select(
                seen,
                compute_nodes=clouds.nodes(
                    *((s, destination) for s in sources)
                ),
                **exclude,
            )
        except errors.InvalidParameters as error:
            self.assertTrue(
                'c*' in sources
                or not any(s.name == 'keep' for s in seen.servers.values()),
                error,
            )
            return
        there = {s.id for s in seen.servers.values() if s.host in found.hosts}
        planned = [item.id for item in found.servers]
        self.assertEqual(len(set(planned)), len(planned))
        self.assertEqual(len(there), len(planned) + found.excluded)
        self.assertLessEqual(set(planned), there)
        for item in found.servers:
            self.assertEqual(seen.servers[item.id].host, item.src_hostname)
            self.assertFalse(
                found.hosts & {item.dst_hostname, *item.destinations}
            )
