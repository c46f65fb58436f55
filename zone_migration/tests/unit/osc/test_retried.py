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

import shlex

import testtools

from zone_migration.osc import retried
from zone_migration.tests.unit.osc import fakes

CHANGE = 'change_nova_service_state'


def old(name, state='SUCCEEDED', message='', type='live_migration', **values):
    values.setdefault('uuid', f'old {name}')
    return fakes.action(name, type, state=state, message=message, **values)


def host(name, state='PENDING', message='', **values):
    return fakes.action(
        name,
        CHANGE,
        state=state,
        message=message,
        parameters={'resource_name': name, 'state': 'disabled'},
        **values,
    )


def rows(old_, new):
    """What becomes of each item, by its name, and what did."""
    return {
        item.planned.name: (item.planned.becomes, item.was_why)
        for item in retried.compare(old_, new)
    }


class ProofsTest(testtools.TestCase):
    def test_each_plan_looks_at_places_for_itself(self):
        looks = old('c1', 'FAILED', 'not empty', 'verify_empty')
        again = fakes.action('c1', 'verify_empty')
        self.assertEqual({}, rows([looks], [again]))
        looks = old('c1', type='verify_empty')
        self.assertEqual(0, retried.moved([looks], []))


class CompareTest(testtools.TestCase):
    def was(self, *arguments, **values):
        """What is told of an action before, when it is planned again."""
        action = old('web-1', *arguments, **values)
        return rows([action], [fakes.action('web-1')])['web-1'][1]

    def test_a_failure_is_told_with_its_reason(self):
        self.assertEqual(
            'failed: no valid host',
            self.was(
                'FAILED',
                'Action failed in execute: no valid host '
                '(after 3.0 s, waited 40 s for w112)',
            ),
        )

    def test_one_that_could_not_move_is_told_with_its_reason(self):
        self.assertEqual(
            'cannot move: the server is locked',
            self.was('SKIPPED', 'the server is locked'),
        )

    def test_one_that_was_left_out_is_told_with_its_reason(self):
        self.assertEqual(
            'left out: not tonight',
            self.was('SKIPPED', 'Action skipped by user. Reason: not tonight'),
        )

    def test_one_that_was_skipped_when_its_turn_came_is_told(self):
        self.assertEqual(
            'skipped: it has left',
            self.was(
                'SKIPPED',
                'Action was skipped automatically: it has left',
                updated_at='2026-11-28T03:15:00',
            ),
        )

    def test_one_without_a_reason_is_told(self):
        self.assertEqual('failed', self.was('FAILED'))

    def test_a_cancelled_one_is_told_as_the_report_does(self):
        for expected, message in (
            ('not started', 'not started: the plan was cancelled'),
            ('cancelled', 'asked Nova to abort (after 3.0 s)'),
        ):
            self.assertEqual(expected, self.was('CANCELLED', message), message)

    def test_cancelling_an_unbegun_plan_hides_no_reason(self):
        self.assertEqual(
            'cannot move: the server is locked',
            self.was('CANCELLED', 'the server is locked'),
        )

    def test_one_that_was_never_started_is_told(self):
        self.assertEqual('not started', self.was('PENDING'))

    def test_one_that_came_back_is_told(self):
        self.assertEqual(
            'moved', self.was('SUCCEEDED', 'migrated from c1 to c2 in 2.0 s')
        )

    def test_control_characters_are_escaped(self):
        self.assertNotIn('\x1b', self.was('FAILED', 'no \x1b[31m host'))

    def test_what_the_plan_before_did_not_have_is_new(self):
        self.assertEqual(
            {'web-1': ('migrates live', 'new')},
            rows([], [fakes.action('web-1')]),
        )

    def test_what_was_moved_and_needs_nothing_is_left_out(self):
        there = fakes.action(
            'web-2', state='SKIPPED', message='the server is already on c2'
        )
        self.assertEqual({}, rows([old('web-1'), old('web-2')], [there]))

    def test_what_somebody_else_has_brought_there_is_told(self):
        there = fakes.action(
            'web-1', state='SKIPPED', message='the server is already on c2'
        )
        self.assertEqual(
            {'web-1': ('already there', 'failed: no valid host')},
            rows([old('web-1', 'FAILED', 'no valid host')], [there]),
        )

    def test_what_was_left_and_is_not_planned_again_is_told(self):
        self.assertEqual(
            {'web-1': ('not in the plan', 'failed: no valid host')},
            rows([old('web-1', 'FAILED', 'no valid host')], []),
        )

    def test_a_server_that_becomes_something_else_is_the_same(self):
        self.assertEqual(
            {'web-1': ('migrates cold', 'failed')},
            rows(
                [old('web-1', 'FAILED')],
                [fakes.action('web-1', 'cold_migration')],
            ),
        )

    def test_two_actions_of_one_volume_are_told_apart(self):
        def told(old_, new):
            return [
                (item.planned.becomes, item.was)
                for item in retried.compare(old_, new)
            ]

        retype = old('v', 'FAILED', type='volume_retype')
        migration = old('v', type='volume_migration', uuid='old too')
        again = fakes.action('v', 'volume_retype')
        for before in ([retype, migration], [migration, retype]):
            self.assertEqual(
                [('volume is retyped', 'failed')], told(before, [again])
            )
        self.assertEqual(
            [('not in the plan', 'failed')], told([retype, migration], [])
        )

    def test_namesakes_are_told_apart(self):
        again = fakes.action('web-1', resource_id='another')
        found = retried.compare([old('web-1', 'FAILED')], [again])
        self.assertEqual(['new', 'failed'], [item.was for item in found])

    def test_a_host_that_was_enabled_since_is_told_so(self):
        for was, message in (
            ('enabled again', '2 not started in 3 s; 1 host enabled again'),
            ('disabled', '1 failed in 3 s; 1 host disabled'),
            ('disabled', 'cancelled because Applier a was stopped'),
        ):
            (found,) = retried.compare(
                [host('c1', 'SUCCEEDED', uuid='old')], [host('c1')], message
            )
            self.assertEqual(was, found.was, message)


class MovedTest(testtools.TestCase):
    def test_what_needs_nothing_any_more_is_counted(self):
        there = fakes.action(
            'web-2', state='SKIPPED', message='the server is already on c2'
        )
        self.assertEqual(
            2,
            retried.moved(
                [
                    old('web-1'),
                    old('web-2'),
                    old('came back'),
                    old('web-3', 'FAILED'),
                    host('c1', 'SUCCEEDED'),
                ],
                [there, fakes.action('came back')],
            ),
        )

    def test_a_volume_that_two_actions_have_moved_counts_once(self):
        before = [
            old('v', type='volume_retype', uuid='1'),
            old('v', type='volume_migration', uuid='2'),
        ]
        self.assertEqual(1, retried.moved(before, []))


class ReasonsTest(testtools.TestCase):
    def test_a_reason_that_is_the_same_now_is_not_told_twice(self):
        locked = {'state': 'SKIPPED', 'message': 'it is locked'}
        self.assertEqual(
            [],
            retried.reasons(
                retried.compare(
                    [old('a', **locked)], [fakes.action('a', **locked)]
                )
            ),
        )

    def test_those_of_one_reason_share_a_line(self):
        again = [fakes.action(name) for name in ('a', 'b', 'c', 'd')]
        before = [
            old('a', 'FAILED', 'no valid host'),
            old('b', 'FAILED', 'no valid host'),
            old('c', 'SKIPPED', 'it is locked'),
        ]
        self.assertEqual(
            [
                'a, b: before: failed: no valid host',
                'c: before: cannot move: it is locked',
            ],
            retried.reasons(retried.compare(before, again)),
        )


class AgainTest(testtools.TestCase):
    def test_what_was_left_out_and_is_planned_again_is_told(self):
        before = [
            fakes.action(
                'web-1', state='SKIPPED', message='Action skipped by user.'
            ),
            fakes.action('web-2', state='SKIPPED', message='no room'),
        ]
        after = [fakes.action('web-1'), fakes.action('web-2')]
        (line,) = retried.again(before, after, 'rack 7')
        self.assertIn('planned again: web-1;', line)
        self.assertIn(
            "openstack optimize zone skip web-1 --plan 'rack 7'", line
        )

    def skipped(self, *names):
        """The words of a command that leaves servers out once more."""
        before = [
            fakes.action(
                name, state='SKIPPED', message='Action skipped by user.'
            )
            for name in names
        ]
        after = [fakes.action(name) for name in names]
        (line,) = retried.again(before, after, 'rack 7')
        *words, _, _ = shlex.split(line.partition(' zone skip ')[2])
        return words

    def test_the_command_names_all_of_them(self):
        names = [f'db-{number}' for number in range(7)]
        self.assertEqual(names, self.skipped(*names))

    def test_a_name_like_an_option_is_told_by_its_id(self):
        named = fakes.action('--plan=other')
        self.assertEqual([named.resource_id], self.skipped(named.name))

    def test_nothing_is_told_of_what_stays_left_out(self):
        left_out = fakes.action(
            'web-1', state='SKIPPED', message='Action skipped by user.'
        )
        self.assertEqual([], retried.again([left_out], [left_out], 'p'))
