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

"""Tests of Nova's server groups."""

from zone_migration.client import exception
from zone_migration.logic import resources
from zone_migration.tests.unit.client import cases

GROUP = {
    'id': 'g',
    'name': 'ha',
    'policy': 'anti-affinity',
    'rules': {'max_server_per_host': 2},
    'members': ['s', 't'],
}


class GroupsTest(cases.NovaTest):
    def newest(self, version):
        self.http.answers['GET', '/'] = {
            'version': {'id': 'v2.1', 'version': version}
        }

    def test_group_is_asked_for_by_itself(self):
        self.newest('2.104')
        self.http.answers['GET', '/os-server-groups/g'] = {
            'server_group': GROUP
        }
        self.assertEqual(
            resources.ServerGroup('g', 'ha', 'anti-affinity', ('s', 't'), 2),
            self.nova.group('g'),
        )
        self.assertEqual('compute 2.64', self.version())

    def test_group_that_is_gone_is_none(self):
        self.newest('2.104')
        self.http.answers['GET', '/os-server-groups/g'] = 404
        self.assertIsNone(self.nova.group('g'))

    def test_group_that_cannot_be_read_is_none(self):
        self.newest('2.104')
        self.http.answers['GET', '/os-server-groups/g'] = {
            'server_group': {**GROUP, 'members': None}
        }
        self.assertIsNone(self.nova.group('g'))

    def test_group_that_may_not_be_seen_is_an_error(self):
        self.newest('2.104')
        self.http.answers['GET', '/os-server-groups/g'] = 403
        self.assertRaises(exception.RequestRefused, self.nova.group, 'g')

    def test_hints_are_shown_from_a_version_on(self):
        for version, shown in (('2.100', True), ('2.99', False)):
            self.newest(version)
            self.nova.__dict__.pop('newest_version', None)
            self.assertEqual(shown, self.nova.shows_hints, version)

    def test_server_groups_leave_as_ours(self):
        self.newest('2.96')
        self.http.answers['GET', '/os-server-groups'] = [
            {
                'server_groups': [
                    {
                        'id': 'g',
                        'name': 'ha',
                        'policy': 'anti-affinity',
                        'rules': {'max_server_per_host': 2},
                        'members': ['s', 't'],
                    }
                ]
            },
            {'server_groups': []},
        ]
        self.assertEqual(
            [resources.ServerGroup('g', 'ha', 'anti-affinity', ('s', 't'), 2)],
            self.nova.groups(),
        )
        self.assertEqual('compute 2.64', self.version())
        self.assertEqual(['1'], self.query()['offset'])
        self.assertEqual(['True'], self.query()['all_projects'])

    def test_server_groups_of_an_older_nova_leave_as_ours(self):
        self.newest('2.60')
        self.http.answers['GET', '/os-server-groups'] = [
            {
                'server_groups': [
                    {
                        'id': 'g',
                        'name': 'ha',
                        'policies': ['affinity'],
                        'members': [],
                    }
                ]
            },
            {'server_groups': []},
        ]
        self.assertEqual(
            [resources.ServerGroup('g', 'ha', 'affinity')], self.nova.groups()
        )
