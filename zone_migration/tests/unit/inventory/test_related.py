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

from zone_migration.logic import resources
from zone_migration.logic.audit import params
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
