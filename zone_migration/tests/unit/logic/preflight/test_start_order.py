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

from zone_migration.logic.audit import params
from zone_migration.tests.unit.logic.builders import attached
from zone_migration.tests.unit.logic.builders import available
from zone_migration.tests.unit.logic.builders import ids
from zone_migration.tests.unit.logic.builders import in_use
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import server
from zone_migration.tests.unit.logic.builders import volume


class OrderTest(testtools.TestCase):
    def test_order_is_that_of_the_request_with_equal_ranks(self):
        found = report(
            [live('t'), live('s'), available('v', 'h@b#b')],
            inventory([server('s'), server('t')], [volume('v')]),
        )
        self.assertEqual(['t', 's', 'v'], ids(found))
        self.assertEqual({0}, {result.rank for result in found.results})

    def test_what_cannot_move_keeps_its_place(self):
        found = report(
            [live('s'), live('gone'), live('t')],
            inventory([server('s'), server('t')]),
        )
        self.assertEqual(['s', 'gone', 't'], ids(found))

    def test_server_comes_behind_its_volumes(self):
        cloud = inventory(
            [server('s'), server('t')],
            [volume('u'), attached('v', 's'), volume('w')],
        )
        items = [
            live('s'),
            live('t'),
            *(available(id_, 'h@b#b') for id_ in 'uw'),
        ]
        items.insert(3, in_use('v', 'h@b#b'))
        self.assertEqual(['t', 'u', 'v', 's', 'w'], ids(report(items, cloud)))

    def test_priority_gives_order_and_ranks(self):
        found = report(
            [live('small'), live('large'), available('v', 'h@b#b')],
            inventory(
                [server('small'), server('large', memory_mb=9999)],
                [volume('v')],
            ),
            priority=params.Priority(compute=('mem_size',)),
        )
        self.assertEqual(
            [('large', 0), ('v', 0), ('small', 1)],
            [(result.item.id, result.rank) for result in found.results],
        )

    def test_with_attached_volume_a_server_follows_its_volumes(self):
        cloud = inventory(
            [server('s'), server('t')],
            [
                attached('v', 's', size_gb=9),
                attached('w', 's', size_gb=8),
                volume('x', size_gb=7),
            ],
        )
        found = report(
            [
                live('t'),
                live('s'),
                in_use('v', 'h@b#b'),
                in_use('w', 'h@b#b'),
                available('x', 'h@b#b'),
            ],
            cloud,
            with_attached_volume=True,
            priority=params.Priority(storage=('size',)),
        )
        self.assertEqual(['t', 'v', 'w', 's', 'x'], ids(found))
        rank = {result.item.id: result.rank for result in found.results}
        self.assertLess(rank['v'], rank['w'])
        # When w has ended, it is before all that waits, even equals of w.
        self.assertLess(rank['v'], rank['s'])
        self.assertLess(rank['s'], rank['w'])
        self.assertLess(rank['s'], rank['x'])

    def test_with_attached_volume_draws_a_server_of_a_higher_rank(self):
        cloud = inventory(
            [
                server('small', memory_mb=1),
                server('t', memory_mb=3),
                server('u', memory_mb=2),
            ],
            [attached('v', 'small')],
        )
        items = [live(n) for n in ('small', 't', 'u')] + [in_use('v')]
        by_memory = params.Priority(compute=('mem_size',))
        for together, order in (
            (False, ['t', 'v', 'u', 'small']),
            (True, ['t', 'v', 'small', 'u']),
        ):
            found = report(
                items,
                cloud,
                with_attached_volume=together,
                priority=by_memory,
            )
            self.assertEqual(order, ids(found))

    def test_with_attached_volume_alone_all_others_are_equal(self):
        found = report(
            [live('s'), live('t'), in_use('v', 'h@b#b')],
            inventory([server('s'), server('t')], [attached('v', 's')]),
            with_attached_volume=True,
        )
        self.assertEqual(
            [('t', 1), ('v', 1), ('s', 0)],
            [(result.item.id, result.rank) for result in found.results],
        )

    def test_volume_that_stays_does_not_draw_its_server(self):
        found = report(
            [live('s'), in_use('v', 'h@a#a')],
            inventory([server('s')], [attached('v', 's')]),
            with_attached_volume=True,
        )
        self.assertEqual(['s', 'v'], ids(found))
        self.assertEqual({0}, {result.rank for result in found.results})
