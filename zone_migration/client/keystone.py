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

"""Requests to Keystone."""

from typing import Any

from zone_migration.client import reading
from zone_migration.client import service
from zone_migration.logic import messages


class Keystone:
    """The identity service, as its administrator sees it."""

    def __init__(self, session: Any, endpoint_options: dict[str, Any]) -> None:
        self._reader = service.Reader(
            session, 'Keystone', 'identity', endpoint_options, version='3'
        )

    def projects(self) -> dict[str, str]:
        """The names of all projects by id."""
        found = self._reader.get('/projects')
        return dict(
            reading.read_each(
                'project',
                found['projects'],
                lambda p: (
                    p['id'],
                    messages.escaped(reading.text(p['name'])),
                ),
            )
        )
