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

"""Audits that cannot be planned, refused before anything moves."""

import json
import uuid

from sandbox import environment
from zone_migration.tests.functional import base

ACTIVE = base.active()
AVAILABLE = base.available()
IN_USE = base.in_use()

#: What is sent, and what the refusal must name.
MALFORMED = (
    ({}, 'nothing to do'),
    ({'params': 'text'}, 'params'),
    ({'params': {}}, 'params'),
    ({'params': {'servers': {}}}, 'servers'),
    ({'params': {'vm': []}}, 'vm'),
    ({'params': {'vm': {'one': ACTIVE}}}, 'one'),
    ({'params': {'vm': {base.NOBODY: {}}}}, 'status'),
    ({'params': {'vm': {base.NOBODY: {'status': 'paused'}}}}, 'status'),
    ({'params': {'vm': {base.NOBODY: {**ACTIVE, 'host': 'a'}}}}, 'host'),
    (
        {'params': {'vm': {base.NOBODY: {**ACTIVE, 'dst_hostname': 1}}}},
        'dst_hostname',
    ),
    (
        {'params': {'vm': {base.NOBODY: {**ACTIVE, 'src_hostname': ' '}}}},
        'src_hostname',
    ),
    (
        {'params': {'vm': {base.NOBODY: {**ACTIVE, 'force': 'yes'}}}},
        'force',
    ),
    ({'params': {'vm': {base.NOBODY: {**ACTIVE, 'force': True}}}}, 'force'),
    (
        {
            'params': {
                'vm': {
                    base.NOBODY: {
                        'status': 'shutoff',
                        'dst_hostname': 'compute2',
                        'force': True,
                    }
                }
            }
        },
        'force',
    ),
    ({'params': {'volume': {base.NOBODY: AVAILABLE}}}, 'dst_hostname'),
    (
        {
            'params': {
                'volume': {
                    base.NOBODY: {
                        **IN_USE, 'dst_hostname': 'a', 'dst_type': 'b'
                    }
                }
            }
        },
        'dst_type',
    ),
    ({'params': {'vm': {base.NOBODY: ACTIVE}}, 'more': 1}, 'more'),
    ({'compute_nodes': [{'dst_node': 'compute1'}]}, 'src_node'),
    ({'storage_pools': [{'src_pool': 'block1@b1#b1'}]}, 'dst_pool'),
    (
        {'enable_compute_nodes': ['compute1'], 'all_or_nothing': True},
        'enable_compute_nodes',
    ),
    ({'params': {'vm': {}}}, 'names neither a vm nor a volume'),
    # What Watcher's database cannot keep.
    (
        {
            'params': {
                'vm': {str(uuid.UUID(int=n)): ACTIVE for n in range(1_100)}
            }
        },
        'Audit parameter lists that can exceed the 65,535 bytes that Watcher '
        'keeps of an audit (give compute_nodes, availability_zones, '
        'aggregates or storage_pools',
    ),
)


class MalformedTest(base.FunctionalTest):
    """What the schema refuses gets HTTP 400 and leaves no audit."""

    def audits(self):
        return len(self.cloud.call('GET', 'watcher', '/audits')['audits'])

    def test_malformed_parameters_are_refused_with_their_path(self):
        before = self.audits()
        for parameters, named in MALFORMED:
            with self.subTest(parameters=parameters):
                status, body = self.cloud.request(
                    'POST', 'watcher', '/audits', {
                        'audit_type': 'ONESHOT',
                        'goal': 'zone_migration',
                        'strategy': 'parallel_migration',
                        'parameters': parameters,
                    })
                self.assertEqual(400, status, body)
                self.assertIn(named, json.dumps(body))
        self.assertEqual(before, self.audits())

    def test_command_line_shows_the_refusal(self):
        params = {'vm': {base.NOBODY: {'status': 'activ'}}}
        done = environment.run(
            self.cloud.layout, 'watcher', 'audit', 'create',
            '-g', 'zone_migration', '-s', 'parallel_migration',
            '-p', f'params={json.dumps(params)}',
        )
        self.assertNotEqual(0, done.returncode)
        self.assertIn('HTTP 400', done.stderr)
        self.assertIn("'activ' is not one of ['active', 'shutoff']",
                      done.stderr)
        self.assertIn(f"['params']['vm']['{base.NOBODY}']['status']",
                      done.stderr)


class FailedAuditTest(base.FunctionalTest):
    """What only the cloud can tell fails the audit, and says why."""

    def assert_no_plan(self, audit):
        plans = self.cloud.call(
            'GET', 'watcher', f'/action_plans?audit_uuid={audit["uuid"]}')
        self.assertEqual([], plans['action_plans'])

    def test_unknown_destinations_are_all_named(self):
        audit = base.audited(base.create_audit({
            'vm': {base.NOBODY: {**ACTIVE, 'dst_hostname': 'nohost'}},
            'volume': {
                base.NOBODY: {**AVAILABLE, 'dst_type': 'notype'},
                base.NOBODY.replace('4', '5', 1): {
                    **AVAILABLE, 'dst_hostname': 'block1@b9#b9'
                },
            },
        }))
        self.assertEqual('FAILED', audit['state'])
        self.assertIn(
            f'params.vm.{base.NOBODY}.dst_hostname: there is no compute '
            "host 'nohost'; there are compute1, compute2, compute3",
            audit['status_message'])
        self.assertIn('2 more', audit['status_message'])
        log = self.cloud.layout.log('watcher-decision-engine').read_text()
        for name in ('nohost', 'notype', 'block1@b9#b9'):
            self.assertIn(name, log)
        self.assert_no_plan(audit)

    def test_audit_that_names_only_the_goal_says_what_is_missing(self):
        created = json.loads(base.command(
            'openstack', 'optimize', 'audit', 'create',
            '-g', 'zone_migration', '-f', 'json'))['UUID']
        audit = base.audited(created)
        self.assertEqual(
            ('FAILED', 'parameters: nothing to do: give params, a selector '
             '(compute_nodes, availability_zones, aggregates, storage_pools) '
             'or one of enable_compute_nodes, enable_storage_pools'),
            (audit['state'], audit['status_message']))
        self.assert_no_plan(audit)

    def test_cinder_that_does_not_answer_is_named(self):
        self.cloud.stop('cinder-api')
        self.addCleanup(self.cloud.start, 'cinder-api')
        audit = base.audited(base.create_audit({
            'volume': {base.NOBODY: {**AVAILABLE, 'dst_type': 'lvm2'}}}))
        self.assertEqual('FAILED', audit['state'])
        self.assertIn('Cinder is unavailable', audit['status_message'])
