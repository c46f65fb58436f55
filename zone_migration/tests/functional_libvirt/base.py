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

"""What the tests on real hypervisors share beyond those of the sandbox.

They need a sandbox that was brought up with ``--hypervisor``.  What Nova says
of a server is not believed: libvirt is asked where its guest runs.
"""

import contextlib

from sandbox import errors
from sandbox.services import libvirt
from zone_migration.tests.functional import base

#: At 16 MiB a second the memory of this flavor takes half a minute.
SLOW = 'small'

#: Nova tells its figures every 5 seconds: this timeout of 3.5 seconds ends
#: in between, although the migration goes on.
IMPATIENT = {'retry': 7, 'retry_interval': 0.5}


class HypervisorMixin:
    """For a FunctionalTest on hosts with libvirt and QEMU."""

    @classmethod
    def setUpClass(cls):
        layout = base.sandbox().layout
        if not libvirt.wanted(layout):
            raise errors.SandboxError(
                f'the hosts of the sandbox in {layout.state} have no guests; '
                'make another one with "python3 -m sandbox --state DIR '
                '--port-offset 200 up --hypervisor qemu"')
        super().setUpClass()

    def assert_guest(self, server, host, state='running'):
        """One host has the guest, in that state, and no other one has it."""
        server = self.cloud.server_id(server)
        found = {
            one: guests[server]
            for one in self.cloud.layout.computes
            if server in (guests := self.cloud.guests(one))
        }
        self.assertEqual({host: state}, found)

    def assert_server_runs(self, server, host):
        """Nova and libvirt agree."""
        self.assert_server(server, host, 'ACTIVE')
        self.assert_guest(server, host)

    def assert_stranded(self, server, host):
        """Nova says ERROR, and the guest runs on all the same."""
        self.assert_server(server, host, 'ERROR')
        self.assert_guest(server, host)

    def repair(self, server):
        """As the messages say; the question is answered with yes."""
        base.command('openstack', 'server', 'set', '--state', 'active',
                     '--auto-approve', self.cloud.server_id(server))
        self.assert_server_runs(server, self.host_of(server))

    def in_flight(self, server):
        """Wait until libvirt copies the memory of a guest."""
        self.cloud.wait(
            lambda: self.record(server) == 'running'
            and self.cloud.server(server)['progress'] > 0,
            what=f'the copy of {server}')

    def plan_for(self, server, destination='compute2'):
        return base.plan_of({'vm': {
            self.cloud.server_id(server): base.active(destination)}})

    def only_action(self, plan):
        (action,) = plan.actions().values()
        return action


class HypervisorTest(HypervisorMixin, base.FunctionalTest):
    """A test on hosts with libvirt and QEMU; each starts with an empty cloud.

    A guest that never converges is kept in flight for as long as the test
    wants: its memory is written faster than the network of the hosts is.
    """

    #: Options of section zone_migration for all tests of the class.
    OPTIONS = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.OPTIONS:
            options = contextlib.ExitStack()
            cls.addClassCleanup(options.close)
            options.enter_context(cls.watcher_options(
                {'zone_migration': cls.OPTIONS}, 'watcher-applier'))

    def setUp(self):
        super().setUp()
        self.addCleanup(self.cloud.clean)
