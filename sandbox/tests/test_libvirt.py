# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import pathlib
import tempfile
import unittest

from sandbox import catalog
from sandbox import command
from sandbox import daemon
from sandbox import errors
from sandbox import layout as layouts
from sandbox import services
from sandbox.services import libvirt
from sandbox.services import nova


class LibvirtTest(unittest.TestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.state = pathlib.Path(directory.name)

    def layout(self, hypervisor='qemu', **options):
        return layouts.Layout(self.state, layouts.Options(
            hypervisor=hypervisor, **options))


class TestDaemons(LibvirtTest):
    def test_plain_sandbox_has_none_of_it(self):
        layout = self.layout('none')
        self.assertEqual([], libvirt.daemons(layout))
        self.assertEqual([], libvirt.hosts(layout))
        self.assertIn('sandbox.drivers.nova_compute',
                      services.daemons(layout)['nova-compute1'].command)

    def test_plain_sandbox_has_one_image(self):
        self.assertEqual([catalog.IMAGE],
                         list(catalog.images(self.layout('none'))))

    def test_hosts_hang_on_the_switch(self):
        self.assertEqual(
            ['switch', 'libvirt-compute1', 'libvirt-compute2'],
            [one.name for one in libvirt.daemons(self.layout(computes=2))])

    def test_nova_compute_is_novas_own(self):
        one = services.daemons(self.layout())['nova-compute1']
        self.assertEqual('nova-compute', pathlib.Path(one.command[0]).name)

    def test_host_is_started_again_with_a_new_switch(self):
        self.assertNotEqual(*self.before_and_after('switch',
                                                   'libvirt-compute1'))

    def test_nova_compute_is_started_again_with_a_new_host(self):
        self.assertNotEqual(*self.before_and_after('libvirt-compute1',
                                                   'nova-compute1'))

    def before_and_after(self, started, name):
        """Fingerprints of a daemon around the start of another one."""
        layout = self.layout()
        before = services.daemons(layout)[name].fingerprint()
        (path,) = daemon.record_files(layout, started)
        layouts.write(pathlib.Path(path),
                      '{"pid": 7, "started": 1, "fingerprint": "",'
                      ' "since": 1}')
        return before, services.daemons(layout)[name].fingerprint()


class TestConfiguration(LibvirtTest):
    def sections(self, **options):
        return nova._compute_sections(self.layout(**options), 'compute2')

    def test_options_reach_nova(self):
        options = self.sections(bandwidth=3, post_copy=True)['libvirt']
        self.assertEqual(3, options['live_migration_bandwidth'])
        self.assertTrue(options['live_migration_permit_post_copy'])
        self.assertEqual('qemu', options['virt_type'])

    def test_copies_go_over_the_network_of_the_hosts(self):
        self.assertEqual(
            '10.77.0.2',
            self.sections()['libvirt']['live_migration_inbound_addr'])

    def test_comparison_of_processors_is_left_out_with_kvm_only(self):
        self.assertIn('workarounds', self.sections(hypervisor='kvm'))
        self.assertNotIn('workarounds', self.sections())

    def test_path_of_the_socket_is_short_however_deep_the_state_is(self):
        self.assertNotIn(str(self.state),
                         libvirt.uri(self.layout(), 'compute1'))


class TestCable(LibvirtTest):
    def test_plain_host_has_none(self):
        self.assertRaises(errors.NotFound, libvirt.set_cable,
                          self.layout('none'), 'compute1', False)

    def test_unknown_host_has_none(self):
        self.assertRaises(errors.NotFound, libvirt.set_cable,
                          self.layout(), 'compute9', False)

    def test_it_needs_the_switch(self):
        self.assertRaises(errors.SandboxError, libvirt.set_cable,
                          self.layout(), 'compute1', False)


class TestOptions(LibvirtTest):
    def parsed(self, *arguments):
        options = command.parser().parse_args(
            ['--state', str(self.state), 'up', *arguments])
        return command._layout(options)

    def test_hypervisor_is_chosen_with_the_sandbox(self):
        self.assertEqual('kvm', self.parsed(
            '--hypervisor', 'kvm').options.hypervisor)

    def test_hypervisor_of_a_sandbox_stays(self):
        (self.state / 'run').mkdir()
        self.assertRaises(errors.SandboxError, self.parsed,
                          '--hypervisor', 'kvm')

    def test_other_options_may_change(self):
        (self.state / 'run').mkdir()
        options = self.parsed('--bandwidth', '4', '--post-copy').options
        self.assertEqual((4, True), (options.bandwidth, options.post_copy))
