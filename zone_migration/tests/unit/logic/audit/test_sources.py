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

"""Tests of what Nova and Cinder are asked by."""

import testtools

from zone_migration.logic.audit import parsing
from zone_migration.logic.audit import sources
from zone_migration.tests.unit.logic.audit import clouds

SHOWN = ('h@a#1', 'h@a#2', 'h@b#1', 'k@c#1', 'k@c#2', 'k@d#1', 'k@d#2')
BACKENDS = ('h@a', 'h@b', 'h@closed', 'k@c', 'k@d')


class HostsTest(testtools.TestCase):
    seen = clouds.inventory(
        hosts=[
            clouds.host(name, zone)
            for name, zone in (
                ('c1', 'az1'),
                ('c10', 'az1'),
                ('c2', 'az2'),
                ('c3', 'az2'),
                ('c4', 'az2'),
            )
        ],
        aggregates=clouds.AGGREGATES,
    )

    def hosts(self, seen=seen, **parameters):
        return sources.hosts(parsing.parse(parameters), seen)

    def test_each_host_is_asked_for_once_and_by_its_exact_name(self):
        for parameters, names in (
            ({'compute_nodes': clouds.nodes('c1')}, ('c1',)),
            ({'compute_nodes': clouds.nodes('c1', 'c1*')}, ('c1', 'c10')),
            ({'availability_zones': ['az1']}, ('c1', 'c10')),
            ({'aggregates': ['old']}, ('c1', 'c2')),
        ):
            self.assertEqual(names, self.hosts(**parameters), parameters)

    def test_more_than_half_are_listed_with_all_others(self):
        self.assertIsNone(self.hosts(availability_zones=['az2']))
        self.assertIsNone(self.hosts(compute_nodes=clouds.nodes('*')))

    def test_hosts_outside_of_the_scope_are_not_asked_for(self):
        seen = clouds.inventory(
            hosts=self.seen.hosts.values(), scope=frozenset(['c2', 'c3'])
        )
        self.assertEqual(
            ('c2', 'c3'), self.hosts(seen, availability_zones=['az2'])
        )

    def test_name_that_means_nothing_is_asked_for_nowhere(self):
        self.assertEqual((), self.hosts(compute_nodes=clouds.nodes('gone')))


class PlacesTest(testtools.TestCase):
    def places(self, *names, shown=SHOWN, backends=BACKENDS):
        request = parsing.parse(
            {'storage_pools': clouds.pools(*((n, 'k@d#1') for n in names))}
        )
        needed = sources.needs_backends(request, shown)
        return sources.places(request, shown, backends if needed else ())

    def test_pool_is_asked_for_by_itself(self):
        self.assertEqual(('h@a#1',), self.places('h@a#1', 'h@a#1'))
        self.assertEqual(('h@b#1',), self.places('h@b#1'))

    def test_all_pools_of_a_backend_are_one_request(self):
        for names in (('h@a',), ('h@a#1', 'h@a#2'), ('h@a', 'h@a#1')):
            self.assertEqual(('h@a',), self.places(*names), names)

    def test_backends_of_a_glob_are_asked_for_whole(self):
        # A pool that the backend has lost, or a volume in none, is meant too.
        for names, found in (
            (('h@a#*',), ('h@a',)),
            (('h@a#[1]',), ('h@a',)),
            (('h@b*',), ('h@b',)),
            (('?@c*',), ('h@closed', 'k@c')),
            (('k@c#gone*',), ('k@c',)),
        ):
            self.assertEqual(found, self.places(*names), names)

    def test_closed_backend_is_asked_for_where_it_may_be_meant(self):
        for names, found in (
            (('h@closed',), ('h@closed',)),
            (('h@closed#1',), ('h@closed#1',)),
            (('h@cl*',), ('h@closed',)),
            (('h@*#gone',), ('h@a', 'h@b', 'h@closed')),
            (('h@closed#*',), ('h@closed',)),
            (('h@closed?1',), ('h@closed',)),
        ):
            self.assertEqual(found, self.places(*names), names)

    def test_closed_backend_is_left_alone_where_it_cannot_be_meant(self):
        self.assertEqual(('k@c',), self.places('k@c*'))

    def test_what_nobody_knows_is_asked_for_nowhere(self):
        for name in ('none', 'h@none', 'h@none#1', '\ud800', 'H@A#1'):
            self.assertEqual((), self.places(name), name)

    def test_more_than_half_are_listed_with_all_others(self):
        self.assertIsNone(self.places('h@*', 'k@c'))
        self.assertIsNone(self.places('*'))

    def test_backends_are_needed_where_pools_do_not_tell_all(self):
        for name, needed in (
            ('h@a#1', False),
            ('h@a', False),
            ('h@*', True),
            ('h@closed', True),
            ('h@closed#1', True),
        ):
            request = parsing.parse(
                {'storage_pools': clouds.pools((name, 'k@d#1'))}
            )
            self.assertEqual(
                needed, sources.needs_backends(request, SHOWN), name
            )
