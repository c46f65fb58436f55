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

"""What Watcher's own strategy and this one make of the same audit.

One test for each line of the table in ``doc/source/reference/compared.rst``
that the result of an audit can show, and a plan that both of them take.
"""

import contextlib
import dataclasses

from zone_migration.tests.functional import base

#: Goal and strategy.
THEIRS = ('hardware_maintenance', 'zone_migration')
OURS = ('zone_migration', 'parallel_migration')


@dataclasses.dataclass(frozen=True)
class Answer:
    """What became of an audit."""

    #: 400, or the state of the audit.
    end: int | str
    #: What the audit says, or the body of the refusal.
    message: str
    #: ``(name of its resource, state, destination)`` of each action.
    actions: tuple = ()

    @property
    def moved(self):
        """The names of what is to move, in order."""
        return [name for name, state, _ in self.actions if state == 'PENDING']


class ComparedTest(base.FunctionalTest):
    """One cloud, and what each strategy plans for it; nothing moves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cloud = cls.cloud
        cloud.create_servers(['tiny0', 'tiny1', 'asleep'], host='compute1')
        cloud.create_server('locked', host='compute1', flavor='small')
        cloud.create_server('off', host='compute2', stopped=True)
        cloud.create_volumes(['free', 'held', 'kept'], pool='b1')
        cloud.create_volume('other', pool='b2')
        cloud.attach('tiny0', 'held')
        cloud.act('asleep', 'suspend')
        cloud.act('locked', 'lock')
        cloud.call('POST', 'cinder', '/snapshots', {'snapshot': {
            'volume_id': cloud.volume_id('kept'), 'name': 'kept'}})
        cloud.wait(lambda: cloud.server('asleep')['status'] == 'SUSPENDED')
        # Its models of servers and volumes are made anew for the next audit.
        cloud.restart('watcher-decision-engine')

    def ask(self, scope=None, **parameters):
        """Their answer and ours; both audits run at the same time."""
        with contextlib.ExitStack() as stack:
            asked = [
                self.create(stack, *way, scope, parameters)
                for way in (THEIRS, OURS)
            ]
            return [self.answer(status, body) for status, body in asked]

    def create(self, stack, goal, strategy, scope, parameters):
        """Status and body of the request for an audit."""
        kind = {'goal': goal, 'strategy': strategy}
        if scope is not None:
            template = self.cloud.call(
                'POST', 'watcher', '/audit_templates',
                {'name': f'of {strategy}', 'scope': scope, **kind})['uuid']
            stack.callback(
                self.cloud.call, 'DELETE', 'watcher',
                f'/audit_templates/{template}')
            kind = {'audit_template_uuid': template}
        return self.cloud.request('POST', 'watcher', '/audits', {
            'audit_type': 'ONESHOT', 'parameters': parameters, **kind})

    def answer(self, status, body):
        if status != 201:
            return Answer(status, str(body))
        audit = base.audited(body['uuid'])
        if audit['state'] != 'SUCCEEDED':
            return Answer(audit['state'], audit['status_message'])
        plan = base.plan_of_audit(body['uuid'])
        return Answer(
            audit['state'],
            plan.show()['status_message'] or '',
            tuple(
                (
                    a.parameters['resource_name'],
                    a.state,
                    a.parameters.get('destination_node')
                    or a.parameters.get('destination_type')
                    or a.parameters.get('dst_hostname')
                    or a.parameters.get('dst_type'),
                )
                for a in plan.all_actions()
            ),
        )

    def assert_nothing_but_ours_fails(self, words, **parameters):
        """Their plan is empty; our audit fails and says why."""
        theirs, ours = self.ask(**parameters)
        self.assertEqual(('SUCCEEDED', ()), (theirs.end, theirs.actions))
        self.assertEqual('FAILED', ours.end)
        self.assertIn(words, ours.message)

    def test_nothing_to_do(self):
        for parameters in (
            {},
            {'compute_nodes': []},
            {'compute_nodes': [{'src_node': ''}]},
        ):
            with self.subTest(parameters=parameters):
                theirs, ours = self.ask(**parameters)
                self.assertEqual(
                    ('SUCCEEDED', ()), (theirs.end, theirs.actions))
                self.assertEqual(400, ours.end)

    def test_source_that_does_not_exist(self):
        self.assert_nothing_but_ours_fails(
            'there are compute1, compute2, compute3',
            compute_nodes=[{'src_node': 'compute9'}])

    def test_source_that_is_a_glob(self):
        theirs, ours = self.ask(
            compute_nodes=[{'src_node': 'compute[12]'}],
            storage_pools=[{'src_pool': 'block1@b[12]*', 'dst_type': 'lvm2'}],
        )
        self.assertEqual((), theirs.actions)
        self.assertEqual(
            {'tiny0', 'tiny1', 'off', 'free', 'held'}, set(ours.moved))

    def test_destination_that_does_not_exist(self):
        theirs, ours = self.ask(
            compute_nodes=[{'src_node': 'compute2', 'dst_node': 'compute9'}],
            storage_pools=[{'src_pool': base.B2, 'dst_pool': 'block1@b9#b9'}],
        )
        self.assertEqual(
            {'compute9', 'block1@b9#b9'}, {a[2] for a in theirs.actions})
        self.assertEqual('FAILED', ours.end)
        self.assertIn('compute9', ours.message)

    def test_destination_that_is_its_own_source(self):
        theirs, ours = self.ask(
            compute_nodes=[{'src_node': 'compute2', 'dst_node': 'compute2'}],
            storage_pools=[{'src_pool': base.B2, 'dst_pool': base.B2}],
        )
        self.assertEqual(
            {'compute2', base.B2}, {a[2] for a in theirs.actions})
        self.assertEqual('FAILED', ours.end)
        self.assertIn('is the source of its own entry', ours.message)

    def test_several_destinations_of_one_source(self):
        theirs, ours = self.ask(
            compute_nodes=[
                {'src_node': 'compute1', 'dst_node': 'compute2'},
                {'src_node': 'compute1', 'dst_node': 'compute3'},
            ],
            parallel_per_node=10,
        )
        self.assertEqual({'compute2'}, {a[2] for a in theirs.actions})
        self.assertEqual(
            {'compute2', 'compute3'},
            {a[2] for a in ours.actions if a[1] == 'PENDING'})

    def test_destination_that_is_another_source(self):
        theirs, ours = self.ask(
            compute_nodes=[
                {'src_node': 'compute2', 'dst_node': 'compute1'},
                {'src_node': 'compute1', 'dst_node': 'compute2'},
            ])
        self.assertIn(('off', 'PENDING', 'compute1'), theirs.actions)
        self.assertIn(('off', 'PENDING', 'compute1'), ours.actions)
        self.assertIn('that are being emptied, and stay there', ours.message)

    def test_what_cannot_be_moved(self):
        theirs, ours = self.ask(
            compute_nodes=[{'src_node': 'compute1', 'dst_node': 'compute2'}],
            storage_pools=[{'src_pool': base.B1, 'dst_pool': base.B3}],
            parallel_total=100, parallel_per_node=100,
            parallel_per_pool=100,
        )
        # Of a suspended server they say nothing.
        self.assertEqual(
            {'tiny0', 'tiny1', 'locked', 'free', 'held', 'kept'},
            set(theirs.moved))
        self.assertEqual({'tiny0', 'tiny1', 'free', 'held'}, set(ours.moved))
        self.assertEqual(
            {'asleep', 'locked', 'kept'},
            {name for name, state, _ in ours.actions if state == 'SKIPPED'})

    def test_entry_with_the_type_of_a_volume_wins(self):
        for answer in self.ask(storage_pools=[
            {'src_pool': base.B2, 'dst_type': 'lvm1'},
            {'src_pool': base.B2, 'src_type': 'lvm2', 'dst_pool': base.B4},
        ]):
            self.assertEqual((('other', 'PENDING', base.B4),), answer.actions)

    def test_type_that_a_volume_has(self):
        theirs, ours = self.ask(
            storage_pools=[{'src_pool': base.B2, 'dst_type': 'lvm2'}])
        self.assertEqual((), theirs.actions)
        self.assertEqual((('other', 'SKIPPED', 'lvm2'),), ours.actions)

    def test_both_destinations_or_none(self):
        for more in ({}, {'dst_pool': base.B4, 'dst_type': 'lvm1'}):
            for answer in self.ask(
                storage_pools=[{'src_pool': base.B2, **more}]
            ):
                self.assertEqual(400, answer.end)

    def test_limits(self):
        everything = {
            'compute_nodes': [
                {'src_node': 'compute1', 'dst_node': 'compute2'}],
            'storage_pools': [{'src_pool': base.B1, 'dst_pool': base.B3}],
        }
        for limits, count in (
            ({'parallel_total': 0}, 0),
            ({'parallel_total': 1}, 1),
            ({'parallel_per_node': 0, 'parallel_per_pool': 3}, 3),
            ({'parallel_per_node': 0}, 2),
        ):
            with self.subTest(limits=limits):
                theirs, ours = self.ask(**everything, **limits)
                self.assertEqual(count, len(theirs.actions))
                self.assertEqual(7, len(ours.actions))

    def test_source_hosts_stay_enabled(self):
        theirs, ours = self.ask(compute_nodes=[{'src_node': 'compute2'}])
        self.assertEqual(theirs.moved, ours.moved)
        self.assertEqual('', theirs.message)
        self.assertIn('set disable_compute_nodes', ours.message)

    def test_priority(self):
        emptied = {
            'compute_nodes': [
                {'src_node': 'compute1', 'dst_node': 'compute2'}],
            'parallel_per_node': 1,
        }
        theirs, _ = self.ask(**emptied, priority={'compute': 'mem_size'})
        self.assertEqual(['locked'], theirs.moved)
        theirs, ours = self.ask(
            **emptied, priority={'compute': ['mem_size', 'created_at']})
        self.assertEqual(400, theirs.end)
        self.assertEqual({'tiny0', 'tiny1'}, set(ours.moved))

    def test_scope(self):
        zones = [{'availability_zones': [{'name': 'nova'}]}]
        for answer in self.ask(
            [{'compute': zones}], compute_nodes=[{'src_node': 'compute2'}],
        ):
            self.assertEqual(['off'], answer.moved)
        off = {'instances': [{'uuid': self.cloud.server_id('off')}]}
        theirs, ours = self.ask(
            [{'compute': [*zones, {'exclude': [off]}]}],
            compute_nodes=[{'src_node': 'compute2'}],
        )
        self.assertEqual(['off'], theirs.moved)
        self.assertEqual('FAILED', ours.end)
        self.assertIn('exclude is not honoured', ours.message)


class ExchangeTest(base.FunctionalTest):
    """Two hosts and two pools that each go to the other in one audit.

    So do the scenario tests of Watcher's own strategy, where the volumes that
    they make are in two pools (``calculate_dst_pools`` of
    watcher-tempest-plugin).
    """

    def test_hosts_and_pools_exchange_what_is_on_them(self):
        cloud = self.cloud
        cloud.create_server('one', host='compute1')
        cloud.create_server('two', host='compute2')
        cloud.create_volume('free', pool='b1')
        cloud.create_volume('held', pool='b3')
        cloud.attach('one', 'held')
        plan = base.plan_of(
            compute_nodes=[
                {'src_node': 'compute1', 'dst_node': 'compute2'},
                {'src_node': 'compute2', 'dst_node': 'compute1'},
            ],
            storage_pools=[
                {'src_pool': base.B1, 'src_type': 'lvm1',
                 'dst_pool': base.B3},
                {'src_pool': base.B3, 'src_type': 'lvm1',
                 'dst_pool': base.B1},
            ],
        )
        said = plan.show()['status_message']
        self.assertIn('4 to move; 2 servers will go to hosts that', said)
        self.assertIn('2 volumes will go to pools that', said)
        self.assertEqual('SUCCEEDED', plan.run())
        self.assert_server('one', 'compute2', 'ACTIVE')
        self.assert_server('two', 'compute1', 'ACTIVE')
        self.assert_volume('free', base.B3, 'lvm1', 'available')
        self.assert_volume('held', base.B1, 'lvm1', 'in-use')
