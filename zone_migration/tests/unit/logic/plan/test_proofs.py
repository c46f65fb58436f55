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

from zone_migration.logic import cloud_inventory
from zone_migration.logic import resources
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.plan import planned_actions
from zone_migration.logic.plan import proofs
from zone_migration.logic.preflight import decisions
from zone_migration.logic.preflight import results
from zone_migration.tests.unit.logic import builders

A, B = 'h@a#a', 'h@b#b'


def found(servers=(), volumes=()):
    return cloud_inventory.Inventory(
        {one.id: one for one in servers}, {one.id: one for one in volumes}
    )


def report(*ids):
    """The results of these servers."""
    return results.Report(
        [
            results.Result(params.ServerItem(id_, 'active'), decisions.START)
            for id_ in ids
        ]
    )


def planned(selected, report_=None, **things):
    actions = proofs.planned(selected, report_ or report(), found(**things))
    return {action.resource_id: action.parameters for action in actions}


class UnconfirmedTest(testtools.TestCase):
    """A server that keeps room on the host that it has left."""

    def setUp(self):
        super().setUp()
        self.found = cloud_inventory.Inventory(
            {'s': resources.Server('s', 's', 'VERIFY_RESIZE', 'c2')},
            {},
            unconfirmed={
                's': resources.Migration(
                    1, 's', 'resize', 'finished', 'c1', 'c2'
                )
            },
        )

    def left(self, decision, source, *hosts):
        """The ids that each host is left with, by the host."""
        item = params.ServerItem('s', 'active', src_hostname=source)
        actions = proofs.planned(
            selection.Selection(hosts=frozenset(hosts)),
            results.Report([results.Result(item, decision)]),
            self.found,
        )
        return {a.resource_id: a.parameters.get('left') for a in actions}

    def test_it_counts_on_both(self):
        selected = selection.Selection(hosts=frozenset(['c1', 'c2']))
        self.assertEqual(
            2, proofs.indicators(selected, self.found)['remaining_servers']
        )

    def test_it_is_known_where_it_stays_without_an_action(self):
        stays = decisions.refuse('why')
        self.assertEqual(
            {'c1': 's', 'c2': None}, self.left(stays, 'c2', 'c1', 'c2')
        )
        self.assertEqual({'c1': None}, self.left(stays, 'c1', 'c1'))

    def test_what_leaves_both_stays_on_none(self):
        self.assertEqual(
            {'c1': None, 'c2': None},
            self.left(decisions.START, 'c2', 'c1', 'c2'),
        )


class WantedTest(testtools.TestCase):
    MOVES = planned_actions.PlannedAction('live_migration', 's', {})
    CANNOT = planned_actions.PlannedAction('live_migration', 't', {}, 'why')

    def test_plan_that_moves_something_looks(self):
        self.assertTrue(
            proofs.are_wanted('default', [self.CANNOT, self.MOVES])
        )

    def test_plan_that_moves_nothing_does_not(self):
        self.assertFalse(proofs.are_wanted('default', [self.CANNOT]))
        self.assertFalse(proofs.are_wanted('default', []))

    def test_plan_of_another_planner_does_not(self):
        self.assertFalse(proofs.are_wanted('weight', [self.MOVES]))


class PlannedTest(testtools.TestCase):
    def test_each_host_that_is_emptied_is_looked_at(self):
        selected = selection.Selection(hosts=frozenset({'c1', 'c2'}))
        self.assertEqual(
            {
                'c1': {'resource_name': 'c1', 'place': 'host'},
                'c2': {'resource_name': 'c2', 'place': 'host'},
            },
            planned(selected),
        )

    def test_what_has_no_action_there_is_named(self):
        selected = selection.Selection(hosts=frozenset({'c1'}))
        servers = [builders.server(id_) for id_ in '123']
        servers.append(builders.server('4', host='c2'))
        self.assertEqual(
            '2 3',
            planned(selected, report('1'), servers=servers)['c1']['left'],
        )

    def test_too_many_are_counted_only(self):
        selected = selection.Selection(hosts=frozenset({'c1'}))
        servers = [
            builders.server(str(n)) for n in range(proofs.MOST_LEFT + 1)
        ]
        given = planned(selected, servers=servers)['c1']
        self.assertEqual(proofs.MOST_LEFT + 1, given['left_unnamed'])
        self.assertNotIn('left', given)

    def test_pool_that_one_type_leaves_is_looked_at_for_that(self):
        selected = selection.Selection(
            pools=frozenset({A}), leaving=frozenset({(A, 'gold')})
        )
        volumes = [
            builders.volume('1', type='gold'),
            builders.volume('2', type='silver'),
        ]
        self.assertEqual(
            {
                A: {
                    'resource_name': A,
                    'place': 'pool',
                    'src_type': 'gold',
                    'left': '1',
                }
            },
            planned(selected, volumes=volumes),
        )

    def test_pool_that_all_leave_is_looked_at_once(self):
        selected = selection.Selection(
            pools=frozenset({A}), leaving=frozenset({(A, 'gold'), (A, '')})
        )
        actions = proofs.planned(selected, results.Report(), found())
        self.assertEqual([A], [action.resource_id for action in actions])
        self.assertNotIn('src_type', actions[0].parameters)


class IndicatorsTest(testtools.TestCase):
    def test_what_is_there_now_is_counted(self):
        selected = selection.Selection(
            hosts=frozenset({'c1', 'c2'}), leaving=frozenset({(B, '')})
        )
        self.assertEqual(
            {
                'hosts_to_empty': 2,
                'hosts_empty': 1,
                'remaining_servers': 1,
                'pools_to_empty': 1,
                'pools_empty': 0,
                'remaining_volumes': 2,
            },
            proofs.indicators(
                selected,
                found(
                    [builders.server('1')],
                    [builders.volume(id_, host=B) for id_ in '12'],
                ),
            ),
        )

    def test_copies_are_not_counted(self):
        selected = selection.Selection(leaving=frozenset({(A, '')}))
        volumes = [builders.volume('1', migration_status='target:7')]
        self.assertEqual(
            0,
            proofs.indicators(selected, found(volumes=volumes))[
                'remaining_volumes'
            ],
        )


class HeldTest(testtools.TestCase):
    def test_what_cannot_move_is_told_by_place(self):
        refused = decisions.refuse
        items = {
            's': (params.ServerItem('s', 'active'), refused('is in ERROR')),
            't': (params.ServerItem('t', 'active'), decisions.START),
            'v': (
                params.VolumeItem('v', 'available'),
                refused('the volume has snapshots (1): delete them'),
            ),
        }
        told = results.Report(
            [results.Result(*result) for result in items.values()]
        )
        self.assertEqual(
            {
                ('host', 'c1'): [('server', 'in ERROR')],
                ('host', 'c2'): [],
                ('pool', A): [('volume', 'with snapshots')],
            },
            proofs.held(
                selection.Selection(
                    hosts=frozenset({'c1', 'c2'}),
                    leaving=frozenset({(A, '')}),
                ),
                told,
                found(
                    [
                        builders.server('s', status='ERROR'),
                        builders.server('t'),
                    ],
                    # One that the audit excludes is told by its number.
                    [builders.volume('v', A), builders.volume('w', A)],
                ),
            ),
        )
