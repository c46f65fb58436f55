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

"""The efficacy indicators of plans, in Watcher's database."""

from collections.abc import Mapping

import sqlalchemy
from watcher.db.sqlalchemy import models

from zone_migration.watcher_db import database

_INDICATORS = models.EfficacyIndicator.__table__

#: Watcher writes both, and reads the second where it has one (2025.2).
_COLUMNS = [name for name in ('value', 'data') if name in _INDICATORS.c]


@database.retried
def write(plan_id: int, values: Mapping[str, float]) -> None:
    """Write indicators that a plan has; those that it has not are left out.

    :param values: by name.
    """
    with database.writer() as connection:
        for name, value in values.items():
            connection.execute(
                sqlalchemy.update(_INDICATORS)
                .where(
                    _INDICATORS.c.action_plan_id == plan_id,
                    _INDICATORS.c.name == name,
                )
                .values(dict.fromkeys(_COLUMNS, value))
            )
