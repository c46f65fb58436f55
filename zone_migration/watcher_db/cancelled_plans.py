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

"""The plans that Watcher's monitor has cancelled, and how that is undone.

It does so when the heartbeat of their applier is late
(``watcher.applier.service_monitor``): first the plan, then one by one its
actions, from a list that it has read before.  Where that plan has been handed
on meanwhile, it has another host by then, or none.
"""

import datetime

import sqlalchemy
from watcher.db.sqlalchemy import models

from zone_migration.logic.outcome import states
from zone_migration.watcher_db import database

_PLANS = models.ActionPlan.__table__
_STRATEGIES = models.Strategy.__table__
_ACTIONS = models.Action.__table__

#: What it writes (``watcher.applier.sync``) before and after the host.
_PLAN_TEXT = (
    'Action plan was cancelled because Applier ',
    ' was stopped while the action plan was ongoing.',
)
_ACTION_TEXT = (
    'Action was cancelled because Applier ',
    ' was stopped while the action plan was ongoing.',
)


def by_monitor():
    """Return what is true of plans that it has cancelled, in a query."""
    return sqlalchemy.and_(
        _PLANS.c.state == states.CANCELLED,
        _PLANS.c.status_message.like('%'.join(_PLAN_TEXT)),
    )


def by_sync():
    """Return what is true of plans cancelled as their strategy has changed.

    Watcher's decision engine makes a new row of a strategy whose parameters
    are not those of the last time, and gives it all plans there are, however
    they stand (``watcher.decision_engine.sync``).
    """
    return sqlalchemy.and_(
        _PLANS.c.state == states.CANCELLED,
        sqlalchemy.not_(
            sqlalchemy.func.coalesce(_PLANS.c.status_message, '').like(
                '%'.join(_PLAN_TEXT)
            )
        ),
        sqlalchemy.exists().where(
            _STRATEGIES.c.id == _PLANS.c.strategy_id,
            _STRATEGIES.c.created_at > _PLANS.c.created_at,
        ),
    )


def action_text(plan_text: str) -> str:
    """Return the message of the actions that it has cancelled with a plan.

    :param plan_text: the message of the plan, by the monitor.
    """
    before, after = _PLAN_TEXT
    return plan_text[len(before) : -len(after)].join(_ACTION_TEXT)


@database.retried
def is_settled(uuid: str, before: datetime.datetime) -> bool:
    """Whether the monitor has done with a plan that it has cancelled.

    Either none of its actions waits for that any more, or nothing of the plan
    was changed for long: the monitor has died meanwhile.

    :param before: nothing was changed since then, UTC.
    """
    unsettled = sqlalchemy.select(_PLANS.c.id).where(
        _PLANS.c.uuid == uuid,
        _has_action(_ACTIONS.c.state.in_((states.PENDING, states.ONGOING))),
        sqlalchemy.or_(
            _PLANS.c.updated_at >= before,
            _has_action(_ACTIONS.c.updated_at >= before),
        ),
    )
    with database.reader() as connection:
        return connection.execute(unsettled).first() is None


def _has_action(which):
    """Return what is true of plans that have such an action."""
    return sqlalchemy.exists().where(
        _ACTIONS.c.action_plan_id == _PLANS.c.id,
        _ACTIONS.c.deleted_at.is_(None),
        which,
    )


@database.retried
def undo(uuid: str, plan_text: str) -> bool:
    """Let a plan be ONGOING on no host again, and its actions PENDING.

    Those that were begun, too: the monitor has written over what told that.
    What of them is in flight, or has arrived, is seen when they are run.

    :param plan_text: the message of the plan, by the monitor.
    :returns: whether it was CANCELLED still.
    """
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_PLANS)
            .where(
                _PLANS.c.uuid == uuid,
                _PLANS.c.state == states.CANCELLED,
                _PLANS.c.status_message == plan_text,
                _PLANS.c.deleted_at.is_(None),
            )
            .values(state=states.ONGOING, hostname=None, status_message=None)
        )
        if not result.rowcount:
            return False
        plan_id = (
            sqlalchemy.select(_PLANS.c.id)
            .where(_PLANS.c.uuid == uuid)
            .scalar_subquery()
        )
        connection.execute(
            sqlalchemy.update(_ACTIONS)
            .where(
                _ACTIONS.c.action_plan_id == plan_id,
                _ACTIONS.c.state == states.CANCELLED,
                _ACTIONS.c.status_message == action_text(plan_text),
                _ACTIONS.c.deleted_at.is_(None),
            )
            .values(
                state=states.PENDING, status_message=states.MAY_HAVE_BEGUN
            )
        )
    return True
