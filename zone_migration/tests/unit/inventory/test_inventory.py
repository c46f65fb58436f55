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
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import scope
from zone_migration.tests.unit.inventory import fakes


def request_of(servers=(), volumes=(), destination='', **more):
    return params.Request(
        tuple(params.ServerItem(i, 'active', destination) for i in servers),
        tuple(params.VolumeItem(i, 'in-use') for i in volumes),
        **more,
    )


def collect(shown, *what, **more):
    return inventory.collect(shown, request_of(*what, **more))


def collect_in_scope(shown, request, *rules):
    limits = scope.parse([{'compute': list(rules)}])
    return inventory.collect(shown, request, limits)


class ScopeTest(testtools.TestCase):
    ZONE = {'availability_zones': [{'name': '*'}]}
    NAME = {'host_aggregates': [{'name': 'rack'}]}
    ID = {'host_aggregates': [{'id': 1}]}

    def test_only_what_the_scope_needs_is_asked_for(self):
        for rule, asked in (
            (self.ZONE, ['hosts', 'server']),
            (self.NAME, ['hosts', 'aggregates', 'server']),
            (self.ID, ['hosts', 'aggregates', 'aggregate names', 'server']),
        ):
            shown = fakes.Cloud(['s'])
            collect_in_scope(shown, request_of(['s']), rule)
            self.assertEqual(asked, shown.nova.asked, rule)

    def test_what_is_known_is_not_asked_for_again(self):
        shown = fakes.Cloud(['s'])
        request = request_of(compute=(fakes.RACK,))
        found = collect_in_scope(shown, request, self.NAME)
        self.assertEqual({'c1'}, found.scope)
        self.assertEqual(1, shown.nova.asked.count('aggregates'))

    def test_hosts_outside_of_it_are_not_asked_for(self):
        shown = fakes.Cloud(['s'])
        shown.nova.made['t'] = resources.Server('t', 't', 'ACTIVE', 'c2')
        every = params.ComputeSelector('0', params.SourceKind.HOST, '*')
        request = request_of(compute=(every,))
        found = collect_in_scope(shown, request, self.NAME)
        self.assertEqual({'s'}, set(found.servers))
        self.assertEqual(('c1',), found.asked_hosts)


class CollectTest(testtools.TestCase):
    def test_servers_and_volumes_are_found_by_their_ids(self):
        found = collect(fakes.Cloud(['s', 't'], ['v']), ['s'], ['v'])
        self.assertEqual({'s'}, set(found.servers))
        self.assertEqual({'v'}, set(found.volumes))

    def test_what_does_not_exist_is_left_out(self):
        found = collect(fakes.Cloud(), ['s'], ['v'])
        self.assertEqual(({}, {}), (found.servers, found.volumes))

    def test_destinations_are_known_when_one_is_asked_for(self):
        found = collect(fakes.Cloud(['s'], ['v']), ['s'], ['v'], 'c1')
        self.assertEqual({'c1', 'c2'}, set(found.hosts))
        self.assertEqual({'h@a#a'}, set(found.pools))
        self.assertEqual({'gold', 'luks'}, set(found.volume_types))

    def test_cinder_is_not_asked_about_servers(self):
        shown = fakes.Cloud(['s'])
        collect(shown, ['s'])
        self.assertEqual([], shown.cinder.asked)

    def test_hosts_are_not_asked_for_without_a_destination(self):
        shown = fakes.Cloud(['s'])
        collect(shown, ['s'])
        self.assertEqual(['server'], shown.nova.asked)

    def test_many_are_found_with_one_listing(self):
        ids = [f's{n}' for n in range(500)]
        shown = fakes.Cloud(ids, ids)
        found = collect(shown, ids, ids)
        self.assertEqual(500, len(found.servers))
        self.assertEqual(['servers'], shown.nova.asked)
        self.assertEqual(['pools', 'types', 'volumes'], shown.cinder.asked)

    def test_of_many_those_that_do_not_exist_are_left_out(self):
        ids = [f's{n}' for n in range(500)]
        found = collect(fakes.Cloud(ids[:100]), ids)
        self.assertEqual(100, len(found.servers))

    def test_of_many_those_that_are_not_asked_for_are_left_out(self):
        ids = [f's{n}' for n in range(500)]
        found = collect(fakes.Cloud(ids), ids[:100])
        self.assertEqual(set(ids[:100]), set(found.servers))

    def test_hosts_to_be_emptied_are_shown_with_all_servers(self):
        shown = fakes.Cloud(['s', 't'])
        found = collect(shown, compute=(fakes.HOST,))
        self.assertEqual({'s', 't'}, set(found.servers))
        self.assertEqual({'c1', 'c2'}, set(found.hosts))
        self.assertEqual(['hosts', 'on c1', 'hosts'], shown.nova.asked[:3])
        self.assertEqual([], shown.cinder.asked)

    def test_aggregates_are_asked_for_by_name_only(self):
        found = collect(fakes.Cloud(), compute=(fakes.RACK,))
        self.assertEqual({'rack': fakes.AGGREGATE}, found.aggregates)
        self.assertEqual(
            {}, collect(fakes.Cloud(), compute=(fakes.HOST,)).aggregates
        )

    def test_hosts_are_shown_that_are_to_be_enabled(self):
        found = collect(fakes.Cloud(), enable_compute_nodes=('c1',))
        self.assertEqual({'c1', 'c2'}, set(found.hosts))

    def test_pools_to_be_emptied_are_shown_with_all_volumes(self):
        shown = fakes.Cloud(['s'], ['v', 'w'])
        found = collect(shown, storage=(fakes.POOL,))
        self.assertEqual({'v', 'w'}, set(found.volumes))
        self.assertEqual({'h@a#a'}, set(found.pools))
        self.assertEqual([], shown.nova.asked)

    def test_copies_that_cinder_is_making_are_no_volumes(self):
        shown = fakes.Cloud(volumes=['v'])
        shown.cinder.made['copy'] = resources.Volume(
            'copy', 'v', 'available', 'h@b#b', 'gold', 'target:v'
        )
        shown.cinder.made['old'] = resources.Volume(
            'old', 'v', 'deleting', 'h@a#a', 'gold', 'deleting'
        )
        self.assertEqual(
            {'v'}, set(collect(shown, storage=(fakes.POOL,)).volumes)
        )

    def test_names_of_projects_are_asked_for(self):
        for more in (
            {'exclude': params.Exclusions(projects=frozenset(['web']))},
            {'priority': params.Priority(project=('web',))},
        ):
            shown = fakes.Cloud(volumes=['v'])
            found = collect(shown, storage=(fakes.POOL,), **more)
            self.assertEqual({'p': 'web'}, found.projects, more)
            self.assertEqual(['projects'], shown.keystone.asked, more)

    def test_names_of_projects_that_are_known_by_id_do_not_matter(self):
        shown = fakes.Cloud(volumes=['v'])
        found = collect(
            shown,
            storage=(fakes.POOL,),
            exclude=params.Exclusions(projects=frozenset(['p'])),
        )
        self.assertEqual({}, found.projects)
        self.assertEqual([], shown.keystone.asked)


class SelectedTest(fakes.ExamineTest):
    def test_services_are_not_asked_about_what_is_not_moved(self):
        self.examine()
        self.assertEqual([], self.cloud.nova.asked)
        self.assertEqual([], self.cloud.cinder.asked)
        self.assertEqual([], self.cloud.neutron.asked)
        self.assertEqual([], self.cloud.placement.asked)

    def test_what_does_not_exist_is_not_asked_about(self):
        found = self.examine(
            [params.ServerItem('gone', 'active')],
            [params.VolumeItem('gone', 'in-use', dst_type='gold')],
        )
        self.assertEqual(({}, {}), (found.servers, found.volumes))
        self.assertEqual([], self.cloud.neutron.asked)
        self.assertEqual({}, found.quotas)
