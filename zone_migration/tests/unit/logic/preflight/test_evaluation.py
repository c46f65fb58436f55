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

import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.preflight import decisions
from zone_migration.tests.unit.logic.builders import attached
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import ids
from zone_migration.tests.unit.logic.builders import in_use
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import pool
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server
from zone_migration.tests.unit.logic.builders import volume

START = decisions.Kind.START
REFUSE = decisions.Kind.REFUSE


class CapTest(testtools.TestCase):
    def test_cap_keeps_the_first_and_tells_how_many_are_left_out(self):
        found = report(
            [live(id_) for id_ in 'stu'],
            inventory([server(id_) for id_ in 'stu']),
            max_items=2,
        )
        self.assertEqual(['s', 't'], ids(found))
        self.assertEqual(1, found.left_out)

    def test_cap_that_is_not_reached_leaves_nothing_out(self):
        for most in (0, 2, 3):
            found = report(
                [live('s'), live('t')],
                inventory([server('s'), server('t')]),
                max_items=most,
            )
            self.assertEqual((['s', 't'], 0), (ids(found), found.left_out))

    def test_what_does_not_move_does_not_count(self):
        found = report(
            [live('gone'), live('s', 'c1'), live('t')],
            inventory([server('s'), server('t')]),
            max_items=1,
        )
        self.assertEqual({'gone', 's', 't'}, set(ids(found)))
        self.assertEqual(0, found.left_out)

    def test_what_is_in_flight_counts(self):
        found = report(
            [available('v', 'h@b#b'), available('w', 'h@b#b')],
            inventory(
                (), [volume('v', migration_status='migrating'), volume('w')]
            ),
            max_items=1,
        )
        self.assertEqual((['v'], 1), (ids(found), found.left_out))

    def test_server_is_not_kept_without_its_volumes(self):
        cloud = inventory([server('s')], [attached('v', 's')])
        items = [live('s'), in_use('v', 'h@b#b')]
        found = report(items, cloud, max_items=1)
        self.assertEqual((['v'], 1), (ids(found), found.left_out))

    def test_cap_keeps_the_first_by_priority(self):
        found = report(
            [live('s'), live('t')],
            inventory([server('s'), server('t', memory_mb=9999)]),
            max_items=1,
            priority=params.Priority(compute=('mem_size',)),
        )
        self.assertEqual(['t'], ids(found))

    def test_what_is_left_out_gives_no_capacity_back(self):
        cloud = inventory(
            [server('s', 'c1'), server('t', 'c2')],
            capacities={
                'c2': cloud_inventory.HostCapacity(0, 0, 0),
                'c3': cloud_inventory.HostCapacity(),
            },
        )
        items = [live('s', 'c2'), live('t', 'c3')]
        self.assertEqual({'s': 'c2', 't': 'c3'}, results(items, cloud))
        # The next audit finds the capacity that t has left.
        found = report(items, cloud, max_items=1)
        self.assertEqual((['t'], 1), (ids(found), found.left_out))

    def test_what_was_given_up_is_kept_with_what_gives_it_capacity(self):
        cloud = inventory(
            [
                server('s', 'c1'),
                server('t', 'c1', memory_mb=512),
                server('u', 'c2', memory_mb=2048),
            ],
            capacities={
                'c2': cloud_inventory.HostCapacity(0, 0, 0),
                'c3': cloud_inventory.HostCapacity(),
            },
        )
        items = [live('s', 'c2'), live('t', 'c2'), live('u', 'c3')]
        found = report(items, cloud, max_items=2)
        self.assertEqual((['s', 'u'], 1), (sorted(ids(found)), found.left_out))
        self.assertEqual(2, found.to_move)

    def test_server_gives_its_place_up_when_its_volume_does(self):
        cloud = inventory(
            [server('s', 'c2'), server('t', 'c1')],
            [attached('v', 's')],
            capacities={
                'c2': cloud_inventory.HostCapacity(0, 0, 0),
                'c3': cloud_inventory.HostCapacity(),
            },
        )
        items = [live('s', 'c3'), live('t', 'c2'), in_use('v', 'h@b#b')]
        for most, kept in ((1, ['v']), (2, ['s', 'v'])):
            found = report(items, cloud, max_items=most)
            self.assertEqual(kept, sorted(ids(found)))
            self.assertEqual(most, found.to_move)


class ReasonTest(testtools.TestCase):
    def test_reasons_with_real_ids_fit(self):
        id_ = 'b2f5a3de-8a43-4c1a-9d0e-5f8c6b7a1234'
        place = 'block-storage-07@ceph-ssd#pool-of-ssds'
        cloud = inventory(
            [server(id_, status='SHELVED_OFFLOADED')],
            [
                attached(id_, id_),
                volume('snapshots'),
                volume('group', group_id=id_),
                volume('full', size_gb=10000),
            ],
            pools=[pool('h@a#a'), pool(place, 9.0)],
            snapshots={'snapshots': 12},
        )
        items = [
            in_use(id_, place),
            *(available(n, place) for n in ('snapshots', 'group', 'full')),
        ]
        for kind, text in results(items, cloud).values():
            self.assertEqual(REFUSE, kind)
            self.assertLessEqual(len(text), 200, text)


class ScaleTest(testtools.TestCase):
    def looks(self, count):
        """How often a host is looked at, for so many servers of 20."""
        looked = 0

        class Hosts(dict):
            def get(self, *key):
                nonlocal looked
                looked += 1
                return super().get(*key)

        hosts = {f'c{n}': host(f'c{n}') for n in range(40)}
        servers = [
            server(str(n), f'c{n % 20}', vcpus=1, project_id=str(n % 7))
            for n in range(count)
        ]
        cloud = dataclasses.replace(
            inventory(
                servers,
                [attached(f'v{n}', str(n)) for n in range(count // 2)],
                pools=[pool('h@a#a'), pool('h@b#b', 10.0 * count)],
                capacities={
                    f'c{n}': cloud_inventory.HostCapacity(
                        memory_mb=1024.0 * count / 10
                    )
                    for n in range(20, 40)
                },
                groups=[
                    resources.ServerGroup(
                        str(n), 'g', 'anti-affinity', (str(n), str(n + 1))
                    )
                    for n in range(0, count, 10)
                ],
            ),
            hosts=Hosts(hosts),
        )
        found = report(
            [
                *(
                    live(str(n), *(f'c{m}' for m in range(20, 40)))
                    for n in range(count)
                ),
                *(in_use(f'v{n}', 'h@b#b') for n in range(count // 2)),
            ],
            cloud,
            emptied=[f'c{n}' for n in range(20)],
            with_attached_volume=True,
            priority=params.Priority(
                project=('3',), compute=('mem_size',), storage=('size',)
            ),
        )
        self.assertEqual(count + count // 2, len(found.results))
        self.assertEqual(
            {START}, {result.decision.kind for result in found.results}
        )
        return looked

    def test_cost_grows_with_the_number_of_servers(self):
        few, many = self.looks(500), self.looks(5000)
        self.assertLess(0, few)
        self.assertLessEqual(many, 11 * few)
