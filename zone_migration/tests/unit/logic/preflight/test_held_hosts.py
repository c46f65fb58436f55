# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import held_hosts
from zone_migration.tests.unit.logic.audit import clouds

REFUSED = decisions.refuse('why: do it')


def migration(uuid, status, source='c1', dest='c2', server_id='s'):
    return resources.Migration(
        7, server_id, 'resize', status, source, dest, uuid=uuid
    )


class StayingTest(testtools.TestCase):
    def risks(self, *servers, hosts=('c1',), refused=None, **items):
        """What is said of servers on their hosts, all of them refused."""
        inventory = clouds.inventory(servers)
        decided = [
            (
                params.ServerItem(
                    s.id, 'active', src_hostname=s.host or '', **items
                ),
                refused or REFUSED,
            )
            for s in servers
        ]
        selected = selection.Selection(hosts=frozenset(hosts))
        return held_hosts.risks(selected, decided, inventory)

    def test_what_stays_is_counted_by_its_status(self):
        self.assertEqual(
            ['c1 will not be empty: 2 ERROR, 1 SOFT_DELETED'],
            self.risks(
                clouds.server('a', status='ERROR'),
                clouds.server('b', status='SOFT_DELETED'),
                clouds.server('c', status='ERROR'),
            ),
        )

    def test_what_nova_would_move_but_for_its_work_is_busy(self):
        self.assertEqual(
            ['c1 will not be empty: 1 busy, 1 BUILD'],
            self.risks(
                clouds.server('a', task_state='rebooting'),
                clouds.server('b', status='BUILD', task_state='spawning'),
            ),
        )

    def test_what_shows_elsewhere_is_told_apart(self):
        self.assertEqual(
            ['c1 will not be empty: 1 unconfirmed elsewhere'],
            self.risks(
                clouds.server('a', status='VERIFY_RESIZE'),
                instead=params.CONFIRM,
            ),
        )

    def test_several_hosts_are_named_and_many_are_counted(self):
        servers = [
            clouds.server(str(n), f'c{n}', status='ERROR') for n in range(4)
        ]
        hosts = [server.host for server in servers]
        self.assertEqual(
            ['c0, c1 will not be empty: 2 ERROR'],
            self.risks(*servers[:2], hosts=hosts),
        )
        self.assertEqual(
            ['4 hosts will not be empty: 4 ERROR'],
            self.risks(*servers, hosts=hosts),
        )

    def test_what_moves_is_there_or_is_on_no_such_host_does_not_stay(self):
        server = clouds.server('a', status='ERROR')
        for refused in (decisions.START, decisions.skip('it is there')):
            self.assertEqual([], self.risks(server, refused=refused))
        self.assertEqual([], self.risks(server, hosts=('c2',)))
        self.assertEqual(
            [], self.risks(clouds.server('a', None, 'SHELVED_OFFLOADED'))
        )


class LeftoversTest(testtools.TestCase):
    def texts(self, *consumers, servers=(), migrations=()):
        return [
            left.text
            for left in held_hosts.leftovers(
                'c1', consumers, {s.id: s for s in servers}, migrations
            )
        ]

    def test_migration_that_has_ended_is_left(self):
        self.assertEqual(
            ['resize 7 (error)'],
            self.texts('m', migrations=[migration('m', 'error')]),
        )

    def test_migration_that_has_not_ended_is_not(self):
        for status in ('running', 'finished', 'confirming', 'reverting'):
            self.assertEqual(
                [], self.texts('m', migrations=[migration('m', status)])
            )

    def test_what_nothing_has_is_left(self):
        self.assertEqual(['x, which nothing has'], self.texts('x'))

    def test_server_that_is_elsewhere_is_left(self):
        self.assertEqual(
            ['server s, which is on c2'],
            self.texts('s', servers=[clouds.server('s', 'c2')]),
        )

    def test_server_that_comes_or_is_being_built_is_not(self):
        for server, migrations in (
            (clouds.server('s', None, 'BUILD'), ()),
            (clouds.server('s', 'c1'), ()),
            (
                clouds.server('s', 'c2'),
                [migration('m', 'running', 'c2', 'c1')],
            ),
        ):
            self.assertEqual(
                [], self.texts('s', servers=[server], migrations=migrations)
            )

    def test_first_is_told_with_its_remedy_and_the_rest_counted(self):
        inventory = cloud_inventory.Inventory(
            {},
            {},
            leftovers={
                'c1': (
                    cloud_inventory.Leftover('one', 'do it'),
                    cloud_inventory.Leftover('two', 'do that'),
                )
            },
        )
        self.assertEqual(
            [
                'Placement has 2 allocations on c1 of nothing there, one and '
                '1 more: do it'
            ],
            held_hosts.risks(selection.Selection(), [], inventory),
        )
