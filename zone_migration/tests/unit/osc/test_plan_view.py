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

from zone_migration.osc import plan_view
from zone_migration.tests.unit.osc import fakes

NAME = 'compute1 2026-11-28 03:14:05'


def skipped(name, message, **values):
    return fakes.action(name, state='SKIPPED', message=message, **values)


class RowsTest(testtools.TestCase):
    def becomes(self, *actions):
        return [(i.becomes, i.name) for i in plan_view.rows(actions)]

    def test_each_type_of_action_has_its_words(self):
        for type_, expected in (
            ('live_migration', ('server', 'migrates live')),
            ('cold_migration', ('server', 'migrates cold')),
            ('shelve_offload', ('server', 'is offloaded')),
            ('confirm_resize', ('server', 'resize is confirmed')),
            ('volume_migration', ('volume', 'volume migrates')),
            ('volume_retype', ('volume', 'volume is retyped')),
            ('volume_update', ('volume', 'volume moves in use')),
        ):
            (item,) = plan_view.rows([fakes.action(type=type_)])
            self.assertEqual(expected, (item.type, item.becomes))
            self.assertTrue(item.moves, type_)

    def test_places_that_are_looked_at_are_no_items(self):
        look = fakes.action('c1', 'verify_empty')
        self.assertEqual([], plan_view.rows([look]))

    def test_running_server_that_migrates_cold_is_told_apart(self):
        down = fakes.action(type='cold_migration', downtime='a vTPM')
        (item,) = plan_view.rows([down])
        self.assertEqual('migrates cold, with downtime', item.becomes)
        self.assertTrue(item.moves)

    def test_server_that_is_confirmed_first_is_told_apart(self):
        for type_, becomes, more in (
            ('live_migration', 'is confirmed, migrates live', {}),
            ('cold_migration', 'is confirmed, migrates cold', {}),
            (
                'cold_migration',
                'is confirmed, migrates cold, with downtime',
                {'downtime': 'a vTPM'},
            ),
        ):
            action = fakes.action(type=type_, confirm_resize=True, **more)
            (item,) = plan_view.rows([action])
            self.assertEqual(becomes, item.becomes)
            self.assertTrue(item.moves and item.has_destination)

    def test_what_is_not_moved_goes_nowhere(self):
        for type_ in ('shelve_offload', 'confirm_resize'):
            (item,) = plan_view.rows([fakes.action(type=type_)])
            self.assertTrue(item.moves)
            self.assertFalse(item.has_destination)

    def test_no_cell_can_clear_the_screen(self):
        for key in ('source', 'dst_hostname', 'dst_type', 'project_id'):
            (item,) = plan_view.rows([fakes.action(**{key: 'a\x1b[2Jb'})])
            cells = ' '.join(map(str, vars(item).values()))
            self.assertNotIn('\x1b', cells, key)
            self.assertIn(r'a\x1b[2Jb', cells, key)

    def test_no_id_or_type_can_clear_the_screen(self):
        (item,) = plan_view.rows(
            [fakes.action(type='a\x1b', resource_id='b\x1b')]
        )
        self.assertEqual((r'a\x1b', r'b\x1b'), (item.becomes, item.id))

    def test_hosts_are_told(self):
        change = 'change_nova_service_state'
        self.assertEqual(
            [
                ('stays as it is', 'c3'),
                ('host is disabled', 'c1'),
                ('host is enabled', 'c2'),
            ],
            self.becomes(
                fakes.action(
                    'c2',
                    change,
                    parameters={'resource_name': 'c2', 'state': 'enabled'},
                ),
                fakes.action(
                    'c1',
                    change,
                    parameters={'resource_name': 'c1', 'state': 'disabled'},
                ),
                skipped('c3', 'c3 is enabled', type=change),
            ),
        )

    def test_what_cannot_move_comes_first_and_what_moves_by_type_and_name(
        self,
    ):
        self.assertEqual(
            [
                ('cannot move', 'e'),
                ('left out', 'f'),
                ('already there', 'd'),
                ('migrates live', 'b'),
                ('migrates live', 'c'),
                ('migrates cold', 'a'),
            ],
            self.becomes(
                fakes.action('a', 'cold_migration'),
                fakes.action('c'),
                fakes.action('b'),
                skipped('d', 'the server is already on c2'),
                skipped('e', 'the server is locked: unlock it'),
                skipped('f', 'Action skipped by user. Reason: not now'),
            ),
        )

    def test_a_row_has_what_the_action_tells(self):
        (item,) = plan_view.rows(
            [fakes.action(dst_hostname='c2', memory_mb=512, project_id='p1')]
        )
        self.assertEqual(
            ('web-1', 'compute1', 'c2', 512, '', 'p1'),
            (
                item.name,
                item.source,
                item.destination,
                item.size_mb,
                item.reason,
                item.project_id,
            ),
        )

    def test_a_row_lacks_what_the_action_does_not_tell(self):
        (item,) = plan_view.rows(
            [fakes.action(parameters={'resource_id': 'an id'})]
        )
        self.assertEqual(
            ('an id', '', '', None, ''),
            (
                item.name,
                item.source,
                item.destination,
                item.size_mb,
                item.project_id,
            ),
        )

    def test_a_volume_type_is_a_destination(self):
        (item,) = plan_view.rows(
            [fakes.action(type='volume_retype', dst_type='fast', size_gb=2)]
        )
        self.assertEqual(('type fast', 2048), (item.destination, item.size_mb))

    def test_the_reason_of_an_operator_is_told_as_it_was_given(self):
        (item,) = plan_view.rows(
            [skipped('f', 'Action skipped by user. Reason: not now')]
        )
        self.assertEqual('not now', item.reason)

    def test_names_stay_in_their_line(self):
        (item,) = plan_view.rows([fakes.action('a\x1b[2Jb\n')])
        self.assertEqual('a\\x1b[2Jb\\n', item.name)


class ReasonsTest(testtools.TestCase):
    def test_items_of_one_reason_share_a_line(self):
        actions = [
            skipped(f'web-{number}', 'the server is locked: unlock it')
            for number in range(7)
        ] + [skipped('gone', 'server 1 not found: deleted?')]
        self.assertEqual(
            [
                'gone: cannot move: server 1 not found: deleted?',
                'web-0, web-1, web-2, web-3, web-4 and 2 more: cannot move: '
                'the server is locked: unlock it',
            ],
            plan_view.reasons(plan_view.rows(actions)),
        )

    def test_a_remedy_that_is_known_stands_below_its_reason(self):
        self.assertEqual(
            [
                'a, b: cannot move: destination c2 is down: bring it up first',
                '  Remedy: start nova-compute on c2, then "openstack optimize '
                "zone retry 'rack 7'\".",
            ],
            plan_view.reasons(
                plan_view.rows(
                    skipped(name, 'destination c2 is down: bring it up first')
                    for name in ('a', 'b')
                ),
                'rack 7',
            ),
        )

    def test_what_moves_or_is_there_has_none(self):
        actions = [
            fakes.action(),
            skipped('there', 'the server is already on c2'),
        ]
        self.assertEqual([], plan_view.reasons(plan_view.rows(actions)))

    def test_not_all_can_move_where_one_cannot(self):
        self.assertTrue(
            plan_view.can_all_move(
                plan_view.rows([skipped('a', 'the server is already on c2')])
            )
        )
        self.assertFalse(
            plan_view.can_all_move(plan_view.rows([skipped('a', 'locked')]))
        )


class SumsTest(testtools.TestCase):
    def sums(self, *actions, **values):
        return plan_view.sums(fakes.plan(**values), actions, NAME)

    def test_kinds_are_counted(self):
        self.assertEqual(
            [
                f"Plan '{NAME}': 4 to move (1 live, 1 cold, 2 volumes), "
                '1 already there, 1 cannot move.'
            ],
            self.sums(
                fakes.action('a'),
                fakes.action('b', 'cold_migration'),
                fakes.action('c', 'volume_migration'),
                fakes.action('d', 'volume_migration'),
                skipped('e', 'the server is already on c2'),
                skipped('f', 'the server is locked'),
            ),
        )

    def test_servers_with_downtime_are_counted_and_not_copied(self):
        self.assertEqual(
            [
                f"Plan '{NAME}': 2 to move (1 live, 1 with downtime).",
                '512 MiB of memory, at best in under 1 min.',
                'Risk: 1 server will be down.',
            ],
            self.sums(
                fakes.action('a', memory_mb=512),
                fakes.action(
                    'b', 'cold_migration', memory_mb=512, downtime='a vTPM'
                ),
                message='2 to move (1 live, 1 with downtime); 1 server will '
                'be down',
                indicators={'estimated_makespan': 1.0},
            ),
        )

    def test_downtime_is_told_of_what_is_confirmed_first(self):
        (told, *_) = self.sums(
            fakes.action(
                'a', 'cold_migration', downtime='a vTPM', confirm_resize=True
            ),
            message='1 to move (1 with downtime, 1 confirmed)',
            indicators={'estimated_makespan': 1.0},
        )
        self.assertIn('(1 with downtime once confirmed)', told)

    def test_the_name_stays_in_its_line(self):
        (line, *_) = plan_view.sums(fakes.plan(), [], 'a\x1b[2J\nb')
        self.assertIn(r"Plan 'a\x1b[2J\nb'", line)

    def test_an_empty_plan_has_nothing_to_move(self):
        self.assertEqual(
            [f"Plan '{NAME}': nothing to move."],
            self.sums(
                message='0 to move', indicators={'estimated_makespan': 0.0}
            ),
        )

    def test_a_plan_about_hosts_counts_them(self):
        self.assertEqual(
            [f"Plan '{NAME}': 1 host to enable."],
            self.sums(
                fakes.action(
                    'c1',
                    'change_nova_service_state',
                    parameters={'resource_name': 'c1', 'state': 'enabled'},
                ),
                message='1 host to enable',
            ),
        )

    def test_what_the_audit_leaves_out_is_counted(self):
        self.assertEqual(
            [
                f"Plan '{NAME}': 1 to move (1 live), 40 more left out by "
                'max_items, 2 excluded.'
            ],
            self.sums(
                fakes.action(),
                indicators={'left_out': 40.0},
                message='1 to move, 40 more left out by max_items, 2 excluded',
            ),
        )

    def test_the_least_duration_is_told_with_what_moves(self):
        self.assertEqual(
            '1.5 GiB of memory and 20 GiB of volumes, at best in about '
            '1 h 30 min.',
            self.sums(
                fakes.action(memory_mb=1536),
                fakes.action('v', 'volume_update', size_gb=20),
                # The memory of a stopped server is not copied.
                fakes.action('off', 'cold_migration', memory_mb=512),
                skipped('w', 'the server is locked', memory_mb=1536),
                indicators={'estimated_makespan': 90.0},
            )[1],
        )

    def test_the_least_duration_is_told_where_no_size_is_known(self):
        self.assertEqual(
            'At best it takes under 1 min.',
            self.sums(fakes.action(), indicators={'estimated_makespan': 1.0})[
                1
            ],
        )

    def test_each_risk_has_a_line(self):
        self.assertEqual(
            [
                'Risk: one thing.',
                '2 more, told in the log of the decision engine.',
            ],
            self.sums(fakes.action(), message='1 to move; one thing; 2 more')[
                1:
            ],
        )

    def test_the_message_of_a_plan_that_ran_has_no_risks(self):
        self.assertEqual(
            1,
            len(
                self.sums(
                    fakes.action(),
                    message='39 succeeded in 10 min; web-1: no valid host',
                )
            ),
        )
