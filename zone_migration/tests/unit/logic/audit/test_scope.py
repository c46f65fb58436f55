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

from zone_migration.logic.audit import errors
from zone_migration.logic.audit import scope
from zone_migration.tests.unit.logic.builders import aggregate
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory


def compute(*rules):
    return [{'compute': list(rules)}]


def zones(*names):
    return {'availability_zones': [{'name': name} for name in names]}


def aggregates(*names, **more):
    return {
        'host_aggregates': [{'name': name} for name in names]
        + [{key: value} for key, value in more.items()]
    }


SEEN = inventory(
    hosts=[
        host('c1', zone='az1'),
        host('c2', zone='az2'),
        host('c3', zone='nova'),
    ],
    aggregates=[aggregate('old', 'c1', 'c3'), aggregate('new', 'c2')],
    aggregate_names={7: 'new'},
)


class ScopeTest(testtools.TestCase):
    def hosts(self, *rules):
        return scope.hosts(scope.parse(compute(*rules)), SEEN)

    def faults(self, value):
        def find():
            found = scope.parse(value)
            scope.hosts(found, SEEN)

        error = self.assertRaises(errors.InvalidParameters, find)
        return [str(fault) for fault in error.faults]

    def test_scope_that_says_nothing_limits_nothing(self):
        for value in (None, [], [{}], compute(), compute({})):
            self.assertIsNone(scope.parse(value), value)

    def test_hosts_of_zones(self):
        self.assertEqual({'c1'}, self.hosts(zones('az1')))
        self.assertEqual({'c1', 'c2'}, self.hosts(zones('az1', 'az2')))

    def test_hosts_of_aggregates_by_name_and_by_id(self):
        self.assertEqual({'c1', 'c3'}, self.hosts(aggregates('old')))
        self.assertEqual({'c2'}, self.hosts(aggregates(id=7)))

    def test_zones_and_aggregates_add_to_each_other(self):
        self.assertEqual(
            {'c1', 'c2'}, self.hosts(zones('az1'), aggregates('new'))
        )

    def test_asterisk_means_all(self):
        self.assertEqual({'c1', 'c2', 'c3'}, self.hosts(zones('*')))
        for rule in (aggregates('*'), aggregates(id='*')):
            self.assertEqual({'c1', 'c2', 'c3'}, self.hosts(rule), rule)

    def test_asterisk_beside_others_is_a_fault(self):
        for rule in (zones('*', 'az1'), aggregates('old', id='*')):
            self.assertEqual(
                ["scope: '*' stands for all: correct the audit template"],
                self.faults(compute(rule)),
                rule,
            )

    def test_what_does_not_exist_is_a_fault(self):
        self.assertEqual(
            [
                "scope: there is no availability zone 'az9'; there are az1, "
                'az2, nova',
                "scope: there is no aggregate 'x'; there are new, old",
                "scope: there is no aggregate '9'; there are new, old",
            ],
            self.faults(compute(zones('az9'), aggregates('x', id=9))),
        )

    def test_what_is_not_honoured_is_a_fault(self):
        end = (
            ' is not honoured, only availability_zones and host_aggregates '
            'of compute are: make an audit template without it, and use the '
            'parameter exclude'
        )
        self.assertEqual(
            [f'scope.0.compute.1: exclude{end}'],
            self.faults(compute(zones('az1'), {'exclude': []})),
        )
        self.assertEqual(
            [f'scope.1: storage{end}'],
            self.faults([*compute(zones('az1')), {'storage': []}]),
        )

    def test_each_keyword_of_the_shape_rejects_something(self):
        for value, path in (
            ({'compute': []}, 'scope'),
            (['compute'], 'scope.0'),
            ([{'compute': {}}], 'scope.0.compute'),
            (compute([]), 'scope.0.compute.0'),
            (compute(zones('az1')) + compute(zones('az2')), 'scope'),
            (
                compute({**zones('az1'), **aggregates('old')}),
                'scope.0.compute.0',
            ),
            (compute({'availability_zones': {}}), 'availability_zones'),
            (compute(zones()), 'availability_zones'),
            (compute(aggregates()), 'host_aggregates'),
            (compute({'availability_zones': ['a']}), 'availability_zones.0'),
            (compute({'availability_zones': [{}]}), 'availability_zones.0'),
            (compute(zones(1)), 'availability_zones.0.name'),
            (compute({'host_aggregates': 'a'}), 'host_aggregates'),
            (compute({'host_aggregates': ['a']}), 'host_aggregates.0'),
            (compute({'host_aggregates': [{}]}), 'host_aggregates.0'),
            (compute(aggregates(1)), 'host_aggregates.0.name'),
            (compute(aggregates(id=[])), 'host_aggregates.0.id'),
        ):
            (fault,) = self.faults(value)
            self.assertIn(f'{path}: ', fault)
            self.assertIn('correct the audit template', fault, value)
