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

"""A connection of openstacksdk without HTTP, for tests of the commands."""

import re
import types

#: Ids of servers and volumes.
ID1 = '00000000-0000-4000-8000-000000000001'
ID2 = '00000000-0000-4000-8000-000000000002'


def resource(name, status, id=ID1, project_id='p1'):
    """A server or volume, as far as the commands look at one."""
    return types.SimpleNamespace(
        id=id, name=name, status=status, project_id=project_id
    )


class FakeCloud:
    """What the connection of openstacksdk is, with a few resources."""

    def __init__(self, servers=(), volumes=()):
        self._servers = list(servers)
        self._volumes = list(volumes)
        self.compute = types.SimpleNamespace(
            servers=self._list_servers, find_server=self._find_server
        )
        self.block_storage = types.SimpleNamespace(
            volumes=self._list_volumes, find_volume=self._find_volume
        )

    def _list_servers(self, all_projects, name=''):
        # Nova's filter is a regular expression.
        return (s for s in self._servers if re.search(name, s.name))

    def _find_server(self, id, ignore_missing, all_projects):
        return next((s for s in self._servers if s.id == id), None)

    def _list_volumes(self, all_projects, name):
        return (v for v in self._volumes if v.name == name)

    def _find_volume(self, id, ignore_missing, all_projects):
        return next((v for v in self._volumes if v.id == id), None)
