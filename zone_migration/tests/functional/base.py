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

They need a sandbox that is up (``python3 -m sandbox up``), and one process
uses it at a time: Watcher cancels an audit while any plan is running.
ZONE_MIGRATION_SANDBOXES names the state directories of several, of which
each process takes one; without it there is the one that the sandbox's own
commands use.
"""

import contextlib
import dataclasses
import functools
import os
import unittest

from sandbox import cloud as clouds
from sandbox import environment
from sandbox import errors
from sandbox import layout as layouts

ENDED = ('SUCCEEDED', 'FAILED', 'CANCELLED')

#: The type of what looks whether a host or pool is empty.
VERIFY_EMPTY = 'verify_empty'

#: A UUID of nothing.
NOBODY = '00000000-0000-4000-8000-000000000000'

#: Cinder's names of the pools; B1 and B3 serve one type, B2 and B4 another.
B1, B2, B3, B4 = (layouts.pool_host(pool) for pool in layouts.POOLS)


@functools.cache
def _taken():
    """The state directory of a sandbox that this process has for itself.

    :raises SandboxError: when others use them all.
    """
    named = os.environ.get('ZONE_MIGRATION_SANDBOXES', '').split(os.pathsep)
    known = [layouts.Layout.load(state) for state in named]
    for layout in known:
        if layout.take():
            return layout.state
    raise errors.SandboxError(
        'another process tests on '
        + ' and '.join(str(layout.state) for layout in known))


@functools.cache
def sandbox():
    """The cloud of a sandbox that this process has for itself.

    :raises SandboxError: saying how to bring it up, or that others use it.
    """
    state = _taken()
    with layouts.Layout.load(state).lock():
        pass  # while it is being brought up
    try:
        if not layouts.Layout.load(state).options_file.exists():
            # Without its options it would have the ports of another one.
            raise errors.SandboxError('it was never up')
        cloud = clouds.Cloud(state)
        cloud.servers()
    except errors.SandboxError as error:
        raise errors.SandboxError(
            f'the sandbox in {state} does not answer; run "python3 -m '
            f'sandbox up" first ({error})'
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
        sandbox().call(
            'POST', 'watcher', f'/action_plans/{self.uuid}/start')
        return self

    def cancel(self):
        """Cancel it while it runs."""
        sandbox().call(
            'PATCH', 'watcher', f'/action_plans/{self.uuid}',
            [{'op': 'replace', 'path': '/state', 'value': 'CANCELLING'}])

    def run(self, seconds=600):
        """Start it and wait for its end; gives its state."""
        return self.start().wait(seconds)

    def wait(self, seconds=600):
        def ended():
            state = self.state
            return state if state in ENDED else None

        return sandbox().wait(ended, seconds, f'the end of plan {self.uuid}')

    def actions(self):
        """``{resource id: Action}``, in the order of the plan."""
        return {action.resource_id: action for action in self.all_actions()}

    def all_actions(self):
        """All that change something, in the plan's order."""
        return [one for one in self._listed() if one.type != VERIFY_EMPTY]

    def proofs(self):
        """``{host or pool: Action}`` of what looks whether it is empty."""
        return {
            one.resource_id: one
            for one in self._listed()
            if one.type == VERIFY_EMPTY
        }

    def _listed(self):
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


def active(dst_hostname=None, **more):
    """What an audit's params say of a server that runs.

    >>> active('compute2')
    {'status': 'active', 'dst_hostname': 'compute2'}
    """
    return _item('active', dst_hostname=dst_hostname, **more)


def shutoff(dst_hostname=None, **more):
    """What they say of a stopped server."""
    return _item('shutoff', dst_hostname=dst_hostname, **more)


def available(pool=None, dst_type=None, **more):
    """What they say of a detached volume."""
    return _item(
        'available', dst_hostname=pool, dst_type=dst_type, **more)


def in_use(pool=None, dst_type=None, **more):
    """What they say of an attached volume."""
    return _item('in-use', dst_hostname=pool, dst_type=dst_type, **more)


def _item(status, **wanted):
    return {'status': status, **{
        key: value for key, value in wanted.items() if value is not None}}


def create_audit(params=None, force=False, **parameters):
    """The UUID of a new audit of ours.

    :param params: ``{'vm': {id: item}, 'volume': {id: item}}``.
    :param force: whether it is made while a plan runs.
    """
    if params is not None:
        parameters['params'] = params
    return create_audit_of(
        'zone_migration', 'parallel_migration', parameters, force)


def create_audit_of(goal, strategy, parameters, force=False):
    """The UUID of a new audit, made through the API.

    A command would take a second or two to start; ``test_command_line`` and
    the documents use them.
    """
    return sandbox().call('POST', 'watcher', '/audits', {
        'audit_type': 'ONESHOT', 'goal': goal, 'strategy': strategy,
        'parameters': parameters, 'force': force,
    })['uuid']


def audited(uuid):
    """The audit, once it has ended, as Watcher's API shows it."""

    def ended():
        audit = sandbox().call('GET', 'watcher', f'/audits/{uuid}')
        return audit if audit['state'] in ENDED else None

    return sandbox().wait(ended, 300, f'the end of audit {uuid}')


def plan_of(params=None, **parameters):
    """The plan that an audit with these parameters recommends."""
    return plan_of_audit(create_audit(params, **parameters))


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

    @classmethod
    def populate(cls, host, running=0, stopped=0, paused=0):
        """``{name: id}`` of new servers on a host: ``compute1-run0``, ..."""
        made = {}
        for kind, count, how in (
            ('run', running, {}), ('off', stopped, {'stopped': True}),
            ('paused', paused, {'paused': True}),
        ):
            made.update(cls.cloud.create_servers(
                [f'{host}-{kind}{n}' for n in range(count)], host=host,
                **how))
        return made

    # -- the compute services

    @classmethod
    def services(cls):
        """The compute services, by their host."""
        return {s['host']: s for s in cls.cloud.call(
            'GET', 'nova', '/os-services?binary=nova-compute')['services']}

    @classmethod
    def set_service(cls, host, **state):
        cls.cloud.call(
            'PUT', 'nova', f'/os-services/{cls.services()[host]["id"]}',
            state)

    def disable_host(self, host):
        """Keep Nova's scheduler from a host until the test has ended."""
        self.set_service(host, status='disabled')
        self.addCleanup(self.set_service, host, status='enabled')

    # -- what Nova and Cinder say

    @classmethod
    def record(cls, server):
        """The status of Nova's newest record of the server's migrations."""
        return next(
            (m['status'] for m in cls.cloud.migrations(server)), None)

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
