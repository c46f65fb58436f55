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


"""What the engine starts when, and what the plan says of it."""

from zone_migration.tests.functional import base


class LimitsTest(base.FunctionalTest):
    """They are the audit's, and hold for what Nova has chosen, too."""

    def test_audit_limits_how_many_leave_a_host(self):
        cloud = self.cloud
        names = ('one', 'two', 'three')
        ids = cloud.create_servers(names, host='compute1')
        for name in names:
            cloud.behave(name, live_result='hang')
        plan = base.plan_of(
            {'vm': {ids[name]: base.active('compute2') for name in names}},
            parallel_per_node=1,
        ).start()

        def record(name):
            return next((m['status'] for m in cloud.migrations(name)), None)

        # The next is queued behind the one that moves, and no other one.
        cloud.wait(
            lambda: {record(name) for name in names}
            == {'running', 'queued', None})
        states = {plan.actions()[ids[name]].state: name for name in names}
        self.assertEqual({'ONGOING', 'PENDING'}, set(states))
        self.assertIsNone(record(states['PENDING']))
        cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        for name in names:
            self.assert_server(name, 'compute2', 'ACTIVE')

    def test_what_nova_has_queued_keeps_no_other_host_waiting(self):
        cloud = self.cloud
        cloud.create_servers(('one', 'two'), host='compute1', flavor='small')
        cloud.create_server('other', host='compute2')
        names = ('one', 'two', 'other')
        for name in names:
            cloud.behave(name, live_result='hang')
        plan = base.plan_of(
            {'vm': {cloud.server_id(name): base.active('compute3')
                    for name in names}},
        ).start()

        def records():
            return {name: [m['status'] for m in cloud.migrations(name)]
                    for name in names}

        # Two of compute3's two slots are for those of compute1 at first.
        cloud.wait(lambda: sorted(records().values())
                   == [['queued'], ['running'], ['running']])
        plan.cancel()
        self.assertEqual('CANCELLED', plan.wait())
        self.assertEqual(dict.fromkeys(names, ['cancelled']), records())
        for name in names:
            self.assert_server(
                name, 'compute2' if name == 'other' else 'compute1', 'ACTIVE')

    def test_limit_above_its_ceiling_is_refused(self):
        server = self.cloud.create_server('stays', host='compute1')
        with self.watcher_options(
            {'watcher_workflow_engines.parallel': {
                'max_parallel_per_node': 3}},
            'watcher-decision-engine',
        ):
            audit = base.audited(base.create_audit(
                {'vm': {server: base.active('compute2')}},
                parallel_per_node=4))
        self.assertEqual(
            (
                'FAILED',
                'parallel_per_node: 4 exceeds the ceiling of 3 that '
                'watcher.conf sets',
            ),
            (audit['state'], audit['status_message']),
        )

    def test_destination_that_nova_has_chosen_counts(self):
        cloud = self.cloud
        # The largest leaves compute2 first, the next is queued behind it.
        # Meanwhile Nova chooses compute3 for another, so that the last can not
        # go there.
        first = cloud.create_server('first', host='compute2', flavor='medium')
        second = cloud.create_server('second', host='compute2')
        third = cloud.create_server('third', host='compute2', flavor='small')
        chosen = cloud.create_server('chosen', host='compute1')
        for name in ('first', 'chosen'):
            cloud.behave(name, live_result='hang')
        self.disable_host('compute2')
        plan = base.plan_of(
            {'vm': {
                first: base.active('compute1'),
                second: base.active('compute3'),
                third: base.active('compute1'),
                chosen: base.active(),
            }},
            parallel_per_node=1,
        ).start()
        cloud.wait(lambda: 'compute3' in plan.actions()[chosen].message)
        cloud.behave('first', live_result=None)
        cloud.wait(lambda: plan.actions()[third].state == 'SUCCEEDED')
        cloud.wait(lambda: plan.actions()[second].message
                   == 'waits: 1 of 1 reach compute3')
        self.assertEqual([], cloud.migrations('second'))
        cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        self.assert_server('second', 'compute3', 'ACTIVE')


class ForeignMovesTest(base.FunctionalTest):
    """What somebody moves by hand holds the places of a plan."""

    def test_plan_waits_for_what_moves_by_hand(self):
        cloud = self.cloud
        servers = cloud.create_servers(('by-hand', 'waits'), host='compute1')
        volumes = cloud.create_volumes(('by-hand', 'waits'), pool='b1')
        cloud.behave('by-hand', live_result='hang', copy_result='hang')
        cloud.act(servers['by-hand'], 'os-migrateLive', {
            'host': 'compute3', 'block_migration': 'auto'})
        cloud.call(
            'POST', 'cinder', f'/volumes/{volumes["by-hand"]}/action',
            {'os-migrate_volume': {'host': base.B3, 'lock_volume': True}})
        server, volume = servers['waits'], volumes['waits']
        plan = base.plan_of(
            {
                'vm': {server: base.active('compute2')},
                'volume': {volume: base.available(base.B3)},
            },
            parallel_per_node=1, parallel_per_pool=1,
        ).start()
        texts = {
            server: '1 of 1 leave compute1, one of them not of this plan',
            volume: f'1 of 1 leave {base.B1}, one of them not of this plan',
        }
        cloud.wait(
            lambda: {
                id_: (action.state, action.message)
                for id_, action in plan.actions().items()
            } == {
                id_: ('PENDING', f'waits: {text}')
                for id_, text in texts.items()
            },
            what='what the actions say that wait')
        self.assertRegex(
            plan.show()['status_message'],
            r'^0 of 2 done, 0 running; .*; 2 wait: '
            r'1 of 1 leave \S+, one of them not of this plan, ')
        cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        for id_, place in ((server, 'compute1'), (volume, base.B1)):
            self.assertRegex(
                plan.actions()[id_].message,
                rf' in \d+\.\d s, waited \d+ s, last for {place}$')


class FullHostTest(base.FunctionalTest):
    """A server that finds no room waits for one that is yet to leave."""

    def test_exchange(self):
        cloud = self.cloud
        capacity = next(
            h for h in cloud.call(
                'GET', 'nova', '/os-hypervisors/detail',
                microversion='2.56')['hypervisors']
            if h['hypervisor_hostname'] == 'compute2')['memory_mb']
        cloud.call('POST', 'nova', '/flavors', {'flavor': {
            'id': 'huge', 'name': 'huge', 'vcpus': 1, 'disk': 0,
            'ram': capacity // 2 + 1}})
        self.addCleanup(cloud.call, 'DELETE', 'nova', '/flavors/huge')
        leaving = cloud.create_server(
            'leaving', host='compute2', flavor='huge')
        arriving = cloud.create_server(
            'arriving', host='compute1', flavor='huge')
        cloud.behave('leaving', live_result='hang')
        plan = base.plan_of({'vm': {
            leaving: base.active('compute3'),
            arriving: base.active('compute2'),
        }}).start()
        cloud.wait(lambda: 'waits until another server has moved' in
                   plan.actions()[arriving].message)
        self.assert_state(
            plan.actions()[arriving], 'PENDING', 'No valid host')
        cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        self.assert_state(
            plan.actions()[arriving], 'SUCCEEDED', 'tried 2 times')
        self.assert_server('arriving', 'compute2', 'ACTIVE')
        self.assert_server('leaving', 'compute3', 'ACTIVE')


class MessageTest(base.FunctionalTest):
    """A plan says where it stands, and in the end what it has come to."""

    def test_progress_and_summary(self):
        cloud = self.cloud
        moved = cloud.create_server('moved', host='compute1')
        there = cloud.create_server('there', host='compute2')
        failing = cloud.create_server('failing', host='compute3')
        cloud.behave('moved', live_result='hang')
        cloud.behave('failing', live_result='fail')
        plan = base.plan_of({'vm': {
            moved: base.active('compute2'),
            there: base.active('compute2'),
            failing: base.active('compute2'),
        }}, attempts=1).start()
        cloud.wait(lambda: plan.show()['status_message'] ==
                   '2 of 3 done (1 already there, 1 failed), 1 running; '
                   'limits: 100 in all, 2 a host, 2 a pool')
        cloud.forget_behaviour()
        self.assertEqual('FAILED', plan.wait())
        # Watcher's words come first where an action is SKIPPED.
        message = cloud.wait(lambda: next(
            (text for text in [plan.show()['status_message']]
             if text.startswith('1 succeeded')), None))
        self.assertRegex(
            message,
            r'^1 succeeded, 1 already there, 1 failed in \d[^;]* \(fastest '
            r'possible: \d[^;]*\); failing: Action failed in execute: ')

    def test_what_waits_and_how_long_it_took(self):
        cloud = self.cloud
        names = ('first', 'second', 'third')
        ids = cloud.create_servers(names, host='compute1').values()
        for name in names:
            cloud.behave(name, live_result='hang')
        plan = base.plan_of(
            {'vm': {id_: base.active('compute2') for id_ in ids}},
            parallel_per_node=1,
        ).start()
        limit = '1 of 1 leave compute1'
        cloud.wait(
            lambda: plan.show()['status_message']
            == '0 of 3 done, 2 running; limits: 100 in all, 1 a host, '
            f'2 a pool; 1 waits: {limit}, 1 of 1 reach compute2')
        # The plan's own message is written before those of its actions.
        cloud.wait(lambda: f'waits: {limit}' in [
            action.message for action in plan.all_actions()])
        *under_way, waiting = sorted(
            plan.all_actions(), key=lambda action: action.state)
        self.assertEqual(f'waits: {limit}', waiting.message)
        since = r' \(since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)$'
        for action in under_way:
            self.assertRegex(action.message, since)
        cloud.wait(
            lambda: 'queued behind 1 other live migration of compute1'
            in ' '.join(action.message for action in plan.all_actions()))
        cloud.forget_behaviour()
        self.assertEqual('SUCCEEDED', plan.wait())
        # A busy Nova takes a second to show what is in flight.
        waited = r', waited \d+ s, last for (compute\d|Nova)'
        moved = r'^migrated from compute1 to compute2 in \d+\.\d s'
        messages = [action.message for action in plan.all_actions()]
        for message in messages:
            self.assertRegex(message, rf'{moved}({waited})?$')
        self.assertEqual(
            2, sum(', last for compute' in message for message in messages))

    def test_what_a_cancelled_plan_never_started_says_so(self):
        cloud = self.cloud
        ids = cloud.create_servers(
            ('first', 'second', 'third'), host='compute1')
        for name in ids:
            cloud.behave(name, live_result='hang')
        plan = base.plan_of(
            {'vm': {id_: base.active('compute2') for id_ in ids.values()}},
            parallel_per_node=1,
        ).start()
        cloud.wait(lambda: 'waits: ' in [
            a.message[:7] for a in plan.all_actions()])
        plan.cancel()
        self.assertEqual('CANCELLED', plan.wait())
        self.assertIn(
            'not started: the plan was cancelled',
            [a.message for a in plan.all_actions()])
        self.assertTrue(any(
            ' (after ' in a.message for a in plan.all_actions()))
