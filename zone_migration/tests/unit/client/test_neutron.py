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

from zone_migration.client import neutron
from zone_migration.client import paging
from zone_migration.tests.unit import base
from zone_migration.tests.unit.client import http


def port(id_, server, kind):
    return {'id': id_, 'device_id': server, 'binding:vnic_type': kind}


class NeutronTest(base.TestCase):
    def setUp(self):
        super().setUp()
        session, self.http = http.make_session()
        self.neutron = neutron.Neutron(session, {'interface': 'public'})

    def query(self):
        return self.http.requests[-1][2]

    def test_kinds_of_ports_are_told_by_server(self):
        self.http.answers['GET', '/v2.0/ports'] = {
            'ports': [
                port('1', 's', 'normal'),
                port('2', 's', 'direct'),
                port('3', 's', 'macvtap'),
                port('4', 't', 'normal'),
            ]
        }
        self.assertEqual(
            {'s': {'direct', 'macvtap'}}, self.neutron.vnic_types()
        )
        self.assertNotIn('device_id', self.query())

    def test_port_that_cannot_be_read_hides_no_other(self):
        self.http.answers['GET', '/v2.0/ports'] = {
            'ports': [
                {'id': '1', 'binding:vnic_type': 'direct'},
                port('2', 's', 'vdpa'),
                port('3', 't', None),
            ]
        }
        self.assertEqual({'s': {'vdpa'}}, self.neutron.vnic_types())

    def test_ports_of_some_servers_are_asked_for(self):
        self.http.answers['GET', '/v2.0/ports'] = {'ports': []}
        self.neutron.vnic_types(['s', 't'])
        self.assertEqual(['s', 't'], self.query()['device_id'])

    def test_ports_of_many_servers_are_asked_for_in_parts(self):
        ids = [f's{n}' for n in range(paging.IDS + 1)]
        self.http.answers['GET', '/v2.0/ports'] = lambda query: {
            'ports': [port('p', i, 'direct') for i in query['device_id']]
        }
        self.assertEqual(set(ids), set(self.neutron.vnic_types(ids)))
        self.assertEqual(2, len(self.http.requests))

    def test_ports_of_no_server_are_not_asked_for(self):
        self.assertEqual({}, self.neutron.vnic_types([]))

    def test_ports_are_read_page_by_page(self):
        self.http.answers['GET', '/v2.0/ports'] = [
            {
                'ports': [port('1', 's', 'direct')],
                'ports_links': [
                    {'rel': 'next', 'href': 'http://cloud/elsewhere'}
                ],
            },
            {
                'ports': [port('2', 't', 'vdpa')],
                'ports_links': [
                    {'rel': 'previous', 'href': 'http://cloud/elsewhere'}
                ],
            },
        ]
        self.assertEqual(
            {'s': {'direct'}, 't': {'vdpa'}}, self.neutron.vnic_types()
        )
        self.assertEqual(['1'], self.query()['marker'])

    def test_port_whose_kind_policy_hides_is_a_normal_one(self):
        self.http.answers['GET', '/v2.0/ports'] = {
            'ports': [{'id': '1', 'device_id': 's'}]
        }
        self.assertEqual({}, self.neutron.vnic_types())
