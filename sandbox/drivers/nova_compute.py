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

"""Starts nova-compute with our driver among Nova's own.

Nova loads [DEFAULT] compute_driver from inside its package nova.virt only.
Ours is made known there as nova.virt.sandbox; the installed Nova stays as it
is.
"""

import sys

# First, because it decides how Nova's threads work (nova.monkey_patch).
from nova.cmd import compute

from sandbox.drivers import nova_driver


def main():
    sys.modules['nova.virt.sandbox'] = nova_driver
    sys.exit(compute.main())


if __name__ == '__main__':
    main()
