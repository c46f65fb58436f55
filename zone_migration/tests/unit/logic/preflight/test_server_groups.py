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

from zone_migration.logic import resources
from zone_migration.logic.preflight import server_groups
from zone_migration.tests.unit.logic import builders


def group(policy, *server_ids, most=1):
    return resources.ServerGroup('g', 'web', policy, server_ids, most)


def groups_of(one, *servers, **migrations):
    return server_groups.Groups([one], builders.by_id(servers), migrations)


class PolicyTest(testtools.TestCase):
    def test_hard_policies_bind(self):
        for policy, affinity, anti_affinity in (
            ('affinity', True, False),
            ('anti-affinity', False, True),
            ('soft-affinity', False, False),
            ('soft-anti-affinity', False, False),
        ):
            found = groups_of(group(policy, 's'), builders.server('s'))
            self.assertEqual(affinity, found.affinity('s') is not None)
            self.assertEqual(
                anti_affinity, found.anti_affinity('s') is not None
            )

    def test_server_of_no_group_is_not_bound(self):
        found = groups_of(group('affinity', 's'), builders.server('s'))
        self.assertIsNone(found.affinity('t'))
        self.assertIsNone(found.anti_affinity('t'))

    def test_affinity_to_members_nobody_looked_at_is_not_evaluated(self):
        found = groups_of(group('affinity', 's', 't'), builders.server('s'))
        self.assertIsNone(found.affinity('s'))


class CompanionsTest(testtools.TestCase):
    FOUND = groups_of(
        group('affinity', *'stuv'),
        builders.server('s', 'c1'),
        builders.server('t', 'c1'),
        builders.server('u', 'c2'),
        builders.server('v', None, 'SHELVED_OFFLOADED'),
    )

    def test_hosts_of_the_others_are_given(self):
        self.assertEqual({'c1', 'c2'}, self.FOUND.companions('s'))
        self.assertEqual({'c1'}, self.FOUND.companions('u'))

    def test_those_that_leave_are_not_counted_on(self):
        self.assertEqual({'c1'}, self.FOUND.companions('s', {'u'}))
        self.assertEqual(set(), self.FOUND.companions('s', {'t', 'u'}))


class SpotsTest(testtools.TestCase):
    def spots(self, one, host, *servers, **migrations):
        return groups_of(one, *servers, **migrations).spots(one, host)

    def test_members_on_a_host_take_them(self):
        one = group('anti-affinity', *'stu', most=2)
        servers = (
            builders.server('s', 'c1'),
            builders.server('t', 'c1'),
            builders.server('u', 'c2'),
        )
        for host, spots in (('c1', 0), ('c2', 1), ('c3', 2)):
            self.assertEqual(spots, self.spots(one, host, *servers))

    def test_more_members_than_there_may_be_leave_none(self):
        one = group('anti-affinity', *'st')
        self.assertEqual(
            0,
            self.spots(one, 'c1', builders.server('s'), builders.server('t')),
        )

    def test_member_in_flight_takes_one_at_both_ends(self):
        one = group('anti-affinity', 's')
        for status, spots in (('running', 0), ('failed', 1)):
            record = resources.Migration(
                1, 's', 'live-migration', status, 'c1', 'c2'
            )
            for host, expected in (('c1', 0), ('c2', spots)):
                self.assertEqual(
                    expected,
                    self.spots(one, host, builders.server('s'), s=(record,)),
                )
