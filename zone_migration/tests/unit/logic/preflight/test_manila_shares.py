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
from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import results
from zone_migration.tests.unit.logic.builders import server

GAZPACHO = (2, 103)
HIBISCUS = (2, 104)


class SharesTest(testtools.TestCase):
    def cloud(self, newest=HIBISCUS, status='ACTIVE'):
        """A cloud with two servers, one of which has shares."""
        return inventory(
            [server('s', status=status), server('t', status=status)],
            nova_version=newest,
            sharing=frozenset('s'),
        )

    def test_server_with_shares_is_not_migrated_live(self):
        found = results([live('s', 'c2'), live('t', 'c2')], self.cloud())
        self.assertEqual(
            {
                's': (
                    decisions.Kind.REFUSE,
                    'it cannot be migrated live: it has shares of Manila: '
                    'stop it, and ask for it as shutoff, or set '
                    'allow_downtime',
                ),
                't': 'c2',
            },
            found,
        )

    def test_it_is_not_when_the_version_of_nova_is_unknown(self):
        found = results([live('s', 'c2')], self.cloud(None))
        self.assertIn('cannot be migrated live', found['s'][1])

    def test_older_nova_does_not_migrate_it_at_all(self):
        for item, status in ((live, 'ACTIVE'), (cold, 'SHUTOFF')):
            cloud = self.cloud(GAZPACHO, status)
            found = results([item('s', 'c2'), item('t', 'c2')], cloud)
            self.assertEqual(
                {
                    's': (
                        decisions.Kind.REFUSE,
                        'it has shares of Manila, and this Nova does not '
                        'migrate it with them: stop it and detach them',
                    ),
                    't': 'c2',
                },
                found,
            )

    def test_cold_migration_with_shares_is_a_risk(self):
        cloud = self.cloud(status='SHUTOFF')
        found = report([cold('s', 'c2'), cold('t', 'c2')], cloud)
        self.assertEqual(2, found.to_move)
        self.assertEqual(
            (
                'Nova may refuse 1 server for shares of Manila, if a '
                'nova-compute is older than 2026.2: upgrade all of them, or '
                'detach the shares',
            ),
            found.risks,
        )

    def test_cold_migration_without_shares_is_none(self):
        cloud = self.cloud(status='SHUTOFF')
        self.assertEqual((), report([cold('t', 'c2')], cloud).risks)
