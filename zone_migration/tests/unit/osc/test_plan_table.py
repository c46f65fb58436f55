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

import argparse

import testtools

from zone_migration.osc import cells
from zone_migration.osc import plan_table
from zone_migration.osc import plan_view
from zone_migration.tests.unit.osc import fakes

NAME = 'compute1 2026-11-28 03:14:05'


def arguments(formatter='table', long=False, columns=()):
    return argparse.Namespace(
        formatter=formatter, long=long, columns=list(columns)
    )


class ColumnsTest(testtools.TestCase):
    def test_a_table_for_people_is_narrow(self):
        self.assertEqual(
            ('Becomes', 'Name', 'From', 'To', 'Size'),
            plan_table.names(arguments()),
        )

    def test_programs_get_the_reasons_too(self):
        self.assertEqual(
            ('Becomes', 'Type', 'Name', 'From', 'To', 'Size', 'Reason'),
            plan_table.names(arguments('json')),
        )

    def test_all_columns_are_there_where_some_are_asked_for(self):
        expected = (
            *('Becomes', 'Type', 'Name', 'From', 'To', 'Size', 'Reason'),
            *('ID', 'Action', 'Project'),
        )
        for given in (
            arguments(long=True),
            arguments('json', long=True),
            arguments(columns=['ID']),
        ):
            self.assertEqual(expected, plan_table.names(given))


class DataTest(testtools.TestCase):
    def cell(self, name, action):
        ((cell,),) = plan_table.data(plan_view.rows([action]), [name])
        return cell

    def assert_cell(self, human, machine, name, action):
        cell = self.cell(name, action)
        self.assertEqual(
            (human, machine), (cell.human_readable(), cell.machine_readable())
        )

    def test_a_destination_that_is_named_is_shown(self):
        self.assert_cell('c2', 'c2', 'To', fakes.action(dst_hostname='c2'))

    def test_people_are_told_who_chooses_a_destination(self):
        self.assert_cell('Nova chooses', '', 'To', fakes.action())
        self.assert_cell(
            'another pool', '', 'To', fakes.action(type='volume_update')
        )

    def test_what_does_not_move_has_no_destination(self):
        self.assert_cell('', '', 'To', fakes.action(state='SKIPPED'))

    def test_a_size_is_a_number_for_programs(self):
        self.assert_cell('1.5 GiB', 1536, 'Size', fakes.action(memory_mb=1536))
        self.assert_cell('', None, 'Size', fakes.action())

    def test_a_size_that_is_not_known_is_no_word(self):
        for formatter, expected in (
            ('json', None),
            ('csv', ''),
            ('value', ''),
        ):
            ((cell,),) = plan_table.data(
                plan_view.rows([fakes.action()]),
                ['Size'],
                cells.unknown(arguments(formatter)),
            )
            self.assertEqual(expected, cell.machine_readable(), formatter)

    def test_sizes_are_sorted_as_numbers(self):
        sizes = [
            self.cell('Size', fakes.action(memory_mb=memory))
            for memory in (2048, 512, None)
        ]
        self.assertEqual(
            [None, 512, 2048],
            [size.machine_readable() for size in sorted(sizes)],
        )


class BelowTest(testtools.TestCase):
    def below(self, *actions, **values):
        return plan_table.below(fakes.plan(**values), actions, NAME)

    def test_reasons_sums_risks_and_what_is_next_follow_the_table(self):
        self.assertEqual(
            [
                'web-2: cannot move: the server is locked: unlock it, or '
                'give --move-locked',
                f"Plan '{NAME}': 1 to move (1 live), 1 cannot move.",
                'Risk: give --disable-compute-nodes.',
                f"Start it with: openstack optimize zone start '{NAME}'",
            ],
            self.below(
                fakes.action(),
                fakes.action(
                    'web-2',
                    state='SKIPPED',
                    message='the server is locked: unlock it, or set '
                    'move_locked',
                ),
                message='1 to move, 1 cannot; set disable_compute_nodes',
            ),
        )

    def test_who_is_down_or_unpinned_is_told_by_name(self):
        down = {'downtime': 'a vTPM (hw_tpm_version of its image)'}
        lines = self.below(
            fakes.action('web-1', unpin_from='z1'),
            fakes.action('db', 'cold_migration', **down, unpin_from='z1'),
            fakes.action('tpm', 'cold_migration', **down),
            fakes.action(
                'web-2', state='SKIPPED', message='no', unpin_from='z1'
            ),
            message='3 to move, 1 cannot',
        )
        self.assertEqual(
            [
                'db, web-1: unpinned from availability zone z1',
                'db, tpm: with downtime, as it cannot go live: a vTPM '
                '(hw_tpm_version of its image)',
            ],
            lines[1:3],
        )

    def test_nothing_is_started_where_nothing_moves(self):
        self.assertEqual(
            [f"Plan '{NAME}': nothing to move, 1 already there."],
            self.below(
                fakes.action(
                    state='SKIPPED', message='the server is already on c2'
                ),
                message='0 to move',
            ),
        )
