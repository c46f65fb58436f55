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

"""A plan that is cancelled ends, and leaves nothing half-done."""

from zone_migration.tests.functional import base


class CancelTest(base.FunctionalTest):
    """Every kind of move is in flight, or waits for a slot, at the cancel.

    Two servers leave a host at a time, and two volumes a pool: parallel's
    own limits.  Nova itself migrates one server at a time from a host.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.from_1 = cloud.create_servers(
            ('live1', 'live2', 'live3'), host='compute1')
        cls.cold = cloud.create_servers(
            ('cold1', 'cold2', 'cold3'), host='compute2', stopped=True)
        cls.copied = cloud.create_volumes(
            ('copied1', 'copied2', 'copied3'), pool='b1')
        retyped = cloud.create_volume('retyped', pool='b2')
        swapped = cloud.create_volume('swapped', pool='b3')
        cloud.create_server('user', host='compute3', volumes=[swapped])
        cloud.behave('*', live_result='hang', cold_result='hang',
                     copy_result='hang', swap_result='hang')
        cls.plan = base.plan_of({
            'vm': {
                **dict.fromkeys(
                    cls.from_1.values(), base.active('compute3')),
                **dict.fromkeys(cls.cold.values(), base.shutoff('compute1')),
            },
            'volume': {
                **dict.fromkeys(
                    cls.copied.values(), base.available(base.B3)),
                retyped: base.available(dst_type='lvm1'),
                swapped: base.in_use(base.B1),
            },
        }).start()
        cloud.wait(cls.all_in_flight, what='every move in flight')
        cls.before = cls.plan.actions()
        cls.cancel()
        cls.after = cls.plan.actions()

    @classmethod
    def all_in_flight(cls):
        """Whether all run that may at once, each as far as it gets."""
        cloud = cls.cloud
        volumes = [cloud.volume(v) for v in (
            *cls.copied.values(), 'retyped', 'swapped')]
        return (
            {cls.record(s) for s in cls.from_1.values()}
            == {'running', 'queued', None}
            and [cloud.server(s)['status'] for s in cls.cold].count('RESIZE')
            == 2
            and [v['migration_status'] for v in volumes].count('migrating')
            == 4
        )

    @classmethod
    def cancel(cls):
        """Cancel the plan; nothing hangs once what can end early has."""
        cls.plan.cancel()
        cls.cloud.wait(
            lambda: {cls.plan.actions()[s].state for s in
                     cls.from_1.values()} <= {'CANCELLED', 'PENDING'},
            what='the end of the live migrations')
        cls.state_with_copies_in_flight = cls.plan.state
        cls.cloud.forget_behaviour()
        cls.state = cls.plan.wait()

    def pending(self, ids):
        """Those of a group whose action waited for a slot at the cancel."""
        return [i for i in ids if self.before[i].state == 'PENDING']

    def in_flight(self, ids):
        return [i for i in ids if self.before[i].state == 'ONGOING']

    def test_plan_ends_with_its_last_action(self):
        self.assertEqual('CANCELLING', self.state_with_copies_in_flight)
        self.assertEqual('CANCELLED', self.state)
        self.assertEqual(
            {'CANCELLED', 'SUCCEEDED'},
            {action.state for action in self.after.values()})

    def test_what_waited_for_a_slot_was_never_started(self):
        for group in (self.from_1, self.cold):
            (server,) = self.pending(group.values())
            self.assert_state(self.after[server], 'CANCELLED')
            self.assertEqual([], self.cloud.migrations(server))
        (volume,) = self.pending(self.copied.values())
        self.assert_state(self.after[volume], 'CANCELLED')
        self.assert_volume(volume, base.B1, 'lvm1', 'available')
        self.assertIsNone(self.cloud.volume(volume)['migration_status'])

    def test_live_migrations_are_aborted(self):
        servers = self.in_flight(self.from_1.values())
        self.assertEqual(2, len(servers))  # running and queued
        for server in servers:
            self.assert_state(self.after[server], 'CANCELLED', 'compute1')
            self.assertEqual('cancelled', self.record(server))
            self.assert_server(server, 'compute1', 'ACTIVE')

    def test_cold_migrations_are_reverted(self):
        servers = self.in_flight(self.cold.values())
        self.assertEqual(2, len(servers))
        for server in servers:
            self.assert_state(self.after[server], 'CANCELLED', 'taken back')
            self.assertEqual('reverted', self.record(server))
            self.assert_server(server, 'compute2', 'SHUTOFF')

    def test_moves_of_volumes_are_waited_for(self):
        volumes = self.in_flight(self.copied.values())
        self.assertEqual(2, len(volumes))
        for volume in volumes:
            self.assert_state(self.after[volume], 'SUCCEEDED')
            self.assert_volume(volume, base.B3, 'lvm1', 'available')
        for name, pool, status in (
            ('retyped', None, 'available'), ('swapped', base.B1, 'in-use'),
        ):
            volume = self.cloud.volume_id(name)
            self.assert_state(self.after[volume], 'SUCCEEDED')
            self.assert_volume(
                name, pool or self.pool_of(name), 'lvm1', status)


class SmallPlanTest(base.FunctionalTest):
    """Plans of one action, which is in flight when they are cancelled."""

    def start(self, server, record_status):
        """A plan whose live migration has got as far as that."""
        plan = base.plan_of({'vm': {
            self.cloud.server_id(server): base.active('compute2')}}).start()
        self.cloud.wait(
            lambda: self.cloud.server(server)['status'] == 'MIGRATING'
            and self.record(server) == record_status
            and self.action(plan).state == 'ONGOING')
        return plan

    def action(self, plan):
        (action,) = plan.actions().values()
        return action

    def cancel(self, plan):
        """Cancel it, and wait until its action is asked to end."""
        plan.cancel()
        self.cloud.wait(lambda: self.action(plan).state == 'CANCELLING')
        self.assertEqual('CANCELLING', plan.state)

    def assert_aborted(self, plan, server):
        self.assertEqual('CANCELLED', plan.wait())
        self.assert_state(self.action(plan), 'CANCELLED', 'compute1')
        self.assertEqual('cancelled', self.record(server))
        self.assert_server(server, 'compute1', 'ACTIVE')

    def test_nothing_is_left_to_start(self):
        self.cloud.create_server('only', host='compute1')
        self.cloud.behave('only', live_result='hang')
        plan = self.start('only', 'running')
        plan.cancel()
        self.assert_aborted(plan, 'only')

    def test_live_migration_that_is_being_prepared(self):
        self.cloud.create_server('preparing', host='compute1')
        self.cloud.behave('preparing', live_pre_seconds=600,
                          live_result='hang')
        plan = self.start('preparing', 'preparing')
        self.cancel(plan)
        # Nova asks its driver to end it only when it is prepared.
        self.cloud.behave('preparing', live_pre_seconds=None)
        self.assert_aborted(plan, 'preparing')

    def test_live_migration_that_waits_for_the_scheduler(self):
        self.cloud.create_server('unscheduled', host='compute1')
        self.cloud.behave('unscheduled', live_result='hang')
        self.addCleanup(self.cloud.start, 'nova-scheduler')
        self.cloud.stop('nova-scheduler')
        plan = self.start('unscheduled', 'accepted')
        self.cancel(plan)
        self.cloud.start('nova-scheduler')
        self.assert_aborted(plan, 'unscheduled')

    def test_live_migration_that_has_no_record_yet(self):
        self.cloud.create_server('unrecorded', host='compute1')
        self.cloud.behave('unrecorded', live_result='hang')
        self.addCleanup(self.cloud.start, 'nova-conductor')
        self.cloud.stop('nova-conductor')
        plan = self.start('unrecorded', None)
        self.cancel(plan)
        self.cloud.start('nova-conductor')
        self.assert_aborted(plan, 'unrecorded')

    def test_live_migration_that_ends_all_the_same(self):
        self.cloud.create_server('stubborn', host='compute1')
        self.cloud.behave('stubborn', live_result='hang', live_abort='ignore')
        plan = self.start('stubborn', 'running')
        self.cancel(plan)
        self.cloud.behave('stubborn', live_result='ok')
        self.assertEqual('CANCELLED', plan.wait())
        self.assert_state(self.action(plan), 'SUCCEEDED')
        self.assert_server('stubborn', 'compute2', 'ACTIVE')

    def test_cold_migration_of_a_running_server(self):
        """Such an action comes from Watcher's strategy ``actuator``."""
        server = self.cloud.create_server('on', host='compute1')
        self.cloud.behave('on', cold_result='hang')
        with self.watcher_options(
            {'watcher_planners.weight': {
                'weights': 'cold_migration:1',
                'parallelization': 'cold_migration:1'}},
            'watcher-decision-engine',
        ):
            plan = base.plan_of_audit(base.create_audit_of(
                'unclassified', 'actuator', {'actions': [{
                    'action_type': 'cold_migration',
                    'resource_id': server,
                    'input_parameters': {'dst_hostname': 'compute2'},
                }]}))
        plan.start()
        self.cloud.wait(
            lambda: self.cloud.server('on')['status'] == 'RESIZE')
        self.cancel(plan)
        self.cloud.forget_behaviour()
        self.assertEqual('CANCELLED', plan.wait())
        self.assert_state(self.action(plan), 'CANCELLED', 'taken back')
        self.assertEqual('reverted', self.record('on'))
        self.assert_server('on', 'compute1', 'ACTIVE')


class LostApplierTest(base.FunctionalTest):
    """The applier goes away while a plan is being cancelled.

    Watcher itself ends the ONGOING plans of an applier that starts again,
    but not those in CANCELLING.
    """

    def setUp(self):
        super().setUp()
        self.addCleanup(self.cloud.clean)

    def start_and_cancel(self):
        """Cancel a plan that cannot end, because its moves hang.

        Two volumes leave a pool at a time: one of three waits.
        """
        cloud = self.cloud
        self.server = cloud.create_server('live', host='compute1')
        self.volumes = list(cloud.create_volumes(
            ('copied1', 'copied2', 'copied3'), pool='b1').values())
        cloud.behave('live', live_result='hang', live_abort='ignore')
        cloud.behave('*', copy_result='hang')
        self.params = {
            'vm': {self.server: base.active('compute2')},
            'volume': dict.fromkeys(self.volumes, base.available(base.B3)),
        }
        plan = base.plan_of(self.params).start()
        cloud.wait(lambda: self.record('live') == 'running'
                   and len(self.migrating_volumes()) == 2)
        plan.cancel()
        cloud.wait(lambda: self.states(plan) == [
            'CANCELLING', 'ONGOING', 'ONGOING', 'PENDING'])
        return plan

    def migrating_volumes(self):
        return [v for v in self.volumes
                if self.cloud.volume(v)['migration_status'] == 'migrating']

    def states(self, plan):
        return sorted(a.state for a in plan.actions().values())

    def assert_ended(self, plan):
        """The plan has ended, and says why; nothing of it is left open."""
        self.assertEqual('CANCELLED', plan.wait())
        self.assertTrue(plan.show()['status_message'])
        for action in plan.actions().values():
            self.assert_state(action, 'CANCELLED')
            self.assertTrue(action.message, action)

    def assert_same_audit_ends_it(self):
        """What was left in flight is adopted, what waited is done now."""
        migrating = self.migrating_volumes()
        self.assertEqual(2, len(migrating))
        plan = base.plan_of(self.params).start()
        self.cloud.wait(lambda: self.states(plan) == [
            'ONGOING', 'ONGOING', 'ONGOING', 'PENDING'])
        self.cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        for action in plan.actions().values():
            self.assert_state(action, 'SUCCEEDED')
        self.assertEqual(1, len(self.cloud.migrations('live')))
        self.assert_server('live', 'compute2', 'ACTIVE')
        for volume in self.volumes:
            self.assert_volume(volume, base.B3, 'lvm1', 'available')

    def assert_is_cancelled_on(self, plan):
        """It is aborted again; what nobody can abort is waited for."""
        self.cloud.wait(lambda: self.states(plan) == [
            'CANCELLED', 'ONGOING', 'ONGOING', 'PENDING'])
        self.assertEqual('CANCELLING', plan.state)
        self.cloud.forget_behaviour()
        self.assertEqual('CANCELLED', plan.wait())
        self.assertRegex(
            plan.show()['status_message'],
            r'^2 succeeded, 1 cancelled, 1 not started in .*; went on at ')
        actions = plan.actions()
        self.assert_state(actions[self.server], 'CANCELLED', 'compute1')
        self.assert_server('live', 'compute1', 'ACTIVE')
        self.assertEqual(['cancelled'], [
            m['status'] for m in self.cloud.migrations('live')])
        self.assertEqual(
            ['CANCELLED', 'SUCCEEDED', 'SUCCEEDED'],
            sorted(actions[volume].state for volume in self.volumes))

    def test_applier_is_stopped(self):
        plan = self.start_and_cancel()
        self.cloud.behave('live', live_result='hang', live_abort='ok')
        self.cloud.restart('watcher-applier')
        self.assert_is_cancelled_on(plan)

    def test_applier_is_killed(self):
        plan = self.start_and_cancel()
        self.cloud.kill('watcher-applier')
        self.cloud.behave('live', live_result='hang', live_abort='ok')
        log = self.cloud.layout.log('watcher-applier')
        before = log.stat().st_size
        self.cloud.start('watcher-applier')
        self.assert_is_cancelled_on(plan)
        # Two processes on one connection take each other's answers, and a
        # plan stops for minutes.
        self.assertNotIn(
            b'Process forked after connection established',
            log.read_bytes()[before:])

    def test_plans_are_not_to_go_on(self):
        """The same audit again ends what Nova and Cinder go on with."""
        plan = self.start_and_cancel()
        with self.watcher_options(
            {'zone_migration': {'resume_plans': 'false'}}, 'watcher-applier'
        ):
            self.assert_ended(plan)
        self.assert_same_audit_ends_it()
