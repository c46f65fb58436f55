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

from zone_migration.osc import plan_sums
from zone_migration.tests.unit.osc import fakes

AT = '2026-11-28T03:14:05+00:00'
HOST = 'change_nova_service_state'


def ended(name, state='SUCCEEDED', message='', **values):
    return fakes.action(
        name, state=state, message=message, updated_at=AT, **values
    )


def host(name, state='SUCCEEDED', becomes='disabled'):
    return ended(name, state, type=HOST, parameters={'state': becomes})


class SumsTest(testtools.TestCase):
    def test_servers_and_volumes_are_counted_by_their_ends(self):
        self.assertEqual(
            [
                '1 moved',
                '1 already there',
                '1 failed',
                '1 cannot move',
                '1 left out',
                '1 skipped',
                '1 cancelled',
                '2 not started',
            ],
            plan_sums.of_moves(
                [
                    ended('a'),
                    ended('b', 'SKIPPED', 'the server is already on c2'),
                    ended('c', 'FAILED', 'no route'),
                    ended('d', 'SKIPPED', 'Action skipped by user.'),
                    ended('e', 'SKIPPED', 'depends on action 123'),
                    ended('f', 'CANCELLED', 'back on c1 (after 3.0 s)'),
                    ended('g', 'CANCELLED', 'not started: why'),
                    fakes.action('h'),
                    fakes.action('i', state='SKIPPED', message='locked'),
                    host('c1'),
                ]
            ),
        )

    def test_what_moves_nothing_is_done(self):
        self.assertEqual(
            ['1 moved', '2 done'],
            plan_sums.of_moves(
                [
                    ended('a'),
                    ended('b', type='nop'),
                    ended('c', type='sleep'),
                ]
            ),
        )

    def test_servers_that_were_down_are_counted(self):
        down = 'migrated from c1 to c2 (down for 12 s) in 20.3 s'
        self.assertEqual(
            ['2 moved', '1 with downtime'],
            plan_sums.of_moves([ended('a', message=down), ended('b')]),
        )

    def test_what_was_tried_again_is_counted(self):
        down = '(down for 12 s) (attempt 2; attempt 1: full) in 20.3 s'
        failed = 'Action failed in execute: attempt 1: a; attempt 2: b'
        waits = 'not tried again: cancelled (attempt 1: a)'
        self.assertEqual(
            ['2 moved', '1 failed', '1 with downtime', '2 tried again'],
            plan_sums.of_moves(
                [
                    ended('a', message=f'migrated from c1 to c2 {down}'),
                    ended('b'),
                    ended('c', 'FAILED', message=failed),
                ]
            ),
        )
        self.assertEqual(
            ['1 cancelled'],
            plan_sums.of_moves([ended('d', 'CANCELLED', message=waits)]),
        )

    def test_what_has_told_no_end_runs_as_far_as_is_known(self):
        self.assertEqual(
            ['2 running'],
            plan_sums.of_moves(
                [ended('a', 'ONGOING'), ended('b', 'CANCELLING')]
            ),
        )

    def test_cancelling_an_unbegun_plan_makes_no_ends_of_its_own(self):
        self.assertEqual(
            ['1 already there', '1 cannot move', '1 left out'],
            plan_sums.of_moves(
                [
                    ended('a', 'CANCELLED', 'the server is already on c2'),
                    ended('b', 'CANCELLED', 'the server is locked'),
                    ended('c', 'CANCELLED', 'Action skipped by user.'),
                ]
            ),
        )

    def test_hosts_are_counted_by_their_ends(self):
        self.assertEqual(
            [
                '2 hosts disabled',
                '1 host enabled',
                '1 host stays as it is',
                '3 hosts not changed',
            ],
            plan_sums.of_hosts(
                [
                    host('c1'),
                    host('c2'),
                    host('c3', becomes='enabled'),
                    host('c4', 'SKIPPED'),
                    host('c5', 'FAILED'),
                    host('c6', 'CANCELLED'),
                    host('c7', 'PENDING'),
                    ended('a'),
                ]
            ),
        )

    def test_several_hosts_that_stay_as_they_are(self):
        self.assertEqual(
            ['2 hosts stay as they are'],
            plan_sums.of_hosts([host('c1', 'SKIPPED'), host('c2', 'SKIPPED')]),
        )
