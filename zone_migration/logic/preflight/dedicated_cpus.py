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

"""Servers that have host CPUs of their own, and when that matters."""

import re

from zone_migration.logic import resources

_DEDICATED = ('dedicated', 'mixed')
_PCPU = re.compile(r'resources\w*:PCPU')

#: The newest microversion of 2026.1.
_GAZPACHO = (2, 103)


def may_fail_live(
    server: resources.Server, newest: tuple[int, int] | None
) -> bool:
    """Whether Nova may fail to migrate it live for its dedicated CPUs.

    From 33.0.0 (2026.1) on each guest begins with a thread for its disks that
    is pinned to host CPUs.  Up to 33.0.2 the live migration of a guest that
    has begun before, and has no such thread, fails (Launchpad bug 2152697).
    The API shows neither the last figure nor when a guest has begun.

    :param newest: the newest microversion that Nova knows, None if unknown.
    """
    return newest == _GAZPACHO and _are_dedicated(server)


def _are_dedicated(server: resources.Server) -> bool:
    """Whether it has them, as ``nova.virt.hardware.numa_get_constraints``."""
    specs = server.extra_specs
    policy = specs.get('hw:cpu_policy') or server.image_properties.get(
        'hw_cpu_policy'
    )
    return policy in _DEDICATED or any(map(_PCPU.fullmatch, specs))
