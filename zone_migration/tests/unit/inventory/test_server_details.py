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

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.tests.unit.inventory import fakes


class ServerDetailsTest(fakes.ExamineTest):
    def test_hosts_are_shown_where_servers_are_moved(self):
        found = self.examine([params.ServerItem('s', 'active')])
        self.assertEqual({'c1', 'c2'}, set(found.hosts))

    def test_aggregates_are_told_once_of_servers_that_are_moved(self):
        found = self.examine(
            [params.ServerItem('s', 'active')], compute=(fakes.RACK,)
        )
        self.assertEqual({'rack': fakes.AGGREGATE}, found.aggregates)
        self.assertEqual(1, self.cloud.nova.asked.count('aggregates'))
        found = self.examine([params.ServerItem('s', 'active')])
        self.assertEqual({'rack': fakes.AGGREGATE}, found.aggregates)

    def test_members_that_migrate_outside_the_audit_are_told(self):
        self.server('t', status='MIGRATING', task_state='migrating')
        self.cloud.nova.made_groups = [
            resources.ServerGroup(
                'g', 'ha', 'anti-affinity', ('s', 't', 'gone')
            )
        ]
        found = self.examine([self.server()])
        self.assertEqual({'t'}, set(found.migrations))

    def test_migrations_of_servers_in_their_midst_are_shown(self):
        found = self.examine(
            [
                self.server('r', status='VERIFY_RESIZE'),
                self.server('m', status='ACTIVE', task_state='migrating'),
                self.server('s'),
            ]
        )
        self.assertEqual(
            {'r': [2, 1], 'm': [2, 1]},
            {
                id_: [m.id for m in records]
                for id_, records in found.migrations.items()
            },
        )

    def test_migrations_of_many_servers_are_listed(self):
        items = [self.server(f's{n}', task_state='x') for n in range(20)]
        found = self.examine(items)
        self.assertEqual((fakes.migration(2, 's1'),), found.migrations['s1'])
        self.assertEqual((), found.migrations['s2'])
        self.assertNotIn('migrations of', self.cloud.nova.asked)

    def test_one_that_a_listing_has_missed_is_asked_for(self):
        busy = [self.server(f's{n}', task_state='deleting') for n in range(20)]
        found = self.examine([*busy, self.server('t', status='RESIZE')])
        self.assertEqual([2, 1], [m.id for m in found.migrations['t']])
        self.assertEqual(1, self.cloud.nova.asked.count('migrations of'))

    def test_many_that_a_listing_has_missed_are_asked_for(self):
        for count, asked in ((20, 19), (500, 100)):
            self.cloud.nova.asked.clear()
            found = self.examine([
                self.server(f's{n}', status='VERIFY_RESIZE')
                for n in range(count)
            ])
            # The listing has shown one of them.
            self.assertEqual(
                asked + 1, sum(map(bool, found.migrations.values()))
            )
            self.assertEqual(
                asked, self.cloud.nova.asked.count('migrations of')
            )

    def test_capacities_are_those_of_named_destinations(self):
        found = self.examine(
            [
                params.ServerItem('s', 'active', dst_hostname='c2'),
                params.ServerItem('t', 'active', dst_hostname='unknown'),
            ]
        )
        self.assertEqual(
            {'c2': cloud_inventory.HostCapacity(vcpus=8)}, found.capacities
        )
        self.assertEqual(['u2'], self.cloud.placement.asked)

    def test_capacities_are_also_those_of_destinations_to_choose_from(self):
        found = self.examine(
            [
                params.ServerItem('s', 'active', destinations=('c1', 'c2')),
                params.ServerItem('t', 'active', destinations=('c1', 'c2')),
            ]
        )
        self.assertEqual({'c1', 'c2'}, set(found.capacities))
        self.assertEqual(['u1', 'u2'], self.cloud.placement.asked)

    def test_placement_is_not_asked_without_a_destination(self):
        self.examine([params.ServerItem('s', 'active')])
        self.assertEqual([], self.cloud.placement.asked)
        self.assertNotIn('providers', self.cloud.nova.asked)

    def test_ports_that_keep_a_server_are_told(self):
        found = self.examine([self.server(), self.server('t')])
        self.assertEqual({}, found.devices)
        self.assertEqual({'s'}, set(found.accelerators))
        self.assertIn('accelerator-direct', found.accelerators['s'])
        self.assertEqual([['s', 't']], self.cloud.neutron.asked)

    def test_flavors_that_keep_a_server_are_told(self):
        found = self.examine(
            [self.server('t', extra_specs={'hw:tpm_version': '2.0'})]
        )
        self.assertIn('vTPM', found.devices['t'])

    def test_images_that_keep_a_server_are_told(self):
        found = self.examine(
            [self.server('t', image_properties={'hw_tpm_version': '2.0'})]
        )
        self.assertIn('vTPM', found.devices['t'])

    def test_servers_with_shares_are_told(self):
        found = self.examine([self.server(), self.server('t')])
        self.assertEqual({'s'}, found.sharing)
        self.assertEqual((2, 96), found.nova_version)

    def test_only_who_could_move_is_asked_for_its_shares(self):
        for n, fields in enumerate(
            (
                {'status': 'SHELVED'},
                {'status': 'ERROR'},
                {'status': 'ACTIVE', 'task_state': 'migrating'},
                {'status': 'SHUTOFF'},
                {'status': 'PAUSED'},
                {'status': 'ACTIVE'},
            )
        ):
            self.examine([self.server(f's{n}', **fields)])
        self.assertEqual(['s3', 's4', 's5'], self.cloud.shares.asked)
