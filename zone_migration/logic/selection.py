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

"""From the selectors of an audit to the servers and volumes they mean."""

import dataclasses

from zone_migration.logic import cloud
from zone_migration.logic import params


@dataclasses.dataclass(frozen=True)
class Selection:
    """Each resource once: what the audit names, then what selectors find."""

    servers: tuple[params.ServerItem, ...] = ()
    volumes: tuple[params.VolumeItem, ...] = ()
    #: The compute hosts and storage pools that selectors are emptying.
    hosts: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()
    #: How many were left alone because the audit excludes them.
    excluded: int = 0


def select(request: params.Request, seen: cloud.Inventory) -> Selection:
    """What the request comes to.

    :raises InvalidParameters: for selectors that cannot mean anything here.
    """
    return Selection(request.servers, request.volumes)
