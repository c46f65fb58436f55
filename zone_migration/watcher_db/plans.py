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

"""The action plans of an applier, and whose they are.

Watcher writes that without looking who has them meanwhile.
"""

from collections.abc import Collection
from collections.abc import Mapping
import datetime
from typing import NamedTuple

from oslo_utils import timeutils
import sqlalchemy
from watcher.db.sqlalchemy import models

from zone_migration.logic.outcome import states
from zone_migration.watcher_db import database

_PLANS = models.ActionPlan.__table__


class Plan(NamedTuple):
    """Where a plan is, and in which state."""

    uuid: str
    state: str
    hostname: str | None


@database.retried
def left_by(host: str, before: datetime.datetime | None) -> list[Plan]:
    """Return the plans that an applier has not ended.

    PENDING ones too: an applier keeps what waits for its turn in memory.
    And those that are ONGOING nowhere: whoever took their cast has died
    before it could say so.

    :param host: that of the applier.
    :param before: none that was changed later; None for all.
    :returns: those that are ONGOING first.
    """
    with database.reader() as connection:
        rows = connection.execute(
            sqlalchemy.select(
                _PLANS.c.uuid, _PLANS.c.state, _PLANS.c.hostname
            )
            .where(
                sqlalchemy.or_(
                    sqlalchemy.and_(
                        _PLANS.c.hostname == host,
                        _PLANS.c.state.in_((states.ONGOING, states.PENDING)),
                    ),
                    sqlalchemy.and_(
                        _PLANS.c.hostname.is_(None),
                        _PLANS.c.state == states.ONGOING,
                    ),
                ),
                _PLANS.c.deleted_at.is_(None),
                _is_older(before),
            )
            .order_by(_PLANS.c.state == states.PENDING, _PLANS.c.id)
        )
        return [Plan(*row) for row in rows]


@database.retried
def change_ongoing(uuid: str, host: str, **values: str | None) -> bool:
    """Change an ONGOING plan of an applier, and return whether it was that.

    :param host: that of the applier.
    :param values: by the name of the column.
    """
    return _change(uuid, host, (states.ONGOING,), values)


@database.retried
def change_cancelled(uuid: str, host: str, **values: str | None) -> bool:
    """Change a plan that is cancelled on a host, and return whether it was.

    Watcher may have written ONGOING over CANCELLING.

    :param host: that of the applier.
    :param values: by the name of the column.
    """
    in_states = (states.CANCELLING, states.ONGOING, states.CANCELLED)
    return _change(uuid, host, in_states, values)


@database.retried
def release(uuid: str, host: str) -> bool:
    """Let a plan be on no host, and return whether it was on this one.

    :param host: that of the applier.
    """
    return _change(
        uuid, host, (states.ONGOING, states.PENDING), {'hostname': None}
    )


def _change(
    uuid: str,
    host: str,
    in_states: Collection[str],
    values: Mapping[str, str | None],
) -> bool:
    """Change a plan that is on a host in one of these states."""
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_PLANS)
            .where(
                _PLANS.c.uuid == uuid,
                _PLANS.c.hostname == host,
                _PLANS.c.state.in_(in_states),
            )
            .values(values)
        )
    return bool(result.rowcount)


@database.retried
def adopt(host: str) -> None:
    """Give an applier the plans that are ONGOING nowhere.

    :param host: that of the applier.
    """
    with database.writer() as connection:
        connection.execute(
            sqlalchemy.update(_PLANS)
            .where(
                _PLANS.c.hostname.is_(None),
                _PLANS.c.state == states.ONGOING,
                _PLANS.c.deleted_at.is_(None),
            )
            .values(hostname=host)
        )


@database.retried
def claim_cast(uuid: str, before: datetime.datetime) -> bool:
    """Return whether the caller is to cast a plan that is on no host.

    Several appliers may watch it, and two that get a cast each would both run
    it: the first who asks changes the plan, and the others are refused.

    :param before: none that was changed, or cast, later.
    """
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_PLANS)
            .where(
                _PLANS.c.uuid == uuid,
                _PLANS.c.hostname.is_(None),
                _PLANS.c.state.in_((states.ONGOING, states.PENDING)),
                _PLANS.c.deleted_at.is_(None),
                _is_older(before),
            )
            .values(updated_at=timeutils.utcnow())
        )
    return bool(result.rowcount)


@database.retried
def cancelling_on(host: str, before: datetime.datetime | None) -> list[str]:
    """Return the UUIDs of the plans that are CANCELLING on a host, or on none.

    :param before: none that was changed later; None for all.
    """
    with database.reader() as connection:
        rows = connection.execute(
            sqlalchemy.select(_PLANS.c.uuid).where(
                sqlalchemy.or_(
                    _PLANS.c.hostname == host, _PLANS.c.hostname.is_(None)
                ),
                _PLANS.c.state == states.CANCELLING,
                _PLANS.c.deleted_at.is_(None),
                _is_older(before),
            )
        )
        return [row.uuid for row in rows]


@database.retried
def take_cancelling(uuid: str, host: str) -> bool:
    """Take a plan that is CANCELLING on no host, to end it.

    Several appliers may see it, and the first who asks gets it.

    :param host: that of the applier.
    :returns: whether it is that of this host now, or was before.
    """
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_PLANS)
            .where(
                _PLANS.c.uuid == uuid,
                sqlalchemy.or_(
                    _PLANS.c.hostname == host,
                    sqlalchemy.and_(
                        _PLANS.c.hostname.is_(None),
                        _PLANS.c.state == states.CANCELLING,
                    ),
                ),
                _PLANS.c.deleted_at.is_(None),
            )
            .values(hostname=host)
        )
    return bool(result.rowcount)


@database.retried
def not_ended(uuids: Collection[str]) -> list[Plan]:
    """Return which of these plans have not ended."""
    with database.reader() as connection:
        rows = connection.execute(
            sqlalchemy.select(
                _PLANS.c.uuid, _PLANS.c.state, _PLANS.c.hostname
            ).where(
                _PLANS.c.uuid.in_(uuids),
                _PLANS.c.state.in_(
                    (states.PENDING, states.ONGOING, states.CANCELLING)
                ),
                _PLANS.c.deleted_at.is_(None),
            )
        )
        return [Plan(*row) for row in rows]


def _is_older(before: datetime.datetime | None):
    """Return what is true of plans that were changed before that."""
    if before is None:
        return sqlalchemy.true()
    changed = sqlalchemy.func.coalesce(
        _PLANS.c.updated_at, _PLANS.c.created_at
    )
    return changed < before
