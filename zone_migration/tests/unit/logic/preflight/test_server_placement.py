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

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.preflight import decisions
from zone_migration.tests.unit.logic import builders
from zone_migration.tests.unit.logic.builders import aggregate
from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server

REFUSE = decisions.Kind.REFUSE


class DestinationTest(testtools.TestCase):
    def test_destination_that_is_no_good_is_refused(self):
        for there, reason in (
            (host('c2', enabled=False), 'is disabled: enable it first'),
            (host('c2', up=False), 'is down: bring it up first'),
            (host('c9'), 'not found: no such compute host'),
        ):
            self.assertEqual(
                {'s': (REFUSE, f'destination c2 {reason}')},
                results(
                    [live('s', 'c2')],
                    inventory([server('s')], hosts=[host('c1'), there]),
                ),
            )

    def test_of_several_those_that_are_no_good_are_left_out(self):
        seen = inventory(
            [server('s')],
            hosts=[host('c1'), host('c2', up=False), host('c3')],
        )
        self.assertEqual({'s': 'c3'}, results([live('s', 'c2', 'c3')], seen))

    def test_several_that_are_no_good_are_refused(self):
        seen = inventory(
            [server('s')],
            hosts=[host('c1'), host('c2', up=False), host('c3', False)],
        )
        self.assertEqual(
            {
                's': (
                    REFUSE,
                    'none of 2 hosts will do: destination c2 is down: bring '
                    'it up first',
                )
            },
            results([live('s', 'c2', 'c3')], seen),
        )

    def test_server_on_one_of_several_is_there(self):
        self.assertEqual(
            {'s': (decisions.Kind.SKIP, 'the server is already on c1')},
            results([live('s', 'c2', 'c1')], inventory([server('s')])),
        )


class SchedulerTest(testtools.TestCase):
    """No destination is named: Nova's scheduler chooses."""

    REASON = (
        'no other host takes servers: all are disabled, down or being '
        'emptied: enable or add one'
    )

    def test_one_other_host_is_enough(self):
        seen = inventory([server('s')], hosts=[host('c1'), host('c2')])
        self.assertEqual({'s': ''}, results([live('s')], seen))

    def test_none_is_refused(self):
        for others in (
            [],
            [host('c2', enabled=False)],
            [host('c2', up=False)],
        ):
            seen = inventory([server('s')], hosts=[host('c1'), *others])
            self.assertEqual(
                {'s': (REFUSE, self.REASON)}, results([live('s')], seen)
            )

    def test_hosts_that_are_being_emptied_do_not_count(self):
        seen = inventory([server('s')])
        for disable in (False, True):
            self.assertEqual(
                {'s': (REFUSE, self.REASON)},
                results(
                    [live('s')],
                    seen,
                    emptied=('c1', 'c2', 'c3'),
                    disable_compute_nodes=disable,
                ),
            )

    def test_hosts_that_nobody_looked_at_are_no_hindrance(self):
        seen = inventory([server('s')], hosts=())
        self.assertEqual({'s': ''}, results([live('s')], seen))


class ZoneTest(testtools.TestCase):
    HOSTS = (
        host('c1', zone='az1'),
        host('c2', zone='az2'),
        host('c3', zone='az1'),
    )

    AGGREGATES = (
        aggregate('r1', 'c1', availability_zone='az1'),
        aggregate('r2', 'c2', availability_zone='az2'),
        aggregate('r3', 'c3', availability_zone='az1'),
    )

    def result(self, *hosts, **more):
        seen = inventory(
            [server('s', pinned_zone=more.pop('zone', 'az1'))],
            hosts=self.HOSTS,
            aggregates=more.pop('aggregates', self.AGGREGATES),
        )
        emptied = more.pop('emptied', ())
        return results([live('s', *hosts, **more)], seen, emptied=emptied)['s']

    def test_host_of_another_zone_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'destination c2 is in availability zone az2, the server is '
                'pinned to az1: name a host of az1',
            ),
            self.result('c2'),
        )

    def test_host_of_its_zone_is_not(self):
        self.assertEqual('c3', self.result('c3'))

    def test_of_several_that_of_its_zone_is_chosen(self):
        self.assertEqual('c3', self.result('c2', 'c3'))

    def test_forced_migration_leaves_the_zone(self):
        self.assertEqual('c2', self.result('c2', force=True))

    def test_zone_that_no_aggregate_names_is_no_hindrance(self):
        # Nova's default zone, which can be asked for like any other.
        for hosts, expected in ((['c2'], 'c2'), ([], '')):
            self.assertEqual(
                expected, self.result(*hosts, zone='nova', emptied=['c3'])
            )

    def test_default_zone_that_an_aggregate_names_is_one(self):
        self.assertEqual(
            (
                REFUSE,
                'destination c2 is in availability zone az2, the server is '
                'pinned to nova: name a host of nova',
            ),
            self.result(
                'c2',
                zone='nova',
                aggregates=[aggregate('r', 'c1', availability_zone='nova')],
            ),
        )

    def test_zones_that_nova_does_not_tell_are_no_hindrance(self):
        self.assertEqual('c2', self.result('c2', aggregates=()))

    def test_zone_that_is_being_emptied_is_refused(self):
        self.assertEqual(
            (
                REFUSE,
                'no other host of availability zone az1, its own, takes '
                'servers: all are disabled, down or being emptied: enable or '
                'add one',
            ),
            self.result(emptied=('c1', 'c3')),
        )

    def test_zone_with_another_host_is_not(self):
        self.assertEqual('', self.result(emptied=('c1',)))

    def test_server_that_is_not_pinned_leaves_the_zone(self):
        seen = inventory([server('s')], hosts=self.HOSTS)
        self.assertEqual(
            {'s': 'c2'},
            results([live('s', 'c2')], seen, emptied=('c1', 'c3')),
        )


class RoomTest(testtools.TestCase):
    def results(self, *items, capacities, servers=None, **more):
        if servers is None:
            servers = [
                server(item.id, memory_mb=4096, vcpus=4, disk_gb=40)
                for item in items
            ]
        return results(
            items,
            inventory(
                servers,
                capacities={
                    n: cloud_inventory.HostCapacity(*there)
                    for n, there in capacities.items()
                },
            ),
            **more,
        )

    def test_server_that_fits_is_sent(self):
        self.assertEqual(
            {'s': 'c2'},
            self.results(live('s', 'c2'), capacities={'c2': (4, 4096, 40)}),
        )

    def test_each_measure_is_looked_at(self):
        for there, reason in (
            ((4, 1024, 40), '4096 MB of memory, 1024'),
            ((3.5, 4096, 40), '4 vCPUs, 3'),
            ((4, 4096, -5), '40 GB of disk, 0'),
        ):
            for item in (
                live('s', 'c2'),
                live('s', 'c2', force=True),
                cold('s', 'c2'),
            ):
                status = 'ACTIVE' if item.status == 'active' else 'SHUTOFF'
                self.assertEqual(
                    {
                        's': (
                            REFUSE,
                            f'no room: it needs {reason} are left on c2 '
                            'after the others that go there: make room, or '
                            'name another host',
                        )
                    },
                    self.results(
                        item,
                        capacities={'c2': there},
                        servers=[
                            server(
                                's',
                                status=status,
                                memory_mb=4096,
                                vcpus=4,
                                disk_gb=40,
                            )
                        ],
                    ),
                )

    def test_it_is_the_sum_that_has_to_fit(self):
        result = self.results(
            live('s', 'c2'), live('t', 'c2'), capacities={'c2': (8, 5120, 80)}
        )
        self.assertEqual('c2', result['s'])
        self.assertIn('4096 MB of memory, 1024 are left', result['t'][1])

    def test_of_several_hosts_the_roomiest_is_told(self):
        result = self.results(
            live('s', 'c2', 'c3'),
            capacities={'c2': (8, 1024, 80), 'c3': (8, 2048, 80)},
        )
        self.assertIn(
            '2048 are left on c3, the roomiest of 2, after', result['s'][1]
        )

    def test_several_hosts_are_filled_by_what_they_have_left(self):
        items = [live(str(n), 'c2', 'c3') for n in range(3)]
        result = self.results(
            *items, capacities={'c2': (99, 4096, 999), 'c3': (99, 8192, 999)}
        )
        self.assertEqual(['c2', 'c3', 'c3'], sorted(result.values()))

    def test_host_whose_room_is_not_known_has_room(self):
        self.assertEqual(
            {'s': 'c2'}, self.results(live('s', 'c2'), capacities={})
        )

    def test_what_leaves_a_host_makes_room_there(self):
        self.assertEqual(
            {'s': 'c2', 't': 'c1'},
            self.results(
                live('s', 'c2'),
                live('t', 'c1'),
                capacities={'c1': (4, 4096, 40), 'c2': (0, 0, 0)},
                servers=[
                    server('s', 'c1', memory_mb=4096),
                    server('t', 'c2', memory_mb=4096),
                ],
            ),
        )

    def test_what_stays_makes_none(self):
        result = self.results(
            live('s', 'c2'),
            live('t', 'c3'),
            capacities={'c2': (0, 0, 0), 'c3': (9, 9999, 99)},
            servers=[
                server('s', 'c1', memory_mb=4096),
                server('t', 'c2', 'SUSPENDED', memory_mb=4096),
            ],
        )
        self.assertEqual(REFUSE, result['s'][0])

    def test_the_first_by_priority_get_the_room(self):
        servers = [
            server('s', memory_mb=1024, project_id='p'),
            server('t', memory_mb=4096, project_id='q'),
        ]
        result = self.results(
            live('s', 'c2'),
            live('t', 'c2'),
            capacities={'c2': (9, 4096, 99)},
            servers=servers,
            priority=builders.params.Priority(project=('q',)),
        )
        self.assertEqual('c2', result['t'])
        self.assertIn('1024 MB of memory, 0 are left', result['s'][1])

    def test_reason_with_long_names_fits(self):
        name = 'compute-node-0123.rack-17.example.org'
        seen = inventory(
            [server('s', memory_mb=1048576)],
            hosts=[host('c1'), host(name), host('c3')],
            capacities={
                name: cloud_inventory.HostCapacity(1, 524288, 1),
                'c3': cloud_inventory.HostCapacity(1, 1, 1),
            },
        )
        reason = results([live('s', name, 'c3')], seen)['s'][1]
        self.assertLessEqual(len(reason), 200)


class AffinityTest(testtools.TestCase):
    def results(
        self, items, *servers, policy='affinity', members=None, **more
    ):
        group = resources.ServerGroup(
            'g',
            'web',
            policy,
            tuple(s.id for s in servers) if members is None else members,
        )
        return results(items, inventory(servers, groups=(group,)), **more)

    def reason(self, where):
        return (
            'server group web keeps its servers on one host (affinity), none '
            f'stays on {where}: delete the group, its servers remain'
        )

    def test_group_goes_nowhere_together(self):
        self.assertEqual(
            {
                's': (REFUSE, self.reason('c2')),
                't': (REFUSE, self.reason('any that may be chosen')),
            },
            self.results(
                [live('s', 'c2'), live('t')], server('s'), server('t')
            ),
        )

    def test_only_member_goes_nowhere_either(self):
        self.assertEqual(
            {'s': (REFUSE, self.reason('c2'))},
            self.results([live('s', 'c2')], server('s')),
        )

    def test_only_member_can_be_forced(self):
        self.assertEqual(
            {'s': 'c2'},
            self.results([live('s', 'c2', force=True)], server('s')),
        )

    def test_group_cannot_be_forced(self):
        self.assertEqual(
            {'s': (REFUSE, self.reason('c2'))},
            self.results(
                [live('s', 'c2', force=True)], server('s'), server('t')
            ),
        )

    def test_member_joins_another(self):
        for item, place in (
            (live('s', 'c2'), 'c2'),
            (live('s', 'c2', force=True), 'c2'),
            (live('s', 'c3', 'c2'), 'c2'),
            (live('s'), ''),
        ):
            self.assertEqual(
                {'s': place},
                self.results([item], server('s'), server('t', 'c2')),
            )

    def test_another_that_leaves_is_not_counted_on(self):
        self.assertEqual(
            (REFUSE, self.reason('c2')),
            self.results(
                [live('s', 'c2'), live('t', 'c3')],
                server('s'),
                server('t', 'c2'),
                server('u', 'c3'),
            )['s'],
        )

    def test_another_that_has_to_stay_is(self):
        result = self.results(
            [live('s', 'c2'), live('t', 'c3')],
            server('s'),
            server('t', 'c2'),
        )
        self.assertEqual('c2', result['s'])
        self.assertEqual((REFUSE, self.reason('c3')), result['t'])

    def test_members_that_nobody_looked_at_may_be_anywhere(self):
        self.assertEqual(
            {'s': 'c2'},
            self.results(
                [live('s', 'c2')], server('s'), members=('s', 'unseen')
            ),
        )

    def test_hosts_that_nobody_looked_at_are_no_hindrance(self):
        group = resources.ServerGroup('g', 'web', 'affinity', ('s',))
        seen = inventory([server('s')], groups=(group,), hosts=())
        self.assertEqual({'s': ''}, results([live('s')], seen))

    def test_soft_policy_refuses_nothing(self):
        self.assertEqual(
            {'s': 'c2', 't': ''},
            self.results(
                [live('s', 'c2'), live('t')],
                server('s'),
                server('t'),
                policy='soft-affinity',
            ),
        )


class AntiAffinityTest(testtools.TestCase):
    NAMED = (
        'server group web keeps its servers apart (anti-affinity), {} has '
        'or gets as many as it may: name another host'
    )
    SCHEDULED = (
        'server group web keeps its servers apart (anti-affinity), no other '
        'host may take one more: enable or add one'
    )

    def results(self, items, *servers, policy='anti-affinity', most=1, **more):
        group = resources.ServerGroup(
            'g', 'web', policy, tuple(s.id for s in servers), most
        )
        emptied = more.pop('emptied', ())
        return results(
            items,
            inventory(servers, groups=(group,), **more),
            emptied=emptied,
        )

    def test_host_with_a_member_is_refused(self):
        self.assertEqual(
            {'s': (REFUSE, self.NAMED.format('c2'))},
            self.results([live('s', 'c2')], server('s'), server('t', 'c2')),
        )

    def test_host_without_is_not(self):
        self.assertEqual(
            {'s': 'c3'},
            self.results([live('s', 'c3')], server('s'), server('t', 'c2')),
        )

    def test_host_that_may_have_more_of_them_is_not(self):
        self.assertEqual(
            {'s': 'c2'},
            self.results(
                [live('s', 'c2')], server('s'), server('t', 'c2'), most=2
            ),
        )

    def test_one_host_does_not_get_two_of_them(self):
        self.assertEqual(
            {'s': 'c3', 't': (REFUSE, self.NAMED.format('c3'))},
            self.results(
                [live('s', 'c3'), live('t', 'c3')],
                server('s'),
                server('t', 'c2'),
            ),
        )

    def test_of_several_hosts_each_gets_one(self):
        self.assertEqual(
            {
                's': 'c2',
                't': 'c3',
                'u': (REFUSE, self.NAMED.format('each of 2 hosts')),
            },
            self.results(
                [live(id_, 'c2', 'c3') for id_ in 'stu'],
                *(server(id_) for id_ in 'stu'),
            ),
        )

    def test_member_that_is_about_to_leave_is_still_there(self):
        self.assertEqual(
            (REFUSE, self.NAMED.format('c2')),
            self.results(
                [live('s', 'c2'), live('t', 'c3')],
                server('s'),
                server('t', 'c2'),
            )['s'],
        )

    def test_member_that_is_on_its_way_is_there_already(self):
        moving = server('t', 'c3', 'MIGRATING', task_state='migrating')
        record = resources.Migration(
            1, 't', 'live-migration', 'running', 'c3', 'c2'
        )
        self.assertEqual(
            {'s': (REFUSE, self.NAMED.format('c2'))},
            self.results(
                [live('s', 'c2')],
                server('s'),
                moving,
                migrations={'t': (record,)},
            ),
        )

    def test_scheduler_finds_a_host_for_each(self):
        self.assertEqual(
            {'s': '', 't': ''},
            self.results([live('s'), live('t')], server('s'), server('t')),
        )

    def test_scheduler_finds_none_when_all_have_one(self):
        self.assertEqual(
            {'s': (REFUSE, self.SCHEDULED)},
            self.results(
                [live('s')], server('s'), server('t', 'c2'), server('u', 'c3')
            ),
        )

    def test_scheduler_finds_none_when_others_get_one(self):
        self.assertEqual(
            {'s': 'c2', 't': '', 'u': (REFUSE, self.SCHEDULED)},
            self.results(
                [live('s', 'c2'), live('t'), live('u')],
                *(server(id_) for id_ in 'stu'),
            ),
        )

    def test_scheduler_finds_none_among_those_being_emptied(self):
        self.assertEqual(
            {'s': (REFUSE, self.SCHEDULED)},
            self.results(
                [live('s')],
                server('s'),
                server('t', 'c2'),
                emptied=('c1', 'c3'),
            ),
        )

    def test_soft_policy_refuses_nothing(self):
        self.assertEqual(
            {'s': 'c2', 't': ''},
            self.results(
                [live('s', 'c2'), live('t')],
                server('s'),
                server('t'),
                server('u', 'c2'),
                server('w', 'c3'),
                policy='soft-anti-affinity',
            ),
        )
