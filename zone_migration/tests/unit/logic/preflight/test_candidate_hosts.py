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

from zone_migration.logic.preflight import decisions
from zone_migration.tests.unit.logic.builders import aggregate
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server

REFUSE = decisions.Kind.REFUSE


class DestinationTest(testtools.TestCase):
    def test_destination_that_is_no_good_is_refused(self):
        for destination, reason in (
            (host('c2', enabled=False), 'is disabled: enable it first'),
            (host('c2', up=False), 'is down: bring it up first'),
            (host('c9'), 'not found: no such compute host'),
        ):
            self.assertEqual(
                {'s': (REFUSE, f'destination c2 {reason}')},
                results(
                    [live('s', 'c2')],
                    inventory([server('s')], hosts=[host('c1'), destination]),
                ),
            )

    def test_of_several_those_that_are_no_good_are_left_out(self):
        cloud = inventory(
            [server('s')],
            hosts=[host('c1'), host('c2', up=False), host('c3')],
        )
        self.assertEqual({'s': 'c3'}, results([live('s', 'c2', 'c3')], cloud))

    def test_several_that_are_no_good_are_refused(self):
        cloud = inventory(
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
            results([live('s', 'c2', 'c3')], cloud),
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
        cloud = inventory([server('s')], hosts=[host('c1'), host('c2')])
        self.assertEqual({'s': ''}, results([live('s')], cloud))

    def test_none_is_refused(self):
        for others in (
            [],
            [host('c2', enabled=False)],
            [host('c2', up=False)],
        ):
            cloud = inventory([server('s')], hosts=[host('c1'), *others])
            self.assertEqual(
                {'s': (REFUSE, self.REASON)}, results([live('s')], cloud)
            )

    def test_hosts_that_are_being_emptied_do_not_count(self):
        cloud = inventory([server('s')])
        for disable in (False, True):
            self.assertEqual(
                {'s': (REFUSE, self.REASON)},
                results(
                    [live('s')],
                    cloud,
                    emptied=('c1', 'c2', 'c3'),
                    disable_compute_nodes=disable,
                ),
            )

    def test_hosts_that_nobody_looked_at_are_no_hindrance(self):
        cloud = inventory([server('s')], hosts=())
        self.assertEqual({'s': ''}, results([live('s')], cloud))


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
        cloud = inventory(
            [server('s', pinned_zone=more.pop('zone', 'az1'))],
            hosts=self.HOSTS,
            aggregates=more.pop('aggregates', self.AGGREGATES),
        )
        emptied = more.pop('emptied', ())
        return results([live('s', *hosts, **more)], cloud, emptied=emptied)[
            's'
        ]

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
        cloud = inventory([server('s')], hosts=self.HOSTS)
        self.assertEqual(
            {'s': 'c2'},
            results([live('s', 'c2')], cloud, emptied=('c1', 'c3')),
        )
