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

"""What the functional tests share: the sandbox, audits and plans.

They need a sandbox that is up (``python3 -m sandbox up``; another state
directory than the default is named by ZONE_MIGRATION_SANDBOX) and are to be
run one after another: Watcher cancels an audit while any plan is running.
"""

import contextlib
import dataclasses
import functools
import json
import unittest

from sandbox import cloud as clouds
from sandbox import environment
from sandbox import errors

ENDED = ('SUCCEEDED', 'FAILED', 'CANCELLED')

#: A UUID of nothing.
NOBODY = '00000000-0000-4000-8000-000000000000'


@functools.cache
def sandbox():
    """The sandbox's cloud.

    :raises SandboxError: saying how to bring it up.
    """
    cloud = clouds.Cloud()
    try:
        cloud.servers()
    except errors.SandboxError as error:
        raise errors.SandboxError(
            f'the sandbox does not answer; run "python3 -m sandbox up" '
            f'first ({error})'
        ) from error
    return cloud


@dataclasses.dataclass(frozen=True)
class Action:
    """An action of a plan, as Watcher's API shows it."""

    uuid: str
    type: str
    state: str
    message: str
    parameters: dict
    parents: list

    @property
    def resource_id(self):
        return self.parameters.get('resource_id')


class Plan:
    """An action plan of the sandbox's Watcher."""

    def __init__(self, uuid):
        self.uuid = uuid

    def show(self):
        return sandbox().call('GET', 'watcher', f'/action_plans/{self.uuid}')

    @property
    def state(self):
        return self.show()['state']

    def start(self):
        command('openstack', 'optimize', 'actionplan', 'start', self.uuid)
        return self

    def cancel(self):
        command('openstack', 'optimize', 'actionplan', 'cancel', self.uuid)

    def run(self, seconds=300):
        """Start it and wait for its end; gives its state."""
        return self.start().wait(seconds)

    def wait(self, seconds=300):
        def ended():
            state = self.state
            return state if state in ENDED else None

        return sandbox().wait(ended, seconds, f'the end of plan {self.uuid}')

    def actions(self):
        """``{resource id: Action}``, in the order of the plan."""
        return {action.resource_id: action for action in self.all_actions()}

    def all_actions(self):
        """All of them, also those of no resource, in the plan's order."""
        shown = sandbox().call(
            'GET',
            'watcher',
            f'/actions/detail?action_plan_uuid={self.uuid}&sort_key=id',
        )['actions']
        return [
            Action(
                uuid=a['uuid'],
                type=a['action_type'],
                state=a['state'],
                message=a['status_message'] or '',
                parameters=a['input_parameters'],
                parents=a['parents'],
            )
            for a in shown
        ]


def command(*arguments, **keywords):
    """What a command line client prints.

    :raises AssertionError: when the command fails.
    """
    done = environment.run(sandbox().layout, *arguments, **keywords)
    if done.returncode:
        raise AssertionError(
            f'{" ".join(arguments)}: {done.stderr or done.stdout}'
        )
    return done.stdout


def create_audit(params, **limits):
    """The UUID of a new audit that moves what is in ``params``."""
    return create_audit_of(
        'zone_migration', 'parallel_migration', {'params': params, **limits}
    )


def create_audit_of(goal, strategy, parameters):
    """The UUID of a new audit, made with the command line client."""
    given = []
    for name, value in parameters.items():
        given += ['-p', f'{name}={json.dumps(value)}']
    return json.loads(
        command(
            'watcher', 'audit', 'create', '-g', goal, '-s', strategy,
            *given, '-f', 'json',
        )
    )['UUID']


def audited(uuid):
    """The audit, once it has ended, as Watcher's API shows it."""

    def ended():
        audit = sandbox().call('GET', 'watcher', f'/audits/{uuid}')
        return audit if audit['state'] in ENDED else None

    return sandbox().wait(ended, 300, f'the end of audit {uuid}')


def plan_of(params, **limits):
    """The plan that an audit with these parameters recommends."""
    return plan_of_audit(create_audit(params, **limits))


def plan_of_audit(uuid):
    """The plan that an audit recommends, once it has ended."""
    audit = audited(uuid)
    if audit['state'] != 'SUCCEEDED':
        raise AssertionError(
            f'audit {audit["state"]}: {audit["status_message"]}'
        )
    plans = sandbox().call(
        'GET', 'watcher', f'/action_plans?audit_uuid={uuid}'
    )['action_plans']
    return Plan(plans[0]['uuid'])


class FunctionalTest(unittest.TestCase):
    """A test on the sandbox; each class starts with an empty cloud."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = sandbox()
        cls.cloud.clean()
        cls.addClassCleanup(cls.cloud.clean)

    def setUp(self):
        super().setUp()
        # Whatever a test leaves hanging would keep Watcher from auditing.
        self.addCleanup(self.cloud.forget_behaviour)

    @classmethod
    @contextlib.contextmanager
    def watcher_options(cls, sections, *daemons):
        """Watcher's daemons with other options, for a while."""
        cls.cloud.set_watcher_options(sections)
        cls.cloud.restart(*daemons)
        try:
            yield
        finally:
            cls.cloud.set_watcher_options({})
            cls.cloud.restart(*daemons)

    @classmethod
    def create_type(cls, name, **extra_specs):
        """A volume type, deleted after the class with all volumes."""
        type_id = cls.cloud.call('POST', 'cinder', '/types', {
            'volume_type': {'name': name, 'extra_specs': extra_specs}
        })['volume_type']['id']
        cls.addClassCleanup(
            cls.cloud.call, 'DELETE', 'cinder', f'/types/{type_id}')
        cls.addClassCleanup(cls.cloud.clean)

    def disable_host(self, host):
        """Keep Nova's scheduler from a host until the test has ended."""
        service = next(
            s['id'] for s in self.cloud.call(
                'GET', 'nova', '/os-services?binary=nova-compute')['services']
            if s['host'] == host)
        path = f'/os-services/{service}'
        self.cloud.call('PUT', 'nova', path, {'status': 'disabled'})
        self.addCleanup(
            self.cloud.call, 'PUT', 'nova', path, {'status': 'enabled'})

    # -- what Nova and Cinder say

    def host_of(self, server):
        return self.cloud.server(server)['OS-EXT-SRV-ATTR:host']

    def pool_of(self, volume):
        return self.cloud.volume(volume)['os-vol-host-attr:host']

    def assert_server(self, server, host, status):
        shown = self.cloud.server(server)
        self.assertEqual(
            (host, status, None),
            (
                shown['OS-EXT-SRV-ATTR:host'],
                shown['status'],
                shown['OS-EXT-STS:task_state'],
            ),
        )

    def assert_volume(self, volume, pool, volume_type, status):
        shown = self.cloud.volume(volume)
        self.assertEqual(
            (pool, volume_type, status),
            (
                shown['os-vol-host-attr:host'],
                shown['volume_type'],
                shown['status'],
            ),
        )

    def assert_state(self, action, state, *words):
        """The action's state, and what its message says."""
        self.assertEqual(state, action.state, action.message)
        for word in words:
            self.assertIn(word, action.message)
