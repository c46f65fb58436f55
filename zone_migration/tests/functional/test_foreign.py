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

"""Plans of Watcher's own strategies run as under Watcher's own engine.

Each audit is made twice, in the same cloud, and its plan run once by
``taskflow`` and once by ``parallel``: states, messages and notifications are
the same.  What differs is meant to, and is listed in
``doc/source/reference/states.rst``; ``tests/unit/workflow_engine/
test_compared.py`` shows it with actions that have no cloud.
"""

import dataclasses
import json
import re

from sandbox import errors
from zone_migration.tests.functional import base

#: A notification in the applier's log, once its line is whole.
NOTIFICATION = re.compile(
    r' oslo\.messaging\.notification\.\S+ .*?(\{.*\})\n')

UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')

#: What Watcher sends when a plan has ended.  For one that FAILED it is the
#: update alone: making its error notification breaks on an IndexError.
LAST = {
    'SUCCEEDED': 'action_plan.execution.end',
    'FAILED': 'action_plan.update',
    'CANCELLED': 'action_plan.cancel.end',
}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What can be seen of an action, or a plan, that has ended."""

    state: str
    message: str
    #: Type, priority and shown state of each notification, the first of
    #: those that are alike.
    notifications: list


def actuator_plan(*actions):
    """The plan of an audit that asks for these actions.

    The planner ``weight`` puts the types one after another (nop,
    change_nova_service_state, sleep, migrate), and two migrations, or one
    action of another type, into a wave.

    :param actions: ``(type, resource's id or None, parameters)`` of each.
    """
    return base.plan_of_audit(base.create_audit_of(
        'unclassified', 'actuator', {'actions': [
            {
                'action_type': action_type,
                **({'resource_id': resource} if resource else {}),
                'input_parameters': parameters,
            }
            for action_type, resource, parameters in actions
        ]}))


def live(server, source='compute1', destination='compute2'):
    """Watcher's own action that migrates a server."""
    return ('migrate', server, {
        'migration_type': 'live',
        'source_node': source,
        **({'destination_node': destination} if destination else {}),
    })


def service(host, state):
    """Watcher's own action that disables or enables a host."""
    return ('change_nova_service_state', base.NOBODY, {
        'resource_name': host,
        'state': state,
        **({'disabled_reason': 'test'} if state == 'disabled' else {}),
    })


def plan_of_dummy(cloud):
    return base.plan_of_audit(base.create_audit_of(
        'dummy', 'dummy', {'para1': 3.2, 'para2': 'hello'}))


def plan_that_ends_in_every_way(cloud):
    ids = cloud.create_servers(
        ('moves', 'left', 'skipped', 'also-moves', 'nowhere', 'fails'),
        host='compute1')
    cloud.behave('fails', live_result='fail')
    plan = actuator_plan(
        ('nop', None, {'message': 'first'}),
        ('sleep', None, {'duration': 0.1}),
        service('compute3', 'disabled'),
        service('compute3', 'enabled'),
        live(ids['moves']),
        live(ids['left'], source='compute2', destination='compute3'),
        live(ids['nowhere'], destination='compute9'),
        live(ids['fails']),
        # The next wave depends on what has failed.
        live(ids['skipped']),
        live(ids['also-moves'], destination=''),
    )
    cloud.call(
        'PATCH', 'watcher', f'/actions/{plan.actions()[ids["skipped"]].uuid}',
        [{'op': 'replace', 'path': '/state', 'value': 'SKIPPED'},
         {'op': 'replace', 'path': '/status_message', 'value': 'not today'}])
    return plan


def plan_with_wrong_parameters(cloud):
    return actuator_plan(
        ('nop', None, {'message': 'first'}),
        ('sleep', None, {'duration': -1}),
    )


def plan_with_a_failed_parent(cloud):
    return actuator_plan(
        ('nop', None, {'message': 7}),
        ('sleep', None, {'duration': 0.1}),
    )


def plan_of_zone_migration(cloud):
    cloud.create_servers(('on1', 'on2', 'on3'), host='compute1')
    cloud.create_server('off', host='compute1', stopped=True)
    wait_for_model(cloud)
    return base.plan_of_audit(base.create_audit_of(
        'hardware_maintenance', 'zone_migration', {
            'compute_nodes': [
                {'src_node': 'compute1', 'dst_node': 'compute2'}],
            'parallel_per_node': 10,
        }))


def plan_of_consolidation(cloud):
    """A planner of its own: hosts are disabled before servers leave."""
    cloud.create_servers(('one', 'two'), host='compute1')
    cloud.create_server('three', host='compute2')
    wait_for_model(cloud)
    return base.plan_of_audit(base.create_audit_of(
        'server_consolidation', 'node_resource_consolidation',
        {'host_choice': 'auto'}))


def wait_for_model(cloud):
    """Until Watcher sees the servers that there are, and no others."""
    there = {
        s['id']: (s['OS-EXT-SRV-ATTR:host'], s['OS-EXT-STS:vm_state'])
        for s in cloud.servers()}

    def known():
        status, model = cloud.request('GET', 'watcher', '/data_model')
        return status == 200 and there == {
            row['server_uuid']: (row['node_hostname'], row['server_state'])
            for row in model['context'] if row.get('server_uuid')}

    cloud.wait(known, what="Watcher's model of the servers")


class ForeignTest(base.FunctionalTest):
    """The same audit's plan under both engines.

    All run under one engine, then all under the other.
    """

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        #: {engine: {what makes the plan: its outcomes, or what was raised}}
        cls.found = {}
        for engine in ('taskflow', 'parallel'):
            with cls.watcher_options(
                {
                    'watcher_applier': {'workflow_engine': engine},
                    'oslo_messaging_notifications': {'driver': 'log'},
                    # Watcher's own migrations: as patient, and quicker.
                    'nova': {'migration_interval': 0.5,
                             'migration_max_retries': 1800},
                },
                'watcher-applier',
            ):
                cls.found[engine] = {
                    make_plan: cls.outcomes_of(make_plan)
                    for make_plan in (
                        plan_of_dummy, plan_that_ends_in_every_way,
                        plan_with_wrong_parameters, plan_with_a_failed_parent,
                        plan_of_zone_migration, plan_of_consolidation)}

    @classmethod
    def outcomes_of(cls, make_plan):
        """``{what: Outcome}`` of a plan in an empty cloud, or an error.

        :param make_plan: fills the empty cloud, audits, gives the plan.
        """
        cls.cloud.clean()
        for host in cls.services():
            # A plan before this one may have ended half-way.
            cls.set_service(host, status='enabled')
        try:
            plan = make_plan(cls.cloud)
            plan.run()
            return cls.outcomes(plan)
        except (AssertionError, errors.SandboxError) as error:
            return error  # the test that asks for it raises it

    def both(self, make_plan):
        """``{engine: {what: Outcome}}``; what: ``'plan'`` or an action."""
        both = {
            engine: found[make_plan] for engine, found in self.found.items()}
        for outcomes in both.values():
            if isinstance(outcomes, Exception):
                raise outcomes
        return both

    def assert_same(self, make_plan):
        """Both engines do the same; what it is."""
        outcomes = self.both(make_plan)
        self.assertEqual(outcomes['taskflow'], outcomes['parallel'])
        return outcomes['parallel']

    @classmethod
    def outcomes(cls, plan):
        state = plan.state
        cls.cloud.wait(
            lambda: any(
                (kind, shown) == (LAST[state], state)
                for kind, _, shown in cls.notifications(plan.uuid)),
            what=f'the last notification of plan {plan.uuid}')
        found = {'plan': Outcome(state, '', cls.notifications(plan.uuid))}
        names = {s['id']: s['name'] for s in cls.cloud.servers()}
        for action in plan.all_actions():
            parameters = json.dumps(action.parameters, sort_keys=True)
            found[action.type, without_ids(parameters, names)] = Outcome(
                action.state,
                without_ids(action.message, names),
                cls.notifications(action.uuid),
            )
        if len(found) != len(plan.all_actions()) + 1:
            raise AssertionError(f'actions that are alike: {found}')
        return found

    @classmethod
    def notifications(cls, uuid):
        """What the applier's log has of an action or a plan."""
        found = []
        with cls.cloud.layout.log('watcher-applier').open() as log:
            for line in log:
                matched = NOTIFICATION.search(line)
                if matched and uuid in line:
                    sent = json.loads(matched.group(1))
                    data = sent['payload']['watcher_object.data']
                    if data['uuid'] == uuid:
                        found.append((
                            sent['event_type'],
                            sent['priority'],
                            data['state'],
                        ))
        return list(dict.fromkeys(found))

    def test_dummy(self):
        outcomes = self.assert_same(plan_of_dummy)
        self.assertEqual('SUCCEEDED', outcomes['plan'].state)

    def test_actions_that_end_in_every_way(self):
        outcomes = self.assert_same(plan_that_ends_in_every_way)
        self.assertEqual('FAILED', outcomes['plan'].state)
        self.assertEqual(
            {
                'moves': 'SUCCEEDED', 'left': 'SKIPPED', 'skipped': 'SKIPPED',
                'also-moves': 'SUCCEEDED', 'nowhere': 'FAILED',
                'fails': 'FAILED',
            },
            {
                json.loads(what[1])['resource_id']: outcome.state
                for what, outcome in outcomes.items()
                if what[0] == 'migrate'
            },
        )

    def test_wrong_parameters(self):
        outcomes = self.assert_same(plan_with_wrong_parameters)
        self.assertEqual('FAILED', outcomes['plan'].state)

    def test_what_depends_on_a_failed_action(self):
        outcomes = self.assert_same(plan_with_a_failed_parent)
        self.assertEqual(
            {'plan': 'FAILED', 'nop': 'FAILED', 'sleep': 'SUCCEEDED'},
            {what if what == 'plan' else what[0]: outcome.state
             for what, outcome in outcomes.items()})

    def test_zone_migration_of_watcher(self):
        outcomes = self.assert_same(plan_of_zone_migration)
        self.assertEqual('SUCCEEDED', outcomes['plan'].state)
        self.assertEqual(5, len(outcomes))

    def test_node_resource_consolidation(self):
        outcomes = self.assert_same(plan_of_consolidation)
        self.assertEqual('SUCCEEDED', outcomes['plan'].state)
        self.assertIn('migrate', {what[0] for what in outcomes})


def without_ids(text, names):
    """The text with servers by name, and no other id."""
    for id_, name in names.items():
        text = text.replace(id_, name)
    return UUID.sub('<id>', text)
