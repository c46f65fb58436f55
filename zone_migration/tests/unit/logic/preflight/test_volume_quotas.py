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

from unittest import mock

import testtools

from zone_migration.logic import cloud_inventory
from zone_migration.logic.preflight import capacity
from zone_migration.logic.preflight import decisions
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import pool
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import volume

REFUSE = decisions.Kind.REFUSE
INF = float('inf')


class QuotaTest(testtools.TestCase):
    def results(self, *items, quota, volumes=None, pools=(), **more):
        cloud = inventory(
            (),
            volumes or [volume(item.id) for item in items],
            pools=pools
            or [pool('h@a#a'), pool('h@b#b', INF, ('gold', 'silver'))],
            quotas={('p', 'silver'): quota},
            **more,
        )
        return results(items, cloud)

    def test_volume_within_the_quota_is_retyped(self):
        self.assertEqual(
            {'v': ''},
            self.results(
                available('v', dst_type='silver'),
                quota=cloud_inventory.Quota(1, 10),
            ),
        )

    def test_gigabytes_of_all_together_count(self):
        self.assertEqual(
            {
                'v': '',
                'w': (
                    REFUSE,
                    'project p has no quota for type silver: it needs 10 of '
                    'gigabytes_silver, 5 are left after the others: raise it',
                ),
            },
            self.results(
                available('v', dst_type='silver'),
                available('w', dst_type='silver'),
                quota=cloud_inventory.Quota(gigabytes=15),
            ),
        )

    def test_number_of_all_together_counts(self):
        result = self.results(
            available('v', dst_type='silver'),
            available('w', dst_type='silver'),
            quota=cloud_inventory.Quota(volumes=1),
            projects={'p': 'web'},
        )
        self.assertEqual(
            (
                REFUSE,
                'project web has no quota for type silver: it needs 1 of '
                'volumes_silver, 0 are left after the others: raise it',
            ),
            result['w'],
        )

    def test_small_volumes_get_their_share_first(self):
        result = self.results(
            available('large', dst_type='silver'),
            available('small', dst_type='silver'),
            volumes=[volume('large', size_gb=10), volume('small', size_gb=1)],
            quota=cloud_inventory.Quota(gigabytes=10),
        )
        self.assertEqual('', result['small'])
        self.assertEqual(REFUSE, result['large'][0])

    #: One GB too few for a copy in b, where a retype in place is possible.
    TIGHT = [pool('h@a#a'), pool('h@b#b', 9.0, ('gold', 'silver'))]

    def test_volume_without_capacity_takes_nothing_from_others(self):
        result = self.results(
            available('copied', dst_type='silver'),
            available('in place', dst_type='silver'),
            volumes=[
                volume('copied'),
                volume('in place', 'h@b#b', size_gb=20),
            ],
            quota=cloud_inventory.Quota(volumes=1),
            pools=self.TIGHT,
        )
        self.assertEqual('', result['in place'])
        self.assertIn('no room', result['copied'][1])

    def test_nor_does_one_that_others_leave_no_capacity(self):
        ids = [str(n) for n in range(6)]
        result = self.results(
            *(available(id_, dst_type='silver') for id_ in (*ids, 'last')),
            volumes=[
                *(volume(id_, size_gb=4) for id_ in ids),
                volume('last', 'h@b#b', size_gb=20),
            ],
            quota=cloud_inventory.Quota(volumes=3),
            pools=self.TIGHT,
        )
        self.assertEqual(
            ['0', '1', 'last'],
            [id_ for id_, found in result.items() if found == ''],
        )

    def test_many_without_capacity_cost_no_more(self):
        def asked(count):
            """How often capacity is looked for."""
            with mock.patch.object(
                capacity,
                'allocate',
                autospec=True,
                side_effect=capacity.allocate,
            ) as fill:
                self.results(
                    *(
                        available(str(n), dst_type='silver')
                        for n in range(count)
                    ),
                    quota=cloud_inventory.Quota(volumes=1),
                    pools=[pool('h@a#a'), pool('h@b#b', 9.0, ('silver',))],
                )
            return fill.call_count

        self.assertEqual(asked(2), asked(50))

    def test_migration_needs_none(self):
        self.assertEqual(
            {'v': 'h@b#b'},
            self.results(
                available('v', 'h@b#b'), quota=cloud_inventory.Quota(0, 0)
            ),
        )

    def test_other_projects_do_not_count(self):
        self.assertEqual(
            {'v': ''},
            self.results(
                available('v', dst_type='silver'),
                volumes=[volume('v', project_id='q')],
                quota=cloud_inventory.Quota(0, 0),
            ),
        )
