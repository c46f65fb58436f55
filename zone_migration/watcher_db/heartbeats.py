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

"""The plans of appliers, and when Watcher has seen these last."""

import datetime
from typing import NamedTuple

import sqlalchemy
from watcher.db.sqlalchemy import models

from zone_migration.logic.outcome import states
from zone_migration.watcher_db import cancelled_plans
from zone_migration.watcher_db import database
from zone_migration.watcher_db import services

_PLANS = models.ActionPlan.__table__
_NEWER = _PLANS.alias()
_SERVICES = models.Service.__table__

_IS_ITS_APPLIER = sqlalchemy.and_(
    _SERVICES.c.host == _PLANS.c.hostname,
    _SERVICES.c.name == services.APPLIER,
    _SERVICES.c.deleted_at.is_(None),
)
#: As Watcher does (``watcher.common.service``).
_SEEN_AT = sqlalchemy.func.coalesce(
    _SERVICES.c.last_seen_up,
    _SERVICES.c.updated_at,
    _SERVICES.c.created_at,
)
_CHANGED_AT = sqlalchemy.func.coalesce(
    _PLANS.c.updated_at, _PLANS.c.created_at
)


class Plan(NamedTuple):
    """Where a plan is, and when the applier there was seen last."""

    uuid: str
    state: str
    hostname: str | None
    status_message: str | None
    #: None where Watcher knows of no applier there.
    seen_at: datetime.datetime | None
    changed_at: datetime.datetime


@database.retried
def plans(cancelled_since: datetime.datetime) -> list[Plan]:
    """Return what is run or cancelled, and what Watcher's monitor has ended.

    Of the latter, none that was asked for again since: a plan of the same
    strategy is newer than its end.

    :param cancelled_since: none that was ended before, UTC.
    :returns: those that are CANCELLING first.
    """
    with database.reader() as connection:
        rows = connection.execute(
            sqlalchemy.select(
                _PLANS.c.uuid,
                _PLANS.c.state,
                _PLANS.c.hostname,
                _PLANS.c.status_message,
                _SEEN_AT,
                _CHANGED_AT,
            )
            .select_from(_PLANS.outerjoin(_SERVICES, _IS_ITS_APPLIER))
            .where(
                sqlalchemy.or_(
                    _PLANS.c.state.in_((states.ONGOING, states.CANCELLING)),
                    sqlalchemy.and_(
                        cancelled_plans.by_monitor(),
                        _PLANS.c.updated_at >= cancelled_since,
                        ~_asked_for_again(),
                    ),
                ),
                _PLANS.c.deleted_at.is_(None),
            )
            .order_by(_PLANS.c.state != states.CANCELLING, _PLANS.c.id)
        )
        return [Plan(*row) for row in rows]


@database.retried
def release(plan: Plan) -> bool:
    """Let a plan be on no host, unless its applier was seen since.

    :returns: whether it was as it is told to be.
    """
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_PLANS)
            .where(
                _PLANS.c.uuid == plan.uuid,
                _PLANS.c.hostname == plan.hostname,
                _PLANS.c.state == plan.state,
                _CHANGED_AT == plan.changed_at,
                ~sqlalchemy.exists().where(
                    _IS_ITS_APPLIER, _SEEN_AT != plan.seen_at
                ),
            )
            .values(hostname=None)
        )
    return bool(result.rowcount)


def _asked_for_again():
    """Return what is true of plans that a newer one has followed."""
    return sqlalchemy.exists().where(
        _NEWER.c.strategy_id == _PLANS.c.strategy_id,
        _NEWER.c.created_at >= _PLANS.c.updated_at,
        _NEWER.c.deleted_at.is_(None),
    )
