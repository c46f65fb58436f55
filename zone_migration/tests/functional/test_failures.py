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

"""Migrations that fail, each provoked for real in one plan."""

from zone_migration.tests.functional import base

#: How each server is made to fail, and where it is left: its host, its
#: status, and words of the reason.
LIVE = {
    'live-refused-there': (
        {'live_result': 'check_fail'}, 'compute1', 'ACTIVE',
        ('refused by the destination',)),
    'live-refused-here': (
        {'live_result': 'source_check_fail'}, 'compute1', 'ACTIVE',
        ('refused by the source',)),
    'live-not-prepared': (
        {'live_result': 'pre_fail'}, 'compute1', 'ACTIVE',
        ('live migration',)),
    'live-rolled-back': (
        {'live_result': 'fail'}, 'compute1', 'ACTIVE',
        ('live migration failed',)),
    'live-raised': (
        {'live_result': 'raise'}, 'compute1', 'ERROR', ('ERROR',)),
    'live-broken-there': (
        {'live_result': 'post_fail'}, 'compute2', 'ERROR', ('ERROR',)),
}
COLD = {
    'cold-failed': (
        {'cold_result': 'fail'}, 'compute1', 'ERROR', ('ERROR',)),
    'cold-rolled-back': (
        {'cold_result': 'rollback'}, 'compute1', 'SHUTOFF',
        ('cold migration error',)),
    'cold-not-finished': (
        {'cold_result': 'finish_fail'}, 'compute2', 'ERROR', ('ERROR',)),
    'cold-not-confirmed': (
        {'cold_result': 'confirm_fail'}, 'compute2', 'ERROR',
        ('confirmation',)),
}
VOLUMES = {
    'copy-failed': ({'copy_result': 'fail'}, base.available(base.B3)),
    'not-created': ({'create_result': 'fail'}, base.available(base.B3)),
    'retype-copy-failed': (
        {'copy_result': 'fail'}, base.available(dst_type='lvm2')),
}


class FailuresTest(base.FunctionalTest):
    """What fails is FAILED with its reason, and nothing else suffers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.ids = {
            **cloud.create_servers(
                (*LIVE, 'live-good', 'swap-holder'), host='compute1'),
            **cloud.create_servers(COLD, host='compute1', stopped=True),
            **cloud.create_volumes(
                (*VOLUMES, 'with-snapshot', 'swap-failed', 'volume-good'),
                pool='b1'),
        }
        cloud.attach('swap-holder', 'swap-failed')
        for name, (behaviour, *_) in {**LIVE, **COLD, **VOLUMES}.items():
            cloud.behave(name, **behaviour)
        cloud.behave('swap-holder', swap_result='fail')
        vm = dict.fromkeys(
            (*LIVE, 'live-good', 'swap-holder'), base.active('compute2'))
        vm.update(dict.fromkeys(COLD, base.shutoff('compute2')))
        volume = {n: wanted for n, (_, wanted) in VOLUMES.items()}
        volume['with-snapshot'] = base.available(dst_type='lvm2')
        volume['swap-failed'] = base.in_use(base.B3)
        volume['volume-good'] = base.available(base.B3)
        cls.plan = base.plan_of({
            'vm': {cls.ids[n]: w for n, w in vm.items()},
            'volume': {cls.ids[n]: w for n, w in volume.items()},
        }, attempts=1)
        # An audit would refuse a retype that has to copy them.
        cloud.call('POST', 'cinder', '/snapshots', {'snapshot': {
            'volume_id': cls.ids['with-snapshot'], 'name': 'snapshot'}})
        cls.state = cls.plan.run()
        cls.actions = cls.plan.actions()

    def action(self, name):
        return self.actions[self.ids[name]]

    def test_plan_is_failed(self):
        self.assertEqual('FAILED', self.state)

    def test_failed_migrations_of_servers_tell_the_reason(self):
        for name, (_, host, status, words) in {**LIVE, **COLD}.items():
            with self.subTest(name):
                self.assert_state(self.action(name), 'FAILED', *words)
                self.assert_server(name, host, status)

    def test_failed_moves_of_volumes_leave_them_unharmed(self):
        for name in VOLUMES:
            with self.subTest(name):
                self.assert_state(self.action(name), 'FAILED', 'Cinder')
                self.assert_volume(name, base.B1, 'lvm1', 'available')

    def test_retype_that_cinder_drops_is_failed(self):
        self.assert_state(
            self.action('with-snapshot'), 'FAILED', 'dropped', 'snapshots')
        self.assert_volume(
            'with-snapshot', base.B1, 'lvm1', 'available')

    def test_failed_swap_leaves_the_volume_attached_where_it_was(self):
        self.assert_state(self.action('swap-failed'), 'FAILED', 'unharmed')
        self.assert_volume('swap-failed', base.B1, 'lvm1', 'in-use')
        self.assertEqual(
            [self.ids['swap-holder']],
            [a['server_id']
             for a in self.cloud.volume('swap-failed')['attachments']])

    def test_what_depends_on_a_failed_move_is_skipped_with_that_reason(self):
        self.assert_state(
            self.action('swap-holder'), 'SKIPPED',
            self.action('swap-failed').uuid, 'FAILED')
        self.assert_server('swap-holder', 'compute1', 'ACTIVE')

    def test_others_go_on(self):
        for name in ('live-good', 'volume-good'):
            self.assert_state(self.action(name), 'SUCCEEDED')
        self.assert_server('live-good', 'compute2', 'ACTIVE')
        self.assert_volume(
            'volume-good', base.B3, 'lvm1', 'available')


class EarlyFailureTest(base.FunctionalTest):
    """What Nova gives up at once is FAILED while others still run."""

    def test_migration_given_up_is_failed_before_a_slow_one_ends(self):
        slow = self.cloud.create_server('slow', host='compute1')
        refused = self.cloud.create_server('refused', host='compute1')
        self.cloud.behave('slow', live_result='hang')
        self.cloud.behave('refused', live_result='check_fail')
        item = base.active('compute2')
        plan = base.plan_of(
            {'vm': {slow: item, refused: item}}, attempts=1).start()
        self.cloud.wait(
            lambda: plan.actions()[refused].state == 'FAILED')
        self.assertEqual('ONGOING', plan.actions()[slow].state)
        self.cloud.forget_behaviour()
        self.assertEqual('FAILED', plan.wait())
        self.assert_state(plan.actions()[slow], 'SUCCEEDED')
        self.assert_server(slow, 'compute2', 'ACTIVE')


class NoProgressTest(base.FunctionalTest):
    """A migration that shows no change is given up, as configured."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.cloud.restart, 'watcher-applier')
        cls.addClassCleanup(cls.cloud.set_watcher_options, {})

    def run_hanging(self, measure):
        """The action of a live migration that hangs, and its server."""
        self.cloud.clean()
        server = self.cloud.create_server('hanging', host='compute1')
        self.cloud.behave('hanging', live_result='hang')
        # Each step before the copy, and its end, has to take less.
        self.cloud.set_watcher_options({'zone_migration': {
            'retry': 15, 'retry_interval': 1, 'on_no_progress': measure}})
        self.cloud.restart('watcher-applier')
        plan = base.plan_of(
            {'vm': {server: base.active('compute2')}}, attempts=1)
        plan.run()
        return server, plan.actions()[server]

    def test_abort(self):
        server, action = self.run_hanging('abort')
        self.assert_state(
            action, 'FAILED', 'no change for', 'copying to compute2',
            'cancelled')
        self.assert_server(server, 'compute1', 'ACTIVE')

    def test_force_complete(self):
        server, action = self.run_hanging('force_complete')
        self.assert_state(action, 'SUCCEEDED')
        self.assert_server(server, 'compute2', 'ACTIVE')

    def test_leave(self):
        server, action = self.run_hanging('leave')
        self.assert_state(action, 'FAILED', 'no change for', 'left as it is')
        self.assertEqual('MIGRATING', self.cloud.server(server)['status'])
