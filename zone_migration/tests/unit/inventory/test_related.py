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

from zone_migration import inventory
from zone_migration.client import exception
from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.tests.unit.inventory import fakes


class RelatedTest(fakes.ExamineTest):
    def test_groups_of_the_servers_come_with_their_members(self):
        group = resources.ServerGroup('g', 'ha', 'anti-affinity', ('s', 't'))
        other = resources.ServerGroup('h', 'h', 'affinity', ('elsewhere',))
        self.cloud.nova.made_groups = [group, other]
        found = self.examine([self.server()])
        self.assertEqual((group,), found.groups)
        self.assertEqual({'s', 't'}, set(found.servers))

    def test_servers_that_hints_name_are_shown(self):
        other = '11111111-2222-3333-4444-555555555555'
        self.server(other)
        item = self.server(hints={'same_host': (other, '../os-services')})
        self.cloud.nova.asked = []
        self.assertEqual({'s', other}, set(self.examine([item]).servers))
        self.assertEqual(2, self.cloud.nova.asked.count('server'))

    def test_server_whose_group_is_gone_is_in_none(self):
        gone = resources.ServerGroup('g', 'ha', 'affinity', ('s', 't'))
        self.cloud.nova.made_groups = [gone]
        self.assertEqual((gone,), self.examine([self.server()]).groups)
        self.cloud.nova.made_groups = []
        found = self.examine([self.server()])
        self.assertEqual((), found.groups)
        self.assertEqual({'s'}, set(found.servers))

    def test_volumes_of_the_servers_are_shown(self):
        found = self.examine([self.server(volume_ids=('v', 'deleted'))])
        self.assertEqual({'v'}, set(found.volumes))

    def test_servers_of_the_volumes_are_shown(self):
        self.cloud.cinder.made['v'] = resources.Volume(
            'v', 'v', 'in-use', 'h@a#a', 'gold', server_ids=('t',)
        )
        found = self.examine(volumes=[params.VolumeItem('v', 'in-use')])
        self.assertEqual({'t'}, set(found.servers))

    def test_all_servers_of_a_multiattach_volume_are_known(self):
        shown = resources.Volume(
            'v', 'v', 'in-use', 'h@a#a', 'gold', server_ids=('t',)
        )
        for multiattach, servers in ((True, ('t', 'u')), (False, ('t',))):
            self.cloud.cinder.made['v'] = dataclasses.replace(
                shown, multiattach=multiattach
            )
            found = self.examine(volumes=[params.VolumeItem('v', 'in-use')])
            self.assertEqual(
                servers, found.volumes['v'].server_ids, multiattach
            )


class HintedGroupsTest(fakes.ExamineTest):
    """A Nova that shows the hints of servers: their groups are known."""

    GROUP = '11111111-2222-3333-4444-555555555555'

    def setUp(self):
        super().setUp()
        self.patch(self.cloud.nova, 'shows_hints', True)

    def group(self, policy='anti-affinity'):
        made = resources.ServerGroup(self.GROUP, 'ha', policy, ('s', 't'))
        self.cloud.nova.made_groups = [made]
        return made

    def hinted(self, *ids):
        return self.server(hints={'group': ids or (self.GROUP,)})

    def test_group_of_a_server_is_asked_for_by_itself(self):
        group = self.group()
        found = self.examine([self.hinted()])
        self.assertEqual((group,), found.groups)
        self.assertEqual({'s', 't'}, set(found.servers))
        self.assertNotIn('groups', self.cloud.nova.asked)

    def test_groups_do_not_matter_to_servers_in_none(self):
        self.group()
        self.assertEqual((), self.examine([self.server()]).groups)
        self.assertNotIn('groups', self.cloud.nova.asked)

    def test_group_that_is_gone_binds_nobody(self):
        self.assertEqual((), self.examine([self.hinted()]).groups)
        self.assertIn(f'group {self.GROUP}', self.cloud.nova.asked)

    def test_hint_that_is_no_id_is_not_asked_for(self):
        self.assertEqual((), self.examine([self.hinted('../flavors')]).groups)
        self.assertNotIn('group ../flavors', self.cloud.nova.asked)

    def test_many_groups_are_listed(self):
        group = self.group()
        others = [self.GROUP.replace('5555', f'{n:04}') for n in range(20)]
        found = self.examine([self.hinted(self.GROUP, *others)])
        self.assertEqual((group,), found.groups)
        self.assertEqual(1, self.cloud.nova.asked.count('groups'))

    def test_members_of_a_soft_group_are_not_asked_for(self):
        self.group('soft-anti-affinity')
        self.assertEqual({'s'}, set(self.examine([self.hinted()]).servers))

    def test_group_that_policy_hides_is_not_checked(self):
        error = exception.RequestRefused(service='N', reason='no', status=403)
        self.refuse('nova', 'group', error)
        self.assertEqual((), self.examine([self.hinted()]).groups)
        self.assertIn('Not checked: the policies', self.log.output)


class PartialTest(fakes.ExamineTest):
    """Some of the hosts and pools were asked for, and not the whole cloud."""

    COUNT = 30

    def setUp(self):
        super().setUp()
        self.ids = [f'{n:02}' for n in range(self.COUNT)]
        self.cloud = fakes.Cloud([f's{i}' for i in self.ids])
        for i in self.ids:
            # Each with a neighbour on another host, and a volume.
            self.server(f's{i}', volume_ids=(f'v{i}',), task_state='x')
            self.server(f'n{i}', host='c2')
            self.volume(f'v{i}', 'h@b#b', server_ids=(f's{i}',))
            self.volume(f'w{i}', 'h@a#a', server_ids=(f'n{i}',))

    def volume(self, id_, pool, **more):
        self.cloud.cinder.made[id_] = resources.Volume(
            id_, id_, 'in-use', pool, 'gold', **more
        )

    def examine_emptied(self, servers=(), volumes=()):
        found = cloud_inventory.Inventory(
            {i: self.cloud.nova.made[i] for i in servers},
            {i: self.cloud.cinder.made[i] for i in volumes},
            asked_hosts=('c1',) if servers else None,
            asked_pools=('h@a#a',) if volumes else None,
        )
        return inventory.examine(
            self.cloud,
            found,
            selection.Selection(
                tuple(params.ServerItem(i, 'active') for i in servers),
                tuple(params.VolumeItem(i, 'in-use') for i in volumes),
            ),
        )

    def all(self, letter):
        return [f'{letter}{i}' for i in self.ids]

    def test_nothing_is_listed_for_servers(self):
        servers = self.all('s')
        found = self.examine_emptied(servers)
        self.assertEqual(set(self.all('v')), set(found.volumes))
        self.assertNotIn('servers', self.cloud.nova.asked)
        self.assertEqual(['list of ids'], self.cloud.cinder.asked)
        self.assertEqual([servers], self.cloud.neutron.asked)

    def test_cinder_that_takes_no_list_of_ids_lists_all(self):
        self.patch(self.cloud.cinder, 'takes_ids', False)
        found = self.examine_emptied(self.all('s'))
        self.assertEqual(set(self.all('v')), set(found.volumes))
        self.assertIn('volumes', self.cloud.cinder.asked)

    def test_volumes_that_are_gone_are_asked_for_once_more(self):
        for i in self.ids[:3]:
            del self.cloud.cinder.made[f'v{i}']
        found = self.examine_emptied(self.all('s'))
        self.assertEqual(set(self.all('v')[3:]), set(found.volumes))
        self.assertEqual(
            ['list of ids', *['volume'] * 3], self.cloud.cinder.asked
        )

    def test_neighbours_are_asked_for_by_their_ids(self):
        self.cloud.nova.made_groups = [
            resources.ServerGroup(i, i, 'anti-affinity', (f's{i}', f'n{i}'))
            for i in self.ids
        ]
        found = self.examine_emptied(self.all('s'))
        self.assertLessEqual(set(self.all('n')), set(found.servers))
        self.assertEqual(self.COUNT, self.cloud.nova.asked.count('server'))

    def test_more_neighbours_than_there_are_servers_are_listed(self):
        self.cloud.nova.made_groups = [
            resources.ServerGroup(
                'g', 'g', 'anti-affinity', ('s01', *self.all('n'))
            )
        ]
        self.examine_emptied(self.all('s')[:12])
        self.assertEqual(1, self.cloud.nova.asked.count('servers'))
        self.assertNotIn('server', self.cloud.nova.asked)

    def test_many_migrations_are_listed_all_the_same(self):
        self.examine_emptied(self.all('s')[:12])
        self.assertEqual(12, self.cloud.nova.asked.count('migrations of'))
        self.examine_emptied(self.all('s'))
        self.assertEqual(1, self.cloud.nova.asked.count('unfinished'))

    def test_nothing_is_listed_for_volumes(self):
        found = self.examine_emptied((), self.all('w'))
        self.assertEqual(set(self.all('n')), set(found.servers))
        self.assertEqual(['snapshots in h@a#a'], self.cloud.cinder.asked)

    def test_attachments_are_asked_for_by_volume(self):
        for n, i in enumerate(self.ids[:3]):
            self.volume(
                f'w{i}', 'h@a#a', server_ids=(f'n{i}',), multiattach=n < 2
            )
        found = self.examine_emptied((), self.all('w'))
        self.assertEqual(2, self.cloud.cinder.asked.count('attachments'))
        self.assertEqual(('t', 'u'), found.volumes['w00'].server_ids)
        self.assertEqual(('n02',), found.volumes['w02'].server_ids)

    def test_snapshots_of_volumes_elsewhere_are_counted_one_by_one(self):
        found = self.examine_emptied((), [*self.all('w'), 'v01'])
        self.assertEqual(1, found.snapshots['v01'])
        self.assertEqual(1, self.cloud.cinder.asked.count('snapshots'))
