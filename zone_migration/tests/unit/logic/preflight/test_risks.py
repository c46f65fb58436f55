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
from zone_migration.logic.audit import params
from zone_migration.logic.audit import selection
from zone_migration.logic.preflight import evaluation
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import host
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import pool
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import server
from zone_migration.tests.unit.logic.builders import volume


class RiskTest(testtools.TestCase):
    def risks(self, items, cloud, **more):
        return report(items, cloud, **more).risks

    def test_scheduler_may_choose_a_host_that_is_being_emptied(self):
        self.assertEqual(
            (
                'Nova may choose a host that is being emptied for 2 servers: '
                'set disable_compute_nodes, or name destinations',
            ),
            self.risks(
                [live('s'), live('t'), live('u', 'c3')],
                inventory([server(id_) for id_ in 'stu']),
                emptied=('c1',),
            ),
        )

    def test_not_when_they_are_disabled_or_named_or_none_is_emptied(self):
        cloud = inventory([server('s')])
        for item, more in (
            (live('s'), {}),
            (live('s', 'c2'), {'emptied': ('c1',)}),
            (live('s', 'c2', 'c3'), {'emptied': ('c1',)}),
            (
                live('s'),
                {'emptied': ('c1',), 'disable_compute_nodes': True},
            ),
        ):
            self.assertEqual((), self.risks([item], cloud, **more))

    def test_not_when_somebody_has_disabled_them_before(self):
        cloud = inventory(
            [server('s')], hosts=[host('c1', enabled=False), host('c2')]
        )
        self.assertEqual((), self.risks([live('s')], cloud, emptied=('c1',)))

    def test_what_arrives_where_others_leave_stays_there(self):
        self.assertEqual(
            (
                '2 servers will go to hosts that are being emptied, and stay '
                'there: name other destinations',
                '1 volume will go to pools that are being emptied, and stay '
                'there: name other destinations',
            ),
            self.risks(
                [
                    live('s', 'c2'),
                    live('t', 'c1'),
                    live('u', 'c3'),
                    available('v', 'h@b#b'),
                ],
                inventory(
                    [server('s'), server('t', 'c2'), server('u', 'c2')],
                    [volume('v')],
                ),
                emptied=('c1', 'c2'),
                emptied_pools=('h@a#a', 'h@b#b'),
            ),
        )

    def test_what_is_not_shown_may_be_there(self):
        cloud = inventory(
            [
                server('s'),
                *(server(i, None, 'UNKNOWN') for i in 'tu'),
                server('x', None, None),
            ],
            [volume('v'), volume('w', None, 'unknown'), volume('x', None)],
        )
        self.assertEqual(
            (
                'Nova does not tell where 2 servers may be, t and 1 more: '
                'repeat the audit when it does',
                'Cinder does not tell where 1 volume may be, w: repeat the '
                'audit when it does',
            ),
            self.risks(
                [live('s', 'c3'), available('v', 'h@b#b')],
                cloud,
                emptied=('c1',),
                emptied_pools=('h@a#a',),
            ),
        )
        self.assertEqual((), self.risks([live('s', 'c3')], cloud))

    def test_volume_that_arrives_where_only_another_type_leaves(self):
        cloud = inventory(
            (), [volume('v'), volume('w', 'h@b#b', type='silver')]
        )
        for leaving, count in (('silver', 0), ('gold', 1), ('', 1)):
            selected = selection.Selection(
                volumes=(available('v', 'h@b#b'),),
                pools=frozenset({'h@a#a', 'h@b#b'}),
                leaving=frozenset({('h@a#a', ''), ('h@b#b', leaving)}),
            )
            found = evaluation.evaluate(params.Request(), selected, cloud)
            self.assertEqual(count, len(found.risks), leaving)

    def test_retype_of_a_volume_with_snapshots_may_be_dropped(self):
        cloud = inventory(
            (),
            [volume('v')],
            pools=[pool('h@a#a', types=('gold', 'silver'))],
            snapshots={'v': 1},
        )
        (risk,) = self.risks([available('v', dst_type='silver')], cloud)
        self.assertIn('may drop the retype of 1 volume with snapshots', risk)

    RETYPED = inventory(
        (),
        [volume('v'), volume('w'), volume('x', 'h@b#b', type='silver')],
        pools=[
            pool('h@a#a'),
            pool('h@b#b', types=('silver',)),
            pool('h@c#c', types=('silver',)),
        ],
    )

    def test_retype_may_go_to_a_pool_that_is_being_emptied(self):
        self.assertEqual(
            (
                'Cinder may choose a pool that is being emptied for 2 '
                'volumes with a new type: change their type with a later '
                'audit',
            ),
            self.risks(
                [
                    available('v', dst_type='silver'),
                    available('w', dst_type='silver'),
                    available('x', 'h@c#c'),
                ],
                self.RETYPED,
                emptied_pools=('h@b#b',),
            ),
        )

    def test_not_where_cinder_cannot_choose_it(self):
        own = [
            pool('h@a#a', types=('gold', 'silver')),
            pool('h@b#b', types=('silver',)),
        ]
        elsewhere = [
            pool('h@a#a'),
            pool('h@b#b', types=('silver',), zone='z2'),
            pool('h@c#c', types=('silver',), zone='z1'),
        ]
        for pools, emptied in (
            (own, 'h@b#b'),
            (elsewhere, 'h@b#b'),
            (elsewhere, 'h@d#d'),
        ):
            self.assertEqual(
                (),
                self.risks(
                    [available('v', dst_type='silver')],
                    inventory((), [volume('v', zone='z1')], pools=pools),
                    emptied_pools=(emptied,),
                ),
            )

    def test_retype_may_leave_a_volume_in_the_pool_to_be_emptied(self):
        both = [pool('h@a#a', types=('gold', 'silver'))]
        other = [pool('h@b#b', types=('silver',))]
        item = available('v', dst_type='silver', selector='storage_pools.0')
        for place in ('h@a#a', 'h@a'):
            cloud = inventory((), [volume('v', place)], pools=both)
            (risk,) = self.risks([item], cloud)
            self.assertIn('1 volume may stay in the pool', risk)
        self.assertEqual(
            (), self.risks([item], inventory((), [volume('v')], pools=other))
        )

    def test_hints_that_destinations_go_against_are_told(self):
        asked = {'different_host': ('t',), 'query': ('[]',)}
        cloud = inventory(
            [
                server('s', hints=asked),
                server('u', hints={'same_host': ('gone',)}),
                server('t', 'c2'),
            ]
        )
        (risk,) = self.risks([live('s', 'c2'), live('u', 'c3')], cloud)
        self.assertEqual(
            'Nova may refuse 2 servers for their scheduler hints '
            '(different_host, query, same_host), if its filters for them are '
            'enabled: name other destinations',
            risk,
        )

    def test_what_only_some_hosts_offer_is_told(self):
        cloud = inventory(
            [
                server(
                    's',
                    status='SHUTOFF',
                    image_properties={'hw_mem_encryption': 'True'},
                ),
                server('t', extra_specs={'hw:tpm_version': '2.0'}),
                server('u'),
            ]
        )
        items = [cold('s', 'c2'), live('t', 'c2'), live('u', 'c2')]
        self.assertEqual(
            (
                'Nova moves 2 servers only to hosts that offer the same '
                '(a vTPM, encrypted memory), which is not checked: name such '
                'hosts',
            ),
            self.risks(items, cloud),
        )

    def test_hints_of_servers_that_stay_are_no_risk(self):
        asked = {'different_host': ('t',)}
        cloud = inventory(
            [server('s', hints=asked, locked=True), server('t', 'c2')]
        )
        self.assertEqual((), self.risks([live('s', 'c2')], cloud))

    def test_hosts_that_are_emptied_are_no_choice_for_hints(self):
        cloud = inventory(
            [server('s', hints={'same_host': ('t',)}), server('t', 'c2')]
        )
        for emptied, count in ((('c1',), 0), (('c1', 'c2'), 1)):
            self.assertEqual(
                count,
                len(
                    self.risks(
                        [live('s')],
                        cloud,
                        emptied=emptied,
                        disable_compute_nodes=True,
                    )
                ),
            )

    def test_adopted_migration_to_a_host_that_is_emptied(self):
        cloud = inventory(
            [server('s', status='MIGRATING', task_state='migrating')],
            migrations={
                's': (
                    resources.Migration(
                        7, 's', 'live-migration', 'running', 'c1', 'c2'
                    ),
                )
            },
        )
        self.assertEqual(
            (
                '1 server will go to hosts that are being emptied, and stay '
                'there: name other destinations',
            ),
            self.risks([live('s')], cloud, emptied=('c1', 'c2')),
        )
        self.assertEqual((), self.risks([live('s')], cloud, emptied=('c1',)))

    def test_id_that_may_be_down_and_that_nothing_has(self):
        found = evaluation.evaluate(
            params.Request(),
            selection.Selection(gone_downtime=('id-1',)),
            inventory(),
        )
        self.assertEqual(
            (
                'allow_downtime: nothing has the id id-1: it is deleted, or '
                'misspelt',
            ),
            found.risks,
        )

    def test_excluded_id_that_nothing_has(self):
        for gone, text in (
            (
                ('id-1',),
                'exclude: nothing has the id id-1: it is deleted, or misspelt',
            ),
            (
                ('id-1', 'id-2', 'id-3'),
                'exclude: nothing has the id id-1 (nor 2 more): it is '
                'deleted, or misspelt',
            ),
        ):
            found = evaluation.evaluate(
                params.Request(), selection.Selection(gone=gone), inventory()
            )
            self.assertEqual((text,), found.risks)
