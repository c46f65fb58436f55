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

from zone_migration import inventory
from zone_migration.logic import cloud
from zone_migration.logic import params


class Nova:
    def __init__(self, ids) -> None:
        self.ids = ids
        self.asked = []

    def server(self, server_id):
        self.asked.append('server')
        return self.servers().get(server_id)

    def servers(self):
        self.asked.append('servers')
        return {i: cloud.Server(i, i, 'ACTIVE', 'c1') for i in self.ids}

    def hosts(self):
        self.asked.append('hosts')
        return {'c1': cloud.ComputeHost('c1', True, True)}


class Cinder:
    def __init__(self, ids) -> None:
        self.ids = ids
        self.asked = []

    def volume(self, volume_id):
        self.asked.append('volume')
        return self.volumes().get(volume_id)

    def volumes(self):
        self.asked.append('volumes')
        return {
            i: cloud.Volume(i, i, 'available', 'h@a#a', 'gold')
            for i in self.ids
        }

    def pools(self):
        self.asked.append('pools')
        return [cloud.Pool('h@a#a', 1.0)]

    def volume_types(self):
        self.asked.append('types')
        return ['gold']


class Cloud:
    def __init__(self, servers=(), volumes=()) -> None:
        self.nova = Nova(servers)
        self.cinder = Cinder(volumes)


def take(shown, servers=(), volumes=(), destination=''):
    return inventory.take(
        shown,
        params.Request(
            tuple(
                params.ServerItem(i, 'active', destination) for i in servers
            ),
            tuple(params.VolumeItem(i, 'in-use') for i in volumes),
        ),
    )


class InventoryTest(testtools.TestCase):
    def test_servers_and_volumes_are_found_by_their_ids(self):
        found = take(Cloud(['s', 't'], ['v']), ['s'], ['v'])
        self.assertEqual({'s'}, set(found.servers))
        self.assertEqual({'v'}, set(found.volumes))

    def test_what_does_not_exist_is_left_out(self):
        found = take(Cloud(), ['s'], ['v'])
        self.assertEqual(({}, {}), (found.servers, found.volumes))

    def test_destinations_are_known_when_one_is_asked_for(self):
        found = take(Cloud(['s'], ['v']), ['s'], ['v'], 'c1')
        self.assertEqual({'c1'}, set(found.hosts))
        self.assertEqual({'h@a#a'}, set(found.pools))
        self.assertEqual({'gold'}, set(found.volume_types))

    def test_cinder_is_not_asked_about_servers(self):
        shown = Cloud(['s'])
        take(shown, ['s'])
        self.assertEqual([], shown.cinder.asked)

    def test_hosts_are_not_asked_for_without_a_destination(self):
        shown = Cloud(['s'])
        take(shown, ['s'])
        self.assertNotIn('hosts', shown.nova.asked)

    def test_many_are_found_with_one_listing(self):
        ids = [f's{n}' for n in range(500)]
        shown = Cloud(ids, ids)
        found = take(shown, ids, ids)
        self.assertEqual(500, len(found.servers))
        self.assertEqual(['servers'], shown.nova.asked)
        self.assertEqual(
            ['volumes', 'pools', 'types'], shown.cinder.asked
        )

    def test_of_many_those_that_do_not_exist_are_left_out(self):
        ids = [f's{n}' for n in range(500)]
        found = take(Cloud(ids[:100]), ids)
        self.assertEqual(100, len(found.servers))

    def test_of_many_those_that_are_not_asked_for_are_left_out(self):
        ids = [f's{n}' for n in range(500)]
        found = take(Cloud(ids), ids[:100])
        self.assertEqual(set(ids[:100]), set(found.servers))
