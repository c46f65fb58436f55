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

"""The rows of a plan and of its actions, and what is notified of them.

Does what Watcher's objects do (``watcher.objects.Action.save``) in one
statement for each change, and in none for a notification that nobody gets.
"""

from collections.abc import Collection
from collections.abc import Mapping

from oslo_db import exception as db_exception
from oslo_utils import timeutils
import sqlalchemy
from watcher import notifications
from watcher import objects
from watcher.common import exception as watcher_exception
from watcher.db.sqlalchemy import models

from zone_migration import conf
from zone_migration.logic import messages
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import database
from zone_migration.watcher_db import notifier

CONF = conf.CONF

_ACTIONS = models.Action.__table__
_PLANS = models.ActionPlan.__table__

#: What has nothing to do with what is written.
_PASSING = (db_exception.DBConnectionError, db_exception.DBDeadlock)


@database.retried
def load(context, uuid: str):
    """Return an action as the database has it now, with its plan.

    :raises ActionNotFound: when it was deleted.
    """
    return objects.Action.get_by_uuid(context, uuid, eager=True)


@database.retried
def state(uuid: str) -> str:
    """Return the state that the database has for an action now.

    :raises ActionNotFound: when it was deleted.
    """
    found = _state(_ACTIONS, _ACTIONS.c.uuid == uuid)
    if found is None:
        raise watcher_exception.ActionNotFound(action=uuid)
    return found


def save(context, action) -> None:
    """Write what has changed of an action, and notify of the update.

    :param action: a Watcher object that was loaded with its plan.
    :raises ActionNotFound: when it was deleted.
    """
    _save(database.retried(_update), context, action)


def save_without_retry(context, action) -> None:
    """Do as :func:`save` once, for what need not be written."""
    _save(_update, context, action)


def _save(update, context, action) -> None:
    """Write what has changed of an action by this function, and notify."""
    changes = action.obj_get_changes()
    update(action.uuid, changes)
    action.updated_at = changes['updated_at']
    notifier.send(notifications.action.send_update, context, action)
    action.obj_reset_changes()


@database.retried
def load_plan(context, plan_id: int):
    """Return a plan as the database has it, with its audit and strategy.

    :raises ActionPlanNotFound: when it was deleted.
    """
    return objects.ActionPlan.get_by_id(context, plan_id, eager=True)


def origin(plan):
    """Return a plan's strategy, by name, and its audit's parameters.

    '' and {} where one is missing: Watcher's audit pipelines make such plans.

    :param plan: as :func:`load_plan` gives it.
    """
    strategy, audit = _related(plan, 'strategy'), _related(plan, 'audit')
    if not strategy or not audit:
        return '', {}
    return strategy.name, audit.parameters or {}


def _related(plan, field: str):
    """Return what a plan belongs to, or None."""
    try:
        return getattr(plan, field)
    except NotImplementedError:
        # What oslo.versionedobjects says of a field that is not set.
        return None


@database.retried
def plan_state(plan_id: int) -> str:
    """Return the state that the database has for a plan now.

    :raises ActionPlanNotFound: when it was deleted.
    """
    return plan_state_without_retry(plan_id)


def plan_state_without_retry(plan_id: int) -> str:
    """Return it, asked for once, for who asks again in a moment anyway.

    That is each second: hence not the whole plan.

    :raises ActionPlanNotFound: when it was deleted.
    """
    found = _state(_PLANS, _PLANS.c.id == plan_id)
    if found is None:
        raise watcher_exception.ActionPlanNotFound(action_plan=plan_id)
    return found


@database.retried
def write_status_message(plan_id: int, text: str) -> None:
    """Write the message of a plan, and try again while that fails.

    See :func:`write_status_message_without_retry`.
    """
    write_status_message_without_retry(plan_id, text)


def write_status_message_without_retry(plan_id: int, text: str) -> None:
    """Write the message of a plan, and nothing else; it is tried once.

    Whoever cancels the plan writes its state meanwhile.  It is not notified
    of: the plans of other strategies are to be notified of as under Watcher's
    own engine.

    A plan that was released after this applier had taken it has no host: it
    gets that of this one.
    """
    with database.writer() as connection:
        connection.execute(
            sqlalchemy.update(_PLANS)
            .where(_PLANS.c.id == plan_id)
            .values(
                status_message=messages.fit(text),
                hostname=sqlalchemy.func.coalesce(
                    _PLANS.c.hostname, CONF.host
                ),
            )
        )


def write_waiting_without_retry(texts: Mapping[str, str]) -> None:
    """Write the messages of actions that wait; it is tried once.

    One that an operator has skipped meanwhile keeps its own.  It is not
    notified of, as nothing happens to them.  A text that the database does
    not take is written in ASCII: a name may have a character that is not in
    its character set.

    :param texts: by the UUID of the action.
    """
    uuids: dict[str, list[str]] = {}
    for uuid, text in texts.items():
        uuids.setdefault(text, []).append(uuid)
    for text, some in uuids.items():
        try:
            _write_waiting(text, some)
        except _PASSING:
            raise
        except db_exception.DBError:
            if text.isascii():
                raise
            _write_waiting(ascii(text)[1:-1], some)


def _write_waiting(text: str, uuids: Collection[str]) -> None:
    """Write the message of some actions, apart from those of others."""
    with database.writer() as connection:
        connection.execute(_pending(text, _ACTIONS.c.uuid.in_(uuids)))


@database.retried
def write_not_started(plan_id: int, text: str, but: Collection[str]) -> None:
    """Write the message of all actions of a plan that are PENDING.

    :param but: the UUIDs of those that keep their own.
    """
    with database.writer() as connection:
        connection.execute(
            _pending(
                text,
                _ACTIONS.c.action_plan_id == plan_id,
                _ACTIONS.c.uuid.not_in(but),
            )
        )


def _pending(text: str, *which):
    """Return what writes the message of such actions, if PENDING."""
    return (
        sqlalchemy.update(_ACTIONS)
        .where(
            *which,
            _ACTIONS.c.state == states.PENDING,
            _ACTIONS.c.deleted_at.is_(None),
        )
        .values(
            status_message=messages.fit(text), updated_at=timeutils.utcnow()
        )
    )


def _state(table, which):
    """Return the state in the only such row, None where it was deleted."""
    with database.reader() as connection:
        return connection.execute(
            sqlalchemy.select(table.c.state).where(
                which, table.c.deleted_at.is_(None)
            )
        ).scalar_one_or_none()


def _update(uuid: str, changes) -> None:
    """Write columns of an action, and when that is, which is added to them.

    :raises ActionNotFound: when it was deleted.
    """
    # Now, not before the first try: whoever asks for what was changed since
    # would miss it.
    changes['updated_at'] = timeutils.utcnow()
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_ACTIONS)
            .where(_ACTIONS.c.uuid == uuid)
            .values(changes)
        )
    if not result.rowcount:
        raise watcher_exception.ActionNotFound(action=uuid)
