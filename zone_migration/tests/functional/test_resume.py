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

"""A plan goes on after its applier was stopped, and adopts what is in flight.

Whoever began it, and however long ago.
"""

import datetime
import unittest

from zone_migration.tests.functional import base


class ResumeTest(base.FunctionalTest):
    """An applier dies with moves in flight; when it is back its plan goes on.

    It finishes what was begun, and starts nothing twice.
    """

    #: What is done before the applier dies, and while it is dead.
    DONE = ('cold-done',)
    DONE_MEANWHILE = ('live-meanwhile', 'copied-meanwhile')
    #: Its migration waits for its confirmation since the applier died.
    UNCONFIRMED = 'unconfirmed'
    IN_FLIGHT = ('live1', 'live2', 'cold', 'copied', 'retyped', 'swapped')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.servers = {
            # Nova migrates one at a time from a host and queues the other.
            **cloud.create_servers(('live1', 'live2'), host='compute1'),
            **cloud.create_servers(('live-meanwhile',), host='compute3'),
            **cloud.create_servers(
                ('cold-done',), host='compute3', stopped=True),
            **cloud.create_servers(
                ('cold', 'unconfirmed'), host='compute2', stopped=True),
        }
        cls.volumes = {
            **cloud.create_volumes(
                ('copied', 'copied-meanwhile'), pool='b1'),
            **cloud.create_volumes(('retyped',), pool='b2'),
            **cloud.create_volumes(('swapped',), pool='b3'),
        }
        cloud.create_server(
            'user', host='compute3', volumes=[cls.volumes['swapped']])
        cls.ids = {**cls.servers, **cls.volumes}
        cloud.behave('*', live_result='hang', cold_result='hang',
                     copy_result='hang', swap_result='hang')
        cloud.behave('cold-done', cold_result='ok')
        cls.plan = base.plan_of(cls.params()).start()
        cloud.wait(cls.all_in_flight, what='every move in flight')
        cloud.kill('watcher-applier')
        for name in ('live-meanwhile', 'unconfirmed', 'copied-meanwhile'):
            cloud.behave(name, live_result='ok', cold_result='ok',
                         copy_result='ok')
        cloud.wait(cls.some_have_ended, what='what ends meanwhile')
        cloud.start('watcher-applier')
        cls.go_on()

    @classmethod
    def params(cls):
        wanted = {
            'live1': base.active('compute2'),
            'live2': base.active('compute2'),
            'cold-done': base.shutoff('compute1'),
            'live-meanwhile': base.active('compute1'),
            'cold': base.shutoff('compute3'),
            'unconfirmed': base.shutoff('compute3'),
            'copied': base.available(base.B3),
            'copied-meanwhile': base.available(base.B3),
            'retyped': base.available(dst_type='lvm1'),
            'swapped': base.in_use(base.B1),
        }
        return {
            'vm': {i: wanted[n] for n, i in cls.servers.items()},
            'volume': {i: wanted[n] for n, i in cls.volumes.items()},
        }

    @classmethod
    def records(cls, *names):
        """The statuses of all of Nova's records of these servers."""
        return sorted(
            m['status'] for n in names for m in cls.cloud.migrations(n))

    @classmethod
    def all_in_flight(cls):
        cloud = cls.cloud
        volumes = [cloud.volume(v) for v in cls.volumes.values()]
        return (
            cls.records('live1', 'live2') == ['queued', 'running']
            and cls.records('cold-done', 'live-meanwhile')
            == ['confirmed', 'running']
            and all(cloud.server(n)['status'] == 'RESIZE'
                    for n in ('cold', 'unconfirmed'))
            and all(v['migration_status'] == 'migrating' for v in volumes)
        )

    @classmethod
    def some_have_ended(cls):
        cloud = cls.cloud
        moved = cloud.volume('copied-meanwhile')
        return (
            cls.records('live-meanwhile') == ['completed']
            and cloud.server('unconfirmed')['status'] == 'VERIFY_RESIZE'
            and moved['migration_status'] == 'success'
        )

    @classmethod
    def go_on(cls):
        """See the plan go on; nothing hangs once all is adopted."""
        cls.cloud.wait(
            lambda: all(cls.plan.actions()[id_].state == 'SUCCEEDED'
                        for name, id_ in cls.ids.items()
                        if name not in cls.IN_FLIGHT),
            what='the end of what has ended')
        cls.cloud.wait(
            lambda: '4 of 10 done' in cls.plan.show()['status_message'],
            what='the sums of the plan')
        cls.message = cls.plan.show()['status_message']
        cls.cloud.forget_behaviour()
        cls.state = cls.plan.wait()
        cls.actions = {
            name: cls.plan.actions()[id_] for name, id_ in cls.ids.items()}

    def test_plan_succeeds(self):
        self.assertEqual('SUCCEEDED', self.state)

    def test_plan_says_that_it_went_on(self):
        for message in (self.message, self.plan.show()['status_message']):
            self.assertRegex(message, r'; went on at [-\d: ]+ after a restart')

    def test_sums_are_those_of_the_whole_plan(self):
        self.assertRegex(self.message, '^4 of 10 done, 6 running')
        self.assertRegex(
            self.plan.show()['status_message'], '^10 succeeded in')

    def test_all_that_has_moved_has_succeeded(self):
        for action in self.actions.values():
            self.assert_state(action, 'SUCCEEDED', ' to ')

    def test_unconfirmed_cold_migration_is_confirmed(self):
        self.assert_state(self.actions[self.UNCONFIRMED], 'SUCCEEDED')
        self.assertEqual(['confirmed'], self.records(self.UNCONFIRMED))

    def test_everything_is_where_it_should_be(self):
        for name in ('live1', 'live2'):
            self.assert_server(name, 'compute2', 'ACTIVE')
        self.assert_server('live-meanwhile', 'compute1', 'ACTIVE')
        self.assert_server('cold-done', 'compute1', 'SHUTOFF')
        for name in ('cold', 'unconfirmed'):
            self.assert_server(name, 'compute3', 'SHUTOFF')
        for name in ('copied', 'copied-meanwhile'):
            self.assert_volume(name, base.B3, 'lvm1', 'available')
        self.assert_volume(
            'retyped', self.pool_of('retyped'), 'lvm1', 'available')
        self.assert_volume('swapped', base.B1, 'lvm1', 'in-use')

    def test_nothing_is_started_twice(self):
        for name in self.servers:
            self.assertEqual(1, len(self.cloud.migrations(name)), name)
        log = self.cloud.requests_logged('cinder-api')
        for name in ('copied', 'copied-meanwhile', 'retyped'):
            asked = [line for line in log
                     if f'/volumes/{self.ids[name]}/action' in line]
            self.assertEqual(1, len(asked), asked)


class LongSilenceTest(base.FunctionalTest):
    """Nova has not touched what is adopted for more than a minute.

    Somebody has begun a cold migration and has not confirmed it, and a live
    migration that Nova keeps in its queue: it migrates one at a time from a
    host.
    """

    #: In seconds; the shared readings look back one minute.
    SILENCE = 70

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cls.ids = {
            **cloud.create_servers(('first', 'queued'), host='compute1'),
            **cloud.create_servers(
                ('unconfirmed',), host='compute2', stopped=True),
        }
        cls.addClassCleanup(cloud.forget_behaviour)
        cloud.behave('first', live_result='hang')
        cls.begin('first', 'os-migrateLive', 'running', block_migration='auto')
        cls.begin(
            'queued', 'os-migrateLive', 'queued', block_migration='auto')
        cls.begin('unconfirmed', 'migrate', 'finished')
        cloud.wait(cls.are_silent, what='a minute of silence')
        plan = base.plan_of({'vm': {
            cls.ids['queued']: base.active('compute3'),
            cls.ids['unconfirmed']: base.shutoff('compute3'),
        }}).start()
        cloud.wait(
            lambda: 'queued behind'
            in plan.actions()[cls.ids['queued']].message,
            what='the queued migration adopted')
        cloud.forget_behaviour()
        cls.state = plan.wait()
        cls.actions = plan.actions()

    @classmethod
    def begin(cls, name, action, status, **more):
        """Begin a migration, and wait for this status of its record."""
        cls.cloud.act(name, action, {'host': 'compute3', **more})
        cls.cloud.wait(lambda: cls.record(name) == status,
                       what=f'{status} of {name}')

    @classmethod
    def are_silent(cls):
        """Whether Nova has left the records alone for so long."""
        ages = [
            datetime.datetime.now(datetime.timezone.utc)
            - datetime.datetime.fromisoformat(record['updated_at']).replace(
                tzinfo=datetime.timezone.utc)
            for name in ('queued', 'unconfirmed')
            for record in cls.cloud.migrations(name)
        ]
        return min(ages).total_seconds() > cls.SILENCE

    def test_plan_succeeds(self):
        self.assertEqual('SUCCEEDED', self.state)

    def test_queued_migration_is_adopted(self):
        self.assert_state(self.actions[self.ids['queued']], 'SUCCEEDED')
        self.assert_server('queued', 'compute3', 'ACTIVE')

    def test_unconfirmed_migration_is_confirmed(self):
        self.assert_state(self.actions[self.ids['unconfirmed']], 'SUCCEEDED')
        self.assert_server('unconfirmed', 'compute3', 'SHUTOFF')

    def test_nothing_is_started_twice_or_aborted(self):
        self.assertEqual(
            [['completed'], ['confirmed']],
            [[m['status'] for m in self.cloud.migrations(name)]
             for name in ('queued', 'unconfirmed')])


class LostWorkerTest(base.FunctionalTest):
    """The process that runs the plans dies, and Watcher starts another.

    The applier itself goes on, so nothing of Watcher looks after its plans.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        if int(cloud.layout.options.watcher) < 17:
            raise unittest.SkipTest('one process does everything there')
        cls.servers = cloud.create_servers(
            ('first', 'second', 'third'), host='compute1')
        cls.other = cloud.create_server(
            'other', host='compute3', stopped=True)
        cloud.behave('*', live_result='hang')
        cls.plan = base.plan_of(
            {'vm': {server: base.active('compute2')
                    for server in cls.servers.values()}}).start()
        cloud.wait(
            lambda: cls.states(cls.plan) == ['ONGOING', 'ONGOING', 'PENDING'],
            what='moves in flight')
        # One runs at a time, either of them first when they go on: this one
        # needs no place that the moves in flight hold.
        cls.waiting = base.plan_of(
            {'vm': {cls.other: base.shutoff('compute1')}}, force=True).start()
        cloud.kill_workers('watcher-applier')
        cloud.wait(
            lambda: 'went on' in cls.plan.show()['status_message'],
            what='the plan to go on')
        cloud.forget_behaviour()
        cls.end, cls.other_end = cls.plan.wait(), cls.waiting.wait()

    @staticmethod
    def states(plan):
        return sorted(action.state for action in plan.all_actions())

    def test_plan_goes_on(self):
        self.assertEqual('SUCCEEDED', self.end)
        for name in self.servers:
            self.assert_server(name, 'compute2', 'ACTIVE')

    def test_nothing_is_started_twice(self):
        for name in self.servers:
            self.assertEqual(1, len(self.cloud.migrations(name)), name)

    def test_plan_that_has_waited_for_its_turn_is_run(self):
        self.assertEqual('SUCCEEDED', self.other_end)
        self.assert_server('other', 'compute1', 'SHUTOFF')


class InterruptedAuditTest(base.FunctionalTest):
    """The decision engine dies in the middle of an audit."""

    def test_audit_says_so_and_can_be_asked_for_again(self):
        cloud = self.cloud
        server = cloud.create_server('web', host='compute1')
        params = {'vm': {server: base.active('compute2')}}
        # The audit asks again and again meanwhile.
        cloud.stop('nova-api')
        self.addCleanup(cloud.start, 'nova-api')
        uuid = base.create_audit(params)
        cloud.wait(
            lambda: cloud.call('GET', 'watcher', f'/audits/{uuid}')['state']
            == 'ONGOING', what='the audit to run')
        cloud.kill('watcher-decision-engine')
        cloud.start('nova-api')
        cloud.start('watcher-decision-engine')
        self.assertEqual('CANCELLED', base.audited(uuid)['state'])
        self.assertEqual([], cloud.call(
            'GET', 'watcher', f'/action_plans?audit_uuid={uuid}'
        )['action_plans'])
        self.assertEqual('SUCCEEDED', base.plan_of(params).run())
