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

"""What is said to be empty has no guest."""

from zone_migration.tests.functional import test_proofs
from zone_migration.tests.functional_libvirt import base


class HostTest(base.HypervisorMixin, test_proofs.HostTest):
    """A compute host with libvirt and QEMU."""

    def test_host_without_anything_is_empty(self):
        super().test_host_without_anything_is_empty()
        self.assertEqual({}, self.cloud.guests('compute1'))
        for name in ('compute1-run0', 'compute1-run1'):
            self.assert_server_runs(name, self.host_of(name))
