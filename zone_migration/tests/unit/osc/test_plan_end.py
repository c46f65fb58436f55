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

from zone_migration.logic.outcome import pins
from zone_migration.osc import plan_end
from zone_migration.tests.unit.osc import fakes

AT = '2026-11-28T03:14:05+00:00'
HOST = 'change_nova_service_state'


def ended(name='web-1', state='SUCCEEDED', message='', **values):
    return fakes.action(
        name, state=state, message=message, updated_at=AT, **values
    )


NOT_EMPTY = (
    'Action failed in execute: not empty: 1 server: late (new, ACTIVE) '
    '(after 0.3 s)'
)


def proof(name, message, state='SUCCEEDED', place='host'):
    """What has looked at a host or pool."""
    return ended(
        name,
        state,
        message,
        type='verify_empty',
        parameters={'resource_name': name, 'place': place},
    )


class ExitCodeTest(testtools.TestCase):
    def code(self, state, *actions):
        return plan_end.exit_code(fakes.plan(state=state), actions)

    def test_all_moved_is_0(self):
        self.assertEqual(0, self.code('SUCCEEDED', ended()))

    def test_what_is_there_already_is_0(self):
        there = fakes.action(
            state='SKIPPED', message='the server is already on c2'
        )
        self.assertEqual(0, self.code('SUCCEEDED', ended(), there))

    def test_what_could_not_be_moved_is_3(self):
        locked = fakes.action(state='SKIPPED', message='it is locked')
        self.assertEqual(3, self.code('SUCCEEDED', ended(), locked))

    def test_what_was_left_out_is_3(self):
        left = ended(state='SKIPPED', message='Action skipped by user.')
        self.assertEqual(3, self.code('SUCCEEDED', ended('web-2'), left))

    def test_a_host_that_stays_as_it_is_is_0(self):
        host = ended('c1', 'SKIPPED', 'c1 is disabled: Ann', type=HOST)
        self.assertEqual(0, self.code('SUCCEEDED', ended('web-1'), host))

    def test_a_place_that_is_empty_is_0(self):
        for message in ('found empty', 'found empty but for 1 server'):
            self.assertEqual(
                0, self.code('SUCCEEDED', ended(), proof('c1', message))
            )

    def test_a_place_that_is_not_empty_is_3(self):
        failed = proof('c1', NOT_EMPTY, 'FAILED')
        self.assertEqual(3, self.code('FAILED', ended(), failed))

    def test_a_failure_is_3(self):
        self.assertEqual(3, self.code('SUCCEEDED', ended(state='FAILED')))
        self.assertEqual(3, self.code('FAILED', ended()))

    def test_what_was_never_run_is_3(self):
        self.assertEqual(3, self.code('SUCCEEDED', fakes.action()))

    def test_a_cancelled_plan_is_4(self):
        self.assertEqual(4, self.code('CANCELLED', ended(state='FAILED')))


class LinesTest(testtools.TestCase):
    def lines(
        self,
        *actions,
        state='FAILED',
        name='rack 7',
        message='1 succeeded in 3 s',
        columns=None,
    ):
        plan = fakes.plan(state=state, message=message)
        return plan_end.lines(plan, actions, name, columns)

    def test_a_plan_that_has_succeeded(self):
        self.assertEqual(
            [
                'rack 7: SUCCEEDED',
                '1 moved',
                'It took 3 s.',
                "Details: openstack optimize zone report 'rack 7'",
            ],
            self.lines(ended(), state='SUCCEEDED'),
        )

    def test_server_that_has_moved_and_lost_its_pin_is_named(self):
        lost = 'not pinned to z1 again, as HTTP 503: PUT its pin'
        lines = self.lines(
            ended('a', message=f'migrated from c1 to c2 ({lost}) in 3.0 s'),
            ended(
                'b',
                message='migrated from c1 to c2 (pinned to z2 instead '
                'of z1) in 3.0 s',
            ),
            state='SUCCEEDED',
        )
        self.assertEqual(f'a: {lost}', lines[3])
        self.assertIn('Remedy: pin it to the zone where it is: PUT', lines[4])
        self.assertIn('Details: ', lines[5])

    def test_pin_of_a_server_that_has_moved_is_not_that_of_an_attempt(self):
        lost = pins.lost('z1', 'Nova is unavailable')
        cut = f'{lost[:15]}...'
        beside = 'migrated from c1 to c2 ({}) (attempt 2; attempt 1: no; {})'
        for now, before, expected in (
            (lost, 'pinned to z1 again', [f'web: {lost}']),
            ('pinned to z2 instead of z1', lost, []),
            (cut, 'pinned to z1 again', [f'web: {cut}']),
            ('pinned to z2 i...', lost, []),
        ):
            text = beside.format(now, before)
            self.assertEqual(
                expected, plan_end.left_unpinned([('web', text)])[:1]
            )

    def test_remedy_of_many_lost_pins_is_told_once(self):
        lost = pins.lost('z1', 'Nova is unavailable')
        for count, expected in ((2, []), (30, ['and 10 more'])):
            told = plan_end.left_unpinned(
                (f's{n}', f'migrated from c1 to c2 ({lost})')
                for n in range(count)
            )
            named = min(count, 20)
            self.assertEqual(f's{named - 1}: {lost}', told[named - 1])
            self.assertEqual(expected, told[named:-1])
            self.assertIn('  Remedy: pin it to the zone', told[-1])

    def test_what_the_cap_has_left_out_is_told(self):
        plan = fakes.plan(
            state='SUCCEEDED',
            message='1 succeeded in 3 s',
            indicators={'left_out': 4},
        )
        lines = plan_end.lines(plan, [ended()], 'rack')
        self.assertEqual('1 moved, 4 more left out by max_items', lines[1])
        self.assertEqual(
            'What is left: openstack optimize zone retry rack', lines[-1]
        )

    def test_what_failed_is_named_first_with_reason_and_remedy(self):
        lines = self.lines(
            fakes.action('db-1', state='SKIPPED', message='it is locked'),
            ended('web-1'),
            ended(
                'web-2',
                'FAILED',
                'Action failed in execute: No valid host (after 3.0 s)',
                dst_hostname='compute2',
            ),
        )
        self.assertEqual(
            [
                '1 moved, 1 failed, 1 cannot move',
                'It took 3 s.',
                'Not moved:',
                '  web-2 (live migration, compute1 -> compute2): failed: No '
                'valid host',
                '    Remedy: free room on the other hosts, or enable one, '
                'then "openstack optimize zone retry \'rack 7\'".',
                '  db-1 (live migration, from compute1): cannot move: it '
                'is locked',
                "Details: openstack optimize zone report 'rack 7'",
                "What is left: openstack optimize zone retry 'rack 7'",
            ],
            lines[1:],
        )

    def test_outcomes_are_called_as_in_the_report(self):
        left_out = ended(
            'db', 'SKIPPED', 'Action skipped by user. Reason: later'
        )
        gone = ended('web-1', 'FAILED', 'Action failed in pre_condition: gone')
        self.assertEqual(
            [
                '  web-1 (live migration, from compute1): failed: not '
                'started: gone',
                '  db (live migration, from compute1): left out: later',
            ],
            self.lines(left_out, gone)[4:6],
        )

    def test_hosts_are_told_apart_from_what_was_moved(self):
        disabled = ended('c1', type=HOST, parameters={'state': 'disabled'})
        stays = ended('c2', 'SKIPPED', 'c2 is disabled: Ann', type=HOST)
        lines = self.lines(ended(), disabled, stays, state='SUCCEEDED')
        self.assertEqual(
            ['1 moved', '1 host disabled, 1 host stays as it is'], lines[1:3]
        )
        self.assertNotIn('Not moved:', lines)

    def test_what_an_earlier_plan_has_disabled_is_to_be_enabled(self):
        lines = self.lines(
            *(
                ended(
                    name,
                    'SKIPPED',
                    'Action was skipped automatically: '
                    f'{name} is disabled: {reason}',
                    type=HOST,
                    parameters={'resource_name': name, 'state': 'disabled'},
                )
                for name, reason in (
                    ('c1', 'watcher_zone_migration 7'),
                    ('c2', 'Ann'),
                )
            )
        )
        self.assertIn(
            'Disabled until you enable them: c1: openstack optimize zone '
            'hosts --enable c1',
            lines,
        )

    def test_a_host_that_was_enabled_again_is_not_told_to_be_disabled(self):
        lines = self.lines(
            ended('c1', type=HOST, parameters={'state': 'disabled'}),
            state='CANCELLED',
            message='2 not started in 3 s; 1 host enabled again',
        )
        self.assertEqual(
            ['rack 7: CANCELLED', '1 host enabled again', 'It took 3 s.'],
            lines[:3],
        )

    def test_the_counts_and_the_failure_of_the_engine_are_not_told_twice(self):
        lines = self.lines(
            ended('web-1', 'FAILED', 'no route'),
            message='4 succeeded, 1 failed in 10 min (fastest possible: 9 min '
            '40 s); 2 hosts enabled again; web-1: no route; and what',
        )
        self.assertEqual(
            [
                'rack 7: FAILED',
                '1 failed',
                '2 hosts enabled again',
                'It took 10 min (fastest possible: 9 min 40 s).',
                'Not moved:',
            ],
            lines[:5],
        )

    def test_words_that_are_not_of_the_engine_are_told(self):
        message = 'Action plan was cancelled because Applier was stopped'
        self.assertIn(message, self.lines(message=message))

    def test_words_of_before_the_end_are_not_told(self):
        for message in (
            '1 to move; a risk',
            '3 of 4 done, 1 running; limits: 2 a host',
            'One or more actions were skipped.',
        ):
            self.assertEqual(
                ['rack 7: CANCELLED', '1 moved'],
                self.lines(ended(), state='CANCELLED', message=message)[:2],
            )

    def test_on_a_terminal_a_reason_is_told_once(self):
        failed = (
            ended(name, 'FAILED', 'Action failed in execute: No valid host')
            for name in ('web-1', 'web-2', 'web-3')
        )
        locked = fakes.action('db-1', state='SKIPPED', message='it is locked')
        lines = self.lines(*failed, locked, columns=80)
        self.assertEqual(
            [
                'Not moved:',
                '  failed: No valid host',
                '    web-1, web-2, web-3',
                '    Remedy: free room on the other hosts, or enable one, '
                'then "openstack\n      optimize zone retry \'rack 7\'".',
                '  cannot move: it is locked',
                '    db-1 (live migration, from compute1)',
            ],
            lines[3:-2],
        )

    def test_on_a_terminal_lines_are_broken_between_words(self):
        lines = self.lines(
            *(ended(f'web-{n}', 'FAILED', 'no route ' * 20) for n in range(9)),
            columns=40,
            name='a name of 30 characters in all',
        )
        for line in '\n'.join(lines).splitlines():
            self.assertTrue(len(line) <= 40 or 'openstack' in line, line)
        self.assertIn(
            "Details:\n  openstack optimize zone report 'a name of 30 "
            "characters in all'",
            lines,
        )

    def test_what_was_not_started_is_named_in_one_line(self):
        waiting = [
            ended(f'web-{n}', 'CANCELLED', 'not started: the plan was')
            for n in range(10, 32)
        ]
        host = ended('c1', 'CANCELLED', 'not started: the plan', type=HOST)
        aborted = ended('db', 'CANCELLED', 'aborted (after 3.0 s)')
        named = ', '.join(f'web-{n}' for n in range(10, 30))
        lines = self.lines(*waiting, host, aborted, state='CANCELLED')
        self.assertEqual(f'Not started: {named}, and 2 more', lines[-3])
        self.assertNotIn('c1', '\n'.join(lines))
        never_run = fakes.action('web-1')
        self.assertIn('Not started: web-1', self.lines(never_run))

    def test_not_more_than_twenty_are_named(self):
        lines = self.lines(
            *(ended(f'web-{n}', 'FAILED', 'no route') for n in range(25))
        )
        self.assertIn('  and 5 more: failed: no route', lines)
        self.assertEqual(21, sum('no route' in line for line in lines))

    def test_names_begin_no_lines(self):
        for line in self.lines(ended('web\n1', 'FAILED'), name='a\x1b[2Jb'):
            self.assertTrue(line.isprintable(), line)

    def test_hosts_that_stay_disabled_are_not_forgotten(self):
        host = fakes.action(
            'c 1',
            'change_nova_service_state',
            state='SUCCEEDED',
            **{'uuid': 'h'},
        )
        host.parameters['state'] = 'disabled'
        wanted = "openstack optimize zone hosts --enable 'c 1'"
        self.assertIn(wanted, self.lines(host, state='SUCCEEDED')[-2])
        self.assertNotIn(wanted, ' '.join(self.lines(host, state='CANCELLED')))
        # Watcher enables nothing.
        message = (
            'Action plan was cancelled because Applier a was stopped while '
            'the action plan was ongoing.'
        )
        self.assertIn(
            wanted, self.lines(host, state='CANCELLED', message=message)[-3]
        )


class ProofTest(testtools.TestCase):
    """What the end tells of places that were looked at."""

    def lines(self, *actions):
        plan = fakes.plan(state='FAILED', message='1 succeeded in 10 min')
        return plan_end.lines(plan, actions, 'rack-1')

    def test_a_place_that_is_not_empty_is_named_with_what_is_there(self):
        told = self.lines(ended(), proof('c1', NOT_EMPTY, 'FAILED'))
        place = told.index('Not empty:')
        self.assertEqual(
            '  host c1: 1 server: late (new, ACTIVE)', told[place + 1]
        )
        self.assertNotIn('Not moved:', told)

    def test_a_place_that_could_not_be_seen_says_why(self):
        failed = 'Action failed in execute: Nova is unavailable: HTTP 503'
        told = self.lines(ended(), proof('c1', failed, 'FAILED'))
        self.assertIn('  host c1: Nova is unavailable: HTTP 503', told)

    def test_places_are_counted_apart(self):
        told = self.lines(
            ended(),
            proof('c1', 'found empty in 0.3 s'),
            proof('c2', NOT_EMPTY, 'FAILED'),
            proof('h@b#p', 'found empty in 0.3 s', place='pool'),
        )
        self.assertIn('1 moved', told)
        self.assertIn('1 host empty, 1 host not empty, 1 pool empty', told)
