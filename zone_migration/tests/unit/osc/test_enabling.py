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

import dataclasses
import io
from unittest import mock

from osc_lib import exceptions
import testtools

from zone_migration.osc import clock as clocks
from zone_migration.osc import disabled_hosts
from zone_migration.osc import enabling
from zone_migration.osc import watcher_errors
from zone_migration.tests.unit.osc import fakes


def host(name, reason='', enabled=False):
    return disabled_hosts.ComputeHost(name, enabled, True, reason)


def enabled(name, state='SUCCEEDED', message=''):
    """An action that enables a host."""
    return fakes.action(
        name,
        'change_nova_service_state',
        state=state,
        message=message,
        parameters={'resource_name': name, 'state': 'enabled'},
    )


class MeantTest(testtools.TestCase):
    hosts = {name: host(name) for name in ('c1', 'c2', 'd1')}

    def test_a_glob_means_several_and_each_counts_once(self):
        found = enabling.meant(['c2', 'c*'], self.hosts)
        self.assertEqual(['c2', 'c1'], [one.name for one in found])

    def test_one_that_means_none_is_named(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            "^There is no compute host 'e'; there are c1, c2, d1.$",
            enabling.meant,
            ['c1', 'e'],
            self.hosts,
        )


class CheckTest(testtools.TestCase):
    def check(self, *relying):
        """Check two hosts while plans rely on some."""
        plan = disabled_hosts.Disabling('a b', state='ONGOING')
        with mock.patch.object(
            disabled_hosts,
            'relying',
            autospec=True,
            return_value=dict.fromkeys(relying, plan),
        ):
            return enabling.check(fakes.FakeWatcher(), ['c1', 'c2'])

    def test_hosts_of_a_plan_that_runs_are_refused(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            "c1 is disabled for the plan 'a b', which is ONGOING",
            self.check,
            'c1',
        )

    def test_those_of_others_are_not(self):
        self.assertIsNone(self.check())


class UntouchedTest(testtools.TestCase):
    def test_a_host_that_is_enabled(self):
        self.assertEqual(
            enabling.Result('c1', 'was enabled'),
            enabling.untouched(host('c1', enabled=True)),
        )

    def test_a_host_disabled_by_somebody_else(self):
        self.assertEqual(
            'somebody else has disabled it: broken fan',
            enabling.untouched(host('c1', 'broken fan')).reason,
        )

    def test_a_host_disabled_without_a_reason(self):
        self.assertEqual(
            'somebody else has disabled it: no reason is given',
            enabling.untouched(host('c1')).reason,
        )


class EnableTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.watcher = fakes.FakeWatcher(actions=[enabled('c1')])
        self.stderr = io.StringIO()
        self.seconds = 0.0
        self.states = ['PENDING', 'ONGOING', 'SUCCEEDED']

    def wait(self, seconds):
        """Let time pass, and the plan go on."""
        self.seconds += seconds
        if self.states:
            self.watcher.plans_[0] = dataclasses.replace(
                self.watcher.plans_[0], state=self.states.pop(0)
            )

    def enable(self, *names, force=False):
        return enabling.enable(
            self.watcher,
            names or ['c1'],
            force,
            self.stderr,
            clocks.Clock(passed=lambda: self.seconds, wait=self.wait),
        )

    def test_a_plan_for_just_these_hosts_is_run(self):
        self.enable('c1', 'c2')
        (_, name, parameters, force), started = self.watcher.calls
        self.assertRegex(name, r'^enable-c1-and-1-more-20\d\d-')
        self.assertEqual({'enable_compute_nodes': ['c1', 'c2']}, parameters)
        self.assertFalse(force)
        self.assertEqual(('start', fakes.PLAN), started)

    def test_what_became_of_each_is_told(self):
        self.watcher.actions_ = [
            enabled('c1'),
            enabled('c2', 'SKIPPED', 'c2 was disabled by somebody else'),
            enabled(
                'c3',
                'FAILED',
                'Action failed in execute: no answer (after 3.0 s)',
            ),
            enabled('c4', 'CANCELLED'),
        ]
        self.assertEqual(
            [
                enabling.Result('c1', 'enabled'),
                enabling.Result(
                    'c2',
                    'stays disabled',
                    'c2 was disabled by somebody else',
                ),
                enabling.Result('c3', 'stays disabled', 'no answer'),
                enabling.Result('c4', 'stays disabled', 'not started'),
            ],
            self.enable(),
        )

    def test_a_host_that_somebody_has_enabled_meanwhile_was_enabled(self):
        for message in (
            'c1 is enabled',
            'Action was skipped automatically: c1 is enabled',
        ):
            self.states = ['SUCCEEDED']
            self.watcher.plans_ = [fakes.plan()]
            self.watcher.actions_ = [enabled('c1', 'SKIPPED', message)]
            found = self.enable()
            self.assertEqual([enabling.Result('c1', 'was enabled')], found)

    def test_a_lost_answer_to_the_start_is_waited_for(self):
        def start(plan):
            self.wait(0)
            raise watcher_errors.Unavailable('lost')

        self.watcher.start = start
        self.assertEqual([enabling.Result('c1', 'enabled')], self.enable())

    def test_a_start_that_has_not_arrived_is_an_error(self):
        self.watcher.errors['start'] = watcher_errors.Unavailable('away')
        self.assertRaises(watcher_errors.Unavailable, self.enable)

    def test_control_c_while_the_start_is_not_answered_leaves_it_open(self):
        def interrupted(plan):
            raise KeyboardInterrupt

        self.watcher.start = interrupted
        self.assertRaises(KeyboardInterrupt, self.enable)
        self.assertIn(
            'It is not known whether the plan is started. To see it: ',
            self.stderr.getvalue(),
        )

    def test_a_plan_that_does_not_end_is_left(self):
        self.states = ['PENDING']
        self.assertRaisesRegex(
            exceptions.CommandError,
            'not ended in 10 minutes, it is PENDING. The plan goes on: see '
            'it with "openstack optimize zone watch enable-c1-2026',
            self.enable,
        )

    def test_a_plan_that_no_applier_takes_is_told(self):
        self.states = ['PENDING'] * 15 + ['SUCCEEDED']
        self.enable()
        self.assertEqual(
            'No applier has taken it yet; is watcher-applier running?\n',
            self.stderr.getvalue(),
        )

    def test_the_plan_that_it_waits_behind_is_told(self):
        self.watcher.plans_.append(
            fakes.plan(uuid='other', audit_uuid='gone', state='ONGOING')
        )
        self.states = ['PENDING'] * 15 + ['SUCCEEDED']
        self.enable(force=True)
        self.assertEqual(
            'This plan waits for another: other.\n', self.stderr.getvalue()
        )

    def silence(self, until):
        """Let Watcher tell nothing of its plan for a while."""
        plan = self.watcher.plan

        def silent(uuid):
            if self.seconds < until:
                raise watcher_errors.Unavailable('Watcher does not answer.')
            return plan(uuid)

        self.watcher.plan = silent

    def test_a_silent_watcher_is_asked_again(self):
        self.silence(50)
        self.assertEqual([enabling.Result('c1', 'enabled')], self.enable())

    def test_one_that_stays_silent_is_left(self):
        self.silence(1e9)
        self.assertRaisesRegex(
            exceptions.CommandError,
            '^Watcher does not answer. The plan goes on',
            self.enable,
        )
        self.assertLess(self.seconds, 70)

    def test_control_c_tells_that_the_plan_goes_on(self):
        def interrupted(seconds):
            raise KeyboardInterrupt

        self.wait = interrupted
        self.assertRaises(KeyboardInterrupt, self.enable)
        self.assertIn('The plan goes on', self.stderr.getvalue())
