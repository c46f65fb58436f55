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

"""An action's row in Watcher's database, and what is notified of it.

Does what Watcher's objects do (``watcher.objects.Action.save``) in one
statement for each change, and in none for a notification that nobody gets.
"""

from oslo_utils import timeutils
import sqlalchemy
from watcher import notifications
from watcher import objects
from watcher.common import exception as watcher_exception
from watcher.db.sqlalchemy import models

from zone_migration import database
from zone_migration import notifying
from zone_migration.logic import messages

_ACTIONS = models.Action.__table__


@database.retried
def load(context, uuid: str):
    """The action as the database has it now, with its plan.

    :raises ActionNotFound: when it was deleted.
    """
    return objects.Action.get_by_uuid(context, uuid, eager=True)


@database.retried
def state(uuid: str) -> str:
    """The state that the database has for an action now.

    :raises ActionNotFound: when it was deleted.
    """
    with database.reader() as connection:
        row = connection.execute(
            sqlalchemy.select(_ACTIONS.c.state).where(
                _ACTIONS.c.uuid == uuid, _ACTIONS.c.deleted_at.is_(None)
            )
        ).one_or_none()
    if row is None:
        raise watcher_exception.ActionNotFound(action=uuid)
    return row.state


def save(context, action) -> None:
    """Write what has changed of an action, and notify of the update.

    :param action: a Watcher object that was loaded with its plan.
    :raises ActionNotFound: when it was deleted.
    """
    changes = action.obj_get_changes()
    changes['updated_at'] = timeutils.utcnow()
    _update(action.uuid, changes)
    action.updated_at = changes['updated_at']
    notifying.send(notifications.action.send_update, context, action)
    action.obj_reset_changes()


@database.retried
def _update(uuid: str, changes) -> None:
    with database.writer() as connection:
        result = connection.execute(
            sqlalchemy.update(_ACTIONS)
            .where(_ACTIONS.c.uuid == uuid)
            .values(changes)
        )
    if not result.rowcount:
        raise watcher_exception.ActionNotFound(action=uuid)


@database.retried
def read_plan(context, uuid: str):
    """The action plan as it is now."""
    return objects.ActionPlan.get_by_uuid(context, uuid)


@database.retried
def write_plan_message(uuid: str, text: str) -> None:
    """Say where a plan stands.

    Nothing but the message is written, since whoever cancels the plan writes
    its state meanwhile; and it is not notified of, as the plans of other
    strategies are to be notified of as under Watcher's own engine.
    """
    objects.ActionPlan.dbapi.update_action_plan(
        uuid, {'status_message': messages.fit(text)}
    )
