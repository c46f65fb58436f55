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

from zone_migration.osc import plan_progress
from zone_migration.tests.unit.osc import fakes


class ActionTest(testtools.TestCase):
    def test_what_is_there_already_is_as_good_as_moved(self):
        for state, message, expected in (
            ('SUCCEEDED', 'migrated from c1 to c2 in 3.0 s', False),
            ('SKIPPED', 'the server is already on c2', False),
            ('SKIPPED', 'the server is locked', True),
            ('FAILED', 'Action failed in execute: no route', True),
            ('CANCELLED', 'not started: the plan was cancelled', True),
            ('CANCELLED', 'the server is already on c2', False),
            ('PENDING', '', False),
        ):
            action = fakes.action(state=state, message=message)
            self.assertEqual(
                expected, plan_progress.is_not_moved(action), (state, message)
            )

    def test_a_host_that_stays_as_it_is_keeps_nothing_back(self):
        host = fakes.action(
            'c1', 'change_nova_service_state', state='SKIPPED', message='why'
        )
        self.assertFalse(plan_progress.is_not_moved(host))

    def test_what_is_abandoned_may_have_lost_its_pin(self):
        action = fakes.action(
            state='CANCELLED',
            message='Action was cancelled because Applier a was stopped while '
            'the action plan was ongoing.',
        )
        self.assertNotIn('pin', plan_progress.remedy(action, 'rack'))
        action.parameters['unpin_from'] = 'z1'
        self.assertIn(
            '"openstack optimize zone retry rack" sees it through; unless it '
            'is pinned to z1 still, pin it ',
            plan_progress.remedy(action, 'rack'),
        )

    def test_what_it_does_is_told_in_plain_words(self):
        for type_, state, expected in (
            ('cold_migration', '', 'cold migration'),
            ('volume_retype', '', 'volume retype'),
            ('change_nova_service_state', 'disabled', 'disable host'),
            ('change_nova_service_state', 'enabled', 'enable host'),
        ):
            action = fakes.action('c1', type_, state='PENDING')
            action.parameters['state'] = state
            self.assertEqual(expected, plan_progress.type_words(action))

    def test_what_was_not_started_is_told_from_what_was_stopped(self):
        for message, expected in (
            ('', True),
            ('not started: the plan was cancelled', True),
            ('waits: 2 of 2 leave c1', True),
            ('waits until one has moved: full', False),
            ('waits until one has moved (tried 2 times): full', False),
            ('the server is back on c1 (after 3.0 s)', False),
        ):
            action = fakes.action(state='CANCELLED', message=message)
            self.assertEqual(
                expected, plan_progress.was_not_started(action), message
            )

    def test_memory_that_goes_on_changing_is_no_new_phase(self):
        one, two = (
            plan_progress.phase(
                fakes.action(
                    state='ONGOING',
                    message=f'copying to c2, memory {left} of 2.0 GiB left '
                    '(since 2026-11-28 03:14:05)',
                )
            )
            for left in ('1.0', '0.5')
        )
        self.assertEqual(('ONGOING', 'copying to c2'), one)
        self.assertEqual(one, two)

    def test_waiting_for_another_limit_is_no_new_phase(self):
        waiting = fakes.action(message='waits: 2 of 2 leave c1')
        self.assertEqual(
            plan_progress.phase(fakes.action()), plan_progress.phase(waiting)
        )

    def test_a_reason_comes_without_what_stands_before_it(self):
        for message in (
            'Action failed in pre_condition: no route (after 3.0 s)',
            'Action was skipped automatically: no route',
            'no route',
        ):
            action = fakes.action(message=message)
            self.assertEqual('no route', plan_progress.why(action), message)

    def test_a_parameter_that_would_help_is_told_as_its_option(self):
        self.assertEqual(
            'the server is locked: unlock it, or give --move-locked',
            plan_progress.why(
                fakes.action(
                    message='Action was skipped automatically: the server is '
                    'locked: unlock it, or set move_locked'
                )
            ),
        )

    def test_routes_name_what_is_known(self):
        for expected, parameters in (
            ('c1 -> c2', {'source': 'c1', 'dst_hostname': 'c2'}),
            ('p1 -> fast', {'source': 'p1', 'dst_type': 'fast'}),
            ('from c1', {'source': 'c1'}),
            ('to c2', {'source': '', 'dst_hostname': 'c2'}),
            ('disabled', {'source': '', 'state': 'disabled'}),
        ):
            action = fakes.action(parameters=parameters)
            self.assertEqual(expected, plan_progress.route(action))

    def test_a_destination_that_nova_has_chosen_is_in_the_message(self):
        for message in (
            'copying to c2, memory 1.0 of 2.0 GiB left (since 2026-11-28 '
            '03:14:05)',
            'migrated from c1 to c2 in 12.3 s, waited 40 s for c1',
        ):
            action = fakes.action(source='c1', message=message)
            self.assertEqual('c1 -> c2', plan_progress.route(action), message)

    def test_a_volume_type_that_was_asked_for_stays_the_destination(self):
        action = fakes.action(
            type='volume_retype',
            source='p1',
            dst_type='fast',
            message='copying to p2 (since 2026-11-28 03:14:05)',
        )
        self.assertEqual('p1 -> fast', plan_progress.route(action))
