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

from zone_migration.logic import resources
from zone_migration.logic.outcome import route
from zone_migration.logic.outcome import server_outcomes
from zone_migration.logic.outcome import volume_outcomes


def _volume(host, **values):
    values.setdefault('type', 'lvm')
    return resources.Volume('v1', 'data', 'available', host, **values)


class RouteTest(testtools.TestCase):
    def test_of_a_server_or_volume(self):
        self.assertEqual(
            route.Route('b1@lvm#a', 'b2@lvm#b'),
            route.read('migrated from b1@lvm#a to b2@lvm#b'),
        )

    def test_what_follows_is_no_part_of_it(self):
        self.assertEqual(
            'c2', route.read('migrated from c1 to c2; set back').destination
        )

    def test_of_a_retype_as_it_is_written(self):
        outcome = volume_outcomes.volume_retype(
            _volume('b1@lvm#a', type='from a to b'),
            _volume('b2@lvm#b', type='fast, now on ssd'),
            'fast, now on ssd',
        )
        self.assertEqual(route.Route('', 'b2@lvm#b'), route.read(outcome.text))

    def test_of_a_migration_as_it_is_written(self):
        outcome = volume_outcomes.volume_migration(
            _volume('b1@lvm#a'),
            _volume('b2@lvm#b', migration_status='success'),
            'b2@lvm#b',
        )
        self.assertEqual(
            route.Route('b1@lvm#a', 'b2@lvm#b'), route.read(outcome.text)
        )

    def test_of_a_live_migration_that_runs(self):
        server = resources.Server('s1', 'web', 'MIGRATING', 'c1')
        for status in ('preparing', 'running', 'post-migrating'):
            record = resources.Migration(
                7, 's1', 'live-migration', status, 'c1', 'c2'
            )
            outcome = server_outcomes.live_migration(server, record)
            self.assertEqual(
                'c2', route.read(outcome.text).destination, outcome.text
            )

    def test_of_one_whose_destination_is_not_known_yet(self):
        for text in (
            'preparing a host',
            'copying to another pool, migrating',
            'copying for type fast, migrating',
        ):
            self.assertEqual(route.Route(), route.read(text), text)

    def test_a_name_that_was_cut_is_not_told(self):
        self.assertEqual(
            '', route.read('migrated from c1 to c...').destination
        )

    def test_of_another_text(self):
        self.assertEqual(
            route.Route(), route.read('it migrated from c1 to c2')
        )
