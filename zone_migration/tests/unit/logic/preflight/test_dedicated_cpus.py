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

from zone_migration.tests.unit.logic.builders import cold
from zone_migration.tests.unit.logic.builders import inventory
from zone_migration.tests.unit.logic.builders import live
from zone_migration.tests.unit.logic.builders import report
from zone_migration.tests.unit.logic.builders import server

FLAMINGO = (2, 100)
GAZPACHO = (2, 103)
HIBISCUS = (2, 104)

DEDICATED = {'hw:cpu_policy': 'dedicated'}


class DedicatedCpusTest(testtools.TestCase):
    def risks(self, item, newest=GAZPACHO, extra_specs=(), image=()):
        status = 'SHUTOFF' if item.status == 'shutoff' else 'ACTIVE'
        made = server(
            's',
            status=status,
            extra_specs=dict(extra_specs),
            image_properties=dict(image),
        )
        found = report([item], inventory([made], nova_version=newest))
        self.assertEqual(1, found.to_move)
        return found.risks

    def test_live_migration_in_2026_1_is_a_risk(self):
        self.assertEqual(
            (
                'Nova before 33.0.3 may fail to migrate 1 server live for '
                'dedicated CPUs, where the guest has run since before '
                '2026.1: upgrade Nova, or reboot the server hard',
            ),
            self.risks(live('s', 'c2'), extra_specs=DEDICATED),
        )

    def test_flavor_or_image_can_ask_for_them(self):
        for extra_specs, image in (
            ({'hw:cpu_policy': 'mixed'}, {}),
            ({'resources:PCPU': '2'}, {}),
            ({'resources1:PCPU': '2'}, {}),
            ({}, {'hw_cpu_policy': 'dedicated'}),
        ):
            risks = self.risks(
                live('s', 'c2'), extra_specs=extra_specs, image=image
            )
            self.assertEqual(1, len(risks), (extra_specs, image))

    def test_shared_cpus_are_none(self):
        for extra_specs, image in (
            ({}, {}),
            ({'hw:cpu_policy': 'shared'}, {}),
            ({'resources:VCPU': '2'}, {}),
            ({}, {'hw_cpu_policy': 'shared'}),
        ):
            self.assertEqual(
                (),
                self.risks(
                    live('s', 'c2'), extra_specs=extra_specs, image=image
                ),
            )

    def test_cold_migration_is_none(self):
        self.assertEqual(
            (), self.risks(cold('s', 'c2'), extra_specs=DEDICATED)
        )

    def test_other_releases_are_none(self):
        for newest in (None, FLAMINGO, HIBISCUS):
            self.assertEqual(
                (), self.risks(live('s', 'c2'), newest, DEDICATED)
            )
