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

import dataclasses

from zone_migration import inventory
from zone_migration.client import exception
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import selection
from zone_migration.tests.unit import base
from zone_migration.tests.unit.inventory import fakes


def unconfirmed(server_id, source='c1', id_=7, kind='resize'):
    return resources.Migration(
        id_, server_id, kind, 'finished', source, 'c5', uuid=f'm-{server_id}'
    )


class HoldingTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = fakes.Cloud(['s', 't'])
        self.nova = self.cloud.nova
        self.nova.host_names = ('c1', 'c2', 'c3', 'c4', 'c5')
        self.place('t', 'c5', status='VERIFY_RESIZE')

    def place(self, id_, host, **more):
        self.nova.made[id_] = dataclasses.replace(
            resources.Server(id_, f'name-{id_}', 'ACTIVE', host), **more
        )

    def collect(self, *hosts, **more):
        self.request = parsing.parse(
            {'compute_nodes': [{'src_node': h} for h in hosts], **more}
        )
        return inventory.collect(self.cloud, self.request)

    def test_servers_that_have_left_unconfirmed_are_known(self):
        self.nova.unconfirmed = [unconfirmed('t'), unconfirmed('x', 'c3')]
        found = self.collect('c1')
        self.assertEqual({'t': self.nova.unconfirmed[0]}, found.unconfirmed)
        self.assertEqual('c5', found.servers['t'].host)
        self.assertIn('unconfirmed from c1', self.nova.asked)
        (item,) = (
            item
            for item in selection.select(self.request, found).servers
            if item.id == 't'
        )
        self.assertEqual(('confirm', 'c1'), (item.instead, item.src_hostname))

    def test_those_of_most_hosts_are_asked_for_at_once(self):
        self.nova.unconfirmed = [unconfirmed('t')]
        found = self.collect('c1', 'c2', 'c3')
        self.assertIn('t', found.unconfirmed)
        self.assertIn('unconfirmed from any host', self.nova.asked)

    def test_nothing_of_the_whole_cloud_is_listed_twice(self):
        for n in range(30):
            self.place(f's{n}', 'c1', status='VERIFY_RESIZE')
        self.nova.unconfirmed = [unconfirmed(f's{n}') for n in range(30)]
        found = self.collect('c1', 'c2', 'c3')
        selected = selection.select(self.request, found)
        items = tuple(
            dataclasses.replace(item, dst_hostname='c2')
            for item in selected.servers
        )
        found = inventory.examine(
            self.cloud, found, selection.Selection(items, ())
        )
        self.assertEqual(
            ['finished'], [m.status for m in found.migrations['s29']]
        )
        self.assertEqual({'c2'}, set(found.capacities))
        asked = self.nova.asked
        self.assertEqual(1, asked.count('unconfirmed from any host'))
        self.assertEqual(1, asked.count('in flight'))
        self.assertEqual(1, asked.count('providers'))

    def test_capacity_of_a_host_that_is_not_emptied_is_known(self):
        found = self.collect('c1')
        item = params.ServerItem('s', 'active', dst_hostname='c2')
        found = inventory.examine(
            self.cloud, found, selection.Selection((item,), ())
        )
        self.assertEqual({'c1'}, set(found.providers))
        self.assertEqual({'c2'}, set(found.capacities))

    def test_newest_record_of_a_server_counts(self):
        old, new = unconfirmed('t', id_=3), unconfirmed('t', id_=9)
        self.nova.unconfirmed = [new, old]
        self.assertEqual({'t': new}, self.collect('c1').unconfirmed)

    def test_deleted_servers_and_other_records_do_not_count(self):
        self.nova.unconfirmed = [
            unconfirmed('gone'),
            unconfirmed('t', kind='live-migration'),
        ]
        self.assertEqual({}, self.collect('c1').unconfirmed)

    def test_names_of_those_elsewhere_have_a_meaning(self):
        self.nova.unconfirmed = [unconfirmed('t')]
        found = self.collect('c1', confirm_resizes=['name-t'])
        selected = selection.select(self.request, found)
        (item,) = (i for i in selected.servers if i.id == 't')
        self.assertTrue(item.may_confirm)

    def test_allocations_of_what_is_there_are_not_told(self):
        self.nova.unconfirmed = [unconfirmed('t')]
        self.cloud.placement.holds['u1'] = frozenset(['s', 'm-t'])
        self.assertEqual({}, self.collect('c1').leftovers)
        self.assertNotIn('migrations at c1', self.nova.asked)

    def test_allocations_of_nothing_are_told(self):
        self.cloud.placement.holds['u1'] = frozenset(['s', 'x'])
        (left,) = self.collect('c1').leftovers['c1']
        self.assertEqual('x, which nothing has', left.text)

    def test_many_allocations_of_nothing_cost_one_listing(self):
        for provider in ('u1', 'u2'):
            self.cloud.placement.holds[provider] = frozenset(
                f'{provider}-{n}' for n in range(11)
            )
        left = self.collect('c1', 'c2').leftovers
        self.assertEqual([11, 11], [len(left[h]) for h in ('c1', 'c2')])
        self.assertEqual(1, self.nova.asked.count('servers'))

    def test_migrations_are_not_asked_for_as_servers(self):
        self.nova.unconfirmed = [unconfirmed('gone')]
        self.cloud.placement.holds['u1'] = frozenset(['s', 'm-gone'])
        self.collect('c1')
        # Once, as what has left the host.
        self.assertEqual(1, self.nova.asked.count('server'))

    def test_audit_without_placement_is_made(self):
        def refuse(provider):
            raise exception.RequestRefused('Placement', 'no', 403)

        self.patch(self.cloud.placement, 'consumers', refuse)
        self.assertEqual({}, self.collect('c1').leftovers)

    def test_nothing_is_asked_where_no_host_is_emptied(self):
        request = parsing.parse(
            {'params': {'vm': {fakes_id(): {'status': 'active'}}}}
        )
        inventory.collect(self.cloud, request)
        self.assertEqual(['server'], self.nova.asked)
        self.assertEqual([], self.cloud.placement.asked)


def fakes_id():
    """The id of a server that does not exist."""
    return '00000000-0000-4000-8000-000000000000'
