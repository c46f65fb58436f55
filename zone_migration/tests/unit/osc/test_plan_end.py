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

from zone_migration.osc import plan_end
from zone_migration.tests.unit.osc import fakes

AT = '2026-11-28T03:14:05+00:00'
HOST = 'change_nova_service_state'


def ended(name='web-1', state='SUCCEEDED', message='', **values):
    return fakes.action(
        name, state=state, message=message, updated_at=AT, **values
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

    def test_a_failure_is_3(self):
        self.assertEqual(3, self.code('SUCCEEDED', ended(state='FAILED')))
        self.assertEqual(3, self.code('FAILED', ended()))

    def test_what_was_never_run_is_3(self):
        self.assertEqual(3, self.code('SUCCEEDED', fakes.action()))

    def test_a_cancelled_plan_is_4(self):
        self.assertEqual(4, self.code('CANCELLED', ended(state='FAILED')))


class LinesTest(testtools.TestCase):
    def lines(self, *actions, state='FAILED', name='rack 7'):
        plan = fakes.plan(state=state, message='1 succeeded in 3 s')
        return plan_end.lines(plan, actions, name)

    def test_a_plan_that_has_succeeded(self):
        self.assertEqual(
            [
                'rack 7: SUCCEEDED',
                '1 succeeded in 3 s',
                '1 done',
                "Details: openstack optimize zone report 'rack 7'",
            ],
            self.lines(ended(), state='SUCCEEDED'),
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
                '1 done, 1 failed, 1 cannot be moved',
                'Not moved:',
                '  web-2 (live_migration, compute1 -> compute2): FAILED: No '
                'valid host',
                '    Remedy: free room on the other hosts, or enable one, '
                'then "openstack optimize zone retry".',
                '  db-1 (live_migration, from compute1): SKIPPED: it is '
                'locked',
                "Details: openstack optimize zone report 'rack 7'",
                "What is left: openstack optimize zone retry 'rack 7'",
            ],
            lines[2:],
        )

    def test_outcomes_are_counted(self):
        self.assertIn(
            '1 done, 1 already there, 1 failed, 1 left out, 1 skipped, '
            '1 cancelled, 2 not started',
            self.lines(
                ended('a'),
                ended('b', 'SKIPPED', 'the server is already on c2'),
                ended('c', 'FAILED', 'no route'),
                ended('d', 'SKIPPED', 'Action skipped by user.'),
                ended('e', 'SKIPPED', 'depends on action 123'),
                ended('f', 'CANCELLED', 'the server is back on c1'),
                ended('g', 'CANCELLED', 'not started: the plan was cancelled'),
                fakes.action('h'),
            ),
        )

    def test_hosts_that_stay_as_they_are_are_told_from_what_is_there(self):
        hosts = [
            ended(
                name, 'SKIPPED', f'{name} is disabled: memory, Ann', type=HOST
            )
            for name in ('c1', 'c2')
        ]
        lines = self.lines(ended(), hosts[0], state='SUCCEEDED')
        self.assertIn('1 done, 1 host stays as it is', lines)
        self.assertNotIn('Not moved:', lines)
        self.assertIn(
            '1 done, 2 hosts stay as they are', self.lines(ended(), *hosts)
        )

    def test_what_was_not_started_is_not_named(self):
        waiting = ended('web-2', 'CANCELLED', 'not started: the plan was')
        self.assertNotIn('web-2', '\n'.join(self.lines(waiting)))

    def test_not_more_than_twenty_are_named(self):
        lines = self.lines(
            *(ended(f'web-{n}', 'FAILED', 'no route') for n in range(25))
        )
        self.assertIn('  and 5 more.', lines)
        self.assertEqual(20, sum('no route' in line for line in lines))

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
