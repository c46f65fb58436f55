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

"""The rows of the actions of a plan, and what is notified of them.

Whatever is written has as its condition that the plan is run here.

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

from zone_migration import exception
from zone_migration.logic import messages
from zone_migration.logic.outcome import states
from zone_migration.watcher_db import database
from zone_migration.watcher_db import notifier
from zone_migration.workflow_engine import plan_records

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
    with database.reader() as connection:
        found = connection.execute(
            sqlalchemy.select(_ACTIONS.c.state).where(
                _ACTIONS.c.uuid == uuid, _ACTIONS.c.deleted_at.is_(None)
            )
        ).scalar_one_or_none()
    if found is None:
        raise watcher_exception.ActionNotFound(action=uuid)
    return found


def save(context, action, was: str) -> None:
    """Write what has changed of an action, and notify of the update.

    :param action: a Watcher object that was loaded with its plan.
    :param was: the state that was written of it last.
    :raises ActionNotFound: when it was deleted.
    :raises PlanIsLost: when its plan is not run here, or somebody else has
        changed its state.
    """
    _save(database.retried(_update), context, action, was)


def save_without_retry(context, action) -> None:
    """Do as :func:`save` once, for a message that need not be written."""
    _save(_update, context, action, action.state)


def _save(update, context, action, was: str) -> None:
    """Write what has changed of an action by this function, and notify."""
    changes = action.obj_get_changes()
    update(action.uuid, changes, was)
    action.updated_at = changes['updated_at']
    notifier.send(notifications.action.send_update, context, action)
    action.obj_reset_changes()


@database.retried
def load_all(context, plan_uuid: str):
    """Return the actions of a plan as the database has them, with the plan."""
    return objects.Action.list(
        context, filters={'action_plan_uuid': plan_uuid}, eager=True
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
            _plan_is_run_here(),
        )
        .values(
            status_message=messages.fit(text), updated_at=timeutils.utcnow()
        )
    )


def _plan_is_run_here():
    """Return what is true of actions whose plan this applier runs."""
    return sqlalchemy.exists().where(
        _PLANS.c.id == _ACTIONS.c.action_plan_id, plan_records.is_run_here()
    )


def _update(uuid: str, changes, was: str) -> None:
    """Write columns of an action, and when that is, which is added to them.

    The state may be the new one already: the answer to an earlier try was
    lost.  Or SKIPPED: an operator can do that in the moment before it starts.

    :raises ActionNotFound: when it was deleted.
    :raises PlanIsLost: when its plan is not run here, or somebody else has
        changed its state.
    """
    # Now, not before the first try: whoever asks for what was changed since
    # would miss it.
    changes['updated_at'] = timeutils.utcnow()
    expected = {was, changes.get('state', was), states.SKIPPED}
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_ACTIONS)
            .where(
                _ACTIONS.c.uuid == uuid,
                _ACTIONS.c.state.in_(expected),
                _plan_is_run_here(),
            )
            .values(changes)
        )
    if not result.rowcount:
        raise exception.PlanIsLost(f'action {uuid} is {state(uuid)}')
