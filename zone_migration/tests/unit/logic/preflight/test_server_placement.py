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
from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server

REFUSE = decisions.Kind.REFUSE


class CapacityTest(testtools.TestCase):
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
                    n: cloud_inventory.HostCapacity(*left)
                    for n, left in capacities.items()
                },
            ),
            **more,
        )

    def test_server_that_fits_is_sent(self):
        self.assertEqual(
            {'s': 'c2'},
            self.results(live('s', 'c2'), capacities={'c2': (4, 4096, 40)}),
        )

    def test_each_resource_class_is_looked_at(self):
        for left, reason in (
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
                        capacities={'c2': left},
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

    def test_host_of_unknown_capacity_has_enough(self):
        self.assertEqual(
            {'s': 'c2'}, self.results(live('s', 'c2'), capacities={})
        )

    def test_what_leaves_a_host_gives_its_capacity_back(self):
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

    def test_what_stays_gives_none_back(self):
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

    def test_the_first_by_priority_get_the_capacity(self):
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
        cloud = inventory(
            [server('s', memory_mb=1048576)],
            hosts=[host('c1'), host(name), host('c3')],
            capacities={
                name: cloud_inventory.HostCapacity(1, 524288, 1),
                'c3': cloud_inventory.HostCapacity(1, 1, 1),
            },
        )
        reason = results([live('s', name, 'c3')], cloud)['s'][1]
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
        cloud = inventory([server('s')], groups=(group,), hosts=())
        self.assertEqual({'s': ''}, results([live('s')], cloud))

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
