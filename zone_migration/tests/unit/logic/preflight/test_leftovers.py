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
from zone_migration.logic.preflight import leftovers
from zone_migration.tests.unit.logic.audit import clouds


def migration(uuid, status, source='c1', dest='c2', server_id='s'):
    return resources.Migration(
        7, server_id, 'resize', status, source, dest, uuid=uuid
    )


class LeftoversTest(testtools.TestCase):
    def texts(self, *consumers, servers=(), migrations=()):
        return [
            left.text
            for left in leftovers.of_host(
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
            leftovers.risks(inventory),
        )
