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

import json
import uuid

import testtools

from zone_migration.osc import explicit
from zone_migration.osc import parameters_file
from zone_migration.tests.unit.osc import fakes


def server(name, **values):
    return fakes.action(name, status='active', **values)


def volume(name, type='volume_update', **values):
    status = 'in-use' if type == 'volume_update' else 'available'
    return fakes.action(
        name, type, status=status, **{'source': 'h@a#a', **values}
    )


class ListsTest(testtools.TestCase):
    def test_an_item_says_where_it_is_and_goes_to(self):
        a = server('a', dst_hostname='c2', memory_mb=512, rank=1)
        b = fakes.action('b', 'cold_migration', status='shutoff')
        c = volume('c', 'volume_retype', dst_type='fast', size_gb=1)
        d = server('d', dst_hostname='c2', force=True)
        self.assertEqual(
            [
                {
                    'vm': {
                        a.resource_id: {
                            'status': 'active',
                            'dst_hostname': 'c2',
                            'src_hostname': 'compute1',
                        },
                        b.resource_id: {
                            'status': 'shutoff',
                            'src_hostname': 'compute1',
                        },
                        d.resource_id: {
                            'status': 'active',
                            'dst_hostname': 'c2',
                            'force': True,
                            'src_hostname': 'compute1',
                        },
                    },
                    'volume': {
                        c.resource_id: {
                            'status': 'available',
                            'dst_type': 'fast',
                            'src_hostname': 'h@a#a',
                        }
                    },
                }
            ],
            explicit.lists([a, b, c, d]),
        )

    def test_what_does_not_move_is_left_out(self):
        self.assertEqual(
            [],
            explicit.lists(
                [
                    server('a', state='SKIPPED'),
                    fakes.action('c1', 'change_nova_service_state'),
                ]
            ),
        )

    def test_each_list_is_one_that_watcher_holds(self):
        found = explicit.lists([server(f's{number}') for number in range(700)])
        self.assertGreater(len(found), 1)
        self.assertEqual(700, sum(len(each['vm']) for each in found))
        for each in found:
            self.assertEqual([], parameters_file.faults({'params': each}))

    def test_a_server_and_its_volumes_stay_together(self):
        servers = [server(f's{number}') for number in range(320)]
        volumes = [
            volume(f'v{number}', server_id=each.resource_id)
            for number, each in enumerate(servers)
        ]
        found = explicit.lists(servers + volumes)
        self.assertGreater(len(found), 1)
        of = {
            action.resource_id: action.parameters['server_id']
            for action in volumes
        }
        for each in found:
            self.assertEqual(
                sorted(each['vm']), sorted(of[id_] for id_ in each['volume'])
            )

    def test_a_server_with_too_many_volumes_is_parted_from_some(self):
        one = server('a')
        volumes = [
            volume(f'v{number}', server_id=one.resource_id)
            for number in range(500)
        ]
        found = explicit.lists([one, *volumes])
        self.assertEqual(
            (1, 500),
            (
                sum(len(each.get('vm', ())) for each in found),
                sum(len(each.get('volume', ())) for each in found),
            ),
        )

    def test_the_text_is_the_same_whatever_the_order(self):
        actions = [server('b'), volume('c'), server('a')]
        texts = {
            explicit.text(explicit.lists(each)[0])
            for each in (actions, actions[::-1])
        }
        (text,) = texts
        self.assertTrue(text.endswith('}\n'))
        ids = [*json.loads(text)['vm']]
        self.assertEqual(sorted(ids), ids)
        self.assertEqual(2, len([uuid.UUID(id_) for id_ in ids]))
