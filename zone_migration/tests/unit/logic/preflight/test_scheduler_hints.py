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

from zone_migration.logic.preflight import candidate_hosts
from zone_migration.logic.preflight import scheduler_hints
from zone_migration.tests.unit.logic.builders import aggregate
from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import server

ID = '11111111-2222-3333-4444-555555555555'


class ServerIdsTest(testtools.TestCase):
    def ids(self, **asked):
        return scheduler_hints.server_ids([server('s', hints=asked)])

    def test_servers_that_hints_name_are_told(self):
        for name in ('same_host', 'different_host'):
            self.assertEqual({ID}, self.ids(**{name: (ID,)}))

    def test_hints_of_other_things_name_no_servers(self):
        self.assertEqual(set(), self.ids(group=(ID,), query=(ID,)))

    def test_what_is_no_id_is_left_out(self):
        # It becomes a part of an URL.
        for text in ('', '../os-services', f'{ID}/action', f'{ID}\n'):
            self.assertEqual(set(), self.ids(same_host=(text,)))


class AtRiskTest(testtools.TestCase):
    def at_risk(self, *items, emptied=(), asked, **more):
        """What the hints of server s are at risk, other being on c2."""
        cloud = inventory(
            [server('s', 'c1', hints=asked), server('other', 'c2')], **more
        )
        hosts = candidate_hosts.CandidateHosts(cloud, emptied).of
        return scheduler_hints.at_risk(items, cloud, hosts).get('s', ())

    def test_host_of_a_server_to_be_kept_away_from_is_a_risk(self):
        asked = {'different_host': ('other',)}
        self.assertEqual(
            ('different_host',), self.at_risk(live('s', 'c2'), asked=asked)
        )
        self.assertEqual(
            ('different_host',), self.at_risk(cold('s', 'c2'), asked=asked)
        )
        self.assertEqual((), self.at_risk(live('s', 'c3'), asked=asked))

    def test_host_of_no_server_to_be_with_is_a_risk(self):
        asked = {'same_host': ('other',)}
        self.assertEqual(
            ('same_host',), self.at_risk(live('s', 'c3'), asked=asked)
        )
        self.assertEqual((), self.at_risk(live('s', 'c2'), asked=asked))

    def test_servers_that_are_gone_are_nowhere(self):
        self.assertEqual(
            (),
            self.at_risk(live('s', 'c2'), asked={'different_host': ('gone',)}),
        )
        self.assertEqual(
            ('same_host',),
            self.at_risk(live('s', 'c2'), asked={'same_host': ('gone',)}),
        )

    def test_hint_without_a_value_asks_for_nothing(self):
        asked = {'same_host': (), 'different_host': (), 'query': ()}
        self.assertEqual((), self.at_risk(live('s', 'c2'), asked=asked))

    def test_server_that_moves_may_be_at_either_end(self):
        both = live('s', 'c3'), live('other', 'c3')
        self.assertEqual(
            ('different_host',),
            self.at_risk(*both, asked={'different_host': ('other',)}),
        )
        self.assertEqual(
            ('same_host',),
            self.at_risk(*both, asked={'same_host': ('other',)}),
        )

    def test_scheduler_finds_a_host_that_meets_the_hints(self):
        for name in ('same_host', 'different_host'):
            asked = {name: ('other',)}
            self.assertEqual((), self.at_risk(live('s'), asked=asked))

    def test_scheduler_without_such_a_host_is_a_risk(self):
        asked = {'same_host': ('other',)}
        for more in (
            {'emptied': ('c2',)},
            {'hosts': [host('c1'), host('c2', enabled=False), host('c3')]},
            {'hosts': [host('c1'), host('c2', up=False), host('c3')]},
        ):
            self.assertEqual(
                ('same_host',), self.at_risk(live('s'), asked=asked, **more)
            )
        self.assertEqual(
            ('different_host',),
            self.at_risk(
                live('s'),
                asked={'different_host': ('other',)},
                hosts=[host('c1'), host('c2')],
            ),
        )

    def test_scheduler_is_bound_to_the_zone_of_the_server(self):
        cloud = inventory(
            [
                server(
                    's', pinned_zone='z', hints={'different_host': ('other',)}
                ),
                server('other', 'c2'),
            ],
            aggregates=[aggregate('z', 'c1', 'c2', availability_zone='z')],
        )
        hosts = candidate_hosts.CandidateHosts(cloud, ()).of
        self.assertEqual(
            {'s': ('different_host',)},
            scheduler_hints.at_risk([live('s')], cloud, hosts),
        )

    def test_own_host_is_no_choice_of_the_scheduler(self):
        self.assertEqual(
            ('same_host',),
            self.at_risk(live('s'), asked={'same_host': ('s',)}),
        )

    def test_hints_that_only_the_scheduler_understands_are_a_risk(self):
        for name in ('query', 'build_near_host_ip'):
            for item in (live('s'), live('s', 'c2')):
                self.assertEqual(
                    (name,), self.at_risk(item, asked={name: ('x',)})
                )

    def test_forced_migration_passes_the_filters_by(self):
        asked = {'different_host': ('other',), 'query': ('x',)}
        self.assertEqual(
            (), self.at_risk(live('s', 'c2', force=True), asked=asked)
        )

    def test_groups_and_unknown_hints_are_none_of_them(self):
        asked = {'group': ('g',), 'mine': ('x',)}
        self.assertEqual((), self.at_risk(live('s', 'c2'), asked=asked))
