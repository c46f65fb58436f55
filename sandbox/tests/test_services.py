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

import tempfile
import unittest

from sandbox import health
from sandbox import layout
from sandbox import services
from sandbox.services import nova


class TestDaemons(unittest.TestCase):
    def daemons(self, **options):
        # Looking at daemons must not need a file, let alone write one.
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return services.daemons(layout.Layout(
            directory.name, layout.Options(**options)))

    def test_one_nova_compute_for_each_host(self):
        daemons = self.daemons(computes=10)
        self.assertEqual(
            [f'nova-compute{n + 1}' for n in range(10)],
            [name for name in daemons if name.startswith('nova-compute')])

    def test_what_listens_has_a_port(self):
        for name, one in self.daemons().items():
            if one.health in ('tcp', 'http'):
                self.assertIn(name, layout.PORTS)

    def test_what_does_not_listen_reports(self):
        for one in self.daemons().values():
            self.assertIn(one.health,
                          ('tcp', 'http', 'nova', 'cinder', 'watcher'))

    def test_cinder_volume_works_when_all_pools_do(self):
        self.assertEqual(
            [('cinder-volume', f'block1@{pool}') for pool in layout.POOLS],
            health.keys(self.daemons()['cinder-volume']))

    def test_nova_compute_reports_as_its_host(self):
        self.assertEqual([('nova-compute', 'compute2')],
                         health.keys(self.daemons()['nova-compute2']))

    def test_second_applier_reports_as_its_host(self):
        self.assertEqual([('watcher-applier', 'applier2')],
                         health.keys(self.daemons()['watcher-applier-2']))

    def test_only_the_second_applier_is_not_started_by_default(self):
        self.assertEqual(
            ['watcher-applier-2'],
            [name for name, one in self.daemons().items()
             if not one.by_default])


class TestNova(unittest.TestCase):
    def test_host_is_up_although_one_of_its_reports_is_lost(self):
        with tempfile.TemporaryDirectory() as state:
            options = nova._sections(layout.Layout(
                state, layout.Options()))['DEFAULT']
        answer = options.get('rpc_response_timeout', 60)
        self.assertGreater(options.get('service_down_time', 60),
                           answer + 2 * options['report_interval'])

    def test_hosts_do_not_tell_again_of_servers_that_were_deleted(self):
        with tempfile.TemporaryDirectory() as state:
            options = nova._compute_sections(layout.Layout(
                state, layout.Options()), 'compute1')['DEFAULT']
        self.assertEqual(-1, options.get('instance_delete_interval', 300))


class TestEpoch(unittest.TestCase):
    def test_times_without_a_zone_are_utc(self):
        for text in ('1970-01-01T00:01:00.000000', '1970-01-01T00:01:00',
                     '1970-01-01T00:01:00+00:00', '1970-01-01T00:01:00Z'):
            self.assertEqual(60, health.epoch(text))

    def test_never_is_long_ago(self):
        self.assertEqual(0, health.epoch(None))
