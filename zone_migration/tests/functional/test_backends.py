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

"""Storage backends that are disabled while they are emptied."""

import contextlib

from zone_migration.tests.functional import base

BACKEND = 'block1@b1'
MARK = 'watcher_zone_migration'


class BackendTest(base.FunctionalTest):
    """A backend, which is open again in the end."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.open)

    def open(self):
        """Open the backend, whatever it is."""
        self.cloud.forget_behaviour()
        if self.seen()['status'] != 'enabled' and not self.seen()['frozen']:
            self.put('freeze')
        if self.seen()['frozen']:
            self.put('thaw')
        self.cloud.wait(
            lambda: self.seen()['status'] == 'enabled', what='a thaw')

    def put(self, what, **more):
        self.cloud.call('PUT', 'cinder', f'/os-services/{what}',
                        {'host': BACKEND, **more})

    def disable(self, reason):
        self.put('disable-log-reason',
                 binary='cinder-volume', disabled_reason=reason)

    def seen(self):
        """What Cinder shows of the backend."""
        (shown,) = self.cloud.call(
            'GET', 'cinder',
            f'/os-services?binary=cinder-volume&host={BACKEND}')['services']
        return shown

    def pools(self):
        """The names of the pools that Cinder shows."""
        shown = self.cloud.call(
            'GET', 'cinder', '/scheduler-stats/get_pools')['pools']
        return {pool['name'] for pool in shown}

    def assert_open(self):
        self.assertEqual(
            ('enabled', False), (self.seen()['status'], self.seen()['frozen']))
        self.cloud.wait(lambda: base.B1 in self.pools(), what='its pools')

    def assert_closed(self, reason=MARK):
        self.assertEqual('disabled', self.seen()['status'])
        self.assertIn(reason, self.seen()['disabled_reason'])

    def emptying(self, **more):
        return base.plan_of(
            storage_pools=[{'src_pool': base.B1, 'dst_pool': base.B3}],
            disable_storage_pools=True, **more)

    def enabling(self):
        return base.plan_of(enable_storage_pools=[BACKEND])

    def change(self, plan):
        """The action of a plan that disables or enables the backend."""
        (found,) = (action for action in plan.all_actions()
                    if action.type == 'change_cinder_service_state')
        return found


class ClosedTest(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        options = contextlib.ExitStack()
        options.enter_context(cls.watcher_options(
            {'watcher_applier': {'rollback_when_actionplan_failed': True}},
            'watcher-applier'))
        cls.addClassCleanup(options.close)

    def start(self, volume, **more):
        """A plan whose volume is on its way."""
        self.cloud.behave(volume, copy_result='hang')
        plan = self.emptying(**more).start()
        self.wait_for_copy(volume)
        return plan

    def wait_for_copy(self, volume):
        self.cloud.wait(
            lambda: self.cloud.volume(volume)['migration_status']
            == 'migrating', what=f'a copy of {volume}')

    def cancel(self, plan, volume):
        """What a plan says that is cancelled while its volume is copied."""
        plan.cancel()
        self.cloud.behave(volume, copy_result=None)
        self.assertEqual('CANCELLED', plan.wait())
        return plan.show()['status_message']

    def test_backend_is_emptied_closed_and_opened(self):
        self.cloud.create_server('web', host='compute1')
        self.cloud.create_volumes(['free', 'held'], pool='b1')
        self.cloud.attach('web', 'held')
        # Of which a part stays, it is not closed.
        plan = base.plan_of(
            storage_pools=[{'src_pool': base.B1, 'src_type': 'lvm1',
                            'dst_pool': base.B3}],
            disable_storage_pools=True)
        self.assert_state(
            self.change(plan), 'SKIPPED', 'whole backends only',
            f'type lvm1 leave {base.B1}')
        plan = self.emptying()
        self.assertEqual('SUCCEEDED', plan.run())
        message = plan.show()['status_message']
        self.assertIn('1 backend disabled', message)
        self.assertIn('1 of 1 pool empty', message)
        self.assert_closed(plan.show()['audit_uuid'])
        for name in ('free', 'held'):
            self.assertEqual(base.B3, self.pool_of(name))
        self.assertNotIn(base.B1, self.pools())
        # It is no destination of any plan, and a source all the same.
        audit = base.audited(base.create_audit(storage_pools=[
            {'src_pool': base.B3, 'dst_pool': base.B1}]))
        self.assertIn('storage_pools.0.dst_pool', audit['status_message'])
        again = self.emptying()
        self.assert_state(
            self.change(again), 'PENDING')
        self.assertEqual([base.B1], list(again.proofs()))
        opened = self.enabling()
        self.assertEqual('SUCCEEDED', opened.run())
        self.assert_open()

    def test_what_holds_a_pool_is_summed_up_before_and_afterwards(self):
        self.cloud.create_server('off', host='compute1')
        self.cloud.create_volumes(['snap', 'stopped'], pool='b1')
        self.cloud.attach('off', 'stopped')
        self.cloud.act(self.cloud.server_id('off'), 'os-stop')
        self.addCleanup(self.delete, self.cloud.call(
            'POST', 'cinder', '/snapshots', {'snapshot': {
                'volume_id': self.cloud.volume_id('snap')}})['snapshot'])
        self.cloud.wait(
            lambda: self.cloud.server('off')['status'] == 'SHUTOFF')
        held = ('1 volume of stopped servers (would move while these run), '
                '1 with snapshots')
        plan = self.emptying()
        self.assertIn(f'pool {base.B1} will not be empty: {held}',
                      plan.show()['status_message'])
        self.assertEqual('SUCCEEDED', plan.run())
        self.assert_state(
            plan.proofs()[base.B1], 'SUCCEEDED', '1 with snapshots',
            '1 of stopped servers (would move while these run)')

    def delete(self, snapshot):
        path = f'/snapshots/{snapshot["id"]}'
        self.cloud.call('DELETE', 'cinder', path)
        self.cloud.wait(
            lambda: self.cloud.request('GET', 'cinder', path)[0] == 404,
            what='no snapshot')

    def test_backend_is_opened_by_the_last_plan_that_is_cancelled(self):
        self.cloud.create_volumes(['x', 'y'], pool='b1')
        first = self.start('x', exclude={'volumes': ['y']})
        self.cloud.behave('y', copy_result='hang')
        # It waits for its turn.
        second = self.emptying(exclude={'volumes': ['x']}, force=True).start()
        self.assertIn('stays disabled for audit', self.cancel(first, 'x'))
        self.assert_closed(second.show()['audit_uuid'])
        self.wait_for_copy('y')
        self.assertIn('1 backend enabled again', self.cancel(second, 'y'))
        self.assert_open()

    def test_failed_plan_opens_it_before_volumes_go_back(self):
        self.cloud.create_volumes(['goes', 'fails'], pool='b1')
        self.cloud.behave('fails', copy_result='fail')
        plan = self.emptying()
        self.assertEqual('FAILED', plan.run())
        self.assert_open()
        self.assertEqual(base.B1, self.pool_of('goes'))


class OpenedTest(BackendTest):
    def setUp(self):
        super().setUp()
        self.disable(f'{MARK} {base.NOBODY}')

    def test_one_that_somebody_else_has_closed_is_left_alone(self):
        plan = self.enabling()
        self.put('freeze')
        self.assertEqual('SUCCEEDED', plan.run())
        self.assert_state(
            self.change(plan), 'SKIPPED', 'somebody else: frozen')
        self.assertTrue(self.seen()['frozen'])
        self.assert_state(
            self.change(self.enabling()), 'SKIPPED', 'somebody else: frozen')
        # An audit that empties it leaves it as it is, too.
        self.assertEqual([], [
            action for action in self.emptying().all_actions()
            if action.type == 'change_cinder_service_state'])

    def test_applier_that_is_killed_in_the_middle_leaves_nothing_frozen(self):
        plan = self.enabling()
        self.cloud.behave('b1', freeze_result='hang')
        plan.start()
        self.cloud.wait(lambda: self.seen()['frozen'], what='a freeze')
        self.assertEqual('ONGOING', self.change(plan).state)
        self.cloud.kill('watcher-applier')
        self.cloud.forget_behaviour()
        self.cloud.wait(
            lambda: self.seen()['disabled_reason'] == 'frozen',
            what='the end of the freeze')
        self.cloud.start('watcher-applier')
        self.assertEqual('SUCCEEDED', plan.wait())
        self.assert_state(self.change(plan), 'SUCCEEDED', 'it was thawed')
        self.assert_open()

    def test_backend_that_is_not_thawed_stays_closed_until_it_is(self):
        self.cloud.behave('b1', thaw_result='fail')
        plan = self.enabling()
        self.assertEqual('FAILED', plan.run())
        self.assert_state(
            self.change(plan), 'FAILED', 'stays disabled', '3 attempts',
            'enable_storage_pools')
        # As it was: its owners can delete what they have there.
        self.assertFalse(self.seen()['frozen'])
        self.assert_closed(base.NOBODY)
