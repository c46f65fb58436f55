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

"""A move that has failed and harmed nothing is tried again."""

from zone_migration.tests.functional import base

FAILED = 'live migration failed; the server is ACTIVE on compute1'


class AttemptsTest(base.FunctionalTest):
    """One plan with each kind of move; what fails does so once, but for one.

    Two volumes that hang come last and take all places, which keeps the
    second attempts back until the first have all failed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.servers = {
            **cloud.create_servers(
                ('elsewhere', 'twice', 'harmed', 'cold', 'user'),
                host='compute1'),
            **cloud.create_servers(('off',), host='compute1', stopped=True),
        }
        cls.volumes = {
            **cloud.create_volumes(('copied', 'swapped'), pool='b1'),
            **cloud.create_volumes(('hangs', 'hangs too'), pool='b3'),
        }
        cloud.attach('user', 'swapped')
        cloud.behave('*', live_seconds=0.2)
        cls.fail_all()
        for name in ('hangs', 'hangs too'):
            cloud.behave(name, copy_result='hang')
        plan = cls.plan = base.plan_of(
            {'vm': {
                cls.servers['elsewhere']: base.active(),
                cls.servers['twice']: base.active('compute2'),
                cls.servers['harmed']: base.active('compute2'),
                cls.servers['cold']: base.active('compute2'),
                cls.servers['off']: base.shutoff(),
            }, 'volume': {
                cls.volumes['copied']: base.available(base.B3),
                cls.volumes['swapped']: base.in_use(),
                cls.volumes['hangs']: base.available(base.B1),
                cls.volumes['hangs too']: base.available(base.B1),
            }},
            parallel_total=2, parallel_per_node=0, parallel_per_pool=0,
            priority={'storage_pool': [base.B1]}, allow_downtime=['cold'],
        ).start()
        cloud.wait(cls.all_have_failed, what='the first attempts')
        cls.between = plan.actions()
        for name in ('elsewhere', 'off', 'copied', 'user'):
            cloud.behave(
                name, live_result=None, cold_result=None, copy_result=None,
                swap_result=None)
        for name in ('hangs', 'hangs too'):
            cloud.behave(name, copy_result=None)
        cls.state = plan.wait()
        cls.actions = plan.actions()

    @classmethod
    def fail_all(cls):
        cloud = cls.cloud
        for name in ('elsewhere', 'twice', 'cold'):
            cloud.behave(name, live_result='fail')
        cloud.behave('harmed', live_result='raise')
        cloud.behave('off', cold_result='rollback')
        cloud.behave('copied', copy_result='fail')
        cloud.behave('user', swap_result='fail')

    @classmethod
    def all_have_failed(cls):
        actions = cls.plan.actions()
        ids = {**cls.servers, **cls.volumes}
        return all(
            'attempt 1' in actions[ids[name]].message
            for name in (
                'elsewhere', 'twice', 'cold', 'off', 'copied', 'swapped')
        ) and actions[ids['harmed']].state == 'FAILED'

    def action(self, name):
        return self.actions[{**self.servers, **self.volumes}[name]]

    def test_action_waits_between_its_attempts_and_says_so(self):
        self.assert_state(
            self.between[self.servers['twice']], 'PENDING',
            'waits', f' (attempt 1: {FAILED})')

    def assert_is_elsewhere(self, name, status, failed=''):
        """It is not where it has failed to arrive."""
        host = self.host_of(name)
        other = {'compute2': 'compute3', 'compute3': 'compute2'}[host]
        self.assert_state(
            self.action(name), 'SUCCEEDED',
            f'migrated from compute1 to {host} (attempt 2; attempt 1 to '
            f'{other}: {failed}')
        self.assert_server(name, host, status)

    def test_server_goes_to_another_host_where_nova_chooses(self):
        self.assert_is_elsewhere('elsewhere', 'ACTIVE', f'{FAILED}) in ')

    def test_named_destination_is_kept_and_both_attempts_are_told(self):
        self.assert_state(
            self.action('twice'), 'FAILED',
            f'Action failed in execute: attempt 1: {FAILED}; attempt 2: '
            f'{FAILED} (after ')
        self.assertEqual(
            ['compute2', 'compute2'],
            [m['dest_compute'] for m in self.cloud.migrations('twice')])

    def test_server_in_error_is_not_tried_again(self):
        self.assert_state(self.action('harmed'), 'FAILED')
        self.assertNotIn('attempt', self.action('harmed').message)
        self.assertEqual(1, len(self.cloud.migrations('harmed')))

    def test_server_that_may_be_down_goes_cold_at_the_last_attempt(self):
        self.assert_state(
            self.action('cold'), 'SUCCEEDED', '(down for ', '; not live: ',
            f'(attempt 2; attempt 1: {FAILED}) in ')
        self.assertEqual(
            ['migration', 'live-migration', 'live-migration'],
            [m['migration_type'] for m in self.cloud.migrations('cold')])

    def test_stopped_server_goes_to_another_host(self):
        self.assert_is_elsewhere('off', 'SHUTOFF')

    def test_volume_is_copied_at_the_second_attempt(self):
        self.assert_state(
            self.action('copied'), 'SUCCEEDED', ' (attempt 2; attempt 1: '
            'Cinder could not migrate it to ')
        self.assert_volume('copied', base.B3, 'lvm1', 'available')

    def test_attached_volume_is_swapped_at_the_second_attempt(self):
        self.assert_state(
            self.action('swapped'), 'SUCCEEDED', ' (attempt 2; attempt 1 to ')
        self.assert_volume('swapped', base.B3, 'lvm1', 'in-use')

    def test_plan_tells_how_many_were_tried_again(self):
        self.assertEqual('FAILED', self.state)
        self.assertIn(
            '7 succeeded, 2 failed (1 with downtime, 6 tried again) in ',
            self.plan.show()['status_message'])


class BetweenTest(base.FunctionalTest):
    """Something happens between the attempts of one server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.cloud.create_server('web', host='compute1')
        cls.other = cls.cloud.create_server('other', host='compute2')

    def setUp(self):
        super().setUp()
        # The other comes second, and the next attempt after it.
        self.cloud.behave('web', live_seconds=0.2, live_result='fail')
        self.cloud.behave('other', live_seconds=0.2, live_result='hang')
        self.before = len(self.cloud.migrations('web'))
        hosts = {'compute2', 'compute3'} - {self.host_of('other')}
        self.plan = base.plan_of(
            {'vm': {
                self.server: base.active('compute3'),
                self.other: base.active(hosts.pop()),
            }},
            parallel_total=1).start()
        self.cloud.wait(
            lambda: 'attempt 1' in self.action().message
            and self.record('other') == 'running',
            what='the end of the first attempt')

    def count(self):
        """How often Nova was asked to migrate it."""
        return len(self.cloud.migrations('web')) - self.before

    def action(self):
        return self.plan.actions()[self.server]

    def test_cancel_tells_what_the_first_has_come_to(self):
        self.plan.cancel()
        self.assertEqual('CANCELLED', self.plan.wait())
        self.assert_state(
            self.action(), 'CANCELLED',
            'not tried again: the plan was cancelled (attempt 1: '
            f'{FAILED})')
        self.assertEqual(1, self.count())

    def test_next_applier_counts_the_first(self):
        self.cloud.kill('watcher-applier')
        self.cloud.start('watcher-applier')
        self.cloud.wait(
            lambda: 'went on' in self.plan.show()['status_message'],
            what='the plan to go on')
        self.cloud.behave('other', live_result=None)
        self.assertEqual('FAILED', self.plan.wait())
        self.assert_state(
            self.action(), 'FAILED',
            f'attempt 1: {FAILED}; attempt 2: {FAILED} (after ')
        self.assertEqual(2, self.count())
