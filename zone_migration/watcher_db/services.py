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

"""The services of Watcher that are alive, by what they write down."""

import datetime

from oslo_utils import timeutils
import sqlalchemy
from watcher.db.sqlalchemy import models

from zone_migration.watcher_db import database

_SERVICES = models.Service.__table__

#: Watcher's name of its applier.
APPLIER = 'watcher-applier'


def others_are_alive(name: str, host: str, down_time: float) -> bool:
    """Return whether a service is alive on another host, by Watcher's rule.

    The database is asked once.

    :param name: that of the service.
    :param host: the one that does not count.
    :param down_time: for how many seconds one that is alive may be silent.
    """
    since = timeutils.utcnow() - datetime.timedelta(seconds=down_time)
    seen = sqlalchemy.func.coalesce(
        _SERVICES.c.last_seen_up,
        _SERVICES.c.updated_at,
        _SERVICES.c.created_at,
    )
    with database.reader() as connection:
        found = connection.execute(
            sqlalchemy.select(_SERVICES.c.id)
            .where(
                _SERVICES.c.name == name,
                _SERVICES.c.host != host,
                _SERVICES.c.deleted_at.is_(None),
                seen >= since,
            )
            .limit(1)
        )
        return found.first() is not None
