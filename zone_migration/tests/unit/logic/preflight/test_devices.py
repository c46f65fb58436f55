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

import testtools

from zone_migration.logic.preflight import devices

#: The newest microversions of Stein, Train, 2023.2, 2024.2 and 2026.2.
STEIN = (2, 72)
TRAIN = (2, 79)
BOBCAT = (2, 95)
DALMATIAN = (2, 96)
HIBISCUS = (2, 104)


class AcceleratorTest(testtools.TestCase):
    FLAVOR = {'accel:device_profile': 'fpga'}

    def test_that_of_a_flavor_stays(self):
        self.assertEqual(
            'Nova migrates no accelerator (accel:device_profile of the '
            'flavor), live or cold: shelve the server, and unshelve it on '
            'another host',
            devices.accelerator(self.FLAVOR, ()),
        )

    def test_that_of_a_port_stays(self):
        # Nova does not shelve it either, whatever the flavor has.
        for kind in ('accelerator-direct', 'accelerator-direct-physical'):
            self.assertEqual(
                f'Nova migrates no port of type {kind}, live or cold: detach '
                'it',
                devices.accelerator(self.FLAVOR, ['normal', kind]),
            )

    def test_server_without_any_is_not_kept(self):
        for specs in ({}, {'accel:device_profile': ''}):
            self.assertEqual('', devices.accelerator(specs, ['direct']))


class DevicesTest(testtools.TestCase):
    def obstacle(self, newest=HIBISCUS, ports=(), image=None, **extra_specs):
        return devices.obstacle(
            {k.replace('__', ':'): v for k, v in extra_specs.items()},
            ports,
            newest,
            image or {},
        )

    def test_server_without_devices_can_be_migrated(self):
        self.assertEqual('', self.obstacle())
        self.assertEqual('', self.obstacle(hw__cpu_policy='dedicated'))

    def test_encrypted_memory_is_refused(self):
        self.assertIn(
            'encrypted memory', self.obstacle(hw__mem_encryption='True')
        )
        self.assertEqual('', self.obstacle(hw__mem_encryption='false'))

    def test_vtpm_is_refused_unless_its_secret_is_the_hosts(self):
        self.assertIn('vTPM', self.obstacle(hw__tpm_version='2.0'))
        self.assertIn(
            'vTPM',
            self.obstacle(
                hw__tpm_version='2.0', hw__tpm_secret_security='user'
            ),
        )
        self.assertEqual(
            '',
            self.obstacle(
                hw__tpm_version='2.0', hw__tpm_secret_security='host'
            ),
        )

    def test_encrypted_memory_of_images_is_refused(self):
        self.assertEqual(
            'encrypted memory (hw_mem_encryption of its image)',
            self.obstacle(image={'hw_mem_encryption': 'True'}),
        )
        self.assertEqual('', self.obstacle(image={'hw_mem_encryption': 'no'}))

    def test_vtpm_of_images_is_refused_unless_its_secret_is_the_hosts(self):
        image = {'hw_tpm_version': '2.0'}
        self.assertEqual(
            'a vTPM (hw_tpm_version of its image)', self.obstacle(image=image)
        )
        # Images have no such property: Nova takes it from the flavor alone.
        image['hw_tpm_secret_security'] = 'host'
        self.assertIn('vTPM', self.obstacle(image=image))
        self.assertEqual(
            '', self.obstacle(image=image, hw__tpm_secret_security='host')
        )

    def test_what_flavor_and_image_ask_for_is_told_once(self):
        self.assertEqual(
            'encrypted memory (hw:mem_encryption of its flavor), '
            'a vTPM (hw:tpm_version of its flavor)',
            self.obstacle(
                image={'hw_mem_encryption': '1', 'hw_tpm_version': '2.0'},
                hw__mem_encryption='1',
                hw__tpm_version='2.0',
            ),
        )

    def test_virtual_gpus_are_refused_before_2024_1(self):
        for name in ('resources__VGPU', 'resources1__VGPU'):
            specs = {name: '1'}
            self.assertIn('GPU', self.obstacle(BOBCAT, **specs))
            self.assertEqual('', self.obstacle(DALMATIAN, **specs))

    def test_pci_devices_of_flavors_are_refused_before_2025_1(self):
        specs = {'pci_passthrough__alias': 'a:1'}
        self.assertIn('PCI', self.obstacle(DALMATIAN, **specs))
        self.assertEqual('', self.obstacle(HIBISCUS, **specs))

    def test_sriov_ports_are_refused_before_nova_detaches_them(self):
        for kind in ('direct', 'direct-physical'):
            self.assertIn(kind, self.obstacle(STEIN, [kind]))
            self.assertEqual('', self.obstacle(TRAIN, [kind]))

    def test_indirect_ports_are_refused_before_stein(self):
        for kind in ('macvtap', 'virtio-forwarder'):
            self.assertIn(kind, self.obstacle((2, 65), [kind]))
            self.assertEqual('', self.obstacle(STEIN, [kind]))

    def test_vdpa_ports_are_refused_before_zed(self):
        self.assertIn('vdpa', self.obstacle((2, 90), ['vdpa']))
        self.assertEqual('', self.obstacle((2, 93), ['vdpa']))

    def test_ports_of_other_kinds_are_migrated(self):
        self.assertEqual('', self.obstacle(STEIN, ['normal', 'smart-nic']))

    def test_nova_of_unknown_version_is_taken_for_a_new_one(self):
        self.assertEqual('', self.obstacle(None, ['direct']))

    def test_all_obstacles_are_told(self):
        self.assertEqual(
            'a vTPM (hw:tpm_version of its flavor), a port of type direct',
            self.obstacle(STEIN, ['direct'], hw__tpm_version='2.0'),
        )


class AskedOfHostsTest(testtools.TestCase):
    def test_flavor_and_image_ask_for_what_a_host_must_offer(self):
        for specs, image, expected in (
            ({}, {}, set()),
            ({'hw:mem_encryption': 'true'}, {}, {'encrypted memory'}),
            ({}, {'hw_mem_encryption': 'True'}, {'encrypted memory'}),
            ({'hw:mem_encryption': 'false'}, {}, set()),
            ({'hw:tpm_version': '1.2'}, {}, {'a vTPM'}),
            (
                {'hw:mem_encryption': '1'},
                {'hw_tpm_version': '2.0'},
                {'encrypted memory', 'a vTPM'},
            ),
        ):
            self.assertEqual(expected, devices.asked_of_hosts(specs, image))
