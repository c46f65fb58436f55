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

import fixtures

from zone_migration.client import exception
from zone_migration.tests.unit.inventory import fakes


class OptionalTest(fakes.ExamineTest):
    def test_what_policy_does_not_allow_is_not_checked(self):
        for service, name, what in (
            ('nova', 'groups', 'server groups'),
            ('nova', 'aggregates', 'availability zones'),
            ('nova', 'providers', 'free CPU'),
            ('placement', 'capacity', 'free CPU'),
            ('neutron', 'vnic_types', 'ports'),
            ('shares', 'servers', 'shares'),
            ('cinder', 'quotas', 'quotas'),
            ('cinder', 'encryption', 'encryption'),
            ('cinder', 'zones', 'availability zones of storage'),
        ):
            for status in (403, 404):
                with fixtures.FakeLogger() as log:
                    self.refuse(
                        service,
                        name,
                        exception.RequestRefused(
                            service=service, reason='no', status=status
                        ),
                    )
                    self.examine_all()
                    self.assertIn(what, log.output, service)
            self.cloud = fakes.Cloud(['s'], ['v'])

    def test_service_that_is_not_there_is_not_asked(self):
        missing = exception.ServiceNotFound(service='x', reason='no')
        self.refuse('placement', 'capacity', missing)
        self.refuse('neutron', 'vnic_types', missing)
        found = self.examine_all()
        self.assertEqual(({}, {}), (found.capacities, found.accelerators))
        self.assertEqual(2, self.log.output.count('Not checked'))

    def test_service_that_fails_is_an_error(self):
        self.refuse(
            'neutron',
            'vnic_types',
            exception.CloudUnavailable(service='Neutron', reason='no'),
        )
        self.assertRaises(exception.CloudUnavailable, self.examine_all)

    def test_request_that_a_service_does_not_take_is_an_error(self):
        self.refuse(
            'neutron',
            'vnic_types',
            exception.RequestRefused(service='N', reason='no', status=400),
        )
        self.assertRaises(exception.RequestRefused, self.examine_all)

    def test_hosts_that_policy_does_not_allow_are_an_error(self):
        self.refuse(
            'nova',
            'hosts',
            exception.RequestRefused(service='N', reason='no', status=403),
        )
        self.assertRaises(exception.RequestRefused, self.examine_all)
