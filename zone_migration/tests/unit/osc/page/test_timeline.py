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

import datetime
import itertools

import testtools

from zone_migration.osc.page import timeline
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes


def at(seconds):
    return ended_plans.BEGIN + datetime.timedelta(seconds=seconds)


def moved(name, begin, end, waited=0, source='c1', goal='c2'):
    """The action of a server that was moved."""
    words = f', waited {waited} s' if waited else ''
    return fakes.action(
        name,
        state='SUCCEEDED',
        message=f'migrated from {source} to {goal} in {end - begin:.1f} s'
        + words,
        updated_at=at(end).isoformat(),
        source=source,
    )


def rows(*actions, **values):
    report = ended_plans.report(actions)
    return timeline.rows(report, timeline.axis(report), **values)


class LanesTest(testtools.TestCase):
    def lanes(self, *spans):
        return timeline.lanes((at(begin), at(end)) for begin, end in spans)

    def test_what_follows_is_in_the_same_lane(self):
        self.assertEqual([0, 0], self.lanes((0, 10), (10, 20)))

    def test_what_overlaps_is_in_another(self):
        self.assertEqual([0, 1, 2], self.lanes((0, 10), (2, 5), (3, 6)))

    def test_the_first_free_lane_is_taken(self):
        self.assertEqual(
            [0, 1, 1, 0], self.lanes((0, 10), (2, 5), (6, 20), (12, 13))
        )

    def test_watcher_tells_whole_seconds(self):
        self.assertEqual([0, 0, 1], self.lanes((0, 10), (9, 20), (18, 19)))

    def test_none_overlaps_in_a_large_plan(self):
        report = ended_plans.report(ended_plans.actions())
        found = timeline.rows(report, timeline.axis(report))
        self.assertEqual(44, len(found))
        for row in found:
            by_lane = {}
            for bar in row.bars:
                by_lane.setdefault(bar.y, []).append(bar)
            self.assertEqual(2, len(by_lane), row.name)
            for bars in by_lane.values():
                for one, other in itertools.pairwise(bars):
                    # The shortest are drawn wider than they are.
                    self.assertLess(one.x + one.width, other.x + 0.26)


class AxisTest(testtools.TestCase):
    def test_from_the_first_that_waits_to_the_last_end(self):
        report = ended_plans.report(
            [moved('a', 10, 20, waited=8), moved('b', 20, 30)]
        )
        self.assertEqual(timeline.Axis(at(2), at(30)), timeline.axis(report))

    def test_to_the_latest_time_told_while_something_runs(self):
        report = ended_plans.report(
            [
                fakes.action(
                    state='ONGOING',
                    message='copying (since 2026-11-28 03:14:00)',
                    updated_at=at(30).isoformat(),
                )
            ]
        )
        self.assertEqual(timeline.Axis(at(0), at(30)), timeline.axis(report))

    def test_none_where_nothing_has_run(self):
        self.assertIsNone(timeline.axis(ended_plans.report([])))

    def test_what_took_no_time_has_a_second(self):
        report = ended_plans.report([moved('a', 5, 5)])
        self.assertEqual(timeline.Axis(at(5), at(6)), timeline.axis(report))

    def test_round_times_are_marked(self):
        for expected, begin, end in (
            (['03:14:02', '03:14:04', '03:14:06', '03:14:08'], 1.5, 9),
            (['03:20:00', '03:30:00', '03:40:00', '03:50:00'], 60, 2400),
        ):
            marks = timeline.Axis(at(begin), at(end)).marks()
            found = [f'{mark.when:%H:%M:%S}' for mark in marks]
            self.assertEqual(expected, found)

    def test_there_are_a_few_marks_however_long_it_took(self):
        for seconds in (1, 7, 59, 61, 3599, 86400, 10**6, 10**8):
            axis = timeline.Axis(at(0.5), at(0.5 + seconds))
            marks = axis.marks()
            self.assertTrue(1 <= len(marks) <= 8, (seconds, marks))
            for mark in marks:
                self.assertTrue(0 <= mark.x <= 100, seconds)


class RowsTest(testtools.TestCase):
    def test_hosts_before_pools_by_name(self):
        found = rows(
            fakes.action('v', 'volume_migration', source='b1@lvm#a'),
            moved('a', 0, 5, source='c10'),
            moved('b', 0, 5, source='c9'),
        )
        self.assertEqual(
            [('host', 'c9'), ('host', 'c10'), ('pool', 'b1@lvm#a')],
            [(row.kind, row.name) for row in found],
        )

    def test_by_destination_is_what_has_run(self):
        found = rows(
            moved('a', 0, 5, goal='c3'),
            fakes.action('b', dst_hostname='c4'),
            by_destination=True,
        )
        self.assertEqual(['c3'], [row.name for row in found])

    def test_what_moves_nothing_has_no_row(self):
        self.assertEqual(
            ['c1'],
            [
                row.name
                for row in rows(
                    moved('a', 0, 5),
                    fakes.action(
                        'h', 'change_nova_service_state', state='SUCCEEDED'
                    ),
                )
            ],
        )

    def test_a_bar_is_as_long_as_the_move(self):
        (row,) = rows(moved('a', 0, 10), moved('b', 10, 40))
        self.assertEqual(
            [(0.0, 25.0), (25.0, 75.0)],
            [(bar.x, bar.width) for bar in row.bars],
        )

    def test_the_shortest_can_be_seen(self):
        (row,) = rows(moved('a', 0, 9999), moved('b', 9999, 9999))
        self.assertEqual((99.75, 0.25), (row.bars[-1].x, row.bars[-1].width))

    def test_a_line_shows_that_it_waited_while_its_lane_was_free(self):
        (row,) = rows(
            moved('a', 0, 10),
            moved('b', 20, 30, waited=20),
            moved('c', 35, 40, waited=2),
        )
        self.assertEqual([None, 25.0, 82.5], [bar.waits_x for bar in row.bars])

    def test_no_line_while_its_lane_was_busy(self):
        (row,) = rows(moved('a', 0, 10), moved('b', 10, 20, waited=10))
        self.assertEqual([None, None], [bar.waits_x for bar in row.bars])

    def test_lanes_are_thin_where_there_are_many(self):
        (row,) = rows(*(moved(f's{n}', 0, 30) for n in range(20)))
        self.assertEqual((3, 106), (row.thickness, row.height))

    def test_it_is_counted_what_went_well(self):
        (row,) = rows(
            moved('a', 0, 5),
            fakes.action(
                'b',
                state='SKIPPED',
                message='the server is already on c2',
                source='c1',
            ),
            fakes.action('c', state='FAILED', source='c1'),
            fakes.action('d', source='c1'),
        )
        self.assertEqual((2, 1, 4), (row.well, row.trouble, len(row.moves)))
