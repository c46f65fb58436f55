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

from zone_migration.osc import moves
from zone_migration.tests.unit.osc import ended_plans
from zone_migration.tests.unit.osc import fakes

ENDED = '2026-11-28T03:14:20+00:00'


def move(**values):
    """What became of one action."""
    return ended_plans.report([fakes.action(**values)]).moves[0]


def at(text):
    return moves.parsed(f'2026-11-28T{text}')


class OutcomeTest(testtools.TestCase):
    def test_states_in_plain_words(self):
        for expected, state, message in (
            ('moved', 'SUCCEEDED', 'migrated from c1 to c2 in 3.0 s'),
            ('moved', 'SUCCEEDED', ''),
            ('failed', 'FAILED', 'Action failed in execute: no route'),
            ('cannot move', 'SKIPPED', 'the server is locked'),
            ('left out', 'SKIPPED', 'Action skipped by user'),
            (
                'skipped',
                'SKIPPED',
                'Action was skipped automatically: the server is gone',
            ),
            ('already there', 'SKIPPED', 'the server is already on c2'),
            ('cancelled', 'CANCELLED', 'stopped (after 3.0 s)'),
            (
                'cancelled',
                'CANCELLED',
                'copying to c2 (since 2026-11-28 03:14:05)',
            ),
            ('cannot move', 'CANCELLED', 'the server is locked'),
            ('left out', 'CANCELLED', 'Action skipped by user'),
            ('already there', 'CANCELLED', 'the server is already on c2'),
            ('not started', 'CANCELLED', 'not started: the plan was ...'),
            ('not started', 'CANCELLED', 'waits: 2 of 2 leave w112'),
            ('not started', 'CANCELLED', ''),
            ('not started', 'CANCELLED', 'cancelled before it was started'),
            (
                'cancelled',
                'CANCELLED',
                'waits until another server has moved (tried 2 times): full',
            ),
            ('not started', 'PENDING', ''),
            ('running', 'ONGOING', 'copying to c2'),
            ('running', 'CANCELLING', ''),
        ):
            found = move(state=state, message=message).outcome
            self.assertEqual(expected, found, (state, message))

    def test_a_host_is_disabled_or_enabled(self):
        for state, type_ in (
            ('disabled', 'disable host'),
            ('enabled', 'enable host'),
        ):
            found = ended_plans.report(
                [ended_plans.host('c1', state, state='SUCCEEDED')]
            ).moves[0]
            self.assertEqual(
                (state, type_, '', 'host'),
                (found.outcome, found.type, found.leaves, found.place),
            )

    def test_a_look_at_a_place_tells_what_it_has_seen(self):
        failed = 'Action failed in execute: '
        for state, message, outcome in (
            ('SUCCEEDED', 'found empty in 0.3 s', 'empty'),
            (
                'SUCCEEDED',
                'found empty but for 1 server that stays as planned: 1 cannot '
                'move in 0.3 s',
                'empty but for what stays',
            ),
            ('FAILED', f'{failed}not empty: 2 servers: a', 'not empty'),
            ('FAILED', f'{failed}Nova is unavailable', 'not checked'),
            ('SKIPPED', 'only the engine "parallel" looks', 'not checked'),
            ('PENDING', '', 'not started'),
        ):
            found = move(type='verify_empty', state=state, message=message)
            self.assertEqual(
                (outcome, '', 'host', 'check host'),
                (found.outcome, found.leaves, found.place, found.type),
            )

    def test_what_moves_nothing_is_done(self):
        found = move(type='nop', state='SUCCEEDED')
        self.assertEqual(
            ('done', '', ''), (found.outcome, found.leaves, found.place)
        )

    def test_a_host_that_is_skipped_stays_as_it_is(self):
        for message in (
            'c1 is disabled: memory exchange',
            'Action skipped by user',
        ):
            found = move(
                type='change_nova_service_state',
                state='SKIPPED',
                message=message,
            )
            self.assertEqual('stays as it is', found.outcome, message)


class WayTest(testtools.TestCase):
    def test_where_it_went_is_told_by_the_success(self):
        found = move(
            state='SUCCEEDED', message='migrated from compute1 to c3 in 1.0 s'
        )
        self.assertEqual(('compute1', 'c3'), (found.source, found.destination))

    def test_what_has_not_moved_shows_where_it_was_to_go(self):
        for expected, values in (
            ('c2', {'dst_hostname': 'c2'}),
            ('b2@lvm#b', {'dst_type': 'fast', 'expected_pool': 'b2@lvm#b'}),
            ('type fast', {'dst_type': 'fast'}),
            ('', {}),
        ):
            self.assertEqual(expected, move(**values).goal, values)


class TimesTest(testtools.TestCase):
    def test_it_began_as_long_before_its_end_as_it_took(self):
        found = move(
            state='SUCCEEDED',
            message='migrated from c1 to c2 in 5.5 s, waited 40 s for c1',
            updated_at=ENDED,
        )
        self.assertEqual(at('03:14:14.500000'), found.began)
        self.assertEqual(at('03:14:20'), found.ended)
        self.assertEqual(
            (5.5, 40.0, 'c1'), (found.took, found.waited, found.waited_for)
        )

    def test_without_a_duration_the_end_alone_is_known(self):
        found = move(
            state='SUCCEEDED',
            message='migrated from c1 to c2',
            updated_at=ENDED,
        )
        self.assertEqual(
            (None, at('03:14:20'), None),
            (found.began, found.ended, found.took),
        )

    def test_what_an_applier_has_left_tells_when_it_began(self):
        found = move(
            state='CANCELLED',
            message='copying to c2 (since 2026-11-28 03:14:10)',
            updated_at=ENDED,
        )
        self.assertEqual(
            (at('03:14:10'), at('03:14:20'), None),
            (found.began, found.ended, found.took),
        )

    def test_what_runs_takes_as_long_as_watcher_tells(self):
        found = move(
            state='ONGOING',
            message='copying to c2 (since 2026-11-28 03:14:10)',
            updated_at=ENDED,
        )
        self.assertEqual((at('03:14:10'), None), (found.began, found.ended))
        self.assertEqual(10.0, found.took)

    def test_the_clock_here_may_be_behind(self):
        found = move(
            state='ONGOING',
            message='copying to c2 (since 2026-11-28 23:14:10)',
        )
        self.assertEqual(0.0, found.took)

    def test_what_was_never_started_has_no_times(self):
        for state, message in (
            ('SKIPPED', ''),
            ('CANCELLED', ''),
            ('CANCELLED', 'the server is already on c2'),
            ('PENDING', ''),
        ):
            found = move(state=state, message=message, updated_at=ENDED)
            self.assertEqual((None, None), (found.began, found.ended), state)

    def test_times_are_read_in_any_zone(self):
        for text in (
            '2026-11-28T03:14:20',
            '2026-11-28T03:14:20Z',
            '2026-11-28T04:14:20+01:00',
            '2026-11-28 03:14:20',
        ):
            self.assertEqual(at('03:14:20'), moves.parsed(text), text)

    def test_what_is_no_time_is_none(self):
        for text in ('', 'yesterday'):
            self.assertIsNone(moves.parsed(text))


class WordsTest(testtools.TestCase):
    def test_reasons_without_what_the_state_tells(self):
        for expected, message in (
            ('no route', 'Action failed in execute: no route (after 3.0 s)'),
            ('not started: gone', 'Action failed in pre_condition: gone'),
            ('it is locked', 'it is locked'),
            ('ask Ann', 'Action skipped by user. Reason: ask Ann'),
            ('', 'Action skipped by user'),
            ('', 'Action skipped by user.'),
        ):
            found = move(state='FAILED', message=message)
            self.assertEqual(expected, moves.reason(found))

    def test_names_cannot_begin_lines(self):
        self.assertEqual('a\\nb', move(name='a\nb').name)

    def test_projects_are_named_as_far_as_they_are_known(self):
        report = ended_plans.report(
            [
                fakes.action('web-1', project_id='p1'),
                fakes.action('web-2', project_id='p2'),
            ],
            {'p1': 'shop'},
        )
        self.assertEqual(
            ['shop', 'p2'], [found.project for found in report.moves]
        )
