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

import fixtures

from zone_migration import client
from zone_migration import exception
from zone_migration.client import backend_enabling
from zone_migration.client import exception as client_exception
from zone_migration.compute_hosts import disabling_plans
from zone_migration.compute_hosts import service_state
from zone_migration.tests.unit import base
from zone_migration.tests.unit import fakes

OURS = 'watcher_zone_migration audit'
AWAY = client_exception.CloudUnavailable(service='Nova', reason='gone')
LOST = client_exception.AnswerLost(service='Nova', reason='broken')
REFUSED = client_exception.RequestRefused(
    service='Nova', reason='no such service', status=404
)


def change(name, state='disabled', reason=OURS, action_type=None):
    return {
        'action_type': action_type or 'change_nova_service_state',
        'state': 'SUCCEEDED',
        'input_parameters': {
            'resource_id': name,
            'resource_name': name,
            'state': state,
            'disabled_reason': reason,
        },
    }


class ServiceStateTestCase(base.TestCase):
    def use(self, **reasons):
        self.cloud = fakes.Hosts(**reasons)
        self.useFixture(
            fixtures.MockPatchObject(
                client, 'cloud_of', lambda osc, conf: self.cloud
            )
        )
        return self.cloud


class CheckTest(ServiceStateTestCase):
    def why_not(self, action):
        error = self.assertRaises(
            exception.HostLeftAlone, service_state.check, object(), action
        )
        return str(error)

    def assert_may_change(self, action):
        self.assertIsNone(service_state.check(object(), action))

    def test_enabled_host_can_be_disabled(self):
        self.use(c1=None)
        self.assert_may_change(change('c1'))

    def test_host_that_we_have_disabled_can_be_enabled(self):
        self.use(c1='watcher_zone_migration another-audit')
        self.assert_may_change(change('c1', 'enabled'))

    def test_host_that_another_plan_has_disabled_is_left_to_it(self):
        # Watcher 15 would put the reason of this plan over it.
        self.use(c1='watcher_zone_migration another-audit')
        self.assertEqual(
            'c1 is disabled: watcher_zone_migration another-audit',
            self.why_not(change('c1')),
        )

    def test_host_that_somebody_has_disabled_since_is_not_enabled(self):
        self.use(c1='broken')
        self.assertEqual(
            'c1 was disabled by somebody else: broken',
            self.why_not(change('c1', 'enabled')),
        )

    def test_host_that_is_gone_is_left_alone(self):
        self.use()
        self.assertEqual(
            'there is no compute host c1', self.why_not(change('c1'))
        )

    def begun(self, *args, **options):
        """The same, which a stopped applier had begun."""
        return {**change(*args, **options), 'state': 'ONGOING'}

    def test_host_that_was_disabled_before_a_restart_is_ours(self):
        self.use(c1=OURS)
        self.assert_may_change(self.begun('c1'))

    def test_host_that_was_enabled_before_a_restart_is_ours(self):
        self.use(c1=None)
        self.assert_may_change(self.begun('c1', 'enabled'))

    def test_host_that_has_been_changed_can_be_changed_back(self):
        done = {**change('c1', 'enabled'), 'state': 'SUCCEEDED'}
        self.use(c1=None)
        self.assert_may_change(done)
        self.use(c1='broken')
        self.assertIn('disabled by somebody else', self.why_not(done))

    def test_host_that_was_not_changed_before_a_restart_can_be(self):
        self.use(c1=None, c2=OURS)
        self.assert_may_change(self.begun('c1'))
        self.assert_may_change(self.begun('c2', 'enabled'))

    def test_host_that_another_has_disabled_before_a_restart_is_not_ours(self):
        for reason in ('broken', '', f'{OURS}-2'):
            self.use(c1=reason)
            self.assertIn('c1 is disabled', self.why_not(self.begun('c1')))

    def test_host_with_our_reason_is_not_ours_before_it_was_begun(self):
        # Another plan of the same audit has disabled it.
        self.use(c1=OURS)
        self.assertEqual(
            f'c1 is disabled: {OURS}',
            self.why_not({**change('c1'), 'state': 'PENDING'}),
        )

    def test_host_that_is_gone_after_a_restart_is_left_alone(self):
        self.use()
        self.assertEqual(
            'there is no compute host c1', self.why_not(self.begun('c1'))
        )

    def test_other_actions_are_none_of_our_business(self):
        self.use(c1='broken').trouble = AWAY
        for action in (
            change('c1', reason='watcher_disabled'),
            change('c1', action_type='nop'),
        ):
            self.assert_may_change(action)

    def test_without_nova_it_is_not_done(self):
        self.use(c1=None).trouble = AWAY
        error = self.assertRaises(
            exception.CloudRequestFailed,
            service_state.check,
            object(),
            change('c1'),
        )
        self.assertEqual('Nova is unavailable: gone', str(error))


class EnableAgainTest(base.DatabaseTestCase, ServiceStateTestCase):
    def setUp(self):
        super().setUp()
        self.plan = self.create_plan('CANCELLING')

    def enable_again(self, *actions):
        return service_state.enable_again(
            object(), self.plan, actions
        )

    def test_hosts_are_enabled_again(self):
        nova = self.use(c1=OURS, c2=OURS, c3='broken')
        self.assertEqual(
            '2 hosts enabled again',
            self.enable_again(change('c1'), change('c2')),
        )
        self.assertEqual(['c1', 'c2'], nova.enabled)

    def test_nova_is_not_asked_when_no_host_was_disabled(self):
        nova = self.use(c1=OURS)
        nova.trouble = AWAY
        self.assertEqual(
            '',
            self.enable_again(
                change('c1', 'enabled'), change('c1', reason='watcher_x')
            ),
        )

    def test_host_whose_reason_has_changed_is_left_alone(self):
        nova = self.use(c1=OURS, c2='broken', c3=f'{OURS}-2', c4=None)
        self.assertEqual(
            '1 host enabled again, c2, c3, c4 left as somebody else has set '
            'it',
            self.enable_again(*map(change, ('c1', 'c2', 'c3', 'c4'))),
        )
        self.assertEqual(['c1'], nova.asked)

    def test_host_that_is_gone_is_left_alone(self):
        self.use()
        self.assertEqual(
            'c1 left as somebody else has set it',
            self.enable_again(change('c1')),
        )

    def test_refusal_does_not_keep_the_others_disabled(self):
        nova = self.use(c1=OURS, c2=OURS)
        nova.refusals['c1'] = REFUSED
        self.assertEqual(
            'c1 still disabled: Nova refuses: no such service (HTTP 404); '
            'enable_compute_nodes enables it; 1 host enabled again',
            self.enable_again(change('c1'), change('c2')),
        )
        self.assertEqual(['c2'], nova.enabled)

    def test_without_nova_it_is_said_at_once(self):
        nova = self.use(c1=OURS, c2=OURS)
        nova.trouble = AWAY
        self.assertEqual(
            'c1, c2 still disabled: Nova is unavailable: gone; '
            'enable_compute_nodes enables them',
            self.enable_again(change('c1'), change('c2')),
        )

    def test_nova_that_goes_away_is_asked_no_more(self):
        nova = self.use(**dict.fromkeys(('c1', 'c2', 'c3', 'c4', 'c5'), OURS))
        nova.refusals['c2'] = AWAY
        text = self.enable_again(*map(change, nova.seen))
        self.assertEqual(['c1', 'c2'], nova.asked)
        self.assertIn('c2, c3, c4 and 1 more still disabled', text)
        self.assertIn('1 host enabled again', text)

    def create_disabling(self, plan, state):
        return self.create_action(
            plan,
            'change_nova_service_state',
            state=state,
            input_parameters=change('c1')['input_parameters'],
        )

    def test_host_that_was_left_to_the_plan_is_enabled_again(self):
        self.use(c1=OURS)
        left = self.create_disabling(self.plan, 'SKIPPED')
        self.assertEqual('1 host enabled again', self.enable_again(left))

    def test_host_that_the_same_audit_wants_disabled_stays_so(self):
        nova = self.use(c1=OURS)
        left = self.create_disabling(self.plan, 'SKIPPED')
        ended = self.create_plan_of(self.plan)
        ended.state = 'SUCCEEDED'
        ended.save()
        self.create_disabling(ended, 'SUCCEEDED')
        self.assertEqual('', self.enable_again(left))
        self.assertEqual([], nova.asked)

    def test_lost_answer_of_a_host_that_is_enabled_does_not_matter(self):
        nova = self.use(c1=OURS)
        nova.refusals['c1'] = LOST
        enable = nova.enable_host

        def enable_and_lose_the_answer(name):
            nova.set(name, None)
            enable(name)

        nova.enable_host = enable_and_lose_the_answer
        self.assertEqual(
            '1 host enabled again', self.enable_again(change('c1'))
        )

    def test_lost_answer_of_a_host_that_is_disabled_is_a_failure(self):
        self.use(c1=OURS).refusals['c1'] = LOST
        self.assertIn('c1 still disabled', self.enable_again(change('c1')))


class BackendsTest(ServiceStateTestCase):
    """Backends of Cinder, as hosts of Nova."""

    def setUp(self):
        super().setUp()
        self.use(c1=OURS)
        self.cloud.cinder = cinder = fakes.Hosts(**{'h@b': OURS})
        cinder.backends = cinder.hosts
        cinder.backend = cinder.seen.get
        cinder.disable_backend = cinder.disable_host
        self.useFixture(
            fixtures.MockPatchObject(
                backend_enabling,
                'enable',
                lambda cinder, name: cinder.enable_host(name),
            )
        )
        for name, value in (
            ('claims', lambda *arguments: {}),
            ('disabled_for_good', lambda plan: set()),
        ):
            self.useFixture(
                fixtures.MockPatchObject(disabling_plans, name, value)
            )
        self.actions = [
            change('c1'),
            change('h@b', action_type='change_cinder_service_state'),
        ]

    def enable_again(self):
        return service_state.enable_again(object(), object(), self.actions)

    def test_both_are_enabled_again(self):
        self.assertEqual(
            '1 host enabled again; 1 backend enabled again',
            self.enable_again(),
        )
        self.assertEqual(['h@b'], self.cloud.cinder.enabled)

    def test_backend_that_stays_disabled_is_told_with_its_remedy(self):
        self.cloud.cinder.refusals['h@b'] = (
            client_exception.BackendStaysDisabled('Cinder', 'it is down')
        )
        self.assertEqual(
            '1 host enabled again; h@b still disabled: it is down; '
            'enable_storage_pools enables it',
            self.enable_again(),
        )

    def test_cinder_that_is_away_keeps_no_host_disabled(self):
        self.cloud.cinder.trouble = AWAY
        self.assertIn('1 host enabled again; h@b still', self.enable_again())

    def test_action_looks_at_its_backend_itself(self):
        self.cloud.cinder.trouble = AWAY
        self.assertIsNone(service_state.check(object(), self.actions[1]))
